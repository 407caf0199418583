package redcap

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// value is what a piece of logic gives in REDCap, where everything is a text that may be blank. The oracle below works
// logic out directly, in the way its help pages tell it, and shares no code with the translation.
type value struct {
	s       string // as written
	n       *big.Rat
	written bool // in the logic itself
	code    bool // of a choice
}

func numberValue(n *big.Rat) value {
	if n == nil {
		return value{}
	}
	return value{s: n.FloatString(12), n: n}
}

func truthValue(b bool) value {
	if b {
		return numberValue(big.NewRat(1, 1))
	}
	return numberValue(new(big.Rat))
}

func (v value) blank() bool { return v.s == "" && v.n == nil }

// rat is the value as a number, nil where it is none.
func (v value) rat() *big.Rat {
	if v.n != nil {
		return v.n
	}
	if n, ok := signedNumber(v.s); ok {
		r, _ := new(big.Rat).SetString(n)
		return r
	}
	return nil
}

func (v value) true() bool {
	if r := v.rat(); r != nil && (v.n != nil || v.written) {
		return r.Sign() != 0
	}
	return v.s != "" && v.s != "0"
}

type oracle struct {
	d     *dictionary
	given answers
}

func (o oracle) eval(l logic) value {
	switch x := l.(type) {
	case numberLit:
		r, _ := new(big.Rat).SetString(x.text)
		return value{s: x.text, n: r, written: true}
	case textLit:
		return value{s: x.value, written: true}
	case boolLit:
		return truthValue(x.value)
	case ref:
		return o.field(x)
	case unary:
		v := o.eval(x.x)
		if x.op == "not" {
			return truthValue(!v.true())
		}
		if r := v.rat(); r != nil {
			return numberValue(new(big.Rat).Neg(r))
		}
		return value{}
	case call:
		return o.call(x)
	case binary:
		a, b := o.eval(x.x), o.eval(x.y)
		switch x.op {
		case "and":
			return truthValue(a.true() && b.true())
		case "or":
			return truthValue(a.true() || b.true())
		case "=":
			return truthValue(equalValues(a, b))
		case "<>":
			return truthValue(!equalValues(a, b))
		case "<", ">", "<=", ">=":
			return truthValue(ordered(x.op, a, b))
		}
		return arithmetic(x.op, a.rat(), b.rat())
	}
	panic("no such logic")
}

func (o oracle) field(r ref) value {
	f := o.d.byName[r.name]
	v := o.given[r.name]
	switch f.kind() {
	case kindBoolean:
		for code := range strings.FieldsSeq(v) {
			if code == r.code {
				return truthValue(true)
			}
		}
		return truthValue(false)
	case kindNumber, kindFlag:
		if v == "" {
			return value{}
		}
		n, _ := new(big.Rat).SetString(v)
		return numberValue(n)
	}
	return value{s: v, code: f.kind() == kindCode}
}

func equalValues(a, b value) bool {
	if a.blank() || b.blank() {
		return a.blank() && b.blank()
	}
	x, y := a.rat(), b.rat()
	if x != nil && y != nil && (a.n != nil || b.n != nil || (a.code || b.code) && (a.written || b.written)) {
		return x.Cmp(y) == 0
	}
	return a.s == b.s && a.n == nil && b.n == nil
}

func ordered(op string, a, b value) bool {
	if a.blank() || b.blank() {
		return false
	}
	x, y := a.rat(), b.rat()
	plain := func(v value) bool { return v.n == nil && !v.code && !(v.written && v.rat() != nil) }
	order := 0
	switch {
	case x != nil && y != nil && !(a.written && plain(a)) && !(b.written && plain(b)):
		order = x.Cmp(y)
	case plain(a) && plain(b):
		order = strings.Compare(a.s, b.s)
	default:
		return false // a number beside what is none
	}
	return order < 0 && op[0] == '<' || order > 0 && op[0] == '>' || order == 0 && len(op) == 2
}

func arithmetic(op string, a, b *big.Rat) value {
	if a == nil || b == nil || op == "/" && b.Sign() == 0 {
		return value{}
	}
	out := new(big.Rat)
	switch op {
	case "+":
		out.Add(a, b)
	case "-":
		out.Sub(a, b)
	case "*":
		out.Mul(a, b)
	case "/":
		out.Quo(a, b)
	}
	return numberValue(out)
}

func (o oracle) call(c call) value {
	if c.name == "if" {
		if o.eval(c.args[0]).true() {
			return o.eval(c.args[1])
		}
		return o.eval(c.args[2])
	}
	var list []*big.Rat
	for _, a := range c.args {
		if r := o.eval(a).rat(); r != nil {
			list = append(list, r)
		}
	}
	total := new(big.Rat)
	for _, r := range list {
		total.Add(total, r)
	}
	switch {
	case c.name == "sum":
		return numberValue(total)
	case len(list) == 0:
		return value{}
	case c.name == "mean":
		return numberValue(total.Quo(total, big.NewRat(int64(len(list)), 1)))
	case c.name == "abs":
		return numberValue(new(big.Rat).Abs(list[0]))
	}
	best := list[0]
	for _, r := range list {
		if r.Cmp(best)*map[string]int{"max": 1, "min": -1}[c.name] > 0 {
			best = r
		}
	}
	return numberValue(best)
}

func drawSimple(t *rapid.T, depth int, condition bool) logic {
	leaf := func() logic {
		return rapid.SampledFrom([]logic{ref{name: "age"}, ref{name: "weight"}, ref{name: "pain"}, ref{name: "name"}, ref{name: "note"}, ref{name: "sex"}, ref{name: "smoker"}, ref{name: "able"},
			ref{name: "signs", code: "1"}, ref{name: "signs", code: "2"}, numberLit{"0"}, numberLit{"1"}, numberLit{"2.5"}, numberLit{"-3"}, textLit{""}, textLit{"1"}, textLit{"10"}, textLit{"x"}, textLit{"b"}}).Draw(t, "leaf")
	}
	if depth == 0 && !condition {
		return leaf()
	}
	down := max(depth-1, 0)
	shape := rapid.IntRange(0, 4).Draw(t, "shape")
	switch {
	case condition && (shape < 2 || depth == 0):
		return binary{rapid.SampledFrom([]string{"=", "<>", "<", ">", "<=", ">="}).Draw(t, "compare"), drawSimple(t, down, false), drawSimple(t, 0, false)}
	case condition && shape == 2:
		return unary{"not", drawSimple(t, down, true)}
	case condition:
		return binary{rapid.SampledFrom([]string{"and", "or"}).Draw(t, "join"), drawSimple(t, down, true), drawSimple(t, down, true)}
	case shape < 2:
		return binary{rapid.SampledFrom([]string{"+", "-", "*"}).Draw(t, "sign"), drawSimple(t, down, false), drawSimple(t, down, false)}
	case shape == 2:
		number := func() logic { return binary{"+", drawSimple(t, 0, false), numberLit{"0"}} } // of one type, so that = means one thing
		return call{"if", []logic{drawSimple(t, down, true), number(), number()}}
	case shape == 3:
		return call{rapid.SampledFrom([]string{"sum", "mean", "min", "max"}).Draw(t, "function"), []logic{drawSimple(t, down, false), drawSimple(t, down, false)}}
	}
	return call{"abs", []logic{drawSimple(t, down, false)}}
}

func drawAnswers(t *rapid.T) answers {
	a := answers{}
	some := func(field string, values ...string) {
		if v := rapid.SampledFrom(append(values, "")).Draw(t, field); v != "" {
			a[field] = v
		}
	}
	some("age", "0", "1", "10", "-3")
	some("weight", "0.0", "2.5", "1", "10.0")
	some("pain", "1", "10")
	some("name", "b", "x", "1", "10", "0", "2.50")
	some("note", "b", "1", "10.0", "zebra")
	some("sex", "1", "2", "10", "x")
	some("signs", "1", "2", "1 2")
	some("smoker", "0", "1")
	some("able", "0", "1")
	return a
}

// Logic translated to FHIRPath gives what REDCap gives, whatever the logic and whatever is answered.
func TestTranslationAgreesWithTheOracle(t *testing.T) {
	d := testDictionary(t)
	rapid.Check(t, func(rt *rapid.T) {
		l, given := drawSimple(rt, 3, true), drawAnswers(rt)
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		src, err := tr.condition(l)
		if err != nil {
			rt.Fatalf("%s: %v", printLogic(l), err)
		}
		want := "false"
		if (oracle{d, given}).eval(l).true() {
			want = "true"
		}
		got := evaluate(t, d, src, "main", nil, given.response(t, d), 0)
		if got == "" {
			got = "false"
		}
		if got != want {
			rt.Fatalf("%s with %v is %s, and REDCap says %s\n%s", printLogic(l), given, got, want, src)
		}
		parsed, err := parseLogic(printLogic(l))
		if again, err2 := tr.condition(parsed); err != nil || err2 != nil || again != src {
			rt.Fatalf("%s reads as something else: %v %v\n%s\n%s", printLogic(l), err, err2, src, again)
		}
		if list, behavior, ok := d.enableWhen(d.fields[len(d.fields)-1], l); ok {
			if held := holds(list, behavior, d, given); held != (want == "true") {
				rt.Fatalf("%s with %v: enableWhen %s %s says %v", printLogic(l), given, quiet(list), behavior, held)
			}
		}
	})
}
