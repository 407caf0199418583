package registry

import (
	"time"

	"kindred/internal/ident"
)

// ChangeKind says what was changed.
type ChangeKind string

// The kinds.
const (
	ChangedWho       ChangeKind = "who"
	ChangedAbout     ChangeKind = "about"
	ChangedDiagnosis ChangeKind = "diagnosis"
	ChangedSymptom   ChangeKind = "symptom"
	ChangedElement   ChangeKind = "element"
	ChangedEvidence  ChangeKind = "evidence"
)

// ChangeAct says what happened.
type ChangeAct string

// The acts.
const (
	Added    ChangeAct = "added"
	Changed  ChangeAct = "changed"
	Removed  ChangeAct = "removed"
	Accepted ChangeAct = "accepted" // evidence
	Asked    ChangeAct = "asked"    // evidence: asked again
)

// Change is one line of a person's history. Was is what stood there before, one of the fields by kind.
type Change struct {
	At      time.Time
	Kind    ChangeKind
	Act     ChangeAct
	Row     string // id of the diagnosis, symptom or evidence; key of the element
	Source  Source
	Account ident.AccountID // who did it
	Was     Was
}

// Was holds the earlier value. All nil when something was added.
type Was struct {
	Who       *Who       `json:"who,omitempty"`
	About     *About     `json:"about,omitempty"`
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
	Symptom   *Symptom   `json:"symptom,omitempty"`
	Element   *Element   `json:"element,omitempty"`
	Evidence  *string    `json:"evidence,omitempty"` // earlier state
}
