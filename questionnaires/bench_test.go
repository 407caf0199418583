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
	"kindred/questionnaires/sdc"
)

// benchWorld is an enrolled person with a draft for each of n clients.
func benchWorld(b *testing.B, d *db.DB, n int) (*Service, policies.Actor, []ident.ResponseID) {
	b.Helper()
	ctx := context.Background()
	s := New(Config{DB: d, Vault: dbtest.Vault(b), Authority: dbtest.Authority(b)})
	editor, maria := person(policies.RoleEditor), person(policies.RoleParticipant)
	v, _, err := s.Publish(ctx, editor, everything, sdc.Identity{})
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
	for engine, open := range engines { // in any order: each has a database of its own
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

// raw inserts two rows in a transaction of its own, which is the least that any submit could do on this engine.
func raw(b *testing.B, d *db.DB, statement string, body []byte, key string) {
	err := d.Do(context.Background(), func(tx *db.Tx) error {
		for _, k := range []string{key, key + "'"} {
			if _, err := tx.Queue().Exec(statement, k, body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkSubmit is a whole response of ten answers through the service, at 1, 8 and 32 clients, and its ratio to a raw
// insert of two rows of the same size on the same engine in the same run.
func BenchmarkSubmit(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, clients := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/%d", engine, clients), func(b *testing.B) {
				open, statement, blob := dbtest.SQLite, "INSERT INTO scratch VALUES (?, ?)", "blob"
				if engine == "postgres" {
					open, statement, blob = dbtest.Postgres, "INSERT INTO scratch VALUES ($1, $2)", "bytea"
				}
				d := open(b, dbtest.Options{})
				s, maria, drafts := benchWorld(b, d, clients)
				ctx := context.Background()
				first, err := s.Response(ctx, maria, drafts[0])
				if err != nil {
					b.Fatal(err)
				}
				for path, text := range map[string]string{"bool": "true", "int": "3", "dec": "1.50", "date": "2021-03", "time": "10:42", "url": "https://example.org", "str": "abc", "q": "1.80", "must": "word", "text": "Better than last month"} {
					put(first.Form, first.State, "bool", "true")
					put(first.Form, first.State, path, text)
				}
				body := first.Form.Encode(first.State, sdc.Header{Status: sdc.Completed, Language: "en"})
				people := make([]ident.ParticipantID, clients)
				for c, id := range drafts {
					r, err := s.Response(ctx, maria, id)
					if err != nil {
						b.Fatal(err)
					}
					people[c] = r.Participant
				}
				err = d.Do(ctx, func(tx *db.Tx) error {
					_, err := tx.Queue().Exec("CREATE TABLE scratch (k text PRIMARY KEY, body " + blob + ")")
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				submit := together(b, clients, func(c, i int) {
					if _, err := s.Create(ctx, maria, people[c], body, Meta{}); err != nil {
						b.Error(err)
					}
				})
				least := together(b, clients, func(c, i int) { raw(b, d, statement, body, fmt.Sprintf("%d-%d-%d", b.N, c, i)) })
				b.ReportMetric(submit, "submits/s")
				b.ReportMetric(submit/least, "of-raw")
			})
		}
	}
}

// together runs b.N acts on some clients at once and gives acts per second.
func together(b *testing.B, clients int, act func(client, i int)) float64 {
	var wg sync.WaitGroup
	before := b.Elapsed()
	for c := range clients {
		wg.Go(func() {
			for i := c; i < b.N; i += clients {
				act(c, i)
			}
		})
	}
	wg.Wait()
	return float64(b.N) / (b.Elapsed() - before).Seconds()
}
