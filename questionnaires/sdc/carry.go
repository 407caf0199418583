package sdc

import (
	"slices"
	"strings"
)

// Outcome is what becomes of an answer that moves to another version of its form.
type Outcome string

// The outcomes. What is kept aside has no place in the other version; nothing is dropped.
const (
	Carried   Outcome = "carried"   // as it is
	Converted Outcome = "converted" // the same, written as the other version writes it
	KeptAside Outcome = "kept_aside"
)

// CarriedItem is what becomes of the answers to one question at one place.
type CarriedItem struct {
	Path    string // in the version that was answered
	LinkID  string
	Outcome Outcome
	Values  []Value // as they were given
	Now     []Value // as they are in the other version; none where they are kept aside
}

// Carry moves the answers of a response to another form of the same questionnaire, for a draft that goes on there. The
// state given is not changed. Instance numbers stay, so that a path means the same place before and after. What was left
// without an answer stays so, also where the other form has an initial value; what only the other form asks begins as
// in a new draft.
func (f *Form) Carry(from *Form, s *State, context ...Context) (*State, []CarriedItem) {
	c := carrier{from: from, to: f, s: &State{last: s.last}}
	c.s.set(context)
	c.s.root = f.occurrence(c.s, -1, true)
	c.inside(s.root, from.top, nil)
	f.evaluateAll(c.s)
	return c.s, c.items
}

type carrier struct {
	from, to *Form
	s        *State
	items    []CarriedItem
}

func (c *carrier) inside(in *occurrence, children []int, at []int) {
	for _, child := range children {
		it := &c.from.items[child]
		sl := &in.slots[it.seat]
		target, into := c.place(it, at)
		switch {
		case it.Type == TypeGroup && it.numbered() && target != nil:
			c.group(sl, target, into)
		case it.question() && (it.calculate == nil || sl.mark == markOverridden):
			c.question(it, sl, target, into, at)
		}
		for _, o := range sl.list {
			if len(o.slots) > 0 {
				c.inside(o, it.children, deeper(at, o.id))
			}
		}
	}
}

// place finds the item that has the linkId in the other form, and the occurrence that it stands in, where the same
// repeating items are around it.
func (c *carrier) place(it *item, at []int) (*item, *occurrence) {
	target, in, _ := c.to.find(c.s, Path{LinkID: it.LinkID, At: at})
	if target == nil || target.numbered() != it.numbered() && it.Type == TypeGroup || (target.Type == TypeGroup) != (it.Type == TypeGroup) ||
		!slices.Equal(c.from.around(it), c.to.around(target)) {
		return nil, nil
	}
	return target, in
}

// around are the linkIds of the repeating items around an item.
func (f *Form) around(it *item) (links []string) {
	for _, a := range it.chain {
		if f.items[a].numbered() {
			links = append(links, f.items[a].LinkID)
		}
	}
	return links
}

// group makes as many occurrences as there were, under the same numbers.
func (c *carrier) group(sl *slot, target *item, in *occurrence) {
	into := &in.slots[target.seat]
	into.list = nil
	for _, o := range sl.list {
		n := c.to.occurrence(c.s, target.index, true)
		n.id = o.id
		into.list = append(into.list, n)
	}
}

func (c *carrier) question(it *item, sl *slot, target *item, in *occurrence, at []int) {
	item := CarriedItem{Path: inside(at, it.LinkID).String(), LinkID: it.LinkID, Outcome: KeptAside, Values: sl.values()}
	if target != nil && target.question() && (target.calculate == nil || sl.mark == markOverridden) {
		if now, ok := target.adopt(item.Values); ok {
			item.Now, item.Outcome = now, Carried
			if !same(now, sl.list) {
				item.Outcome = Converted
			}
			into := &in.slots[target.seat]
			into.list, into.mark = nil, sl.mark
			for n, v := range now {
				o := c.to.occurrence(c.s, target.index, true)
				if o.value = v; target.numbered() && it.numbered() {
					o.id = sl.list[n].id
				}
				into.list = append(into.list, o)
			}
		}
	}
	if len(item.Values) > 0 {
		c.items = append(c.items, item)
	}
}

// adopt gives the answers of another version as the item takes them, all or none.
func (i *item) adopt(values []Value) ([]Value, bool) {
	now := make([]Value, len(values))
	for n, v := range values {
		if v.Type != Absent {
			v = i.convert(v)
			if i.check(v) != nil {
				return nil, false
			}
		}
		now[n] = v
	}
	return now, i.together(now) == nil
}

// convert writes an answer as the item writes it, where that loses nothing.
func (i *item) convert(v Value) Value {
	switch {
	case v.Type == Integer && i.answer == Decimal, v.Type == Date && i.answer == DateTime:
		v.Type = i.answer
	case v.Type == Decimal && i.answer == Integer && !strings.ContainsAny(v.Text, ".eE"):
		v.Type = Integer
	case v.Type == DateTime && i.answer == Date && !strings.Contains(v.Text, "T"):
		v.Type = Date
	case v.Type == URI && i.answer == String, v.Type == String && i.answer == URI:
		v.Type = i.answer
	}
	return v
}

// Label is the text of an item in one language; "" where there is no such item.
func (f *Form) Label(link, lang string) string {
	index, ok := f.byLink[link]
	if !ok {
		return ""
	}
	return f.items[index].Text.For(lang)
}

// Knows tells whether the form has an item of this linkId.
func (f *Form) Knows(link string) bool {
	_, ok := f.byLink[link]
	return ok
}
