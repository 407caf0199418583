package clock

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestNowIsUTCAndCut(t *testing.T) {
	madrid := time.FixedZone("CET", 3600)
	got := Fixed(time.Date(2024, 2, 29, 1, 2, 3, 123456789, madrid)).Now()
	if want := time.Date(2024, 2, 29, 0, 2, 3, 123456000, time.UTC); got != want {
		t.Fatalf("got %v", got)
	}
	if System().Now().IsZero() {
		t.Fatal("the system clock tells nothing")
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock")
	if _, err := File(path); err == nil {
		t.Fatal("a missing file must stop the start")
	}
	write := func(s string) {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("yesterday")
	if _, err := File(path); err == nil {
		t.Fatal("a file without an instant must stop the start")
	}
	write("2030-01-01T00:00:00Z\n")
	c, err := File(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Now(); got.Year() != 2030 {
		t.Fatalf("got %v", got)
	}
}

func TestFileIsReadAgainEachSecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock")
	if err := os.WriteFile(path, []byte("2030-01-01T00:00:00Z"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &file{path: path}
	if err := f.read(); err != nil {
		t.Fatal(err)
	}
	f.next = time.Now().Add(-time.Millisecond) // a second has passed
	if err := os.WriteFile(path, []byte("2031-01-01T00:00:00Z"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := f.tell(); got.Year() != 2031 {
		t.Fatalf("got %v", got)
	}
	if err := os.WriteFile(path, []byte("half wri"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.next = time.Time{}
	if got := f.tell(); got.Year() != 2031 {
		t.Fatalf("a bad file must keep the last good instant, got %v", got)
	}
}
