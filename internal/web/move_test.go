package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// withoutSteps is the form of letters in its second version, which does not ask for steps.
func withoutSteps() string {
	second := strings.Replace(lettersForm, `"version":"1"`, `"version":"2"`, 1)
	return strings.Replace(second, `{"linkId":"steps","type":"integer","text":"How many steps?"},`, "", 1)
}

func TestMariaGoesOnInANewerVersion(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		response := s.publishes(c, s.enrolled(c), lettersForm)
		here := response + "/pages/0"
		s.sent(c, here, url.Values{"_asked": {"steps", "note"}, "steps": {"40"}, "note": {"It is blue."}})
		if s.get(c, response+"/move").status != 404 || strings.Contains(s.page(c, here), "/move") {
			t.Error("there is nothing newer yet")
		}
		editor := policies.Actor{Account: "aisha", Roles: []policies.Role{policies.RoleEditor}}
		if _, found, err := s.forms.Publish(t.Context(), editor, []byte(withoutSteps()), sdc.Identity{}); err != nil {
			t.Fatal(err, found.Refusals)
		}
		if body := s.page(c, here); !strings.Contains(body, `href="`+response+`/move"`) {
			t.Error("the newer version is not told", excerpt(body))
		}
		preview := s.page(c, response+"/move")
		for _, want := range []string{"1 answer goes along as it is.", "Is not asked any more", "How many steps?", "40"} {
			if !strings.Contains(preview, want) {
				t.Errorf("the preview does not say %q", want)
			}
		}
		revision := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(preview)[1]
		s.sent(c, here, url.Values{"_asked": {"note"}, "note": {"It is green."}})
		a := s.send(c, "POST", response+"/move", url.Values{"revision": {revision}})
		webtest.Check(t, a.body)
		if a.status != 412 && a.status != 409 {
			t.Error("moved another draft than was shown:", a.status)
		}
		revision = regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(a.body)[1]
		if to := s.sent(c, response+"/move", url.Values{"revision": {revision}}); to != here {
			t.Error(to)
		}
		if body := s.page(c, here); strings.Contains(body, "How many steps?") || !strings.Contains(body, "It is green.") || strings.Contains(body, "/move") {
			t.Error(excerpt(body))
		}
		if body := s.page(c, response); !strings.Contains(body, response+"/history") {
			t.Error("the review does not lead to what was set aside")
		}
		if body := s.page(c, response+"/history"); !strings.Contains(body, "the newer version does not ask it") || !strings.Contains(body, "How many steps? 40") {
			t.Error(excerpt(body))
		}
		if s.get(s.maria("ana"), response+"/move").status != 404 {
			t.Error("somebody else's draft")
		}
	})
}
