package api

import (
	"kindred/internal/ident"
	"kindred/registry"
)

// baseline registers what is told about a person.
func (a *API) baseline() {
	on(a, operation{id: "addDiagnosis", method: "POST", path: "/participants/{participant}/diagnoses", right: writesDisease, tag: "baseline", status: 201, creates: true, summary: "Tell a diagnosis, or that there is none yet."}, a.addDiagnosis)
	on(a, operation{id: "changeDiagnosis", method: "PUT", path: "/participants/{participant}/diagnoses/{diagnosis}", right: writesDisease, tag: "baseline", summary: "Replace what was said of a diagnosis."}, a.changeDiagnosis)
	on(a, operation{id: "removeDiagnosis", method: "DELETE", path: "/participants/{participant}/diagnoses/{diagnosis}", right: writesDisease, tag: "baseline", status: 204, summary: "Take a diagnosis away; the history keeps it."}, a.removeDiagnosis)
	on(a, operation{id: "saveSymptom", method: "PUT", path: "/participants/{participant}/symptoms/{term}", right: writesSymptom, tag: "baseline", summary: "Tell a symptom, or replace what was said of it. If-Match: * writes in any case."}, a.saveSymptom)
	on(a, operation{id: "removeSymptom", method: "DELETE", path: "/participants/{participant}/symptoms/{term}", right: writesSymptom, tag: "baseline", status: 204, summary: "Take back what was said, by the symptom's id."}, a.removeSymptom)
	on(a, operation{id: "saveElements", method: "PATCH", path: "/participants/{participant}/elements", right: writesElement, tag: "baseline", summary: "Write common data elements, all or none. Each carries the revision that was read."}, a.saveElements)
}

type newDiagnosis struct {
	PersonPath
	Body diagnosisWish
}

func (a *API) addDiagnosis(x *call, in *newDiagnosis) (*made[registry.Diagnosis], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	d, err := a.Registry.AddDiagnosis(x.Context(), x.Actor, id, in.Body.diagnosis())
	if err != nil {
		return nil, err
	}
	return &made[registry.Diagnosis]{"/api/v1/participants/" + string(id) + "/diagnoses/" + string(d.ID), tag(d.Revision), d}, nil
}

// DiagnosisPath names a diagnosis of a person.
type DiagnosisPath struct {
	PersonPath
	Diagnosis string `path:"diagnosis"`
}

func (p DiagnosisPath) ids() (ident.ParticipantID, ident.DiagnosisID, error) {
	person, err := p.id()
	if err != nil {
		return "", "", err
	}
	d, err := ident.Parse[ident.DiagnosisID](p.Diagnosis)
	return person, d, err
}

type diagnosisChange struct {
	DiagnosisPath
	IfMatch string `header:"If-Match" required:"true"`
	Body    diagnosisWish
}

func (a *API) changeDiagnosis(x *call, in *diagnosisChange) (*tagged[registry.Diagnosis], error) {
	id, diagnosis, err := in.ids()
	if err != nil {
		return nil, err
	}
	d := in.Body.diagnosis()
	d.ID = diagnosis
	if d.Revision, err = untag(in.IfMatch); err != nil {
		return nil, err
	}
	d, err = a.Registry.ChangeDiagnosis(x.Context(), x.Actor, id, d)
	if err != nil {
		return nil, x.stale(err, a.revision(x, id, func(s registry.Summary) int {
			for _, d := range s.Diagnoses {
				if d.ID == diagnosis {
					return d.Revision
				}
			}
			return 0
		}))
	}
	return &tagged[registry.Diagnosis]{tag(d.Revision), d}, nil
}

// revision looks up the revision that is current.
func (a *API) revision(x *call, id ident.ParticipantID, of func(registry.Summary) int) func() (int, error) {
	return func() (int, error) {
		s, err := a.Registry.Summary(x.Context(), x.Actor, id)
		return of(s), err
	}
}

func (a *API) removeDiagnosis(x *call, in *DiagnosisPath) (*done, error) {
	id, d, err := in.ids()
	if err != nil {
		return nil, err
	}
	return &done{}, a.Registry.RemoveDiagnosis(x.Context(), x.Actor, id, d)
}

// SymptomPath names a symptom of a person: by its term to save it, by its id to remove it.
type SymptomPath struct {
	PersonPath
	Term string `path:"term"`
}

type symptomChange struct {
	SymptomPath
	IfMatch string `header:"If-Match" doc:"Needed when something was said about the term before."`
	Body    struct {
		Presence   registry.Presence `json:"presence"`
		OnsetClass string            `json:"onset_class,omitempty"`
		OnsetDate  registry.Date     `json:"onset_date,omitzero"`
		Course     string            `json:"course,omitempty"`
		Severity   string            `json:"severity,omitempty"`
	}
}

func (a *API) saveSymptom(x *call, in *symptomChange) (*tagged[registry.Symptom], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	b := in.Body
	y := symptomWish{in.Term, b.Presence, b.OnsetClass, b.OnsetDate, b.Course, b.Severity}.symptom()
	y.Revision = -1 // matches a new one alone
	if in.IfMatch != "" {
		if y.Revision, err = untag(in.IfMatch); err != nil {
			return nil, err
		}
	}
	y, err = a.Registry.SaveSymptom(x.Context(), x.Actor, id, y)
	if err != nil {
		return nil, x.stale(err, a.revision(x, id, func(s registry.Summary) int {
			for _, y := range s.Symptoms {
				if y.Term == in.Term {
					return y.Revision
				}
			}
			return 0
		}))
	}
	return &tagged[registry.Symptom]{tag(y.Revision), y}, nil
}

func (a *API) removeSymptom(x *call, in *SymptomPath) (*done, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	symptom, err := ident.Parse[ident.SymptomID](in.Term)
	if err != nil {
		return nil, err
	}
	return &done{}, a.Registry.RemoveSymptom(x.Context(), x.Actor, id, symptom)
}

type elementsChange struct {
	PersonPath
	Body struct {
		Elements []elementWish `json:"elements" minItems:"1" maxItems:"100" nullable:"false"`
	}
}

func (a *API) saveElements(x *call, in *elementsChange) (*got[list[registry.Element]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if err := a.Registry.SaveElements(x.Context(), x.Actor, id, elements(in.Body.Elements)); err != nil {
		return nil, err
	}
	s, err := a.Registry.Summary(x.Context(), x.Actor, id)
	return &got[list[registry.Element]]{list[registry.Element]{Items: filled(s.Elements)}}, err
}
