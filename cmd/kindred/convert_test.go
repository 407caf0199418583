package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/convert"
)

func TestConvertGoesInEveryDirection(t *testing.T) {
	p := newProgram(t)
	form := sample.Path(t, "samples", "xlsform", "specify_other.xlsx")
	dictionary := sample.Path(t, "samples", "redcap", "validation-types.csv")
	dir := t.TempDir()
	fhir := filepath.Join(dir, "sex.json")
	if out := p.want(yes, "questionnaire", "convert", "--from", "xlsform", "--to", "fhir", "--out", fhir, form); out != "" {
		t.Fatalf("--out and stdout: %s", out)
	}
	p.want(yes, "questionnaire", "check", fhir)
	for _, way := range [][3]string{
		{"fhir", "xlsform", fhir}, {"fhir", "redcap", fhir}, {"xlsform", "redcap", form}, {"redcap", "fhir", dictionary}, {"redcap", "xlsform", dictionary},
	} {
		out := p.want(yes, "questionnaire", "convert", "--from", way[0], "--to", way[1], way[2])
		path := filepath.Join(dir, "again")
		if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		back := "fhir"
		if way[1] == "fhir" {
			back = "xlsform"
		}
		if again := p.want(yes, "questionnaire", "convert", "--from", way[1], "--to", back, path); len(again) == 0 {
			t.Errorf("%v gave nothing", way)
		}
	}
	if out := p.want(yes, "questionnaire", "convert", "--from", "xlsform", "--to", "fhir", "--base", "https://reg.example", form); !strings.Contains(out, `"https://reg.example/Questionnaire/specify_other"`) {
		t.Error("--base or the name of the file were not used")
	}
}

func TestConvertReportsOnStderr(t *testing.T) {
	p := newProgram(t)
	q := p.write(`{"resourceType":"Questionnaire","publisher":"P","item":[{"linkId":"a","type":"quantity","text":"A"}]}`)
	status, out, err := p.run("", "questionnaire", "convert", "--from", "fhir", "--to", "xlsform", q)
	if status != yes || !strings.HasPrefix(out, "PK") || !strings.Contains(err, "a: partial: quantity: ") || !strings.HasSuffix(err, "0 changed, 1 partial, 1 dropped\n") {
		t.Errorf("%d %s", status, err)
	}
	_, _, err = p.run("", "questionnaire", "convert", "--json", "--from", "fhir", "--to", "xlsform", q)
	var n convert.Note
	if e := json.Unmarshal([]byte(strings.SplitN(err, "\n", 2)[0]), &n); e != nil || n.Place != "Questionnaire" || n.Loss != convert.Dropped {
		t.Errorf("%v %s", e, err)
	}
}

func TestConvertRefuses(t *testing.T) {
	p := newProgram(t)
	convert := func(status int, args ...string) {
		t.Helper()
		p.want(status, append([]string{"questionnaire", "convert"}, args...)...)
	}
	convert(unusable, "--from", "xlsform", "--to", "fhir", p.write("not a workbook"))
	convert(unusable, "--from", "fhir", "--to", "xlsform", p.write("{"))
	convert(no, "--from", "fhir", "--to", "xlsform", p.write(`{"resourceType":"Questionnaire","item":[{"linkId":1}]}`))
	convert(no, "--from", "fhir", "--to", "xlsform", p.write(`{"resourceType":"Questionnaire"}`))
	convert(no, "--from", "redcap", "--to", "fhir", p.write("a,b\n1,2\n"))
	convert(unusable, "--from", "fhir", "--to", "word", p.write("{}"))
	convert(unusable, "--from", "fhir", "--to", "fhir", p.write("{}"))
	convert(unusable, "--from", "fhir", p.write("{}"))
	convert(unusable, "--from", "fhir", "--to", "xlsform", "/nowhere")
	convert(unusable, "--from", "fhir", "--to", "xlsform", "--repeating", "a", p.write("{}"))
}
