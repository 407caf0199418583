package fhirpath

import (
	"encoding/json"
	"strings"
	"sync"
)

// Node is a place in a parsed document. The zero Node is no place. A document may be read by many at once.
type Node struct{ n *node }

type nodeKind uint8

const (
	voidNode nodeKind = iota // a primitive with extensions and no value
	objectNode
	textNode
	numberNode
	boolNode
)

type node struct {
	doc    *document
	parent *node
	typ    *typeDef // nil where the model does not know
	name   string   // the element's name, without the type suffix of a choice
	key    string   // the key in JSON
	text   string   // what a primitive holds
	kids   []field
	index  int32
	kind   nodeKind
	list   bool
	made   uint8 // how deep objects made by an expression stand in one another
}

// field holds all nodes of one name, in order.
type field struct {
	name  string
	nodes []*node
}

type document struct {
	root   *node
	links  sync.Once
	byLink map[string][]*node // items by linkId, in the order of the document
}

// IsZero tells whether there is no such place.
func (n Node) IsZero() bool { return n.n == nil }

// Type is the FHIR type as far as it is known ("Patient", "Patient.contact", "string"), or "".
func (n Node) Type() string {
	if n.n == nil || n.n.typ == nil {
		return ""
	}
	return n.n.typ.name
}

// Name is the name of the element within its parent, "" for a root.
func (n Node) Name() string {
	if n.n == nil {
		return ""
	}
	return n.n.name
}

// Parent is the node that holds this one.
func (n Node) Parent() Node {
	if n.n == nil {
		return Node{}
	}
	return Node{n.n.parent}
}

// Children are all nodes of one element name, in order.
func (n Node) Children(name string) []Node {
	var out []Node
	if n.n != nil {
		for _, k := range n.n.children(name) {
			out = append(out, Node{k})
		}
	}
	return out
}

// Child is the first node of one element name.
func (n Node) Child(name string) Node {
	if n.n != nil {
		if k := n.n.children(name); len(k) > 0 {
			return Node{k[0]}
		}
	}
	return Node{}
}

// Text is what a primitive holds as it was written, "" for anything else.
func (n Node) Text() string {
	if n.n == nil {
		return ""
	}
	return n.n.text
}

// Value is the node as an item of a collection.
func (n Node) Value() Value { return nodeValue(n.n) }

// Path is where the node stands, as a FHIRPath expression with an index for every list: Patient.name[0].given[1].
func (n Node) Path() string {
	if n.n == nil {
		return ""
	}
	return n.n.path()
}

// MarshalJSON writes the node as FHIR JSON.
func (n Node) MarshalJSON() ([]byte, error) {
	if n.n == nil {
		return []byte("null"), nil
	}
	return json.Marshal(n.n.plain())
}

func (n *node) children(name string) []*node {
	for i := range n.kids {
		if n.kids[i].name == name {
			return n.kids[i].nodes
		}
	}
	return nil
}

func (n *node) child(name string) *node {
	if c := n.children(name); len(c) > 0 {
		return c[0]
	}
	return nil
}

// childText is the text of a primitive child.
func (n *node) childText(name string) string {
	if c := n.child(name); c != nil {
		return c.text
	}
	return ""
}

func (n *node) path() string {
	var parts []string
	for ; n.parent != nil; n = n.parent {
		part := n.name
		if n.list {
			part += "[" + itoa(int(n.index)) + "]"
		}
		parts = append(parts, part)
	}
	var sb strings.Builder
	if n.typ != nil {
		sb.WriteString(n.typ.name)
	} else {
		sb.WriteString("$this")
	}
	for i := len(parts) - 1; i >= 0; i-- {
		sb.WriteByte('.')
		sb.WriteString(parts[i])
	}
	return sb.String()
}

// resource is the nearest resource that holds n, n itself included.
func (n *node) resource() *node {
	for ; n != nil; n = n.parent {
		if n.typ.isResource() || n.parent == nil {
			return n
		}
	}
	return nil
}

// container is the resource that holds n and is not itself contained: the root of a resource with its contained ones.
func (n *node) container() *node {
	r := n.resource()
	for r != nil && r.parent != nil && r.name == "contained" {
		r = r.parent.resource()
	}
	return r
}

// plain is the node as encoding/json would have decoded it with UseNumber, primitives with extensions split in two.
func (n *node) plain() any {
	switch n.kind {
	case textNode:
		return n.text
	case numberNode:
		return json.Number(n.text)
	case boolNode:
		return n.text == "true"
	case voidNode:
		return nil
	}
	out := make(map[string]any, len(n.kids)+1)
	if n.typ.isResource() {
		out["resourceType"] = n.typ.name
	}
	for _, f := range n.kids {
		f.plain(out)
	}
	return out
}

// companion is the object beside a primitive that holds its id and extensions.
func (n *node) companion() map[string]any {
	if n.kind == objectNode || len(n.kids) == 0 {
		return nil
	}
	out := make(map[string]any, len(n.kids))
	for _, f := range n.kids {
		f.plain(out)
	}
	return out
}

func (f field) plain(out map[string]any) {
	first := f.nodes[0]
	if !first.list {
		if v := first.plain(); v != nil {
			out[first.key] = v
		}
		if c := first.companion(); c != nil {
			out["_"+first.key] = c
		}
		return
	}
	values, beside, has, any1 := make([]any, len(f.nodes)), make([]any, len(f.nodes)), false, false
	for i, k := range f.nodes {
		values[i] = k.plain()
		any1 = any1 || values[i] != nil
		if c := k.companion(); c != nil {
			beside[i], has = c, true
		}
	}
	if any1 {
		out[first.key] = values
	}
	if has {
		out["_"+first.key] = beside
	}
}
