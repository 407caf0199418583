package sdc

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/internal/sample"
)

// form wraps items in a questionnaire.
func form(items string) []byte {
	return []byte(`{"resourceType":"Questionnaire","url":"https://kindred.example/q/sleep","version":"1","status":"active","item":[` + items + `]}`)
}

func mustCompile(tb testing.TB, raw []byte) *Form {
	tb.Helper()
	f, found := Compile(raw)
	if f == nil {
		tb.Fatalf("refused: %v", found.Refusals)
	}
	return f
}

// told lists faults as "key@field", which is what tests compare.
func told(l fault.List) string {
	var s []string
	for _, f := range l {
		s = append(s, strings.TrimPrefix(f.Key, "questionnaires.")+"@"+f.Field)
	}
	return strings.Join(s, " ")
}

// The real questionnaires: what is within the feature set compiles, the others are refused with all that is missing.
func TestSamples(t *testing.T) {
	for _, c := range []struct {
		file  string
		items int // 0: refused
		names []string
	}{
		{"paginated.json", 47, nil},
		{"bit-of-everything.json", 19, nil},
		{"family-health-portrait.json", 33, nil},
		{"cvd-risk-calculator.json", 17, nil},
		// A pattern with a quote that ends the string it stands in; one option, by its code, offered twice under two names.
		{"cardiology.json", 0, []string{"publish.expression@patient_email", "publish.option_twice@additionalinfo_pronouns"}},
		{"health-check-695-items.json", 695, nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			f, found := Compile(sample.Read(t, "samples", "questionnaires", c.file))
			if (f != nil) != (c.items > 0) {
				t.Fatalf("compiled %t, refusals: %s", f != nil, told(found.Refusals))
			}
			for _, name := range c.names {
				if !strings.Contains(told(found.Refusals), name) {
					t.Errorf("no %s among %s", name, told(found.Refusals))
				}
			}
			p := locale.For("en")
			kinds := map[string]int{}
			for _, r := range found.Refusals {
				if kinds[r.Key+fmt.Sprint(r.Args["Feature"])]++; kinds[r.Key+fmt.Sprint(r.Args["Feature"])] == 1 {
					t.Logf("%s: %s", r.Field, p.T(r.Key, map[string]any(r.Args)))
				}
			}
			t.Logf("%d refusals, %d warnings (%s)", len(found.Refusals), len(found.Warnings), told(found.Warnings))
			if f != nil && f.Items() != c.items {
				t.Errorf("%d items, want %d", f.Items(), c.items)
			}
		})
	}
}

// Paginated is filled to the end, page by page, as a person would.
func TestFillPaginated(t *testing.T) {
	f := mustCompile(t, sample.Read(t, "samples", "questionnaires", "paginated.json"))
	if f.Pages() != 10 {
		t.Fatalf("%d pages, want 10", f.Pages())
	}
	s := f.Start()
	before := f.Remaining(s)
	if told(f.Check(s)) == "" {
		t.Error("an empty form has required questions left")
	}
	var fill func(items []ItemView)
	fill = func(items []ItemView) {
		for _, it := range items {
			e := Entry{}
			switch it.Type {
			case TypeString:
				e.Text = "Maria"
			case TypeInteger:
				e.Text = "3"
			case TypeDate:
				e.Text = "2021-03"
			case TypeDateTime:
				e.Text = "2021-03-04T10:42"
			case TypeChoice:
				e.Text = it.Options[0].Key
			case TypeGroup:
				fill(it.Items)
				continue
			default:
				continue
			}
			if it.Label == "" && it.Options == nil {
				t.Errorf("%s has no label", it.LinkID)
			}
			p, err := ParsePath(it.Path)
			if err != nil {
				t.Fatal(err)
			}
			if _, faults := f.Apply(s, Change{Path: p, Entries: []Entry{e}}); faults != nil {
				t.Errorf("%s: %v", it.Path, faults)
			}
		}
	}
	for n := range f.Pages() {
		fill(f.Page(s, n, "en", nil, nil).Items)
	}
	if faults := f.Check(s); faults != nil {
		t.Errorf("still missing: %s", told(faults))
	}
	if left := f.Remaining(s); left != 0 || before < 1 {
		t.Errorf("%.1f minutes left of %.1f", left, before)
	}
	out := f.Encode(s, Header{Status: Completed, Language: "en"})
	if _, faults := f.Read(out); faults != nil {
		t.Errorf("what it wrote it does not accept: %s\n%s", told(faults), out)
	}
}

func TestRefusals(t *testing.T) {
	q := `{"linkId":"q","type":"boolean"}`
	for _, c := range []struct{ name, items, want string }{
		{"no linkId", `{"type":"boolean"}`, "publish.link_missing@item[0]"},
		{"linkId twice", q + `,` + q, "publish.que_2@q"},
		{"empty group", `{"linkId":"g","type":"group"}`, "publish.que_1@g"},
		{"question in a display", `{"linkId":"d","type":"display","item":[` + q + `]}`, "publish.que_1@d"},
		{"code on display", `{"linkId":"d","type":"display","code":[{"code":"x"}]},` + q, "publish.que_3@d"},
		{"options twice over", `{"linkId":"c","type":"choice","answerOption":[{"valueString":"a"}],"answerValueSet":"#x"}`, "publish.que_4@c"},
		{"options on boolean", `{"linkId":"b","type":"boolean","answerOption":[{"valueString":"a"}]}`, "publish.que_5@b"},
		{"required display", `{"linkId":"d","type":"display","required":true}`, "publish.que_6@d"},
		{"exists 1", q + `,{"linkId":"r","type":"string","enableWhen":[{"question":"q","operator":"exists","answerInteger":1}]}`, "publish.que_7@r"},
		{"initial on group", `{"linkId":"g","type":"group","initial":[{"valueString":"x"}],"item":[` + q + `]}`, "publish.que_8@g"},
		{"read-only display", `{"linkId":"d","type":"display","readOnly":true}`, "publish.que_9@d"},
		{"maxLength on date", `{"linkId":"d","type":"date","maxLength":4}`, "publish.que_10@d"},
		{"initial and options", `{"linkId":"c","type":"choice","answerOption":[{"valueString":"a"}],"initial":[{"valueString":"a"}]}`, "publish.que_11@c"},
		{"no behaviour", q + `,{"linkId":"r","type":"string","enableWhen":[{"question":"q","operator":"=","answerBoolean":true},{"question":"q","operator":"exists","answerBoolean":true}]}`, "publish.que_12@r"},
		{"two initials", `{"linkId":"s","type":"string","initial":[{"valueString":"a"},{"valueString":"b"}]}`, "publish.que_13@s"},
		{"options of another kind", `{"linkId":"r","type":"reference","answerOption":[{"valueString":"x"}]}`, "publish.option_type@r"},
		{"query language", `{"linkId":"q","type":"integer","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/cql","expression":"1"}}]}`, "publish.feature@q"},
		{"bad expression", `{"linkId":"q","type":"integer","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"1 +"}}]}`, "publish.expression@q"},
		{"unknown variable", `{"linkId":"q","type":"integer","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%nowhere"}}]}`, "publish.variable_unknown@q"},
		{"dangling", `{"linkId":"r","type":"string","enableWhen":[{"question":"nowhere","operator":"exists","answerBoolean":true}]}`, "publish.question_missing@r"},
		{"itself", `{"linkId":"r","type":"string","enableWhen":[{"question":"r","operator":"exists","answerBoolean":true}]}`, "publish.cycle@r"},
		{"circle", `{"linkId":"a","type":"boolean","enableWhen":[{"question":"b","operator":"exists","answerBoolean":true}]},{"linkId":"b","type":"boolean","enableWhen":[{"question":"a","operator":"=","answerBoolean":true}]}`, "publish.cycle@a"},
		{"circle through a group", `{"linkId":"g","type":"group","enableWhen":[{"question":"b","operator":"exists","answerBoolean":true}],"item":[{"linkId":"b","type":"boolean"}]}`, "publish.cycle@g"},
		{"wrong comparison", q + `,{"linkId":"r","type":"string","enableWhen":[{"question":"q","operator":"=","answerInteger":1}]}`, "publish.condition_type@r"},
		{"order of booleans", q + `,{"linkId":"r","type":"string","enableWhen":[{"question":"q","operator":">","answerBoolean":true}]}`, "publish.condition_type@r"},
		{"unknown element", `{"linkId":"q","type":"boolean","colour":"red"}`, "element.unknown@q"},
		{"wrong kind", `{"linkId":"q","type":"boolean","required":"yes"}`, "element.kind@q"},
		{"unknown type", `{"linkId":"q","type":"bool"}`, "element.value@q"},
		{"backtracking", `{"linkId":"q","type":"string","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/regex","valueString":"(?=a)b"}]}`, "publish.pattern@q"},
		{"modifier", `{"linkId":"q","type":"string","modifierExtension":[{"url":"http://x","valueString":"b"}]}`, "publish.feature@q"},
		{"computed limit", `{"linkId":"q","type":"integer","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","_valueInteger":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/cqf-expression"}]}}]}`, "element.missing@q"},
		{"several at once", `{"linkId":"r","type":"string","modifierExtension":[{"url":"http://x"}]},{"linkId":"g","type":"group"},{"linkId":"q","type":"boolean","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"}]}`, "publish.feature@r element.missing@q publish.que_1@g"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := Compile(form(c.items))
			if got := told(found.Refusals); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, raw := range []string{`{"resourceType":"Patient"}`, `[]`, `nonsense`, `{"resourceType":"Questionnaire"}`, `{"resourceType":"Questionnaire","resourcetype":"x"}`} {
		if f, found := Compile([]byte(raw)); f != nil || len(found.Refusals) == 0 {
			t.Errorf("%s was not refused", raw)
		}
	}
}

// The cycle is named from item to item.
func TestCycleIsNamed(t *testing.T) {
	_, found := Compile(form(`{"linkId":"a","type":"boolean","enableWhen":[{"question":"b","operator":"exists","answerBoolean":true}]},{"linkId":"b","type":"boolean","enableWhen":[{"question":"a","operator":"=","answerBoolean":true}]}`))
	if got := found.Refusals[0].Args["Items"]; got != "a → b → a" {
		t.Errorf("got %v", got)
	}
}

// Script in a title is harmless text: it comes out as it went in, and escaped in JSON.
func TestScriptInTitle(t *testing.T) {
	raw := form(`{"linkId":"q","type":"boolean","text":"<script>alert(1)</script>"}`)
	f := mustCompile(t, raw)
	s := f.Start()
	if got := f.Page(s, 0, "en", nil, nil).Items[0].Label; got != "<script>alert(1)</script>" {
		t.Errorf("got %q", got)
	}
	f.Apply(s, Change{Path: Path{LinkID: "q"}, Entries: []Entry{{Text: "true"}}})
	if out := f.Encode(s, Header{Status: Completed}); strings.Contains(string(out), "<script") || !json.Valid(out) {
		t.Errorf("got %s", out)
	}
}

func TestTranslations(t *testing.T) {
	f := mustCompile(t, form(`{"linkId":"q","type":"choice","text":"How is your sleep?","_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"¿Cómo duermes?"}]}]},
		"answerOption":[{"valueCoding":{"code":"g","display":"Good","_display":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"Bien"}]}]}}}]}`))
	for lang, want := range map[string]string{"es": "¿Cómo duermes? Bien", "es-MX": "¿Cómo duermes? Bien", "en": "How is your sleep? Good", "fr": "How is your sleep? Good"} {
		it := f.Page(f.Start(), 0, lang, nil, nil).Items[0]
		if got := it.Label + " " + it.Options[0].Label; got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
	if got := fmt.Sprint(f.Languages()); got != "[es]" {
		t.Errorf("languages %s", got)
	}
}

// Every message that the package can say exists.
func TestMessagesExist(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`"(questionnaires\.[a-z0-9_.]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(keys) < 75 {
		t.Fatalf("found %d keys", len(keys))
	}
	for _, k := range keys {
		if !locale.Has(k[1]) {
			t.Errorf("no message %s", k[1])
		}
	}
}

// Whatever bytes come in, compiling answers with a form or with refusals, and a form can be started, drawn and checked.
func FuzzCompile(f *testing.F) {
	f.Add(form(`{"linkId":"g","type":"group","repeats":true,"item":[{"linkId":"q","type":"boolean","initial":[{"valueBoolean":true}]},{"linkId":"r","type":"quantity","enableWhen":[{"question":"q","operator":"=","answerBoolean":true}]}]}`))
	f.Add(form(`{"linkId":"c","type":"open-choice","repeats":true,"answerOption":[{"valueCoding":{"code":"a"}},{"valueCoding":{"system":"s","code":"b"},"initialSelected":true}],"item":[{"linkId":"d","type":"date"}]}`))
	f.Add(form(q("n", "integer") + "," + q("g", "group", `"repeats":true`, extensions(variableExt("v", "item.where(linkId='x').answer.value")), `"item":[`+q("x", "integer")+","+
		q("s", "integer", `"_text":`+computedBy("'a' + %v.toString()"), extensions(byPath("calculatedExpression", "%v + %resource.item.where(linkId='n').answer.value")))+`]`)))
	f.Add(form(q("a", "integer", extensions(byPath("calculatedExpression", "%resource.descendants().count()"))) + "," + q("b", "choice", extensions(byPath("answerExpression", "'x' | 'y'"), byPath("enableWhenExpression", "%context.answer.empty()")))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lenient, _ := Compile(raw, Options{Lenient: true})
		form, found := Compile(raw)
		if lenient == nil && form != nil {
			t.Fatal("lenience refused what is right")
		}
		if lenient != nil { // whatever it is, it can be held against a response
			e := lenient.Evaluate(responseOf("in-progress"), noon)
			if again := lenient.Evaluate(e.Response, noon); string(again.Response) != string(e.Response) && len(e.State.troubles)+len(again.State.troubles) == 0 {
				t.Fatalf("evaluated %s, then %s", e.Response, again.Response)
			}
			lenient.Read(e.Response, noon)
		}
		if form == nil {
			if len(found.Refusals) == 0 {
				t.Fatal("refused without a reason")
			}
			return
		}
		s := form.Start(noon)
		form.Check(s)
		form.Review(s, "es", nil)
		saved := form.Save(s)
		back, faults := form.Restore(saved, noon)
		if settled := len(s.troubles) == 0; len(faults) > 0 || string(form.Save(back.State)) != string(saved) && settled {
			t.Fatalf("saved and read back differently: %v\n%s\n%s", faults, saved, form.Save(back.State))
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	raw := sample.Read(b, "samples", "questionnaires", "health-check-695-items.json")
	b.Run("compile", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			Compile(raw)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			var v any
			if json.Unmarshal(raw, &v) != nil {
				b.Fatal("not JSON")
			}
		}
	})
}

func TestColumns(t *testing.T) {
	f := mustCompile(t, everything)
	var got []string
	for _, c := range f.Columns() {
		s := c.LinkID
		if c.Parent != "" {
			s = c.Parent + "/" + s
		}
		if c.FreeText {
			s += "*"
		}
		got = append(got, s)
	}
	want := "bool int dec date dt time url* str* text* q sym* sym/since sym/note* must* deep far* visit visit/when visit/drug drug/name* drug/dose visit/helped calc hid*"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}
