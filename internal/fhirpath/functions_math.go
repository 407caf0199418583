package fhirpath

import (
	"math"

	"github.com/cockroachdb/apd/v3"
)

var mathFunctions = map[string]function{
	"abs":      {0, 0, unaryMath(func(d decimal) (decimal, bool) { return d.abs(), true }, keepKind)},
	"ceiling":  {0, 0, unaryMath(func(d decimal) (decimal, bool) { return d.round(0, apd.RoundCeiling) }, wholeKind)},
	"floor":    {0, 0, unaryMath(func(d decimal) (decimal, bool) { return d.round(0, apd.RoundFloor) }, wholeKind)},
	"truncate": {0, 0, unaryMath(func(d decimal) (decimal, bool) { return d.round(0, apd.RoundDown) }, wholeKind)},
	"exp":      {0, 0, unaryMath(exp, decimalKind)},
	"ln":       {0, 0, unaryMath(ln, decimalKind)},
	"sqrt":     {0, 0, unaryMath(sqrt, decimalKind)},
	"log":      {1, 1, fnLog},
	"power":    {1, 1, fnPower},
	"round":    {0, 1, fnRound},
	"sum":      {0, 0, fnSum},
	"avg":      {0, 0, fnAvg},
	"min":      {0, 0, func(f *call) ([]Value, error) { return f.extreme(-1) }},
	"max":      {0, 0, func(f *call) ([]Value, error) { return f.extreme(1) }},
}

type resultKind uint8

const (
	keepKind    resultKind = iota // the kind of the input
	wholeKind                     // Integer for numbers, Quantity for quantities
	decimalKind                   // Decimal; quantities are refused
)

func unaryMath(do func(decimal) (decimal, bool), result resultKind) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		v, ok, err := f.single()
		if !ok || err != nil {
			return nil, err
		}
		if !v.isNumber() && (v.kind != KindQuantity || result == decimalKind) {
			return nil, f.fail("the input is not a number but a %s", v.TypeName())
		}
		if err := f.r.step(64); err != nil {
			return nil, err
		}
		d, ok := do(v.decimal())
		if !ok {
			return nil, nil
		}
		return f.r.one(v.like(d, result)), nil
	}
}

// like gives a new number the kind that a function promises.
func (v Value) like(d decimal, result resultKind) Value {
	out := d.value()
	switch {
	case v.kind == KindQuantity:
		out.kind, out.str, out.calendar = v.kind, v.str, v.calendar
	case result == keepKind && v.kind != KindDecimal, result == wholeKind:
		if n, ok := d.int64(); ok {
			if n == int64(int32(n)) && v.kind != KindLong {
				return Integer(int32(n))
			}
			return Long(n)
		}
	}
	return out
}

var transcendental = apd.Context{Precision: 28, MaxExponent: maxExponent, MinExponent: -maxExponent, Rounding: apd.RoundHalfUp}

func through1(op func(d, x *apd.Decimal) (apd.Condition, error), d decimal) (decimal, bool) {
	out := new(apd.Decimal)
	cond, err := op(out, d.apd())
	if err != nil || out.Form != apd.Finite || cond.InvalidOperation() || cond.Overflow() {
		return decimal{}, false
	}
	return small(out).reduced(), true
}

// exp is exact to 28 digits; arguments beyond a few hundred leave the range of numbers.
func exp(d decimal) (decimal, bool) {
	if d.abs().cmp(integer(2000)) > 0 {
		return decimal{}, false
	}
	return through1(transcendental.Exp, d)
}

func ln(d decimal) (decimal, bool) {
	if d.sign() <= 0 {
		return decimal{}, false
	}
	return through1(transcendental.Ln, d)
}

func sqrt(d decimal) (decimal, bool) {
	if d.sign() < 0 {
		return decimal{}, false
	}
	return through1(transcendental.Sqrt, d)
}

// operand is the numeric argument of a function.
func (f *call) operand() (decimal, bool, error) {
	v, ok, err := f.value(0)
	if !ok || err != nil {
		return decimal{}, false, err
	}
	if !v.isNumber() {
		return decimal{}, false, f.fail("a number is needed, not a %s", v.TypeName())
	}
	return v.decimal(), true, f.r.step(256)
}

func (f *call) number() (Value, bool, error) {
	v, ok, err := f.single()
	if ok && err == nil && !v.isNumber() {
		err = f.fail("the input is not a number but a %s", v.TypeName())
	}
	return v, ok, err
}

func fnLog(f *call) ([]Value, error) {
	v, ok1, err := f.number()
	if err != nil {
		return nil, err
	}
	base, ok2, err := f.operand()
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	if v.decimal().sign() <= 0 || base.sign() <= 0 {
		return nil, f.fail("a logarithm is defined for positive numbers")
	}
	x, ok1 := ln(v.decimal())
	y, ok2 := ln(base)
	if !ok1 || !ok2 || y.sign() == 0 {
		return nil, nil
	}
	q, ok := x.quo(y)
	if !ok {
		return nil, nil
	}
	if near, ok := q.round(20, apd.RoundHalfUp); ok { // 100.log(10) is 2, whatever the last digits of ln say
		q = near.reduced()
	}
	return f.r.one(q.value()), nil
}

func fnPower(f *call) ([]Value, error) {
	v, ok1, err := f.number()
	if err != nil {
		return nil, err
	}
	by, ok2, err := f.operand()
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	if by.abs().cmp(integer(4000)) > 0 {
		return nil, nil
	}
	out, ok := power(v.decimal(), by)
	if !ok {
		return nil, nil
	}
	if n, whole := out.int64(); whole && v.kind == KindInteger && by.sign() >= 0 && n == int64(int32(n)) {
		return f.r.one(Integer(int32(n))), nil
	}
	return f.r.one(out.value()), nil
}

// power multiplies for whole exponents, which is exact, and goes through logarithms for others.
func power(x, by decimal) (decimal, bool) {
	n, whole := by.int64()
	if !whole {
		if x.sign() < 0 {
			return decimal{}, false
		}
		out := new(apd.Decimal)
		cond, err := transcendental.Pow(out, x.apd(), by.apd())
		if err != nil || out.Form != apd.Finite || cond.InvalidOperation() {
			return decimal{}, false
		}
		return small(out).reduced(), true
	}
	out, ok := integer(1), true
	for k, square := uint64(max(n, -n)), x; k > 0 && ok; k >>= 1 {
		if k&1 == 1 {
			out, ok = out.mul(square)
		}
		if k > 1 && ok {
			square, ok = square.mul(square)
		}
	}
	if !ok || n >= 0 {
		return out, ok
	}
	if out.sign() == 0 {
		return decimal{}, false
	}
	return integer(1).quo(out)
}

func fnRound(f *call) ([]Value, error) {
	v, ok, err := f.single()
	if !ok || err != nil {
		return nil, err
	}
	places := int64(0)
	if len(f.args) == 1 {
		if places, ok, err = f.int(0); !ok || err != nil {
			return nil, err
		}
	}
	if !v.isNumber() && v.kind != KindQuantity {
		return nil, f.fail("the input is not a number but a %s", v.TypeName())
	}
	if places < 0 {
		return nil, f.fail("the number of decimal places is not negative")
	}
	d := v.decimal()
	if places < int64(d.places()) { // fewer places than there are: else the number stays as it is
		if d, ok = d.round(int32(places), apd.RoundHalfUp); !ok {
			return nil, nil
		}
	}
	return f.r.one(v.like(d, keepKind)), nil
}

func fnSum(f *call) ([]Value, error) {
	if len(f.in) == 0 {
		return nil, nil
	}
	total := f.in[0].unboxed()
	for _, v := range f.in[1:] {
		var ok bool
		var err error
		if total, ok, err = f.plus(total, v.unboxed()); !ok || err != nil {
			return nil, err
		}
	}
	if !total.isNumber() && total.kind != KindQuantity && total.kind != KindString {
		return nil, f.fail("a %s cannot be added up", total.TypeName())
	}
	return f.r.one(total), nil
}

func (f *call) plus(a, b Value) (Value, bool, error) {
	switch {
	case a.isNumber() && b.isNumber():
		v, ok := mathNumbers("+", a, b)
		return v, ok, nil
	case a.kind == KindString && b.kind == KindString:
		return String(a.str + b.str), true, f.r.room(len(a.str) + len(b.str))
	}
	v, ok, fit := mathQuantities("+", a, b)
	if !fit {
		return v, false, f.fail("a %s and a %s cannot be added up", a.TypeName(), b.TypeName())
	}
	return v, ok, nil
}

func fnAvg(f *call) ([]Value, error) {
	sum, err := fnSum(f)
	if len(sum) == 0 || err != nil {
		return nil, err
	}
	if len(f.in) > math.MaxInt32 || sum[0].kind == KindString {
		return nil, f.fail("a %s has no average", sum[0].TypeName())
	}
	d, ok := sum[0].decimal().quo(integer(int64(len(f.in))))
	if !ok {
		return nil, nil
	}
	if sum[0].kind == KindQuantity {
		return f.r.one(sum[0].like(d, keepKind)), nil
	}
	return f.r.one(d.value()), nil
}

// extreme is the least or greatest item; where an order is not known there is none.
func (f *call) extreme(way int) ([]Value, error) {
	if len(f.in) == 0 {
		return nil, nil
	}
	best := f.in[0]
	for _, v := range f.in[1:] {
		order, known, err := compare(f.pos, v, best)
		if !known || err != nil {
			return nil, err
		}
		if order*way > 0 {
			best = v
		}
	}
	return f.r.one(best.unboxed()), nil
}
