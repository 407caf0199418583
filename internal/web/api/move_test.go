package api_test

import (
	"strings"
	"testing"
)

func TestADraftMovesByProgram(t *testing.T) {
	each(t, func(s *stand) {
		q, lucia := s.published(), s.ready()
		at := s.as("maria", "POST", lucia+"/responses", map[string]string{"questionnaire": q}).is(201).header.Get("Location")
		s.as("maria", "POST", at+"/answers", `{"answers":[{"path":"pain","values":[{"valueBoolean":true}]},{"path":"where","values":[{"valueCoding":{"system":"urn:w","code":"leg"}}]}]}`).is(200)
		second := strings.Replace(form, `"version":"1"`, `"version":"2"`, 1)
		from := strings.Index(second, ` {"linkId":"where"`)
		second = second[:from] + second[from+strings.Index(second[from:], "\n")+1:]
		to := s.as("aisha", "POST", "/api/v1/questionnaires", second).is(201).text("version.id")
		preview := s.as("maria", "GET", at+"/move?to="+to, nil).is(200)
		if preview.text("items.0.outcome") != "carried" || preview.text("items.1.outcome") != "kept_aside" || preview.text("items.1.link_id") != "where" || len(preview.get("items.1.now").([]any)) != 0 {
			s.Fatalf("%s", preview.body)
		}
		for who, status := range map[string]int{"lucia": 404, "okoye": 403} {
			s.as(who, "GET", at+"/move?to="+to, nil).is(status)
			s.as(who, "POST", at+"/move", map[string]string{"to": to}).is(status)
		}
		s.as("maria", "GET", at+"/move?to="+missing, nil).is(404)
		s.as("maria", "GET", at+"/move?to=nonsense", nil).is(404)
		s.as("maria", "POST", at+"/move", map[string]string{"to": to}, "If-Match", `"1"`).is(412)
		if moved := s.as("maria", "POST", at+"/move", map[string]string{"to": to}, "If-Match", preview.header.Get("ETag")).is(200); moved.text("version") != to {
			s.Fatalf("%s", moved.body)
		}
		s.as("maria", "POST", at+"/move", map[string]string{"to": to}).is(200)
		journal := s.as("maria", "GET", at+"/journal", nil).is(200)
		if journal.text("items.2.op") != "aside" || journal.get("items.2.accepted") != false || journal.text("items.2.values.0.valueCoding.code") != "leg" || journal.text("items.3.op") != "move" {
			s.Fatalf("%s", journal.body)
		}
		s.as("maria", "POST", at+"/submit", nil).is(200)
	})
}
