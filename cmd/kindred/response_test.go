package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const scored = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/score","version":"1","status":"active","item":[
	{"linkId":"1","type":"choice","answerValueSet":"https://kindred.example/vs/how-much"},
	{"linkId":"2","type":"decimal","readOnly":true,"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
		"valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='1').answer.value.weight() * 2"}}]},
	{"linkId":"3","type":"string","enableWhen":[{"question":"2","operator":">","answerDecimal":5}]}]}`

const howMuch = `{"resourceType":"Bundle","type":"collection","entry":[
	{"resource":{"resourceType":"ValueSet","url":"https://kindred.example/vs/how-much","status":"active","compose":{"include":[{"system":"https://kindred.example/cs/how-much"}]}}},
	{"resource":{"resourceType":"CodeSystem","url":"https://kindred.example/cs/how-much","status":"active","content":"complete","concept":[
		{"code":"none","display":"Not at all","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/itemWeight","valueDecimal":0}]},
		{"code":"much","display":"Very much","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/itemWeight","valueDecimal":4}]}]}}]}`

func chosen(code, more string) string {
	return `{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/score|1","status":"completed",
		"item":[{"linkId":"1","answer":[{"valueCoding":{"system":"https://kindred.example/cs/how-much","code":"` + code + `"}}]}` + more + `]}`
}

// Answers are evaluated and judged with value sets from files beside, and against the questionnaire that a response
// carries.
func TestResponseWithSupport(t *testing.T) {
	p := newProgram(t)
	q, sets := p.write(scored), p.write(howMuch)
	var out struct {
		Enabled  map[string]bool `json:"enabled"`
		Response json.RawMessage `json:"response"`
	}
	evaluated := p.want(yes, "response", "evaluate", "--questionnaire", q, "--support", sets, p.write(chosen("much", "")))
	if err := json.Unmarshal([]byte(evaluated), &out); err != nil || !out.Enabled["3"] || !strings.Contains(string(out.Response), `"valueDecimal": 8`) {
		t.Fatalf("%v: %s", err, evaluated)
	}
	check := func(status int, file string) string {
		t.Helper()
		return issues(t, p.want(status, "response", "check", "--questionnaire", q, "--support", sets, file)).Issue[0].Code
	}
	check(yes, p.write(string(out.Response)))
	if code := check(no, p.write(chosen("quite", ""))); code != "code-invalid" {
		t.Error("a code that is not in the set:", code)
	}
	if code := check(no, p.write(chosen("none", `,{"linkId":"2","answer":[{"valueDecimal":0}]},{"linkId":"3","answer":[{"valueString":"x"}]}`))); code != "business-rule" {
		t.Error("an answer that is not asked for:", code)
	}
	// Without the set nobody can tell.
	if o := issues(t, p.want(yes, "response", "check", "--questionnaire", q, p.write(chosen("quite", "")))); o.Issue[0].Severity != "warning" {
		t.Errorf("%+v", o.Issue)
	}
	// By name, among the files; and contained.
	p.want(yes, "response", "check", "--support", q, "--support", sets, p.write(chosen("much", "")))
	p.want(unusable, "response", "check", "--support", sets, p.write(chosen("much", "")))
	own := strings.Replace(chosen("much", ""), `"questionnaire":"https://kindred.example/q/score|1"`, `"questionnaire":"#q","contained":[`+strings.Replace(scored, `{"resourceType"`, `{"id":"q","resourceType"`, 1)+`]`, 1)
	p.want(yes, "response", "check", "--support", sets, p.write(own))
	p.want(unusable, "response", "evaluate", "--questionnaire", q, p.write("{"))
}
