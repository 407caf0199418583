package redcap

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/convert"
)

func pretty(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sameAgain writes what was read and reads it once more.
func sameAgain(t testing.TB, raw []byte, o Options) (convert.Questionnaire, convert.Report) {
	t.Helper()
	q, report, err := Read(raw, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	back, lost, err := Write(q, o)
	if err != nil {
		t.Fatalf("written: %v\n%s", err, raw)
	}
	again, _, err := Read(back, o)
	if err != nil {
		t.Fatalf("read again: %v\n%s", err, back)
	}
	if !reflect.DeepEqual(q, again) {
		t.Fatalf("read again is not what was read\n%s\n---\n%s\n---\n%s", back, firstDifference(pretty(t, q), pretty(t, again)), raw)
	}
	for _, n := range lost {
		if n.Place != "Questionnaire" && n.Feature != "repeats" && !strings.Contains(n.Detail, "time zones") {
			t.Errorf("the way back loses something: %v", n)
		}
	}
	return q, report
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return strings.Join(x[max(0, i-6):min(len(x), i+6)], "\n") + "\n=====\n" + strings.Join(y[max(0, i-6):min(len(y), i+6)], "\n")
		}
	}
	return ""
}

func TestSamplesGoThereAndBack(t *testing.T) {
	for name, o := range samples {
		sameAgain(t, sample.Read(t, "samples", "redcap", name), o)
	}
}

func TestStudyGoesThereAndBack(t *testing.T) {
	sameAgain(t, []byte(study), Options{Repeating: []string{"visit"}})
}

// Every expression that Read writes becomes logic again without the words beside it, and that logic means the same.
func TestExpressionsBecomeLogic(t *testing.T) {
	d := testDictionary(t)
	w := &writer{dict: d, fieldNames: map[string]string{}, codes: map[string]map[string]string{}, vars: map[string]string{}}
	for _, f := range d.fields {
		w.fieldNames[f.name] = f.name
		w.codes[f.name] = map[string]string{}
		for _, c := range f.choices {
			w.codes[f.name][f.system+"|"+c.code] = c.code
		}
	}
	for _, f := range d.forms {
		w.forms = append(w.forms, &outForm{name: f.name, repeats: f.repeats})
	}
	for as, list := range map[string][]logicCase{"condition": conditions, "number": calculations, "text": texts} {
		for _, c := range list {
			l, err := parseLogic(c.logic)
			if err != nil {
				t.Fatal(err)
			}
			tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
			do := map[string]func(logic) (string, error){"condition": tr.condition, "number": tr.numberOf, "text": tr.textOf}[as]
			src, err := do(l)
			if err != nil {
				t.Fatal(err)
			}
			back, _, err := w.decompile(src)
			if err != nil {
				t.Errorf("%s: %v\n%s", c.logic, err, src)
				continue
			}
			again, err := do(back)
			if err != nil {
				t.Errorf("%s became %s: %v\n%s", c.logic, printLogic(back), err, src)
				continue
			}
			got := evaluate(t, d, again, "main", nil, c.given.response(t, d), 0)
			if as == "condition" && got == "" {
				got = "false"
			}
			if as == "number" && strings.Contains(got, ".") {
				got = strings.TrimSuffix(strings.TrimRight(got, "0"), ".")
			}
			if got != c.want {
				t.Errorf("%s became %s, which is %q, not %q\n%s", c.logic, printLogic(back), got, c.want, src)
			}
		}
	}
}

func quiet(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// expressions are all that stand in items.
func expressions(items []convert.Item) []string {
	var out []string
	var in func(list []convert.Extension)
	in = func(list []convert.Extension) {
		for _, e := range list {
			if e.Expr != nil {
				out = append(out, e.Expr.Expression)
			}
			in(e.Extension)
		}
	}
	for i := range items {
		in(items[i].Extension)
		if items[i].TextMore != nil {
			in(items[i].TextMore.Extension)
		}
		out = append(out, expressions(items[i].Item)...)
	}
	return out
}

func TestLongNamesStayAsTheyAre(t *testing.T) {
	name, form, code := strings.Repeat("n", maxName), strings.Repeat("f", maxName), strings.Repeat("c", maxName)
	sameAgain(t, dictionaryOf(name+`,`+form+`,,radio,X,"`+code+`, y",,,,,,,,,,,,`), Options{})
}

// Names that REDCap keeps for itself are refused, and given to nobody.
func TestReservedNames(t *testing.T) {
	got := faultsOf(t, dictionaryOf(`id,a,,text,Id,,,,,,,,,,,,,`, `a_complete,a,,text,X,,,,,,,,,,,,,`, `redcap_event_name,a,,text,X,,,,,,,,,,,,,`, `b_complete,a,,text,X,,,,,,,,,,,,,`), Options{})
	if strings.Join(got, "; ") != "name_reserved line 3, Variable / Field Name; name_reserved line 4, Variable / Field Name" {
		t.Error(got)
	}
	q := convert.Questionnaire{Item: []convert.Item{{LinkID: "form-a", Type: "group", Text: "A", Item: []convert.Item{
		{LinkID: "redcap_event_name", Type: "string"}, {LinkID: "a_complete", Type: "string"}, {LinkID: "A complete", Type: "string"}, {LinkID: "1", Type: "string"}, {LinkID: "?", Type: "string"}}}}}
	raw, _, err := Write(q, Options{})
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := Read(raw, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, it := range back.Item[0].Item {
		names = append(names, it.LinkID)
	}
	if got := back.Item[0].LinkID + " " + strings.Join(names, " "); got != "form-a_2 record_id redcap_event_name_2 a_complete a_complete_2 q_1 q" {
		t.Error(got)
	}
}

// What Read would refuse is not written, and told: limits that cross or do not fit, and what somebody put into our own
// extension.
func TestWhatReadWouldRefuseIsNotWritten(t *testing.T) {
	low, high := 9, 3
	kept := func(pairs ...string) []convert.Extension {
		var parts []convert.Extension
		for i := 0; i < len(pairs); i += 2 {
			parts = append(parts, extString(pairs[i], pairs[i+1]))
		}
		return []convert.Extension{{URL: FieldURL, Extension: parts}}
	}
	q := convert.Questionnaire{Item: []convert.Item{
		{LinkID: "a", Type: "integer", Extension: []convert.Extension{extInteger(convert.Core+"minValue", low), extInteger(convert.Core+"maxValue", high)}},
		{LinkID: "b", Type: "decimal", Extension: []convert.Extension{{URL: convert.Core + "minValue", Value: convert.Value{Date: "2020-01-01"}}}},
		{LinkID: "c", Type: "string", Extension: kept("branching", "} x", "alignment", "XX", "validation", "no such!", "min", "[x")},
		{LinkID: "d", Type: "decimal", Extension: kept("calculation", "sum(")},
	}}
	raw, report, err := Write(q, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(raw, Options{}); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	var lost []string
	for _, n := range report {
		if n.Loss == convert.Dropped && n.Place != "Questionnaire" {
			lost = append(lost, n.Place+" "+n.Feature)
		}
	}
	if got := strings.Join(lost, "; "); got != "a Text Validation Max; b Text Validation Min; c redcap-field min; c Text Validation Type OR Show Slider Number; c Custom Alignment; c redcap-field branching; d redcap-field calculation" {
		t.Error(got)
	}
}
