package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
)

func open(t *testing.T) (*blob.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	f, err := blob.Open(dir, dbtest.Vault(t))
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatGoesInComesOutAndIsSealed(t *testing.T) {
	f, dir := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		canary := "CANARY-Lucía-diagnosis"
		plain := append([]byte(canary), rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(rt, "bytes")...)
		plain = bytes.Repeat(plain, rapid.IntRange(1, 60).Draw(rt, "times"))
		info, err := f.Put(t.Context(), bytes.NewReader(plain), 1<<20)
		if err != nil {
			rt.Fatal(err)
		}
		r, err := f.Open(info.ID)
		if err != nil {
			rt.Fatal(err)
		}
		back, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil || !bytes.Equal(back, plain) || info.Size != int64(len(plain)) {
			rt.Fatalf("%d bytes became %d, %v", len(plain), len(back), err)
		}
		for _, path := range files(t, dir) {
			b, err := os.ReadFile(path)
			if err != nil || bytes.Contains(b, []byte(canary)) {
				rt.Fatalf("%s can be read: %v", path, err)
			}
		}
		if err := f.Remove(info.ID); err != nil {
			rt.Fatal(err)
		}
	})
	if left := files(t, dir); len(left) != 0 {
		t.Fatalf("left: %v", left)
	}
}

func TestRefusals(t *testing.T) {
	f, dir := open(t)
	if _, err := f.Put(t.Context(), strings.NewReader(strings.Repeat("x", 101)), 100); !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Put(ended, strings.NewReader("x"), 100); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	for _, id := range []ident.BlobID{"", "../../etc/passwd", "x", ident.New[ident.BlobID]()} {
		if _, err := f.Open(id); !errors.Is(err, blob.ErrMissing) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if err := f.Remove("../x"); !errors.Is(err, blob.ErrMissing) {
		t.Error(err)
	}
}

func TestTamperingIsSeen(t *testing.T) {
	f, dir := open(t)
	put := func() ident.BlobID {
		info, err := f.Put(t.Context(), strings.NewReader(strings.Repeat("evidence ", 1000)), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		return info.ID
	}
	path := func(id ident.BlobID) string { return filepath.Join(dir, string(id[len(id)-2:]), string(id)) }
	read := func(id ident.BlobID) error {
		r, err := f.Open(id)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(io.Discard, r)
		return err
	}
	a, b := put(), put()
	raw, err := os.ReadFile(path(a))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][]byte{
		"cut":     raw[:len(raw)-40],
		"changed": append(append([]byte{}, raw[:500]...), append([]byte{raw[500] ^ 1}, raw[501:]...)...),
	} {
		if err := os.WriteFile(path(a), change, 0o600); err != nil {
			t.Fatal(err)
		}
		if read(a) == nil {
			t.Errorf("%s: not seen", name)
		}
	}
	if err := os.WriteFile(path(b), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if read(b) == nil {
		t.Error("swapped: not seen")
	}
}

func TestHalfWrittenFilesAreWipedAtStart(t *testing.T) {
	f, dir := open(t)
	d, err := f.Create(100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(d.ID()); !errors.Is(err, blob.ErrMissing) {
		t.Fatal("a draft can be read")
	}
	if len(files(t, dir)) != 1 {
		t.Fatal("no draft on disk")
	}
	if _, err := blob.Open(dir, dbtest.Vault(t)); err != nil { // the process died and starts again
		t.Fatal(err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Fatalf("left: %v", left)
	}
}

func TestSweepRemovesOrphansAlone(t *testing.T) {
	moving := dbtest.NewMoving(time.Now())
	dbtest.EachWith(t, dbtest.Options{Clock: moving.Clock()}, func(t *testing.T, d *db.DB) {
		moving.Set(time.Now())
		f, _ := open(t)
		put := func() blob.Info {
			i, err := f.Put(t.Context(), strings.NewReader("x"), 10)
			if err != nil {
				t.Fatal(err)
			}
			return i
		}
		kept, orphan, forgotten := put(), put(), put()
		do := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Do(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		do(func(tx *db.Tx) error { return errors.Join(blob.Keep(tx, kept), blob.Keep(tx, forgotten)) })
		do(func(tx *db.Tx) error { return f.Forget(tx, forgotten.ID) })
		if _, err := f.Open(forgotten.ID); !errors.Is(err, blob.ErrMissing) {
			t.Fatal("a forgotten blob is still there")
		}
		if n, err := f.Sweep(t.Context(), d); n != 0 || err != nil {
			t.Fatalf("a fresh upload was swept: %d, %v", n, err)
		}
		moving.Add(blob.Grace + time.Minute)
		if n, err := f.Sweep(t.Context(), d); n != 1 || err != nil {
			t.Fatalf("swept %d, %v", n, err)
		}
		if _, err := f.Open(orphan.ID); !errors.Is(err, blob.ErrMissing) {
			t.Fatal("the orphan is still there")
		}
		if r, err := f.Open(kept.ID); err != nil {
			t.Fatal(err)
		} else {
			_ = r.Close()
		}
	})
}
