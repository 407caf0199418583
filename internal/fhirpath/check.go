package fhirpath

import (
	"slices"
	"strings"
)

// CheckOptions say against what an expression is checked.
type CheckOptions struct {
	Type   string            // the FHIR type of the root: "Patient", "QuestionnaireResponse.item"; "" when not known
	Vars   map[string]string // the variables that are defined, with their FHIR type or ""; nil: any may be
	Strict bool              // also refuse taking items by position where the order is not defined
}

// Check finds what can be known to be wrong before anything is evaluated: elements that a type does not have, a root of
// another type, variables that nobody defines, operands that never fit. It is silent where a type is not known.
func (e *Expr) Check(o CheckOptions) []*Error {
	c := checker{opts: o}
	root := shape{}
	if t := typeNamed(o.Type); t != nil {
		root = shape{types: []*typeDef{t}}
	}
	c.root = root
	c.infer(e.tree, root)
	return c.found
}

// shape is what is known of a collection: the FHIR types its items may have, or their System kind. Neither: nothing.
type shape struct {
	types     []*typeDef
	system    Kind
	unordered bool
	empty     bool // {}
}

func (s shape) known() bool { return len(s.types) > 0 || s.system != 0 }

// kind is the System kind of the items, through FHIR primitives; 0 when it is not the same for all.
func (s shape) kind() Kind {
	if s.system != 0 {
		return s.system
	}
	var k Kind
	for _, t := range s.types {
		own := t.system
		if t.is("Quantity") {
			own = KindQuantity
		}
		if own == 0 || k != 0 && own != k {
			return 0
		}
		k = own
	}
	return k
}

func ofKind(k Kind) shape { return shape{system: k} }

type checker struct {
	opts  CheckOptions
	root  shape
	local []string
	found []*Error
}

func (c *checker) report(pos int, format string, args ...any) {
	c.found = append(c.found, failf(Semantic, pos, format, args...))
}

func (c *checker) infer(e *expr, this shape) shape {
	switch e.kind {
	case exEmpty:
		return shape{empty: true}
	case exLiteral:
		return ofKind(e.value.kind)
	case exVariable:
		return c.variable(e)
	case exSpecial:
		if e.name == "this" {
			return this
		}
		if e.name == "index" {
			return ofKind(KindInteger)
		}
		return shape{}
	case exMember:
		return c.start(e, this)
	case exCall:
		return c.call(e, this, this)
	case exPath:
		left := c.infer(e.left, this)
		if e.right.kind == exMember {
			return c.member(e.right, left)
		}
		if e.right.kind == exCall {
			return c.call(e.right, left, this)
		}
		return c.infer(e.right, this)
	case exIndex:
		left := c.infer(e.left, this)
		c.ordered(e, left, "an index")
		c.infer(e.right, this)
		return left
	case exUnary:
		x := c.infer(e.left, this)
		if k := x.kind(); k != 0 && !isNumeric(k) && k != KindQuantity {
			c.report(e.pos, "a sign cannot stand before a %s", k)
		}
		return x
	case exType:
		left := c.infer(e.left, this)
		if e.name == "is" {
			return ofKind(KindBoolean)
		}
		return cast(left, e.spec)
	case exInstance:
		for _, a := range e.args {
			c.infer(a, this)
		}
		return shape{types: []*typeDef{typeNamed(strings.TrimPrefix(e.spec, "FHIR."))}}
	}
	return c.binary(e, this)
}

func cast(in shape, spec string) shape {
	s, _ := resolveType(spec)
	if s.fhir == nil {
		return ofKind(s.system)
	}
	return shape{types: []*typeDef{s.fhir}, unordered: in.unordered}
}

func isNumeric(k Kind) bool { return k == KindInteger || k == KindDecimal || k == KindLong }

func (c *checker) variable(e *expr) shape {
	switch e.name {
	case "context":
		return c.root
	case "resource", "rootResource":
		if t, ok := c.opts.Vars[e.name]; ok && typeNamed(t) != nil {
			return shape{types: []*typeDef{typeNamed(t)}}
		}
		if len(c.root.types) == 1 && c.root.types[0].isResource() {
			return c.root
		}
		return shape{}
	}
	if _, ok := wellKnown(e.name); ok {
		return ofKind(KindString)
	}
	if slices.Contains(c.local, e.name) || c.opts.Vars == nil {
		return shape{}
	}
	t, ok := c.opts.Vars[e.name]
	if !ok {
		c.report(e.pos, "the variable %%%s is not defined", e.name)
	}
	if def := typeNamed(t); def != nil && def.name != "Resource" {
		return shape{types: []*typeDef{def}}
	}
	return shape{}
}

// start is a name at the beginning of a path, which may be the type of the context.
func (c *checker) start(e *expr, this shape) shape {
	if e.name != "" && e.name[0] >= 'A' && e.name[0] <= 'Z' {
		if t := typeNamed(e.name); t != nil {
			for _, own := range this.types {
				if own.is(e.name) {
					return this
				}
			}
			if this.known() {
				c.report(e.pos, "the context is a %s, not a %s", this.names(), e.name)
			}
			return shape{types: []*typeDef{t}}
		}
	}
	return c.member(e, this)
}

func (s shape) names() string {
	var out []string
	for _, t := range s.types {
		out = append(out, t.name)
	}
	if s.system != 0 {
		out = append(out, s.system.String())
	}
	return strings.Join(out, " or ")
}

func (c *checker) member(e *expr, in shape) shape {
	out := shape{unordered: in.unordered}
	if in.system != 0 && in.system != KindQuantity && in.system != KindType {
		c.report(e.pos, "a %s has no element %s", in.system, e.name)
		return shape{}
	}
	if len(in.types) == 0 {
		return shape{unordered: in.unordered}
	}
	some := false
	for _, t := range in.types {
		m, ok := t.element(e.name)
		if !ok {
			continue
		}
		some = true
		if m.typ != nil {
			out.types = append(out.types, m.typ)
		}
		out.types = append(out.types, m.of...)
	}
	if !some {
		if m, ok := in.types[0].key(e.name); ok {
			c.report(e.pos, "%s has no element %s; write %s", in.names(), e.name, m.name)
		} else {
			c.report(e.pos, "%s has no element %s", in.names(), e.name)
		}
	}
	if slices.ContainsFunc(out.types, func(t *typeDef) bool { return t.name == "Resource" || t.name == "Element" }) {
		out.types = nil
	}
	return out
}

func (c *checker) ordered(e *expr, in shape, what string) {
	if in.unordered && c.opts.Strict {
		c.report(e.pos, "%s needs an order, and what it works on has none", what)
	}
}

// What functions give, where it does not depend on their input.
var resultKinds = map[string]Kind{"empty": KindBoolean, "exists": KindBoolean, "all": KindBoolean, "allTrue": KindBoolean, "anyTrue": KindBoolean,
	"allFalse": KindBoolean, "anyFalse": KindBoolean, "subsetOf": KindBoolean, "supersetOf": KindBoolean, "isDistinct": KindBoolean, "not": KindBoolean,
	"count": KindInteger, "toInteger": KindInteger, "toLong": KindLong, "toDecimal": KindDecimal, "toString": KindString, "toDate": KindDate, "toDateTime": KindDateTime,
	"toTime": KindTime, "toQuantity": KindQuantity, "toBoolean": KindBoolean, "startsWith": KindBoolean, "endsWith": KindBoolean, "contains": KindBoolean,
	"matches": KindBoolean, "matchesFull": KindBoolean, "indexOf": KindInteger, "lastIndexOf": KindInteger, "substring": KindString, "upper": KindString,
	"lower": KindString, "replace": KindString, "replaceMatches": KindString, "length": KindInteger, "toChars": KindString, "join": KindString, "split": KindString,
	"trim": KindString, "encode": KindString, "decode": KindString, "escape": KindString, "unescape": KindString, "now": KindDateTime, "today": KindDate,
	"timeOfDay": KindTime, "hasValue": KindBoolean, "memberOf": KindBoolean, "comparable": KindBoolean, "is": KindBoolean, "conformsTo": KindBoolean,
	"yearOf": KindInteger, "monthOf": KindInteger, "dayOf": KindInteger, "hourOf": KindInteger, "minuteOf": KindInteger, "secondOf": KindInteger, "precision": KindInteger}

// Functions whose output has the items of their input.
var keepsItems = wordSet("where single first last tail skip take distinct intersect exclude trace defineVariable sort checkModifiers")

var needsOrder = wordSet("first last tail skip take")

// Functions whose arguments are evaluated with each item of the input as $this.
var scoped = wordSet("where select exists all repeat repeatAll aggregate sort iif coalesce trace defineVariable")

// Functions that work on a string and nothing else.
var wantsString = wordSet("startsWith endsWith contains matches matchesFull indexOf lastIndexOf substring upper lower replace replaceMatches length toChars split trim encode decode escape unescape")

func (c *checker) call(e *expr, in, this shape) shape {
	if needsOrder[e.name] {
		c.ordered(e, in, e.name+"()")
	}
	if k := in.kind(); wantsString[e.name] && in.known() && k != KindString && !(k == 0 && len(in.types) > 1) {
		c.report(e.pos, "%s() works on a string, not a %s", e.name, in.names())
	}
	if src, flags, ok := literalPattern(e); ok {
		if _, err := compilePattern(src, flags, e.name == "matchesFull"); err != nil {
			c.report(e.args[0].pos, "%s", err)
		}
	}
	args := make([]shape, len(e.args))
	for i, a := range e.args {
		if e.name == "defineVariable" && i == 0 {
			if a.kind == exLiteral {
				c.local = append(c.local, a.value.str)
			}
			continue
		}
		if scoped[e.name] {
			args[i] = c.infer(a, in)
		} else {
			args[i] = c.infer(a, this)
		}
	}
	switch {
	case keepsItems[e.name]:
		return in
	case typeFunctions[e.name] && e.name != "is":
		return cast(in, e.spec)
	case e.name == "select":
		return args[0]
	case e.name == "repeat" || e.name == "repeatAll":
		return merge(args[0], c.infer(e.args[0], args[0]))
	case e.name == "children" || e.name == "descendants":
		return shape{unordered: true}
	case e.name == "iif":
		c.criterion(e, args[0])
		if len(args) == 3 {
			return merge(args[1], args[2])
		}
		return args[1]
	case e.name == "union" || e.name == "combine":
		return merge(in, args[0])
	case e.name == "extension":
		return shape{types: []*typeDef{typeNamed("Extension")}}
	}
	return ofKind(resultKinds[e.name])
}

func (c *checker) criterion(e *expr, s shape) {
	if k := s.kind(); c.opts.Strict && k != 0 && k != KindBoolean {
		c.report(e.pos, "the criterion of %s() is a %s, not a Boolean", e.name, k)
	}
}

func merge(a, b shape) shape {
	if a.empty || !a.known() && !b.known() {
		return b
	}
	if b.empty {
		return a
	}
	if !a.known() || !b.known() || a.system != b.system {
		return shape{unordered: a.unordered || b.unordered}
	}
	out := shape{system: a.system, unordered: a.unordered || b.unordered, types: slices.Clone(a.types)}
	for _, t := range b.types {
		if !slices.Contains(out.types, t) {
			out.types = append(out.types, t)
		}
	}
	return out
}

func (c *checker) binary(e *expr, this shape) shape {
	a, b := c.infer(e.left, this), c.infer(e.right, this)
	x, y := a.kind(), b.kind()
	switch e.name {
	case "|":
		return merge(a, b)
	case "&":
		return ofKind(KindString)
	case "<", "<=", ">", ">=":
		if x != 0 && y != 0 && !comparableKinds(x, y) {
			c.report(e.pos, "a %s cannot be compared with a %s", x, y)
		}
	case "+", "-", "*", "/", "div", "mod":
		return c.math(e, x, y)
	}
	return ofKind(KindBoolean)
}

func comparableKinds(x, y Kind) bool {
	number := func(k Kind) bool { return isNumeric(k) || k == KindQuantity }
	date := func(k Kind) bool { return k == KindDate || k == KindDateTime }
	return x == y && x != KindBoolean || number(x) && number(y) || date(x) && date(y)
}

func (c *checker) math(e *expr, x, y Kind) shape {
	if x == 0 || y == 0 {
		return shape{}
	}
	temporal := x == KindDate || x == KindDateTime || x == KindTime
	switch {
	case isNumeric(x) && isNumeric(y):
		if e.name == "/" || x == KindDecimal || y == KindDecimal {
			return ofKind(KindDecimal)
		}
		return ofKind(x)
	case (isNumeric(x) || x == KindQuantity) && (isNumeric(y) || y == KindQuantity) && e.name != "div" && e.name != "mod":
		return ofKind(KindQuantity)
	case x == KindString && y == KindString && e.name == "+":
		return ofKind(KindString)
	case temporal && y == KindQuantity && (e.name == "+" || e.name == "-"):
		return ofKind(x)
	}
	c.report(e.pos, "%s does not work on a %s and a %s", e.name, x, y)
	return shape{}
}
