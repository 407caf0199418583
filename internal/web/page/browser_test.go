package page_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kindred/internal/web/webtest"
)

// TestProfessionalPagesInABrowser looks at the pages of each role on a desk and on a phone, light and dark: axe, no
// scrolling sideways, targets large enough. With KINDRED_SHOTS=DIR it leaves its screenshots there.
func TestProfessionalPagesInABrowser(t *testing.T) {
	onSQLite(t, func(s *stand) {
		b := webtest.Open(t)
		study := s.goes("okoye", "/research/new", proposal)
		judged := strings.Replace(study, "/research", "/oversight", 1)
		s.goes("ingrid", judged, url.Values{"decision": {"approve"}, "reason": {"Useful, and asks for little."}})
		release := s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir"}})
		waiting := s.goes("okoye", "/research/new", proposal)
		for _, who := range []struct {
			name  string
			paths []string
		}{
			{"tomas", []string{"/review", "/review/" + string(s.proof)}},
			{"aisha", []string{"/authoring", "/authoring/new", "/authoring/versions/" + string(s.form)}},
			{"okoye", []string{"/research", "/research/new", study, release}},
			{"ingrid", []string{"/oversight", strings.Replace(waiting, "/research", "/oversight", 1), "/oversight/audit", "/oversight/audit/checkpoint", "/oversight/consents", "/oversight/consents/1"}},
			{"agnes", []string{"/operation", "/operation/new"}},
		} {
			b.Go(s.server.URL + "/sign-in")
			b.Do(chromedp.SetValue("#f-name", who.name), chromedp.SetValue("#f-password", password), chromedp.Submit("#f-password"))
			for i, path := range who.paths {
				for _, screen := range []struct {
					width int64
					dark  bool
				}{{1280, false}, {390, true}} {
					name := who.name + "-" + strconv.Itoa(i) + "-" + strconv.FormatInt(screen.width, 10)
					b.Screen(screen.width, 900, screen.dark)
					b.Go(s.server.URL + path)
					b.Axe(name + " " + path)
					b.Reflows(name)
					b.SmallTargets(name)
					if dir := os.Getenv("KINDRED_SHOTS"); dir != "" {
						b.Shot(filepath.Join(dir, name+".png"))
					}
				}
			}
			b.Go(s.server.URL + "/sign-in")
			b.Do(chromedp.Evaluate[chromedp.Void](`fetch("/sign-out",{method:"POST"}).then(()=>null)`))
		}
	})
}
