package consent

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/policies"
)

type documentRow struct {
	Document    string `gorm:"primaryKey"`
	Version     int    `gorm:"primaryKey;autoIncrement:false"`
	Language    string `gorm:"primaryKey"`
	Hash        string
	Body        []byte
	PublishedBy *string
	PublishedAt time.Time
}

func (documentRow) TableName() string { return "consent_documents" }
func (documentRow) NotPersonal()      {}

type counterRow struct {
	Name  string `gorm:"primaryKey"`
	Value int64
}

func (counterRow) TableName() string { return "counters" }
func (counterRow) NotPersonal()      {}

type signatureRow struct {
	ID            ident.SignatureID   `gorm:"primaryKey;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	Seq           int64               `gorm:"<-:create"`
	AccountID     ident.AccountID     `gorm:"<-:create"`
	Relation      string              `gorm:"<-:create"`
	Document      string              `gorm:"<-:create"`
	Version       int                 `gorm:"<-:create"`
	Language      string              `gorm:"<-:create"`
	Hash          string              `gorm:"<-:create"`
	Method        string              `gorm:"<-:create"`
	Name          vault.Sealed        `gorm:"<-:create"`
	SignedAt      time.Time           `gorm:"<-:create"`
}

func (signatureRow) TableName() string     { return "consent_signatures" }
func (signatureRow) SubjectColumn() string { return "participant_id" }

func (r signatureRow) signature() Signature {
	return Signature{
		ID: r.ID, Seq: r.Seq, Participant: r.ParticipantID, Account: r.AccountID, Relation: Relation(r.Relation),
		Document: r.Document, Version: r.Version, Language: r.Language, Hash: r.Hash, Method: r.Method, At: r.SignedAt,
	}
}

type decisionRow struct {
	ID            string              `gorm:"primaryKey;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	Seq           int64               `gorm:"<-:create"`
	Scope         string              `gorm:"<-:create"`
	Decision      string              `gorm:"<-:create"`
	Document      string              `gorm:"<-:create"`
	Version       int                 `gorm:"<-:create"`
	SignatureID   *string             `gorm:"<-:create"`
	AccountID     ident.AccountID     `gorm:"<-:create"`
	Relation      string              `gorm:"<-:create"`
	DecidedAt     time.Time           `gorm:"<-:create"`
	LapsesAt      *time.Time          `gorm:"<-:create"`
}

func (decisionRow) TableName() string     { return "consent_decisions" }
func (decisionRow) SubjectColumn() string { return "participant_id" }

func (r decisionRow) entry() Entry {
	e := Entry{
		Seq: r.Seq, Participant: r.ParticipantID, Scope: policies.Scope(r.Scope), Decision: Decision(r.Decision), Document: r.Document,
		Version: r.Version, Account: r.AccountID, Relation: Relation(r.Relation), At: r.DecidedAt,
	}
	if r.SignatureID != nil {
		e.Signature = ident.SignatureID(*r.SignatureID)
	}
	if r.LapsesAt != nil {
		e.LapsesAt = *r.LapsesAt
	}
	return e
}

func decisionOf(e Entry) decisionRow {
	row := decisionRow{
		ID: ident.New[string](), ParticipantID: e.Participant, Seq: e.Seq, Scope: string(e.Scope), Decision: string(e.Decision),
		Document: e.Document, Version: e.Version, AccountID: e.Account, Relation: string(e.Relation), DecidedAt: e.At, LapsesAt: instant(e.LapsesAt),
	}
	if e.Signature != "" {
		id := string(e.Signature)
		row.SignatureID = &id
	}
	return row
}

type factRow struct {
	ID            string              `gorm:"primaryKey;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	Scope         string              `gorm:"<-:create"`
	Document      string              `gorm:"<-:create"`
	Version       int                 `gorm:"<-:create"`
	SignatureID   string              `gorm:"<-:create"`
	FromSeq       int64               `gorm:"<-:create"`
	FromAt        time.Time           `gorm:"<-:create"`
	UntilSeq      *int64
	UntilAt       *time.Time
	LapsesAt      *time.Time
}

func (factRow) TableName() string     { return "consent_facts" }
func (factRow) SubjectColumn() string { return "participant_id" }

func (r factRow) fact() *fact {
	f := &fact{id: r.ID, entry: Entry{
		Seq: r.FromSeq, Participant: r.ParticipantID, Scope: policies.Scope(r.Scope), Decision: Given, Document: r.Document,
		Version: r.Version, Signature: ident.SignatureID(r.SignatureID), At: r.FromAt,
	}}
	if r.LapsesAt != nil {
		f.entry.LapsesAt = *r.LapsesAt
	}
	return f
}

func factOf(f *fact) factRow {
	row := factRow{
		ID: ident.New[string](), ParticipantID: f.entry.Participant, Scope: string(f.entry.Scope), Document: f.entry.Document,
		Version: f.entry.Version, SignatureID: string(f.entry.Signature), FromSeq: f.entry.Seq, FromAt: f.entry.At,
		LapsesAt: instant(f.entry.LapsesAt),
	}
	if f.untilSeq != 0 {
		row.UntilSeq, row.UntilAt = &f.untilSeq, &f.untilAt
	}
	return row
}

// representationRow is read to know in which capacity an account acts; the registry owns the table's rows.
type representationRow struct {
	ID            string              `gorm:"primaryKey;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	AccountID     ident.AccountID     `gorm:"<-:create"`
	Relation      string              `gorm:"<-:create"`
	StartsAt      time.Time           `gorm:"<-:create"`
	EndsAt        *time.Time          `gorm:"<-:create"`
}

func (representationRow) TableName() string     { return "representations" }
func (representationRow) SubjectColumn() string { return "participant_id" }

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
