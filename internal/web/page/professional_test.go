package page_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/audit"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/internal/web/webtest"
	"kindred/policies/consent"
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
		bad := s.upload("aisha", "/authoring/new", map[string]string{"file": `{"resourceType":"Questionnaire","status":"active","item":[{"linkId":"a","type":"choice","text":"A"},{"linkId":"b","type":"telepathy","text":"B"}]}`})
		if bad.status != 422 || strings.Contains(bad.body, `name="content"`) {
			t.Error("a file that is refused:", bad.status)
		}
		webtest.Check(t, bad.body)
		says(t, "the refusal", bad.body, `<span class="code">b</span>`)
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
	s.shows(who, to, "walks", "All versions", "this page", "How long it takes", "Languages", "0 of 5 texts", "does not say in which language", old)
	s.shows(who, to+"/retire", "Nobody can begin")
	s.goes(who, to+"/retire", url.Values{})
	s.shows(who, to, "No longer offered", "Offered")
	if a := s.post(who, "/authoring/publish", url.Values{"content": {"not base64"}}); a.status != 422 {
		s.Error("what is not base64:", a.status)
	}
}

var proposal = url.Values{"title": {"Walking in daily life"}, "purpose": {"To learn what helps children walk."}, "fields": {"symptoms", "sex"},
	"questionnaires": {"https://kindred.example/questionnaires/daily-life|1"}}

// TestOkoyeProposesAndIngridDecides follows a study from its proposal to a release that is asked for.
func TestOkoyeProposesAndIngridDecides(t *testing.T) {
	onSQLite(t, func(s *stand) {
		s.shows("okoye", "/research", "No study yet")
		s.shows("okoye", "/research/new", "Daily life", "Symptoms")
		s.again("okoye", "/research/new", "title", url.Values{"purpose": {"x"}, "fields": {"sex"}})
		s.again("okoye", "/research/new", "from", url.Values{"title": {"x"}, "purpose": {"x"}, "fields": {"sex"}, "from-year": {"20"}})
		s.again("okoye", "/research/new", "minimum_class", url.Values{"title": {"x"}, "purpose": {"x"}, "fields": {"sex"}, "minimum_class": {"one"}})
		s.shows("okoye", "/research/new", `name="minimum_class" type="text" value="5"`)
		at := s.goes("okoye", "/research/new", proposal)
		id := strings.TrimPrefix(at, "/research/studies/")
		s.shows("okoye", at, "Waits for the committee", "Daily life, version 1")
		for _, path := range []string{at, at + "/change"} {
			if a := s.get("rival", path); a.status != 404 {
				t.Error("another researcher at", path, a.status)
			}
		}
		if a := s.post("okoye", at+"/count", nil); a.status != 409 {
			t.Error("counted before it was approved:", a.status)
		}
		changed := url.Values{"revision": {"1"}}
		for k, v := range proposal {
			changed[k] = v
		}
		changed["fields"] = []string{"symptoms", "country"}
		judged := "/oversight/studies/" + id
		s.shows("ingrid", "/oversight", "Walking in daily life")
		s.shows("ingrid", judged, "To learn what helps", "Sex at birth")
		s.again("ingrid", judged, "decision", url.Values{"reason": {"Too much."}})
		s.again("ingrid", judged, "reason", url.Values{"decision": {"refuse"}})
		s.goes("ingrid", judged, url.Values{"decision": {"refuse"}, "reason": {"Sex is not needed."}, "protocol": {"1"}})
		s.shows("okoye", at, "Refused", "Sex is not needed.")
		s.shows("okoye", at+"/change", "The committee decides anew")
		changed.Set("revision", "2")
		s.goes("okoye", at+"/change", changed)
		s.shows("ingrid", judged, "What changed since", "Country", "no longer asks for “Sex at birth”")
		s.again("ingrid", judged, "valid_until", url.Values{"decision": {"approve"}, "reason": {"Good."}, "valid_until-day": {"1"}, "valid_until-month": {"1"}, "valid_until-year": {"2020"}})
		s.goes("ingrid", judged, url.Values{"decision": {"approve"}, "reason": {"Useful, and asks for little."}, "protocol": {"2"}})
		if a := s.post("okoye", at+"/count", nil); a.status != 200 || !strings.Contains(a.body, "Fewer than 5 people") {
			t.Error("the count:", a.status, excerpt(a.body))
		}
		s.again("okoye", at+"/releases", "formats", url.Values{})
		s.releases(at)
	})
}

// releases asks for a release and looks at it from both sides.
func (s *stand) releases(study string) {
	s.Helper()
	to := s.goes("okoye", study+"/releases", url.Values{"formats": {"fhir"}})
	s.shows("okoye", to, "Waiting to begin", `hx-trigger="every 2s"`, `http-equiv="refresh"`)
	part := s.get("okoye", to, "HX-Request", "true")
	webtest.CheckFragment(s.T, part.body)
	says(s.T, "the part", part.body, "<progress")
	if a := s.get("rival", to); a.status != 404 {
		s.Error("another researcher at a release:", a.status)
	}
	if a := s.get("okoye", to+"/files/manifest.json"); a.status != 409 {
		s.Error("a file of what is not finished:", a.status)
	}
	s.shows("ingrid", strings.Replace(to, "/research", "/oversight", 1), "Waiting to begin")
	s.goes("okoye", study+"/close", url.Values{})
	s.shows("okoye", study, "Closed")
}

// TestAFileIsRefusedItemByItem: each item is named in words, with all that is wrong there.
func TestAFileIsRefusedItemByItem(t *testing.T) {
	onSQLite(t, func(s *stand) {
		a := s.upload("aisha", "/authoring/new", map[string]string{"file": telepathy})
		webtest.Check(t, a.body)
		if a.status != 422 {
			t.Fatal(a.status, excerpt(a.body))
		}
		says(t, "the refusal", a.body, "<h3>What am I thinking of?</h3>", `<span class="code">a</span>`, "<h3>Why?</h3>", "which does not exist")
		for _, bad := range []string{"{}", "[", `{"resourceType":"Questionnaire"}`, `{"resourceType":"Questionnaire","status":"active","item":[{"linkId":"a","type":"group"},{"linkId":"a","type":"group"}]}`} {
			if a := s.upload("aisha", "/authoring/new", map[string]string{"file": bad}); a.status != 422 {
				t.Errorf("%s: %d", bad, a.status)
			}
		}
	})
}

func TestIngridReadsTheLogAndTheConsents(t *testing.T) {
	onSQLite(t, func(s *stand) {
		s.shows("ingrid", "/oversight/audit", "questionnaire.published", "Looking at this list")
		s.shows("ingrid", "/oversight/audit?event=questionnaire.published&role=editor&outcome=ok", "questionnaire.published")
		s.shows("ingrid", "/oversight/audit?event=nothing.happened", "No entry fits")
		s.faulty(s.get("ingrid", "/oversight/audit?outcome=strange"), "outcome")
		s.faulty(s.get("ingrid", "/oversight/audit?from-year=20"), "from")
		s.shows("ingrid", "/oversight/audit/checkpoint", "Copy it")
		s.shows("ingrid", "/oversight/consents", "English", "Español")
		s.shows("ingrid", "/oversight/consents/1?language=es", `lang="es"`, "SHA-256")
		if a := s.get("ingrid", "/oversight/consents/99"); a.status != 404 {
			t.Error("a version that is not there:", a.status)
		}
	})
}

var (
	entryLink = regexp.MustCompile(`/oversight/audit/entries/[0-9a-f-]{36}`)
	nextLink  = regexp.MustCompile(`href="([^"]+)" rel="next"`)
)

// TestIngridFollowsTheLog narrows the log by study and by account, pages through it, and takes one entry home with what
// proves that it stands there.
func TestIngridFollowsTheLog(t *testing.T) {
	onBoth(t, func(s *stand) {
		study := strings.TrimPrefix(s.approved(proposal), "/research/studies/")
		other := s.goes("okoye", "/research/new", proposal)
		body := s.shows("ingrid", "/oversight/audit?study="+study, "Proposed a study", "Approved a study")
		if n := len(entryLink.FindAllString(body, -1)); n != 2 || strings.Contains(body, other) {
			t.Errorf("%d entries of the study", n)
		}
		body = s.shows("ingrid", "/oversight/audit?account="+string(s.actors["okoye"].Account)+"&event=study.proposed", "Proposed a study")
		if n := len(entryLink.FindAllString(body, -1)); n != 2 {
			t.Errorf("%d proposals of Dr. Okoye", n)
		}
		s.shows("ingrid", "/oversight/audit?account=nobody", "No entry fits")

		for range 60 {
			s.get("tomas", "/review")
		}
		seen := map[string]bool{}
		pages := 0
		for path := "/oversight/audit?role=reviewer"; path != ""; pages++ {
			body := s.shows("ingrid", path)
			for _, link := range entryLink.FindAllString(body, -1) {
				if seen[link] {
					t.Error("an entry stands on two pages")
				}
				seen[link] = true
			}
			path = ""
			if next := nextLink.FindStringSubmatch(body); next != nil {
				path = html.UnescapeString(next[1])
			}
		}
		if pages != 2 || len(seen) < 60 {
			t.Errorf("%d entries on %d pages", len(seen), pages)
		}

		at := entryLink.FindString(s.shows("ingrid", "/oversight/audit?event=study.approved"))
		s.shows("ingrid", at, "Approved a study", "Everything about this study", "Fingerprint of the whole log", "kindred audit verify --proof")
		a := s.get("ingrid", at+"/proof")
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Disposition"), `attachment; filename="audit-entry-`) {
			t.Error("the proof:", a.status, a.header)
		}
		proof, err := audit.OpenProof([]byte(a.body))
		s.must(err)
		s.must(proof.Check(dbtest.Vault(t).VerifierKey()))
		if proof.Entry.Event != "study.approved" || string(proof.Entry.Study) != study {
			t.Error("another entry was proved:", proof.Entry)
		}
		if a := s.get("ingrid", "/oversight/audit/entries/"+string(ident.New[ident.EntryID]())); a.status != 404 {
			t.Error("an entry that is not there:", a.status)
		}
	})
}

// TestLookingAtOnesOwnDataBuriesNothing: who looks at a page twenty times finds the reviewer's one act beside one line.
func TestLookingAtOnesOwnDataBuriesNothing(t *testing.T) {
	onSQLite(t, func(s *stand) {
		at := "/people/" + string(s.person)
		for range 20 {
			s.get("maria", at+"/data")
		}
		s.shows("tomas", "/review/"+string(s.proof))
		body := s.shows("maria", at+"/uses", "looked at these data", "times that day", "A reviewer")
		if n := strings.Count(body, ">You<"); n > 3 {
			t.Errorf("Maria stands in %d lines", n)
		}
		s.shows("ingrid", "/oversight/audit?purpose=own", "Looked at these data", "times that day")
		body = s.shows("ingrid", "/oversight/audit?purpose=own&views=all")
		if strings.Contains(body, "times that day") || strings.Count(body, "<tr") < 20 {
			t.Error("the committee cannot see each look")
		}
	})
}

func TestAgnesKeepsAccounts(t *testing.T) {
	onSQLite(t, func(s *stand) {
		s.shows("agnes", "/operation", "okoye", "Researcher")
		s.again("agnes", "/operation", "name", url.Values{"name": {"nobody-here"}, "act": {"grant"}, "role": {"editor"}})
		s.again("agnes", "/operation", "act", url.Values{"name": {"okoye"}})
		s.again("agnes", "/operation", "role", url.Values{"name": {"okoye"}, "act": {"grant"}})
		s.again("agnes", "/operation", "name", url.Values{"name": {"agnes"}, "act": {"close"}})
		s.goes("agnes", "/operation", url.Values{"name": {"rival"}, "act": {"grant"}, "role": {"editor"}})
		s.shows("agnes", "/operation", "Researcher, Editor")
		s.goes("agnes", "/operation", url.Values{"name": {"rival"}, "act": {"close"}})
		s.shows("agnes", "/operation", "Closed")
		s.again("agnes", "/operation/new", "role", url.Values{"name": {"noor"}, "password": {password}})
		s.goes("agnes", "/operation/new", url.Values{"name": {"noor"}, "password": {password}, "role": {"editor"}})
		s.shows("agnes", "/operation", "noor")
		s.shows("agnes", "/operation/new", "First password")
		s.shows("agnes", "/operation/consents/1", "SHA-256")
	})
}

// version2 is the consent text that is current, as a second version with another section and without one.
func (s *stand) version2(language string) string {
	s.Helper()
	doc, err := s.Consent.Current(s.Context(), consent.MainDocument, language)
	s.must(err)
	text := strings.Replace(doc.Text, "Version: 1\n", "Version: 2\n", 1)
	text = strings.Replace(text, ", community\n", "\n", 1)
	before, after, ok := strings.Cut(text, "## [community]")
	if !ok {
		s.Fatal("version 1 has no section about the community")
	}
	_, rest, more := strings.Cut(after, "\n## ")
	if more {
		before += "## " + rest
	}
	return strings.Replace(before, "\n### ", "\nA new sentence.\n\n### ", 1)
}

func TestAgnesPublishesAConsentText(t *testing.T) {
	onBoth(t, func(s *stand) {
		const at = "/operation/consents"
		s.shows("agnes", at, at+"/new")
		if body := s.shows("ingrid", "/oversight/consents"); strings.Contains(body, at) {
			t.Error("the committee is offered to publish")
		}
		s.shows("agnes", at+"/new", at+"/1/file?language=es")
		if a := s.get("agnes", at+"/1/file?language=es"); !strings.HasPrefix(a.body, "Document: kindred\nVersion: 1\nLanguage: es\n") || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
			t.Error("the text that is current:", a.status, a.header)
		}
		s.faulty(s.upload("agnes", at+"/new", nil), "text-en")
		s.faulty(s.upload("agnes", at+"/new", map[string]string{"file-en": s.version2("en"), "file-es": "hola"}), "text-es")
		s.faulty(s.upload("agnes", at+"/new", map[string]string{"file-en": s.version2("en"), "file-es": strings.Replace(s.version2("es"), "Version: 2", "Version: 3", 1)}), "text-en")
		old, err := s.Consent.Current(t.Context(), consent.MainDocument, "en")
		s.must(err)
		again := s.upload("agnes", at+"/new", map[string]string{"file-en": strings.Replace(old.Text, "\n# ", "\n# Other ", 1), "file-es": s.version2("es")})
		s.faulty(again, "text-en")

		looked := s.do("agnes", "POST", at+"/new", "application/x-www-form-urlencoded",
			strings.NewReader(url.Values{"text-en": {strings.ReplaceAll(s.version2("en"), "\n", "\r\n")}, "text-es": {s.version2("es")}}.Encode()), "Accept-Language", "en")
		webtest.Check(t, looked.body)
		if looked.status != 200 {
			t.Fatal(looked.status, excerpt(looked.body))
		}
		says(t, "the preview", looked.body, "Version 2 takes the place of version 1", "No longer asked", "Other words", "The same words", "A new sentence.", "Removed:", "Publish version 2")
		var contents []string
		for _, m := range hidden.FindAllStringSubmatch(looked.body, -1) {
			contents = append(contents, html.UnescapeString(m[1]))
		}
		s.again("agnes", at+"/publish", "confirm", url.Values{"content": contents})
		if a := s.post("ingrid", at+"/publish", url.Values{"content": contents, "confirm": {"yes"}}); a.status != 403 {
			t.Error("the committee publishes:", a.status)
		}
		s.goes("agnes", at+"/publish", url.Values{"content": contents, "confirm": {"yes"}})
		s.shows("agnes", at, at+"/2?language=en", "The new version is published")
		if a := s.post("agnes", at+"/publish", url.Values{"content": {"aGVsbG8="}, "confirm": {"yes"}}); a.status != 422 {
			t.Error("a text that nobody looked at:", a.status)
		}
		s.shows("maria", "/people/"+string(s.person)+"/consent/sign", "A new sentence.")
	})
}
