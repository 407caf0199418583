package ontology

import (
	"io"
	"strings"
)

// CreditOrpha is the credit that Orphanet's licence (CC BY 4.0) asks for.
const CreditOrpha = "Orphanet nomenclature: Orphadata, INSERM 1999 (https://www.orphadata.com), CC BY 4.0."

// ReadOrpha reads the nomenclature as a table: orphacode, name, synonyms (bar separated), and where there are such
// columns type and status. Inactive entries are kept as obsolete, except those that are only not rare in Europe.
func ReadOrpha(r io.Reader) (Set, error) {
	s := Set{System: Orpha, Credit: CreditOrpha}
	t, err := openTable(r, "orphacode", "name")
	if err != nil {
		return s, err
	}
	for t.next() {
		if len(t.cells) == 1 && t.cells[0] == "" {
			continue
		}
		term := Term{ID: orphaID(t.cell("orphacode")), Label: t.cell("name"), Kind: t.cell("type"), Obsolete: inactive(t.cell("status"))}
		if term.ID == "" || !usable(term.Label) {
			return s, t.bad()
		}
		for _, syn := range strings.Split(t.cell("synonyms"), "|") {
			if syn = strings.TrimSpace(syn); usable(syn) {
				term.add(Name{"en", Synonym, syn})
			}
		}
		if s.Terms = append(s.Terms, term); len(s.Terms) > maxTerms {
			return s, ErrTooLarge.With("Limit", maxTerms)
		}
	}
	if err := t.err(); err != nil {
		return s, err
	}
	if len(s.Terms) == 0 {
		return s, ErrNoTerms
	}
	return s, nil
}

// AddOrphaNames reads the nomenclature table of another language: orphacode, name, synonyms.
func (s *Set) AddOrphaNames(r io.Reader, lang string) (Added, error) {
	var sum Added
	t, err := openTable(r, "orphacode", "name")
	if err != nil {
		return sum, err
	}
	at := s.at()
	for t.next() {
		i, ok := at[orphaID(t.cell("orphacode"))]
		if !ok {
			sum.Unknown++
			continue
		}
		before := len(s.Terms[i].Names)
		kind := Label
		for _, text := range append([]string{t.cell("name")}, strings.Split(t.cell("synonyms"), "|")...) {
			if text = strings.TrimSpace(text); usable(text) {
				s.Terms[i].add(Name{Base(lang), kind, text})
			}
			kind = Synonym
		}
		sum.Names += len(s.Terms[i].Names) - before
	}
	return sum, t.err()
}

// AddOrphaEdges reads the classifications (columns parent and child, all classifications together) and gives each
// term its parents. Edges with an end that the Set does not have are counted and left out.
func (s *Set) AddOrphaEdges(r io.Reader) (edges, unknown int, err error) {
	t, err := openTable(r, "parent", "child")
	if err != nil {
		return 0, 0, err
	}
	at := s.at()
	seen := map[[2]int]bool{}
	for t.next() {
		p, ok := at[orphaID(t.cell("parent"))]
		c, known := at[orphaID(t.cell("child"))]
		if !ok || !known || p == c {
			unknown++
			continue
		}
		if !seen[[2]int{p, c}] { // the same edge stands in several classifications
			seen[[2]int{p, c}] = true
			s.Terms[c].Parents = append(s.Terms[c].Parents, s.Terms[p].ID)
			edges++
		}
	}
	return edges, unknown, t.err()
}

func orphaID(code string) string {
	code = strings.TrimPrefix(code, "ORPHA:")
	if id := Orpha + ":" + code; ValidID(id) {
		return id
	}
	return ""
}

func inactive(status string) bool {
	return strings.Contains(status, "Obsolete") || strings.Contains(status, "Deprecated")
}
