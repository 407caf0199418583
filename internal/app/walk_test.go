package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kindred/internal/web/webtest"
)

// walker is somebody at a browser, who reads words and presses buttons.
type walker struct {
	*testing.T
	*webtest.Browser
	base string
}

// running is a registry that is served until the test ends.
type running struct {
	*App
	base string
	data string
	stop func()
}

// run opens a demonstration's registry and serves it on a free port.
func run(t *testing.T, data, url string) *running {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: data, Database: url, Demo: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- a.Serve(ctx, Front{Addr: "127.0.0.1:0", Started: func(addr string) { started <- "http://" + addr }})
	}()
	r := &running{App: a, data: data}
	select {
	case r.base = <-started:
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(30 * time.Second):
		t.Fatal("the server did not start")
	}
	done := false
	r.stop = func() {
		if done {
			return
		}
		done = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(r.stop)
	return r
}

// walk opens a browser of its own.
func (r *running) walk(t *testing.T) *walker {
	t.Helper()
	t.Setenv("TMPDIR", "/tmp") // the registry's own temporary folder is too deep for chromium's socket
	return &walker{t, webtest.Open(t), r.base}
}

// beside signs somebody of the demonstration in, in the same chromium with cookies of their own.
func (w *walker) beside(name string) *walker {
	w.Helper()
	other := &walker{w.T, w.Another(), w.base}
	other.signIn(name, DemoPassword)
	return other
}

func (w *walker) open(path string) { w.Helper(); w.Go(w.base + path); w.sound(path) }

// sound checks what must hold of every page: no failure, and nothing left untranslated.
func (w *walker) sound(where string) {
	w.Helper()
	text := w.text()
	for _, bad := range []string{"Something went wrong on our side", "Algo ha fallado", "[page_", "[view."} {
		if strings.Contains(text, bad) {
			w.Fatalf("%s shows %q:\n%s", where, bad, text)
		}
	}
}

func (w *walker) text() string {
	return webtest.Eval[string](w.Browser, `document.querySelector("main") ? document.querySelector("main").innerText : document.body.innerText`)
}

// choose takes the first option of every group of radio buttons on the page, and gives their names.
func (w *walker) choose() []string {
	w.Helper()
	return webtest.Eval[[]string](w.Browser, `(() => {
		const names = [...new Set([...document.querySelectorAll("main input[type=radio]")].map(e => e.name))];
		for (const n of names) document.getElementsByName(n)[0].click();
		return names;
	})()`)
}

func (w *walker) path() string { return webtest.Eval[string](w.Browser, `location.pathname`) }

// fill enters a value in the field of that name, or chooses the radio button or check-box with that value.
func (w *walker) fill(name, value string) {
	w.Helper()
	script := fmt.Sprintf(`(() => {
		const all = [...document.getElementsByName(%[1]s)].filter(e => e.type !== "hidden");
		const choice = all.find(e => (e.type === "radio" || e.type === "checkbox") && e.value === %[2]s);
		if (choice) { choice.click(); return "ok"; }
		const field = all.find(e => e.type !== "radio" && e.type !== "checkbox");
		if (!field) return "no field " + %[1]s + " for " + %[2]s;
		field.focus(); field.value = %[2]s;
		field.dispatchEvent(new Event("input", {bubbles: true})); field.dispatchEvent(new Event("change", {bubbles: true})); field.blur();
		return "ok";
	})()`, quoted(name), quoted(value))
	if got := webtest.Eval[string](w.Browser, script); got != "ok" {
		w.Fatalf("%s: %s\n%s", w.path(), got, w.text())
	}
}

// press follows the link or presses the button that begins with those words and holds the others, and waits for the
// page that it leads to.
func (w *walker) press(words string, others ...string) {
	w.Helper()
	script := fmt.Sprintf(`(() => {
		const seen = e => e.offsetParent !== null && e.innerText.trim().startsWith(%[1]s) && e.textContent.includes(%[2]s);
		const found = [...document.querySelectorAll("main button, main a")].find(seen) || [...document.querySelectorAll("button, a")].find(seen);
		if (!found) return "nothing says " + %[1]s;
		window.kindredStale = true; setTimeout(() => found.click(), 0); return "ok";
	})()`, quoted(words), quoted(strings.Join(others, "")))
	if got := webtest.Eval[string](w.Browser, script); got != "ok" {
		w.Fatalf("%s: %s\n%s", w.path(), got, w.text())
	}
	w.arrive(words)
}

// arrive waits until another page has taken the place of this one.
func (w *walker) arrive(words string) {
	w.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !w.arrived() {
		if time.Now().After(deadline) {
			w.Fatalf("%q led nowhere from %s:\n%s", words, w.path(), w.text())
		}
		ctx, cancel := context.WithTimeout(w.Context(), 2*time.Second)
		_, _ = chromedp.Run(ctx, chromedp.Poll[bool](`!window.kindredStale && document.readyState === "complete"`)) // navigating ends the poll
		cancel()
	}
	w.sound(words)
}

// arrived tells whether another page is there and whole; while one page takes the place of another, nobody can tell.
func (w *walker) arrived() bool {
	there, err := chromedp.Run(w.Context(), chromedp.Evaluate[bool](`!window.kindredStale && document.readyState === "complete"`))
	return err == nil && there
}

// sees waits for words on the page, which a fragment may bring, or the page that takes its place.
func (w *walker) sees(words string) {
	w.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.querySelector("main").innerText.includes(`+quoted(words)+`)`)) // a new page ends the poll
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("%s does not show %q:\n%s", w.path(), words, w.text())
		}
	}
}

// give puts a file into the box of a form that asks for one.
func (w *walker) give(file string) {
	w.Helper()
	w.Do(chromedp.SetUploadFiles(chromedp.CSS("main input[type=file]"), []string{file}))
}

func (w *walker) register(name, password string) {
	w.Helper()
	w.open("/register")
	w.fill("name", name)
	w.fill("password", password)
	w.submit("/register")
	w.signIn(name, password)
}

func (w *walker) signIn(name, password string) {
	w.Helper()
	w.open("/sign-in")
	w.fill("name", name)
	w.fill("password", password)
	w.submit("/sign-in")
}

// submit presses the button of the form that posts to a path, or to the page's own.
func (w *walker) submit(action string) {
	w.Helper()
	script := fmt.Sprintf(`(() => {
		const forms = [...document.querySelectorAll("main form")].filter(f => f.method === "post");
		const form = forms.find(f => new URL(f.action).pathname === %[1]s) || (%[1]s === "" ? forms[0] : null);
		if (!form) return "no form posts to " + %[1]s;
		window.kindredStale = true; const button = form.querySelector("button[type=submit], button:not([type])"); setTimeout(() => button.click(), 0); return "ok";
	})()`, quoted(action))
	if got := webtest.Eval[string](w.Browser, script); got != "ok" {
		w.Fatalf("%s: %s\n%s", w.path(), got, w.text())
	}
	w.arrive("the form " + action)
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always encodes
	}
	return string(b)
}

func dataFolder(t *testing.T) string { return filepath.Join(t.TempDir(), "data") }
