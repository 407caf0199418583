package export

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// StudyState says where a study stands.
type StudyState string

// The states. Only an approved study counts and releases; one that is changed is submitted again.
const (
	Submitted StudyState = "submitted"
	Approved  StudyState = "approved"
	Refused   StudyState = "refused"
	Closed    StudyState = "closed"
)

// Proposal is what a researcher asks the committee for.
type Proposal struct {
	Title          string           `json:"title"`
	Purpose        string           `json:"purpose"`
	Fields         []Field          `json:"fields"`
	Questionnaires []string         `json:"questionnaires"` // canonical|version
	Scopes         []policies.Scope `json:"scopes"`         // beyond registry and research, which every study needs
	From           *time.Time       `json:"from,omitempty"` // answers given from, and before
	Until          *time.Time       `json:"until,omitempty"`
	VerifiedOnly   bool             `json:"verified_only"` // people whose proof of diagnosis was accepted
	FreeText       bool             `json:"free_text"`
	// MinimumClass is how many people must share birth, sex and country before these are told of them whole. 0: small
	// classes are counted in the manifest, and told.
	MinimumClass int `json:"minimum_class,omitempty"`
}

// Limits of a proposal.
const (
	maxTitle          = 200
	maxPurpose        = 5000
	maxReason         = 5000
	maxQuestionnaires = 50
	maxMinimumClass   = 100
)

// Clean trims a proposal and puts its lists in order, each entry once. Answers to questionnaires need their scope.
func (p Proposal) Clean() Proposal {
	p.Title, p.Purpose = strings.TrimSpace(p.Title), strings.TrimSpace(p.Purpose)
	var fields []Field
	for _, f := range Fields() {
		if slices.Contains(p.Fields, f) {
			fields = append(fields, f)
		}
	}
	for _, f := range p.Fields { // unknown ones stay, to be refused by name
		if !slices.Contains(Fields(), f) {
			fields = append(fields, f)
		}
	}
	p.Fields = fields
	p.Questionnaires = slices.Compact(sorted(p.Questionnaires))
	scopes := slices.Clone(p.Scopes)
	if len(p.Questionnaires) > 0 {
		scopes = append(scopes, policies.ScopeQuestionnaires)
	}
	scopes = slices.DeleteFunc(scopes, func(s policies.Scope) bool { return s == policies.ScopeRegistry || s == policies.ScopeResearch })
	slices.Sort(scopes)
	p.Scopes = slices.Compact(scopes)
	return p
}

// Validate gives everything that is wrong with a clean proposal.
func (p Proposal) Validate() fault.List {
	var l fault.List
	if p.Title == "" {
		l.Add(errTitleMissing)
	}
	if n := utf8.RuneCountInString(p.Title); n > maxTitle {
		l.Add(errTitleLong.With("Max", maxTitle))
	}
	if p.Purpose == "" {
		l.Add(errPurposeMissing)
	}
	if n := utf8.RuneCountInString(p.Purpose); n > maxPurpose {
		l.Add(errPurposeLong.With("Max", maxPurpose))
	}
	if len(p.Fields)+len(p.Questionnaires) == 0 {
		l.Add(errNothingWanted)
	}
	for _, f := range p.Fields {
		if !slices.Contains(Fields(), f) {
			l.Add(errFieldUnknown.With("Field", string(f)))
		}
	}
	if slices.Contains(p.Fields, FieldBirthYear) && slices.Contains(p.Fields, FieldAge) {
		l.Add(errBirthTwice)
	}
	if len(p.Questionnaires) > maxQuestionnaires {
		l.Add(errQuestionnaires.With("Max", maxQuestionnaires))
	}
	for _, s := range p.Scopes {
		if !slices.Contains(policies.Scopes, s) {
			l.Add(errScopeUnknown.With("Scope", string(s)))
		}
	}
	if p.From != nil && p.Until != nil && !p.From.Before(*p.Until) {
		l.Add(errPeriod)
	}
	if n := p.MinimumClass; n != 0 && (n < 2 || n > maxMinimumClass) {
		l.Add(errMinimumClass.With("Max", maxMinimumClass))
	}
	return l
}

func (p Proposal) window() Window {
	var w Window
	if p.From != nil {
		w.From = *p.From
	}
	if p.Until != nil {
		w.Until = *p.Until
	}
	return w
}

// AllScopes are the scopes that everybody in the study must have in force.
func (p Proposal) AllScopes() []policies.Scope {
	return append([]policies.Scope{policies.ScopeRegistry, policies.ScopeResearch}, p.Scopes...)
}

// Study is a proposal with its history.
type Study struct {
	ID         ident.StudyID
	Proposer   ident.AccountID
	State      StudyState
	Protocol   int // 1 for the first proposal, one more at each change
	Proposal   Proposal
	ValidUntil *time.Time // the approval ends
	DecidedAt  *time.Time
	CreatedAt  time.Time
	Revision   int
}

// Decision is what the committee said of one protocol of a study. It is never changed.
type Decision struct {
	Study    ident.StudyID
	Protocol int
	Approved bool
	Reason   string
	By       ident.AccountID
	At       time.Time
	Proposal Proposal // as it was then
}

// ApprovedAt tells whether the study may release at an instant.
func (s *Study) ApprovedAt(now time.Time) bool {
	return s.State == Approved && (s.ValidUntil == nil || s.ValidUntil.After(now))
}

// policy is what a request says of the study.
func (s *Study) policy() *policies.Study {
	return &policies.Study{ID: s.ID, Scopes: s.Proposal.Scopes}
}

// propose makes a study of a proposal.
func propose(id ident.StudyID, by ident.AccountID, p Proposal, now time.Time) (*Study, error) {
	p = p.Clean()
	if err := p.Validate().Err(); err != nil {
		return nil, err
	}
	return &Study{ID: id, Proposer: by, State: Submitted, Protocol: 1, Proposal: p, CreatedAt: now, Revision: 1}, nil
}

// amend changes what is asked for; the committee decides anew.
func (s *Study) amend(p Proposal) error {
	if s.State == Closed {
		return errClosed
	}
	p = p.Clean()
	if err := p.Validate().Err(); err != nil {
		return err
	}
	s.Proposal, s.Protocol, s.State, s.ValidUntil, s.DecidedAt = p, s.Protocol+1, Submitted, nil, nil
	return nil
}

// Verdict is the committee's decision on the protocol that it has read.
type Verdict struct {
	Approve    bool       `json:"approve"`
	Reason     string     `json:"reason"`
	Protocol   int        `json:"protocol"`              // the one that was read; 0 for the current one
	ValidUntil *time.Time `json:"valid_until,omitempty"` // for an approval, if it ends
}

// decide applies a verdict.
func (s *Study) decide(v Verdict, by ident.AccountID, now time.Time) (*Decision, error) {
	v.Reason = strings.TrimSpace(v.Reason)
	switch {
	case by == s.Proposer:
		return nil, errOwnStudy
	case s.State != Submitted:
		return nil, errNotSubmitted
	case v.Protocol != 0 && v.Protocol != s.Protocol:
		return nil, errProtocolMoved
	case v.Reason == "":
		return nil, errReasonMissing
	case utf8.RuneCountInString(v.Reason) > maxReason:
		return nil, errReasonLong.With("Max", maxReason)
	case v.Approve && v.ValidUntil != nil && !v.ValidUntil.After(now):
		return nil, errValidUntil
	}
	s.State, s.ValidUntil, s.DecidedAt = Refused, nil, &now
	if v.Approve {
		s.State, s.ValidUntil = Approved, v.ValidUntil
	}
	return &Decision{Study: s.ID, Protocol: s.Protocol, Approved: v.Approve, Reason: v.Reason, By: by, At: now, Proposal: s.Proposal}, nil
}

func (s *Study) close() error {
	if s.State == Closed {
		return errClosed
	}
	s.State = Closed
	return nil
}

// splitCanonical cuts url|version.
func splitCanonical(c string) (url, version string, err error) {
	at := strings.LastIndexByte(c, '|')
	if at <= 0 || at == len(c)-1 {
		return "", "", errCanonical.With("Questionnaire", c)
	}
	return c[:at], c[at+1:], nil
}

func (s *Study) info() StudyInfo {
	i := StudyInfo{ID: string(s.ID), Title: s.Proposal.Title, Purpose: s.Proposal.Purpose, Protocol: strconv.Itoa(s.Protocol)}
	if s.DecidedAt != nil {
		i.Approved = s.DecidedAt.UTC().Format(time.RFC3339)
	}
	return i
}

func (s *Study) String() string { return fmt.Sprintf("study %s (%s)", s.ID, s.State) }
