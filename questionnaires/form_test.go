package questionnaires

import (
	_ "embed"
	"os"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/questionnaires/sdc"
)

// everything is a form with each type, each limit, conditions, repeats, nesting and items under answers.
//
//go:embed sdc/testdata/everything.json
var everything []byte

// form is a small form around its items.
func form(items string) []byte {
	return []byte(`{"resourceType":"Questionnaire","url":"https://kindred.example/q/sleep","version":"1","status":"active","item":[` + items + `]}`)
}

// put answers an item as a person does.
func put(f *sdc.Form, s *sdc.State, path string, texts ...string) string {
	p, err := sdc.ParsePath(path)
	if err != nil {
		return err.Error()
	}
	c := sdc.Change{Path: p, Entries: []sdc.Entry{}}
	for _, t := range texts {
		c.Entries = append(c.Entries, sdc.Entry{Text: t})
	}
	_, faults := f.Apply(s, c)
	return told(faults)
}

// told lists faults as "key@field", which is what tests compare.
func told(l fault.List) string {
	var s []string
	for _, f := range l {
		s = append(s, strings.TrimPrefix(f.Key, "questionnaires.")+"@"+f.Field)
	}
	return strings.Join(s, " ")
}

// Every message that the package can say exists.
func TestMessagesExist(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`"(questionnaires\.[a-z0-9_.]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(keys) < 8 {
		t.Fatalf("found %d keys", len(keys))
	}
	for _, k := range keys {
		if !locale.Has(k[1]) {
			t.Errorf("no message %s", k[1])
		}
	}
}
