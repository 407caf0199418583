package registry

import (
	"time"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/ontology"
)

// DiagnosisStatus says how sure a diagnosis is.
type DiagnosisStatus string

// The two, and none for "not diagnosed yet".
const (
	Suspected DiagnosisStatus = "suspected"
	Confirmed DiagnosisStatus = "confirmed"
)

// AgeKind says how an age is told, with the four values of the European set.
type AgeKind string

// The kinds.
const (
	AgeAntenatal    AgeKind = "antenatal"
	AgeAtBirth      AgeKind = "birth"
	AgeOnDate       AgeKind = "date"
	AgeUndetermined AgeKind = "undetermined"
)

// AgeKinds lists all, in the order they are offered.
var AgeKinds = []AgeKind{AgeAntenatal, AgeAtBirth, AgeOnDate, AgeUndetermined}

// Age tells when something began. The zero Age is not told.
type Age struct {
	Kind AgeKind `json:"kind,omitempty"`
	Date Date    `json:"date,omitzero"` // with AgeOnDate, and only then
}

func (a Age) validate(field string, born Date, now time.Time) *fault.Error {
	switch a.Kind {
	case "", AgeAntenatal, AgeAtBirth, AgeUndetermined:
		if !a.Date.IsZero() {
			return ErrDateUnneeded.At(field)
		}
		return nil
	case AgeOnDate:
		if a.Date.IsZero() {
			return ErrDateNeeded.At(field)
		}
		return validateDay(a.Date, field, born, now)
	}
	return ErrOnset.At(field)
}

// validateDay refuses a date in the future or before birth. A date that may be on or after birth is taken.
func validateDay(d Date, field string, born Date, now time.Time) *fault.Error {
	switch {
	case d.IsZero():
		return nil
	case d.future(now):
		return ErrDateFuture.At(field)
	case !born.IsZero() && born.After(d):
		return ErrDateBeforeBirth.At(field)
	}
	return nil
}

// Diagnosis is what a person says they have: a named disease, or "not diagnosed yet".
type Diagnosis struct {
	ID       ident.DiagnosisID `json:"id,omitempty"`
	Revision int               `json:"revision,omitempty"`
	// Code is an ORPHA code ("ORPHA:98896"). Empty when not diagnosed yet, or ontology.NoDiagnosis when every
	// examination has been made and found nothing.
	Code        string          `json:"code,omitempty"`
	Undiagnosed bool            `json:"undiagnosed,omitempty"`
	Status      DiagnosisStatus `json:"status,omitempty"`
	Onset       Age             `json:"onset,omitzero"`     // when the first signs appeared
	Diagnosed   Age             `json:"diagnosed,omitzero"` // when the diagnosis was made
	Source      Source          `json:"source,omitempty"`
	CreatedAt   time.Time       `json:"created_at,omitzero"`
	UpdatedAt   time.Time       `json:"updated_at,omitzero"`
}

// Validate tells every fault, and brings code and status to the form they are kept in.
func (d *Diagnosis) Validate(v *Vocabulary, born Date, now time.Time) error {
	var faults fault.List
	if d.Undiagnosed || d.Code == ontology.NoDiagnosis {
		faults.Add(d.settleUndiagnosed())
	} else {
		faults.Add(d.settleNamed(v))
	}
	faults.Add(d.Onset.validate("onset", born, now))
	faults.Add(d.Diagnosed.validate("diagnosed", born, now))
	return faults.Err()
}

func (d *Diagnosis) settleUndiagnosed() *fault.Error {
	if d.Code != "" && d.Code != ontology.NoDiagnosis {
		return ErrDiagnosisCode.At("code")
	}
	d.Undiagnosed, d.Status = true, ""
	if d.Diagnosed != (Age{}) {
		return ErrDateUnneeded.At("diagnosed")
	}
	return nil
}

func (d *Diagnosis) settleNamed(v *Vocabulary) *fault.Error {
	if d.Code == "" {
		return ErrDiagnosisNeeded.At("code")
	}
	term, ok := v.Diagnoses.Resolve(d.Code)
	if !ok {
		return ErrDiagnosisCode.At("code")
	}
	d.Code = term.ID
	if d.Status == "" {
		d.Status = Suspected
	}
	if d.Status != Suspected && d.Status != Confirmed {
		return ErrDiagnosisStatus.At("status")
	}
	return nil
}
