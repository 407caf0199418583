package terminology

import (
	_ "embed"
	"strings"
	"sync"
)

// builtinText holds small code systems of HL7, each complete in the version it names: a line "system url version valueSet",
// then a line a code: code, display, Spanish display, separated by tabs; two leading spaces a level of hierarchy. A code
// after "!" is abstract. "set url code …" names a set that takes some of a system's codes.
//
//go:embed builtin.txt
var builtinText string

var builtins = sync.OnceValue(func() *scope { return readBuiltins(builtinText) })

func readBuiltins(text string) *scope {
	s := newScope(nil, usual)
	var sys *system
	var path []int
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		fields := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#':
		case fields[0] == "system":
			sys = &system{url: fields[1], version: fields[2], content: "complete", hierarchy: "is-a", builtin: true, index: map[string]int{}, language: "en"}
			s.systems[sys.url], path = []*system{sys}, nil
			for _, url := range fields[3:] {
				s.sets[url] = []*valueSet{{url: url, version: fields[2], compose: true, include: []include{{system: sys.url}}}}
			}
		case fields[0] == "set":
			set := s.sets[fields[1]]
			if set == nil {
				set = []*valueSet{{url: fields[1], version: fields[2], compose: true}}
				s.sets[fields[1]] = set
			}
			in := include{system: fields[3]}
			for _, code := range fields[4:] {
				in.concepts = append(in.concepts, Concept{System: in.system, Code: code})
			}
			set[0].include = append(set[0].include, in)
		default:
			depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
			cells := append(strings.Split(strings.TrimSpace(line), "\t"), "", "")
			c := Concept{System: sys.url, Version: sys.version, Code: strings.TrimPrefix(cells[0], "!"), Display: cells[1], Abstract: cells[0][0] == '!'}
			c.Designations = []Designation{{Language: "en", Use: "display", Value: c.Display}}
			if cells[2] != "" {
				c.Designations = append(c.Designations, Designation{Language: "es", Use: "display", Value: cells[2]})
			}
			at := sys.put(entry{Concept: c})
			if path = append(path[:depth], at); depth > 0 {
				sys.relate(path[depth-1], at)
			}
		}
	}
	return s
}
