package sdc

import (
	"context"
	"slices"
	"time"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

// maxVisits is how often one node may be computed again in one evaluation because of what comes after it.
const maxVisits = 12

// evaluateAll computes everything.
func (f *Form) evaluateAll(s *State) {
	all := make([]int, len(f.nodes))
	for n := range all {
		all[n] = n
	}
	f.evaluate(s, all, nil)
}

// evaluate brings the given nodes up to date, and those that they wake, each after all it surely depends on. Nodes that
// read widely may be computed again, until nothing changes. It reports the items that changed to changed, which may be nil.
func (f *Form) evaluate(s *State, pending []int, changed func(*item)) {
	if len(pending) == 0 {
		return
	}
	defer s.bounded()()
	queue := slices.Clone(pending)
	slices.Sort(queue)
	var visits map[int]int
	way := make([]*occurrence, 1, 8)
	way[0] = s.root
	for len(queue) > 0 {
		n := queue[0]
		for len(queue) > 0 && queue[0] == n {
			queue = queue[1:]
		}
		nd := &f.nodes[n]
		it := &f.items[nd.item]
		if !f.everywhere(it, 0, way, func(way []*occurrence) bool { return f.compute(s, nd, it, way) }) {
			continue
		}
		if changed != nil {
			changed(it)
		}
		if nd.kind >= nodeDynamic {
			continue
		}
		s.forget(it)
		wakes := it.wakes
		if len(it.children) > 0 && nd.kind != nodeEnable { // new answers, and all under them is new
			wakes = f.within(it)
		}
		for _, w := range wakes {
			if w <= n {
				if visits == nil {
					visits = map[int]int{}
				}
				if visits[w]++; visits[w] > maxVisits {
					s.trouble(spot{s.root, f.nodes[w].item, f.nodes[w].kind, f.nodes[w].nth}, errUnsettled.With("Link", f.items[f.nodes[w].item].LinkID))
					continue
				}
			}
			if at, found := slices.BinarySearch(queue, w); !found {
				queue = slices.Insert(queue, at, w)
			}
		}
	}
}

// maxEvaluation is how long all expressions of a form may take after one change, and budget what one of them may.
const maxEvaluation = 10 * time.Second

var budget = fhirpath.Budget{Steps: 500_000, Bytes: 16 << 20, Time: time.Second}

// bounded limits the time of what is evaluated until the function that it gives is called.
func (s *State) bounded() func() {
	if s.until != nil {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxEvaluation)
	s.until = ctx
	return func() {
		cancel()
		s.until = nil
	}
}

// everywhere calls for each place where an item stands, with the occurrences from the whole response down to the one
// around it, and tells whether any call did.
func (f *Form) everywhere(it *item, depth int, way []*occurrence, call func([]*occurrence) bool) bool {
	if depth == len(it.chain) {
		return call(way)
	}
	changed := false
	for _, next := range way[depth].slots[f.items[it.chain[depth]].seat].list {
		if len(next.slots) > 0 && f.everywhere(it, depth+1, append(way, next), call) {
			changed = true
		}
	}
	return changed
}

// compute brings one node up to date at one place, and tells whether anything changed.
func (f *Form) compute(s *State, nd *node, it *item, way []*occurrence) bool {
	sl := &way[len(way)-1].slots[it.seat]
	switch nd.kind {
	case nodeEnable:
		on := false
		if nd.x == nil {
			on = f.holds(it, way)
		} else {
			on = f.enabled(s, nd, way)
		}
		if on == sl.on {
			return false
		}
		sl.on = on
		f.reflect(s, way, it)
		return true
	case nodeCalculate:
		return f.calculated(s, nd, it, sl, way)
	case nodeInitial:
		return f.initial(s, nd, it, sl, way)
	}
	return f.enliven(s, nd, it, sl, way)
}

// enabled evaluates an enableWhenExpression. Only true enables. Where it cannot be evaluated the item is asked: nobody
// can tell that it must not be, and an answer too many is better than one too few (SDC, "Missing information"). It is
// told as a warning.
func (f *Form) enabled(s *State, nd *node, way []*occurrence) bool {
	got, err := f.value(s, nd.x, way, nil)
	if err == nil {
		on := false
		if on, err = got.Bool(); err == nil {
			s.settled(nd, way)
			return on
		}
	}
	s.fail(f, nd, way, err)
	return true
}

// calculated brings a calculated answer up to date. What a person changed stays.
func (f *Form) calculated(s *State, nd *node, it *item, sl *slot, way []*occurrence) bool {
	if sl.mark == markOverridden {
		return false
	}
	values, ok := f.results(s, nd, it, way)
	if s.judging {
		here := spot{way[len(way)-1], it.index, nd.kind, nd.nth}
		if ok && sl.at >= 0 && !same(values, sl.list) {
			s.trouble(here, errCalculated.With("Link", it.LinkID))
		}
		return false
	}
	return f.assign(s, it, sl, way, values)
}

// initial gives a question its first answer, once, when it is first enabled.
func (f *Form) initial(s *State, nd *node, it *item, sl *slot, way []*occurrence) bool {
	if sl.mark != markFirst || !f.shown(way, it) {
		return false
	}
	sl.mark = markNone
	if len(sl.list) > 0 {
		return false
	}
	values, _ := f.results(s, nd, it, way)
	if len(values) == 0 {
		return false
	}
	sl.mark = markPrefilled
	return f.assign(s, it, sl, way, values)
}

// shown tells whether an item and all around it are enabled.
func (f *Form) shown(way []*occurrence, it *item) bool {
	for d, a := range it.chain {
		if !way[d].slots[f.items[a].seat].on {
			return false
		}
	}
	return way[len(way)-1].slots[it.seat].on
}

// results evaluates an expression to answers of an item.
func (f *Form) results(s *State, nd *node, it *item, way []*occurrence) ([]Value, bool) {
	if nd.x.score != nil {
		values := f.scoreAt(nd.x, it, way)
		if it.answer == Integer && len(values) == 1 {
			if _, problem := parsePrimitive(Integer, values[0].Text); problem != nil {
				s.trouble(spot{way[len(way)-1], it.index, nd.kind, nd.nth}, problem.With("Link", it.LinkID))
				return nil, false
			}
		}
		s.settled(nd, way)
		return values, true
	}
	got, err := f.value(s, nd.x, way, nil)
	if err != nil {
		s.fail(f, nd, way, err)
		return nil, false
	}
	values, problem := it.answers(got)
	if problem != nil {
		s.trouble(spot{way[len(way)-1], it.index, nd.kind, nd.nth}, problem.With("Link", it.LinkID))
		return nil, false
	}
	s.settled(nd, way)
	return values, true
}

// assign makes values the answers of a question.
func (f *Form) assign(s *State, it *item, sl *slot, way []*occurrence, values []Value) bool {
	if same(values, sl.list) {
		return false
	}
	f.place(s, it, sl, values)
	f.reflect(s, way, it)
	return true
}

// place puts answers into a slot; answers that stay keep what stands under them. It tells whether any is new.
func (f *Form) place(s *State, it *item, sl *slot, values []Value) (fresh bool) {
	old := sl.list
	sl.list = make([]*occurrence, 0, len(values))
	for n, v := range values {
		o := take(old, v, n, values)
		if o == nil {
			o, fresh = f.occurrence(s, it.index, true), len(it.children) > 0
			o.at = -1
		}
		o.value = v
		sl.list = append(sl.list, o)
	}
	return fresh
}

// value evaluates an expression of an item at a place. self is the occurrence of the item itself, where it matters.
func (f *Form) value(s *State, x *expression, way []*occurrence, self *occurrence) (fhirpath.Collection, error) {
	f.reflectAll(s)
	root := s.mirror.Root()
	env := fhirpath.Env{
		Resource: root, RootResource: root, Context: f.focus(s, x.scope, way, self), Now: s.context.Now, Terminology: f.library,
		Lookup: func(name string) (fhirpath.Collection, bool, error) { return f.lookup(s, x, name, way, self) },
		Budget: budget,
	}
	defer s.bounded()()
	return x.expr.Eval(s.until, env.Context, env)
}

// focus is the item of the response that an expression of the form's item is about; one without answers where the
// response has none (SDC, "Missing information").
func (f *Form) focus(s *State, scope int, way []*occurrence, self *occurrence) fhirpath.Node {
	if scope < 0 {
		return s.mirror.Root()
	}
	it := &f.items[scope]
	sl := &way[len(it.chain)].slots[it.seat]
	node := sl.node
	if !it.question() {
		if len(it.chain)+1 < len(way) {
			self = way[len(it.chain)+1]
		}
		if self == nil && len(sl.list) > 0 {
			self = sl.list[0]
		}
		if self != nil {
			node = self.node
		}
	}
	if node.IsZero() {
		return it.detached()
	}
	return node
}

// lookup gives expressions what they name with a percent sign.
func (f *Form) lookup(s *State, x *expression, name string, way []*occurrence, self *occurrence) (fhirpath.Collection, bool, error) {
	if v, ok := x.vars[name]; ok {
		got, err := f.variable(s, v, way, self)
		return got, true, err
	}
	switch name {
	case "questionnaire":
		return single(f.document()), true, nil
	case "qitem", "qItem":
		if x.scope < 0 {
			return nil, true, nil
		}
		return single(f.source(f.items[x.scope])), true, nil
	}
	if slices.Contains(reserved, name) {
		return nil, false, nil // FHIRPath knows what it means
	}
	return s.context.Launch[name], true, nil // a name that nobody declares was told when the form was compiled
}

func single(n fhirpath.Node) fhirpath.Collection {
	if n.IsZero() {
		return nil
	}
	return fhirpath.Collection{n.Value()}
}

// source is the item within the questionnaire.
func (f *Form) source(it item) fhirpath.Node {
	at := f.document()
	for _, i := range append(it.chain[:len(it.chain):len(it.chain)], it.index) {
		children := at.Children("item")
		if f.items[i].seat >= len(children) {
			return fhirpath.Node{}
		}
		at = children[f.items[i].seat]
	}
	return at
}

// variable gives the value of a variable where it is seen, computed once until what it reads changes.
func (f *Form) variable(s *State, v int, way []*occurrence, self *occurrence) (fhirpath.Collection, error) {
	va := &f.variables[v]
	if va.x == nil {
		return nil, nil
	}
	around := s.root
	if va.scope >= 0 {
		it := &f.items[va.scope]
		depth := len(it.chain)
		around = way[depth]
		if !it.question() {
			switch sl := &around.slots[it.seat]; {
			case depth+1 < len(way):
				around, self = way[depth+1], way[depth+1]
			case self != nil:
				around = self
			case len(sl.list) > 0:
				around, self = sl.list[0], sl.list[0]
			}
		}
		way = way[:depth+1]
	} else {
		way = way[:1]
	}
	if s.kept == nil {
		s.kept = make([]map[*occurrence]fhirpath.Collection, len(f.variables))
	}
	if got, ok := s.kept[v][around]; ok {
		return got, nil
	}
	got, err := f.value(s, va.x, way, self)
	if err != nil {
		return nil, err
	}
	if s.kept[v] == nil {
		s.kept[v] = map[*occurrence]fhirpath.Collection{}
	}
	s.kept[v][around] = got
	return got, nil
}

// forget drops the values of variables that read an item.
func (s *State) forget(it *item) {
	if s.kept == nil {
		return
	}
	for _, v := range it.stale {
		s.kept[v] = nil
	}
}

func (s *State) trouble(at spot, f *fault.Error) {
	if s.troubles == nil {
		s.troubles = map[spot]*fault.Error{}
	}
	s.troubles[at] = f
}

// settled takes back what was told of a node before.
func (s *State) settled(nd *node, way []*occurrence) {
	delete(s.troubles, spot{way[len(way)-1], nd.item, nd.kind, nd.nth})
}

func (s *State) fail(f *Form, nd *node, way []*occurrence, err error) {
	problem := errEvaluation.With("Link", f.items[nd.item].LinkID, "Expression", nd.x.expr.Source(), "Problem", err.Error())
	s.trouble(spot{way[len(way)-1], nd.item, nd.kind, nd.nth}, problem.Because(err))
}
