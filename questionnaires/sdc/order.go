package sdc

import (
	"slices"
	"strings"
)

// nodeKind says what a node computes.
type nodeKind uint8

const (
	nodeEnable nodeKind = iota
	nodeCalculate
	nodeInitial
	nodeDynamic
	nodeToggle
	nodeOffer
	nodeCandidate
)

// node is one thing that is computed anew when what it reads changes, at each place where its item stands. Variables are
// no nodes: they are computed when somebody asks for them, and kept until what they read changes.
type node struct {
	kind nodeKind
	item int
	nth  int // of the dynamics or toggles of the item
	x    *expression
}

// order makes the nodes, each after all that it surely depends on, and notes what each item wakes. A node depends on the
// items that it reads by name: on their calculated value, and on whether they and all around them are enabled. A circle
// of such dependencies is refused. What an expression reads widely (descendants(), the whole response, its own context)
// orders the nodes where it can and never makes a circle: those nodes are computed until nothing changes any more, and
// at most maxVisits times.
func (c *compiler) order() {
	s := sorter{c: c, f: c.form, of: make([][]int, len(c.form.items))}
	s.collect()
	s.state = make([]uint8, len(s.nodes))
	for _, first := range s.late() {
		s.visit(first)
	}
	for _, n := range s.sequence {
		c.form.nodes = append(c.form.nodes, s.nodes[n])
	}
	c.wake()
}

type sorter struct {
	c        *compiler
	f        *Form
	nodes    []node
	of       [][]int // the enabling and calculating nodes of each item
	state    []uint8 // 1: on the way, 2: done
	way      []step
	sequence []int
	cyclic   bool
}

// step is a node on the way, and the item by which it was reached.
type step struct{ node, by int }

func (s *sorter) collect() {
	for i := range s.f.items {
		it := &s.f.items[i]
		own := func(n node) {
			s.of[i] = append(s.of[i], len(s.nodes))
			s.nodes = append(s.nodes, n)
		}
		if it.conditional() {
			own(node{kind: nodeEnable, item: i, x: it.enable})
		}
		if it.calculate != nil {
			own(node{kind: nodeCalculate, item: i, x: it.calculate})
		}
	}
	for i := range s.f.items {
		it := &s.f.items[i]
		add := func(kind nodeKind, nth int, x *expression) {
			if x != nil {
				s.nodes = append(s.nodes, node{kind, i, nth, x})
			}
		}
		add(nodeInitial, 0, it.initialize)
		for n, d := range it.dynamics {
			add(nodeDynamic, n, d.x)
		}
		for n, t := range it.toggles {
			add(nodeToggle, n, t.x)
		}
		add(nodeOffer, 0, it.offers)
		add(nodeCandidate, 0, it.candidates)
	}
}

// late gives all nodes, those that read the whole response last.
func (s *sorter) late() []int {
	var first, last []int
	for n := range s.nodes {
		if x := s.nodes[n].x; x != nil && (x.whole || len(x.wide) > 0) {
			last = append(last, n)
		} else {
			first = append(first, n)
		}
	}
	return append(first, last...)
}

// visit puts a node into the sequence after what it depends on.
func (s *sorter) visit(n int) {
	if s.state[n] != 0 {
		return
	}
	s.state[n] = 1
	s.way = append(s.way, step{n, -1})
	s.needs(n, func(m, by int) {
		switch s.state[m] {
		case 0:
			s.way[len(s.way)-1].by = by
			s.visit(m)
		case 1:
			s.way[len(s.way)-1].by = by
			s.cycle(m)
		}
	})
	s.way = s.way[:len(s.way)-1]
	s.state[n] = 2
	s.sequence = append(s.sequence, n)
}

// needs calls for the nodes that a node surely depends on, with the item that it reads.
func (s *sorter) needs(n int, call func(m, by int)) {
	nd := &s.nodes[n]
	read := func(i int) {
		for _, m := range s.of[i] {
			call(m, i)
		}
		for _, a := range s.f.items[i].chain {
			for _, m := range s.of[a] {
				if s.nodes[m].kind == nodeEnable {
					call(m, i)
				}
			}
		}
	}
	if nd.x != nil {
		for _, i := range nd.x.exact {
			read(i)
		}
		return
	}
	for _, cond := range s.f.items[nd.item].conditions {
		if cond.question >= 0 {
			read(cond.question)
		}
	}
}

// cycle names the items that depend on each other, from the first that stands twice on the way. Only the first circle is
// told, and it is told once.
func (s *sorter) cycle(back int) {
	if s.cyclic {
		return
	}
	s.cyclic = true
	from := slices.IndexFunc(s.way, func(st step) bool { return st.node == back })
	var names []string
	add := func(i int) {
		if name := s.f.items[i].LinkID; len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	for _, st := range s.way[from:] {
		add(s.nodes[st.node].item)
		add(st.by)
	}
	add(s.nodes[back].item)
	if len(names) == 1 {
		names = append(names, names[0])
	}
	s.c.refuse(errCycle.With("Items", strings.Join(names, " → ")), names[0])
}

// wake fills item.wakes and item.stale: what reads the item, anything inside it, or anything around it with its content.
func (c *compiler) wake() {
	f := c.form
	direct := make([][]int, len(f.items)) // readers of the item itself
	inside := make([][]int, len(f.items)) // readers of the item with its content
	var whole []int
	note := func(x *expression, n int) {
		for _, i := range x.exact {
			direct[i] = append(direct[i], n)
		}
		for _, i := range x.wide {
			inside[i] = append(inside[i], n)
		}
		if x.whole {
			whole = append(whole, n)
		}
	}
	spread := func(into func(*item) *[]int) {
		for i := range f.items {
			w := into(&f.items[i])
			*w = append(*w, whole...)
			for _, a := range f.items[i].chain {
				*w = append(*w, inside[a]...)
			}
			for k := i; k <= f.items[i].last; k++ {
				*w = append(append(*w, direct[k]...), inside[k]...)
			}
			slices.Sort(*w)
			*w = slices.Clip(slices.Compact(*w))
		}
	}
	for v := range f.variables {
		if x := f.variables[v].x; x != nil {
			note(x, v)
		}
	}
	spread(func(it *item) *[]int { return &it.stale })
	clear(direct)
	clear(inside)
	whole = nil
	for n := range f.nodes {
		nd := &f.nodes[n]
		if nd.kind == nodeInitial {
			f.initials = append(f.initials, n)
			for _, a := range append(f.items[nd.item].chain, nd.item) {
				direct[a] = append(direct[a], n) // a question that is first enabled gets its first answer
			}
		}
		if nd.x != nil {
			note(nd.x, n)
			continue
		}
		for _, cond := range f.items[nd.item].conditions {
			if cond.question >= 0 {
				direct[cond.question] = append(direct[cond.question], n)
			}
		}
	}
	spread(func(it *item) *[]int { return &it.wakes })
}
