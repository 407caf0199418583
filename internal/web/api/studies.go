package api

import (
	"time"

	"kindred/export"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
)

var (
	proposes   = route.May(policies.PurposeResearch, policies.ObjectStudy, policies.ActPropose)
	approves   = route.May(policies.PurposeOversight, policies.ObjectStudy, policies.ActApprove)
	seesStudy  = route.Either(route.May(policies.PurposeResearch, policies.ObjectStudy, policies.ActRead), route.May(policies.PurposeOversight, policies.ObjectStudy, policies.ActRead))
	releases   = route.May(policies.PurposeResearch, policies.ObjectRelease, policies.ActRelease)
	seesOutput = route.Either(route.May(policies.PurposeResearch, policies.ObjectRelease, policies.ActRead), route.May(policies.PurposeOversight, policies.ObjectRelease, policies.ActRead))
)

func (a *API) studies() {
	if a.Studies == nil {
		return
	}
	on(a, operation{id: "proposeStudy", method: "POST", path: "/studies", right: proposes, tag: "studies", status: 201, creates: true, summary: "Propose a study to the committee."}, a.propose)
	on(a, operation{id: "listStudies", method: "GET", path: "/studies", right: seesStudy, tag: "studies", summary: "Studies, newest first: a researcher's own, or all for the committee."}, a.listStudies)
	on(a, operation{id: "getStudy", method: "GET", path: "/studies/{study}", right: seesStudy, tag: "studies", summary: "A study with what was decided."}, a.getStudy)
	on(a, operation{id: "amendStudy", method: "PUT", path: "/studies/{study}", right: proposes, tag: "studies", summary: "Change a study; it goes back to the committee."}, a.amendStudy)
	on(a, operation{id: "closeStudy", method: "POST", path: "/studies/{study}/close", right: proposes, tag: "studies", summary: "End a study for good."}, a.closeStudy)
	on(a, operation{id: "decideStudy", method: "POST", path: "/studies/{study}/decisions", right: approves, tag: "studies", status: 201, creates: true, summary: "Approve or refuse, with a reason."}, a.decideStudy)
	on(a, operation{id: "countStudy", method: "GET", path: "/studies/{study}/count", right: releases, tag: "studies", summary: "How many people it would get now; fewer than five are not told."}, a.countStudy)
	a.outputs()
}

type study struct {
	ID         ident.StudyID     `json:"id"`
	State      export.StudyState `json:"state"`
	Protocol   int               `json:"protocol"`
	Proposal   export.Proposal   `json:"proposal"`
	CreatedAt  time.Time         `json:"created_at"`
	DecidedAt  *time.Time        `json:"decided_at,omitempty"`
	ValidUntil *time.Time        `json:"valid_until,omitempty"`
	Revision   int               `json:"revision"`
	Decisions  []decision        `json:"decisions,omitempty"`
}

type decision struct {
	Protocol int       `json:"protocol"`
	Approved bool      `json:"approved"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
}

func showStudy(s *export.Study) study {
	p := s.Proposal
	p.Fields, p.Questionnaires, p.Scopes = filled(p.Fields), filled(p.Questionnaires), filled(p.Scopes)
	return study{s.ID, s.State, s.Protocol, p, s.CreatedAt, s.DecidedAt, s.ValidUntil, s.Revision, nil}
}

type proposalWish struct {
	Title          string           `json:"title"`
	Purpose        string           `json:"purpose"`
	Fields         []export.Field   `json:"fields,omitempty"`
	Questionnaires []string         `json:"questionnaires,omitempty" doc:"url|version"`
	Scopes         []policies.Scope `json:"scopes,omitempty" doc:"Beyond registry and research, which every study needs."`
	From           *time.Time       `json:"from,omitempty" doc:"Answers given from then on."`
	Until          *time.Time       `json:"until,omitempty"`
	VerifiedOnly   bool             `json:"verified_only,omitempty"`
	FreeText       bool             `json:"free_text,omitempty"`
	MinimumClass   int              `json:"minimum_class,omitempty" doc:"How many people must share birth, sex and country before these are told of them whole: 2 to 100. Left out or 0: small classes are counted in the manifest, and told."`
}

func (w proposalWish) proposal() export.Proposal {
	return export.Proposal{
		Title: w.Title, Purpose: w.Purpose, Fields: w.Fields, Questionnaires: w.Questionnaires, Scopes: w.Scopes, From: w.From, Until: w.Until,
		VerifiedOnly: w.VerifiedOnly, FreeText: w.FreeText, MinimumClass: w.MinimumClass,
	}
}

type newStudy struct{ Body proposalWish }

func (a *API) propose(x *call, in *newStudy) (*made[study], error) {
	s, err := a.Studies.Propose(x.Context(), x.Actor, in.Body.proposal())
	if err != nil {
		return nil, err
	}
	return &made[study]{"/api/v1/studies/" + string(s.ID), tag(s.Revision), showStudy(s)}, nil
}

type studiesQuery struct {
	Paging
	State export.StudyState `query:"state" enum:"submitted,approved,refused,closed"`
}

func (a *API) listStudies(x *call, in *studiesQuery) (*got[list[study]], error) {
	all, err := a.Studies.Studies(x.Context(), x.Actor, in.State)
	if err != nil {
		return nil, err
	}
	return listed(all, in.Paging, func(s *export.Study) string { return string(s.ID) }, showStudy)
}

// StudyPath names a study.
type StudyPath struct {
	Study string `path:"study"`
}

func (p StudyPath) id() (ident.StudyID, error) { return ident.Parse[ident.StudyID](p.Study) }

func (a *API) getStudy(x *call, in *StudyPath) (*tagged[study], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, decisions, err := a.Studies.Study(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := showStudy(s)
	for _, d := range decisions {
		out.Decisions = append(out.Decisions, decision{d.Protocol, d.Approved, d.Reason, d.At})
	}
	return &tagged[study]{tag(s.Revision), out}, nil
}

type studyChange struct {
	StudyPath
	IfMatch string `header:"If-Match" required:"true"`
	Body    proposalWish
}

func (a *API) amendStudy(x *call, in *studyChange) (*tagged[study], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	revision, err := untag(in.IfMatch)
	if err != nil {
		return nil, err
	}
	s, err := a.Studies.Amend(x.Context(), x.Actor, id, revision, in.Body.proposal())
	if err != nil {
		return nil, x.stale(err, func() (int, error) {
			s, _, err := a.Studies.Study(x.Context(), x.Actor, id)
			if err != nil {
				return 0, err
			}
			return s.Revision, nil
		})
	}
	return &tagged[study]{tag(s.Revision), showStudy(s)}, nil
}

func (a *API) closeStudy(x *call, in *StudyPath) (*tagged[study], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := a.Studies.Close(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &tagged[study]{tag(s.Revision), showStudy(s)}, nil
}

type verdict struct {
	StudyPath
	Body struct {
		Approve    bool       `json:"approve"`
		Reason     string     `json:"reason"`
		Protocol   int        `json:"protocol,omitempty" doc:"The one that was read; the current one when left out."`
		ValidUntil *time.Time `json:"valid_until,omitempty"`
	}
}

func (a *API) decideStudy(x *call, in *verdict) (*made[study], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	b := in.Body
	s, err := a.Studies.Decide(x.Context(), x.Actor, id, export.Verdict{Approve: b.Approve, Reason: b.Reason, Protocol: b.Protocol, ValidUntil: b.ValidUntil})
	if err != nil {
		return nil, err
	}
	return &made[study]{"/api/v1/studies/" + string(id), tag(s.Revision), showStudy(s)}, nil
}

type count struct {
	Shown bool          `json:"shown"`
	Count *int          `json:"count,omitempty"`
	Why   export.Hidden `json:"why,omitempty" doc:"few: fewer than five people. close: so near an earlier count that the difference would tell of fewer than five."`
}

func (a *API) countStudy(x *call, in *StudyPath) (*got[count], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	c, err := a.Studies.Count(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := count{Shown: c.Shown, Why: c.Why}
	if c.Shown {
		out.Count = &c.N
	}
	return &got[count]{out}, nil
}
