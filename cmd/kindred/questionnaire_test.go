package main

import (
	"encoding/json"
	"strings"
	"testing"

	"kindred/internal/outcome"
	"kindred/internal/sample"
)

const fatigue = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/rest","version":"1","status":"active","title":"Rest",
	"item":[{"linkId":"1","text":"Hours of sleep","type":"integer","required":true},{"linkId":"2","text":"Dreams","type":"boolean"}]}`

func response(items string) string {
	return `{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/rest|1","status":"completed","item":[` + items + `]}`
}

// issues reads an OperationOutcome.
func issues(t *testing.T, out string) outcome.Resource {
	t.Helper()
	var o outcome.Resource
	if err := json.Unmarshal([]byte(out), &o); err != nil || o.ResourceType != "OperationOutcome" || len(o.Issue) == 0 {
		t.Fatalf("not an OperationOutcome: %v\n%s", err, out)
	}
	for _, i := range o.Issue {
		if i.Details.Text == "" || strings.HasPrefix(i.Details.Text, "[") {
			t.Errorf("an issue without a sentence: %+v", i)
		}
	}
	return o
}

func TestQuestionnaireCheck(t *testing.T) {
	p := newProgram(t)
	if o := issues(t, p.want(yes, "questionnaire", "check", p.write(fatigue))); o.Issue[0].Severity != "information" {
		t.Fatalf("%+v", o)
	}
	twice := strings.Replace(fatigue, `"linkId":"2"`, `"linkId":"1"`, 1)
	if o := issues(t, p.want(no, "questionnaire", "check", p.write(strings.Replace(twice, `"boolean"`, `"telepathy"`, 1)))); o.Issue[0].Severity != "error" {
		t.Fatalf("%+v", o)
	}
	issues(t, p.want(unusable, "questionnaire", "check", p.write("{")))
	p.want(unusable, "questionnaire", "check", "/nowhere")
	p.want(unusable, "questionnaire", "check")
}

func TestQuestionnaireCheckReadsTheSamples(t *testing.T) {
	p := newProgram(t)
	issues(t, p.want(yes, "questionnaire", "check", sample.Path(t, "samples", "questionnaires", "paginated.json")))
	if o := issues(t, p.want(no, "questionnaire", "check", sample.Path(t, "samples", "questionnaires", "cardiology.json"))); len(o.Issue[0].Expression) == 0 {
		t.Errorf("a refusal does not name its item: %+v", o.Issue[0])
	}
}

func TestResponseCheck(t *testing.T) {
	p := newProgram(t)
	q := p.write(fatigue)
	check := func(status int, body string) outcome.Resource {
		t.Helper()
		return issues(t, p.want(status, "response", "check", "--questionnaire", q, p.write(body)))
	}
	check(yes, response(`{"linkId":"1","answer":[{"valueInteger":7}]}`))
	check(no, response(`{"linkId":"1","answer":[{"valueString":"seven"}]}`))
	check(no, response(`{"linkId":"9","answer":[{"valueInteger":7}]}`))
	if o := check(no, response(`{"linkId":"2","answer":[{"valueBoolean":true}]}`)); o.Issue[0].Severity != "error" {
		t.Fatalf("a required answer is missing: %+v", o)
	}
	check(unusable, "not json")
	p.want(unusable, "response", "check", q)
	p.want(unusable, "response", "check", "--questionnaire", p.write("{}"), q)
}
