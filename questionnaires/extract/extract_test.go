package extract

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindred/internal/fhirpath"
	"kindred/internal/locale"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// options count identifiers, so that results can be compared.
func options() Options {
	n := 0
	return Options{Now: noon, Agent: "Kindred", ID: func() string { n++; return fmt.Sprintf("id-%d", n) }}
}

func ext(name, value string) string {
	return `{"url":"` + sdc + `sdc-questionnaire-` + name + `",` + value + `}`
}

func questionnaire(extension, contained, items string) []byte {
	return []byte(`{"resourceType":"Questionnaire","url":"urn:q","status":"active","contained":[` + contained + `],"extension":[` + extension + `],"item":[` + items + `]}`)
}

func response(items string) []byte {
	return []byte(`{"resourceType":"QuestionnaireResponse","id":"r1","questionnaire":"urn:q","status":"completed","subject":{"reference":"Patient/lucia"},` +
		`"author":{"reference":"RelatedPerson/maria"},"authored":"2026-03-01T10:00:00Z","item":[` + items + `]}`)
}

// made runs an extraction and gives the resources of its bundle, one a line, without the Provenance.
func made(t *testing.T, q, r []byte, o Options) (string, Result) {
	t.Helper()
	res, err := Extract(t.Context(), q, r, o)
	if err != nil {
		t.Fatal(err)
	}
	var b struct {
		Entry []struct {
			FullURL  string
			Resource json.RawMessage
			Request  map[string]string
		}
	}
	if res.Bundle != nil {
		if err := json.Unmarshal(res.Bundle, &b); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	for _, e := range b.Entry {
		if e.Request["url"] != "Provenance" {
			lines = append(lines, e.Request["method"]+" "+e.Request["url"]+" "+string(e.Resource))
		}
	}
	return strings.Join(lines, "\n"), res
}

func holds(t *testing.T, name, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s: no %s in\n%s", name, w, got)
		}
	}
}

const weight = `"code":[{"system":"http://loinc.org","code":"29463-7"}]`

func TestObservations(t *testing.T) {
	kilograms := `{"url":"` + core + `questionnaire-unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"kg","display":"kg"}}`
	q := questionnaire(ext("observationExtract", `"valueBoolean":true`)+","+ext("observation-extract-category", `"valueCodeableConcept":{"coding":[{"code":"vital-signs"}]}`), "", `
		{"linkId":"w","type":"decimal",`+weight+`,"extension":[`+kilograms+`]},
		{"linkId":"pain","type":"choice","repeats":true,"code":[{"system":"urn:c","code":"pain"},{"system":"urn:c","code":"ache","extension":[`+ext("observationExtract", `"valueBoolean":true`)+`]}]},
		{"linkId":"off","type":"boolean","code":[{"code":"off"}],"extension":[`+ext("observationExtract", `"valueBoolean":false`)+`]},
		{"linkId":"bare","type":"string"},
		{"linkId":"bp","type":"group","code":[{"code":"85354-9"}],"item":[
			{"linkId":"sys","type":"integer","code":[{"code":"8480-6"}],"extension":[`+ext("observationExtract", `"valueCode":"component"`)+`]},
			{"linkId":"arm","type":"string","code":[{"code":"arm"}]}]}`)
	got, res := made(t, q, response(`
		{"linkId":"w","answer":[{"valueDecimal":31.50}]},
		{"linkId":"pain","answer":[{"valueCoding":{"code":"y","display":"Yes"}},{"valueCoding":{"code":"s"}}]},
		{"linkId":"off","answer":[{"valueBoolean":true}]},{"linkId":"bare","answer":[{"valueString":"x"}]},
		{"linkId":"bp","item":[{"linkId":"sys","answer":[{"valueInteger":120}]},{"linkId":"arm","answer":[{"valueString":"left"}]}]}`), options())
	if res.Resources != 5 || len(res.Notes) > 0 {
		t.Errorf("%d resources, %v\n%s", res.Resources, res.Notes, got)
	}
	holds(t, "weight", got, `"valueQuantity":{"code":"kg","system":"http://unitsofmeasure.org","unit":"kg","value":31.50}`, `"effectiveDateTime":"2026-03-01T10:00:00Z"`,
		`"performer":[{"reference":"RelatedPerson/maria"}]`, `"derivedFrom":[{"reference":"QuestionnaireResponse/r1"}]`, `"category":[{"coding":[{"code":"vital-signs"}]}]`)
	holds(t, "only the marked code", got, `"code":{"coding":[{"code":"ache","system":"urn:c"}]}`)
	holds(t, "component and member", got, `"component":[{"code":{"coding":[{"code":"8480-6"}]},"valueInteger":120}]`, `"hasMember":[{"reference":"urn:uuid:id-`)
	if strings.Contains(got, `"off"`) || strings.Contains(string(res.Bundle), `"bare"`) {
		t.Errorf("too much: %s", got)
	}
	holds(t, "provenance", string(res.Bundle), `"entity":[{"role":"source","what":{"reference":"QuestionnaireResponse/r1"}}]`, `"onBehalfOf":{"reference":"Patient/lucia"}`)
	if none, res := made(t, q, response(`{"linkId":"bare","answer":[{"valueString":"x"}]}`), options()); none != "" || res.Bundle != nil {
		t.Errorf("nothing was answered: %s", none)
	}
}

func TestDefinitions(t *testing.T) {
	const patient = core + "Patient#Patient."
	q := questionnaire(ext("extractAllocateId", `"valueString":"child"`)+","+
		ext("definitionExtract", `"extension":[{"url":"definition","valueCanonical":"`+core+`Patient"},{"url":"fullUrl","valueString":"%child"},{"url":"ifNoneExist","valueString":"'identifier=7'"}]`)+","+
		ext("definitionExtractValue", `"extension":[{"url":"definition","valueUri":"`+patient+`active"},{"url":"fixed-value","valueBoolean":true}]`), "", `
		{"linkId":"name","type":"group","repeats":true,"definition":"`+patient+`name","item":[
			{"linkId":"given","type":"string","repeats":true,"definition":"`+patient+`name.given"},
			{"linkId":"family","type":"string","definition":"`+patient+`name.family"}]},
		{"linkId":"born","type":"date","definition":"`+patient+`birthDate"},
		{"linkId":"sex","type":"choice","definition":"`+patient+`gender"},
		{"linkId":"marital","type":"choice","definition":"`+patient+`maritalStatus"},
		{"linkId":"slice","type":"string","definition":"`+patient+`extension:race.value[x]"},
		{"linkId":"nowhere","type":"string","definition":"`+patient+`colour"},
		{"linkId":"odd","type":"boolean","definition":"`+patient+`birthDate"},
		{"linkId":"ill","type":"group","repeats":true,"extension":[`+ext("definitionExtract", `"extension":[{"url":"definition","valueCanonical":"`+core+`Condition"}]`)+`,
			`+ext("definitionExtractValue", `"extension":[{"url":"definition","valueUri":"`+core+`Condition#Condition.subject.reference"},{"url":"expression","valueExpression":{"language":"text/fhirpath","expression":"%child"}}]`)+`],"item":[
			{"linkId":"what","type":"open-choice","definition":"`+core+`Condition#Condition.code"},
			{"linkId":"age","type":"quantity","definition":"`+core+`Condition#Condition.onset[x]:onsetAge"}]}`)
	got, res := made(t, q, response(`
		{"linkId":"name","item":[{"linkId":"given","answer":[{"valueString":"Ana"},{"valueString":"Lucía"}]},{"linkId":"family","answer":[{"valueString":"Ríos"}]}]},
		{"linkId":"name","item":[{"linkId":"family","answer":[{"valueString":"Vega"}]}]},
		{"linkId":"born","answer":[{"valueDate":"2019-02"}]},{"linkId":"sex","answer":[{"valueCoding":{"system":"s","code":"female"}}]},
		{"linkId":"marital","answer":[{"valueCoding":{"code":"S"}}]},{"linkId":"slice","answer":[{"valueString":"x"}]},{"linkId":"nowhere","answer":[{"valueString":"x"}]},
		{"linkId":"odd","answer":[{"valueBoolean":true}]},
		{"linkId":"ill","item":[{"linkId":"what","answer":[{"valueCoding":{"code":"83330","display":"SMA 1"}}]},{"linkId":"age","answer":[{"valueQuantity":{"value":2,"code":"a"}}]}]},
		{"linkId":"ill","item":[{"linkId":"what","answer":[{"valueString":"tired"}]}]}`), options())
	holds(t, "patient", got, `"name":[{"family":"Ríos","given":["Ana","Lucía"]},{"family":"Vega"}]`, `"birthDate":"2019-02"`, `"gender":"female"`, `"maritalStatus":{"coding":[{"code":"S"}]}`, `"active":true`)
	holds(t, "conditions", got, `"code":{"coding":[{"code":"83330","display":"SMA 1"}]}`, `"code":{"text":"tired"}`, `"onsetAge":{"code":"a","value":2}`, `"subject":{"reference":"urn:uuid:id-1"}`)
	holds(t, "request", string(res.Bundle), `"fullUrl":"urn:uuid:id-1"`, `"ifNoneExist":"identifier=7"`)
	var notes []string
	for _, n := range res.Notes {
		notes = append(notes, strings.TrimPrefix(n.Key, "extract.")+"@"+n.Field)
	}
	if got := strings.Join(notes, " "); res.Resources != 3 || got != "slice@slice path@nowhere convert@odd" {
		t.Errorf("%d resources, notes %s", res.Resources, got)
	}
}

// A resource that is given is changed, not made anew.
func TestUpdateByContext(t *testing.T) {
	patient, err := fhirpath.Parse([]byte(`{"resourceType":"Patient","id":"lucia","active":true,"birthDate":"2018"}`))
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Variables = map[string]fhirpath.Collection{"patient": {patient.Value()}}
	q := questionnaire(ext("itemExtractionContext", `"valueExpression":{"language":"text/fhirpath","expression":"%patient"}`), "", `{"linkId":"born","type":"date","definition":"http://hl7.org/fhir/Patient#Patient.birthDate"}`)
	got, _ := made(t, q, response(`{"linkId":"born","answer":[{"valueDate":"2019-02-11"}]}`), o)
	holds(t, "update", got, "PUT Patient/lucia ", `"active":true`, `"birthDate":"2019-02-11"`)
}

func TestTemplates(t *testing.T) {
	value := func(e string) string {
		return `{"extension":[` + ext("templateExtractValue", `"valueString":"`+e+`"`) + `]}`
	}
	patient := `{"resourceType":"Patient","id":"p","active":true,"name":[{"extension":[` + ext("templateExtractContext", `"valueString":"item.where(linkId='name')"`) + `],"use":"official",
		"_family":` + value("item.where(linkId='family').answer.value") + `,"_given":[` + value("item.where(linkId='given').answer.value") + `]}],"gender":"unknown","_gender":` + value("item.where(linkId='sex').answer.value.code") + `}`
	observation := `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Fever"},"subject":{"_reference":` + value("%child") + `},"_effectiveDateTime":` + value("answer.value") + `,
		"valueCodeableConcept":{"coding":[` + value("%resource.item.where(linkId='sex').answer.value") + `]}}`
	q := questionnaire(ext("extractAllocateId", `"valueString":"child"`)+","+ext("templateExtract", `"extension":[{"url":"template","valueReference":{"reference":"#p"}},{"url":"fullUrl","valueString":"%child"}]`), patient+","+observation, `
		{"linkId":"name","type":"group","repeats":true,"item":[{"linkId":"given","type":"string","repeats":true},{"linkId":"family","type":"string"}]},
		{"linkId":"sex","type":"choice"},
		{"linkId":"fever","type":"date","repeats":true,"extension":[`+ext("templateExtract", `"extension":[{"url":"template","valueReference":{"reference":"#o"}}]`)+`]}`)
	got, res := made(t, q, response(`
		{"linkId":"name","item":[{"linkId":"given","answer":[{"valueString":"Ana"},{"valueString":"Lucía"}]},{"linkId":"family","answer":[{"valueString":"Ríos"}]}]},
		{"linkId":"name","item":[{"linkId":"family","answer":[{"valueString":"Vega"}]}]},
		{"linkId":"sex","answer":[{"valueCoding":{"code":"female","display":"Girl"}}]},
		{"linkId":"fever","answer":[{"valueDate":"2026-01-02"}]}`), options())
	holds(t, "patient", got, `"name":[{"family":"Ríos","given":["Ana","Lucía"],"use":"official"},{"family":"Vega","use":"official"}]`, `"gender":"female"`)
	holds(t, "observation", got, `"effectiveDateTime":"2026-01-02"`, `"subject":{"reference":"urn:uuid:id-1"}`, `"coding":[{"code":"female","display":"Girl"}]`)
	if res.Resources != 2 || strings.Contains(string(res.Bundle), "templateExtract") || strings.Contains(got, `"id":"p"`) {
		t.Errorf("%d resources\n%s", res.Resources, got)
	}
	// A placeholder goes where its expression gives nothing.
	if got, _ := made(t, q, response(`{"linkId":"name","item":[{"linkId":"family","answer":[{"valueString":"Ríos"}]}]}`), options()); strings.Contains(got, "gender") {
		t.Errorf("the placeholder stayed: %s", got)
	}
}

func TestTemplateBundle(t *testing.T) {
	bundle := `{"resourceType":"Bundle","id":"b","type":"transaction","entry":[{"fullUrl":"urn:uuid:x","resource":{"resourceType":"Condition","subject":{"reference":"Patient/1"},` +
		`"code":{"_text":{"extension":[` + ext("templateExtractValue", `"valueString":"item.where(linkId='what').answer.value"`) + `]}}},"request":{"method":"POST","url":"Condition"}}]}`
	q := questionnaire(ext("templateExtractBundle", `"valueReference":{"reference":"#b"}`), bundle, `{"linkId":"what","type":"string"}`)
	got, _ := made(t, q, response(`{"linkId":"what","answer":[{"valueString":"tired"}]}`), options())
	holds(t, "condition", got, `POST Condition `, `"code":{"text":"tired"}`)
}

func TestRefusals(t *testing.T) {
	q := questionnaire("", "", `{"linkId":"a","type":"string"}`)
	for name, c := range map[string]struct {
		q, r []byte
		want error
	}{
		"no questionnaire": {[]byte(`{"resourceType":"Patient"}`), response(""), errNotQuestionnaire},
		"no response":      {q, []byte(`[]`), errNotResponse},
		"a draft":          {q, []byte(strings.Replace(string(response(`{"linkId":"a"}`)), "completed", "in-progress", 1)), errNotFinished},
	} {
		if _, err := Extract(t.Context(), c.q, c.r, options()); err == nil || !strings.Contains(err.Error(), strings.Split(c.want.Error(), ":")[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMessagesExist(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`"(extract\.[a-z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(keys) < 10 {
		t.Fatalf("found %d keys", len(keys))
	}
	for _, k := range keys {
		if !locale.Has(k[1]) {
			t.Errorf("no message %s", k[1])
		}
	}
}

// Whatever comes in, extraction ends, and what it makes is JSON with a type on each resource and no directive left.
func FuzzExtract(f *testing.F) {
	f.Add(questionnaire(ext("observationExtract", `"valueBoolean":true`), "", `{"linkId":"w","type":"decimal",`+weight+`}`), response(`{"linkId":"w","answer":[{"valueDecimal":1}]}`))
	f.Fuzz(func(t *testing.T, q, r []byte) {
		res, err := Extract(t.Context(), q, r, options())
		if err != nil || res.Bundle == nil {
			return
		}
		var b struct {
			Entry []struct{ Resource map[string]any }
		}
		if err := json.Unmarshal(res.Bundle, &b); err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Entry {
			if typ, _ := e.Resource["resourceType"].(string); typ == "" {
				t.Fatalf("an entry without a resource: %s", res.Bundle)
			}
		}
	})
}
