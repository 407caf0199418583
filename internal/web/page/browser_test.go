package page_test

import (
	"net/url"
	"strings"
	"testing"

	"kindred/internal/web/webtest"
)

// shown is a page by the name of its picture.
type shown struct{ name, path string }

// asks are the GET routes of the professional roles that answer with a file and not with a page.
var asks = map[string]bool{
	"/review/:evidence/file": true, "/authoring/versions/:version/file": true, "/research/releases/:release/files/:file": true,
	"/oversight/audit/entries/:entry/proof": true,
}

// TestProfessionalPagesInABrowser looks at every page of each role: axe on a desk and on a phone, in the light and in
// the dark, the keyboard alone, 400 % zoom, from right to left, without scripts. A page of the route table that it
// forgets is a fault. With KINDRED_SHOTS=DIR it leaves its screenshots there.
func TestProfessionalPagesInABrowser(t *testing.T) {
	b := webtest.Open(t)
	onSQLite(t, func(s *stand) {
		round := webtest.NewRound(b)
		for _, who := range s.rounds() {
			round.Become(s.server.URL, s.browsers[who.name].Jar.Cookies(s.at("/")))
			for _, page := range who.pages {
				round.Visit(page.name, s.server.URL+page.path)
			}
		}
		var pages []string
		for _, r := range s.engine.Routes() {
			if r.Method == "GET" && ownerOf(r.Path) != "" && !asks[r.Path] {
				pages = append(pages, r.Path)
			}
		}
		for _, path := range round.Missed(pages) {
			t.Errorf("nobody looked at %s", path)
		}
	})
}

// round is who looks at which pages.
type round struct {
	name  string
	pages []shown
}

// rounds prepares something to be seen on every page.
func (s *stand) rounds() []round {
	s.Helper()
	s.village(6)
	study := s.approved(proposal)
	finished := s.finished(study)
	waiting := s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir"}})
	undecided := s.goes("okoye", "/research/new", proposal)
	seen := func(path string) string { return strings.Replace(path, "/research", "/oversight", 1) }
	entry := entryLink.FindString(s.shows("ingrid", "/oversight/audit?event=release.finished"))
	version := "/authoring/versions/" + string(s.form)
	return []round{
		{"tomas", []shown{{"reviewer-queue", "/review"}, {"reviewer-case", "/review/" + string(s.proof)}}},
		{"aisha", []shown{
			{"editor-list", "/authoring"}, {"editor-new", "/authoring/new"}, {"editor-version", version}, {"editor-retire", version + "/retire"},
		}},
		{"okoye", []shown{
			{"researcher-studies", "/research"}, {"researcher-new", "/research/new"}, {"researcher-study", study}, {"researcher-change", study + "/change"},
			{"researcher-release", finished}, {"researcher-release-waiting", waiting},
		}},
		{"ingrid", []shown{
			{"ethics-desk", "/oversight"}, {"ethics-study", seen(undecided)}, {"ethics-release", seen(finished)}, {"ethics-audit", "/oversight/audit"}, {"ethics-entry", entry},
			{"ethics-checkpoint", "/oversight/audit/checkpoint"}, {"ethics-consents", "/oversight/consents"}, {"ethics-consent", "/oversight/consents/1"},
		}},
		{"agnes", []shown{
			{"steward-accounts", "/operation"}, {"steward-new", "/operation/new"}, {"steward-consents", "/operation/consents"}, {"steward-consent", "/operation/consents/1"},
		}},
	}
}
