package terminology

import (
	"strconv"
	"strings"

	"kindred/internal/jsonscan"
)

func itoa(n int) string { return strconv.Itoa(n) }

// system reads a CodeSystem.
func (r *reader) system(v jsonscan.Value) *system {
	s := &system{url: r.text(v, "url"), version: r.text(v, "version"), content: r.text(v, "content"), language: r.text(v, "language"),
		hierarchy: r.text(v, "hierarchyMeaning"), open: r.flag(v, "compositional"), index: map[string]int{}, properties: map[string]property{}}
	s.url, _, _ = strings.Cut(s.url, "|")
	s.supplements = r.text(v, "supplements")
	s.fold = v.Get("caseSensitive").Kind() == jsonscan.False
	r.flag(v, "caseSensitive")
	if s.content == "supplement" && s.supplements == "" {
		r.fail("supplements", "CodeSystem.supplements")
	}
	for _, p := range r.list(v, "property").All() {
		s.properties[r.text(p, "code")] = property{uri: r.text(p, "uri"), kind: r.text(p, "type")}
	}
	var walk func(list jsonscan.Value, parent int)
	walk = func(list jsonscan.Value, parent int) { // as deep as jsonscan lets it be
		for _, c := range list.All() {
			if len(s.entries) >= r.limits.concepts {
				r.full()
			}
			if r.err != nil {
				return
			}
			at := s.put(r.entry(c, s))
			if parent >= 0 {
				s.relate(parent, at)
			}
			walk(r.list(c, "concept"), at)
		}
	}
	walk(r.list(v, "concept"), -1)
	s.settle()
	return s
}

func (r *reader) entry(v jsonscan.Value, s *system) entry {
	e := entry{Concept: r.concept(v, s.language), definition: r.text(v, "definition")}
	if e.Code == "" {
		r.fail("code", "CodeSystem.concept")
	}
	e.System, e.Version = s.url, s.version
	for _, p := range r.list(v, "property").All() {
		one := propertyValue{code: r.text(p, "code")}
		for _, m := range p.All() {
			if !strings.HasPrefix(m.Key(), "value") {
				continue
			}
			if one.text = m.Text(); m.Kind() == jsonscan.Object { // valueCoding
				one.text = m.Get("code").Text()
			}
		}
		e.values = append(e.values, one)
	}
	return e
}
