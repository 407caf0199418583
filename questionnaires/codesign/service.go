package codesign

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// Config is what a Service stands on.
type Config struct {
	DB             *db.DB
	Vault          *vault.Vault
	Authority      *policies.Authority
	Questionnaires *questionnaires.Service
}

// Service keeps proposals. It is safe for use by many goroutines.
type Service struct {
	Config
	credits sync.Map // ident.VersionID -> []ident.ProposalID: a published version never changes
}

// New makes the service.
func New(c Config) *Service { return &Service{Config: c} }

func (s *Service) may(ctx context.Context, actor policies.Actor, act policies.Act) error {
	return s.Authority.May(ctx, actor, policies.PurposeAuthoring, policies.ObjectProposal, act)
}

func (s *Service) editor(ctx context.Context, actor policies.Actor) bool {
	return s.may(ctx, actor, policies.ActApprove) == nil
}

func entry(actor policies.Actor, event string, act policies.Act, id ident.ProposalID) db.Entry {
	role := policies.RoleParticipant
	if act == policies.ActApprove {
		role = policies.RoleEditor
	}
	return db.Entry{
		Event: event, Actor: actor, Role: role, Purpose: policies.PurposeAuthoring, Act: act, Object: policies.ObjectProposal,
		Detail: map[string]string{"proposal": string(id)},
	}
}

func sealedAs(table string, id string) string { return table + ":" + id }

// Propose puts a proposal forward. For members and editors. What is wrong with it comes as a fault.List, each fault at its
// field; an account with too many open proposals is Busy.
func (s *Service) Propose(ctx context.Context, actor policies.Actor, d Draft) (ident.ProposalID, error) {
	if err := s.may(ctx, actor, policies.ActPropose); err != nil {
		return "", err
	}
	newest, form, err := s.newest(ctx, actor, d.Questionnaire)
	if err != nil {
		return "", err
	}
	if err := d.Validate(func(link string) bool { return worded(form, link) }).Err(); err != nil {
		return "", err
	}
	d.Questionnaire = newest.Questionnaire
	id := ident.New[ident.ProposalID]()
	body, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	sealed, err := s.Vault.Seal(body, sealedAs("proposal", string(id)))
	if err != nil {
		return "", err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		if n, err := openOf(tx, actor.Account); err != nil || n >= maxOpen {
			return either(err, errTooMany.With("Limit", maxOpen))
		}
		tx.Log(entry(actor, "proposal.made", policies.ActPropose, id))
		return insertProposal(tx, proposalRow{
			ID: id, QuestionnaireID: d.Questionnaire, AccountID: actor.Account, Kind: string(d.Kind), LinkID: d.LinkID,
			Body: sealed, State: string(Open), CreatedAt: tx.Now(), Revision: 1,
		})
	})
	return id, err
}

func either(err error, otherwise *fault.Error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// newest is the newest version of a questionnaire that is offered.
func (s *Service) newest(ctx context.Context, actor policies.Actor, q ident.QuestionnaireID) (questionnaires.Version, *sdc.Form, error) {
	all, err := s.Questionnaires.Versions(ctx, actor)
	if err != nil {
		return questionnaires.Version{}, nil, err
	}
	for _, v := range questionnaires.Newest(all) {
		if v.Questionnaire == q {
			form, err := s.Questionnaires.Form(ctx, v.ID)
			return v, form, err
		}
	}
	return questionnaires.Version{}, nil, questionnaires.ErrNoVersion
}

// worded tells whether an item exists and says something.
func worded(form *sdc.Form, link string) bool {
	for _, o := range form.Outline("") {
		if o.LinkID == link {
			return o.Label != ""
		}
	}
	return false
}

// List gives the proposals about a questionnaire, or all for an empty id, newest first. For members and editors.
func (s *Service) List(ctx context.Context, actor policies.Actor, q ident.QuestionnaireID) ([]Proposal, error) {
	if err := s.may(ctx, actor, policies.ActRead); err != nil {
		return nil, err
	}
	credited, err := s.credited(ctx, actor)
	if err != nil {
		return nil, err
	}
	var list []Proposal
	err = s.DB.Snapshot(ctx, func(tx *db.Tx) error {
		rows, err := proposalsOf(tx, q)
		if err != nil {
			return err
		}
		list, err = s.proposals(tx, actor, rows, credited)
		return err
	})
	return list, err
}

// Proposal gives one with its discussion, oldest comment first. For members and editors; Missing where there is none.
func (s *Service) Proposal(ctx context.Context, actor policies.Actor, id ident.ProposalID) (Proposal, []Comment, error) {
	if err := s.may(ctx, actor, policies.ActRead); err != nil {
		return Proposal{}, nil, err
	}
	credited, err := s.credited(ctx, actor)
	if err != nil {
		return Proposal{}, nil, err
	}
	var one []Proposal
	var comments []Comment
	err = s.DB.Snapshot(ctx, func(tx *db.Tx) error {
		row, err := proposalByID(tx, id)
		if err != nil {
			return err
		}
		if one, err = s.proposals(tx, actor, []proposalRow{row}, credited); err != nil {
			return err
		}
		comments, err = s.comments(tx, actor, id, s.editor(ctx, actor))
		return err
	})
	if err != nil {
		return Proposal{}, nil, err
	}
	return one[0], comments, nil
}

func (s *Service) proposals(tx *db.Tx, actor policies.Actor, rows []proposalRow, credited map[ident.ProposalID]string) ([]Proposal, error) {
	ids := make([]ident.ProposalID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	votes, err := votesFor(tx, ids)
	if err != nil {
		return nil, err
	}
	counts, err := shownComments(tx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Proposal, len(rows))
	for i, r := range rows {
		p := Proposal{
			ID: r.ID, State: State(r.State), Votes: len(votes[r.ID]), Mine: r.AccountID == actor.Account, Voted: slices.Contains(votes[r.ID], actor.Account),
			Comments: counts[r.ID], CreatedAt: r.CreatedAt.UTC(),
		}
		if err := s.unseal(r, &p); err != nil {
			return nil, err
		}
		if r.DecidedAt != nil {
			p.DecidedAt = r.DecidedAt.UTC()
		}
		if p.State == Taken {
			if v := credited[r.ID]; v != "" {
				p.State, p.Version = Published, v
			}
		}
		list[i] = p
	}
	return list, nil
}

func (s *Service) unseal(r proposalRow, p *Proposal) error {
	body, err := s.Vault.Open(r.Body, sealedAs("proposal", string(r.ID)))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &p.Draft); err != nil {
		return err
	}
	p.Questionnaire = r.QuestionnaireID
	if r.Verdict.Empty() {
		return nil
	}
	verdict, err := s.Vault.Open(r.Verdict, sealedAs("proposal.verdict", string(r.ID)))
	p.Verdict = string(verdict)
	return err
}

func (s *Service) comments(tx *db.Tx, actor policies.Actor, id ident.ProposalID, all bool) ([]Comment, error) {
	rows, err := commentsOf(tx, id)
	if err != nil {
		return nil, err
	}
	var list []Comment
	for _, r := range rows {
		mine := r.AccountID == actor.Account
		if r.Hidden && !mine && !all {
			continue
		}
		text, err := s.Vault.Open(r.Body, sealedAs("comment", string(r.ID)))
		if err != nil {
			return nil, err
		}
		list = append(list, Comment{ID: r.ID, Text: string(text), Mine: mine, Editor: r.Editor, Hidden: r.Hidden, At: r.CreatedAt.UTC()})
	}
	return list, nil
}

// Support gives or takes back the actor's vote. For members and editors; not for one's own proposal, nor after the
// decision.
func (s *Service) Support(ctx context.Context, actor policies.Actor, id ident.ProposalID, support bool) error {
	return s.open(ctx, actor, id, "proposal.voted", func(tx *db.Tx, row proposalRow) error {
		switch {
		case row.AccountID == actor.Account:
			return errOwnVote
		case support:
			return insertVote(tx, voteRow{ProposalID: id, AccountID: actor.Account, CreatedAt: tx.Now()})
		default:
			return deleteVote(tx, id, actor.Account)
		}
	})
}

// Comment adds to the discussion of an open proposal. For members and editors.
func (s *Service) Comment(ctx context.Context, actor policies.Actor, id ident.ProposalID, text string) error {
	if text = strings.TrimSpace(text); text == "" {
		return fault.List{errText.At("comment")}
	}
	if utf8.RuneCountInString(text) > maxComment {
		return fault.List{errTooLong.With("Limit", maxComment).At("comment")}
	}
	comment := ident.New[ident.CommentID]()
	sealed, err := s.Vault.Seal([]byte(text), sealedAs("comment", string(comment)))
	if err != nil {
		return err
	}
	return s.open(ctx, actor, id, "proposal.discussed", func(tx *db.Tx, _ proposalRow) error {
		return insertComment(tx, commentRow{
			ID: comment, ProposalID: id, AccountID: actor.Account, Editor: s.editor(ctx, actor), Body: sealed, CreatedAt: tx.Now(),
		})
	})
}

// open does something to a proposal that is not decided yet.
func (s *Service) open(ctx context.Context, actor policies.Actor, id ident.ProposalID, event string, do func(*db.Tx, proposalRow) error) error {
	if err := s.may(ctx, actor, policies.ActPropose); err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		row, err := proposalByID(tx, id)
		if err != nil {
			return err
		}
		if row.State != string(Open) {
			return errDecided
		}
		tx.Log(entry(actor, event, policies.ActPropose, id))
		return do(tx, row)
	})
}

// Hide takes a comment out of sight of all but its author and editors. For editors.
func (s *Service) Hide(ctx context.Context, actor policies.Actor, id ident.ProposalID, comment ident.CommentID) error {
	if err := s.may(ctx, actor, policies.ActApprove); err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		tx.Log(entry(actor, "proposal.comment_hidden", policies.ActApprove, id))
		return hideComment(tx, id, comment)
	})
}

// Decide takes a proposal for the next version or declines it; a refusal needs a reason. For editors.
func (s *Service) Decide(ctx context.Context, actor policies.Actor, id ident.ProposalID, take bool, words string) error {
	if err := s.may(ctx, actor, policies.ActApprove); err != nil {
		return err
	}
	words = strings.TrimSpace(words)
	switch {
	case !take && words == "":
		return fault.List{errReason.At("reason")}
	case utf8.RuneCountInString(words) > maxReason:
		return fault.List{errTooLong.With("Limit", maxReason).At("reason")}
	}
	sealed, err := s.Vault.Seal([]byte(words), sealedAs("proposal.verdict", string(id)))
	if err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		row, err := proposalByID(tx, id)
		if err != nil {
			return err
		}
		if row.State != string(Open) {
			return errDecided
		}
		now := tx.Now()
		row.State, row.Verdict, row.DecidedBy, row.DecidedAt = string(Declined), sealed, &actor.Account, &now
		event := "proposal.declined"
		if take {
			row.State, event = string(Taken), "proposal.taken"
		}
		tx.Log(entry(actor, event, policies.ActApprove, id))
		return decide(tx, row)
	})
}
