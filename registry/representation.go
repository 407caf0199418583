package registry

import (
	"context"
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Representative is an account that acts for a person, or did.
type Representative struct {
	Account   ident.AccountID
	Relation  Relation
	GrantedBy ident.AccountID // who let them in; empty for who enrolled the person
	From      time.Time
	Until     time.Time // zero: no end
}

// Acts tells whether the authority is in force.
func (r Representative) Acts(now time.Time) bool {
	return !r.From.After(now) && (r.Until.IsZero() || r.Until.After(now))
}

// MayEnd tells whether an account of a relation to the person may end this one's authority: everybody their own, whoever
// let them in, and the person herself. One guardian cannot put the other out: that is for a court, and for whoever runs
// the registry with its paper in hand.
func (r Representative) MayEnd(by ident.AccountID, relation Relation) bool {
	return r.Account == by || r.GrantedBy == by && by != "" || relation == Self
}

// Representatives lists who acts for one of the account's people, and who did, in the order in which they came, beside
// the account's own card of the person. They are known by their numbers alone: no name, no address of another guardian.
func (s *Service) Representatives(ctx context.Context, a policies.Actor, p ident.ParticipantID) (Card, []Representative, error) {
	var card Card
	var list []Representative
	err := s.view(ctx, a, p, "representation.listed", []policies.Object{policies.ObjectRepresentation}, func(tx *db.Tx, g read) error {
		cards, _, err := s.cards(tx, g, a)
		if err != nil {
			return err
		}
		if len(cards) == 0 {
			return ErrNotFound
		}
		card = cards[0]
		list, err = s.representativesOf(tx, g, p)
		return err
	})
	return card, list, err
}

// Accounts finds the actor of an account that is there and open. Package account is it.
type Accounts func(ctx context.Context, id ident.AccountID) (policies.Actor, error)

// KnowAccounts says who finds accounts. It is part of the wiring, before the first use; without it nobody can be let in.
func (s *Service) KnowAccounts(find Accounts) { s.accounts = find }

// AddRepresentative lets another account act for a person, in the same way as a parent, guardian or carer does. Only
// who acts for them now can say so, and only of an account whose number its owner gave them: nothing finds an account by
// its name. It answers ErrAccount (at "account") for one that is not there, closed, or of somebody who works here and
// takes no part; ErrRelation (at "relation").
func (s *Service) AddRepresentative(ctx context.Context, a policies.Actor, id ident.ParticipantID, account ident.AccountID, r Relation) error {
	return s.change(ctx, a, policies.ObjectRepresentation, id, "representation.added", func(tx *db.Tx, g write, p *person) error {
		if !r.Valid() || r == Self || r.OfMinor() != p.relation.OfMinor() {
			return ErrRelation.At("relation")
		}
		if !s.takesPart(ctx, account) {
			return ErrAccount.At("account")
		}
		giver := string(a.Account)
		return s.represent(tx, g, p.Participant, representationRow{AccountID: string(account), Relation: string(r), GrantedBy: &giver})
	})
}

func (s *Service) takesPart(ctx context.Context, account ident.AccountID) bool {
	if s.accounts == nil {
		return false
	}
	other, err := s.accounts(ctx, account)
	return err == nil && s.authority.May(ctx, other, policies.PurposeOwn, policies.ObjectRepresentation, policies.ActWrite) == nil
}

// EndRepresentation ends an account's authority over a person, at once: see MayEnd. Who is left must not be nobody. It
// answers ErrNotYours, ErrLastOne, ErrNotFound.
func (s *Service) EndRepresentation(ctx context.Context, a policies.Actor, id ident.ParticipantID, account ident.AccountID) error {
	return s.change(ctx, a, policies.ObjectRepresentation, id, "representation.ended", func(tx *db.Tx, g write, p *person) error {
		now, err := s.representatives(tx, g, id)
		if err != nil {
			return err
		}
		var ends *Representative
		left := 0
		for i, r := range now {
			if r.Account == account {
				ends = &now[i]
			} else {
				left++
			}
		}
		switch {
		case ends == nil:
			return ErrNotFound
		case !ends.MayEnd(a.Account, p.relation):
			return ErrNotYours
		case left == 0:
			return ErrLastOne
		}
		return s.endRepresentation(tx, g, id, account)
	})
}

// Part ends an account's authority over everybody for whom another account acts too: what a court decided about
// parents who live apart. It is for whoever runs the program, with the paper in hand: by must be the operator. It
// answers how many people it was about.
func (s *Service) Part(ctx context.Context, by policies.Actor, account, from ident.AccountID) (int, error) {
	if by.Account != "" {
		return 0, policies.ErrDenied
	}
	ask := func(p ident.ParticipantID) (write, error) {
		return policies.Ask[policies.Write](ctx, s.authority, policies.Request{Actor: by, Purpose: policies.PurposeOperation, Object: policies.ObjectRepresentation, Subject: p})
	}
	both, err := ask("")
	if err != nil {
		return 0, err
	}
	parted := 0
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Tell(both, "event", "representation.compared")
		shared, err := s.shared(tx, both, account, from)
		if err != nil {
			return err
		}
		for _, p := range shared { // an entry for each, on the page of each
			g, err := ask(p)
			if err != nil {
				return err
			}
			tx.Tell(g, "event", "representation.parted")
			if err := s.endRepresentation(tx, g, p, account); err != nil {
				return err
			}
		}
		parted = len(shared)
		return nil
	})
	return parted, err
}
