package registry

import (
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// profile is the rows of one person or of many, ready to be inserted.
type profile struct {
	people          []participantRow
	representations []representationRow
	diagnoses       []diagnosisRow
	symptoms        []symptomRow
	elements        []elementRow
	evidence        []evidenceRow
}

// rowsOf makes the rows of a new person, whom an account enrols.
func (s *Service) rowsOf(p Participant, account ident.AccountID, e Enrolment) (profile, error) {
	var rows profile
	p.Revision = 1
	self := ""
	if p.Relation == Self {
		self = string(account)
	}
	row, err := s.sealParticipant(p, self)
	if err != nil {
		return rows, err
	}
	rows.people = []participantRow{row}
	rows.representations = []representationRow{{
		ID: newID(), ParticipantID: row.ID, AccountID: string(account), Relation: string(p.Relation), StartsAt: p.CreatedAt,
		EndsAt: instant(AuthorityEnds(p.Relation, p.About)), CreatedAt: p.CreatedAt,
	}}
	source := p.Relation.Source()
	for _, d := range e.Diagnoses {
		d.ID, d.Revision, d.Source, d.CreatedAt, d.UpdatedAt = ident.New[ident.DiagnosisID](), 1, source, p.CreatedAt, p.CreatedAt
		rows.diagnoses = append(rows.diagnoses, rowOfDiagnosis(p.ID, d))
	}
	for _, y := range e.Symptoms {
		y.ID, y.Revision, y.Source, y.CreatedAt, y.UpdatedAt = ident.New[ident.SymptomID](), 1, source, p.CreatedAt, p.CreatedAt
		rows.symptoms = append(rows.symptoms, rowOfSymptom(p.ID, y))
	}
	for _, v := range e.Elements {
		if v.Value == "" && v.Missing == "" {
			continue
		}
		v.Revision, v.Source, v.UpdatedAt = 1, source, p.CreatedAt
		r, err := s.sealElement(p.ID, newID(), v, p.CreatedAt)
		if err != nil {
			return rows, err
		}
		rows.elements = append(rows.elements, r)
	}
	return rows, nil
}

func newID() string { return string(ident.New[ident.EntryID]()) }

// insert writes the rows, the representations first: they are what the Grant sees afterwards.
func (p *profile) insert(tx *db.Tx, g write) error {
	if err := insert(tx, g, p.representations); err != nil {
		return err
	}
	if err := insert(tx, g, p.people); err != nil {
		return err
	}
	if err := insert(tx, g, p.diagnoses); err != nil {
		return err
	}
	if err := insert(tx, g, p.symptoms); err != nil {
		return err
	}
	if err := insert(tx, g, p.elements); err != nil {
		return err
	}
	return insert(tx, g, p.evidence)
}

// added makes the lines of history of a new person.
func (p *profile) added(who *person, tx *db.Tx, a policies.Actor) []Change {
	changes := []Change{who.change(tx, a, ChangedWho, Added, "", Was{})}
	if who.Participant.About != (About{}) {
		changes = append(changes, who.change(tx, a, ChangedAbout, Added, "", Was{}))
	}
	for _, r := range p.diagnoses {
		changes = append(changes, who.change(tx, a, ChangedDiagnosis, Added, r.ID, Was{}))
	}
	for _, r := range p.symptoms {
		changes = append(changes, who.change(tx, a, ChangedSymptom, Added, r.ID, Was{}))
	}
	for _, r := range p.elements {
		changes = append(changes, who.change(tx, a, ChangedElement, Added, r.Element, Was{}))
	}
	return changes
}

// countPeople counts the people an account acts for or did.
func (s *Service) countPeople(tx *db.Tx, g write, account ident.AccountID) (int, error) {
	var n int64
	err := db.Change[representationRow](tx, g).Where("account_id = ?", string(account)).Count(&n).Error
	return int(n), err
}

// saveAbout writes what the second step says, and when authority ends.
func (s *Service) saveAbout(tx *db.Tx, g write, p *person, about About) error {
	p.Participant.About = about
	row, err := s.sealParticipant(p.Participant, "")
	if err != nil {
		return err
	}
	err = replace[participantRow](tx, g, row.ID, p.Revision, map[string]any{
		"birth": row.Birth, "birth_index": row.BirthIndex, "birth_year": row.BirthYear, "sex": row.Sex, "country": row.Country, "updated_at": tx.Now(),
	})
	if err != nil {
		return err
	}
	p.Revision++
	return db.Change[representationRow](tx, g).
		Where("participant_id = ? AND relation IN ? AND (ends_at IS NULL OR ends_at > ?)", row.ID, []string{string(Parent), string(Guardian)}, tx.Now()).
		Update("ends_at", instant(AuthorityEnds(Parent, about))).Error
}

// represent writes who acts for a person from now on; somebody who does already stays as they are.
func (s *Service) represent(tx *db.Tx, g write, p Participant, row representationRow) error {
	var n int64
	err := db.Change[representationRow](tx, g).
		Where("participant_id = ? AND account_id = ? AND (ends_at IS NULL OR ends_at > ?)", string(p.ID), row.AccountID, tx.Now()).Count(&n).Error
	if err != nil || n > 0 {
		return err
	}
	row.ID, row.ParticipantID, row.StartsAt, row.CreatedAt = newID(), string(p.ID), tx.Now(), tx.Now()
	row.EndsAt = instant(AuthorityEnds(Relation(row.Relation), p.About))
	return insert(tx, g, []representationRow{row})
}

// representatives lists the accounts that act for a person now.
func (s *Service) representatives(tx *db.Tx, g write, p ident.ParticipantID) ([]Representative, error) {
	rows, err := all[representationRow](db.Change[representationRow](tx, g).
		Where("participant_id = ? AND starts_at <= ? AND (ends_at IS NULL OR ends_at > ?)", string(p), tx.Now(), tx.Now()).Order("id"))
	var list []Representative
	for _, r := range rows {
		list = append(list, r.representative())
	}
	return list, err
}

// shared lists the people for whom both accounts act now.
func (s *Service) shared(tx *db.Tx, g write, one, other ident.AccountID) ([]ident.ParticipantID, error) {
	rows, err := all[representationRow](db.Change[representationRow](tx, g).
		Where("account_id IN ? AND starts_at <= ? AND (ends_at IS NULL OR ends_at > ?)", []string{string(one), string(other)}, tx.Now(), tx.Now()).Order("id"))
	if err != nil || one == other {
		return nil, err
	}
	first := map[string]string{}
	var people []ident.ParticipantID
	for _, r := range rows {
		if f := first[r.ParticipantID]; f == "" {
			first[r.ParticipantID] = r.AccountID
		} else if f != r.AccountID {
			people = append(people, ident.ParticipantID(r.ParticipantID))
		}
	}
	return people, nil
}

func (s *Service) endRepresentation(tx *db.Tx, g write, p ident.ParticipantID, account ident.AccountID) error {
	q := db.Change[representationRow](tx, g).
		Where("participant_id = ? AND account_id = ? AND (ends_at IS NULL OR ends_at > ?)", string(p), string(account), tx.Now()).Update("ends_at", tx.Now())
	if q.Error == nil && q.RowsAffected == 0 {
		return ErrNotFound
	}
	return q.Error
}

func (s *Service) countDiagnoses(tx *db.Tx, g write, p ident.ParticipantID) (int64, error) {
	var n int64
	err := db.Change[diagnosisRow](tx, g).Where("participant_id = ?", string(p)).Count(&n).Error
	return n, err
}
