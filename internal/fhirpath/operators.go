package fhirpath

import "math"

type unaryOp struct {
	x     op
	minus bool
	key   bool // a sort key, where -name orders text downwards
	pos   int
}

func (o unaryOp) eval(r *run, s *scope) ([]Value, error) {
	in, err := r.within(o.x, s)
	if err != nil {
		return nil, err
	}
	v, ok, err := single(o.pos, "a sign", in)
	if !ok || err != nil {
		return nil, err
	}
	if !v.isNumber() && v.kind != KindQuantity {
		if v.kind == KindString && o.minus && o.key {
			return r.one(Value{kind: KindString, str: v.str, exp: -1}), nil
		}
		return nil, failf(Execution, o.pos, "a sign stands before a number or a quantity, not a %s", v.TypeName())
	}
	if !o.minus {
		return r.one(v), nil
	}
	return r.one(v.negated()), nil
}

// binaryOp evaluates both sides and hands them to fn.
type binaryOp struct {
	left, right op
	name        string
	pos         int
	fn          func(r *run, o *binaryOp, a, b []Value) ([]Value, error)
	strict      bool
}

func (o *binaryOp) eval(r *run, s *scope) ([]Value, error) {
	a, err := r.within(o.left, s)
	if err != nil {
		return nil, err
	}
	b, err := r.within(o.right, s)
	if err != nil {
		return nil, err
	}
	if err := r.step(1); err != nil {
		return nil, err
	}
	return o.fn(r, o, a, b)
}

func (c *compiler) binary(e *expr) (op, error) {
	l, r, err := c.both(e)
	if err != nil {
		return nil, err
	}
	switch e.name {
	case "and", "or", "implies", "xor":
		return logicOp{l, r, e.name, e.pos}, nil
	}
	o := &binaryOp{left: l, right: r, name: e.name, pos: e.pos, strict: c.strict}
	switch e.name {
	case "=", "!=":
		o.fn = opEqual
	case "~", "!~":
		o.fn = opEquivalent
	case "<", "<=", ">", ">=":
		o.fn = opOrder
	case "|":
		o.fn = func(r *run, _ *binaryOp, a, b []Value) ([]Value, error) { return r.distinct(a, b) }
	case "in":
		o.fn = func(r *run, o *binaryOp, a, b []Value) ([]Value, error) { return opMember(r, o, a, b) }
	case "contains":
		o.fn = func(r *run, o *binaryOp, a, b []Value) ([]Value, error) { return opMember(r, o, b, a) }
	case "&":
		o.fn = opConcat
	default:
		o.fn = opMath
	}
	if x, ok := l.(constant); ok {
		if y, ok := r.(constant); ok {
			return fold2(o, x, y), nil
		}
	}
	return o, nil
}

// fold2 works out an operator on two literals while compiling; one that fails is left to fail when it is evaluated.
func fold2(o *binaryOp, a, b constant) op {
	r := run{ctx: background, budget: Budget{}.filled(), env: &Env{}}
	out, err := o.fn(&r, o, a.items, b.items)
	if err != nil || r.bytes > 1024 {
		return o
	}
	return constant{out}
}

func opEqual(r *run, o *binaryOp, a, b []Value) ([]Value, error) {
	t, err := r.equalAll(a, b)
	if t != unknown && o.name == "!=" {
		t = no + yes - t
	}
	return r.truth(t), err
}

func opEquivalent(r *run, o *binaryOp, a, b []Value) ([]Value, error) {
	ok, err := r.equivalentAll(a, b)
	return r.bool(ok == (o.name == "~")), err
}

func opMember(r *run, o *binaryOp, item, of []Value) ([]Value, error) {
	if len(item) == 0 {
		return nil, nil
	}
	if len(item) > 1 {
		return nil, failf(Execution, o.pos, "%s looks for one item, not %d", o.name, len(item))
	}
	for _, v := range of {
		if t, err := r.equal(item[0], v); t == yes || err != nil {
			return r.bool(true), err
		}
	}
	return r.bool(false), nil
}

func opOrder(r *run, o *binaryOp, a, b []Value) ([]Value, error) {
	_, ok1, err := single(o.pos, o.name, a)
	if err != nil {
		return nil, err
	}
	_, ok2, err := single(o.pos, o.name, b)
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	order, known, err := compare(o.pos, a[0], b[0])
	if err != nil || !known {
		return nil, err
	}
	switch o.name {
	case "<":
		return r.bool(order < 0), nil
	case "<=":
		return r.bool(order <= 0), nil
	case ">":
		return r.bool(order > 0), nil
	}
	return r.bool(order >= 0), nil
}

// compare orders two items of kinds that have an order.
func compare(pos int, a, b Value) (order int, known bool, err error) {
	a, b = meet(a, b)
	switch {
	case a.isNumber() && b.isNumber():
		return a.decimal().cmp(b.decimal()), true, nil
	case a.kind == KindString && b.kind == KindString:
		switch {
		case a.str < b.str:
			return -1, true, nil
		case a.str > b.str:
			return 1, true, nil
		}
		return 0, true, nil
	case a.isTemporal() && b.isTemporal() && (a.kind == KindTime) == (b.kind == KindTime):
		order, known = a.x.time.compare(b.x.time)
		return order, known, nil
	case a.kind == KindQuantity && b.kind == KindQuantity:
		order, known = compareQuantities(a, b)
		return order, known, nil
	}
	return 0, false, failf(Execution, pos, "a %s cannot be compared with a %s", a.TypeName(), b.TypeName())
}

func opConcat(r *run, o *binaryOp, a, b []Value) ([]Value, error) {
	var parts [2]string
	for i, side := range [2][]Value{a, b} {
		v, ok, err := single(o.pos, "&", side)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		text, has := v.text()
		if !has || o.strict && v.kind != KindString {
			return nil, failf(Execution, o.pos, "& joins strings, not a %s", v.TypeName())
		}
		parts[i] = text
	}
	return r.text(parts[0] + parts[1])
}

func opMath(r *run, o *binaryOp, left, right []Value) ([]Value, error) {
	a, ok1, err := single(o.pos, o.name, left)
	if err != nil {
		return nil, err
	}
	b, ok2, err := single(o.pos, o.name, right)
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	switch {
	case a.isNumber() && b.isNumber():
		v, ok := mathNumbers(o.name, a, b)
		if !ok {
			return nil, nil
		}
		return r.one(v), nil
	case a.kind == KindString && b.kind == KindString && o.name == "+":
		return r.text(a.str + b.str)
	case a.isTemporal() && b.kind == KindQuantity && (o.name == "+" || o.name == "-"):
		n := b.decimal()
		if o.name == "-" {
			n = n.neg()
		}
		t, err := a.x.time.add(n, b.str, b.calendar)
		if err != nil {
			return nil, failf(Execution, o.pos, "%s", err)
		}
		return r.one(t.value()), nil
	}
	if v, ok, fit := mathQuantities(o.name, a, b); fit {
		if !ok {
			return nil, nil
		}
		return r.one(v), nil
	}
	return nil, failf(Execution, o.pos, "%s does not work on a %s and a %s", o.name, a.TypeName(), b.TypeName())
}

// mathNumbers is false where the result is empty: division by zero, overflow.
func mathNumbers(name string, a, b Value) (Value, bool) {
	whole := a.kind != KindDecimal && b.kind != KindDecimal
	x, y := a.decimal(), b.decimal()
	var out decimal
	var ok bool
	switch name {
	case "+":
		out, ok = x.add(y)
	case "-":
		out, ok = x.sub(y)
	case "*":
		out, ok = x.mul(y)
	default:
		if y.sign() == 0 {
			return Value{}, false
		}
		switch name {
		case "/":
			out, ok = x.quo(y)
			whole = false
		case "div":
			out, ok = x.div(y)
		case "mod":
			out, ok = x.mod(y)
		}
	}
	if !ok {
		return Value{}, false
	}
	if !whole {
		return out.value(), true
	}
	n, ok := out.int64()
	if a.kind == KindLong || b.kind == KindLong {
		return Long(n), ok
	}
	return Integer(int32(n)), ok && n >= math.MinInt32 && n <= math.MaxInt32
}

// mathQuantities works on quantities, and on a quantity and a number. fit is false where the operator is not for them.
func mathQuantities(name string, a, b Value) (v Value, ok, fit bool) {
	switch {
	case a.kind == KindQuantity && b.isNumber():
		if name == "+" || name == "-" {
			b = Value{kind: KindQuantity, num: b.num, exp: b.decimal().e, str: a.str, calendar: a.calendar, x: boxDecimal(b.decimal().big)}
		} else {
			b = Quantity(b, "1")
		}
	case b.kind == KindQuantity && a.isNumber():
		if name == "+" || name == "-" {
			a = Value{kind: KindQuantity, num: a.num, exp: a.decimal().e, str: b.str, calendar: b.calendar, x: boxDecimal(a.decimal().big)}
		} else {
			a = Quantity(a, "1")
		}
	case a.kind != KindQuantity || b.kind != KindQuantity:
		return Value{}, false, false
	}
	switch name {
	case "+", "-":
		v, ok = addQuantities(a, b, name == "-")
	case "*", "/":
		v, ok = multiplyQuantities(a, b, name == "/")
	default:
		return Value{}, false, false
	}
	return v, ok, true
}

// logicOp is and, or, xor and implies, by three-valued logic. The right side is not evaluated where the left decides.
type logicOp struct {
	left, right op
	name        string
	pos         int
}

func (o logicOp) eval(r *run, s *scope) ([]Value, error) {
	a, err := o.side(r, s, o.left)
	if err != nil {
		return nil, err
	}
	switch {
	case o.name == "and" && a == no:
		return r.bool(false), nil
	case o.name == "or" && a == yes, o.name == "implies" && a == no:
		return r.bool(true), nil
	}
	b, err := o.side(r, s, o.right)
	if err != nil {
		return nil, err
	}
	switch o.name {
	case "and":
		return r.truth(and3(a, b)), nil
	case "or":
		return r.truth(or3(a, b)), nil
	case "implies":
		if a == yes {
			return r.truth(b), nil
		}
		if b == yes {
			return r.bool(true), nil
		}
		return nil, nil
	}
	if a == unknown || b == unknown {
		return nil, nil
	}
	return r.bool(a != b), nil
}

func (o logicOp) side(r *run, s *scope, x op) (truth, error) {
	in, err := r.within(x, s)
	if err != nil {
		return unknown, err
	}
	return condition(o.pos, o.name, in)
}

func and3(a, b truth) truth {
	switch {
	case a == no || b == no:
		return no
	case a == yes && b == yes:
		return yes
	}
	return unknown
}

func or3(a, b truth) truth {
	switch {
	case a == yes || b == yes:
		return yes
	case a == no && b == no:
		return no
	}
	return unknown
}
