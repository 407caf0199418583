package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kindred/internal/db/dbtest"
	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// presses a button or link by its words, and waits for the page after it.
func press(t *testing.T, b *webtest.Browser, words string) {
	t.Helper()
	script := fmt.Sprintf(`(() => { const e = [...document.querySelectorAll("main button, main a, main label")].find(e => e.textContent.trim().startsWith(%q));
		if (!e) return "no " + %q + " on " + location.pathname + ": " + document.querySelector("main").innerText.slice(0, 300); e.id = e.id || "pressed"; return "#" + e.id; })()`, words, words)
	id := webtest.Eval[string](b, script)
	if !strings.HasPrefix(id, "#") {
		t.Fatal(id)
	}
	if _, err := chromedp.RunResponse(b.Context(), chromedp.Click(chromedp.CSS(id))); err != nil {
		t.Fatalf("press %s: %v", words, err)
	}
}

func fill(b *webtest.Browser, fields ...string) {
	for i := 0; i+1 < len(fields); i += 2 {
		b.Do(chromedp.Clear(chromedp.CSS("#f-"+fields[i])), chromedp.SendKeys(chromedp.CSS("#f-"+fields[i]), fields[i+1]))
	}
}

// pick chooses a radio or check-box by name and value.
func pick(b *webtest.Browser, name, value string) {
	webtest.Eval[bool](b, fmt.Sprintf(`(() => { document.querySelector('input[name="%s"][value="%s"]').click(); return true; })()`, name, value))
}

// until waits for a condition in the page.
func until(t *testing.T, b *webtest.Browser, condition string) {
	t.Helper()
	if _, err := chromedp.Run(b.Context(), chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		t.Fatalf("waiting for %s: %v\n%s", condition, err, webtest.Eval[string](b, `document.querySelector("main").innerText.slice(0, 1500)`))
	}
}

// elsewhere are the GET routes that answer with something else than a page of their own, or that another test looks at.
var elsewhere = map[string]bool{
	"/healthz": true, "/readyz": true, "/metrics": true, "/assets/*file": true,
	"/styleguide": true,                                            // TestStyleguideInABrowser
	"/data":       true, "/consent": true, "/questionnaires": true, // lead to the page of the person
	"/people/:person/evidence/file/:evidence":         true,
	"/people/:person/responses/:response/files/:file": true,
}

// professional tells whether a page belongs to the round of package page, TestProfessionalPagesInABrowser.
func professional(path string) bool {
	for _, area := range []string{"/people/:person/access", "/proposals", "/review", "/authoring", "/research", "/oversight", "/operation"} {
		if path == area || strings.HasPrefix(path, area+"/") {
			return true
		}
	}
	return false
}

// TestMariaInABrowser drives the pages of a caregiver in chromium, with scripts: registering, five steps, consent,
// a questionnaire whose answers are kept as they are left. Each page is looked
// at as webtest.Round does, and a page of the route table that is forgotten is a fault. With KINDRED_SHOTS=DIR it leaves screenshots there.
func TestMariaInABrowser(t *testing.T) {
	b := webtest.Open(t)
	s := open(t, dbtest.SQLite(t, dbtest.Options{}))
	round := webtest.NewRound(b)
	look := round.Look
	b.Go(s.server.URL + "/")
	look("landing")
	for _, page := range []string{"help", "privacy", "nothing-here", "reset"} {
		round.Visit(page, s.server.URL+"/"+page)
	}
	b.Go(s.server.URL + "/register")
	fill(b, "name", "maria", "password", "short")
	press(t, b, "Create an account")
	look("register")
	fill(b, "password", secret)
	press(t, b, "Create an account")
	look("sign-in")
	fill(b, "name", "maria", "password", secret)
	press(t, b, "Sign in")
	look("home-new")
	base := enrolInBrowser(t, b, look)
	answerInBrowser(t, b, s, base, look)
	for _, page := range []string{"", "/data", "/history", "/uses", "/consent", "/consent/withdraw", "/evidence", "/more", "/name", "/questionnaires"} {
		round.Visit("person"+strings.ReplaceAll(page, "/", "-"), base+page)
	}
	for _, page := range []string{"/people", "/account", "/account/password", "/account/mail"} {
		round.Visit(strings.ReplaceAll(page[1:], "/", "-"), s.server.URL+page)
	}
	linked := func(from, part string) string {
		b.Go(base + from)
		return webtest.Eval[string](b, `document.querySelector('main a[href*="`+part+`"]:not([href$="/new"])').href`)
	}
	round.Visit("diagnosis-change", linked("/diagnosis", "/diagnosis/"))
	round.Visit("answers-history", linked("/questionnaires", "/responses/")+"/history")
	var pages []string
	for _, r := range s.engine.Routes() {
		if r.Method == "GET" && !elsewhere[r.Path] && !professional(r.Path) {
			pages = append(pages, r.Path)
		}
	}
	for _, path := range round.Missed(pages) {
		t.Errorf("nobody looked at %s", path)
	}
}

func enrolInBrowser(t *testing.T, b *webtest.Browser, look func(string)) string {
	t.Helper()
	press(t, b, "Begin")
	pick(b, "relation", "parent")
	fill(b, "name", "Lucía")
	look("enrol-who")
	press(t, b, "Save and continue")
	fill(b, "birth_date", "4", "birth_date-month", "3", "birth_date-year", "2017")
	pick(b, "sex", "female")
	b.Do(chromedp.SetValue(chromedp.CSS("#f-country"), "ES"))
	look("enrol-about")
	press(t, b, "Save and continue")
	base := strings.TrimSuffix(webtest.Eval[string](b, "location.href"), "/diagnosis")
	fill(b, "q", "duchen")
	until(t, b, `document.querySelectorAll("#f-q-found li").length > 0`)
	look("enrol-diagnosis")
	press(t, b, "Duchenne")
	pick(b, "status", "confirmed")
	look("diagnosis")
	press(t, b, "Save")
	press(t, b, "Save and continue")
	fill(b, "q", "floppy")
	until(t, b, `document.querySelectorAll("#f-q-found li").length > 0`)
	look("enrol-symptoms-search")
	b.Go(base + "/symptoms/term/HP:0001252")
	pick(b, "presence", "present")
	look("symptom")
	press(t, b, "Save")
	look("enrol-symptoms")
	press(t, b, "That is all for now")
	look("consent-sign")
	webtest.Eval[bool](b, `(() => { document.querySelectorAll('input[type=radio][value=yes]').forEach(e => e.click()); return true; })()`)
	fill(b, "name", "Maria", "password", secret)
	press(t, b, "Sign")
	look("consent-signed")
	press(t, b, "Proof of this signature")
	look("consent-proof")
	return base
}

func answerInBrowser(t *testing.T, b *webtest.Browser, s *stand, base string, look func(string)) {
	t.Helper()
	b.Go(base)
	look("home")
	b.Go(base + "/questionnaires")
	look("questionnaires")
	press(t, b, "Begin")
	if webtest.Eval[bool](b, `document.body.innerText.includes("How many steps?")`) {
		t.Error("a question is shown before its condition holds")
	}
	pick(b, "walks", "true")
	until(t, b, `document.querySelector("#f-steps") && document.querySelector("#saved").innerText.includes("Saved at")`)
	fill(b, "steps", "300")
	b.Do(chromedp.Focus(chromedp.CSS("#f-since")))
	until(t, b, `document.querySelector("#f-steps-error") !== null`)
	look("fill-wrong")
	fill(b, "steps", "30")
	b.Do(chromedp.Focus(chromedp.CSS("#f-since")))
	until(t, b, `document.querySelector("#f-steps-error") === null && document.querySelector("#saved").innerText.includes("Saved at")`)
	look("fill")
	b.Do(chromedp.Reload())
	if got := webtest.Eval[string](b, `document.querySelector("#f-steps").value`); got != "30" {
		t.Errorf("after a reload the answer is %q", got)
	}
	press(t, b, "Save and continue")
	look("fill-2")
	uploadInBrowser(t, b, look)
	editor := policies.Actor{Account: "aisha", Roles: []policies.Role{policies.RoleEditor}}
	second := strings.Replace(strings.Replace(everydayForm, `"version":"1"`, `"version":"2"`, 1), `{"linkId":"since","type":"date","text":"Since when?"},`, "", 1)
	if _, found, err := s.forms.Publish(t.Context(), editor, []byte(second), sdc.Identity{}); err != nil {
		t.Fatal(err, found.Refusals)
	}
	b.Do(chromedp.Reload())
	press(t, b, "See what the newer one")
	look("move")
	press(t, b, "Go on in the newer version")
	look("moved")
	press(t, b, "Save and continue")
	press(t, b, "Save and read it all")
	look("answers-review")
	press(t, b, "Send my answers")
	look("answers-sent")
}

// uploadInBrowser chooses a file that is too large, then one that fits, and sends it.
func uploadInBrowser(t *testing.T, b *webtest.Browser, look func(string)) {
	t.Helper()
	box := chromedp.CSS(`input[type=file]`)
	choose := func(name, content string) {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		b.Do(chromedp.SetUploadFiles(box, []string{path}))
	}
	choose("a film of the chair.png", strings.Repeat("x", 16<<20))
	until(t, b, `document.querySelector("[data-told]") !== null && document.querySelector("input[type=file]").value === ""`)
	look("fill-file-large")
	choose("letter.txt", "Dear Lucía")
	b.Do(chromedp.SendKeys(chromedp.CSS("#f-note"), "It is blue."))
	press(t, b, "Send this file")
	until(t, b, `document.body.innerText.includes("This file is none of them")`)
	if got := webtest.Eval[string](b, `document.querySelector("#f-note").value`); got != "It is blue." {
		t.Errorf("with the file that was refused the note was lost: %q", got)
	}
	look("fill-file-wrong")
	choose("a-photo-with-a-very-long-name-of-the-new-wheelchair-in-the-garden.png", painted(t, 60))
	press(t, b, "Send this file")
	until(t, b, `document.querySelectorAll(".files li").length === 1`)
	look("fill-file")
}
