package fhirpath

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a document.
const (
	maxDocument = 64 << 20
	maxJSON     = 400       // objects and lists within each other
	maxNodes    = 4_000_000 // elements of one document
)

// Parse reads a FHIR resource, or any JSON object, into a tree. It refuses what is too deep or too large, and a key
// that stands twice in one object.
func Parse(data []byte) (Node, error) { return ParseAs(data, "") }

// ParseAs reads JSON that is not a resource but a value of the named type ("Quantity", "QuestionnaireResponse.item").
func ParseAs(data []byte, typeName string) (Node, error) {
	if len(data) > maxDocument {
		return Node{}, failf(Exhausted, 0, "a document is at most %d bytes long", maxDocument)
	}
	if !utf8.Valid(data) {
		return Node{}, failf(Syntax, 0, "the JSON is not UTF-8")
	}
	d := decoder{src: string(data), doc: &document{}}
	t := typeNamed(typeName)
	if typeName != "" && t == nil {
		return Node{}, failf(Semantic, 0, "the type %q is not known", typeName)
	}
	root, err := d.document(t)
	if err != nil {
		return Node{}, err
	}
	d.doc.root = root
	return Node{root}, nil
}

// FromPlain makes a tree of what encoding/json decodes, typed as ParseAs does.
func FromPlain(v any, typeName string) (Node, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return Node{}, failf(Syntax, 0, "%s", err)
	}
	return ParseAs(b, typeName)
}

type decoder struct {
	src   string
	at    int
	deep  int
	count int
	nulls bool
	doc   *document
	slab  []node
	fresh []field
	lists []*node
}

func (d *decoder) document(t *typeDef) (*node, error) {
	root := d.node(nil, t, "", "")
	d.blank()
	if err := d.value(root); err != nil {
		return nil, err
	}
	if d.blank(); d.at < len(d.src) {
		return nil, d.fail("something follows the JSON value")
	}
	return root, nil
}

func (d *decoder) fail(format string, args ...any) error { return failf(Syntax, d.at, format, args...) }

func (d *decoder) node(parent *node, t *typeDef, name, key string) *node {
	if len(d.slab) == 0 {
		n := 64
		if len(d.src) < 512 {
			n = 8
		}
		d.slab = make([]node, n)
	}
	n := &d.slab[0]
	d.slab = d.slab[1:]
	if t != nil && t.name == "Resource" {
		t = nil // its own resourceType will tell
	}
	n.doc, n.parent, n.typ, n.name, n.key = d.doc, parent, t, name, key
	d.count++
	return n
}

func (d *decoder) blank() {
	for d.at < len(d.src) {
		switch d.src[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) peek() byte {
	if d.at < len(d.src) {
		return d.src[d.at]
	}
	return 0
}

// value reads one JSON value that is not a list into n.
func (d *decoder) value(n *node) error {
	if d.count > maxNodes {
		return failf(Exhausted, d.at, "a document has at most %d elements", maxNodes)
	}
	switch c := d.peek(); {
	case c == '{':
		n.kind = objectNode
		return d.object(n)
	case c == '"':
		n.kind = textNode
		var err error
		n.text, err = d.text()
		return err
	case c == '-' || isDigit(c):
		n.kind = numberNode
		return d.number(n)
	case strings.HasPrefix(d.src[d.at:], "true"):
		n.kind, n.text = boolNode, "true"
		d.at += 4
	case strings.HasPrefix(d.src[d.at:], "false"):
		n.kind, n.text = boolNode, "false"
		d.at += 5
	case strings.HasPrefix(d.src[d.at:], "null"):
		d.at += 4
	default:
		return d.fail("a JSON value was expected")
	}
	return nil
}

func (d *decoder) number(n *node) error {
	start := d.at
	if d.peek() == '-' {
		d.at++
	}
	digits := func() bool {
		from := d.at
		for isDigit(d.peek()) {
			d.at++
		}
		return d.at > from
	}
	zero := d.peek() == '0'
	if whole := d.at; !digits() || zero && d.at > whole+1 {
		return d.fail("not a JSON number")
	}
	if d.peek() == '.' {
		if d.at++; !digits() {
			return d.fail("not a JSON number")
		}
	}
	if d.peek()|0x20 == 'e' {
		if d.at++; d.peek() == '+' || d.peek() == '-' {
			d.at++
		}
		if !digits() {
			return d.fail("not a JSON number")
		}
	}
	n.text = d.src[start:d.at]
	return nil
}

// text reads a JSON string; without escapes it is a piece of the source.
func (d *decoder) text() (string, error) {
	d.at++
	start := d.at
	for d.at < len(d.src) {
		switch c := d.src[d.at]; {
		case c == '"':
			d.at++
			return d.src[start : d.at-1], nil
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", d.fail("a control character stands in a string")
		}
		d.at++
	}
	return "", d.fail("the string is not closed")
}

func (d *decoder) escaped(start int) (string, error) {
	for d.at < len(d.src) && d.src[d.at] != '"' {
		if d.src[d.at] == '\\' {
			d.at++
		}
		d.at++
	}
	if d.at >= len(d.src) {
		d.at = len(d.src)
		return "", d.fail("the string is not closed")
	}
	d.at++
	var s string
	if err := json.Unmarshal([]byte(d.src[start-1:d.at]), &s); err != nil {
		return "", d.fail("the string holds an escape that JSON does not know")
	}
	return s, nil
}

func (d *decoder) enter() error {
	if d.deep++; d.deep > maxJSON {
		return failf(Exhausted, d.at, "the JSON nests more than %d deep", maxJSON)
	}
	return nil
}

func (d *decoder) object(n *node) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.deep-- }()
	d.at++
	if n.typ != nil && n.typ.prim && n.parent != nil {
		n.kind = voidNode // valueUuid: {"value": …}, as some write it
	}
	seen := 0
	for {
		d.blank()
		if d.peek() == '}' && seen == 0 {
			d.at++
			return nil
		}
		if d.peek() != '"' {
			return d.fail("a key was expected")
		}
		key, err := d.text()
		if err != nil {
			return err
		}
		if d.blank(); d.peek() != ':' {
			return d.fail("a colon was expected")
		}
		d.at++
		d.blank()
		if err := d.entry(n, key); err != nil {
			return err
		}
		seen++
		d.blank()
		switch d.peek() {
		case ',':
			d.at++
		case '}':
			d.at++
			d.dropNulls(n)
			return nil
		default:
			return d.fail("a comma or a closing brace was expected")
		}
	}
}

// resourceType gives n its type; what was read before it is typed now.
func (d *decoder) resourceType(n *node) error {
	name, err := d.text()
	if err != nil {
		return err
	}
	if t := resourceNamed(name); t != nil {
		n.retype(t)
	} else if n.typ == nil {
		c := d.attach(n, "resourceType", "resourceType", nil, false)
		c.kind, c.text = textNode, name
	}
	return nil
}

func (n *node) retype(t *typeDef) {
	if n.typ != nil && n.typ.isResource() {
		return
	}
	n.typ = t
	for i := range n.kids {
		f := &n.kids[i]
		m, ok := t.key(f.nodes[0].key)
		if !ok {
			continue
		}
		f.name = m.name
		for _, c := range f.nodes {
			c.name = m.name
			if m.typ != nil && m.typ.name != "Resource" {
				c.retype(m.typ)
			}
		}
	}
}

// dropNulls takes away the nulls of lists that have no extensions either.
func (d *decoder) dropNulls(n *node) {
	if !d.nulls {
		return
	}
	for i := len(n.kids) - 1; i >= 0; i-- {
		f := &n.kids[i]
		f.nodes = slices.DeleteFunc(f.nodes, func(c *node) bool { return c.kind == voidNode && len(c.kids) == 0 })
		if len(f.nodes) == 0 {
			n.kids = slices.Delete(n.kids, i, i+1)
		}
	}
}

// entry reads the value of one key into n.
func (d *decoder) entry(n *node, key string) error {
	if key == "resourceType" && d.peek() == '"' && (n.typ == nil || n.typ.isResource()) {
		return d.resourceType(n)
	}
	if n.kind == voidNode && key == "value" && n.typ.prim && d.peek() != '{' && d.peek() != '[' {
		return d.value(n)
	}
	name, beside := strings.CutPrefix(key, "_")
	m, ok := n.typ.key(name)
	if !ok && n.typ == nil {
		if m, ok = guess(name); !ok {
			m, ok = member{name: intern(name), key: name}, true
		}
	}
	if !ok {
		m, beside = member{name: key, key: key}, false
	}
	if beside {
		return d.besides(n, m)
	}
	if d.peek() == '[' {
		return d.list(n, m)
	}
	before := n.children(m.name)
	if len(before) > 0 && (before[0].kind != voidNode || before[0].list) {
		return d.fail("the element %q stands twice", key)
	}
	var c *node
	if len(before) > 0 {
		c = before[0]
		c.key = m.key
	} else {
		c = d.attach(n, m.name, m.key, m.typ, false)
	}
	if err := d.value(c); err != nil {
		return err
	}
	if c.kind == voidNode && len(c.kids) == 0 { // null
		n.detach(m.name)
	}
	return nil
}

func (n *node) detach(name string) {
	for i := range n.kids {
		if n.kids[i].name == name {
			n.kids = append(n.kids[:i], n.kids[i+1:]...)
			return
		}
	}
}

// attach makes a new child and adds it to its field.
func (d *decoder) attach(n *node, name, key string, t *typeDef, list bool) *node {
	c := d.node(n, t, name, key)
	c.list = list
	for i := range n.kids {
		if n.kids[i].name == name {
			c.index = int32(len(n.kids[i].nodes))
			n.kids[i].nodes = append(n.kids[i].nodes, c)
			return c
		}
	}
	if n.kids == nil {
		n.kids = d.fields(4)
	}
	n.kids = append(n.kids, field{name: name, nodes: d.single(c)})
	return c
}

// fields cuts room for n fields from a larger piece.
func (d *decoder) fields(n int) []field {
	if len(d.fresh) < n {
		d.fresh = make([]field, 128)
		if len(d.src) < 512 {
			d.fresh = d.fresh[:16]
		}
	}
	out := d.fresh[:0:n]
	d.fresh = d.fresh[n:]
	return out
}

func (d *decoder) single(c *node) []*node {
	if len(d.lists) == 0 {
		d.lists = make([]*node, 128)
		if len(d.src) < 512 {
			d.lists = d.lists[:16]
		}
	}
	out := d.lists[:1:1]
	d.lists = d.lists[1:]
	out[0] = c
	return out
}

// list reads a JSON list into the children named by m. Lists within lists are not FHIR; they are read as one.
func (d *decoder) list(n *node, m member) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.deep-- }()
	before := n.children(m.name)
	for _, b := range before {
		if b.kind != voidNode || !b.list {
			return d.fail("the element %q stands twice", m.key)
		}
	}
	d.at++
	for i := 0; ; i++ {
		d.blank()
		if d.peek() == ']' && i == 0 {
			break
		}
		var c *node
		if i < len(before) {
			c = before[i]
		} else {
			c = d.attach(n, m.name, m.key, m.typ, true)
		}
		if d.peek() == '[' {
			return d.fail("a list stands within a list")
		}
		if err := d.value(c); err != nil {
			return err
		}
		d.nulls = d.nulls || c.kind == voidNode
		d.blank()
		if d.peek() == ',' {
			d.at++
			continue
		}
		if d.peek() != ']' {
			return d.fail("a comma or a closing bracket was expected")
		}
		break
	}
	d.at++
	return nil
}

// besides reads the ids and extensions that stand beside a primitive, or beside a list of them.
func (d *decoder) besides(n *node, m member) error {
	if d.peek() != '[' {
		c := n.child(m.name)
		if c == nil {
			c = d.attach(n, m.name, m.key, m.typ, false)
		}
		return d.beside(c)
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.deep-- }()
	d.at++
	for i := 0; ; i++ {
		d.blank()
		if d.peek() == ']' && i == 0 {
			break
		}
		var c *node
		if have := n.children(m.name); i < len(have) {
			c = have[i]
		} else {
			c = d.attach(n, m.name, m.key, m.typ, true)
		}
		if err := d.beside(c); err != nil {
			return err
		}
		d.blank()
		if d.peek() == ',' {
			d.at++
			continue
		}
		if d.peek() != ']' {
			return d.fail("a comma or a closing bracket was expected")
		}
		break
	}
	d.at++
	return nil
}

func (d *decoder) beside(c *node) error {
	switch {
	case strings.HasPrefix(d.src[d.at:], "null"):
		d.at += 4
		return nil
	case d.peek() != '{' || len(c.kids) > 0:
		return d.fail("what stands beside a primitive is one object")
	}
	kind := c.kind
	if kind == objectNode {
		return d.fail("extensions stand beside something that is not a primitive")
	}
	typ := c.typ
	c.typ = typeNamed("Element")
	err := d.object(c)
	c.typ, c.kind = typ, kind
	return err
}

func itoa(n int) string { return strconv.Itoa(n) }
