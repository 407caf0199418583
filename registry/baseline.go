package registry

import (
	"context"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// AddDiagnosis is the third step: a named disease, or "not diagnosed yet". It answers the diagnosis as it is kept.
// A confirmed diagnosis takes the place of "not diagnosed yet", which stays in the history.
func (s *Service) AddDiagnosis(ctx context.Context, a policies.Actor, id ident.ParticipantID, d Diagnosis) (Diagnosis, error) {
	err := s.change(ctx, a, policies.ObjectDiagnosis, id, "diagnosis.added", func(tx *db.Tx, g write, p *person) error {
		if p.Step.Before(StepDiagnosis) {
			return ErrStep
		}
		if err := d.Validate(s.Vocabulary(), p.About.Birth, tx.Now()); err != nil {
			return err
		}
		there, err := diagnosesOf(tx, g, id)
		if err != nil {
			return err
		}
		if len(there) >= MaxDiagnoses {
			return ErrTooMany.With("Max", MaxDiagnoses)
		}
		d.ID, d.Revision, d.Source, d.CreatedAt, d.UpdatedAt = ident.New[ident.DiagnosisID](), 1, p.relation.Source(), tx.Now(), tx.Now()
		changes := []Change{p.change(tx, a, ChangedDiagnosis, Added, string(d.ID), Was{})}
		for _, old := range there {
			if old.Code == d.Code && old.Undiagnosed == d.Undiagnosed {
				return ErrDiagnosisTwice.At("code")
			}
			if old.Undiagnosed && (d.Undiagnosed || d.Status == Confirmed) {
				if err := remove[diagnosisRow](tx, g, string(old.ID), old.Revision); err != nil {
					return err
				}
				changes = append(changes, p.change(tx, a, ChangedDiagnosis, Removed, string(old.ID), Was{Diagnosis: &old}))
			}
		}
		if err := insert(tx, g, []diagnosisRow{rowOfDiagnosis(id, d)}); err != nil {
			return duplicate(err, ErrDiagnosisTwice.At("code"))
		}
		if err := s.keep(tx, g, id, changes...); err != nil {
			return err
		}
		return s.moveOn(tx, g, p, StepDiagnosis)
	})
	return d, err
}

// ChangeDiagnosis replaces what d.ID says. d.Revision is the one that was read, or 0 to change whatever is there. The
// code of a diagnosis for which there is evidence does not change: remove it and add another.
func (s *Service) ChangeDiagnosis(ctx context.Context, a policies.Actor, id ident.ParticipantID, d Diagnosis) (Diagnosis, error) {
	err := s.change(ctx, a, policies.ObjectDiagnosis, id, "diagnosis.changed", func(tx *db.Tx, g write, p *person) error {
		old, err := findDiagnosis(tx, g, id, d.ID)
		if err != nil {
			return err
		}
		if d.Revision != 0 && d.Revision != old.Revision {
			return ErrStale
		}
		if err := d.Validate(s.Vocabulary(), p.About.Birth, tx.Now()); err != nil {
			return err
		}
		if d.Code != old.Code || d.Undiagnosed != old.Undiagnosed {
			if err := unproven(tx, g, d.ID); err != nil {
				return err
			}
		}
		d.Revision, d.Source, d.CreatedAt, d.UpdatedAt = old.Revision, p.relation.Source(), old.CreatedAt, tx.Now()
		if err := replace[diagnosisRow](tx, g, string(d.ID), old.Revision, columnsOfDiagnosis(id, d)); err != nil {
			return duplicate(err, ErrDiagnosisTwice.At("code"))
		}
		d.Revision++
		return s.keep(tx, g, id, p.change(tx, a, ChangedDiagnosis, Changed, string(d.ID), Was{Diagnosis: &old}))
	})
	return d, err
}

// RemoveDiagnosis takes a diagnosis away; the history keeps it. One that a reviewer accepted, or looks at now, stays.
func (s *Service) RemoveDiagnosis(ctx context.Context, a policies.Actor, id ident.ParticipantID, d ident.DiagnosisID) error {
	return s.change(ctx, a, policies.ObjectDiagnosis, id, "diagnosis.removed", func(tx *db.Tx, g write, p *person) error {
		old, err := findDiagnosis(tx, g, id, d)
		if err != nil {
			return err
		}
		if err := unproven(tx, g, d); err != nil {
			return err
		}
		if err := remove[diagnosisRow](tx, g, string(d), old.Revision); err != nil {
			return err
		}
		return s.keep(tx, g, id, p.change(tx, a, ChangedDiagnosis, Removed, string(d), Was{Diagnosis: &old}))
	})
}

// SaveSymptom adds a symptom, or replaces what was said about the same term before. y.Revision is the one that was
// read, or 0 to write over whatever is there. It answers the symptom as it is kept.
func (s *Service) SaveSymptom(ctx context.Context, a policies.Actor, id ident.ParticipantID, y Symptom) (Symptom, error) {
	err := s.change(ctx, a, policies.ObjectSymptom, id, "symptom.saved", func(tx *db.Tx, g write, p *person) error {
		if p.Step.Before(StepDiagnosis) {
			return ErrStep
		}
		if err := y.Validate(s.Vocabulary(), p.About.Birth, tx.Now()); err != nil {
			return err
		}
		old, err := findSymptom(tx, g, id, y.Term)
		if err != nil {
			return err
		}
		y.Source, y.UpdatedAt = p.relation.Source(), tx.Now()
		if old == nil {
			return s.addSymptom(tx, g, a, p, &y)
		}
		if y.Revision != 0 && y.Revision != old.Revision {
			return ErrStale
		}
		y.ID, y.Revision, y.CreatedAt = old.ID, old.Revision, old.CreatedAt
		if err := replace[symptomRow](tx, g, string(y.ID), old.Revision, columnsOfSymptom(id, y)); err != nil {
			return err
		}
		y.Revision++
		return s.keep(tx, g, id, p.change(tx, a, ChangedSymptom, Changed, string(y.ID), Was{Symptom: old}))
	})
	return y, err
}

func (s *Service) addSymptom(tx *db.Tx, g write, a policies.Actor, p *person, y *Symptom) error {
	n, err := countSymptoms(tx, g, p.ID)
	if err != nil {
		return err
	}
	if n >= MaxSymptoms {
		return ErrTooMany.With("Max", MaxSymptoms)
	}
	y.ID, y.Revision, y.CreatedAt = ident.New[ident.SymptomID](), 1, tx.Now()
	if err := insert(tx, g, []symptomRow{rowOfSymptom(p.ID, *y)}); err != nil {
		return duplicate(err, ErrSymptomTwice.At("term"))
	}
	return s.keep(tx, g, p.ID, p.change(tx, a, ChangedSymptom, Added, string(y.ID), Was{}))
}

// RemoveSymptom takes back what was said about a term; the history keeps it.
func (s *Service) RemoveSymptom(ctx context.Context, a policies.Actor, id ident.ParticipantID, y ident.SymptomID) error {
	return s.change(ctx, a, policies.ObjectSymptom, id, "symptom.removed", func(tx *db.Tx, g write, p *person) error {
		old, err := symptomByID(tx, g, id, y)
		if err != nil {
			return err
		}
		if err := remove[symptomRow](tx, g, string(y), old.Revision); err != nil {
			return err
		}
		return s.keep(tx, g, id, p.change(tx, a, ChangedSymptom, Removed, string(y), Was{Symptom: &old}))
	})
}

// SaveElements writes common data elements, all or none. An Element with neither value nor reason clears what was
// told; one that says what is there already changes nothing. Faults carry the element's key as their field.
func (s *Service) SaveElements(ctx context.Context, a policies.Actor, id ident.ParticipantID, list []Element) error {
	return s.change(ctx, a, policies.ObjectElement, id, "element.saved", func(tx *db.Tx, g write, p *person) error {
		if p.Step.Before(StepDiagnosis) {
			return ErrStep
		}
		there, err := s.elementsByKey(tx, g, id)
		if err != nil {
			return err
		}
		values := map[string]string{}
		for key, e := range there {
			values[key] = e.Value
		}
		if err := validateElements(list, values, p.About.Birth, tx.Now()); err != nil {
			return err
		}
		for _, e := range list {
			old := there[e.Key]
			if e.Revision != 0 && e.Revision != old.Revision {
				return ErrStale.At(e.Key)
			}
			if e.Value == old.Value && e.Missing == old.Missing {
				continue
			}
			e.Source, e.UpdatedAt = p.relation.Source(), tx.Now()
			if err := s.saveElement(tx, g, a, p, old, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) saveElement(tx *db.Tx, g write, a policies.Actor, p *person, old storedElement, e Element) error {
	act, was := Changed, Was{Element: &old.Element}
	switch {
	case old.id == "":
		act, was = Added, Was{}
		e.Revision = 1
		row, err := s.sealElement(p.ID, newID(), e, tx.Now())
		if err != nil {
			return err
		}
		if err := insert(tx, g, []elementRow{row}); err != nil {
			return duplicate(err, ErrStale.At(e.Key))
		}
	case e.Value == "" && e.Missing == "":
		act = Removed
		if err := remove[elementRow](tx, g, old.id, old.Revision); err != nil {
			return err
		}
	default:
		row, err := s.sealElement(p.ID, old.id, e, tx.Now())
		if err != nil {
			return err
		}
		columns := map[string]any{"value": row.Value, "sealed": row.Sealed, "missing": row.Missing, "source": row.Source, "updated_at": row.UpdatedAt}
		if err := replace[elementRow](tx, g, old.id, old.Revision, columns); err != nil {
			return err
		}
	}
	return s.keep(tx, g, p.ID, p.change(tx, a, ChangedElement, act, e.Key, was))
}
