package fhirpath

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// decimal is c·10^e, or big where that does not fit. The exponent keeps the precision that was written: 1.50 is 150·10^-2.
type decimal struct {
	c   int64
	e   int32
	big *apd.Decimal
}

// Limits of a number: how many digits it may have, and how far its point may stand from them.
const (
	maxDigits   = 1000
	maxExponent = 1000
)

var (
	exact    = apd.Context{Precision: 200, MaxExponent: maxExponent, MinExponent: -maxExponent, Rounding: apd.RoundHalfUp}
	division = apd.Context{Precision: 28, MaxExponent: maxExponent, MinExponent: -maxExponent, Rounding: apd.RoundHalfUp}
	powers   = [19]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}
)

// parseDecimal reads a JSON number, or one with a leading plus.
func parseDecimal(s string) (decimal, bool) {
	if len(s) > maxDigits {
		return decimal{}, false
	}
	var c int64
	var e int32
	i, neg, dot, digits := 0, false, false, 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	for ; i < len(s); i++ {
		switch {
		case isDigit(s[i]):
			if digits++; c > (math.MaxInt64-9)/10 {
				return parseBig(s)
			}
			c = c*10 + int64(s[i]-'0')
			if dot {
				e--
			}
		case s[i] == '.' && !dot:
			dot = true
		case s[i]|0x20 == 'e' && digits > 0:
			n, err := strconv.ParseInt(s[i+1:], 10, 32)
			if err != nil || n > maxExponent || n < -maxExponent {
				return decimal{}, false
			}
			e += int32(n)
			i = len(s)
		default:
			return decimal{}, false
		}
	}
	if neg {
		c = -c
	}
	return decimal{c: c, e: e}, digits > 0
}

func parseBig(s string) (decimal, bool) {
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite || d.Exponent > maxExponent || d.Exponent < -maxExponent {
		return decimal{}, false
	}
	return small(d), true
}

// small brings a number back to the fast form where it fits.
func small(d *apd.Decimal) decimal {
	if d.Coeff.IsInt64() {
		c := d.Coeff.Int64()
		if d.Negative {
			c = -c
		}
		return decimal{c: c, e: d.Exponent}
	}
	return decimal{big: d}
}

func integer(n int64) decimal { return decimal{c: n} }

func (d decimal) apd() *apd.Decimal {
	if d.big != nil {
		return d.big
	}
	return apd.New(d.c, d.e)
}

func (d decimal) value() Value {
	return Value{kind: KindDecimal, num: d.c, exp: d.e, x: boxDecimal(d.big)}
}

func (d decimal) sign() int {
	if d.big != nil {
		return d.big.Sign()
	}
	switch {
	case d.c > 0:
		return 1
	case d.c < 0:
		return -1
	}
	return 0
}

// scaled brings c·10^e to the exponent to, which is not above e.
func (d decimal) scaled(to int32) (int64, bool) {
	n := d.e - to
	if d.c == 0 {
		return 0, true
	}
	if n >= int32(len(powers)) {
		return 0, false
	}
	return mul64(d.c, powers[n])
}

func mul64(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(abs64(a)), uint64(abs64(b)))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func abs64(a int64) int64 {
	if a < 0 {
		return -a
	}
	return a
}

func add64(a, b int64) (int64, bool) {
	c := a + b
	return c, (a >= 0) != (b >= 0) || (c >= 0) == (a >= 0)
}

func (d decimal) neg() decimal {
	if d.big != nil {
		return decimal{big: new(apd.Decimal).Neg(d.big)}
	}
	return decimal{c: -d.c, e: d.e}
}

func (d decimal) abs() decimal {
	if d.sign() < 0 {
		return d.neg()
	}
	return d
}

func (d decimal) add(o decimal) (decimal, bool) {
	if d.big == nil && o.big == nil {
		e := min(d.e, o.e)
		a, ok1 := d.scaled(e)
		b, ok2 := o.scaled(e)
		if c, ok := add64(a, b); ok1 && ok2 && ok {
			return decimal{c: c, e: e}, true
		}
	}
	return through(exact.Add, d, o)
}

func (d decimal) sub(o decimal) (decimal, bool) { return d.add(o.neg()) }

func (d decimal) mul(o decimal) (decimal, bool) {
	if d.big == nil && o.big == nil {
		if c, ok := mul64(d.c, o.c); ok && d.e+o.e >= -maxExponent && d.e+o.e <= maxExponent {
			return decimal{c: c, e: d.e + o.e}, true
		}
	}
	return through(exact.Mul, d, o)
}

// quo divides to 28 significant digits and drops trailing zeros; the divisor is not zero.
func (d decimal) quo(o decimal) (decimal, bool) {
	if d.big == nil && o.big == nil && d.e == o.e && o.c != 0 && d.c%o.c == 0 {
		return decimal{c: d.c / o.c}, true
	}
	q, ok := through(division.Quo, d, o)
	return q.reduced(), ok
}

// div is the whole part of the quotient, mod what is left.
func (d decimal) div(o decimal) (decimal, bool) { return through(exact.QuoInteger, d, o) }
func (d decimal) mod(o decimal) (decimal, bool) { return through(exact.Rem, d, o) }

func through(op func(d, x, y *apd.Decimal) (apd.Condition, error), a, b decimal) (decimal, bool) {
	out := new(apd.Decimal)
	cond, err := op(out, a.apd(), b.apd())
	if err != nil || out.Form != apd.Finite || cond.Overflow() || cond.DivisionImpossible() || cond.InvalidOperation() {
		return decimal{}, false
	}
	return small(out), true
}

func (d decimal) cmp(o decimal) int {
	if d.big == nil && o.big == nil {
		e := min(d.e, o.e)
		a, ok1 := d.scaled(e)
		b, ok2 := o.scaled(e)
		if ok1 && ok2 {
			switch {
			case a < b:
				return -1
			case a > b:
				return 1
			}
			return 0
		}
	}
	return d.apd().Cmp(o.apd())
}

// reduced drops trailing zeros after the point.
func (d decimal) reduced() decimal {
	if d.big != nil {
		r, _ := new(apd.Decimal).Reduce(d.big)
		if r.Exponent > 0 {
			return small(new(apd.Decimal).Set(d.big)).rescaled(0)
		}
		return small(r)
	}
	for d.e < 0 && d.c%10 == 0 {
		d.c, d.e = d.c/10, d.e+1
	}
	return d
}

func (d decimal) rescaled(e int32) decimal {
	r, _ := d.round(-e, apd.RoundHalfUp)
	return r
}

// round brings the number to so many places after the point.
func (d decimal) round(places int32, how apd.Rounder) (decimal, bool) {
	if d.big == nil && d.e >= -places {
		if c, ok := d.scaled(-places); ok && places >= 0 {
			return decimal{c: c, e: -places}, true
		}
	}
	ctx := apd.Context{Precision: 2 * maxDigits, MaxExponent: 4 * maxExponent, MinExponent: -4 * maxExponent, Rounding: how}
	out := new(apd.Decimal)
	if _, err := ctx.Quantize(out, d.apd(), -places); err != nil || out.Form != apd.Finite {
		return decimal{}, false
	}
	return small(out), true
}

// places is the number of digits after the point as written.
func (d decimal) places() int32 {
	e := d.e
	if d.big != nil {
		e = d.big.Exponent
	}
	return max(0, -e)
}

// int64 is the value where it is whole and fits.
func (d decimal) int64() (int64, bool) {
	r := d.reduced()
	if r.big != nil || r.e < 0 {
		return 0, false
	}
	return r.scaled(0)
}

// String writes the number in full, without an exponent.
func (d decimal) String() string {
	if d.big != nil {
		return d.big.Text('f')
	}
	if d.e == 0 {
		return strconv.FormatInt(d.c, 10)
	}
	digits := strconv.FormatUint(uint64(abs64(d.c)), 10)
	sign := ""
	if d.c < 0 {
		sign = "-"
	}
	if d.e > 0 {
		if d.c == 0 {
			return "0"
		}
		return sign + digits + strings.Repeat("0", int(d.e))
	}
	places := int(-d.e)
	if len(digits) <= places {
		digits = strings.Repeat("0", places-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// key is a text that is the same for equal numbers.
func (d decimal) key() string { return d.reduced().String() }
