package webtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

//go:embed axe/axe.min.js
var axe string

// Browser is one chromium with one tab.
type Browser struct {
	tb  testing.TB
	ctx context.Context
}

// Open starts chromium with an empty profile and ends it with the test. Where there is none the test is skipped, saying
// so; with CI=true it fails.
func Open(tb testing.TB) *Browser {
	tb.Helper()
	path := chromium()
	if path == "" {
		if os.Getenv("CI") == "true" {
			tb.Fatal("no chromium on this machine, and CI=true")
		}
		tb.Skip("SKIPPED: no chromium on this machine (install Debian's chromium, or set KINDRED_CHROMIUM)")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile(tb)), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(alloc)
	ctx, cut := context.WithTimeout(ctx, 10*time.Minute)
	tb.Cleanup(func() { cut(); end(); stop() })
	b := &Browser{tb, ctx}
	b.Do(chromedp.Navigate("about:blank"))
	return b
}

// profile is an empty folder that is removed after chromium has let go of it, which may be a moment after its end.
func profile(tb testing.TB) string {
	dir, err := os.MkdirTemp("", "chromium-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) }) // what is left lies in the system's temporary folder
	return dir
}

func chromium() string {
	if p := os.Getenv("KINDRED_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// Another is the browser of somebody else: the same chromium, with cookies of its own.
func (b *Browser) Another() *Browser {
	b.tb.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.tb.Cleanup(end)
	other := &Browser{b.tb, ctx}
	other.Do(chromedp.Navigate("about:blank"))
	return other
}

// Download presses the link or button that a CSS selector names and waits until the file that comes is whole. It lies in
// the folder under the name that the server gave it.
func (b *Browser) Download(dir, selector string) {
	b.tb.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute)
	defer stop()
	tell := true
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID, DownloadPath: dir, EventsEnabled: &tell,
	})
	if err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
	progress := chromedp.BrowserEvents(ctx, browser.DownloadProgress)
	b.Do(chromedp.Click(chromedp.CSS(selector)))
	for e, err := range progress {
		switch {
		case err != nil:
			b.tb.Fatalf("download %s: %v", selector, err)
		case e.State == browser.DownloadProgressStateCompleted:
			return
		case e.State == browser.DownloadProgressStateCanceled:
			b.tb.Fatalf("download %s: it was broken off", selector)
		}
	}
}

// Context is the tab's, for actions that this package does not name.
func (b *Browser) Context() context.Context { return b.ctx }

// Do runs actions and fails the test on the first that does not work.
func (b *Browser) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.tb.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
}

// Go opens an address and waits until the page has loaded.
func (b *Browser) Go(url string) { b.tb.Helper(); b.Do(chromedp.Navigate(url)) }

// Screen sets the size of the window and the colours that the system asks for.
func (b *Browser) Screen(width, height int64, dark bool) {
	b.tb.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})
	if err == nil {
		_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
	}
	if err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
}

// Eval runs a script in the page and gives its value; a promise is awaited.
func Eval[T any](b *Browser, script string) T {
	b.tb.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
	return v
}

// shotMost is how much of a long page a picture shows, in pixels: the rest is more of the same.
const shotMost = 3000

// Shot saves the page as a picture: WebP, which is a tenth of a PNG, so that the pictures can live in the project.
func (b *Browser) Shot(path string) {
	b.tb.Helper()
	whole, quality := true, int64(70)
	size := Eval[[2]float64](b, `[document.documentElement.clientWidth, document.documentElement.scrollHeight]`)
	shot, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality, CaptureBeyondViewport: &whole, FromSurface: &whole,
		Clip: &page.Viewport{Width: size[0], Height: min(size[1], shotMost), Scale: 1},
	})
	if err != nil {
		b.tb.Fatalf("chromium: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.tb.Fatal(err)
	}
	if err := os.WriteFile(path, shot.Data, 0o644); err != nil {
		b.tb.Fatal(err)
	}
}

// Axe runs axe-core on the page and reports every serious or critical finding.
func (b *Browser) Axe(name string) { b.tb.Helper(); b.axe(name, "") }

// Contrast runs the one rule of axe-core that the other colours can break.
func (b *Browser) Contrast(name string) {
	b.tb.Helper()
	b.axe(name, `runOnly: ["color-contrast"], `)
}

func (b *Browser) axe(name, which string) {
	b.tb.Helper()
	Eval[bool](b, `typeof axe === "object"`+" || "+"(() => {"+axe+"; return true; })()")
	raw := Eval[string](b, `axe.run(document, {`+which+`resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v =>
		({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200) + " :: " + (n.failureSummary || "").slice(0, 300))}))))`)
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		b.tb.Fatal(err)
	}
	for _, f := range found {
		say := b.tb.Logf
		if f.Impact == "serious" || f.Impact == "critical" {
			say = b.tb.Errorf
		}
		say("%s: axe %s (%s): %s\n  %s", name, f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n  "))
	}
}

// Reflows reports when the page scrolls sideways at a width.
func (b *Browser) Reflows(name string) {
	b.tb.Helper()
	if wide := Eval[string](b, `(() => { const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return "";
		const inFrame = e => e.closest(".frame, .unseen, .skip");
		return [...document.querySelectorAll("body *")].filter(e => !inFrame(e) && e.getBoundingClientRect().right > w + 1).slice(0, 5)
			.map(e => e.tagName + "." + e.className).join(", ") || "unknown element"; })()`); wide != "" {
		b.tb.Errorf("%s scrolls sideways: %s", name, wide)
	}
}

// SmallTargets reports links and controls that are smaller than 44 pixels in their block (links inside text are exempt).
func (b *Browser) SmallTargets(name string) {
	b.tb.Helper()
	list := Eval[[]string](b, `[...document.querySelectorAll("main a, main button, header a, header button, header summary, main input:not([type=hidden]), main select, footer a")]
		.filter(e => { const s = getComputedStyle(e); if (s.display === "inline" && e.tagName === "A") return false;
			let r = e.getBoundingClientRect(); if (!r.width || !r.height) return false;
			if (e.matches("[type=radio], [type=checkbox]")) r = e.parentElement.getBoundingClientRect();
			return r.height < 43.5; })
		.map(e => e.tagName + " " + (e.textContent || e.name).trim().slice(0, 40) + " " + Math.round(e.getBoundingClientRect().height))`)
	for _, e := range list {
		b.tb.Errorf("%s: target smaller than 44 px: %s", name, e)
	}
}
