package terminology

import (
	"crypto/sha256"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// valueSet is a ValueSet as read.
type valueSet struct {
	url, version string
	language     string
	active       bool // compose.inactive is false
	inactive     bool // compose.inactive is true
	compose      bool
	include      []include
	exclude      []include
	expansion    *expansion
	local        map[string]*valueSet // what it contains, by id
	sum          [sha256.Size]byte    // of the bytes it came from
}

// include is one compose.include or exclude.
type include struct {
	system, version string
	concepts        []Concept
	filters         []filter
	sets            []string
}

// expansion is a stored expansion. It is whole when nothing shows that codes of the set are not in it.
type expansion struct {
	concepts []Concept
	whole    bool
}

// reader reads one resource and keeps the first rule that it breaks.
type reader struct {
	limits limits
	err    *fault.Error
}

func (r *reader) fail(rule, path string) {
	if r.err == nil {
		r.err = ErrRule.With("Rule", rule).At(path)
	}
}

func (r *reader) full() {
	if r.err == nil {
		r.err = ErrTooLarge.With("Limit", r.limits.concepts)
	}
}

// text is a string member; another kind of value there breaks the type.
func (r *reader) text(v jsonscan.Value, name string) string {
	m := v.Get(name)
	if m.Exists() && m.Kind() != jsonscan.String {
		r.fail("type", name)
		return ""
	}
	return m.Text()
}

func (r *reader) flag(v jsonscan.Value, name string) bool {
	m := v.Get(name)
	if m.Exists() && m.Kind() != jsonscan.True && m.Kind() != jsonscan.False {
		r.fail("type", name)
	}
	return m.Bool()
}

func (r *reader) list(v jsonscan.Value, name string) jsonscan.Value {
	m := v.Get(name)
	if m.Exists() && m.Kind() != jsonscan.Array {
		r.fail("type", name)
		return jsonscan.Value{}
	}
	return m
}

func (r *reader) valueSet(v jsonscan.Value) *valueSet {
	s := &valueSet{url: r.text(v, "url"), version: r.text(v, "version"), language: r.text(v, "language"), sum: sha256.Sum256(v.Raw())}
	s.url, _, _ = strings.Cut(s.url, "|")
	if c := v.Get("compose"); c.Exists() {
		s.compose = true
		if in := c.Get("inactive"); in.Exists() {
			s.inactive = r.flag(c, "inactive")
			s.active = !s.inactive
		}
		for _, i := range r.list(c, "include").All() {
			s.include = append(s.include, r.include(i, s.language))
		}
		for _, i := range r.list(c, "exclude").All() {
			s.exclude = append(s.exclude, r.include(i, s.language))
		}
	}
	if e := v.Get("expansion"); e.Exists() {
		s.expansion = r.expansion(e, s)
	}
	s.local = map[string]*valueSet{}
	for _, c := range r.list(v, "contained").All() {
		if id := c.Get("id").Text(); id != "" && c.Get("resourceType").Text() == "ValueSet" && !c.Get("contained").Exists() {
			s.local[id] = r.valueSet(c)
		}
	}
	return s
}

// include reads one include or exclude, with the rules vsd-1, vsd-2 and vsd-3.
func (r *reader) include(v jsonscan.Value, language string) include {
	in := include{system: r.text(v, "system"), version: r.text(v, "version")}
	for _, c := range r.list(v, "concept").All() {
		if len(in.concepts) >= r.limits.concepts {
			r.full()
			break
		}
		one := r.concept(c, language)
		if one.Code == "" {
			r.fail("code", "ValueSet.compose.include.concept")
		}
		one.System, one.Version = in.system, in.version
		if in.version == "*" {
			one.Version = ""
		}
		in.concepts = append(in.concepts, one)
	}
	for _, f := range r.list(v, "filter").All() {
		one := filter{r.text(f, "property"), r.text(f, "op"), r.text(f, "value")}
		if one.property == "" || one.op == "" || !f.Get("value").Exists() {
			r.fail("filter", "ValueSet.compose.include.filter")
		}
		in.filters = append(in.filters, one)
	}
	for _, s := range r.list(v, "valueSet").All() {
		if s.Kind() != jsonscan.String {
			r.fail("type", "ValueSet.compose.include.valueSet")
		}
		in.sets = append(in.sets, s.Text())
	}
	switch {
	case in.system == "" && len(in.sets) == 0:
		r.fail("vsd-1", "ValueSet.compose.include")
	case in.system == "" && len(in.concepts)+len(in.filters) > 0:
		r.fail("vsd-2", "ValueSet.compose.include")
	case len(in.concepts) > 0 && len(in.filters) > 0:
		r.fail("vsd-3", "ValueSet.compose.include")
	}
	return in
}

// concept reads what concepts of sets, expansions and systems have in common.
func (r *reader) concept(v jsonscan.Value, language string) Concept {
	c := Concept{Code: r.text(v, "code"), Display: r.text(v, "display"), Weight: weight(v)}
	for _, d := range r.list(v, "designation").All() {
		c.Designations = append(c.Designations, Designation{Language: r.text(d, "language"), Use: d.Get("use").Get("code").Text(), Value: r.text(d, "value")})
	}
	if c.Display != "" && language != "" {
		c.Designations = append(c.Designations, Designation{Language: language, Use: "display", Value: c.Display})
	}
	// Translations as extensions of the display: Questionnaires and their sets are often translated that way.
	for _, e := range v.Get("_display").Get("extension").All() {
		if e.Get("url").Text() != "http://hl7.org/fhir/StructureDefinition/translation" {
			continue
		}
		var d Designation
		for _, p := range e.Get("extension").All() {
			switch p.Get("url").Text() {
			case "lang":
				d.Language = p.Get("valueCode").Text()
			case "content":
				if d.Value = p.Get("valueString").Text(); d.Value == "" {
					d.Value = p.Get("valueMarkdown").Text()
				}
			}
		}
		c.Designations = append(c.Designations, d)
	}
	return c
}

// weight reads the score on a concept: SDC's itemWeight, or one of its predecessors.
func weight(v jsonscan.Value) string {
	for _, e := range v.Get("extension").All() {
		switch e.Get("url").Text() {
		case "http://hl7.org/fhir/StructureDefinition/itemWeight", "http://hl7.org/fhir/StructureDefinition/ordinalValue",
			"http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue", "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue":
			if w := e.Get("valueDecimal"); w.Kind() == jsonscan.Number {
				return w.Text()
			}
		}
	}
	return ""
}

// decimal tells whether a property's text can be a weight.
func decimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(s, "0123456789.") == "" && strings.Count(s, ".") < 2 && s[0] != '.' && s[len(s)-1] != '.'
}

// expansion reads a stored expansion; its nesting is for finding one's way and says nothing of membership.
func (r *reader) expansion(v jsonscan.Value, s *valueSet) *expansion {
	e := &expansion{}
	nodes := 0
	var walk func(jsonscan.Value)
	walk = func(contains jsonscan.Value) { // as deep as jsonscan lets it be; a heading before what it heads
		for _, c := range contains.All() {
			if nodes++; nodes > r.limits.concepts {
				r.full()
				return
			}
			one := r.concept(c, s.language)
			one.System, one.Version = r.text(c, "system"), r.text(c, "version")
			one.Abstract, one.Inactive = r.flag(c, "abstract"), r.flag(c, "inactive")
			if one.Code != "" {
				e.concepts = append(e.concepts, one)
			}
			walk(r.list(c, "contains"))
		}
	}
	walk(r.list(v, "contains"))
	e.whole = wholeExpansion(v, nodes, s.inactive)
	return e
}

// wholeExpansion looks for signs that a stored expansion is a part: a page, a search, a system left out, an unclosed set.
func wholeExpansion(v jsonscan.Value, nodes int, inactive bool) bool {
	if v.Get("offset").Exists() && v.Get("offset").Text() != "0" {
		return false
	}
	total := v.Get("total")
	if total.Exists() && total.Text() != itoa(nodes) {
		return false
	}
	for _, e := range v.Get("extension").All() {
		switch strings.TrimPrefix(e.Get("url").Text(), "http://hl7.org/fhir/StructureDefinition/") {
		case "valueset-unclosed", "valueset-toocostly":
			return false
		}
	}
	for _, p := range v.Get("parameter").All() {
		var value string
		for _, m := range p.All() {
			if strings.HasPrefix(m.Key(), "value") {
				value = m.Text()
			}
		}
		switch p.Get("name").Text() {
		case "filter", "exclude-system", "limitedExpansion":
			if value != "" && value != "false" {
				return false
			}
		case "offset":
			if value != "0" {
				return false
			}
		case "count":
			if !total.Exists() && value == itoa(nodes) {
				return false // just as many as were asked for
			}
		case "activeOnly":
			if value == "true" && inactive {
				return false
			}
		}
	}
	return true
}
