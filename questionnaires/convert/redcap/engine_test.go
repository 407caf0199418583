package redcap

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"kindred/internal/fhirpath"
	"kindred/questionnaires/sdc"
)

// filling is a form that a test fills in.
type filling struct {
	*testing.T
	form  *sdc.Form
	state *sdc.State
}

func (f filling) give(link string, at []int, values ...sdc.Value) {
	f.Helper()
	if _, faults := f.form.Apply(f.state, sdc.Change{Path: sdc.Path{LinkID: link, At: at}, Op: sdc.OpAnswer, Values: values}); len(faults) > 0 {
		f.Fatal(faults, faults[0].Args)
	}
}

// value evaluates FHIRPath over the response as it would be sent.
func (f filling) value(src string) string {
	f.Helper()
	n, err := fhirpath.Parse(f.form.Encode(f.state, sdc.Header{Status: sdc.InProgress}))
	if err != nil {
		f.Fatal(err)
	}
	out, err := fhirpath.MustCompile(src).Eval(context.Background(), n, fhirpath.Env{})
	if err != nil {
		f.Fatal(err)
	}
	parts := make([]string, len(out))
	for i, v := range out {
		parts[i], _ = v.Text()
	}
	return strings.Join(parts, " ")
}

func (f filling) answer(link string) string {
	f.Helper()
	return f.value("%resource.repeat(item).where(linkId = '" + link + "').answer.value.select(iif(code.exists(), code, $this))")
}

// hidden lists what is not shown at the top and in sections, in the order of the form.
func (f filling) hidden() []string {
	var out []string
	var walk func(a sdc.Answered)
	walk = func(a sdc.Answered) {
		out = append(out, a.Hidden...)
		for _, it := range a.Items {
			walk(it.Answered)
		}
	}
	walk(f.form.Answers(f.state))
	slices.Sort(out)
	return slices.Compact(out)
}

// The form engine does with a converted dictionary what REDCap does with the dictionary.
func TestTheEngineRunsAClinic(t *testing.T) {
	raw, err := os.ReadFile("testdata/clinic.csv")
	if err != nil {
		t.Fatal(err)
	}
	q, _, err := Read(raw, Options{Repeating: []string{"drugs"}})
	if err != nil {
		t.Fatal(err)
	}
	form, found := sdc.Compile([]byte(pretty(t, q)))
	if len(found.Refusals) > 0 {
		t.Fatal(found.Refusals, found.Refusals[0].Args)
	}
	f := filling{t, form, form.Start(sdc.Context{Now: noon})}
	code := func(field, code string) sdc.Value {
		return sdc.Value{Type: sdc.CodingType, Coding: sdc.Coding{System: q.URL + "/" + field, Code: code}}
	}
	is := func(link, want string) {
		t.Helper()
		if got := f.answer(link); got != want {
			t.Errorf("%s is %q, not %q", link, got, want)
		}
	}
	hides := func(link string, want bool) {
		t.Helper()
		if got := slices.Contains(f.hidden(), link); got != want {
			t.Errorf("that %s is hidden is %v", link, got)
		}
	}
	is("visit", "2026-03-10")
	is("country", "es")
	is("signs", "1 3")
	is("age", "")
	is("hardness", "0")
	is("bmi_text", "easy")
	is("next", "2026-09-08")
	hides("pregnant", true)
	hides("sex_other", false)
	hides("no_rash", true)
	hides("email", false)
	f.give("dob", nil, sdc.Value{Type: sdc.Date, Text: "1990-03-11"})
	is("age", "35")
	hides("pregnant", true)
	f.give("sex", nil, code("sex", "1"))
	hides("pregnant", false)
	hides("sex_other", true)
	f.give("signs", nil, code("signs", "2"))
	hides("fever", false)
	hides("no_rash", false)
	f.give("sit", nil, code("sit", "1"))
	f.give("walk", nil, code("walk", "2"))
	is("hardness", "3")
	is("bmi_text", "hard")
	f.give("phone_no", nil, sdc.Value{Type: sdc.String, Text: "(555) 555-0123"})
	hides("email", true)
	drugs := sdc.Path{LinkID: formLink("drugs")}
	added, faults := form.Apply(f.state, sdc.Change{Path: drugs, Op: sdc.OpAdd})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	other, faults := form.Apply(f.state, sdc.Change{Path: drugs, Op: sdc.OpAdd})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for n, dose := range map[int]string{added.Added: "75.5", other.Added: "20"} {
		f.give("drug", []int{n}, sdc.Value{Type: sdc.String, Text: "A"})
		f.give("dose", []int{n}, sdc.Value{Type: sdc.Decimal, Text: dose})
	}
	is("per_day", "151.0 40")
	if got := f.value("%resource.item.where(item.where(linkId = 'per_day').answer.value > 100).item.where(linkId = 'study').answer.value.code"); got != "0" {
		t.Errorf("the study is asked about as %q", got)
	}
	if got := f.answer("study"); got != "0" {
		t.Errorf("the study is asked about in other occurrences too: %q", got)
	}
}
