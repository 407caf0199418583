package registry

import (
	"context"
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

type read = policies.Grant[policies.Read]

// Card is one of an account's people, as a list shows them.
type Card struct {
	ID         ident.ParticipantID
	Name       string
	Relation   Relation // of the account to them
	Dot        int      // colour, 0 to Dots-1
	Age        int      // in whole years; -1 where it is not known
	Step       Step     // where the enrolment stands
	EnrolledAt time.Time
	Until      time.Time // when the account's authority ends; zero: it does not
}

// Summary is everything the registry holds about a person.
type Summary struct {
	Card
	Revision        int
	About           About
	Diagnoses       []Diagnosis
	Symptoms        []Symptom
	Elements        []Element
	Evidence        []Evidence
	Representatives []Representative
}

// Proof sums up the evidence of a diagnosis.
func (s Summary) Proof(d ident.DiagnosisID) Proof { return ProofOf(d, s.Evidence) }

// Element finds a common data element by its key; the zero Element was not told.
func (s Summary) Element(key string) Element {
	for _, e := range s.Elements {
		if e.Key == key {
			return e
		}
	}
	return Element{Key: key}
}

// view is the frame of every use case that looks at an account's people: ask, open a snapshot, read. All kinds of rows
// named must be allowed; one entry in the audit says which they were.
func (s *Service) view(ctx context.Context, a policies.Actor, p ident.ParticipantID, event string, kinds []policies.Object, fn func(tx *db.Tx, g read) error) error {
	for _, o := range kinds {
		if err := s.authority.May(ctx, a, policies.PurposeOwn, o, policies.ActRead); err != nil {
			return err
		}
	}
	g, err := ask[policies.Read](ctx, s, a, policies.ObjectParticipant, p)
	if err != nil {
		return err
	}
	return s.db.Snapshot(ctx, func(tx *db.Tx) error {
		tx.Tell(g, "event", event)
		return fn(tx, g)
	})
}

// Cards lists the account's people, in the order in which they came.
func (s *Service) Cards(ctx context.Context, a policies.Actor) ([]Card, error) {
	var cards []Card
	err := s.view(ctx, a, "", "participant.listed", []policies.Object{policies.ObjectRepresentation}, func(tx *db.Tx, g read) error {
		var err error
		cards, _, err = s.cards(tx, g, a)
		return err
	})
	return cards, err
}

// Card is one of the account's people.
func (s *Service) Card(ctx context.Context, a policies.Actor, p ident.ParticipantID) (Card, error) {
	var card Card
	err := s.view(ctx, a, p, "participant.seen", []policies.Object{policies.ObjectRepresentation}, func(tx *db.Tx, g read) error {
		cards, _, err := s.cards(tx, g, a)
		if err == nil && len(cards) == 0 {
			err = ErrNotFound
		}
		if err == nil {
			card = cards[0]
		}
		return err
	})
	return card, err
}

// Summary is everything the registry holds about one of the account's people.
func (s *Service) Summary(ctx context.Context, a policies.Actor, p ident.ParticipantID) (Summary, error) {
	var sum Summary
	kinds := []policies.Object{policies.ObjectRepresentation, policies.ObjectDiagnosis, policies.ObjectSymptom, policies.ObjectElement, policies.ObjectEvidence}
	err := s.view(ctx, a, p, "participant.summarised", kinds, func(tx *db.Tx, g read) error {
		cards, people, err := s.cards(tx, g, a)
		if err != nil {
			return err
		}
		if len(cards) == 0 {
			return ErrNotFound
		}
		sum.Card, sum.Revision, sum.About = cards[0], people[0].Revision, people[0].About
		return s.fill(tx, g, p, &sum)
	})
	return sum, err
}

// History tells what was said before, the newest first: at most n lines (at most 500) before an instant; a zero
// instant begins with the newest.
func (s *Service) History(ctx context.Context, a policies.Actor, p ident.ParticipantID, before time.Time, n int) ([]Change, error) {
	var list []Change
	kinds := []policies.Object{policies.ObjectDiagnosis, policies.ObjectSymptom, policies.ObjectElement, policies.ObjectEvidence}
	err := s.view(ctx, a, p, "participant.history", kinds, func(tx *db.Tx, g read) error {
		if _, err := one[participantRow](byID(db.Read[participantRow](tx, g), string(p))); err != nil {
			return err
		}
		rows, err := all[changeRow](changesBefore(db.Read[changeRow](tx, g), p, before, min(max(n, 1), batch)))
		if err != nil {
			return err
		}
		for _, r := range rows {
			c, err := s.openChange(r)
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	})
	return list, err
}

// ageAt is a person's age in whole years; -1 where the birth date is not known or yet to come. A partial date counts
// from its last day.
func ageAt(birth Date, now time.Time) int {
	if birth.IsZero() {
		return -1
	}
	b := birth.Last()
	years := now.Year() - b.Year()
	if now.Month() < b.Month() || now.Month() == b.Month() && now.Day() < b.Day() {
		years--
	}
	return max(years, -1)
}
