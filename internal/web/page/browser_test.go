package page_test

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kindred/internal/locale"
	"kindred/internal/web/webtest"
)

// telepathy is a questionnaire that is refused for more than one reason.
const telepathy = `{"resourceType":"Questionnaire","url":"https://kindred.example/questionnaires/telepathy","version":"1","title":"Telepathy","status":"active","item":[
 {"linkId":"a","text":"What am I thinking of?","type":"choice"},{"linkId":"b","text":"Who?","type":"reference"},
 {"linkId":"c","text":"Why?","type":"string","enableWhen":[{"question":"nobody","operator":"=","answerBoolean":true}]}]}`

// shown is a page by the name of its picture.
type shown struct{ name, path string }

// asks are the GET routes of the professional roles that answer with a file and not with a page.
var asks = map[string]bool{
	"/review/:evidence/file": true, "/authoring/versions/:version/file": true, "/research/releases/:release/files/:file": true,
	"/oversight/audit/entries/:entry/proof": true, "/operation/consents/:version/file": true,
	"/proposals/drafts/:questionnaire": true,
}

// shared are the pages at home that take more than one person to be seen: this round looks at them too.
func shared(path string) string {
	for _, prefix := range []string{"/proposals", "/people/:person/access"} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return prefix
		}
	}
	return ""
}

// TestProfessionalPagesInABrowser looks at every page of each role: axe on a desk and on a phone, in the light and in
// the dark, the keyboard alone, 400 % zoom, from right to left, without scripts. A page of the route table that it
// forgets is a fault. With KINDRED_SHOTS=DIR it leaves its screenshots there.
func TestProfessionalPagesInABrowser(t *testing.T) {
	b := webtest.Open(t)
	onSQLite(t, func(s *stand) {
		round := webtest.NewRound(b)
		for _, who := range s.rounds(b) {
			round.Become(s.server.URL, s.browsers[who.name].Jar.Cookies(s.at("/")))
			for _, page := range who.pages {
				round.Visit(page.name, s.server.URL+page.path)
			}
			if who.then != nil {
				who.then(round.Look)
			}
		}
		var pages []string
		for _, r := range s.engine.Routes() {
			if r.Method == "GET" && ownerOf(r.Path)+shared(r.Path) != "" && !asks[r.Path] {
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
	then  func(look func(name string)) // for what a form leads to
}

// rounds prepares something to be seen on every page.
func (s *stand) rounds(b *webtest.Browser) []round {
	s.Helper()
	sent := func(path, fill string) { // opens a page, fills its form by a script and sends it
		b.Go(s.server.URL + path)
		_, err := chromedp.RunResponse(b.Context(), chromedp.Evaluate[chromedp.Void](`(() => { const form = document.querySelector("main form[method=post]"); `+fill+`; form.querySelector("button[type=submit]").click(); })()`))
		s.must(err)
	}
	s.village(6)
	study := s.approved(proposal)
	finished := s.finished(study)
	waiting := s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir"}})
	undecided := s.goes("okoye", "/research/new", proposal)
	seen := func(path string) string { return strings.Replace(path, "/research", "/oversight", 1) }
	entry := entryLink.FindString(s.shows("ingrid", "/oversight/audit?event=release.finished"))
	access, pavel := "/people/"+string(s.person)+"/access", string(s.actors["pavel"].Account)
	s.goes("maria", access, url.Values{"account": {pavel}, "relation": {"parent"}})
	suggested := s.propose()
	s.goes("aisha", suggested+"/comments", url.Values{"comment": {"Yes, shorter too."}})
	page := s.shows("maria", "/proposals")
	start := strings.Index(page, "/proposals/new?")
	suggest := html.UnescapeString(page[start : start+strings.IndexByte(page[start:], '"')])
	version := "/authoring/versions/" + string(s.form)
	return []round{
		{name: "maria", pages: []shown{
			{"access", access}, {"access-end", access + "/" + pavel + "/end"}, {"proposals", "/proposals"}, {"proposal-new", suggest}, {"proposal", suggested},
		}},
		{name: "tomas", pages: []shown{{"reviewer-queue", "/review"}, {"reviewer-case", "/review/" + string(s.proof)}}},
		{name: "aisha", pages: []shown{
			{"editor-list", "/authoring"}, {"editor-new", "/authoring/new"}, {"editor-version", version}, {"editor-retire", version + "/retire"},
		}, then: func(look func(string)) {
			for name, file := range map[string]string{"editor-check": strings.Replace(dailyLife, `"version":"1"`, `"version":"2"`, 1), "editor-refused": telepathy} {
				sent("/authoring/new", fmt.Sprintf(`const files = new DataTransfer(); files.items.add(new File([%q], "form.json")); form.querySelector("input[type=file]").files = files.files`, file))
				look(name)
			}
		}},
		{name: "okoye", pages: []shown{
			{"researcher-studies", "/research"}, {"researcher-new", "/research/new"}, {"researcher-study", study}, {"researcher-change", study + "/change"},
			{"researcher-release", finished}, {"researcher-release-waiting", waiting},
		}},
		{name: "ingrid", pages: []shown{
			{"ethics-desk", "/oversight"}, {"ethics-study", seen(undecided)}, {"ethics-release", seen(finished)}, {"ethics-audit", "/oversight/audit"}, {"ethics-entry", entry},
			{"ethics-checkpoint", "/oversight/audit/checkpoint"}, {"ethics-consents", "/oversight/consents"}, {"ethics-consent", "/oversight/consents/1"},
		}},
		{name: "agnes", pages: []shown{
			{"steward-accounts", "/operation"}, {"steward-new", "/operation/new"}, {"steward-consents", "/operation/consents"}, {"steward-consent", "/operation/consents/1"},
			{"steward-consent-new", "/operation/consents/new"},
		}, then: func(look func(string)) {
			fill := ""
			for _, language := range locale.Languages {
				fill += fmt.Sprintf(`form.elements["text-%s"].value = %q;`, language, s.version2(language))
			}
			sent("/operation/consents/new", fill)
			look("steward-consent-check")
		}},
	}
}
