package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/audit"
	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/policies"
)

type representation struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	AccountID     string
	Relation      string
	StartsAt      time.Time
	CreatedAt     time.Time
}

func (representation) TableName() string     { return "representations" }
func (representation) SubjectColumn() string { return "participant_id" }

// world is a registry with Maria, who cares for Lucía, Pavel, who cares for Ivan, and Ingrid of the ethics committee.
type world struct {
	testing.TB
	d             *db.DB
	a             *policies.Authority
	s             *audit.Service
	maria, pavel  policies.Actor
	ingrid, okoye policies.Actor
	lucia, ivan   ident.ParticipantID
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	actor := func(r policies.Role) policies.Actor {
		return policies.Actor{Account: ident.New[ident.AccountID](), Roles: []policies.Role{r}, Request: ident.New[ident.RequestID]()}
	}
	w := &world{
		TB: t, d: d, a: dbtest.AuthorityAt(t, clock.Func(d.Now)),
		maria: actor(policies.RoleCaregiver), pavel: actor(policies.RoleParticipant), ingrid: actor(policies.RoleEthics), okoye: actor(policies.RoleResearcher),
		lucia: ident.New[ident.ParticipantID](), ivan: ident.New[ident.ParticipantID](),
	}
	w.s = audit.New(d, w.a, dbtest.Vault(t))
	w.found(w.maria, w.lucia)
	w.found(w.pavel, w.ivan)
	return w
}

func (w *world) found(a policies.Actor, people ...ident.ParticipantID) {
	w.Helper()
	for _, p := range people {
		g, err := policies.Ask[policies.Write](w.Context(), w.a, policies.Request{Actor: a, Purpose: policies.PurposeOwn, Object: policies.ObjectRepresentation, Founding: p})
		w.must(err)
		w.must(w.d.Do(w.Context(), func(tx *db.Tx) error {
			r := representation{string(ident.New[ident.SignatureID]()), string(p), string(a.Account), "parent", tx.Now(), tx.Now()}
			return db.Change[representation](tx, g).Create(&r).Error
		}))
	}
}

// look reads all that an actor may: one entry about several people.
func (w *world) look(a policies.Actor) {
	w.Helper()
	g, err := policies.Ask[policies.Read](w.Context(), w.a, policies.Request{Actor: a, Purpose: policies.PurposeOwn, Object: policies.ObjectRepresentation})
	w.must(err)
	w.must(w.d.Do(w.Context(), func(tx *db.Tx) error {
		var rows []representation
		return db.Read[representation](tx, g).Find(&rows).Error
	}))
}

// act logs n acts without a Grant.
func (w *world) act(n int, event, outcome string) {
	w.Helper()
	w.must(w.d.Do(w.Context(), func(tx *db.Tx) error {
		for i := range n {
			tx.Log(db.Entry{Event: event, Actor: w.okoye, Role: policies.RoleResearcher, Purpose: policies.PurposeResearch, Act: policies.ActPropose,
				Object: policies.ObjectStudy, Outcome: outcome, Detail: map[string]string{"n": fmt.Sprint(i)}})
		}
		return nil
	}))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// attack runs SQL as somebody who owns the database would: past every guard, with the triggers gone.
func (w *world) attack(statements ...string) {
	w.Helper()
	drop := []string{"entries_fixed", "entries_numbered", "entries_kept", "subjects_fixed", "subjects_kept"}
	for i, name := range drop {
		drop[i] = "DROP TRIGGER IF EXISTS audit_" + name
		if w.d.Engine() == db.Postgres {
			drop[i] += " ON audit_" + name[:8]
			if name[:7] == "entries" {
				drop[i] = "DROP TRIGGER IF EXISTS audit_" + name + " ON audit_entries"
			}
		}
	}
	for _, q := range append(drop, statements...) {
		if _, err := w.d.Queue().ExecContext(w.Context(), q); err != nil {
			w.Fatalf("%s: %v", q, err)
		}
	}
}

func (w *world) verify(outside ...[]byte) audit.Report {
	w.Helper()
	r, err := w.s.Verify(w.Context(), outside...)
	w.must(err)
	return r
}

func TestWeaveAndVerify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if r := w.verify(); !r.OK() || r.Size != 0 || r.Waiting != 2 {
			t.Fatalf("before weaving: %+v", r)
		}
		empty, err := w.s.Checkpoint(t.Context())
		w.must(err)
		w.found(w.maria, ident.New[ident.ParticipantID](), ident.New[ident.ParticipantID]())
		w.look(w.maria)
		w.act(600, "study.proposed", "")
		w.must(w.s.WeaveAll(t.Context()))
		first, err := w.s.Checkpoint(t.Context())
		w.must(err)
		if first.Size != 605 {
			t.Fatalf("a tree of %d entries, not 605", first.Size)
		}
		w.act(1100, "study.proposed", "")
		second, err := w.s.Checkpoint(t.Context())
		w.must(err)
		r := w.verify([]byte(empty.Note), []byte(first.Note), []byte(second.Note))
		if !r.OK() || r.Size != 1705 || r.Waiting != 0 || r.Checkpoints != 6 || r.Root != second.Root.String() {
			t.Fatalf("%+v", r)
		}
	})
}

// TestEveryTamperingIsFound changes the log in each way that the owner of the database could.
func TestEveryTamperingIsFound(t *testing.T) {
	const middle = "(SELECT id FROM audit_entries WHERE seq = 300)"
	attacks := map[string][]string{
		"edited event":       {"UPDATE audit_entries SET event = 'study.approved' WHERE seq = 300"},
		"edited account":     {"UPDATE audit_entries SET account_id = NULL WHERE seq = 300"},
		"empty for null":     {"UPDATE audit_entries SET study_id = '' WHERE seq = 300"},
		"edited count":       {"UPDATE audit_entries SET subjects = 9 WHERE seq = 300"},
		"edited detail":      {"UPDATE audit_entries SET detail = '{}' WHERE seq = 300"},
		"edited time":        {"UPDATE audit_entries SET at = (SELECT at FROM audit_entries WHERE seq = 1) WHERE seq = 300"},
		"edited outcome":     {"UPDATE audit_entries SET outcome = 'denied' WHERE seq = 300"},
		"edited rule":        {"UPDATE audit_entries SET rule = 'p' WHERE seq = 300"},
		"subject moved":      {"UPDATE audit_entries SET subject = 'somebody' WHERE seq = 1"},
		"subject added":      {"INSERT INTO audit_subjects (entry_id, alias) VALUES (" + middle + ", 'somebody')"},
		"subject removed":    {"DELETE FROM audit_subjects"},
		"subject of nothing": {"INSERT INTO audit_subjects (entry_id, alias) VALUES ('nothing', 'somebody')"},
		"deleted":            {"DELETE FROM audit_entries WHERE seq = 300"},
		"deleted and closed": {
			"DELETE FROM audit_entries WHERE seq = 300", "UPDATE audit_entries SET seq = -seq WHERE seq > 300",
			"UPDATE audit_entries SET seq = -seq - 1 WHERE seq < 0",
		},
		"last deleted": {"DELETE FROM audit_entries WHERE seq = (SELECT MAX(seq) FROM audit_entries)"},
		"exchanged": {
			"UPDATE audit_entries SET seq = -1 WHERE seq = 300", "UPDATE audit_entries SET seq = 300 WHERE seq = 301",
			"UPDATE audit_entries SET seq = 301 WHERE seq = -1",
		},
		"inserted between": {
			"UPDATE audit_entries SET seq = -seq WHERE seq > 300", "UPDATE audit_entries SET seq = -seq + 1 WHERE seq < 0",
			"INSERT INTO audit_entries SELECT 'forged', 301, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id, detail, mark FROM audit_entries WHERE seq = 300",
		},
		"appended with a number": {
			"INSERT INTO audit_entries SELECT 'forged', 606, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id, detail, mark FROM audit_entries WHERE seq = 300",
		},
		"numbered nought":      {"INSERT INTO audit_entries SELECT 'forged', 0, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id, detail, mark FROM audit_entries WHERE seq = 300"},
		"number taken away":    {"UPDATE audit_entries SET seq = NULL WHERE seq = 605"},
		"head turned back":     {"UPDATE audit_woven SET size = 604"},
		"tile changed":         {"UPDATE audit_tiles SET hashes = (SELECT hashes FROM audit_tiles WHERE level = 0 AND number = 1) WHERE level = 0 AND number = 0"},
		"tile removed":         {"DELETE FROM audit_tiles WHERE level = 1"},
		"checkpoint edited":    {"UPDATE audit_checkpoints SET size = 604"},
		"appended to be woven": {"INSERT INTO audit_entries SELECT 'forged', NULL, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id, detail, mark FROM audit_entries WHERE seq = 300"},
		"emptied":              {"DELETE FROM audit_entries", "DELETE FROM audit_subjects"},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.found(w.maria, ident.New[ident.ParticipantID](), ident.New[ident.ParticipantID]())
		w.look(w.maria)
		w.act(600, "study.proposed", "")
		_, err := w.s.Checkpoint(t.Context())
		w.must(err)
		if r := w.verify(); !r.OK() || r.Size != 605 {
			t.Fatalf("before: %+v", r)
		}
		tables := []string{"audit_entries", "audit_subjects", "audit_woven", "audit_tiles", "audit_checkpoints"}
		for _, table := range tables {
			w.attack("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
		}
		for name, statements := range attacks {
			w.attack(statements...)
			if r := w.verify(); r.OK() {
				t.Errorf("%s: not found", name)
			} else if name == "edited event" && (r.Problems[0].Code != "forged" || r.Problems[0].Seq != 300) {
				t.Errorf("%s: found as %+v", name, r.Problems[0])
			}
			for _, table := range tables {
				w.attack("DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
			}
			if r := w.verify(); !r.OK() {
				t.Fatalf("%s: not put back: %+v", name, r)
			}
		}
	})
}

// TestAnotherHistoryIsFoundFromOutside: whoever owns the database can leave out entries and let the sequencer weave the
// rest again, into a log that agrees with itself. A checkpoint that was given away tells.
func TestAnotherHistoryIsFoundFromOutside(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.act(700, "study.proposed", "")
		c, err := w.s.Checkpoint(t.Context())
		w.must(err)
		reset := "UPDATE audit_woven SET size = 0, root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
		again := []string{"UPDATE audit_entries SET seq = NULL", "DELETE FROM audit_tiles", "DELETE FROM audit_checkpoints", reset}
		for name, statements := range map[string][]string{
			"tail cut":     {"DELETE FROM audit_entries WHERE seq > 650"},
			"one left out": {"UPDATE audit_entries SET seq = NULL", "CREATE TABLE swap AS SELECT * FROM audit_entries WHERE seq IS NULL AND subjects = 0 LIMIT 1", "DELETE FROM audit_entries WHERE id IN (SELECT id FROM swap)"},
			"replaced":     {"DELETE FROM audit_entries"},
		} {
			w.attack(append(statements, again...)...)
			w.must(w.s.WeaveAll(t.Context()))
			if r := w.verify(); !r.OK() {
				t.Fatalf("%s: from inside it agrees with itself: %+v", name, r)
			}
			if r := w.verify([]byte(c.Note)); r.OK() {
				t.Errorf("%s: not found against the checkpoint kept outside", name)
			}
		}
	})
}

func TestAForeignCheckpointIsRefused(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, dbtest.Options{}))
	if _, err := w.s.Verify(t.Context(), []byte("kindred\n1\nAAAA\n\n— kindred AAAA\n")); !errors.Is(err, audit.ErrCheckpoint) {
		t.Fatal(err)
	}
}

// TestNothingIsBuiltOnATamperedTree: the sequencer stops, and no checkpoint is signed.
func TestNothingIsBuiltOnATamperedTree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, err := w.s.Checkpoint(t.Context())
		w.must(err)
		w.attack("UPDATE audit_woven SET size = 1", "DELETE FROM audit_tiles")
		w.act(1, "study.proposed", "")
		if _, err := w.s.Weave(t.Context()); !errors.Is(err, audit.ErrInconsistent) {
			t.Fatalf("weaving: %v", err)
		}
		if _, err := w.s.Checkpoint(t.Context()); !errors.Is(err, audit.ErrInconsistent) {
			t.Fatalf("checkpoint: %v", err)
		}
	})
}

func TestTheApplicationCannotChangeTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.must(w.s.WeaveAll(t.Context()))
		for _, q := range []string{
			"UPDATE audit_entries SET event = 'x'", "UPDATE audit_entries SET seq = 7 WHERE seq = 1", "UPDATE audit_entries SET seq = NULL",
			"DELETE FROM audit_entries", "UPDATE audit_entries SET detail = detail",
		} {
			if _, err := d.Queue().ExecContext(t.Context(), q); err == nil {
				t.Errorf("%s was let through", q)
			}
		}
		if r := w.verify(); !r.OK() {
			t.Fatalf("%+v", r)
		}
	})
}

// TestManyWritersManyWeavers: 64 writers and three sequencers at once leave no gap and no duplicate.
func TestManyWritersManyWeavers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx, stop := context.WithCancel(t.Context())
		var weavers, writers sync.WaitGroup
		for range 3 {
			weavers.Go(func() {
				for ctx.Err() == nil {
					if _, err := w.s.Weave(ctx); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		const each = 15
		for range 64 {
			writers.Go(func() {
				for range each {
					err := d.Do(t.Context(), func(tx *db.Tx) error {
						tx.Log(db.Entry{Event: "session.began", Actor: w.pavel})
						return nil
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		writers.Wait()
		stop()
		weavers.Wait()
		w.must(w.s.WeaveAll(t.Context()))
		if r := w.verify(); !r.OK() || r.Size != 64*each+2 || r.Waiting != 0 {
			t.Fatalf("%+v", r)
		}
	})
}

// TestRunWeavesWithinASecond starts the sequencer and waits for it.
func TestRunWeavesWithinASecond(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, dbtest.Options{}))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.s.Run(ctx, slog.New(slog.DiscardHandler)) }()
	deadline := time.After(5 * time.Second)
	for {
		n, err := w.s.Waiting(t.Context())
		w.must(err)
		if n == 0 {
			break
		}
		select {
		case <-deadline:
			t.Fatal("nothing was woven")
		case <-time.After(20 * time.Millisecond):
		}
	}
	w.act(3, "study.proposed", "")
	stop()
	<-done
	if r := w.verify(); !r.OK() || r.Size != 5 || r.Waiting != 0 {
		t.Fatalf("what waited at the end is woven too: %+v", r)
	}
}

// TestHistoriesVerify: any mixture of acts, weavings and checkpoints verifies, and so does every checkpoint afterwards.
func TestHistoriesVerify(t *testing.T) {
	d := dbtest.SQLite(t, dbtest.Options{})
	w := newWorld(t, d)
	var notes [][]byte
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 5).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0:
				w.act(rapid.IntRange(1, 40).Draw(rt, "acts"), rapid.StringMatching(`[a-zé]{1,9}\.[a-z]{1,9}`).Draw(rt, "event"), "")
			case 1:
				w.look(w.maria)
			case 2:
				_, err := w.s.Weave(t.Context())
				w.must(err)
			case 3:
				c, err := w.s.Checkpoint(t.Context())
				w.must(err)
				notes = append(notes, []byte(c.Note))
			}
		}
		if r := w.verify(notes...); !r.OK() {
			rt.Fatalf("%+v", r)
		}
	})
}
