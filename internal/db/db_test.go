package db_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/schemas/migrations"
)

type entry struct {
	ID        string
	At        time.Time
	Event     string
	AccountID *string
	Subject   *string
	Subjects  int
	Rule      string
	Detail    string
}

func (entry) TableName() string { return "audit_entries" }
func (entry) NotPersonal()      {}

func entries(w *world) []entry {
	w.Helper()
	var all []entry
	w.do(func(tx *db.Tx) error { return db.Public[entry](tx).Order("id").Find(&all).Error })
	return all
}

func TestAGrantLeavesOneEntry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		before := len(entries(w))
		g := ask[policies.Read](w, w.own(w.maria))
		w.do(func(tx *db.Tx) error {
			tx.Tell(g, "event", "representation.looked")
			tx.Tell(g, "reason", "test")
			for range 3 {
				var rows []representation
				if err := db.Read[representation](tx, g).Find(&rows).Error; err != nil {
					return err
				}
			}
			return nil
		})
		all := entries(w)
		if len(all) != before+1 {
			t.Fatalf("%d entries for one Grant", len(all)-before)
		}
		var got entry
		for _, e := range all {
			if e.Event == "representation.looked" {
				got = e
			}
		}
		alias := dbtest.Vault(t).SubjectAlias(w.lucia)
		if got.Subject == nil || *got.Subject != alias || got.Subjects != 1 || got.Detail != `{"reason":"test"}` || got.AccountID == nil || !strings.Contains(got.Rule, "represented") {
			t.Fatalf("%+v", got)
		}
		if got.At.Location() != time.UTC && got.At.Location().String() != "UTC" {
			t.Fatalf("a time came back in %v", got.At.Location())
		}
		_ = d.Do(t.Context(), func(tx *db.Tx) error {
			var rows []representation
			_ = db.Read[representation](tx, ask[policies.Read](w, w.own(w.maria))).Find(&rows)
			return errRollback
		})
		if len(entries(w)) != len(all) {
			t.Fatal("a rolled back read left an entry")
		}
	})
}

func TestNoEntryNoCommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		if _, err := d.Queue().Exec("ALTER TABLE audit_entries RENAME TO audit_gone"); err != nil {
			t.Fatal(err)
		}
		err := d.Do(t.Context(), func(tx *db.Tx) error {
			return db.Change[representation](tx, ask[policies.Write](w, w.own(w.maria))).Where("1 = 1").Update("relation", "guardian").Error
		})
		if err == nil {
			t.Fatal("committed without an entry")
		}
		if _, err := d.Queue().Exec("ALTER TABLE audit_gone RENAME TO audit_entries"); err != nil {
			t.Fatal(err)
		}
		w.untouched()
	})
}

func TestSnapshotDoesNotMove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		before := len(entries(w))
		err := d.Snapshot(t.Context(), func(tx *db.Tx) error {
			g := ask[policies.Read](w, w.own(w.maria))
			count := func() (n int64) {
				if err := db.Read[representation](tx, g).Count(&n).Error; err != nil {
					t.Error(err)
				}
				return n
			}
			first := count()
			other := ident.New[ident.ParticipantID]()
			w.found(w.maria, other) // another connection commits
			if again := count(); again != first {
				t.Errorf("the snapshot moved from %d to %d", first, again)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(entries(w)) - before; got != 2 {
			t.Fatalf("%d entries for one read and one write", got)
		}
		if err := d.Snapshot(t.Context(), func(tx *db.Tx) error {
			return db.Public[counter](tx).Where("name = 'consent'").Update("value", 9).Error
		}); err == nil {
			t.Fatal("a snapshot was written to")
		}
		if err := d.Do(t.Context(), func(tx *db.Tx) error { return d.Do(tx.Context(), func(*db.Tx) error { return nil }) }); !errors.Is(err, db.ErrNested) {
			t.Fatalf("nested: %v", err)
		}
	})
}

func TestDuplicatesAreConflicts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Do(t.Context(), func(tx *db.Tx) error {
			return db.Public[counter](tx).Create(&counter{Name: "consent"}).Error
		})
		if fault.KindOf(err) != fault.Conflict {
			t.Fatalf("err = %v", err)
		}
	})
}

func TestMajorityEndsAuthorityAtTheInstant(t *testing.T) {
	majority := time.Date(2030, 3, 1, 0, 0, 0, 0, time.UTC)
	moving := dbtest.NewMoving(majority.Add(-time.Microsecond))
	dbtest.EachWith(t, dbtest.Options{Clock: moving.Clock()}, func(t *testing.T, d *db.DB) {
		moving.Set(majority.Add(-time.Hour))
		w := newWorld(t, d)
		w.do(func(tx *db.Tx) error {
			return db.Change[representation](tx, ask[policies.Write](w, w.own(w.maria))).Where("1 = 1").Update("ends_at", majority).Error
		})
		count := func() (n int64) {
			w.do(func(tx *db.Tx) error {
				return db.Read[representation](tx, ask[policies.Read](w, w.own(w.maria))).Count(&n).Error
			})
			return n
		}
		moving.Set(majority.Add(-time.Microsecond))
		if count() != 1 {
			t.Fatal("authority ended early")
		}
		moving.Set(majority)
		if count() != 0 {
			t.Fatal("authority went on")
		}
	})
}

func TestSettings(t *testing.T) {
	d := dbtest.SQLite(t, dbtest.Options{})
	if d.Engine() != db.SQLite || d.Ready(t.Context()) != nil {
		t.Fatal("not ready")
	}
	steps, err := d.Migrations(t.Context())
	if err != nil || len(steps) == 0 || !steps[len(steps)-1].Applied {
		t.Fatalf("%+v %v", steps, err)
	}
	if _, err := d.Queue().Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrations(t.Context()); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Fatalf("a newer schema: %v", err)
	}
}

// TestBothFoldersSayTheSame compares the migrations of the two engines after bringing types to one spelling. What stands
// between "-- engine: reason" and "-- same" (triggers, never tables or indexes) is each engine's own.
func TestBothFoldersSayTheSame(t *testing.T) {
	types := strings.NewReplacer(" bigint", " integer", " timestamptz", " datetime", " bytea", " blob")
	spaces := regexp.MustCompile(`\s+`)
	own := regexp.MustCompile(`(?s)-- engine: .*?-- same\n`)
	list := func(folder string) map[string]string {
		files, err := fs.Glob(migrations.Files, folder+"/*.sql")
		if err != nil || len(files) == 0 {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, f := range files {
			b, err := fs.ReadFile(migrations.Files, f)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.Base(f)] = spaces.ReplaceAllString(types.Replace(own.ReplaceAllString(string(b), "")), " ")
		}
		return all
	}
	lite, pg := list("sqlite"), list("postgres")
	for name, text := range lite {
		if pg[name] != text {
			t.Errorf("%s differs between the engines", name)
		}
	}
	for name := range pg {
		if lite[name] == "" {
			t.Errorf("sqlite lacks %s", name)
		}
	}
}

// TestTheDoorHasNoKeyhole looks for callers of the two accessors that package jobs alone may use.
func TestTheDoorHasNoKeyhole(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if strings.Contains(string(b), ".Queue()") && !strings.HasPrefix(rel, filepath.Join("internal", "jobs")) && !strings.HasPrefix(rel, filepath.Join("internal", "db")) {
			t.Errorf("%s calls Queue()", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTwoProcessesShareAFile: a command beside a running server reads and writes as the server does, and neither fails.
func TestTwoProcessesShareAFile(t *testing.T) {
	dir := t.TempDir()
	open := func() *db.DB {
		d, err := db.Open(t.Context(), db.Config{Dir: dir, Vault: dbtest.Vault(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	first := open()
	if err := first.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const each, rounds = 2, 60
	failed := make(chan error, 2*each*rounds)
	var all sync.WaitGroup
	for _, d := range []*db.DB{first, open()} {
		for range each {
			all.Go(func() {
				for range rounds {
					failed <- d.Do(t.Context(), func(tx *db.Tx) error {
						var c counter
						if err := db.Public[counter](tx).Where("name = 'consent'").Take(&c).Error; err != nil {
							return err
						}
						return db.Public[counter](tx).Where("name = 'consent'").Update("value", c.Value+1).Error
					})
				}
			})
		}
	}
	all.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Do(t.Context(), func(tx *db.Tx) error {
		var c counter
		err := db.Public[counter](tx).Where("name = 'consent'").Take(&c).Error
		if c.Value != 2*each*rounds {
			t.Errorf("%d of %d changes are there", c.Value, 2*each*rounds)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
