package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kindred/internal/db/dbtest"
)

// program runs commands on one data folder.
type program struct {
	*testing.T
	environ []string
}

func newProgram(t *testing.T, environ ...string) *program {
	t.Setenv("TMPDIR", t.TempDir()) // opening a registry points it into its own folder
	return &program{t, append(environ, "KINDRED_DATA="+filepath.Join(t.TempDir(), "data"))}
}

// run gives the exit status and what was written.
func (p *program) run(in string, args ...string) (status int, out, err string) {
	p.Helper()
	var o, e bytes.Buffer
	status = run(p.Context(), args, streams{strings.NewReader(in), &o, &e}, p.environ)
	return status, o.String(), e.String()
}

// want runs a command that must end with a status, and gives its result.
func (p *program) want(status int, args ...string) string {
	p.Helper()
	got, out, err := p.run("", args...)
	if got != status {
		p.Fatalf("kindred %s: exit %d, not %d\n%s%s", strings.Join(args, " "), got, status, out, err)
	}
	if got != yes && err == "" && out == "" {
		p.Fatalf("kindred %s: exit %d without a word", strings.Join(args, " "), got)
	}
	return out
}

func (p *program) write(text string) string {
	p.Helper()
	path := filepath.Join(p.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
	return path
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, f func(p *program)) {
	t.Run("sqlite", func(t *testing.T) { f(newProgram(t)) })
	t.Run("postgres", func(t *testing.T) { f(newProgram(t, "KINDRED_DB="+dbtest.URL(t))) })
}

func TestAccounts(t *testing.T) {
	onBoth(t, func(p *program) {
		var added struct{ ID, Name, Password string }
		if err := json.Unmarshal([]byte(p.want(yes, "user", "add", "okoye", "--role", "researcher", "--json")), &added); err != nil {
			p.Fatal(err)
		}
		if added.ID == "" || added.Name != "okoye" || len(added.Password) < 15 {
			p.Fatalf("%+v", added)
		}
		p.want(no, "user", "add", "okoye", "--role", "researcher")
		p.want(unusable, "user", "add", "ingrid", "--role", "king")
		p.want(no, "user", "add", "ingrid", "--role", "ethics", "--password-file", p.write("short\n"))
		p.want(unusable, "user", "add", "ingrid", "--password-file", "/nowhere")
		p.want(yes, "user", "add", "ingrid", "--role", "ethics", "--password-file", p.write("calm rivers carry many boats\n"))
		if out := p.want(yes, "user", "role", "grant", "okoye", "editor"); out != "changed\n" {
			p.Fatal(out)
		}
		if out := p.want(yes, "user", "role", "grant", "okoye", "editor"); out != "unchanged\n" {
			p.Fatal(out)
		}
		p.want(yes, "user", "role", "revoke", "okoye", "editor")
		if token := p.want(yes, "token", "create", "--user", "okoye", "--ttl", "5m"); !strings.HasPrefix(token, "kdr_") {
			p.Fatal(token)
		}
		p.want(no, "token", "create", "--user", "nobody")
		p.want(unusable, "token", "create", "--user", "okoye", "--ttl", "90000h")
		p.want(yes, "user", "disable", "okoye")
		p.want(yes, "user", "enable", "okoye")
		p.want(no, "user", "disable", "nobody")
	})
}

func TestAudit(t *testing.T) {
	onBoth(t, func(p *program) {
		p.want(yes, "user", "add", "okoye", "--role", "researcher")
		first := p.write(p.want(yes, "audit", "checkpoint"))
		p.want(yes, "user", "add", "ingrid", "--role", "ethics")
		second := p.want(yes, "audit", "checkpoint")
		p.want(yes, "audit", "verify", "--checkpoint", first, "--checkpoint", p.write(second))
		var report struct {
			OK          bool
			Size        int64
			Checkpoints int
		}
		if err := json.Unmarshal([]byte(p.want(yes, "audit", "verify", "--checkpoint", first, "--json")), &report); err != nil {
			p.Fatal(err)
		}
		if !report.OK || report.Size < 2 || report.Checkpoints != 3 {
			p.Fatalf("%+v", report)
		}
		p.want(unusable, "audit", "verify", "--checkpoint", p.write("not a note"))
		p.want(unusable, "audit", "verify", "--checkpoint", "/nowhere")
		forged := strings.Replace(second, "kindred\n", "kindred\n9", 1)
		p.want(no, "audit", "verify", "--checkpoint", p.write(forged))
		other := newProgram(p.T)
		other.want(unusable, "audit", "verify") // a folder without a registry is not found in order
		other.want(yes, "user", "add", "okoye", "--role", "researcher")
		p.want(no, "audit", "verify", "--checkpoint", other.write(other.want(yes, "audit", "checkpoint")))
		if key := p.want(yes, "audit", "key"); !strings.HasPrefix(key, "kindred+") {
			p.Fatal(key)
		}
	})
}

func TestMigrate(t *testing.T) {
	p := newProgram(t)
	p.want(unusable, "migrate", "status")
	if out := p.want(yes, "migrate", "up"); !strings.Contains(out, "applied  00001_core") || strings.Contains(out, "missing") {
		t.Fatal(out)
	}
	p.want(yes, "migrate", "status")
	fresh := newProgram(t, "KINDRED_DB="+dbtest.URL(t))
	if out := fresh.want(no, "migrate", "status"); !strings.Contains(out, "missing  00001_core") {
		t.Fatal(out)
	}
}

func TestArgumentsThatCannotBeUsed(t *testing.T) {
	p := newProgram(t)
	for _, args := range [][]string{
		{"bogus"}, {"audit"}, {"audit", "bogus"}, {"user", "add"}, {"user", "add", "a", "b"}, {"token", "create"}, {"serve", "--bogus"}, {"serve", "extra"},
		{"serve", "--addr", "nowhere:x"}, {"serve", "--proxy", "everywhere"}, {"token", "create", "--user", "x", "--ttl", "soon"}, {"export", "verify", t.TempDir()},
	} {
		p.want(unusable, args...)
	}
	p.environ = append(p.environ, "KINDRED_LOG_LEVEL=loud")
	p.want(unusable, "version")
}

// TestTheTestClockIsForDemonstrationsAlone: real data is never served with a time that somebody writes into a file.
func TestTheTestClockIsForDemonstrationsAlone(t *testing.T) {
	p := newProgram(t)
	p.want(yes, "migrate", "up")
	clock := p.write("2031-02-03T04:05:06Z")
	p.want(unusable, "serve", "--addr", "127.0.0.1:0", "--test-clock", clock)
	p.want(unusable, "serve", "--addr", "127.0.0.1:0", "--demo")
}

func TestHelpDocumentsEverySetting(t *testing.T) {
	secret := "KINDRED_DB=postgres://kindred:hunter2@localhost/kindred"
	p := newProgram(t, secret)
	help := p.want(yes, "serve", "--help")
	fields := reflect.TypeFor[settings]()
	for i := range fields.NumField() {
		name := fields.Field(i).Tag.Get("env")
		if name != "LANGUAGE" && !strings.Contains(help, "KINDRED_"+name) {
			t.Errorf("serve --help does not tell of KINDRED_%s", name)
		}
	}
	if strings.Contains(help, "hunter2") {
		t.Error("help shows the database's password")
	}
}

func TestRoutesSayTheirRight(t *testing.T) {
	var table []routeRow
	if err := json.Unmarshal([]byte(newProgram(t).want(yes, "routes", "--json")), &table); err != nil {
		t.Fatal(err)
	}
	if len(table) == 0 {
		t.Fatal("no routes")
	}
	for _, r := range table {
		if r.Method == "" || !strings.HasPrefix(r.Path, "/") || r.Right == "" {
			t.Errorf("%+v", r)
		}
	}
}
