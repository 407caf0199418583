package sdc

import (
	"kindred/internal/fhirpath"
)

// What expressions see of a response is a tree of its enabled and answered items, made when the first expression is
// evaluated and kept in step with the state from then on, at a cost that grows with what changed.

// reflectAll makes the tree, once.
func (f *Form) reflectAll(s *State) {
	if s.mirror != nil {
		return
	}
	w := writer{f: f, bare: true}
	w.b = append(w.b, s.header...)
	if len(s.header) == 0 {
		w.b = append(w.b, `{"resourceType":"QuestionnaireResponse"`...)
		w.member("questionnaire", f.Canonical())
		w.member("status", string(InProgress))
	}
	w.items(s.root, f.top)
	tree, err := fhirpath.EditTree(append(w.b, '}'))
	if err != nil { // too large for an expression to look at
		tree, _ = fhirpath.EditTree([]byte(`{"resourceType":"QuestionnaireResponse"}`))
		s.mirror = tree
		return
	}
	s.mirror = tree
	s.root.node = tree.Root()
	f.bind(s.root, f.top)
}

// bind finds for each occurrence below one its node, in the order in which they were written.
func (f *Form) bind(in *occurrence, children []int) {
	nodes := in.node.Children("item")
	for _, child := range children {
		it := &f.items[child]
		sl := &in.slots[it.seat]
		if !sl.on || it.Type == TypeDisplay {
			continue
		}
		for _, o := range sl.list {
			if len(nodes) == 0 {
				return
			}
			if it.question() {
				sl.node, nodes = nodes[0], nodes[1:]
				f.bindAnswers(it, sl)
				break
			}
			if f.holding(o, it) {
				o.node, nodes = nodes[0], nodes[1:]
				f.bind(o, it.children)
			}
		}
	}
}

func (f *Form) bindAnswers(it *item, sl *slot) {
	if len(it.children) == 0 {
		return
	}
	answers := sl.node.Children("answer")
	for n, o := range sl.list {
		if n < len(answers) && len(o.slots) > 0 {
			o.node = answers[n]
			f.bind(o, it.children)
		}
	}
}

// holding tells whether an occurrence of a group has any enabled answer inside.
func (f *Form) holding(o *occurrence, it *item) bool {
	for _, child := range it.children {
		inner := &f.items[child]
		sl := &o.slots[inner.seat]
		if !sl.on || inner.Type == TypeDisplay {
			continue
		}
		for _, in := range sl.list {
			if inner.question() || f.holding(in, inner) {
				return true
			}
		}
	}
	return false
}

// reflect brings the nodes of one item at one place into step with the state.
func (f *Form) reflect(s *State, way []*occurrence, it *item) {
	if s.mirror == nil {
		return
	}
	in := way[len(way)-1]
	if in.node.IsZero() { // nothing stood around it until now
		if it.parent >= 0 && len(way) > 1 {
			f.reflect(s, way[:len(way)-1], &f.items[it.parent])
		}
		return
	}
	sl := &in.slots[it.seat]
	at := f.position(in, it)
	if it.question() {
		f.reflectQuestion(s, in, sl, it, at)
	} else {
		for _, o := range sl.list {
			at = f.reflectGroup(s, in, sl, o, it, at)
		}
	}
	// A group in which nothing is left is no more, and one that stands beside it may be first.
	if len(way) > 1 && it.parent >= 0 && f.items[it.parent].Type == TypeGroup && in.node.Child("item").IsZero() {
		f.drop(s, in, &f.items[it.parent])
		f.reflect(s, way[:len(way)-1], &f.items[it.parent])
	}
}

// position is where the nodes of an item begin among those beside it.
func (f *Form) position(in *occurrence, it *item) int {
	at := 0
	for _, child := range f.childrenOf(it.parent) {
		if child == it.index {
			break
		}
		sl := &in.slots[f.items[child].seat]
		if !sl.node.IsZero() {
			at++
			continue
		}
		if f.items[child].Type == TypeGroup {
			for _, o := range sl.list {
				if !o.node.IsZero() {
					at++
				}
			}
		}
	}
	return at
}

// reflectQuestion puts the node of a question in, takes it out, or exchanges it.
func (f *Form) reflectQuestion(s *State, in *occurrence, sl *slot, it *item, at int) {
	old := sl.node
	sl.node = fhirpath.Node{}
	for _, o := range sl.list {
		if len(o.slots) > 0 {
			f.unbind(o)
		}
	}
	if sl.on && len(sl.list) > 0 {
		w := writer{f: f, bare: true}
		w.question(it, sl, true)
		sl.node, _ = fhirpath.ParseAs(w.b, "QuestionnaireResponse.item")
	}
	switch {
	case sl.node.IsZero() && old.IsZero():
	case sl.node.IsZero():
		_ = s.mirror.Remove(old)
	case old.IsZero():
		_ = s.mirror.Insert(in.node, "item", at, sl.node)
	default:
		_ = s.mirror.Exchange(old, sl.node)
	}
	if !sl.node.IsZero() {
		f.bindAnswers(it, sl)
	}
}

// reflectGroup puts one occurrence of a group into the tree or takes it out, and tells where the next one belongs.
func (f *Form) reflectGroup(s *State, in *occurrence, sl *slot, o *occurrence, it *item, at int) int {
	hold := sl.on && f.holding(o, it)
	switch {
	case hold && o.node.IsZero():
		w := writer{f: f, bare: true}
		w.group(it, o, true)
		o.node, _ = fhirpath.ParseAs(w.b, "QuestionnaireResponse.item")
		if o.node.IsZero() || s.mirror.Insert(in.node, "item", at, o.node) != nil {
			o.node = fhirpath.Node{}
			return at
		}
		f.bind(o, it.children)
		return at + 1
	case hold:
		return at + 1
	case !o.node.IsZero():
		f.drop(s, o, it)
	}
	return at
}

// drop takes the node of an occurrence out of the tree.
func (f *Form) drop(s *State, o *occurrence, it *item) {
	_ = s.mirror.Remove(o.node)
	f.unbind(o)
}

func (f *Form) unbind(o *occurrence) {
	o.node = fhirpath.Node{}
	for i := range o.slots {
		o.slots[i].node = fhirpath.Node{}
		for _, in := range o.slots[i].list {
			f.unbind(in)
		}
	}
}
