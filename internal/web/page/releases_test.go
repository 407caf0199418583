package page_test

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/registry"
)

// at is an address of the front.
func (s *stand) at(path string) *url.URL {
	s.Helper()
	u, err := url.Parse(s.server.URL + path)
	s.must(err)
	return u
}

// village enrols so many children of Maria's and signs for each that everything may be shared.
func (s *stand) village(n int) []ident.ParticipantID {
	s.Helper()
	var list []ident.ParticipantID
	for i := range n {
		id, err := s.Registry.Enrol(s.Context(), s.actors["maria"], registry.Enrolment{
			Who: registry.Who{Relation: registry.Parent, Name: fmt.Sprint("Child ", i+1)}, About: registry.About{Birth: registry.DateOf(2015+i%5, 2, 11), Sex: registry.Female, Country: "ES"},
			Diagnoses: []registry.Diagnosis{{Code: "ORPHA:83330", Status: registry.Confirmed}}, Symptoms: []registry.Symptom{{Term: "HP:0001252", Presence: registry.Present}},
		})
		s.must(err)
		s.signs(id)
		list = append(list, id)
	}
	return list
}

// signs gives every consent for somebody whom Maria cares for.
func (s *stand) signs(id ident.ParticipantID) {
	s.Helper()
	doc, err := s.Consent.Current(s.Context(), consent.MainDocument, "en")
	s.must(err)
	signing := consent.Signing{
		Participant: id, Document: doc.Name, Version: doc.Version, Language: doc.Language, Hash: doc.Hash, Name: "Maria", Password: password,
		Caller: account.Caller{Peer: netip.MustParseAddr("127.0.0.1")},
	}
	for _, scope := range policies.Scopes {
		signing.Choices = append(signing.Choices, consent.Choice{Scope: scope, Yes: true})
	}
	_, err = s.Consent.Sign(s.Context(), s.actors["maria"], signing)
	s.must(err)
}

// approved is a study of Dr. Okoye's that the committee approved: the path of her page.
func (s *stand) approved(proposal url.Values) string {
	s.Helper()
	study := s.goes("okoye", "/research/new", proposal)
	s.goes("ingrid", strings.Replace(study, "/research", "/oversight", 1), url.Values{"decision": {"approve"}, "reason": {"Useful, and asks for little."}})
	return study
}

// finished asks for a release and makes it, as a worker does: the path of its page.
func (s *stand) finished(study string) string {
	s.Helper()
	path := s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir", "xlsx"}})
	s.must(s.Export.Work(s.Context(), export.RunRelease{Release: releaseOf(path)}))
	return path
}

func releaseOf(path string) ident.ReleaseID {
	return ident.ReleaseID(strings.TrimPrefix(path, "/research/releases/"))
}

// TestAReleaseFromCountToRecall is a release on its pages: what is counted, what is given, and what is not given any
// more once somebody took their consent back.
func TestAReleaseFromCountToRecall(t *testing.T) {
	onBoth(t, func(s *stand) {
		few := s.village(4)
		study := s.approved(proposal)
		counted := func(want string) {
			t.Helper()
			a := s.post("okoye", study+"/count", nil)
			if a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("the count does not say %q: %d %s", want, a.status, excerpt(a.body))
			}
		}
		counted("Fewer than 5 people")
		s.village(2)
		counted("6 people")
		s.village(1)
		counted("near to an earlier one")

		path := s.finished(study)
		overseen := strings.Replace(path, "/research", "/oversight", 1)
		s.shows("okoye", path, "Ready", `href="`+path+`/files/Patient.ndjson"`, "SHA-256", "Version of the program")
		if body := s.shows("ingrid", overseen, "Ready", "Patient.ndjson"); strings.Contains(body, "/files/") {
			t.Error("the committee is offered the files")
		}
		a := s.get("okoye", path+"/files/Patient.ndjson")
		if a.status != 200 || strings.Count(a.body, "\n") != 7 || !strings.Contains(a.header.Get("Content-Disposition"), `filename="Patient.ndjson"`) || a.header.Get("Cache-Control") != "no-store" {
			t.Error("the download:", a.status, a.header, a.body)
		}
		if a := s.get("okoye", path+"/files/secrets.txt"); a.status != 404 {
			t.Error("a file that is not in the release:", a.status)
		}
		for _, who := range []string{"rival", "ingrid", "maria"} {
			if a := s.get(who, path+"/files/Patient.ndjson"); a.status != 404 && a.status != 403 {
				t.Error(who, "downloads:", a.status)
			}
		}
		if part := s.get("okoye", path, "HX-Request", "true"); part.header.Get("HX-Refresh") != "true" || strings.TrimSpace(part.body) != "" {
			t.Error("a page that waited is not told that the release is finished:", part.header, part.body)
		}

		_, err := s.Consent.Withdraw(t.Context(), s.actors["maria"], few[0])
		s.must(err)
		a = s.get("okoye", path+"/files/Patient.ndjson", "Accept-Language", "en")
		if a.status != 410 || strings.Contains(a.body, "resourceType") {
			t.Error("the download after a withdrawal:", a.status)
		}
		says(t, "the page of 410", a.body, "<h1", "No longer available")
		body := s.shows("okoye", path, "No longer available")
		if strings.Contains(body, "/files/") {
			t.Error("files of a release that was withdrawn are offered")
		}
		s.shows("ingrid", overseen, "No longer available")
		s.shows("okoye", study, "No longer available")
	})
}

// TestAReleaseThatFails shows why, without a word about how the machine is built.
func TestAReleaseThatFails(t *testing.T) {
	onSQLite(t, func(s *stand) {
		study := s.approved(proposal)
		path := s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir"}})
		s.goes("okoye", study+"/close", url.Values{})
		if err := s.Export.Work(t.Context(), export.RunRelease{Release: releaseOf(path)}); err == nil {
			t.Fatal("a release of a study that was closed was made")
		}
		s.shows("okoye", path, "Could not be made", "approved")
		s.shows("ingrid", strings.Replace(path, "/research", "/oversight", 1), "Could not be made")
	})
}
