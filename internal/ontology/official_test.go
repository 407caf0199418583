package ontology

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/sample"
)

// The official files, read once: they are large.
var official struct {
	sync.Once
	symptoms, diagnoses *Index
}

func load(tb testing.TB) (symptoms, diagnoses *Index) {
	tb.Helper()
	sample.Path(tb, "data", "hpo", "hp.v2026-01-08.json.gz")
	official.Do(func() {
		hpo := must(ReadHPO(bytes.NewReader(sample.Read(tb, "data", "hpo", "hp.v2026-01-08.json.gz"))))(tb)
		must(hpo.AddLay(bytes.NewReader(sample.Read(tb, "data", "hpo", "layperson-synonyms.tsv.gz"))))(tb)
		for _, f := range []string{"hp-es.babelon", "hp-fr.babelon", "hp-fr.synonyms", "hp-de.babelon", "hp-de.synonyms", "hp-nl.synonyms", "hp-ja.babelon", "hp-zh.babelon", "hp-cs.synonyms", "hp-nl-preprocessed.babelon"} {
			name := f + ".tsv.gz"
			must(hpo.AddTranslations(bytes.NewReader(sample.Read(tb, "data", "hpo", "translations", name)), LanguageOf(name)))(tb)
		}
		official.symptoms = must(New(hpo))(tb)
		orpha := must(ReadOrpha(bytes.NewReader(sample.Read(tb, "data", "orphanet", "orpha_nomenclature_en_2023.tsv.gz"))))(tb)
		must(orpha.AddOrphaNames(bytes.NewReader(sample.Read(tb, "data", "orphanet", "orpha_nomenclature_fr_2023.tsv.gz")), "fr"))(tb)
		edges, unknown, err := orpha.AddOrphaEdges(bytes.NewReader(sample.Read(tb, "data", "orphanet", "orpha_classification_edges_2023.tsv.gz")))
		if err != nil || edges < 15_000 || unknown > 0 {
			tb.Fatalf("edges %d, unknown %d, %v", edges, unknown, err)
		}
		official.diagnoses = must(New(orpha))(tb)
	})
	if official.symptoms == nil || official.diagnoses == nil {
		tb.Fatal("the official files did not load")
	}
	return official.symptoms, official.diagnoses
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func TestOfficialFiles(t *testing.T) {
	hpo, orpha := load(t)
	if hpo.Len() != 19_934 || hpo.Version != "2026-01-08" || orpha.Len() != 10_839 {
		t.Fatalf("%d symptoms of %s, %d diagnoses", hpo.Len(), hpo.Version, orpha.Len())
	}
	hypotonia, ok := hpo.Lookup("HP:0001252")
	if !ok || hypotonia.Label != "Hypotonia" || hypotonia.Plain("en") != "Low muscle tone" || hypotonia.Plain("es-MX") != "Hipotonía muscular" {
		t.Fatalf("%+v", hypotonia)
	}
	if old, ok := hpo.Resolve("HP:0011398"); !ok || old != hypotonia {
		t.Fatal("an alternative identifier is the same term")
	}
	if now, ok := hpo.Resolve("HP:0000057"); !ok || now.ID != "HP:0008665" {
		t.Fatal("an obsolete term leads to its replacement")
	}
	if !hpo.Under("HP:0001252", PhenotypicAbnormality) || hpo.Under(PhenotypicAbnormality, "HP:0001252") {
		t.Fatal("ancestors")
	}
	under := 0
	for i := range hpo.terms {
		if hpo.terms[i].ID != PhenotypicAbnormality && hpo.Under(hpo.terms[i].ID, PhenotypicAbnormality) {
			under++
		}
	}
	if under < 18_700 || under > 18_709 {
		t.Fatalf("%d terms under phenotypic abnormality", under)
	}
	if dmd, _ := orpha.Lookup("ORPHA:98896"); dmd == nil || dmd.LabelIn("fr") != "Dystrophie musculaire de Duchenne" || !orpha.Under(dmd.ID, "ORPHA:98473") {
		t.Fatalf("%+v", dmd)
	}
}

// Each line is what somebody would type, and what must be among the first answers.
func TestSearchOfficial(t *testing.T) {
	hpo, orpha := load(t)
	for _, c := range []struct {
		x     *Index
		query string
		lang  string
		want  string
		first int
	}{
		{hpo, "Hypotonia", "en", "HP:0001252", 1},
		{hpo, "hipotonía", "es", "HP:0001252", 1},
		{hpo, "HIPOTONIA", "es", "HP:0001252", 1},
		{hpo, "hp:0001252", "es", "HP:0001252", 1},
		{hpo, "low muscle tone", "en", "HP:0001252", 1},
		{hpo, "muscle tone low", "en", "HP:0001252", 1},
		{hpo, "hypotona", "en", "HP:0001252", 1},
		{hpo, "seizures", "en", "HP:0001250", 1},
		{hpo, "siezure", "en", "HP:0001250", 1},
		{hpo, "convulsiones", "es", "HP:0001250", 3},
		{hpo, "muscle weakness", "en", "HP:0001324", 1},
		{hpo, "weak muscles", "en", "HP:0001324", 5},
		{hpo, "debilidad muscular", "es", "HP:0001324", 1},
		{hpo, "muscle weakness", "es", "HP:0001324", 1},
		{hpo, "krampfanfall", "de", "HP:0001250", 3},
		{hpo, "筋緊張低下", "ja", "HP:0001252", 2},
		{hpo, "scolios", "en", "HP:0002650", 1},
		{hpo, "curved spine", "en", "HP:0010674", 1},
		{hpo, "escoliosis", "es", "HP:0002650", 1},
		{hpo, "my child is tired", "en", "HP:0012378", 5},
		{orpha, "Duchenne", "en", "ORPHA:98896", 1},
		{orpha, "duchene muscular distrophy", "en", "ORPHA:98896", 1},
		{orpha, "dystrophie duchenne", "fr", "ORPHA:98896", 1},
		{orpha, "Wilms tumor", "en", "ORPHA:654", 3},
		{orpha, "neuroblastoma", "en", "ORPHA:635", 1},
		{orpha, "spinal muscular atrophy", "en", "ORPHA:70", 3},
		{orpha, "rabdomiosarcoma", "es", "ORPHA:780", 3},
	} {
		got := c.x.Search(c.query, c.lang, 10)
		at := -1
		for i, m := range got {
			if m.Term.ID == c.want {
				at = i
			}
		}
		if at < 0 || at >= c.first {
			t.Errorf("%q (%s): %s is number %d, wanted within %d", c.query, c.lang, c.want, at+1, c.first)
			for _, m := range got[:min(5, len(got))] {
				t.Logf("   %.3f %s %q %s", m.Score, m.Term.ID, m.Name, m.Term.Label)
			}
		}
	}
}

func TestSearchIsFast(t *testing.T) {
	hpo, orpha := load(t)
	queries := []string{"a", "muscle weakness of the legs", "abnormality of the", "hipotonia generalizada severa", "xqzzkw vvbn", "duchene muscular distrophy"}
	const rounds = 5
	for _, q := range queries {
		for _, x := range []*Index{hpo, orpha} {
			best := time.Hour
			for range rounds { // the quickest of a few: the machine is shared
				start := time.Now()
				x.Search(q, "es", 10)
				best = min(best, time.Since(start))
			}
			t.Logf("%-32q %-6s %v", q, x.System, best)
			if best > 20*time.Millisecond {
				t.Errorf("%q took %v", q, best)
			}
		}
	}
}

func TestOrphanetXML(t *testing.T) {
	zipped := must(zip.OpenReader(sample.Path(t, "data", "orphanet", "Orphanet_Nomenclature_Pack_EN_2023.zip")))(t)
	defer zipped.Close()
	open := func(prefix string) (readers []io.Reader) {
		for _, f := range zipped.File {
			if strings.HasPrefix(path.Base(f.Name), prefix) {
				readers = append(readers, must(f.Open())(t))
			}
		}
		return readers
	}
	s := must(ReadOrphaXML(open("ORPHAnomenclature")[0]))(t)
	for _, r := range open("ORPHAclassification_181") {
		edges, unknown, err := s.AddOrphaClassificationXML(r)
		if err != nil || edges < 1000 || unknown > 0 {
			t.Fatalf("%d edges, %d unknown, %v", edges, unknown, err)
		}
	}
	x := must(New(s))(t)
	if x.Len() != 10_839 || x.Version != "2023-06-21" || !x.Under("ORPHA:98896", "ORPHA:98473") {
		t.Fatalf("%d terms, version %s", x.Len(), x.Version)
	}
	if now, ok := x.Resolve("ORPHA:166068"); !ok || now.ID != "ORPHA:166063" {
		t.Fatal("a deprecated code leads to its replacement")
	}
	if m := x.Search("wilms tumor", "en", 3); len(m) == 0 {
		t.Fatal("nothing found")
	}
}

func TestOfficialFilesKeepTheirCompactForm(t *testing.T) {
	hpo, _ := load(t)
	s := Set{hpo.System, hpo.Version, hpo.Credit, hpo.terms}
	var first, second bytes.Buffer
	must(0, s.Write(&first))(t)
	size := first.Len()
	back := must(Read(bytes.NewReader(first.Bytes())))(t)
	must(0, back.Write(&second))(t)
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatal("what was written is not what was read")
	}
	t.Logf("%d terms in %d bytes", len(back.Terms), size)
	half := first.Bytes()[:bytes.LastIndexByte(first.Bytes()[:size/2], '\n')+1]
	if _, err := Read(bytes.NewReader(half)); err == nil {
		t.Fatal("a file that was cut short was taken for whole")
	}
}

func BenchmarkSearch(b *testing.B) {
	hpo, _ := load(b)
	for b.Loop() {
		hpo.Search("debilidad musculr de las piernas", "es", 10)
	}
}
