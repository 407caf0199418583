package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"kindred/internal/locale"
)

// calls are ways to call one command, each a line of arguments after its name.
type calls struct {
	yes     [][]string
	no      [][]string // refused by a rule of the registry
	missing [][]string // an argument or flag short
	file    [][]string // a file that cannot be read
	value   [][]string // a value that is none of its kind
	table   bool       // a person reads lines: --json gives JSON
	why     string     // why nothing is under yes
}

// statuses is every command with what it must end with.
func statuses(p *program) map[string]calls {
	document := func(from, to string) []string {
		var files []string
		for _, lang := range locale.Languages {
			b, err := os.ReadFile("../../schemas/consent/kindred-1." + lang + ".md")
			if err != nil {
				p.Fatal(err)
			}
			files = append(files, p.write(strings.Replace(string(b), from, to, 1)))
		}
		return files
	}
	form, telepathy := p.write(fatigue), p.write(strings.Replace(fatigue, `"boolean"`, `"telepathy"`, 1))
	nobody := "01900000-0000-7000-8000-000000000000"
	nowhere := "/nowhere/at/all"
	forged := p.write(strings.Replace(p.want(yes, "audit", "checkpoint"), "kindred\n", "kindred\n9", 1))
	return map[string]calls{
		"serve": {why: "runs until it is interrupted", file: [][]string{{"--time-zone", "Mars/Olympus"}, {"--test-clock", nowhere}, {"--data", "/dev/null/x"}, {"--keys", "/dev/null/x"}},
			value: [][]string{{"--addr", "nowhere:x"}, {"--proxy", "everywhere"}, {"--log-level", "loud"}, {"--db", "mysql://x"}, {"extra"}}},
		"work":           {why: "runs until it is interrupted", value: [][]string{{"extra"}, {"--db", "nonsense"}}},
		"migrate up":     {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}},
		"migrate status": {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}, file: [][]string{{"--data", nowhere}}},
		"demo":           {why: "TestDemo", value: [][]string{{"--participants", "0"}, {"--participants", "many"}, {"--seed", "-1"}, {"extra"}, {}}},
		"ontology load": {why: "TestOntologyLoad reads the official files", missing: [][]string{{}, {"--translations", "."}},
			file: [][]string{{"--hpo", nowhere}, {"--orpha", nowhere}}, value: [][]string{{"--hpo", form}, {"--orpha", form}}},
		"user add": {yes: [][]string{{"ada", "--role", "editor"}}, table: true, no: [][]string{{"okoye", "--role", "editor"}, {"admin", "--role", "editor"}, {"ben", "--role", "editor", "--password-file", p.write("short")}},
			missing: [][]string{{}, {"ben"}}, file: [][]string{{"ben", "--role", "editor", "--password-file", nowhere}},
			value: [][]string{{"ben", "--role", "king"}, {"ben", "--role", "editor", "--language", "tlh"}, {"ben", "--role", "editor", "--mail", "nowhere"}, {"a", "b"}}},
		"user list":    {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}},
		"user disable": {yes: [][]string{{"okoye"}, {"okoye"}}, no: [][]string{{"nobody"}}, missing: [][]string{{}}, value: [][]string{{"a", "b"}}},
		"user enable":  {yes: [][]string{{"okoye"}}, no: [][]string{{"nobody"}}, missing: [][]string{{}}, value: [][]string{{"a", "b"}}},
		"user reset":   {yes: [][]string{{"okoye"}}, table: true, no: [][]string{{"nobody"}}, missing: [][]string{{}}, value: [][]string{{"a", "b"}}},
		"user part": {why: "TestParting", no: [][]string{{"okoye", "--from", "nobody"}, {"nobody", "--from", "okoye"}, {"okoye", "--from", "okoye"}}, missing: [][]string{{}, {"okoye"}, {"--from", "okoye"}},
			value: [][]string{{"a", "b", "--from", "c"}}},
		"user role grant": {yes: [][]string{{"okoye", "editor"}, {"okoye", "editor"}}, table: true, no: [][]string{{"nobody", "editor"}},
			missing: [][]string{{}, {"okoye"}}, value: [][]string{{"okoye", "king"}, {"okoye", "editor", "x"}}},
		"user role revoke": {yes: [][]string{{"okoye", "editor"}}, table: true, no: [][]string{{"nobody", "editor"}},
			missing: [][]string{{}, {"okoye"}}, value: [][]string{{"okoye", "king"}}},
		"token create": {yes: [][]string{{"--user", "okoye", "--ttl", "5m"}}, table: true, no: [][]string{{"--user", "nobody"}}, missing: [][]string{{}, {"--user"}},
			value: [][]string{{"--user", "okoye", "--ttl", "soon"}, {"--user", "okoye", "--ttl", "90000h"}, {"--user", "okoye", "--ttl", "1s"}, {"--user", "okoye", "--label", ""}, {"okoye"}}},
		"consent publish": {yes: [][]string{document("Version: 1\n", "Version: 2\n")}, table: true, no: [][]string{document("\n# ", "\n# Another ")}, missing: [][]string{{}},
			file: [][]string{{nowhere}}, value: [][]string{{form}, {p.write("no document")}}},
		"questionnaire check": {yes: [][]string{{form}}, no: [][]string{{telepathy}}, missing: [][]string{{}}, file: [][]string{{nowhere}}, value: [][]string{{form, form}, {p.write("{")}}},
		"questionnaire publish": {yes: [][]string{{form}}, table: true, no: [][]string{{telepathy}}, missing: [][]string{{}}, file: [][]string{{nowhere}},
			value: [][]string{{form, form}}},
		"questionnaire retire": {yes: [][]string{{"https://kindred.example/q/rest"}}, table: true, no: [][]string{{"https://kindred.example/q/none"}}, missing: [][]string{{}}, value: [][]string{{"a", "b"}}},
		"questionnaire diff": {yes: [][]string{{form, form}}, no: [][]string{{form, p.write(strings.Replace(fatigue, `"type":"integer"`, `"type":"string"`, 1))}}, missing: [][]string{{}, {form}},
			file: [][]string{{nowhere, form}, {form, nowhere}}, value: [][]string{{form, form, form}, {form, p.write("{")}}},
		"questionnaire convert": {yes: [][]string{{"--from", "fhir", "--to", "redcap", form}}, missing: [][]string{{}, {form}, {"--from", "fhir", form}, {"--from", "fhir", "--to", "redcap"}},
			file: [][]string{{"--from", "fhir", "--to", "redcap", nowhere}}, value: [][]string{{"--from", "paper", "--to", "fhir", form}, {"--from", "fhir", "--to", "paper", form}, {"--from", "fhir", "--to", "redcap", p.write("{")}}},
		"response evaluate": {yes: [][]string{{"--questionnaire", form, p.write(response(`{"linkId":"1","answer":[{"valueInteger":7}]}`))}}, missing: [][]string{{}},
			file:  [][]string{{"--questionnaire", nowhere, form}, {"--questionnaire", form, nowhere}, {"--questionnaire", form, "--support", nowhere, p.write(response(""))}},
			value: [][]string{{"--questionnaire", p.write("{"), form}, {"--questionnaire", form, p.write("{")}}},
		"response check": {yes: [][]string{{"--questionnaire", form, p.write(response(`{"linkId":"1","answer":[{"valueInteger":7}]}`))}},
			no: [][]string{{"--questionnaire", form, p.write(response(""))}}, missing: [][]string{{}, {form}, {"--questionnaire", form}},
			file: [][]string{{"--questionnaire", nowhere, form}, {"--questionnaire", form, nowhere}}, value: [][]string{{"--questionnaire", p.write("{"), form}, {"--questionnaire", form, p.write("{")}}},
		"export run": {why: "TestExport", no: [][]string{{"--study", nobody, "--out", p.TempDir()}}, missing: [][]string{{}, {"--study", nobody}, {"--out", "x"}},
			value: [][]string{{"--study", "bogus", "--out", p.TempDir()}, {"extra"}}},
		"export verify":    {why: "TestExport", missing: [][]string{{}}, file: [][]string{{nowhere}, {p.TempDir()}}, value: [][]string{{"a", "b"}, {p.TempDir(), "--key", form}}},
		"audit checkpoint": {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}, file: [][]string{{"--data", nowhere}}},
		"audit verify": {yes: [][]string{{}}, table: true, no: [][]string{{"--checkpoint", forged}}, file: [][]string{{"--checkpoint", nowhere}, {"--data", nowhere}},
			value: [][]string{{"--checkpoint", form}, {"extra"}}},
		"audit key": {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}},
		"fhirpath":  {yes: [][]string{{}}, value: [][]string{{"extra"}}},
		"routes":    {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}},
		"version":   {yes: [][]string{{}}, table: true, value: [][]string{{"extra"}}},
	}
}

// TestEveryCommandEndsWithItsStatus: 0 for yes, 1 for no, 2 for what cannot be used; a command without a line here
// fails.
func TestEveryCommandEndsWithItsStatus(t *testing.T) {
	p := newProgram(t)
	p.want(yes, "user", "add", "okoye", "--role", "researcher")
	table := statuses(p)
	for _, cmd := range leaves((&console{}).root()) {
		name := strings.TrimPrefix(cmd.CommandPath(), "kindred ")
		c, ok := table[name]
		if !ok {
			t.Errorf("%s has no line in this table", name)
			continue
		}
		delete(table, name)
		if len(c.yes) == 0 && c.why == "" {
			t.Errorf("%s: nothing that ends well, and no reason", name)
		}
		c.value = append(c.value, []string{"--no-such-flag"})
		for status, lines := range map[int][][]string{no: c.no, unusable: slices.Concat(c.missing, c.file, c.value)} {
			for _, args := range lines {
				p.ends(status, name, args)
			}
		}
		for _, args := range c.yes {
			out := p.ends(yes, name, args)
			if !c.table {
				continue
			}
			if again := args; name == "user add" {
				args = append(slices.Clone(again[1:]), again[0]+"-again")
			}
			if out == "" || !json.Valid([]byte(p.ends(yes, name, append(slices.Clone(args), "--json")))) {
				t.Errorf("%s: its result is not there as text and as JSON", name)
			}
		}
	}
	for name := range table {
		t.Errorf("%s is in the table and not in the program", name)
	}
}

// ends calls a command, which must end with a status and, unless that is yes, with a sentence.
func (p *program) ends(status int, name string, args []string) string {
	p.Helper()
	p.Setenv("TMPDIR", p.TempDir()) // the command before pointed it into a folder that it removed
	got, out, err := p.run("", append(strings.Fields(name), args...)...)
	if got != status {
		p.Errorf("kindred %s %q: exit %d, not %d\n%s%s", name, args, got, status, out, err)
	}
	if said := strings.TrimSpace(out + err); got != yes && (said == "" || strings.Contains(said, "%!") || strings.Contains(said, ": [")) && !json.Valid([]byte(out)) {
		p.Errorf("kindred %s %q: exit %d and says %q", name, args, got, said)
	}
	return out
}

// TestWhoeverCallsItWrongIsShownHow: the usage line stands under what is missing or unknown, and only there.
func TestWhoeverCallsItWrongIsShownHow(t *testing.T) {
	p := newProgram(t)
	for _, args := range [][]string{{"user", "add"}, {"user", "add", "a", "b"}, {"user", "add", "a", "--bogus"}, {"token", "create"}, {"token", "create", "--user", "x", "--ttl", "soon"}} {
		if _, _, said := p.run("", args...); !strings.Contains(said, "usage: kindred "+args[0]+" "+args[1]) {
			t.Errorf("%q: %q", args, said)
		}
	}
	if _, _, said := p.run("", "user", "add", "ben", "--role", "king"); strings.Contains(said, "usage:") {
		t.Error(said)
	}
}

// TestAnAddressThatIsTaken is told before a data folder is made.
func TestAnAddressThatIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := newProgram(t)
	data := filepath.Join(t.TempDir(), "data")
	status, _, said := p.run("", "serve", "--demo", "--addr", l.Addr().String(), "--data", data)
	if _, err := os.Stat(data); status != unusable || !strings.Contains(said, "another program listens there") || err == nil {
		t.Errorf("exit %d: %s (folder made: %v)", status, said, err == nil)
	}
}

// leaves are the commands that do something.
func leaves(cmd *cobra.Command) []*cobra.Command {
	if !cmd.HasSubCommands() {
		return []*cobra.Command{cmd}
	}
	var all []*cobra.Command
	for _, child := range cmd.Commands() {
		all = append(all, leaves(child)...)
	}
	return all
}

// TestNothingThatLooksMakesARegistry: a command that looks at or changes what is there refuses a folder that holds
// nothing, and leaves it so.
func TestNothingThatLooksMakesARegistry(t *testing.T) {
	for _, args := range [][]string{
		{"user", "list"}, {"user", "role", "grant", "okoye", "editor"}, {"user", "disable", "okoye"}, {"user", "enable", "okoye"}, {"user", "reset", "okoye"}, {"user", "part", "okoye", "--from", "maria"}, {"token", "create", "--user", "okoye"},
		{"audit", "verify"}, {"audit", "checkpoint"}, {"audit", "key"}, {"migrate", "status"}, {"export", "run", "--study", "01900000-0000-7000-8000-000000000000", "--out", "x"},
	} {
		p := newProgram(t)
		data := ""
		for _, e := range p.environ {
			data = strings.TrimPrefix(e, "KINDRED_DATA=")
		}
		p.want(unusable, args...)
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%q made %s", args, data)
		}
	}
}

// TestSettingsOfTheEnvironment: a variable that cannot be used is unusable input, like a flag.
func TestSettingsOfTheEnvironment(t *testing.T) {
	for _, e := range []string{"KINDRED_LOG_LEVEL=loud", "KINDRED_SECURE=perhaps"} {
		p := newProgram(t, e)
		var out, err bytes.Buffer
		if got := run(t.Context(), []string{"version"}, streams{strings.NewReader(""), &out, &err}, p.environ); got != unusable || err.Len() == 0 {
			t.Errorf("%s: exit %d, %q", e, got, err.String())
		}
	}
}
