package main

import (
	"encoding/json"
	"strings"
	"testing"

	"kindred/internal/sample"
)

func TestQuestionnaireDiff(t *testing.T) {
	p := newProgram(t)
	diff := func(status int, old, new string) (out struct {
		Class   string
		Changes []struct{ LinkID, Path, Kind, Class, Old, New, Message, Propose string }
	}) {
		t.Helper()
		if err := json.Unmarshal([]byte(p.want(status, "questionnaire", "diff", old, new, "--json")), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	one := p.write(fatigue)
	if d := diff(yes, one, one); d.Class != "cosmetic" || d.Changes == nil || len(d.Changes) > 0 {
		t.Errorf("%+v", d)
	}
	two := p.write(strings.Replace(fatigue, `"Dreams"`, `"dreams?"`, 1))
	if d := diff(yes, one, two); d.Class != "cosmetic" || d.Changes[0].Kind != "spelling" || d.Changes[0].LinkID != "2" {
		t.Errorf("%+v", d)
	}
	more := p.write(strings.Replace(fatigue, `"item":[`, `"item":[{"linkId":"3","type":"date","text":"Since when?"},`, 1))
	if d := diff(yes, one, more); d.Class != "additive" || d.Changes[0].Kind != "item_added" || d.Changes[0].Path != "Questionnaire.item[0]" {
		t.Errorf("%+v", d)
	}
	other := p.write(strings.Replace(fatigue, `"integer"`, `"decimal"`, 1))
	d := diff(no, one, other)
	if c := d.Changes[0]; d.Class != "meaning" || c.Kind != "type" || c.Old != "integer" || c.New != "decimal" || c.Propose != "1-2" || !strings.Contains(c.Message, "integer") {
		t.Errorf("%+v", d)
	}
	if out := p.want(no, "questionnaire", "diff", one, other); !strings.Contains(out, "The type changes from integer to decimal. (rather as 1-2)") || !strings.HasPrefix(out, "Class ") {
		t.Error(out)
	}
	if out := p.want(yes, "questionnaire", "diff", one, one); out != "No differences.\n" {
		t.Error(out)
	}
	p.want(unusable, "questionnaire", "diff", one)
	p.want(unusable, "questionnaire", "diff", one, "/nowhere")
	p.want(unusable, "questionnaire", "diff", one, p.write("{"))
	p.want(unusable, "questionnaire", "diff", p.write(`{"resourceType":"Patient"}`), one)
	real := sample.Path(t, "samples", "questionnaires", "health-check-695-items.json")
	if d := diff(yes, real, real); len(d.Changes) > 0 {
		t.Errorf("%+v", d)
	}
}
