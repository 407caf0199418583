package redcap

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
	"kindred/questionnaires/convert"
	"kindred/schemas/instruments"
)

// Whatever is read can be written and read again with the same result; whatever is refused is refused by faults.
func FuzzRead(f *testing.F) {
	clinic, err := os.ReadFile("testdata/clinic.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(clinic)
	f.Add([]byte(study))
	f.Add([]byte("\ufefffield_name;form_name;field_type;field_label;field_annotation\r\na;b;text;\"A\nB\";@DEFAULT='x' @HIDDEN\r\n"))
	f.Add([]byte("field_name\tform_name\tfield_type\tfield_label\tselect_choices_or_calculations\tbranching_logic\na\tb\tcheckbox\t<b>A</b> [a]\t1, x | 2, &lt;y\t[a(1)] = '1'\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, _, err := Read(raw, Options{})
		if err != nil {
			var list fault.List
			if !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("not a list of faults: %v", err)
			}
			return
		}
		back, _, err := Write(q, Options{})
		if err != nil {
			t.Fatalf("written: %v\n%q", err, raw)
		}
		again, _, err := Read(back, Options{})
		if err != nil {
			t.Fatalf("read again: %v\n%s", err, back)
		}
		if a, b := quiet(q), quiet(again); a != b {
			t.Fatalf("%s\n---\n%s", firstDifference(a, b), back)
		}
	})
}

// Whatever logic is accepted prints to logic that reads the same, and what it translates to compiles, finds nothing
// wrong in its types and evaluates without an error, over no answers and over many.
func FuzzLogic(f *testing.F) {
	for _, list := range [][]logicCase{conditions, calculations, texts} {
		for _, c := range list {
			f.Add(c.logic)
		}
	}
	d := testDictionary(f)
	empty := answers{}.response(f, d)
	full := answers{"id": "1", "age": "40", "weight": "70.5", "score": "3", "pain": "7", "name": "Ana", "note": "3", "sex": "1", "mood": "02", "signs": "1 2", "smoker": "1",
		"able": "0", "born": "1990-02-03", "seen": "2026-03-01T10:00:00Z", "left_at": "2026-03-01T11:00:00Z", "woke": "06:45:00", "scan": "y"}.response(f, d)
	f.Fuzz(func(t *testing.T, src string) {
		l, err := parseLogic(src)
		if err != nil {
			return
		}
		if printed := printLogic(l); len(printed) <= maxLogic {
			again, err := parseLogic(printed)
			if err != nil && strings.Contains(err.Error(), "deep") {
				return // not(x) is deeper than !x
			}
			if err != nil || printLogic(again) != printed {
				t.Fatalf("%q printed as %q: %v", src, printed, err)
			}
		}
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		for _, as := range []func(logic) (string, error){tr.condition, tr.numberOf, tr.textOf} {
			path, err := as(l)
			if err != nil {
				continue
			}
			e, err := fhirpath.Compile(path, fhirpath.Options{})
			if err != nil {
				t.Fatalf("%q gives %s: %v", src, path, err)
			}
			if found := e.Check(fhirpath.CheckOptions{Type: "QuestionnaireResponse", Vars: map[string]string{}}); len(found) > 0 {
				t.Fatalf("%q gives %s: %v", src, path, found)
			}
			for _, root := range []fhirpath.Node{empty, full} {
				var broken *fhirpath.Error
				if _, err := e.Eval(context.Background(), root, fhirpath.Env{Now: noon}); errors.As(err, &broken) && broken.Kind != fhirpath.Exhausted {
					t.Fatalf("%q gives %s: %v", src, path, err)
				}
			}
		}
	})
}

// Whatever questionnaire is written makes a dictionary that can be read.
func FuzzWrite(f *testing.F) {
	clinic, err := os.ReadFile("testdata/clinic.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(clinic)
	names, err := fs.Glob(instruments.Files, "*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		raw, err := instruments.Files.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"open-choice","text":"<b>","answerOption":[{"valueString":"x|y"}]},{"linkId":"g","type":"group","repeats":true,"item":[{"linkId":"b",` +
		`"type":"integer","enableWhen":[{"question":"a","operator":"!=","answerString":"x|y"}],"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",` +
		`"valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='b').answer.value + 1"}}]}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, _, err := convert.Parse(raw)
		if err != nil {
			return
		}
		back, _, err := Write(q, Options{})
		if err != nil {
			var list fault.List
			if !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("not a list of faults: %v", err)
			}
			for _, one := range list {
				if one.Key != "redcap.write.nothing" && one.Kind != fault.TooLarge {
					t.Fatalf("%v %v\n%s", one, one.Args, raw)
				}
			}
			return
		}
		if _, _, err := Read(back, Options{}); err != nil {
			t.Fatalf("%v %v\n%s", err, fault.All(err)[0].Args, back)
		}
	})
}
