package sdc

import (
	"strconv"
	"strings"

	"kindred/internal/fault"
)

// A change may also put an occurrence before the one that it stands behind, or say that an answer which was filled in
// beforehand is still true.
const (
	OpMove    Op = "move"    // of a repeating group; Instance names the occurrence
	OpConfirm Op = "confirm" // of a prefilled question; its answers stay as they are
)

// move puts an occurrence one place nearer to the start; the first one stays where it is.
func (f *Form) move(s *State, it *item, in *occurrence, c Change) (Effect, fault.List) {
	sl := &in.slots[it.seat]
	o := byID(sl.list, c.Instance)
	if it.Type != TypeGroup || !it.Repeats || o == nil {
		return Effect{}, fault.List{errNoRepeat.At(c.Path.String())}
	}
	list := append([]*occurrence(nil), sl.list...)
	for n := 1; n < len(list); n++ {
		if list[n] == o {
			list[n-1], list[n] = list[n], list[n-1]
			break
		}
	}
	for _, one := range sl.list { // they are put into the tree again in their new order
		if !one.node.IsZero() {
			f.drop(s, one, it)
		}
	}
	sl.list = list
	f.reflect(s, f.wayTo(s, it, in), it)
	return f.done(s, it, f.within(it), Effect{}), nil
}

// confirm makes a prefilled answer one that the person gave.
func (f *Form) confirm(s *State, it *item, in *occurrence, c Change) (Effect, fault.List) {
	sl := &in.slots[it.seat]
	if !it.question() || len(sl.list) == 0 {
		return Effect{}, fault.List{errNoAnswerHere.At(c.Path.String())}
	}
	if sl.mark == markPrefilled {
		sl.mark = markNone
	}
	return Effect{LinkIDs: []string{it.LinkID}, Values: sl.values()}, nil
}

// ordered tells whether a change is something else than an answer: what it does is not judged against what is there.
func (c Change) ordered() bool { return c.Op != OpAnswer && c.Op != "" }

// arrangements reads _move (path~instance) and _confirm (a path).
func (f Fields) arrangements() ([]Change, error) {
	var list []Change
	for _, text := range f["_confirm"] {
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		list = append(list, Change{Path: path, Op: OpConfirm})
	}
	for _, text := range f["_move"] {
		cut := max(strings.LastIndexByte(text, '~'), 0)
		path, err := ParsePath(text[:cut])
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(text[cut+1:])
		if err != nil {
			return nil, ErrNoItem
		}
		list = append(list, Change{Path: path, Op: OpMove, Instance: n})
	}
	return list, nil
}
