package redcap

import (
	"io/fs"
	"slices"
	"testing"

	"kindred/questionnaires/convert"
	"kindred/questionnaires/sdc"
	"kindred/schemas/instruments"
)

// goldenInstruments are the instruments whose dictionary and losses are kept as golden files: one with conditions and translations, one
// that is a score, one with groups that repeat.
var goldenInstruments = []string{"daily-life-2.0.0.json", "fatigue-1.0.0.json", "treatment-1.0.0.json"}

// The questionnaires that ship with Kindred, to REDCap and back: what each loses on the way there, by feature.
func TestShippedInstruments(t *testing.T) {
	names, err := fs.Glob(instruments.Files, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			raw, err := instruments.Files.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := convert.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			dictionary, report, err := Write(q, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if slices.Contains(goldenInstruments, name) {
				golden(t, name+".csv", string(dictionary))
				golden(t, name+".report.txt", told(report))
			}
			var repeating []string
			for _, n := range report {
				if n.Feature == "repeats" {
					repeating = append(repeating, slugOf(textOf(q.Item, n.Place), '_'))
				}
			}
			back, _, err := Read(dictionary, Options{URL: q.URL, Version: q.Version, Title: q.Title, Language: q.Language, Repeating: repeating})
			if err != nil {
				t.Fatalf("%v\n%s", err, dictionary)
			}
			if _, found := sdc.Compile([]byte(pretty(t, back))); len(found.Refusals) > 0 {
				t.Error(found.Refusals)
			}
			sameAgain(t, dictionary, Options{URL: q.URL, Repeating: repeating})
		})
	}
}

func textOf(items []convert.Item, link string) string {
	for i := range items {
		if items[i].LinkID == link {
			return items[i].Text
		}
		if s := textOf(items[i].Item, link); s != "" {
			return s
		}
	}
	return ""
}
