package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kindred/internal/account"
	"kindred/internal/web/webtest"
)

func TestMariaForgetsHerPassword(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		laptop, phone := s.browser(), s.browser()
		s.send(laptop, "POST", "/register", url.Values{"name": {"maria"}, "password": {secret}})
		s.send(laptop, "POST", "/sign-in", url.Values{"name": {"maria"}, "password": {secret}})
		s.page(laptop, "/account")
		if !strings.Contains(s.page(phone, "/sign-in"), `href="/reset"`) {
			t.Error("the sign-in does not say what to do without a password")
		}
		s.page(phone, "/reset")
		reset := func(code, password string) answered {
			a := s.send(phone, "POST", "/reset", url.Values{"code": {code}, "password": {password}}, "Host", "evil.example")
			if a.status != 303 {
				webtest.Check(t, a.body)
			}
			return a
		}
		r, err := s.accounts.IssueReset(t.Context(), account.Operator(), "maria")
		if err != nil {
			t.Fatal(err)
		}
		none, short := reset("kdp_none", secret+" again"), reset(r.Code, "short")
		if none.status != 422 || !strings.Contains(none.body, `href="#f-code"`) || short.status != 422 || !strings.Contains(short.body, `href="#f-password"`) {
			t.Error(none.status, short.status)
		}
		if a := reset("  "+r.Code+"\n", secret+" again"); a.status != 303 || a.header.Get("Location") != "/sign-in" {
			t.Fatal(a.status, a.body)
		}
		if !strings.Contains(s.page(phone, "/sign-in"), "Your new password is set") {
			t.Error("nobody says that it is done")
		}
		if a := s.get(laptop, "/account"); a.status != 303 {
			t.Error("a session outlived the password:", a.status)
		}
		if a := reset(r.Code, secret+" more"); a.status != 422 || !strings.Contains(a.body, "This code does not work") {
			t.Error("a code worked twice:", a.status)
		}
		if a := s.send(phone, "POST", "/sign-in", url.Values{"name": {"maria"}, "password": {secret + " again"}}); a.status != 303 {
			t.Error(a.status)
		}
	})
}
