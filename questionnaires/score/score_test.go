package score

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
	"kindred/internal/locale"
)

// define writes the extension from short parts: "sum", "none", "a b -c 2*d" (reversed, factor), further parts as JSON.
func define(method, missing, items string, more ...string) string {
	parts := []string{`{"url":"version","valueString":"1.0"}`, fmt.Sprintf(`{"url":"method","valueCode":%q}`, method), fmt.Sprintf(`{"url":"missing","valueCode":%q}`, missing)}
	for _, i := range strings.Fields(items) {
		sub := ""
		if f, rest, ok := strings.Cut(i, "*"); ok {
			sub, i = fmt.Sprintf(`,{"url":"factor","valueDecimal":%s}`, f), rest
		}
		if rest, ok := strings.CutPrefix(i, "-"); ok {
			sub, i = sub+`,{"url":"reversed","valueBoolean":true}`, rest
		}
		parts = append(parts, fmt.Sprintf(`{"url":"item","extension":[{"url":"linkId","valueString":%q}%s]}`, i, sub))
	}
	return `{"url":"` + URL + `","extension":[` + strings.Join(append(parts, more...), ",") + `]}`
}

func parsed(tb interface {
	Helper()
	Fatal(...any)
}, text string) (*Definition, fault.List) {
	tb.Helper()
	doc, err := jsonscan.Parse([]byte(text), jsonscan.Default)
	if err != nil {
		tb.Fatal(err)
	}
	return Parse(doc.Root())
}

// fivePoint is a question with weights 0 to 4.
func fivePoint(string) (Question, bool) { return Question{Low: "0", High: "4", Weighted: true}, true }

func answers(text string) func(string) (string, bool) {
	m := map[string]string{}
	for _, a := range strings.Fields(text) {
		link, v, _ := strings.Cut(a, "=")
		m[link] = v
	}
	return func(link string) (string, bool) { v, ok := m[link]; return v, ok }
}

func TestCompute(t *testing.T) {
	atLeast := func(n int) string { return fmt.Sprintf(`{"url":"atLeast","valueInteger":%d}`, n) }
	hundred := `{"url":"scale","extension":[{"url":"from","valueDecimal":0},{"url":"to","valueDecimal":100},{"url":"low","valueDecimal":0},{"url":"high","valueDecimal":12}]}`
	row := func(raw, score, deviation string) string {
		return fmt.Sprintf(`{"url":"row","extension":[{"url":"raw","valueDecimal":%s},{"url":"score","valueDecimal":%s},{"url":"error","valueDecimal":%s}]}`, raw, score, deviation)
	}
	for _, c := range []struct{ name, def, in, want string }{ // want: value, standard error; "" for no score
		{"sum", define("sum", "none", "a b c"), "a=1 b=2 c=4", "7"},
		{"sum, one missing", define("sum", "none", "a b c"), "a=1 b=2", ""},
		{"nothing answered", define("sum", "available", "a b c"), "", ""},
		{"available", define("sum", "available", "a b c"), "a=1 b=2", "3"},
		{"reversed", define("sum", "none", "a -b"), "a=1 b=1", "4"},
		{"factor", define("sum", "none", "2*a 0.5*b"), "a=1 b=3", "3.5"},
		{"factor and reversed", define("sum", "none", "2*-a"), "a=1", "6"},
		{"mean", define("mean", "available", "a b c", atLeast(2)), "a=1 b=2", "1.5"},
		{"mean rounds half up", define("mean", "none", "a b c"), "a=1 b=1 c=0", "0.67"},
		{"mean, too few", define("mean", "available", "a b c", atLeast(2)), "a=1", ""},
		{"prorated", define("sum", "prorate", "a b c", atLeast(2)), "a=1 b=2", "4.5"},
		{"prorated with all", define("sum", "prorate", "a b c", atLeast(2)), "a=1 b=2 c=2", "5"},
		{"min", define("min", "none", "a b c"), "a=3 b=1 c=2", "1"},
		{"max", define("max", "none", "a b c"), "a=3 b=1 c=2", "3"},
		{"scale", define("sum", "none", "a b c", hundred, `{"url":"decimals","valueInteger":1}`), "a=1 b=1 c=2", "33.3"},
		{"decimals", define("mean", "none", "a b c", `{"url":"decimals","valueInteger":0}`), "a=1 b=2 c=2", "2"},
		{"tens stay plain", define("sum", "none", "10*a"), "a=4", "40"},
		{"look-up", define("sum", "none", "a b", row("3", "51.2", "2.9"), row("4.0", "55", "3.10")), "a=2 b=2", "55 3.10"},
		{"look-up by value, not text", define("sum", "none", "a b", row("3.00", "51.20", "2.9"), row("4", "55", "3")), "a=1.0 b=2", "51.20 2.9"},
		{"not in the table", define("sum", "none", "a b", row("3", "51.2", "2.9")), "a=0 b=0", ""},
		{"exact decimals", define("sum", "none", "a b"), "a=0.1 b=0.2", "0.3"},
		{"not a number", define("sum", "none", "a"), "a=x", ""},
	} {
		d, faults := parsed(t, c.def)
		if faults = append(faults, d.Settle("score", fivePoint)...); len(faults) > 0 {
			t.Errorf("%s: %v", c.name, faults)
			continue
		}
		r, ok := d.Compute(answers(c.in))
		if got := strings.TrimSpace(r.Value + " " + r.Error); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDefinitionFaults(t *testing.T) {
	none := func(string) (Question, bool) { return Question{}, false }
	unweighted := func(string) (Question, bool) { return Question{}, true }
	unbounded := func(string) (Question, bool) { return Question{Weighted: true}, true }
	for _, c := range []struct {
		def  string
		ask  func(string) (Question, bool)
		want string
	}{
		{`{"url":"x"}`, fivePoint, "score.missing score.missing score.missing"},
		{define("total", "none", "a"), fivePoint, "score.value"},
		{define("mean", "prorate", "a"), fivePoint, "score.prorate"},
		{define("sum", "none", "a a"), fivePoint, "score.twice"},
		{define("sum", "none", "a b", `{"url":"atLeast","valueInteger":3}`), fivePoint, "score.value"},
		{define("sum", "none", "a b", `{"url":"atLeast","valueInteger":1}`), fivePoint, "score.value"},
		{define("sum", "none", "a", `{"url":"colour","valueString":"red"}`), fivePoint, "score.part"},
		{define("sum", "none", "a", `{"url":"scale","extension":[]}`), fivePoint, "score.missing"},
		{define("sum", "none", "a", `{"url":"row","extension":[{"url":"raw","valueDecimal":1},{"url":"score","valueDecimal":1}]},{"url":"row","extension":[{"url":"raw","valueDecimal":1.0},{"url":"score","valueDecimal":2}]}`), fivePoint, "score.row_twice"},
		{define("sum", "none", "a"), none, "score.item"},
		{define("sum", "none", "a"), unweighted, "score.weights"},
		{define("sum", "none", "-a"), unbounded, "score.reverse"},
		{define("sum", "none", "score"), fivePoint, "score.self"},
	} {
		d, faults := parsed(t, c.def)
		faults = append(faults, d.Settle("score", c.ask)...)
		var keys []string
		for _, f := range faults {
			keys = append(keys, f.Key)
			if !locale.Has(f.Key) {
				t.Errorf("no message %s", f.Key)
			}
		}
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.def, got, c.want)
		}
	}
}

// A sum and a mean over any answers are those of rational arithmetic, and no order of definition changes them.
func TestAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "items")
		var items, given []string
		sum, count := new(big.Rat), 0
		for i := range n {
			link := fmt.Sprintf("q%d", i)
			w := rapid.IntRange(0, 40).Draw(t, "tenths")
			reversed := rapid.Bool().Draw(t, "reversed")
			if rapid.IntRange(0, 3).Draw(t, "skip") == 0 {
				items = append(items, link)
				continue
			}
			value := big.NewRat(int64(w), 10)
			given = append(given, fmt.Sprintf("%s=%d.%d", link, w/10, w%10))
			if reversed {
				link = "-" + link
				value.Sub(big.NewRat(4, 1), value)
			}
			items = append(items, link)
			sum.Add(sum, value)
			count++
		}
		method := rapid.SampledFrom([]string{"sum", "mean"}).Draw(t, "method")
		shuffled := rapid.Permutation(items).Draw(t, "order")
		d, _ := parsed(t, define(method, "available", strings.Join(shuffled, " "), `{"url":"decimals","valueInteger":6}`))
		d.Settle("score", fivePoint)
		r, ok := d.Compute(answers(strings.Join(given, " ")))
		if ok != (count > 0) {
			t.Fatalf("a score of %d answers: %v", count, ok)
		}
		if !ok {
			return
		}
		if method == "mean" {
			sum.Quo(sum, big.NewRat(int64(count), 1))
		}
		got, _ := new(big.Rat).SetString(r.Value)
		if off := new(big.Rat).Sub(got, sum); off.Abs(off).Cmp(big.NewRat(1, 2_000_000)) > 0 {
			t.Fatalf("%s of %v = %s, want %s", method, given, r.Value, sum.FloatString(8))
		}
	})
}

// Whatever extension comes in, parsing answers with a definition that can be asked, or with faults.
func FuzzParse(f *testing.F) {
	f.Add([]byte(define("sum", "prorate", "a -b 2*c")), "1", "2.5")
	f.Fuzz(func(t *testing.T, raw []byte, a, b string) {
		doc, err := jsonscan.Parse(raw, jsonscan.Default)
		if err != nil {
			return
		}
		d, faults := Parse(doc.Root())
		if len(faults) > 0 || len(d.Settle("score", fivePoint)) > 0 {
			return
		}
		r, ok := d.Compute(func(link string) (string, bool) {
			if len(link)%2 == 0 {
				return a, a != ""
			}
			return b, b != ""
		})
		if ok && number(r.Value) == nil && len(r.Value) <= 30 {
			t.Fatalf("a score that is no number: %q", r.Value)
		}
	})
}
