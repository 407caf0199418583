package api

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/registry"
)

var (
	readsPerson   = route.May(policies.PurposeOwn, policies.ObjectParticipant, policies.ActRead)
	writesPerson  = route.May(policies.PurposeOwn, policies.ObjectParticipant, policies.ActWrite)
	writesDisease = route.May(policies.PurposeOwn, policies.ObjectDiagnosis, policies.ActWrite)
	writesSymptom = route.May(policies.PurposeOwn, policies.ObjectSymptom, policies.ActWrite)
	writesElement = route.May(policies.PurposeOwn, policies.ObjectElement, policies.ActWrite)
)

func (a *API) participants() {
	if a.Registry == nil {
		return
	}
	on(a, operation{id: "enrol", method: "POST", path: "/participants", right: writesPerson, tag: "participants", status: 201, creates: true, body: 1 << 20,
		summary: "Enrol a person at once. What remains is consent."}, a.enrol)
	on(a, operation{id: "beginEnrolment", method: "POST", path: "/enrolments", right: writesPerson, tag: "participants", status: 201, creates: true,
		summary: "Begin an enrolment step by step: whom it is about."}, a.beginEnrolment)
	on(a, operation{id: "finishStep", method: "POST", path: "/participants/{participant}/steps/{step}/finish", right: writesPerson, tag: "participants", summary: "A step is done, although more could be told."}, a.finishStep)
	on(a, operation{id: "listParticipants", method: "GET", path: "/participants", right: readsPerson, tag: "participants", summary: "The people whom one acts for."}, a.listParticipants)
	on(a, operation{id: "getParticipant", method: "GET", path: "/participants/{participant}", right: readsPerson, tag: "participants", summary: "Everything the registry holds about a person."}, a.getParticipant)
	on(a, operation{id: "changeParticipant", method: "PATCH", path: "/participants/{participant}", right: writesPerson, tag: "participants", summary: "Change name, birth date, sex or country."}, a.changeParticipant)
	on(a, operation{id: "participantHistory", method: "GET", path: "/participants/{participant}/history", right: readsPerson, tag: "participants", summary: "What was said before, newest first."}, a.participantHistory)
	a.representatives()
	a.baseline()
}

// diagnosisWish is what a person says of a diagnosis; the rest of it is not theirs to set.
type diagnosisWish struct {
	Code        string                   `json:"code,omitempty" doc:"ORPHA code; left out when not diagnosed yet." example:"ORPHA:98896"`
	Undiagnosed bool                     `json:"undiagnosed,omitempty"`
	Status      registry.DiagnosisStatus `json:"status,omitempty" doc:"suspected or confirmed"`
	Onset       *age                     `json:"onset,omitempty"`
	Diagnosed   *age                     `json:"diagnosed,omitempty"`
}

type age struct {
	Kind registry.AgeKind `json:"kind" doc:"antenatal, birth, date or undetermined"`
	Date registry.Date    `json:"date,omitzero" doc:"Day, month or year: 2021-03-04, 2021-03 or 2021."`
}

func (a *age) age() registry.Age {
	if a == nil {
		return registry.Age{}
	}
	return registry.Age{Kind: a.Kind, Date: a.Date}
}

func (w diagnosisWish) diagnosis() registry.Diagnosis {
	return registry.Diagnosis{Code: w.Code, Undiagnosed: w.Undiagnosed, Status: w.Status, Onset: w.Onset.age(), Diagnosed: w.Diagnosed.age()}
}

type symptomWish struct {
	Term       string            `json:"term" example:"HP:0001324"`
	Presence   registry.Presence `json:"presence" doc:"present, absent or unknown"`
	OnsetClass string            `json:"onset_class,omitempty"`
	OnsetDate  registry.Date     `json:"onset_date,omitzero"`
	Course     string            `json:"course,omitempty"`
	Severity   string            `json:"severity,omitempty"`
}

func (w symptomWish) symptom() registry.Symptom {
	return registry.Symptom{Term: w.Term, Presence: w.Presence, OnsetClass: w.OnsetClass, OnsetDate: w.OnsetDate, Course: w.Course, Severity: w.Severity}
}

type elementWish struct {
	Key      string                 `json:"key"`
	Value    string                 `json:"value,omitempty"`
	Missing  registry.MissingReason `json:"missing,omitempty" doc:"Why there is no value. Neither clears what was told."`
	Revision int                    `json:"revision,omitempty" doc:"The one that was read; whichever is there when left out."`
}

func elements(wishes []elementWish) []registry.Element {
	var out []registry.Element
	for _, w := range wishes {
		out = append(out, registry.Element{Key: w.Key, Value: w.Value, Missing: w.Missing, Revision: w.Revision})
	}
	return out
}

type enrolment struct {
	Body struct {
		Relation  registry.Relation `json:"relation" doc:"self, parent, guardian or carer"`
		Name      string            `json:"name" doc:"As you want to see it."`
		BirthDate registry.Date     `json:"birth_date" doc:"Day, month or year; whole for a child."`
		Sex       registry.Sex      `json:"sex"`
		Country   string            `json:"country" doc:"ISO 3166-1 alpha-2"`
		Diagnoses []diagnosisWish   `json:"diagnoses" nullable:"false"`
		Symptoms  []symptomWish     `json:"symptoms,omitempty"`
		Elements  []elementWish     `json:"elements,omitempty"`
	}
}

func (a *API) enrol(x *call, in *enrolment) (*made[card], error) {
	e := registry.Enrolment{
		Who: registry.Who{Relation: in.Body.Relation, Name: in.Body.Name}, About: registry.About{Birth: in.Body.BirthDate, Sex: in.Body.Sex, Country: in.Body.Country},
		Elements: elements(in.Body.Elements),
	}
	for _, d := range in.Body.Diagnoses {
		e.Diagnoses = append(e.Diagnoses, d.diagnosis())
	}
	for _, s := range in.Body.Symptoms {
		e.Symptoms = append(e.Symptoms, s.symptom())
	}
	id, err := a.Registry.Enrol(x.Context(), x.Actor, e)
	if err != nil {
		return nil, err
	}
	return a.madeCard(x, id)
}

func (a *API) madeCard(x *call, id ident.ParticipantID) (*made[card], error) {
	c, err := a.Registry.Card(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &made[card]{Location: "/api/v1/participants/" + string(id), ETag: tag(1), Body: showCard(c)}, nil
}

type beginning struct {
	Body struct {
		Relation registry.Relation `json:"relation"`
		Name     string            `json:"name"`
	}
}

func (a *API) beginEnrolment(x *call, in *beginning) (*made[card], error) {
	id, err := a.Registry.Begin(x.Context(), x.Actor, registry.Who{Relation: in.Body.Relation, Name: in.Body.Name})
	if err != nil {
		return nil, err
	}
	return a.madeCard(x, id)
}

type stepPath struct {
	PersonPath
	Step registry.Step `path:"step" doc:"who, about, diagnosis, symptoms or consent"`
}

func (a *API) finishStep(x *call, in *stepPath) (*got[card], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if err := a.Registry.FinishStep(x.Context(), x.Actor, id, in.Step); err != nil {
		return nil, err
	}
	c, err := a.Registry.Card(x.Context(), x.Actor, id)
	return &got[card]{showCard(c)}, err
}

type card struct {
	ID         ident.ParticipantID `json:"id"`
	Name       string              `json:"name"`
	Relation   registry.Relation   `json:"relation"`
	Age        *int                `json:"age,omitempty"`
	Step       registry.Step       `json:"step" doc:"Where the enrolment stands."`
	EnrolledAt *time.Time          `json:"enrolled_at,omitempty"`
	Until      *time.Time          `json:"until,omitempty" doc:"When one's authority ends."`
}

func showCard(c registry.Card) card {
	out := card{ID: c.ID, Name: c.Name, Relation: c.Relation, Step: c.Step, EnrolledAt: instant(c.EnrolledAt), Until: instant(c.Until)}
	if c.Age >= 0 {
		out.Age = &c.Age
	}
	return out
}

func (a *API) listParticipants(x *call, in *Paging) (*got[list[card]], error) {
	all, err := a.Registry.Cards(x.Context(), x.Actor)
	if err != nil {
		return nil, err
	}
	return listed(all, *in, func(c registry.Card) string { return string(c.ID) }, showCard)
}

type person struct {
	Card      card                 `json:"person"`
	BirthDate registry.Date        `json:"birth_date,omitzero"`
	Sex       registry.Sex         `json:"sex,omitempty"`
	Country   string               `json:"country,omitempty"`
	Diagnoses []registry.Diagnosis `json:"diagnoses"`
	Symptoms  []registry.Symptom   `json:"symptoms"`
	Elements  []registry.Element   `json:"elements"`
	Evidence  []evidence           `json:"evidence"`
}

func (a *API) getParticipant(x *call, in *PersonPath) (*tagged[person], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := a.Registry.Summary(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := person{
		Card: showCard(s.Card), BirthDate: s.About.Birth, Sex: s.About.Sex, Country: s.About.Country,
		Diagnoses: filled(s.Diagnoses), Symptoms: filled(s.Symptoms), Elements: filled(s.Elements), Evidence: []evidence{},
	}
	for _, e := range s.Evidence {
		out.Evidence = append(out.Evidence, showEvidence(e))
	}
	return &tagged[person]{tag(s.Revision), out}, nil
}

// filled is a list that is written as [] when it is empty.
func filled[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

type personChange struct {
	PersonPath
	IfMatch string `header:"If-Match" required:"true"`
	Body    struct {
		Name      *string        `json:"name,omitempty"`
		BirthDate *registry.Date `json:"birth_date,omitempty"`
		Sex       *registry.Sex  `json:"sex,omitempty"`
		Country   *string        `json:"country,omitempty"`
	}
}

// changeParticipant changes one of the two steps, name or description, made from the state that was read.
func (a *API) changeParticipant(x *call, in *personChange) (*tagged[person], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := a.Registry.Summary(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	if err := x.matches(in.IfMatch, s.Revision); err != nil {
		return nil, err
	}
	about := s.About
	set(&about.Birth, in.Body.BirthDate)
	set(&about.Sex, in.Body.Sex)
	set(&about.Country, in.Body.Country)
	if about != s.About {
		if err := a.Registry.About(x.Context(), x.Actor, id, about); err != nil {
			return nil, err
		}
	}
	if in.Body.Name != nil && *in.Body.Name != s.Name {
		if err := a.Registry.ChangeWho(x.Context(), x.Actor, id, *in.Body.Name); err != nil {
			return nil, err
		}
	}
	return a.getParticipant(x, &in.PersonPath)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

type historyQuery struct {
	PersonPath
	Before time.Time `query:"before" doc:"Lines before this instant; the time of the last line goes on."`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type change struct {
	At     time.Time           `json:"at"`
	Kind   registry.ChangeKind `json:"kind"`
	Act    registry.ChangeAct  `json:"act"`
	Row    string              `json:"row,omitempty"`
	Source registry.Source     `json:"source"`
	Own    bool                `json:"own" doc:"One did it oneself."`
	Was    registry.Was        `json:"was"`
}

func (a *API) participantHistory(x *call, in *historyQuery) (*got[list[change]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Registry.History(x.Context(), x.Actor, id, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := list[change]{Items: []change{}}
	for _, c := range all {
		out.Items = append(out.Items, change{c.At, c.Kind, c.Act, c.Row, c.Source, c.Account == x.Actor.Account, c.Was})
	}
	if len(all) == in.Limit {
		out.Next = all[len(all)-1].At.Format(time.RFC3339Nano)
	}
	return &got[list[change]]{out}, nil
}
