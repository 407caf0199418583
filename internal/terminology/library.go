package terminology

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// Library holds sets and systems. Make one with NewLibrary; all its methods may be called by many at once.
type Library struct {
	mu    sync.Mutex // one addition at a time
	scope atomic.Pointer[scope]
}

// Expansion is what is known of a set.
type Expansion struct {
	Concepts []Concept  // surely in the set, in its order; shared: do not change
	Complete bool       // there are no others
	Missing  fault.List // when not Complete: what would have to be here
}

// NewLibrary makes a library that holds what is built in: a few small systems of HL7 that forms refer to without
// shipping them (builtin.txt).
func NewLibrary() *Library {
	l := &Library{}
	l.scope.Store(newScope(builtins(), usual))
	return l
}

// Add takes a ValueSet, a CodeSystem, or a Bundle, whose other resources are passed over; any other resource is
// ErrResource. The same resource again changes nothing, another one with the same address and version is ErrTwice, save
// that the fragments of a system belong together. After an error the library is as before.
func (l *Library) Add(v jsonscan.Value) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.scope.Load().copied()
	if v.Get("resourceType").Text() == "Bundle" {
		for _, e := range v.Get("entry").All() {
			switch r := e.Get("resource"); r.Get("resourceType").Text() {
			case "ValueSet", "CodeSystem":
				if err := next.add(r, false); err != nil {
					return err
				}
			}
		}
	} else if err := next.add(v, false); err != nil {
		return err
	}
	l.scope.Store(next)
	return nil
}

// With gives a library that also knows what a resource contains, under "#id" and under its address, and prefers it to
// what l holds. It takes contained resources or the array of them; those that are neither ValueSets nor CodeSystems are
// passed over. It sees l as it is now: what is added to l later does not reach it.
func (l *Library) With(contained ...jsonscan.Value) (*Library, error) {
	inner := newScope(l.scope.Load(), usual)
	for _, v := range contained {
		list := []jsonscan.Value{v}
		if v.Kind() == jsonscan.Array {
			list = list[:0]
			for _, e := range v.All() {
				list = append(list, e)
			}
		}
		for _, r := range list {
			switch r.Get("resourceType").Text() {
			case "ValueSet", "CodeSystem":
				if err := inner.add(r, true); err != nil {
					return nil, err
				}
			}
		}
	}
	out := &Library{}
	out.scope.Store(inner)
	return out, nil
}

// Expand gives the codes of a set: ErrUnknownSet, ErrCycle, ErrTooLarge, or ErrNeedsServer where none of them can be
// known. Where some can, the expansion is not Complete and says what is missing.
func (l *Library) Expand(ref string) (Expansion, error) {
	s, err := l.scope.Load().expand(ref)
	if err != nil {
		return Expansion{}, err
	}
	if len(s.list) == 0 && !s.maybe.empty() {
		if len(s.why) > 0 {
			return Expansion{}, s.why[0]
		}
		return Expansion{}, ErrNeedsServer.With("What", ref)
	}
	return Expansion{Concepts: slices.Clip(s.list), Complete: s.maybe.empty(), Missing: s.why}, nil
}

// MemberOf tells whether a code is in a set; known is false where that cannot be told. An empty system asks for the code
// alone, as FHIRPath does for elements of type code; whoever has a Coding without a system must decide before asking.
func (l *Library) MemberOf(ref, system, code string) (member, known bool) {
	_, member, known = l.Member(ref, system, code)
	return member, known
}

// Member is MemberOf with the concept as the set gives it, so that one sees whether it is abstract or inactive.
func (l *Library) Member(ref, system, code string) (c Concept, member, known bool) {
	sc := l.scope.Load()
	s, err := sc.expand(ref)
	if err != nil || code == "" {
		return Concept{}, false, err == nil
	}
	if system == "" {
		for _, have := range s.list {
			if have.Code == code {
				return have, true, true
			}
		}
		return Concept{}, false, !s.maybe.holds(code)
	}
	k := sc.key(system, code)
	if at, ok := s.index[k]; ok {
		return s.list[at], true, true
	}
	return Concept{}, false, !s.maybe.has(k)
}

// Subsumes tells whether a subsumes b, or is the same, in a system whose hierarchy is declared to mean is-a.
func (l *Library) Subsumes(system, a, b string) (subsumes, known bool) {
	s := l.scope.Load().system(split(system))
	if s == nil {
		return false, false
	}
	return s.subsumes(a, b)
}

// Weight is the score of a code: what its system says, else what the sets here say of it where they agree.
func (l *Library) Weight(system, code string) (string, bool) {
	sc := l.scope.Load()
	if c, ok := sc.concept(system, code); ok && c.Weight != "" {
		return c.Weight, true
	}
	for ; sc != nil; sc = sc.parent {
		if s, ok := sc.says(system, code); ok && s.weight != "" {
			return s.weight, !s.disputed
		}
	}
	return "", false
}

// Display is the name of a code in a language, or in its system's own where there is no translation: what its system
// says, else what a set here says.
func (l *Library) Display(system, code, lang string) (string, bool) {
	sc := l.scope.Load()
	if c, ok := sc.concept(system, code); ok && (c.Display != "" || c.In(lang) != c.Code) {
		return c.In(lang), true
	}
	for ; sc != nil; sc = sc.parent {
		if s, ok := sc.says(system, code); ok && s.Display != "" {
			return s.In(lang), true
		}
	}
	return "", false
}

// scope is the content of a library at one moment; it is never changed after it can be seen.
type scope struct {
	parent    *scope
	limits    limits
	sets      map[string][]*valueSet // by address, newest first
	systems   map[string][]*system   // by address, newest first; fragments of one version one after another
	additions map[string][]*system   // supplements by the address of what they add to
	implicit  map[string]*valueSet   // CodeSystem.valueSet: the set of all codes
	local     map[string]*valueSet   // contained, by id
	stating   []*valueSet            // in the order they came
	resources int

	listen   sync.Once
	said     map[key]saying // what sets state about codes, made when first asked for
	expanded sync.Map       // *valueSet → *outcome
	merged   sync.Map       // address|version → *system
	kept     atomic.Int64   // concepts in expanded
}

// saying is what a set states about a code.
type saying struct {
	Concept
	weight   string
	disputed bool // another set states another weight
}

func newScope(parent *scope, l limits) *scope {
	return &scope{parent: parent, limits: l, sets: map[string][]*valueSet{}, systems: map[string][]*system{}, additions: map[string][]*system{},
		implicit: map[string]*valueSet{}, local: map[string]*valueSet{}}
}

// copied is a scope that can be added to while the old one is read.
func (s *scope) copied() *scope {
	return &scope{parent: s.parent, limits: s.limits, sets: maps.Clone(s.sets), systems: maps.Clone(s.systems), additions: maps.Clone(s.additions),
		implicit: maps.Clone(s.implicit), local: maps.Clone(s.local), stating: slices.Clip(s.stating), resources: s.resources}
}

func (s *scope) add(v jsonscan.Value, contained bool) error {
	r := &reader{limits: s.limits}
	if s.resources++; s.resources > s.limits.resources {
		return ErrTooLarge.With("Limit", s.limits.resources)
	}
	id := ""
	if contained {
		id = r.text(v, "id")
	}
	switch kind := v.Get("resourceType").Text(); kind {
	case "CodeSystem":
		return s.addSystem(r, v)
	case "ValueSet":
		set := r.valueSet(v)
		if set.url == "" && id == "" {
			r.fail("url", "ValueSet.url")
		}
		if r.err != nil {
			return r.err.With("Resource", cmp.Or(set.url, "#"+id))
		}
		if id != "" {
			if s.local[id] != nil {
				return ErrTwice.With("Resource", "#"+id)
			}
			s.local[id] = set
		}
		for _, c := range v.Get("contained").All() {
			if c.Get("resourceType").Text() == "CodeSystem" {
				if err := s.addSystem(r, c); err != nil {
					return err
				}
			}
		}
		return s.addSet(set)
	default:
		return ErrResource.With("Resource", kind)
	}
}

func (s *scope) addSet(set *valueSet) error {
	if set.url == "" {
		s.stating = append(s.stating, set)
		return nil
	}
	list := slices.Clone(s.sets[set.url])
	for _, have := range list {
		if have.version == set.version {
			if have.sum == set.sum {
				return nil
			}
			return ErrTwice.With("Resource", set.url+"|"+set.version)
		}
	}
	list = append(list, set)
	slices.SortStableFunc(list, func(a, b *valueSet) int { return compareVersions(b.version, a.version) })
	s.sets[set.url], s.stating = list, append(s.stating, set)
	return nil
}

func (s *scope) addSystem(r *reader, v jsonscan.Value) error {
	sys := r.system(v)
	if sys.url == "" && sys.content != "supplement" {
		r.fail("url", "CodeSystem.url")
	}
	if r.err != nil {
		return r.err.With("Resource", sys.url)
	}
	sys.sum = sha256.Sum256(v.Raw())
	if sys.content == "supplement" {
		base, _ := split(sys.supplements)
		for _, have := range s.additions[base] {
			if have.sum == sys.sum {
				return nil
			}
		}
		s.additions[base] = append(slices.Clone(s.additions[base]), sys)
		return nil
	}
	list := slices.Clone(s.systems[sys.url])
	for _, have := range list {
		switch {
		case have.sum == sys.sum:
			return nil
		case have.version == sys.version && (have.content != "fragment" || sys.content != "fragment"):
			return ErrTwice.With("Resource", sys.url+"|"+sys.version)
		}
	}
	list = append(list, sys)
	slices.SortStableFunc(list, func(a, b *system) int { return compareVersions(b.version, a.version) })
	s.systems[sys.url] = list
	if set := v.Get("valueSet").Text(); set != "" {
		url, _ := split(set)
		s.implicit[url] = &valueSet{url: url, compose: true, include: []include{{system: sys.url}}}
	}
	return nil
}

// says is what the sets of this scope state about a code, for those whose system is not here.
func (s *scope) says(system, code string) (saying, bool) {
	s.listen.Do(func() {
		s.said = map[key]saying{}
		for _, set := range s.stating {
			for _, i := range set.include {
				for _, c := range i.concepts {
					s.hear(c)
				}
			}
			if set.expansion != nil {
				for _, c := range set.expansion.concepts {
					s.hear(c)
				}
			}
		}
	})
	said, ok := s.said[key{system, code}]
	return said, ok
}

func (s *scope) hear(c Concept) {
	if c.Display == "" && c.Weight == "" {
		return
	}
	k := key{c.System, c.Code}
	have, ok := s.said[k]
	if !ok {
		s.said[k] = saying{Concept: c, weight: c.Weight}
		return
	}
	have.disputed = have.disputed || have.weight != "" && c.Weight != "" && have.weight != c.Weight
	have.weight = cmp.Or(have.weight, c.Weight)
	have.complete(c)
	s.said[k] = have
}

// split takes a canonical reference apart.
func split(ref string) (url, version string) {
	ref, _, _ = strings.Cut(ref, "#")
	url, version, _ = strings.Cut(ref, "|")
	return url, version
}

// find is the set of a reference: of the nearest scope that has it.
func (s *scope) find(ref string) *valueSet {
	if id, ok := strings.CutPrefix(ref, "#"); ok {
		for ; s != nil; s = s.parent {
			if set := s.local[id]; set != nil {
				return set
			}
		}
		return nil
	}
	url, version := split(ref)
	for ; s != nil; s = s.parent {
		for _, set := range s.sets[url] {
			if version == "" || set.version == version {
				return set
			}
		}
		if set := s.implicit[url]; set != nil && version == "" {
			return set
		}
	}
	return nil
}

// system is a system with the supplements of every scope, or nil. An empty version asks for the newest.
func (s *scope) system(url, version string) *system {
	name := url + "|" + version
	if have, ok := s.merged.Load(name); ok {
		return have.(*system)
	}
	var found []*system
	for at := s; at != nil && found == nil; at = at.parent {
		for _, one := range at.systems[url] {
			if found == nil && (version == "" || one.version == version) || found != nil && one.version == found[0].version {
				found = append(found, one)
			}
		}
	}
	if found == nil {
		return nil // not kept: anybody may ask for anything
	}
	more := found[1:]
	for at := s; at != nil; at = at.parent {
		for _, one := range at.additions[url] {
			if _, v := split(one.supplements); v == "" || v == found[0].version {
				more = append(slices.Clip(more), one)
			}
		}
	}
	out := found[0]
	if len(more) > 0 {
		out = out.merged(more)
	}
	have, _ := s.merged.LoadOrStore(name, out)
	return have.(*system)
}

// concept is a code as the newest version of its system has it.
func (s *scope) concept(system, code string) (Concept, bool) {
	sys := s.system(split(system))
	if sys == nil {
		return Concept{}, false
	}
	at, ok := sys.find(code)
	if !ok {
		return Concept{}, false
	}
	return sys.entries[at].Concept, true
}

func (s *scope) key(system, code string) key {
	if sys := s.system(system, ""); sys != nil {
		code = sys.folded(code)
	}
	return key{system, code}
}

// owns tells whether this scope itself, not its parents, has something at an address.
func (s *scope) owns(url string) bool {
	return len(s.sets[url])+len(s.systems[url])+len(s.additions[url]) > 0 || s.implicit[url] != nil
}
