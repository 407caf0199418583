package page_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kindred/internal/web/webtest"
)

// shown is a page by the name of its picture.
type shown struct{ name, path string }

// TestProfessionalPagesInABrowser looks at the pages of each role on a desk and on a phone, light and dark: axe, no
// scrolling sideways, targets large enough. With KINDRED_SHOTS=DIR it leaves its screenshots there.
func TestProfessionalPagesInABrowser(t *testing.T) {
	onSQLite(t, func(s *stand) {
		b := webtest.Open(t)
		study := s.goes("okoye", "/research/new", proposal)
		judged := strings.Replace(study, "/research", "/oversight", 1)
		s.goes("ingrid", judged, url.Values{"decision": {"approve"}, "reason": {"Useful, and asks for little."}})
		s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir"}})
		waiting := s.goes("okoye", "/research/new", proposal)
		for _, who := range []struct {
			name  string
			pages []shown
		}{
			{"tomas", []shown{{"reviewer-queue", "/review"}, {"reviewer-case", "/review/" + string(s.proof)}}},
			{"aisha", []shown{{"editor-list", "/authoring"}, {"editor-new", "/authoring/new"}, {"editor-version", "/authoring/versions/" + string(s.form)}}},
			{"okoye", []shown{{"researcher-studies", "/research"}, {"researcher-new", "/research/new"}, {"researcher-study", study}}},
			{"ingrid", []shown{
				{"ethics-desk", "/oversight"},
				{"ethics-study", strings.Replace(waiting, "/research", "/oversight", 1)},
				{"ethics-audit", "/oversight/audit"},
				{"ethics-checkpoint", "/oversight/audit/checkpoint"},
				{"ethics-consents", "/oversight/consents"},
				{"ethics-consent", "/oversight/consents/1"},
			}},
			{"agnes", []shown{{"steward-accounts", "/operation"}, {"steward-new", "/operation/new"}}},
		} {
			b.Go(s.server.URL + "/sign-in")
			b.Do(chromedp.SetValue("#f-name", who.name), chromedp.SetValue("#f-password", password), chromedp.Submit("#f-password"))
			for _, page := range who.pages {
				for _, screen := range []struct {
					width int64
					dark  bool
					name  string
				}{{1280, false, "desk"}, {390, true, "phone"}} {
					name := page.name + "-" + screen.name
					b.Screen(screen.width, 900, screen.dark)
					b.Go(s.server.URL + page.path)
					b.Axe(name + " " + page.path)
					b.Reflows(name)
					b.SmallTargets(name)
					if dir := os.Getenv("KINDRED_SHOTS"); dir != "" {
						b.Shot(filepath.Join(dir, name+".webp"))
					}
				}
			}
			b.Go(s.server.URL + "/sign-in")
			// signed out before the next one comes: somebody who is signed in is not shown the form
			b.Do(chromedp.Evaluate[chromedp.Void](`void fetch("/sign-out",{method:"POST"}).then(() => { window.signedOut = true })`))
			if _, err := chromedp.Run(b.Context(), chromedp.Poll[bool](`window.signedOut === true`)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
