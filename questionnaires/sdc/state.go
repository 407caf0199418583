package sdc

import (
	"context"
	"time"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

// State is the answers of one response, as a tree of occurrences that follows the form. It belongs to one goroutine;
// make one with Form.Start or Form.Read.
type State struct {
	root     *occurrence
	last     int // highest instance number given so far
	context  Context
	judging  bool   // calculated values stay as the document has them
	header   []byte // the response without its items, for expressions
	mirror   *fhirpath.Tree
	kept     []map[*occurrence]fhirpath.Collection // the values of variables, until what they read changes
	troubles map[spot]*fault.Error                 // what could not be computed, and where
	until    context.Context                       // of the evaluation that is under way
}

// Context is what a form is filled in with, besides the answers.
type Context struct {
	Now    time.Time                      // now() and today(); without it, they fail
	Launch map[string]fhirpath.Collection // the launch contexts that are known, by name
}

// spot names a node at one place.
type spot struct {
	in   *occurrence
	item int
	kind nodeKind
	nth  int
}

// mark says how a question came by its answers.
type mark uint8

const (
	markNone       mark = iota
	markOverridden      // somebody changed what was calculated
	markPrefilled       // from an initialExpression, and nobody has looked at it
	markFirst           // the initialExpression is still to be evaluated
)

// occurrence is the whole response, one occurrence of a group, or one answer with what stands under it.
type occurrence struct {
	id    int // instance number; 0 where the item does not repeat
	value Value
	slots []slot // by the seat of each child; nil until something stands under an item without children
	at    int    // for answers read from JSON: the position among the answers
	node  fhirpath.Node
}

// slot is where the occurrences of one child item stand. on is the child's own condition: the child is enabled when it
// and all items around it are on.
type slot struct {
	on   bool
	mark mark
	list []*occurrence
	at   int           // for items read from JSON: the position among the items
	node fhirpath.Node // of a question
	live *live         // what expressions make of the item here; nil while there are none
}

// Start makes the state of an empty response: initial values set, conditions and calculations evaluated.
func (f *Form) Start(context ...Context) *State {
	s := &State{}
	s.set(context)
	s.root = f.occurrence(s, -1, true)
	f.evaluateAll(s)
	return s
}

func (s *State) set(context []Context) {
	for _, c := range context {
		s.context = c
	}
}

// occurrence makes an occurrence of an item with all that stands in it from the start. Conditions are evaluated after.
func (f *Form) occurrence(s *State, index int, initial bool) *occurrence {
	o := &occurrence{}
	if index >= 0 && f.items[index].numbered() {
		s.last++
		o.id = s.last
	}
	children := f.childrenOf(index)
	if len(children) == 0 {
		return o
	}
	o.slots = make([]slot, len(children))
	for seat, child := range children {
		it := &f.items[child]
		sl := &o.slots[seat]
		sl.on, sl.at = !it.conditional(), -1
		if initial && it.initialize != nil {
			sl.mark = markFirst
		}
		switch {
		case it.Type == TypeGroup:
			for range max(1, it.MinOccurs*btoi(it.Repeats)) {
				sl.list = append(sl.list, f.occurrence(s, child, initial))
			}
		case it.question() && initial:
			for _, v := range it.initial {
				a := f.occurrence(s, child, initial)
				a.value = v
				sl.list = append(sl.list, a)
			}
		}
	}
	return o
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Clone copies the state.
func (s *State) Clone() *State {
	return &State{root: s.root.clone(), last: s.last, context: s.context, judging: s.judging, header: s.header}
}

func (o *occurrence) clone() *occurrence {
	c := *o
	c.node = fhirpath.Node{}
	c.slots = make([]slot, len(o.slots))
	for i, sl := range o.slots {
		c.slots[i] = sl
		c.slots[i].node = fhirpath.Node{}
		c.slots[i].list = make([]*occurrence, len(sl.list))
		for j, in := range sl.list {
			c.slots[i].list[j] = in.clone()
		}
	}
	return &c
}

// find gives the item of a path, and the occurrence that the item stands in. The last answer tells whether it and all
// around it are enabled.
func (f *Form) find(s *State, p Path) (it *item, in *occurrence, enabled bool) {
	index, ok := f.byLink[p.LinkID]
	if !ok {
		return nil, nil, false
	}
	it, in, enabled = &f.items[index], s.root, true
	at := p.At
	for _, a := range it.chain {
		around := &f.items[a]
		sl := &in.slots[around.seat]
		enabled = enabled && sl.on
		var next *occurrence
		if around.numbered() {
			if len(at) == 0 {
				return nil, nil, false
			}
			next, at = byID(sl.list, at[0]), at[1:]
		} else if len(sl.list) > 0 {
			next = sl.list[0]
		}
		if next == nil {
			return nil, nil, false
		}
		in = next
	}
	if len(at) > 0 {
		return nil, nil, false
	}
	return it, in, enabled && in.slots[it.seat].on
}

func byID(list []*occurrence, id int) *occurrence {
	for _, o := range list {
		if o.id == id {
			return o
		}
	}
	return nil
}

// answered tells whether any question inside an occurrence has an answer; hidden ones count too.
func (o *occurrence) answered() bool {
	if o.value.Type != "" {
		return true
	}
	for _, sl := range o.slots {
		for _, in := range sl.list {
			if in.answered() {
				return true
			}
		}
	}
	return false
}

// size is how many places for answers an occurrence holds.
func (o *occurrence) size() int {
	n := len(o.slots)
	for _, sl := range o.slots {
		for _, in := range sl.list {
			n += in.size()
		}
	}
	return n
}

// Files are the attachments among the answers, to be completed in place.
func (s *State) Files() []**Attachment {
	var list []**Attachment
	s.root.files(&list)
	return list
}

// files gathers the attachments inside an occurrence.
func (o *occurrence) files(list *[]**Attachment) {
	if o.value.File != nil {
		*list = append(*list, &o.value.File)
	}
	for _, sl := range o.slots {
		for _, in := range sl.list {
			in.files(list)
		}
	}
}
