// Package clock is the only place that reads the time. Every instant is UTC and cut to microseconds, which is what
// both database engines keep.
package clock

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Clock tells the time. The zero value tells the system's time.
type Clock struct{ now func() time.Time }

// System reads the machine's clock.
func System() Clock { return Clock{} }

// Fixed always tells the same instant, for tests.
func Fixed(t time.Time) Clock { return Clock{now: func() time.Time { return t }} }

// Func tells what f tells, for tests that move time.
func Func(f func() time.Time) Clock { return Clock{now: f} }

// Now is the current instant, UTC, cut to microseconds.
func (c Clock) Now() time.Time {
	if c.now == nil {
		return Cut(time.Now())
	}
	return Cut(c.now())
}

// Cut brings an instant to what both engines keep.
func Cut(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// File tells the RFC 3339 instant that stands in the file at path, read again each second. Between two readings time
// stands still. A file that can no longer be read, or does not hold an instant, keeps the last good one.
func File(path string) (Clock, error) {
	f := &file{path: path}
	if err := f.read(); err != nil {
		return Clock{}, err
	}
	f.next = time.Now().Add(time.Second)
	return Clock{now: f.tell}, nil
}

type file struct {
	mu   sync.Mutex
	path string
	last time.Time
	next time.Time
}

func (f *file) tell() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); !now.Before(f.next) {
		_ = f.read() // keeps the last good instant
		f.next = now.Add(time.Second)
	}
	return f.last
}

func (f *file) read() error {
	b, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("test clock: %w", err)
	}
	t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(b)))
	if err != nil {
		return fmt.Errorf("test clock: %s holds no RFC 3339 instant: %w", f.path, err)
	}
	f.last = t
	return nil
}
