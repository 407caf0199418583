package convert

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// What Parse refuses, beside what package jsonscan does.
var (
	errNotQuestionnaire = fault.New(fault.Invalid, "convert.not_questionnaire")
	errKind             = fault.New(fault.Invalid, "convert.kind")
)

// Parse reads a FHIR R4 Questionnaire in JSON within the limits of package jsonscan. Whatever has no field in
// Questionnaire (elements, values of other types, contained resources other than value sets) is in the Report, with the
// linkId of the item it stands in, or its own name at the top, as its place. Elements of the wrong JSON kind are refused,
// all at once, in a fault.List.
func Parse(raw []byte) (Questionnaire, Report, error) {
	doc, err := jsonscan.Parse(raw, jsonscan.Default)
	if err != nil {
		return Questionnaire{}, nil, err
	}
	root := doc.Root()
	if root.Kind() != jsonscan.Object || root.Get("resourceType").Text() != "Questionnaire" {
		return Questionnaire{}, nil, errNotQuestionnaire
	}
	var q Questionnaire
	r := reader{}
	r.object(root, reflect.ValueOf(&q).Elem(), place{})
	if err := r.faults.Err(); err != nil {
		return Questionnaire{}, nil, err
	}
	return q, r.report, nil
}

// place is where the reader stands: the nearest item, and the path of elements from there.
type place struct{ link, path string }

func (p place) String() string {
	if p.link == "" {
		return "Questionnaire"
	}
	return p.link
}

func (p place) down(name string) place {
	if p.path != "" {
		name = p.path + "." + name
	}
	return place{p.link, name}
}

// reader fills the structs of this package from JSON, by their tags, noting what finds no field.
type reader struct {
	report Report
	faults fault.List
}

// fields maps the JSON names of a struct to the indexes of its fields, those of an embedded struct among them.
func fields(t reflect.Type) map[string][]int {
	m := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !f.Anonymous {
			m[name] = f.Index
		}
	}
	return m
}

var known = map[reflect.Type]map[string][]int{}

func init() {
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || known[t] != nil {
			return
		}
		known[t] = fields(t)
		for _, f := range reflect.VisibleFields(t) {
			add(f.Type)
		}
	}
	add(reflect.TypeFor[Questionnaire]())
}

func (r *reader) object(v jsonscan.Value, into reflect.Value, at place) {
	names := known[into.Type()]
	switch into.Addr().Interface().(type) {
	case *Item:
		if link := v.Get("linkId").Text(); link != "" {
			at = place{link, ""}
		}
	case *Extension:
		at = at.down(v.Get("url").Text())
	}
	for _, m := range v.All() {
		index, ok := names[m.Key()]
		switch {
		case m.Kind() == jsonscan.Null:
		case !ok:
			r.report.Add(at.String(), at.down(m.Key()).path, Dropped, "the converter has no place for it")
		default:
			r.value(m, into.FieldByIndex(index), at.down(m.Key()))
		}
	}
}

func (r *reader) value(v jsonscan.Value, into reflect.Value, at place) {
	switch into.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(into.Type().Elem())
		r.value(v, fresh.Elem(), at)
		into.Set(fresh)
	case reflect.Slice:
		r.list(v, into, at)
	case reflect.Struct:
		if r.is(v, jsonscan.Object, at) {
			r.object(v, into, at)
		}
	case reflect.Bool:
		if v.Kind() == jsonscan.True || r.is(v, jsonscan.False, at) {
			into.SetBool(v.Bool())
		}
	case reflect.Int:
		if n, err := strconv.ParseInt(v.Text(), 10, 32); r.is(v, jsonscan.Number, at) {
			if err != nil {
				r.faults.Add(errKind.With("Element", at.path, "Wanted", "integer").At(at.String()))
			}
			into.SetInt(n)
		}
	default:
		want := jsonscan.String
		if into.Type() == reflect.TypeFor[json.Number]() {
			want = jsonscan.Number
		}
		if r.is(v, want, at) {
			into.SetString(v.Text())
		}
	}
}

// list reads an array. A contained resource that is no value set is noted and left out.
func (r *reader) list(v jsonscan.Value, into reflect.Value, at place) {
	if !r.is(v, jsonscan.Array, at) {
		return
	}
	sets := into.Type().Elem() == reflect.TypeFor[ValueSet]()
	for _, e := range v.All() {
		if kind := e.Get("resourceType").Text(); sets && kind != "ValueSet" {
			r.report.Add(at.String(), at.path, Dropped, "a contained %s (%s) has no place", kind, e.Get("id").Text())
			continue
		}
		fresh := reflect.New(into.Type().Elem()).Elem()
		r.value(e, fresh, at)
		into.Set(reflect.Append(into, fresh))
	}
}

func (r *reader) is(v jsonscan.Value, want jsonscan.Kind, at place) bool {
	if v.Kind() == want {
		return true
	}
	r.faults.Add(errKind.With("Element", at.path, "Wanted", want.String()).At(at.String()))
	return false
}

// Marshal gives the Questionnaire as indented JSON, with a newline at its end. The same Questionnaire gives the same bytes.
func (q Questionnaire) Marshal() []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(q); err != nil {
		panic(err) // plain structs of strings and numbers; a json.Number that is none is a bug of whoever set it
	}
	return []byte(b.String())
}
