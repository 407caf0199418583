package view

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"kindred/internal/locale"
)

//go:embed templates
var templateFiles embed.FS

// View holds every page in every language, parsed.
type View struct {
	assets *Assets
	house  House
	pages  map[string]map[string]*template.Template // language -> page -> its templates
}

// New parses every page in every language and checks every message key that a template names.
func New(house House) (*View, error) {
	assets, err := loadAssets()
	if err != nil {
		return nil, err
	}
	v := &View{assets: assets, house: house, pages: map[string]map[string]*template.Template{}}
	for _, lang := range locale.Languages {
		if v.pages[lang], err = parsePages(locale.For(lang).In(house.zone()), assets); err != nil {
			return nil, fmt.Errorf("view: in %s: %w", lang, err)
		}
	}
	return v, nil
}

// parsePages reads layout and components once, and each page on a copy of them.
func parsePages(p *locale.Printer, assets *Assets) (map[string]*template.Template, error) {
	shared, err := template.New("").Option("missingkey=error").Funcs(functions(p, assets)).
		ParseFS(templateFiles, "templates/*.html", "templates/components/*.html")
	if err != nil {
		return nil, err
	}
	entries, err := templateFiles.ReadDir("templates/pages")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, e := range entries {
		set, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if set, err = set.ParseFS(templateFiles, path.Join("templates/pages", e.Name())); err != nil {
			return nil, err
		}
		if set.Lookup("main") == nil {
			return nil, fmt.Errorf("%s defines no main", e.Name())
		}
		if err := checkKeys(set); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		// Escaping happens at the first run; do it now, so that a template that cannot be made safe stops the start.
		// The run itself fails for want of data, which is no matter.
		var unsafe *template.Error
		if err := set.ExecuteTemplate(io.Discard, "layout", nil); errors.As(err, &unsafe) {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		pages[strings.TrimSuffix(e.Name(), ".html")] = set
	}
	return pages, nil
}

// Zone is the time zone in which pages tell instants.
func (v *View) Zone() *time.Location { return v.house.zone() }

// Assets serves the embedded files; route GET and HEAD /assets/ to it.
func (v *View) Assets() http.Handler { return v.assets }

// Has tells whether there is a page of that name.
func (v *View) Has(name string) bool { return v.pages[locale.Languages[0]][name] != nil }

// Pages names all pages.
func (v *View) Pages() []string {
	var names []string
	for name := range v.pages[locale.Languages[0]] {
		names = append(names, name)
	}
	return names
}

// Render writes a whole page. On an error nothing has been written.
func (v *View) Render(w http.ResponseWriter, shell Shell, status int, name string, page Page) error {
	return v.write(w, shell, status, name, "layout", page)
}

// Fragment writes one template of a page, for htmx to swap in. On an error nothing has been written.
func (v *View) Fragment(w http.ResponseWriter, shell Shell, status int, name, part string, page Page) error {
	return v.write(w, shell, status, name, part, page)
}

func (v *View) write(w http.ResponseWriter, shell Shell, status int, name, part string, page Page) error {
	if shell.Printer == nil {
		shell.Printer = locale.For()
	}
	set := v.pages[shell.Printer.Lang()][name]
	if set == nil {
		return fmt.Errorf("view: no page %q in %s", name, shell.Printer.Lang())
	}
	if shell.Dir == "" {
		shell.Dir = direction(shell.Printer.Lang())
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, part, screen{page, shell, v.house}); err != nil {
		return fmt.Errorf("view: %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", shell.Printer.Lang())
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Add("Vary", "Accept-Language, Cookie, HX-Request")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader has gone: nothing to do
	return nil
}

// direction is the way a language is written.
func direction(lang string) string {
	switch strings.SplitN(lang, "-", 2)[0] {
	case "ar", "fa", "he", "ur", "ps", "yi":
		return "rtl"
	}
	return "ltr"
}
