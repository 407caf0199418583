package fhirpath

import (
	"slices"
	"strings"
)

// linked are the nodes of the document with a linkId, in the order of the document. The index is made at the first call.
func (d *document) linked(link string) []*node {
	d.links.Do(func() {
		x := linkIndexer{into: map[string][]*node{}}
		x.walk(d.root)
		d.byLink = x.into
	})
	return d.byLink[link]
}

// linkIndexer collects nodes by linkId; most linkIds stand once, so their lists are cut from one piece.
type linkIndexer struct {
	into map[string][]*node
	room []*node
}

func (x *linkIndexer) walk(n *node) {
	for i := range n.kids {
		f := &n.kids[i]
		if f.name == "linkId" && f.nodes[0].hasValue() {
			x.add(f.nodes[0].text, n)
		}
	}
	for i := range n.kids {
		for _, k := range n.kids[i].nodes {
			if len(k.kids) > 0 {
				x.walk(k)
			}
		}
	}
}

func (x *linkIndexer) add(link string, n *node) {
	if have := x.into[link]; len(have) > 0 {
		x.into[link] = append(have, n)
		return
	}
	if len(x.room) == 0 {
		x.room = make([]*node, 64)
	}
	x.room[0] = n
	x.into[link], x.room = x.room[:1:1], x.room[1:]
}

// reach says through which elements a look-up descends.
type reach uint8

const (
	reachItem    reach = iota // X.item.where(linkId = …)
	reachItems                // X.repeat(item).where(linkId = …)
	reachAnswers              // X.repeat(item | answer).where(linkId = …) and its like
	reachAll                  // X.descendants().where(linkId = …)
)

// lookupOp is a filter by linkId that the document's index answers. In every case it gives what the plain evaluation
// gives, which it falls back to where the input is not one node of a document.
type lookupOp struct {
	left  op
	key   op // a literal or a variable: nothing that depends on the item
	reach reach
	plain [2]step // the steps it stands for

	answersFirst bool // the projection names answers before items
	nested       bool // it goes through answer.item in one step
}

func (o *lookupOp) eval(r *run, s *scope) ([]Value, error) {
	in, err := o.left.eval(r, s)
	if err != nil {
		return nil, err
	}
	if len(in) == 1 && in[0].kind == KindNode && in[0].n.doc != nil {
		key, err := o.key.eval(r, s)
		if err != nil {
			return nil, err
		}
		if len(key) == 1 {
			if k := key[0].unboxed(); k.kind == KindString {
				return o.find(r, in[0].n, k.str)
			}
		}
	}
	if in, err = o.plain[0].apply(r, s, in); err != nil {
		return nil, err
	}
	return o.plain[1].apply(r, s, in)
}

func (o *lookupOp) find(r *run, from *node, link string) ([]Value, error) {
	found := from.doc.linked(link)
	if err := r.step(1 + len(found)); err != nil {
		return nil, err
	}
	var out []Value
	level := 0
	mixed := false
	for _, n := range found {
		depth := o.depth(n, from)
		if depth < 0 {
			continue
		}
		if out == nil && len(found) == 1 {
			return r.one(nodeValue(n)), nil
		}
		mixed = mixed || len(out) > 0 && depth != level
		level = depth
		out = append(out, nodeValue(n))
	}
	if err := r.grow(len(out)); err != nil {
		return nil, err
	}
	if mixed || len(out) > 1 && o.reach == reachAnswers { // plain evaluation goes level by level
		slices.SortStableFunc(out, func(a, b Value) int {
			if d := o.depth(a.n, from) - o.depth(b.n, from); d != 0 || o.reach != reachAnswers {
				return d
			}
			return o.order(a.n, b.n)
		})
	}
	if len(out) > 1 && (o.reach == reachItems || o.reach == reachAnswers) {
		return r.distinct(out)
	}
	return out, nil
}

// depth counts the steps from one node down to another, -1 where the look-up does not reach it.
func (o *lookupOp) depth(n, from *node) int {
	depth := 0
	for n != from {
		switch {
		case o.reach == reachAll:
		case n.name == "item":
		case o.reach == reachAnswers && n.name == "answer" && depth > 0:
		default:
			return -1
		}
		if !o.nested || n.name == "item" {
			depth++
		}
		if o.reach == reachItem && depth > 1 {
			return -1
		}
		if n = n.parent; n == nil {
			return -1
		}
	}
	if depth == 0 {
		return -1
	}
	return depth
}

// order compares two nodes of one level as a projection through items and answers gives them.
func (o *lookupOp) order(a, b *node) int {
	x, y := ancestry(a), ancestry(b)
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		if x[i].name == y[i].name {
			return int(x[i].index - y[i].index)
		}
		if (x[i].name == "answer") == o.answersFirst {
			return -1
		}
		return 1
	}
	return 0
}

// lookup recognises X.item.where(linkId = k), X.repeat(item).where(linkId = k), and so on.
func (c *compiler) lookup(e *expr) (op, bool, error) {
	key := linkFilter(e.right)
	if key == nil || e.left.kind != exPath && e.left.kind != exMember && e.left.kind != exCall {
		return nil, false, nil
	}
	from := e.left
	source := &expr{kind: exSpecial, name: "this", pos: from.pos}
	if from.kind == exPath {
		source, from = e.left.left, e.left.right
	}
	how, ok := reachOf(from)
	if !ok {
		return nil, false, nil
	}
	o := &lookupOp{reach: how}
	if how == reachAnswers {
		way := from.args[0].String()
		o.answersFirst, o.nested = strings.HasPrefix(way, "answer"), strings.Contains(way, "answer.item")
	}
	var err error
	if o.left, err = c.op(source); err != nil {
		return nil, false, err
	}
	if o.key, err = c.op(key); err != nil {
		return nil, false, err
	}
	for i, st := range []*expr{from, e.right} {
		if o.plain[i], err = c.step(st); err != nil {
			return nil, false, err
		}
	}
	return o, true, nil
}

// linkFilter is k of where(linkId = k), nil for anything else.
func linkFilter(e *expr) *expr {
	if e.kind != exCall || e.name != "where" || len(e.args) != 1 {
		return nil
	}
	cond := e.args[0]
	if cond.kind != exBinary || cond.name != "=" {
		return nil
	}
	for _, side := range [2][2]*expr{{cond.left, cond.right}, {cond.right, cond.left}} {
		member, key := side[0], side[1]
		if member.kind == exPath && member.left.kind == exSpecial && member.left.name == "this" {
			member = member.right
		}
		if member.kind == exMember && member.name == "linkId" && (key.kind == exLiteral && key.value.kind == KindString || key.kind == exVariable) {
			return key
		}
	}
	return nil
}

func reachOf(e *expr) (reach, bool) {
	switch {
	case e.kind == exMember && e.name == "item":
		return reachItem, true
	case e.kind == exCall && e.name == "descendants" && len(e.args) == 0:
		return reachAll, true
	case e.kind == exCall && e.name == "repeat" && len(e.args) == 1:
		switch e.args[0].String() {
		case "item":
			return reachItems, true
		case "item | answer", "answer | item", "item | answer.item", "answer.item | item":
			return reachAnswers, true
		}
	}
	return 0, false
}
