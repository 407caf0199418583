package api

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/registry"
)

var (
	readsRepresentation  = route.May(policies.PurposeOwn, policies.ObjectRepresentation, policies.ActRead)
	writesRepresentation = route.May(policies.PurposeOwn, policies.ObjectRepresentation, policies.ActWrite)
)

func (a *API) representatives() {
	on(a, operation{id: "listRepresentatives", method: "GET", path: "/participants/{participant}/representatives", right: readsRepresentation, tag: "participants", summary: "Who acts for a person, and who did."}, a.listRepresentatives)
	on(a, operation{id: "addRepresentative", method: "POST", path: "/participants/{participant}/representatives", right: writesRepresentation, tag: "participants", status: 204, creates: true,
		summary: "Let another account act for a person. Its owner knows its number (GET /me)."}, a.addRepresentative)
	on(a, operation{id: "endRepresentative", method: "DELETE", path: "/participants/{participant}/representatives/{account}", right: writesRepresentation, tag: "participants", status: 204,
		summary: "End an account's authority at once: one's own, or that of somebody one let in. Somebody remains."}, a.endRepresentative)
}

type representative struct {
	Account  ident.AccountID   `json:"account"`
	Relation registry.Relation `json:"relation"`
	From     time.Time         `json:"from"`
	Until    *time.Time        `json:"until,omitempty"`
	Own      bool              `json:"own" doc:"It is oneself."`
	Acts     bool              `json:"acts" doc:"In force now."`
	MayEnd   bool              `json:"may_end" doc:"One may end it."`
}

func (a *API) listRepresentatives(x *call, in *PersonPath) (*got[list[representative]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	card, all, err := a.Registry.Representatives(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[representative]{Items: []representative{}}
	for _, r := range all {
		acts := r.Acts(a.Clock.Now())
		out.Items = append(out.Items, representative{r.Account, r.Relation, r.From, instant(r.Until), r.Account == x.Actor.Account, acts, acts && r.MayEnd(x.Actor.Account, card.Relation)})
	}
	return &got[list[representative]]{out}, nil
}

type letIn struct {
	PersonPath
	Body struct {
		Account  string            `json:"account" doc:"The number of the other account."`
		Relation registry.Relation `json:"relation" doc:"parent or guardian of a child, carer of an adult"`
	}
}

func (a *API) addRepresentative(x *call, in *letIn) (*done, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	account, err := ident.Parse[ident.AccountID](in.Body.Account)
	if err != nil {
		return nil, registry.ErrAccount.At("account")
	}
	return &done{}, a.Registry.AddRepresentative(x.Context(), x.Actor, id, account, in.Body.Relation)
}

type representativePath struct {
	PersonPath
	Account string `path:"account"`
}

func (a *API) endRepresentative(x *call, in *representativePath) (*done, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	account, err := ident.Parse[ident.AccountID](in.Account)
	if err != nil {
		return nil, err
	}
	return &done{}, a.Registry.EndRepresentation(x.Context(), x.Actor, id, account)
}
