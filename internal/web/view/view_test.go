package view

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/internal/web/webtest"
)

func house() House {
	return House{Operator: "The Registry of Maria and Lucía", Contact: "help@registry.example", HPO: "2026-01-08"}
}

func open(t testing.TB) *View {
	t.Helper()
	v, err := New(house())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func rendered(t testing.TB, v *View, shell Shell, name string, page Page) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := v.Render(w, shell, http.StatusOK, name, page); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func TestStyleguideHasSoundStructure(t *testing.T) {
	v := open(t)
	for _, lang := range locale.Languages {
		p := locale.For(lang)
		webtest.Check(t, rendered(t, v, StyleguideShell(p, System), "styleguide", Styleguide(p)))
	}
}

func TestStructureFindsFaults(t *testing.T) {
	bad := `<html><head><title>x</title></head><body><main><h1>a</h1><h1>b</h1><p id="a"></p><p id="a" style="x"></p>
		<input name="n"><a href="#gone">go</a><button></button><script>x()</script><p>[page.key]</p></main></body></html>`
	if got := webtest.Faults(bad, true); len(got) != 9 {
		t.Errorf("%d faults found: %s", len(got), strings.Join(got, "\n"))
	}
}

func TestEveryMessageOfEveryComponentIsTranslated(t *testing.T) {
	if err := checkKeys(open(t).pages["en"]["styleguide"]); err != nil {
		t.Error(err)
	}
}

func TestFaultsAreSaidInTheTitleTheSummaryAndBesideTheField(t *testing.T) {
	v := open(t)
	page := Styleguide(locale.For("es"))
	page.Faults = fault.List{fault.New(fault.Invalid, "view.date.year_needed").At("birth")}
	body := rendered(t, v, StyleguideShell(locale.For("es"), System), "styleguide", page)
	for _, want := range []string{"<title>Error: ", `<a href="#f-birth">Escribe el año con cuatro cifras</a>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestTextOfPeopleIsInert(t *testing.T) {
	v := open(t)
	shell := StyleguideShell(locale.For("en"), System)
	shell.Name = `<script>alert(1)</script>`
	page := Styleguide(shell.Printer)
	page.Title = Plain(`</title><img src=x onerror=alert(1)>`)
	page.Subject.Name = `"><b onclick=x>`
	page.Subject.Switch = "javascript:alert(1)"
	body := rendered(t, v, shell, "styleguide", page)
	for _, f := range webtest.Faults(body, true) {
		if !strings.Contains(f, "ZgotmplZ") { // what html/template writes for an address that it refuses
			t.Error(f)
		}
	}
	for _, bad := range []string{"<script>alert", "<img src=x", "<b onclick", "javascript:alert"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
}

func TestAnOptionThatDoesNotExistIsAnError(t *testing.T) {
	if _, err := build[Field]("Nmae", "x"); err == nil {
		t.Error("a misspelt field passed")
	}
	if _, err := build[Field]("Rows", "three"); err == nil {
		t.Error("a string passed as a number")
	}
	if _, err := build[Field]("Name"); err == nil {
		t.Error("an odd list passed")
	}
	if n, err := build[Notice]("Text", Key("view.or"), "Link", Link{Href: "/"}); err != nil || n.Link.Href != "/" {
		t.Error("a pointer field was not filled", err)
	}
}

func TestRenderWritesNothingOnAFault(t *testing.T) {
	w := httptest.NewRecorder()
	if err := open(t).Render(w, Shell{}, 200, "styleguide", Page{Data: 3}); err == nil || w.Body.Len() > 0 {
		t.Errorf("err %v, %d bytes written", err, w.Body.Len())
	}
}

func TestRenderingAtOnceInBothLanguages(t *testing.T) {
	v := open(t)
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			p := locale.For(locale.Languages[i%2])
			if body := rendered(t, v, StyleguideShell(p, System), "styleguide", Styleguide(p)); !strings.Contains(body, p.T("view.foot.help")) {
				t.Error("the wrong language")
			}
		})
	}
	wait.Wait()
}

func TestAssets(t *testing.T) {
	v := open(t)
	url, err := v.assets.URL("app.css")
	if err != nil {
		t.Fatal(err)
	}
	get := func(method, url, match string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, url, nil)
		r.Header.Set("If-None-Match", match)
		w := httptest.NewRecorder()
		v.Assets().ServeHTTP(w, r)
		return w
	}
	w := get("GET", url, "")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Error(w.Code, w.Header())
	}
	if strings.Contains(w.Body.String(), `url("vendor`) {
		t.Error("the style sheet names a file without its checksum")
	}
	if h := get("HEAD", url, ""); h.Code != 200 || h.Body.Len() != 0 || h.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
		t.Error("HEAD", h.Code, h.Body.Len())
	}
	if n := get("GET", url, w.Header().Get("ETag")); n.Code != 304 {
		t.Error("not 304 but", n.Code)
	}
	for _, bad := range []string{"/assets/00000000/app.css", "/assets/../view.go", "/assets/"} {
		if g := get("GET", bad, ""); g.Code != 404 {
			t.Error(bad, g.Code)
		}
	}
	if _, err := v.assets.URL("nope.css"); err == nil {
		t.Error("an unknown asset has an address")
	}
}

func TestJoinDate(t *testing.T) {
	for _, c := range []struct {
		day, month, year string
		partial          bool
		want, key        string
	}{
		{"4", "3", "2021", false, "2021-03-04", ""},
		{" 04", "03 ", "2021", false, "2021-03-04", ""},
		{"", "", "", false, "", ""},
		{"", "3", "2021", true, "2021-03", ""},
		{"", "", "2021", true, "2021", ""},
		{"", "3", "2021", false, "", "view.date.day_needed"},
		{"4", "", "2021", true, "", "view.date.month_needed"},
		{"4", "3", "", true, "", "view.date.year_needed"},
		{"4", "3", "21", true, "", "view.date.year_needed"},
		{"4", "13", "2021", true, "", "view.date.month_needed"},
		{"32", "1", "2021", true, "", "view.date.day_needed"},
		{"29", "2", "2021", true, "", "view.date.real"},
		{"29", "2", "2020", true, "2020-02-29", ""},
	} {
		got, e := JoinDate(Values{"d-day": {c.day}, "d-month": {c.month}, "d-year": {c.year}}, "d", c.partial)
		key := ""
		if e != nil {
			key = e.Key
			if e.Field != "d" {
				t.Errorf("the fault belongs to %q", e.Field)
			}
		}
		if got != c.want || key != c.key {
			t.Errorf("%+v: %q %q", c, got, key)
		}
	}
}

func FuzzJoinDate(f *testing.F) {
	f.Add("4", "3", "2021", true)
	f.Add("", "", "0000", true)
	f.Fuzz(func(t *testing.T, day, month, year string, partial bool) {
		got, e := JoinDate(Values{"d-day": {day}, "d-month": {month}, "d-year": {year}}, "d", partial)
		if e != nil || got == "" {
			return
		}
		p := DateBoxes{Value: got}.Parts()
		again, e := JoinDate(Values{"d-day": {p[0]}, "d-month": {p[1]}, "d-year": {pad(p[2])}}, "d", partial)
		if e != nil || again != got {
			t.Errorf("%q comes back as %q, %v", got, again, e)
		}
	})
}

func pad(year string) string { return strings.Repeat("0", max(0, 4-len(year))) + year }

func TestAPageSaysInWhichZoneItsTimesAre(t *testing.T) {
	for _, c := range []struct {
		zone *time.Location
		want []string
	}{
		{nil, []string{"4 March 2021, 10:42", "universal time (UTC)"}},
		{time.FixedZone("Pacific/Kiritimati", 14*3600), []string{"5 March 2021, 00:42", "those of Pacific/Kiritimati", `datetime="2021-03-04T10:42:00Z"`}},
	} {
		v, err := New(House{Zone: c.zone})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		p := locale.For("en")
		if err := v.Render(w, StyleguideShell(p, Light), 200, "styleguide", Styleguide(p)); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("a page in %v does not say %q", c.zone, want)
			}
		}
	}
}
