package page_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/ident"
	"kindred/internal/web/webtest"
)

// owner is who a page belongs to, by the beginning of its path.
var owners = map[string]string{"/review": "tomas", "/authoring": "aisha", "/research": "okoye", "/oversight": "ingrid", "/operation": "agnes"}

func ownerOf(path string) string {
	for prefix, who := range owners {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return who
		}
	}
	return ""
}

var param = regexp.MustCompile(`[:*][a-z]+`)

// TestEveryRoleAtEveryRoute sends everybody to each professional route: nobody is led to the sign-in, who has another
// role is refused, and the owner is not.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	onSQLite(t, func(s *stand) {
		asked := 0
		for _, r := range s.engine.Routes() {
			owner := ownerOf(r.Path)
			if owner == "" {
				continue
			}
			path := param.ReplaceAllString(r.Path, string(ident.New[ident.EntryID]()))
			for _, who := range []string{"", "maria", "tomas", "aisha", "okoye", "ingrid", "agnes"} {
				asked++
				a := s.do(who, r.Method, path, "application/x-www-form-urlencoded", strings.NewReader(""))
				switch {
				case who == "" && (a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/sign-in")):
					t.Errorf("nobody at %s %s: %d", r.Method, path, a.status)
				case who != "" && who != owner && a.status != 403:
					t.Errorf("%s at %s %s: %d", who, r.Method, path, a.status)
				case who == owner && (a.status == 403 || a.status >= 500):
					t.Errorf("%s, whose page it is, at %s %s: %d", who, r.Method, path, a.status)
				}
				if who != "" && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.body != "" {
					webtest.Check(t, a.body)
				}
			}
		}
		if asked < 7*12 {
			t.Errorf("only %d requests were made", asked)
		}
	})
}

func TestTomasReviews(t *testing.T) {
	onBoth(t, func(s *stand) {
		body := s.shows("tomas", "/review", "spinal muscular", "/review/"+string(s.proof))
		if strings.Contains(body, "Canary") {
			t.Error("the queue shows a name")
		}
		at := "/review/" + string(s.proof)
		s.shows("tomas", at, "Lucía Canary", "11 February 2019", at+"/file")
		if a := s.get("tomas", "/review/"+string(ident.New[ident.EvidenceID]())); a.status != 404 {
			t.Error("a case that is not there:", a.status)
		}
		a := s.get("tomas", at+"/file")
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") || a.header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") || a.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(a.body, "\x89PNG") {
			t.Error("the file is not closed:", a.status, a.header)
		}
		s.again("tomas", at, "decision", url.Values{})
		s.again("tomas", at, "reason", url.Values{"decision": {"again"}})
		if to := s.goes("tomas", at, url.Values{"decision": {"again"}, "reason": {"The date cannot be read."}, "revision": {"1"}}); to != "/review" {
			t.Error(to)
		}
		s.shows("tomas", "/review", "Nothing waits")
		second := s.prove()
		s.shows("tomas", "/review/"+string(second), "What was sent before", "The date cannot be read.")
		s.goes("tomas", "/review/"+string(second), url.Values{"decision": {"accept"}})
		if a := s.post("tomas", "/review/"+string(second), url.Values{"decision": {"accept"}}); a.status != 404 && a.status != 409 {
			t.Error("decided twice:", a.status)
		}
	})
}

var hidden = regexp.MustCompile(`name="content" value="([^"]+)"`)

func TestAishaPublishes(t *testing.T) {
	onSQLite(t, func(s *stand) {
		s.shows("aisha", "/authoring", "Daily life")
		at := "/authoring/versions/" + string(s.form)
		s.shows("aisha", at, "Can she walk?", "With help", "Asked when", "How many hours of help?", "SHA-256")
		if a := s.get("aisha", at+"/file"); a.body != dailyLife || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
			t.Error("the file is not what was published:", a.status)
		}
		if a := s.get("aisha", "/authoring/versions/"+string(ident.New[ident.VersionID]())); a.status != 404 {
			t.Error("a version that is not there:", a.status)
		}
		s.shows("aisha", "/authoring/new")
		s.faulty(s.upload("aisha", "/authoring/new", nil), "file")
		s.faulty(s.upload("aisha", "/authoring/new", map[string]string{"file": strings.Repeat(" ", 5<<20)}), "file")
		bad := s.upload("aisha", "/authoring/new", map[string]string{"file": `{"resourceType":"Questionnaire","status":"active","item":[{"linkId":"a","type":"choice","text":"A"},{"linkId":"b","type":"reference","text":"B"}]}`})
		if bad.status != 422 || strings.Contains(bad.body, `name="content"`) {
			t.Error("a file that is refused:", bad.status)
		}
		webtest.Check(t, bad.body)
		says(t, "the refusal", bad.body, `<span class="code muted">b</span>`)
		s.publishes("aisha", at)
	})
}

// publishes takes a good file without a version through both steps.
func (s *stand) publishes(who, old string) {
	s.Helper()
	file := strings.NewReplacer(`"version":"1",`, "", "Daily life", "Daily life & <b>walks</b>").Replace(dailyLife)
	check := s.upload(who, "/authoring/new", map[string]string{"file": file})
	webtest.Check(s.T, check.body)
	says(s.T, "the preview", check.body, "Can she walk?", "Daily life &amp; &lt;b&gt;walks", `name="version"`)
	found := hidden.FindStringSubmatch(check.body)
	if check.status != 200 || found == nil {
		s.Fatal(check.status, excerpt(check.body))
	}
	content := strings.NewReplacer("&#43;", "+", "&#61;", "=").Replace(found[1])
	s.again(who, "/authoring/publish", "version", url.Values{"content": {content}})
	s.again(who, "/authoring/publish", "version", url.Values{"content": {content}, "version": {"1"}})
	to := s.goes(who, "/authoring/publish", url.Values{"content": {content}, "version": {"2"}})
	s.shows(who, to, "walks", "Other versions", old)
	s.shows(who, to+"/retire", "Nobody can begin")
	s.goes(who, to+"/retire", url.Values{})
	s.shows(who, to, "No longer offered")
	if a := s.post(who, "/authoring/publish", url.Values{"content": {"not base64"}}); a.status != 422 {
		s.Error("what is not base64:", a.status)
	}
}
