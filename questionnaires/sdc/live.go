package sdc

import (
	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

// live is what expressions make of an item at one place. It is never changed: a new result makes a new one.
type live struct {
	item      item                  // the item with what was computed in place of what the form says
	results   []fhirpath.Collection // of the dynamics
	off       []bool                // toggles that are not true now
	offers    []Option              // of an answerExpression
	offering  bool
	proposals []Option // of a candidateExpression
}

// at is the item as it is at a place: with its computed texts, limits and options.
func (i *item) at(sl *slot) *item {
	if sl == nil || sl.live == nil {
		return i
	}
	return &sl.live.item
}

// enliven computes one dynamic element, toggle or list of options.
func (f *Form) enliven(s *State, nd *node, it *item, sl *slot, way []*occurrence) bool {
	next := live{results: make([]fhirpath.Collection, len(it.dynamics)), off: make([]bool, len(it.toggles))}
	if old := sl.live; old != nil {
		next.offers, next.offering, next.proposals = old.offers, old.offering, old.proposals
		copy(next.results, old.results)
		copy(next.off, old.off)
	}
	got, err := f.value(s, nd.x, way, nil)
	problem := error(nil)
	if err != nil {
		problem = err
	}
	switch nd.kind {
	case nodeDynamic:
		next.results[nd.nth] = got
	case nodeToggle:
		on, err := got.Bool()
		if problem == nil {
			problem = err
		}
		next.off[nd.nth] = !on && problem == nil // what cannot be told stays possible
	case nodeOffer:
		next.offers, next.offering = f.offersOf(it, got), problem == nil
	case nodeCandidate:
		next.proposals = f.offersOf(it, got)
	}
	next.item = *it
	if f := next.apply(it); f != nil && problem == nil {
		problem = f
	}
	if problem != nil {
		s.fail(f, nd, way, problem)
	} else {
		s.settled(nd, way)
	}
	same := sl.live != nil && sl.live.looks(&next) || sl.live == nil && next.plain(it)
	sl.live = &next
	return !same
}

// offersOf turns what an answerExpression or candidateExpression gave into options. A text for a coded item names a
// value set where it is the address of one (answerValueSet by expression).
func (f *Form) offersOf(it *item, got fhirpath.Collection) []Option {
	var list []Option
	bare := *it
	bare.Options, bare.options, bare.loose, bare.Repeats = nil, nil, true, true
	for _, g := range got {
		if text, ok := g.Text(); ok && bare.answer == CodingType {
			if expansion, err := f.library.Expand(text); err == nil {
				for _, concept := range expansion.Concepts {
					if !concept.Abstract && len(list) < maxOptions {
						list = append(list, setOption(concept))
					}
				}
				continue
			}
		}
		v, problem := bare.answerOf(g)
		if problem != nil || len(list) >= maxOptions {
			continue
		}
		list = append(list, Option{Key: optionKey(v), Value: v, Label: Text{Plain: firstOf(v.Coding.Display, v.Text, v.Coding.Code)}})
	}
	return list
}

// apply puts the results into the item; it tells one that does not fit.
func (l *live) apply(it *item) (problem *fault.Error) {
	to := &l.item
	for n, d := range it.dynamics {
		if len(l.results[n]) == 0 {
			continue // nothing computed: what the form says stands
		}
		if len(l.results[n]) > 1 {
			problem = errSeveral.With("Count", len(l.results[n]), "Link", it.LinkID)
			continue
		}
		if f := to.set(d.element, l.results[n][0]); f != nil {
			problem = f.With("Link", it.LinkID)
		}
	}
	if l.offering {
		to.Options, to.loose = l.offers, len(l.offers) == 0 && it.loose && it.offers == nil
	}
	l.toggle(it)
	if l.offering || len(it.toggles) > 0 || len(l.proposals) > 0 {
		to.options = map[string]int{}
		for n, o := range to.Options {
			if _, twice := to.options[o.Key]; !twice {
				to.options[o.Key] = n
			}
		}
	}
	return problem
}

// toggle marks the options that cannot be chosen now: those that toggles name, while none that names them is true.
func (l *live) toggle(it *item) {
	if len(it.toggles) == 0 {
		return
	}
	options := make([]Option, len(l.item.Options))
	for n, o := range l.item.Options {
		named, on := false, false
		for t := range it.toggles {
			for _, v := range it.toggles[t].options {
				if v.Equal(o.Value) {
					named, on = true, on || !l.off[t]
				}
			}
		}
		o.Off = named && !on
		options[n] = o
	}
	l.item.Options = options
}

// set puts one computed value in the place of what the form says.
func (i *item) set(element string, g fhirpath.Value) *fault.Error {
	wrong := errResultType.With("Type", g.TypeName(), "Wanted", element)
	text, plain := g.Text()
	switch element {
	case "text", "prefix", "entryFormat":
		if !plain {
			return wrong
		}
		switch element {
		case "text":
			i.Text = Text{Plain: text}
		case "prefix":
			i.Prefix = Text{Plain: text}
		default:
			i.EntryFormat = Text{Plain: text}
		}
	case "required", "readOnly", "repeats":
		b, ok := g.Bool()
		if !ok {
			return wrong
		}
		switch element {
		case "required":
			i.Required = b
		case "readOnly":
			i.ReadOnly = b
		default:
			i.Repeats = b && i.Type != TypeGroup || i.Repeats && i.Type == TypeGroup
		}
	case "minValue", "maxValue":
		bare := item{answer: i.answer, MaxDecimals: -1, Units: i.Units}
		v, f := bare.answerOf(g)
		if f != nil {
			return f
		}
		if element == "minValue" {
			i.Min = &v
		} else {
			i.Max = &v
		}
	default:
		n, ok := whole(text)
		if !ok {
			return wrong
		}
		*i.limit(element) = n
	}
	return nil
}

// limit is the count that an element stands for.
func (i *item) limit(element string) *int {
	switch element {
	case "minOccurs":
		return &i.MinOccurs
	case "maxOccurs":
		return &i.MaxOccurs
	case "maxLength":
		return &i.MaxLength
	case "minLength":
		return &i.MinLength
	default:
		return &i.MaxDecimals
	}
}

// looks tells whether two make the same of an item, as far as a page shows it.
func (l *live) looks(m *live) bool {
	a, b := &l.item, &m.item
	if a.Text.Plain != b.Text.Plain || a.Prefix.Plain != b.Prefix.Plain || a.EntryFormat.Plain != b.EntryFormat.Plain || a.Required != b.Required ||
		a.ReadOnly != b.ReadOnly || a.Repeats != b.Repeats || a.MinOccurs != b.MinOccurs || a.MaxOccurs != b.MaxOccurs || a.MaxLength != b.MaxLength ||
		a.MinLength != b.MinLength || a.MaxDecimals != b.MaxDecimals || len(a.Options) != len(b.Options) || len(l.proposals) != len(m.proposals) {
		return false
	}
	for n := range a.Options {
		if a.Options[n].Key != b.Options[n].Key || a.Options[n].Off != b.Options[n].Off {
			return false
		}
	}
	for n := range l.proposals {
		if l.proposals[n].Key != m.proposals[n].Key {
			return false
		}
	}
	return bound(a.Min) == bound(b.Min) && bound(a.Max) == bound(b.Max)
}

func bound(v *Value) string {
	if v == nil {
		return ""
	}
	return v.Text + " " + v.Coding.Code
}

// plain tells whether nothing differs from what the form says.
func (l *live) plain(it *item) bool {
	return (&live{item: *it}).looks(l)
}
