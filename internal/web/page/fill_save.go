package page

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/web/view"
)

// errOtherAccount refuses answers that another account left in the browser.
var errOtherAccount = fault.New(fault.Conflict, "page_form.other_account")

// savedAnswer tells a browser what became of one answer: what was saved and when, and those parts of its page that are
// no longer as it shows them.
type savedAnswer struct {
	Saved  string            `json:"saved"` // to be shown; empty where nothing was saved
	Left   string            `json:"left"`
	Items  []changedPart     `json:"items,omitempty"`
	Gone   []string          `json:"gone,omitempty"`
	Marks  map[string]string `json:"marks,omitempty"` // of parts that are shown rightly, but hold another answer now
	Was    map[string]string `json:"was,omitempty"`   // prints of answers, by the id of their question
	Faults []toldFault       `json:"faults,omitempty"`
}

// changedPart is a part of the page to be drawn anew, or to be put in.
type changedPart struct {
	ID    string `json:"id"`
	In    string `json:"in"`    // the place that holds it
	After string `json:"after"` // the part before it there; empty for the first
	HTML  string `json:"html"`
}

type toldFault struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// FillSave keeps one answer as it is left: what the queue in the browser sends, under a key by which it has one effect
// however often it arrives. It answers after the commit.
func (p *Pages) FillSave(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	form, n, err := r.filled(nil)
	if err != nil {
		return err
	}
	if owner := form.first("_account"); owner != "" && owner != string(r.Actor.Account) {
		return errOtherAccount
	}
	key := form.first("_key")
	if len(key) > 64 {
		key = ""
	}
	page, saved, err := p.Questionnaires.AnswerPage(r.Request.Context(), r.Actor, id, n, form.Fields, p.meta(r, key))
	if err != nil {
		return err
	}
	shown := p.fillPage(r, page, saved.Response)
	data := shown.Data.(fillView)
	if len(page.Faults) == 0 {
		data.Saved = &saved
	}
	shown.Data = data
	answer, err := p.changed(r, shown, data, form)
	if err != nil {
		return err
	}
	for _, e := range page.Faults {
		answer.Faults = append(answer.Faults, toldFault{e.Field, view.Tell(r.Printer, e)})
	}
	r.Header("Cache-Control", "no-store")
	r.JSON(http.StatusOK, answer)
	return nil
}

// changed compares a page as it is now with what the browser says that it shows.
func (p *Pages) changed(r *Request, shown view.Page, data fillView, form filledPage) (savedAnswer, error) {
	shell := r.shell()
	a := savedAnswer{Marks: map[string]string{}, Was: map[string]string{}}
	var err error
	if a.Saved, err = p.View.Part(shell, "fill", "saved", shown); err != nil {
		return a, err
	}
	if a.Left, err = p.View.Part(shell, "fill", "left", shown); err != nil {
		return a, err
	}
	asked := form.Fields["_asked"]
	for _, it := range named(data.Items, asked) {
		a.Was[it.ID] = it.Was
	}
	if form.first("_seen") == "" { // another page is open: there is nothing to draw
		return a, nil
	}
	seen := map[string]string{}
	for _, one := range strings.Fields(form.first("_seen")) {
		id, mark, _ := strings.Cut(one, "=")
		seen[id] = mark
	}
	parts := partsOf(data.Items, "items", nil)
	known, drawn := map[string]bool{}, map[string]bool{}
	for _, part := range parts {
		known[part.item.ID] = true
		for _, id := range part.inside {
			known[id] = true
		}
		mark, there := seen[part.item.ID]
		switch {
		case drawn[part.holder]:
			drawn[part.item.ID] = true // came with what holds it
			continue
		case there && mark == part.item.Mark:
			continue
		case there && part.answers(asked) && shape(mark) == shape(part.item.Mark):
			a.Marks[part.item.ID] = part.item.Mark
			continue
		}
		drawn[part.item.ID] = true
		html, err := p.View.Part(shell, "fill", "item_part", view.Page{Data: part.item})
		if err != nil {
			return a, err
		}
		a.Items = append(a.Items, changedPart{ID: part.item.ID, In: part.in, After: part.after, HTML: html})
	}
	for id := range seen {
		if !known[id] {
			a.Gone = append(a.Gone, id)
		}
	}
	slices.Sort(a.Gone)
	return a, nil
}

// pagePart is an item of a page that is drawn on its own. A table is drawn as a whole.
type pagePart struct {
	item      formItem
	in, after string
	holder    string   // the part that it stands in
	inside    []string // ids of the items of a table
	paths     []string // of the questions that it asks, without those drawn on their own
}

func (p pagePart) answers(asked []string) bool {
	return slices.ContainsFunc(asked, func(path string) bool { return slices.Contains(p.paths, path) })
}

// partsOf lists the parts of a page in their order.
func partsOf(items []formItem, in string, holder *formItem) []pagePart {
	var list []pagePart
	after := ""
	for _, it := range items {
		part := pagePart{item: it, in: in, after: after, paths: []string{it.Path}}
		if holder != nil {
			part.holder = holder.ID
		}
		after = it.ID
		if it.tabled() {
			for _, inner := range it.all() {
				part.inside, part.paths = append(part.inside, inner.ID), append(part.paths, inner.Path)
			}
			list = append(list, part)
			continue
		}
		list = append(list, part)
		list = append(list, partsOf(it.Items, it.ID, &it)...)
		for _, o := range it.Repeats {
			list = append(list, partsOf(o.Items, fmt.Sprintf("%s-%d", it.ID, o.Number), &it)...)
		}
	}
	return list
}

func (f formItem) tabled() bool { return f.Table != nil || f.Matrix != nil }

// all are the items inside one.
func (f formItem) all() []formItem {
	var list []formItem
	inside := slices.Clone(f.Items)
	for _, o := range f.Repeats {
		inside = append(inside, o.Items...)
	}
	for _, it := range inside {
		list = append(append(list, it), it.all()...)
	}
	return list
}

// mark gives each part its mark: a print of how it is drawn, and one with the answers that stand in it.
func mark(items []formItem) {
	for n := range items {
		it := &items[n]
		whole := *it
		if !it.tabled() {
			mark(it.Items)
			whole.Items, whole.Repeats = nil, nil
			for k := range it.Repeats {
				mark(it.Repeats[k].Items)
				r := it.Repeats[k]
				r.Items = nil
				whole.Repeats = append(whole.Repeats, r)
			}
		}
		it.Mark = printed(whole.bare()) + "." + printed(whole)
	}
}

func shape(mark string) string { before, _, _ := strings.Cut(mark, "."); return before }

func printed(f formItem) string {
	h := fnv.New64a()
	_ = json.NewEncoder(h).Encode(f) // a formItem is plain values, and a hash takes them all
	return fmt.Sprintf("%x", h.Sum64())
}

// bare is an item without the answers that stand in its controls.
func (f formItem) bare() formItem {
	f.Was, f.Zone, f.Date.Value, f.Clock.Value = "", "", "", ""
	f.Fields = slices.Clone(f.Fields)
	for n := range f.Fields {
		f.Fields[n].Value = ""
	}
	f.Choices.Options, f.Select.Options = unchosen(f.Choices.Options), unchosen(f.Select.Options)
	if f.Units != nil {
		units := *f.Units
		units.Options = unchosen(units.Options)
		f.Units = &units
	}
	if f.Other != nil {
		other := *f.Other
		other.Value = ""
		f.Other = &other
	}
	f.Items = bareAll(f.Items)
	f.Repeats = slices.Clone(f.Repeats)
	for n := range f.Repeats {
		f.Repeats[n].Items = bareAll(f.Repeats[n].Items)
	}
	f.Table, f.Matrix = nil, nil // they hold the items once more
	return f
}

func bareAll(items []formItem) []formItem {
	var list []formItem
	for _, it := range items {
		list = append(list, it.bare())
	}
	return list
}

func unchosen(list []view.Option) []view.Option {
	list = slices.Clone(list)
	for n := range list {
		list[n].Checked = false
	}
	return list
}
