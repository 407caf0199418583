package api_test

import (
	"strings"
	"testing"
	"time"

	"kindred/internal/account"
)

const fresh = "quiet olive harbour seven kites"

func (s *stand) signsIn(name, password string) reply {
	s.Helper()
	return s.as("", "POST", "/api/v1/tokens", map[string]any{"name": name, "password": password, "label": "try"})
}

func TestChangingThePasswordByProgram(t *testing.T) {
	each(t, func(s *stand) {
		change := func(who, current, next string) reply {
			return s.as(who, "POST", "/api/v1/me/password", map[string]string{"current": current, "password": next})
		}
		change("", password, fresh).is(401)
		change("maria", "not my password, is it", fresh).is(422, "account.password.wrong", "current")
		change("maria", password, "short").is(422, "account.password.short", "password")
		change("maria", password, password).is(422, "account.password.same")
		session, err := s.accounts.SignIn(s.Context(), account.Credentials{Name: "maria", Password: password})
		s.must(err)
		change("maria", password, fresh).is(204)
		if _, err := s.accounts.Session(s.Context(), session.Token); err == nil {
			s.Error("a session outlived the password")
		}
		s.signsIn("maria", password).is(401)
		s.signsIn("maria", fresh).is(201)
		s.as("maria", "GET", "/api/v1/me", nil).is(200) // tokens stay
		s.signsIn("lucia", password).is(201)
		for range 20 {
			change("tomas", "not my password, is it", fresh)
		}
		change("tomas", password, fresh).is(429, "account.wait")
		s.clock.Add(10 * time.Minute)
		change("tomas", password, fresh).is(204)
	})
}

// Whatever is wrong with a code, the answer is the same.
func TestResettingThePasswordByProgram(t *testing.T) {
	each(t, func(s *stand) {
		reset := func(code, next string) reply {
			return s.as("", "POST", "/api/v1/accounts/reset", map[string]string{"code": code, "password": next})
		}
		issue := func() string {
			r, err := s.accounts.IssueReset(s.Context(), account.Operator(), "maria")
			s.must(err)
			return r.Code
		}
		used, late := issue(), ""
		reset(used, fresh).is(204)
		s.as("maria", "GET", "/api/v1/me", nil).is(401)
		s.signsIn("maria", fresh).is(201)
		late = issue()
		s.clock.Add(31 * time.Minute)
		var answers []string
		for _, code := range []string{used, late, "kdp_" + strings.Repeat("A", 43), "", "kdr_x", strings.Repeat("x", 500)} {
			r := reset(code, password).is(422, "account.reset", "code")
			answers = append(answers, strings.ReplaceAll(string(r.body), r.header.Get("X-Request-Id"), ""))
		}
		for _, a := range answers {
			if a != answers[0] {
				s.Errorf("two answers to codes that are not good:\n%s\n%s", answers[0], a)
			}
		}
	})
}
