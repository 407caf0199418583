package audit

import (
	"encoding/binary"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// leaves makes n different leaf hashes.
func leaves(n int64) []tlog.Hash {
	all := make([]tlog.Hash, n)
	for i := range all {
		all[i] = tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	return all
}

// forest is a tree kept in tiles, as the database does.
type forest map[[2]int64][]byte

func (f forest) save(tiles []tile) {
	for _, t := range tiles {
		f[[2]int64{int64(t.level), t.number}] = append([]byte(nil), t.hashes...)
	}
}

func (f forest) load(level int, number int64) ([]byte, error) {
	return f[[2]int64{int64(level), number}], nil
}

func (f forest) edge(size int64) *edge {
	e := &edge{size: size, levels: make([][]byte, height(size))}
	for level := range e.levels {
		if width(size, level) > 0 {
			e.levels[level] = append([]byte(nil), f[[2]int64{int64(level), place(size, level)}]...)
		}
	}
	return e
}

// TestTreeIsThatOfTlog grows trees in batches of random sizes and compares heads and proofs with the library's own way
// of storing hashes.
func TestTreeIsThatOfTlog(t *testing.T) {
	all := leaves(70_000)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	for i, h := range all {
		hs, err := tlog.StoredHashesForRecordHash(int64(i), h, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hs...)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := forest{}
		var heads []Tree
		size := int64(0)
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			e := f.edge(size)
			var full []tile
			e.full = func(x tile) { full = append(full, x) }
			n := rapid.OneOf(rapid.Int64Range(1, 600), rapid.Int64Range(1, 12_000), rapid.SampledFrom([]int64{1, 255, 256, 257})).Draw(t, "n")
			for _, h := range all[size:min(size+n, 70_000)] {
				e.add(h)
			}
			f.save(append(full, e.rest()...))
			size = e.size
			heads = append(heads, e.tree())
		}
		for _, head := range heads {
			want, err := tlog.TreeHash(head.Size, reader)
			if err != nil || head.Root != want {
				t.Fatalf("root of %d: %v, want %v (%v)", head.Size, head.Root, want, err)
			}
		}
		last := heads[len(heads)-1]
		n := rapid.Int64Range(0, last.Size-1).Draw(t, "leaf")
		path, err := tlog.ProveRecord(last.Size, n, hashes(f.load))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(path, last.Size, last.Root, n, all[n]); err != nil {
			t.Fatal(err)
		}
		old := heads[rapid.IntRange(0, len(heads)-1).Draw(t, "old")]
		proof, err := tlog.ProveTree(last.Size, old.Size, hashes(f.load))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(proof, last.Size, last.Root, old.Size, old.Root); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEmptyTree(t *testing.T) {
	if got := (&edge{}).tree(); got != emptyTree || got.Root.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Fatalf("the empty tree is %v", got)
	}
}

func signer(t testing.TB) (note.Signer, string) {
	t.Helper()
	private, public, err := note.GenerateKey(nil, "kindred")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return s, public
}

func TestCheckpoint(t *testing.T) {
	by, public := signer(t)
	other, _ := signer(t)
	head := Tree{20852163, leaves(1)[0]}
	c, err := sign(head, by)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.Note, "kindred\n20852163\n"+head.Root.String()+"\n\n— kindred ") {
		t.Fatalf("not a checkpoint of c2sp.org/tlog-checkpoint:\n%s", c.Note)
	}
	back, err := OpenCheckpoint([]byte(c.Note), public)
	if err != nil || back.Tree != head {
		t.Fatalf("%v, %v", back, err)
	}
	foreign, err := sign(head, other)
	if err != nil {
		t.Fatal(err)
	}
	text := func(body string) string {
		b, err := note.Sign(&note.Note{Text: body}, by)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, bad := range map[string]string{
		"another key":     foreign.Note,
		"another size":    strings.Replace(c.Note, "20852163", "20852162", 1),
		"cut":             c.Note[:len(c.Note)-10],
		"nothing":         "",
		"leading zero":    text("kindred\n02\n" + head.Root.String() + "\n"),
		"negative":        text("kindred\n-2\n" + head.Root.String() + "\n"),
		"short root":      text("kindred\n2\nAAAA\n"),
		"another origin":  text("somewhere\n2\n" + head.Root.String() + "\n"),
		"two lines":       text("kindred\n2\n"),
		"empty extension": text("kindred\n2\n" + head.Root.String() + "\n\nx\n"),
		"too long":        c.Note + strings.Repeat("x", maxNote),
	} {
		if _, err := OpenCheckpoint([]byte(bad), public); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := OpenCheckpoint([]byte(text("kindred\n2\n"+head.Root.String()+"\nextension\n")), public); err != nil {
		t.Errorf("an extension line must be ignored: %v", err)
	}
}

// FuzzHead: whatever is accepted as a head is written back the same.
func FuzzHead(f *testing.F) {
	f.Add("kindred\n0\n" + emptyTree.Root.String() + "\n")
	f.Add("kindred\n20852163\n" + leaves(1)[0].String() + "\nmore\n")
	f.Fuzz(func(t *testing.T, text string) {
		origin, head, err := parseHead(text)
		if err != nil {
			return
		}
		again := origin + "\n" + strconv.FormatInt(head.Size, 10) + "\n" + head.Root.String() + "\n"
		if !strings.HasPrefix(text, again) {
			t.Fatalf("%q is read as %q", text, again)
		}
	})
}
