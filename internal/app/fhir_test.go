package app

import (
	"errors"
	"strings"
	"testing"

	"kindred/internal/fhir"
	"kindred/internal/sample"
)

// The tests of package fhir stand here, so that google/fhir is linked into one test binary only.

func TestOracle(t *testing.T) {
	for name, c := range map[string]struct {
		in string
		ok bool
	}{
		"patient":        {`{"resourceType":"Patient","id":"a","gender":"female","birthDate":"2019"}`, true},
		"not json":       {`{"resourceType":`, false},
		"unknown type":   {`{"resourceType":"Person2"}`, false},
		"unknown":        {`{"resourceType":"Patient","favouriteColour":"teal"}`, false},
		"wrong code":     {`{"resourceType":"Patient","gender":"girl"}`, false},
		"wrong date":     {`{"resourceType":"Patient","birthDate":"2019-02-31"}`, false},
		"missing status": {`{"resourceType":"QuestionnaireResponse"}`, false},
		"twice":          {`{"resourceType":"Patient","gender":"female","gender":"male"}`, false},
		"case twice":     {`{"resourceType":"Patient","gender":"female","Gender":"male"}`, false},
		"deep":           {`{"resourceType":"Patient","extension":` + strings.Repeat(`[{"url":"u","extension":`, 5000) + `[]` + strings.Repeat(`}]`, 5000) + `}`, false},
	} {
		if err := fhir.Check([]byte(c.in)); (err == nil) != c.ok || err != nil && !errors.Is(err, fhir.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := fhir.CheckLines(strings.NewReader("{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Nothing\"}\n")); n != 1 || err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("%d lines, %v", n, err)
	}
}

func TestOracleReadsRealQuestionnaires(t *testing.T) {
	if err := fhir.Check(sample.Read(t, "samples", "questionnaires", "cardiology.json")); err != nil {
		t.Error(err)
	}
}
