package page

import (
	"kindred/internal/fault"
	"kindred/internal/web/view"
	"kindred/registry"
	"kindred/schemas"
)

// elementField is one common data element with the component that asks for it.
type elementField struct {
	Choices *view.Choices
	Date    *view.DateBoxes
	Field   *view.Field
}

// Elements asks for the common data elements that no other step asks for.
func (p *Pages) Elements(r *Request) error {
	page, err := p.elementsPage(r, nil, nil)
	if err != nil {
		return err
	}
	return r.Show("elements", page)
}

// ElementsNow saves them, all or none.
func (p *Pages) ElementsNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	person, err := r.Person()
	if err != nil {
		return err
	}
	list, err := readElements(form)
	if err == nil {
		err = p.Registry.SaveElements(r.Request.Context(), r.Actor, person, list)
	}
	if err != nil {
		page, failed := p.elementsPage(r, form, fault.All(err))
		if failed != nil {
			return failed
		}
		return r.Again("elements", page, err)
	}
	r.Said("page_element.saved")
	return r.Go("/people/" + string(person) + "/data")
}

// told lists the elements that are kept as such and that a person can tell.
func told() []schemas.Element {
	var list []schemas.Element
	for _, e := range schemas.Elements() {
		if e.Held == schemas.HeldElement {
			list = append(list, e)
		}
	}
	return list
}

func readElements(form view.Values) ([]registry.Element, error) {
	var faults fault.List
	var list []registry.Element
	for _, e := range told() {
		one := registry.Element{Key: e.Key, Value: form.Get(e.Key)}
		if e.Kind == schemas.ElementDate {
			one.Value = date(form, e.Key, &faults).String()
		}
		if e.Needs != nil && form.Get(e.Needs.Key) != e.Needs.Value {
			one.Value = "" // the question was not asked
		}
		list = append(list, one)
	}
	return list, faults.Err()
}

// elementsPage shows what is kept, or what was typed.
func (p *Pages) elementsPage(r *Request, typed view.Values, faults fault.List) (view.Page, error) {
	sum, err := p.summaryOf(r)
	if err != nil {
		return view.Page{}, err
	}
	var fields []elementField
	for _, e := range told() {
		value := sum.Element(e.Key).Value
		if typed != nil {
			value = typed.Get(e.Key)
		}
		fields = append(fields, elementOf(r, e, value, typed, faults))
	}
	return view.Page{Title: view.Key("page_element.title"), Back: &view.Link{Label: view.Key("page_data.title"), Href: "/people/" + string(sum.ID) + "/data"}, Data: fields}, nil
}

func elementOf(r *Request, e schemas.Element, value string, typed view.Values, faults fault.List) elementField {
	lang := r.Printer.Lang()
	label, hint, wrong := e.Label.In(lang), e.Help.In(lang), ""
	for _, f := range faults {
		if f.Field == e.Key {
			wrong = view.Tell(r.Printer, f)
		}
	}
	switch e.Kind {
	case schemas.ElementChoice:
		c := view.Choices{Name: e.Key, Legend: label, Hint: hint, Error: wrong, Optional: true}
		for _, o := range e.Options {
			if !o.Staff {
				c.Options = append(c.Options, view.Option{Value: o.Value, Label: o.Label.In(lang), Checked: o.Value == value})
			}
		}
		c.Options = append(c.Options, view.Option{Value: "", Label: r.Printer.T("page_element.none"), Or: true, Checked: value == ""})
		return elementField{Choices: &c}
	case schemas.ElementDate:
		d := view.DateBoxes{Name: e.Key, Legend: label, Hint: hint, Error: wrong, Value: value, Partial: true, Optional: true}
		if typed != nil {
			d = d.Typed(typed)
		}
		return elementField{Date: &d}
	default:
		f := view.Field{Name: e.Key, Label: label, Hint: hint, Error: wrong, Value: value, Optional: true, MaxLength: e.Max}
		if e.Kind == schemas.ElementText {
			f.Rows = 3
		}
		return elementField{Field: &f}
	}
}
