package audit

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"kindred/internal/db"
	"kindred/internal/vault"
)

// Problem is one way in which the log is not what it was.
type Problem struct {
	Code string `json:"code"`          // gap, entry, forged, head, tile, checkpoint, beyond, subject, unreadable
	Seq  int64  `json:"seq,omitempty"` // the entry it was found at
	Text string `json:"text"`          // for the operator, in English
}

// Report is what Verify found.
type Report struct {
	Size        int64     `json:"size"`        // entries in the tree
	Root        string    `json:"root"`        // derived again from the entries
	Waiting     int       `json:"waiting"`     // entries that the sequencer has still to weave
	Checkpoints int       `json:"checkpoints"` // checkpoints that were compared
	Problems    []Problem `json:"problems,omitempty"`
}

// OK tells whether nothing was found.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// maxProblems is where Verify stops listing: one change can be seen in many places.
const maxProblems = 20

// verification derives the tree again, entry by entry.
type verification struct {
	tx       *db.Tx
	vault    *vault.Vault
	report   Report
	edge     *edge
	heads    map[int64][]Checkpoint // to be met when the tree has that size
	subjects int64
}

func (v *verification) found(code string, seq int64, format string, args ...any) {
	if len(v.report.Problems) < maxProblems {
		v.report.Problems = append(v.report.Problems, Problem{code, seq, fmt.Sprintf(format, args...)})
	}
}

// Verify derives the whole tree again from the entries and compares it with the stored tiles and head, with every
// checkpoint that was signed, and with those given, which were kept outside. It reads one snapshot and writes nothing.
// What it finds is in the report; an error means that it could not look. A given checkpoint that this registry's key did
// not sign is ErrCheckpoint. For the operator's command line.
func (s *Service) Verify(ctx context.Context, outside ...[]byte) (Report, error) {
	heads := map[int64][]Checkpoint{}
	for _, b := range outside {
		c, err := OpenCheckpoint(b, s.vault.VerifierKey())
		if err != nil {
			return Report{}, err
		}
		heads[c.Size] = append(heads[c.Size], c)
	}
	var r Report
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		v := &verification{tx: tx, vault: s.vault, edge: &edge{}, heads: heads}
		v.edge.full = v.compare
		if err := v.collect(s.vault.VerifierKey()); err != nil {
			return err
		}
		if err := v.derive(); err != nil {
			return err
		}
		if err := v.finish(); err != nil {
			return err
		}
		r = v.report
		return nil
	})
	return r, err
}

// collect adds the checkpoints that the database keeps.
func (v *verification) collect(verifierKey string) error {
	rows, err := allCheckpoints(v.tx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		c, err := OpenCheckpoint([]byte(row.Note), verifierKey)
		if err != nil || c.Size != row.Size || c.Root.String() != row.Root {
			v.found("checkpoint", row.Size, "the stored checkpoint of %d entries was not signed with this registry's key, or was changed", row.Size)
			continue
		}
		v.heads[c.Size] = append(v.heads[c.Size], c)
	}
	return nil
}

// derive adds every numbered entry in order.
func (v *verification) derive() error {
	v.meet()
	for {
		entries, err := woven(v.tx, v.edge.size)
		if err != nil && v.tx.Context().Err() == nil {
			v.found("unreadable", v.edge.size+1, "an entry after %d cannot be read: %v", v.edge.size, err)
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Seq != v.edge.size+1 {
				v.found("gap", e.Seq, "after entry %d comes entry %d", v.edge.size, e.Seq)
				return nil
			}
			v.subjects += int64(len(e.Named))
			v.genuine(e)
			v.edge.add(e.hash())
			v.meet()
		}
		if len(entries) == 0 {
			return nil
		}
	}
}

// genuine looks whether an entry was written by a program that holds the keys.
func (v *verification) genuine(e Entry) {
	if e.mark != e.leaf.Mark(v.vault) {
		v.found("forged", e.Seq, "entry %s was not written, or not as it stands, by this registry", e.ID)
	}
}

// meet compares the head derived so far with the checkpoints of its size.
func (v *verification) meet() {
	cs := v.heads[v.edge.size]
	if len(cs) == 0 {
		return
	}
	at := v.edge.tree()
	for _, c := range cs {
		v.report.Checkpoints++
		if c.Root != at.Root {
			v.found("checkpoint", c.Size, "the first %d entries are not those that a checkpoint was signed over", c.Size)
		}
	}
	delete(v.heads, v.edge.size)
}

// compare looks at the stored tile; where it differs at the lowest level, the entry is known.
func (v *verification) compare(t tile) {
	kept, err := loadTile(v.tx, t.level, t.number)
	switch {
	case err != nil || len(kept) != len(t.hashes):
		v.found("tile", 0, "the tile %d/%d is missing or has another length", t.level, t.number)
	case bytes.Equal(kept, t.hashes):
	case t.level > 0:
		v.found("tile", 0, "the tile %d/%d is not what its entries give", t.level, t.number)
	default:
		for i := 0; i < len(kept); i += tlog.HashSize {
			if !bytes.Equal(kept[i:i+tlog.HashSize], t.hashes[i:i+tlog.HashSize]) {
				seq := t.number*tileWidth + int64(i/tlog.HashSize) + 1
				v.found("entry", seq, "entry %d is not the one that was woven", seq)
			}
		}
	}
}

// finish compares what is left: the tiles at the edge, the head, the counts, and checkpoints of a longer log.
func (v *verification) finish() error {
	for _, t := range v.edge.rest() {
		v.compare(t)
	}
	at := v.edge.tree()
	v.report.Size, v.report.Root = at.Size, at.Root.String()
	kept, err := head(v.tx)
	switch {
	case err != nil && v.tx.Context().Err() == nil:
		v.found("head", 0, "the stored head cannot be read: %v", err)
	case err != nil:
		return err
	case kept != at:
		v.found("head", 0, "the stored head has %d entries and the root %s; the entries give %d and %s", kept.Size, kept.Root, at.Size, at.Root)
	}
	for size := range v.heads {
		v.found("checkpoint", size, "a checkpoint was signed over %d entries; the log has %d", size, at.Size)
	}
	return v.count(at)
}

// unwoven looks at the entries that wait.
func (v *verification) unwoven() error {
	for after := ""; ; {
		entries, err := waitingAfter(v.tx, after)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			v.subjects += int64(len(e.Named))
			v.report.Waiting++
			v.genuine(e)
		}
		after = string(entries[len(entries)-1].ID)
	}
}

// count finds entries and subjects that the derivation did not meet.
func (v *verification) count(at Tree) error {
	if err := v.unwoven(); err != nil {
		return err
	}
	var numbered, subjects int64
	if err := db.Public[entryRow](v.tx).Where("seq IS NOT NULL").Count(&numbered).Error; err != nil {
		return err
	}
	if err := db.Public[subjectRow](v.tx).Count(&subjects).Error; err != nil {
		return err
	}
	if numbered != at.Size {
		v.found("beyond", 0, "%d entries carry a number; the tree has %d", numbered, at.Size)
	}
	if subjects != v.subjects {
		v.found("subject", 0, "%d subjects are named; the entries have %d", subjects, v.subjects)
	}
	return nil
}
