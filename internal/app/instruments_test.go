package app

import (
	"io/fs"
	"testing"

	"kindred/internal/fhir"
	"kindred/schemas/instruments"
)

func TestInstrumentsAreFHIR(t *testing.T) {
	files, err := fs.Glob(instruments.Files, "*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v %v", files, err)
	}
	for _, name := range files {
		b, err := instruments.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := fhir.Check(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
