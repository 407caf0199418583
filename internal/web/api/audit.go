package api

import (
	"time"

	"kindred/internal/audit"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
)

var (
	readsLog = route.Either(
		route.May(policies.PurposeOversight, policies.ObjectAudit, policies.ActAudit),
		route.May(policies.PurposeOperation, policies.ObjectAudit, policies.ActAudit))
	ownLog = route.May(policies.PurposeOwn, policies.ObjectAudit, policies.ActRead)

	errMissing = fault.New(fault.Missing, "fault.missing")
)

func (a *API) audits() {
	if a.Audit == nil {
		return
	}
	on(a, operation{id: "listAudit", method: "GET", path: "/audit", right: readsLog, tag: "audit", summary: "The log, newest first. Reading it is logged."}, a.listAudit)
	on(a, operation{id: "auditCheckpoint", method: "GET", path: "/audit/checkpoint", right: readsLog, tag: "audit", summary: "The signed head of the tree."}, a.checkpoint)
	on(a, operation{id: "auditProof", method: "GET", path: "/audit/{entry}/proof", right: readsLog, tag: "audit", summary: "Proof that an entry is in the tree."}, a.proveEntry)
	on(a, operation{id: "ownAudit", method: "GET", path: "/participants/{participant}/audit", right: ownLog, tag: "audit", summary: "Who did what with a person's data, for whoever acts for them."}, a.ownAudit)
}

type auditFilter struct {
	Paging
	From    time.Time        `query:"from"`
	To      time.Time        `query:"to"`
	Event   string           `query:"event" maxLength:"100"`
	Account string           `query:"account" maxLength:"100"`
	Role    policies.Role    `query:"role"`
	Purpose policies.Purpose `query:"purpose"`
	Study   string           `query:"study" maxLength:"100"`
	Outcome string           `query:"outcome"`
	Fold    bool             `query:"fold" doc:"Those who look at their own data share a line a day; times says how often they did."`
}

func (a *API) listAudit(x *call, in *auditFilter) (*got[list[audit.Entry]], error) {
	p, err := a.Audit.List(x.Context(), x.Actor, audit.Filter{
		From: in.From, To: in.To, Event: in.Event, Account: ident.AccountID(in.Account), Role: in.Role, Purpose: in.Purpose,
		Study: ident.StudyID(in.Study), Outcome: in.Outcome, After: in.Cursor, Limit: in.Limit, Fold: in.Fold,
	})
	return auditPage(p), err
}

func auditPage(p audit.Page) *got[list[audit.Entry]] {
	if p.Entries == nil {
		p.Entries = []audit.Entry{}
	}
	return &got[list[audit.Entry]]{list[audit.Entry]{p.Entries, p.Next}}
}

type ownAuditQuery struct {
	PersonPath
	Paging
}

func (a *API) ownAudit(x *call, in *ownAuditQuery) (*got[list[audit.Entry]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := a.Audit.Own(x.Context(), x.Actor, id, in.Cursor, in.Limit)
	return auditPage(p), err
}

type treeHead struct {
	Size   int64  `json:"size"`
	Origin string `json:"origin"`
	Note   string `json:"note" doc:"Signed note; keep it outside the registry."`
}

func (a *API) checkpoint(x *call, _ *struct{}) (*got[treeHead], error) {
	c, err := a.Audit.Head(x.Context(), x.Actor)
	return &got[treeHead]{treeHead{c.Size, c.Origin, c.Note}}, err
}

type entryPath struct {
	Entry string `path:"entry"`
}

type entryProof struct {
	Entry      audit.Entry `json:"entry"`
	Leaf       []byte      `json:"leaf"`
	Path       []string    `json:"path" doc:"Hashes from the leaf upwards, RFC 6962."`
	Checkpoint string      `json:"checkpoint"`
}

func (a *API) proveEntry(x *call, in *entryPath) (*got[entryProof], error) {
	id, err := ident.Parse[ident.EntryID](in.Entry)
	if err != nil {
		return nil, errMissing
	}
	p, err := a.Audit.Prove(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := entryProof{p.Entry, p.Leaf, []string{}, p.Checkpoint}
	for _, h := range p.Path {
		out.Path = append(out.Path, h.String())
	}
	return &got[entryProof]{out}, nil
}

// PersonPath is the person that an operation is about. An id that is not one is missing, as any other is.
type PersonPath struct {
	Participant string `path:"participant" doc:"The person's id."`
}

func (p PersonPath) id() (ident.ParticipantID, error) {
	id, err := ident.Parse[ident.ParticipantID](p.Participant)
	if err != nil {
		return "", errMissing
	}
	return id, nil
}
