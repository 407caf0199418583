package app

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kindred/internal/db/dbtest"
	"kindred/internal/vault"
)

func TestOpenMakesAndReopensAFolder(t *testing.T) {
	base := t.TempDir()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return dbtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", base) // Open points it into its own folder
			c := Config{Data: filepath.Join(t.TempDir(), "data"), Database: url(t)}
			for range 2 {
				a, err := Open(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if err := a.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.RemoveAll(filepath.Join(c.Data, "keys")); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), c); !errors.Is(err, vault.ErrNoKeys) {
				t.Fatalf("keys were made beside data: %v", err)
			}
			if _, err := os.Stat(filepath.Join(c.Data, "keys")); err == nil {
				t.Fatal("a keyset was left behind")
			}
		})
	}
}

func TestTestClockIsForDemonstrationsAlone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	file := filepath.Join(t.TempDir(), "clock")
	if err := os.WriteFile(file, []byte("2031-02-03T04:05:06Z"), 0o600); err != nil {
		t.Fatal(err)
	}
	real := Config{Data: filepath.Join(t.TempDir(), "real")}
	a, err := Open(t.Context(), real)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	real.TestClock = file
	if _, err := Open(t.Context(), real); !errors.Is(err, ErrTestClock) {
		t.Fatalf("err = %v", err)
	}
	real.Demo = true
	if _, err := Open(t.Context(), real); err == nil {
		t.Fatal("real data was taken for a demonstration")
	}
	demo, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "demo"), Demo: true, TestClock: file})
	if err != nil {
		t.Fatal(err)
	}
	defer demo.Close()
	if got := demo.DB.Now().Year(); got != 2031 {
		t.Fatalf("the time is %d", got)
	}
}
