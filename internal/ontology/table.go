package ontology

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// The compact form in which Kindred keeps a Set: lines of tab separated cells, meant to be read and compared by people.
//
//	kindred-terms	1	HP	2026-01-08	credit
//	T	HP:0001252	Hypotonia	HP:0003808	(kind)	(o: obsolete)	(replacement)	(alternatives)
//	N	es	lay	Falta de fuerza
//	E	1
//
// Parents and alternatives are separated by spaces. N lines belong to the T line above them. E ends the file with the
// number of terms, so that a file that was cut short is not taken for a smaller vocabulary.
const tableMark = "kindred-terms"

// Write writes the compact form. What Write writes, Read reads back as the same Set.
func (s Set) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	line := func(cells ...string) {
		_, _ = b.WriteString(strings.Join(cells, "\t") + "\n") // Flush tells what went wrong
	}
	line(tableMark, "1", s.System, s.Version, s.Credit)
	for i := range s.Terms {
		t := &s.Terms[i]
		flag := ""
		if t.Obsolete {
			flag = "o"
		}
		line("T", t.ID, t.Label, strings.Join(t.Parents, " "), t.Kind, flag, t.Replacement, strings.Join(t.Alternative, " "))
		for _, n := range t.Names {
			line("N", n.Lang, string(n.Kind), n.Text)
		}
	}
	line("E", strconv.Itoa(len(s.Terms)))
	return b.Flush()
}

// Read reads the compact form.
func Read(r io.Reader) (Set, error) {
	var s Set
	t, err := openTable(r)
	if err != nil {
		return s, err
	}
	if len(t.cells) != 5 || t.cells[0] != tableMark || t.cells[1] != "1" || t.cells[2] != HPO && t.cells[2] != Orpha {
		return s, ErrNotRecognised.With("Expected", tableMark)
	}
	s.System, s.Version, s.Credit = t.cells[2], t.cells[3], t.cells[4]
	names, ended := 0, false
	for t.next() {
		switch {
		case ended:
			return s, t.bad()
		case len(t.cells) == 2 && t.cells[0] == "E":
			if ended = t.cells[1] == strconv.Itoa(len(s.Terms)); !ended {
				return s, t.bad()
			}
		case len(t.cells) == 8 && t.cells[0] == "T":
			term, ok := t.term()
			if !ok || len(s.Terms) >= maxTerms {
				return s, t.bad()
			}
			s.Terms = append(s.Terms, term)
		case len(t.cells) == 4 && t.cells[0] == "N" && len(s.Terms) > 0:
			n := Name{t.cells[1], NameKind(t.cells[2]), t.cells[3]}
			if _, ok := merits[n.Kind]; !ok || !usable(n.Text) || n.Lang == "" || names >= maxNames {
				return s, t.bad()
			}
			last := &s.Terms[len(s.Terms)-1]
			last.Names = append(last.Names, n)
			names++
		default:
			return s, t.bad()
		}
	}
	if err := t.err(); err != nil {
		return s, err
	}
	if !ended {
		return s, t.bad()
	}
	return s, nil
}

func (t *table) term() (Term, bool) {
	term := Term{
		ID: t.cells[1], Label: t.cells[2], Parents: strings.Fields(t.cells[3]), Kind: t.cells[4],
		Obsolete: t.cells[5] == "o", Replacement: t.cells[6], Alternative: strings.Fields(t.cells[7]),
	}
	if len(term.Parents) == 0 {
		term.Parents = nil
	}
	if len(term.Alternative) == 0 {
		term.Alternative = nil
	}
	return term, ValidID(term.ID) && usable(term.Label) && (t.cells[5] == "o" || t.cells[5] == "")
}
