package page

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"kindred/internal/web/view"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// formWriter prepares to draw a page of a draft for this reader.
func (r *Request) formWriter(form sdc.PageView, resp questionnaires.Response) formWriter {
	base := responsePath(r.person, resp.ID)
	w := formWriter{
		l: r.Printer, lang: form.Lang, base: base, page: base + "/pages/" + strconv.Itoa(form.Number),
		query: map[string]string{r.Query("find"): r.Query("q")}, doubts: map[string][]string{},
	}
	w.alien = w.alienTo(form.Items)
	if resp.State != nil {
		wrong, doubtful := resp.Form.Doubts(resp.State)
		for _, e := range append(wrong, doubtful...) {
			w.doubts[e.Field] = append(w.doubts[e.Field], view.Tell(w.l, e))
		}
	}
	return w
}

// only says in which language a page is that has nothing in the reader's.
func (w formWriter) only() string {
	if !w.alien || w.lang == "" {
		return ""
	}
	return w.l.T("page_form.all_in", "Language", w.languageName(w.lang))
}

// lookFor leads to the question whose long list is looked into.
func lookFor(form filledPage) string {
	path := form.first("_find")
	return "?" + url.Values{"find": {path}, "q": {form.first(path + "~find")}}.Encode() + "#" + view.ID(path) + "-item"
}

// found gives what a look into a long list shows, for the page to put in.
func (p *Pages) found(r *Request, form sdc.PageView, resp questionnaires.Response) error {
	list := search(r.formWriter(form, resp).items(form.Items, 2), r.Query("find"))
	if len(list) == 0 {
		return sdc.ErrNoItem
	}
	return r.Part("fill", "found_part", view.Page{Data: list[0]})
}

// search finds the question of a path on a page.
func search(items []formItem, path string) []formItem {
	for _, it := range items {
		if it.Path == path && it.Find != nil {
			return []formItem{it}
		}
		inside := it.Items
		for _, o := range it.Repeats {
			inside = append(inside[:len(inside):len(inside)], o.Items...)
		}
		if got := search(inside, path); got != nil {
			return got
		}
	}
	return nil
}

// formSlider is a line to slide along beside the number that it stands for. It has no name: the number is the answer.
type formSlider struct{ Min, Max, Step, Lower, Upper string }

// formFind asks for words to look for in a long list of options.
type formFind struct {
	Name, Query, Href string
	Says              string // how many were found
}

// longList is from how many options on a list is looked into by words instead of read.
const longList = 60

// foundMost is how many options a look into a list shows.
const foundMost = 30

// finds tells whether a question is looked into by words.
func finds(it sdc.ItemView) bool {
	return len(it.Options) > longList || it.Control == "autocomplete" && len(it.Options) > 0 || it.Control == "lookup" && len(it.Options) > 0
}

// find offers the options that were chosen and those that hold all the words of a query.
func (w formWriter) find(it sdc.ItemView, f *formItem, hint, wrong string) {
	query := strings.TrimSpace(w.query[it.Path])
	words, count := strings.Fields(strings.ToLower(query)), 0
	var list []view.Option
	for _, o := range w.options(it) {
		fits := len(words) > 0
		for _, word := range words {
			fits = fits && strings.Contains(strings.ToLower(o.Label), word)
		}
		if fits && !o.Checked {
			count++
		}
		if o.Checked || fits && count <= foundMost {
			list = append(list, o)
		}
	}
	f.Kind = "find"
	f.Choices = view.Choices{Name: it.Path, Legend: f.Label, Hint: hint, Error: wrong, Optional: !it.Required, Multiple: it.Repeats, Options: list}
	f.Find = &formFind{Name: it.Path + "~find", Query: query, Href: w.page}
	switch {
	case len(words) > 0 && count > foundMost:
		f.Find.Says = w.l.T("page_form.find.many", "Count", count, "Shown", foundMost)
	case len(words) > 0:
		f.Find.Says = w.l.N("page_form.find.found", count)
	}
	f.CanClear = !it.Repeats
}

// slider stands beside the box of a number. A number that nobody gave shows no place on the line.
func (w formWriter) slider(it sdc.ItemView, f *formItem) {
	number := it.Type == sdc.TypeInteger || it.Type == sdc.TypeDecimal || it.Type == sdc.TypeQuantity
	if it.Control != "slider" || !number || it.Repeats || len(f.Fields) != 1 {
		return
	}
	s := formSlider{Min: it.Min, Max: it.Max, Step: it.Step, Lower: it.Lower, Upper: it.Upper}
	if s.Min == "" {
		s.Min = "0"
	}
	if s.Max == "" {
		s.Max = "100"
	}
	if s.Step == "" {
		s.Step = "1"
	}
	f.Slider = &s
}

// notes are what is said of an answer besides its faults.
func (w formWriter) notes(it sdc.ItemView, f *formItem) {
	f.Doubts = w.doubts[it.Path]
	for _, gone := range it.Impossible {
		f.Doubts = append(f.Doubts, w.l.T("page_form.impossible", "Answer", gone))
	}
	for _, a := range it.Answers {
		if a.Value.Type == sdc.Absent {
			f.Notes = append(f.Notes, w.l.T("page_form.declined"))
			f.CanClear = true
		}
	}
	switch {
	case it.Calculated && it.Overridden:
		f.Notes = append(f.Notes, w.l.T("page_form.overridden"))
	case it.Calculated:
		f.Notes = append(f.Notes, w.l.T("page_form.calculated"))
	case it.Prefilled:
		f.Notes = append(f.Notes, w.l.T("page_form.prefilled"))
		f.Confirm = !it.ReadOnly
	}
	f.CanDecline = it.Required && !it.ReadOnly && !it.Prefilled
	if f.Lang != "" && !w.alien {
		f.Only = w.l.T("page_form.only_in", "Language", w.languageName(f.Lang))
	}
}

// languageName is what the reader calls a language.
func (w formWriter) languageName(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return lang
	}
	reader, err := language.Parse(w.l.Lang())
	if err != nil {
		return lang
	}
	return display.Languages(reader).Name(tag)
}

// alienTo tells whether nothing on a page is in the reader's language.
func (w formWriter) alienTo(list []sdc.ItemView) bool {
	for _, it := range list {
		if it.Label != "" && w.langOf(it) == "" || w.lang == "" {
			return false
		}
		for _, o := range it.Occurrences {
			if !w.alienTo(o.Items) {
				return false
			}
		}
		if !w.alienTo(it.Items) {
			return false
		}
	}
	return true
}

// tabs are links to the groups inside one that the form shows as tabs.
func tabs(it sdc.ItemView) []view.Link {
	if it.Control != "tab-container" {
		return nil
	}
	var list []view.Link
	for _, g := range it.Items {
		if g.Type == sdc.TypeGroup && !g.Hidden {
			list = append(list, view.Link{Label: view.Plain(joined(g.Prefix, g.Label)), Href: "#" + view.ID(g.Path)})
		}
	}
	return list
}
