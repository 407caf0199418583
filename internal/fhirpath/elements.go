package fhirpath

// Element is an element of a FHIR R4 type, for whoever builds resources.
type Element struct {
	Name  string   // without the suffix of a choice
	Types []string // one, or those that a choice offers
	List  bool
}

// ElementOf finds an element of an R4 type: by its name ("value", "value[x]"), or by the JSON key that also chooses a type
// ("valueString"). It is false where R4 has no such type or element.
func ElementOf(typeName, name string) (Element, bool) {
	t := typeNamed(typeName)
	if t == nil {
		return Element{}, false
	}
	if len(name) > 3 && name[len(name)-3:] == "[x]" {
		name = name[:len(name)-3]
	}
	m, ok := t.element(name)
	if !ok {
		if m, ok = t.key(name); !ok {
			return Element{}, false
		}
	}
	e := Element{Name: m.name, List: m.list}
	for _, of := range m.of {
		if of != nil {
			e.Types = append(e.Types, of.name)
		}
	}
	if m.typ != nil {
		e.Types = []string{m.typ.name}
	}
	return e, len(e.Types) > 0
}

// IsResource tells whether R4 has a resource of that name.
func IsResource(name string) bool { return resourceNamed(name) != nil }

// IsPrimitive tells whether the name is that of an R4 primitive type.
func IsPrimitive(name string) bool {
	t := typeNamed(name)
	return t != nil && t.prim
}
