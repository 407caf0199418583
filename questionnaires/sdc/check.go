package sdc

import (
	"strconv"

	"kindred/internal/fault"
)

// Check judges a whole draft as it would be judged on submit: what is required is there, repeats are neither too few
// nor too many. Each fault's Field is the path of the item. Disabled items are not looked at: their answers are left out.
func (f *Form) Check(s *State) fault.List {
	j := judge{f: f}
	j.inside(s.root, f.top, nil, "")
	return j.faults
}

// judgeRead judges a finished response that was read from JSON, where disabled items must be absent; each Field is a
// FHIRPath location in that JSON.
func (f *Form) judgeRead(s *State) fault.List {
	j := judge{f: f, read: true}
	j.inside(s.root, f.top, nil, "QuestionnaireResponse")
	return j.faults
}

type judge struct {
	f      *Form
	read   bool // the state came from JSON, and faults name places there
	faults fault.List
}

// inside judges the children of one occurrence: at is its address, where its location in the JSON.
func (j *judge) inside(in *occurrence, children []int, at []int, where string) {
	for _, child := range children {
		it := &j.f.items[child]
		sl := &in.slots[it.seat]
		place := inside(at, it.LinkID).String
		location := func() string {
			if !j.read {
				return place()
			}
			if sl.at < 0 {
				return where // absent: the element that lacks it
			}
			return where + ".item[" + strconv.Itoa(sl.at) + "]"
		}
		if !sl.on {
			if j.read && sl.at >= 0 && sl.answered() {
				j.faults.Add(errDisabledAnswered.With("Link", it.LinkID).At(location()))
			}
			continue
		}
		if f := it.enough(sl); f != nil {
			j.faults.Add(f.At(location()))
		}
		for _, o := range sl.list {
			if len(o.slots) == 0 {
				continue
			}
			next := ""
			switch {
			case !j.read:
			case it.question():
				next = location() + ".answer[" + strconv.Itoa(o.at) + "]"
			case o.at < 0:
				next = where
			default:
				next = where + ".item[" + strconv.Itoa(o.at) + "]"
			}
			// An optional group that nobody began asks for nothing.
			if it.Type == TypeGroup && !it.Required && it.Repeats && !o.answered() {
				continue
			}
			j.inside(o, it.children, deeper(at, o.id), next)
		}
	}
}

func (sl *slot) answered() bool {
	for _, o := range sl.list {
		if o.answered() {
			return true
		}
	}
	return false
}

// enough judges how many answers, or occurrences with answers, there are.
func (i *item) enough(sl *slot) *fault.Error {
	n := 0
	for _, o := range sl.list {
		if o.answered() {
			n++
		}
	}
	least := max(i.MinOccurs, 0)
	if i.Required {
		least = max(least, 1)
	}
	switch {
	case i.Type == TypeDisplay:
		return nil
	case n == 0 && i.Required:
		return errRequired.With("Link", i.LinkID)
	case n < least:
		return errTooFew.With("Limit", least)
	case i.MaxOccurs >= 0 && n > i.MaxOccurs:
		return errTooMany.With("Limit", i.MaxOccurs)
	}
	return nil
}
