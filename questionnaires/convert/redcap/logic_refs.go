package redcap

import (
	"slices"
	"strconv"
	"strings"
)

// reserved are names of variables that FHIRPath and SDC define themselves.
var reserved = []string{"resource", "context", "ucum", "sct", "loinc", "questionnaire", "qitem", "patient", "encounter", "location", "user", "study", "clinical"}

// variable is the name under which a field of a repeating form is known within one occurrence of it.
func variable(field string) string {
	if slices.Contains(reserved, field) {
		return field + "_here"
	}
	return field
}

// occurrencePath is what that variable stands for.
func occurrencePath(f *field) string {
	return "%context.repeat(item).where(linkId = '" + f.name + "').answer.value"
}

func formLink(name string) string { return "form-" + name }

// ref translates a reference to a field.
func (t *translator) ref(r ref) (piece, error) {
	f, err := t.field(r)
	if err != nil {
		return piece{}, err
	}
	base, err := t.base(f, r)
	if err != nil {
		return piece{}, err
	}
	p := piece{src: base, kind: f.kind(), tight: tightPath, whole: base, field: f}
	label := false
	switch r.modifier {
	case "", "value":
	case "label":
		label = true
	default:
		return p, cannot("[%s] asks for “:%s”", r.name, clip(r.modifier))
	}
	switch f.typ {
	case "descriptive":
		return p, cannot("[%s] is a descriptive text and has no value", f.name)
	case "checkbox":
		return t.box(f, r, base, label)
	case "dropdown", "radio":
		p.src += ".code"
		if label {
			p.src, p.kind, p.field = base+".display", kindText, nil
		}
	default:
		if label {
			return p, cannot("[%s:label] asks for the label of a field without choices", f.name)
		}
	}
	if r.code != "" {
		return p, cannot("[%s(%s)] names a choice of a field that is no checkbox", f.name, clip(r.code))
	}
	return p, nil
}

// field finds the field that is meant.
func (t *translator) field(r ref) (*field, error) {
	if r.event != "" && r.event != "event-name" {
		return nil, cannot("%s names an event, and a questionnaire has none", clip(r.String()))
	}
	if r.name == "record-name" && r.code == "" && len(t.dict.fields) > 0 {
		return t.dict.fields[0], nil
	}
	f := t.dict.byName[r.name]
	if f == nil && strings.Contains(r.name, "-") {
		return nil, cannot("[%s] is a smart variable that FHIR has nothing for", r.name)
	}
	if f == nil {
		return nil, cannot("the dictionary has no field [%s]", clip(r.name))
	}
	return f, nil
}

// box is one choice of a checkbox: never blank, checked or not.
func (t *translator) box(f *field, r ref, base string, label bool) (piece, error) {
	switch {
	case r.code == "" || label:
		return piece{}, cannot("[%s] is a checkbox: logic asks for one of its choices, as [%s(1)]", f.name, f.name)
	case !f.offers(r.code):
		return piece{}, cannot("the checkbox [%s] has no choice %s", f.name, clip(r.code))
	}
	p := condition(quotePath(r.code)+" in "+base+".code", tightIn).certain()
	p.field, p.whole = f, base
	return p, nil
}

// base is the path to the values of a field, from where the logic stands.
func (t *translator) base(f *field, r ref) (string, error) {
	if !f.form.repeats {
		switch r.instance {
		case "", "1", "current-instance", "first-instance", "last-instance":
			return "%resource.repeat(item).where(linkId = '" + f.name + "').answer.value", nil
		}
		return "", cannot("%s names an instance of a form that does not repeat", clip(r.String()))
	}
	if t.form == f.form && (r.instance == "" || r.instance == "current-instance") {
		t.used[f.name] = true
		return "%" + variable(f.name), nil
	}
	which := "[0]"
	switch r.instance {
	case "":
		t.note("[%s] stands on a form that repeats; outside it the first occurrence is meant", f.name)
	case "first-instance":
	case "last-instance":
		which = ".last()"
	default:
		n, err := strconv.Atoi(r.instance)
		if err != nil || n < 1 || n > 1000 {
			return "", cannot("%s names an instance that FHIR has no way to tell", clip(r.String()))
		}
		which = "[" + strconv.Itoa(n-1) + "]"
	}
	return "%resource.item.where(linkId = '" + formLink(f.form.name) + "')" + which + ".repeat(item).where(linkId = '" + f.name + "').answer.value", nil
}
