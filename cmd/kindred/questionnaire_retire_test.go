package main

import (
	"strings"
	"testing"
)

func TestQuestionnaireRetire(t *testing.T) {
	p := newProgram(t)
	p.want(yes, "questionnaire", "publish", p.write(fatigue))
	p.want(yes, "questionnaire", "publish", p.write(strings.Replace(fatigue, `"version":"1"`, `"version":"2"`, 1)))
	if out := p.want(yes, "questionnaire", "retire", "https://kindred.example/q/rest|1"); out != "https://kindred.example/q/rest|1\n" {
		t.Errorf("one version: %q", out)
	}
	if out := p.want(yes, "questionnaire", "retire", "https://kindred.example/q/rest"); strings.Count(out, "\n") != 2 {
		t.Errorf("every version: %q", out)
	}
	p.want(no, "questionnaire", "retire", "https://kindred.example/q/other")
	p.want(unusable, "questionnaire", "retire")
}
