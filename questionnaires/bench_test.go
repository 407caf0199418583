package questionnaires

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/policies"
)

// benchWorld is an enrolled person with a draft for each of n clients.
func benchWorld(b *testing.B, d *db.DB, n int) (*Service, policies.Actor, []ident.ResponseID) {
	b.Helper()
	ctx := context.Background()
	s := New(Config{DB: d, Vault: dbtest.Vault(b), Authority: dbtest.Authority(b)})
	editor, maria := person(policies.RoleEditor), person(policies.RoleParticipant)
	v, _, err := s.Publish(ctx, editor, everything, Identity{})
	if err != nil {
		b.Fatal(err)
	}
	ask := func(o policies.Object) policies.Grant[policies.Write] {
		g, err := policies.Ask[policies.Write](ctx, s.authority, policies.Request{Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: o})
		if err != nil {
			b.Fatal(err)
		}
		return g
	}
	var drafts []ident.ResponseID
	for range n {
		p := ident.New[ident.ParticipantID]()
		err := d.Do(ctx, func(tx *db.Tx) error {
			rep := seedRep{ID: string(p), ParticipantID: p, AccountID: maria.Account, Relation: "parent", StartsAt: tx.Now(), CreatedAt: tx.Now()}
			if err := db.Change[seedRep](tx, ask(policies.ObjectRepresentation)).Create(&rep).Error; err != nil {
				return err
			}
			fact := seedFact{ID: string(p), ParticipantID: p, Scope: policies.ScopeQuestionnaires, Document: "kindred", Version: 1, SignatureID: "s", FromSeq: 1, FromAt: tx.Now()}
			return db.Change[seedFact](tx, ask(policies.ObjectConsent)).Create(&fact).Error
		})
		if err != nil {
			b.Fatal(err)
		}
		r, err := s.Start(ctx, maria, p, v.Questionnaire, "en")
		if err != nil {
			b.Fatal(err)
		}
		drafts = append(drafts, r.ID)
	}
	return s, maria, drafts
}

// BenchmarkAutosave is one answer from the service's door to the commit, at 1 and 8 clients.
func BenchmarkAutosave(b *testing.B) {
	engines := map[string]func() *db.DB{
		"sqlite":   func() *db.DB { return dbtest.SQLite(b, dbtest.Options{}) },
		"postgres": func() *db.DB { return dbtest.Postgres(b, dbtest.Options{}) },
	}
	for engine, open := range engines {
		for _, clients := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/%d", engine, clients), func(b *testing.B) {
				s, maria, drafts := benchWorld(b, open(), clients)
				ctx := context.Background()
				var wg sync.WaitGroup
				b.ResetTimer()
				for c := range clients {
					wg.Go(func() {
						for i := c; i < b.N; i += clients {
							if _, err := s.Answer(ctx, maria, drafts[c], change("int", fmt.Sprint(i%100)), Meta{}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
			})
		}
	}
}
