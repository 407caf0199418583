package audit

import (
	"time"

	"kindred/policies"
)

// foldMost is how many entries are looked through for one folded page.
const foldMost = 4000

// lookedAtOwn tells entries apart that are folded: somebody who looks at their own data, or at those of people they
// care for. Those of one account on one day (UTC) share a key; "" is any other entry, which always stands alone.
func (e Entry) lookedAtOwn() string {
	if e.Purpose != policies.PurposeOwn || e.Act != policies.ActRead || e.Outcome != OutcomeOK {
		return ""
	}
	return e.At.UTC().Format(time.DateOnly) + " " + string(e.Account)
}

// folded reads a page of so many lines. The first entry of a key carries the others: how many they are in Times, and
// when the oldest was in Since.
func folded(from cursor, limit int, read func(from cursor, n int) ([]Entry, error)) (Page, error) {
	var p Page
	at := map[string]int{}
	for looked := 0; ; looked += batch {
		if looked >= foldMost {
			p.Next = from.String()
			return p, nil
		}
		entries, err := read(from, batch)
		if err != nil {
			return Page{}, err
		}
		for _, e := range entries {
			key := e.lookedAtOwn()
			line, seen := at[key]
			switch {
			case key != "" && seen:
				p.Entries[line].Times++
				p.Entries[line].Since = e.At
			case len(p.Entries) == limit:
				p.Next = from.String()
				return p, nil
			default:
				if key != "" {
					at[key], e.Times, e.Since = len(p.Entries), 1, e.At
				}
				p.Entries = append(p.Entries, e)
			}
			from = cursor{e.At, string(e.ID)}
		}
		if len(entries) < batch {
			return p, nil
		}
	}
}
