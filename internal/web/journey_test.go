package web_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/audit"
	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/web/page"
	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
	"kindred/registry"
)

// own adds the services that the pages of a person at home call.
func own(t *testing.T, d *db.DB, s *page.Services) {
	t.Helper()
	v := dbtest.Vault(t)
	files, err := blob.Open(t.TempDir(), v)
	if err != nil {
		t.Fatal(err)
	}
	words, err := registry.StarterVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	s.Registry = registry.New(d, s.Authority, v, files, words)
	s.Audit = audit.New(d, s.Authority, v)
	s.Consent = consent.New(consent.Config{DB: d, Vault: v, Authority: s.Authority, Confirm: s.Accounts.Confirm})
	if err := s.Consent.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Questionnaires = questionnaires.New(questionnaires.Config{DB: d, Vault: v, Authority: s.Authority, Files: files})
	editor := policies.Actor{Account: "aisha", Roles: []policies.Role{policies.RoleEditor}}
	if _, found, err := s.Questionnaires.Publish(t.Context(), editor, []byte(everydayForm), sdc.Identity{}); err != nil {
		t.Fatal(err, found)
	}
}

// maria registers and signs in.
func (s *stand) maria(name string) *http.Client {
	s.t.Helper()
	c := s.browser()
	s.sent(c, "/register", url.Values{"name": {name}, "password": {secret}})
	s.sent(c, "/sign-in", url.Values{"name": {name}, "password": {secret}})
	return c
}

// sent posts a form that must be accepted, and gives where it leads.
func (s *stand) sent(c *http.Client, path string, form url.Values) string {
	s.t.Helper()
	a := s.send(c, "POST", path, form)
	if a.status != 303 {
		s.t.Fatalf("POST %s: %d\n%s", path, a.status, excerpt(a.body))
	}
	return a.header.Get("Location")
}

// refused posts a form that must be shown again with a fault at a field.
func (s *stand) refused(c *http.Client, path, field string, form url.Values) {
	s.t.Helper()
	a := s.send(c, "POST", path, form)
	webtest.Check(s.t, a.body)
	if a.status != 422 && a.status != 409 && a.status != 401 {
		s.t.Errorf("POST %s: %d", path, a.status)
	}
	if !strings.Contains(a.body, `href="#`+field+`"`) || !strings.Contains(a.body, `id="`+field+`"`) {
		s.t.Errorf("POST %s: no fault at %s\n%s", path, field, excerpt(a.body))
	}
}

func excerpt(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 1500)]
}

// enrolled takes Maria through the steps before consent for Lucía, and gives the base of her pages.
func (s *stand) enrolled(c *http.Client) string {
	s.t.Helper()
	base := strings.TrimSuffix(s.sent(c, "/enrol", url.Values{"relation": {"parent"}, "name": {"Lucía"}}), "/about")
	s.sent(c, base+"/about", url.Values{"birth_date-day": {"4"}, "birth_date-month": {"3"}, "birth_date-year": {"2017"}, "sex": {"female"}, "country": {"ES"}})
	s.sent(c, base+"/diagnosis", url.Values{"undiagnosed": {"1"}})
	s.sent(c, base+"/symptoms/term/HP:0001252", url.Values{"presence": {"present"}})
	s.sent(c, base+"/symptoms", url.Values{})
	return base
}

func TestMariaEnrolsLucia(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		if body := s.page(c, "/home"); !strings.Contains(body, `href="/enrol"`) {
			t.Error("home does not say how to begin")
		}
		s.page(c, "/enrol")
		s.refused(c, "/enrol", "f-name", url.Values{"relation": {"parent"}})
		s.refused(c, "/enrol", "f-relation", url.Values{"name": {"Lucía"}})
		to := s.sent(c, "/enrol", url.Values{"relation": {"parent"}, "name": {"Lucía"}})
		base := strings.TrimSuffix(to, "/about")
		if body := s.page(c, to); !strings.Contains(body, "Lucía") || !strings.Contains(body, "Spain") {
			t.Error("the second step does not say whose data it is, or has no countries")
		}
		s.refused(c, base+"/about", "f-birth_date", url.Values{"birth_date-year": {"17"}, "sex": {"female"}, "country": {"ES"}})
		if to = s.sent(c, base+"/about", url.Values{"birth_date-day": {"4"}, "birth_date-month": {"3"}, "birth_date-year": {"2017"}, "sex": {"female"}, "country": {"ES"}}); to != base+"/diagnosis" {
			t.Error("after the second step:", to)
		}
		s.diagnosis(c, base)
		s.symptoms(c, base)
		s.proves(c, base)
		s.signs(c, base)
		s.looks(c, base)
	})
}

func (s *stand) diagnosis(c *http.Client, base string) {
	s.page(c, base+"/diagnosis")
	found := s.page(c, base+"/diagnosis?q=duchenne")
	link := regexp.MustCompile(`href="([^"]+/new\?code=ORPHA:98896)"`).FindStringSubmatch(found)
	if link == nil {
		s.t.Fatal("Duchenne is not found")
	}
	part := s.get(c, base+"/diagnosis?q=duchenne", "HX-Request", "true")
	if webtest.CheckFragment(s.t, part.body); part.status != 200 || strings.Contains(part.body, "<html") || !strings.Contains(part.body, "98896") {
		s.t.Error("no suggestions while typing:", part.status)
	}
	s.page(c, link[1])
	s.refused(c, link[1], "f-onset", url.Values{"status": {"confirmed"}, "onset": {"date"}})
	s.sent(c, link[1], url.Values{"status": {"confirmed"}, "onset": {"date"}, "onset.date-year": {"2019"}, "onset.date-month": {"5"}})
	body := s.page(c, base+"/diagnosis")
	if !strings.Contains(body, "first signs: May 2019") {
		s.t.Error("the diagnosis is not told in words")
	}
	edit := regexp.MustCompile(`href="(` + base + `/diagnosis/[0-9a-f-]{36})"`).FindStringSubmatch(body)
	if edit == nil {
		s.t.Fatal("no way to change the diagnosis")
	}
	s.page(c, edit[1])
	s.sent(c, base+"/diagnosis", url.Values{"done": {"1"}})
}

func (s *stand) symptoms(c *http.Client, base string) {
	if body := s.page(c, base+"/symptoms?q=floppy", "Accept-Language", "en"); !strings.Contains(body, "HP:0001252") && !strings.Contains(body, "/term/HP:") {
		s.t.Error("no symptom found by an everyday word")
	}
	term := base + "/symptoms/term/HP:0001252"
	s.page(c, term)
	s.refused(c, term, "f-presence", url.Values{})
	s.refused(c, term, "f-onset_date", url.Values{"presence": {"present"}, "onset_date-year": {"2014"}})
	s.sent(c, term, url.Values{"presence": {"present"}, "onset_class": {"HP:0003593"}, "severity": {"HP:0012825"}})
	s.sent(c, base+"/symptoms/term/HP:0001250", url.Values{"presence": {"absent"}})
	body := s.page(c, base+"/symptoms")
	if strings.Count(body, `class="chip `) != 2 {
		s.t.Error("the symptoms are not shown")
	}
	remove := regexp.MustCompile(`action="(`+base+`/symptoms/[0-9a-f-]{36}/remove)"`).FindAllStringSubmatch(body, -1)
	if len(remove) != 2 {
		s.t.Fatal("no way to remove a symptom")
	}
	s.sent(c, remove[1][1], url.Values{})
	if to := s.sent(c, base+"/symptoms", url.Values{}); to != base+"/consent/sign" {
		s.t.Error("after the symptoms:", to)
	}
}

// proves uploads a proof: nothing, then something that is not what its name says, then a picture.
func (s *stand) proves(c *http.Client, base string) {
	s.t.Helper()
	body := s.page(c, base+"/evidence")
	action := regexp.MustCompile(`action="(` + base + `/evidence/[0-9a-f-]{36})"`).FindStringSubmatch(body)
	if action == nil {
		s.t.Fatal("no file is asked for")
	}
	for _, bad := range []string{"", "<script>alert(1)</script>"} {
		if a := s.upload(c, action[1], bad); a.status != 422 || !strings.Contains(a.body, `class="wrong"`) {
			s.t.Errorf("%q was taken: %d", bad, a.status)
		} else {
			webtest.Check(s.t, a.body)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		s.t.Fatal(err)
	}
	if a := s.upload(c, action[1], picture.String()); a.status != 303 {
		s.t.Fatalf("a picture was refused: %d %s", a.status, excerpt(a.body))
	}
	body = s.page(c, base+"/evidence")
	if !strings.Contains(body, "Being looked at") || strings.Contains(body, action[1]) {
		s.t.Error("the proof does not wait for a reviewer")
	}
	file := regexp.MustCompile(`href="(` + base + `/evidence/file/[0-9a-f-]{36})"`).FindStringSubmatch(body)
	if file == nil {
		s.t.Fatal("what was sent cannot be seen again")
	}
	got := s.get(c, file[1])
	if got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(got.body, "\x89PNG") {
		s.t.Error("the file came back as", got.status, got.header)
	}
}

func (s *stand) upload(c *http.Client, path, content string) answered {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if content != "" {
		part, err := form.CreateFormFile("file", "letter.pdf")
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.post(c, path, form.FormDataContentType(), &b)
}

// post sends a body of some media type.
func (s *stand) post(c *http.Client, path, media string, body io.Reader) answered {
	s.t.Helper()
	r, err := http.NewRequest("POST", s.server.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", media)
	response, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answered{response.StatusCode, response.Header, string(b)}
}

var hash = regexp.MustCompile(`name="hash" value="([0-9a-f]{64})"`)

// choices answers yes to every choice of the consent but one.
func (s *stand) choices(c *http.Client, base, except string) url.Values {
	s.t.Helper()
	body := s.page(c, base+"/consent/sign")
	m := hash.FindStringSubmatch(body)
	if m == nil {
		s.t.Fatal("the text shows no fingerprint")
	}
	form := url.Values{"hash": {m[1]}, "name": {"Maria"}, "password": {secret}}
	for _, scope := range regexp.MustCompile(`name="(scope-[a-z_]+)"`).FindAllStringSubmatch(body, -1) {
		form.Set(scope[1], "yes")
	}
	form.Set("scope-"+except, "no")
	return form
}

func (s *stand) signs(c *http.Client, base string) {
	if body := s.page(c, base); !strings.Contains(body, base+"/consent/sign") {
		s.t.Error("home does not lead to the consent")
	}
	form := s.choices(c, base, "outside_eu")
	wrong := url.Values{}
	for k, v := range form {
		wrong[k] = v
	}
	wrong.Set("password", "a long walk with five oranges")
	wrong.Del("scope-matching")
	s.refused(c, base+"/consent/sign", "f-scope-matching", wrong)
	wrong.Set("scope-matching", "no")
	s.refused(c, base+"/consent/sign", "f-password", wrong)
	s.sent(c, base+"/consent/sign", form)
	body := s.page(c, base+"/consent")
	proof := regexp.MustCompile(`href="(` + base + `/consent/proof/[0-9a-f-]{36})"`).FindStringSubmatch(body)
	if proof == nil {
		s.t.Fatal("the consent shows no proof")
	}
	if !strings.Contains(s.page(c, proof[1]), form.Get("hash")) {
		s.t.Error("the proof does not show the fingerprint")
	}
	s.page(c, base+"/consent/withdraw?scope=research")
	s.sent(c, base+"/consent/withdraw", url.Values{"scope": {"research"}})
	if body := s.page(c, base+"/consent"); strings.Contains(body, "withdraw?scope=research") || !strings.Contains(body, "withdraw?scope=registry") {
		s.t.Error("one choice was to be taken back, and only that")
	}
	s.page(c, base+"/consent/withdraw")
	s.sent(c, base+"/consent/withdraw", url.Values{})
	if body := s.page(c, base+"/consent"); strings.Contains(body, "withdraw?scope=") {
		s.t.Error("something is left after everything was taken back")
	}
}

func (s *stand) looks(c *http.Client, base string) {
	body := s.page(c, base+"/data")
	for _, want := range []string{"Lucía", "4 March 2017", "Spain", "HP:0001252"} {
		if !strings.Contains(body, want) {
			s.t.Errorf("my data lacks %s", want)
		}
	}
	s.page(c, base+"/more")
	s.sent(c, base+"/more", url.Values{"status": {"alive"}, "genetic_gene": {"DMD"}})
	s.refused(c, base+"/more", "f-first_contact", url.Values{"first_contact-year": {"3021"}})
	s.page(c, base+"/name")
	s.sent(c, base+"/name", url.Values{"name": {"Lucía del Mar"}})
	if !strings.Contains(s.page(c, base+"/history"), "Before: Lucía") {
		s.t.Error("the history does not say what was before")
	}
	if !strings.Contains(s.page(c, base+"/uses"), "You") {
		s.t.Error("who did what is not told")
	}
	for place, to := range map[string]string{"/home": base, "/data": base + "/data", "/consent": base + "/consent"} {
		if a := s.get(c, place); a.status != 303 || a.header.Get("Location") != to {
			s.t.Errorf("%s leads to %s", place, a.header.Get("Location"))
		}
	}
	s.page(c, "/people")
}

func TestASecondFamilySeesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		maria, ana := s.maria("maria"), s.maria("ana")
		base := s.enrolled(maria)
		for _, below := range []string{"", "/about", "/name", "/diagnosis", "/symptoms", "/more", "/data", "/history", "/uses", "/evidence", "/consent", "/consent/sign", "/consent/withdraw"} {
			if a := s.get(ana, base+below); a.status != 404 || strings.Contains(a.body, "Lucía") {
				t.Errorf("Ana at %s: %d", below, a.status)
			}
		}
		for _, below := range []string{"/about", "/name", "/symptoms/term/HP:0001252", "/consent/withdraw", "/symptoms"} {
			if a := s.send(ana, "POST", base+below, url.Values{"presence": {"absent"}, "name": {"x"}}); a.status != 404 {
				t.Errorf("Ana posts to %s: %d", below, a.status)
			}
		}
		if a := s.get(s.browser(), base+"/data"); a.status != 303 {
			t.Error("nobody at /data:", a.status)
		}
	})
}
