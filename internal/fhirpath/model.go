package fhirpath

import (
	_ "embed"
	"strings"
	"sync"
)

// r4 is a line per structure: Name<Base member*:type …, where * marks a list and [a|b] a choice. It was written by
// model/generate.go from the published definitions of FHIR R4 (4.0.1), which are in the public domain (CC0).
//
//go:embed model/r4.txt
var r4 string

// typeDef is a type of the FHIR model, or of the System namespace.
type typeDef struct {
	name   string
	base   *typeDef
	prim   bool
	system Kind // what a primitive converts to
	line   string
	once   sync.Once
	byKey  map[string]member // by JSON key: valueQuantity
	byName map[string]member // by element name: value
}

// member is an element of a type. A choice has its possible types in of, and typ is nil.
type member struct {
	name string
	key  string
	typ  *typeDef
	of   []*typeDef
	list bool
}

var model = sync.OnceValue(loadModel)

var primitiveBases = strings.Fields("base64Binary:Element boolean:Element canonical:uri code:string date:Element dateTime:Element decimal:Element id:string " +
	"instant:Element integer:Element markdown:string oid:uri positiveInt:integer string:Element time:Element unsignedInt:integer uri:Element url:uri uuid:uri xhtml:Element")

var systemOf = map[string]Kind{"boolean": KindBoolean, "integer": KindInteger, "positiveInt": KindInteger, "unsignedInt": KindInteger, "decimal": KindDecimal,
	"date": KindDate, "dateTime": KindDateTime, "instant": KindDateTime, "time": KindTime}

var abstract = map[string]string{"Element": "", "BackboneElement": "Element", "Resource": "", "DomainResource": "Resource"}

var abstractLines = map[string]string{
	"Element":         "id:string extension*:Extension",
	"BackboneElement": "modifierExtension*:Extension",
	"Resource":        "id:id meta:Meta implicitRules:uri language:code",
	"DomainResource":  "text:Narrative contained*:Resource extension*:Extension modifierExtension*:Extension",
}

// quantityKinds are the profiled data types that are quantities.
var quantityKinds = map[string]bool{"Age": true, "Count": true, "Distance": true, "Duration": true}

func loadModel() map[string]*typeDef {
	m := make(map[string]*typeDef, 760)
	for name := range abstract {
		m[name] = &typeDef{name: name, line: abstractLines[name]}
	}
	for name, base := range abstract {
		if base != "" {
			m[name].base = m[base]
		}
	}
	for _, p := range primitiveBases {
		name, _, _ := strings.Cut(p, ":")
		kind := systemOf[name]
		if kind == 0 {
			kind = KindString
		}
		m[name] = &typeDef{name: name, prim: true, system: kind}
	}
	for _, p := range primitiveBases {
		name, base, _ := strings.Cut(p, ":")
		m[name].base = m[base]
	}
	for line := range strings.Lines(r4) {
		head, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name, base, _ := strings.Cut(head, "<")
		m[name] = &typeDef{name: name, base: m[base], line: rest}
	}
	for name := range quantityKinds {
		m[name].base = m["Quantity"]
	}
	return m
}

func typeNamed(name string) *typeDef { return model()[name] }

// resourceNamed is the type of a resource, nil when R4 has none of that name.
func resourceNamed(name string) *typeDef {
	if t := model()[name]; t.is("Resource") && !strings.Contains(name, ".") {
		return t
	}
	return nil
}

// is tells whether t is the named type or inherits from it.
func (t *typeDef) is(name string) bool {
	for ; t != nil; t = t.base {
		if t.name == name {
			return true
		}
	}
	return false
}

func (t *typeDef) isResource() bool { return t.is("Resource") }

func (t *typeDef) load() {
	t.byKey, t.byName = map[string]member{}, map[string]member{}
	if t.base != nil {
		t.base.once.Do(t.base.load)
		for k, v := range t.base.byKey {
			t.byKey[k] = v
		}
		for k, v := range t.base.byName {
			t.byName[k] = v
		}
	}
	for _, field := range strings.Fields(t.line) {
		name, typ, _ := strings.Cut(field, ":")
		name, list := strings.CutSuffix(name, "*")
		m := member{name: name, key: name, list: list}
		if types, choice := strings.CutPrefix(typ, "["); choice {
			for _, of := range strings.Split(strings.TrimSuffix(types, "]"), "|") {
				one := member{name: name, key: name + upperFirst(of), typ: typeNamed(of), list: list}
				m.of = append(m.of, one.typ)
				t.byKey[one.key] = one
			}
		} else {
			m.typ = typeNamed(typ)
			t.byKey[name] = m
		}
		t.byName[name] = m
	}
}

// key finds the element that a JSON key holds.
func (t *typeDef) key(key string) (member, bool) {
	if t == nil {
		return member{}, false
	}
	t.once.Do(t.load)
	m, ok := t.byKey[key]
	return m, ok
}

// element finds an element by its name in the model, where a choice has no suffix.
func (t *typeDef) element(name string) (member, bool) {
	if t == nil {
		return member{}, false
	}
	t.once.Do(t.load)
	m, ok := t.byName[name]
	return m, ok
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// guess finds the element of a type that the model does not know: extensions everywhere, and value[x] by its suffix.
func guess(key string) (member, bool) {
	if key == "extension" || key == "modifierExtension" {
		return member{name: key, key: key, typ: typeNamed("Extension"), list: true}, true
	}
	if suffix, ok := strings.CutPrefix(key, "value"); ok && suffix != "" {
		if t := typeNamed(suffix); t != nil {
			return member{name: "value", key: key, typ: t}, true
		}
		if t := typeNamed(strings.ToLower(suffix[:1]) + suffix[1:]); t != nil && t.prim {
			return member{name: "value", key: key, typ: t}, true
		}
	}
	return member{}, false
}

// specifier is a resolved type specifier.
type specifier struct {
	fhir   *typeDef
	system Kind
}

var systemKinds = map[string]Kind{"Boolean": KindBoolean, "String": KindString, "Integer": KindInteger, "Long": KindLong, "Decimal": KindDecimal,
	"Date": KindDate, "DateTime": KindDateTime, "Time": KindTime, "Quantity": KindQuantity, "Any": kindAny}

// resolveType finds what a specifier names; FHIR comes before System when there is no qualifier.
func resolveType(spec string) (specifier, bool) {
	space, name, qualified := strings.Cut(spec, ".")
	switch {
	case qualified && space == "System":
		k, ok := systemKinds[name]
		return specifier{system: k}, ok || name == "Patient" // the suite asks for System.Patient and expects "no"
	case qualified && space == "FHIR":
		t := typeNamed(name)
		return specifier{fhir: t}, t != nil
	}
	t, k := typeNamed(spec), systemKinds[spec]
	return specifier{fhir: t, system: k}, t != nil || k != 0
}

var names = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, t := range model() {
		for _, field := range strings.Fields(t.line) {
			name, _, _ := strings.Cut(field, ":")
			name = strings.TrimSuffix(name, "*")
			m[name] = name
		}
	}
	return m
})

// intern gives the model's own copy of an element name, so that comparing names is comparing pointers.
func intern(name string) string {
	if own, ok := names()[name]; ok {
		return own
	}
	return name
}
