package registry

import (
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/policies"
	"kindred/policies/consent"
)

// A birth date that was mistaken ends the parents' consent at the true majority, not at the mistaken one.
func TestACorrectedBirthDateMovesTheEndOfConsent(t *testing.T) {
	each(t, func(w *world) {
		ledger := consent.New(consent.Config{DB: w.d, Vault: w.vault, Authority: w.authority})
		w.ok(ledger.Install(w.Context()))
		w.ReckonWith(ledger)
		e := lucia()
		e.Diagnoses[0].Onset, e.Diagnoses[0].Diagnosed, e.Elements = Age{}, Age{}, nil
		p := w.enrol(w.maria, e)
		text, err := ledger.Current(w.Context(), consent.MainDocument, "es")
		w.ok(err)
		g, err := policies.Ask[policies.Write](w.Context(), w.authority, policies.Request{
			Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: policies.ObjectConsent,
		})
		w.ok(err)
		w.ok(w.d.Do(w.Context(), func(tx *db.Tx) error {
			return ledger.Record(tx, g, []consent.Recorded{{
				Participant: p, Account: w.maria.Account, Relation: "parent", LapsesAt: Majority(e.Birth, "ES"), At: today, Document: text, Name: "Maria",
				Choices: []consent.Choice{{Scope: "registry", Yes: true}},
			}})
		}))
		lapses := func() time.Time {
			s, err := ledger.Standing(w.Context(), w.maria, p)
			w.ok(err)
			for _, scope := range s.Scopes {
				if scope.Scope == "registry" {
					return scope.LapsesAt
				}
			}
			w.Fatal("no such scope")
			return time.Time{}
		}
		if got := lapses(); got.Year() != 2037 {
			w.Fatal(got)
		}
		w.ok(w.About(w.Context(), w.maria, p, About{DateOf(2012, 2, 11), Female, "ES"}))
		want := Majority(DateOf(2012, 2, 11), "ES")
		if got := lapses(); !got.Equal(want) {
			w.Fatalf("consent lapses at %v, authority ends at %v", got, want)
		}
		if s := w.summary(w.maria, p); !s.Until.Equal(want) {
			w.Fatal(s.Until)
		}
	})
}

// The day of majority, read on the calendar of its country, is the birthday: never the day before, which UTC shows.
func TestMajorityIsTheBirthdayThere(t *testing.T) {
	for _, country := range []string{"ES", "NZ", "US", "BR", "JP", "GB", "ZZ"} {
		zone, known := Zone(country)
		if known == (country == "ZZ") {
			t.Errorf("%s: known %v", country, known)
		}
		for _, birth := range []Date{DateOf(2017, 3, 4), DateOf(2016, 2, 29), DateOf(2017, 10, 29)} {
			at := Majority(birth, country).In(zone)
			want := time.Date(at.Year(), time.Month(birth.month), birth.day, 0, 0, 0, 0, zone)
			if !at.Equal(want) || at.Year() < 2034 {
				t.Errorf("%s, born %v: %v", country, birth, at)
			}
		}
	}
}
