package compare

import (
	"fmt"
	"strings"

	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
)

// option is one answer that an item offers.
type option struct {
	v         jsonscan.Value // the answerOption; absent for one of a value set
	key       string         // what is stored: system|code, or the value
	label     wording
	weight    string
	exclusive bool
	initial   bool
	prefix    string
}

// choices are what an item offers. Where a value set cannot be expanded here, unknown is its definition.
type choices struct {
	list    []option
	unknown string
	scored  bool // the options are a scale: they carry weights, or are numbers
}

func (i *item) choices() choices {
	var c choices
	numbers := true
	for _, o := range i.v.Get("answerOption").All() {
		one := i.form.option(o)
		c.list = append(c.list, one)
		c.scored = c.scored || one.weight != ""
		_, isNumber := rational(one.key[strings.LastIndexByte(one.key, '|')+1:])
		numbers = numbers && isNumber
	}
	c.scored = c.scored || numbers && len(c.list) > 1
	if ref := i.v.Get("answerValueSet").Text(); ref != "" {
		c = i.form.expanded(ref)
	}
	return c
}

func (f *form) option(v jsonscan.Value) option {
	o := option{v: v, initial: v.Get("initialSelected").Bool(), label: wording{}}
	name, val := value(v, "value")
	o.key = canonical(val)
	switch name {
	case "valueCoding":
		o.key = val.Get("system").Text() + "|" + val.Get("code").Text()
		o.label = f.wording(val, "display")
		if val.Get("code").Text() == "" {
			o.key = "|" + val.Get("display").Text()
		}
	case "valueReference":
		o.key, o.label = val.Get("reference").Text(), f.wording(val, "display")
	default:
		o.label = f.wording(v, name)
		delete(o.label, f.language) // the value itself: another one is another option
	}
	for _, at := range []jsonscan.Value{v, val} {
		for _, e := range at.Get("extension").All() {
			_, x := value(e, "value")
			switch strings.TrimPrefix(e.Get("url").Text(), core) {
			case "itemWeight", "ordinalValue", "questionnaire-ordinalValue":
				o.weight = number(x.Text())
			case "questionnaire-optionExclusive":
				o.exclusive = x.Bool()
			case "questionnaire-optionPrefix":
				o.prefix = x.Text()
			}
		}
	}
	return o
}

// expanded are the options of a value set. A contained one is what it says; any other that is not here is its address,
// and the same address in the same version is the same set.
func (f *form) expanded(ref string) choices {
	var c choices
	e, err := f.library.Expand(ref)
	if err != nil || !e.Complete {
		c.unknown = ref
		if id, local := strings.CutPrefix(ref, "#"); local {
			for _, r := range f.v.Get("contained").All() {
				if r.Get("id").Text() == id {
					c.unknown = canonical(r.Get("compose")) + canonical(r.Get("expansion").Get("contains"))
				}
			}
		}
		return c
	}
	for _, one := range e.Concepts {
		if one.Abstract {
			continue
		}
		c.list = append(c.list, option{key: one.System + "|" + one.Code, label: f.labels(one), weight: number(one.Weight)})
		c.scored = c.scored || one.Weight != ""
	}
	return c
}

func (f *form) labels(c terminology.Concept) wording {
	w := wording{}
	for _, d := range c.Designations {
		if d.Language != "" && w[d.Language] == "" {
			w[d.Language] = c.In(d.Language)
		}
	}
	if c.Display != "" {
		w[f.language] = c.Display
	}
	return w
}

// options compares what two versions of an item offer.
func (d *diff) options(o, n *item) {
	before, after := o.choices(), n.choices()
	if before.unknown != "" || after.unknown != "" {
		if before.unknown != after.unknown || len(before.list)+len(after.list) > 0 {
			d.add(n, OptionUnknown, "answerValueSet", "", o.v.Get("answerValueSet").Text(), n.v.Get("answerValueSet").Text())
		}
		return
	}
	if len(before.list)+len(after.list) == 0 {
		return
	}
	index := make(map[string]int, len(after.list))
	for i, a := range after.list {
		if _, twice := index[a.key]; !twice {
			index[a.key] = i
		}
	}
	old := make(map[string]bool, len(before.list))
	last, ordered := -1, true
	for _, b := range before.list {
		if old[b.key] {
			continue
		}
		old[b.key] = true
		i, stays := index[b.key]
		if !stays {
			d.add(n, OptionRemoved, "answerOption", b.key, b.shown(o.form), "")
			continue
		}
		ordered = ordered && i > last
		last = max(i, last)
		d.option(o, n, b, after.list[i])
	}
	for i, a := range after.list {
		switch {
		case old[a.key] || index[a.key] != i:
		case len(before.list) == 0:
			// Options where there were none, a list instead of free text: what can be answered is narrower.
			d.add(n, Narrowed, "answerOption", a.key, "", a.shown(n.form))
		case i < last && (before.scored || after.scored):
			d.add(n, OptionInserted, "answerOption", a.key, "", a.shown(n.form))
		default:
			d.add(n, OptionAdded, "answerOption", a.key, "", a.shown(n.form))
		}
	}
	switch {
	case ordered:
	case before.scored || after.scored:
		d.add(n, ScaleOrder, "answerOption", "", before.keys(), after.keys())
	default:
		d.add(n, OptionOrder, "answerOption", "", before.keys(), after.keys())
	}
}

func (d *diff) option(o, n *item, b, a option) {
	if b.weight != a.weight {
		d.add(n, Weight, "answerOption", a.key, b.weight, a.weight)
	}
	switch {
	case b.exclusive && !a.exclusive:
		d.add(n, Relaxed, "answerOption", a.key, "exclusive", "")
	case a.exclusive && !b.exclusive:
		d.add(n, Exclusive, "answerOption", a.key, "", "exclusive")
	}
	if b.initial != a.initial {
		d.add(n, Default, "answerOption", a.key, fmt.Sprint(b.initial), fmt.Sprint(a.initial))
	}
	if b.prefix != a.prefix {
		d.add(n, Prefix, "answerOption", a.key, b.prefix, a.prefix)
	}
	d.wording(n, OptionText, "answerOption", a.key, b.label, a.label, a.v)
}

func (o option) shown(f *form) string {
	if t := o.label[f.language]; t != "" {
		return t
	}
	return o.key
}

func (c choices) keys() string {
	var out []string
	for _, o := range c.list {
		out = append(out, o.key)
	}
	return strings.Join(out, ", ")
}
