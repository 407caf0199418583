package account

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// try is one try to prove who one is: by name when signing in, by account when signed in already.
type try struct {
	index   string          // of the name
	account ident.AccountID // instead of the index
	network string
	caller  Caller
	event   string
}

// counter is a throttle's key with its limit.
type counter struct {
	key   string
	limit Limit
}

// counted names the counter of a thing. Names and addresses are kept as keyed hashes alone.
func (s *Service) counted(kind, what string, l Limit) counter {
	return counter{s.vault.Index("account_throttles", kind+"\x00"+what), l}
}

func (s *Service) networkIndex(peer netip.Addr) string {
	return s.vault.Index("account_networks", network(peer))
}

// hold locks counters in the order of their keys, whatever the order given, so that two tries never wait for one another
// in a ring.
func hold(tx *db.Tx, counters ...counter) (map[string]throttle, error) {
	sorted := slices.SortedFunc(slices.Values(counters), func(a, b counter) int { return strings.Compare(a.key, b.key) })
	held := make(map[string]throttle, len(sorted))
	for _, c := range sorted {
		t, err := lockThrottle(tx, c.key)
		if err != nil {
			return nil, err
		}
		held[c.key] = t
	}
	return held, nil
}

// count answers ErrWait when a counter says so, and else counts a try with each.
func count(tx *db.Tx, counters ...counter) error {
	held, err := hold(tx, counters...)
	if err != nil {
		return err
	}
	var wait time.Duration
	for _, t := range held {
		wait = max(wait, t.wait(tx.Now()))
	}
	if wait > 0 {
		return ErrWait.With("Count", int(math.Ceil(wait.Seconds())))
	}
	for _, c := range counters {
		if err := writeThrottle(tx, c.key, held[c.key].fail(c.limit, tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

// attempt counts the try, compares the password outside any transaction, and then, in one transaction, does what was
// asked and writes the audit entry, or writes that it failed. An account that does not exist costs the same.
func (s *Service) attempt(ctx context.Context, t try, password string, then func(*db.Tx, accountRow) error) error {
	var row accountRow
	var own, peer counter
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if row, err = t.find(tx); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		known, err := knows(tx, row.ID, t.network, tx.Now().Add(-knownFor))
		if err != nil {
			return err
		}
		own = s.counted("account", t.subject(row), s.limits.Account)
		if known {
			own = s.counted("known", t.subject(row)+"\x00"+t.network, s.limits.Known)
		}
		peer = s.counted("peer", t.network, s.limits.Peer)
		return count(tx, own, peer)
	})
	if err != nil {
		return err
	}
	same, renew, err := s.hasher.match(ctx, password, row.Password)
	if err != nil {
		return err
	}
	if !same || row.DisabledAt != nil {
		return s.refuse(ctx, t, row, same)
	}
	if renew {
		if row, err = s.rehash(ctx, row, password); err != nil {
			return err
		}
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		now, err := accountByID(tx, row.ID)
		if err != nil {
			return err
		}
		if now.Password != row.Password || now.DisabledAt != nil { // changed while the password was compared
			return ErrCredentials
		}
		if err := s.welcome(tx, now, t.network, own, peer); err != nil {
			return err
		}
		if err := then(tx, now); err != nil {
			return err
		}
		tx.Log(entry(t.event, policies.Actor{Account: row.ID, Request: t.caller.Request}, "ok"))
		return nil
	})
}

func (t try) find(tx *db.Tx) (accountRow, error) {
	if t.account != "" {
		return accountByID(tx, t.account)
	}
	return accountByName(tx, t.index)
}

// subject is what the account's counter counts: the name, whether or not an account has it, so that tries at the door
// and tries of somebody who is signed in share one count.
func (t try) subject(row accountRow) string {
	if row.NameIndex != "" {
		return row.NameIndex
	}
	return t.index
}

// refuse writes that a try failed, and says so in the words of its kind.
func (s *Service) refuse(ctx context.Context, t try, row accountRow, same bool) error {
	answer := ErrCredentials
	switch {
	case same:
		answer = ErrDisabled
	case t.account != "":
		answer = ErrPassword
	}
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Log(entry(t.event, policies.Actor{Account: row.ID, Request: t.caller.Request}, "failed"))
		return nil
	})
	if err != nil {
		return err
	}
	return answer
}

// welcome takes the counts of a good try back and remembers its network. The owner's success clears the count of the
// door it came through; what was counted elsewhere, against somebody else's guesses, stays.
func (s *Service) welcome(tx *db.Tx, row accountRow, network string, own, peer counter) error {
	held, err := hold(tx, own, peer)
	if err != nil {
		return err
	}
	if err := writeThrottle(tx, own.key, throttle{Last: tx.Now(), Until: tx.Now()}); err != nil {
		return err
	}
	if err := writeThrottle(tx, peer.key, held[peer.key].forgive()); err != nil {
		return err
	}
	return rememberNetwork(tx, row.ID, network)
}

// rehash replaces a hash that was made with other parameters than today's.
func (s *Service) rehash(ctx context.Context, row accountRow, password string) (accountRow, error) {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return row, err
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error { return changeAccount(tx, row, map[string]any{"password": hash}) })
	if errors.Is(err, db.ErrStale) {
		return row, ErrCredentials // the password was changed while it was compared
	}
	row.Password = hash
	row.Revision++
	return row, err
}
