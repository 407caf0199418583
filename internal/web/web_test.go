package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kindred/internal/account"
	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/web"
	"kindred/internal/web/page"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/questionnaires"
)

// stand is a whole front on a real database.
type stand struct {
	t        *testing.T
	engine   *web.Engine
	server   *httptest.Server
	accounts *account.Service
	log      *bytes.Buffer
	forms    *questionnaires.Service
}

const secret = "a long walk with four oranges"

func open(t *testing.T, d *db.DB, extra ...route.Route) *stand {
	t.Helper()
	authority := dbtest.Authority(t)
	accounts, err := account.New(account.Config{DB: d, Vault: dbtest.Vault(t), Authority: authority, Hashing: account.Hashing{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := view.New(view.House{Operator: "The Registry of Rare Diseases", Contact: "help@registry.example"})
	if err != nil {
		t.Fatal(err)
	}
	keeper := session.NewKeeper(accounts, false)
	services := page.Services{View: v, Sessions: keeper, Authority: authority, Accounts: accounts, Clock: clock.System(), Demo: true}
	own(t, d, &services)
	pages := page.New(services)
	log := &bytes.Buffer{}
	engine, err := web.New(web.Config{
		Pages: pages, Sessions: keeper, Authority: authority, API: extra, Ready: d.Ready, Demo: true,
		Log: slog.New(slog.NewJSONHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	return &stand{t, engine, server, accounts, log, services.Questionnaires}
}

func each(t *testing.T, f func(t *testing.T, s *stand), extra ...route.Route) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, open(t, d, extra...)) })
}

// browser is a client with cookies that does not follow redirects.
func (s *stand) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type answered struct {
	status int
	header http.Header
	body   string
}

func (s *stand) send(c *http.Client, method, path string, form url.Values, headers ...string) answered {
	s.t.Helper()
	r, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answered{response.StatusCode, response.Header, string(body)}
}

func (s *stand) get(c *http.Client, path string, headers ...string) answered {
	s.t.Helper()
	return s.send(c, "GET", path, nil, headers...)
}

// page gets a page and checks its structure.
func (s *stand) page(c *http.Client, path string, headers ...string) string {
	s.t.Helper()
	a := s.get(c, path, headers...)
	if a.status != 200 {
		s.t.Fatalf("%s: %d", path, a.status)
	}
	webtest.Check(s.t, a.body)
	return a.body
}

func TestEveryRouteHasARight(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		routes := s.engine.Routes()
		if len(routes) < 15 {
			t.Errorf("only %d routes", len(routes))
		}
		seen := map[string]bool{}
		for _, r := range routes {
			if !r.Right.Defined() {
				t.Errorf("%s %s has no right", r.Method, r.Path)
			}
			if key := r.Method + " " + r.Path; seen[key] {
				t.Errorf("%s stands twice", key)
			} else {
				seen[key] = true
			}
		}
	})
}

func TestARouteWithoutARightDoesNotStart(t *testing.T) {
	authority := dbtest.Authority(t)
	pages := page.New(page.Services{Authority: authority})
	_, err := web.New(web.Config{Pages: pages, Authority: authority, API: []route.Route{{Method: "GET", Path: "/api/v1/open", Handler: func(*gin.Context) error { return nil }}}})
	if err == nil || !strings.Contains(err.Error(), "/api/v1/open") {
		t.Error(err)
	}
}

func TestFaultsInThreeForms(t *testing.T) {
	bad := func(c *gin.Context) error {
		return fault.List{fault.New(fault.Invalid, "view.date.real").At("birth_date"), fault.New(fault.Invalid, "view.date.year_needed").At("onset")}
	}
	broken := func(c *gin.Context) error { return io.ErrUnexpectedEOF }
	panics := func(c *gin.Context) error { panic("Maria's secret") }
	each(t, func(t *testing.T, s *stand) {
		c := s.browser()
		for _, k := range []struct {
			path, language string
			status         int
			want           string
		}{
			{"/api/v1/bad", "es", 422, `"message":"Escribe un día que exista en ese mes"`},
			{"/fhir/bad", "en", 422, `"expression":["onset"]`},
			{"/fhir/none", "es", 404, `"code":"not-found"`},
			{"/api/none", "en", 404, `"code":"fault.missing"`},
			{"/none", "es", 404, "No encontramos esa página"},
			{"/broken", "en", 500, "Something went wrong"},
			{"/panic", "en", 500, "Something went wrong"},
			{"/closed", "en", 303, ""},
			{"/api/v1/closed", "en", 401, `"code":"fault.unauthenticated"`},
		} {
			a := s.get(c, k.path, "Accept-Language", k.language)
			if a.status != k.status || !strings.Contains(a.body, k.want) {
				t.Errorf("%s: %d %s", k.path, a.status, a.body)
			}
			if strings.Contains(a.body, "unexpected EOF") || strings.Contains(a.body, "secret") {
				t.Errorf("%s shows a cause", k.path)
			}
		}
		if log := s.log.String(); strings.Contains(log, "secret") || !strings.Contains(log, "unexpected EOF") {
			t.Error("the log holds the value of a panic, or lacks the cause of a fault")
		}
		if a := s.get(c, "/healthz"); a.status != 200 {
			t.Error("a panic stopped the process")
		}
	}, route.Route{Method: "GET", Path: "/api/v1/bad", Right: route.Anyone, Handler: bad},
		route.Route{Method: "GET", Path: "/fhir/bad", Right: route.Anyone, Handler: bad},
		route.Route{Method: "GET", Path: "/broken", Right: route.Anyone, Handler: broken},
		route.Route{Method: "GET", Path: "/panic", Right: route.Anyone, Handler: panics},
		route.Route{Method: "GET", Path: "/closed", Right: route.SignedIn, Handler: bad},
		route.Route{Method: "GET", Path: "/api/v1/closed", Right: route.SignedIn, Handler: bad})
}

func TestMariaComesInAndGoes(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.browser()
		s.page(c, "/")
		s.page(c, "/register")
		short := s.send(c, "POST", "/register", url.Values{"name": {"maria"}, "password": {"short"}, "mail": {"no"}})
		webtest.Check(t, short.body)
		if short.status != 422 || !strings.Contains(short.body, `href="#f-password"`) || !strings.Contains(short.body, `href="#f-mail"`) ||
			!strings.Contains(short.body, "<title>Error: ") || strings.Contains(short.body, `value="short"`) {
			t.Errorf("a bad registration: %d", short.status)
		}
		made := s.send(c, "POST", "/register", url.Values{"name": {"maria"}, "password": {secret}})
		if made.status != 303 || made.header.Get("Location") != "/sign-in" {
			t.Fatal(made.status, made.header.Get("Location"))
		}
		if !strings.Contains(s.page(c, "/sign-in?next=/account"), "the name and password you chose") || strings.Contains(s.page(c, "/sign-in"), "you chose") {
			t.Error("the message of the page before is not told exactly once")
		}
		wrong := s.send(c, "POST", "/sign-in", url.Values{"name": {"maria"}, "password": {"a long walk with five oranges"}})
		webtest.Check(t, wrong.body)
		if wrong.status != 401 || len(wrong.header.Values("Set-Cookie")) > 0 {
			t.Error("a wrong password:", wrong.status)
		}
		in := s.send(c, "POST", "/sign-in", url.Values{"name": {"maria"}, "password": {secret}, "next": {"//evil.example/"}})
		if in.status != 303 || strings.Contains(in.header.Get("Location"), "evil") {
			t.Fatal(in.status, in.header.Get("Location"))
		}
		if cookie := in.header.Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
			t.Error("the cookie is not closed:", cookie)
		}
		if body := s.page(c, "/account"); !strings.Contains(body, "maria") {
			t.Error("the account does not show its name")
		}
		s.page(c, "/account/password")
		s.page(c, "/account/mail")
		if a := s.send(c, "POST", "/account/password", url.Values{"current": {secret}, "password": {secret + " more pears"}}); a.status != 303 {
			t.Error("the password did not change:", a.status, a.body)
		}
		if a := s.send(c, "POST", "/sign-out", url.Values{}); a.status != 303 {
			t.Error(a.status)
		}
		if a := s.get(c, "/account"); a.status != 303 || a.header.Get("Location") != "/sign-in?next=%2Faccount" {
			t.Error("signed out, and yet", a.status, a.header.Get("Location"))
		}
	})
}

func TestAnotherSiteChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.browser()
		for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			if a := s.send(c, "POST", "/settings/theme", url.Values{"theme": {"dark"}}, h...); a.status != 403 || len(a.header.Values("Set-Cookie")) > 0 {
				t.Error(h, a.status)
			}
		}
		if a := s.send(c, "POST", "/settings/theme", url.Values{"theme": {"dark"}, "next": {"/help"}}, "Sec-Fetch-Site", "same-origin"); a.status != 303 || a.header.Get("Location") != "/help" {
			t.Error(a.status)
		}
		if !strings.Contains(s.page(c, "/help"), `data-theme="dark"`) {
			t.Error("the theme was not kept")
		}
		s.send(c, "POST", "/settings/language", url.Values{"language": {"es"}})
		if !strings.Contains(s.page(c, "/privacy", "Accept-Language", "en"), `<html lang="es"`) {
			t.Error("the language was not kept")
		}
	})
}

func TestTokensOfPrograms(t *testing.T) {
	who := func(c *gin.Context) error {
		c.String(200, "%s", session.Of(c).Actor.Account)
		return nil
	}
	each(t, func(t *testing.T, s *stand) {
		id, err := s.accounts.Add(t.Context(), account.Operator(), account.NewAccount{Name: "okoye", Password: secret, Roles: []policies.Role{policies.RoleResearcher}})
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.accounts.CreateTokenFor(t.Context(), account.Operator(), "okoye", "test", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		c := s.browser()
		bearer := []string{"Authorization", "Bearer " + token.Secret, "Origin", "https://tools.example"}
		if a := s.send(c, "POST", "/api/v1/who", url.Values{}, bearer...); a.status != 200 || a.body != string(id) {
			t.Error(a.status, a.body)
		}
		if a := s.send(c, "POST", "/api/v1/publish", url.Values{}, bearer...); a.status != 403 {
			t.Error("a researcher published:", a.status)
		}
		if a := s.get(c, "/api/v1/whoami", "Authorization", "Bearer kdr_wrong"); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Error(a.status)
		}
	}, route.Route{Method: "POST", Path: "/api/v1/who", Right: route.SignedIn, Handler: who},
		route.Route{Method: "POST", Path: "/api/v1/publish", Right: route.May(policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActPublish), Handler: who})
}

func TestTheEdge(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.browser()
		if a := s.get(c, "/help"); a.header.Get("X-Frame-Options") != "DENY" || strings.Contains(a.header.Get("Content-Security-Policy"), "unsafe") ||
			a.header.Get("Content-Security-Policy") == "" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("X-Request-Id") == "" {
			t.Error(a.header)
		}
		if a := s.send(c, "HEAD", "/help", nil); a.status != 200 || a.body != "" {
			t.Error("HEAD:", a.status)
		}
		for _, path := range []string{"/help%00", "/%01", "/help/", "/HELP", "/assets/00000000/app.css", "/" + strings.Repeat("a", 3000)} {
			if a := s.get(c, path); a.status != 404 {
				t.Errorf("%.20s: %d", path, a.status)
			}
		}
		if a := s.send(c, "DELETE", "/help", nil); a.status != 405 {
			t.Error("DELETE:", a.status)
		}
		if a := s.send(c, "POST", "/register", url.Values{"name": {strings.Repeat("a", 1<<20)}}); a.status != 413 {
			t.Error("a large body:", a.status)
		}
		if a := s.send(c, "POST", "/register", url.Values{"name": {"mar\x00ia"}, "password": {secret}}); a.status != 422 {
			t.Error("a NUL in a field:", a.status)
		}
		s.get(c, "/help?name=lucia-canary")
		if a := s.get(c, "/metrics"); !strings.Contains(a.body, `kindred_http_requests_total{method="GET",route="/help",status="200"}`) || strings.Contains(a.body, "aaaa") {
			t.Error("the metrics do not count by template")
		}
		if strings.Contains(s.log.String(), "canary") {
			t.Error("the log holds a query")
		}
		if a := s.get(c, "/readyz"); a.status != 200 {
			t.Error(a.status)
		}
		s.page(c, "/styleguide")
	})
}
