package fhirpath

import "strings"

var navigation = map[string]function{
	"children": {0, 0, func(f *call) ([]Value, error) {
		var out []Value
		for _, v := range f.in {
			var err error
			if out, err = f.r.kids(out, v); err != nil {
				return nil, err
			}
		}
		return out, nil
	}},
	"descendants": {0, 0, func(f *call) ([]Value, error) {
		var out []Value
		var err error
		for _, v := range f.in {
			if out, err = f.r.kids(out, v); err != nil {
				return nil, err
			}
		}
		for i := 0; i < len(out); i++ { // level by level: out is its own queue
			if out, err = f.r.kids(out, out[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}},
	"pathname": {0, 1, func(f *call) ([]Value, error) {
		var out []Value
		for _, v := range f.in {
			if v.kind == KindNode {
				p := v.n.path()
				if err := f.r.room(len(p) + 48); err != nil {
					return nil, err
				}
				out = append(out, String(p))
			}
		}
		return out, nil
	}},
	"type": {0, 0, func(f *call) ([]Value, error) {
		var out []Value
		for _, v := range f.in {
			t := Value{kind: KindType, str: "System", x: &extra{name: v.kind.String()}}
			if v.kind == KindNode {
				if v.n.typ == nil {
					if u := v.unboxed(); u.kind == KindNode {
						t.str, t.x.name = "System", "Object"
					} else {
						t.x.name = u.kind.String()
					}
				} else {
					t.str, t.x.name = "FHIR", v.n.typ.name
				}
			}
			out = append(out, t)
		}
		return out, f.r.grow(2 * len(out))
	}},
}

// kids appends the children of an item.
func (r *run) kids(out []Value, v Value) ([]Value, error) {
	if v.kind != KindNode {
		return out, nil
	}
	for i := range v.n.kids {
		nodes := v.n.kids[i].nodes
		if err := r.step(len(nodes)); err != nil {
			return nil, err
		}
		if err := r.grow(len(nodes)); err != nil {
			return nil, err
		}
		for _, k := range nodes {
			out = append(out, nodeValue(k))
		}
	}
	return out, nil
}

var fhirFunctions = map[string]function{
	"hasValue": {0, 0, func(f *call) ([]Value, error) {
		return f.r.bool(len(f.in) == 1 && (f.in[0].kind != KindNode || f.in[0].n.hasValue())), nil
	}},
	"getValue": {0, 0, func(f *call) ([]Value, error) {
		if len(f.in) != 1 || f.in[0].kind == KindNode && !f.in[0].n.hasValue() {
			return nil, nil
		}
		return f.r.one(f.in[0].unboxed()), nil
	}},
	"extension": {1, 1, func(f *call) ([]Value, error) {
		url, ok, err := f.string(0)
		if !ok || err != nil {
			return nil, err
		}
		var out []Value
		for _, v := range f.in {
			if v.kind != KindNode {
				continue
			}
			for _, e := range v.n.children("extension") {
				if e.childText("url") == url {
					out = append(out, nodeValue(e))
				}
			}
		}
		return out, f.r.grow(len(out))
	}},
	"resolve":        {0, 0, fnResolve},
	"conformsTo":     {1, 1, fnConformsTo},
	"memberOf":       {1, 1, fnMemberOf},
	"subsumes":       {1, 1, func(f *call) ([]Value, error) { return f.subsumption(false) }},
	"subsumedBy":     {1, 1, func(f *call) ([]Value, error) { return f.subsumption(true) }},
	"htmlChecks":     {0, 0, fnHTML},
	"checkModifiers": {0, manyArgs, fnCheckModifiers},
	"elementDefinition": {0, 0, func(f *call) ([]Value, error) {
		return nil, f.fail("structure definitions are not available here")
	}},
	"comparable": {1, 1, fnComparable},
}

func (n *node) hasValue() bool {
	return n.kind == textNode || n.kind == numberNode || n.kind == boolNode
}

// fnResolve follows references: into the resource's contained ones, into the bundle, then wherever the environment can.
func fnResolve(f *call) ([]Value, error) {
	var out []Value
	for _, v := range f.in {
		ref := ""
		if u := v.unboxed(); u.kind == KindString {
			ref = u.str
		} else if v.kind == KindNode {
			ref = v.n.childText("reference")
		}
		if ref == "" {
			continue
		}
		var from *node
		if v.kind == KindNode {
			from = v.n
		} else {
			from = f.r.resource()
		}
		found, err := f.r.follow(ref, from)
		if err != nil {
			return nil, err
		}
		if found != nil {
			out = append(out, nodeValue(found))
		} else if f.r.env.Resolve != nil {
			if n, ok := f.r.env.Resolve(ref); ok && n.n != nil {
				out = append(out, nodeValue(n.n))
			}
		}
	}
	return out, f.r.grow(len(out))
}

func (r *run) follow(ref string, from *node) (*node, error) {
	if from == nil {
		return nil, nil
	}
	holder := from.container()
	if id, local := strings.CutPrefix(ref, "#"); local {
		if holder == nil || id == "" {
			return holder, nil
		}
		for _, c := range holder.children("contained") {
			if err := r.step(1); err != nil {
				return nil, err
			}
			if c.childText("id") == id {
				return c, nil
			}
		}
		return nil, nil
	}
	for up := holder; up != nil; up = up.parent {
		if up.typ == nil || up.typ.name != "Bundle" {
			continue
		}
		for _, e := range up.children("entry") {
			if err := r.step(1); err != nil {
				return nil, err
			}
			c := e.child("resource")
			if c == nil || c.typ == nil {
				continue
			}
			if full := e.childText("fullUrl"); full == ref || ref == c.typ.name+"/"+c.childText("id") || full != "" && strings.HasSuffix(full, "/"+ref) {
				return c, nil
			}
		}
	}
	return nil, nil
}

const structureBase = "http://hl7.org/fhir/StructureDefinition/"

// fnConformsTo knows the base types alone: a resource conforms to its own. Any other profile is refused.
func fnConformsTo(f *call) ([]Value, error) {
	v, ok, err := f.single()
	if err != nil {
		return nil, err
	}
	url, given, err := f.string(0)
	if err != nil || !ok || !given {
		return nil, err
	}
	name, core := strings.CutPrefix(url, structureBase)
	t := typeNamed(name)
	if !core || t == nil {
		return nil, f.fail("the profile %s is not known", url)
	}
	return f.r.bool(f.in[0].kind == KindNode && f.in[0].n.typ.is(name) || v.kind == KindNode && v.n.typ.is(name)), nil
}

// codes are the codings in an item: a Coding, those of a CodeableConcept, or a code alone.
func codes(v Value) [][2]string {
	if u := v.unboxed(); u.kind == KindString {
		return [][2]string{{"", u.str}}
	}
	if v.kind != KindNode {
		return nil
	}
	if list := v.n.children("coding"); len(list) > 0 {
		var out [][2]string
		for _, c := range list {
			out = append(out, [2]string{c.childText("system"), c.childText("code")})
		}
		return out
	}
	if code := v.n.childText("code"); code != "" {
		return [][2]string{{v.n.childText("system"), code}}
	}
	return nil
}

func fnMemberOf(f *call) ([]Value, error) {
	if len(f.in) > 1 {
		return nil, f.fail("the input holds %d items", len(f.in))
	}
	set, ok, err := f.string(0)
	if !ok || err != nil || len(f.in) == 0 {
		return nil, err
	}
	given := codes(f.in[0])
	if given == nil {
		return nil, nil
	}
	anyKnown := false
	for _, c := range given {
		member, known, err := f.r.member(set, c[0], c[1])
		if err != nil {
			return nil, err
		}
		anyKnown = anyKnown || known
		if member {
			return f.r.bool(true), nil
		}
	}
	if !anyKnown {
		return nil, nil
	}
	return f.r.bool(false), nil
}

// member looks in a contained value set for #id, else asks the terminology.
func (r *run) member(set, system, code string) (member, known bool, err error) {
	if strings.HasPrefix(set, "#") {
		n, err := r.follow(set, r.resource())
		if n == nil || err != nil {
			return false, false, err
		}
		return r.inValueSet(n, system, code)
	}
	if r.env.Terminology == nil {
		return false, false, failf(Execution, 0, "memberOf(): there is no terminology to ask for %s", set)
	}
	member, known = r.env.Terminology.MemberOf(set, system, code)
	return member, known, nil
}

// inValueSet looks a code up in an expansion, or in concepts that the definition lists.
func (r *run) inValueSet(set *node, system, code string) (member, known bool, err error) {
	if exp := set.child("expansion"); exp != nil {
		queue := append([]*node{}, exp.children("contains")...)
		for i := 0; i < len(queue); i++ {
			if err := r.step(1); err != nil {
				return false, false, err
			}
			c := queue[i]
			if c.childText("code") == code && (system == "" || c.childText("system") == system) && c.childText("abstract") != "true" {
				return true, true, nil
			}
			queue = append(queue, c.children("contains")...)
		}
		return false, true, nil
	}
	compose := set.child("compose")
	if compose == nil {
		return false, false, nil
	}
	known = true
	for _, inc := range compose.children("include") {
		concepts := inc.children("concept")
		known = known && len(concepts) > 0 && len(inc.children("valueSet")) == 0
		for _, c := range concepts {
			if err := r.step(1); err != nil {
				return false, false, err
			}
			if c.childText("code") == code && (system == "" || inc.childText("system") == system) {
				return true, true, nil
			}
		}
	}
	return false, known, nil
}

func (f *call) subsumption(reverse bool) ([]Value, error) {
	if len(f.in) > 1 {
		return nil, f.fail("the input holds %d items", len(f.in))
	}
	other, err := f.arg(0)
	if err != nil || len(f.in) == 0 || len(other) != 1 {
		return nil, err
	}
	if f.r.env.Terminology == nil {
		return nil, f.fail("there is no terminology to ask")
	}
	anyKnown := false
	for _, a := range codes(f.in[0]) {
		for _, b := range codes(other[0]) {
			if a[0] != b[0] {
				continue
			}
			x, y := a[1], b[1]
			if reverse {
				x, y = y, x
			}
			yes, known := f.r.env.Terminology.Subsumes(a[0], x, y)
			if anyKnown = anyKnown || known; yes {
				return f.r.bool(true), nil
			}
		}
	}
	if !anyKnown {
		return nil, nil
	}
	return f.r.bool(false), nil
}

// fnCheckModifiers refuses modifier extensions that the author of the expression did not name.
func fnCheckModifiers(f *call) ([]Value, error) {
	known := map[string]bool{}
	for i := range f.args {
		url, _, err := f.string(i)
		if err != nil {
			return nil, err
		}
		known[url] = true
	}
	for _, v := range f.in {
		if v.kind != KindNode {
			continue
		}
		for _, e := range v.n.children("modifierExtension") {
			if url := e.childText("url"); !known[url] {
				return nil, f.fail("the modifier extension %s is not understood", url)
			}
		}
	}
	return f.in, nil
}

func fnComparable(f *call) ([]Value, error) {
	a, ok1, err := f.single()
	if err != nil {
		return nil, err
	}
	b, ok2, err := f.value(0)
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	if a.isNumber() {
		a = Quantity(a, "1")
	}
	if b.isNumber() {
		b = Quantity(b, "1")
	}
	if a.kind != KindQuantity || b.kind != KindQuantity {
		return nil, nil
	}
	_, known := compareQuantities(a, b)
	return f.r.bool(known), nil
}
