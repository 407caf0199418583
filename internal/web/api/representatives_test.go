package api_test

import (
	"testing"
)

// Maria lets Lucía's other parent in. What he may, he may by his own account; she ends it, and at his next request there
// is nothing.
func TestAnotherParentComesAndGoes(t *testing.T) {
	each(t, func(s *stand) {
		child := s.enrolled()
		number := func(who string) string { return s.as(who, "GET", "/api/v1/me", nil).is(200).text("id") }
		add := func(who, account, relation string) reply {
			return s.as(who, "POST", child+"/representatives", map[string]string{"account": account, "relation": relation})
		}
		pavel, maria := number("lucia"), number("maria") // another participant plays him
		add("lucia", pavel, "parent").is(404)
		add("okoye", pavel, "parent").is(403)
		var answers []string
		for _, account := range []string{"lucia", "01900000-0000-7000-8000-000000000000", number("tomas"), ""} {
			answers = append(answers, add("maria", account, "parent").is(422, "registry.representation.account", "account").text("detail"))
		}
		for _, a := range answers {
			if a != answers[0] {
				s.Errorf("an account is told from none: %q, %q", a, answers[0])
			}
		}
		add("maria", pavel, "self").is(422, "registry.relation.unknown", "relation")
		add("maria", pavel, "parent").is(204)
		s.as("lucia", "GET", child, nil).is(200)
		list := s.as("lucia", "GET", child+"/representatives", nil).is(200)
		if list.get("items.0.may_end") != false || list.get("items.1.may_end") != true || list.get("items.1.own") != true {
			s.Fatal(string(list.body))
		}
		s.as("lucia", "DELETE", child+"/representatives/"+maria, nil).is(403, "registry.representation.not_yours")
		s.as("maria", "DELETE", child+"/representatives/"+pavel, nil).is(204)
		s.as("lucia", "GET", child, nil).is(404)
		s.as("lucia", "GET", child+"/representatives", nil).is(404)
		s.as("lucia", "DELETE", child+"/representatives/"+maria, nil).is(404)
		s.as("maria", "DELETE", child+"/representatives/"+maria, nil).is(409, "registry.representation.last")
		if list := s.as("maria", "GET", child+"/representatives", nil).is(200); list.get("items.1.acts") != false || list.text("items.1.until") == "" {
			s.Fatal(string(list.body))
		}
	})
}
