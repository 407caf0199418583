package score

import (
	"github.com/cockroachdb/apd/v3"
)

// digits is the precision of intermediate results; bounded inputs cannot exceed it.
const digits = 80

// Result is a score that exists.
type Result struct {
	Value    string // decimal text
	Error    string // standard error, "" where the definition has none
	Answered int    // items with an answer
	Prorated bool   // a missing answer was made up for
}

// Compute gives the score of answers; weight tells the number of an item's answer, and false where it has none. There
// is no score, and ok is false, where the rule for missing answers is not met, where the look-up table does not have the
// raw value, or where a number has no place in 80 digits.
func (d *Definition) Compute(weight func(link string) (number string, answered bool)) (r Result, ok bool) {
	c := apd.BaseContext.WithPrecision(digits)
	c.Rounding = apd.RoundHalfUp
	var values []*apd.Decimal
	for i := range d.terms {
		text, answered := weight(d.terms[i].link)
		if !answered {
			continue
		}
		v := d.terms[i].value(c, text)
		if v == nil {
			return Result{}, false
		}
		values = append(values, v)
	}
	if len(values) < d.atLeast || len(values) == 0 {
		return Result{}, false
	}
	r.Answered, r.Prorated = len(values), d.missing == "prorate" && len(values) < len(d.terms)
	raw, err := d.raw(c, values)
	if err == nil && d.scale != nil {
		raw, err = d.scale.move(c, raw)
	}
	if err != nil {
		return Result{}, false
	}
	if len(d.rows) > 0 {
		// A table is entered with the raw value as its authors printed it: rounded like the score.
		found, in := d.rows[reduced(rounded(c, raw, d.decimals))]
		if !in {
			return Result{}, false
		}
		r.Value, r.Error = found.score, found.deviation
		return r, true
	}
	r.Value = rounded(c, raw, d.decimals).Text('f')
	return r, true
}

// value is what one answer counts.
func (t *term) value(c *apd.Context, text string) *apd.Decimal {
	v := number(text)
	if v == nil {
		return nil
	}
	if t.reversed {
		if t.ends == nil {
			return nil
		}
		if _, err := c.Sub(v, t.ends, v); err != nil {
			return nil
		}
	}
	if t.factor != nil {
		if _, err := c.Mul(v, v, t.factor); err != nil {
			return nil
		}
	}
	return v
}

func (d *Definition) raw(c *apd.Context, values []*apd.Decimal) (*apd.Decimal, error) {
	out := new(apd.Decimal).Set(values[0])
	for _, v := range values[1:] {
		switch d.method {
		case "min", "max":
			if (v.Cmp(out) < 0) == (d.method == "min") {
				out.Set(v)
			}
		default:
			if _, err := c.Add(out, out, v); err != nil {
				return nil, err
			}
		}
	}
	n := apd.New(int64(len(values)), 0)
	switch {
	case d.method == "mean":
		_, err := c.Quo(out, out, n)
		return out, err
	case d.method == "sum" && d.missing == "prorate" && len(values) < len(d.terms):
		if _, err := c.Mul(out, out, apd.New(int64(len(d.terms)), 0)); err != nil {
			return nil, err
		}
		_, err := c.Quo(out, out, n)
		return out, err
	}
	return out, nil
}

// move takes v from low..high to from..to.
func (s *scale) move(c *apd.Context, v *apd.Decimal) (*apd.Decimal, error) {
	span, width, out := new(apd.Decimal), new(apd.Decimal), new(apd.Decimal)
	e := apd.MakeErrDecimal(c)
	e.Sub(span, s.to, s.from)
	e.Sub(width, s.high, s.low)
	e.Sub(out, v, s.low)
	e.Mul(out, out, span)
	e.Quo(out, out, width)
	e.Add(out, out, s.from)
	return out, e.Err()
}

// rounded gives at most the wanted decimals; what needs fewer keeps them.
func rounded(c *apd.Context, v *apd.Decimal, decimals int) *apd.Decimal {
	out := new(apd.Decimal)
	if _, err := c.Quantize(out, v, -int32(decimals)); err != nil { //nolint:gosec // 0 to 10
		return v
	}
	out.Reduce(out)
	if out.Exponent > 0 {
		exact(c.Quantize(out, out, 0))
	}
	return out
}

// number reads a decimal within bounds that keep all arithmetic exact; nil for anything else.
func number(text string) *apd.Decimal {
	if text == "" || len(text) > 30 {
		return nil
	}
	v, _, err := apd.NewFromString(text)
	if err != nil || v.Form != apd.Finite || v.Exponent < -15 || v.Exponent > 10 {
		return nil
	}
	return v
}

// reduced writes a number so that equal numbers have equal text.
func reduced(v *apd.Decimal) string {
	out, _ := new(apd.Decimal).Reduce(v)
	return out.Text('f')
}

// exact says that an operation cannot fail for numbers that number let through.
func exact(_ apd.Condition, err error) {
	if err != nil {
		panic("score: " + err.Error())
	}
}
