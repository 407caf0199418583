package questionnaires

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

const asksPatient = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/known","version":"1","status":"active",
	"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext","extension":[
		{"url":"name","valueCoding":{"system":"http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext","code":"patient"}},{"url":"type","valueCode":"Patient"}]}],
	"item":[{"linkId":"born","type":"date","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%patient.birthDate"}}]},
	{"linkId":"sex","type":"string","readOnly":true,"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%patient.gender"}}]},
	{"linkId":"note","type":"string"}]}`

// A draft begins with what the registry knows of the person, and goes on with that: a computed answer does not vanish at
// the next answer, and what is known later does not change it.
func TestLaunchContext(t *testing.T) {
	each(t, func(w *world) {
		known, asked := `{"resourceType":"Patient","id":"lucia","birthDate":"2019-02-11","gender":"female"}`, 0
		w.Service.launch = func(_ context.Context, actor policies.Actor, p ident.ParticipantID) (map[string]json.RawMessage, error) {
			if actor.Account != w.maria.Account || p != w.lucia {
				t.Errorf("asked about %s for %s", p, actor.Account)
			}
			asked++
			return map[string]json.RawMessage{"patient": json.RawMessage(known), "user": json.RawMessage(`{"resourceType":"Patient"}`)}, nil
		}
		v, _, err := w.Publish(w.ctx, w.aisha, []byte(asksPatient), sdc.Identity{})
		w.must(err)
		r, err := w.Start(w.ctx, w.maria, w.lucia, v.Questionnaire, "en")
		w.must(err)
		shows := func(r Response, want string) {
			var got []string
			r.Form.Given(r.State, func(g sdc.Given) { got = append(got, g.LinkID+"="+g.Value.Text) })
			if s := strings.Join(got, " "); s != want {
				t.Errorf("%s, want %s", s, want)
			}
		}
		shows(r, "born=2019-02-11 sex=female")
		known = `{"resourceType":"Patient","gender":"male"}`
		saved, err := w.Answer(w.ctx, w.maria, r.ID, change("note", "hello"), Meta{})
		w.must(err)
		shows(saved.Response, "born=2019-02-11 sex=female note=hello")
		again, err := w.Response(w.ctx, w.maria, r.ID)
		w.must(err)
		shows(again, "born=2019-02-11 sex=female note=hello")
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
		before := asked // a form that wants to know nothing does not ask
		_, err = w.Start(w.ctx, w.maria, w.lucia, w.everything.Questionnaire, "en")
		w.must(err)
		if asked != before {
			t.Error("asked for a form without launch contexts")
		}
	})
}
