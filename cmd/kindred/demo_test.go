package main

import (
	"encoding/json"
	"testing"

	"kindred/internal/sample"
)

func TestDemo(t *testing.T) {
	onBoth(t, func(p *program) {
		var made struct {
			Participants int
			SignIns      []struct{ Role, Name, Password string } `json:"sign_ins"`
		}
		if err := json.Unmarshal([]byte(p.want(yes, "demo", "--participants", "40", "--seed", "7", "--json")), &made); err != nil {
			p.Fatal(err)
		}
		if made.Participants != 40 || len(made.SignIns) != 6 || made.SignIns[0].Password == "" {
			p.Fatalf("%+v", made)
		}
		p.want(yes, "demo", "--participants", "30", "--seed", "8")
		p.want(unusable, "demo", "--participants", "0")
		p.want(yes, "audit", "checkpoint")
		p.want(yes, "audit", "verify")
		p.want(yes, "token", "create", "--user", "maria")
	})
}

func TestDemoIsNotForRealData(t *testing.T) {
	p := newProgram(t)
	p.want(yes, "migrate", "up")
	p.want(unusable, "demo", "--participants", "5")
}

func TestPublish(t *testing.T) {
	onBoth(t, func(p *program) {
		file := p.write(fatigue)
		var first, again struct{ ID, Canonical, SHA256 string }
		if err := json.Unmarshal([]byte(p.want(yes, "questionnaire", "publish", file, "--json")), &first); err != nil {
			p.Fatal(err)
		}
		if first.Canonical != "https://kindred.example/q/rest|1" || first.SHA256 == "" {
			p.Fatalf("%+v", first)
		}
		if err := json.Unmarshal([]byte(p.want(yes, "questionnaire", "publish", file, "--json")), &again); err != nil || again != first {
			p.Fatalf("published twice: %+v, %v", again, err)
		}
		p.want(no, "questionnaire", "publish", p.write(fatigue+" "))
		p.want(no, "questionnaire", "publish", p.write("{"))
		p.want(yes, "questionnaire", "publish", p.write(`{"resourceType":"Questionnaire","status":"active","title":"No name","item":[{"linkId":"1","text":"A","type":"boolean"}]}`))
	})
}

func TestPublishReadsASample(t *testing.T) {
	p := newProgram(t)
	p.want(yes, "questionnaire", "publish", sample.Path(t, "samples", "questionnaires", "paginated.json"))
	p.want(no, "questionnaire", "publish", sample.Path(t, "samples", "questionnaires", "cardiology.json"))
}
