package account

import (
	"net/netip"
	"time"
)

// Limit says how many failures are free and how the wait grows after them: Base, twice that, four times, up to Cap.
// After Forget without a failure the count begins anew. The wait is always short enough to sit out, so that nobody is
// locked out for good by somebody else's guessing.
type Limit struct {
	Free   int
	Base   time.Duration
	Cap    time.Duration
	Forget time.Duration
}

// Limits are the throttles of the front door.
type Limits struct {
	// Account counts failures for one sign-in name, from anywhere that has not signed in to it lately, whether or not
	// the account exists.
	Account Limit
	// Known counts failures for one sign-in name from a network that it was signed in from lately. An attacker
	// elsewhere does not touch it: the owner at home still comes in. Its figures are those of Account, or the number
	// of free tries would tell a neighbour on the same network that the account exists.
	Known Limit
	// Peer counts failures from one network, whatever the name. Signing in to one account does not clear it.
	Peer Limit
	// Register counts new accounts from one network.
	Register Limit
}

// DefaultLimits keep online guessing under about 300 tries a day for an account.
var DefaultLimits = Limits{
	Account:  Limit{Free: 10, Base: time.Second, Cap: 5 * time.Minute, Forget: time.Hour},
	Known:    Limit{Free: 10, Base: time.Second, Cap: 5 * time.Minute, Forget: time.Hour},
	Peer:     Limit{Free: 30, Base: time.Second, Cap: 5 * time.Minute, Forget: 30 * time.Minute},
	Register: Limit{Free: 300, Base: time.Second, Cap: 10 * time.Minute, Forget: time.Hour},
}

// knownFor is how long a network stays known to an account after a sign-in.
const knownFor = 90 * 24 * time.Hour

// throttle is the count of one key.
type throttle struct {
	Failures int
	Last     time.Time
	Until    time.Time
}

// wait is how long the next try must wait; zero or less: it may come. A clock that was set back never blocks: what was
// counted in its future tells nothing.
func (t throttle) wait(now time.Time) time.Duration {
	if now.Before(t.Last) {
		return 0
	}
	return t.Until.Sub(now)
}

// fail counts a try. It is counted before the password is looked at, so that tries at the same instant each count; a
// success takes its own count back.
func (t throttle) fail(l Limit, now time.Time) throttle {
	if now.Sub(t.Last) > l.Forget || now.Before(t.Last) {
		t = throttle{}
	}
	t.Failures++
	t.Last = now
	t.Until = now
	if over := t.Failures - l.Free; over > 0 {
		delay := l.Cap
		if over <= 30 {
			delay = min(l.Cap, l.Base<<(over-1))
		}
		t.Until = now.Add(delay)
	}
	return t
}

// forgive takes one count back.
func (t throttle) forgive() throttle {
	t.Failures = max(0, t.Failures-1)
	t.Until = t.Last
	return t
}

// network is what counts as one peer: an IPv4 address, or the /64 that an IPv6 customer gets. The address must be that
// of the connection, or one that a pinned proxy vouches for; this package cannot tell.
func network(peer netip.Addr) string {
	peer = peer.Unmap().WithZone("")
	switch {
	case !peer.IsValid():
		return "unknown"
	case peer.Is6():
		prefix, err := peer.Prefix(64)
		if err != nil {
			return "unknown"
		}
		return prefix.String()
	}
	return peer.String()
}
