package ontology

import (
	"bytes"
	"strings"
	"testing"

	"kindred/internal/sample"
)

func TestTheLanguageOfLabels(t *testing.T) {
	for want, labels := range map[string]string{
		"en": "Disorder of copper metabolism|Deafness with goiter|Anemia due to folate deficiency",
		"fr": "Maladie de Pompe|Surdité avec goitre|Anémie par déficit en folates|Syndrome de Wolfram",
		"es": "Enfermedad de Pompe|Sordera con bocio|Anemia por déficit de folato y ataxia",
		"de": "Taubheit mit Kropf|Anämie durch Folatmangel|Ataxie und Taubheit",
		"":   "Ataxia|Pompe|Wolfram",
	} {
		s := Set{System: Orpha}
		for _, l := range strings.Split(labels, "|") {
			s.Terms = append(s.Terms, Term{Label: l})
		}
		if got := s.LabelLanguage(); got != want {
			t.Errorf("%q: %q, not %q", labels, got, want)
		}
	}
	x := `<JDBOR><DisorderList><Disorder><OrphaCode>1</OrphaCode><Name lang="fr">Ataxie</Name></Disorder></DisorderList></JDBOR>`
	if s, err := ReadOrphaXML(strings.NewReader(x)); err != nil || s.LabelLanguage() != "fr" {
		t.Errorf("the file says fr: %q, %v", s.LabelLanguage(), err)
	}
}

func TestTheLanguageOfOfficialTables(t *testing.T) {
	for _, want := range []string{"en", "fr"} {
		s, err := ReadOrpha(bytes.NewReader(sample.Read(t, "data", "orphanet", "orpha_nomenclature_"+want+"_2023.tsv.gz")))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.LabelLanguage(); got != want {
			t.Errorf("%s: taken for %q", want, got)
		}
	}
}
