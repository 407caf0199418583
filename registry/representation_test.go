package registry

import (
	"testing"
	"time"

	"kindred/internal/ident"
	"kindred/policies"
)

func TestRepresentativesComeAndGo(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p := w.enrol(w.maria, lucia())
		w.refused(w.EndRepresentation(ctx, w.maria, p, w.maria.Account), ErrLastOne)
		w.refused(w.EndRepresentation(ctx, w.maria, p, w.pavel.Account), ErrNotFound)
		w.refused(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Carer), ErrRelation)
		w.refused(w.AddRepresentative(ctx, w.maria, p, ident.New[ident.AccountID](), Guardian), ErrAccount)
		w.refused(w.AddRepresentative(ctx, w.maria, p, w.tomas.Account, Guardian), ErrAccount) // he reviews, and takes no part
		w.ok(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Guardian))
		w.ok(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Guardian)) // once is enough
		if s := w.summary(w.pavel, p); s.Relation != Guardian || len(s.Representatives) != 2 || s.Until.IsZero() || s.Representatives[1].GrantedBy != w.maria.Account {
			w.Fatalf("%+v", s)
		}
		w.ok(w.EndRepresentation(ctx, w.maria, p, w.pavel.Account))
		_, err := w.Summary(ctx, w.pavel, p)
		w.refused(err, ErrNotFound)
		w.refused(w.EndRepresentation(ctx, w.maria, p, w.pavel.Account), ErrNotFound)
		w.ok(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Parent)) // and comes again
		w.ok(w.EndRepresentation(ctx, w.maria, p, w.maria.Account))         // she leaves it to him
		w.refused(w.EndRepresentation(ctx, w.pavel, p, w.pavel.Account), ErrLastOne)
	})
}

// Who was let in cannot put out who let them in, nor let somebody else do it.
func TestOneGuardianCannotPutTheOtherOut(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p := w.enrol(w.maria, lucia())
		w.ok(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Parent))
		w.refused(w.EndRepresentation(ctx, w.pavel, p, w.maria.Account), ErrNotYours)
		w.ok(w.AddRepresentative(ctx, w.pavel, p, w.maria.Account, Parent)) // changes nothing: she is there
		w.refused(w.EndRepresentation(ctx, w.pavel, p, w.maria.Account), ErrNotYours)
		for _, by := range []policies.Actor{w.maria, w.pavel, {}} {
			_, err := w.Part(ctx, by, w.maria.Account, w.pavel.Account)
			w.refused(err, policies.ErrDenied)
		}
		other := lucia()
		other.Name = "Mateo"
		alone := w.enrol(w.pavel, other)
		operator := policies.Actor{Roles: []policies.Role{policies.RoleSteward}}
		if n, err := w.Part(ctx, operator, w.pavel.Account, w.maria.Account); err != nil || n != 1 {
			w.Fatal(n, err)
		}
		_, err := w.Summary(ctx, w.pavel, p)
		w.refused(err, ErrNotFound)
		w.summary(w.maria, p)
		w.summary(w.pavel, alone) // she does not act for Mateo
		if n, err := w.Part(ctx, operator, w.pavel.Account, w.maria.Account); err != nil || n != 0 {
			w.Fatal(n, err)
		}
	})
}

// An adult who lets somebody help her can end it, and the helper cannot lock her out.
func TestAPersonEndsWhoActsForThem(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		e := lucia()
		e.Relation, e.Name, e.Birth = Self, "Maria", DateOf(1984, 5, 6)
		e.Diagnoses[0].Onset, e.Diagnoses[0].Diagnosed, e.Elements = Age{}, Age{}, nil
		p := w.enrol(w.maria, e)
		w.ok(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Carer))
		w.refused(w.EndRepresentation(ctx, w.pavel, p, w.maria.Account), ErrNotYours)
		w.ok(w.EndRepresentation(ctx, w.maria, p, w.pavel.Account))
		_, err := w.Summary(ctx, w.pavel, p)
		w.refused(err, ErrNotFound)
	})
}

// Authority holds in [start, end), to the microsecond, whatever it was used for before.
func TestAuthorityEndsAtTheInstant(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p := w.enrol(w.maria, lucia())
		w.ok(w.AddRepresentative(ctx, w.maria, p, w.pavel.Account, Parent))
		until := w.summary(w.pavel, p).Until
		if want := Majority(DateOf(2019, 2, 11), "ES"); !until.Equal(want) {
			w.Fatal(until, want)
		}
		for _, a := range []policies.Actor{w.maria, w.pavel} {
			w.moving.Set(until.Add(-time.Microsecond))
			w.ok(w.ChangeWho(ctx, a, p, "Luci"))
			w.moving.Set(until)
			w.refused(w.ChangeWho(ctx, a, p, "Lucía"), ErrNotFound)
			_, err := w.Summary(ctx, a, p)
			w.refused(err, ErrNotFound)
		}
	})
}
