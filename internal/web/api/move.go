package api

import (
	"encoding/json"

	"kindred/internal/ident"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

type moveQuery struct {
	ResponsePath
	To string `query:"to" required:"true" doc:"The id of the version."`
}

type movedItem struct {
	LinkID  string          `json:"link_id"`
	Path    string          `json:"path" doc:"In the version that was answered."`
	Outcome sdc.Outcome     `json:"outcome" enum:"carried,converted,kept_aside"`
	Values  json.RawMessage `json:"values" doc:"As FHIR writes values."`
	Now     json.RawMessage `json:"now" doc:"In the other version; empty where they are kept aside."`
}

type movePreview struct {
	From  version     `json:"from"`
	To    version     `json:"to"`
	Items []movedItem `json:"items"`
}

func (a *API) previewMove(x *call, in *moveQuery) (*tagged[movePreview], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	to, err := ident.Parse[ident.VersionID](in.To)
	if err != nil {
		return nil, questionnaires.ErrNoVersion.At("to")
	}
	m, err := a.Questionnaires.Preview(x.Context(), x.Actor, id, to)
	if err != nil {
		return nil, err
	}
	out := movePreview{showVersion(m.From), showVersion(m.To), []movedItem{}}
	for _, one := range m.Items {
		out.Items = append(out.Items, movedItem{one.LinkID, one.Path, one.Outcome, sdc.MarshalValues(one.Values), sdc.MarshalValues(one.Now)})
	}
	return &tagged[movePreview]{tag(m.Response.Revision), out}, nil
}

type moveBody struct {
	ResponsePath
	IfMatch string `header:"If-Match" doc:"The state that was previewed; left out, whatever is there moves."`
	Body    struct {
		To string `json:"to" doc:"The id of the version."`
	}
}

func (a *API) moveResponse(x *call, in *moveBody) (*tagged[response], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	to, err := ident.Parse[ident.VersionID](in.Body.To)
	if err != nil {
		return nil, questionnaires.ErrNoVersion.At("to")
	}
	revision := 0
	if in.IfMatch != "" {
		if revision, err = untag(in.IfMatch); err != nil {
			return nil, err
		}
	}
	r, err := a.Questionnaires.Move(x.Context(), x.Actor, id, to, questionnaires.Meta{Revision: revision, Language: x.Printer.Lang()})
	if err != nil {
		return nil, x.stale(err, a.responseRevision(x, id))
	}
	return &tagged[response]{tag(r.Revision), showResponse(r)}, nil
}
