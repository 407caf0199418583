package redcap

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/fhirpath"
)

// study has a field of every kind that logic can speak of, and a form that repeats.
const study = `field_name,form_name,field_type,field_label,select_choices_or_calculations,text_validation_type_or_show_slider_number
id,main,text,Id,,
age,main,text,Age,,integer
weight,main,text,Weight,,number
score,main,calc,Score,[age]+[weight],
pain,main,slider,Pain,,
name,main,text,Name,,
note,main,notes,Note,,
sex,main,radio,Sex,"1, Female | 2, Male | 10, Other | x, Unknown",
mood,main,dropdown,Mood,"01, Good | 02, Bad",
signs,main,checkbox,Signs,"1, Cough | 2, Fever | -9, None",
smoker,main,yesno,Smoker,,
able,main,truefalse,Able,,
born,main,text,Born,,date_dmy
seen,main,text,Seen,,datetime_ymd
left_at,main,text,Left,,datetime_seconds_ymd
woke,main,text,Woke,,time
scan,main,file,Scan,,
words,main,descriptive,Words,,
visit_date,visit,text,Date,,date_ymd
pulse,visit,text,Pulse,,number
feel,visit,radio,Feel,"1, Well | 2, Ill",
study,visit,text,Study,,
`

func testDictionary(t testing.TB) *dictionary {
	t.Helper()
	d := parseDictionary([]byte(study), Options{Repeating: []string{"visit"}})
	if len(d.faults) > 0 {
		t.Fatal(d.faults)
	}
	for _, f := range d.fields {
		f.system = "urn:" + f.name
	}
	return d
}

// answers are values by field: REDCap's own words, except that boxes that are checked are separated by spaces.
type answers map[string]string

// response is what the questionnaire of the study would hold. Fields of the repeating form are given as pulse#0, pulse#1.
func (a answers) response(t testing.TB, d *dictionary) fhirpath.Node {
	t.Helper()
	main := []any{}
	visits := map[int][]any{}
	last := -1
	for _, f := range d.fields {
		for n := -1; n < 3; n++ {
			key := f.name
			if n >= 0 {
				key = fmt.Sprintf("%s#%d", f.name, n)
			}
			v, given := a[key]
			if !given {
				continue
			}
			item := map[string]any{"linkId": f.name, "answer": answerJSON(f, v)}
			if n < 0 {
				main = append(main, item)
			} else {
				visits[n] = append(visits[n], item)
				last = max(last, n)
			}
		}
	}
	items := []any{map[string]any{"linkId": "form-main", "item": []any{map[string]any{"linkId": "section-age", "item": main}}}}
	for n := 0; n <= last; n++ {
		items = append(items, map[string]any{"linkId": "form-visit", "item": visits[n]})
	}
	raw, err := json.Marshal(map[string]any{"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": items})
	if err != nil {
		t.Fatal(err)
	}
	n, err := fhirpath.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func answerJSON(f *field, v string) []any {
	one := func(k string, v any) []any { return []any{map[string]any{k: v}} }
	switch f.kind() {
	case kindNumber:
		if f.integer() {
			return one("valueInteger", json.Number(v))
		}
		return one("valueDecimal", json.Number(v))
	case kindFlag:
		return one("valueBoolean", v == "1")
	case kindDate:
		return one("valueDate", v)
	case kindDateTime:
		return one("valueDateTime", v)
	case kindTime:
		return one("valueTime", v)
	case kindFile:
		return one("valueAttachment", map[string]any{"url": "Binary/1"})
	case kindCode, kindBoolean:
		var out []any
		for code := range strings.FieldsSeq(v) {
			display := ""
			for _, c := range f.choices {
				if c.code == code {
					display = c.label
				}
			}
			out = append(out, map[string]any{"valueCoding": map[string]any{"system": f.system, "code": code, "display": display}})
		}
		return out
	}
	return one("valueString", v)
}

var noon = time.Date(2026, 3, 10, 12, 30, 0, 0, time.UTC)

// evaluate gives the items of the result, "" for none. occurrence picks the form's occurrence where logic stands on it.
func evaluate(t testing.TB, d *dictionary, src string, on string, used map[string]bool, root fhirpath.Node, occurrence int) string {
	t.Helper()
	e, err := fhirpath.Compile(src, fhirpath.Options{})
	if err != nil {
		t.Fatalf("%s\n%v", src, err)
	}
	vars := map[string]string{}
	env := fhirpath.Env{Now: noon, Resource: root, Vars: map[string]fhirpath.Collection{}}
	at := root
	if on == "visit" {
		at = evalNode(t, root, fmt.Sprintf("item.where(linkId = 'form-visit')[%d]", occurrence))
	}
	for name := range used {
		v := fhirpath.MustCompile(occurrencePath(d.byName[name]))
		items, err := v.Eval(context.Background(), at, fhirpath.Env{Now: noon, Resource: root, Context: at})
		if err != nil {
			t.Fatal(err)
		}
		env.Vars[variable(name)], vars[variable(name)] = items, ""
	}
	vars["resource"], vars["context"] = "QuestionnaireResponse", ""
	if found := e.Check(fhirpath.CheckOptions{Type: "QuestionnaireResponse", Vars: vars}); len(found) > 0 {
		t.Errorf("%s\nis found wrong: %v", src, found)
	}
	env.Context = at
	out, err := e.Eval(context.Background(), at, env)
	if err != nil {
		t.Fatalf("%s\n%v", src, err)
	}
	parts := make([]string, len(out))
	for i, v := range out {
		parts[i], _ = v.Text()
	}
	return strings.Join(parts, " ")
}

func evalNode(t testing.TB, root fhirpath.Node, src string) fhirpath.Node {
	t.Helper()
	out, err := fhirpath.MustCompile(src).Eval(context.Background(), root, fhirpath.Env{})
	if err != nil || len(out) != 1 {
		t.Fatal(src, out, err)
	}
	n, ok := out[0].Node()
	if !ok {
		t.Fatal("no node")
	}
	return n
}

type logicCase struct {
	logic string
	given answers
	want  string
}

// Conditions, blanks first: they are what conversions get wrong.
var conditions = []logicCase{
	{"[age] = ''", answers{}, "true"},
	{"[age] = ''", answers{"age": "3"}, "false"},
	{`[age] <> ""`, answers{}, "false"},
	{`[age] <> ""`, answers{"age": "3"}, "true"},
	{"[age] > 3", answers{}, "false"},
	{"[age] < 3", answers{}, "false"},
	{"[age] <= 0", answers{}, "false"},
	{"[age] = 0", answers{}, "false"},
	{"[age] <> 0", answers{}, "true"},
	{"[age] <> 0", answers{"age": "0"}, "false"},
	{"not([age] > 3)", answers{}, "true"},
	{"!([age] > 3)", answers{"age": "4"}, "false"},
	{"[age] = [weight]", answers{}, "true"},
	{"[age] = [weight]", answers{"age": "3"}, "false"},
	{"[age] = [weight]", answers{"age": "3", "weight": "3.0"}, "true"},
	{"[age] <> [weight]", answers{"weight": "3"}, "true"},
	{"[name] = [note]", answers{}, "true"},
	{"[name] = [note]", answers{"name": "a"}, "false"},
	{"[name] = [note]", answers{"name": "a", "note": "a"}, "true"},
	{"[name] <> [note]", answers{"name": "a"}, "true"},
	{"[age] >= '18'", answers{"age": "18"}, "true"},
	{"[age] > '9'", answers{"age": "10"}, "true"},
	{"[age] = '018'", answers{"age": "18"}, "true"},
	{"[age] = 'old'", answers{"age": "18"}, "false"},
	{"18 <= [age] and [age] < 65", answers{"age": "40"}, "true"},
	{"[weight] = 72.50", answers{"weight": "72.5"}, "true"},
	{"[pain] >= 7 or [pain] = ''", answers{}, "true"},
	{"[pain] >= 7 or [pain] = ''", answers{"pain": "6"}, "false"},
	{"[score] > 100", answers{"score": "100.5"}, "true"},
	{"[name] = 'Ana'", answers{"name": "Ana"}, "true"},
	{"[name] = 'ana'", answers{"name": "Ana"}, "false"},
	{"[name] <> 'Ana'", answers{}, "true"},
	{"[name] = 5", answers{"name": "5.0"}, "true"},
	{"[name] > 5", answers{"name": "50"}, "true"},
	{"[name] > 5", answers{"name": "fifty"}, "false"},
	{"[name] > 'B'", answers{"name": "C"}, "true"},
	{"[name] > [note]", answers{"name": "10", "note": "9"}, "true"},
	{"[name] > [note]", answers{"name": "b", "note": "a"}, "true"},
	{`[name] = 'it\'s'`, answers{"name": "it's"}, "true"},
	{`[name] = "a\b"`, answers{"name": `a\b`}, "true"},
	{"[sex] = '1'", answers{"sex": "1"}, "true"},
	{"[sex] = 1", answers{"sex": "1"}, "true"},
	{"[sex] = 1", answers{"sex": "10"}, "false"},
	{"[sex] = 'x'", answers{"sex": "x"}, "true"},
	{"[sex] <> '1'", answers{}, "true"},
	{"[sex] <> '1'", answers{"sex": "2"}, "true"},
	{"[sex] <> '1'", answers{"sex": "1"}, "false"},
	{"[sex] > 2", answers{"sex": "10"}, "true"},
	{"[sex] > '2'", answers{"sex": "10"}, "true"},
	{"[sex] > 2", answers{"sex": "x"}, "false"},
	{"[sex] = ''", answers{}, "true"},
	{"[mood] = 1", answers{"mood": "01"}, "true"},
	{"[mood] = '01'", answers{"mood": "01"}, "true"},
	{"[sex] = [mood]", answers{}, "true"},
	{"[sex:label] = 'Female'", answers{"sex": "1"}, "true"},
	{"[sex:value] = '1'", answers{"sex": "1"}, "true"},
	{"[signs(1)] = '1'", answers{"signs": "1 2"}, "true"},
	{"[signs(1)] = '1'", answers{"signs": "2"}, "false"},
	{"[signs(1)] = '1'", answers{}, "false"},
	{"[signs(1)] = '0'", answers{}, "true"},
	{"[signs(1)] = 0", answers{"signs": "1"}, "false"},
	{"[signs(1)] <> '1'", answers{}, "true"},
	{"[signs(1)] = ''", answers{}, "false"},
	{"[signs(1)]", answers{"signs": "1"}, "true"},
	{"[signs(-9)] = '1'", answers{"signs": "-9"}, "true"},
	{"[signs(1)] + [signs(2)] = 2", answers{"signs": "1 2"}, "true"},
	{"[signs(1)] + [signs(2)] = 0", answers{}, "true"},
	{"[signs(1)] = [signs(2)]", answers{}, "true"},
	{"[smoker] = '1'", answers{"smoker": "1"}, "true"},
	{"[smoker] = '0'", answers{"smoker": "0"}, "true"},
	{"[smoker] = '0'", answers{}, "false"},
	{"[smoker] <> '1'", answers{}, "true"},
	{"[smoker] = ''", answers{}, "true"},
	{"[smoker] = [able]", answers{}, "true"},
	{"[smoker] = [able]", answers{"able": "0"}, "false"},
	{"[smoker] = [able]", answers{"able": "1", "smoker": "1"}, "true"},
	{"[smoker] > 0", answers{"smoker": "1"}, "true"},
	{"[able]", answers{"able": "1"}, "true"},
	{"[born] < '2000-01-01'", answers{"born": "1999-12-31"}, "true"},
	{"[born] < '2000-01-01'", answers{}, "false"},
	{"[born] = '1999-12-31'", answers{"born": "1999-12-31"}, "true"},
	{"[born] > 'today'", answers{"born": "2026-03-11"}, "true"},
	{"[born] <= today", answers{"born": "2026-03-10"}, "true"},
	{"[seen] > '2026-01-01'", answers{"seen": "2026-01-01T00:30:00Z"}, "true"},
	{"[seen] < [born]", answers{"seen": "2026-01-01T10:00:00Z", "born": "2026-01-02"}, "true"},
	{"[woke] < '07:30'", answers{"woke": "06:45:00"}, "true"},
	{"[scan] <> ''", answers{"scan": "y"}, "true"},
	{"[scan] = ''", answers{}, "true"},
	{"[age] > 3 and [sex] = '1' or [smoker] = '1'", answers{"smoker": "1"}, "true"},
	{"[age] > 3 and ([sex] = '1' or [smoker] = '1')", answers{"smoker": "1"}, "false"},
	{"[AGE] > 3 AND [Sex] = \"1\"", answers{"age": "4", "sex": "1"}, "true"},
	{"[age] > 3 // grown\nand [sex] = '1' # female", answers{"age": "4", "sex": "1"}, "true"},
	{"isblankormissingcode([age])", answers{}, "true"},
	{"isblanknotmissingcode([age])", answers{"age": "1"}, "false"},
	{"not(isblankormissingcode([name]))", answers{"name": "x"}, "true"},
	{"isnumber([name])", answers{"name": "3.5"}, "true"},
	{"isnumber([name])", answers{"name": "x"}, "false"},
	{"isnumber([age])", answers{}, "false"},
	{"isinteger([weight])", answers{"weight": "3.5"}, "false"},
	{"isinteger([weight])", answers{"weight": "3.0"}, "true"},
	{"isinteger([weight])", answers{}, "false"},
	{"contains([name], 'TAYLOR')", answers{"name": "Rob Taylor"}, "true"},
	{"contains([name], 'x')", answers{}, "false"},
	{"not_contain([name], 'x')", answers{}, "true"},
	{"starts_with([name], 'rob')", answers{"name": "Rob"}, "true"},
	{"ends_with([name], 'B')", answers{"name": "Rob"}, "true"},
	{"trim([name]) = ''", answers{"name": " "}, "true"},
	{"left([name], 1) <> ''", answers{}, "false"},
	{"[age] + [weight] > 10", answers{"age": "11"}, "false"},
	{"[age] + [weight] = ''", answers{"age": "11"}, "true"},
	{"sum([age], [weight]) > 10", answers{"age": "11"}, "true"},
	{"[record-name] = 'p1'", answers{"id": "p1"}, "true"},
	{"[event-name][age] > 1", answers{"age": "2"}, "true"},
	{"true", answers{}, "true"}, {"1", answers{}, "true"}, {"0", answers{}, "false"}, {"''", answers{}, "false"}, {"'0'", answers{}, "false"}, {"'a'", answers{}, "true"},
	{"[name]", answers{"name": "0"}, "false"}, {"[name]", answers{"name": "a"}, "true"}, {"[name]", answers{}, "false"}, {"[age]", answers{}, "false"},
	{"datediff([born], 'today', 'y') >= 18", answers{"born": "2008-03-01"}, "true"},
	{"datediff([born], 'today', 'y') >= 18", answers{}, "false"},
	{"(([age] >= 2) and (([age] < 5)))", answers{"age": "3"}, "true"},
	{"if([sex]='1', [age] > 3, [age] > 5) = 1", answers{"sex": "1", "age": "4"}, "true"},
}

func TestConditions(t *testing.T) {
	d := testDictionary(t)
	for _, c := range conditions {
		l, err := parseLogic(c.logic)
		if err != nil {
			t.Errorf("%s: %v", c.logic, err)
			continue
		}
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		src, err := tr.condition(l)
		if err != nil {
			t.Errorf("%s: %v", c.logic, err)
			continue
		}
		got := evaluate(t, d, src, "main", nil, c.given.response(t, d), 0)
		if got == "" {
			got = "false" // FHIR: an expression that gives nothing does not enable
		}
		if got != c.want {
			t.Errorf("%s with %v is %q, not %q\n%s", c.logic, c.given, got, c.want, src)
		}
	}
}

var calculations = []logicCase{
	{"[age] + [weight]", answers{"age": "40", "weight": "70.5"}, "110.5"},
	{"[age] + [weight]", answers{"age": "40"}, ""},
	{"[age] - 2 * 3", answers{"age": "40"}, "34"},
	{"([age] - 2) * 3", answers{"age": "40"}, "114"},
	{"10 - (3 - 2)", answers{}, "9"}, {"10 - 3 - 2", answers{}, "5"}, {"-[age]", answers{"age": "4"}, "-4"}, {"2 - -3", answers{}, "5"},
	{"7 % 4", answers{}, "3"}, {"mod(10, 4)", answers{}, "2"}, {"1 / 0", answers{}, ""},
	{"([age])^(2)", answers{"age": "4"}, "16"},
	{"round(([weight]*10000)/(([pain])^(2)), 1)", answers{"weight": "70", "pain": "175"}, "22.9"},
	{"round([weight])", answers{"weight": "2.5"}, "3"},
	{"roundup(14.384, 1)", answers{}, "14.4"}, {"rounddown(14.384, 1)", answers{}, "14.3"}, {"round(14.384, 1)", answers{}, "14.4"},
	{"roundup([weight])", answers{"weight": "2.1"}, "3"}, {"roundup([weight], [age])", answers{"weight": "2.11", "age": "1"}, "2.2"}, {"rounddown([weight],2)", answers{}, ""},
	{"round([weight], [age])", answers{"weight": "2.66", "age": "1"}, "2.7"}, {"round([weight], [age])", answers{"weight": "2.66", "age": "-1"}, ""},
	{"sum([age], [weight], [pain])", answers{"age": "40"}, "40"},
	{"sum([age], [weight])", answers{}, "0"},
	{"mean([age], [weight], [pain])", answers{"age": "40", "pain": "20"}, "30"},
	{"mean([age], [weight])", answers{}, ""},
	{"median([age], [weight], [pain])", answers{"age": "40", "pain": "20", "weight": "1"}, "20"},
	{"median([age], [weight], [pain])", answers{"age": "40", "pain": "20"}, "30"},
	{"median([age], [weight])", answers{}, ""},
	{"stdev([age], [weight], [pain])", answers{"age": "2", "weight": "4", "pain": "6"}, "2"},
	{"stdev([age], [weight])", answers{"age": "2"}, ""},
	{"min([age], [weight])", answers{"weight": "4.5"}, "4.5"},
	{"max([age], [weight])", answers{"age": "5", "weight": "4.5"}, "5"},
	{"max([age], [weight])", answers{}, ""},
	{"abs(-7.1)", answers{}, "7.1"}, {"Math.abs([age])", answers{"age": "-3"}, "3"},
	{"sqrt([age])", answers{"age": "16"}, "4"}, {"sqrt([age])", answers{}, ""},
	{"log(100, 10)", answers{}, "2"}, {"log([age])", answers{"age": "1"}, "0"}, {"log([age], 10)", answers{"age": "0"}, ""}, {"exponential(0)", answers{}, "1"},
	{"if([age] > 30, 1, 2)", answers{"age": "40"}, "1"},
	{"if([age] > 30, 1, 2)", answers{}, "2"},
	{"if([age] > 30, [weight], '')", answers{"age": "4", "weight": "3"}, ""},
	{"if([age] = '', '', [age] * 2)", answers{"age": "4"}, "8"},
	{"if([sex] = '1' and [smoker] = '1', 5, if([sex] = '2', 6, 7))", answers{"sex": "2"}, "6"},
	{"[smoker] + [able]", answers{"smoker": "1", "able": "0"}, "1"},
	{"[smoker] + [able]", answers{"smoker": "1"}, ""},
	{"[signs(1)] + [signs(2)] + 1", answers{"signs": "2"}, "2"},
	{"sum([signs(1)], [signs(2)])", answers{"signs": "2 1"}, "2"},
	{"[sex] * 2", answers{"sex": "10"}, "20"}, {"[sex] * 2", answers{"sex": "x"}, ""},
	{"[name] * 2", answers{"name": "1.5"}, "3"}, {"'3' * 2", answers{}, "6"}, {"'a' * 2", answers{}, ""},
	{"[age] > 3", answers{"age": "4"}, "1"}, {"[age] > 3", answers{}, "0"},
	{"([age] > 3) + ([age] > 1)", answers{"age": "2"}, "1"},
	{"length([name])", answers{"name": "Taylor"}, "6"}, {"length([name])", answers{}, "0"},
	{"find('y', [name])", answers{"name": "Taylor"}, "3"}, {"find('z', [name])", answers{"name": "Taylor"}, "0"},
	{"datediff([born], '2026-03-10', 'd')", answers{"born": "2026-03-01"}, "9"},
	{"datediff('2026-03-10', [born], 'd')", answers{"born": "2026-03-01"}, "9"},
	{"datediff('2026-03-10', [born], 'd', true)", answers{"born": "2026-03-01"}, "-9"},
	{"datediff('2026-03-10', [born], 'd', 'ymd', true)", answers{"born": "2026-03-01"}, "-9"},
	{"datediff([born], '10-03-2026', 'd', 'dmy')", answers{"born": "2026-03-01"}, "9"},
	{"datediff([born], '03-10-2026', 'd', 'mdy')", answers{"born": "2026-03-01"}, "9"},
	{"round(datediff([born], 'today', 'y'), 4)", answers{"born": "2025-03-10"}, "0.9993"},
	{"round(datediff([born], 'today', 'M'), 4)", answers{"born": "2025-03-10"}, "11.9908"},
	{"datediff([born], 'today', 'h')", answers{"born": "2026-03-09"}, "24"},
	{"datediff([born], 'today', 'm')", answers{"born": "2026-03-09"}, "1440"},
	{"datediff([born], 'today', 's')", answers{"born": "2026-03-09"}, "86400"},
	{"datediff([born], 'today', 'd')", answers{}, ""},
	{"datediff([seen], [left_at], 'h')", answers{"seen": "2026-03-01T10:00:00Z", "left_at": "2026-03-01T11:30:00Z"}, "1.5"},
	{"datediff([seen], [left_at], 'm', true)", answers{"seen": "2026-03-01T10:00:00Z", "left_at": "2026-03-01T09:30:00Z"}, "-30"},
	{"datediff([seen], [left_at], 'd')", answers{"seen": "2026-03-01T10:00:00Z", "left_at": "2026-03-04T22:00:00Z"}, "3.5"},
	{"datediff([seen], 'now', 'm')", answers{"seen": "2026-03-10T12:00:00Z"}, "30"},
	{"datediff([born], [seen], 'd')", answers{"seen": "2026-03-10T12:00:00Z", "born": "2026-03-09"}, "1.5"},
	{"datediff([woke], '08:00', 'm')", answers{"woke": "06:45:00"}, "75"},
	{"rounddown(datediff([born],'today','y'),0)", answers{"born": "1986-01-01"}, "40"},
	{"age_at_date([born], 'today')", answers{"born": "1986-03-11"}, "39"},
	{"age_at_date([born], [seen])", answers{"born": "1986-03-10", "seen": "2026-03-10T08:00:00Z"}, "40"},
	{"year([born])", answers{"born": "1986-03-11"}, "1986"}, {"month([born])", answers{"born": "1986-03-11"}, "3"}, {"day([seen])", answers{"seen": "2026-03-10T08:00:00Z"}, "10"},
	{"year('today')", answers{}, "2026"}, {"year([born])", answers{}, ""},
	{"dayoftheweek('today')", answers{}, "2"}, {"dayoftheweek([born])", answers{"born": "1999-12-26"}, "7"}, {"dayoftheweek([born])", answers{}, ""},
	{"3+4", answers{}, "7"}, {".5 * 4", answers{}, "2"}, {"9999999999 + 1", answers{}, "10000000000"},
}

func TestCalculations(t *testing.T) {
	d := testDictionary(t)
	for _, c := range calculations {
		l, err := parseLogic(c.logic)
		if err != nil {
			t.Errorf("%s: %v", c.logic, err)
			continue
		}
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		src, err := tr.numberOf(l)
		if err != nil {
			t.Errorf("%s: %v", c.logic, err)
			continue
		}
		got := evaluate(t, d, src, "main", nil, c.given.response(t, d), 0)
		if strings.Contains(got, ".") {
			got = strings.TrimSuffix(strings.TrimRight(got, "0"), ".")
		}
		if got != c.want {
			t.Errorf("%s with %v is %q, not %q\n%s", c.logic, c.given, got, c.want, src)
		}
	}
}

var texts = []logicCase{
	{"if([sex]='1', 'female', 'other')", answers{"sex": "1"}, "female"},
	{"if([sex]='1', 'female', 5 * [age])", answers{"age": "3"}, "15"},
	{"concat([name], ' ', [note])", answers{"name": "Rob", "note": "Taylor"}, "Rob Taylor"},
	{"concat([name], '-', [age])", answers{"age": "7"}, "-7"},
	{"concat_ws(' and ', [name], [note], 'Tomatoes')", answers{"name": "Peas"}, "Peas and Tomatoes"},
	{"concat_ws(', ', [name], [note])", answers{}, ""},
	{"left([name], 3)", answers{"name": "Taylor"}, "Tay"}, {"right([name], 4)", answers{"name": "Taylor"}, "ylor"}, {"right([name], 9)", answers{"name": "Taylor"}, "Taylor"},
	{"mid([name], 2, 3)", answers{"name": "Taylor"}, "ayl"}, {"mid([name], [age], 3)", answers{"name": "Taylor", "age": "2"}, "ayl"},
	{"right(concat('00', [age]), 3)", answers{"age": "7"}, "007"},
	{"mid([name], find('-', [name])+1, length([name])-find('-', [name])+1)", answers{"name": "4890-2318"}, "2318"},
	{"lower(concat(trim([name]), '_', trim([note])))", answers{"name": " Rob", "note": "Taylor "}, "rob_taylor"},
	{"upper('John')", answers{}, "JOHN"},
	{"replace_text([name], 'Taylor', 'Harris')", answers{"name": "Rob Taylor"}, "Rob Harris"}, {"replace_text([name], 'b', '')", answers{"name": "Rob"}, "Ro"},
	{"[seen]", answers{"seen": "2026-03-10T08:05:00Z"}, "2026-03-10 08:05"}, {"[born]", answers{"born": "1999-12-31"}, "1999-12-31"}, {"[woke]", answers{"woke": "06:45:00"}, "06:45"},
	{"[sex]", answers{"sex": "x"}, "x"}, {"[smoker]", answers{"smoker": "0"}, "0"}, {"[signs(1)]", answers{}, "0"},
	{`if([name]="",'none',[name])`, answers{}, "none"},
}

func TestTexts(t *testing.T) {
	d := testDictionary(t)
	for _, c := range texts {
		l, err := parseLogic(c.logic)
		if err != nil {
			t.Fatalf("%s: %v", c.logic, err)
		}
		tr := translator{dict: d, form: d.forms[0], used: map[string]bool{}, note: func(string, ...any) {}}
		src, err := tr.textOf(l)
		if err != nil {
			t.Errorf("%s: %v", c.logic, err)
			continue
		}
		if got := evaluate(t, d, src, "main", nil, c.given.response(t, d), 0); got != c.want {
			t.Errorf("%s with %v is %q, not %q\n%s", c.logic, c.given, got, c.want, src)
		}
	}
}
