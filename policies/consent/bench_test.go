package consent

import (
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/policies"
)

// BenchmarkRecord writes the consents of a synthetic population of 1,000, in one transaction.
func BenchmarkRecord(b *testing.B) {
	for name, open := range map[string]func(testing.TB, dbtest.Options) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b, dbtest.Options{})
			authority := dbtest.Authority(b)
			s := New(Config{DB: d, Vault: dbtest.Vault(b), Authority: authority})
			if err := s.Install(b.Context()); err != nil {
				b.Fatal(err)
			}
			doc, err := s.Current(b.Context(), MainDocument, "en")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				acts := make([]Recorded, 1000)
				for i := range acts {
					acts[i] = Recorded{Participant: ident.New[ident.ParticipantID](), Account: ident.New[ident.AccountID](), Relation: Self, At: noon.Add(time.Minute), Document: doc, Name: "Maria", Choices: yes(policies.Scopes...)}
				}
				g, err := policies.Ask[policies.Write](b.Context(), authority, policies.Request{Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: policies.ObjectConsent})
				if err != nil {
					b.Fatal(err)
				}
				if err := d.Do(b.Context(), func(tx *db.Tx) error { return s.Record(tx, g, acts) }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "people/s")
		})
	}
}
