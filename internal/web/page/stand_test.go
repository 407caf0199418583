package page_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/audit"
	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/internal/web"
	"kindred/internal/web/page"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/codesign"
	"kindred/questionnaires/sdc"
	"kindred/registry"
)

const password = "a long walk with four oranges"

// noon lies ahead of the real clock, by which a browser lets its cookies go.
var noon = time.Date(2031, 3, 4, 12, 0, 0, 0, time.UTC)

// people are who plays.
var people = map[string]policies.Role{
	"maria": policies.RoleCaregiver, "pavel": policies.RoleCaregiver, "tomas": policies.RoleReviewer, "okoye": policies.RoleResearcher, "rival": policies.RoleResearcher,
	"ingrid": policies.RoleEthics, "aisha": policies.RoleEditor, "agnes": policies.RoleSteward,
}

// stand is the whole front over real services, with a browser for each of the people; "" is nobody.
type stand struct {
	*testing.T
	page.Services
	d        *db.DB
	engine   *web.Engine
	server   *httptest.Server
	browsers map[string]*http.Client
	actors   map[string]policies.Actor
	person   ident.ParticipantID // Lucía, Maria's daughter
	proof    ident.EvidenceID    // that waits for a reviewer
	form     ident.VersionID     // of the daily-life questionnaire
}

// onSQLite runs a test on SQLite; onBoth on PostgreSQL too.
func onSQLite(t *testing.T, f func(s *stand)) {
	t.Helper()
	clock := dbtest.NewMoving(noon)
	f(open(t, dbtest.SQLite(t, dbtest.Options{Clock: clock.Clock()})))
}

func onBoth(t *testing.T, f func(s *stand)) {
	t.Helper()
	clock := dbtest.NewMoving(noon)
	dbtest.EachWith(t, dbtest.Options{Clock: clock.Clock()}, func(t *testing.T, d *db.DB) { f(open(t, d)) })
}

func open(t *testing.T, d *db.DB) *stand {
	t.Helper()
	s := &stand{T: t, d: d, browsers: map[string]*http.Client{}, actors: map[string]policies.Actor{}}
	v, now := dbtest.Vault(t), dbtest.NewMoving(noon).Clock()
	var err error
	s.Authority, s.Clock, s.Demo = dbtest.AuthorityAt(t, now), now, true
	s.Accounts, err = account.New(account.Config{DB: d, Vault: v, Authority: s.Authority, Hashing: account.Hashing{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
	s.must(err)
	s.View, err = view.New(view.House{Operator: "The Registry of Maria and Lucía", Contact: "help@registry.example"})
	s.must(err)
	s.Sessions = session.NewKeeper(s.Accounts, false)
	files, err := blob.Open(t.TempDir(), v)
	s.must(err)
	words, err := registry.StarterVocabulary()
	s.must(err)
	s.Registry = registry.New(d, s.Authority, v, files, words)
	s.Registry.KnowAccounts(func(ctx context.Context, id ident.AccountID) (policies.Actor, error) {
		return s.Accounts.Actor(ctx, id, "")
	})
	s.Audit = audit.New(d, s.Authority, v)
	s.Consent = consent.New(consent.Config{DB: d, Vault: v, Authority: s.Authority, Confirm: s.Accounts.Confirm})
	s.must(s.Consent.Install(t.Context()))
	s.Questionnaires = questionnaires.New(questionnaires.Config{DB: d, Vault: v, Authority: s.Authority, Files: files})
	s.Codesign = codesign.New(codesign.Config{DB: d, Vault: v, Authority: s.Authority, Questionnaires: s.Questionnaires})
	dir := t.TempDir()
	s.Export = export.New(export.Config{
		DB: d, Authority: s.Authority, Vault: v, People: export.Baseline{Vocabulary: words}, Answers: export.Sent{Responses: s.Questionnaires}, Actor: s.actor,
		Dir: filepath.Join(dir, "releases"), Spool: filepath.Join(dir, "spool"), Version: "test",
	})
	s.engine, err = web.New(web.Config{
		Pages: page.New(s.Services), Sessions: s.Sessions, Authority: s.Authority, Ready: d.Ready, Demo: true, Log: slog.New(slog.DiscardHandler),
	})
	s.must(err)
	s.server = httptest.NewServer(s.engine)
	t.Cleanup(s.server.Close)
	s.browsers[""] = s.browser()
	for name, role := range people {
		id, err := s.Accounts.Add(t.Context(), account.Operator(), account.NewAccount{Name: name, Password: password, Roles: []policies.Role{role}})
		s.must(err)
		s.actors[name] = policies.Actor{Account: id, Roles: []policies.Role{role}}
		s.browsers[name] = s.browser()
		if a := s.post(name, "/sign-in", url.Values{"name": {name}, "password": {password}}); a.status != 303 {
			t.Fatal(name, a.status)
		}
	}
	s.settle()
	return s
}

// settle enrols Lucía with a proof of her diagnosis, and publishes a questionnaire.
func (s *stand) settle() {
	var err error
	s.person, err = s.Registry.Enrol(s.Context(), s.actors["maria"], registry.Enrolment{
		Who: registry.Who{Relation: registry.Parent, Name: "Lucía Canary"}, About: registry.About{Birth: registry.DateOf(2019, 2, 11), Sex: registry.Female, Country: "ES"},
		Diagnoses: []registry.Diagnosis{{Code: "ORPHA:83330", Status: registry.Confirmed}},
	})
	s.must(err)
	s.proof = s.prove()
	v, _, err := s.Questionnaires.Publish(s.Context(), s.actors["aisha"], []byte(dailyLife), sdc.Identity{})
	s.must(err)
	s.form = v.ID
}

// prove sends another proof for Lucía.
func (s *stand) prove() ident.EvidenceID {
	s.Helper()
	sum, err := s.Registry.Summary(s.Context(), s.actors["maria"], s.person)
	s.must(err)
	var b bytes.Buffer
	s.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 320, 200))))
	e, err := s.Registry.SubmitEvidence(s.Context(), s.actors["maria"], s.person, sum.Diagnoses[0].ID, &b)
	s.must(err)
	return e.ID
}

const dailyLife = `{"resourceType":"Questionnaire","url":"https://kindred.example/questionnaires/daily-life","version":"1","title":"Daily life","status":"active","item":[
 {"linkId":"walk","text":"Can she walk?","type":"choice","required":true,"answerOption":[{"valueCoding":{"system":"urn:w","code":"01","display":"Alone"}},{"valueCoding":{"system":"urn:w","code":"02","display":"With help"}}]},
 {"linkId":"help","text":"How many hours of help?","type":"integer","enableWhen":[{"question":"walk","operator":"=","answerCoding":{"system":"urn:w","code":"02"}}]}]}`

func (s *stand) actor(_ context.Context, id ident.AccountID) (policies.Actor, error) {
	for _, a := range s.actors {
		if a.Account == id {
			return a, nil
		}
	}
	return policies.Actor{}, db.ErrNotFound
}

func (s *stand) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stand) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type answered struct {
	status int
	header http.Header
	body   string
}

func (s *stand) do(who, method, path, kind string, body io.Reader, headers ...string) answered {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+path, body)
	s.must(err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.browsers[who].Do(r)
	s.must(err)
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	s.must(err)
	return answered{response.StatusCode, response.Header, string(b)}
}

func (s *stand) get(who, path string, headers ...string) answered {
	s.Helper()
	return s.do(who, "GET", path, "", nil, headers...)
}

func (s *stand) post(who, path string, form url.Values) answered {
	s.Helper()
	return s.do(who, "POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// upload sends a file in a field.
func (s *stand) upload(who, path string, files map[string]string) answered {
	s.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for field, content := range files {
		w, err := m.CreateFormFile(field, "file.txt")
		s.must(err)
		_, err = io.WriteString(w, content)
		s.must(err)
	}
	s.must(m.Close())
	return s.do(who, "POST", path, m.FormDataContentType(), &b)
}

// shows gets a page, checks its structure in both languages and that it says what it must.
func (s *stand) shows(who, path string, want ...string) string {
	s.Helper()
	a := s.get(who, path, "Accept-Language", "en")
	if a.status != 200 {
		s.Fatalf("%s %s: %d\n%s", who, path, a.status, excerpt(a.body))
	}
	webtest.Check(s.T, a.body)
	says(s.T, path, a.body, want...)
	return a.body
}

func says(t *testing.T, what, body string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("%s does not say %q\n%s", what, w, excerpt(body))
		}
	}
}

// goes posts a form that must be accepted, and gives where it leads.
func (s *stand) goes(who, path string, form url.Values) string {
	s.Helper()
	a := s.post(who, path, form)
	if a.status != 303 {
		s.Fatalf("%s posts %s: %d\n%s", who, path, a.status, excerpt(a.body))
	}
	return a.header.Get("Location")
}

// again posts a form that must be shown again, with a fault that leads to its field.
func (s *stand) again(who, path, field string, form url.Values) {
	s.Helper()
	s.faulty(s.post(who, path, form), field)
}

func (s *stand) faulty(a answered, field string) {
	s.Helper()
	webtest.Check(s.T, a.body)
	if a.status != 422 && a.status != 409 && a.status != 413 {
		s.Errorf("status %d", a.status)
	}
	if field != "" && (!strings.Contains(a.body, `href="#f-`+field+`"`) || !strings.Contains(a.body, `id="f-`+field+`"`)) {
		s.Errorf("no fault at %s\n%s", field, excerpt(a.body))
	}
}

func excerpt(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 2500)]
}
