package consent

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/account"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/policies"
)

// gift is what the oracle remembers of a yes.
type gift struct {
	by     ident.AccountID
	lapses time.Time
}

// oracle is a second, much simpler account of who consented to what. It shares no code with the ledger.
type oracle struct {
	gifts map[policies.Scope][]gift
}

func (o *oracle) yes(s policies.Scope, by ident.AccountID, lapses time.Time) {
	o.gifts[s] = append(slices.DeleteFunc(o.gifts[s], func(g gift) bool { return g.by == by }), gift{by, lapses})
}

func (o *oracle) inForce(now time.Time) []policies.Scope {
	var scopes []policies.Scope
	for _, s := range policies.Scopes {
		if slices.ContainsFunc(o.gifts[s], func(g gift) bool { return g.lapses.IsZero() || now.Before(g.lapses) }) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// One person's story: two parents until she is of age, she herself from then on, in any order of signing, withdrawing,
// new versions and the clock going forward and back. After each step the Grant, the page and the oracle agree.
func TestTheLedgerAgreesWithASimplerOne(t *testing.T) {
	each(t, func(w *world) {
		w.withoutPasswords()
		version := 1
		w.publish(version, policies.Scopes...)
		self := w.person("lucia", policies.RoleParticipant)
		rapid.Check(w.T, func(r *rapid.T) {
			w.clock.Set(noon)
			majority := noon.Add(time.Duration(rapid.IntRange(1, 20).Draw(r, "majority")) * time.Hour)
			p := w.child(majority, w.maria, w.pablo)
			w.represent(p, self, "self", majority, time.Time{})
			o := &oracle{gifts: map[policies.Scope][]gift{}}
			for range rapid.IntRange(1, 8).Draw(r, "steps") {
				w.step(r, o, p, majority, []policies.Actor{w.maria, w.pablo, self}, &version)
				w.agree(r, o, p, majority, self)
			}
		})
	})
}

// withoutPasswords takes every password: hashing is tested elsewhere, and would be most of this test's time.
func (w *world) withoutPasswords() {
	w.Service = New(Config{DB: w.d, Vault: dbtest.Vault(w.T), Authority: w.authority,
		Confirm: func(context.Context, ident.AccountID, string, account.Caller) error { return nil }})
}

// step does one random thing to the system and to the oracle.
func (w *world) step(r *rapid.T, o *oracle, p ident.ParticipantID, majority time.Time, people []policies.Actor, version *int) {
	now := w.clock.Clock().Now()
	who := rapid.IntRange(0, 2).Draw(r, "who")
	actor := people[who]
	may := now.Before(majority) == (who < 2)
	lapses := majority
	if who == 2 {
		lapses = time.Time{}
	}
	switch rapid.SampledFrom([]string{"sign", "sign", "sign", "withdraw", "withdraw all", "version", "clock"}).Draw(r, "what") {
	case "sign":
		var c []Choice
		for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(policies.Scopes), 1, 4, rapid.ID).Draw(r, "scopes") {
			c = append(c, Choice{s, rapid.IntRange(0, 3).Draw(r, "yes") > 0})
		}
		_, err := w.Sign(context.Background(), actor, w.signing(p, c))
		if (err == nil) != may {
			r.Fatalf("signing as %d at %s, of age at %s: %v", who, now, majority, err)
		}
		for _, choice := range c {
			switch {
			case !may:
			case choice.Yes:
				o.yes(choice.Scope, actor.Account, lapses)
			default:
				delete(o.gifts, choice.Scope)
			}
		}
	case "withdraw":
		s := rapid.SampledFrom(policies.Scopes).Draw(r, "scope")
		if _, err := w.Withdraw(context.Background(), actor, p, s); (err == nil) != may {
			r.Fatalf("withdrawing as %d: %v", who, err)
		}
		if may {
			delete(o.gifts, s)
		}
	case "withdraw all":
		if _, err := w.Withdraw(context.Background(), actor, p); (err == nil) != may {
			r.Fatalf("withdrawing all as %d: %v", who, err)
		}
		if may {
			clear(o.gifts)
		}
	case "version":
		*version++
		w.publish(*version, policies.Scopes...)
	case "clock":
		w.clock.Add(time.Duration(rapid.IntRange(-6, 12).Draw(r, "hours")) * time.Hour)
	}
}

// agree compares the three.
func (w *world) agree(r *rapid.T, o *oracle, p ident.ParticipantID, majority time.Time, self policies.Actor) {
	now := w.clock.Clock().Now()
	want := o.inForce(now)
	if got := w.force(p); !slices.Equal(got, want) {
		r.Fatalf("the Grant reaches %v, the oracle says %v", got, want)
	}
	reader := w.maria
	if !now.Before(majority) {
		reader = self
	}
	s, err := w.Standing(context.Background(), reader, p)
	if err != nil {
		r.Fatal(err)
	}
	for _, state := range s.Scopes {
		if (state.Status == StatusGiven) != slices.Contains(want, state.Scope) {
			r.Fatalf("the page says %s is %s, the oracle says in force: %v", state.Scope, state.Status, want)
		}
		if open := len(o.gifts[state.Scope]) > 0; open != slices.Contains(s.Withdrawable, state.Scope) {
			r.Fatalf("the page lists %v to withdraw, the oracle holds %v", s.Withdrawable, o.gifts)
		}
	}
}
