package fhirpath

import (
	"slices"
	"strings"
)

// Tree is a document that changes in place, for a form that is being filled in. It belongs to one holder: nobody may
// evaluate over it while it is changed. The index by linkId follows each change, at a cost that grows with what was
// changed and not with the document.
type Tree struct{ doc *document }

// NewTree begins an empty resource or element of the named type.
func NewTree(typeName string) (*Tree, error) {
	n, err := ParseAs([]byte("{}"), typeName)
	if err != nil {
		return nil, err
	}
	return &Tree{n.n.doc}, nil
}

// EditTree reads a document to be changed.
func EditTree(data []byte) (*Tree, error) {
	n, err := Parse(data)
	if err != nil {
		return nil, err
	}
	return &Tree{n.n.doc}, nil
}

// Root is the root of the document.
func (t *Tree) Root() Node { return Node{t.doc.root} }

// Scalar makes a primitive of a FHIR type, to be put into a tree: Scalar("decimal", "1.50").
func Scalar(typeName, text string) (Node, error) {
	def := typeNamed(typeName)
	if def == nil || !def.prim {
		return Node{}, failf(Semantic, 0, "%q is not a primitive type", typeName)
	}
	n := &node{typ: def, kind: textNode, text: text}
	switch def.system {
	case KindBoolean:
		n.kind = boolNode
		if text != "true" && text != "false" {
			return Node{}, failf(Syntax, 0, "%q is not a boolean", text)
		}
	case KindInteger, KindDecimal:
		n.kind = numberNode
		d := decoder{src: text}
		if err := d.number(n); err != nil || d.at != len(text) || text == "" {
			return Node{}, failf(Syntax, 0, "%q is not a number", text)
		}
	}
	return Node{n}, nil
}

// Replace gives parent the children of one element, in place of those it has; none takes the element away. The children
// are roots of other documents, of made with Scalar, and belong to this tree from then on.
func (t *Tree) Replace(parent Node, element string, children ...Node) error {
	p := parent.n
	if p == nil || p.doc != t.doc {
		return failf(Semantic, 0, "the parent is not in the tree")
	}
	m, ok := p.typ.element(element)
	if !ok {
		if p.typ != nil {
			return failf(Semantic, 0, "%s has no element %s", p.typ.name, element)
		}
		m = member{name: intern(element), key: element, list: len(children) > 1}
	}
	if len(children) > 1 && !m.list {
		return failf(Semantic, 0, "%s holds one %s, not %d", p.typ.name, element, len(children))
	}
	for _, c := range children {
		if err := m.accepts(c.n, t.doc); err != nil {
			return err
		}
	}
	at := slices.IndexFunc(p.kids, func(f field) bool { return f.name == m.name })
	if at >= 0 {
		for _, old := range p.kids[at].nodes {
			t.forget(old)
		}
	}
	if len(children) == 0 {
		if at >= 0 {
			p.kids = slices.Delete(p.kids, at, at+1)
		}
		return nil
	}
	nodes := make([]*node, len(children))
	for i, c := range children {
		nodes[i] = c.n
		c.n.adopt(p, m, i, t.doc)
	}
	if at >= 0 {
		p.kids[at].nodes = nodes
	} else {
		p.kids = append(p.kids, field{name: m.name, nodes: nodes})
	}
	for _, n := range nodes {
		t.learn(n)
	}
	return nil
}

// Insert puts one more child at a position in a list; beyond the end it is appended.
func (t *Tree) Insert(parent Node, element string, at int, child Node) error {
	have := parent.Children(element)
	at = max(0, min(at, len(have)))
	return t.reorder(parent, element, slices.Insert(have, at, child), child)
}

// Remove takes one node out of the tree.
func (t *Tree) Remove(n Node) error {
	if n.n == nil || n.n.doc != t.doc || n.n.parent == nil {
		return failf(Semantic, 0, "the node is not in the tree")
	}
	parent, name := n.Parent(), n.n.name
	have := slices.DeleteFunc(parent.Children(name), func(o Node) bool { return o.n == n.n })
	if len(have) == 0 {
		return t.Replace(parent, name)
	}
	t.forget(n.n)
	return t.reorder(parent, name, have, Node{})
}

// reorder stores a list of which fresh alone is new to the tree.
func (t *Tree) reorder(parent Node, element string, list []Node, fresh Node) error {
	p := parent.n
	if p == nil || p.doc != t.doc {
		return failf(Semantic, 0, "the parent is not in the tree")
	}
	m, ok := p.typ.element(element)
	if !ok || !m.list {
		return failf(Semantic, 0, "%s is not a list that can be changed", element)
	}
	if fresh.n != nil {
		if err := m.accepts(fresh.n, t.doc); err != nil {
			return err
		}
		fresh.n.adopt(p, m, 0, t.doc)
	}
	nodes := make([]*node, len(list))
	for i, c := range list {
		nodes[i] = c.n
		c.n.index = int32(i)
	}
	if at := slices.IndexFunc(p.kids, func(f field) bool { return f.name == m.name }); at >= 0 {
		p.kids[at].nodes = nodes
	} else {
		p.kids = append(p.kids, field{name: m.name, nodes: nodes})
	}
	if fresh.n != nil {
		t.learn(fresh.n)
	}
	return nil
}

// accepts tells whether a node may become a child of the element.
func (m member) accepts(n *node, doc *document) error {
	switch {
	case n == nil:
		return failf(Semantic, 0, "there is nothing to put into %s", m.name)
	case n.parent != nil:
		return failf(Semantic, 0, "what is put into %s stands in another place already", m.name)
	case n.doc == doc:
		return failf(Semantic, 0, "a document cannot be put into itself")
	case m.typ == nil && len(m.of) == 0, n.typ == nil, m.typ != nil && n.typ.is(m.typ.name), slices.Contains(m.of, n.typ):
		return nil
	}
	return failf(Semantic, 0, "%s cannot hold a %s", m.name, n.typ.name)
}

func (n *node) adopt(p *node, m member, i int, doc *document) {
	n.parent, n.name, n.key, n.list, n.index = p, m.name, m.key, m.list, int32(i)
	if n.typ == nil && m.typ != nil {
		n.retype(m.typ)
	}
	if len(m.of) > 0 && n.typ != nil {
		n.key = m.name + upperFirst(n.typ.name)
	}
	n.settle(doc)
}

func (n *node) settle(doc *document) {
	n.doc = doc
	for i := range n.kids {
		for _, k := range n.kids[i].nodes {
			k.settle(doc)
		}
	}
}

// forget takes the items of a subtree out of the index, learn puts them in.
func (t *Tree) forget(n *node) {
	if t.doc.byLink != nil {
		gone := linkIndexer{into: map[string][]*node{}}
		gone.walk(n)
		for link, nodes := range gone.into {
			left := slices.DeleteFunc(t.doc.byLink[link], func(o *node) bool { return slices.Contains(nodes, o) })
			if len(left) == 0 {
				delete(t.doc.byLink, link)
			} else {
				t.doc.byLink[link] = left
			}
		}
	}
	n.parent, n.doc = nil, nil
}

func (t *Tree) learn(n *node) {
	if t.doc.byLink == nil {
		return
	}
	if n.name == "linkId" { // the parent got its name
		n = n.parent
		for link, nodes := range t.doc.byLink {
			if i := slices.Index(nodes, n); i >= 0 {
				t.doc.byLink[link] = slices.Delete(nodes, i, i+1)
			}
		}
		t.doc.byLink[n.childText("linkId")] = append(t.doc.byLink[n.childText("linkId")], n)
		slices.SortStableFunc(t.doc.byLink[n.childText("linkId")], documentOrder)
		return
	}
	fresh := linkIndexer{into: map[string][]*node{}}
	fresh.walk(n)
	for link, nodes := range fresh.into {
		all := append(t.doc.byLink[link], nodes...)
		if len(all) > len(nodes) {
			slices.SortStableFunc(all, documentOrder)
		}
		t.doc.byLink[link] = all
	}
}

// documentOrder compares two places as the index walks them: a node before what it holds, fields in their order.
func documentOrder(a, b *node) int {
	x, y := ancestry(a), ancestry(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] == y[i] {
			continue
		}
		if x[i].name == y[i].name {
			return int(x[i].index - y[i].index)
		}
		for _, f := range x[i].parent.kids {
			if f.name == x[i].name {
				return -1
			}
			if f.name == y[i].name {
				return 1
			}
		}
		return strings.Compare(x[i].name, y[i].name)
	}
	return len(x) - len(y)
}

// ancestry is the way from the root to a node.
func ancestry(n *node) []*node {
	var out []*node
	for ; n != nil; n = n.parent {
		out = append(out, n)
	}
	slices.Reverse(out)
	return out
}

// Exchange puts the root of another document in the place of a node.
func (t *Tree) Exchange(old, fresh Node) error {
	o := old.n
	if o == nil || o.doc != t.doc || o.parent == nil {
		return failf(Semantic, 0, "the node is not in the tree")
	}
	p := o.parent
	m, ok := p.typ.element(o.name)
	if !ok {
		m = member{name: o.name, key: o.key, list: o.list}
	}
	if err := m.accepts(fresh.n, t.doc); err != nil {
		return err
	}
	at := int(o.index)
	t.forget(o)
	fresh.n.adopt(p, m, at, t.doc)
	for i := range p.kids {
		if p.kids[i].name == m.name {
			p.kids[i].nodes[at] = fresh.n
		}
	}
	t.learn(fresh.n)
	return nil
}
