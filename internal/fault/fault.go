// Package fault holds the errors that Kindred shows to people.
//
// A fault carries a kind (which decides the HTTP status and the exit code), a message key with arguments (translated
// at the edge, never before) and, for forms, the field it belongs to. The cause is for the log only: it never reaches
// a reader. A plain error counts as Internal and has no text outside.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of thing went wrong. Kinds are never reordered: logs and metrics carry their names.
type Kind uint8

// The kinds, with the HTTP status that each becomes at the edge.
const (
	Internal        Kind = iota // 500: ours; no text outside
	Invalid                     // 422: what was sent cannot be accepted; the field says where
	Denied                      // 403: this kind of person may not do this kind of thing
	Missing                     // 404: not there, or outside the Grant, which must look the same
	Conflict                    // 409: somebody else was quicker, or it exists already
	Gone                        // 410: it was there and must not be given any more
	Unready                     // 503: cannot be answered now
	TooLarge                    // 413: over a limit
	Busy                        // 429: too many tries; wait
	Unauthenticated             // 401: nobody is signed in
	Stale                       // 412: the revision that was sent is not the current one
)

var names = [...]string{"internal", "invalid", "denied", "missing", "conflict", "gone", "unready", "too_large", "busy", "unauthenticated", "stale"}

func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "internal"
}

// Args fill the placeholders of a message.
type Args map[string]any

// Error is one fault. Build it with New and its With methods; values are immutable after that.
type Error struct {
	Kind  Kind
	Key   string // message key, for example "registry.birth_date.future"
	Args  Args
	Field string // form field or FHIRPath location that the fault belongs to; empty for the whole
	cause error
}

// New makes a fault of a kind with a message key.
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// With returns a copy that carries the arguments, given as name, value pairs.
func (e *Error) With(pairs ...any) *Error {
	c := *e
	c.Args = make(Args, len(e.Args)+len(pairs)/2)
	for k, v := range e.Args {
		c.Args[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return &c
}

// At returns a copy that belongs to a field.
func (e *Error) At(field string) *Error { c := *e; c.Field = field; return &c }

// Because returns a copy with a cause, which is logged and never shown.
func (e *Error) Because(err error) *Error { c := *e; c.cause = err; return &c }

// Error is the text for logs: kind, key, field and cause, never the arguments (they may hold what a person typed).
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Key
	if e.Field != "" {
		s += " at " + e.Field
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is matches another fault with the same kind and key, so that package faults can be compared with errors.Is.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Key == e.Key
}

// List is every fault of a form at once, in the order of the form. An empty List is not an error: use Err.
type List []*Error

// Add appends a fault; nil is ignored.
func (l *List) Add(e *Error) {
	if e != nil {
		*l = append(*l, e)
	}
}

// Err is nil for an empty list.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

func (l List) Error() string {
	parts := make([]string, len(l))
	for i, e := range l {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap lets errors.Is and errors.As look at each fault.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// KindOf is the kind of an error: that of the fault inside, or Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// All gives the faults inside an error, in order; a plain error gives one Internal fault with it as the cause.
func All(err error) List {
	if err == nil {
		return nil
	}
	var l List
	if errors.As(err, &l) {
		return l
	}
	var e *Error
	if errors.As(err, &e) {
		return List{e}
	}
	return List{New(Internal, "fault.internal").Because(err)}
}
