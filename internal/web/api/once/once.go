// Package once makes a request that is sent twice take effect once.
//
// A client names a request with an Idempotency-Key. Whoever is first does the work, and the answer is kept, sealed, for
// 24 hours; the same request again gets the same answer, also after a restart and from another node. The key with
// another request is refused, and so is a try whose first one never came to an end: it may have taken effect.
//
// Invariants:
//  1. Of several requests with the same account and key, at most one does the work.
//  2. An answer goes to the account alone that it was given to.
//  3. A request that was refused leaves no trace: the key is free again.
package once

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/vault"
)

// Kept is how long an answer is kept.
const Kept = 24 * time.Hour

const (
	keyMax   = 255
	patience = 10 * time.Second      // how long a second request waits for the first
	interval = 50 * time.Millisecond // how often it looks
)

var (
	// ErrKey refuses a key that is empty, too long or not visible ASCII.
	ErrKey = fault.New(fault.Invalid, "api.idempotency.key").At("Idempotency-Key")
	// ErrOther refuses a key that named another request.
	ErrOther = fault.New(fault.Conflict, "api.idempotency.other")
	// ErrUnfinished refuses a try whose first one is under way still, or was cut off.
	ErrUnfinished = fault.New(fault.Conflict, "api.idempotency.unfinished")
)

// Answer is what was answered.
type Answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
}

// Request is a request that is to take effect once.
type Request struct {
	Account ident.AccountID
	Key     string // as the client sent it
	Digest  string // of everything that makes it the same request
}

// Digest is the fingerprint of the parts of a request.
func Digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		for i, l := 0, len(p); i < 8; i, l = i+1, l>>8 {
			n[i] = byte(l)
		}
		h.Write(n[:])
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (r Request) check() error {
	if len(r.Key) == 0 || len(r.Key) > keyMax {
		return ErrKey
	}
	for i := range len(r.Key) {
		if r.Key[i] <= ' ' || r.Key[i] > '~' {
			return ErrKey
		}
	}
	return nil
}

func (r Request) hash() string { return Digest([]byte(r.Key)) }

// seal binds an answer to its account and key.
func (r Request) seal() string {
	return "idempotency_keys.answer:" + string(r.Account) + ":" + r.hash()
}

// Memory remembers answers. It is safe for use by many goroutines.
type Memory struct {
	db    *db.DB
	vault *vault.Vault
}

// New makes a memory.
func New(d *db.DB, v *vault.Vault) *Memory { return &Memory{d, v} }

// Begin answers nil where the caller is the first and has to do the work, and then Finish or Release; or the answer
// that was given before. It answers ErrKey, ErrOther, and ErrUnfinished after waiting for the first in vain.
func (m *Memory) Begin(ctx context.Context, r Request) (*Answer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	for waited := time.Duration(0); ; waited += interval {
		row, first, err := m.claim(ctx, r)
		switch {
		case err != nil:
			return nil, err
		case first:
			return nil, nil
		case row.RequestHash != r.Digest:
			return nil, ErrOther
		case row.Finished:
			return m.open(r, row)
		case waited >= patience:
			return nil, ErrUnfinished
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(interval):
		}
	}
}

// claim writes the key, or reads who wrote it.
func (m *Memory) claim(ctx context.Context, r Request) (row keyRow, first bool, err error) {
	err = m.db.Do(ctx, func(tx *db.Tx) error {
		if err := forget(tx, r, tx.Now().Add(-Kept)); err != nil {
			return err
		}
		if first, err = insert(tx, r); err != nil || first {
			return err
		}
		row, err = load(tx, r)
		return err
	})
	return row, first, err
}

func (m *Memory) open(r Request, row keyRow) (*Answer, error) {
	plain, err := m.vault.Open(row.Answer, r.seal())
	if err != nil {
		return nil, err
	}
	var a Answer
	if err := json.Unmarshal(plain, &a); err != nil {
		return nil, err
	}
	return &a, nil
}

// Finish keeps the answer of a request that Begin let through.
func (m *Memory) Finish(ctx context.Context, r Request, a Answer) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return err
	}
	sealed, err := m.vault.Seal(plain, r.seal())
	if err != nil {
		return err
	}
	return m.db.Do(ctx, func(tx *db.Tx) error { return finish(tx, r, a.Status, sealed) })
}

// Release frees the key of a request that was refused.
func (m *Memory) Release(ctx context.Context, r Request) error {
	return m.db.Do(ctx, func(tx *db.Tx) error { return release(tx, r) })
}

// Sweep forgets what is older than Kept. A schedule calls it.
func (m *Memory) Sweep(ctx context.Context) error {
	return m.db.Do(ctx, func(tx *db.Tx) error { return sweep(tx, tx.Now().Add(-Kept)) })
}
