package xlsform

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

// packed makes a workbook of rows, quickly.
func packed(tb testing.TB, sheets cells) []byte {
	tb.Helper()
	parts := frame()
	for i, name := range []string{"survey", "choices", "settings"} {
		rows := sheets[name]
		if len(rows) == 0 {
			rows = [][]string{{}}
		}
		parts = append(parts, part{"xl/worksheets/sheet" + itoa(i+1) + ".xml", worksheet(rows)})
	}
	raw, err := pack(parts)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// drawn makes random forms. Its expressions name questions that are there, of any type, so that many cannot be
// translated: what is dropped must be dropped the same way twice.
type drawn struct {
	t     *rapid.T
	names []string
}

func (d *drawn) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.t, label)
}

func (d *drawn) name() string { return "${" + rapid.SampledFrom(d.names).Draw(d.t, "ref") + "}" }

// numbers, texts, truths and dates are the shapes of expressions; N S B D stand for further ones, R for a reference.
var shapes = map[string][]string{
	"N": {"R", "1", "0", "2.5", "-3", "(N) + (N)", "(N) - (N)", "(N) * (N)", "(N) div (N)", "(N) mod (N)", "-(N)", "round(N)", "round(N, 2)", "int(N)", "floor(N)", "ceiling(N)", "abs(N)",
		"pow(N, 2)", "sqrt(N)", "if(B, N, N)", "if(B, N, '')", "coalesce(N, N)", "sum(R)", "min(R)", "max(R)", "max(N, N)", "min(N, N, N)", "count(R)", "count-selected(R)", "count-non-empty(R)", "string-length(S)",
		"number(S)", "(D) - (D)", "decimal-date-time(D)", "number(B)", "int(((D) - (D)) div 365.25)", "number(R)"},
	"S": {"R", "'a'", "'red'", "''", `"it's"`, "concat(S, S)", "concat(S, ' ', S, N)", "string(N)", "if(B, S, S)", "coalesce(S, S)", "substr(S, 1, 3)", "substr(S, N, N)", "substring(S, 2)", "substring(S, N, 2)",
		"upper-case(S)", "lower-case(S)", "normalize-space(S)", "translate(S, 'ab', 'xy')", "substring-before(S, '-')", "substring-after(S, 'x')", "join(', ', S, S)", "join('-', R)", "selected-at(R, 0)",
		"jr:choice-name(R, 'R')", "format-date(D, '%Y-%m')", "format-date(D, '%e')", "indexed-repeat(R, R, 2)", "indexed-repeat(R, R, N)", "string(D)", "string(R)", "string(B)"},
	"B": {"R", "true()", "false()", "R = S", "R != S", "(S) = (S)", "(N) = (N)", "(N) > (N)", "(N) <= (N)", "R > N", "R = N", "R = ''", "R != ''", "selected(R, 'red')", "selected(R, S)", "not(selected(R, 'a'))", "not(B)",
		"(B) and (B)", "(B) or (B)", "B and B", "B or B", "(D) < (D)", "(D) = (D)", "R < today()", "contains(S, S)", "starts-with(S, 'a')", "ends-with(S, S)", "regex(S, '[a-z]+')", "boolean(S)", "boolean(N)", "(B) = (B)",
		"R = R", "R != R", "R = 'OK'", "boolean-from-string(S)", "(S) = ''", "R = 'other'", "(N) != (N)", "R = D"},
	"D": {"R", "today()", "date('2020-02-29')", "(D) + N", "(D) - 7", "(D) + 1", "if(B, D, D)", "date(R)", "coalesce(D, D)", "date(S)"},
}

// grow draws an expression of a shape.
func (d *drawn) grow(shape string, depth int) string {
	var sb strings.Builder
	ref := ""
	quoted := false
	for _, r := range shape {
		letter := string(r)
		switch {
		case letter == "R" && quoted:
			sb.WriteString(ref)
		case letter == "R":
			ref = d.name()
			sb.WriteString(ref)
		case shapes[letter] != nil && !quoted:
			from := shapes[letter]
			if depth <= 0 {
				from = from[:min(3, len(from))]
			}
			sb.WriteString(d.grow(rapid.SampledFrom(from).Draw(d.t, letter), depth-1))
		default:
			if letter == "'" || letter == `"` && !quoted {
				quoted = !quoted
			}
			sb.WriteString(letter)
		}
	}
	return sb.String()
}

func (d *drawn) xpath(kind string) string {
	return d.grow(kind, rapid.IntRange(0, 3).Draw(d.t, "depth"))
}

var questionTypes = []string{"text", "integer", "decimal", "date", "time", "datetime", "select_one colours", "select_multiple colours", "select_one colours or_other", "select_one sizes", "select_one yes_no_boolean",
	"acknowledge", "image", "calculate", "note", "hidden", "range", "geopoint", "percentage", "phone number", "barcode", "rank colours", "today", "start", "file"}

// form draws a whole form. Names are drawn first, so that expressions can look forwards and backwards.
func (d *drawn) form() cells {
	head := []string{"type", "name", "label", "label::Español (es)", "label::Français (fr)", "hint", "hint::Français (fr)", "guidance_hint", "required", "relevant", "constraint", "constraint_message",
		"calculation", "default", "readonly", "appearance", "parameters", "choice_filter", "repeat_count"}
	column := map[string]int{}
	for i, h := range head {
		column[h] = i
	}
	n := rapid.IntRange(1, 9).Draw(d.t, "rows")
	type planned struct{ kind, name string }
	var plan []planned
	var open []string
	for i := range n {
		kind := rapid.SampledFrom(append([]string{"begin group", "begin repeat", "begin repeat", "end", "end"}, questionTypes...)).Draw(d.t, "type")
		name := "q" + strconv.Itoa(i)
		if kind == "end" {
			if len(open) == 0 {
				continue
			}
			plan = append(plan, planned{strings.Replace(open[len(open)-1], "begin", "end", 1), ""})
			open = open[:len(open)-1]
			continue
		}
		if strings.HasPrefix(kind, "begin") {
			open = append(open, kind)
		}
		d.names = append(d.names, name)
		plan = append(plan, planned{kind, name})
	}
	d.names = append(d.names, "last")
	plan = append(plan, planned{"text", "last"})
	for i := len(open) - 1; i >= 0; i-- {
		plan = append(plan, planned{strings.Replace(open[i], "begin", "end", 1), ""})
	}
	rows := [][]string{head}
	index := -1
	for _, p := range plan {
		row := make([]string, len(head))
		row[0], row[1] = p.kind, p.name
		if p.name != "" {
			index++
			d.fill(p.kind, index, func(name, text string) { row[column[name]] = text })
		}
		rows = append(rows, row)
	}
	return cells{"survey": rows, "choices": {
		{"list_name", "name", "label", "label::Français (fr)", "of"},
		{"colours", "red", "Red", "Rouge", "a"}, {"colours", "a", "A", "", "b"}, {"colours", "x", "X", "", ""}, {"sizes", "1", "Small", "", "red"}, {"sizes", "2", "Large", "", "red"},
		{"yes_no_boolean", "true", "Yes"}, {"yes_no_boolean", "false", "No"},
	}, "settings": {{"form_title", "form_id"}, {"T", "drawn"}}}
}

func (d *drawn) fill(kind string, index int, set func(column, text string)) {
	maybe := func(chance int) bool { return rapid.IntRange(0, 9).Draw(d.t, "maybe") < chance }
	set("label", d.pick("label", "A", "B & <c>", "Say “x”", "Hello "+d.name()+"!", d.name()))
	for _, c := range []string{"label::Español (es)", "label::Français (fr)", "hint", "hint::Français (fr)", "guidance_hint"} {
		if maybe(2) {
			set(c, c+" text")
		}
	}
	if maybe(4) {
		set("relevant", d.xpath("B"))
	}
	if strings.HasPrefix(kind, "begin") {
		if maybe(2) {
			set("repeat_count", "3")
		}
		if maybe(2) {
			set("appearance", d.pick("look", "field-list", "table-list"))
		}
		return
	}
	if maybe(3) {
		set("required", d.pick("required", "yes", "no", d.xpath("B")))
	}
	if maybe(4) {
		set("constraint", d.pick("constraint", ". >= 0 and . <= 10", ". > 1", "regex(., 'a+')", "string-length(.) <= 5", ". != ''", ". = 'a' or . = 'b'", ". < today()", "(. > 1) and "+d.xpath("B"), d.xpath("B"),
			"not(selected(., 'a'))", ". >= date('2020-01-01')"))
		if maybe(4) {
			set("constraint_message", "No")
		}
	}
	if kind == "calculate" || kind != "hidden" && maybe(1) {
		// Of what comes before: a calculation that depends on itself has no type, and is refused when it is published.
		all := d.names
		if d.names = d.names[:min(index, len(all)-1)]; index == 0 {
			d.names = all[len(all)-1:]
		}
		defer func() { d.names = all }()
		c := d.xpath(d.pick("kind", "N", "S", "B", "D"))
		if maybe(2) {
			c = "once(" + c + ")"
		}
		set("calculation", c)
		d.names = all
	}
	if maybe(3) {
		set("default", d.pick("default", "1", "a", "red", "red a", "2020-01-01", "10:30", "OK", "1.50", "x-y", d.xpath("S"), d.xpath("N"), "today()", "true"))
	}
	if maybe(2) {
		set("readonly", d.pick("readonly", "yes", d.xpath("B")))
	}
	if maybe(2) {
		set("appearance", d.pick("look", "minimal", "multiline", "horizontal", "likert", "autocomplete", "year"))
	}
	if kind == "range" {
		set("parameters", d.pick("range", "start=0 end=5 step=1", "start=0 end=1 step=0.25", "start=-5 end=5", "start=10 end=0 step=-2", ""))
	}
	if strings.HasPrefix(kind, "select") && maybe(4) {
		set("choice_filter", d.pick("filter", "of = "+d.name(), "of = '' or selected("+d.name()+", name)", "name != 'a'", "of = 'a' or "+d.xpath("B"), "name = "+d.xpath("S")))
	}
}

var forms = rapid.Custom(func(t *rapid.T) cells { return (&drawn{t: t}).form() })

// keeps judges one form, whatever it says: every expression compiles, and what is written reads back as the same
// questionnaire. It counts expressions and notes.
func keeps(t *testing.T, form cells) (expressions, notes int) {
	q, report, err := Read(packed(t, form), base)
	if err != nil {
		for _, f := range fault.All(err) {
			if f.Key != "xlsform.empty" {
				t.Fatalf("%s %s %v\n%v", f.Field, f.Key, f.Args, form["survey"])
			}
		}
		return 0, 0
	}
	all := expressionsOf(q.Item)
	for _, src := range all {
		if _, err := fhirpath.Compile(src, fhirpath.Options{}); err != nil {
			t.Fatalf("%s: %v", src, err)
		}
	}
	raw, back, err := Write(q)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := Read(raw, base)
	if err != nil {
		t.Fatalf("%v\n%s", err, dump(t, raw))
	}
	if a, b := string(q.Marshal()), string(again.Marshal()); a != b {
		t.Fatalf("not the same again:\n%s\n%v\n%s", difference(a, b), back, dump(t, raw))
	}
	return len(all), len(report)
}

func TestDrawnForms(t *testing.T) {
	expressions, notes := 0, 0
	for seed := range 400 {
		e, n := keeps(t, forms.Example(seed))
		expressions, notes = expressions+e, notes+n
	}
	t.Logf("%d expressions, %d notes", expressions, notes)
}

// FuzzForms draws further forms.
func FuzzForms(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, seed int) { keeps(t, forms.Example(seed)) })
}
