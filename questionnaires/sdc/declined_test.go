package sdc

import (
	"fmt"
	"strings"
	"testing"
)

const sensitive = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/sensitive","version":"1","status":"active","title":"Sensitive","item":[
 {"linkId":"smokes","type":"boolean","text":"Do you smoke?","required":true,"item":[{"linkId":"since","type":"integer","text":"Since when?"}]},
 {"linkId":"many","type":"integer","text":"How many?","required":true,"enableWhen":[{"question":"smokes","operator":"=","answerBoolean":true}]},
 {"linkId":"note","type":"string","text":"A note"},
 {"linkId":"fits","type":"group","repeats":true,"item":[{"linkId":"long","type":"integer","text":"How long?"}]},
 {"linkId":"score","type":"integer","readOnly":true,"text":"Score"}]}`

func standings(f *Form, s *State) string {
	var words []string
	for _, st := range f.Standings(s) {
		path, _, _ := strings.Cut(st.Path, "#")
		words = append(words, path+" "+string(st.Standing))
	}
	return strings.Join(words, ", ")
}

func TestDeclined(t *testing.T) {
	f, found := Compile([]byte(sensitive))
	if f == nil {
		t.Fatal(found)
	}
	s := f.Start()
	if got := standings(f, s); got != "smokes skipped, since hidden, many hidden, note skipped, long skipped, score hidden" {
		t.Error(got)
	}
	if faults := f.Check(s); len(faults) != 1 {
		t.Errorf("nothing answered: %v", faults)
	}
	e, faults := f.Apply(s, Change{Path: Path{LinkID: "smokes"}, Op: OpDecline})
	if len(faults) > 0 || len(e.Values) != 1 || !e.Values[0].Declines() {
		t.Fatalf("%+v %v", e, faults)
	}
	if faults := f.Check(s); len(faults) != 0 {
		t.Errorf("declined, and still asked for: %v", faults)
	}
	if got := standings(f, s); !strings.HasPrefix(got, "smokes declined") || !strings.Contains(got, "many hidden") {
		t.Error(got)
	}
	want := `{"linkId":"smokes","text":"Do you smoke?","answer":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"asked-declined"}]}]}`
	out := f.Encode(s, Header{Status: Completed})
	if !strings.Contains(string(out), want) {
		t.Errorf("%s", out)
	}
	in, bad := f.Read(out)
	if len(bad) > 0 || standings(f, in.State) != standings(f, s) {
		t.Errorf("read back: %v, %s", bad, standings(f, in.State))
	}
	back, bad := f.Restore(f.Save(s))
	if len(bad) > 0 || standings(f, back.State) != standings(f, s) {
		t.Errorf("restored: %v", bad)
	}
	values, err := ParseValues(MarshalValues(e.Values))
	if err != nil || len(values) != 1 || values[0] != e.Values[0] {
		t.Errorf("in the journal: %v %v", values, err)
	}
	if _, faults := f.Apply(s, Change{Path: Path{LinkID: "smokes"}, Entries: []Entry{{Text: "true"}}}); len(faults) > 0 {
		t.Fatal(faults)
	}
	if got := standings(f, s); got != "smokes answered, since skipped, many skipped, note skipped, long skipped, score hidden" {
		t.Error(got)
	}
	for path, want := range map[string]string{"score": "read_only", "fits": "none_here", "none": "no_item"} {
		if _, faults := f.Apply(s, Change{Path: Path{LinkID: path}, Op: OpDecline}); !strings.Contains(fmt.Sprint(faults), want) {
			t.Errorf("%s: %v", path, faults)
		}
	}
	page := Fields{"_asked": {"smokes", "note"}, "_decline": {"smokes"}, "smokes": {"nonsense"}, "note": {"x"}}
	changes, err := page.Changes(f)
	if err != nil || len(changes) != 2 || changes[1].Op != OpDecline {
		t.Errorf("%+v %v", changes, err)
	}
}

func TestDeclines(t *testing.T) {
	for text, want := range map[string]bool{
		Declined().Text: true, `"_valueString":{"extension":[{"url":"` + absentURL + `","valueCode":"asked-declined"}]}`: true,
		`"extension":[{"url":"` + absentURL + `","valueCode":"unknown"}]`: false, `"extension":7`: false, ``: false, `"}`: false,
	} {
		if got := (Value{Type: Absent, Text: text}).Declines(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if (Value{Type: String, Text: Declined().Text}).Declines() {
		t.Error("words are not a wish")
	}
}
