package registry

import (
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

type export = policies.Grant[policies.Export]

// researchRow is the columns of a participant that a release may see: what is sealed is not even read.
type researchRow struct {
	ID        string `gorm:"primaryKey;<-:create"`
	Relation  string
	BirthYear *int
	Sex       string
	Country   string
}

func (researchRow) TableName() string     { return "participants" }
func (researchRow) SubjectColumn() string { return "id" }

// researchElementRow is the same for common data elements.
type researchElementRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Element       string
	Value         string
	Missing       string
	Source        string
}

func (researchElementRow) TableName() string     { return "data_elements" }
func (researchElementRow) SubjectColumn() string { return "participant_id" }

// people reads a piece of the list, and says where each person stands in it.
func (s *Service) people(tx *db.Tx, g export, after ident.ParticipantID, n int) ([]Profile, map[string]int, error) {
	rows, err := all[researchRow](db.Extract[researchRow](tx, g).Where("id > ?", string(after)).Order("id").Limit(n))
	if err != nil {
		return nil, nil, err
	}
	list, at := make([]Profile, len(rows)), make(map[string]int, len(rows))
	for i, r := range rows {
		list[i] = Profile{Participant: ident.ParticipantID(r.ID), Sex: Sex(r.Sex), Country: r.Country, Relation: Relation(r.Relation)}
		if r.BirthYear != nil {
			list[i].YearOfBirth = *r.BirthYear
		}
		at[r.ID] = i
	}
	return list, at, nil
}

func idsOf(list []Profile) []string {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = string(list[i].Participant)
	}
	return ids
}

func (s *Service) extractDiagnoses(tx *db.Tx, g *export, list []Profile, at map[string]int) error {
	if g == nil {
		return nil
	}
	rows, err := all[diagnosisRow](byPeople(db.Extract[diagnosisRow](tx, *g), idsOf(list)))
	for _, r := range rows {
		p := &list[at[r.ParticipantID]]
		p.Diagnoses = append(p.Diagnoses, r.diagnosis())
	}
	return err
}

func (s *Service) extractSymptoms(tx *db.Tx, g *export, list []Profile, at map[string]int) error {
	if g == nil {
		return nil
	}
	rows, err := all[symptomRow](byPeople(db.Extract[symptomRow](tx, *g), idsOf(list)))
	for _, r := range rows {
		p := &list[at[r.ParticipantID]]
		p.Symptoms = append(p.Symptoms, r.symptom())
	}
	return err
}

func (s *Service) extractElements(tx *db.Tx, g *export, list []Profile, at map[string]int) error {
	if g == nil {
		return nil
	}
	rows, err := all[researchElementRow](byPeople(db.Extract[researchElementRow](tx, *g), idsOf(list)))
	for _, r := range rows {
		if d, f := definition(r.Element); f != nil || d.Identifying {
			continue
		}
		p := &list[at[r.ParticipantID]]
		p.Elements = append(p.Elements, Element{Key: r.Element, Value: r.Value, Missing: MissingReason(r.Missing), Source: Source(r.Source)})
	}
	return err
}

func (s *Service) extractProofs(tx *db.Tx, g *export, list []Profile, at map[string]int) error {
	if g == nil {
		return nil
	}
	rows, err := all[evidenceRow](byPeople(db.Extract[evidenceRow](tx, *g), idsOf(list)).Where("state = ?", string(EvidenceOK)))
	for _, r := range rows {
		list[at[r.ParticipantID]].Proven = true
	}
	return err
}
