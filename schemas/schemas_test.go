package schemas_test

import (
	"bytes"
	"strings"
	"testing"

	"kindred/internal/ontology"
	"kindred/internal/sample"
	"kindred/schemas"
)

func index(t *testing.T, b []byte) *ontology.Index {
	t.Helper()
	s, err := ontology.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	x, err := ontology.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func set(t *testing.T, b []byte) ontology.Set {
	t.Helper()
	s, err := ontology.Read(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hasNames(term *ontology.Term, lang string) bool {
	for _, n := range term.Names {
		if n.Lang == lang && n.Kind != ontology.Synonym {
			return true
		}
	}
	return false
}

func TestStarterSetsAreLargeEnough(t *testing.T) {
	symptoms, diagnoses := 0, 0
	x := index(t, schemas.StarterSymptoms)
	for _, term := range set(t, schemas.StarterSymptoms).Terms {
		if x.Under(term.ID, ontology.PhenotypicAbnormality) && hasNames(&term, "en") && hasNames(&term, "es") {
			symptoms++
		}
	}
	for _, term := range set(t, schemas.StarterDiagnoses).Terms {
		if hasNames(&term, "es") {
			diagnoses++
		}
	}
	if symptoms < 200 || diagnoses < 60 {
		t.Fatalf("%d symptoms and %d diagnoses with names in both languages", symptoms, diagnoses)
	}
	if x.Version == "" || !strings.Contains(x.Credit, "HPO") || !strings.Contains(index(t, schemas.StarterDiagnoses).Credit, "CC BY 4.0") {
		t.Fatal("version and credit must be shown")
	}
}

// Each identifier, label and edge is the official one: the licence allows no other.
func TestStarterSetsSayWhatTheOfficialFilesSay(t *testing.T) {
	hpo, err := ontology.ReadHPO(bytes.NewReader(sample.Read(t, "data", "hpo", "hp.v2026-01-08.json.gz")))
	if err != nil {
		t.Fatal(err)
	}
	orpha, err := ontology.ReadOrpha(bytes.NewReader(sample.Read(t, "data", "orphanet", "orpha_nomenclature_en_2023.tsv.gz")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := orpha.AddOrphaEdges(bytes.NewReader(sample.Read(t, "data", "orphanet", "orpha_classification_edges_2023.tsv.gz"))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		official ontology.Set
		starter  []byte
		whole    bool // every official parent is kept, not only those of the classifications chosen
	}{{hpo, schemas.StarterSymptoms, true}, {orpha, schemas.StarterDiagnoses, false}} {
		official, err := ontology.New(c.official)
		if err != nil {
			t.Fatal(err)
		}
		for _, term := range set(t, c.starter).Terms {
			o, ok := official.Lookup(term.ID)
			if !ok || o.Obsolete || o.Label != term.Label || o.Kind != term.Kind {
				t.Errorf("%s %q is not the official %+v", term.ID, term.Label, o)
				continue
			}
			parents := map[string]bool{}
			for _, p := range o.Parents {
				parents[p] = true
			}
			for _, p := range term.Parents {
				if !parents[p] {
					t.Errorf("%s has a parent %s that the official file does not give it", term.ID, p)
				}
			}
			if c.whole && len(term.Parents) != len(o.Parents) {
				t.Errorf("%s has %d parents, officially %d", term.ID, len(term.Parents), len(o.Parents))
			}
		}
	}
}

func TestStarterSetsAreFound(t *testing.T) {
	symptoms, diagnoses := index(t, schemas.StarterSymptoms), index(t, schemas.StarterDiagnoses)
	for _, c := range []struct {
		x           *ontology.Index
		query, lang string
		want        string
	}{
		{symptoms, "debilidad en las piernas", "es", "HP:0007340"},
		{symptoms, "weak legs", "en", "HP:0007340"},
		{symptoms, "hipotonia", "es", "HP:0001252"},
		{symptoms, "convulsion", "es", "HP:0001250"},
		{symptoms, "musculos flojos", "es", "HP:0001252"},
		{symptoms, "dolor de cabesa", "es", "HP:0002315"},
		{diagnoses, "duchene", "es", "ORPHA:98896"},
		{diagnoses, "tumor de wilms", "es", "ORPHA:654"},
		{diagnoses, "AME tipo 1", "es", "ORPHA:83330"},
		{diagnoses, "sin diagnostico", "es", ontology.NoDiagnosis},
	} {
		found := false
		got := c.x.Search(c.query, c.lang, 3)
		for _, m := range got {
			found = found || m.Term.ID == c.want
		}
		if !found {
			t.Errorf("%q: %s is not among %v", c.query, c.want, got)
		}
	}
}

func TestElements(t *testing.T) {
	numbers := map[string]bool{}
	for _, e := range schemas.Elements() {
		numbers[e.Number] = true
		for _, lang := range []string{"en", "es"} {
			if e.Label[lang] == "" || len(e.Help) > 0 && e.Help[lang] == "" {
				t.Errorf("%s lacks a text in %s", e.Key, lang)
			}
			for _, o := range e.Options {
				if o.Label[lang] == "" {
					t.Errorf("%s=%s lacks a label in %s", e.Key, o.Value, lang)
				}
			}
		}
		if e.Pattern != "" && !e.Matches(e.Example) {
			t.Errorf("the example of %s does not match", e.Key)
		}
		if e.Held == schemas.HeldConsent && e.Scope == "" {
			t.Errorf("%s is a projection of a consent, and names none", e.Key)
		}
		if n := e.Needs; n != nil {
			if other, ok := schemas.FindElement(n.Key); !ok {
				t.Errorf("%s needs %s", e.Key, n.Key)
			} else if _, ok := other.Option(n.Value); !ok {
				t.Errorf("%s needs %s=%s", e.Key, n.Key, n.Value)
			}
		}
		if (e.Kind == schemas.ElementText || e.Kind == schemas.ElementLink) && e.Held == schemas.HeldElement && !e.Identifying {
			t.Errorf("%s is free text and must count as identifying", e.Key)
		}
	}
	if len(numbers) != 16 {
		t.Errorf("%d of the 16 European elements: %v", len(numbers), numbers)
	}
	hgvs, _ := schemas.FindElement("genetic_hgvs")
	for s, ok := range map[string]bool{"c.8713C>T": true, "NM_004006.3(DMD):c.8713C>T": true, "p.(Arg2905Ter)": true, "m.3243A>G": true, "deletion": false, "c.": false, "=1+1": false, "c.1A>T\n": false} {
		if hgvs.Matches(s) != ok {
			t.Errorf("%q: %v", s, !ok)
		}
	}
}
