package audit_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"kindred/internal/audit"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/policies"
)

// size is how many entries the benchmarks of reading look at: KINDRED_BENCH_ENTRIES, or 100,000.
func size() int {
	if n, err := strconv.Atoi(os.Getenv("KINDRED_BENCH_ENTRIES")); err == nil {
		return n
	}
	return 100_000
}

func eachEngine(b *testing.B, f func(b *testing.B, w *world)) {
	b.Run("sqlite", func(b *testing.B) { f(b, newWorld(b, dbtest.SQLite(b, dbtest.Options{}))) })
	b.Run("postgres", func(b *testing.B) { f(b, newWorld(b, dbtest.Postgres(b, dbtest.Options{}))) })
}

// fill writes n entries the short way: mostly participants at their own data, a few denied, a few of the committee, and
// one in a hundred about Lucía.
func (w *world) fill(n int) {
	w.Helper()
	series := "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < " + strconv.Itoa(n) + ") "
	at, id := "strftime('%Y-%m-%d %H:%M:%S', 1700000000 + i, 'unixepoch') || '+00:00'", "printf('01990000-0000-7000-8000-%012d', i)"
	if w.d.Engine() == db.Postgres {
		series = "WITH s AS (SELECT generate_series(1, " + strconv.Itoa(n) + ") AS i) "
		at, id = "to_timestamp(1700000000 + i)", "'01990000-0000-7000-8000-' || lpad(i::text, 12, '0')"
	}
	w.attack(series + "INSERT INTO audit_entries (id, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, detail) SELECT " +
		id + ", " + at + ", CASE WHEN i % 9999 = 0 THEN 'release.made' ELSE 'response.write' END, CASE WHEN i % 777 = 0 THEN '" + string(w.okoye.Account) + "' ELSE 'other' END, " +
		"CASE WHEN i % 5000 = 0 THEN 'ethics' ELSE 'participant' END, CASE WHEN i % 5000 = 0 THEN 'oversight' ELSE 'own' END, 'write', 'response', 'rule', " +
		"CASE WHEN i % 9999 = 0 THEN 'study' ELSE NULL END, CASE WHEN i % 100 = 0 THEN '" + dbtest.Vault(w).SubjectAlias(w.lucia) + "' ELSE 'x' END, 1, " +
		"CASE WHEN i % 3333 = 0 THEN 'denied' ELSE 'ok' END, '{}' FROM s")
	w.attack("ANALYZE")
}

func BenchmarkList(b *testing.B) {
	eachEngine(b, func(b *testing.B, w *world) {
		w.fill(size())
		old := time.Unix(1_700_000_000+int64(size())/2, 0)
		for name, f := range map[string]audit.Filter{
			"all": {}, "event": {Event: "release.made"}, "denied": {Outcome: audit.OutcomeDenied}, "role": {Role: policies.RoleEthics},
			"purpose": {Purpose: policies.PurposeOversight}, "account": {Account: w.okoye.Account}, "study": {Study: "study"}, "half way back": {To: old},
			"event and outcome": {Event: "response.write", Outcome: audit.OutcomeDenied},
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					p, err := w.s.List(b.Context(), w.ingrid, f)
					if err != nil || len(p.Entries) == 0 {
						b.Fatal(len(p.Entries), err)
					}
				}
			})
		}
		b.Run("own", func(b *testing.B) {
			for b.Loop() {
				p, err := w.s.Own(b.Context(), w.maria, w.lucia, "", 50)
				if err != nil || len(p.Entries) == 0 {
					b.Fatal(len(p.Entries), err)
				}
			}
		})
	})
}

// BenchmarkWeave weaves one batch of 500 entries an operation.
func BenchmarkWeave(b *testing.B) {
	eachEngine(b, func(b *testing.B, w *world) {
		w.fill(500 * 200)
		b.ResetTimer()
		start, woven := time.Now(), 0
		for b.Loop() {
			n, err := w.s.Weave(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			woven += n
			if n < 500 {
				b.StopTimer()
				w.act(500, "study.proposed", "")
				b.StartTimer()
			}
		}
		b.ReportMetric(float64(woven)/time.Since(start).Seconds(), "entries/s")
	})
}

// BenchmarkVerify derives the whole log again each operation.
func BenchmarkVerify(b *testing.B) {
	eachEngine(b, func(b *testing.B, w *world) {
		for range 40 {
			w.act(500, "study.proposed", "")
		}
		if err := w.s.WeaveAll(b.Context()); err != nil {
			b.Fatal(err)
		}
		n := int64(0)
		start := time.Now()
		for b.Loop() {
			r, err := w.s.Verify(b.Context())
			if err != nil || !r.OK() {
				b.Fatal(fmt.Sprint(r), err)
			}
			n += r.Size
		}
		b.ReportMetric(float64(n)/time.Since(start).Seconds(), "entries/s")
	})
}
