package ontology

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

type orphaDisorder struct {
	Code   string      `xml:"OrphaCode"`
	Name   []orphaText `xml:"Name"`
	Status string      `xml:"Totalstatus"`
	Names  []orphaText `xml:"SynonymList>Synonym"`
	Type   string      `xml:"DisorderType>Name"`
	Moves  []struct {
		Target string `xml:"TargetDisorder>OrphaCode"`
		Kind   string `xml:"DisorderDisorderAssociationType>Name"`
	} `xml:"DisorderDisorderAssociationList>DisorderDisorderAssociation"`
}

type orphaText struct {
	Lang string `xml:"lang,attr"`
	Text string `xml:",chardata"`
}

// ReadOrphaXML reads Orphanet's own nomenclature file (ORPHAnomenclature_xx_yyyy.xml), one disorder at a time.
// The labels of a file in another language than English stand in as English ones, and are also that language's.
func ReadOrphaXML(r io.Reader) (Set, error) {
	s := Set{System: Orpha, Credit: CreditOrpha}
	d := decoder(r)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, notOrphanet(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "JDBOR":
			s.Version = attribute(start, "ExtractionDate")
		case "Disorder":
			var o orphaDisorder
			if err := d.DecodeElement(&o, &start); err != nil {
				return s, notOrphanet(err)
			}
			term, ok := o.term()
			if !ok {
				return s, ErrBadTerm.With("Term", o.Code)
			}
			if s.Terms = append(s.Terms, term); len(s.Terms) > maxTerms {
				return s, ErrTooLarge.With("Limit", maxTerms)
			}
		}
	}
	if len(s.Terms) == 0 {
		return s, ErrNoTerms
	}
	return s, nil
}

// decoder reads the two charsets that Orphanet's files come in.
func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(newCapped(r))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "iso-8859-1") {
			return charmap.ISO8859_1.NewDecoder().Reader(in), nil
		}
		return nil, errors.New("charset " + charset)
	}
	return d
}

// maxNesting is how deep a classification may go; the deepest of 2023 has 11 levels.
const maxNesting = 100

// AddOrphaClassificationXML reads one of Orphanet's classification files (ORPHAclassification_nnn_xx.xml) and gives
// each term its parents in it. Entries that the Set does not have are counted and left out.
func (s *Set) AddOrphaClassificationXML(r io.Reader) (edges, unknown int, err error) {
	d := decoder(r)
	at := s.at()
	var path []string // the codes above, "" until a node has told its own
	seen := map[[2]string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return edges, unknown, nil
		}
		if err != nil {
			return edges, unknown, notOrphanet(err)
		}
		switch e := token.(type) {
		case xml.EndElement:
			if e.Name.Local == "ClassificationNode" {
				path = path[:len(path)-1]
			}
		case xml.StartElement:
			switch {
			case e.Name.Local == "ClassificationNode":
				if path = append(path, ""); len(path) > maxNesting {
					return edges, unknown, ErrNotRecognised.With("Expected", "Orphanet XML")
				}
			case e.Name.Local == "OrphaCode" && len(path) > 0 && path[len(path)-1] == "":
				var code string
				if err := d.DecodeElement(&code, &e); err != nil {
					return edges, unknown, notOrphanet(err)
				}
				child := orphaID(strings.TrimSpace(code))
				path[len(path)-1] = child
				if len(path) < 2 || seen[[2]string{path[len(path)-2], child}] {
					continue
				}
				parent := path[len(path)-2]
				seen[[2]string{parent, child}] = true
				if s.adopt(at, parent, child) {
					edges++
				} else {
					unknown++
				}
			}
		}
	}
}

// adopt gives a term a parent, once; it answers false where one of them is not in the Set.
func (s *Set) adopt(at map[string]int, parent, child string) bool {
	p, ok := at[parent]
	c, known := at[child]
	if !ok || !known || p == c {
		return false
	}
	if !slices.Contains(s.Terms[c].Parents, s.Terms[p].ID) {
		s.Terms[c].Parents = append(s.Terms[c].Parents, s.Terms[p].ID)
	}
	return true
}

func notOrphanet(err error) error {
	if known(err) {
		return err
	}
	return ErrNotRecognised.With("Expected", "Orphanet XML").Because(err)
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			date, _, _ := strings.Cut(a.Value, " ")
			return date
		}
	}
	return ""
}

func (o orphaDisorder) term() (Term, bool) {
	t := Term{ID: orphaID(strings.TrimSpace(o.Code)), Kind: strings.TrimSpace(o.Type), Obsolete: inactive(o.Status)}
	if t.ID == "" || len(o.Name) == 0 {
		return t, false
	}
	t.Label = strings.TrimSpace(o.Name[0].Text)
	if lang := Base(o.Name[0].Lang); lang != "en" && usable(t.Label) {
		t.Names = append(t.Names, Name{lang, Label, t.Label})
	}
	for _, n := range o.Names {
		if text := strings.TrimSpace(n.Text); usable(text) {
			t.add(Name{Base(n.Lang), Synonym, text})
		}
	}
	for _, m := range o.Moves {
		if target := orphaID(strings.TrimSpace(m.Target)); t.Obsolete && t.Replacement == "" && target != t.ID {
			t.Replacement = target
		}
	}
	return t, usable(t.Label)
}
