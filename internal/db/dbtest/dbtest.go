// Package dbtest gives tests real databases: every test of a store or a service runs on SQLite and on PostgreSQL.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver for making databases

	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/jobs"
	"kindred/internal/vault"
	"kindred/policies"
)

// Options change what Each opens.
type Options struct{ Clock clock.Clock }

// Each runs f with a fresh, migrated database on both engines. PostgreSQL is started from the programs on this
// machine (see server.go); without them that half is skipped, and fails when CI is set.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) { EachWith(t, Options{}, f) }

// EachWith is Each with options.
func EachWith(t *testing.T, o Options, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t, o)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t, o)) })
}

// SQLite opens a fresh, migrated SQLite database.
func SQLite(tb testing.TB, o Options) *db.DB {
	tb.Helper()
	return open(tb, db.Config{Dir: tb.TempDir(), Clock: o.Clock, Vault: Vault(tb)})
}

// Postgres opens a fresh, migrated PostgreSQL database: a copy of one that was migrated once.
func Postgres(tb testing.TB, o Options) *db.DB {
	tb.Helper()
	template.once.Do(func() {
		url := database(tb, templateName, "template0")
		if tb.Skipped() || tb.Failed() {
			return
		}
		d, err := db.Open(context.Background(), db.Config{URL: url, Vault: Vault(tb)})
		if err == nil {
			err = errors.Join(migrate(d), d.Close())
		}
		template.err = err
	})
	if template.err != nil {
		tb.Fatal(template.err)
	}
	url := database(tb, fresh(), templateName)
	return open(tb, db.Config{URL: url, Clock: o.Clock, Vault: Vault(tb)})
}

var (
	template struct {
		once sync.Once
		err  error
	}
	templateName = fmt.Sprintf("kindred_template_%d", os.Getpid())
)

func migrate(d *db.DB) error {
	ctx := context.Background()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	return jobs.Migrate(ctx, d)
}

func open(tb testing.TB, c db.Config) *db.DB {
	tb.Helper()
	d, err := db.Open(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	if c.URL == "" {
		if err := migrate(d); err != nil {
			tb.Fatal(err)
		}
	}
	return d
}

var databases atomic.Int64

func fresh() string { return fmt.Sprintf("kindred_test_%d_%d", os.Getpid(), databases.Add(1)) }

// URL makes an empty PostgreSQL database and gives its address. It is dropped when the test ends.
func URL(tb testing.TB) string {
	tb.Helper()
	return database(tb, fresh(), "template0")
}

// database makes a database as a copy of another. Without PostgreSQL the test is skipped; in CI it fails.
func database(tb testing.TB, name, from string) string {
	tb.Helper()
	server, err := start()
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("PostgreSQL is needed in CI: %v", err)
		}
		tb.Skipf("SKIPPED: no PostgreSQL on this machine: %v", err)
	}
	run := func(statement string) error {
		admin, err := sql.Open("pgx", strings.Replace(server, "/DATABASE?", "/postgres?", 1))
		if err != nil {
			return err
		}
		defer admin.Close()
		_, err = admin.Exec(statement)
		return err
	}
	if err := run("CREATE DATABASE " + name + " TEMPLATE " + from); err != nil {
		tb.Fatal(err)
	}
	if name != templateName {
		tb.Cleanup(func() {
			if err := run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
				tb.Log(err)
			}
		})
	}
	return strings.Replace(server, "/DATABASE?", "/"+name+"?", 1)
}

var (
	vaultOnce sync.Once
	theVault  *vault.Vault
	vaultErr  error
)

// Vault gives keys for tests, the same in the whole test binary.
func Vault(tb testing.TB) *vault.Vault {
	tb.Helper()
	vaultOnce.Do(func() {
		var dir string
		if dir, vaultErr = os.MkdirTemp("", "kindred-keys-"); vaultErr != nil {
			return
		}
		defer os.RemoveAll(dir)
		if vaultErr = vault.Create(filepath.Join(dir, "keys")); vaultErr == nil {
			theVault, vaultErr = vault.Open(filepath.Join(dir, "keys"))
		}
	})
	if vaultErr != nil {
		tb.Fatal(vaultErr)
	}
	return theVault
}

// Authority gives the embedded policy with the system's clock.
func Authority(tb testing.TB) *policies.Authority { return AuthorityAt(tb, clock.System()) }

// AuthorityAt gives the embedded policy with a clock.
func AuthorityAt(tb testing.TB, c clock.Clock) *policies.Authority {
	tb.Helper()
	a, err := policies.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// Moving is a clock that a test moves.
type Moving struct {
	mu sync.Mutex
	t  time.Time
}

// NewMoving starts at an instant.
func NewMoving(t time.Time) *Moving { return &Moving{t: t} }

// Clock gives the clock to hand over.
func (m *Moving) Clock() clock.Clock {
	return clock.Func(func() time.Time {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.t
	})
}

// Add moves it.
func (m *Moving) Add(d time.Duration) { m.mu.Lock(); m.t = m.t.Add(d); m.mu.Unlock() }

// Set moves it to an instant.
func (m *Moving) Set(t time.Time) { m.mu.Lock(); m.t = t; m.mu.Unlock() }
