package fhirpath

import (
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

// The fast form of a number counts as apd does, and keeps the digits it was written with.
func TestDecimalCountsAsAPD(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,12})?`)
	rapid.Check(t, func(t *rapid.T) {
		s, u := number.Draw(t, "a"), number.Draw(t, "b")
		a, ok1 := parseDecimal(s)
		b, ok2 := parseDecimal(u)
		x, _, err1 := apd.NewFromString(s)
		y, _, err2 := apd.NewFromString(u)
		if !ok1 || !ok2 || err1 != nil || err2 != nil {
			t.Fatal(s, u)
		}
		if got := a.String(); got != s && got != strings.TrimPrefix(s, "-") { // -0 is 0
			t.Fatalf("%s is written as %s", s, got)
		}
		if a.cmp(b) != x.Cmp(y) {
			t.Fatalf("%s against %s: %d", s, u, a.cmp(b))
		}
		want := new(apd.Decimal)
		for name, pair := range map[string]struct {
			got decimal
			op  func(d, x, y *apd.Decimal) (apd.Condition, error)
		}{"+": {must(a.add(b)), exact.Add}, "-": {must(a.sub(b)), exact.Sub}, "*": {must(a.mul(b)), exact.Mul}} {
			if _, err := pair.op(want, x, y); err != nil {
				t.Fatal(err)
			}
			if pair.got.apd().Cmp(want) != 0 || want.Exponent != -pair.got.places() && pair.got.places() > 0 {
				t.Fatalf("%s %s %s gives %s, not %s", s, name, u, pair.got, want)
			}
		}
		places := rapid.Int32Range(0, 6).Draw(t, "places")
		r, ok := a.round(places, apd.RoundHalfUp)
		if _, err := exact.Quantize(want, x, -places); err != nil || !ok || r.apd().Cmp(want) != 0 {
			t.Fatalf("%s to %d places gives %s, not %s", s, places, r, want)
		}
		if back, ok := parseDecimal(a.reduced().String()); !ok || back.cmp(a) != 0 || back.key() != a.key() {
			t.Fatalf("%s is reduced to %s", s, a.reduced())
		}
	})
}

func must(d decimal, ok bool) decimal {
	if !ok {
		panic("a number was lost")
	}
	return d
}

// Adding a duration and taking it away again leads back, unless the day was cut to the end of a shorter month.
func TestDatesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`).Draw(t, "date")
		d, ok := parseTemporal(date, KindDate)
		if !ok || d.String() != date {
			t.Fatalf("%s is written as %s", date, d)
		}
		n := integer(rapid.Int64Range(-2000, 2000).Draw(t, "n"))
		unit := rapid.SampledFrom([]string{"day", "week", "month", "d", "wk"}).Draw(t, "unit")
		there, err := d.add(n, unit, false)
		if err != nil {
			t.Fatal(err)
		}
		back, err := there.add(n.neg(), unit, false)
		if err != nil || back != d {
			t.Fatalf("%s + %s %s is %s, and back %s", date, n, unit, there, back)
		}
		order, known := d.compare(there)
		if !known || order != -n.sign() {
			t.Fatalf("%s against %s: %d", date, there, order)
		}
	})
}

// FuzzUnit holds that no unit makes the parser fail, and that converting there and back changes nothing.
func FuzzUnit(f *testing.F) {
	for _, s := range []string{"mg", "mm[Hg]", "10*3/uL", "kg.m2/s2", "{cells}/L", "(m.s)/h", "Cel", "[degF]", "m-1", "mmol/L", "%", "a", "'wk'", "cm2{x}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		u, ok := parseUnit(code)
		if !ok {
			return
		}
		for _, n := range []decimal{integer(1), {c: 25, e: -1}} {
			if same, ok := u.convert(n, u); !ok || same.cmp(n) != 0 {
				t.Fatalf("%s %s in itself is %s", n, code, same)
			}
		}
		terms := map[string]int{}
		if unitTerms(code, 1, terms) {
			joined, ok := parseUnit(joinTerms(terms))
			if !ok || joined.dims != u.dims {
				t.Fatalf("%s is written as %s, which is not the same", code, joinTerms(terms))
			}
		}
	})
}
