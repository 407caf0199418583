package sdc

import (
	"strconv"
	"strings"
)

// Answered is what an occurrence holds, as a tree of values without the engine's state; disabled items are left out and
// named in Hidden. It is what an export reads.
type Answered struct {
	Items  []AnsweredItem
	Hidden []string // linkIds of children that the form's logic kept closed
}

// AnsweredItem is one occurrence of a group, or a question with its answers.
type AnsweredItem struct {
	LinkID   string
	Instance int // of a repeating group
	Answers  []AnsweredValue
	Answered // of a group
}

// AnsweredValue is one answer, and what stands under it.
type AnsweredValue struct {
	Value Value
	Answered
}

// Answers gives the tree of a state, in the order of the form.
func (f *Form) Answers(s *State) Answered { return f.answersIn(s.root, f.top) }

func (f *Form) answersIn(in *occurrence, children []int) Answered {
	var a Answered
	for _, child := range children {
		it := &f.items[child]
		sl := &in.slots[it.seat]
		switch {
		case it.Type == TypeDisplay:
		case !sl.on:
			a.Hidden = append(a.Hidden, it.LinkID)
		case it.Type == TypeGroup:
			for _, o := range sl.list {
				if inner := f.answersIn(o, it.children); o.answered() || len(inner.Hidden) > 0 {
					a.Items = append(a.Items, AnsweredItem{LinkID: it.LinkID, Instance: o.id, Answered: inner})
				}
			}
		case len(sl.list) > 0:
			item := AnsweredItem{LinkID: it.LinkID}
			for _, o := range sl.list {
				v := AnsweredValue{Value: o.value}
				if len(o.slots) > 0 {
					v.Answered = f.answersIn(o, it.children)
				}
				item.Answers = append(item.Answers, v)
			}
			a.Items = append(a.Items, item)
		}
	}
	return a
}

// Column describes one item of a form that takes answers or repeats, for codebooks.
type Column struct {
	LinkID   string
	Parent   string // linkId of the nearest repeating item around it; "" at the top
	Text     Text
	Type     ItemType
	Repeats  bool
	FreeText bool // typed in own words: may hold anything
	Options  []Option
	Units    []Coding
}

// Columns lists them in the order of the form.
func (f *Form) Columns() []Column {
	var list []Column
	for i := range f.items {
		it := &f.items[i]
		if !it.question() && !it.numbered() {
			continue
		}
		c := Column{LinkID: it.LinkID, Text: it.Text, Type: it.Type, Repeats: it.Repeats, Options: it.Options, Units: it.Units}
		c.FreeText = it.Type == TypeOpenChoice || (len(it.Options) == 0 && (it.answer == String || it.answer == URI || it.answer == File || it.answer == Reference))
		for _, a := range it.chain {
			if f.items[a].numbered() {
				c.Parent = f.items[a].LinkID
			}
		}
		list = append(list, c)
	}
	return list
}

// Given is one enabled answer, with its place.
type Given struct {
	LinkID   string
	Instance string // instance numbers of the repeating items around it and its own, joined by dots
	Value    Value
	Offered  bool // one of the options of the item, not somebody's own words
}

// Given calls each with every enabled answer, in the order of the form.
func (f *Form) Given(s *State, each func(Given)) { f.givenIn(s.root, f.top, nil, each) }

func (f *Form) givenIn(in *occurrence, children []int, at []int, each func(Given)) {
	for _, child := range children {
		it := &f.items[child]
		sl := &in.slots[it.seat]
		if !sl.on {
			continue
		}
		for _, o := range sl.list {
			here := deeper(at, o.id)
			if it.question() {
				_, offered := it.option(o.value)
				parts := make([]string, len(here))
				for i, n := range here {
					parts[i] = strconv.Itoa(n)
				}
				each(Given{LinkID: it.LinkID, Instance: strings.Join(parts, "."), Value: o.value, Offered: offered})
			}
			if len(o.slots) > 0 {
				f.givenIn(o, it.children, here, each)
			}
		}
	}
}
