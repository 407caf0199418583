package webtest

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Round looks at one page after the other as different people meet them: on a desk and on a phone, in the light and in
// the dark, with the keyboard alone, at 400 % zoom, from right to left, and without scripts. It remembers where it was,
// so that a test can tell which pages nobody looked at.
type Round struct {
	*Browser
	seen map[string]bool
}

// NewRound begins a round in a browser.
func NewRound(b *Browser) *Round { return &Round{b, map[string]bool{}} }

// screens are what every page is looked at on; shot tells which pictures are kept.
var screens = []struct {
	width int64
	dark  bool
	name  string
	shot  bool
}{{1280, false, "desk", true}, {1280, true, "desk-dark", false}, {390, false, "phone-light", false}, {390, true, "phone", true}}

// Visit opens a page and looks at it, at last without scripts.
func (r *Round) Visit(name, url string) {
	r.tb.Helper()
	r.Go(url)
	r.Look(name)
	r.WithoutScripts(name)
}

// Look looks at the page that is open. With KINDRED_SHOTS=DIR it leaves pictures there: on a desk in the light and on a
// phone in the dark; with KINDRED_SHOTS_ALL=1 each in both.
func (r *Round) Look(name string) {
	r.tb.Helper()
	r.seen[Eval[string](r.Browser, "location.pathname")] = true
	if status := Eval[int](r.Browser, `performance.getEntriesByType("navigation")[0].responseStatus`); status >= 500 {
		r.tb.Errorf("%s answers %d", name, status)
	}
	for _, s := range screens {
		r.Screen(s.width, 900, s.dark)
		if s.shot {
			r.Axe(name + " " + s.name)
		} else {
			r.Contrast(name + " " + s.name)
		}
		r.Reflows(name + " " + s.name)
		r.SmallTargets(name + " " + s.name)
		if dir := os.Getenv("KINDRED_SHOTS"); dir != "" && (s.shot || os.Getenv("KINDRED_SHOTS_ALL") != "") {
			r.Shot(filepath.Join(dir, name+"-"+s.name+".webp"))
		}
	}
	r.Zoomed(name)
	r.Mirrored(name)
	r.Screen(1280, 900, false)
	r.Keyboard(name)
}

// Zoomed looks at what 400 % zoom leaves of a window of 1280 by 1024 pixels.
func (b *Browser) Zoomed(name string) {
	b.tb.Helper()
	b.Screen(320, 256, false)
	b.Reflows(name + " at 400 %")
	b.SmallTargets(name + " at 400 %")
}

// Mirrored turns the page from right to left and reports what scrolls sideways, hangs over an edge or keeps to the side
// where a language from left to right begins.
func (b *Browser) Mirrored(name string) {
	b.tb.Helper()
	b.Screen(390, 844, false)
	for _, fault := range Eval[[]string](b, `(() => {
		const root = document.documentElement, was = root.dir;
		root.dir = "rtl";
		const w = root.clientWidth, found = [];
		if (root.scrollWidth > w) found.push("scrolls sideways");
		for (const e of document.querySelectorAll("body *")) {
			if (e.closest(".frame, .stack thead, .unseen, .skip, svg, pre") || !e.checkVisibility()) continue;
			const r = e.getBoundingClientRect(), s = getComputedStyle(e);
			if (r.width && (r.left < -1 || r.right > w + 1)) found.push(e.tagName + "." + e.className + " hangs over the edge");
			if (s.textAlign === "left" || s.textAlign === "right") found.push(e.tagName + "." + e.className + " is aligned " + s.textAlign);
		}
		root.dir = was;
		return found.slice(0, 5);
	})()`) {
		b.tb.Errorf("%s from right to left: %s", name, fault)
	}
}

// stopsMost is how many stops of a page the keyboard is walked through: what comes after is more of the same.
const stopsMost = 120

// Keyboard walks the page with the Tab key alone, from the skip link on. It reports what can be pressed but not be
// reached, what is reached out of order, and where one does not see that one is there.
func (b *Browser) Keyboard(name string) {
	b.tb.Helper()
	stops := Eval[[]string](b, `(() => {
		const groups = new Set(), stops = [];
		window.kindredSteps = [];
		for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
			if (e.disabled || e.type === "hidden" || e.tabIndex < 0 || !e.checkVisibility({visibilityProperty: true})) continue;
			if (e.tabIndex > 0) { stops.push("tabindex " + e.tabIndex); continue; }
			if (e.type === "radio") { // a group is one stop: its chosen one, or the first that Tab meets
				const key = (e.form ? [...document.forms].indexOf(e.form) : "") + " " + e.name;
				const all = [...document.getElementsByName(e.name)].filter(o => o.form === e.form), chosen = all.find(o => o.checked);
				if (groups.has(key) || chosen && chosen !== e) continue;
				groups.add(key);
			}
			e.dataset.stop = stops.length;
			stops.push(e.tagName.toLowerCase() + " " + (e.getAttribute("aria-label") || e.textContent || e.name || "").trim().slice(0, 30));
		}
		document.addEventListener("focusin", event => {
			const e = event.target, seen = e.matches(".option input") && e.nextElementSibling ? e.nextElementSibling : e, s = getComputedStyle(seen);
			const shown = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== "none";
			window.kindredSteps.push([parseInt(e.dataset.stop ?? "-1"), shown ? 1 : 0]);
		});
		const first = document.querySelector("[data-stop='0']");
		if (first) first.focus();
		return stops;
	})()`)
	if len(stops) == 0 || !strings.Contains(Eval[string](b, `document.activeElement.className`), "skip") {
		b.tb.Errorf("%s: the first stop is not the link that skips to the content", name)
		return
	}
	n := min(len(stops), stopsMost)
	press := make([]chromedp.Action[chromedp.Void], n-1)
	for i := range press {
		press[i] = chromedp.KeyEvent("\t")
	}
	b.Do(press...)
	reached, last := map[int]bool{0: true}, 0
	for _, step := range Eval[[][2]int](b, "window.kindredSteps") {
		at := step[0]
		switch {
		case at < 0:
			b.tb.Errorf("%s: the keyboard stops where nothing can be pressed", name)
		case at < last:
			b.tb.Errorf("%s: %q comes out of order", name, stops[at])
		case step[1] == 0:
			b.tb.Errorf("%s: nobody sees that the keyboard is at %q", name, stops[at])
		}
		reached[at], last = true, max(at, last)
	}
	for i := range n {
		if !reached[i] {
			b.tb.Errorf("%s: the keyboard does not reach %q", name, stops[i])
		}
	}
}

// words are the headings, labels, links and buttons of a page, without the rows of tables, which may grow by being
// looked at, and without the buttons that only a script gives a meaning.
const words = `[...document.querySelectorAll(":is(header, main, footer) :is(h1, h2, h3, h4, label, legend, th, dt, summary, a, button)")]
	.filter(e => e.checkVisibility() && !e.closest("tbody, [data-print], .notice, .pages")).map(e => e.textContent.trim()).join(" | ")`

// WithoutScripts opens the page again with scripts switched off and reports what is then missing: words, or a form that
// cannot be sent.
func (b *Browser) WithoutScripts(name string) {
	b.tb.Helper()
	with := Eval[string](b, words)
	b.scripts(false)
	defer b.scripts(true)
	b.Do(chromedp.Reload())
	if without := Eval[string](b, words); without != with {
		b.tb.Errorf("%s says something else without scripts:\n%.600s\ninstead of\n%.600s", name, without, with)
	}
	for _, form := range Eval[[]string](b, `[...document.forms].filter(f => ![...f.elements].some(e => e.type === "submit" && !e.disabled)).map(f => f.action)`) {
		b.tb.Errorf("%s: without scripts the form to %s cannot be sent", name, form)
	}
}

// scripts switches the page's own scripts on or off, from the next page on.
func (b *Browser) scripts(on bool) {
	b.tb.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
}

// Become makes the browser the one that holds these cookies, and no others. The page before is left first, so that
// nothing it still asks for comes from somebody else.
func (b *Browser) Become(url string, cookies []*http.Cookie) {
	b.tb.Helper()
	b.Go("about:blank")
	_, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{})
	for _, c := range cookies {
		if err == nil {
			_, err = chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: url})
		}
	}
	if err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
}

// Missed lists the paths of routes (with :name and *name for what varies) that the round has not looked at.
func (r *Round) Missed(routes []string) []string {
	visited := map[string]bool{}
	for path := range r.seen {
		visited[closest(routes, path)] = true
	}
	var missed []string
	for _, route := range routes {
		if !visited[route] {
			missed = append(missed, route)
		}
	}
	return missed
}

var varying = regexp.MustCompile(`:[a-z]+|\*[a-z]+`)

// closest is the route that answers a path: of those that fit, the one with the fewest parts that vary.
func closest(routes []string, path string) string {
	best, fewest := "", 100
	for _, route := range routes {
		pattern := "^" + varying.ReplaceAllString(route, "[^/]+") + "$" // a route holds nothing else that means something here
		n := len(varying.FindAllString(route, -1))
		if ok, err := regexp.MatchString(pattern, path); err == nil && ok && n < fewest {
			best, fewest = route, n
		}
	}
	return best
}
