package sdc

import (
	"slices"

	"kindred/internal/fault"
)

// PageView is one page of a form, ready to be drawn, in one language. It holds no HTML: every text is plain.
type PageView struct {
	Number   int // from 0
	Pages    []PageInfo
	Title    string
	Form     string // title of the form
	Lang     string // language of the form's own texts, where it says so
	Items    []ItemView
	Previous int // number of the page before, -1 on the first
	Next     int // number of the page after, -1 on the last
	Left     int // minutes left in the whole form
	Faults   fault.List
}

// PageInfo is a page in the list of pages. Pages on which nothing is shown now are left out.
type PageInfo struct {
	Number   int
	Title    string
	Asked    int // questions shown
	Answered int // of them with an answer
	Left     int // minutes
}

// ItemView is one item to draw.
type ItemView struct {
	Path     string // names the item in a Change and in the fields of a form
	LinkID   string
	Type     ItemType
	Control  string // itemControl: drop-down, radio-button, check-box, slider, table ...; may be empty
	Vertical bool   // options one below the other
	Label    string
	LabelIn  string // language of the label where it is a translation
	Prefix   string
	Help     []string // help, instructions and hover texts that belong to the item
	Legal    []string
	Support  string // address of further help
	Format   string // how the answer is written
	Category string // of a display: instructions, security ...
	Required, ReadOnly, Repeats,
	Hidden bool
	Calculated   bool         // computed from other answers
	Overridden   bool         // computed, and changed by somebody
	Prefilled    bool         // taken from what is known, and nobody has said whether it is still true
	Collapsible  string       // of a group: default-open, default-closed
	Width        string       // of a column, such as 30%
	Short        string       // a shorter name, for tables
	Prompt       string       // words shown in an empty field
	Proposals    []OptionView // answers to choose from at a key press, besides whatever else is right
	MinOccurs    int
	MaxOccurs    int // 0 for none
	MaxLength    int // 0 for none
	Min, Max     string
	Step         string // of a slider
	Lower, Upper string // words at the ends of a slider
	Unit         string // shown behind a number
	Units        []Option
	Accept       []string // MIME types of an attachment
	MaxSize      int64
	Options      []OptionView
	Open         bool   // takes an answer of one's own beside the options
	OpenLabel    string // what that is called, where the form says so
	Other        string // the answer of one's own that was given
	Answers      []AnswerView
	Entered      []Entry // what was entered and not understood, to be shown again beside its faults
	Faults       fault.List
	Items        []ItemView       // of a group that does not repeat, and displays of a question
	Occurrences  []OccurrenceView // of a repeating group
	CanAdd       bool
	ItemMore
}

// OptionView is one option to draw.
type OptionView struct {
	Key, Label, Prefix string
	Chosen, Exclusive  bool
	Off                bool // cannot be chosen now
}

// AnswerView is one answer, with the items that stand under it.
type AnswerView struct {
	Instance int // 0 where the question does not repeat
	Value    Value
	Text     string // as shown to a reader, in the language of the page
	Items    []ItemView
}

// OccurrenceView is one occurrence of a repeating group.
type OccurrenceView struct {
	Instance  int
	Items     []ItemView
	CanRemove bool
}

// Rejected are entries that were not understood, by path, to be shown again beside their faults.
type Rejected map[string][]Entry

// Page draws page n of a draft. Faults belong to the items that their Field names; rejected entries are shown as entered.
func (f *Form) Page(s *State, n int, lang string, faults fault.List, rejected Rejected) PageView {
	n = min(max(n, 0), len(f.pages)-1)
	v := viewer{f: f, s: s, lang: lang, rejected: rejected, faults: map[string]fault.List{}}
	for _, one := range faults {
		v.faults[one.Field] = append(v.faults[one.Field], one)
	}
	p := &f.pages[n]
	view := PageView{Number: n, Title: p.title.For(lang), Form: f.Title.For(lang), Lang: f.Language, Previous: -1, Next: -1, Faults: faults}
	for _, i := range p.items {
		it := &f.items[i]
		in, at, on := f.firstPlace(s, it)
		if !on {
			continue
		}
		if i == p.owner && !it.Repeats {
			view.Items = append(view.Items, v.items(in.slots[it.seat].list[0], it.children, at)...)
		} else {
			view.Items = append(view.Items, v.items(in, []int{i}, at)...)
		}
	}
	view.Pages = f.Progress(s, lang)
	for _, info := range view.Pages {
		view.Left += info.Left
		if info.Number < n {
			view.Previous = info.Number
		}
		if info.Number > n && view.Next < 0 {
			view.Next = info.Number
		}
	}
	return view
}

// firstPlace is the occurrence around an item of a page: pages never stand inside repeats.
func (f *Form) firstPlace(s *State, it *item) (*occurrence, []int, bool) {
	in, on := s.root, true
	for _, a := range it.chain {
		sl := &in.slots[f.items[a].seat]
		in, on = sl.list[0], on && sl.on
	}
	return in, nil, on && in.slots[it.seat].on
}

// Progress lists the pages on which something is shown now.
func (f *Form) Progress(s *State, lang string) []PageInfo {
	var list []PageInfo
	for n, p := range f.pages {
		info := PageInfo{Number: n, Title: p.title.For(lang), Left: WholeMinutes(f.pageSeconds(s, n))}
		shown := false
		for _, i := range p.items {
			f.visible(s, i, func(it *item, sl *slot) {
				shown = shown || it.Type != TypeGroup
				if it.question() && !it.ReadOnly {
					info.Asked++
					info.Answered += min(len(sl.list), 1)
				}
			})
		}
		if shown {
			list = append(list, info)
		}
	}
	return list
}

// Review draws every page, for reading before sending or afterwards.
func (f *Form) Review(s *State, lang string, faults fault.List) []PageView {
	var all []PageView
	for _, info := range f.Progress(s, lang) {
		all = append(all, f.Page(s, info.Number, lang, faults, nil))
	}
	return all
}

type viewer struct {
	f        *Form
	s        *State
	lang     string
	faults   map[string]fault.List
	rejected Rejected
}

// beside are displays that are drawn with the item they stand under, not below it.
var besides = []string{"help", "flyover", "unit", "prompt", "lower", "upper", "legal"}

// items draws the enabled children of one occurrence.
func (v *viewer) items(in *occurrence, children []int, at []int) []ItemView {
	var list []ItemView
	for _, child := range children {
		it := &v.f.items[child]
		sl := &in.slots[it.seat]
		if !sl.on || it.Hidden || (it.Type == TypeDisplay && slices.Contains(besides, it.Control)) {
			continue
		}
		list = append(list, v.item(it, in, sl, at))
	}
	return list
}

func (v *viewer) item(base *item, in *occurrence, sl *slot, at []int) ItemView {
	it := base.at(sl)
	path := inside(at, it.LinkID).String()
	w := ItemView{
		Path: path, LinkID: it.LinkID, Type: it.Type, Control: it.Control, Vertical: it.Orientation != "horizontal",
		Prefix: it.Prefix.For(v.lang), Support: it.Support, Format: it.EntryFormat.For(v.lang), Category: it.Category,
		Required: it.Required, ReadOnly: it.ReadOnly, Repeats: it.Repeats, MaxLength: max(it.MaxLength, 0), Step: it.SliderStep,
		Accept: it.MimeTypes, MaxSize: it.MaxSize, Open: it.open || it.partial, OpenLabel: it.OpenLabel.For(v.lang),
		Faults: v.faults[path], Entered: v.rejected[path],
	}
	w.Collapsible, w.Width, w.Short, w.MinOccurs, w.MaxOccurs = it.Collapsible, it.Width, it.Short.For(v.lang), max(it.MinOccurs, 0), max(it.MaxOccurs, 0)
	if sl != nil {
		w.Calculated, w.Overridden, w.Prefilled = it.calculate != nil, sl.mark == markOverridden, sl.mark == markPrefilled
		if sl.live != nil {
			for _, o := range sl.live.proposals {
				w.Proposals = append(w.Proposals, OptionView{Key: o.Key, Label: o.Label.For(v.lang)})
			}
		}
	}
	w.Label, w.LabelIn = it.Text.In(v.lang)
	if it.Min != nil {
		w.Min = it.Min.Text
	}
	if it.Max != nil {
		w.Max = it.Max.Text
	}
	v.units(it, &w)
	v.aside(it, &w)
	switch {
	case it.Type == TypeGroup && it.Repeats:
		v.repeats(it, sl, at, &w)
	case it.Type == TypeGroup:
		w.Items = v.items(sl.list[0], it.children, at)
	case it.question():
		v.question(it, sl, at, &w)
	case it.Type == TypeDisplay:
		for _, c := range it.children {
			w.Help = append(w.Help, v.f.items[c].Text.For(v.lang))
		}
	}
	if w.Label == "" {
		w.Label = it.Short.For(v.lang)
	}
	v.more(base, it, sl, &w)
	return w
}

func (v *viewer) units(it *item, w *ItemView) {
	for _, u := range it.Units {
		w.Units = append(w.Units, Option{Key: u.Code, Label: Text{Plain: firstOf(u.Display, u.Code)}})
	}
	if len(it.Units) > 0 {
		w.Unit = firstOf(it.Units[0].Display, it.Units[0].Code)
	}
}

// aside gathers the displays that belong to an item: they stand under it and say what they are by their control. A
// question without a text of its own takes that of its first hover text, as forms in use are written.
func (v *viewer) aside(it *item, w *ItemView) {
	for _, c := range it.children {
		d := &v.f.items[c]
		if d.Type != TypeDisplay {
			continue
		}
		text := d.Text.For(v.lang)
		switch d.Control {
		case "flyover", "prompt":
			if w.Label == "" {
				w.Label = text
				continue
			}
			if d.Control == "prompt" {
				w.Prompt = text
			}
			w.Help = append(w.Help, text)
		case "help":
			w.Help = append(w.Help, text)
		case "unit":
			w.Unit = text
		case "lower":
			w.Lower = text
		case "upper":
			w.Upper = text
		case "legal":
			w.Legal = append(w.Legal, text)
		}
	}
}

func (v *viewer) repeats(it *item, sl *slot, at []int, w *ItemView) {
	for _, o := range sl.list {
		w.Occurrences = append(w.Occurrences, OccurrenceView{
			Instance: o.id, Items: v.items(o, it.children, deeper(at, o.id)), CanRemove: len(sl.list) > max(1, it.MinOccurs) || o.answered(),
		})
	}
	w.CanAdd = len(sl.list) < maxRepeats && (it.MaxOccurs < 0 || len(sl.list) < it.MaxOccurs)
}

func (v *viewer) question(it *item, sl *slot, at []int, w *ItemView) {
	for i := range it.Options {
		o := &it.Options[i]
		w.Options = append(w.Options, OptionView{Key: o.Key, Label: o.Label.For(v.lang), Prefix: o.Prefix, Exclusive: o.Exclusive, Off: o.Off})
	}
	for _, a := range sl.list {
		view := AnswerView{Instance: a.id, Value: a.value, Text: v.f.say(it, a.value, v.lang)}
		if n, ok := it.option(a.value); ok && len(it.Options) > 0 {
			w.Options[n].Chosen = true
		} else if w.Open {
			w.Other = a.value.Text
		}
		if len(a.slots) > 0 {
			view.Items = v.items(a, it.children, deeper(at, a.id))
		}
		w.Answers = append(w.Answers, view)
	}
	for _, c := range it.children {
		d := &v.f.items[c]
		if d.Type == TypeDisplay && !slices.Contains(besides, d.Control) && len(d.conditions) == 0 && len(sl.list) == 0 && !d.Hidden {
			w.Items = append(w.Items, v.item(d, nil, nil, at))
		}
	}
}

// say is an answer as shown to a reader.
func (f *Form) say(it *item, v Value, lang string) string {
	if n, ok := it.option(v); ok && len(it.Options) > 0 {
		return it.Options[n].Label.For(lang)
	}
	switch v.Type {
	case CodingType:
		return firstOf(v.Coding.Display, v.Coding.Code)
	case Quantity:
		if unit := firstOf(v.Coding.Display, v.Coding.Code); unit != "" {
			return v.Comparator + v.Text + " " + unit
		}
		return v.Comparator + v.Text
	case File:
		return v.File.Title
	case Absent:
		return ""
	default:
		return v.Text
	}
}
