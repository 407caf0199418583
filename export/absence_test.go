package export

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// Two versions of a form in which everything can be absent in its own way. In version 10 the number means another unit,
// the fever is worded anew with the same meaning, and a question is new.
const (
	absentURL = "https://kindred.example/questionnaires/absent"
	absentV9  = `{"resourceType":"Questionnaire","url":"` + absentURL + `","version":"9","title":"Fever","status":"active","item":[
	 {"linkId":"fever","text":"Fever?","type":"boolean","item":[{"linkId":"height","text":"How high?","type":"decimal"}]},
	 {"linkId":"dose","text":"Dose","type":"quantity","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"mg","display":"mg"}}]},
	 {"linkId":"kind","text":"Which kind?","type":"choice","answerOption":[{"valueCoding":{"system":"urn:k","code":"1","display":"Night"}}]},
	 {"linkId":"fits","text":"Fits","type":"group","repeats":true,"enableWhen":[{"question":"fever","operator":"=","answerBoolean":true}],"item":[{"linkId":"long","text":"How long?","type":"integer"},{"linkId":"after","text":"And after?","type":"integer"}]},
	 {"linkId":"score","text":"Score","type":"decimal","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-hidden","valueBoolean":true}]}]}`
)

func absentV10() string {
	s := strings.Replace(absentV9, `"version":"9"`, `"version":"10"`, 1)
	s = strings.ReplaceAll(s, `"mg"`, `"g"`)
	s = strings.Replace(s, `"Fever?"`, `"Fever ?"`, 1)
	s = strings.Replace(s, `"display":"Night"}}`, `"display":"Night"}},{"valueCoding":{"system":"urn:k","code":"2","display":"Day"}}`, 1)
	return strings.Replace(s, `{"linkId":"score"`, `{"linkId":"more","text":"More?","type":"boolean"},{"linkId":"score"`, 1)
}

func TestEveryAbsenceSaysWhy(t *testing.T) {
	var forms []*Form
	for _, raw := range []string{absentV9, absentV10()} {
		f, err := ParseForm([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, f)
	}
	p, err := NewPlan(study, nil, forms, Window{}, false, cut)
	if err != nil {
		t.Fatal(err)
	}
	dose := func(unit string) Item {
		return Item{LinkID: "dose", Answers: []Answer{{Value: Value{Kind: Quantity, Text: "5", Code: Coding{systemUCUM, unit, unit}}}}}
	}
	fit := func(hidden []string, items ...Item) Item { return Item{LinkID: "fits", Items: items, Hidden: hidden} }
	long := Item{LinkID: "long", Answers: answer(Integer, "3")}
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	said := func(id, version string, hidden []string, items ...Item) SubjectResponse {
		return SubjectResponse{ID: id, At: at, Raw: Response{Questionnaire: absentURL, Version: version, Status: "completed", Items: items, Hidden: hidden}}
	}
	somebody := &Subject{Participant: lucia().Participant, Responses: []SubjectResponse{
		said("nothing", "9", []string{"fits"}),
		said("old", "9", nil, Item{LinkID: "fever", Answers: answer(Boolean, "true")}, dose("mg"), fit([]string{"after"}, long), fit(nil, long)),
		said("new", "10", nil, Item{LinkID: "fever", Answers: []Answer{{Value: Value{Kind: Boolean, Text: "true"}, Hidden: []string{"height"}}}}, dose("g"), Item{LinkID: "kind", Answers: coded("urn:k", "2")}),
		said("declined", "10", nil, Item{LinkID: "fever", Answers: []Answer{{Value: Value{Kind: Unsaid}}}}, Item{LinkID: "dose", Answers: []Answer{{Value: Value{Kind: Declined}}}}, Item{LinkID: "kind", Answers: []Answer{{Value: Value{Kind: Declined}}}}),
	}}
	v, dir := testVault(t), filepath.Join(t.TempDir(), "out")
	release(t, v, p, []*Subject{somebody}, dir)
	verified(t, dir, v)
	absencesInWorkbook(t, dir, func(id string) string { return v.Rekey(study, "response", id) })
	absencesInFHIR(t, dir, func(id string) string { return v.Rekey(study, "response", id) })
}

func absencesInWorkbook(t *testing.T, dir string, row func(string) string) {
	t.Helper()
	f, err := excelize.OpenFile(filepath.Join(dir, workbookName))
	if err != nil {
		t.Fatal(err)
	}
	const name, old = "Q1 Fever", "dose (version 9)"
	want(t, rowWhere(t, f, name, "row_id", row("nothing")), map[string]string{"fever": MarkSkipped, "height": MarkHidden, old: MarkSkipped, old + " (unit)": MarkSkipped,
		"dose": MarkNotAsked, "kind": MarkSkipped, "fits (rows)": MarkHidden, "score": MarkHidden, "more": MarkNotAsked})
	want(t, rowWhere(t, f, name, "row_id", row("old")), map[string]string{"fever": "1", "height": MarkSkipped, old: "5", old + " (unit)": "mg", "dose": MarkNotAsked, "fits (rows)": "2"})
	want(t, rowWhere(t, f, name, "row_id", row("new")), map[string]string{"height": MarkHidden, old: MarkNotAsked, "dose": "5", "dose (unit)": "g", "kind": "2", "fits (rows)": MarkSkipped, "more": MarkSkipped})
	want(t, rowWhere(t, f, name, "row_id", row("declined")), map[string]string{"fever": MarkUnsaid, "dose": MarkDeclined, "dose (unit)": MarkDeclined, "kind": MarkDeclined})
	want(t, rowWhere(t, f, "Q1.1 Fits", "position", "1"), map[string]string{"after": MarkHidden, "long": "3"})
	want(t, rowWhere(t, f, "Q1.1 Fits", "position", "2"), map[string]string{"after": MarkSkipped})

	book := func(column string) map[string]string { return rowWhere(t, f, "Codebook", "column", column) }
	want(t, book("fever"), map[string]string{"versions": "10, 9", "earlier_wording": "9: Fever?", "question": "Fever ?"})
	want(t, book("dose"), map[string]string{"versions": "10"})
	want(t, book(old), map[string]string{"versions": "9", "link_id": "dose"})
	for column, word := range map[string]string{"dose": "Takes the place of dose", old: "Its place is taken by dose"} {
		if !strings.Contains(book(column)["between_versions"], word) {
			t.Errorf("the codebook says of %s %q", column, book(column)["between_versions"])
		}
	}
	want(t, rowWhere(t, f, "Values", "meaning", "Day"), map[string]string{"versions": "10"})
	want(t, rowWhere(t, f, "Values", "meaning", "Night"), map[string]string{"versions": "9, 10"})
	for _, mark := range []string{MarkNotAsked, MarkSkipped, MarkHidden, MarkDeclined, MarkUnsaid, MarkWithheld} {
		rowWhere(t, f, "Missing", "mark", mark)
	}
}

// absencesInFHIR reads each response as a recipient would: what is neither there nor named as not shown was skipped.
func absencesInFHIR(t *testing.T, dir string, row func(string) string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "QuestionnaireResponse.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		var r struct {
			ID        string
			Extension []struct{ URL, ValueString, ValueCode string }
			Item      []struct {
				LinkID    string
				Extension []struct{ URL, ValueString, ValueCode string }
				Answer    []struct {
					Extension []struct{ URL, ValueString, ValueCode string }
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		wanted := map[string]string{
			row("nothing"):  "[{" + extensionNotShown + " fits }] []",
			row("old"):      "[] [{fever [] [{[]}]} {dose [] [{[]}]} {fits [{" + extensionNotShown + " after }] []} {fits [] []}]",
			row("new"):      "[] [{fever [] [{[{" + extensionNotShown + " height }]}]} {dose [] [{[]}]} {kind [] [{[]}]}]",
			row("declined"): "[] [{fever [] [{[{" + extensionAbsent + "  unknown}]}]} {dose [] [{[{" + extensionAbsent + "  asked-declined}]}]} {kind [] [{[{" + extensionAbsent + "  asked-declined}]}]}]",
		}[r.ID]
		if got := fmt.Sprint(r.Extension, r.Item); got != wanted {
			t.Errorf("%s, want %s", got, wanted)
		}
	}
}
