package terminology

import (
	"regexp"
	"slices"
	"strings"
)

// filter is one compose.include.filter.
type filter struct{ property, op, value string }

func (f filter) String() string { return f.property + " " + f.op + " " + f.value }

// test tells of a concept whether it passes. A filter that gives no test cannot be answered here.
type test func(*entry) bool

// negative filters pass what lacks something: among the concepts of a fragment nobody can tell.
func (f filter) negative() bool {
	return f.op == "is-not-a" || f.op == "not-in" || f.op == "exists" && f.value == "false" || f.op == "descendent-leaf"
}

// compile makes the test of a filter over a system (CodeSystem, "Filters", and code system filter-operator).
func (s *system) compile(f filter, l limits) (test, bool) {
	if !s.defines(f.property) {
		return nil, false
	}
	switch f.op {
	case "=":
		return s.any(f.property, func(v string) bool { return s.equal(f.property, v, f.value) }), true
	case "in", "not-in":
		set := map[string]struct{}{}
		for _, v := range strings.Split(f.value, ",") {
			set[s.normal(f.property, strings.TrimSpace(v))] = struct{}{}
		}
		in := s.any(f.property, func(v string) bool { _, ok := set[s.normal(f.property, v)]; return ok })
		if f.op == "in" {
			return in, true
		}
		return func(e *entry) bool { return !in(e) }, true
	case "regex":
		if len(f.value) > l.pattern {
			return nil, false
		}
		re, err := regexp.Compile(`^(?:` + f.value + `)$`)
		if err != nil {
			return nil, false // look-arounds and back-references have no linear time
		}
		return s.any(f.property, re.MatchString), true
	case "exists":
		if f.value != "true" && f.value != "false" {
			return nil, false
		}
		return func(e *entry) bool { return s.has(e, f.property) == (f.value == "true") }, true
	}
	return s.hierarchical(f)
}

// hierarchical compiles the filters that ask for relations. A hierarchy without a stated meaning counts as is-a here:
// whoever wrote the filter has looked at it. One that says it means something else does not.
func (s *system) hierarchical(f filter) (test, bool) {
	if s.related && s.hierarchy != "is-a" && s.hierarchy != "" {
		return nil, false
	}
	if !codeProperty(f.property) && s.properties[f.property].kind != "code" && s.role(f.property) != "parent" && s.role(f.property) != "child" {
		return nil, false
	}
	root, ok := s.find(f.value)
	if !ok && !s.complete() {
		return nil, false // its relations may be in what is not here
	}
	wanted := map[int]struct{}{}
	switch {
	case !ok && f.op != "is-not-a":
		return nil, false // the set was written for another version of the system
	case !ok:
	case f.op == "generalizes":
		wanted = s.above(root)
	case f.op == "child-of":
		for _, c := range s.entries[root].children {
			wanted[c] = struct{}{}
		}
	default:
		wanted = s.below(root)
	}
	isA := s.any(f.property, func(v string) bool {
		at, ok := s.find(v)
		_, in := wanted[at]
		return ok && in
	})
	switch f.op {
	case "is-a", "generalizes", "child-of":
		return isA, true
	case "is-not-a":
		return func(e *entry) bool { return !isA(e) }, true
	case "descendent-of", "descendant-of":
		delete(wanted, root)
		return isA, true
	case "descendent-leaf":
		for at := range wanted {
			if len(s.entries[at].children) > 0 {
				delete(wanted, at)
			}
		}
		delete(wanted, root)
		return isA, true
	}
	return nil, false
}

// codeProperty tells whether a filter's property is the code itself.
func codeProperty(name string) bool { return name == "concept" || name == "code" }

// defines tells whether the values of a property can be known.
func (s *system) defines(name string) bool {
	if _, ok := s.properties[name]; ok || codeProperty(name) {
		return true
	}
	switch name {
	case "display", "definition", "parent", "child":
		return true
	}
	for i := range s.entries {
		for _, v := range s.entries[i].values {
			if v.code == name {
				return true // used without a definition
			}
		}
	}
	return false
}

// any makes the test whether one of the property's values satisfies ok.
func (s *system) any(name string, ok func(string) bool) test {
	role := s.role(name)
	return func(e *entry) bool {
		switch {
		case codeProperty(name):
			return ok(e.Code)
		case name == "display":
			return e.Display != "" && ok(e.Display)
		case name == "definition":
			return e.definition != "" && ok(e.definition)
		case role == "parent": // by nesting and by properties alike
			return s.one(e.parents, ok)
		case role == "child":
			return s.one(e.children, ok)
		}
		for _, v := range e.values {
			if v.code == name && ok(v.text) {
				return true
			}
		}
		if s.has(e, name) {
			return false
		}
		switch role { // these have a value where none is written
		case "inactive":
			return ok(boolText(e.Inactive))
		case "notSelectable":
			return ok(boolText(e.Abstract))
		}
		return false
	}
}

// has tells whether a property has a value.
func (s *system) has(e *entry, name string) bool {
	switch role := s.role(name); {
	case codeProperty(name):
		return true
	case name == "display":
		return e.Display != ""
	case name == "definition":
		return e.definition != ""
	case role == "parent":
		return len(e.parents) > 0
	case role == "child":
		return len(e.children) > 0
	}
	return slices.ContainsFunc(e.values, func(v propertyValue) bool { return v.code == name })
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func (s *system) one(at []int, ok func(string) bool) bool {
	for _, i := range at {
		if ok(s.entries[i].Code) {
			return true
		}
	}
	return false
}

// normal brings codes of the system itself into one case where it does not mind.
func (s *system) normal(property, v string) string {
	role := s.role(property)
	if codeProperty(property) || role == "parent" || role == "child" {
		return s.folded(v)
	}
	return v
}

func (s *system) equal(property, a, b string) bool {
	return s.normal(property, a) == s.normal(property, b)
}
