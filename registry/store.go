package registry

import (
	"errors"
	"time"

	"gorm.io/gorm"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// batch is the most ids in one condition and the most rows in one insert.
const batch = 500

type write = policies.Grant[policies.Write]

// one reads the first row of a query; none is ErrNotFound.
func one[R any](q *gorm.DB) (R, error) {
	var rows []R
	if err := q.Limit(1).Find(&rows).Error; err != nil {
		var none R
		return none, err
	}
	if len(rows) == 0 {
		var none R
		return none, ErrNotFound
	}
	return rows[0], nil
}

// all reads every row of a query.
func all[R any](q *gorm.DB) ([]R, error) {
	var rows []R
	return rows, q.Find(&rows).Error
}

// byID and byPerson narrow a guarded query.
func byID(q *gorm.DB, id string) *gorm.DB { return q.Where("id = ?", id) }

func byPerson(q *gorm.DB, p ident.ParticipantID) *gorm.DB {
	return q.Where("participant_id = ?", string(p)).Order("created_at, id")
}

func byPeople(q *gorm.DB, people []string) *gorm.DB {
	return q.Where("participant_id IN ?", people).Order("participant_id, id")
}

// insert adds rows in batches.
func insert[R db.Personal](tx *db.Tx, g write, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	return db.Change[R](tx, g).CreateInBatches(&rows, db.InsertBatch).Error
}

// replace writes columns of one row if it is still at the revision that was read.
func replace[R db.Personal](tx *db.Tx, g write, id string, revision int, columns map[string]any) error {
	columns["revision"] = revision + 1
	q := db.Change[R](tx, g).Where("id = ? AND revision = ?", id, revision).Updates(columns)
	if q.Error == nil && q.RowsAffected == 0 {
		return ErrStale
	}
	return q.Error
}

// remove deletes one row if it is still at the revision that was read.
func remove[R db.Personal](tx *db.Tx, g write, id string, revision int) error {
	var row R
	q := db.Change[R](tx, g).Where("id = ? AND revision = ?", id, revision).Delete(&row)
	if q.Error == nil && q.RowsAffected == 0 {
		return ErrStale
	}
	return q.Error
}

// person is what every change needs to know of whom it is about and who makes it.
type person struct {
	Participant
	relation Relation // of the account that acts
}

func (s *Service) loadPerson(tx *db.Tx, g write, a policies.Actor, id ident.ParticipantID) (*person, error) {
	row, err := one[participantRow](byID(db.Change[participantRow](tx, g), string(id)))
	if err != nil {
		return nil, err
	}
	p := &person{}
	if p.Participant, err = s.openParticipant(row); err != nil {
		return nil, err
	}
	r, err := one[representationRow](db.Change[representationRow](tx, g).
		Where("participant_id = ? AND account_id = ? AND (ends_at IS NULL OR ends_at > ?)", string(id), string(a.Account), tx.Now()))
	if err != nil {
		return nil, err
	}
	p.relation = Relation(r.Relation)
	return p, nil
}

// moveOn saves that a step is done.
func (s *Service) moveOn(tx *db.Tx, g write, p *person, done Step) error {
	before, enrolled := p.Step, p.EnrolledAt
	p.reach(done, tx.Now())
	if p.Step == before && p.EnrolledAt.Equal(enrolled) {
		return nil
	}
	columns := map[string]any{"step": string(p.Step), "updated_at": tx.Now()}
	if !p.EnrolledAt.IsZero() {
		columns["enrolled_at"] = p.EnrolledAt
	}
	if err := replace[participantRow](tx, g, string(p.ID), p.Revision, columns); err != nil {
		return err
	}
	p.Revision++
	return nil
}

// keep writes lines of history.
func (s *Service) keep(tx *db.Tx, g write, p ident.ParticipantID, changes ...Change) error {
	rows := make([]changeRow, len(changes))
	for i, c := range changes {
		var err error
		if rows[i], err = s.sealChange(p, c); err != nil {
			return err
		}
	}
	return insert(tx, g, rows)
}

// change makes a line of history for somebody's act.
func (p *person) change(tx *db.Tx, a policies.Actor, kind ChangeKind, act ChangeAct, row string, was Was) Change {
	return Change{At: tx.Now(), Kind: kind, Act: act, Row: row, Source: p.relation.Source(), Account: a.Account, Was: was}
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// duplicate turns the engine's refusal of a second row into the fault that says what it means.
func duplicate(err, means error) error {
	if errors.Is(err, db.ErrDuplicate) {
		return means
	}
	return err
}
