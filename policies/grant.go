package policies

import (
	"errors"
	"time"

	"kindred/internal/ident"
)

// Grant is the right to reach personal rows with one action, for a short time, in this process. It comes from Ask. The
// zero Grant reaches nothing.
type Grant[A Action] struct {
	_ [0]A // without a field that mentions A, Grant[Read](exportGrant) would compile
	*grant
}

// grant is shared by the copies of a Grant, so that its use is counted once.
type grant struct {
	id        ident.EntryID
	request   Request
	role      Role
	act       Act
	rule      string
	predicate Predicate
	expires   time.Time
}

// Use is what the database needs of a Grant: what to add to a query, and what to write to the audit.
type Use struct {
	ID        ident.EntryID // of the audit entry that the use leaves
	Request   Request
	Role      Role
	Act       Act
	Rule      string // the line of policy.csv that allowed it
	Predicate Predicate
}

// ErrExpired is what Use answers for a Grant that is zero or too old.
var ErrExpired = errors.New("policies: the grant is empty or has expired")

// Use gives what a query needs. It is for package db alone.
func (g Grant[A]) Use(now time.Time) (Use, error) {
	if g.grant == nil {
		return Use{}, ErrExpired
	}
	if !now.Before(g.expires) {
		return Use{}, ErrExpired
	}
	return Use{g.id, g.request, g.role, g.act, g.rule, g.predicate}, nil
}

// String never shows who or whose.
func (g Grant[A]) String() string { var a A; return "grant to " + string(a.act()) }

var errSerialised = errors.New("policies: a grant cannot be serialised; store the request and ask again")

// MarshalJSON refuses.
func (g Grant[A]) MarshalJSON() ([]byte, error) { return nil, errSerialised }

// GobEncode refuses.
func (g Grant[A]) GobEncode() ([]byte, error) { return nil, errSerialised }

// MarshalText refuses.
func (g Grant[A]) MarshalText() ([]byte, error) { return nil, errSerialised }

// MarshalBinary refuses.
func (g Grant[A]) MarshalBinary() ([]byte, error) { return nil, errSerialised }

// lifetimes: a page's grant outlives its request; an export's outlives the longest release.
func lifetime(act Act) time.Duration {
	switch act {
	case ActExport, ActMatch:
		return 2 * time.Hour
	default:
		return 5 * time.Minute
	}
}
