package page

import (
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/registry"
)

// symptomsView is the fourth step: what was told, and a search.
type symptomsView struct {
	Step  int
	Base  string
	Chips []view.Chip
	Query string
	Found []view.Found
}

// Symptoms shows the symptoms and searches for one.
func (p *Pages) Symptoms(r *Request) error {
	query := r.Query("q")
	base := "/people/" + r.Param("person") + "/symptoms"
	found := symptomFound(p.Registry.SearchSymptoms(query, r.Printer.Lang(), suggestions), r.Printer.Lang(), base)
	if r.HTMX() {
		return r.Part("symptoms", "suggestions", view.Page{Data: view.Search{Value: query, Asked: query != "", Results: found}})
	}
	sum, err := p.summaryOf(r)
	if err != nil {
		return err
	}
	data := symptomsView{Step: stepNumber(sum.Card, registry.StepSymptoms), Base: base, Query: query, Found: found}
	for _, y := range sum.Symptoms {
		data.Chips = append(data.Chips, p.symptomChip(r, y, base))
	}
	back := "/people/" + string(sum.ID)
	if data.Step > 0 {
		back += "/diagnosis"
	}
	return r.Show("symptoms", view.Page{Title: view.Key("page_symptom.title"), Back: &view.Link{Href: back}, Data: data})
}

// symptomChip writes a symptom with its everyday and its clinical name. An empty base shows it without links.
func (p *Pages) symptomChip(r *Request, y registry.Symptom, base string) view.Chip {
	terms, lang := p.Registry.Vocabulary().Symptoms, r.Printer.Lang()
	c := view.Chip{Lay: terms.Name(y.Term, lang), Code: y.Term, State: string(y.Presence), Says: r.Printer.T("page_symptom.presence." + string(y.Presence))}
	if t, ok := terms.Resolve(y.Term); ok && t.LabelIn(lang) != c.Lay {
		c.Clinical = t.LabelIn(lang)
	}
	onset := y.OnsetClass
	if onset != "" {
		onset = terms.Name(onset, lang)
	} else if !y.OnsetDate.IsZero() {
		onset = r.Printer.Partial(y.OnsetDate.String())
	}
	for _, words := range []string{onset, nameOrNone(terms.Name, y.Course, lang), nameOrNone(terms.Name, y.Severity, lang)} {
		if words != "" {
			c.Detail = join(c.Detail, words)
		}
	}
	if base != "" {
		c.Edit, c.Remove = base+"/term/"+y.Term, base+"/"+string(y.ID)+"/remove"
	}
	return c
}

func nameOrNone(name func(id, lang string) string, id, lang string) string {
	if id == "" {
		return ""
	}
	return name(id, lang)
}

// SymptomsNow says that the step is done.
func (p *Pages) SymptomsNow(r *Request) error {
	person, err := r.Person()
	if err != nil {
		return err
	}
	if err := p.Registry.FinishStep(r.Request.Context(), r.Actor, person, registry.StepSymptoms); err != nil {
		return err
	}
	return r.Go("/people/" + string(person) + "/consent/sign")
}

// symptomView is one symptom to describe.
type symptomView struct {
	registry.Symptom
	Name, Clinical              string
	Base                        string
	New                         bool
	Onsets, Courses, Severities []view.Option
}

// Symptom asks whether it is there, and when it is, since when, how it goes and how strong it is.
func (p *Pages) Symptom(r *Request) error {
	page, err := p.symptomPage(r)
	if err != nil {
		return err
	}
	return r.Show("symptom", page)
}

func (p *Pages) symptomPage(r *Request) (view.Page, error) {
	sum, err := p.summaryOf(r)
	if err != nil {
		return view.Page{}, err
	}
	terms, lang := p.Registry.Vocabulary().Symptoms, r.Printer.Lang()
	term, ok := terms.Resolve(r.Param("term"))
	if !ok {
		return view.Page{}, ident.ErrInvalid
	}
	data := symptomView{Symptom: registry.Symptom{Term: term.ID}, New: true, Name: term.Plain(lang), Clinical: term.LabelIn(lang), Base: "/people/" + string(sum.ID) + "/symptoms"}
	for _, y := range sum.Symptoms {
		if y.Term == term.ID {
			data.Symptom, data.New = y, false
		}
	}
	data.choices(terms.Name, lang)
	return view.Page{Title: view.Plain(data.Name), Back: &view.Link{Label: view.Key("page_symptom.title"), Href: data.Base}, Data: data}, nil
}

// choices fills the lists with the names of the terms.
func (v *symptomView) choices(name func(id, lang string) string, lang string) {
	list := func(ids []string, chosen string) []view.Option {
		var options []view.Option
		for _, id := range ids {
			options = append(options, view.Option{Value: id, Label: name(id, lang), Checked: id == chosen})
		}
		return options
	}
	v.Onsets, v.Courses, v.Severities = list(registry.OnsetClasses, v.OnsetClass), list(registry.Courses, v.Course), list(registry.Severities, v.Severity)
}

// SymptomNow saves it.
func (p *Pages) SymptomNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	page, err := p.symptomPage(r)
	if err != nil {
		return err
	}
	data := page.Data.(symptomView)
	var faults fault.List
	y := data.Symptom
	y.Presence = registry.Presence(form.Get("presence"))
	y.OnsetClass, y.OnsetDate, y.Course, y.Severity = "", registry.Date{}, "", ""
	if y.Presence == registry.Present {
		y.OnsetClass, y.Course, y.Severity = form.Get("onset_class"), form.Get("course"), form.Get("severity")
		y.OnsetDate = date(form, "onset_date", &faults)
	}
	err = faults.Err()
	if err == nil {
		_, err = p.Registry.SaveSymptom(r.Request.Context(), r.Actor, r.person, y)
	}
	if err != nil {
		data.Symptom = y
		data.choices(p.Registry.Vocabulary().Symptoms.Name, r.Printer.Lang())
		page.Data = data
		return r.Again("symptom", page, err)
	}
	r.Said("page_symptom.saved")
	return r.Go(data.Base)
}

// SymptomRemove takes back what was said; the history keeps it.
func (p *Pages) SymptomRemove(r *Request) error {
	person, err := r.Person()
	if err != nil {
		return err
	}
	id, err := ID[ident.SymptomID](r, "symptom")
	if err != nil {
		return err
	}
	if err := p.Registry.RemoveSymptom(r.Request.Context(), r.Actor, person, id); err != nil {
		return err
	}
	r.Said("page_symptom.removed")
	return r.Go("/people/" + string(person) + "/symptoms")
}
