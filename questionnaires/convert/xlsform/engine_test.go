package xlsform

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/sdc"
)

// What is converted can be published: the engine compiles it, logic and all.
func TestTheEngineTakesWhatWasRead(t *testing.T) {
	compile := func(name string, raw []byte) {
		q, _, err := Read(raw, base)
		if err != nil {
			t.Fatal(name, err)
		}
		form, found := sdc.Compile(q.Marshal())
		for _, f := range found.Refusals {
			if f.Key == "questionnaires.publish.file_kinds" {
				continue // the registry keeps no sound and no film; the converter is not to know
			}
			t.Errorf("%s: %s %s %v", name, f.Field, f.Key, f.Args)
		}
		for _, f := range found.Warnings {
			t.Logf("%s: %s %s %v", name, f.Field, f.Key, f.Args)
		}
		if form != nil {
			t.Logf("%s: %d items", name, form.Items())
		}
	}
	compile("household", xlsx(t, household))
	compile("clinic", xlsx(t, clinic))
	for _, name := range []string{"choice_filter_test", "group", "specify_other"} {
		compile(name, sample.Read(t, "samples", "xlsform", name+".xlsx"))
	}
}

const visit = `{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/Questionnaire/clinic|2024010100","status":"in-progress","item":[
 {"linkId":"who","item":[{"linkId":"first_name","answer":[{"valueString":"Ana"}]},{"linkId":"age","answer":[{"valueInteger":34}]},{"linkId":"parity","answer":[{"valueInteger":2}]},{"linkId":"born","answer":[{"valueDate":"1990-02-20"}]},
  {"linkId":"smokes","answer":[{"valueCoding":{"system":"https://kindred.example/CodeSystem/clinic-yesno","code":"yes","display":"Yes"}}]}]},
 {"linkId":"symptoms","answer":[{"valueCoding":{"system":"https://kindred.example/CodeSystem/clinic-symptoms","code":"pain","display":"Pain"}},{"valueCoding":{"system":"https://kindred.example/CodeSystem/clinic-symptoms","code":"fever","display":"Fever"}}]},
 {"linkId":"weight","answer":[{"valueDecimal":61.5}]},{"linkId":"height","answer":[{"valueDecimal":1.5}]},
 {"linkId":"child","item":[{"linkId":"child_name","answer":[{"valueString":"Bea"}]},{"linkId":"child_age","answer":[{"valueInteger":7}]}]},
 {"linkId":"child","item":[{"linkId":"child_name","answer":[{"valueString":"Leo"}]},{"linkId":"child_age","answer":[{"valueInteger":3}]}]}]}`

// The engine runs the logic of a form as XForms would: conditions, sums over repeats, and each occurrence of a repeat on
// its own.
func TestTheEngineRunsWhatWasRead(t *testing.T) {
	sheets := cells{"choices": clinic["choices"], "settings": clinic["settings"]}
	for _, row := range clinic["survey"] {
		if row[0] != "audio" && row[0] != "video" {
			sheets["survey"] = append(sheets["survey"], row)
		}
	}
	q, _ := read(t, sheets)
	form, found := sdc.Compile(q.Marshal())
	if form == nil {
		t.Fatal(found.Refusals)
	}
	e := form.Evaluate([]byte(visit), sdc.Context{Now: moment})
	for link, want := range map[string]bool{"cigarettes": true, "thanks": false, "pain": true, "worst": true, "worst_note": false, "wakes": false, "child": true, "school": true} {
		if e.Enabled[link] != want {
			t.Errorf("%s: enabled %v", link, e.Enabled[link])
		}
	}
	var r struct{ Item []any }
	if err := json.Unmarshal(e.Response, &r); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(computedAnswers(r.Item), " ")
	if want := "bmi=27.3 years=34 label1=high adult=true pickedname=Yes child_left=27 child_left=31 total=12"; got != want {
		t.Errorf("computed %s", got)
	}
}

// computedAnswers lists the answers to calculations, in order.
func computedAnswers(items []any) []string {
	calculated := map[string]bool{"bmi": true, "years": true, "label1": true, "adult": true, "pickedname": true, "child_left": true, "total": true}
	var all []string
	for _, one := range items {
		it, _ := one.(map[string]any)
		link, _ := it["linkId"].(string)
		answers, _ := it["answer"].([]any)
		for _, a := range answers {
			for _, v := range a.(map[string]any) {
				if calculated[link] {
					all = append(all, fmt.Sprint(link, "=", v))
				}
			}
		}
		inner, _ := it["item"].([]any)
		all = append(all, computedAnswers(inner)...)
	}
	return all
}
