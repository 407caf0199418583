package compare

import (
	"strconv"
	"strings"

	"kindred/internal/fault"
)

// errPropose says what to do with an item whose meaning changed.
var errPropose = fault.New(fault.Invalid, "compare.propose")

// propose gives every item that may not keep its linkId another one, which no version has.
func (d *diff) propose(taken map[string]bool) {
	proposed := map[string]string{}
	for at := range d.changes {
		c := &d.changes[at]
		if c.Class != Meaning || c.Stated || c.LinkID == "" || d.new.byLink[c.LinkID] == nil {
			continue
		}
		if proposed[c.LinkID] == "" {
			known := func(linkID string) bool {
				return d.old.byLink[linkID] != nil || d.new.byLink[linkID] != nil || taken[linkID]
			}
			base, n := numbered(c.LinkID, known)
			for known(base + "-" + strconv.Itoa(n)) {
				n++
			}
			proposed[c.LinkID] = base + "-" + strconv.Itoa(n)
			if taken != nil {
				taken[proposed[c.LinkID]] = true
			}
		}
		c.Propose = proposed[c.LinkID]
	}
}

// numbered takes pain-2 apart where pain is an item too, so that pain-3 follows; any other linkId begins at 2.
func numbered(linkID string, known func(string) bool) (base string, next int) {
	at := strings.LastIndexByte(linkID, '-')
	if at <= 0 || !known(linkID[:at]) {
		return linkID, 2
	}
	n, err := strconv.Atoi(linkID[at+1:])
	if err != nil || n < 2 || n > 9999 || strconv.Itoa(n) != linkID[at+1:] {
		return linkID, 2
	}
	return linkID[:at], n + 1
}

// Refusals says what keeps a form from being published after those that were, oldest first: every change of meaning to
// an item whose linkId has been published, each against the latest version that has it, and after them the linkId that
// the item could have instead. A linkId that was gone for a while does not come back with another meaning. Items that
// are gone, and changes of who is asked that the author states, are no reason to refuse.
//
// The list is empty when nothing speaks against it; the error is for what cannot be read.
func Refusals(next []byte, published ...[]byte) (fault.List, error) {
	n, err := read(next)
	if err != nil {
		return nil, err
	}
	forms := make([]*form, len(published))
	taken, latest := map[string]bool{}, map[string]int{}
	for i, raw := range published {
		if forms[i], err = read(raw); err != nil {
			return nil, err
		}
		for _, one := range forms[i].items {
			taken[one.linkID], latest[one.linkID] = true, i
		}
	}
	changes := map[string]Changes{}
	for i, f := range forms {
		d := &diff{old: f, new: n}
		for _, one := range n.items {
			if was := f.byLink[one.linkID]; was != nil && latest[one.linkID] == i {
				d.item(was, one)
			}
		}
		d.propose(taken)
		for _, c := range d.changes {
			if c.Propose != "" {
				changes[c.LinkID] = append(changes[c.LinkID], c)
			}
		}
	}
	var out fault.List
	for _, one := range n.items {
		for _, c := range changes[one.linkID] {
			out.Add(c.Sentence())
		}
		if list := changes[one.linkID]; len(list) > 0 {
			out.Add(errPropose.With("LinkID", one.linkID, "Propose", list[0].Propose).At(one.linkID))
		}
	}
	return out, nil
}
