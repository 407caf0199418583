package fhirpath

// typeStep is is(), as() and ofType(), and the operators is and as.
type typeStep struct {
	name string
	spec specifier
	pos  int
}

func (t typeStep) apply(r *run, _ *scope, in []Value) ([]Value, error) {
	if t.name == "ofType" {
		if err := r.step(len(in)); err != nil {
			return nil, err
		}
		var out []Value
		for _, v := range in {
			if t.spec.matches(v, true) {
				out = append(out, v)
			}
		}
		return out, r.grow(len(out))
	}
	if len(in) > 1 {
		return nil, failf(Execution, t.pos, "%s takes one item, not %d", t.name, len(in))
	}
	if len(in) == 0 {
		return nil, nil
	}
	if t.name == "is" {
		return r.bool(t.spec.matches(in[0], false)), nil
	}
	if t.spec.matches(in[0], true) {
		return in, nil
	}
	return nil, nil
}

// matches tells whether an item is of the type. To cast (exact), a primitive has to be of that very type: a code is a
// string, but as(string) does not give it.
func (s specifier) matches(v Value, exact bool) bool {
	if v.kind != KindNode {
		return s.system == v.kind || s.system == kindAny
	}
	if s.fhir == nil {
		// Data of unknown type has System types.
		return v.n.typ == nil && v.n.kind != objectNode && s.system == v.unboxed().kind
	}
	t := v.n.typ
	if t == nil {
		return s.fhir.name == untypedAs(v.n)
	}
	if exact && s.fhir.prim {
		return t == s.fhir
	}
	return t.is(s.fhir.name)
}

// untypedAs is the FHIR type that a value of unknown type could be told to be from JSON alone.
func untypedAs(n *node) string {
	switch n.kind {
	case textNode:
		return "string"
	case boolNode:
		return "boolean"
	case numberNode:
		if nodeValue(n).unboxed().kind == KindInteger {
			return "integer"
		}
		return "decimal"
	}
	return ""
}

// instanceOp makes an object: Coding { system: 'x', code: 'y' }.
type instanceOp struct {
	typ     *typeDef
	members []member
	args    []op
	pos     int
}

func (o instanceOp) eval(r *run, s *scope) ([]Value, error) {
	switch len(s.this) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, failf(Execution, o.pos, "an object is made from one item, not %d", len(s.this))
	}
	n := &node{typ: o.typ, kind: objectNode, made: 1} // of no document: look-ups walk it
	for i, m := range o.members {
		items, err := r.within(o.args[i], s)
		if err != nil {
			return nil, err
		}
		if o.typ.prim {
			if v, ok, err := single(o.pos, "a primitive", items); err != nil {
				return nil, err
			} else if ok {
				n.set(v)
			}
			continue
		}
		if len(items) > 1 && !m.list {
			return nil, failf(Execution, o.pos, "%s holds one item, not %d", m.name, len(items))
		}
		if err := o.fill(r, n, m, items); err != nil {
			return nil, err
		}
	}
	return r.one(nodeValue(n)), r.room(256)
}

func (o instanceOp) fill(r *run, n *node, m member, items []Value) error {
	var kids []*node
	for i, v := range items {
		k := &node{parent: n, name: m.name, key: m.key, typ: m.typ, list: m.list, index: int32(i)}
		if err := r.room(256); err != nil {
			return err
		}
		switch {
		case v.kind == KindNode && v.n.kind == objectNode:
			k.typ, k.kids, k.kind = v.n.typ, v.n.kids, objectNode
			if n.made = max(n.made, v.n.made+1); n.made > maxMade {
				return failf(Exhausted, o.pos, "objects stand more than %d deep in one another", maxMade)
			}
			if m.typ != nil && k.typ != m.typ && m.typ.name != "Resource" {
				return failf(Execution, o.pos, "%s cannot hold a %s", m.name, v.TypeName())
			}
		default:
			if m.typ == nil {
				k.typ = v.fhirType()
			}
			k.set(v.unboxed())
		}
		if k.typ != nil && len(m.of) > 0 {
			k.key = m.name + upperFirst(k.typ.name)
		}
		kids = append(kids, k)
	}
	if len(kids) > 0 {
		n.kids = append(n.kids, field{name: m.name, nodes: kids})
	}
	return nil
}

const maxMade = 50

// fhirType is the FHIR type that a value has or would be written as.
func (v Value) fhirType() *typeDef {
	if v.kind == KindNode {
		return v.n.typ
	}
	name := map[Kind]string{KindBoolean: "boolean", KindString: "string", KindInteger: "integer", KindLong: "integer", KindDecimal: "decimal",
		KindDate: "date", KindDateTime: "dateTime", KindTime: "time", KindQuantity: "Quantity"}[v.kind]
	return typeNamed(name)
}

// set gives a new node the value of a System item.
func (n *node) set(v Value) {
	switch v.kind {
	case KindBoolean:
		n.kind = boolNode
	case KindInteger, KindLong, KindDecimal:
		n.kind = numberNode
	case KindQuantity:
		n.kind, n.typ = objectNode, typeNamed("Quantity")
		n.put("value", numberNode, v.decimal().String())
		if v.calendar {
			n.put("unit", textNode, v.str)
			return
		}
		n.put("unit", textNode, v.str)
		n.put("system", textNode, ucumSystem)
		n.put("code", textNode, v.str)
		return
	default:
		n.kind = textNode
	}
	n.text, _ = v.text()
}

func (n *node) put(name string, kind nodeKind, text string) {
	m, _ := n.typ.element(name)
	k := &node{parent: n, name: name, key: name, typ: m.typ, kind: kind, text: text}
	n.kids = append(n.kids, field{name: name, nodes: []*node{k}})
}
