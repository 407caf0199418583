package sdc

import (
	"slices"

	"kindred/internal/fault"
)

// Op is what a Change does.
type Op string

// A change answers a question (with nothing, to clear it), adds one more occurrence of a repeating group, or removes one.
const (
	OpAnswer Op = "answer"
	OpAdd    Op = "add"
	OpRemove Op = "remove"
)

// Change is one edit of a draft.
type Change struct {
	Path     Path
	Op       Op
	Entries  []Entry // OpAnswer: as a person gave it; blank ones are dropped
	Values   []Value // OpAnswer: as a program gave it, when Entries is nil
	Instance int     // OpRemove: which occurrence
	Base     string  // OpAnswer: the Print of the answers that the person saw; empty where that is not known
}

// Effect is what a change did.
type Effect struct {
	LinkIDs []string // items whose answers, enabled state, text, limits or options changed, the item itself first
	Added   int      // OpAdd: the instance number of the new occurrence
	Values  []Value  // OpAnswer: as understood
}

// Apply makes one change to a draft, in place, and recomputes what depends on it. It is pure: no clock, no I/O. With a
// fault the state is as it was; the faults' Field is the path.
func (f *Form) Apply(s *State, c Change) (Effect, fault.List) {
	it, in, enabled := f.find(s, c.Path)
	switch {
	case it == nil:
		return Effect{}, fault.List{ErrNoItem.At(c.Path.String())}
	case !enabled:
		return Effect{}, fault.List{errDisabled.At(c.Path.String())}
	case it.at(&in.slots[it.seat]).ReadOnly:
		return Effect{}, fault.List{errReadOnly.At(c.Path.String())}
	}
	switch c.Op {
	case OpAdd:
		return f.add(s, it, in, c)
	case OpRemove:
		return f.remove(s, it, in, c)
	case OpDecline:
		return f.decline(s, it, in, c)
	case OpMove:
		return f.move(s, it, in, c)
	case OpConfirm:
		return f.confirm(s, it, in, c)
	default:
		return f.answer(s, it, in, c)
	}
}

func (f *Form) answer(s *State, it *item, in *occurrence, c Change) (Effect, fault.List) {
	values, faults := it.at(&in.slots[it.seat]).understand(c)
	if len(faults) > 0 {
		for i := range faults {
			faults[i] = faults[i].At(c.Path.String())
		}
		return Effect{}, faults
	}
	return f.give(s, it, in, values), nil
}

// give puts values in the place of what was answered, and recomputes what depends on it.
func (f *Form) give(s *State, it *item, in *occurrence, values []Value) Effect {
	sl := &in.slots[it.seat]
	pending := it.wakes
	if f.place(s, it, sl, values) {
		pending = f.within(it)
	}
	switch {
	case it.calculate == nil:
		sl.mark = markNone
	case len(values) == 0: // given back to the calculation
		sl.mark, pending = markNone, f.within(it)
	default:
		sl.mark = markOverridden
	}
	f.reflect(s, f.wayTo(s, it, in), it)
	return f.done(s, it, pending, Effect{Values: values})
}

// wayTo is the way from the whole response to the occurrence that an item stands in.
func (f *Form) wayTo(s *State, it *item, in *occurrence) []*occurrence {
	way := make([]*occurrence, len(it.chain)+1)
	way[0], way[len(it.chain)] = s.root, in
	f.trace(way, it, 0)
	return way
}

// trace fills a way whose ends are known.
func (f *Form) trace(way []*occurrence, it *item, depth int) bool {
	if depth+1 >= len(it.chain) {
		if depth+1 > len(it.chain) {
			return true
		}
		for _, o := range way[depth].slots[f.items[it.chain[depth]].seat].list {
			if o == way[depth+1] {
				return true
			}
		}
		return false
	}
	for _, o := range way[depth].slots[f.items[it.chain[depth]].seat].list {
		if way[depth+1] = o; len(o.slots) > 0 && f.trace(way, it, depth+1) {
			return true
		}
	}
	return false
}

// take finds the answer whose place a new value takes, so that its instance number and what stands under it stay: the
// one that is equal, else the one at the same position if its value is given no more.
func take(old []*occurrence, v Value, n int, values []Value) *occurrence {
	for i, o := range old {
		if o != nil && o.value.Equal(v) {
			old[i] = nil
			return o
		}
	}
	if n < len(old) && old[n] != nil {
		for _, w := range values {
			if old[n].value.Equal(w) {
				return nil
			}
		}
		o := old[n]
		old[n] = nil
		return o
	}
	return nil
}

// understand turns what was given into values that the item accepts, all together.
func (i *item) understand(c Change) ([]Value, fault.List) {
	var faults fault.List
	values := c.Values
	if c.Entries != nil {
		values = nil
		for _, e := range c.Entries {
			if e.Blank() {
				continue
			}
			v, f := i.read(e)
			if f != nil {
				faults.Add(f)
				continue
			}
			values = append(values, v)
		}
	} else {
		for n := range values {
			if file := values[n].File; file != nil && file.Blob == "" {
				faults.Add(errAttachmentInline)
				continue
			}
			faults.Add(i.check(values[n]))
		}
	}
	for _, v := range values {
		if len(v.Text) > maxText {
			faults.Add(errTextTooLong.With("Limit", maxText))
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	if !i.question() {
		return nil, fault.List{errNoAnswerHere}
	}
	if i.MaxOccurs >= 0 && len(values) > i.MaxOccurs {
		faults.Add(errTooMany.With("Limit", i.MaxOccurs))
		return values, faults
	}
	faults.Add(i.together(values))
	return values, faults
}

// together judges the answers of one question as a whole: how many, none twice, an exclusive one alone.
func (i *item) together(values []Value) *fault.Error {
	if !i.Repeats && len(values) > 1 {
		return errOneAnswer
	}
	if len(i.Options) == 0 || len(values) < 2 {
		return nil
	}
	for n, v := range values {
		for _, w := range values[:n] {
			if v.Equal(w) {
				return errAnswerTwice
			}
		}
		if o, ok := i.option(v); ok && i.Options[o].Exclusive {
			label := i.Options[o].Label.Plain
			return errExclusive.With("Option", label)
		}
	}
	return nil
}

func (f *Form) add(s *State, it *item, in *occurrence, c Change) (Effect, fault.List) {
	sl := &in.slots[it.seat]
	if it.Type != TypeGroup || !it.Repeats {
		return Effect{}, fault.List{errNoRepeat.At(c.Path.String())}
	}
	limit := maxRepeats
	if most := it.at(sl).MaxOccurs; most >= 0 {
		limit = min(limit, most)
	}
	if len(sl.list) >= limit {
		return Effect{}, fault.List{errTooMany.With("Limit", limit).At(c.Path.String())}
	}
	if s.root.size()+it.last-it.index > maxSlots {
		return Effect{}, fault.List{errTooMuch.At(c.Path.String())}
	}
	o := f.occurrence(s, it.index, true)
	sl.list = append(sl.list, o)
	return f.done(s, it, f.within(it), Effect{Added: o.id}), nil
}

// maxRepeats bounds the occurrences of one repeating group, whatever the form says.
const maxRepeats = 200

// remove takes one occurrence away; the last one leaves an empty one in its place.
func (f *Form) remove(s *State, it *item, in *occurrence, c Change) (Effect, fault.List) {
	sl := &in.slots[it.seat]
	gone := byID(sl.list, c.Instance)
	if it.Type != TypeGroup || !it.Repeats || gone == nil {
		return Effect{}, fault.List{errNoRepeat.At(c.Path.String())}
	}
	var kept []*occurrence
	for _, o := range sl.list {
		if o.id != c.Instance {
			kept = append(kept, o)
		}
	}
	if sl.list = kept; len(kept) == 0 {
		sl.list = []*occurrence{f.occurrence(s, it.index, true)}
	}
	if !gone.node.IsZero() {
		f.drop(s, gone, it)
		f.reflect(s, f.wayTo(s, it, in), it)
	}
	return f.done(s, it, f.within(it), Effect{}), nil
}

// within are the nodes inside an item, and those that the item wakes.
func (f *Form) within(it *item) []int {
	pending := append([]int(nil), it.wakes...)
	for n := range f.nodes {
		if i := f.nodes[n].item; i >= it.index && i <= it.last {
			pending = append(pending, n)
		}
	}
	return pending
}

func (f *Form) done(s *State, it *item, pending []int, e Effect) Effect {
	e.LinkIDs = []string{it.LinkID}
	s.forget(it)
	f.evaluate(s, pending, func(changed *item) {
		if !slices.Contains(e.LinkIDs, changed.LinkID) {
			e.LinkIDs = append(e.LinkIDs, changed.LinkID)
		}
	})
	return e
}

// Put is Apply for one item of a page that was filled in as a whole: an item that an earlier change of the same page
// took away, and an answer that is there already, change nothing; an answer under an item that is not enabled is kept.
// It tells the values as understood and whether they are new.
func (f *Form) Put(s *State, c Change) (values []Value, changed bool, faults fault.List) {
	if c.ordered() {
		effect, faults := f.Apply(s, c)
		return effect.Values, len(faults) == 0, faults
	}
	it, in, on := f.find(s, c.Path)
	if it == nil || !it.question() || it.at(&in.slots[it.seat]).ReadOnly {
		return nil, false, nil
	}
	values, faults = it.at(&in.slots[it.seat]).understand(c)
	switch {
	case len(faults) > 0 && on:
		for i := range faults {
			faults[i] = faults[i].At(c.Path.String())
		}
		return nil, false, faults
	case len(faults) > 0 || same(values, in.slots[it.seat].list):
		return nil, false, nil
	}
	effect, faults := f.answer(s, it, in, c)
	return effect.Values, len(faults) == 0, faults
}

// same tells whether the answers are those that are there, to the letter.
func same(values []Value, list []*occurrence) bool {
	return slices.EqualFunc(values, list, func(v Value, o *occurrence) bool {
		return v.Equal(o.value) && v.Text == o.value.Text
	})
}
