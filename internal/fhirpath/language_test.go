package fhirpath

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// maria is the Patient of the tables below: two names, a birth date with an extension, a managing organization.
const maria = `{"resourceType":"Patient","id":"maria","active":true,
 "extension":[{"url":"http://example.org/weight","valueQuantity":{"value":70.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}},{"url":"http://example.org/n","valueInteger":3}],
 "contained":[{"resourceType":"Organization","id":"o1","name":"Clinic"},{"resourceType":"ValueSet","id":"vs","compose":{"include":[{"system":"http://s","concept":[{"code":"a"},{"code":"b"}]}]}}],
 "name":[{"use":"official","family":"García","given":["Maria","Luz"]},{"use":"usual","given":["Mari"]}],
 "gender":"female","birthDate":"1980-02-29","_birthDate":{"extension":[{"url":"http://example.org/t","valueDateTime":"1980-02-29T05:00:00+01:00"}]},
 "maritalStatus":{"coding":[{"system":"http://s","code":"a","display":"A"}]},
 "multipleBirthInteger":2,"managingOrganization":{"reference":"#o1"},
 "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Maria</p></div>"}}`

// check runs lines of the form `expression => result`: JSON items separated by spaces, {} for nothing, ! for an error.
func checkTable(t *testing.T, root Node, env Env, table string) {
	t.Helper()
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndex(line, "=>")
		src, want := strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+2:])
		if got := evalText(src, root, env); got != want && (want != "!" || !strings.HasPrefix(got, "!")) {
			t.Errorf("%s\n   gives %s\n   not   %s", src, got, want)
		}
	}
}

func evalText(src string, root Node, env Env) string {
	e, err := Compile(src, Options{})
	if err != nil {
		return "! " + err.Error()
	}
	out, err := e.Eval(context.Background(), root, env)
	if err != nil {
		return "! " + err.Error()
	}
	if len(out) == 0 {
		return "{}"
	}
	var parts []string
	for _, v := range out {
		var sb strings.Builder
		enc := json.NewEncoder(&sb)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v.Plain()); err != nil {
			return err.Error()
		}
		parts = append(parts, strings.TrimSpace(sb.String()))
	}
	return strings.Join(parts, " ")
}

func mustParse(t testing.TB, s string) Node {
	t.Helper()
	n, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var noon = time.Date(2026, 5, 4, 12, 30, 15, 250e6, time.FixedZone("", 2*3600))

func TestLanguage(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon, Vars: map[string]Collection{"n": {Integer(4)}, "many": {Integer(1), Integer(2)}, "none": nil}}, `
# singleton evaluation and empty propagation
name.given + 'x' => !
name.first().family + ', ' + name.first().given.first() => "García, Maria"
{} + 1 => {}
1 + {} => {}
{} = {} => {}
true > {} => {}
{} != 'dummy' => {}
{} & 'a' & {} => "a"
'ABC' + {} + 'DEF' => {}
active and gender and name.first() => true
active and name => !
name.where(use).count() => 2
name.exists(use = 'usual') => true
iif(1, 'yes', 'no') => "yes"
iif(0, 'yes', 'no') => "yes"
iif({}, 'yes', 'no') => "no"
iif(false, 1/0) => {}
{}.iif(true, 'a', 'b') => "a"
{}.select(iif(true, 'a', 'b')) => {}
birthDate.iif(exists(), toString(), '?') => "1980-02-29"
# precedence
1 + 2 * 3 => 7
(1 + 2) * 3 => 9
-2.abs() => -2
(-2).abs() => 2
-7.combine(3) => !
(-7).combine(3) => -7 3
2 + 3 = 5 and true => true
1 | 2 = 1 => false
(1 | 2) = (1 | 2) => true
1 < 2 = true => true
true or true and false => true
false implies false and false => true
true xor true or true => true
1 = 1 in (true | false) => true
3 is Integer and true => true
1 + 1 is Integer => true
1 | 1 is Integer => 1 true
6 div 4 * 2 => 2
2 - 1 - 1 => 0
'a' & 'b' + 'c' => "abc"
-1 + 2 => 1
- -1 => 1
+5 => 5
-'a' => !
-true => !
# three-valued logic
true implies {} => {}
{} implies true => true
{} implies false => {}
false implies {} => true
{} and false => false
{} or true => true
{} xor true => {}
{}.not() => {}
# comments, names, escapes
1 /* one */ + 2 // three => 3
`+"`active`"+` => true
name[0].`+"`given`"+`[1] => "Luz"
'\u00e9\t\'\"\\\/' => "é\t'\"\\/"
'\p' => "p"
'\\p' => "\\p"
'\u005' => "u005"
'\uD83D\uDD25'.length() => 1
'a🔥b'.indexOf('b') => 2
'a\uD83D\uDD25b'.toChars() => "a" "🔥" "b"
%n + 1 => 5
%`+"`n`"+` => 4
%'n' => 4
%many.count() => 2
%none.exists() => false
%nobody => !
%context.id => "maria"
%resource.id => "maria"
%rootResource.id => "maria"
contained[0].select(%rootResource.id) => "maria"
%vs-administrative-gender => "http://hl7.org/fhir/ValueSet/administrative-gender"
%`+"`ext-patient-birthTime`"+` => "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
$this.id => "maria"
$total => !
$index => 0
1 + => !
1 2 => !
name. => !
'open => !
(1 => !
1 => 1
2147483648 => !
-2147483648 => -2147483648
5L + 1 => 6
9223372036854775807L => 9223372036854775807
unknownFunction() => !
name.where() => !
name.first(1) => !
@2014-13 => !
@2015-02-29 => !
@2016-02-29 => "2016-02-29"
@T25:00 => !
`)
}

func TestCollections(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
(1 | 2 | 3).where($this > 1) => 2 3
(10 | 20 | 30).where($index = 1) => 20
(10 | 20 | 30).select($this + $index) => 10 21 32
name.given => "Maria" "Luz" "Mari"
name.given.count() => 3
name[0].given[5] => {}
name[-1] => {}
name.given.first() | name.given.first() => "Maria"
name.given.combine(name.given).count() => 6
name.given.combine('x', true).last() => "x"
(1 | 2 | 3).intersect(2 | 3 | 4) => 2 3
1.combine(1).combine(2).intersect(1) => 1
1.combine(1).combine(2).exclude(2) => 1 1
(1 | 2).subsetOf(1 | 2 | 3) => true
{}.subsetOf(1) => true
(1 | 2).supersetOf({}) => true
{}.supersetOf(1) => false
1 in {} => false
{} in (1 | 2) => {}
(1 | 2) in (1 | 2) => !
{} contains 1 => false
(1 | 2) contains {} => {}
'Maria' in name.given => true
(1 | 2 | 3).take(0) => {}
(1 | 2 | 3).take(-1) => {}
(1 | 2 | 3).skip(-1) => 1 2 3
(1 | 2 | 3).skip(5) => {}
(1 | 2 | 3).tail() => 2 3
(1 | 2 | 3).last() => 3
{}.first() => {}
(1 | 2).single() => !
{}.single() => {}
{}.all(true) => true
{}.allTrue() => true
{}.anyTrue() => false
(true | false).allTrue() => false
(true | false).anyFalse() => true
(1 | 2).allTrue() => !
1.combine(1.0).isDistinct() => false
1 'm' | 100 'cm' => {"unit":"m","value":1}
(1 | 2 | 3 | 4).aggregate($this + $total, 0) => 10
(1 | 2 | 3 | 4).aggregate(iif($total.empty(), $this, iif($this > $total, $this, $total))) => 4
{}.aggregate($this + $total, 5) => 5
(3 | 1 | 2).sort() => 1 2 3
(3 | 1 | 2).sort($this desc) => 3 2 1
('c' | 'a' | 'b').sort($this asc) => "a" "b" "c"
('3' | '1' | '10').sort() => "1" "10" "3"
name.sort(family).use => "usual" "official"
name.sort(family desc).use => "official" "usual"
(1 | 'a').sort() => !
coalesce({}, {}, 2, 3) => 2
name.select(coalesce(family, given.first())) => "García" "Mari"
(1 | 2).sum() => 3
(1.5 | 2).sum() => 3.5
{}.sum() => {}
(1 'cm' | 1 'm').sum() => {"unit":"cm","value":101}
('a' | 1).sum() => !
(5.5 | 4.7 | 4.8).avg() => 5
(1 | 2).avg() => 1.5
{}.avg() => {}
(2 | 8 | 4).max() => 8
(@2012-12-31 | @2013-01-01 | @2012-01-01).min() => "2012-01-01"
('b' | 'a').min() => "a"
name.repeat(given) => "Maria" "Luz" "Mari"
1.repeat(iif($this < 5, $this + 1, {})) => 2 3 4 5
'x'.repeat('y') => "y"
name.repeatAll(given).count() => 3
children().count() => 14
name.children().count() => 6
name.descendants().count() => 6
birthDate.children().count() => 1
defineVariable('a', 1).select(%a + 1) => 2
name.first().defineVariable('f', family).given.select(%f & ' ' & $this) => "García Maria" "García Luz"
defineVariable('a').defineVariable('a') => !
defineVariable('resource', 1) => !
(defineVariable('a', 1) | defineVariable('a', 2)).exists() => true
(defineVariable('a', 1).select(%a)) | %a => !
select(defineVariable('a', 1)).select(%a) => !
Coding { system: 'http://s', code: 'c' } => {"code":"c","system":"http://s"}
Coding { system: 'http://s', code: gender }.code => "female"
Period {:} => {}
Coding { wrong: 1 } => !
`)
}

func TestConversion(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
'1'.toInteger() => 1
'+1'.toInteger() => 1
'1.0'.toInteger() => {}
1.5.toInteger() => {}
'2147483648'.toInteger() => {}
'2147483648'.toLong() => 2147483648
true.toInteger() => 1
true.toDecimal() => 1.0
'1.50'.toDecimal() => 1.50
'1e3'.toDecimal() => {}
'.5'.toDecimal() => {}
'yes'.toBoolean() => true
'F'.toBoolean() => false
'x'.toBoolean() => {}
1.0.toBoolean() => true
2.toBoolean() => {}
(1 | 2).toString() => !
1.50.toString() => "1.50"
name.first().toString() => {}
name.first().convertsToString() => false
{}.convertsToString() => {}
1 'wk'.toString() => "1 'wk'"
4 days.toString() => "4 days"
1 week.toString() => "1 week"
@2014T.toString() => "2014"
'4 days'.toQuantity() => {"unit":"day","value":4}
'10 \'mm[Hg]\''.toQuantity() => {"unit":"mm[Hg]","value":10}
'10 mg'.toQuantity() => {}
52 'cm'.toQuantity('m') => {"unit":"m","value":0.52}
45.toQuantity('m') => {"unit":"m","value":45}
24 'm'.toQuantity('kg') => {}
1 'a'.toQuantity('d') => {"unit":"d","value":365.25}
1 'wk'.toQuantity('d') => {"unit":"d","value":7}
182.5 days.toQuantity('a') => {"unit":"a","value":0.5}
1 year.toQuantity('a') = 1 'a' => true
98.6 '[degF]'.toQuantity('Cel') => {"unit":"Cel","value":37}
37 'Cel'.toQuantity('[degF]') => {"unit":"[degF]","value":98.6}
@2024-01-15T23:30:00-05:00.toDate() => "2024-01-15"
'2024-01-15'.toDate() => "2024-01-15"
'2024-02-30'.toDate() => {}
'150124'.toDate('ddMMyy') => "2024-01-15"
'15-01-2024'.toDate('dd-MM-yyyy') => "2024-01-15"
'12-27'.toDate('MM-yy') => "2027-12"
'15/01/2024 3:05 PM'.toDateTime('dd/MM/yyyy h:mm a') => "2024-01-15T15:05"
'2024-01-15'.toDateTime() => "2024-01-15"
'14:34'.toTime() => "14:34"
'24:00'.toTime() => {}
'x'.convertsToDate() => false
birthDate.toString() => "1980-02-29"
birthDate.convertsToDateTime() => true
`)
}

func TestText(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
'abcdefg'.substring(3) => "defg"
'abcdefg'.substring(1, 2) => "bc"
'abcdefg'.substring(6, 2) => "g"
'abcdefg'.substring(7, 1) => {}
'abcdefg'.substring(-1, 1) => {}
'abcdefg'.substring(3, 0) => ""
'abcdefg'.substring(3, -1) => ""
'abcdefg'.substring(1, {}) => "bcdefg"
'é🔥x'.substring(1, 1) => "🔥"
''.substring(0) => {}
'abc abc'.lastIndexOf('a') => 4
'0123'.lastIndexOf('') => 4
''.lastIndexOf('') => 0
'abc'.startsWith({}) => {}
'abc'.contains('') => true
'abc'.upper() => "ABC"
1.length() => !
('a' | 'b').length() => !
'abc'.replace('b', '') => "ac"
'a🔥c'.replace('', 'x') => "xax🔥xcx"
'abc'.matches('^b') => false
'first line\nsecond line'.matches('^second', 'm') => true
'first line\nsecond line'.matches('^second', '') => false
'first line\nsecond line'.matches('^SECOND', 'im') => true
'a'.matches('a', 'x') => !
'a'.matches('(') => !
'a'.matches('x(?=a)') => !
{}.matches('(') => {}
'K1A0B1'.matches('^(?!.*[DFIOQU])[A-VXY][0-9][A-Z] ?[0-9][A-Z][0-9]$') => true
'D1A0B1'.matches('^(?!.*[DFIOQU])[A-VXY][0-9][A-Z] ?[0-9][A-Z][0-9]$') => false
'abc1'.matches('^(?=.*[0-9])(?=.*[a-z(]).{4,}$') => true
'abcd'.matches('^(?=.*[0-9])(?=.*[a-z(]).{4,}$') => false
'abc1'.matchesFull('(?=.*[0-9])[a-z0-9]+') => true
'N8000123123'.matches('^N[0-9]{8}$') => false
'N8000123123'.matches('N[0-9]{8}') => true
'N8000123123'.matchesFull('N[0-9]{8}') => false
'N8000123123'.matchesFull('N[0-9]{10}') => true
'ab'.matchesFull('a|b') => false
'11/30/1972'.replaceMatches('\\b(?<month>\\d{1,2})/(?<day>\\d{1,2})/(?<year>\\d{2,4})\\b', '${day}-${month}-${year}') => "30-11-1972"
'aaabaa'.replaceMatches('aa', '"aa"') => "\"aa\"ab\"aa\""
'abc'.replaceMatches('(b)', '$1$1x') => "abbxc"
('A' | 'B').join() => "AB"
('A' | 'B').join(', ') => "A, B"
{}.join(',') => {}
'A,,C'.split(',') => "A" "" "C"
'ABC'.split(',') => "ABC"
'  a b '.trim() => "a b"
'test'.encode('hex') => "74657374"
'//8='.decode('base64') => {}
'x'.encode('rot13') => !
'x'.encode({}) => {}
'é'.encode('ascii') => "?"
'A&B'.escape('html') => "A&amp;B"
'&lt;'.unescape('html') => "<"
'a\nb'.escape('json') => "a\\nb"
'a b' ~ 'A\tB' => true
'a' ~ 'b' => false
text.`+"`div`"+`.htmlChecks() => true
'<div><script>x</script></div>'.htmlChecks() => false
`)
}

func TestMath(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
1 / 3 => 0.3333333333333333333333333333
4 / 2 => 2
1 / 0 => {}
0 / 0 => {}
5.5 div 0.7 => 7
5.5 mod 0.7 => 0.6
-5 div 2 => -2
-5 mod 2 => -1
5 mod 0 => {}
0.1 + 0.2 = 0.3 => true
1.10 => 1.10
1.1 * 1.1 => 1.21
2147483647 + 1 => {}
2147483647L + 1 => 2147483648
123456789012345678901234567890.5 + 0.5 => 123456789012345678901234567891.0
99999999999999999999.0 * 99999999999999999999.0 = 9999999999999999999800000000000000000001.0 => true
99999999999999999999 => !
1 + 'a' => !
'a' - 'b' => !
1.ceiling() => 1
(-1.1).ceiling() => -1
(-2.1).floor() => -3
(-1.56).truncate() => -1
1.5.ceiling().type().name => "Integer"
3.7 'mg'.floor() => {"unit":"mg","value":3}
0.exp() => 1
1.ln() => 0
0.ln() => {}
16.log(2) => 4
100.0.log(10.0) => 2
0.log(2) => !
2.power(3) => 8
2.power(-1) => 0.5
2.5.power(2) => 6.25
(-1).power(0.5) => {}
4.power(0.5) => 2
10.power(5000) => {}
81.sqrt() => 9
2.sqrt().round(10) => 1.4142135624
(-1).sqrt() => {}
3.14159.round(3) => 3.142
2.5.round() => 3
(-2.5).round() => -3
1.005.round(2) => 1.01
1.round(2) => 1
1.5.round(-1) => !
'a'.abs() => !
(1 | 2).abs() => !
(1.2 / 1.8).round(2) => 0.67
1.2 / 1.8 ~ 0.67 => true
1.10 ~ 1.1 => true
1 ~ 1.0 => true
1.587.lowBoundary(2) => 1.58
1.587.highBoundary(0) => 2
(-1.587).highBoundary(0) => -1
1.58700.precision() => 5
100.precision() => 0
`)
}
