package consent

import (
	"slices"
	"time"

	"kindred/internal/ident"
	"kindred/policies"
)

// Decision is what an entry of the ledger says of a scope.
type Decision string

// The decisions.
const (
	Given     Decision = "given"
	Declined  Decision = "declined"  // said no to what was not in force
	Withdrawn Decision = "withdrawn" // took back what was in force, or had lapsed
	Reckoned  Decision = "reckoned"  // nobody's choice: a corrected birth date moved the instant of a lapse
)

// Relation is how the account that acted stands to the person, as representations say it.
type Relation string

// Self is a person acting for themselves.
const Self Relation = "self"

// ofMinor tells whether the relation ends when the person comes of age.
func (r Relation) ofMinor() bool { return r == "parent" || r == "guardian" }

// Entry is one line of the ledger. Entries are never changed.
type Entry struct {
	Seq         int64 // the event; entries made together share it
	Participant ident.ParticipantID
	Scope       policies.Scope
	Decision    Decision
	Document    string
	Version     int
	Signature   ident.SignatureID // empty for a withdrawal that was not part of a signing
	Account     ident.AccountID   // who acted
	Relation    Relation
	At          time.Time
	LapsesAt    time.Time // zero: does not lapse
}

// Status is where a scope stands for a person.
type Status string

// The statuses.
const (
	StatusGiven     Status = "given"     // in force
	StatusDeclined  Status = "declined"  // asked, and answered no
	StatusWithdrawn Status = "withdrawn" // given once, and taken back
	StatusLapsed    Status = "lapsed"    // given by somebody else, until the person came of age: needs their own signature
	StatusUnasked   Status = "unasked"   // never asked
)

// ScopeState is where one scope stands, for a page.
type ScopeState struct {
	Scope     policies.Scope
	Status    Status
	Since     time.Time // of the decision, or of the lapse; zero when never asked
	Document  string
	Version   int               // under which it was decided
	Signature ident.SignatureID // of the signing that decided it; empty for a withdrawal
	Account   ident.AccountID   // who decided
	Relation  Relation
	LapsesAt  time.Time // when it is given and will lapse
	// Outdated tells that a newer version of the document asks for this scope again.
	Outdated bool
}

// Standing is where a person stands at an instant.
type Standing struct {
	Participant ident.ParticipantID
	Scopes      []ScopeState // in the order of policies.Scopes
	Current     int          // version of the document now current
	// Pending tells that there is something to sign: a version never signed, a new scope, or a lapse.
	Pending bool
	// Withdrawable lists what a withdrawal of everything would end.
	Withdrawable []policies.Scope
}

// Of gives the state of one scope.
func (s Standing) Of(scope policies.Scope) ScopeState {
	for _, state := range s.Scopes {
		if state.Scope == scope {
			return state
		}
	}
	return ScopeState{Scope: scope, Status: StatusUnasked}
}

// InForce tells whether a scope is in force.
func (s Standing) InForce(scope policies.Scope) bool { return s.Of(scope).Status == StatusGiven }

// CommonElements are elements 7.1 to 7.3 of the EU common data elements. They are read off the standing; there is no
// other place where they could be set.
type CommonElements struct {
	Contact bool // 7.1 agreement to be contacted for research
	Reuse   bool // 7.2 consent to the reuse of data
	Sample  bool // 7.3 biological sample: no document asks for it yet, so nobody has agreed
}

// CommonElements projects the standing.
func (s Standing) CommonElements() CommonElements {
	return CommonElements{Contact: s.InForce(policies.ScopeRecontact), Reuse: s.InForce(policies.ScopeResearch)}
}

// given is what is open for a scope: the last gift of each account that gave, and nothing taken back since. Several
// people may act for a person, so several gifts may be open; a withdrawal ends them all.
type given map[policies.Scope]map[ident.AccountID]Entry

// fold takes the next entry in.
func (g given) fold(e Entry) {
	switch e.Decision {
	case Given:
		if g[e.Scope] == nil {
			g[e.Scope] = map[ident.AccountID]Entry{}
		}
		g[e.Scope][e.Account] = e
	case Withdrawn:
		delete(g, e.Scope)
	case Reckoned:
		for by, gift := range g[e.Scope] {
			if gift.Relation.ofMinor() {
				gift.LapsesAt = e.LapsesAt
				g[e.Scope][by] = gift
			}
		}
	}
}

// foldAll takes the entries of one person, in order.
func foldAll(entries []Entry) given {
	open := given{}
	for _, e := range entries {
		open.fold(e)
	}
	return open
}

// act is a signing or a withdrawal, before it is decided what it does to the ledger.
type act struct {
	Entry            // what its entries share; Scope and Decision are filled in
	choices []Choice // of a withdrawal: all no
}

// entries are what the act adds to the ledger. A no to what is open is a withdrawal. A withdrawal of what is not open
// adds nothing; a no in a signing is kept as declined.
func (a act) entries(open given) []Entry {
	var entries []Entry
	for _, c := range inOrder(a.choices) {
		e := a.Entry
		e.Scope = c.Scope
		switch {
		case c.Yes:
			e.Decision = Given
		case len(open[c.Scope]) > 0:
			e.Decision = Withdrawn
		case a.Signature == "":
			continue
		default:
			e.Decision = Declined
		}
		if e.Decision != Given {
			e.LapsesAt = time.Time{}
		}
		entries = append(entries, e)
	}
	return entries
}

// reckoning are the entries that move the lapse of what parents and guardians gave; none where it stands there already.
func reckoning(open given, shared Entry) []Entry {
	var entries []Entry
	for _, scope := range policies.Scopes {
		for _, gift := range open[scope] {
			if gift.Relation.ofMinor() && !gift.LapsesAt.Equal(shared.LapsesAt) {
				e := shared
				e.Scope, e.Decision = scope, Reckoned
				entries = append(entries, e)
				break
			}
		}
	}
	return entries
}

// fact is a row of the projection that Grants are decided by.
type fact struct {
	id       string // empty: not stored yet
	entry    Entry  // that opened it
	untilSeq int64  // zero: open
	untilAt  time.Time
	reckoned bool // its lapse was moved
}

// project applies an entry to the facts of one person. It must be called before the entry is folded into open: a gift
// takes the place of the same account's gift before it.
func project(facts []*fact, open given, e Entry) []*fact {
	end := func(which func(*fact) bool) {
		for _, f := range facts {
			if f.entry.Scope == e.Scope && f.untilSeq == 0 && which(f) {
				f.untilSeq, f.untilAt = e.Seq, e.At
			}
		}
	}
	switch e.Decision {
	case Given:
		if before, ok := open[e.Scope][e.Account]; ok {
			end(func(f *fact) bool { return f.entry.Signature == before.Signature })
		}
		facts = append(facts, &fact{entry: e})
	case Withdrawn:
		end(func(*fact) bool { return true })
	case Reckoned:
		for _, gift := range open[e.Scope] {
			for _, f := range facts {
				if f.entry.Scope == e.Scope && f.entry.Signature == gift.Signature && gift.Relation.ofMinor() {
					f.entry.LapsesAt, f.reckoned = e.LapsesAt, true
				}
			}
		}
	}
	return facts
}

// standingOf folds the entries of one person, in the order of their sequence, into where the person stands at now.
func standingOf(participant ident.ParticipantID, entries []Entry, current *Document, now time.Time) Standing {
	open, last := foldAll(entries), map[policies.Scope]Entry{}
	for _, e := range entries {
		if e.Decision != Reckoned {
			last[e.Scope] = e
		}
	}
	standing := Standing{Participant: participant}
	if current != nil {
		standing.Current = current.Version
	}
	for _, scope := range policies.Scopes {
		state := scopeState(scope, open[scope], last, now)
		asked := current != nil && current.Covers(scope)
		answered := state.Document == documentName(current) && state.Version >= standing.Current
		state.Outdated = asked && state.Status != StatusUnasked && !answered
		standing.Pending = standing.Pending || asked && (!answered || state.Status == StatusLapsed)
		standing.Scopes = append(standing.Scopes, state)
		if len(open[scope]) > 0 {
			standing.Withdrawable = append(standing.Withdrawable, scope)
		}
	}
	return standing
}

func documentName(d *Document) string {
	if d == nil {
		return ""
	}
	return d.Name
}

// scopeState is the state of one scope: the newest gift that is in force, or else what ended it.
func scopeState(scope policies.Scope, open map[ident.AccountID]Entry, last map[policies.Scope]Entry, now time.Time) ScopeState {
	var force, lapsed *Entry
	for _, e := range open {
		if e.LapsesAt.IsZero() || now.Before(e.LapsesAt) {
			if force == nil || e.Seq > force.Seq {
				force = &e
			}
		} else if lapsed == nil || e.Seq > lapsed.Seq {
			lapsed = &e
		}
	}
	state := func(status Status, e Entry) ScopeState {
		return ScopeState{scope, status, e.At, e.Document, e.Version, e.Signature, e.Account, e.Relation, e.LapsesAt, false}
	}
	switch e, asked := last[scope]; {
	case force != nil:
		return state(StatusGiven, *force)
	case lapsed != nil:
		s := state(StatusLapsed, *lapsed)
		s.Since = lapsed.LapsesAt
		return s
	case asked && e.Decision == Declined && e.Signature != "":
		return state(StatusDeclined, e)
	case asked:
		return state(StatusWithdrawn, e)
	}
	return ScopeState{Scope: scope, Status: StatusUnasked}
}

// Choice is the answer to one scope.
type Choice struct {
	Scope policies.Scope
	Yes   bool
}

// checkChoices refuses a scope that the document does not ask for, one that is answered twice, and no answer at all. A
// scope that is not answered stays as it is.
func checkChoices(d *Document, choices []Choice) error {
	if len(choices) == 0 {
		return errChoiceNone
	}
	seen := map[policies.Scope]bool{}
	for _, c := range choices {
		if !d.Covers(c.Scope) || seen[c.Scope] {
			return errChoice.At("choices." + string(c.Scope))
		}
		seen[c.Scope] = true
	}
	return nil
}

// inOrder sorts choices as the scopes are asked.
func inOrder(choices []Choice) []Choice {
	sorted := slices.Clone(choices)
	slices.SortFunc(sorted, func(a, b Choice) int {
		return slices.Index(policies.Scopes, a.Scope) - slices.Index(policies.Scopes, b.Scope)
	})
	return sorted
}
