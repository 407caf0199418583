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
}

// formFile is a file that answers a question.
type formFile struct{ ID, Name, Size, Href string }

// formRepeat is one occurrence of a repeating group.
type formRepeat struct {
	Number    int
	Remove    string // value of the button that removes it; empty when it stays
	RemoveOne string // its words for screen readers
	Items     []formItem
}

// dropDown is from how many options on a list is calmer than a column of circles.
const dropDown = 12

// formWriter turns the view of a page of a questionnaire into components, in one language.
type formWriter struct {
	l    *locale.Printer
	lang string // the form's own language
	base string // path of the response, where its files are
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
		f.Kind, f.Wrong, f.CanAdd = "group", wrong, it.CanAdd
		f.Items = w.items(it.Items, level+1)
		for i, o := range it.Occurrences {
			r := formRepeat{Number: i + 1, Items: w.items(o.Items, level+1)}
			if o.CanRemove {
				r.Remove, r.RemoveOne = fmt.Sprintf("%s~%d", it.Path, o.Instance), fmt.Sprintf("%s %d", f.Label, i+1)
			}
			f.Repeats = append(f.Repeats, r)
		}
		return f
	case it.Type == sdc.TypeDisplay:
		f.Kind = "display"
		return f
	case it.ReadOnly:
		f.Kind, f.Value = "read", answered(it)
	default:
		f.Was = printOf(it)
		w.ask(it, &f, strings.Join(wrong, " "))
	}
	for _, a := range it.Answers {
		f.Items = append(f.Items, w.items(a.Items, level+1)...)
	}
	f.Items = append(f.Items, w.items(it.Items, level+1)...)
	return f
}

// ask chooses the component for a question.
func (w formWriter) ask(it sdc.ItemView, f *formItem, wrong string) {
	name, hint := it.Path, strings.Join(append(it.Help, it.Format), " ")
	hint = strings.TrimSpace(hint)
	f.Help = nil
	typed := entered(it)
	optional := !it.Required
	switch {
	case it.Type == sdc.TypeBoolean:
		f.Kind = "choices"
		f.Choices = view.Choices{Name: name, Legend: f.Label, Hint: hint, Error: wrong, Optional: optional, Inline: true, Options: []view.Option{
			{Value: "true", Label: w.l.T("page_form.yes"), Checked: typed[0].Text == "true"},
			{Value: "false", Label: w.l.T("page_form.no"), Checked: typed[0].Text == "false"},
		}}
		f.CanClear = typed[0].Text != ""
	case len(it.Options) > 0 && !it.Repeats && (it.Control == "drop-down" || it.Control == "autocomplete" || len(it.Options) > dropDown):
		f.Kind = "select"
		f.Select = view.Select{Name: name, Label: f.Label, Hint: hint, Error: wrong, Optional: optional, Options: options(it), Blank: w.l.T("page_form.none_chosen")}
	case len(it.Options) > 0:
		f.Kind = "choices"
		f.Choices = view.Choices{Name: name, Legend: f.Label, Hint: hint, Error: wrong, Optional: optional, Multiple: it.Repeats, Inline: !it.Vertical && len(it.Options) < 5, Options: options(it)}
		f.CanClear = !it.Repeats && chosen(it)
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
		f.Fields = append(f.Fields, field)
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

func answered(it sdc.ItemView) string {
	var words []string
	for _, a := range it.Answers {
		words = append(words, a.Text)
	}
	return strings.Join(words, ", ")
}

func options(it sdc.ItemView) []view.Option {
	var list []view.Option
	for i, o := range it.Options {
		list = append(list, view.Option{Value: o.Key, Label: joined(o.Prefix, o.Label), Checked: o.Chosen, Alone: o.Exclusive, Or: o.Exclusive && i > 0})
	}
	return list
}

func chosen(it sdc.ItemView) bool {
	for _, o := range it.Options {
		if o.Chosen {
			return true
		}
	}
	return false
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
