package registry

import (
	"time"

	"gorm.io/gorm"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// cards reads the account's people that the Grant reaches, with how the account stands to each.
func (s *Service) cards(tx *db.Tx, g read, a policies.Actor) ([]Card, []Participant, error) {
	var cards []Card
	var people []Participant
	roles, err := all[representationRow](current(db.Read[representationRow](tx, g).Where("account_id = ?", string(a.Account)), tx.Now()))
	if err != nil {
		return nil, nil, err
	}
	mine := map[string]representationRow{}
	var ids []string
	for _, r := range roles {
		if _, twice := mine[r.ParticipantID]; !twice {
			ids = append(ids, r.ParticipantID)
		}
		mine[r.ParticipantID] = r
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), batch)]
		ids = ids[len(some):]
		rows, err := all[participantRow](db.Read[participantRow](tx, g).Where("id IN ?", some).Order("created_at, id"))
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			p, err := s.openParticipant(r)
			if err != nil {
				return nil, nil, err
			}
			role := mine[r.ID]
			c := Card{
				ID: p.ID, Name: p.Who, Relation: Relation(role.Relation), Dot: p.Dot, Age: ageAt(p.About.Birth, tx.Now()), Step: p.Step, EnrolledAt: p.EnrolledAt,
			}
			if role.EndsAt != nil {
				c.Until = *role.EndsAt
			}
			cards, people = append(cards, c), append(people, p)
		}
	}
	return cards, people, nil
}

func current(q *gorm.DB, now time.Time) *gorm.DB {
	return q.Where("ends_at IS NULL OR ends_at > ?", now).Order("created_at, id")
}

// fill reads what belongs to one person.
func (s *Service) fill(tx *db.Tx, g read, p ident.ParticipantID, sum *Summary) error {
	diagnoses, err := all[diagnosisRow](byPerson(db.Read[diagnosisRow](tx, g), p))
	if err != nil {
		return err
	}
	for _, r := range diagnoses {
		sum.Diagnoses = append(sum.Diagnoses, r.diagnosis())
	}
	symptoms, err := all[symptomRow](byPerson(db.Read[symptomRow](tx, g), p))
	if err != nil {
		return err
	}
	for _, r := range symptoms {
		sum.Symptoms = append(sum.Symptoms, r.symptom())
	}
	elements, err := all[elementRow](byPerson(db.Read[elementRow](tx, g), p))
	if err != nil {
		return err
	}
	for _, r := range elements {
		e, err := s.openElement(r)
		if err != nil {
			return err
		}
		sum.Elements = append(sum.Elements, e)
	}
	if sum.Evidence, err = s.evidenceOf(db.Read[evidenceRow](tx, g), p); err != nil {
		return err
	}
	sum.Representatives, err = s.representativesOf(tx, g, p)
	return err
}

func (s *Service) representativesOf(tx *db.Tx, g read, p ident.ParticipantID) ([]Representative, error) {
	rows, err := all[representationRow](byPerson(db.Read[representationRow](tx, g), p))
	var list []Representative
	for _, r := range rows {
		list = append(list, r.representative())
	}
	return list, err
}

// evidenceOf reads a person's evidence, the oldest first.
func (s *Service) evidenceOf(q *gorm.DB, p ident.ParticipantID) ([]Evidence, error) {
	rows, err := all[evidenceRow](q.Where("participant_id = ?", string(p)).Order("id"))
	if err != nil {
		return nil, err
	}
	list := make([]Evidence, len(rows))
	for i, r := range rows {
		if list[i], err = s.openEvidence(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func changesBefore(q *gorm.DB, p ident.ParticipantID, before time.Time, n int) *gorm.DB {
	q = q.Where("participant_id = ?", string(p))
	if !before.IsZero() {
		q = q.Where("at < ?", before)
	}
	return q.Order("at DESC, id DESC").Limit(n)
}
