package ontology

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func small(t testing.TB) *Index {
	return must(New(Set{System: HPO, Version: "test", Terms: []Term{
		{ID: "HP:0000001", Label: "All"},
		{ID: "HP:0000118", Label: "Phenotypic abnormality", Parents: []string{"HP:0000001"}},
		{ID: "HP:0001324", Label: "Muscle weakness", Parents: []string{"HP:0000118"}, Names: []Name{{"en", Lay, "Weak muscles"}, {"es", Label, "Debilidad muscular"}, {"es", Lay, "Poca fuerza en los músculos"}}},
		{ID: "HP:0003325", Label: "Limb-girdle muscle weakness", Parents: []string{"HP:0001324"}, Alternative: []string{"HP:0009999"}},
		{ID: "HP:0000002", Label: "obsolete Weakness", Obsolete: true, Replacement: "HP:0001324"},
		{ID: "HP:0000003", Label: "obsolete Loop", Obsolete: true, Replacement: "HP:0000003"},
	}}))(t)
}

func TestIndexRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		terms []Term
		want  error
	}{
		"nothing":        {nil, ErrNoTerms},
		"a bad id":       {[]Term{{ID: "HP:1", Label: "x"}}, ErrBadTerm},
		"another system": {[]Term{{ID: "ORPHA:1", Label: "x"}}, ErrBadTerm},
		"no label":       {[]Term{{ID: "HP:0000001"}}, ErrBadTerm},
		"the same twice": {[]Term{{ID: "HP:0000001", Label: "x"}, {ID: "HP:0000001", Label: "y"}}, ErrDuplicateTerm},
		"no such parent": {[]Term{{ID: "HP:0000001", Label: "x", Parents: []string{"HP:0000002"}}}, ErrUnknownParent},
		"a cycle": {[]Term{{ID: "HP:0000001", Label: "x", Parents: []string{"HP:0000002"}},
			{ID: "HP:0000002", Label: "y", Parents: []string{"HP:0000001"}}}, ErrCycle},
	} {
		if _, err := New(Set{System: HPO, Terms: c.terms}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNames(t *testing.T) {
	x := small(t)
	for _, c := range []struct{ id, lang, want string }{
		{"HP:0001324", "es", "Poca fuerza en los músculos"},
		{"HP:0001324", "en-GB", "Weak muscles"},
		{"HP:0001324", "fr", "Muscle weakness"},
		{"HP:0000002", "es", "Poca fuerza en los músculos"},
		{"HP:0000003", "es", "obsolete Loop"},
		{"HP:7654321", "es", "HP:7654321"},
	} {
		if got := x.Name(c.id, c.lang); got != c.want {
			t.Errorf("%s in %s: %q", c.id, c.lang, got)
		}
	}
	if got := x.Ancestors("HP:0003325"); fmt.Sprint(got) != "[HP:0000001 HP:0000118 HP:0001324]" {
		t.Error(got)
	}
	if got := x.Children("HP:0000118"); fmt.Sprint(got) != "[HP:0001324]" {
		t.Error(got)
	}
	if _, ok := x.Lookup("HP:0009999"); ok {
		t.Error("Lookup takes the identifier itself")
	}
}

func TestSearchForgives(t *testing.T) {
	x := small(t)
	for _, q := range []string{"debilidad muscular", "MUSCULAR debilidád", "debil muscul", "debildad", "fuerza musculos", "weak muscle", "me falta fuerza"} {
		if got := x.Search(q, "es", 5); len(got) == 0 || got[0].Term.ID != "HP:0001324" {
			t.Errorf("%q: %v", q, got)
		}
	}
	for _, q := range []string{"", "  ", "xyzzy", "\x00", "obsolete", "loop"} {
		if got := x.Search(q, "es", 5); len(got) != 0 {
			t.Errorf("%q found %v", q, got[0].Name)
		}
	}
	if got := x.Search("debilidad", "de", 5); len(got) == 0 {
		t.Error("where its language has nothing, all languages are asked")
	}
	if got := x.Search("weakness", "en", 0); got != nil {
		t.Error("none wanted, none given")
	}
}

// A slip in a long word, however made, still finds the term.
func TestSearchSurvivesASlip(t *testing.T) {
	x := small(t)
	rapid.Check(t, func(t *rapid.T) {
		w := []rune("debilidad")
		i := rapid.IntRange(0, len(w)-2).Draw(t, "at")
		letter := rapid.RuneFrom([]rune("aeiostlr")).Draw(t, "letter")
		switch rapid.IntRange(0, 3).Draw(t, "slip") {
		case 0:
			w = append(w[:i], w[i+1:]...)
		case 1:
			w[i] = letter
		case 2:
			w[i], w[i+1] = w[i+1], w[i]
		case 3:
			w = append(w[:i], append([]rune{letter}, w[i:]...)...)
		}
		for _, m := range x.Search(string(w), "es", 5) {
			if m.Term.ID == "HP:0001324" {
				return
			}
		}
		t.Fatalf("%q found nothing", string(w))
	})
}

func TestDistanceIsADistance(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,7}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if distance(a, b, 9) != distance(b, a, 9) {
			t.Fatal("not symmetric")
		}
		if (distance(a, b, 9) == 0) != (a == b) {
			t.Fatal("zero means equal")
		}
		if near := distance(a, b, 2); near <= 2 && near != distance(a, b, 9) {
			t.Fatal("the limit changes the answer")
		}
	})
}

func TestReadersRefuse(t *testing.T) {
	s := Set{System: HPO, Terms: []Term{{ID: "HP:0000001", Label: "All"}}}
	for name, c := range map[string]struct {
		run  func() error
		want error
	}{
		"hpo: not JSON":        {func() error { _, err := ReadHPO(strings.NewReader("<obo>")); return err }, ErrNotRecognised},
		"hpo: no terms":        {func() error { _, err := ReadHPO(strings.NewReader("{}")); return err }, ErrNoTerms},
		"orpha: no header":     {func() error { _, err := ReadOrpha(strings.NewReader("")); return err }, ErrNoTerms},
		"orpha: other columns": {func() error { _, err := ReadOrpha(strings.NewReader("a\tb\n")); return err }, ErrNoColumn},
		"orpha: no code":       {func() error { _, err := ReadOrpha(strings.NewReader("orphacode\tname\nx\ty\n")); return err }, ErrBadLine},
		"orpha: a huge line": {func() error {
			_, err := ReadOrpha(strings.NewReader("orphacode\tname\n" + strings.Repeat("x", 2<<20)))
			return err
		}, ErrBadLine},
		"xml: not XML": {func() error { _, err := ReadOrphaXML(strings.NewReader("{}")); return err }, ErrNoTerms},
		"xml: cut":     {func() error { _, err := ReadOrphaXML(strings.NewReader("<JDBOR><Disorder>")); return err }, ErrNotRecognised},
		"xml: an entity": {func() error {
			_, err := ReadOrphaXML(strings.NewReader(`<!DOCTYPE a [<!ENTITY b "c">]><JDBOR>&b;</JDBOR>`))
			return err
		}, ErrNotRecognised},
		"translation: no columns": {func() error { _, err := s.AddTranslations(strings.NewReader("a\n"), "es"); return err }, ErrNoColumn},
		"compact: another file":   {func() error { _, err := Read(strings.NewReader("id\tname\n")); return err }, ErrNotRecognised},
		"compact: a stray name": {func() error {
			_, err := Read(strings.NewReader("kindred-terms\t1\tHP\tv\tc\nN\ten\tlay\tx\n"))
			return err
		}, ErrBadLine},
	} {
		if err := c.run(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadHPO(&capped{strings.NewReader(`{"graphs":[]}`), 5}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func TestTranslationsThatAreNoneAreDropped(t *testing.T) {
	s := Set{System: HPO, Terms: []Term{{ID: "HP:0000001", Label: "All"}}}
	const babelon = "source_language\ttranslation_language\tsubject_id\tpredicate_id\ttranslation_value\ttranslation_status\n" +
		"en\tja\tHP:0000001\trdfs:label\tNA\tNOT_TRANSLATED\n" +
		"en\tnl\tHP:0000001\trdfs:label\tAlle\tCANDIDATE\n" +
		"en\tfr\tHP:0000001\tIAO:0000115\tdefinition\tOFFICIAL\n" +
		"en\tes\tHP:0000001\trdfs:label\tTodos\tOFFICIAL\n" +
		"en\tes\tHP:0000009\trdfs:label\tX\tOFFICIAL\n"
	sum := must(s.AddTranslations(strings.NewReader(babelon), ""))(t)
	if sum != (Added{Names: 2, Unknown: 1, Dropped: 2}) {
		t.Fatalf("%+v", sum)
	}
	const synonyms = "subject_id\ttranslation_value\tcomment\nID\tAL oboInOwl:hasExactSynonym@nl\t\nHP:0000001\tAll\tNOT_TRANSLATED\nHP:0000001\tIedereen|Alles\tCANDIDATE\n"
	if sum = must(s.AddTranslations(strings.NewReader(synonyms), "nl"))(t); sum != (Added{Names: 2, Dropped: 1}) {
		t.Fatalf("%+v", sum)
	}
	term := &s.Terms[0]
	if term.LabelIn("nl") != "All" || term.LabelIn("es") != "Todos" {
		t.Fatalf("a translation that nobody reviewed is not a label: %+v", term.Names)
	}
	if LanguageOf("/x/hp-nl-preprocessed.babelon.tsv.gz") != "nl" || LanguageOf("hp.json") != "" {
		t.Fatal("language of a file")
	}
}

// Whatever a reader accepts has an Index or a fault, and its compact form reads back as the same.
func sound(t *testing.T, s Set, err error) {
	if err != nil {
		return
	}
	var first, second bytes.Buffer
	must(0, s.Write(&first))(t)
	back, err := Read(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatalf("%q does not read back: %v", first.String(), err)
	}
	must(0, back.Write(&second))(t)
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatalf("%q became %q", first.String(), second.String())
	}
	if x, err := New(s); err == nil {
		x.Search(s.Terms[0].Label, "es", 3)
	}
}

func FuzzReadHPO(f *testing.F) {
	f.Add([]byte(`{"graphs":[{"nodes":[{"id":"http://purl.obolibrary.org/obo/HP_0000001","lbl":"All","meta":{"synonyms":[{"val":"Every"}]}}],"edges":[{"sub":"HP:0000001","pred":"is_a","obj":"HP:0000001"}],"meta":{"version":"/releases/2026-01-08/hp.json"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) { s, err := ReadHPO(bytes.NewReader(b)); sound(t, s, err) })
}

func FuzzReadOrpha(f *testing.F) {
	f.Add([]byte("orphacode\tname\tsynonyms\ttype\tlevel\tstatus\n58\tAlexander disease\tAxD|X\tDisease\tDisorder\tActive\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadOrpha(bytes.NewReader(b))
		sound(t, s, err)
		if err == nil {
			_, _ = s.AddOrphaNames(bytes.NewReader(b), "fr")
			_, _, _ = s.AddOrphaEdges(bytes.NewReader(b))
			sound(t, s, nil)
		}
	})
}

func FuzzReadOrphaXML(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><JDBOR ExtractionDate="2023-06-21 1"><Disorder><OrphaCode>58</OrphaCode><Name lang="en">Alexander disease</Name><Totalstatus>Active</Totalstatus><SynonymList><Synonym lang="en">AxD</Synonym></SynonymList></Disorder></JDBOR>`))
	f.Fuzz(func(t *testing.T, b []byte) { s, err := ReadOrphaXML(bytes.NewReader(b)); sound(t, s, err) })
}

func FuzzOrphaClassification(f *testing.F) {
	f.Add([]byte(`<JDBOR><ClassificationNode><Disorder><OrphaCode>58</OrphaCode></Disorder><ClassificationNodeChildList><ClassificationNode><Disorder><OrphaCode>59</OrphaCode></Disorder></ClassificationNode></ClassificationNodeChildList></ClassificationNode></JDBOR>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Set{System: Orpha, Terms: []Term{{ID: "ORPHA:58", Label: "a"}, {ID: "ORPHA:59", Label: "b"}}}
		_, _, _ = s.AddOrphaClassificationXML(bytes.NewReader(b))
		sound(t, s, nil)
	})
}

func FuzzTranslations(f *testing.F) {
	f.Add([]byte("subject_id\ttranslation_value\tpredicate_id\nHP:0000001\tTodos\trdfs:label\n"))
	f.Add([]byte("term\tlayperson\nHP:0000001\tEverything\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Set{System: HPO, Terms: []Term{{ID: "HP:0000001", Label: "All"}}}
		_, _ = s.AddTranslations(bytes.NewReader(b), "es")
		_, _ = s.AddLay(bytes.NewReader(b))
		sound(t, s, nil)
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("kindred-terms\t1\tHP\tv\tc\nT\tHP:0000001\tAll\t\t\t\t\t\nN\tes\tlay\tTodo\nE\t1\n"))
	f.Fuzz(func(t *testing.T, b []byte) { s, err := Read(bytes.NewReader(b)); sound(t, s, err) })
}

func FuzzSearch(f *testing.F) {
	x := small(f)
	f.Add("muscle weaknes", "es")
	f.Fuzz(func(t *testing.T, q, lang string) {
		got := x.Search(q, lang, 3)
		seen := map[string]bool{}
		for i, m := range got {
			if m.Term.Obsolete || seen[m.Term.ID] || i > 0 && m.Score > got[i-1].Score {
				t.Fatalf("%q: %+v", q, got)
			}
			seen[m.Term.ID] = true
		}
	})
}
