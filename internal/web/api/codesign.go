package api

import (
	"encoding/json"
	"time"

	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/questionnaires/codesign"
)

var (
	readsProposals  = route.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActRead)
	makesProposals  = route.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActPropose)
	judgesProposals = route.May(policies.PurposeAuthoring, policies.ObjectProposal, policies.ActApprove)
)

func (a *API) proposals() {
	if a.Codesign == nil {
		return
	}
	const one = "/proposals/{proposal}"
	on(a, operation{id: "makeProposal", method: "POST", path: "/proposals", right: makesProposals, tag: "co-design", status: 201, creates: true, summary: "Propose a new question, or another wording of one that a questionnaire has."}, a.makeProposal)
	on(a, operation{id: "listProposals", method: "GET", path: "/proposals", right: readsProposals, tag: "co-design", summary: "What members proposed and what became of it, newest first."}, a.listProposals)
	on(a, operation{id: "getProposal", method: "GET", path: one, right: readsProposals, tag: "co-design", summary: "A proposal with its discussion."}, a.getProposal)
	on(a, operation{id: "supportProposal", method: "PUT", path: one + "/support", right: makesProposals, tag: "co-design", status: 204, summary: "Support an open proposal of somebody else."}, a.support(true))
	on(a, operation{id: "unsupportProposal", method: "DELETE", path: one + "/support", right: makesProposals, tag: "co-design", status: 204, summary: "Take one's support back."}, a.support(false))
	on(a, operation{id: "discussProposal", method: "POST", path: one + "/comments", right: makesProposals, tag: "co-design", status: 201, creates: true, summary: "Add to the discussion of an open proposal."}, a.discuss)
	on(a, operation{id: "hideComment", method: "DELETE", path: one + "/comments/{comment}", right: judgesProposals, tag: "co-design", status: 204, summary: "Hide a comment from all but its author and editors."}, a.hideComment)
	on(a, operation{id: "decideProposal", method: "POST", path: one + "/decisions", right: judgesProposals, tag: "co-design", status: 201, creates: true, summary: "Take a proposal for the next version, or decline it with a reason."}, a.decideProposal)
	on(a, operation{id: "draftQuestionnaire", method: "GET", path: "/questionnaires/{questionnaire}/draft", right: judgesProposals, tag: "co-design", summary: "The newest version with the proposals taken since worked in, their proposers credited, as FHIR JSON to go on from."}, a.draftOf)
}

type wish struct {
	Questionnaire ident.QuestionnaireID `json:"questionnaire"`
	Kind          codesign.Kind         `json:"kind" enum:"question,wording"`
	LinkID        string                `json:"link_id,omitempty" doc:"wording: the item."`
	Language      string                `json:"language"`
	Text          string                `json:"text"`
	Answer        codesign.AnswerType   `json:"answer,omitempty" enum:"boolean,decimal,date,text,choice" doc:"question: how it is answered."`
	Options       []string              `json:"options,omitempty" doc:"choice: the answers."`
	Reason        string                `json:"reason"`
	Credit        string                `json:"credit,omitempty" doc:"The name to be thanked by, shown to all; leave out to stay unnamed."`
}

type proposal struct {
	ID ident.ProposalID `json:"id"`
	wish
	State     codesign.State `json:"state"`
	Verdict   string         `json:"verdict,omitempty"`
	Version   string         `json:"version,omitempty" doc:"The first published version that has it."`
	Votes     int            `json:"votes"`
	Mine      bool           `json:"mine"`
	Supported bool           `json:"supported"`
	Comments  int            `json:"comments"`
	CreatedAt time.Time      `json:"created_at"`
	DecidedAt *time.Time     `json:"decided_at,omitempty"`
}

func showProposal(p codesign.Proposal) proposal {
	w := wish{p.Questionnaire, p.Kind, p.LinkID, p.Language, p.Text, p.Answer, p.Options, p.Reason, p.Credit}
	return proposal{p.ID, w, p.State, p.Verdict, p.Version, p.Votes, p.Mine, p.Voted, p.Comments, p.CreatedAt, instant(p.DecidedAt)}
}

type newProposal struct{ Body wish }

func (a *API) makeProposal(x *call, in *newProposal) (*made[proposal], error) {
	w := in.Body
	id, err := a.Codesign.Propose(x.Context(), x.Actor, codesign.Draft{
		Questionnaire: w.Questionnaire, Kind: w.Kind, LinkID: w.LinkID, Language: w.Language, Text: w.Text, Answer: w.Answer, Options: w.Options, Reason: w.Reason, Credit: w.Credit,
	})
	if err != nil {
		return nil, err
	}
	p, _, err := a.Codesign.Proposal(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &made[proposal]{Location: "/api/v1/proposals/" + string(id), Body: showProposal(p)}, nil
}

type proposalsQuery struct {
	Paging
	Questionnaire string `query:"questionnaire" maxLength:"36" doc:"Only those about one."`
}

func (a *API) listProposals(x *call, in *proposalsQuery) (*got[list[proposal]], error) {
	all, err := a.Codesign.List(x.Context(), x.Actor, ident.QuestionnaireID(in.Questionnaire))
	if err != nil {
		return nil, err
	}
	return listed(all, in.Paging, func(p codesign.Proposal) string { return string(p.ID) }, showProposal)
}

// ProposalPath names a proposal.
type ProposalPath struct {
	Proposal string `path:"proposal"`
}

func (p ProposalPath) id() (ident.ProposalID, error) {
	return ident.Parse[ident.ProposalID](p.Proposal)
}

type remark struct {
	ID     ident.CommentID `json:"id"`
	Text   string          `json:"text"`
	Mine   bool            `json:"mine"`
	Editor bool            `json:"editor"`
	Hidden bool            `json:"hidden"`
	At     time.Time       `json:"at"`
}

type discussed struct {
	proposal
	Discussion []remark `json:"discussion"`
}

func (a *API) getProposal(x *call, in *ProposalPath) (*got[discussed], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, comments, err := a.Codesign.Proposal(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := discussed{showProposal(p), []remark{}}
	for _, c := range comments {
		out.Discussion = append(out.Discussion, remark(c))
	}
	return &got[discussed]{out}, nil
}

func (a *API) support(yes bool) func(*call, *ProposalPath) (*done, error) {
	return func(x *call, in *ProposalPath) (*done, error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return &done{}, a.Codesign.Support(x.Context(), x.Actor, id, yes)
	}
}

type newRemark struct {
	ProposalPath
	Body struct {
		Text string `json:"text"`
	}
}

func (a *API) discuss(x *call, in *newRemark) (*made[proposal], error) {
	return a.proposalAfter(x, in.ProposalPath, func(id ident.ProposalID) error {
		return a.Codesign.Comment(x.Context(), x.Actor, id, in.Body.Text)
	})
}

type proposalVerdict struct {
	ProposalPath
	Body struct {
		Take   bool   `json:"take"`
		Reason string `json:"reason,omitempty" doc:"Needed to decline."`
	}
}

func (a *API) decideProposal(x *call, in *proposalVerdict) (*made[proposal], error) {
	return a.proposalAfter(x, in.ProposalPath, func(id ident.ProposalID) error {
		return a.Codesign.Decide(x.Context(), x.Actor, id, in.Body.Take, in.Body.Reason)
	})
}

// proposalAfter does something to a proposal and shows it as it is then.
func (a *API) proposalAfter(x *call, path ProposalPath, do func(ident.ProposalID) error) (*made[proposal], error) {
	id, err := path.id()
	if err != nil {
		return nil, err
	}
	if err := do(id); err != nil {
		return nil, err
	}
	p, _, err := a.Codesign.Proposal(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &made[proposal]{Location: "/api/v1/proposals/" + string(id), Body: showProposal(p)}, nil
}

type commentPath struct {
	ProposalPath
	Comment string `path:"comment"`
}

func (a *API) hideComment(x *call, in *commentPath) (*done, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	comment, err := ident.Parse[ident.CommentID](in.Comment)
	if err != nil {
		return nil, err
	}
	return &done{}, a.Codesign.Hide(x.Context(), x.Actor, id, comment)
}

type formPath struct {
	Questionnaire string `path:"questionnaire"`
}

type draftBody struct {
	FHIR json.RawMessage `json:"fhir"`
}

func (a *API) draftOf(x *call, in *formPath) (*got[draftBody], error) {
	id, err := ident.Parse[ident.QuestionnaireID](in.Questionnaire)
	if err != nil {
		return nil, err
	}
	raw, err := a.Codesign.Draft(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &got[draftBody]{draftBody{raw}}, nil
}
