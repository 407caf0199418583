package page

import (
	"time"

	"kindred/export"
	"kindred/internal/audit"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/registry"
	"kindred/schemas"
)

// dataView is everything the registry holds about a person.
type dataView struct {
	Base      string
	About     []view.Row
	Diagnoses []diagnosisRow
	Chips     []view.Chip
	Elements  []view.Row
}

// Data shows what we hold, with the way to change each.
func (p *Pages) Data(r *Request) error {
	sum, err := p.summaryOf(r)
	if err != nil {
		return err
	}
	t, base := r.Printer.T, "/people/"+string(sum.ID)
	data := dataView{Base: base}
	data.About = []view.Row{
		{Label: t("page_enrol.name"), Value: sum.Name, Href: base + "/name"},
		{Label: t("page_enrol.birth"), Value: r.Printer.Partial(sum.About.Birth.String()), Href: base + "/about"},
		{Label: t("page_enrol.sex"), Value: optional("page_enrol.sex.", string(sum.About.Sex), t), Href: base + "/about"},
		{Label: t("page_enrol.country"), Value: countryName(r, sum.About.Country), Href: base + "/about"},
	}
	for _, d := range sum.Diagnoses {
		data.Diagnoses = append(data.Diagnoses, p.diagnosisWords(r, sum, d))
	}
	for _, y := range sum.Symptoms {
		data.Chips = append(data.Chips, p.symptomChip(r, y, ""))
	}
	for _, e := range told() {
		data.Elements = append(data.Elements, view.Row{Label: e.Label.In(r.Printer.Lang()), Value: elementWords(r, e, sum.Element(e.Key)), Href: base + "/more"})
	}
	return r.Show("data", view.Page{Title: view.Key("page_data.title"), Data: data})
}

func optional(prefix, value string, t func(string, ...any) string) string {
	if value == "" {
		return ""
	}
	return t(prefix + value)
}

func countryName(r *Request, code string) string {
	for _, c := range countries(r.Printer.Lang(), code) {
		if c.Checked {
			return c.Label
		}
	}
	return code
}

// elementWords is a value as people read it.
func elementWords(r *Request, e schemas.Element, told registry.Element) string {
	if o, ok := e.Option(told.Value); ok {
		return o.Label.In(r.Printer.Lang())
	}
	if told.Missing != "" {
		return r.Printer.T("page_element.missing." + string(told.Missing))
	}
	if e.Kind == schemas.ElementDate {
		return r.Printer.Partial(told.Value)
	}
	return told.Value
}

// historyPage is how many lines a page of a history shows.
const historyPage = 50

// History shows what was said before, by whom and when.
func (p *Pages) History(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	before, _ := time.Parse(time.RFC3339Nano, r.Query("before")) // anything else begins with the newest
	changes, err := p.Registry.History(r.Request.Context(), r.Actor, person, before, historyPage)
	if err != nil {
		return err
	}
	data := struct {
		Events []view.Event
		Pages  view.Pages
	}{}
	for _, c := range changes {
		data.Events = append(data.Events, p.changeEvent(r, c))
	}
	base := "/people/" + string(person)
	if len(changes) == historyPage {
		data.Pages.Next = base + "/history?before=" + changes[len(changes)-1].At.Format(time.RFC3339Nano)
	}
	return r.Show("history", view.Page{Title: view.Key("page_data.history"), Back: &view.Link{Label: view.Key("page_data.title"), Href: base + "/data"}, Data: data})
}

// changeEvent writes one change: what was done, and what stood there before.
func (p *Pages) changeEvent(r *Request, c registry.Change) view.Event {
	t := r.Printer.T
	e := view.Event{When: c.At, Title: t("page_data.change."+string(c.Kind)) + ": " + t("page_data.act."+string(c.Act))}
	if c.Act == registry.Removed {
		e.Kind = "stop"
	}
	var was string
	switch {
	case c.Was.Who != nil:
		was = c.Was.Who.Name
	case c.Was.About != nil:
		was = join(r.Printer.Partial(c.Was.About.Birth.String()), countryName(r, c.Was.About.Country))
	case c.Was.Diagnosis != nil:
		was = p.diagnosisWords(r, registry.Summary{}, *c.Was.Diagnosis).Name
	case c.Was.Symptom != nil:
		chip := p.symptomChip(r, *c.Was.Symptom, "")
		was = join(join(chip.Lay, chip.Says), chip.Detail)
	case c.Was.Element != nil:
		if element, ok := schemas.FindElement(c.Was.Element.Key); ok {
			was = element.Label.In(r.Printer.Lang()) + ": " + elementWords(r, *element, *c.Was.Element)
		}
	}
	if was != "" {
		e.Text = t("page_data.was", "Text", was)
	}
	return e
}

// Uses shows who did what with the person's data.
func (p *Pages) Uses(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	log, err := p.Audit.OwnFolded(r.Request.Context(), r.Actor, person, r.Query("after"), historyPage)
	if err != nil {
		return err
	}
	base := "/people/" + string(person)
	data := struct {
		Rows     [][]view.Cell
		Pages    view.Pages
		Released bool // releases are made here at all
		Studies  [][]view.Cell
	}{Released: p.Export != nil}
	if data.Released && r.Query("after") == "" {
		if data.Studies, err = p.studiesOf(r, person); err != nil {
			return err
		}
	}
	data.Released = data.Released && r.Query("after") == ""
	for _, e := range log.Entries {
		act := view.Cell{Text: what(r, e)}
		if e.Times > 1 {
			act = view.Cell{Text: r.Printer.T("page_data.looked"), Note: foldedWords(r, e)}
		}
		data.Rows = append(data.Rows, []view.Cell{{When: e.At}, {Text: whoDid(r, e)}, act, {Text: optional("page_data.purpose.", string(e.Purpose), r.Printer.T)}})
	}
	if log.Next != "" {
		data.Pages.Next = base + "/uses?after=" + log.Next
	}
	return r.Show("uses", view.Page{Title: view.Key("page_data.uses"), Back: &view.Link{Label: view.Key("page_data.title"), Href: base + "/data"}, Wide: true, Data: data})
}

// studiesOf tells which study received a person's data, when, and why it was allowed.
func (p *Pages) studiesOf(r *Request, person ident.ParticipantID) ([][]view.Cell, error) {
	uses, err := p.Export.Uses(r.Request.Context(), r.Actor, person)
	if err != nil {
		return nil, err
	}
	var rows [][]view.Cell
	for _, u := range uses {
		state := r.Printer.N("page_data.studies.downloads", len(u.Downloads))
		if u.State == export.Withdrawn {
			state = r.Printer.T("page_data.studies.withdrawn")
		}
		rows = append(rows, []view.Cell{{When: u.At}, {Text: u.Title, Note: u.Purpose}, {Text: u.Reason, Note: state}, {Text: u.Pseudonym}})
	}
	return rows, nil
}

// whoDid names a person's own acts as theirs, and others by what they are.
func whoDid(r *Request, e audit.Entry) string {
	if e.Account == r.Actor.Account && e.Account != "" {
		return r.Printer.T("page_data.you")
	}
	return optional("page_data.role.", string(e.Role), r.Printer.T)
}

func what(r *Request, e audit.Entry) string {
	words := optional("page_data.did.", string(e.Act), r.Printer.T) + " " + optional("page_data.object.", string(e.Object), r.Printer.T)
	if e.Outcome != "" && e.Outcome != "ok" {
		words += " (" + r.Printer.T("page_data.outcome."+e.Outcome) + ")"
	}
	return words
}
