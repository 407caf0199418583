package xlsform

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/fhirpath"
	"kindred/questionnaires/convert"
)

// household is a form with a question of every sort, a repeat, and a repeat within it.
var household = cells{
	"survey": {
		{"type", "name", "label", "calculation"},
		{"text", "name", "Name"}, {"text", "nick", "Nick"}, {"text", "none", "None"},
		{"integer", "age", "Age"}, {"integer", "blank", "Blank"}, {"decimal", "weight", "Weight"}, {"decimal", "height", "Height"},
		{"date", "born", "Born"}, {"date", "noday", "No day"}, {"time", "wakes", "Wakes"}, {"datetime", "met", "Met"},
		{"select_one colours", "colour", "Colour"}, {"select_one colours", "nocolour", "No colour"}, {"select_multiple colours", "likes", "Likes"}, {"select_multiple colours", "nolikes", "None"},
		{"select_one colours or_other", "hair", "Hair"}, {"select_one colours or_other", "eyes", "Eyes"}, {"select_one sizes", "size", "Size"},
		{"acknowledge", "agreed", "Agreed"}, {"acknowledge", "silent", "Silent"}, {"image", "photo", "Photo"}, {"note", "note1", "Note"}, {"deviceid", "device", ""},
		{"calculate", "bmi", "", "${weight} div (${height} * ${height})"},
		{"begin repeat", "child", "Child"},
		{"text", "first_name", "First name"}, {"integer", "years", "Years"}, {"select_one colours", "fur", "Fur"},
		{"begin repeat", "pet", "Pet"}, {"text", "pet_name", "Pet"}, {"integer", "legs", "Legs"}, {"end repeat"},
		{"end repeat"},
		{"begin group", "home", "Home"}, {"text", "street", "Street"}, {"end group"},
	},
	"choices": {
		{"list_name", "name", "label"},
		{"colours", "red", "Red"}, {"colours", "green", "Green"}, {"colours", "blue", "Blue"}, {"sizes", "1", "Small"}, {"sizes", "2", "Large"},
	},
}

const family = `{"resourceType":"QuestionnaireResponse","item":[
 {"linkId":"name","answer":[{"valueString":"Ana María"}]},{"linkId":"nick","answer":[{"valueString":"Ani"}]},
 {"linkId":"age","answer":[{"valueInteger":34}]},{"linkId":"weight","answer":[{"valueDecimal":61.50}]},{"linkId":"height","answer":[{"valueDecimal":1.5}]},
 {"linkId":"born","answer":[{"valueDate":"1990-02-20"}]},{"linkId":"wakes","answer":[{"valueTime":"07:30:00"}]},{"linkId":"met","answer":[{"valueDateTime":"2024-05-05T12:00:00Z"}]},
 {"linkId":"colour","answer":[{"valueCoding":{"code":"red","display":"Red"}}]},
 {"linkId":"likes","answer":[{"valueCoding":{"code":"red","display":"Red"}},{"valueCoding":{"code":"blue","display":"Blue"}}]},
 {"linkId":"hair","answer":[{"valueString":"henna"}]},{"linkId":"eyes","answer":[{"valueCoding":{"code":"green"}}]},{"linkId":"size","answer":[{"valueCoding":{"code":"2"}}]},
 {"linkId":"agreed","answer":[{"valueBoolean":true}]},{"linkId":"photo","answer":[{"valueAttachment":{"url":"x"}}]},
 {"linkId":"bmi","answer":[{"valueDecimal":27.3}]},
 {"linkId":"child","item":[{"linkId":"first_name","answer":[{"valueString":"Bea"}]},{"linkId":"years","answer":[{"valueInteger":7}]},
   {"linkId":"pet","item":[{"linkId":"pet_name","answer":[{"valueString":"Tom"}]},{"linkId":"legs","answer":[{"valueInteger":4}]}]},
   {"linkId":"pet","item":[{"linkId":"pet_name","answer":[{"valueString":"Polly"}]},{"linkId":"legs","answer":[{"valueInteger":2}]}]}]},
 {"linkId":"child","item":[{"linkId":"first_name","answer":[{"valueString":"Leo"}]},{"linkId":"years","answer":[{"valueInteger":12}]},{"linkId":"fur","answer":[{"valueCoding":{"code":"blue"}}]}]},
 {"linkId":"child","item":[{"linkId":"first_name","answer":[{"valueString":"Mia"}]}]},
 {"linkId":"home","item":[{"linkId":"street","answer":[{"valueString":"Calle 1"}]}]}]}`

// parsed gives the form of a workbook, ready to translate.
func parsed(tb testing.TB, sheets cells) *form {
	tb.Helper()
	b, err := readBook(xlsx(tb, sheets))
	if err != nil {
		tb.Fatal(err)
	}
	f := &form{options: base, vars: map[*node][]variable{}}
	if err := f.readSheets(b); err != nil {
		tb.Fatal(err)
	}
	return f
}

var moment = time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)

// evaluate runs FHIRPath in a response; at names the occurrences of items down to %context, such as "child[1].pet[0]".
func evaluate(tb testing.TB, f *form, src, response, at string) string {
	tb.Helper()
	root, err := fhirpath.Parse([]byte(response))
	if err != nil {
		tb.Fatal(err)
	}
	vars := map[string]fhirpath.Collection{}
	node, path := root, ""
	for _, step := range strings.FieldsFunc(at, func(r rune) bool { return r == '.' }) {
		link, i, _ := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		if i == "" {
			i = "0"
		}
		path += ".item.where(linkId='" + link + "')[" + i + "]"
		e := fhirpath.MustCompile("%resource" + path)
		found, err := e.Eval(context.Background(), root, fhirpath.Env{Resource: root})
		if err != nil || len(found) != 1 {
			tb.Fatal("no item at ", at, err)
		}
		node, _ = found[0].Node()
		for repeat, list := range f.vars {
			if repeat.link != link {
				continue
			}
			for i, x := range f.variables(repeat, nil) {
				v, err := fhirpath.MustCompile(x.Expr.Expression).Eval(context.Background(), node, fhirpath.Env{Resource: root, Context: node, Vars: vars})
				if err != nil {
					tb.Fatal(err)
				}
				vars[list[i].name] = v
			}
		}
	}
	e, err := fhirpath.Compile(src, fhirpath.Options{})
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	out, err := e.Eval(context.Background(), node, fhirpath.Env{Resource: root, Context: node, Vars: vars, Now: moment})
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	plain, err := json.Marshal(out.Plain())
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Trim(string(plain), "[]")
}

// as XPath says it: what XForms would store.
var translations1 = `
${name} => "Ana María"
${name} = 'Ana María' => true
'Ana María' = ${name} => true
${none} = '' => true
${none} != '' => false
${name} != '' => true
${name} = "" => false
${none} = ${none} => true
${none} != 'x' => true
${none} = 'x' => 
not(${none} = 'x') => true
${name} != 'x' => true
${name} != 'Ana María' => false
${name} = ${nick} => false
not(${name} = ${nick}) => true
${age} => 34
${age} > 18 => true
18 < ${age} => true
${age} >= 18 and ${age} <= 40 => true
${age} = 34 => true
${age} = '34' => true
${age} != 34 => false
${blank} > 18 => 
not(${blank} > 18) => true
${blank} = 0 => 
${blank} != 0 => true
${blank} = '' => true
${blank} + 1 => 
${age} + 1 => 35
${age} - 4 * 2 => 26
(${age} - 4) * 2 => 60
${age} div 4 => 8.5
${age} mod 4 => 2
-${age} => -34
7 div 0 => 
${weight} div (${height} * ${height}) => 27.33333333333333333333333333
round(${weight} div (${height} * ${height}), 1) => 27.3
round(2.5) => 3
round(-2.5) => -2
round(${weight}) => 62
int(${weight}) => 61
int(-2.7) => -2
floor(-2.5) => -3
ceiling(2.1) => 3
abs(-3) => 3
pow(2, 3) => 8
sqrt(16) => 4
exp(0) => 1
log(1) => 0
log10(100) => 2
pi() > 3 => true
number('12') + 1 => 13
number(${name}) => 
${size} > 1 => true
${size} = 2 => true
${size} = '2' => true
${colour} = 'red' => true
${colour} != 'red' => false
${nocolour} != 'red' => true
${nocolour} = 'red' or ${age} > 30 => true
${nocolour} = 'red' and ${age} > 30 => 
selected(${colour}, 'red') => true
selected(${nocolour}, 'red') => false
selected(${likes}, 'blue') => true
selected(${likes}, 'green') => false
selected(${nolikes}, 'green') => false
not(selected(${likes}, 'green')) => true
selected('a b c', 'b') => true
selected(concat('red ', 'green'), ${colour}) => true
count-selected(${likes}) => 2
count-selected(${nolikes}) => 0
selected-at(${likes}, 1) => "blue"
selected-at(${likes}, 9) => 
${likes} = 'red blue' => true
${likes} = '' => false
${nolikes} = '' => true
${likes} => "red blue"
jr:choice-name(${colour}, '${colour}') => "Red"
${hair} = 'other' => true
${hair_other} => "henna"
${hair_other} = 'henna' => true
${eyes} = 'green' => true
${eyes} = 'other' => false
${eyes_other} = '' => true
selected(${hair}, 'other') => true
${agreed} = 'OK' => true
${agreed} != '' => true
${agreed} = '' => false
${silent} = 'OK' => 
${silent} = '' => true
${photo} != '' => true
${photo} = '' => false
true() => true
not(true()) => false
boolean(${name}) => true
boolean(${none}) => false
string(${age}) => "34"
string(${none}) => ""
if(${age} > 18, 'adult', 'child') => "adult"
if(${blank} > 18, 'adult', 'child') => "child"
if(${blank} > 18, 1, 2) => 2
if(${none} = '', '', ${age}) => 
if(${age} > 18, ${name}, ${age}) => "Ana María"
coalesce(${none}, ${nick}) => "Ani"
coalesce(${name}, ${nick}) => "Ana María"
coalesce(${blank}, 0) => 0
coalesce(${age}, 0) => 34
concat(${name}, ' ', ${nick}) => "Ana María Ani"
concat(${name}, '-', ${none}) => "Ana María-"
concat(${none}) => ""
concat('a', 'b') => "ab"
concat(${age}, ' ', ${likes}) => "34 red blue"
join(', ', ${name}, ${nick}) => "Ana María, Ani"
join(', ', ${first_name}) => "Bea, Leo, Mia"
string-length(${name}) => 9
string-length(${none}) => 0
string-length(${none}) = 0 => true
substr(${name}, 0, 3) => "Ana"
substr(${name}, 4) => "María"
substring(${name}, 1, 3) => "Ana"
substring-before(${name}, ' ') => "Ana"
substring-after(${name}, ' ') => "María"
substring-after(${name}, 'zz') => ""
contains(${name}, 'Mar') => true
contains(${none}, 'Mar') => false
contains(${none}, '') => true
starts-with(${name}, 'Ana') => true
ends-with(${name}, 'Ana') => false
normalize-space('  a   b ') => "a b"
translate(${nick}, 'An', 'Em') => "Emi"
upper-case(${nick}) => "ANI"
lower-case(${nick}) => "ani"
regex(${name}, '[A-Za-zí ]+') => true
regex(${name}, 'Ana') => false
regex(${none}, '.*') => true
regex(${none}, '.+') => false
today() => "2024-05-06"
${born} => "1990-02-20"
${born} < today() => true
${born} < '2000-01-01' => true
${born} = '1990-02-20' => true
${born} = date('1990-02-20') => true
${noday} < today() => 
${noday} = '' => true
${born} + 1 => "1990-02-21"
${born} - 1 => "1990-02-19"
today() - ${born} => 12494
today() + ${age} => "2024-06-09"
int((today() - ${born}) div 365.25) => 34
int((today() - ${noday}) div 365.25) => 
date('2020-03-01') - date('2020-02-01') => 29
decimal-date-time(${born}) => 7355
decimal-date-time(${met}) => 19848.5
decimal-time(${wakes}) => 0.3125
format-date(${born}, '%Y/%m/%d') => "1990/02/20"
format-date(${born}, '%e.%n.%y') => "20.2.90"
format-date(${noday}, '%Y') => 
format-date-time(${met}, '%H:%M') => "12:00"
${wakes} < '08:00' => true
${wakes} = '07:30:00' => true
${wakes} = '07:30' => 
${wakes} = '07:30.00' => error
${wakes} < '08:00:00.5' => true
${met} < now() => true
(now() - ${met}) * 24 => 24
date(${met}) = date('2024-05-05') => true
${street} => "Calle 1"
/data/home/street => "Calle 1"
../home/street => "Calle 1"
count(${child}) => 3
count(${first_name}) => 3
count-non-empty(${years}) => 2
count(${pet}) => 2
count(${name}) => 1
sum(${years}) => 19
min(${years}) => 7
max(${years}) => 12
sum(${legs}) => 6
max(${age}, 40) => 40
min(${age}, ${blank}) => 
max(1, 2, 3) => 3
${years} = 7 => true
${years} = 8 => false
${years} != 7 => true
${years} > 10 => true
${first_name} = 'Leo' => true
${years} | ${legs} = 4 => true
indexed-repeat(${first_name}, ${child}, 2) => "Leo"
indexed-repeat(${first_name}, ${child}, ${size}) => "Leo"
indexed-repeat(${years}, ${child}, 9) => 
${bmi} > 25 => true
1 = 1 => true
'a' = 'b' => false
1 < 2 => true
'2' > 1 => true
10 = 10.0 => true
true() = 'x' => true
${age} > 18 or true() => true
1 div 4 => 0.25
0 => 0
'' => ""
number('') => 
boolean('') => false
boolean-from-string('true') => true
${name} = 'it''s' => error
concat("it's", 'q') => "it'sq"
“a” = ‘a’ => true
`

func TestTranslation(t *testing.T) {
	f := parsed(t, household)
	check(t, f, f.named["nick"], "", translations1)
}

// check evaluates lines of "xpath => result".
func check(t *testing.T, f *form, at *node, where, table string) {
	t.Helper()
	for line := range strings.Lines(strings.TrimSpace(table)) {
		src, want, ok := strings.Cut(strings.TrimRight(line, "\n"), " => ")
		if !ok {
			src, want = strings.TrimSuffix(strings.TrimRight(line, "\n"), " =>"), ""
		}
		tr := translator{form: f, at: at}
		v, err := tr.translate(src)
		if err == nil && v.lists {
			v, err = tr.text(v)
		}
		if err != nil {
			if want != "error" {
				t.Errorf("%s: %v", src, err)
			}
			continue
		}
		if got := evaluate(t, f, v.src, family, where); got != want {
			t.Errorf("%s\n   gives %s\n   wants %s\n   %s", src, got, want, v.src)
		}
	}
}

// In a repeat, each occurrence sees its own answers.
func TestTranslationInRepeats(t *testing.T) {
	f := parsed(t, household)
	years := f.named["years"]
	check(t, f, years, "child[0].years", `
${years} => 7
. > 5 => true
. = '' => false
${first_name} = 'Bea' => true
${fur} = '' => true
${fur} != 'blue' => true
${legs} = 2 => true
sum(${legs}) => 6
count(${pet}) => 2
${name} => "Ana María"
concat(${first_name}, ' ', ${name}) => "Bea Ana María"
../first_name => "Bea"
sum(${years}) => 7
`)
	check(t, f, years, "child[1].years", `
${first_name} = 'Bea' => false
${fur} = 'blue' => true
selected(${fur}, 'blue') => true
${legs} = 2 => false
count(${pet}) => 0
`)
	check(t, f, f.named["legs"], "child[0].pet[1].legs", `
${pet_name} => "Polly"
${first_name} => "Bea"
${legs} => 2
concat(${first_name}, '+', ${pet_name}) => "Bea+Polly"
${colour} = 'red' => true
`)
	if got := len(f.vars[f.named["child"]]); got != 5 {
		t.Errorf("%d variables on child", got)
	}
}

// What has no equivalent says so, and names it.
func TestTranslationRefuses(t *testing.T) {
	f := parsed(t, household)
	for src, want := range map[string]string{
		"position(..)": "position()", "random()": "random()", "pulldata('a','b','c','d')": "pulldata()", "once(1)": "once()",
		"instance('x')/root/item[name=1]/label": "instance()", "${device} = 1": "deviceid", "${nobody}": "${nobody}", "${last-saved#name}": "last form",
		"regex(${name}, '(?=a)')": "linear time", "regex(${name}, ${nick})": "constant", "${name}[1]": "square brackets", "format-date(today(), '%b')": "%b",
		"1 +": "too early", "(1": "missing", "${name": "not closed", "'x": "not closed", "a": "names no question", "../..": "out of the form", "count(1)": "count()",
		"sum(${first_name})": "numbers", "concat(${first_name})": "several values", "${child} = 1": "", "count()": "arguments", "foo(": "too early", "#": "not expected",
		"//a": "not expected", "selected-at(${name} + 1, 1)": "select", "jr:choice-name(${likes}, '${likes}')": "select_one",
		"translate(${name}, 'ab', 'ba')": "twice", strings.Repeat("(", 100) + "1": "nests", strings.Repeat("1+", 5000) + "1": "longer", strings.Repeat("1+", 500) + "1": "operators",
		"99999999999999999999": "digits",
	} {
		tr := translator{form: f, at: f.root}
		v, err := tr.translate(src)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v %s, want %q", src, err, v.src, want)
		}
	}
}

// Nested coalesce() doubles what it repeats; the result stays bounded.
func TestTranslationStaysBounded(t *testing.T) {
	f := parsed(t, household)
	src := "${name}"
	for range 30 {
		src = fmt.Sprintf("coalesce(%s, ${nick})", src)
	}
	tr := translator{form: f, at: f.root}
	if _, err := tr.translate(src); err == nil {
		t.Error("no bound was met")
	}
}

func expressionsOf(items []convert.Item) []string {
	raw, _ := json.Marshal(items)
	var all []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if s, ok := v["expression"].(string); ok && v["language"] == "text/fhirpath" {
				all = append(all, s)
			}
			for _, e := range v {
				walk(e)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	var v any
	_ = json.Unmarshal(raw, &v)
	walk(v)
	return all
}
