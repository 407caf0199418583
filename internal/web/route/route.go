// Package route holds what a line of the route table is: a method, a path, the right that it needs and who handles it.
// The table itself stands in internal/web/routes.go; `kindred routes` prints it.
package route

import (
	"context"

	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/policies"
)

// Handler answers one request. What it returns is rendered in one place, as a page, a problem or an OperationOutcome.
type Handler func(*gin.Context) error

// Route is one line of the table.
type Route struct {
	Method  string
	Path    string // gin's template: /people/:person/data
	Right   Right
	Handler Handler
	Body    int64 // most bytes of a body; 0 is DefaultBody
	Long    bool  // streams for longer than an ordinary answer may take: files in and out
	Demo    bool  // exists in demonstration mode only
}

// DefaultBody is the most that an ordinary form or API body may hold.
const DefaultBody = 256 << 10

// Right is what a route asks for before its handler runs. The services ask again, for the rows that they touch: a right
// here only says what kind of person comes through the door. The zero Right lets nobody in, and a test fails on it.
type Right struct {
	kind    string
	others  *Right // what also lets through, one after the other
	Purpose policies.Purpose
	Object  policies.Object
	Act     policies.Act
}

// Anyone may come: sign-in, help, health.
var Anyone = Right{kind: "anyone"}

// SignedIn is every account: its own settings.
var SignedIn = Right{kind: "signed in"}

// May is everybody whom a line of policy.csv allows the act.
func May(purpose policies.Purpose, object policies.Object, act policies.Act) Right {
	return Right{kind: "policy", Purpose: purpose, Object: object, Act: act}
}

// Either is everybody whom one of the rights lets through.
func Either(first, second Right) Right {
	first.others = &second
	return first
}

// Defined tells that the route says what it needs.
func (r Right) Defined() bool {
	return r.kind == "anyone" || r.kind == "signed in" || r.kind == "policy" && r.Purpose != "" && r.Object != "" && r.Act != ""
}

// String is the right as `kindred routes` prints it.
func (r Right) String() string {
	s := r.kind
	if r.kind == "policy" {
		s = string(r.Purpose) + " " + string(r.Object) + " " + string(r.Act)
	}
	if r.others != nil {
		s += " or " + r.others.String()
	}
	return s
}

// ErrSignIn answers somebody who is not signed in.
var ErrSignIn = fault.New(fault.Unauthenticated, "fault.unauthenticated")

// Check answers nil where the actor may come through, ErrSignIn or policies.ErrDenied.
func (r Right) Check(ctx context.Context, authority *policies.Authority, actor policies.Actor) error {
	switch {
	case r.kind == "anyone":
		return nil
	case actor.Account == "":
		return ErrSignIn
	case r.kind == "signed in":
		return nil
	case r.kind == "policy":
		err := authority.May(ctx, actor, r.Purpose, r.Object, r.Act)
		if err != nil && r.others != nil {
			return r.others.Check(ctx, authority, actor)
		}
		return err
	default:
		return policies.ErrDenied
	}
}
