package questionnaires

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// Meta is what comes with a change besides the change.
type Meta struct {
	Key      string     // idempotency key; empty for none
	Revision int        // the revision that the person saw; 0 to not ask
	Language string     // in which the form was shown
	Device   string     // what the person answers on, for the journal
	Base     string     // the sdc.Print of the answers that the person saw; empty to not ask
	Faults   fault.List // of a page: what was found wrong before, to stand beside the questions
}

// Saved is an acknowledged change: it is on disk.
type Saved struct {
	Response Response // after the change, with its answers
	Revision int
	Seq      int // in the journal
	At       time.Time
	Effect   sdc.Effect
	Repeated bool // the key was used before: nothing was done again
}

func journalContext(id ident.ResponseID, seq int) string {
	return fmt.Sprintf("response.journal:%s:%d", id, seq)
}

// Answer makes one change of a draft. Whoever acts for the participant may, while the consent to questionnaires is in
// force. It answers the faults of the answer with the path as Field. The same key again has no second effect; with
// another change it is a Conflict. Two devices may answer different items from the same revision; where the same item
// was changed after m.Revision, the change is kept aside in the journal and the answer is ErrStale.
func (s *Service) Answer(ctx context.Context, actor policies.Actor, id ident.ResponseID, c sdc.Change, m Meta) (Saved, error) {
	if c.Op == "" {
		c.Op = sdc.OpAnswer
	}
	var saved Saved
	stale := false
	err := s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		w.after = func() {
			saved.Response = w.row.response(w.form, w.state)
			saved.Revision = w.row.Revision
		}
		hash := hashOf(c)
		done, err := s.repeated(tx, g, w, m.Key, hash)
		if err != nil || done != nil {
			if done != nil {
				saved.Seq, saved.At, saved.Repeated, w.kept = done.Seq, done.At.UTC(), true, true
				stale = !done.Accepted
			}
			return err
		}
		if !w.row.response(nil, nil).Open() {
			return errNotDraft
		}
		if err := s.describe(tx, g, w, &c); err != nil {
			return err
		}
		accepted := true
		if c.Op == sdc.OpAnswer && m.Revision > 0 && m.Revision < w.row.Revision {
			clash, err := changedSince(tx, g, id, c.Path.String(), m.Revision, s.deviceOf(m.Device))
			if err != nil {
				return err
			}
			accepted, stale = !clash, clash
		}
		target := w.state
		if !accepted {
			target = w.state.Clone() // judged, and kept aside
		}
		effect, faults := w.form.Apply(target, c)
		if len(faults) > 0 {
			return faults.Err()
		}
		j := journal{s: s, w: w, actor: actor, m: m}
		if err := j.add(tx, c, effect.Values, accepted, m.Key, hash); err != nil {
			return err
		}
		saved.Seq, saved.At, saved.Effect = w.row.JournalSeq, tx.Now(), effect
		tx.Tell(g, "event", "response.answered")
		return insertJournal(tx, g, j.rows)
	})
	if err == nil && stale {
		return saved, ErrStale
	}
	return saved, err
}

// repeated finds the entry that an idempotency key made before.
func (s *Service) repeated(tx *db.Tx, g policies.Grant[policies.Write], w *work, key, hash string) (*journalRow, error) {
	if key == "" {
		return nil, nil
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	row, err := journalByKey(tx, g, w.row.ID, key)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case row.RequestHash == nil || *row.RequestHash != hash:
		return nil, errKeyReused
	}
	return &row, nil
}

func checkKey(key string) error {
	if len(key) > 128 {
		return errKeyForm
	}
	for _, r := range key {
		if r <= ' ' || r > '~' {
			return errKeyForm
		}
	}
	return nil
}

// hashOf tells one change from another.
func hashOf(c sdc.Change) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%d\x00", c.Op, c.Path, c.Instance)
	for _, e := range c.Entries {
		fmt.Fprintf(h, "%q %q %q", e.Text, e.Other, e.Unit)
		if e.File != nil {
			fmt.Fprintf(h, " %s", e.File.Blob)
		}
	}
	h.Write(sdc.MarshalValues(c.Values))
	return hex.EncodeToString(h.Sum(nil))
}

// journal gathers the entries of one transaction.
type journal struct {
	s     *Service
	w     *work
	actor policies.Actor
	m     Meta
	rows  []journalRow
}

// deviceOf is how the journal names a device: our own words for them stand as they are; a name that a program gives
// itself, which may be somebody's, is told from others and not kept. What follows a colon tells one from another.
func (s *Service) deviceOf(name string) string {
	kind, own, told := strings.Cut(name, ":")
	switch kind {
	case "", "browser", "phone", "tablet", "computer", "fhir":
		if told {
			return kind + "-" + s.vault.Index("response_journal.device", own)[:12]
		}
		return name
	}
	return "device-" + s.vault.Index("response_journal.device", name)[:12]
}

func (j *journal) add(tx *db.Tx, c sdc.Change, values []sdc.Value, accepted bool, key, hash string) error {
	row := &j.w.row
	row.JournalSeq++
	sealed, err := j.s.vault.Seal(sdc.MarshalValues(values), journalContext(row.ID, row.JournalSeq))
	if err != nil {
		return err
	}
	if j.m.Language != "" {
		row.Language = cutText(j.m.Language, 35)
	}
	path := c.Path.String()
	if c.Op == sdc.OpRemove || c.Op == sdc.OpMove {
		path = sdc.Path{LinkID: c.Path.LinkID, At: append(c.Path.At[:len(c.Path.At):len(c.Path.At)], c.Instance)}.String()
	}
	entry := journalRow{
		ResponseID: row.ID, Seq: row.JournalSeq, ParticipantID: row.ParticipantID, Revision: j.w.was + 1, Op: string(c.Op), Path: path,
		Value: sealed, Accepted: accepted, AccountID: j.actor.Account, Device: j.s.deviceOf(j.m.Device), Language: row.Language, At: tx.Now(),
	}
	if key != "" {
		entry.RequestKey, entry.RequestHash = &key, &hash
	}
	j.rows = append(j.rows, entry)
	return nil
}
