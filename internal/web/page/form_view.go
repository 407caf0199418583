package page

import (
	"fmt"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// formItem is one item of a questionnaire, with the component that asks for it.
type formItem struct {
	Kind     string // "group", "display", "field", "choices", "select", "date", "moment", "upload", "read"
	Path     string
	ID       string
	Label    string
	Lang     string
	Level    int // of a group's heading: 2 to 5
	Help     []string
	Legal    []string
	Support  string
	Wrong    []string // faults that no control of its own shows
	Value    string   // of an item that is only read
	Fields   []view.Field
	Choices  view.Choices
	Select   view.Select
	Date     view.DateBoxes
	Clock    view.Field // beside the date of a moment
	Units    *view.Select
	Other    *view.Field
	Upload   view.Upload
	Files    []formFile
	Optional bool   // of an upload
	Full     bool   // holds the one file that it takes
	Most     int64  // bytes of a file
	Was      string // print of the answers shown
	Zone     string // of a moment that has one
	Items    []formItem
	Repeats  []formRepeat
	CanAdd   bool
	CanClear bool

	Table, Matrix       *formTable
	Slider              *formSlider
	Find                *formFind
	Tabs                []view.Link
	Proposals           []string // to pick from while typing
	Fold, Open          bool     // a group that can be folded away
	Confirm, CanDecline bool
	Notes               []string // where the answer comes from
	Doubts              []string // what does not stand in the way, and should be looked at
	Only                string   // says in which language alone this is
	Mark                string   // print of the part, by which a page is compared with what a browser shows
}

// formFile is a file that answers a question.
type formFile struct{ ID, Name, Size, Href string }

// formRepeat is one occurrence of a repeating group.
type formRepeat struct {
	Number    int
	Remove    string // value of the button that removes it; empty when it stays
	RemoveOne string // its words for screen readers
	Up, Down  string // values of the buttons that move it
	Items     []formItem
}

// dropDown is from how many options on a list is calmer than a column of circles.
const dropDown = 12

// formWriter turns the view of a page of a questionnaire into components, in one language.
type formWriter struct {
	l    *locale.Printer
	lang string // the form's own language
	base string // path of the response, where its files are
	page string // path of the page

	query  map[string]string   // what is looked for in long lists, by path
	doubts map[string][]string // what constraints say, by path
	alien  bool                // nothing on the page is in the reader's language: said once
}

func (w formWriter) items(list []sdc.ItemView, level int) []formItem {
	var out []formItem
	for _, it := range list {
		if !it.Hidden {
			out = append(out, w.item(it, level))
		}
	}
	return out
}

func (w formWriter) item(it sdc.ItemView, level int) formItem {
	f := formItem{
		Path: it.Path, ID: view.ID(it.Path), Label: joined(it.Prefix, it.Label), Lang: w.langOf(it), Level: min(level, 5),
		Help: it.Help, Legal: it.Legal, Support: it.Support, CanClear: false,
	}
	wrong := w.faults(it.Faults)
	switch {
	case it.Type == sdc.TypeGroup:
		w.group(it, &f, level)
		f.Wrong = wrong
		return f
	case it.Type == sdc.TypeDisplay:
		f.Kind = "display"
		return f
	case it.ReadOnly:
		f.Kind, f.Value = "read", w.answered(it)
	default:
		f.Was = printOf(it)
		w.ask(it, &f, strings.Join(wrong, " "))
	}
	w.notes(it, &f)
	for _, a := range it.Answers {
		f.Items = append(f.Items, w.items(a.Items, level+1)...)
	}
	f.Items = append(f.Items, w.items(it.Items, level+1)...)
	return f
}

// group draws what stands in a group, once or for each occurrence.
func (w formWriter) group(it sdc.ItemView, f *formItem, level int) {
	f.Kind, f.CanAdd, f.Doubts, f.Tabs = "group", it.CanAdd, w.doubts[it.Path], tabs(it)
	f.Fold, f.Open = it.Fold != "" && f.Label != "", it.Fold != "default-closed"
	f.Items = w.items(it.Items, level+1)
	for i, o := range it.Occurrences {
		name := func(n int) string { return fmt.Sprintf("%s~%d", it.Path, it.Occurrences[n].Instance) }
		r := formRepeat{Number: i + 1, RemoveOne: fmt.Sprintf("%s %d", f.Label, i+1), Items: w.items(o.Items, level+1)}
		if o.CanRemove {
			r.Remove = name(i)
		}
		if i > 0 {
			r.Up = name(i)
		}
		if i+1 < len(it.Occurrences) {
			r.Down = name(i + 1) // it goes down when the next one goes up
		}
		f.Repeats = append(f.Repeats, r)
	}
	f.Table, f.Matrix = w.tabled(it, f, level)
}

// ask chooses the component for a question.
func (w formWriter) ask(it sdc.ItemView, f *formItem, wrong string) {
	name, hint := it.Path, it.Format
	typed := entered(it)
	optional := !it.Required
	switch {
	case it.Type == sdc.TypeBoolean:
		f.Kind = "choices"
		f.Choices = view.Choices{Name: name, Legend: f.Label, Hint: hint, Error: wrong, Optional: optional, Inline: true, Options: []view.Option{
			{Value: "true", Label: w.l.T("page_form.yes"), Checked: typed[0].Text == "true"},
			{Value: "false", Label: w.l.T("page_form.no"), Checked: typed[0].Text == "false"},
		}}
		f.CanClear = true
	case finds(it):
		w.find(it, f, hint, wrong)
	case len(it.Options) > 0 && !it.Repeats && it.Control != "radio-button" && (it.Control == "drop-down" || len(it.Options) > dropDown):
		f.Kind = "select"
		f.Select = view.Select{Name: name, Label: f.Label, Hint: hint, Error: wrong, Optional: optional, Options: w.options(it), Blank: w.l.T("page_form.none_chosen")}
	case len(it.Options) > 0:
		f.Kind = "choices"
		f.Choices = view.Choices{Name: name, Legend: f.Label, Hint: hint, Error: wrong, Optional: optional, Multiple: it.Repeats, Inline: !it.Vertical && len(it.Options) < 5, Options: w.options(it)}
		f.CanClear = !it.Repeats
	case it.Type == sdc.TypeDate:
		f.Kind = "date"
		f.Date = view.DateBoxes{Name: name, Legend: f.Label, Hint: hint, Error: wrong, Optional: optional, Value: typed[0].Text, Partial: true}
	case it.Type == sdc.TypeDateTime:
		f.Kind = "moment"
		day, clock, _ := strings.Cut(typed[0].Text, "T")
		if zone := strings.IndexAny(clock, "Z+-"); zone >= 0 {
			f.Zone = clock[zone:]
		}
		f.Date = view.DateBoxes{Name: name, Legend: f.Label, Hint: hint, Error: wrong, Optional: optional, Value: day, Partial: true}
		f.Clock = view.Field{Name: name + "~time", Label: w.l.T("page_form.time"), Type: "time", Width: "short", Optional: true, Value: clock[:min(len(clock), 5)]}
	case it.Type == sdc.TypeAttachment:
		w.upload(it, f, hint, wrong)
	default:
		w.lines(it, f, name, hint, wrong, typed)
		w.slider(it, f)
	}
	if it.Open {
		label := it.OpenLabel
		if label == "" {
			label = w.l.T("page_form.other")
		}
		f.Other = &view.Field{Name: it.Path + "~other", Label: label, Value: it.Other, Optional: true, MaxLength: it.MaxLength}
	}
}

// upload asks for a file, and lists those that are there.
func (w formWriter) upload(it sdc.ItemView, f *formItem, hint, wrong string) {
	f.Kind, f.Most, f.Optional = "upload", questionnaires.MaxFile, !it.Required
	if it.MaxSize > 0 {
		f.Most = min(f.Most, it.MaxSize)
	}
	accept := it.Accept
	if len(accept) == 0 {
		accept = sdc.KeptTypes
	}
	hint = strings.TrimSpace(hint + " " + w.l.T("page_form.file.hint", "Most", sdc.SizeWords(f.Most)))
	f.Upload = view.Upload{Name: it.Path + "~upload", Label: f.Label, Hint: hint, Why: w.l.T("page_form.file.why"), Error: wrong, Accept: strings.Join(accept, ",")}
	f.Files = w.files(it)
	f.Full = len(f.Files) > 0 && !it.Repeats
}

func (w formWriter) files(it sdc.ItemView) []formFile {
	var list []formFile
	for _, a := range it.Answers {
		if file := a.Value.File; file != nil {
			list = append(list, formFile{ID: string(file.Blob), Name: w.fileName(file), Size: sdc.SizeWords(file.Size), Href: w.base + "/files/" + string(file.Blob)})
		}
	}
	return list
}

func (w formWriter) fileName(f *sdc.Attachment) string {
	if f.Title == "" {
		return w.l.T("page_form.file")
	}
	return f.Title
}

// printOf is the print of the answers that an item shows.
func printOf(it sdc.ItemView) string {
	var values []sdc.Value
	for _, a := range it.Answers {
		values = append(values, a.Value)
	}
	return sdc.Print(values)
}

// lines are boxes to type in; a repeating question shows one more than it has answers.
func (w formWriter) lines(it sdc.ItemView, f *formItem, name, hint, wrong string, typed []sdc.Entry) {
	f.Kind = "field"
	if it.Repeats && typed[len(typed)-1].Text != "" {
		typed = append(typed, sdc.Entry{})
	}
	for i, e := range typed {
		field := view.Field{
			Name: name, Label: f.Label, Hint: hint, Error: wrong, Value: e.Text, Optional: !it.Required, MaxLength: it.MaxLength, Unit: it.Unit,
		}
		if i > 0 {
			field.Label, field.Hint, field.Error, field.Optional = w.l.T("page_form.another", "Number", i+1, "Label", f.Label), "", "", true
		}
		switch it.Type {
		case sdc.TypeText:
			field.Rows = 4
		case sdc.TypeInteger:
			field.InputMode, field.Width = "numeric", "short"
		case sdc.TypeDecimal, sdc.TypeQuantity:
			field.InputMode, field.Width = "decimal", "short"
		case sdc.TypeTime:
			field.Type, field.Width = "time", "short"
			field.Value = field.Value[:min(len(field.Value), 5)]
		case sdc.TypeURL:
			field.Type = "url"
		}
		if between := w.between(it); between != "" && i == 0 {
			field.Hint = strings.TrimSpace(field.Hint + " " + between)
		}
		if len(it.Proposals) > 0 && len(it.Options) == 0 && it.Type != sdc.TypeText {
			field.Suggest = f.ID + "-proposals"
		}
		f.Fields = append(f.Fields, field)
	}
	for _, o := range it.Proposals {
		f.Proposals = append(f.Proposals, o.Label)
	}
	if len(it.Units) > 1 {
		f.Fields[0].Unit = ""
		s := view.Select{Name: it.Path + "~unit", Label: w.l.T("page_form.unit"), Width: "short", Blank: it.Unit}
		for _, u := range it.Units {
			s.Options = append(s.Options, view.Option{Value: u.Key, Label: u.Label.Plain, Checked: typed[0].Unit == u.Key})
		}
		f.Units = &s
	}
}

// between says what a number may be.
func (w formWriter) between(it sdc.ItemView) string {
	switch {
	case it.Min != "" && it.Max != "":
		return w.l.T("page_form.between", "Min", it.Min, "Max", it.Max)
	case it.Min != "":
		return w.l.T("page_form.at_least", "Min", it.Min)
	case it.Max != "":
		return w.l.T("page_form.at_most", "Max", it.Max)
	}
	return ""
}

func (w formWriter) faults(all fault.List) []string {
	var words []string
	for _, e := range all {
		words = append(words, view.Tell(w.l, e))
	}
	return words
}

// langOf is the language of an item's words where it is not the page's.
func (w formWriter) langOf(it sdc.ItemView) string {
	lang := it.LabelIn
	if lang == "" {
		lang = w.lang
	}
	if lang == w.l.Lang() {
		return ""
	}
	return lang
}

// entered is what stands in the boxes: what was not understood, else the answers, else one empty entry.
func entered(it sdc.ItemView) []sdc.Entry {
	if len(it.Entered) > 0 {
		return it.Entered
	}
	var list []sdc.Entry
	for _, a := range it.Answers {
		e := sdc.Entry{Text: a.Value.Text}
		if a.Value.Type == sdc.Absent {
			continue
		}
		if a.Value.Type == sdc.Quantity {
			e.Unit = a.Value.Coding.Code
		}
		list = append(list, e)
	}
	if len(list) == 0 {
		list = append(list, sdc.Entry{})
	}
	return list
}

func (w formWriter) answered(it sdc.ItemView) string {
	var words []string
	for _, a := range it.Answers {
		words = append(words, w.say(a))
	}
	return strings.Join(words, ", ")
}

// options are those that can be chosen now, and those that were.
func (w formWriter) options(it sdc.ItemView) []view.Option {
	var list []view.Option
	for i, o := range it.Options {
		if o.Off && !o.Chosen {
			continue
		}
		option := view.Option{Value: o.Key, Label: joined(o.Prefix, o.Label), Checked: o.Chosen, Alone: o.Exclusive, Or: o.Exclusive && i > 0}
		if o.Off {
			option.Hint = w.l.T("page_form.off")
		}
		list = append(list, option)
	}
	return list
}

func joined(prefix, label string) string { return strings.TrimSpace(prefix + " " + label) }

// summaryRows lists what was answered, for the page before sending and the one after.
func (w formWriter) summaryRows(list []sdc.ItemView, change string) []view.Row {
	var rows []view.Row
	for _, it := range list {
		if it.Hidden || it.Type == sdc.TypeDisplay {
			continue
		}
		if it.Type != sdc.TypeGroup {
			row := view.Row{Label: joined(it.Prefix, it.Label), Href: change, Lang: w.langOf(it)}
			for _, a := range it.Answers {
				if a.Value.File == nil {
					row.Values = append(row.Values, w.say(a))
				}
			}
			for _, file := range w.files(it) {
				row.Files = append(row.Files, view.Link{Label: view.Plain(file.Name + " (" + file.Size + ")"), Href: file.Href})
			}
			if len(it.Faults) > 0 {
				row.Note = strings.Join(w.faults(it.Faults), " ")
			}
			rows = append(rows, row)
		}
		rows = append(rows, w.summaryRows(it.Items, change)...)
		for _, o := range it.Occurrences {
			rows = append(rows, w.summaryRows(o.Items, change)...)
		}
		for _, a := range it.Answers {
			rows = append(rows, w.summaryRows(a.Items, change)...)
		}
	}
	return rows
}

// say is an answer in words: yes and no, and dates as people write them.
func (w formWriter) say(a sdc.AnswerView) string {
	switch a.Value.Type {
	case sdc.Absent:
		return w.l.T("page_form.declined")
	case sdc.Boolean:
		if a.Value.Text == "true" {
			return w.l.T("page_form.yes")
		}
		return w.l.T("page_form.no")
	case sdc.Date:
		return w.l.Partial(a.Value.Text)
	case sdc.DateTime:
		day, clock, _ := strings.Cut(a.Value.Text, "T")
		return strings.TrimSpace(w.l.Partial(day) + " " + clock[:min(len(clock), 5)])
	}
	return a.Text
}
