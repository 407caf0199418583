package registry

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kindred/internal/ontology"
	"kindred/internal/sample"
)

func TestImportOfficialOntology(t *testing.T) {
	hpo := sample.Path(t, "data", "hpo", "hp.v2026-01-08.json.gz")
	translations := sample.Path(t, "data", "hpo", "translations")
	orpha := sample.Path(t, "data", "orphanet", "orpha_nomenclature_en_2023.tsv.gz")
	pack := sample.Path(t, "data", "orphanet", "Orphanet_Nomenclature_Pack_EN_2023.zip")
	data := t.TempDir()
	report, err := ImportOntology(data, OntologyFiles{HPO: hpo, Translations: translations, Orpha: orpha})
	if err != nil {
		t.Fatal(err)
	}
	if s := report.Symptoms; s.Terms != 19_934 || s.Version != "2026-01-08" || len(s.Files) != 17 || !slices.Contains(s.Languages, "es") {
		t.Errorf("%+v", s)
	}
	if d := report.Diagnoses; d.Terms != 10_839 || d.Version != "2023" || !slices.Contains(d.Languages, "fr") || !slices.Contains(d.Languages, "es") || len(d.Files) != 3 {
		t.Errorf("%+v", d)
	}
	words, err := LoadVocabulary(data)
	if err != nil {
		t.Fatal(err)
	}
	if m := words.Diagnoses.Search("atrofia muscular espinal", "es", 1); len(m) != 1 || !words.Diagnoses.Under(m[0].Term.ID, "ORPHA:98505") && m[0].Term.ID != "ORPHA:70" {
		t.Errorf("our own Spanish names must stay in force: %+v", m)
	}
	if m := words.Symptoms.Search("musculos flojos", "es", 1); len(m) != 1 || m[0].Term.ID != "HP:0001252" {
		t.Errorf("our own lay names must stay in force: %+v", m)
	}

	report, err = ImportOntology(data, OntologyFiles{Orpha: pack}) // the symptoms stay
	if err != nil || report.Symptoms != nil || report.Diagnoses.Version != "2023-06-21" || len(report.Diagnoses.Files) != 35 {
		t.Fatalf("%+v %v", report.Diagnoses, err)
	}
	if words, err = LoadVocabulary(data); err != nil || words.Symptoms.Len() != 19_934 || !words.Diagnoses.Under("ORPHA:98896", "ORPHA:98473") {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(data, "ontology", "half-*"))
	if err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestImportRefuses(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		files OntologyFiles
		want  error
	}{
		"nothing":                {OntologyFiles{}, ErrOntologyNone},
		"translations alone":     {OntologyFiles{Translations: dir}, ErrOntologyNoHPO},
		"no such file":           {OntologyFiles{HPO: filepath.Join(dir, "none")}, ErrOntologyFile},
		"another file":           {OntologyFiles{HPO: file("hp.json", "hello")}, ontology.ErrNotRecognised},
		"another table":          {OntologyFiles{Orpha: file("orpha.tsv", "a\tb\n1\t2\n")}, ontology.ErrNoColumn},
		"another XML":            {OntologyFiles{Orpha: file("orpha.xml", "<a><b></a>")}, ontology.ErrNotRecognised},
		"a broken zip":           {OntologyFiles{Orpha: file("orpha.zip", "PK\x03\x04 and nothing else")}, ErrOntologyFile},
		"a cycle, then no write": {OntologyFiles{HPO: file("cycle.json", `{"graphs":[{"nodes":[{"id":"HP:0000001","lbl":"a"}],"edges":[{"sub":"HP:0000001","pred":"is_a","obj":"HP:0000001"}]}]}`)}, ontology.ErrCycle},
	} {
		if _, err := ImportOntology(data, c.files); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if left, _ := os.ReadDir(data); len(left) != 0 {
		t.Fatal("a refused import left something")
	}
	if words, err := LoadVocabulary(data); err != nil || words.Symptoms.Len() != 670 {
		t.Fatalf("the starter set must be in force: %v", err)
	}
}
