package page_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
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

// sign posts the form of the consent page.
func (s *stand) sign(fields url.Values) answered {
	s.Helper()
	doc, err := s.Consent.Current(s.Context(), consent.MainDocument, "en")
	s.must(err)
	fields.Set("hash", doc.Hash)
	return s.post("maria", "/people/"+string(s.person)+"/consent/sign", fields)
}

// TestTheConsentFormTellsEverythingAtOnce: each missing choice by its name, and what is wrong with name and password.
func TestTheConsentFormTellsEverythingAtOnce(t *testing.T) {
	onBoth(t, func(s *stand) {
		doc, err := s.Consent.Current(s.Context(), consent.MainDocument, "en")
		s.must(err)
		links := func(a answered) []string {
			var all []string
			for _, m := range regexp.MustCompile(`<a href="#f-[^"]*">([^<]*)</a>`).FindAllStringSubmatch(a.body, -1) {
				all = append(all, html.UnescapeString(m[1]))
			}
			return all
		}
		for name, k := range map[string]struct {
			fields url.Values
			want   []string
		}{
			"empty": {url.Values{}, []string{"Enter your password", "name of the person"}},
			"wrong": {url.Values{"password": {"not my password, is it"}}, []string{"not your current password", "name of the person"}},
		} {
			a := s.sign(k.fields)
			s.faulty(a, "name")
			s.faulty(a, "password")
			got := links(a)
			if len(got) != len(doc.Scopes)+2 {
				s.Errorf("%s: %d links: %q", name, len(got), got)
			}
			for i, link := range got {
				if slices.Contains(got[:i], link) {
					s.Errorf("%s: two links say %q", name, link)
				}
			}
			for _, scope := range doc.Scopes {
				section, _ := doc.Section(scope)
				if !slices.Contains(got, "Choose yes or no: "+section.Heading) {
					s.Errorf("%s: no link names %s in %q", name, section.Heading, got)
				}
			}
		}
	})
}

// TestQuestionnairesWaitForConsent: what cannot be begun is not offered; the page says what is missing, and leads to it.
func TestQuestionnairesWaitForConsent(t *testing.T) {
	onBoth(t, func(s *stand) {
		list := "/people/" + string(s.person) + "/questionnaires"
		sign := "/people/" + string(s.person) + "/consent/sign"
		waiting := func(when string) {
			s.Helper()
			body := s.shows("maria", list, "Daily life", sign)
			if strings.Contains(body, "<form method=\"post\" action=\""+list) || strings.Contains(body, "/pages/0") {
				s.Errorf("%s: something is offered that would be refused", when)
			}
		}
		waiting("before signing")
		all := url.Values{"name": {"Maria"}, "password": {password}}
		for _, scope := range policies.Scopes {
			all.Set("scope-"+string(scope), "yes")
		}
		if a := s.sign(all); a.status != 303 {
			s.Fatal(a.status, excerpt(a.body))
		}
		if body := s.shows("maria", list, "Begin"); strings.Contains(body, sign) {
			s.Error("it asks for what was given")
		}
		q := regexp.MustCompile(`action="(` + list + `/[^"]+)"`).FindStringSubmatch(s.shows("maria", list))
		s.goes("maria", q[1], url.Values{})
		s.shows("maria", list, "/pages/0")
		s.goes("maria", "/people/"+string(s.person)+"/consent/withdraw", url.Values{})
		waiting("after withdrawing everything")
		if a := s.post("maria", q[1], url.Values{}); a.status != 404 && a.status != 403 {
			s.Error("it began all the same:", a.status)
		}
	})
}
