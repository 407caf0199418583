package consent

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"kindred/internal/account"
	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
)

// Confirm checks the password of somebody who is signed in: (*account.Service).Confirm.
type Confirm func(ctx context.Context, id ident.AccountID, password string, caller account.Caller) error

// Config is what a Service stands on.
type Config struct {
	DB        *db.DB
	Vault     *vault.Vault
	Authority *policies.Authority
	Confirm   Confirm
}

// Service keeps the ledger. It is safe for use by many goroutines.
type Service struct {
	db        *db.DB
	vault     *vault.Vault
	authority *policies.Authority
	confirm   Confirm
	parsed    sync.Map // hash of a text -> *Document: published texts never change
}

// New makes the service.
func New(c Config) *Service {
	return &Service{db: c.DB, vault: c.Vault, authority: c.Authority, confirm: c.Confirm}
}

// ask mints a Grant over one person's consents.
func ask[A policies.Action](ctx context.Context, s *Service, actor policies.Actor, purpose policies.Purpose, p ident.ParticipantID) (policies.Grant[A], error) {
	return policies.Ask[A](ctx, s.authority, policies.Request{Actor: actor, Purpose: purpose, Object: policies.ObjectConsent, Subject: p})
}

// Sign records a signing. Whoever acts for the participant now may call it. The choices are written one by one: yes
// gives a scope, no declines it or, where it was in force, withdraws it; what is not answered stays as it is. A yes
// takes the place of the same signer's yes before it, and lapses when the signer's right to act ends by age.
//
// It answers faults at "name", "choices" and "password", ErrSuperseded when the text is not the current one or not the
// one that was shown, account.ErrWait, and Missing for a participant whom the actor does not act for.
func (s *Service) Sign(ctx context.Context, actor policies.Actor, n Signing) (Signature, error) {
	if n.Document == "" {
		n.Document = MainDocument
	}
	doc, err := s.shown(ctx, n)
	if err != nil {
		return Signature{}, err
	}
	faults := fault.All(checkChoices(doc, n.Choices))
	grant, err := ask[policies.Write](ctx, s, actor, policies.PurposeOwn, n.Participant)
	if err != nil {
		return Signature{}, err
	}
	if err := s.CheckSigner(ctx, actor, n); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return Signature{}, err
		}
		faults = append(faults, fault.All(err)...)
	}
	if err := faults.Err(); err != nil {
		return Signature{}, err
	}
	name, err := signerName(n.Name)
	if err != nil {
		return Signature{}, err
	}
	var signed Signature
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		seq, err := lockLedger(tx)
		if err != nil {
			return err
		}
		if current, err := currentVersion(tx, n.Document); err != nil || current != n.Version {
			return first(err, ErrSuperseded)
		}
		capacity, err := changeWith(tx, grant).representation(actor.Account, n.Participant, tx.Now())
		if err != nil {
			return err
		}
		row, err := s.signatureRow(tx, n, actor, capacity, name, seq+1)
		if err != nil {
			return err
		}
		if err := insertSignatures(tx, grant, []signatureRow{row}); err != nil {
			return err
		}
		signed = row.signature()
		_, err = s.write(tx, grant, act{Entry: entryOf(signed, capacity.lapse()), choices: n.Choices})
		return err
	})
	if err != nil {
		return Signature{}, err
	}
	return signed, nil
}

// shown is the document that was shown, when it is the current one.
func (s *Service) shown(ctx context.Context, n Signing) (*Document, error) {
	current, err := s.Current(ctx, n.Document, n.Language)
	if err != nil {
		return nil, err
	}
	if current.Version != n.Version || current.Language != n.Language || current.Hash != n.Hash {
		return nil, ErrSuperseded
	}
	return current, nil
}

// CheckSigner tells what is wrong with the name typed and with the password given again, both at once. A password that is
// given is tried, and counted like any other try. Sign does this itself; a form that misses something else asks before.
func (s *Service) CheckSigner(ctx context.Context, actor policies.Actor, n Signing) error {
	_, err := signerName(n.Name)
	faults := fault.All(err)
	if err := s.confirmed(ctx, actor, n); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		faults = append(faults, fault.All(err)...)
	}
	return faults.Err()
}

// confirmed checks the signer's password.
func (s *Service) confirmed(ctx context.Context, actor policies.Actor, n Signing) error {
	if n.Password == "" {
		return errPassword
	}
	if s.confirm == nil {
		return errNoConfirm.Because(errors.New("consent: no way to confirm a password was given"))
	}
	err := s.confirm(ctx, actor.Account, n.Password, n.Caller)
	if errors.Is(err, account.ErrPassword) {
		return account.ErrPassword.At("password")
	}
	return err
}

func (s *Service) signatureRow(tx *db.Tx, n Signing, actor policies.Actor, capacity representationRow, name string, seq int64) (signatureRow, error) {
	row := signatureRow{
		ID: ident.New[ident.SignatureID](), ParticipantID: n.Participant, Seq: seq, AccountID: actor.Account, Relation: capacity.Relation,
		Document: n.Document, Version: n.Version, Language: n.Language, Hash: n.Hash, Method: MethodPassword, SignedAt: tx.Now(),
	}
	var err error
	row.Name, err = s.vault.SealText(name, sealedName+string(row.ID))
	return row, err
}

// sealedName binds a typed name to its signature.
const sealedName = "consent_signatures.name:"

// lapse is when what is given in this capacity lapses: when the right to act for somebody else ends by itself.
func (r representationRow) lapse() time.Time {
	if Relation(r.Relation) == Self || r.EndsAt == nil {
		return time.Time{}
	}
	return *r.EndsAt
}

// entryOf is what the entries of a signature share.
func entryOf(s Signature, lapses time.Time) Entry {
	return Entry{
		Seq: s.Seq, Participant: s.Participant, Document: s.Document, Version: s.Version, Signature: s.ID, Account: s.Account,
		Relation: s.Relation, At: s.At, LapsesAt: lapses,
	}
}

// write adds an act of one person to the ledger and to the facts, moves the sequence to the act's number, and tells the
// audit. An act that changes nothing is not written. The ledger must be locked.
func (s *Service) write(tx *db.Tx, grant policies.Grant[policies.Write], a act) ([]Entry, error) {
	before, err := changeWith(tx, grant).entriesOf(a.Participant)
	if err != nil {
		return nil, err
	}
	open := foldAll(before)
	entries := a.entries(open)
	if len(entries) == 0 {
		return nil, nil
	}
	facts, err := openFacts(tx, grant, a.Participant)
	if err != nil {
		return nil, err
	}
	event := "consent.signed"
	if a.Signature == "" {
		event = "consent.withdrawn"
	}
	tell(tx, grant, event, a.Entry, entries)
	return entries, s.add(tx, grant, open, facts, entries)
}

// tell puts an act into the audit entry of its Grant.
func tell(tx *db.Tx, grant policies.Grant[policies.Write], event string, shared Entry, entries []Entry) {
	for name, value := range map[string]string{
		"event": event, "document": shared.Document, "version": strconv.Itoa(shared.Version), "seq": strconv.FormatInt(shared.Seq, 10), "signature": string(shared.Signature),
		string(Given): joined(entries, Given), string(Declined): joined(entries, Declined), string(Withdrawn): joined(entries, Withdrawn),
	} {
		if value != "" {
			tx.Tell(grant, name, value)
		}
	}
}

// add writes entries of one act to the ledger, projects them onto the person's facts, and moves the sequence.
func (s *Service) add(tx *db.Tx, grant policies.Grant[policies.Write], open given, facts []*fact, entries []Entry) error {
	for _, e := range entries {
		facts = project(facts, open, e)
		open.fold(e)
	}
	if err := advance(tx, entries[0].Seq); err != nil {
		return err
	}
	if err := insertEntries(tx, grant, entries); err != nil {
		return err
	}
	return writeFacts(tx, grant, facts)
}

// Reckon moves the instant at which what parents and guardians gave for a person lapses; zero: it does not. It is for
// the registry, in the transaction that corrects a birth date or a country, after the representations, with a Grant
// that reaches the person.
func (s *Service) Reckon(tx *db.Tx, grant policies.Grant[policies.Write], actor policies.Actor, p ident.ParticipantID, majority time.Time) error {
	seq, err := lockLedger(tx)
	if err != nil {
		return err
	}
	v := changeWith(tx, grant)
	before, err := v.entriesOf(p)
	if err != nil || len(before) == 0 {
		return err
	}
	capacity, err := v.representation(actor.Account, p, tx.Now())
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	latest := before[len(before)-1]
	shared := Entry{
		Seq: seq + 1, Participant: p, Document: latest.Document, Version: latest.Version, Account: actor.Account,
		Relation: Relation(capacity.Relation), At: tx.Now(),
	}
	if !majority.IsZero() {
		shared.LapsesAt = db.Cut(majority)
	}
	open := foldAll(before)
	entries := reckoning(open, shared)
	if len(entries) == 0 {
		return nil
	}
	facts, err := openFacts(tx, grant, p)
	if err != nil {
		return err
	}
	tx.Tell(grant, "consent_seq", strconv.FormatInt(shared.Seq, 10))
	return s.add(tx, grant, open, facts, entries)
}

// Withdrawal is what a withdrawal ended.
type Withdrawal struct {
	Seq    int64            // zero: nothing was open, and nothing was written
	Scopes []policies.Scope // that it ended
	At     time.Time
}

// Withdraw takes back the scopes named, or everything that is open when none is named, whoever gave it and under
// whichever version. Whoever acts for the participant now may call it; it asks for nothing else. It counts from the
// moment at which it answers. To withdraw what is not open is no fault. Missing for a participant whom the actor does
// not act for.
func (s *Service) Withdraw(ctx context.Context, actor policies.Actor, p ident.ParticipantID, scopes ...policies.Scope) (Withdrawal, error) {
	var choices []Choice
	for _, scope := range scopes {
		if !slices.Contains(policies.Scopes, scope) {
			return Withdrawal{}, errScope
		}
		if !slices.Contains(choices, Choice{Scope: scope}) {
			choices = append(choices, Choice{Scope: scope})
		}
	}
	if len(scopes) == 0 {
		for _, scope := range policies.Scopes {
			choices = append(choices, Choice{Scope: scope})
		}
	}
	grant, err := ask[policies.Write](ctx, s, actor, policies.PurposeOwn, p)
	if err != nil {
		return Withdrawal{}, err
	}
	var done Withdrawal
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		seq, err := lockLedger(tx)
		if err != nil {
			return err
		}
		capacity, err := changeWith(tx, grant).representation(actor.Account, p, tx.Now())
		if err != nil {
			return err
		}
		current, err := currentVersion(tx, MainDocument)
		if err != nil {
			return err
		}
		entries, err := s.write(tx, grant, act{choices: choices, Entry: Entry{
			Seq: seq + 1, Participant: p, Document: MainDocument, Version: current, Account: actor.Account, Relation: Relation(capacity.Relation), At: tx.Now(),
		}})
		if err != nil || len(entries) == 0 {
			return err
		}
		done = Withdrawal{Seq: seq + 1, At: tx.Now()}
		for _, e := range entries {
			done.Scopes = append(done.Scopes, e.Scope)
		}
		return nil
	})
	return done, err
}

// Standing tells where a participant stands, scope by scope. Whoever acts for the participant may ask; Missing for
// anybody else.
func (s *Service) Standing(ctx context.Context, actor policies.Actor, p ident.ParticipantID) (Standing, error) {
	current, err := s.Current(ctx, MainDocument, "")
	if err != nil && !errors.Is(err, ErrNoDocument) {
		return Standing{}, err
	}
	grant, err := ask[policies.Read](ctx, s, actor, policies.PurposeOwn, p)
	if err != nil {
		return Standing{}, err
	}
	var standing Standing
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		v := readWith(tx, grant)
		if _, err := v.representation(actor.Account, p, tx.Now()); err != nil {
			return err
		}
		entries, err := v.entriesOf(p)
		if err == nil {
			standing = standingOf(p, entries, current, tx.Now())
		}
		return err
	})
	return standing, err
}

// History lists the signings and withdrawals of a participant, newest first: for whoever acts for them
// (policies.PurposeOwn; Missing for anybody else) and for the committee (policies.PurposeOversight).
func (s *Service) History(ctx context.Context, actor policies.Actor, purpose policies.Purpose, p ident.ParticipantID) ([]Event, error) {
	var events []Event
	err := s.look(ctx, actor, purpose, p, func(tx *db.Tx, v view) error {
		if purpose == policies.PurposeOwn {
			if _, err := v.representation(actor.Account, p, tx.Now()); err != nil {
				return err
			}
		}
		entries, err := v.entriesOf(p)
		if err != nil {
			return err
		}
		signatures, err := v.signaturesOf(p)
		if err == nil {
			events = timeline(entries, signatures)
		}
		return err
	})
	return events, err
}

// Proof shows a signature with the exact bytes that were signed, for whoever acts for the participant
// (policies.PurposeOwn) and for the committee (policies.PurposeOversight). It answers Missing for a signature out of
// reach, and Internal where the stored text is not the one that was signed.
func (s *Service) Proof(ctx context.Context, actor policies.Actor, purpose policies.Purpose, id ident.SignatureID) (Proof, error) {
	var proof Proof
	err := s.look(ctx, actor, purpose, "", func(tx *db.Tx, v view) error {
		row, err := v.signature(id)
		if err != nil {
			return err
		}
		text, err := documentBy(tx, row.Document, row.Version, row.Language)
		if err != nil {
			return err
		}
		if Hash(text.Body) != row.Hash {
			return errProof
		}
		entries, err := v.entriesOf(row.ParticipantID)
		if err != nil {
			return err
		}
		proof = Proof{Signature: row.signature(), Text: text.Body}
		for _, e := range entries {
			if e.Signature == id {
				proof.Entries = append(proof.Entries, e)
			}
		}
		proof.Name, err = s.vault.OpenText(row.Name, sealedName+string(row.ID))
		return err
	})
	if err != nil {
		return Proof{}, err
	}
	return proof, nil
}

// look reads in one snapshot, through the Grant that the purpose asks for.
func (s *Service) look(ctx context.Context, actor policies.Actor, purpose policies.Purpose, p ident.ParticipantID, fn func(*db.Tx, view) error) error {
	if purpose == policies.PurposeOversight {
		grant, err := ask[policies.Audit](ctx, s, actor, purpose, p)
		if err != nil {
			return err
		}
		return s.db.Snapshot(ctx, func(tx *db.Tx) error { return fn(tx, inspectWith(tx, grant)) })
	}
	grant, err := ask[policies.Read](ctx, s, actor, purpose, p)
	if err != nil {
		return err
	}
	return s.db.Snapshot(ctx, func(tx *db.Tx) error { return fn(tx, readWith(tx, grant)) })
}
