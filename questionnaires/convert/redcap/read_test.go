package redcap

import (
	"encoding/json"
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/sdc"
)

// samples are dictionaries of real projects.
var samples = map[string]Options{
	"color-boxes.csv":      {},
	"repeating.csv":        {Repeating: []string{"blood_pressure", "laboratory", "image"}},
	"validation-types.csv": {},
}

func TestSamplesPublish(t *testing.T) {
	for name, o := range samples {
		q, report, err := Read(sample.Read(t, "samples", "redcap", name), o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		raw, err := json.MarshalIndent(q, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		_, found := sdc.Compile(raw)
		for _, f := range found.Refusals {
			if f.Key == "questionnaires.publish.feature" { // expressions
				continue
			}
			t.Errorf("%s: %v %v", name, f, f.Args)
		}
		for _, n := range report {
			t.Log(name, n)
		}
		_ = raw
	}
}
