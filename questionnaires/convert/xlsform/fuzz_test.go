package xlsform

import (
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

// readWell judges what Read gave: a refusal with places and known keys, or a questionnaire whose expressions compile and
// that Write and Read keep.
func readWell(t *testing.T, raw []byte) {
	q, _, err := Read(raw, base)
	if err != nil {
		if fault.KindOf(err) == fault.Internal {
			t.Fatalf("no fault: %v", err)
		}
		return
	}
	for _, src := range expressionsOf(q.Item) {
		if _, err := fhirpath.Compile(src, fhirpath.Options{}); err != nil {
			t.Fatalf("%s: %v", src, err)
		}
	}
	back, _, err := Write(q)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(back, base); err != nil {
		t.Fatalf("what was written is refused: %v\n%s", err, dump(t, back))
	}
}

// FuzzRead builds workbooks out of fuzzed cells: a line a row, a tab between cells, an empty line between sheets.
func FuzzRead(f *testing.F) {
	for _, sheets := range []cells{household, clinic} {
		var parts []string
		for _, name := range []string{"survey", "choices", "settings"} {
			var lines []string
			for _, row := range sheets[name] {
				lines = append(lines, strings.Join(row, "\t"))
			}
			parts = append(parts, strings.Join(lines, "\n"))
		}
		f.Add(strings.Join(parts, "\n\n"))
	}
	f.Add("type\tname\tlabel::es\tlabel:fr\ntext\ta\tb\tc\nbegin repeat\tr\ninteger\tn\nend repeat\ncalculate\tc")
	f.Add("type\tname\tchoice_filter\nselect_one l or_other\ta\tx = ${a}\nrank l\tb\n\nlist name\tname\tx\nl\t1\t2\nl\t2\n\nallow_choice_duplicates\nyes")
	f.Fuzz(func(t *testing.T, text string) {
		sheets := cells{}
		for i, part := range strings.SplitN(text, "\n\n", 3) {
			name := []string{"survey", "choices", "settings"}[i]
			for line := range strings.SplitSeq(part, "\n") {
				row := strings.Split(line, "\t")
				sheets[name] = append(sheets[name], row[:min(len(row), 40)])
			}
			if len(sheets[name]) > 200 {
				return
			}
		}
		readWell(t, packed(t, sheets))
	})
}

func FuzzReadBytes(f *testing.F) {
	f.Add(xlsx(f, household))
	f.Add(packed(f, cells{"survey": {{"type", "name"}, {"text", "a"}}}))
	f.Fuzz(func(t *testing.T, raw []byte) { readWell(t, raw) })
}

// FuzzXPath: what is accepted compiles, and what is turned back and translated again is the same.
func FuzzXPath(f *testing.F) {
	for line := range strings.Lines(translations1) {
		src, _, _ := strings.Cut(line, " => ")
		f.Add(strings.TrimSuffix(strings.TrimSpace(src), " =>"))
	}
	tree := parsed(f, household)
	at := tree.named["nick"]
	f.Fuzz(func(t *testing.T, src string) {
		tr := translator{form: tree, at: at}
		v, err := tr.translate(src)
		if err != nil {
			return
		}
		if _, err := fhirpath.Compile(v.src, fhirpath.Options{}); err != nil {
			t.Fatalf("%s\n%s\n%v", src, v.src, err)
		}
		if _, err := parsePath(v.src); err != nil {
			t.Fatalf("%s\n%s\n%v", src, v.src, err)
		}
	})
}

// FuzzPath: whatever FHIRPath package fhirpath accepts is turned into XPath that reads, or refused.
func FuzzPath(f *testing.F) {
	for line := range strings.Lines(translations1) {
		src, _, _ := strings.Cut(line, " => ")
		tr := translator{form: parsed(f, household)}
		tr.at = tr.form.named["nick"]
		if v, err := tr.translate(strings.TrimSuffix(strings.TrimSpace(src), " =>")); err == nil {
			f.Add(v.src)
		}
	}
	q, _ := read(f, household)
	w := &writer{q: q, byLink: map[string]*wnode{}, lists: map[string][][]string{}, taken: map[string]bool{}, root: &wnode{}}
	w.plant(q.Item, w.root)
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := fhirpath.Compile(src, fhirpath.Options{}); err != nil {
			return
		}
		x, err := (&backward{w: w, at: w.byLink["nick"]}).expression(src)
		if err != nil {
			return
		}
		if _, err := parseXPath(x.src); err != nil {
			t.Fatalf("%s\n%s\n%v", src, x.src, err)
		}
	})
}
