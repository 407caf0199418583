package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"kindred/internal/db/dbtest"
	"kindred/internal/web/webtest"
)

// answering opens the first page of the everyday form in a browser, as Maria.
func answering(t *testing.T) (*stand, *webtest.Browser, *http.Client, string) {
	t.Helper()
	b := webtest.Open(t)
	s := open(t, dbtest.SQLite(t, dbtest.Options{}))
	c := s.maria("maria")
	response := s.begins(c, s.enrolled(c))
	at, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	webtest.NewRound(b).Become(s.server.URL, c.Jar.Cookies(at))
	b.Go(s.server.URL + response + "/pages/0")
	return s, b, c, response
}

// connected takes the network from the browser, or gives it back.
func connected(t *testing.T, b *webtest.Browser, on bool) {
	t.Helper()
	_, err := chromedp.Call(b.Context(), network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1})
	rules := []*network.Conditions{{URLPattern: "", Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}}
	if err == nil {
		_, err = chromedp.Call(b.Context(), network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAnswersWaitForTheNetwork takes the network away while Maria answers, and the page with it: what she answered is
// there again when both are back, arrives once, and leaves nothing in the browser.
func TestAnswersWaitForTheNetwork(t *testing.T) {
	s, b, c, response := answering(t)
	here := s.server.URL + response + "/pages/0"
	kept := `Object.keys(localStorage).filter(k => k.startsWith("kindred.fill/")).length`
	pick(b, "walks", "true")
	until(t, b, `document.querySelector("#f-steps") && document.querySelector("#saved").innerText.includes("Saved at") && `+kept+` === 0`)
	connected(t, b, false)
	pick(b, "aids", "s|rail")
	fill(b, "steps", "30", "since-year", "2020")
	b.Do(chromedp.Focus(chromedp.CSS("#f-steps")))
	until(t, b, kept+` === 3 && document.querySelector("#queue").innerText.startsWith("3 answers are waiting") && !document.querySelector("#saved").innerText.includes("Saved at")`)
	webtest.Eval[bool](b, `(() => { [...document.querySelectorAll("main form button")].find(b => b.textContent.startsWith("Save and continue")).click(); return true; })()`)
	until(t, b, `document.querySelector("#queue").innerText.includes("There is no connection")`)
	if body := s.page(c, response+"/pages/0"); strings.Contains(body, `value="30"`) {
		t.Fatal("the network was there")
	}
	connected(t, b, true)
	b.Go("about:blank") // the page is closed before anything was sent again
	b.Go(here)
	until(t, b, kept+` === 0 && document.querySelector("#saved").innerText.includes("Saved at")`)
	if got := webtest.Eval[string](b, `document.querySelector("#f-steps").value + " " + document.querySelector("#f-since-year").value + " " + document.querySelector('[value="s|rail"]').checked`); got != "30 2020 true" {
		t.Error("the page shows", got)
	}
	body := s.page(c, response+"/pages/0")
	if !strings.Contains(body, `value="30"`) || !strings.Contains(body, `value="2020"`) || strings.Count(body, " checked") != 2 {
		t.Error("the server has something else")
	}
	press(t, b, "Save and continue")
	if path := webtest.Eval[string](b, "location.pathname"); path != response+"/pages/1" {
		t.Error("going on led to", path)
	}
}

// TestAnswersOfAnotherAccountStay leaves what one account could not send alone when another signs in.
func TestAnswersOfAnotherAccountStay(t *testing.T) {
	s, b, c, response := answering(t)
	connected(t, b, false)
	pick(b, "walks", "true")
	until(t, b, `document.querySelector("#queue").innerText.startsWith("1 answer is waiting")`)
	entry := webtest.Eval[[]string](b, `(() => { const k = Object.keys(localStorage).find(k => k.startsWith("kindred.fill/")); return [k, localStorage.getItem(k)]; })()`)
	b.Go("about:blank")
	connected(t, b, true)
	at, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	round := webtest.NewRound(b)
	round.Become(s.server.URL, s.maria("ana").Jar.Cookies(at))
	b.Go(s.server.URL + "/account")
	// The page that was left may have sent it by now and not have heard: then it is as if the network had lost the answer.
	webtest.Eval[bool](b, fmt.Sprintf(`(() => { localStorage.setItem(%q, %q); return true; })()`, entry[0], entry[1]))
	b.Do(chromedp.Reload())
	const left = `document.querySelector("#queue").hidden + " " + Object.keys(localStorage).filter(k => k.startsWith("kindred.fill/")).length`
	if got := webtest.Eval[string](b, left); got != "true 1" {
		t.Error("Ana meets what Maria answered:", got)
	}
	if webtest.Eval[bool](b, `performance.getEntriesByType("resource").some(e => e.name.endsWith("/save"))`) {
		t.Error("Ana's browser sent it")
	}
	round.Become(s.server.URL, c.Jar.Cookies(at))
	b.Go(s.server.URL + "/account") // it is sent from any page
	until(t, b, left+` === "true 0"`)
	if !strings.Contains(s.page(c, response+"/pages/0"), " checked") {
		t.Error("it never arrived")
	}
}
