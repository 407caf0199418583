package ontology

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"kindred/internal/fault"
)

// CreditHPO is the acknowledgement that the HPO licence asks for.
const CreditHPO = "This service uses the Human Phenotype Ontology, by the HPO Consortium and the Monarch Initiative (https://hpo.jax.org)."

type oboFile struct {
	Graphs []oboGraph `json:"graphs"`
}

type oboGraph struct {
	Nodes []oboNode `json:"nodes"`
	Edges []oboEdge `json:"edges"`
	Meta  struct {
		Version string `json:"version"`
	} `json:"meta"`
}

type oboNode struct {
	ID   string `json:"id"`
	Lbl  string `json:"lbl"`
	Meta struct {
		Synonyms []struct {
			Val  string `json:"val"`
			Type string `json:"synonymType"`
		} `json:"synonyms"`
		Properties []struct {
			Pred string `json:"pred"`
			Val  string `json:"val"`
		} `json:"basicPropertyValues"`
		Deprecated bool `json:"deprecated"`
	} `json:"meta"`
}

type oboEdge struct {
	Sub  string `json:"sub"`
	Pred string `json:"pred"`
	Obj  string `json:"obj"`
}

const (
	laySynonym      = "http://purl.obolibrary.org/obo/hp#layperson"
	obsoleteSynonym = "http://purl.obolibrary.org/obo/hp#obsolete_synonym"
	replacedBy      = "http://purl.obolibrary.org/obo/IAO_0100001"
	alternativeID   = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
)

// ReadHPO reads hp.json, the OBO Graphs form of the Human Phenotype Ontology. Terms of other ontologies inside the
// file are left out. Nothing is altered: labels, identifiers and is_a edges stay as they are.
func ReadHPO(r io.Reader) (Set, error) {
	var file oboFile
	if err := json.NewDecoder(newCapped(r)).Decode(&file); err != nil {
		if errors.Is(err, ErrTooLarge) {
			return Set{}, err
		}
		return Set{}, ErrNotRecognised.With("Expected", "OBO Graphs JSON").Because(err)
	}
	s := Set{System: HPO, Credit: CreditHPO}
	parents := map[string][]string{}
	for _, g := range file.Graphs {
		if s.Version == "" {
			s.Version = releaseDate(g.Meta.Version)
		}
		for _, e := range g.Edges {
			sub, obj := curie(e.Sub), curie(e.Obj)
			if e.Pred == "is_a" && sub != "" && obj != "" {
				parents[sub] = append(parents[sub], obj)
			}
		}
		for _, n := range g.Nodes {
			if id := curie(n.ID); id != "" && usable(n.Lbl) {
				s.Terms = append(s.Terms, n.term(id))
			}
		}
	}
	if len(s.Terms) > maxTerms {
		return Set{}, ErrTooLarge.With("Limit", maxTerms)
	}
	if len(s.Terms) == 0 {
		return Set{}, ErrNoTerms
	}
	for i := range s.Terms {
		s.Terms[i].Parents = parents[s.Terms[i].ID]
	}
	return s, nil
}

func (n oboNode) term(id string) Term {
	t := Term{ID: id, Label: n.Lbl, Obsolete: n.Meta.Deprecated}
	for _, p := range n.Meta.Properties {
		switch p.Pred {
		case replacedBy:
			if v := curie(p.Val); v != "" && v != id {
				t.Replacement = v
			}
		case alternativeID:
			if v := curie(p.Val); v != "" && v != id {
				t.Alternative = append(t.Alternative, v)
			}
		}
	}
	for _, syn := range n.Meta.Synonyms {
		if !usable(syn.Val) || syn.Type == obsoleteSynonym {
			continue
		}
		kind := Synonym
		if syn.Type == laySynonym {
			kind = Lay
		}
		t.add(Name{"en", kind, syn.Val})
	}
	return t
}

// add keeps a name, unless the term has it already. A lay name that repeats the label is kept: it says that the
// label itself is plain.
func (t *Term) add(n Name) {
	if n.Kind == Lay && n.Lang == "en" && n.Text == t.Label {
		if t.name("en", Lay) == "" {
			t.Names = append(t.Names, n)
		}
		return
	}
	if !t.has(n.Lang, n.Text) {
		t.Names = append(t.Names, n)
	}
}

// curie turns an OBO address or a short form into "HP:0000000", or "" for anything else.
func curie(s string) string {
	s = strings.Trim(s, "<> ")
	if rest, ok := strings.CutPrefix(s, "http://purl.obolibrary.org/obo/HP_"); ok {
		s = "HP:" + rest
	}
	if strings.HasPrefix(s, "HP:") && ValidID(s) {
		return s
	}
	return ""
}

// releaseDate takes the date out of ".../releases/2026-01-08/hp.json"; another text stays as it is.
func releaseDate(version string) string {
	if _, rest, ok := strings.Cut(version, "/releases/"); ok {
		date, _, _ := strings.Cut(rest, "/")
		return date
	}
	return version
}

// known tells whether an error is a fault already, which then names the place itself.
func known(err error) bool {
	var f *fault.Error
	return errors.As(err, &f)
}
