package vault

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindred/internal/ident"
)

func open(t *testing.T) *Vault {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKeysAreNeverMadeAnewNorReadableByOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := Open(dir); !errors.Is(err, ErrNoKeys) {
		t.Fatalf("err = %v", err)
	}
	if Exists(dir) {
		t.Fatal("nothing is there")
	}
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir); err == nil {
		t.Fatal("Create must not replace a keyset")
	}
	if err := os.Chmod(filepath.Join(dir, "pseudonyms.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Fatalf("err = %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "pseudonyms.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrNoKeys) {
		t.Fatalf("err = %v", err)
	}
}

func TestSealedIsBoundToItsPlace(t *testing.T) {
	v := open(t)
	s, err := v.SealText("María López", "participants.name:1")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.Value()
	if err != nil || bytes.Contains(stored.([]byte), []byte("López")) {
		t.Fatalf("stored %q, %v", stored, err)
	}
	var back Sealed
	if err := back.Scan(stored); err != nil {
		t.Fatal(err)
	}
	if got, err := v.OpenText(back, "participants.name:1"); err != nil || got != "María López" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := v.OpenText(back, "participants.name:2"); !errors.Is(err, ErrSealed) {
		t.Fatalf("a moved value opened: %v", err)
	}
	if empty, _ := v.SealText("", "x"); !empty.Empty() {
		t.Fatal("nothing stays nothing")
	}
}

func TestFiles(t *testing.T) {
	v := open(t)
	plain := bytes.Repeat([]byte("evidence "), 4000)
	var b bytes.Buffer
	w, err := v.Writer(&b, "blob:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	read := func(b []byte, context string) ([]byte, error) {
		r, err := v.Reader(bytes.NewReader(b), context)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	if got, err := read(b.Bytes(), "blob:1"); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if _, err := read(b.Bytes()[:b.Len()-5], "blob:1"); err == nil {
		t.Fatal("a cut file must not read as whole")
	}
	if _, err := read(b.Bytes(), "blob:2"); err == nil {
		t.Fatal("a moved file must not open")
	}
}

func TestPseudonyms(t *testing.T) {
	v := open(t)
	a, b := ident.New[ident.StudyID](), ident.New[ident.StudyID]()
	seen := map[string]bool{}
	same, shiftsEqual := 0, 0
	for range 2000 {
		p := ident.New[ident.ParticipantID]()
		pa, pb := v.Pseudonym(a, p), v.Pseudonym(b, p)
		if len(pa) != 21 || seen[pa] || seen[pb] {
			t.Fatalf("%s %s", pa, pb)
		}
		seen[pa], seen[pb] = true, true
		if pa != v.Pseudonym(a, p) {
			t.Fatal("must be stable")
		}
		if pa[:4] == pb[:4] {
			same++
		}
		sa, sb := v.ShiftDays(a, p), v.ShiftDays(b, p)
		if sa == 0 || sa < -MaxShift || sa > MaxShift {
			t.Fatalf("shift %d", sa)
		}
		if sa == sb {
			shiftsEqual++
		}
		if raw := strings.ReplaceAll(pa[:19], "-", ""); Check(raw) != pa[20] {
			t.Fatal("check character")
		}
	}
	if same > 2 || shiftsEqual > 30 {
		t.Fatalf("two studies share %d prefixes and %d shifts of 2000", same, shiftsEqual)
	}
}

func TestCheckFindsSwapsAndSlips(t *testing.T) {
	s := "7K3MQ2XF9TBAH4YC"
	want := Check(s)
	for i := 0; i+1 < len(s); i++ {
		swapped := s[:i] + string(s[i+1]) + string(s[i]) + s[i+2:]
		if Check(swapped) == want {
			t.Errorf("swap at %d is not found", i)
		}
	}
	for i := range s {
		for _, c := range symbols[:31] {
			if byte(c) != s[i] && Check(s[:i]+string(c)+s[i+1:]) == want {
				t.Errorf("slip at %d to %c is not found", i, c)
			}
		}
	}
}
