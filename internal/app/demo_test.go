package app

import (
	"path/filepath"
	"testing"

	"kindred/internal/db/dbtest"
)

func openDemo(tb testing.TB, url string) *App {
	tb.Helper()
	a, err := Open(tb.Context(), Config{Data: filepath.Join(tb.TempDir(), "data"), Database: url, Demo: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := a.Close(); err != nil {
			tb.Error(err)
		}
	})
	return a
}

func TestDemonstrationOnBothEngines(t *testing.T) {
	base := t.TempDir()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return dbtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", base)
			a := openDemo(t, url(t))
			last := 0
			ways, err := a.Demonstrate(t.Context(), 300, 1, func(done int) { last = done })
			if err != nil {
				t.Fatal(err)
			}
			if len(ways) != 6 || last != 300 {
				t.Fatalf("%d sign-ins, %d participants", len(ways), last)
			}
			if again, err := a.Demonstrate(t.Context(), 300, 1, func(int) { t.Error("the population was written twice") }); err != nil || len(again) != 6 {
				t.Fatal(err)
			}
		})
	}
}
