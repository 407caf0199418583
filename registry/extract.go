package registry

import (
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Extraction is the Grants of one release, by kind of row. A nil Grant means that the study has no right to the kind,
// and leaves its fields empty. Participant is always needed: it says who is there.
type Extraction struct {
	Participant *policies.Grant[policies.Export]
	Diagnosis   *policies.Grant[policies.Export]
	Symptom     *policies.Grant[policies.Export]
	Element     *policies.Grant[policies.Export]
	Evidence    *policies.Grant[policies.Export]
}

// Profile is what the registry gives to a release about one person. It has no field that could hold a name, a day of
// birth, free text or a file. Dates are as they were told: whoever releases them shifts them.
type Profile struct {
	Participant ident.ParticipantID
	YearOfBirth int // 0 where it is not known
	Sex         Sex
	Country     string
	Relation    Relation // who enrolled them
	Diagnoses   []Diagnosis
	Symptoms    []Symptom
	Elements    []Element // only those that identify nobody
	Proven      bool      // a reviewer accepted proof of a diagnosis
}

// MaxExtract is the most people of one step of an extraction.
const MaxExtract = batch

// Extract reads people in the order of their ids: at most n (at most MaxExtract) after an id, or from the beginning.
// Fewer than n means that there are no more. Called in one Snapshot from the first to the last, it gives one state.
func (s *Service) Extract(tx *db.Tx, x Extraction, after ident.ParticipantID, n int) ([]Profile, error) {
	list, at, err := s.people(tx, *x.Participant, after, min(max(n, 1), MaxExtract))
	if err != nil || len(list) == 0 {
		return list, err
	}
	if err := s.extractDiagnoses(tx, x.Diagnosis, list, at); err != nil {
		return nil, err
	}
	if err := s.extractSymptoms(tx, x.Symptom, list, at); err != nil {
		return nil, err
	}
	if err := s.extractElements(tx, x.Element, list, at); err != nil {
		return nil, err
	}
	return list, s.extractProofs(tx, x.Evidence, list, at)
}

// Has tells whether one of the person's diagnoses is the code or lies under it. "" asks for "not diagnosed yet".
func (p *Profile) Has(v *Vocabulary, code string) bool {
	for _, d := range p.Diagnoses {
		if code == "" && d.Undiagnosed || code != "" && d.Code != "" && v.Diagnoses.Under(d.Code, code) {
			return true
		}
	}
	return false
}
