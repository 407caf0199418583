package audit

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
)

// The outcomes of an act.
const (
	OutcomeOK     = "ok"
	OutcomeDenied = "denied"
	OutcomeFailed = "failed"
)

// Service is the audit log. It is safe for use by many goroutines.
type Service struct {
	db        *db.DB
	authority *policies.Authority
	vault     *vault.Vault
}

// New makes the service; Run makes it weave.
func New(d *db.DB, a *policies.Authority, v *vault.Vault) *Service { return &Service{d, a, v} }

// Filter narrows the committee's list. Empty fields let everything through.
type Filter struct {
	From, To time.Time // From is within, To is not
	Event    string
	Account  ident.AccountID
	Role     policies.Role
	Purpose  policies.Purpose
	Study    ident.StudyID
	Outcome  string
	After    string // Page.Next of the page before
	Limit    int    // 50 when zero, 200 at most
	Fold     bool   // those who look at their own data share a line a day, which says how often they did
}

func (f Filter) limit() int {
	switch {
	case f.Limit <= 0:
		return 50
	case f.Limit > 200:
		return 200
	}
	return f.Limit
}

// detail is what the log says of a filter that was used.
func (f Filter) detail() map[string]string {
	d := map[string]string{}
	for name, value := range map[string]string{
		"event": f.Event, "account": string(f.Account), "role": string(f.Role), "purpose": string(f.Purpose), "study": string(f.Study), "outcome": f.Outcome,
	} {
		if value != "" {
			d[name] = value
		}
	}
	if !f.From.IsZero() {
		d["from"] = f.From.UTC().Format(time.RFC3339)
	}
	if !f.To.IsZero() {
		d["to"] = f.To.UTC().Format(time.RFC3339)
	}
	return d
}

// check refuses what cannot be in the log, all at once.
func (f Filter) check() error {
	var faults fault.List
	if f.Role != "" && !f.Role.Valid() {
		faults.Add(ErrFilter.At("role"))
	}
	if f.Outcome != "" && f.Outcome != OutcomeOK && f.Outcome != OutcomeDenied && f.Outcome != OutcomeFailed {
		faults.Add(ErrFilter.At("outcome"))
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		faults.Add(ErrFilter.At("to"))
	}
	if len(f.Event) > 100 {
		faults.Add(ErrFilter.At("event"))
	}
	return faults.Err()
}

// Page is part of the log, newest first.
type Page struct {
	Entries []Entry
	Next    string // give it as After for the next page; empty at the end
}

// cursor is the place after the last entry of a page.
type cursor struct {
	at time.Time
	id string
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.at.Format(time.RFC3339Nano) + " " + c.id))
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return cursor{}, ErrCursor
	}
	when, id, ok := strings.Cut(string(b), " ")
	at, err := time.Parse(time.RFC3339Nano, when)
	if !ok || err != nil {
		return cursor{}, ErrCursor
	}
	if _, err := ident.Parse[ident.EntryID](id); err != nil {
		return cursor{}, ErrCursor
	}
	return cursor{db.Cut(at), id}, nil
}

// pageOf reads a page, folded or entry by entry.
func pageOf(f Filter, from cursor, read func(from cursor, n int) ([]Entry, error)) (Page, error) {
	if f.Fold {
		return folded(from, f.limit(), read)
	}
	entries, err := read(from, f.limit()+1)
	return page(entries, f.limit()), err
}

// page cuts one entry too many into a page and the place of the next.
func page(entries []Entry, limit int) Page {
	if len(entries) <= limit {
		return Page{Entries: entries}
	}
	last := entries[limit-1]
	return Page{Entries: entries[:limit], Next: cursor{last.At, string(last.ID)}.String()}
}

// may finds the purpose for which an actor may read the whole log: the committee's, or the steward's.
func (s *Service) may(ctx context.Context, actor policies.Actor) (policies.Purpose, error) {
	err := s.authority.May(ctx, actor, policies.PurposeOversight, policies.ObjectAudit, policies.ActAudit)
	if err == nil {
		return policies.PurposeOversight, nil
	}
	return policies.PurposeOperation, s.authority.May(ctx, actor, policies.PurposeOperation, policies.ObjectAudit, policies.ActAudit)
}

func (s *Service) log(tx *db.Tx, actor policies.Actor, purpose policies.Purpose, event string, detail map[string]string) {
	role := policies.RoleSteward
	if purpose == policies.PurposeOversight {
		role = policies.RoleEthics
	}
	tx.Log(db.Entry{Event: event, Actor: actor, Role: role, Purpose: purpose, Act: policies.ActAudit, Object: policies.ObjectAudit, Detail: detail})
}

// Denied notes that somebody asked for what no line of the policy allows them: for which purpose, which act on what, by
// which route (its template, never an address with an id in it).
func (s *Service) Denied(ctx context.Context, actor policies.Actor, purpose policies.Purpose, object policies.Object, act policies.Act, route string) error {
	return s.note(ctx, db.Entry{
		Event: "access.denied", Actor: actor, Purpose: purpose, Object: object, Act: act, Outcome: OutcomeDenied, Detail: map[string]string{"route": route},
	})
}

// Replayed notes that the answer to a request was given again: what is in it left a second time.
func (s *Service) Replayed(ctx context.Context, actor policies.Actor, route string) error {
	return s.note(ctx, db.Entry{
		Event: "answer.replayed", Actor: actor, Purpose: policies.PurposeOwn, Act: policies.ActRead, Outcome: OutcomeOK, Detail: map[string]string{"route": route},
	})
}

func (s *Service) note(ctx context.Context, e db.Entry) error {
	if len(e.Actor.Roles) > 0 {
		e.Role = e.Actor.Roles[0]
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Log(e)
		return nil
	})
}

// List gives the whole log, filtered, newest first, to the committee and the steward; others get Denied. The reading is
// itself logged, with the filter.
func (s *Service) List(ctx context.Context, actor policies.Actor, f Filter) (Page, error) {
	purpose, err := s.may(ctx, actor)
	if err != nil {
		return Page{}, err
	}
	if err := f.check(); err != nil {
		return Page{}, err
	}
	from, err := parseCursor(f.After)
	if err != nil {
		return Page{}, err
	}
	var p Page
	err = s.db.Snapshot(ctx, func(tx *db.Tx) (err error) {
		p, err = pageOf(f, from, func(from cursor, n int) ([]Entry, error) { return filtered(tx, f, from, n) })
		if err != nil {
			return err
		}
		s.log(tx, actor, purpose, "audit.read", f.detail())
		return nil
	})
	return p, err
}

// Own gives what was done with one person's data, newest first, to whoever acts for them; others get Missing. Who did it
// is told by role, purpose and study; the account is named only where it is the reader's own. Reading it is logged.
// An act about more people than an entry names (a release) is not here: package export knows who was in which.
func (s *Service) Own(ctx context.Context, actor policies.Actor, person ident.ParticipantID, after string, limit int) (Page, error) {
	return s.own(ctx, actor, person, Filter{After: after, Limit: limit})
}

// OwnFolded is Own, in which those who looked at the person's data for the person share a line a day.
func (s *Service) OwnFolded(ctx context.Context, actor policies.Actor, person ident.ParticipantID, after string, limit int) (Page, error) {
	return s.own(ctx, actor, person, Filter{After: after, Limit: limit, Fold: true})
}

func (s *Service) own(ctx context.Context, actor policies.Actor, person ident.ParticipantID, f Filter) (Page, error) {
	from, err := parseCursor(f.After)
	if err != nil {
		return Page{}, err
	}
	grant, err := policies.Ask[policies.Read](ctx, s.authority, policies.Request{Actor: actor, Purpose: policies.PurposeOwn, Object: policies.ObjectAudit, Subject: person})
	if err != nil {
		return Page{}, err
	}
	var p Page
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		ok, err := reaches(tx, grant, person)
		if err != nil {
			return err
		}
		if !ok {
			return ErrEntry
		}
		p, err = pageOf(f, from, func(from cursor, n int) ([]Entry, error) { return about(tx, s.vault.SubjectAlias(person), from, n) })
		return err
	})
	if err != nil {
		return Page{}, err
	}
	for i := range p.Entries {
		if p.Entries[i].Account != actor.Account {
			p.Entries[i].Account, p.Entries[i].Request = "", ""
		}
	}
	return p, nil
}

// Prove gives one entry with the proof that it is in the tree, to the committee and the steward. An entry that is not
// woven yet is Unready.
func (s *Service) Prove(ctx context.Context, actor policies.Actor, id ident.EntryID) (Proof, error) {
	purpose, err := s.may(ctx, actor)
	if err != nil {
		return Proof{}, err
	}
	c, err := s.Checkpoint(ctx)
	if err != nil {
		return Proof{}, err
	}
	var p Proof
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		e, err := byID(tx, id)
		if err != nil {
			return err
		}
		if e.Seq == 0 || e.Seq > c.Size {
			return ErrUnwoven
		}
		path, err := tlog.ProveRecord(c.Size, e.Seq-1, tiles(tx))
		if err != nil {
			return ErrInconsistent.Because(err)
		}
		p = Proof{Entry: e, Leaf: e.Leaf(), Path: path, Checkpoint: c.Note, Tree: c.Tree}
		s.log(tx, actor, purpose, "audit.prove", map[string]string{"entry": string(id)})
		return nil
	})
	return p, err
}

// Head signs and gives the head of the tree, to the committee and the steward.
func (s *Service) Head(ctx context.Context, actor policies.Actor) (Checkpoint, error) {
	purpose, err := s.may(ctx, actor)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := s.Checkpoint(ctx)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, s.db.Do(ctx, func(tx *db.Tx) error {
		s.log(tx, actor, purpose, "audit.checkpoint", map[string]string{"size": strconv.FormatInt(c.Size, 10)})
		return nil
	})
}
