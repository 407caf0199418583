package export

import "time"

// Count is how many people a study would get now.
type Count struct {
	Shown bool
	N     int    // when shown
	Why   Hidden // when not
}

// Hidden says why a count is not shown.
type Hidden string

// The reasons.
const (
	TooFew   Hidden = "few"   // fewer than five
	TooClose Hidden = "close" // so near an earlier count that the difference would tell of fewer than five people
)

// judge decides whether a count may be shown to somebody who has seen others. Two counts that both are shown are
// equal, or differ by at least Floor people.
func judge(n int, seen []int) Count {
	if n < Floor {
		return Count{Why: TooFew}
	}
	for _, s := range seen {
		if d := n - s; d != 0 && d > -Floor && d < Floor {
			return Count{Why: TooClose}
		}
	}
	return Count{Shown: true, N: n}
}

// How often one account may count.
const (
	countsPer    = 120
	countsWithin = time.Hour
)
