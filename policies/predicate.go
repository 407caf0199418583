package policies

import (
	"slices"
	"strings"
	"time"

	"kindred/internal/ident"
)

// Whose says how the rows that a policy line covers relate to the actor.
type Whose string

// The relations, as policy.csv writes them.
const (
	Represented Whose = "represented"
	Queue       Whose = "queue"
	Consented   Whose = "consented"
	Everyone    Whose = "everyone"
	Nobody      Whose = "nobody"
)

// Predicate is the condition under which a row may be reached. It is compiled from a policy line and a request, and is
// evaluated by the database in the transaction that reads: it never holds a list of people.
type Predicate struct {
	lines    []coverage // any of them suffices; none reaches nothing
	account  ident.AccountID
	subject  ident.ParticipantID
	founding ident.ParticipantID
	study    *Study
	asOf     time.Time
}

// coverage is what one policy line says of rows.
type coverage struct {
	whose  Whose
	scopes []Scope
}

// SQL renders the condition over an expression that names a row's subject, at an instant. Placeholders are "?". The
// text depends on the policy lines and the request's shape alone, so that prepared statements are reused.
func (p Predicate) SQL(subject string, now time.Time) (string, []any) {
	var alternatives conditions
	for _, line := range p.lines {
		if sql, args, possible := p.cover(line, subject, now); possible {
			alternatives.add("("+sql+")", args...)
		}
	}
	if len(alternatives.parts) == 0 {
		return "1 = 0", nil
	}
	sql := strings.Join(alternatives.parts, " OR ")
	if p.subject == "" {
		return sql, alternatives.args
	}
	return "(" + sql + ") AND " + subject + " = ?", append(alternatives.args, string(p.subject))
}

func (p Predicate) cover(line coverage, subject string, now time.Time) (sql string, args []any, possible bool) {
	var c conditions
	switch line.whose {
	case Represented:
		c.represented(p, subject, now)
	case Queue:
		c.add(subject + " IN (SELECT e.participant_id FROM evidence e WHERE e.state = 'submitted')")
		c.add(subject+" NOT IN (SELECT r.participant_id FROM representations r WHERE r.account_id = ?)", string(p.account))
	case Consented:
		if p.study == nil {
			return "", nil, false
		}
		c.add("EXISTS (SELECT 1 FROM studies s WHERE s.id = ? AND s.state = 'approved' AND (s.valid_until IS NULL OR s.valid_until > ?))", string(p.study.ID), now)
	case Everyone:
		c.add("1 = 1")
	default:
		return "", nil, false
	}
	for _, scope := range line.scopes {
		c.consent(p, scope, subject, now)
	}
	return strings.Join(c.parts, " AND "), c.args, true
}

type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(sql string, args ...any) {
	c.parts = append(c.parts, sql)
	c.args = append(c.args, args...)
}

func (c *conditions) represented(p Predicate, subject string, now time.Time) {
	in := subject + " IN (SELECT r.participant_id FROM representations r WHERE r.account_id = ? AND r.starts_at <= ? AND (r.ends_at IS NULL OR r.ends_at > ?))"
	if p.founding == "" {
		c.add(in, string(p.account), now, now)
		return
	}
	c.add("("+in+" OR ("+subject+" = ? AND NOT EXISTS (SELECT 1 FROM representations f WHERE f.participant_id = ? AND f.account_id <> ?)))",
		string(p.account), now, now, string(p.founding), string(p.founding), string(p.account))
}

func (c *conditions) consent(p Predicate, scope Scope, subject string, now time.Time) {
	// EXISTS, not IN: a look-up for each row, where IN would gather everybody's consents anew for every batch. OFFSET 0
	// keeps PostgreSQL from turning it into a join, which without fresh statistics it begins at everybody's consents too.
	const once = " LIMIT 1 OFFSET 0)"
	sql := "EXISTS (SELECT 1 FROM consent_facts c WHERE c.participant_id = " + subject + " AND c.scope = ?"
	args := []any{string(scope)}
	if p.study != nil && p.study.Document != "" {
		sql += " AND c.document = ?"
		args = append(args, p.study.Document)
	}
	if p.study != nil && p.study.MinVersion > 0 {
		sql += " AND c.version >= ?"
		args = append(args, p.study.MinVersion)
	}
	c.add(sql+" AND c.until_seq IS NULL AND (c.lapses_at IS NULL OR c.lapses_at > ?)"+once, append(slices.Clone(args), now)...)
	if !p.asOf.IsZero() {
		c.add(sql+" AND c.from_at <= ? AND (c.until_at IS NULL OR c.until_at > ?) AND (c.lapses_at IS NULL OR c.lapses_at > ?)"+once,
			append(slices.Clone(args), p.asOf, p.asOf, p.asOf)...)
	}
}

// Facts is what is known of one person when Casbin is asked row by row: the other half of the proof.
type Facts struct {
	Participant     ident.ParticipantID
	Representations []Representation
	Consents        []Consent
	AwaitsReview    bool
}

// Representation is who acts for a person, from when, until when (zero: no end).
type Representation struct {
	Account    ident.AccountID
	Start, End time.Time
}

// Consent is one scope that was given, and until when it held.
type Consent struct {
	Scope     Scope
	Document  string
	Version   int
	From      time.Time
	Until     time.Time // zero: not withdrawn
	Withdrawn bool
	LapsesAt  time.Time // zero: never
}

// person is what r2 carries: the request, the facts and the instant.
type person struct {
	predicate     Predicate
	facts         Facts
	studyApproved bool
	now           time.Time
}

// covers is the row half of a policy line, evaluated in Go. It shares no code with Predicate.SQL.
func covers(p person, whose Whose, scopes []Scope) bool {
	req, f := p.predicate, p.facts
	if req.subject != "" && req.subject != f.Participant {
		return false
	}
	switch whose {
	case Represented:
		if !represents(req, f, p.now) {
			return false
		}
	case Queue:
		own := slices.ContainsFunc(f.Representations, func(r Representation) bool { return r.Account == req.account })
		if !f.AwaitsReview || own {
			return false
		}
	case Consented:
		if req.study == nil || !p.studyApproved {
			return false
		}
	case Everyone:
	default:
		return false
	}
	for _, s := range scopes {
		if !consented(req, f, s, p.now) {
			return false
		}
	}
	return true
}

func represents(req Predicate, f Facts, now time.Time) bool {
	others := false
	for _, r := range f.Representations {
		if r.Account != req.account {
			others = true
			continue
		}
		if !r.Start.After(now) && (r.End.IsZero() || r.End.After(now)) {
			return true
		}
	}
	return req.founding != "" && req.founding == f.Participant && !others
}

func consented(req Predicate, f Facts, scope Scope, now time.Time) bool {
	current, then := false, req.asOf.IsZero()
	for _, c := range f.Consents {
		if c.Scope != scope {
			continue
		}
		if s := req.study; s != nil && (s.Document != "" && c.Document != s.Document || c.Version < s.MinVersion) {
			continue
		}
		lapsed := func(at time.Time) bool { return !c.LapsesAt.IsZero() && !c.LapsesAt.After(at) }
		if !c.Withdrawn && !lapsed(now) {
			current = true
		}
		if at := req.asOf; !at.IsZero() && !c.From.After(at) && (c.Until.IsZero() || c.Until.After(at)) && !lapsed(at) {
			then = true
		}
	}
	return current && then
}
