package app

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kindred/internal/vault"
)

func TestFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := filepath.Join(t.TempDir(), "data")
	f, err := OpenFolder(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(dir, ""); !errors.Is(err, ErrInUse) {
		t.Fatalf("two processes hold one folder: %v", err)
	}
	if got := os.TempDir(); got != f.Temp() {
		t.Fatalf("temporary files go to %s", got)
	}
	if err := os.WriteFile(filepath.Join(f.Temp(), "spool"), []byte("María"), 0o600); err != nil {
		t.Fatal(err)
	}
	name, err := f.Node()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = OpenFolder(dir, ""); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if left, err := os.ReadDir(f.Temp()); err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v %v", left, err)
	}
	if again, err := f.Node(); err != nil || again != name {
		t.Fatalf("the node's name changed from %s to %s: %v", name, again, err)
	}
}

func TestKeysAreNotMadeBesideData(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f, err := OpenFolder(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Keys("", true); !errors.Is(err, vault.ErrNoKeys) {
		t.Fatalf("keys were made beside data: %v", err)
	}
	if _, err := f.Keys("", false); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Keys("", true); err != nil {
		t.Fatal(err)
	}
	if err := f.MarkDemonstration(true); err == nil {
		t.Fatal("real data was called a demonstration")
	}
	if err := f.MarkDemonstration(false); err != nil || !f.IsDemonstration() {
		t.Fatal(err)
	}
}

func TestACommandBesideARunningServer(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c := Config{Data: filepath.Join(t.TempDir(), "data")}
	beside := c
	beside.Beside = true
	if _, err := Open(t.Context(), beside); err == nil {
		t.Fatal("beside nothing")
	}
	server, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrInUse) {
		t.Fatalf("two servers on one folder: %v", err)
	}
	command, err := Open(t.Context(), beside)
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrInUse) {
		t.Fatalf("the command gave the folder free: %v", err)
	}
}
