package convert

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/sample"
)

func TestParseKeepsWhatHasAFieldAndReportsTheRest(t *testing.T) {
	q, report, err := Parse([]byte(`{"resourceType":"Questionnaire","meta":{"profile":["x"]},"title":"T","_title":{"id":"t","extension":[{"url":"u","valueString":"v"}]},
		"contained":[{"resourceType":"Patient","id":"p","name":["not a string"]},{"resourceType":"ValueSet","id":"s","compose":{"include":[{"system":"c","concept":[{"code":"1"}]}]}}],
		"item":[{"linkId":"a","type":"choice","text":null,"answerOption":[{"valueCoding":{"code":"1","userSelected":true},"initialSelected":true}],
			"extension":[{"url":"http://x/y","valuePeriod":{"start":"2020"}},{"url":"http://x/z","valueDecimal":1.50}],
			"item":[{"linkId":"b","type":"integer","initial":[{"valueInteger":3}],"enableWhen":[{"question":"a","operator":"exists","answerBoolean":false}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if q.Title != "T" || q.TitleMore.Extension[0].String != "v" || q.Contained[0].Compose.Include[0].Concept[0].Code != "1" || len(q.Contained) != 1 {
		t.Errorf("top: %+v", q)
	}
	a := q.Item[0]
	b := a.Item[0]
	if *a.Extension[1].Decimal != "1.50" || !a.AnswerOption[0].InitialSelected || *b.Initial[0].Integer != 3 || *b.EnableWhen[0].Boolean {
		t.Errorf("items: %+v", q.Item)
	}
	var got []string
	for _, n := range report {
		got = append(got, n.Place+" "+n.Feature)
	}
	want := []string{"Questionnaire meta", "Questionnaire _title.id", "Questionnaire contained", "a answerOption.valueCoding.userSelected", "a extension.http://x/y.valuePeriod"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("report %q\nwant   %q", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for raw, want := range map[string]int{
		`{`:                          1,
		`[]`:                         1,
		`{"resourceType":"Patient"}`: 1,
		strings.Repeat(`[`, 100_000): 1,
		`{"resourceType":"Questionnaire","title":1,"item":[{"linkId":"a","required":"yes","maxLength":1.5},{"item":{}},3]}`: 5,
	} {
		if _, _, err := Parse([]byte(raw)); len(fault.All(err)) != want || fault.KindOf(err) == fault.Internal {
			t.Errorf("%.80s: %v", raw, err)
		}
	}
}

// What Parse reads and Marshal writes is, where nothing was reported, the same JSON.
func same(t *testing.T, raw []byte) {
	q, report, err := Parse(raw)
	if err != nil {
		return
	}
	again, more, err := Parse(q.Marshal())
	if err != nil || len(more) > 0 || !reflect.DeepEqual(q, again) && string(q.Marshal()) != string(again.Marshal()) {
		t.Fatalf("not stable: %v %v", err, more)
	}
	if len(report) > 0 {
		return
	}
	var a, b any
	if json.Unmarshal(raw, &a) != nil || json.Unmarshal(q.Marshal(), &b) != nil || !reflect.DeepEqual(bare(a), bare(b)) {
		t.Fatalf("lost without a word:\n%s\n%s", raw, q.Marshal())
	}
}

// bare drops what means nothing: null, "", false for an absent flag, 0, empty lists and objects.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e = bare(e); e == nil {
				delete(v, k)
			} else {
				v[k] = e
			}
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case []any:
		var list []any
		for _, e := range v {
			if e = bare(e); e != nil {
				list = append(list, e)
			}
		}
		if list == nil {
			return nil
		}
		return list
	case bool:
		if !v {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	}
	return v
}

func TestParseReadsTheSamples(t *testing.T) {
	for _, name := range []string{"bit-of-everything", "cardiology", "cvd-risk-calculator", "family-health-portrait", "health-check-695-items", "paginated"} {
		raw := sample.Read(t, "samples", "questionnaires", name+".json")
		q, report, err := Parse(raw)
		if err != nil || len(q.Item) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d notes", name, len(report))
		same(t, raw)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"choice","answerOption":[{"valueCoding":{"code":"1"}}]}]}`))
	f.Add([]byte(`{"resourceType":"Questionnaire","contained":[{"resourceType":"ValueSet","id":"s"}],"extension":[{"url":"u","valueDecimal":1.0}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) { same(t, raw) })
}
