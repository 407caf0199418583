package sdc

import (
	"slices"

	"kindred/internal/jsonscan"
	"kindred/questionnaires/score"
)

// scoring makes a calculated answer of a score: its value, or its standard error.
type scoring struct {
	definition *score.Definition
	deviation  bool
	terms      map[string]int // the items that it reads
}

// scored reads the extensions of package score. A score is a calculated answer like any other: it depends on the items
// that it reads, and on nothing else.
func (c *compiler) scored(index int, ext jsonscan.Value, name string) bool {
	it := &c.form.items[index]
	switch name {
	case score.URL:
		d, faults := score.Parse(ext)
		for _, f := range faults {
			c.refuse(f, it.LinkID)
		}
		if len(faults) == 0 {
			it.calculate = &expression{scope: index, score: &scoring{definition: d}}
		}
	case score.ErrorURL:
		it.calculate = &expression{scope: index, score: &scoring{deviation: true, terms: map[string]int{ext.Get("valueString").Text(): -1}}}
	default:
		return false
	}
	return true
}

// scores holds the scores against the items that they read, and says what each depends on.
func (c *compiler) scores() {
	for i := range c.form.items {
		if x := c.form.items[i].calculate; x != nil && x.score != nil && !x.score.deviation {
			c.score(&c.form.items[i], x)
		}
	}
	for i := range c.form.items {
		if x := c.form.items[i].calculate; x != nil && x.score != nil && x.score.deviation {
			c.deviation(&c.form.items[i], x)
		}
	}
}

func (c *compiler) score(it *item, x *expression) {
	if !it.ReadOnly || it.answer != Decimal && it.answer != Integer || it.Repeats {
		c.refuse(errScorePlace, it.LinkID)
	}
	d := x.score.definition
	for _, f := range d.Settle(it.LinkID, func(link string) (score.Question, bool) {
		q, ok := c.form.byLink[link]
		if !ok || !c.form.items[q].question() {
			return score.Question{}, false
		}
		return c.form.items[q].weighted(), true
	}) {
		c.refuse(f, it.LinkID)
		it.calculate = nil
	}
	x.score.terms = map[string]int{}
	for _, link := range d.Reads() {
		q, ok := c.form.byLink[link]
		if !ok {
			continue
		}
		x.score.terms[link] = q
		x.exact = append(x.exact, q)
		if !slices.Equal(c.repeating(it), c.repeating(&c.form.items[q])) {
			c.refuse(errScoreRepeat.With("Link", link), it.LinkID)
		}
	}
	x.tidy()
}

// repeating are the repeating items around an item.
func (c *compiler) repeating(it *item) []int {
	var list []int
	for _, a := range it.chain {
		if c.form.items[a].numbered() {
			list = append(list, a)
		}
	}
	return list
}

func (c *compiler) deviation(it *item, x *expression) {
	for link := range x.score.terms {
		of, ok := c.form.byLink[link]
		if ok {
			if y := c.form.items[of].calculate; y != nil && y.score != nil && !y.score.deviation && y.score.definition.HasError() {
				x.score.definition, x.score.terms, x.exact = y.score.definition, y.score.terms, y.exact
				if !it.ReadOnly || it.answer != Decimal {
					c.refuse(errScorePlace, it.LinkID)
				}
				return
			}
		}
		c.refuse(errScoreError.With("Link", link), it.LinkID)
		it.calculate = nil
	}
}

// weighted is what a score must know of a question.
func (i *item) weighted() score.Question {
	q := score.Question{Weighted: true}
	switch {
	case len(i.Options) > 0:
		for _, o := range i.Options {
			w := o.weight()
			if w == "" {
				return score.Question{}
			}
			if q.Low == "" || compareNumbers(w, q.Low) < 0 {
				q.Low = w
			}
			if q.High == "" || compareNumbers(w, q.High) > 0 {
				q.High = w
			}
		}
	case i.answer == Boolean:
		q.Low, q.High = "0", "1"
	case i.answer == Integer, i.answer == Decimal, i.answer == Quantity:
		if i.Min != nil && i.Max != nil {
			q.Low, q.High = i.Min.Text, i.Max.Text
		}
	default:
		return score.Question{}
	}
	if i.Repeats {
		q.Low, q.High = "", "" // several answers are added up
	}
	return q
}

// weight is what an option counts: its weight, or itself where it is a number.
func (o *Option) weight() string {
	if o.Weight == "" && o.Value.Type == Integer {
		return o.Value.Text
	}
	return o.Weight
}

// counts is what an answer counts.
func (i *item) counts(v Value) string {
	if n, ok := i.option(v); ok && len(i.Options) > 0 {
		return i.Options[n].weight()
	}
	switch v.Type {
	case Boolean:
		if v.Text == "true" {
			return "1"
		}
		return "0"
	case Integer, Decimal, Quantity:
		return v.Text
	}
	return ""
}

// scoreAt computes a score at a place: no value where it has none.
func (f *Form) scoreAt(x *expression, it *item, way []*occurrence) []Value {
	s := x.score
	r, ok := s.definition.Compute(func(link string) (string, bool) {
		q := &f.items[s.terms[link]]
		sl := f.across(it, q, way)
		if sl == nil || len(sl.list) == 0 {
			return "", false
		}
		total := ""
		for n, a := range sl.list {
			w := q.counts(a.value)
			if n > 0 {
				w = addNumbers(total, w)
			}
			total = w
		}
		return total, true
	})
	text := r.Value
	if s.deviation {
		text = r.Error
	}
	if !ok || text == "" {
		return nil
	}
	return []Value{{Type: it.answer, Text: text}}
}

// across finds the slot of another item that stands in the same repeats; nil while it is not enabled.
func (f *Form) across(it, q *item, way []*occurrence) *slot {
	depth := 0
	for depth < len(it.chain) && depth < len(q.chain) && it.chain[depth] == q.chain[depth] {
		depth++
	}
	for d, a := range q.chain[:depth] {
		if !way[d].slots[f.items[a].seat].on {
			return nil
		}
	}
	at := way[depth]
	for _, a := range q.chain[depth:] {
		sl := &at.slots[f.items[a].seat]
		if !sl.on || len(sl.list) == 0 || len(sl.list[0].slots) == 0 {
			return nil
		}
		at = sl.list[0]
	}
	if sl := &at.slots[q.seat]; sl.on {
		return sl
	}
	return nil
}
