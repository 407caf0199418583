package redcap

import (
	"os"
	"path/filepath"
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/convert"
	"kindred/questionnaires/sdc"
)

// Questionnaires that never saw REDCap become dictionaries that can be read again.
func TestOtherQuestionnairesBecomeDictionaries(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sample.Path(t, "samples", "questionnaires"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		q, _, err := convert.Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		back, report, err := Write(q, Options{})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		again, _, err := Read(back, Options{})
		if err != nil {
			t.Errorf("%s: %v\n%.3000s", filepath.Base(f), err, back)
			continue
		}
		if _, found := sdc.Compile([]byte(pretty(t, again))); len(found.Refusals) > 0 {
			for _, r := range found.Refusals {
				t.Errorf("%s: %v %v", filepath.Base(f), r, r.Args)
			}
		}
		losses := map[string]int{}
		for _, n := range report {
			losses[string(n.Loss)+" "+n.Feature]++
		}
		t.Log(filepath.Base(f), count(q.Item), "items,", count(again.Item), "back,", len(back), "bytes,", losses)
	}
}

// hand holds the shapes in which people write expressions by hand, and the logic that says the same.
var hand = []struct{ path, logic string }{
	{"%resource.item.where(linkId='age').answer.value > 17", "[age] > 17"},
	{"%resource.descendants().where(linkId='age').answer.value >= 18", "[age] >= 18"},
	{"QuestionnaireResponse.item.where(linkId='form-main').item.where(linkId='age').answer.valueInteger", ""},
	{"item.where(linkId='age').answer.first().value = 3", "[age] = 3"},
	{"%resource.repeat(item | answer).where(linkId='name').answer.value.ofType(string) != 'x'", "[name] <> '' and [name] <> 'x'"},
	{"%resource.item.where(linkId='sex').answer.value.code = '1'", "[sex] = '1'"},
	{"%resource.item.where(linkId='sex').answer.value.where(code = '1').exists()", "[sex] = '1'"},
	{"%resource.item.where(linkId='sex').answer.value.exists($this.code = '1')", "[sex] = '1'"},
	{"%resource.item.where(linkId='sex').answer.value.code in ('1' | 'x')", "[sex] = '1' or [sex] = 'x'"},
	{"%resource.item.where(linkId='signs').answer.value.code contains '2'", "[signs(2)] = '1'"},
	{"%resource.item.where(linkId='signs').answer.value.where(code='2').empty()", "[signs(2)] = '0'"},
	{"%resource.item.where(linkId='signs').answer.exists()", "[signs(1)] = '1' or [signs(2)] = '1' or [signs(-9)] = '1'"},
	{"%resource.item.where(linkId='smoker').answer.value", "[smoker]"},
	{"%resource.item.where(linkId='smoker').answer.value = true", "[smoker] = '1'"},
	{"%resource.item.where(linkId='smoker').answer.value.not()", "not([smoker])"},
	{"%resource.item.where(linkId='age').answer.empty()", "[age] = ''"},
	{"%resource.item.where(linkId='age').exists()", "[age] <> ''"},
	{"(%resource.item.where(linkId='age').answer.value | %resource.item.where(linkId='pain').answer.value).sum()", "if([age] = '' and [pain] = '', '', sum([age], [pain]))"},
	{"%resource.item.where(linkId in ('age' | 'pain')).answer.value.sum()", "if([age] = '' and [pain] = '', '', sum([age], [pain]))"},
	{"%a + %b", "[age] + [weight]"},
	{"%bmi > 30", "[weight] / ([age])^(2) > 30"},
	{"(%weight / ((%a/100) * (%a/100))).round(1)", "round([weight] / ([age] / 100 * ([age] / 100)), 1)"},
	{"iif(%a > 3, 'grown', 'small')", "if([age] > 3, 'grown', 'small')"},
	{"iif(%a > 3, 1)", "if([age] > 3, 1, '')"},
	{"today() > %resource.item.where(linkId='born').answer.value", "'today' > [born]"},
	{"%resource.item.where(linkId='born').answer.value < @2000-01-01", "[born] < '2000-01-01'"},
	{"(%a > 3).intersect(%b < 5)", "[age] > 3 and [weight] < 5"},
	{"%a.empty() or %a <= 3 // small", "[age] = '' or [age] <= 3"},
	{"%resource.item.where(linkId='name').answer.value.contains('x') and (%a = 1 or %a = 2)", "contains([name], 'x') and ([age] = 1 or [age] = 2)"},
	{"%resource.item.where(linkId='form-visit')[1].item.where(linkId='pulse').answer.value > 80", "[pulse][2] > 80"},
	{"%pulse_here > 80", "[pulse] > 80"},
	{"-%a", "-[age]"}, {"%a div 2", "rounddown([age] / 2, 0)"}, {"5 mod 2", "mod(5, 2)"}, {"'a' & 'b'", "concat('a', 'b')"},
	// Refused.
	{"%patient.birthDate", ""}, {"%a.aggregate($this)", ""}, {"%a xor %b", ""}, {"%a > 3 'kg'", ""}, {"%a is Integer", ""}, {"%nobody > 1", ""}, {"%loop", ""},
	{"%resource.item.where(linkId='nothing').answer.value = 1", ""}, {"Coding { code: 'x' }", ""}, {"%resource.item.where(linkId='signs').answer.value.code = %a", ""},
}

func TestHandWrittenExpressions(t *testing.T) {
	d := testDictionary(t)
	w := &writer{dict: d, fieldNames: map[string]string{}, codes: map[string]map[string]string{}, vars: map[string]string{
		"a": "%resource.item.where(linkId='age').answer.value", "b": "%resource.repeat(item).where(linkId='weight').answer.value", "weight": "%b", "bmi": "%weight / %a.power(2)",
		"pulse_here": occurrencePath(d.byName["pulse"]), "loop": "%loop + 1"}}
	for _, f := range d.fields {
		w.fieldNames[f.name] = f.name
	}
	for _, f := range d.forms {
		w.forms = append(w.forms, &outForm{name: f.name, repeats: f.repeats})
	}
	for _, h := range hand {
		l, _, err := w.decompile(h.path)
		got := ""
		if err == nil {
			got = printLogic(l)
		}
		if got != h.logic {
			t.Errorf("%s is %q (%v), not %q", h.path, got, err, h.logic)
		}
	}
}
