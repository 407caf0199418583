package terminology

import "kindred/internal/fault"

// key is a code in its system, folded where the system does not mind the case.
type key struct{ system, code string }

// set is what is known of a ValueSet: list is surely inside; maybe cannot be told (list is looked at first, so the two
// may overlap); everything else is surely outside.
type set struct {
	list    []Concept
	keys    []key // of list, in its order
	index   map[key]int
	maybe   region
	why     fault.List          // why something is in maybe
	touched map[string]struct{} // addresses of sets and systems that were asked for, found or not
}

func newSet() *set { return &set{index: map[key]int{}, touched: map[string]struct{}{}} }

// add puts a concept at the end, or completes the one that is there.
func (s *set) add(k key, c Concept) {
	if at, ok := s.index[k]; ok {
		s.list[at].complete(c)
		return
	}
	s.index[k] = len(s.list)
	s.list, s.keys = append(s.list, c), append(s.keys, k)
}

func (s *set) has(k key) bool { _, ok := s.index[k]; return ok }

// union makes s the union of both. Order: s first.
func (s *set) union(o *set) {
	for i, k := range o.keys {
		s.add(k, o.list[i])
	}
	s.maybe = s.maybe.union(o.maybe)
	s.learn(o)
}

// intersect gives the intersection in the order of s: surely in both; possibly where one is possible and the other not excluded.
func (s *set) intersect(o *set) *set {
	out := newSet()
	out.maybe = s.maybe.intersect(o.maybe)
	for i, k := range s.keys {
		switch at, in := o.index[k]; {
		case in:
			c := s.list[i]
			c.complete(o.list[at])
			out.add(k, c)
		case o.maybe.has(k):
			out.maybe.add(k)
		}
	}
	for _, k := range o.keys {
		if !s.has(k) && s.maybe.has(k) {
			out.maybe.add(k)
		}
	}
	out.learn(s)
	out.learn(o)
	return out
}

// minus gives what is in s and not in o.
func (s *set) minus(o *set) *set {
	out := newSet()
	out.maybe = s.maybe.without(o.keys)
	for i, k := range s.keys {
		switch {
		case o.has(k):
		case o.maybe.has(k):
			out.maybe.add(k)
		default:
			out.add(k, s.list[i])
		}
	}
	out.learn(s)
	out.learn(o)
	return out
}

// less gives what of s is not of a system; within what is.
func (s *set) less(system string) *set {
	return s.only(whole(system).not())
}
func (s *set) within(system string) *set { return s.only(whole(system)) }

func (s *set) only(r region) *set {
	out := newSet()
	out.maybe = s.maybe.intersect(r)
	for i, k := range s.keys {
		if r.has(k) {
			out.add(k, s.list[i])
		}
	}
	out.learn(s)
	return out
}

// learn takes over the reasons and the addresses of another set.
func (s *set) learn(o *set) {
	for _, f := range o.why {
		s.unknown(f)
	}
	for t := range o.touched {
		s.touched[t] = struct{}{}
	}
}

// unknown notes a reason once.
func (s *set) unknown(f *fault.Error) {
	for _, have := range s.why {
		if have.Is(f) && sameArgs(have.Args, f.Args) {
			return
		}
	}
	if len(s.why) < 20 {
		s.why = append(s.why, f)
	}
}

func sameArgs(a, b fault.Args) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}

// settle removes from maybe what is surely inside.
func (s *set) settle() {
	if s.maybe.empty() {
		s.why = nil
		return
	}
	if s.maybe = s.maybe.without(s.keys); s.maybe.empty() {
		s.why = nil
	}
}

// bag is some codes of one system, or all but some.
type bag struct {
	but   bool
	codes map[string]struct{}
}

// region is some codes of some systems; rest says whether every code of every other system belongs to it. The zero
// region is empty. Bags are never changed after they stand in a region that somebody else may hold, add excepted.
type region struct {
	rest    bool
	systems map[string]bag
}

var everything = region{rest: true}

// whole is every code of one system.
func whole(system string) region { return region{systems: map[string]bag{system: {but: true}}} }

func (r region) bag(system string) bag {
	if b, ok := r.systems[system]; ok {
		return b
	}
	return bag{but: r.rest}
}

func (r region) has(k key) bool {
	b := r.bag(k.system)
	_, named := b.codes[k.code]
	return named != b.but
}

// holds tells whether the code may belong to r in whatever system.
func (r region) holds(code string) bool {
	if r.rest {
		return true
	}
	for system := range r.systems {
		if r.has(key{system, code}) {
			return true
		}
	}
	return false
}

func (r region) empty() bool {
	if r.rest {
		return false
	}
	for _, b := range r.systems {
		if b.but || len(b.codes) > 0 {
			return false
		}
	}
	return true
}

// add puts one code into r, which must not be shared.
func (r *region) add(k key) {
	b := r.bag(k.system)
	if r.has(k) {
		return
	}
	if b.codes == nil {
		b.codes = map[string]struct{}{}
	}
	if b.but {
		delete(b.codes, k.code)
	} else {
		b.codes[k.code] = struct{}{}
	}
	if r.systems == nil {
		r.systems = map[string]bag{}
	}
	r.systems[k.system] = b
}

func (r region) union(o region) region {
	if o.empty() {
		return r
	}
	if r.empty() {
		return o.intersect(everything) // a copy
	}
	return r.not().intersect(o.not()).not() // De Morgan
}

func (r region) intersect(o region) region {
	out := region{rest: r.rest && o.rest, systems: make(map[string]bag, len(r.systems))}
	for system := range r.systems {
		out.systems[system] = r.bag(system).intersect(o.bag(system))
	}
	for system := range o.systems {
		if _, done := out.systems[system]; !done {
			out.systems[system] = r.bag(system).intersect(o.bag(system))
		}
	}
	return out
}

// without gives r less some codes.
func (r region) without(keys []key) region {
	if r.empty() || len(keys) == 0 {
		return r.intersect(everything)
	}
	var out region
	for _, k := range keys {
		out.add(k)
	}
	return r.intersect(out.not())
}

func (r region) not() region {
	out := region{rest: !r.rest, systems: make(map[string]bag, len(r.systems))}
	for system, b := range r.systems {
		out.systems[system] = bag{but: !b.but, codes: b.codes}
	}
	return out
}

func (b bag) intersect(o bag) bag {
	if !b.but && o.but || !b.but && !o.but && len(b.codes) > len(o.codes) {
		b, o = o, b
	}
	out := bag{but: b.but && o.but, codes: map[string]struct{}{}}
	switch {
	case b.but && o.but: // all but either
		for c := range b.codes {
			out.codes[c] = struct{}{}
		}
		for c := range o.codes {
			out.codes[c] = struct{}{}
		}
	case b.but: // o's, but not those that b leaves out
		for c := range o.codes {
			if _, left := b.codes[c]; !left {
				out.codes[c] = struct{}{}
			}
		}
	default:
		for c := range b.codes {
			if _, both := o.codes[c]; both {
				out.codes[c] = struct{}{}
			}
		}
	}
	return out
}
