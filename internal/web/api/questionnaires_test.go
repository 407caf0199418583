package api_test

import (
	"strings"
	"testing"
)

func TestAishaChecksAndRetires(t *testing.T) {
	each(t, func(s *stand) {
		check := func(who, body string) reply {
			return s.as(who, "POST", "/api/v1/questionnaires/check", body, "Content-Type", "application/fhir+json")
		}
		check("maria", form).is(403)
		if r := check("aisha", form).is(200); r.get("publishable") != true {
			s.Fatal(string(r.body))
		}
		if r := check("aisha", strings.Replace(form, `"boolean"`, `"telepathy"`, 1)).is(200); r.get("publishable") != false || r.text("refusals.0.message") == "" {
			s.Fatal(string(r.body))
		}
		if n := len(s.as("aisha", "GET", "/api/v1/questionnaires", nil).is(200).get("items").([]any)); n != 0 {
			s.Fatal("checking published it")
		}
		lucia := s.ready()
		s.published()
		version := s.as("aisha", "GET", "/api/v1/questionnaires", nil).is(200).text("items.0.id")
		offered := func() int {
			return len(s.as("maria", "GET", lucia+"/questionnaires", nil).is(200).get("items").([]any))
		}
		if offered() != 1 {
			s.Fatal(offered())
		}
		s.as("maria", "POST", "/api/v1/versions/"+version+"/retire", nil).is(403)
		s.as("aisha", "POST", "/api/v1/versions/"+missing+"/retire", nil).is(404)
		s.as("aisha", "POST", "/api/v1/versions/"+version+"/retire", nil).is(204)
		if offered() != 0 {
			s.Fatal("it is offered still")
		}
	})
}
