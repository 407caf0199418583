package api_test

import (
	"strings"
	"testing"
)

// Maria proposes, Tomás is a reviewer and no member, Aisha decides; what was taken is in the draft.
func TestAProposalByProgram(t *testing.T) {
	each(t, func(s *stand) {
		form := `{"resourceType":"Questionnaire","url":"https://kindred.example/q/nights","version":"1","status":"active","language":"en","item":[{"linkId":"wake","type":"integer","text":"How often did you wake up?"}]}`
		published := s.as("aisha", "POST", "/api/v1/questionnaires", form, "Content-Type", "application/fhir+json").is(201)
		q := published.text("version.questionnaire")
		wish := map[string]any{"questionnaire": q, "kind": "wording", "link_id": "wake", "language": "en", "text": "How often did she wake up?", "reason": "The carer answers."}
		s.as("okoye", "POST", "/api/v1/proposals", wish).is(403)
		s.as("maria", "POST", "/api/v1/proposals", with(with(wish, "link_id", "gone"), "reason", "")).is(422, "codesign.item", "codesign.reason")
		made := s.as("maria", "POST", "/api/v1/proposals", wish, "Idempotency-Key", "p1").is(201)
		at := made.header.Get("Location")
		if again := s.as("maria", "POST", "/api/v1/proposals", wish, "Idempotency-Key", "p1").is(201); again.text("id") != made.text("id") {
			s.Fatal("two proposals")
		}
		s.as("maria", "PUT", at+"/support", nil).is(409)
		s.as("aisha", "PUT", at+"/support", nil).is(204)
		s.as("aisha", "DELETE", at+"/support", nil).is(204)
		s.as("aisha", "POST", at+"/comments", `{"text":"It reads well."}`).is(201)
		got := s.as("maria", "GET", at, nil).is(200)
		if got.text("discussion.0.text") != "It reads well." || got.get("votes") != 0.0 || got.get("mine") != true {
			s.Fatal(string(got.body))
		}
		s.as("maria", "DELETE", at+"/comments/"+got.text("discussion.0.id"), nil).is(403)
		s.as("aisha", "DELETE", at+"/comments/"+got.text("discussion.0.id"), nil).is(204)
		s.as("maria", "POST", at+"/decisions", `{"take":true}`).is(403)
		s.as("aisha", "POST", at+"/decisions", `{"take":false}`).is(422, "codesign.reason")
		s.as("aisha", "POST", at+"/decisions", `{"take":true}`).is(201)
		draft := s.as("aisha", "GET", "/api/v1/questionnaires/"+q+"/draft", nil).is(200)
		if !strings.Contains(string(draft.body), "How often did she wake up?") {
			s.Fatal(string(draft.body))
		}
		if l := s.as("maria", "GET", "/api/v1/proposals?questionnaire="+q, nil).is(200); l.text("items.0.state") != "taken" {
			s.Fatal(string(l.body))
		}
	})
}
