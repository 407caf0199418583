package page

import (
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/ontology"
	"kindred/internal/web/view"
	"kindred/registry"
)

// suggestions is how many matches a search offers.
const suggestions = 12

// diagnosisRow is one diagnosis in words.
type diagnosisRow struct {
	registry.Diagnosis
	Name, Detail string
	Proof        registry.Proof
}

// diagnosesView is the third step: what there is, a search, and "not diagnosed yet".
type diagnosesView struct {
	Step        int
	Base        string
	Rows        []diagnosisRow
	Undiagnosed bool
	Query       string
	Found       []view.Found
}

// summaryOf loads the person of the path with everything told about them.
func (p *Pages) summaryOf(r *Request) (registry.Summary, error) {
	id, err := r.Person()
	if err != nil {
		return registry.Summary{}, err
	}
	sum, err := p.Registry.Summary(r.Request.Context(), r.Actor, id)
	if err == nil {
		r.shows(sum.Card)
	}
	return sum, err
}

// Diagnoses shows the diagnoses and searches for one. While one types, htmx asks for the matches alone.
func (p *Pages) Diagnoses(r *Request) error {
	query := r.Query("q")
	base := "/people/" + r.Param("person") + "/diagnosis"
	var found []view.Found
	for _, m := range p.Registry.SearchDiagnoses(query, r.Printer.Lang(), suggestions) {
		found = append(found, view.Found{Label: m.Term.Plain(r.Printer.Lang()), Detail: m.Term.ID, Href: base + "/new?code=" + m.Term.ID})
	}
	if r.HTMX() {
		return r.Part("diagnoses", "suggestions", view.Page{Data: view.Search{Value: query, Asked: query != "", Results: found}})
	}
	page, err := p.diagnosesPage(r)
	if err != nil {
		return err
	}
	data := page.Data.(diagnosesView)
	data.Query, data.Found = query, found
	page.Data = data
	return r.Show("diagnoses", page)
}

func (p *Pages) diagnosesPage(r *Request) (view.Page, error) {
	sum, err := p.summaryOf(r)
	if err != nil {
		return view.Page{}, err
	}
	data := diagnosesView{Step: stepNumber(sum.Card, registry.StepDiagnosis), Base: "/people/" + string(sum.ID) + "/diagnosis"}
	for _, d := range sum.Diagnoses {
		data.Rows = append(data.Rows, p.diagnosisWords(r, sum, d))
		data.Undiagnosed = data.Undiagnosed || d.Undiagnosed
	}
	back := "/people/" + string(sum.ID)
	if data.Step > 0 {
		back += "/about"
	}
	return view.Page{Title: view.Key("page_diagnosis.title"), Back: &view.Link{Href: back}, Data: data}, nil
}

// diagnosisWords writes a diagnosis in the reader's language.
func (p *Pages) diagnosisWords(r *Request, sum registry.Summary, d registry.Diagnosis) diagnosisRow {
	row := diagnosisRow{Diagnosis: d, Proof: sum.Proof(d.ID), Name: r.Printer.T("page_diagnosis.undiagnosed")}
	if !d.Undiagnosed {
		row.Name = p.Registry.Vocabulary().Diagnoses.Name(d.Code, r.Printer.Lang())
		row.Detail = d.Code + " · " + r.Printer.T("page_diagnosis.status."+string(d.Status))
	}
	if words := ageWords(r, d.Onset); words != "" {
		row.Detail = join(row.Detail, r.Printer.T("page_diagnosis.onset.short", "When", words))
	}
	return row
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

// ageWords says when something began.
func ageWords(r *Request, a registry.Age) string {
	switch a.Kind {
	case "":
		return ""
	case registry.AgeOnDate:
		return r.Printer.Partial(a.Date.String())
	default:
		return r.Printer.T("page_diagnosis.age." + string(a.Kind))
	}
}

// DiagnosesNow says that there is no diagnosis yet, or that the step is done.
func (p *Pages) DiagnosesNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	page, err := p.diagnosesPage(r)
	if err != nil {
		return err
	}
	if form.Get("undiagnosed") != "" {
		_, err = p.Registry.AddDiagnosis(r.Request.Context(), r.Actor, r.person, registry.Diagnosis{Undiagnosed: true})
	} else {
		err = p.Registry.FinishStep(r.Request.Context(), r.Actor, r.person, registry.StepDiagnosis)
	}
	if err != nil {
		return r.Again("diagnoses", page, err)
	}
	return r.Go(after(r.person, page.Data.(diagnosesView).Step, "/symptoms"))
}

// diagnosisView is one diagnosis to describe.
type diagnosisView struct {
	registry.Diagnosis
	Name string
	Base string
	New  bool
	Ages []registry.AgeKind
}

// Diagnosis asks for what belongs to one diagnosis: a new one by its code, or one that is there.
func (p *Pages) Diagnosis(r *Request) error {
	page, err := p.diagnosisPage(r)
	if err != nil {
		return err
	}
	return r.Show("diagnosis", page)
}

func (p *Pages) diagnosisPage(r *Request) (view.Page, error) {
	sum, err := p.summaryOf(r)
	if err != nil {
		return view.Page{}, err
	}
	data := diagnosisView{Base: "/people/" + string(sum.ID) + "/diagnosis", Ages: registry.AgeKinds}
	if id := r.Param("diagnosis"); id != "" {
		err = ident.ErrInvalid
		for _, d := range sum.Diagnoses {
			if string(d.ID) == id {
				data.Diagnosis, err = d, nil
			}
		}
	} else {
		data.New = true
		term, ok := p.Registry.Vocabulary().Diagnoses.Resolve(r.Query("code"))
		if !ok {
			return view.Page{}, ident.ErrInvalid
		}
		data.Code = term.ID
	}
	data.Name = r.Printer.T("page_diagnosis.undiagnosed")
	if !data.Undiagnosed {
		data.Name = p.Registry.Vocabulary().Diagnoses.Name(data.Code, r.Printer.Lang())
	}
	return view.Page{Title: view.Plain(data.Name), Back: &view.Link{Label: view.Key("page_diagnosis.title"), Href: data.Base}, Data: data}, err
}

// DiagnosisNow saves it.
func (p *Pages) DiagnosisNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	page, err := p.diagnosisPage(r)
	if err != nil {
		return err
	}
	data := page.Data.(diagnosisView)
	var faults fault.List
	d := data.Diagnosis
	d.Status = registry.DiagnosisStatus(form.Get("status"))
	d.Onset = age(form, "onset", &faults)
	d.Diagnosed = age(form, "diagnosed", &faults)
	err = faults.Err()
	if err == nil && data.New {
		_, err = p.Registry.AddDiagnosis(r.Request.Context(), r.Actor, r.person, d)
	} else if err == nil {
		_, err = p.Registry.ChangeDiagnosis(r.Request.Context(), r.Actor, r.person, d)
	}
	if err != nil {
		data.Diagnosis = d
		page.Data = data
		return r.Again("diagnosis", page, err)
	}
	r.Said("page_diagnosis.saved")
	return r.Go(data.Base)
}

// age reads when something began: how it is told, and the date where it is one.
func age(form view.Values, name string, faults *fault.List) registry.Age {
	a := registry.Age{Kind: registry.AgeKind(form.Get(name))}
	if a.Kind == registry.AgeOnDate {
		a.Date = date(form, name+".date", faults)
	}
	return a
}

// DiagnosisRemove takes a diagnosis back; the history keeps it.
func (p *Pages) DiagnosisRemove(r *Request) error {
	person, err := r.Person()
	if err != nil {
		return err
	}
	id, err := ID[ident.DiagnosisID](r, "diagnosis")
	if err != nil {
		return err
	}
	if err := p.Registry.RemoveDiagnosis(r.Request.Context(), r.Actor, person, id); err != nil {
		return err
	}
	r.Said("page_diagnosis.removed")
	return r.Go("/people/" + string(person) + "/diagnosis")
}

// symptomFound writes matches of the symptom search: the everyday name first, the clinical one beside it.
func symptomFound(matches []ontology.Match, lang, base string) []view.Found {
	var list []view.Found
	for _, m := range matches {
		detail := m.Term.LabelIn(lang) + " · " + m.Term.ID
		list = append(list, view.Found{Label: m.Term.Plain(lang), Detail: detail, Href: base + "/term/" + m.Term.ID})
	}
	return list
}
