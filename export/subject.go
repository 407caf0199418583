package export

import (
	"time"

	"kindred/internal/ident"
)

// Subject is one person as registry and questionnaires know them, before anything is taken away. It exists between
// reading and Plan.Reduce only; no encoder takes it.
type Subject struct {
	Participant ident.ParticipantID
	Birth       string // FHIR date, partial or whole
	Sex         Sex
	Country     string
	Relation    string
	Diagnoses   []SubjectDiagnosis
	Symptoms    []SubjectSymptom
	Elements    []Element
	Responses   []SubjectResponse
}

// SubjectDiagnosis is a diagnosis under its own id, with its own dates.
type SubjectDiagnosis struct {
	ID string
	Diagnosis
}

// SubjectSymptom is a symptom under its own id, with its own dates.
type SubjectSymptom struct {
	ID string
	Symptom
}

// SubjectResponse is a response under its own id, answered when it was.
type SubjectResponse struct {
	ID  string
	At  time.Time
	Raw Response
}

// Keys derive names and shifts from keys outside the database. The vault does.
type Keys interface {
	Pseudonym(ident.StudyID, ident.ParticipantID) string
	Rekey(study ident.StudyID, kind, id string) string
	ShiftDays(ident.StudyID, ident.ParticipantID) int
}
