package registry

import (
	"context"
	"fmt"
	"time"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// Enrolment is a whole enrolment in one piece: what the API takes, and what the steps come to.
type Enrolment struct {
	Who
	About
	Diagnoses []Diagnosis `json:"diagnoses"` // at least one, which may be "not diagnosed yet"
	Symptoms  []Symptom   `json:"symptoms,omitempty"`
	Elements  []Element   `json:"elements,omitempty"`
}

// The most rows of a kind that one person may have.
const (
	MaxDiagnoses = 20
	MaxSymptoms  = 500
)

// own are the kinds of rows that enrolling writes.
var own = []policies.Object{policies.ObjectRepresentation, policies.ObjectDiagnosis, policies.ObjectSymptom, policies.ObjectElement}

// found asks for the right to write about a person whom nobody represents yet.
func (s *Service) found(ctx context.Context, a policies.Actor, p ident.ParticipantID) (write, error) {
	for _, o := range own {
		if err := s.authority.May(ctx, a, policies.PurposeOwn, o, policies.ActWrite); err != nil {
			return write{}, err
		}
	}
	return policies.Ask[policies.Write](ctx, s.authority, policies.Request{
		Actor: a, Purpose: policies.PurposeOwn, Object: policies.ObjectParticipant, Founding: p,
	})
}

// Begin is the first step of a guided enrolment: whom it is about. It answers the new participant, who from now on is
// one of the account's people, and whose enrolment goes on at StepAbout whenever the account comes back.
func (s *Service) Begin(ctx context.Context, a policies.Actor, w Who) (ident.ParticipantID, error) {
	if err := w.Validate(); err != nil {
		return "", err
	}
	p := Participant{ID: ident.New[ident.ParticipantID](), Relation: w.Relation, Who: cleanName(w.Name), Step: StepAbout}
	return p.ID, s.create(ctx, a, p, Enrolment{Who: w}, "participant.begun")
}

// Enrol enrols a person at once. Every fault of every part is told together; the fields are those of the JSON form,
// "diagnoses[0].code". What remains is consent.
func (s *Service) Enrol(ctx context.Context, a policies.Actor, e Enrolment) (ident.ParticipantID, error) {
	now := s.db.Now()
	if err := e.Validate(s.Vocabulary(), now); err != nil {
		return "", err
	}
	p := Participant{
		ID: ident.New[ident.ParticipantID](), Relation: e.Relation, Who: cleanName(e.Name), About: e.About, Step: StepConsent, EnrolledAt: now,
	}
	return p.ID, s.create(ctx, a, p, e, "participant.enrolled")
}

func (s *Service) create(ctx context.Context, a policies.Actor, p Participant, e Enrolment, event string) error {
	g, err := s.found(ctx, a, p.ID)
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Tell(g, "event", event)
		p.CreatedAt = tx.Now()
		if p.Dot, err = s.countPeople(tx, g, a.Account); err != nil {
			return err
		}
		p.Dot %= Dots
		rows, err := s.rowsOf(p, a.Account, e)
		if err != nil {
			return err
		}
		if err := rows.insert(tx, g); err != nil {
			return duplicate(err, ErrSelfTwice.At("relation"))
		}
		return s.keep(tx, g, p.ID, rows.added(&person{p, p.Relation}, tx, a)...)
	})
}

// Validate tells every fault of a whole enrolment, and settles codes as they are kept.
func (e *Enrolment) Validate(v *Vocabulary, now time.Time) error {
	var faults fault.List
	collect := func(prefix string, err error) {
		for _, f := range fault.All(err) {
			faults.Add(f.At(prefix + f.Field))
		}
	}
	collect("", e.Who.Validate())
	collect("", e.About.Validate(e.Relation, now))
	if len(e.Diagnoses) == 0 {
		faults.Add(ErrDiagnosisNeeded.At("diagnoses"))
	}
	if len(e.Diagnoses) > MaxDiagnoses {
		return ErrTooMany.With("Max", MaxDiagnoses).At("diagnoses")
	}
	if len(e.Symptoms) > MaxSymptoms {
		return ErrTooMany.With("Max", MaxSymptoms).At("symptoms")
	}
	seen := map[string]bool{}
	for i := range e.Diagnoses {
		prefix := fmt.Sprintf("diagnoses[%d].", i)
		collect(prefix, e.Diagnoses[i].Validate(v, e.Birth, now))
		if key := e.Diagnoses[i].Code + fmt.Sprint(e.Diagnoses[i].Undiagnosed); seen[key] {
			faults.Add(ErrDiagnosisTwice.At(prefix + "code"))
		} else {
			seen[key] = true
		}
	}
	for i := range e.Symptoms {
		prefix := fmt.Sprintf("symptoms[%d].", i)
		collect(prefix, e.Symptoms[i].Validate(v, e.Birth, now))
		if seen[e.Symptoms[i].Term] {
			faults.Add(ErrSymptomTwice.At(prefix + "term"))
		}
		seen[e.Symptoms[i].Term] = true
	}
	collect("elements.", validateElements(e.Elements, nil, e.Birth, now))
	return faults.Err()
}

// ChangeWho changes the name under which the account sees the person. The relation stays.
func (s *Service) ChangeWho(ctx context.Context, a policies.Actor, id ident.ParticipantID, name string) error {
	return s.change(ctx, a, policies.ObjectParticipant, id, "participant.named", func(tx *db.Tx, g write, p *person) error {
		w := Who{p.relation, name}
		if err := w.Validate(); err != nil {
			return err
		}
		was := Who{p.Relation, p.Who}
		sealed, err := s.vault.SealText(cleanName(name), place("participants.name", string(id)))
		if err != nil {
			return err
		}
		if err := replace[participantRow](tx, g, string(id), p.Revision, map[string]any{"name": sealed, "updated_at": tx.Now()}); err != nil {
			return err
		}
		return s.keep(tx, g, id, p.change(tx, a, ChangedWho, Changed, "", Was{Who: &was}))
	})
}

// About is the second step: birth date, sex and country. For a child it sets the instant at which every parent's and
// guardian's authority ends; where it moves, so does the end of what they consented to.
func (s *Service) About(ctx context.Context, a policies.Actor, id ident.ParticipantID, about About) error {
	if err := s.authority.May(ctx, a, policies.PurposeOwn, policies.ObjectRepresentation, policies.ActWrite); err != nil {
		return err
	}
	return s.change(ctx, a, policies.ObjectParticipant, id, "participant.described", func(tx *db.Tx, g write, p *person) error {
		if err := about.Validate(p.relation, tx.Now()); err != nil {
			return err
		}
		act, was := Added, Was{}
		if p.About != (About{}) {
			before := p.About
			act, was = Changed, Was{About: &before}
		}
		if err := s.saveAbout(tx, g, p, about); err != nil {
			return err
		}
		if s.lapses != nil && was.About != nil && p.Relation.OfMinor() {
			if err := s.lapses.Reckon(tx, g, a, id, AuthorityEnds(p.Relation, about)); err != nil {
				return err
			}
		}
		if err := s.keep(tx, g, id, p.change(tx, a, ChangedAbout, act, "", was)); err != nil {
			return err
		}
		return s.moveOn(tx, g, p, StepAbout)
	})
}

// FinishStep says that a step is done although more could be told: the person has no more symptoms to add, or will
// think about the diagnosis later. Steps before it must be done, and a diagnosis step has at least one line.
func (s *Service) FinishStep(ctx context.Context, a policies.Actor, id ident.ParticipantID, step Step) error {
	return s.change(ctx, a, policies.ObjectParticipant, id, "participant.step", func(tx *db.Tx, g write, p *person) error {
		switch {
		case step.at() < 0 || p.Step.Before(step):
			return ErrStep
		case step == StepWho || step == StepAbout || step == StepConsent || step.Before(p.Step):
			return nil // done by what was saved, or long ago
		}
		if step == StepDiagnosis {
			n, err := s.countDiagnoses(tx, g, id)
			if err != nil {
				return err
			}
			if n == 0 {
				return ErrDiagnosisNeeded.At("code")
			}
		}
		return s.moveOn(tx, g, p, step)
	})
}
