package sdc

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

const stays = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/stays","version":"1","status":"active","item":[
 {"linkId":"stay","type":"group","repeats":true,"text":"A stay","item":[{"linkId":"where","type":"string","text":"Where?"}]},
 {"linkId":"first","type":"string","text":"First of all","readOnly":true,"extension":[{` + sdcExt + `sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%questionnaire.item.count().toString()"}}]},
 {"linkId":"year","type":"integer","text":"Which year?","extension":[{` + sdcExt + `sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"2021"}}]}]}`

const sdcExt = `"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/`

// TestOccurrencesAreReordered moves the last of three to the start: what is computed from their order follows, and the
// order is kept.
func TestOccurrencesAreReordered(t *testing.T) {
	f := mustCompile(t, []byte(stays))
	s := f.Start(Context{Now: time.Date(2031, 3, 4, 12, 0, 0, 0, time.UTC)})
	group := Path{LinkID: "stay"}
	for range 2 {
		if _, faults := f.Apply(s, Change{Path: group, Op: OpAdd}); faults != nil {
			t.Fatal(faults)
		}
	}
	occurrences := func() []OccurrenceView { return f.Page(s, 0, "en", nil, nil).Items[0].Occurrences }
	for n, o := range occurrences() {
		if got := put(f, s, o.Items[0].Path, []string{"a", "b", "c"}[n]); got != "" {
			t.Fatal(got)
		}
	}
	last := occurrences()[2].Instance
	for range 3 { // the third time it is first already
		if _, _, faults := f.Put(s, Change{Path: group, Op: OpMove, Instance: last}); faults != nil {
			t.Fatal(faults)
		}
	}
	read := func(s *State) string {
		var all []string
		for _, o := range f.Page(s, 0, "en", nil, nil).Items[0].Occurrences {
			all = append(all, o.Items[0].Answers[0].Text)
		}
		last := f.Page(s, 1, "en", nil, nil).Items[0]
		if len(last.Answers) > 0 {
			all = append(all, last.Answers[0].Text)
		}
		return strings.Join(all, " ")
	}
	if got := read(s); got != "c a b 3" {
		t.Error(got)
	}
	saved := f.Save(s)
	again, faults := f.Restore(saved, s.context)
	if faults != nil || read(again.State) != "c a b 3" || !bytes.Equal(f.Save(again.State), saved) {
		t.Error("the order is not kept:", faults, read(again.State))
	}
	for _, c := range []Change{{Path: group, Op: OpMove, Instance: 99}, {Path: Path{LinkID: "year"}, Op: OpMove, Instance: 1}} {
		if _, faults := f.Apply(s, c); len(faults) == 0 {
			t.Errorf("%+v moved something", c)
		}
	}
}

// TestPrefilledAnswersAreConfirmed looks at the mark of an answer that was filled in beforehand.
func TestPrefilledAnswersAreConfirmed(t *testing.T) {
	f := mustCompile(t, []byte(stays))
	marked := func(s *State) bool {
		for _, it := range f.Page(s, 1, "en", nil, nil).Items {
			if it.LinkID == "year" {
				return it.Prefilled && it.Answers[0].Text == "2021"
			}
		}
		return false
	}
	now := Context{Now: time.Date(2031, 3, 4, 12, 0, 0, 0, time.UTC)}
	s := f.Start(now)
	if !marked(s) {
		t.Fatal("nothing is marked")
	}
	fields := Fields{"_confirm": {"year"}}
	changes, err := fields.Changes(f)
	if err != nil || len(changes) != 1 {
		t.Fatal(changes, err)
	}
	values, changed, faults := f.Put(s, changes[0])
	if marked(s) || !changed || faults != nil || len(values) != 1 || values[0].Text != "2021" {
		t.Error("confirmed:", values, changed, faults)
	}
	again, _ := f.Restore(f.Save(s), now)
	if marked(again.State) {
		t.Error("it is asked again after it was confirmed")
	}
	if _, faults := f.Apply(s, Change{Path: Path{LinkID: "stay"}, Op: OpConfirm}); len(faults) == 0 {
		t.Error("a group was confirmed")
	}
}
