package fhirpath

import (
	"slices"
	"strings"
)

// Options of Compile.
type Options struct {
	// Strict makes evaluation refuse what the specification lets pass in doubt, such as a condition that is not a Boolean.
	Strict bool
	// Functions are further functions, by name; they may not take the name of one that exists.
	Functions map[string]Function
}

// Function is a function added by the program: it is given the input and the evaluated arguments.
type Function struct {
	Min, Max int
	Call     func(env *Env, in Collection, args []Collection) (Collection, error)
}

// Expr is a compiled expression. It is immutable and may be used by many at once.
type Expr struct {
	src  string
	tree *expr
	op   op
	opts Options
}

// Compile reads an expression. Unknown functions, wrong numbers of arguments and unknown types are refused here.
func Compile(src string, opts Options) (*Expr, error) {
	tree, err := parse(src)
	if err != nil {
		return nil, err
	}
	c := compiler{strict: opts.Strict, functions: opts.Functions}
	o, err := c.op(tree)
	if err != nil {
		return nil, err
	}
	return &Expr{src: src, tree: tree, op: o, opts: opts}, nil
}

// MustCompile is Compile for expressions that the program itself holds.
func MustCompile(src string) *Expr {
	e, err := Compile(src, Options{})
	if err != nil {
		panic(err)
	}
	return e
}

// Source is the text the expression was compiled from.
func (e *Expr) Source() string { return e.src }

// String is the expression printed in full brackets; compiling it gives the same expression.
func (e *Expr) String() string { return e.tree.String() }

type compiler struct {
	strict    bool
	functions map[string]Function
}

func (c *compiler) op(e *expr) (op, error) {
	switch e.kind {
	case exEmpty:
		return constant{}, nil
	case exLiteral:
		if e.value.kind == KindInteger && e.value.num == 1<<31 {
			return nil, failf(Syntax, e.pos, "the number is too large for an Integer")
		}
		return constant{[]Value{e.value}}, nil
	case exVariable:
		return variable{e.name, e.pos}, nil
	case exMember, exSpecial, exCall:
		st, err := c.step(e)
		if err != nil {
			return nil, err
		}
		if m, ok := st.(memberStep); ok && m.name != "" && m.name[0] >= 'A' && m.name[0] <= 'Z' {
			return rootType(m), nil
		}
		return onThis{st}, nil
	case exPath:
		return c.path(e)
	case exIndex:
		l, r, err := c.both(e)
		return indexOp{l, r, e.pos}, err
	case exUnary:
		return c.unary(e)
	case exBinary:
		return c.binary(e)
	case exType:
		x, err := c.op(e.left)
		if err != nil {
			return nil, err
		}
		t, err := c.typeStep(e)
		return pathOp{x, t}, err
	case exInstance:
		return c.instance(e)
	}
	return nil, failf(Syntax, e.pos, "the expression cannot be compiled")
}

func (c *compiler) both(e *expr) (op, op, error) {
	l, err := c.op(e.left)
	if err != nil {
		return nil, nil, err
	}
	r, err := c.op(e.right)
	return l, r, err
}

func (c *compiler) path(e *expr) (op, error) {
	if o, ok, err := c.lookup(e); ok || err != nil {
		return o, err
	}
	l, err := c.op(e.left)
	if err != nil {
		return nil, err
	}
	st, err := c.step(e.right)
	if err != nil {
		return nil, err
	}
	return pathOp{l, st}, nil
}

func (c *compiler) step(e *expr) (step, error) {
	switch e.kind {
	case exMember:
		return memberStep{e.name}, nil
	case exSpecial:
		return specialStep{e.name, e.pos}, nil
	}
	if typeFunctions[e.name] {
		return c.typeStep(e)
	}
	f, ok := functions[e.name]
	if own, mine := c.functions[e.name]; mine && !ok {
		return c.added(e, own)
	}
	if !ok {
		return nil, failf(Semantic, e.pos, "the function %s() is not known", e.name)
	}
	if n := len(e.args); n < f.least || n > f.most {
		return nil, failf(Semantic, e.pos, "%s() takes %s, not %d", e.name, arity(f.least, f.most), n)
	}
	call := &callStep{fn: f.call, pos: e.pos, name: e.name, desc: e.desc, strict: c.strict}
	for _, a := range e.args {
		o, err := c.op(a)
		if err != nil {
			return nil, err
		}
		if u, ok := o.(unaryOp); ok && e.name == "sort" {
			u.key = true
			o = u
		}
		call.args = append(call.args, o)
	}
	c.prepare(e, call)
	return call, nil
}

func arity(least, most int) string {
	switch {
	case least == most:
		return itoa(least) + " arguments"
	case most >= manyArgs:
		return "at least " + itoa(least) + " arguments"
	}
	return itoa(least) + " to " + itoa(most) + " arguments"
}

func (c *compiler) typeStep(e *expr) (step, error) {
	spec, ok := resolveType(e.spec)
	if !ok && e.spec == "" {
		return nil, failf(Semantic, e.pos, "%s() takes the name of a type", e.name)
	}
	if !ok {
		return nil, failf(Semantic, e.pos, "the type %s is not known", e.spec)
	}
	return typeStep{e.name, spec, e.pos}, nil
}

func (c *compiler) added(e *expr, f Function) (step, error) {
	if n := len(e.args); n < f.Min || n > f.Max {
		return nil, failf(Semantic, e.pos, "%s() takes %s, not %d", e.name, arity(f.Min, f.Max), n)
	}
	st := addedStep{f: f}
	for _, a := range e.args {
		o, err := c.op(a)
		if err != nil {
			return nil, err
		}
		st.args = append(st.args, o)
	}
	return st, nil
}

func (c *compiler) unary(e *expr) (op, error) {
	if e.name == "-" && e.left.kind == exLiteral {
		v := e.left.value
		if v.isNumber() || v.kind == KindQuantity {
			return constant{[]Value{v.negated()}}, nil
		}
	}
	x, err := c.op(e.left)
	return unaryOp{x: x, minus: e.name == "-", pos: e.pos}, err
}

func (v Value) negated() Value {
	d := v.decimal().neg().value()
	d.kind, d.str, d.calendar = v.kind, v.str, v.calendar
	return d
}

func (c *compiler) instance(e *expr) (op, error) {
	spec, ok := resolveType(e.spec)
	if !ok || spec.fhir == nil {
		return nil, failf(Semantic, e.pos, "the type %s is not known", e.spec)
	}
	out := instanceOp{typ: spec.fhir, pos: e.pos}
	for i, a := range e.args {
		m, ok := spec.fhir.element(e.names[i])
		if !ok && (e.names[i] != "value" || !spec.fhir.prim) {
			return nil, failf(Semantic, a.pos, "%s has no element %s", e.spec, e.names[i])
		}
		o, err := c.op(a)
		if err != nil {
			return nil, err
		}
		m.name = e.names[i]
		out.members, out.args = append(out.members, m), append(out.args, o)
	}
	return out, nil
}

// constant is a literal; its collection is shared and never written to.
type constant struct{ items []Value }

func (c constant) eval(*run, *scope) ([]Value, error) { return c.items, nil }

type onThis struct{ st step }

func (o onThis) eval(r *run, s *scope) ([]Value, error) { return o.st.apply(r, s, s.this) }

type pathOp struct {
	left op
	st   step
}

func (o pathOp) eval(r *run, s *scope) ([]Value, error) {
	in, err := o.left.eval(r, s)
	if err != nil {
		return nil, err
	}
	return o.st.apply(r, s, in)
}

// rootType is a name that may be a type at the start of a path: Patient.name on a Patient.
type rootType struct{ name string }

func (o rootType) eval(r *run, s *scope) ([]Value, error) {
	if len(s.this) == 1 && s.this[0].kind == KindNode {
		n := s.this[0].n
		if n.typ.is(o.name) || n.typ == nil && n.childText("resourceType") == o.name {
			return s.this, nil
		}
	}
	return memberStep(o).apply(r, s, s.this)
}

type memberStep struct{ name string }

func (m memberStep) apply(r *run, _ *scope, in []Value) ([]Value, error) {
	var out []Value
	for i := range in {
		v := &in[i]
		if v.kind != KindNode {
			if v.kind == KindType || v.kind == KindQuantity {
				out = append(out, v.member(m.name)...)
			}
			continue
		}
		kids := v.n.children(m.name)
		if len(kids) == 0 {
			continue
		}
		if err := r.step(len(kids)); err != nil {
			return nil, err
		}
		if len(in) == 1 && len(kids) == 1 {
			return r.one(nodeValue(kids[0])), nil
		}
		if out == nil {
			if err := r.grow(len(kids)); err != nil {
				return nil, err
			}
			out = make([]Value, 0, max(len(kids), len(in)))
		}
		for _, k := range kids {
			out = append(out, nodeValue(k))
		}
	}
	return out, r.grow(len(out))
}

// member is an element of a System type that has some.
func (v Value) member(name string) []Value {
	switch {
	case v.kind == KindType && name == "namespace":
		return []Value{String(v.str)}
	case v.kind == KindType && name == "name":
		return []Value{String(v.x.name)}
	case v.kind == KindQuantity && name == "value":
		return []Value{v.decimal().value()}
	case v.kind == KindQuantity && name == "unit":
		return []Value{String(v.str)}
	}
	return nil
}

type specialStep struct {
	name string
	pos  int
}

func (o specialStep) apply(r *run, s *scope, _ []Value) ([]Value, error) {
	switch o.name {
	case "this":
		return s.this, nil
	case "index":
		return r.one(Integer(int32(s.index))), nil
	}
	if !s.in {
		return nil, failf(Execution, o.pos, "$total is defined within aggregate() only")
	}
	return s.total, nil
}

type indexOp struct {
	left, index op
	pos         int
}

func (o indexOp) eval(r *run, s *scope) ([]Value, error) {
	in, err := o.left.eval(r, s)
	if err != nil {
		return nil, err
	}
	i, err := r.within(o.index, s)
	if err != nil {
		return nil, err
	}
	v, ok, err := single(o.pos, "an index", i)
	if !ok || err != nil {
		return nil, err
	}
	if v.kind != KindInteger && v.kind != KindLong {
		return nil, failf(Execution, o.pos, "an index is an Integer, not a %s", v.TypeName())
	}
	if v.num < 0 || v.num >= int64(len(in)) {
		return nil, nil
	}
	return in[v.num : v.num+1], nil
}

// variable is %name.
type variable struct {
	name string
	pos  int
}

func (o variable) eval(r *run, _ *scope) ([]Value, error) {
	for b := r.vars; b != nil; b = b.up {
		if b.name == o.name {
			return b.value, nil
		}
	}
	if v, ok := r.env.Vars[o.name]; ok {
		return v, nil
	}
	if r.env.Lookup != nil {
		if v, ok, err := r.env.Lookup(o.name); ok || err != nil {
			return v, err
		}
	}
	switch o.name {
	case "context":
		if r.env.Context.n != nil {
			return r.one(nodeValue(r.env.Context.n)), nil
		}
		return r.root, nil
	case "resource":
		return r.nodes(r.resource()), nil
	case "rootResource":
		if r.env.RootResource.n != nil {
			return r.one(nodeValue(r.env.RootResource.n)), nil
		}
		if n := r.resource(); n != nil {
			return r.nodes(n.container()), nil
		}
		return nil, nil
	}
	if s, ok := wellKnown(o.name); ok {
		return r.one(String(s)), nil
	}
	if other := map[string]string{"qItem": "qitem", "qitem": "qItem"}[o.name]; other != "" { // the guide spells it both ways
		if v, ok := r.env.Vars[other]; ok {
			return v, nil
		}
	}
	return nil, failf(Execution, o.pos, "the variable %%%s is not defined", o.name)
}

func (r *run) nodes(n *node) []Value {
	if n == nil {
		return nil
	}
	return r.one(nodeValue(n))
}

func (r *run) resource() *node {
	switch {
	case r.env.Resource.n != nil:
		return r.env.Resource.n
	case len(r.root) > 0 && r.root[0].kind == KindNode:
		return r.root[0].n.resource()
	}
	return nil
}

// wellKnown are the variables that stand for addresses.
func wellKnown(name string) (string, bool) {
	switch name {
	case "ucum":
		return ucumSystem, true
	case "sct":
		return "http://snomed.info/sct", true
	case "loinc":
		return "http://loinc.org", true
	}
	if vs, ok := strings.CutPrefix(name, "vs-"); ok {
		return "http://hl7.org/fhir/ValueSet/" + vs, true
	}
	if ext, ok := strings.CutPrefix(name, "ext-"); ok {
		return "http://hl7.org/fhir/StructureDefinition/" + ext, true
	}
	return "", false
}

// reserved names cannot be defined anew by defineVariable.
func reserved(name string) bool {
	if name == "context" || name == "resource" || name == "rootResource" {
		return true
	}
	_, known := wellKnown(name)
	return known
}

// addedStep calls a function of the program.
type addedStep struct {
	f    Function
	args []op
}

func (a addedStep) apply(r *run, s *scope, in []Value) ([]Value, error) {
	args := make([]Collection, len(a.args))
	for i, o := range a.args {
		v, err := r.within(o, s)
		if err != nil {
			return nil, err
		}
		args[i] = slices.Clone(v)
	}
	out, err := a.f.Call(r.env, slices.Clone(in), args)
	if err != nil {
		return nil, err
	}
	return out, r.grow(len(out))
}
