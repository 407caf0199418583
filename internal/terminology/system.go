package terminology

import (
	"crypto/sha256"
	"slices"
	"strings"
)

// system is a CodeSystem, or several fragments of one, with the supplements that are here.
type system struct {
	url, version string
	content      string // complete, fragment, example, not-present or supplement
	language     string
	hierarchy    string // hierarchyMeaning
	supplements  string // what a supplement adds to: url or url|version
	fold         bool   // caseSensitive is false
	open         bool   // compositional: its grammar makes codes that no list holds
	builtin      bool
	sum          [sha256.Size]byte   // of the bytes it came from
	properties   map[string]property // by code
	entries      []entry
	index        map[string]int // by folded code
	related      bool           // some concept has a parent
}

// property is a definition in CodeSystem.property.
type property struct{ uri, kind string }

// entry is a concept of a system.
type entry struct {
	Concept
	definition        string
	values            []propertyValue
	parents, children []int
}

type propertyValue struct{ code, text string }

const conceptProperties = "http://hl7.org/fhir/concept-properties#"

// complete tells whether every code of the system is here.
func (s *system) complete() bool { return s.content == "complete" && !s.open }

func (s *system) folded(code string) string {
	if s.fold {
		return strings.ToLower(code)
	}
	return code
}

func (s *system) find(code string) (int, bool) {
	at, ok := s.index[s.folded(code)]
	return at, ok
}

// role is what a property means: "parent", "child", "notSelectable" …, by its defined address, else by its code.
func (s *system) role(code string) string {
	if name, known := strings.CutPrefix(s.properties[code].uri, conceptProperties); known {
		code = name
	}
	switch code {
	case "subsumedBy":
		return "parent"
	case "parent", "child", "inactive", "notSelectable", "status", "itemWeight", "ordinalValue":
		return code
	}
	return ""
}

// put adds a concept, or completes the one of the same code: fragments may repeat concepts, and some systems say a
// concept again beneath each of its parents.
func (s *system) put(e entry) int {
	k := s.folded(e.Code)
	if at, ok := s.index[k]; ok {
		have := &s.entries[at]
		have.Concept.complete(e.Concept)
		have.values = append(slices.Clip(have.values), e.values...)
		return at
	}
	s.index[k] = len(s.entries)
	s.entries = append(s.entries, e)
	return len(s.entries) - 1
}

func (s *system) relate(parent, child int) {
	if parent == child || slices.Contains(s.entries[child].parents, parent) {
		return
	}
	s.entries[child].parents = append(s.entries[child].parents, parent)
	s.entries[parent].children = append(s.entries[parent].children, child)
	s.related = true
}

// settle reads from the properties what they say of hierarchy and status. "Operations … SHALL have the same result
// whether or not the relationships are represented explicitly as properties or implicitly using the hierarchy."
func (s *system) settle() {
	for i := range s.entries {
		for _, v := range s.entries[i].values {
			switch s.role(v.code) {
			case "parent":
				if at, ok := s.find(v.text); ok {
					s.relate(at, i)
				}
			case "child":
				if at, ok := s.find(v.text); ok {
					s.relate(i, at)
				}
			case "notSelectable":
				s.entries[i].Abstract = s.entries[i].Abstract || v.text == "true"
			case "inactive":
				s.entries[i].Inactive = s.entries[i].Inactive || v.text == "true"
			case "status":
				s.entries[i].Inactive = s.entries[i].Inactive || v.text == "retired" || v.text == "inactive"
			case "itemWeight", "ordinalValue":
				if s.entries[i].Weight == "" && decimal(v.text) {
					s.entries[i].Weight = v.text
				}
			}
		}
	}
}

// merged is a copy with what supplements and other fragments add. A supplement "cannot define any new code".
func (s *system) merged(more []*system) *system {
	out := *s
	out.entries, out.index = nil, make(map[string]int, len(s.entries))
	out.properties = map[string]property{}
	for _, from := range append([]*system{s}, more...) {
		for code, p := range from.properties {
			if _, ok := out.properties[code]; !ok {
				out.properties[code] = p
			}
		}
		for _, e := range from.entries {
			at, known := out.find(e.Code)
			switch {
			case from.content != "supplement":
				e.parents, e.children = nil, nil
				out.put(e)
			case known:
				have := &out.entries[at]
				have.Designations = append(slices.Clip(have.Designations), e.Designations...)
				have.values = append(slices.Clip(have.values), e.values...)
				if e.Weight != "" {
					have.Weight = e.Weight
				}
			}
		}
	}
	for _, from := range append([]*system{s}, more...) {
		for i := range from.entries {
			for _, c := range from.entries[i].children {
				parent, one := out.find(from.entries[i].Code)
				child, two := out.find(from.entries[c].Code)
				if one && two {
					out.relate(parent, child)
				}
			}
		}
	}
	out.settle()
	return &out
}

// above gives a concept and all that subsume it; below a concept and all that it subsumes.
func (s *system) above(at int) map[int]struct{} {
	return s.walk(at, func(e *entry) []int { return e.parents })
}
func (s *system) below(at int) map[int]struct{} {
	return s.walk(at, func(e *entry) []int { return e.children })
}

func (s *system) walk(at int, next func(*entry) []int) map[int]struct{} {
	seen := map[int]struct{}{at: {}}
	for queue := []int{at}; len(queue) > 0; {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, n := range next(&s.entries[i]) {
			if _, again := seen[n]; !again {
				seen[n] = struct{}{}
				queue = append(queue, n)
			}
		}
	}
	return seen
}

// subsumes tells whether a subsumes b. It is known only where the hierarchy is said to mean is-a, or where there is
// none: "If there is no definition, none of the subsumption based features can be used with the code system."
func (s *system) subsumes(a, b string) (yes, known bool) {
	i, one := s.find(a)
	j, two := s.find(b)
	switch {
	case !one || !two:
		return false, false
	case i == j:
		return true, true
	case s.related && s.hierarchy != "is-a":
		return false, false
	}
	_, yes = s.above(j)[i]
	return yes, yes || s.complete()
}
