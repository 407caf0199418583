package api

import (
	"kindred/internal/ontology"
	"kindred/internal/web/route"
	"kindred/schemas"
)

func (a *API) vocabulary() {
	if a.Registry == nil {
		return
	}
	on(a, operation{id: "searchSymptoms", method: "GET", path: "/symptoms", right: route.Anyone, tag: "vocabulary", summary: "Find symptoms (HPO) by lay or clinical words; accents and slips are forgiven."}, a.searchSymptoms)
	on(a, operation{id: "searchDiagnoses", method: "GET", path: "/diagnoses", right: route.Anyone, tag: "vocabulary", summary: "Find diagnoses (ORPHA) by name or code."}, a.searchDiagnoses)
	on(a, operation{id: "listElements", method: "GET", path: "/elements", right: route.Anyone, tag: "vocabulary", summary: "The common data elements that can be told about a person."}, a.listElements)
}

type words struct {
	Q     string `query:"q" required:"true" maxLength:"200" doc:"What somebody typed."`
	Lang  string `query:"lang" maxLength:"20" doc:"Language of the words; that of the request when left out."`
	Limit int    `query:"limit" minimum:"1" maximum:"50" default:"10"`
}

type term struct {
	ID    string  `json:"id"`
	Label string  `json:"label" doc:"Official name."`
	Plain string  `json:"plain" doc:"The name that people use."`
	Name  string  `json:"name,omitempty" doc:"The name that was found."`
	Group bool    `json:"group,omitempty" doc:"A heading rather than a diagnosis."`
	Score float64 `json:"score"`
}

func (in *words) lang(x *call) string {
	if in.Lang != "" {
		return in.Lang
	}
	return x.Printer.Lang()
}

func terms(found []ontology.Match, lang string) *got[list[term]] {
	out := list[term]{Items: []term{}}
	for _, m := range found {
		out.Items = append(out.Items, term{m.Term.ID, m.Term.LabelIn(lang), m.Term.Plain(lang), m.Name, m.Term.Group(), m.Score})
	}
	return &got[list[term]]{out}
}

func (a *API) searchSymptoms(x *call, in *words) (*got[list[term]], error) {
	lang := in.lang(x)
	return terms(a.Registry.SearchSymptoms(in.Q, lang, in.Limit), lang), nil
}

func (a *API) searchDiagnoses(x *call, in *words) (*got[list[term]], error) {
	lang := in.lang(x)
	return terms(a.Registry.SearchDiagnoses(in.Q, lang, in.Limit), lang), nil
}

type elementShape struct {
	Key     string   `json:"key"`
	Kind    string   `json:"kind"`
	Number  string   `json:"number,omitempty" doc:"Its number in the European set."`
	Options []string `json:"options,omitempty"`
	Example string   `json:"example,omitempty"`
}

func (a *API) listElements(*call, *struct{}) (*got[list[elementShape]], error) {
	out := list[elementShape]{Items: []elementShape{}}
	for _, e := range schemas.Elements() {
		if e.Held != schemas.HeldElement {
			continue
		}
		shape := elementShape{Key: e.Key, Kind: string(e.Kind), Number: e.Number, Example: e.Example}
		for _, o := range e.Options {
			if !o.Staff {
				shape.Options = append(shape.Options, o.Value)
			}
		}
		out.Items = append(out.Items, shape)
	}
	return &got[list[elementShape]]{out}, nil
}
