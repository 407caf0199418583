package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kindred/internal/web/webtest"
)

// TestTwoDevices opens one draft on a phone and on a computer. What the older page did not touch never takes the place
// of a newer answer; what both changed is told, the newer one stays and the other is kept.
func TestTwoDevices(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		phone := s.maria("maria")
		computer := s.browser()
		s.sent(computer, "/sign-in", url.Values{"name": {"maria"}, "password": {secret}})
		response := s.publishes(phone, s.enrolled(phone), strings.ReplaceAll(lettersForm, "attachment", "string"))
		here := response + "/pages/0"
		old := was(s.page(phone, here))
		page := func(was map[string]string, answers ...string) url.Values {
			form := url.Values{"_asked": {"scan", "steps", "note"}, "_key": {was["_key"]}}
			for _, path := range form["_asked"] {
				form[path+"~was"] = []string{was[path]}
			}
			for i := 0; i < len(answers); i += 2 {
				form[answers[i]] = []string{answers[i+1]}
			}
			return form
		}
		newer := page(was(s.page(computer, here)), "steps", "40", "note", "Written on the computer.")
		if to := s.sent(computer, here, newer); to != response {
			t.Error(to)
		}
		a := s.send(phone, "POST", here, page(old, "scan", "A chair", "steps", "50"))
		webtest.Check(t, a.body)
		for _, want := range []string{`href="#f-steps"`, "Yours was “50”", `value="40"`, "Written on the computer.", `value="A chair"`} {
			if a.status != 422 || !strings.Contains(a.body, want) {
				t.Errorf("%d, without %s", a.status, want)
			}
		}
		if strings.Contains(a.body, `href="#f-note"`) {
			t.Error("a question that was not touched is told")
		}
		s.sent(phone, here, page(was(a.body), "scan", "A chair", "steps", "50", "note", "Written on the computer."))
		if body := s.page(computer, here); !strings.Contains(body, `value="50"`) {
			t.Error("entered again on the newest page, and not taken")
		}
		// The browser goes back to its older page and sends another answer: it is the same device, and means it.
		s.sent(computer, here, page(was(s.page(computer, here)), "scan", "A chair", "steps", "60", "note", "Written on the computer."))
		again := page(was(s.page(computer, here)), "scan", "A chair", "steps", "61", "note", "Written on the computer.")
		s.sent(computer, here, again)
		again.Set("steps", "62")
		s.sent(computer, here, again)
		if body := s.page(phone, here); !strings.Contains(body, `value="62"`) {
			t.Error("the same device did not change its own answer", excerpt(body))
		}
		// Sent twice, as a browser does that lost the answer: one effect, whatever came between.
		s.sent(phone, here, page(was(s.page(phone, here)), "scan", "A chair", "steps", "70", "note", "Written on the computer."))
		s.sent(computer, here, again)
		if body := s.page(phone, here); !strings.Contains(body, `value="70"`) {
			t.Error("a page that was sent again took effect again")
		}
	})
}

// An answer that is left while another device changed it is told at once, and the page learns what counts.
func TestTwoDevicesWithScripts(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		phone := s.maria("maria")
		computer := s.browser()
		s.sent(computer, "/sign-in", url.Values{"name": {"maria"}, "password": {secret}})
		here := s.publishes(phone, s.enrolled(phone), strings.ReplaceAll(lettersForm, "attachment", "string")) + "/pages/0"
		old := was(s.page(phone, here))
		left := func(was, steps string) url.Values {
			return url.Values{"_asked": {"steps"}, "_seen": {"f-steps=old"}, "steps~was": {was}, "steps": {steps}}
		}
		var first, a keptAnswer
		for _, one := range []struct {
			c     *http.Client
			steps string
			into  *keptAnswer
		}{{computer, "40", &first}, {phone, "50", &a}} {
			got := s.send(one.c, "POST", here+"/save", left(old["steps"], one.steps), "HX-Request", "true")
			if err := json.Unmarshal([]byte(got.body), one.into); err != nil {
				t.Fatal(got.status, got.body)
			}
		}
		if first.Was["f-steps"] == "" || first.Was["f-steps"] == old["steps"] {
			t.Error("the page does not learn what it has now:", first.Was)
		}
		if html := a.Items[len(a.Items)-1].HTML + a.Items[0].HTML; strings.Contains(a.Saved, "Saved at") || len(a.Faults) != 1 || !strings.Contains(a.Faults[0].Text, "Yours was “50”") || !strings.Contains(html, "Yours was") && len(a.Items) == 0 {
			t.Errorf("%+v", a)
		}
	})
}
