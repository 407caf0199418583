package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kindred/internal/web/webtest"
)

// A required question never forces an answer: who would rather not answer says so, and can think again.
func TestMariaWouldRatherNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		response := s.begins(c, s.enrolled(c))
		here := response + "/pages/0"
		body := s.page(c, here)
		if strings.Count(body, `name="_decline"`) != 1 || !strings.Contains(body, `name="_decline" value="walks"`) {
			t.Error("not offered beside the one required question", excerpt(body))
		}
		if to := s.sent(c, here, url.Values{"_asked": {"walks", "since"}, "since-year": {"2020"}, "_decline": {"walks"}}); to != here+"#f-walks" {
			t.Error(to)
		}
		body = s.page(c, here)
		if !strings.Contains(body, "You would rather not answer this.") || strings.Contains(body, `name="walks"`) || !strings.Contains(body, `value="2020"`) {
			t.Error(excerpt(body))
		}
		s.sent(c, here, url.Values{"_asked": {"since"}, "since-year": {"2021"}})
		if body = s.page(c, response); !strings.Contains(body, "You would rather not answer this.") {
			t.Error("the review does not say it")
		}
		s.sent(c, response+"/submit", url.Values{})
		s.sent(c, response+"/amend", url.Values{})
		s.sent(c, here, url.Values{"_asked": {"since"}, "since-year": {"2021"}, "_clear": {"walks"}})
		if a := s.send(c, "POST", response+"/submit", url.Values{}); a.status != 422 {
			t.Error("after all neither answered nor declined, and sent:", a.status)
		}
		webtest.Check(t, s.page(c, here))
	})
}
