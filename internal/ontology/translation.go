package ontology

import (
	"io"
	"regexp"
	"strings"
)

// Added says what a file of names brought.
type Added struct {
	Names   int // new names
	Unknown int // rows about terms that the Set does not have
	Dropped int // rows not translated, not reviewed as such, or unusable
}

// AddTranslations reads one official translation file into the Set: babelon (labels; other predicates are left out)
// or synonyms. lang is the language where the file has no column for it; see LanguageOf. Rows that say NOT_TRANSLATED
// are dropped. Machine translations that nobody reviewed (CANDIDATE) are kept for searching as synonyms, and never
// shown as labels.
func (s *Set) AddTranslations(r io.Reader, lang string) (Added, error) {
	var sum Added
	t, err := openTable(r, "subject_id", "translation_value")
	if err != nil {
		return sum, err
	}
	_, babelon := t.columns["predicate_id"]
	at := s.at()
	for t.next() {
		id := curie(t.cell("subject_id"))
		if id == "" {
			if t.line > 2 && t.cell("subject_id") != "" { // line 2 of a synonyms file is a template row
				sum.Dropped++
			}
			continue
		}
		i, ok := at[id]
		if !ok {
			sum.Unknown++
			continue
		}
		names := t.translations(babelon, lang)
		if len(names) == 0 {
			sum.Dropped++
		}
		for _, n := range names {
			before := len(s.Terms[i].Names)
			s.Terms[i].add(n)
			sum.Names += len(s.Terms[i].Names) - before
		}
		if sum.Names > maxNames {
			return sum, ErrTooLarge.With("Limit", maxNames)
		}
	}
	return sum, t.err()
}

// translations are the names of the current row; none where it is not to be used.
func (t *table) translations(babelon bool, lang string) []Name {
	status := t.cell("translation_status")
	if !babelon {
		status = t.cell("Status") + t.cell("comment")
	}
	value := t.cell("translation_value")
	if strings.Contains(status, "NOT_TRANSLATED") || value == "NA" {
		return nil
	}
	kind := Synonym
	if babelon {
		if t.cell("predicate_id") != "rdfs:label" {
			return nil
		}
		if l := t.cell("translation_language"); l != "" {
			lang = l
		}
		if status == "OFFICIAL" {
			kind = Label
		}
	} else if t.cell("synonym_type") == laySynonym {
		kind = Lay
	}
	lang = Base(lang)
	parts := []string{value}
	if !babelon {
		parts = strings.Split(value, "|")
	}
	var out []Name
	for _, p := range parts {
		if p = strings.TrimSpace(p); usable(p) {
			out = append(out, Name{lang, kind, p})
		}
	}
	return out
}

// AddLay reads the official list of English lay names (layperson-synonyms.tsv).
func (s *Set) AddLay(r io.Reader) (Added, error) {
	var sum Added
	t, err := openTable(r, "term", "layperson")
	if err != nil {
		return sum, err
	}
	at := s.at()
	for t.next() {
		i, ok := at[curie(t.cell("term"))]
		text := strings.Trim(t.cell("layperson"), `"`)
		switch {
		case !ok:
			sum.Unknown++
		case !usable(text):
			sum.Dropped++
		default:
			before := len(s.Terms[i].Names)
			s.Terms[i].add(Name{"en", Lay, text})
			sum.Names += len(s.Terms[i].Names) - before
		}
	}
	return sum, t.err()
}

// AddNames adds the names that another Set has for the same terms: those of another language, or lay names of one's own.
func (s *Set) AddNames(other Set) Added {
	var sum Added
	at := s.at()
	for i := range other.Terms {
		j, ok := at[other.Terms[i].ID]
		if !ok {
			sum.Unknown++
			continue
		}
		before := len(s.Terms[j].Names)
		for _, n := range other.Terms[i].Names {
			s.Terms[j].add(n)
		}
		sum.Names += len(s.Terms[j].Names) - before
	}
	return sum
}

var fileLanguage = regexp.MustCompile(`(?:^|[/\\])hp-([a-z]{2,3})(?:-[a-z]+)*\.(?:babelon|synonyms)\.tsv(?:\.gz)?$`)

// LanguageOf reads the language out of an official file name (hp-es.babelon.tsv, hp-nl.synonyms.tsv.gz), or "".
func LanguageOf(file string) string {
	if m := fileLanguage.FindStringSubmatch(file); m != nil {
		return m[1]
	}
	return ""
}
