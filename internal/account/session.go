package account

import (
	"time"

	"kindred/internal/ident"
	"kindred/policies"
)

// Session is a browser that is signed in.
type Session struct {
	ID ident.SessionID
	// Token is the secret to put into the cookie (HttpOnly, Secure, SameSite=Lax). It is there only when it is new; it
	// cannot be read back.
	Token     string
	Account   ident.AccountID
	Name      string // to greet its owner with; nothing is decided by it
	Roles     []policies.Role
	Language  string
	CreatedAt time.Time
	ExpiresAt time.Time // however busy it is
}

// Actor is who acts in a request of this session.
func (s Session) Actor(request ident.RequestID) policies.Actor {
	return policies.Actor{Account: s.Account, Roles: s.Roles, Request: request}
}

// Lifetimes of sessions. Those who see other people's data have shorter ones than those who see their own.
const (
	idleOwn      = 12 * time.Hour
	absoluteOwn  = 14 * 24 * time.Hour
	idleDuty     = time.Hour
	absoluteDuty = 12 * time.Hour

	// seenEvery is how precisely the last use of sessions and tokens is kept: a write a minute, not one a request.
	seenEvery = time.Minute
)

// lifetimes are those for an account's roles.
func lifetimes(roles []policies.Role) (idle, absolute time.Duration) {
	for _, r := range roles {
		if r != policies.RoleParticipant && r != policies.RoleCaregiver {
			return idleDuty, absoluteDuty
		}
	}
	return idleOwn, absoluteOwn
}

// alive tells whether a session is still good at now.
func alive(seen, expires time.Time, roles []policies.Role, now time.Time) bool {
	idle, _ := lifetimes(roles)
	return now.Before(expires) && now.Before(seen.Add(idle))
}

// Token lets a program act with the rights that its owner has at that moment.
type Token struct {
	ID ident.TokenID
	// Secret is what the program sends (Authorization: Bearer kdr_...). It is there only when the token was just made.
	Secret    string
	Label     string
	CreatedAt time.Time
	UsedAt    time.Time // zero: never; precise to a minute
	ExpiresAt time.Time
	RevokedAt time.Time // zero: not revoked
}

// Limits of a token's life.
const (
	TokenMin     = time.Minute
	TokenMax     = 366 * 24 * time.Hour
	TokenDefault = 30 * 24 * time.Hour
	labelMax     = 80
)
