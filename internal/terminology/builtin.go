package terminology

import (
	_ "embed"
	"strings"
	"sync"
)

// builtinText holds code systems of HL7. A line "system url version set…" or "growing url version set…" begins one, and
// names the sets of all its codes; then comes a line a code: code, display and Spanish display, separated by tabs, two
// leading spaces a level of hierarchy; "-" before the indentation marks a code that is retired. The lists of a growing
// system are whole in that version, and so are its sets, which belong to FHIR R4; but of the system itself later versions
// may have more. "set url version system code…" names a set that takes some codes; a code may be followed by = and the
// display in both languages, with _ for spaces.
//
//go:embed builtin.txt
var builtinText string

var builtins = sync.OnceValue(func() *scope { return readBuiltins(builtinText) })

func readBuiltins(text string) *scope {
	s := newScope(nil, usual)
	b := &builtinReader{scope: s}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		fields := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#':
		case fields[0] == "system" || fields[0] == "growing":
			b.finish()
			b.begin(fields)
		case fields[0] == "set":
			b.finish()
			b.set(fields[1], fields[2], fields[3], fields[4:])
		default:
			b.code(line)
		}
	}
	b.finish()
	return s
}

type builtinReader struct {
	scope *scope
	sys   *system
	sets  []string
	path  []int // the concepts above, by level
}

func (b *builtinReader) begin(fields []string) {
	b.sys = &system{url: fields[1], version: fields[2], content: "complete", hierarchy: "is-a", builtin: true, language: "en",
		index: map[string]int{}, properties: map[string]property{}}
	if fields[0] == "growing" {
		b.sys.content = "fragment"
	}
	b.sets, b.path = fields[3:], nil
}

func (b *builtinReader) code(line string) {
	line, retired := strings.CutPrefix(line, "-")
	depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
	cells := strings.Split(strings.TrimSpace(line), "\t")
	at := b.sys.put(entry{Concept: Concept{System: b.sys.url, Version: b.sys.version, Code: cells[0], Display: cells[1], Inactive: retired,
		Designations: bilingual(cells[1], cells[2])}})
	if b.path = append(b.path[:depth], at); depth > 0 {
		b.sys.relate(b.path[depth-1], at)
	}
}

func bilingual(en, es string) []Designation {
	return []Designation{{Language: "en", Use: "display", Value: en}, {Language: "es", Use: "display", Value: es}}
}

// finish puts the system that was being read into the scope, with its sets of all codes, listed.
func (b *builtinReader) finish() {
	if b.sys == nil {
		return
	}
	b.scope.systems[b.sys.url] = []*system{b.sys}
	for _, url := range b.sets {
		in := include{system: b.sys.url}
		for _, e := range b.sys.entries {
			in.concepts = append(in.concepts, e.Concept)
		}
		version := b.sys.version
		if strings.HasPrefix(url, "http://hl7.org/fhir/ValueSet/") {
			version = "4.0.1"
		}
		b.scope.sets[url] = []*valueSet{{url: url, version: version, compose: true, include: []include{in}}}
	}
	b.sys = nil
}

func (b *builtinReader) set(url, version, system string, codes []string) {
	if b.scope.sets[url] == nil {
		b.scope.sets[url] = []*valueSet{{url: url, version: version, compose: true}}
	}
	in := include{system: system}
	for _, code := range codes {
		c := Concept{System: system, Code: code}
		if code, names, named := strings.Cut(code, "="); named {
			en, es, _ := strings.Cut(strings.ReplaceAll(names, "_", " "), "=")
			c = Concept{System: system, Code: code, Display: en, Designations: bilingual(en, es)}
		}
		in.concepts = append(in.concepts, c)
	}
	set := b.scope.sets[url][0]
	set.include = append(set.include, in)
}
