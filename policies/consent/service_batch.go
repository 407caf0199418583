package consent

import (
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Snapshot is the number of the ledger's last event, as this transaction sees it. A release states it.
func Snapshot(tx *db.Tx) (int64, error) { return lastSeq(tx) }

// Force is a scope in force for a person.
type Force struct {
	Scope    policies.Scope
	Document string
	Version  int
	Seq      int64
	Since    time.Time
	LapsesAt time.Time // zero: does not lapse
}

// InForce are the scopes in force for a person; where several people gave one, the first gift still in force.
type InForce map[policies.Scope]Force

// CommonElements projects elements 7.1 to 7.3 of the EU common data elements.
func (f InForce) CommonElements() CommonElements {
	_, contact := f[policies.ScopeRecontact]
	_, reuse := f[policies.ScopeResearch]
	return CommonElements{Contact: contact, Reuse: reuse}
}

// Extract gives the scopes in force of the people given whom the Grant reaches, for a release. The caller's transaction
// is the release's own snapshot.
func (s *Service) Extract(tx *db.Tx, g policies.Grant[policies.Export], people []ident.ParticipantID) (map[ident.ParticipantID]InForce, error) {
	found := make(map[ident.ParticipantID]InForce, len(people))
	for len(people) > 0 {
		n := min(len(people), batch)
		rows, err := forceOf(tx, g, people[:n])
		if err != nil {
			return nil, err
		}
		people = people[n:]
		for _, r := range rows {
			if found[r.ParticipantID] == nil {
				found[r.ParticipantID] = InForce{}
			}
			if _, known := found[r.ParticipantID][policies.Scope(r.Scope)]; known {
				continue
			}
			f := Force{Scope: policies.Scope(r.Scope), Document: r.Document, Version: r.Version, Seq: r.FromSeq, Since: r.FromAt}
			if r.LapsesAt != nil {
				f.LapsesAt = *r.LapsesAt
			}
			found[r.ParticipantID][f.Scope] = f
		}
	}
	return found, nil
}

// Recorded is a signing or withdrawal of a synthetic person.
type Recorded struct {
	Participant ident.ParticipantID
	Account     ident.AccountID
	Relation    Relation
	LapsesAt    time.Time // zero for oneself
	At          time.Time
	Document    *Document // that was signed; nil for a withdrawal
	Name        string    // typed by the signer
	Choices     []Choice  // of a withdrawal: the scopes, with no
}

// Record writes many acts at once, in the order given, for a synthetic population: with the Grant of
// policies.Demonstration, and for people who have no entries yet. It does for the ledger what Sign and Withdraw do.
// It answers ErrDenied for any other Grant.
func (s *Service) Record(tx *db.Tx, g policies.Grant[policies.Write], acts []Recorded) error {
	use, err := g.Use(tx.Now())
	if err != nil || use.Request.Actor.Account != policies.Demonstration().Account {
		return first(err, policies.ErrDenied)
	}
	seq, err := lockLedger(tx)
	if err != nil {
		return err
	}
	current, err := currentVersion(tx, MainDocument)
	if err != nil {
		return err
	}
	open := map[ident.ParticipantID]given{}
	facts := map[ident.ParticipantID][]*fact{}
	var order []ident.ParticipantID
	var signatures []signatureRow
	var entries []Entry
	for _, r := range acts {
		if len(r.Choices) == 0 {
			return errChoiceNone
		}
		if open[r.Participant] == nil {
			open[r.Participant] = given{}
			order = append(order, r.Participant)
		}
		a := act{choices: r.Choices, Entry: Entry{
			Seq: seq + 1, Participant: r.Participant, Document: MainDocument, Version: current, Account: r.Account, Relation: r.Relation,
			At: db.Cut(r.At), LapsesAt: db.Cut(r.LapsesAt),
		}}
		if r.LapsesAt.IsZero() {
			a.LapsesAt = time.Time{}
		}
		if r.Document != nil {
			row, err := s.recordedSignature(r, a)
			if err != nil {
				return err
			}
			signatures = append(signatures, row)
			a.Signature, a.Document, a.Version = row.ID, row.Document, row.Version
		}
		made := a.entries(open[r.Participant])
		if len(made) == 0 {
			continue
		}
		seq++
		for _, e := range made {
			facts[r.Participant] = project(facts[r.Participant], open[r.Participant], e)
			open[r.Participant].fold(e)
		}
		entries = append(entries, made...)
	}
	return writeRecorded(tx, g, seq, order, signatures, entries, facts)
}

func (s *Service) recordedSignature(r Recorded, a act) (signatureRow, error) {
	row := signatureRow{
		ID: ident.New[ident.SignatureID](), ParticipantID: r.Participant, Seq: a.Seq, AccountID: r.Account, Relation: string(r.Relation),
		Document: r.Document.Name, Version: r.Document.Version, Language: r.Document.Language, Hash: r.Document.Hash,
		Method: MethodDemonstration, SignedAt: a.At,
	}
	var err error
	row.Name, err = s.vault.SealText(r.Name, sealedName+string(row.ID))
	return row, err
}

func writeRecorded(tx *db.Tx, g policies.Grant[policies.Write], seq int64, order []ident.ParticipantID, signatures []signatureRow, entries []Entry, facts map[ident.ParticipantID][]*fact) error {
	var every []*fact
	for _, p := range order {
		every = append(every, facts[p]...)
	}
	if err := advance(tx, seq); err != nil {
		return err
	}
	if err := insertSignatures(tx, g, signatures); err != nil {
		return err
	}
	if err := insertEntries(tx, g, entries); err != nil {
		return err
	}
	return writeFacts(tx, g, every)
}
