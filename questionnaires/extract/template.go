package extract

import (
	"strings"

	"kindred/internal/fhirpath"
)

const (
	templateContext = sdc + "sdc-questionnaire-templateExtractContext"
	templateValue   = sdc + "sdc-questionnaire-templateExtractValue"
)

// contained is a contained resource of the questionnaire, by its "#id".
func (x *extraction) contained(reference string) map[string]any {
	id, ok := strings.CutPrefix(reference, "#")
	if !ok {
		return nil
	}
	for _, c := range x.q.Children("contained") {
		if c.Child("id").Text() == id {
			body, _ := plain(c).(map[string]any)
			delete(body, "id")
			return body
		}
	}
	return nil
}

// template makes a resource of a template, at one occurrence: SDC, "Template-based extraction".
func (x *extraction) template(s scope, def, at, ext fhirpath.Node) {
	ref := part(ext, "template").Child("reference").Text()
	body := x.contained(ref)
	typ, _ := body["resourceType"].(string)
	if !fhirpath.IsResource(typ) {
		x.note(errTemplate.With("Template", ref), link(def))
		return
	}
	f := filler{x: x, s: s, item: link(def)}
	filled, _ := f.object(body, fhirpath.Collection{at.Value()}).(map[string]any)
	if filled == nil {
		return
	}
	filled["resourceType"] = typ
	if res := x.add(typ, filled); res != nil {
		res.used = true
		x.request(res, s, def, at, ext)
		if id := x.text(part(ext, "resourceId").Text(), at, s, link(def)); id != "" {
			res.body["id"] = id
		}
	}
}

// templateBundle makes the entries of a contained Bundle.
func (x *extraction) templateBundle(s scope, def, at, ext fhirpath.Node) {
	ref := ext.Child("value").Child("reference").Text()
	body := x.contained(ref)
	if body["resourceType"] != "Bundle" {
		x.note(errTemplate.With("Template", ref), link(def))
		return
	}
	f := filler{x: x, s: s, item: link(def)}
	filled, _ := f.object(body, fhirpath.Collection{at.Value()}).(map[string]any)
	entries, _ := filled["entry"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		resourceBody, _ := entry["resource"].(map[string]any)
		typ, _ := resourceBody["resourceType"].(string)
		if !fhirpath.IsResource(typ) || len(resourceBody) < 2 {
			continue
		}
		res := x.add(typ, resourceBody)
		if res == nil {
			return
		}
		res.used = true
		if full, ok := entry["fullUrl"].(string); ok {
			res.fullURL = full
		}
		res.given, _ = entry["request"].(map[string]any)
	}
}

// filler fills a template in: one run over its JSON.
type filler struct {
	x    *extraction
	s    scope
	item string
}

// directive takes the extension of a name out of a list of extensions, and gives its expression.
func directive(holder map[string]any, url string) (string, bool) {
	list, _ := holder["extension"].([]any)
	for i, e := range list {
		ext, _ := e.(map[string]any)
		if ext["url"] != url {
			continue
		}
		source, _ := ext["valueString"].(string)
		if rest := append(append([]any(nil), list[:i]...), list[i+1:]...); len(rest) > 0 {
			holder["extension"] = rest
		} else {
			delete(holder, "extension")
		}
		return source, true
	}
	return "", false
}

// object fills one object in; nil where nothing is left of it. Its own directives were taken out by the caller.
func (f filler) object(in map[string]any, at fhirpath.Collection) any {
	out := map[string]any{}
	for key, v := range in {
		if name, ok := strings.CutPrefix(key, "_"); ok {
			f.primitive(out, name, in[name], v, at)
			continue
		}
		if _, beside := in["_"+key]; beside {
			continue // told with what stands beside it
		}
		if filled := f.value(v, at); filled != nil {
			out[key] = filled
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// value fills whatever stands at a key.
func (f filler) value(v any, at fhirpath.Collection) any {
	switch v := v.(type) {
	case map[string]any:
		all := f.repeated(v, at)
		if len(all) == 0 {
			return nil
		}
		if len(all) > 1 {
			f.x.note(errSeveral.With("Path", "template"), f.item)
		}
		return all[0]
	case []any:
		var out []any
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, f.repeated(m, at)...)
			} else if e != nil {
				out = append(out, e)
			}
		}
		if out == nil {
			return nil
		}
		return out
	default:
		return v
	}
}

// repeated gives what becomes of one object: one for each item of its context, or the values that replace it.
func (f filler) repeated(v map[string]any, at fhirpath.Collection) []any {
	v = shallow(v)
	contexts := []fhirpath.Collection{at}
	if source, ok := directive(v, templateContext); ok {
		contexts = nil
		for _, item := range f.x.eval(source, at, f.s, f.item) {
			contexts = append(contexts, fhirpath.Collection{item})
		}
	}
	source, replaced := directive(v, templateValue)
	var out []any
	for _, c := range contexts {
		if !replaced {
			if filled := f.object(v, c); filled != nil {
				out = append(out, filled)
			}
			continue
		}
		for _, item := range f.x.eval(source, c, f.s, f.item) {
			out = append(out, f.merged(v, item, c))
		}
	}
	return out
}

// merged is a value with what the template fixes beside it.
func (f filler) merged(v map[string]any, item fhirpath.Value, at fhirpath.Collection) any {
	given := item.Plain()
	if n, ok := item.Node(); ok {
		given = plain(n)
	}
	body, ok := given.(map[string]any)
	if !ok {
		return given
	}
	if fixed, ok := f.object(v, at).(map[string]any); ok {
		for k, w := range fixed {
			if _, has := body[k]; !has {
				body[k] = w
			}
		}
	}
	return body
}

func shallow(m map[string]any) map[string]any {
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// primitive fills a primitive whose directives stand beside it ("_family").
func (f filler) primitive(out map[string]any, name string, value, beside any, at fhirpath.Collection) {
	holders, list := beside.([]any)
	if !list {
		holders = []any{beside}
	}
	values, many := value.([]any)
	if !many && value != nil {
		values = []any{value}
	}
	var got, marks []any
	for i := range max(len(holders), len(values)) {
		var holder map[string]any
		if i < len(holders) {
			holder, _ = holders[i].(map[string]any)
		}
		var stands any
		if i < len(values) {
			stands = values[i]
		}
		for _, v := range f.one(holder, stands, at) {
			got, marks = append(got, v[0]), append(marks, v[1])
		}
	}
	f.store(out, name, got, marks, list || many)
}

// one gives the values that one primitive becomes, each with the extensions that stay beside it.
func (f filler) one(holder map[string]any, stands any, at fhirpath.Collection) [][2]any {
	if holder == nil {
		return [][2]any{{stands, nil}}
	}
	holder = shallow(holder)
	contexts := []fhirpath.Collection{at}
	if source, ok := directive(holder, templateContext); ok {
		contexts = nil
		for _, item := range f.x.eval(source, at, f.s, f.item) {
			contexts = append(contexts, fhirpath.Collection{item})
		}
	}
	source, computed := directive(holder, templateValue)
	var rest any
	if len(holder) > 0 {
		rest = holder
	}
	var out [][2]any
	for _, c := range contexts {
		if !computed {
			out = append(out, [2]any{stands, rest})
			continue
		}
		for _, v := range f.x.eval(source, c, f.s, f.item) {
			plainly := v.Plain()
			if n, ok := v.Node(); ok {
				plainly = plain(n)
			}
			if _, complex := plainly.(map[string]any); complex {
				f.x.note(errConvert.With("Type", v.TypeName(), "Path", "template"), f.item)
				continue
			}
			out = append(out, [2]any{plainly, rest})
		}
	}
	return out
}

func (f filler) store(out map[string]any, name string, got, marks []any, list bool) {
	if len(got) == 0 {
		return
	}
	marked := false
	for _, m := range marks {
		marked = marked || m != nil
	}
	if list {
		out[name] = got
		if marked {
			out["_"+name] = marks
		}
		return
	}
	if len(got) > 1 {
		f.x.note(errSeveral.With("Path", name), f.item)
	}
	if got[0] != nil {
		out[name] = got[0]
	}
	if marked {
		out["_"+name] = marks[0]
	}
}
