package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// standing reads how the questions stand, as "linkId status".
func (r reply) standing() string {
	var words []string
	for _, one := range r.get("items").([]any) {
		m := one.(map[string]any)
		words = append(words, fmt.Sprintf("%s %s", m["link_id"], m["status"]))
	}
	return strings.Join(words, ", ")
}

func TestHowQuestionsStand(t *testing.T) {
	each(t, func(s *stand) {
		q, lucia := s.published(), s.ready()
		at := s.as("maria", "POST", lucia+"/responses", map[string]string{"questionnaire": q}).is(201).header.Get("Location")
		say := func(answers string) reply {
			return s.as("maria", "POST", at+"/answers", `{"answers":[`+answers+`]}`)
		}
		items := func() string { return s.as("maria", "GET", at+"/items", nil).is(200).standing() }
		if got := items(); got != "pain open, level hidden, where open, mg open" {
			s.Error(got)
		}
		s.as("maria", "POST", at+"/submit", nil).is(422, "questionnaires.answer.required")
		say(`{"path":"pain","op":"decline"}`).is(200)
		say(`{"path":"dose","op":"decline"}`).is(422, "questionnaires.answer.none_here")
		if sent := s.as("maria", "POST", at+"/submit", nil).is(200); sent.text("fhir.item.0.answer.0.extension.0.valueCode") != "asked-declined" {
			s.Fatalf("%s", sent.body)
		}
		s.r4(s.fhir("maria", "GET", strings.Replace(at, "/api/v1/responses", "/fhir/QuestionnaireResponse", 1), "").is(200))
		if got := items(); got != "pain declined, level hidden, where skipped, mg skipped" {
			s.Error(got)
		}
		second := strings.Replace(strings.Replace(form, `"version":"1"`, `"version":"2"`, 1), `{"linkId":"where"`, `{"linkId":"again","text":"Again?","type":"boolean"},{"linkId":"where"`, 1)
		s.as("aisha", "POST", "/api/v1/questionnaires", second).is(201)
		if got := items(); got != "pain declined, level hidden, where skipped, mg skipped, again not_in_version" {
			s.Error(got)
		}
		s.as("maria", "POST", at+"/amend", nil).is(200)
		say(`{"path":"pain","values":[{"valueBoolean":true}]}`).is(200)
		if got := items(); !strings.HasPrefix(got, "pain answered, level open") {
			s.Error(got)
		}
		journal := s.as("maria", "GET", at+"/journal", nil).is(200)
		if journal.text("items.0.op") != "decline" || journal.text("items.0.values.0.extension.0.valueCode") != "asked-declined" || journal.get("items.1.values.0.valueBoolean") != true {
			s.Errorf("%s", journal.body)
		}
		for _, path := range []string{"/items", "/journal"} {
			s.as("lucia", "GET", at+path, nil).is(404)
			s.as("okoye", "GET", at+path, nil).is(403)
		}
	})
}
