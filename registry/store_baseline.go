package registry

import (
	"kindred/internal/db"
	"kindred/internal/ident"
)

func diagnosesOf(tx *db.Tx, g write, p ident.ParticipantID) ([]Diagnosis, error) {
	rows, err := all[diagnosisRow](byPerson(db.Change[diagnosisRow](tx, g), p))
	list := make([]Diagnosis, len(rows))
	for i, r := range rows {
		list[i] = r.diagnosis()
	}
	return list, err
}

func findDiagnosis(tx *db.Tx, g write, p ident.ParticipantID, id ident.DiagnosisID) (Diagnosis, error) {
	r, err := one[diagnosisRow](byID(byPerson(db.Change[diagnosisRow](tx, g), p), string(id)))
	return r.diagnosis(), err
}

// unproven refuses where a reviewer accepted proof of a diagnosis, or has it waiting.
func unproven(tx *db.Tx, g write, id ident.DiagnosisID) error {
	var n int64
	err := db.Change[evidenceRow](tx, g).Where("diagnosis_id = ? AND state IN ?", string(id), []string{string(Submitted), string(EvidenceOK)}).Count(&n).Error
	if err == nil && n > 0 {
		return ErrDiagnosisProven
	}
	return err
}

func columnsOfDiagnosis(p ident.ParticipantID, d Diagnosis) map[string]any {
	r := rowOfDiagnosis(p, d)
	return map[string]any{
		"code": r.Code, "undiagnosed": r.Undiagnosed, "status": r.Status, "onset": r.Onset, "onset_date": r.OnsetDate,
		"diagnosed": r.Diagnosed, "diagnosed_date": r.DiagnosedDate, "source": r.Source, "updated_at": r.UpdatedAt,
	}
}

func columnsOfSymptom(p ident.ParticipantID, y Symptom) map[string]any {
	r := rowOfSymptom(p, y)
	return map[string]any{
		"presence": r.Presence, "onset_class": r.OnsetClass, "onset_date": r.OnsetDate, "course": r.Course, "severity": r.Severity,
		"source": r.Source, "updated_at": r.UpdatedAt,
	}
}

// findSymptom finds what was said about a term; nil when nothing.
func findSymptom(tx *db.Tx, g write, p ident.ParticipantID, term string) (*Symptom, error) {
	rows, err := all[symptomRow](byPerson(db.Change[symptomRow](tx, g), p).Where("term = ?", term))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	y := rows[0].symptom()
	return &y, nil
}

func symptomByID(tx *db.Tx, g write, p ident.ParticipantID, id ident.SymptomID) (Symptom, error) {
	r, err := one[symptomRow](byID(byPerson(db.Change[symptomRow](tx, g), p), string(id)))
	return r.symptom(), err
}

func countSymptoms(tx *db.Tx, g write, p ident.ParticipantID) (int64, error) {
	var n int64
	err := db.Change[symptomRow](tx, g).Where("participant_id = ?", string(p)).Count(&n).Error
	return n, err
}

// storedElement is an element with the id of its row.
type storedElement struct {
	Element
	id string
}

func (s *Service) elementsByKey(tx *db.Tx, g write, p ident.ParticipantID) (map[string]storedElement, error) {
	rows, err := all[elementRow](byPerson(db.Change[elementRow](tx, g), p))
	if err != nil {
		return nil, err
	}
	found := map[string]storedElement{}
	for _, r := range rows {
		e, err := s.openElement(r)
		if err != nil {
			return nil, err
		}
		found[e.Key] = storedElement{e, r.ID}
	}
	return found, nil
}
