package ontology

import (
	"regexp"
	"strings"

	"golang.org/x/text/language"
)

// The two systems, by the prefix of their identifiers.
const (
	HPO   = "HP"
	Orpha = "ORPHA"
)

// Landmarks of the HPO that Kindred relies on.
const (
	PhenotypicAbnormality = "HP:0000118" // every symptom lies under it
	Onset                 = "HP:0003674"
	Severity              = "HP:0012824"
	ClinicalCourse        = "HP:0031797"
)

// NoDiagnosis is ORPHA's own code for a rare disorder that stays without a diagnosis after full investigation.
const NoDiagnosis = "ORPHA:616874"

// NameKind says what sort of name a Name is.
type NameKind string

// The kinds of names.
const (
	Label   NameKind = "label"   // the official name in a language
	Lay     NameKind = "lay"     // what people say
	Synonym NameKind = "synonym" // what clinicians also say
)

// Name is one further name of a term.
type Name struct {
	Lang string // base language, "en", "es"
	Kind NameKind
	Text string
}

// Term is one entry of a vocabulary. Treat it as read-only.
type Term struct {
	ID          string
	Label       string // official name in English
	Names       []Name
	Parents     []string
	Alternative []string // earlier identifiers of the same meaning
	Obsolete    bool
	Replacement string // of an obsolete term; may be empty
	Kind        string // ORPHA: "Disease", "Category" ...; empty for HPO
}

// Group tells whether the term is a heading rather than a diagnosis (ORPHA categories and clinical groups).
func (t *Term) Group() bool { return t.Kind == "Category" || t.Kind == "Clinical group" }

// LabelIn is the official name in a language; where there is none, the English one.
func (t *Term) LabelIn(lang string) string {
	if s := t.name(Base(lang), Label); s != "" {
		return s
	}
	return t.Label
}

// Plain is the name to show to people who are not clinicians: the lay name in their language, else the label in it,
// else the English label.
func (t *Term) Plain(lang string) string {
	base := Base(lang)
	if s := t.name(base, Lay); s != "" {
		return s
	}
	return t.LabelIn(base)
}

func (t *Term) name(lang string, kind NameKind) string {
	for _, n := range t.Names {
		if n.Lang == lang && n.Kind == kind {
			return n.Text
		}
	}
	return ""
}

// has tells whether the term carries a name already, so that files may repeat themselves.
func (t *Term) has(lang, text string) bool {
	if lang == "en" && t.Label == text {
		return true
	}
	for _, n := range t.Names {
		if n.Lang == lang && n.Text == text {
			return true
		}
	}
	return false
}

// Set is a vocabulary as read: where it came from and its terms.
type Set struct {
	System  string // HPO or Orpha
	Version string
	Credit  string // who is to be named wherever it is shown
	Terms   []Term
}

// at finds terms by identifier and by alternative identifier; the term's own identifier wins.
func (s *Set) at() map[string]int {
	at := make(map[string]int, len(s.Terms))
	for i := range s.Terms {
		for _, alt := range s.Terms[i].Alternative {
			at[alt] = i
		}
	}
	for i := range s.Terms {
		at[s.Terms[i].ID] = i
	}
	return at
}

var idShape = regexp.MustCompile(`^(HP:[0-9]{7}|ORPHA:[1-9][0-9]{0,7})$`)

// ValidID tells whether s has the shape of an identifier of one of the two systems.
func ValidID(s string) bool { return idShape.MatchString(s) }

// SystemOf is the system an identifier belongs to, by its prefix.
func SystemOf(id string) string { prefix, _, _ := strings.Cut(id, ":"); return prefix }

// Base is the base language of a tag: "es" for "es-MX". An unreadable tag is English.
func Base(tag string) string {
	if len(tag) == 2 || len(tag) == 3 {
		return strings.ToLower(tag)
	}
	t, err := language.Parse(tag)
	if err != nil {
		return "en"
	}
	b, _ := t.Base()
	return b.String()
}
