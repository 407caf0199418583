package ontology

import (
	"encoding/xml"
	"errors"
	"io"
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
	d := xml.NewDecoder(newCapped(r))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "iso-8859-1") {
			return charmap.ISO8859_1.NewDecoder().Reader(in), nil
		}
		return nil, errors.New("charset " + charset)
	}
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
