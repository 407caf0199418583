package view

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/internal/locale"
	"kindred/internal/web/webtest"
)

// TestStyleguideInABrowser looks at every component in both themes, on a desk and on a phone, and at 320 pixels, which
// is what 400 % zoom leaves. With KINDRED_SHOTS=DIR it leaves its screenshots there.
func TestStyleguideInABrowser(t *testing.T) {
	b := webtest.Open(t)
	v := open(t)
	mux := http.NewServeMux()
	mux.Handle("/assets/", v.Assets())
	mux.HandleFunc("/styleguide", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		p := locale.For(r.URL.Query().Get("lang"))
		shell := StyleguideShell(p, ParseTheme(r.URL.Query().Get("theme")))
		shell.Dir = r.URL.Query().Get("dir")
		if err := v.Render(w, shell, 200, "styleguide", Styleguide(p)); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, c := range []struct {
		width int64
		dark  bool
		query string
	}{{1280, false, ""}, {1280, true, ""}, {390, false, ""}, {390, true, ""}, {1280, false, "?theme=dark"}, {390, false, "?lang=es"}, {320, false, ""}, {390, false, "?dir=rtl"}} {
		name := fmt.Sprintf("styleguide-%d-%s%s", c.width, map[bool]string{false: "light", true: "dark"}[c.dark], strings.NewReplacer("?", "-", "=", "-").Replace(c.query))
		b.Screen(c.width, 900, c.dark)
		b.Go(server.URL + "/styleguide" + c.query)
		b.Axe(name)
		b.Reflows(name)
		b.SmallTargets(name)
		if font := webtest.Eval[bool](b, `document.fonts.ready.then(() => document.fonts.check('16px "Atkinson"'))`); !font {
			t.Error("the typeface did not load")
		}
		if dir := os.Getenv("KINDRED_SHOTS"); dir != "" {
			b.Shot(filepath.Join(dir, name+".webp"))
		}
	}
	if got := webtest.Eval[string](b, `getComputedStyle(document.body).backgroundColor + htmx.version`); got == "" {
		t.Error("htmx did not load")
	}
}
