package sdc

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"kindred/internal/fhirpath"
)

// noon is when these forms are filled in.
var noon = Context{Now: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}

// ext writes an extension that holds a FHIRPath expression; the name is that of SDC.
func byPath(name, expression string) string {
	return fmt.Sprintf(`{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-%s","valueExpression":{"language":"text/fhirpath","expression":%s}}`, name, js(expression))
}

func variableExt(name, expression string) string {
	return fmt.Sprintf(`{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":%s,"language":"text/fhirpath","expression":%s}}`, js(name), js(expression))
}

// computedBy writes an extension on a primitive.
func computedBy(expression string) string {
	return fmt.Sprintf(`{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/cqf-expression","valueExpression":{"language":"text/fhirpath","expression":%s}}]}`, js(expression))
}

func js(s string) string { b, _ := json.Marshal(s); return string(b) }

// q writes an item of the form.
func q(link, kind string, more ...string) string {
	return fmt.Sprintf(`{"linkId":%s,"type":%s%s}`, js(link), js(kind), strings.Join(append([]string{""}, more...), ","))
}

func extensions(list ...string) string { return `"extension":[` + strings.Join(list, ",") + `]` }

// a writes an item of a response.
func a(link, value string) string {
	return fmt.Sprintf(`{"linkId":%s,"answer":[{%s}]}`, js(link), value)
}

func responseOf(status string, items ...string) []byte {
	s := fmt.Sprintf(`{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/sleep|1","status":%q`, status)
	if len(items) > 0 {
		s += `,"item":[` + strings.Join(items, ",") + `]`
	}
	return []byte(s + `}`)
}

// answersOf lists the answers of a document as link=value.
func answersOf(t *testing.T, raw []byte) string {
	t.Helper()
	root, err := fhirpath.Parse(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var list []string
	var walk func(n fhirpath.Node)
	walk = func(n fhirpath.Node) {
		for _, item := range n.Children("item") {
			for _, ans := range item.Children("answer") {
				v := ans.Child("value")
				b, _ := v.MarshalJSON()
				list = append(list, item.Child("linkId").Text()+"="+string(b))
				walk(ans)
			}
			walk(item)
		}
	}
	walk(root)
	return strings.Join(list, " ")
}

func TestExpressions(t *testing.T) {
	num := q("n", "integer")
	read := "%resource.item.where(linkId='n').answer.value"
	choice := `"answerOption":[{"valueCoding":{"system":"s","code":"a","display":"Ah"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/itemWeight","valueDecimal":3}]},{"valueCoding":{"system":"s","code":"b","display":"Be"}}]`
	for _, c := range []struct {
		name, items, in string
		answers         string
		off             string // linkIds that are disabled
		told            string
	}{
		{"sum", num + "," + q("s", "integer", extensions(byPath("calculatedExpression", read+" + 1"))), a("n", `"valueInteger":4`), "n=4 s=5", "", ""},
		{"integer to decimal", num + "," + q("s", "decimal", extensions(byPath("calculatedExpression", read+" / 8"))), a("n", `"valueInteger":4`), "n=4 s=0.5", "", ""},
		{"nothing to add", num + "," + q("s", "integer", extensions(byPath("calculatedExpression", read+" + 1"))), "", "", "", ""},
		{"stale and read-only", num + "," + q("s", "integer", `"readOnly":true`, extensions(byPath("calculatedExpression", read+" + 1"))), a("n", `"valueInteger":4`) + "," + a("s", `"valueInteger":9`), "n=4 s=5", "", ""},
		{"changed by a person", num + "," + q("s", "integer", extensions(byPath("calculatedExpression", read+" + 1"))), a("n", `"valueInteger":4`) + "," + a("s", `"valueInteger":9`), "n=4 s=9", "", ""},
		{"a chain, backwards", q("c", "integer", extensions(byPath("calculatedExpression", "%resource.item.where(linkId='b').answer.value * 2"))) + "," + q("b", "integer", extensions(byPath("calculatedExpression", read+" * 2"))) + "," + num, a("n", `"valueInteger":3`), "c=12 b=6 n=3", "", ""},
		{"several for one", q("n", "integer", `"repeats":true`) + "," + q("s", "integer", extensions(byPath("calculatedExpression", read))), `{"linkId":"n","answer":[{"valueInteger":1},{"valueInteger":2}]}`, "n=1 n=2", "", "compute.several"},
		{"several for many", q("n", "integer", `"repeats":true`) + "," + q("s", "integer", `"repeats":true`, extensions(byPath("calculatedExpression", read))), `{"linkId":"n","answer":[{"valueInteger":1},{"valueInteger":2}]}`, "n=1 n=2 s=1 s=2", "", ""},
		{"wrong type", num + "," + q("s", "integer", extensions(byPath("calculatedExpression", "'x'"))), "", "", "", "compute.type"},
		{"a failure is told", q("n", "integer", `"repeats":true`) + "," + q("s", "boolean", extensions(byPath("calculatedExpression", read+" > 1"))), `{"linkId":"n","answer":[{"valueInteger":1},{"valueInteger":2}]}`, "n=1 n=2", "", "compute.failed"},
		{"date of a dateTime", q("s", "date", extensions(byPath("calculatedExpression", "now()"))), "", `s="2026-03-04"`, "", ""},
		{"today", q("s", "date", extensions(byPath("calculatedExpression", "today()"))), "", `s="2026-03-04"`, "", ""},
		{"quantity gets its unit", q("s", "quantity", extensions(`{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"kg","display":"kg"}}`, byPath("calculatedExpression", "70.5"))), "", `s={"code":"kg","system":"http://unitsofmeasure.org","unit":"kg","value":70.5}`, "", ""},
		{"code is an option", q("s", "choice", choice, extensions(byPath("calculatedExpression", "'b'"))), "", `s={"code":"b","display":"Be","system":"s"}`, "", ""},
		{"words are an option", q("s", "choice", choice, extensions(byPath("calculatedExpression", "'Ah'"))), "", `s={"code":"a","display":"Ah","system":"s"}`, "", ""},
		{"no option", q("s", "choice", choice, extensions(byPath("calculatedExpression", "'z'"))), "", "", "", "compute.option"},
		{"weight", q("c", "choice", choice) + "," + q("s", "decimal", extensions(byPath("calculatedExpression", "%resource.item.where(linkId='c').answer.value.weight()"))), a("c", `"valueCoding":{"system":"s","code":"a"}`), `c={"code":"a","system":"s"} s=3`, "", ""},
		{"decimals are cut to what the item takes", q("s", "decimal", extensions(`{"url":"http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces","valueInteger":1}`, byPath("calculatedExpression", "22.857142"))), "", "s=22.9", "", ""},

		{"enabled", num + "," + q("e", "string", extensions(byPath("enableWhenExpression", read+" > 3"))), a("n", `"valueInteger":4`), "n=4", "", ""},
		{"not enabled", num + "," + q("e", "string", extensions(byPath("enableWhenExpression", read+" > 3"))), a("n", `"valueInteger":2`) + "," + a("e", `"valueString":"x"`), "n=2", "e", ""},
		{"empty does not enable", num + "," + q("e", "string", extensions(byPath("enableWhenExpression", read+" > 3"))), "", "", "e", ""},
		{"what cannot be told stays", q("n", "integer", `"repeats":true`) + "," + q("e", "string", extensions(byPath("enableWhenExpression", read+" > 3"))), `{"linkId":"n","answer":[{"valueInteger":1},{"valueInteger":2}]}`, "n=1 n=2", "", "compute.failed"},
		{"the older address", num + "," + q("e", "string", extensions(strings.Replace(byPath("enableWhenExpression", read+" > 3"), "uv/sdc/StructureDefinition/sdc-questionnaire-", "StructureDefinition/questionnaire-", 1))), "", "", "e", ""},
		{"a disabled answer is none", num + "," + q("e", "integer", extensions(byPath("enableWhenExpression", read+" > 3"))) + "," + q("s", "boolean", extensions(byPath("calculatedExpression", "%resource.item.where(linkId='e').answer.exists()"))), a("n", `"valueInteger":2`) + "," + a("e", `"valueInteger":9`), "n=2 s=false", "e", ""},
		{"enabled by what is calculated", num + "," + q("s", "integer", `"readOnly":true`, extensions(byPath("calculatedExpression", read+" * 2"))) + "," + q("e", "string", `"enableWhen":[{"question":"s","operator":">","answerInteger":5}]`), a("n", `"valueInteger":3`), "n=3 s=6", "", ""},
		{"under a question", num + "," + q("p", "boolean", `"item":[`+q("c", "integer", extensions(byPath("calculatedExpression", read)))+`]`), a("n", `"valueInteger":3`) + `,` + a("p", `"valueBoolean":true`), "n=3 p=true c=3", "", ""},

		{"variables see the nearest", q("g", "group", extensions(variableExt("v", "item.where(linkId='x').answer.value")), `"item":[`+q("x", "integer")+","+q("s", "integer", extensions(byPath("calculatedExpression", "%v + 1")))+`]`), `{"linkId":"g","item":[` + a("x", `"valueInteger":3`) + `]}`, "x=3 s=4", "", ""},
		{"each repeat its own", q("g", "group", `"repeats":true`, extensions(variableExt("v", "item.where(linkId='x').answer.value")), `"item":[`+q("x", "integer")+","+q("s", "integer", extensions(byPath("calculatedExpression", "%v * %v")))+`]`), `{"linkId":"g","item":[` + a("x", `"valueInteger":3`) + `]},{"linkId":"g","item":[` + a("x", `"valueInteger":5`) + `]}`, "x=3 s=9 x=5 s=25", "", ""},
		{"the sum over repeats", q("g", "group", `"repeats":true`, `"item":[`+q("x", "integer")+`]`) + "," + q("s", "integer", extensions(byPath("calculatedExpression", "%resource.item.where(linkId='g').item.where(linkId='x').answer.value.sum()"))), `{"linkId":"g","item":[` + a("x", `"valueInteger":3`) + `]},{"linkId":"g","item":[` + a("x", `"valueInteger":5`) + `]}`, "x=3 x=5 s=8", "", ""},
		{"a name within hides one around", q("o", "group", extensions(variableExt("v", "1")), `"item":[`+q("g", "group", extensions(variableExt("v", "%v + 10")), `"item":[`+q("s", "integer", extensions(byPath("calculatedExpression", "%v")))+`]`)+","+q("t", "integer", extensions(byPath("calculatedExpression", "%v")))+`]`), "", "s=11 t=1", "", ""},
		{"the question in the form", q("s", "string", `"text":"How?"`, extensions(byPath("calculatedExpression", "%qitem.text + %questionnaire.status"))), "", `s="How?active"`, "", ""},
		{"its own answer is not a circle", q("s", "integer", extensions(byPath("enableWhenExpression", "answer.empty() or answer.value < 5"))), a("s", `"valueInteger":3`), "s=3", "", ""},
		{"reading widely is not a circle", num + "," + q("s", "integer", extensions(byPath("calculatedExpression", "%resource.descendants().where(linkId = 'n').answer.value.sum()"))), a("n", `"valueInteger":3`), "n=3 s=3", "", ""},
		{"a server is not asked", q("s", "string", extensions(`{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"application/x-fhir-query","expression":"Patient?x"}}`)), a("s", `"valueString":"kept"`), `s="kept"`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := mustCompile(t, form(c.items))
			e := f.Evaluate(responseOf("in-progress", strings.Fields(c.in)...), noon)
			if c.in != "" {
				e = f.Evaluate(responseOf("in-progress", c.in), noon)
			}
			if got := answersOf(t, e.Response); got != c.answers {
				t.Errorf("answers %s, want %s (%s)", got, c.answers, toldIssues(e.Issues))
			}
			for link, on := range e.Enabled {
				if on == (link == c.off) {
					t.Errorf("%s enabled: %t", link, on)
				}
			}
			told := ""
			for _, f := range e.State.troubles {
				told += strings.TrimPrefix(f.Key, "questionnaires.")
			}
			if told != c.told {
				t.Errorf("told %s, want %s", told, c.told)
			}
			again := f.Evaluate(e.Response, noon)
			if string(again.Response) != string(e.Response) {
				t.Errorf("evaluated twice: %s, then %s", e.Response, again.Response)
			}
		})
	}
}

// toldIssues lists issues as severity:key@place.
func toldIssues(l Issues) string {
	var s []string
	for _, i := range l {
		s = append(s, string(i.Severity)[:1]+":"+strings.TrimPrefix(i.Fault.Key, "questionnaires.")+"@"+strings.TrimPrefix(i.Fault.Field, "QuestionnaireResponse"))
	}
	return strings.Join(s, " ")
}

// What the form does not know stays in the document, in its place.
func TestEvaluateKeepsTheDocument(t *testing.T) {
	f := mustCompile(t, form(q("n", "integer")+","+q("s", "integer", `"text":"Double"`, `"readOnly":true`, extensions(byPath("calculatedExpression", "%resource.item.where(linkId='n').answer.value * 2")))+","+q("z", "string")))
	raw := []byte(`{"resourceType":"QuestionnaireResponse","id":"r1","meta":{"tag":[{"code":"x"}]},"text":{"status":"generated","div":"<div/>"},` +
		`"questionnaire":"https://kindred.example/q/sleep|1","status":"in-progress","item":[{"id":"i","linkId":"n","extension":[{"url":"u","valueString":"v"}],"text":"N","answer":[{"id":"a","valueInteger":2}]},` +
		`{"linkId":"alien","answer":[{"valueString":"?"}]},{"linkId":"z","answer":[{"valueFoo":1}]}],"subject":{"display":"Maria"}}`)
	want := strings.Replace(string(raw), `{"linkId":"alien"`, `{"linkId":"alien"`, 1)
	want = strings.Replace(want, `{"valueString":"?"}]},`, `{"valueString":"?"}]},{"linkId":"s","text":"Double","answer":[{"valueInteger":4}]},`, 1)
	if got := string(f.Evaluate(raw, noon).Response); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Texts, limits and options follow the answers, and a change says which items look different.
func TestLiveItems(t *testing.T) {
	read := "%resource.item.where(linkId='n').answer.value"
	options := `"answerOption":[{"valueString":"x"},{"valueString":"y"}]`
	f := mustCompile(t, form(strings.Join([]string{
		q("n", "integer"),
		q("text", "string", `"text":"?"`, `"_text":`+computedBy("'You said ' + "+read+".toString()")),
		q("must", "string", `"_required":`+computedBy(read+" > 3")),
		q("fixed", "string", `"_readOnly":`+computedBy(read+" > 3")),
		q("bound", "integer", `"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","_valueInteger":`+computedBy(read)+`}]`),
		q("offer", "choice", extensions(byPath("answerExpression", "('a' | 'b').take("+read+")"))),
		q("toggle", "choice", options, `"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-answerOptionsToggleExpression","extension":[{"url":"option","valueString":"y"},{"url":"expression","valueExpression":{"language":"text/fhirpath","expression":`+js(read+" > 3")+`}}]}]`),
		q("first", "string", extensions(byPath("initialExpression", "'hello'"))),
	}, ",")))
	s := f.Start(noon)
	view := func(link string) ItemView {
		for _, it := range f.Page(s, 0, "en", nil, nil).Items {
			if it.LinkID == link {
				return it
			}
		}
		t.Fatal("no", link)
		return ItemView{}
	}
	if v := view("first"); len(v.Answers) != 1 || v.Answers[0].Text != "hello" || !v.Prefilled {
		t.Errorf("the first answer: %+v", v)
	}
	if v := view("toggle"); v.Options[0].Off || !v.Options[1].Off {
		t.Errorf("options: %+v", v.Options)
	}
	e, faults := f.Apply(s, Change{Path: Path{LinkID: "n"}, Entries: []Entry{{Text: "4"}}})
	if faults != nil {
		t.Fatal(faults)
	}
	if got := strings.Join(e.LinkIDs, " "); got != "n text must fixed bound toggle offer" && len(e.LinkIDs) != 7 {
		t.Errorf("changed: %s", got)
	}
	switch {
	case view("text").Label != "You said 4":
		t.Errorf("text: %q", view("text").Label)
	case !view("must").Required, !view("fixed").ReadOnly, view("bound").Max != "4", len(view("offer").Options) != 2, view("toggle").Options[1].Off:
		t.Errorf("%+v", f.Page(s, 0, "en", nil, nil).Items)
	}
	if _, faults := f.Apply(s, Change{Path: Path{LinkID: "bound"}, Entries: []Entry{{Text: "5"}}}); told(faults) != "answer.too_large@bound" {
		t.Errorf("a computed limit: %s", told(faults))
	}
	if _, faults := f.Apply(s, Change{Path: Path{LinkID: "fixed"}, Entries: []Entry{{Text: "x"}}}); told(faults) != "answer.read_only@fixed" {
		t.Errorf("computed read-only: %s", told(faults))
	}
	if got := told(f.Check(s)); got != "answer.required@must" {
		t.Errorf("computed required: %s", got)
	}
	back, faults := f.Restore(f.Save(s), noon)
	if faults != nil || string(f.Save(back.State)) != string(f.Save(s)) {
		t.Errorf("%v\n%s\n%s", faults, f.Save(s), f.Save(back.State))
	}
}

// What a person put in the place of a calculation stays, through saving, until they take it away.
func TestOverride(t *testing.T) {
	f := mustCompile(t, form(q("n", "integer")+","+q("s", "integer", extensions(byPath("calculatedExpression", "%resource.item.where(linkId='n').answer.value * 2")))))
	s := f.Start(noon)
	put(f, s, "n", "2")
	put(f, s, "s", "7")
	put(f, s, "n", "3")
	back, _ := f.Restore(f.Save(s), noon)
	s = back.State
	put(f, s, "n", "4")
	if got := answersOf(t, f.Encode(s, Header{Status: Completed})); got != "n=4 s=7" {
		t.Errorf("overridden: %s", got)
	}
	put(f, s, "s")
	if got := answersOf(t, f.Encode(s, Header{Status: Completed})); got != "n=4 s=8" {
		t.Errorf("given back: %s", got)
	}
}

// A form that can be published may still not be what its author meant.
func TestReview(t *testing.T) {
	yes := q("b", "boolean")
	choice := q("c", "choice", `"answerOption":[{"valueCoding":{"system":"s","code":"a","display":"Ah"}}]`)
	for _, c := range []struct{ name, items, want string }{
		{"a code that is not offered", choice + "," + q("d", "string", `"enableWhen":[{"question":"c","operator":"=","answerCoding":{"system":"s","code":"z"}}]`), "publish.unreachable@d"},
		{"two answers at once", yes + "," + q("d", "string", `"enableBehavior":"all","enableWhen":[{"question":"b","operator":"=","answerBoolean":true},{"question":"b","operator":"=","answerBoolean":false}]`), "publish.unreachable@d"},
		{"either answer", yes + "," + q("d", "string", `"enableBehavior":"any","enableWhen":[{"question":"b","operator":"=","answerBoolean":true},{"question":"b","operator":"=","answerBoolean":false}]`), ""},
		{"an element that is not there", q("d", "integer", extensions(byPath("calculatedExpression", "%resource.items.count()"))), "publish.expression_type@d"},
		{"half translated", q("d", "integer", `"text":"One","_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"Uno"}]}]}`) + "," + q("e", "integer", `"text":"Two"`), "publish.translation@e"},
	} {
		_, found := Compile(form(c.items))
		if got := told(found.Warnings); got != c.want {
			t.Errorf("%s: got %q, want %q (%s)", c.name, got, c.want, told(found.Refusals))
		}
	}
}
