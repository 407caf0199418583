package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
)

// Hashing is the cost of one password hash.
type Hashing struct {
	MemoryKiB   uint32
	Iterations  uint32
	Parallelism uint8
	// AtOnce bounds how many are computed at the same time, and so the memory: MemoryKiB each. Zero is one per core,
	// and at least two.
	AtOnce int
	// Patience is how long a sign-in waits for its turn before it is told to come back. Zero is five seconds.
	Patience time.Duration
}

// DefaultHashing is the recommendation of OWASP for argon2id: 19 MiB, two passes, one lane; about 20 ms.
var DefaultHashing = Hashing{MemoryKiB: 19 * 1024, Iterations: 2, Parallelism: 1}

// hasher makes and checks password hashes, a few at a time.
type hasher struct {
	params   argon2id.Params
	slots    chan struct{}
	patience time.Duration
	decoy    string
	computed atomic.Int64 // how many hashes were made or compared: what a stranger could tell by the time it takes
}

// newHasher prepares the decoy that stands in for accounts that do not exist. It is the hash of a random text with the
// same parameters as any other, so that checking it is the same work.
func newHasher(h Hashing) (*hasher, error) {
	if h.AtOnce <= 0 {
		h.AtOnce = max(2, runtime.NumCPU())
	}
	if h.Patience <= 0 {
		h.Patience = 5 * time.Second
	}
	made := &hasher{
		params:   argon2id.Params{Memory: h.MemoryKiB, Iterations: h.Iterations, Parallelism: h.Parallelism, SaltLength: 16, KeyLength: 32},
		slots:    make(chan struct{}, h.AtOnce),
		patience: h.Patience,
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	decoy, err := argon2id.CreateHash(hex.EncodeToString(random), &made.params)
	made.decoy = decoy
	return made, err
}

// turn waits for a free slot; the function it gives frees it.
func (h *hasher) turn(ctx context.Context) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, h.patience)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		h.computed.Add(1)
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ErrHashing.Because(ctx.Err())
	}
}

// hash makes the hash of a password that CheckPassword accepted.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	p, ok := normalPassword(password)
	if !ok {
		return "", errPasswordText
	}
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argon2id.CreateHash(p, &h.params)
}

// match compares a password with a hash; an empty hash stands for an account that is not there and costs the same.
// Renew says that the hash was made with other parameters than today's. A text that no password can be is compared as
// an empty one: the answer must take its time too.
func (h *hasher) match(ctx context.Context, password, hash string) (same, renew bool, err error) {
	p, valid := normalPassword(password)
	exists := hash != ""
	if !exists {
		hash = h.decoy
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	same, params, err := argon2id.CheckHash(p, hash)
	if err != nil {
		return false, false, err
	}
	same = same && exists && valid
	return same, same && *params != h.params, nil
}
