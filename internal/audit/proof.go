package audit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Proof shows, to whoever holds the key that verifies checkpoints, that an entry stands in the tree.
type Proof struct {
	Entry      Entry
	Leaf       []byte      // canonical bytes; see Entry.Leaf
	Path       []tlog.Hash // from the leaf upwards, RFC 6962 section 2.1.1
	Checkpoint string      // signed note of the tree that the path leads to
	Tree       Tree
}

// Check tells whether a proof holds: the leaf is in the tree, and the tree is the one that was signed.
func (p Proof) Check(verifierKey string) error {
	c, err := OpenCheckpoint([]byte(p.Checkpoint), verifierKey)
	if err != nil {
		return err
	}
	if p.Entry.Seq < 1 {
		return ErrProof
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Entry.Seq-1, tlog.RecordHash(p.Leaf)); err != nil {
		return ErrInconsistent.Because(err)
	}
	return nil
}

// proofFile is a proof as it is given away. The entry is there to be read; what is proved is the leaf.
type proofFile struct {
	Entry      Entry    `json:"entry"`
	Leaf       []byte   `json:"leaf"`
	Path       []string `json:"path"`
	Checkpoint string   `json:"checkpoint"`
}

// MarshalJSON writes the proof as a file that OpenProof reads, and the API gives.
func (p Proof) MarshalJSON() ([]byte, error) {
	f := proofFile{p.Entry, p.Leaf, []string{}, p.Checkpoint}
	for _, h := range p.Path {
		f.Path = append(f.Path, h.String())
	}
	return json.Marshal(f)
}

// LeafHash is the hash of a leaf, as it stands at the bottom of the tree (RFC 6962 section 2.1), in base64.
func LeafHash(leaf []byte) string { return tlog.RecordHash(leaf).String() }

// LeafTime is an instant as a leaf has it.
func LeafTime(t time.Time) string { return db.LeafTime(t) }

// maxProof bounds a proof from outside before it is read.
const maxProof = 1 << 20

// OpenProof reads a proof that somebody was given. Its Entry is made of the leaf alone, so that nothing is believed that
// is not proved; only its number is the file's. It answers ErrProof. Check it before it is used.
func OpenProof(raw []byte) (Proof, error) {
	if len(raw) > maxProof {
		return Proof{}, ErrProof.Because(fmt.Errorf("%d bytes", len(raw)))
	}
	var f proofFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return Proof{}, ErrProof.Because(err)
	}
	e, err := readLeaf(f.Leaf)
	if err != nil {
		return Proof{}, ErrProof.Because(err)
	}
	e.Seq = f.Entry.Seq
	p := Proof{Entry: e, Leaf: f.Leaf, Checkpoint: f.Checkpoint}
	for _, text := range f.Path {
		h, err := tlog.ParseHash(text)
		if err != nil {
			return Proof{}, ErrProof.Because(err)
		}
		p.Path = append(p.Path, h)
	}
	return p, nil
}

// readLeaf is the entry that a leaf says.
func readLeaf(leaf []byte) (Entry, error) {
	l, err := db.ParseLeaf(leaf)
	if err != nil {
		return Entry{}, err
	}
	for _, field := range []*string{l.ID, l.At, l.Event, l.Role, l.Purpose, l.Act, l.Object, l.Rule, l.Subjects, l.Outcome, l.Detail} {
		if field == nil {
			return Entry{}, fmt.Errorf("a field that every entry has is missing")
		}
	}
	at, err := time.Parse(time.RFC3339Nano, *l.At)
	if err != nil {
		return Entry{}, err
	}
	subjects, err := strconv.Atoi(*l.Subjects)
	if err != nil {
		return Entry{}, err
	}
	return Entry{
		ID: ident.EntryID(*l.ID), At: at.UTC(), Event: *l.Event, Account: given[ident.AccountID](l.Account), Role: policies.Role(*l.Role),
		Purpose: policies.Purpose(*l.Purpose), Act: policies.Act(*l.Act), Object: policies.Object(*l.Object), Rule: *l.Rule,
		Study: given[ident.StudyID](l.Study), Subject: given[string](l.Subject), Subjects: subjects, Named: l.Named, Outcome: *l.Outcome,
		Request: given[ident.RequestID](l.Request), Detail: details(*l.Detail), leaf: l,
	}, nil
}

// String is the entry in a line.
func (e Entry) String() string {
	words := []string{fmt.Sprintf("entry %d (%s)", e.Seq, e.ID), e.At.UTC().Format(time.RFC3339Nano), e.Event, e.Outcome}
	for _, named := range [][2]string{
		{"role", string(e.Role)}, {"purpose", string(e.Purpose)}, {"account", string(e.Account)}, {"study", string(e.Study)}, {"people", strconv.Itoa(e.Subjects)},
	} {
		if named[1] != "" {
			words = append(words, named[0]+" "+named[1])
		}
	}
	return strings.Join(words, ", ")
}
