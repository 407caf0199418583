package registry

import (
	"slices"
	"time"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/ontology"
)

// Presence says whether a symptom is there. What was not asked is no symptom row at all.
type Presence string

// The three.
const (
	Present Presence = "present"
	Absent  Presence = "absent"
	Unknown Presence = "unknown"
)

// The terms that a symptom may carry, in the order they are offered.
var (
	OnsetClasses = []string{"HP:0030674", "HP:0011460", "HP:0011461", "HP:0003577", "HP:0003623", "HP:0003593", "HP:0011463", "HP:0003621", "HP:0003581", "HP:0011462", "HP:0003596", "HP:0003584"}
	Severities   = []string{"HP:0012827", "HP:0012825", "HP:0012826", "HP:0012828", "HP:0012829"}
	Courses      = []string{"HP:0003676", "HP:0003680", "HP:0031915", "HP:0031796", "HP:0031914", "HP:0025153", "HP:0011009", "HP:0011011", "HP:0011010"}
)

// Symptom is one symptom of a person. Onset is a class of age or a date, not both.
type Symptom struct {
	ID         ident.SymptomID `json:"id,omitempty"`
	Revision   int             `json:"revision,omitempty"`
	Term       string          `json:"term"` // HPO
	Presence   Presence        `json:"presence"`
	OnsetClass string          `json:"onset_class,omitempty"` // one of OnsetClasses
	OnsetDate  Date            `json:"onset_date,omitzero"`
	Course     string          `json:"course,omitempty"`   // one of Courses
	Severity   string          `json:"severity,omitempty"` // one of Severities
	Source     Source          `json:"source,omitempty"`
	CreatedAt  time.Time       `json:"created_at,omitzero"`
	UpdatedAt  time.Time       `json:"updated_at,omitzero"`
}

// Validate tells every fault, and brings the term to its identifier of today.
func (s *Symptom) Validate(v *Vocabulary, born Date, now time.Time) error {
	var faults fault.List
	if term, ok := v.Symptoms.Resolve(s.Term); ok && term.ID != ontology.PhenotypicAbnormality && v.Symptoms.Under(term.ID, ontology.PhenotypicAbnormality) {
		s.Term = term.ID
	} else {
		faults.Add(ErrSymptomTerm.At("term"))
	}
	if s.Presence != Present && s.Presence != Absent && s.Presence != Unknown {
		faults.Add(ErrPresence.At("presence"))
	}
	if s.Presence != Present && (s.OnsetClass != "" || !s.OnsetDate.IsZero() || s.Course != "" || s.Severity != "") {
		faults.Add(ErrOnlyPresent.At("presence"))
	}
	switch {
	case s.OnsetClass != "" && !s.OnsetDate.IsZero():
		faults.Add(ErrOnsetTwice.At("onset_class"))
	case s.OnsetClass != "" && !slices.Contains(OnsetClasses, s.OnsetClass):
		faults.Add(ErrOnset.At("onset_class"))
	}
	faults.Add(validateDay(s.OnsetDate, "onset_date", born, now))
	if s.Course != "" && !slices.Contains(Courses, s.Course) {
		faults.Add(ErrCourse.At("course"))
	}
	if s.Severity != "" && !slices.Contains(Severities, s.Severity) {
		faults.Add(ErrSeverity.At("severity"))
	}
	return faults.Err()
}
