package sdc

import (
	"strings"

	"kindred/internal/jsonscan"
)

var answerMembers = kinds("id:string", "extension modifierExtension item:array", "valueBoolean valueDecimal valueInteger valueDate valueDateTime valueTime valueString valueUri valueAttachment valueCoding valueQuantity valueReference:any")

// answers reads the answers of a question. What can be read at all stays in the state, whether it is right or not:
// the rest of the response is judged by what it says.
func (r *reader) answers(e jsonscan.Value, it *item, sl *slot, where *place) {
	var values []Value
	for n, a := range e.Get("answer").All() {
		at := &place{where, "answer", n}
		if a.Kind() != jsonscan.Object {
			r.add(errElementKind.With("Element", "answer", "Wanted", "object"), at)
			continue
		}
		r.answerShape(a, at)
		v, readable := r.value(a, it, at)
		if !readable {
			continue
		}
		o := r.blank(it.index)
		o.at, o.value = n, v
		r.number(o, it, a)
		sl.list = append(sl.list, o)
		values = append(values, v)
		r.items(a, o, it.children, at)
	}
	if it.expressive() || r.why == toRestore { // how many there may be is only known once all is computed
		return
	}
	if f := it.together(values); f != nil {
		r.add(f, where)
	}
}

// value reads the value of one answer. An answer whose value is only extended (data-absent-reason) is an answer without
// a value: it counts as given, and there is nothing in it to judge (FHIR, Element.extension).
func (r *reader) value(a jsonscan.Value, it *item, at *place) (Value, bool) {
	v, f := readValue(a, "value")
	if f != nil {
		for _, m := range a.All() {
			if strings.HasPrefix(m.Key(), "_value") && m.Get("extension").Len() > 0 {
				return Value{Type: Absent, Text: string(append(append(quoted(nil, m.Key()), ':'), m.Raw()...))}, true
			}
		}
		if e := a.Get("extension"); f == errValueMissing && e.Len() > 0 {
			return Value{Type: Absent, Text: `"extension":` + string(e.Raw())}, true
		}
		if f == errValueMissing && a.Get("item").Len() > 0 { // what stands under it is still somebody's
			r.add(f, at)
			return Value{Type: Absent, Text: `"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]`}, true
		}
		if a.Len() > 0 { // an empty object was told
			r.add(f, at)
		}
		return v, false
	}
	if v.File != nil && v.File.Blob == "" {
		r.foreign.Add(errAttachmentInline.At(at.String()))
	}
	if r.why == toRestore {
		return v, true // judged when it was given
	}
	if it.expressive() && len(it.dynamics)+len(it.toggles) > 0 || it.offers != nil {
		return v, true // judged once all is computed
	}
	r.judge(it, v, at)
	return v, true
}

// judge holds one answer against its item.
func (r *reader) judge(it *item, v Value, at *place) {
	switch f := it.check(v); {
	case f == nil:
	case f.Key == errOneLine.Key: // more than the form asks for, and nothing that FHIR forbids
		r.warn(f, at)
		return
	default:
		r.add(f, at)
		return
	}
	for _, i := range it.doubts(r.f, v, "") {
		i.Fault = i.Fault.At(at.String())
		r.issues = append(r.issues, i)
	}
}

// doubts are what can be said of an answer that fits: a code that a value set may hold or not, words for a code that are
// not those of the form.
func (i *item) doubts(f *Form, v Value, at string) Issues {
	if v.Type != CodingType {
		return nil
	}
	if n, ok := i.option(v); ok {
		if o := &i.Options[n]; v.Coding.Display != "" && o.Value.Coding.Display != "" && !o.Label.says(v.Coding.Display) && v.Coding.Display != o.Value.Coding.Display {
			return Issues{NewIssue(SeverityWarning, errDisplayOther.With("Value", v.Coding.Display, "Wanted", o.Label.Plain).At(at))}
		}
		return nil
	}
	if i.choices == "" || i.open && v.Coding.Code == "" {
		return nil
	}
	member, known := f.library.MemberOf(i.choices, v.Coding.System, v.Coding.Code)
	switch {
	case known && member:
		return nil
	case known && !i.open:
		return Issues{NewIssue(SeverityError, errNotOption.At(at))}
	case known:
		return nil
	}
	return Issues{NewIssue(SeverityWarning, errCodeUnknown.With("Code", v.Coding.Code, "Set", i.choices).At(at))}
}

func (r *reader) answerShape(a jsonscan.Value, at *place) {
	r.members(a, answerMembers, at)
	if a.Get("modifierExtension").Exists() {
		r.add(errFeature.With("Feature", "modifierExtension"), at)
	}
}

// markURL is the extension by which Save remembers how a question came by its answers.
const markURL = "https://kindred.example/fhir/StructureDefinition/answer-mark"

var markCodes = map[mark]string{markOverridden: "overridden", markPrefilled: "prefilled", markFirst: "first"}

// marked reads what Save wrote.
func (r *reader) marked(e jsonscan.Value) mark {
	if r.why != toRestore {
		return markNone
	}
	for _, ext := range e.Get("extension").All() {
		if ext.Get("url").Text() == markURL {
			for m, code := range markCodes {
				if ext.Get("valueCode").Text() == code {
					return m
				}
			}
		}
	}
	return markNone
}
