package consent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/account"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

const password = "tortilla lantern brisk willow"

var (
	noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	home = account.Caller{Peer: netip.MustParseAddr("192.0.2.10")}
	yes  = func(scopes ...policies.Scope) []Choice { return choices(true, scopes...) }
	no   = func(scopes ...policies.Scope) []Choice { return choices(false, scopes...) }
)

func choices(answer bool, scopes ...policies.Scope) []Choice {
	var list []Choice
	for _, s := range scopes {
		list = append(list, Choice{s, answer})
	}
	return list
}

// text writes a document with the scopes given.
func text(version int, language string, scopes ...policies.Scope) []byte {
	var b strings.Builder
	var names []string
	for _, s := range scopes {
		names = append(names, string(s))
	}
	fmt.Fprintf(&b, "Document: kindred\nVersion: %d\nLanguage: %s\nScopes: %s\n\n# Title %s\n", version, language, strings.Join(names, ", "), language)
	for _, s := range scopes {
		fmt.Fprintf(&b, "\n## [%s] About\n\nWords.\n", s)
	}
	return []byte(b.String())
}

// world is Maria, who cares for Lucía; her former husband Pablo, who does too; Ingrid of the committee; and a steward.
type world struct {
	*testing.T
	*Service
	d                             *db.DB
	accounts                      *account.Service
	authority                     *policies.Authority
	clock                         *dbtest.Moving
	maria, pablo, ingrid, steward policies.Actor
	lucia                         ident.ParticipantID
}

func each(t *testing.T, f func(w *world)) {
	clock := dbtest.NewMoving(noon)
	dbtest.EachWith(t, dbtest.Options{Clock: clock.Clock()}, func(t *testing.T, d *db.DB) {
		clock.Set(noon)
		w := &world{T: t, d: d, clock: clock, authority: dbtest.AuthorityAt(t, clock.Clock())}
		var err error
		w.accounts, err = account.New(account.Config{DB: d, Vault: dbtest.Vault(t), Authority: w.authority, Hashing: account.Hashing{MemoryKiB: 64, Iterations: 1, Parallelism: 1}})
		w.must(err)
		w.Service = New(Config{DB: d, Vault: dbtest.Vault(t), Authority: w.authority, Confirm: w.accounts.Confirm})
		w.maria = w.person("maria", policies.RoleParticipant, policies.RoleCaregiver)
		w.pablo = w.person("pablo", policies.RoleParticipant, policies.RoleCaregiver)
		w.ingrid = w.person("ingrid", policies.RoleEthics)
		w.steward = w.person("agnes", policies.RoleSteward)
		w.lucia = w.child(time.Time{}, w.maria, w.pablo)
		f(w)
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v %v", err, fault.All(err)[0].Args)
	}
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("err = %v, want %v", err, want)
	}
}

func (w *world) person(name string, roles ...policies.Role) policies.Actor {
	w.Helper()
	id, err := w.accounts.Add(context.Background(), account.Operator(), account.NewAccount{Name: name, Password: password, Roles: roles})
	w.must(err)
	return policies.Actor{Account: id, Roles: roles}
}

// child makes a participant whom the actors act for, as parents until an instant; zero for no end.
func (w *world) child(until time.Time, parents ...policies.Actor) ident.ParticipantID {
	w.Helper()
	p := ident.New[ident.ParticipantID]()
	for _, a := range parents {
		w.represent(p, a, "parent", noon.AddDate(-1, 0, 0), until)
	}
	return p
}

// represent writes a representation. In the registry this is an enrolment; here the population writes it.
func (w *world) represent(p ident.ParticipantID, a policies.Actor, relation string, from, until time.Time) {
	w.Helper()
	ctx := context.Background()
	g, err := policies.Ask[policies.Write](ctx, w.authority, policies.Request{Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: policies.ObjectRepresentation})
	w.must(err)
	w.must(w.d.Do(ctx, func(tx *db.Tx) error {
		return db.Change[representationFull](tx, g).Create(&representationFull{
			ident.New[string](), p, a.Account, relation, from, instant(until), noon,
		}).Error
	}))
}

type representationFull struct {
	ID            string              `gorm:"primaryKey"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	AccountID     ident.AccountID
	Relation      string
	StartsAt      time.Time
	EndsAt        *time.Time
	CreatedAt     time.Time
}

func (representationFull) TableName() string     { return "representations" }
func (representationFull) SubjectColumn() string { return "participant_id" }

func (w *world) publish(version int, scopes ...policies.Scope) *Document {
	w.Helper()
	d, err := w.Publish(context.Background(), w.steward, text(version, "en", scopes...), text(version, "es", scopes...))
	w.must(err)
	return d
}

func (w *world) signing(p ident.ParticipantID, c []Choice) Signing {
	w.Helper()
	d, err := w.Current(context.Background(), MainDocument, "es")
	w.must(err)
	return Signing{Participant: p, Version: d.Version, Language: "es", Hash: d.Hash, Choices: c, Name: "María  López", Password: password, Caller: home}
}

func (w *world) sign(a policies.Actor, p ident.ParticipantID, c ...Choice) Signature {
	w.Helper()
	s, err := w.Sign(context.Background(), a, w.signing(p, c))
	w.must(err)
	return s
}

func (w *world) standing(a policies.Actor, p ident.ParticipantID) Standing {
	w.Helper()
	s, err := w.Standing(context.Background(), a, p)
	w.must(err)
	return s
}

// allowed asks through a Grant, the way a query meets consent: is the person reached when a scope is needed?
func (w *world) allowed(p ident.ParticipantID, s policies.Scope) bool {
	w.Helper()
	ctx := context.Background()
	a, err := policies.Parse("p, role:ethics, oversight, consent, audit, everyone, "+string(s), w.clock.Clock())
	w.must(err)
	g, err := policies.Ask[policies.Audit](ctx, a, policies.Request{Actor: w.ingrid, Purpose: policies.PurposeOversight, Object: policies.ObjectConsent, Subject: p})
	w.must(err)
	var n int64
	w.must(w.d.Snapshot(ctx, func(tx *db.Tx) error { return db.Inspect[representationRow](tx, g).Count(&n).Error }))
	return n > 0
}

func (w *world) force(p ident.ParticipantID) []policies.Scope {
	w.Helper()
	var scopes []policies.Scope
	for _, s := range policies.Scopes {
		if w.allowed(p, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

func (w *world) forced(p ident.ParticipantID, want ...policies.Scope) {
	w.Helper()
	if got := w.force(p); !slices.Equal(got, want) {
		w.Fatalf("in force: %v, want %v", got, want)
	}
}

func TestMariaSignsForLuciaAndWithdraws(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.must(w.Install(ctx))
		w.must(w.Install(ctx))
		if s := w.standing(w.maria, w.lucia); !s.Pending || s.Of(policies.ScopeResearch).Status != StatusUnasked || s.Current != 1 {
			w.Fatalf("%+v", s)
		}
		signed := w.sign(w.maria, w.lucia, append(yes(policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeRecontact), no(policies.ScopeMatching)...)...)
		w.forced(w.lucia, policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeRecontact)
		s := w.standing(w.pablo, w.lucia)
		research := s.Of(policies.ScopeResearch)
		if research.Status != StatusGiven || research.Since != noon || research.Version != 1 || research.Signature != signed.ID || research.Account != w.maria.Account || research.Relation != "parent" {
			w.Fatalf("%+v", research)
		}
		if s.Of(policies.ScopeMatching).Status != StatusDeclined || s.Of(policies.ScopeCommunity).Status != StatusUnasked {
			w.Fatalf("%+v", s)
		}
		if e := s.CommonElements(); !e.Contact || !e.Reuse || e.Sample {
			w.Fatalf("%+v", e)
		}

		done, err := w.Withdraw(ctx, w.maria, w.lucia, policies.ScopeResearch)
		w.must(err)
		if done.Seq != signed.Seq+1 || !slices.Equal(done.Scopes, []policies.Scope{policies.ScopeResearch}) {
			w.Fatalf("%+v", done)
		}
		w.forced(w.lucia, policies.ScopeRegistry, policies.ScopeRecontact)
		again, err := w.Withdraw(ctx, w.maria, w.lucia, policies.ScopeResearch)
		if err != nil || again.Seq != 0 {
			w.Fatal(again, err)
		}
		done, err = w.Withdraw(ctx, w.pablo, w.lucia)
		w.must(err)
		if len(done.Scopes) != 2 {
			w.Fatalf("%+v", done)
		}
		w.forced(w.lucia)
		if s := w.standing(w.maria, w.lucia); s.Of(policies.ScopeRegistry).Status != StatusWithdrawn || s.Of(policies.ScopeRegistry).Account != w.pablo.Account || len(s.Withdrawable) != 0 {
			w.Fatalf("%+v", s)
		}
		events, err := w.History(ctx, w.maria, policies.PurposeOwn, w.lucia)
		w.must(err)
		if len(events) != 3 || events[0].Signature != "" || events[2].Signature != signed.ID || events[2].Language != "es" || len(events[2].Entries) != 4 {
			w.Fatalf("%+v", events)
		}
	})
}

func TestProofShowsTheExactBytes(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.must(w.Install(ctx))
		signed := w.sign(w.maria, w.lucia, yes(policies.ScopeRegistry)...)
		for _, c := range []struct {
			actor   policies.Actor
			purpose policies.Purpose
		}{{w.maria, policies.PurposeOwn}, {w.pablo, policies.PurposeOwn}, {w.ingrid, policies.PurposeOversight}} {
			proof, err := w.Proof(ctx, c.actor, c.purpose, signed.ID)
			w.must(err)
			want := edition(w.T)["es"]
			if !bytes.Equal(proof.Text, []byte(want.Text)) || Hash(proof.Text) != proof.Hash || proof.Name != "María López" || proof.Language != "es" ||
				proof.Version != 1 || proof.Account != w.maria.Account || proof.Relation != "parent" || proof.Method != MethodPassword || proof.At != noon || len(proof.Entries) != 1 {
				w.Fatalf("%+v", proof.Signature)
			}
		}
		stranger := w.person("stranger", policies.RoleParticipant)
		_, err := w.Proof(ctx, stranger, policies.PurposeOwn, signed.ID)
		w.is(err, db.ErrNotFound)
		_, err = w.Proof(ctx, stranger, policies.PurposeOversight, signed.ID)
		w.is(err, policies.ErrDenied)
		_, err = w.Proof(ctx, w.maria, policies.PurposeOwn, ident.New[ident.SignatureID]())
		w.is(err, db.ErrNotFound)

		// Somebody with a hand in the database changes the text.
		w.must(w.d.Do(ctx, func(tx *db.Tx) error {
			return db.Public[documentRow](tx).Where("language = 'es'").Update("body", []byte("You agree to everything.")).Error
		}))
		_, err = w.Proof(ctx, w.maria, policies.PurposeOwn, signed.ID)
		w.is(err, errProof)
		_, err = w.Current(ctx, MainDocument, "es")
		w.is(err, errProof)
	})
}

func TestWhatCannotBeSigned(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		good := w.signing(w.lucia, yes(policies.ScopeRegistry))
		stranger := w.person("stranger", policies.RoleParticipant)
		for _, c := range []struct {
			name  string
			actor policies.Actor
			spoil func(*Signing)
			want  error
		}{
			{"another text", w.maria, func(n *Signing) { n.Hash = Hash([]byte("x")) }, ErrSuperseded},
			{"the hash of another language", w.maria, func(n *Signing) { n.Language = "en" }, ErrSuperseded},
			{"a language nobody speaks here", w.maria, func(n *Signing) { n.Language = "xx" }, ErrSuperseded},
			{"a version to come", w.maria, func(n *Signing) { n.Version = 2 }, ErrSuperseded},
			{"another document", w.maria, func(n *Signing) { n.Document = "biobank" }, ErrNoDocument},
			{"no name", w.maria, func(n *Signing) { n.Name = " -- " }, errName},
			{"a long name", w.maria, func(n *Signing) { n.Name = strings.Repeat("a", 201) }, errNameLong},
			{"no choice", w.maria, func(n *Signing) { n.Choices = nil }, errChoiceNone},
			{"a scope that is not asked", w.maria, func(n *Signing) { n.Choices = yes(policies.ScopeMatching) }, errChoice},
			{"a scope twice", w.maria, func(n *Signing) {
				n.Choices = append(yes(policies.ScopeRegistry), no(policies.ScopeRegistry)...)
			}, errChoice},
			{"a wrong password", w.maria, func(n *Signing) { n.Password = "a wrong password indeed" }, account.ErrPassword},
			{"somebody else's child", stranger, func(*Signing) {}, db.ErrNotFound},
			{"the committee", w.ingrid, func(*Signing) {}, policies.ErrDenied},
			{"nobody", policies.Actor{}, func(*Signing) {}, policies.ErrDenied},
		} {
			n := good
			c.spoil(&n)
			if _, err := w.Sign(ctx, c.actor, n); !errors.Is(err, c.want) {
				w.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		_, err := w.Withdraw(ctx, stranger, w.lucia)
		w.is(err, db.ErrNotFound)
		_, err = w.Withdraw(ctx, w.ingrid, w.lucia)
		w.is(err, policies.ErrDenied)
		_, err = w.Withdraw(ctx, w.maria, w.lucia, "everything")
		w.is(err, errScope)
		_, err = w.Standing(ctx, stranger, w.lucia)
		w.is(err, db.ErrNotFound)
		_, err = w.History(ctx, stranger, policies.PurposeOwn, w.lucia)
		w.is(err, db.ErrNotFound)
		w.forced(w.lucia)
		w.must(w.d.Snapshot(ctx, func(tx *db.Tx) error {
			n, err := Snapshot(tx)
			if n != 0 {
				w.Errorf("the ledger moved to %d", n)
			}
			return err
		}))
	})
}

func TestANewVersionWithANewScope(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		old := w.signing(w.lucia, yes(policies.ScopeRegistry, policies.ScopeResearch))
		w.sign(w.maria, w.lucia, old.Choices...)
		if w.standing(w.maria, w.lucia).Pending {
			w.Fatal("all is signed, and something is pending")
		}
		w.publish(2, policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeMatching)

		s := w.standing(w.maria, w.lucia)
		if !s.Pending || !s.Of(policies.ScopeResearch).Outdated || s.Of(policies.ScopeMatching).Status != StatusUnasked {
			w.Fatalf("%+v", s)
		}
		w.forced(w.lucia, policies.ScopeRegistry, policies.ScopeResearch) // for studies that accept version 1
		_, err := w.Sign(ctx, w.maria, old)
		w.is(err, ErrSuperseded)

		w.sign(w.maria, w.lucia, no(policies.ScopeMatching)...) // declining the new one touches no other
		w.forced(w.lucia, policies.ScopeRegistry, policies.ScopeResearch)
		if s := w.standing(w.maria, w.lucia); s.Of(policies.ScopeMatching).Status != StatusDeclined || !s.Of(policies.ScopeResearch).Outdated || !s.Pending {
			w.Fatalf("%+v", s)
		}
		w.sign(w.maria, w.lucia, append(yes(policies.ScopeRegistry), no(policies.ScopeResearch)...)...)
		w.forced(w.lucia, policies.ScopeRegistry)
		if s := w.standing(w.maria, w.lucia); s.Pending || s.Of(policies.ScopeRegistry).Version != 2 || s.Of(policies.ScopeResearch).Status != StatusWithdrawn {
			w.Fatalf("%+v", s)
		}
		w.publish(3, policies.ScopeRegistry, policies.ScopeResearch)
		done, err := w.Withdraw(ctx, w.maria, w.lucia) // works while version 3 waits
		w.must(err)
		if len(done.Scopes) != 1 {
			w.Fatalf("%+v", done)
		}
		w.forced(w.lucia)
	})
}

func TestAWithdrawalEndsEverySignature(t *testing.T) {
	each(t, func(w *world) {
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		w.sign(w.maria, w.lucia, yes(policies.ScopeResearch)...)
		w.sign(w.pablo, w.lucia, yes(policies.ScopeResearch)...)
		w.publish(2, policies.ScopeRegistry, policies.ScopeResearch)
		w.sign(w.maria, w.lucia, yes(policies.ScopeResearch)...)
		_, err := w.Withdraw(w.Context(), w.pablo, w.lucia, policies.ScopeResearch)
		w.must(err)
		w.forced(w.lucia)
		w.sign(w.maria, w.lucia, yes(policies.ScopeResearch)...) // only a signing comes back
		w.forced(w.lucia, policies.ScopeResearch)
	})
}

func TestWithdrawalWinsWhateverTheClockSays(t *testing.T) {
	each(t, func(w *world) {
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		w.sign(w.maria, w.lucia, yes(policies.ScopeResearch)...)
		w.clock.Add(-24 * time.Hour)
		_, err := w.Withdraw(w.Context(), w.maria, w.lucia)
		w.must(err)
		w.forced(w.lucia)
		if s := w.standing(w.maria, w.lucia).Of(policies.ScopeResearch); s.Status != StatusWithdrawn {
			w.Fatalf("%+v", s)
		}
		w.clock.Add(48 * time.Hour)
		w.forced(w.lucia)
	})
}

func TestConsentLapsesAtMajority(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		majority := noon.Add(48 * time.Hour)
		teen := w.child(majority, w.maria)
		grown := w.person("teen", policies.RoleParticipant)
		w.represent(teen, grown, "self", majority, time.Time{})
		w.sign(w.maria, teen, yes(policies.ScopeRegistry, policies.ScopeResearch)...)
		if s := w.standing(w.maria, teen).Of(policies.ScopeResearch); s.LapsesAt != majority {
			w.Fatalf("%+v", s)
		}
		w.clock.Set(majority.Add(-time.Microsecond))
		w.forced(teen, policies.ScopeRegistry, policies.ScopeResearch)
		_, err := w.Sign(ctx, grown, w.signing(teen, yes(policies.ScopeResearch)))
		w.is(err, db.ErrNotFound)

		w.clock.Set(majority)
		w.forced(teen)
		_, err = w.Sign(ctx, w.maria, w.signing(teen, yes(policies.ScopeResearch)))
		w.is(err, db.ErrNotFound)
		_, err = w.Withdraw(ctx, w.maria, teen)
		w.is(err, db.ErrNotFound)
		s := w.standing(grown, teen)
		if s.Of(policies.ScopeResearch).Status != StatusLapsed || s.Of(policies.ScopeResearch).Since != majority || !s.Pending {
			w.Fatalf("%+v", s)
		}
		w.sign(grown, teen, yes(policies.ScopeResearch)...)
		w.forced(teen, policies.ScopeResearch)
		if s := w.standing(grown, teen).Of(policies.ScopeResearch); s.Relation != Self || !s.LapsesAt.IsZero() {
			w.Fatalf("%+v", s)
		}
	})
}

// A birth date was wrong: the registry corrects it, and what the mother gave lapses on the right day.
func TestACorrectedBirthDateMovesTheLapse(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		majority := noon.Add(48 * time.Hour)
		teen := w.child(majority, w.maria, w.pablo)
		w.sign(w.maria, teen, yes(policies.ScopeRegistry, policies.ScopeResearch)...)
		w.sign(w.pablo, teen, yes(policies.ScopeResearch)...)
		carer := w.person("carer", policies.RoleCaregiver)
		w.represent(teen, carer, "carer", noon, time.Time{})
		reckon := func(at time.Time) {
			w.Helper()
			g, err := policies.Ask[policies.Write](ctx, w.authority, policies.Request{Actor: w.maria, Purpose: policies.PurposeOwn, Object: policies.ObjectParticipant, Subject: teen})
			w.must(err)
			w.must(w.d.Do(ctx, func(tx *db.Tx) error { return w.Reckon(tx, g, w.maria, teen, at) }))
		}
		reckon(majority) // as it was: nothing is written
		reckon(noon.Add(time.Hour))
		if s := w.standing(w.maria, teen).Of(policies.ScopeResearch); s.Status != StatusGiven || s.LapsesAt != noon.Add(time.Hour) {
			w.Fatalf("%+v", s)
		}
		w.clock.Add(time.Hour)
		w.forced(teen)
		reckon(noon.Add(24 * time.Hour))
		w.forced(teen, policies.ScopeRegistry, policies.ScopeResearch)
		w.sign(carer, teen, yes(policies.ScopeRegistry)...)
		w.clock.Add(24 * time.Hour)
		w.forced(teen, policies.ScopeRegistry)
		events, err := w.History(ctx, w.maria, policies.PurposeOwn, teen)
		w.must(err)
		if len(events) != 5 || events[1].Entries[0].Decision != Reckoned || events[0].Seq != 5 {
			w.Fatalf("%+v", events)
		}
	})
}

// Many people sign and withdraw at once: the numbers have no gap and no duplicate, and the facts agree.
func TestTheSequenceHasNoGap(t *testing.T) {
	each(t, func(w *world) {
		w.publish(1, policies.ScopeRegistry, policies.ScopeResearch)
		var wg sync.WaitGroup
		for range 4 {
			child := w.child(time.Time{}, w.maria, w.pablo)
			n := w.signing(child, yes(policies.ScopeRegistry, policies.ScopeResearch))
			for _, a := range []policies.Actor{w.maria, w.pablo} {
				wg.Go(func() {
					for range 3 {
						if _, err := w.Sign(w.Context(), a, n); err != nil {
							w.Error(err)
						}
						if _, err := w.Withdraw(w.Context(), a, child, policies.ScopeResearch); err != nil {
							w.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		g, err := policies.Ask[policies.Audit](w.Context(), w.authority, policies.Request{Actor: w.ingrid, Purpose: policies.PurposeOversight, Object: policies.ObjectConsent})
		w.must(err)
		w.must(w.d.Snapshot(w.Context(), func(tx *db.Tx) error {
			var rows []decisionRow
			if err := db.Inspect[decisionRow](tx, g).Find(&rows).Error; err != nil {
				return err
			}
			seen := map[int64]bool{}
			for _, r := range rows {
				seen[r.Seq] = true
			}
			last, err := Snapshot(tx)
			for i := int64(1); i <= last; i++ {
				if !seen[i] {
					w.Errorf("no event has the number %d of %d", i, last)
				}
			}
			if int64(len(seen)) != last || last < 24 {
				w.Errorf("%d numbers, the last is %d", len(seen), last)
			}
			return err
		}))
	})
}

func TestAPopulationIsRecorded(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		w.must(w.Install(ctx))
		doc, err := w.Current(ctx, MainDocument, "en")
		w.must(err)
		var acts []Recorded
		var kids []ident.ParticipantID
		for i := range 40 {
			kid := w.child(time.Time{}, w.maria)
			kids = append(kids, kid)
			acts = append(acts, Recorded{Participant: kid, Account: w.maria.Account, Relation: "parent", At: noon.Add(-time.Hour), Document: doc, Name: "Maria", Choices: yes(policies.ScopeRegistry, policies.ScopeResearch)})
			if i%4 == 0 {
				acts = append(acts, Recorded{Participant: kid, Account: w.maria.Account, Relation: "parent", At: noon, Choices: no(policies.ScopeResearch)})
			}
		}
		g, err := policies.Ask[policies.Write](ctx, w.authority, policies.Request{Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: policies.ObjectConsent})
		w.must(err)
		w.must(w.d.Do(ctx, func(tx *db.Tx) error { return w.Record(tx, g, acts) }))
		own, err := ask[policies.Write](ctx, w.Service, w.maria, policies.PurposeOwn, kids[0])
		w.must(err)
		w.is(w.d.Do(ctx, func(tx *db.Tx) error { return w.Record(tx, own, acts[:1]) }), policies.ErrDenied)
		w.forced(kids[0], policies.ScopeRegistry)
		w.forced(kids[1], policies.ScopeRegistry, policies.ScopeResearch)
		if s := w.standing(w.maria, kids[0]).Of(policies.ScopeResearch); s.Status != StatusWithdrawn {
			w.Fatalf("%+v", s)
		}
		if next := w.sign(w.maria, kids[0], yes(policies.ScopeResearch)...); next.Seq != int64(len(acts))+1 {
			w.Fatalf("the next number is %d after %d acts", next.Seq, len(acts))
		}
	})
}
