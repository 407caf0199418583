package terminology

import (
	"slices"
	"strings"

	"kindred/internal/fault"
)

// outcome is an expansion that was computed, or why it cannot be.
type outcome struct {
	set *set
	err *fault.Error
}

// expand finds a set and expands it, or answers from what it knows.
func (s *scope) expand(ref string) (*set, error) {
	vs := s.find(ref)
	if vs == nil {
		if remote(ref) {
			return nil, ErrNeedsServer.With("What", ref)
		}
		return nil, ErrUnknownSet.With("Set", ref)
	}
	o := s.outcome(vs)
	if o.err != nil {
		return nil, o.err.With("Set", ref)
	}
	return o.set, nil
}

// remote tells whether an address is that of a set which only a server that holds the system can make.
func remote(ref string) bool {
	return strings.HasPrefix(ref, "http://snomed.info/sct") || strings.HasPrefix(ref, "http://loinc.org/vs")
}

func (s *scope) outcome(vs *valueSet) *outcome {
	if o, ok := s.expanded.Load(vs); ok {
		return o.(*outcome)
	}
	if s.parent != nil && s.parent.holds(vs) {
		// What the outer scope knows holds here too, unless something here stands in the place of what it used.
		if o := s.parent.outcome(vs); !s.overrides(o.set) {
			return o
		}
	}
	e := &evaluation{scope: s, running: map[*valueSet]bool{}, done: map[*valueSet]*set{}}
	out := &outcome{}
	if out.set, out.err = e.valueSet(vs); out.err == nil {
		if s.kept.Add(int64(len(out.set.list))) > int64(s.limits.kept) {
			return out // computed again each time, rather than kept
		}
	}
	o, _ := s.expanded.LoadOrStore(vs, out)
	return o.(*outcome)
}

// holds tells whether a set belongs to this scope or a parent.
func (s *scope) holds(vs *valueSet) bool {
	for ; s != nil; s = s.parent {
		if s.implicit[vs.url] == vs {
			return true
		}
		for _, have := range s.sets[vs.url] {
			if have == vs {
				return true
			}
		}
	}
	return false
}

// overrides tells whether this scope has anything at an address that an expansion outside used. Of a failed one (nil)
// that is not known.
func (s *scope) overrides(used *set) bool {
	if used == nil {
		return len(s.sets)+len(s.systems)+len(s.additions) > 0
	}
	for url := range used.touched {
		if s.owns(url) {
			return true
		}
	}
	return false
}

// evaluation expands one set, with all that it imports.
type evaluation struct {
	scope   *scope
	running map[*valueSet]bool
	done    map[*valueSet]*set // imported before: sets may be imported along many ways
	steps   int
}

func (e *evaluation) step(n int) *fault.Error {
	if e.steps += n; e.steps > e.scope.limits.steps {
		return ErrTooLarge.With("Limit", e.scope.limits.steps)
	}
	return nil
}

// valueSet follows "Value Set Expansion": the stored expansion where it is whole, else the definition; of a part of an
// expansion what it lists is sure, and the rest is as the definition says.
func (e *evaluation) valueSet(vs *valueSet) (*set, *fault.Error) {
	if e.running[vs] {
		return nil, ErrCycle.With("Set", vs.url)
	}
	if len(e.running) >= e.scope.limits.depth {
		return nil, ErrTooLarge.With("Limit", e.scope.limits.depth)
	}
	e.running[vs] = true
	defer delete(e.running, vs)

	out := newSet()
	out.touched[vs.url] = struct{}{}
	if vs.expansion != nil {
		if err := e.stored(out, vs); err != nil {
			return nil, err
		}
		if vs.expansion.whole {
			return out, nil
		}
	}
	switch {
	case vs.compose:
		made, err := e.compose(vs)
		if err != nil {
			return nil, err
		}
		if made.maybe.empty() {
			made.learn(out)
			made.settle()
			return made, nil
		}
		made.union(out)
		out = made
	default:
		// A set without a definition and without a whole expansion: anything might be in it.
		out.maybe = everything
		out.unknown(ErrNeedsServer.With("What", vs.url))
	}
	out.settle()
	if len(out.list) > e.scope.limits.concepts {
		return nil, ErrTooLarge.With("Limit", e.scope.limits.concepts)
	}
	return out, nil
}

// stored lists a stored expansion, completed by what the systems say.
func (e *evaluation) stored(out *set, vs *valueSet) *fault.Error {
	for _, c := range vs.expansion.concepts {
		if err := e.step(1); err != nil {
			return err
		}
		e.put(out, c)
	}
	return nil
}

// put adds a concept with what its system knows of it.
func (e *evaluation) put(out *set, c Concept) {
	out.touched[c.System] = struct{}{}
	if sys := e.scope.system(c.System, c.Version); sys != nil {
		if at, ok := sys.find(c.Code); ok {
			c = enrich(c, sys.entries[at].Concept)
		}
	}
	out.add(e.scope.key(c.System, c.Code), c)
}

// enrich fills a set's concept from its system. The set's own display stays; translations of the system's display would
// contradict it, so they are taken only where the set has none of its own.
func enrich(c, of Concept) Concept {
	if own := c.Display != "" && c.Display != of.Display; own {
		of.Designations = nil
	}
	names := append(slices.Clip(c.Designations), of.Designations...)
	c.complete(of)
	c.Designations = names
	return c
}

func (e *evaluation) compose(vs *valueSet) (*set, *fault.Error) {
	out := newSet()
	out.touched[vs.url] = struct{}{}
	for _, i := range vs.include {
		part, err := e.include(vs, i, false)
		if err != nil {
			return nil, err
		}
		if err := e.step(len(part.list)); err != nil {
			return nil, err
		}
		out.union(part)
		if len(out.list) > e.scope.limits.concepts {
			return nil, ErrTooLarge.With("Limit", e.scope.limits.concepts)
		}
	}
	if vs.active {
		out = out.onlyActive()
	}
	for _, i := range vs.exclude {
		if i.plain() { // whatever the system may hold
			out = out.less(i.system)
			out.touched[i.system] = struct{}{}
			continue
		}
		part, err := e.include(vs, i, true)
		if err != nil {
			return nil, err
		}
		if err := e.step(len(out.list) + len(part.list)); err != nil {
			return nil, err
		}
		out = out.minus(part)
	}
	out.settle()
	return out, nil
}

// plain tells whether an include takes a whole system and nothing else.
func (i include) plain() bool {
	return i.system != "" && i.version == "" && len(i.concepts)+len(i.filters)+len(i.sets) == 0
}

// onlyActive leaves out what is known to be inactive.
func (s *set) onlyActive() *set {
	out := newSet()
	out.maybe = s.maybe
	for i, k := range s.keys {
		if !s.list[i].Inactive {
			out.add(k, s.list[i])
		}
	}
	out.learn(s)
	return out
}

// include selects by system and intersects with the imports. An exclusion takes what it enumerates as it is written.
func (e *evaluation) include(vs *valueSet, i include, exclude bool) (*set, *fault.Error) {
	var out *set
	restrict := "" // a whole system that is not here, of which the imports list the codes
	if i.system != "" {
		var err *fault.Error
		if out, err = e.fromSystem(i, exclude); err != nil {
			return nil, err
		}
		if len(i.concepts)+len(i.filters) == 0 && len(i.sets) > 0 && i.version == "" && len(out.list) == 0 {
			restrict, out = i.system, nil
		}
	}
	for _, ref := range i.sets {
		part, err := e.imported(vs, ref)
		if err != nil {
			return nil, err
		}
		if err := e.step(len(part.list)); err != nil {
			return nil, err
		}
		if out == nil {
			out = newSet()
			out.union(part) // a copy: what was computed before is never changed
		} else {
			out = out.intersect(part)
		}
	}
	if restrict != "" {
		out = out.within(restrict)
		out.touched[restrict] = struct{}{}
	}
	return out, nil
}

func (e *evaluation) imported(vs *valueSet, ref string) (*set, *fault.Error) {
	set := vs.local[strings.TrimPrefix(ref, "#")]
	if set == nil || !strings.HasPrefix(ref, "#") {
		set = e.scope.find(ref)
	}
	if set == nil {
		out := newSet()
		url, _ := split(ref)
		out.touched[url] = struct{}{}
		out.maybe = everything
		out.unknown(ErrUnknownSet.With("Set", ref))
		return out, nil
	}
	if o, ok := e.scope.expanded.Load(set); ok && o.(*outcome).err == nil {
		return o.(*outcome).set, nil
	}
	if have := e.done[set]; have != nil {
		return have, nil
	}
	out, err := e.valueSet(set)
	if err == nil {
		e.done[set] = out
	}
	return out, err
}

// fromSystem selects by system alone, by enumeration or by filters.
func (e *evaluation) fromSystem(i include, exclude bool) (*set, *fault.Error) {
	out := newSet()
	out.touched[i.system] = struct{}{}
	version := i.version
	if version == "*" {
		version = "" // what the newest has is in some version; that it has all is checked below
	}
	sys := e.scope.system(i.system, version)
	if len(i.concepts) > 0 {
		return out, e.enumerate(out, i, sys, exclude)
	}
	tests := make([]test, 0, len(i.filters))
	vague := sys == nil || !sys.complete() || i.version == "*"
	if sys == nil {
		out.unknown(ErrNeedsServer.With("What", describe(i)))
		out.maybe = whole(i.system)
		return out, nil
	}
	for _, f := range i.filters {
		t, ok := sys.compile(f, e.scope.limits)
		if !ok || vague && f.negative() {
			out.unknown(ErrNeedsServer.With("What", i.system+": "+f.String()))
			out.maybe = whole(i.system)
			return out, nil
		}
		tests = append(tests, t)
	}
	if err := e.step(len(sys.entries) * (1 + len(tests))); err != nil {
		return nil, err
	}
	for at := range sys.entries {
		entry := &sys.entries[at]
		passes := true
		for _, t := range tests {
			passes = passes && t(entry)
		}
		if passes {
			out.add(e.scope.key(i.system, entry.Code), entry.Concept)
		}
	}
	if vague {
		out.unknown(ErrNeedsServer.With("What", describe(i)))
		out.maybe = whole(i.system)
	}
	return out, nil
}

func describe(i include) string {
	what := i.system
	if i.version != "" {
		what += "|" + i.version
	}
	for n, f := range i.filters {
		if n == 0 {
			what += ": "
		} else {
			what += ", "
		}
		what += f.String()
	}
	return what
}

// enumerate takes the listed codes. "If codes are listed, check that they are valid": where the system is here with all
// its codes, one that it does not have is left out, and excluded all the same. What is built in may be older than the
// set, so it is not held against it.
func (e *evaluation) enumerate(out *set, i include, sys *system, exclude bool) *fault.Error {
	if err := e.step(len(i.concepts)); err != nil {
		return err
	}
	for _, c := range i.concepts {
		if sys != nil {
			at, ok := sys.find(c.Code)
			if !ok && sys.complete() && !sys.builtin && !exclude && i.version != "*" {
				continue
			}
			if ok {
				c = enrich(c, sys.entries[at].Concept)
			}
		}
		out.add(e.scope.key(i.system, c.Code), c)
	}
	return nil
}
