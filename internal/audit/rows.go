package audit

import (
	"strconv"
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// entryRow is audit_entries, which package db fills.
type entryRow struct {
	ID        string `gorm:"primaryKey"`
	Seq       *int64
	At        time.Time
	Event     string
	AccountID *string
	Role      string
	Purpose   string
	Act       string
	Object    string
	Rule      string
	StudyID   *string
	Subject   *string
	Subjects  int64
	Outcome   string
	RequestID *string
	Detail    string
	Mark      string
}

func (entryRow) TableName() string { return "audit_entries" }
func (entryRow) NotPersonal()      {}

// subjectRow is audit_subjects: the aliases of an entry about a few people.
type subjectRow struct {
	EntryID string `gorm:"primaryKey"`
	Alias   string `gorm:"primaryKey"`
}

func (subjectRow) TableName() string { return "audit_subjects" }
func (subjectRow) NotPersonal()      {}

// wovenRow is audit_woven: the head of the tree, one row, which whoever weaves locks.
type wovenRow struct {
	Name     string `gorm:"primaryKey"`
	Size     int64
	Root     string
	Revision int64
}

func (wovenRow) TableName() string { return "audit_woven" }
func (wovenRow) NotPersonal()      {}

// tileRow is audit_tiles.
type tileRow struct {
	Level  int   `gorm:"primaryKey;autoIncrement:false"`
	Number int64 `gorm:"primaryKey;autoIncrement:false"`
	Hashes []byte
}

func (tileRow) TableName() string { return "audit_tiles" }
func (tileRow) NotPersonal()      {}

// checkpointRow is audit_checkpoints: what was signed, so that nothing inconsistent ever is.
type checkpointRow struct {
	Size int64 `gorm:"primaryKey;autoIncrement:false"`
	Root string
	Note string
	At   time.Time
}

func (checkpointRow) TableName() string { return "audit_checkpoints" }
func (checkpointRow) NotPersonal()      {}

// representationRow says that somebody acts for a person: read through a Grant, it proves that the Grant reaches them.
type representationRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
}

func (representationRow) TableName() string     { return "representations" }
func (representationRow) SubjectColumn() string { return "participant_id" }

func (r entryRow) entry(named []string) Entry {
	at, subjects := db.LeafTime(r.At), strconv.FormatInt(r.Subjects, 10)
	e := Entry{
		ID: ident.EntryID(r.ID), At: r.At.UTC(), Event: r.Event, Account: given[ident.AccountID](r.AccountID), Role: policies.Role(r.Role),
		Purpose: policies.Purpose(r.Purpose), Act: policies.Act(r.Act), Object: policies.Object(r.Object), Rule: r.Rule,
		Study: given[ident.StudyID](r.StudyID), Subject: given[string](r.Subject), Subjects: int(r.Subjects), Named: named,
		Outcome: r.Outcome, Request: given[ident.RequestID](r.RequestID), Detail: details(r.Detail),
		leaf: db.Leaf{
			ID: &r.ID, At: &at, Event: &r.Event, Account: r.AccountID, Role: &r.Role, Purpose: &r.Purpose, Act: &r.Act, Object: &r.Object,
			Rule: &r.Rule, Study: r.StudyID, Subject: r.Subject, Subjects: &subjects, Outcome: &r.Outcome, Request: r.RequestID, Detail: &r.Detail, Named: named,
		},
		mark: r.Mark,
	}
	if r.Seq != nil {
		e.Seq = *r.Seq
	}
	return e
}

func given[T ~string](s *string) T {
	if s == nil {
		return ""
	}
	return T(*s)
}
