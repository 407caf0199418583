package account

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestTheWaitGrowsAndEnds(t *testing.T) {
	l := Limit{Free: 3, Base: time.Second, Cap: 10 * time.Second, Forget: time.Hour}
	var c throttle
	now := noon
	for i, want := range []time.Duration{0, 0, 0, 1, 2, 4, 8, 10, 10, 10} {
		c = c.fail(l, now)
		if got := c.wait(now); got != want*time.Second {
			t.Fatalf("after %d failures: %s, want %s", i+1, got, want*time.Second)
		}
	}
	if got := c.fail(l, now.Add(2*time.Hour)); got.Failures != 1 {
		t.Fatal("an old count is not forgotten")
	}
	if c.wait(now.Add(-24*time.Hour)) > 0 {
		t.Fatal("a clock that was set back blocks")
	}
	if c.wait(now.Add(10*time.Second)) > 0 {
		t.Fatal("the wait does not end")
	}
}

// Whatever is tried, by whomever and however often, the wait never exceeds the cap.
func TestNobodyIsLockedOutForGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := DefaultLimits.Account
		var c throttle
		now := noon
		for range rapid.IntRange(1, 200).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "seconds")) * time.Second)
			if c.wait(now) > 0 {
				continue // refused without being counted
			}
			c = c.fail(l, now)
			if w := c.wait(now); w > l.Cap {
				t.Fatalf("a wait of %s", w)
			}
		}
	})
}

func TestNetwork(t *testing.T) {
	for _, c := range [][2]string{
		{"192.0.2.7", "192.0.2.7"},
		{"::ffff:192.0.2.7", "192.0.2.7"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/64"},
	} {
		if got := network(netip.MustParseAddr(c[0])); got != c[1] {
			t.Errorf("%s counts as %s, want %s", c[0], got, c[1])
		}
	}
	if network(netip.Addr{}) != "unknown" {
		t.Error("no address")
	}
}
