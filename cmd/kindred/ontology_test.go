package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/internal/sample"
	"kindred/registry"
)

func TestOntologyLoad(t *testing.T) {
	p := newProgram(t)
	p.want(unusable, "ontology", "load")
	p.want(unusable, "ontology", "load", "--translations", t.TempDir())
	p.want(unusable, "ontology", "load", "--hpo", p.write("not HPO"))
	hpo := sample.Path(t, "data", "hpo", "hp.v2026-01-08.json.gz")
	orpha := sample.Path(t, "data", "orphanet", "orpha_nomenclature_en_2023.tsv.gz")
	french := sample.Path(t, "data", "orphanet", "orpha_nomenclature_fr_2023.tsv.gz")
	if _, _, said := p.run("", "ontology", "load", "--orpha", french); !strings.Contains(said, `"fr"`) {
		t.Fatal(said)
	}
	p.want(unusable, "ontology", "load", "--orpha", french)
	translations := t.TempDir() // one language is enough to show that the folder is read
	if err := os.Symlink(sample.Path(t, "data", "hpo", "translations", "hp-es.babelon.tsv.gz"), filepath.Join(translations, "hp-es.babelon.tsv.gz")); err != nil {
		t.Fatal(err)
	}
	var r registry.OntologyReport
	out := p.want(yes, "ontology", "load", "--hpo", hpo, "--translations", translations, "--orpha", orpha, "--json")
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Symptoms == nil || r.Symptoms.Terms < 15_000 || r.Symptoms.Credit == "" || r.Diagnoses == nil || r.Diagnoses.Terms < 5_000 {
		t.Fatalf("%+v %+v", r.Symptoms, r.Diagnoses)
	}
	p.want(yes, "migrate", "up") // a registry opens with it
}
