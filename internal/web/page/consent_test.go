package page_test

import (
	"strings"
	"testing"

	"kindred/policies"
	"kindred/policies/consent"
)

// TestConsentEndsOnTheBirthday: Lucía comes of age in Spain an hour before the day begins in UTC; the page names her
// birthday.
func TestConsentEndsOnTheBirthday(t *testing.T) {
	onBoth(t, func(s *stand) {
		doc, err := s.Consent.Current(s.Context(), consent.MainDocument, "en")
		s.must(err)
		_, err = s.Consent.Sign(s.Context(), s.actors["maria"], consent.Signing{
			Participant: s.person, Version: doc.Version, Language: doc.Language, Hash: doc.Hash, Name: "Maria", Password: password,
			Choices: []consent.Choice{{Scope: policies.ScopeRegistry, Yes: true}},
		})
		s.must(err)
		a := s.get("maria", "/people/"+string(s.person)+"/consent")
		if a.status != 200 || !strings.Contains(a.body, "11 February 2037") || strings.Contains(a.body, "10 February 2037") {
			t.Errorf("%d: the page does not end consent on the birthday", a.status)
		}
	})
}
