package cases

import (
	"io/fs"
	"testing"

	"kindred/schemas/instruments"
)

// The questionnaires that ship with Kindred keep their own cases, and those with scores reach all their logic.
func TestInstruments(t *testing.T) {
	files, err := fs.Glob(instruments.Files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	scored := 0
	for _, name := range files {
		raw, err := instruments.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		form, found := Compile(raw)
		if form == nil {
			for _, f := range found.Refusals {
				t.Errorf("%s: %s %v", name, f.Error(), f.Args)
			}
			continue
		}
		if list, _ := Parse(raw); len(list) > 0 {
			scored++
			for _, w := range found.Warnings {
				t.Errorf("%s: %s %v", name, w.Error(), w.Args)
			}
		}
	}
	if scored < 3 {
		t.Errorf("%d questionnaires carry cases", scored)
	}
}
