package extract

import (
	"slices"
	"strings"

	"kindred/internal/fhirpath"
)

// target is a place in a resource that is being made: the resource, or an element inside it that a group stands for.
type target struct {
	res    *resource
	prefix string // canonical before the #
	path   string // of the element: "Patient", "Patient.name"
	typ    string // its FHIR type
	at     map[string]any
}

// define opens a resource where definitionExtract stands.
func (x *extraction) define(s *scope, def, at, ext fhirpath.Node) {
	canonical := part(ext, "definition").Text()
	typ := typeIn(canonical)
	if typ == "" {
		typ = typeBelow(def, canonical)
	}
	if typ == "" {
		x.note(errType.With("Definition", canonical), link(def))
		return
	}
	res := x.add(typ, map[string]any{"resourceType": typ})
	if res == nil {
		return
	}
	if typeIn(canonical) == "" {
		res.body["meta"] = map[string]any{"profile": []any{canonical}}
	}
	x.request(res, *s, def, at, ext)
	canonical, _, _ = strings.Cut(canonical, "|")
	s.target = &target{res: res, prefix: canonical, path: typ, typ: typ, at: res.body}
}

// typeBelow finds the resource type of a profile in the paths that items below give for it.
func typeBelow(def fhirpath.Node, canonical string) string {
	for _, d := range def.Children("item") {
		if path, ok := strings.CutPrefix(d.Child("definition").Text(), canonical+"#"); ok {
			if name, _, _ := strings.Cut(path, "."); fhirpath.IsResource(name) {
				return name
			}
		}
		if t := typeBelow(d, canonical); t != "" {
			return t
		}
	}
	return ""
}

// defineByContext opens a resource where the older itemExtractionContext stands: of a type, or one that is given.
func (x *extraction) defineByContext(s *scope, def, at, ext fhirpath.Node) {
	value := ext.Child("value")
	typ, body := value.Text(), map[string]any(nil)
	if value.Type() == "Expression" {
		expression, language := value.Child("expression").Text(), value.Child("language").Text()
		if language == "application/x-fhir-query" {
			typ, _, _ = strings.Cut(expression, "?")
			typ, _, _ = strings.Cut(typ, "/")
		} else if found := x.eval(expression, fhirpath.Collection{at.Value()}, *s, link(def)); len(found) > 0 {
			if n, ok := found[0].Node(); ok {
				body, _ = plain(n).(map[string]any)
				typ, _ = body["resourceType"].(string)
			}
		}
	}
	if !fhirpath.IsResource(typ) {
		x.note(errType.With("Definition", typ), link(def))
		return
	}
	if body == nil {
		body = map[string]any{"resourceType": typ}
	}
	if res := x.add(typ, body); res != nil {
		s.target = &target{res: res, prefix: core + typ, path: typ, typ: typ, at: res.body}
	}
}

// fixed sets what definitionExtractValue says: a value that stands there, or that an expression gives.
func (x *extraction) fixed(s scope, def, at, ext fhirpath.Node) {
	if s.target == nil {
		x.note(errNoContext, link(def))
		return
	}
	path, ok := s.target.below(part(ext, "definition").Text())
	if !ok {
		return
	}
	if v := part(ext, "fixed-value"); !v.IsZero() {
		x.set(s.target, path, def, v.Value())
		return
	}
	e := part(ext, "expression")
	for _, v := range x.eval(e.Child("expression").Text(), fhirpath.Collection{at.Value()}, s, link(def)) {
		x.set(s.target, path, def, v)
	}
}

// below is the way from the target to the element that a definition names; false where it is of another resource.
func (t *target) below(definition string) ([]string, bool) {
	prefix, path, ok := strings.Cut(definition, "#")
	if !ok || prefix != t.prefix && typeIn(prefix) != t.res.typ {
		return nil, false
	}
	rest, ok := strings.CutPrefix(path, t.path+".")
	if !ok {
		return nil, false
	}
	return strings.Split(rest, "."), true
}

// enter gives the target of a group whose definition is an element: an instance of its own.
func (x *extraction) enter(t *target, def fhirpath.Node) *target {
	definition := def.Child("definition").Text()
	if definition == "" {
		return t
	}
	path, ok := t.below(definition)
	if !ok {
		return t
	}
	at, typ := t.at, t.typ
	for i, name := range path {
		e, key, ok := x.element(typ, name, def)
		if !ok || fhirpath.IsPrimitive(e.Types[0]) {
			return t
		}
		at = child(at, key, e.List, i == len(path)-1)
		typ = e.Types[0]
	}
	return &target{res: t.res, prefix: t.prefix, path: t.path + "." + strings.Join(path, "."), typ: typ, at: at}
}

// child is the object of an element: the last one of a list, or a new one where fresh.
func child(at map[string]any, key string, list, fresh bool) map[string]any {
	if !list {
		one, _ := at[key].(map[string]any)
		if one == nil {
			one = map[string]any{}
			at[key] = one
		}
		return one
	}
	all, _ := at[key].([]any)
	if len(all) > 0 && !fresh {
		if last, ok := all[len(all)-1].(map[string]any); ok {
			return last
		}
	}
	one := map[string]any{}
	at[key] = append(all, one)
	return one
}

// element finds an element of a type and the JSON key that holds it; slices need a profile, which is not here.
func (x *extraction) element(typ, name string, def fhirpath.Node) (fhirpath.Element, string, bool) {
	bare, slice, sliced := strings.Cut(name, ":")
	if sliced {
		// A slice of a choice names a type: value[x]:valueQuantity.
		if !strings.HasSuffix(bare, "[x]") {
			x.note(errSlice.With("Path", name), link(def))
			return fhirpath.Element{}, "", false
		}
		bare = slice
	}
	e, ok := fhirpath.ElementOf(typ, bare)
	if !ok {
		x.note(errPath.With("Path", typ+"."+name), link(def))
		return e, "", false
	}
	if bare != e.Name && !strings.HasSuffix(bare, "[x]") { // valueString chooses its type
		e.Types = slices.DeleteFunc(slices.Clone(e.Types), func(t string) bool { return !strings.EqualFold(e.Name+t, bare) })
	}
	return e, e.Name, true
}

// put sets what an answer says, where its item has a definition.
func (x *extraction) put(t *target, def, value fhirpath.Node) {
	if t == nil || def.Child("definition").Text() == "" {
		return
	}
	path, ok := t.below(def.Child("definition").Text())
	if !ok {
		return
	}
	x.set(t, path, def, value.Value())
}

// set puts a value at the end of a way.
func (x *extraction) set(t *target, path []string, def fhirpath.Node, v fhirpath.Value) {
	at, typ := t.at, t.typ
	for i, name := range path {
		e, key, ok := x.element(typ, name, def)
		if !ok {
			return
		}
		if i < len(path)-1 {
			if len(e.Types) > 1 {
				x.note(errPath.With("Path", strings.Join(path, ".")), link(def))
				return
			}
			at, typ = child(at, key, e.List, false), e.Types[0]
			continue
		}
		given, as, ok := convert(v, e.Types, unitOf(def))
		if !ok {
			x.note(errConvert.With("Type", v.TypeName(), "Path", t.path+"."+strings.Join(path, ".")), link(def))
			return
		}
		if chosen, _ := fhirpath.ElementOf(typ, e.Name); len(chosen.Types) > 1 {
			key = e.Name + strings.ToUpper(as[:1]) + as[1:]
		}
		if e.List {
			all, _ := at[key].([]any)
			at[key] = append(all, given)
			return
		}
		if _, twice := at[key]; twice && name != "id" {
			x.note(errSeveral.With("Path", t.path+"."+strings.Join(path, ".")), link(def))
		}
		at[key] = given
	}
}
