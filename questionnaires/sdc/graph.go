package sdc

import (
	"slices"
	"strings"

	"kindred/internal/jsonscan"
)

var enableMembers = kinds("id question operator answerDate answerDateTime answerTime answerString:string", "answerBoolean:boolean",
	"answerDecimal answerInteger:number", "answerCoding answerQuantity answerReference:object", "extension modifierExtension:array")

var operators = map[string]bool{"exists": true, "=": true, "!=": true, ">": true, "<": true, ">=": true, "<=": true}

// enableWhen compiles the conditions of one item: que-7, que-12, references and types.
func (c *compiler) enableWhen(index int) {
	it := &c.form.items[index]
	source := c.sources[index]
	list := c.array(source, "enableWhen", it.LinkID)
	if len(list) > 1 && !source.Get("enableBehavior").Exists() {
		c.refuse(errRules[12], it.LinkID)
	}
	for _, v := range list {
		c.members(v, enableMembers, it.LinkID)
		if cond, ok := c.condition(it, v); ok {
			it.conditions = append(it.conditions, cond)
		}
	}
}

func (c *compiler) condition(it *item, v jsonscan.Value) (condition, bool) {
	cond := condition{operator: v.Get("operator").Text()}
	link := v.Get("question").Text()
	q, ok := c.form.byLink[link]
	if !ok {
		c.refuse(errQuestionMissing.With("Question", link), it.LinkID)
		return cond, false
	}
	cond.question = q
	if !operators[cond.operator] {
		c.refuse(ErrElementValue.With("Element", "enableWhen.operator", "Value", cond.operator), it.LinkID)
		return cond, false
	}
	if v.Get("answerReference").Exists() {
		c.refuse(errFeature.With("Feature", "enableWhen.answerReference"), it.LinkID)
		return cond, false
	}
	value, f := readValue(v, "answer")
	if f != nil {
		c.refuse(f.With("In", "enableWhen"), it.LinkID)
		return cond, false
	}
	cond.value = value
	target := &c.form.items[q]
	switch {
	case !target.question():
		c.refuse(errQuestionNone.With("Question", link), it.LinkID)
		return cond, false
	case cond.operator == "exists":
		if value.Type != Boolean {
			c.refuse(errRules[7], it.LinkID)
			return cond, false
		}
		cond.exists = value.Text == "true"
	case !comparable(target, &cond):
		c.refuse(errConditionType.With("Question", link, "Operator", cond.operator, "Type", string(value.Type)), it.LinkID)
		return cond, false
	}
	c.walk(it, target, &cond)
	return cond, true
}

// comparable tells whether answers of the question can be compared so; it brings the wanted value to the answers' type.
func comparable(q *item, cond *condition) bool {
	v := &cond.value
	ordered := cond.operator != "=" && cond.operator != "!="
	switch {
	case v.Type == q.answer:
	case q.Type == TypeOpenChoice && v.Type == String:
	case q.answer == Decimal && v.Type == Integer, q.answer == Integer && v.Type == Decimal:
		v.Type = q.answer
	case q.answer == DateTime && v.Type == Date:
		v.Type = DateTime
	case q.answer == URI && v.Type == String:
		v.Type = URI
	case q.answer == CodingType && v.Type == String && len(q.Options) > 0:
		// Forms in use compare a choice with the words it shows.
		return !ordered
	default:
		return false
	}
	return !ordered || (v.Type != Boolean && v.Type != CodingType && v.Type != File && v.Type != URI)
}

// walk says how to get from the item to the question: up to the nearest occurrence that holds both, then down.
func (c *compiler) walk(it, q *item, cond *condition) {
	if slices.Contains(it.chain, q.index) {
		cond.own, cond.depth = true, slices.Index(it.chain, q.index)+1
		return
	}
	shared := 0
	for shared < len(it.chain) && shared < len(q.chain) && it.chain[shared] == q.chain[shared] {
		shared++
	}
	cond.depth, cond.follows = shared, q.index > it.index
	for _, a := range q.chain[shared:] {
		cond.down = append(cond.down, c.form.items[a].seat)
	}
	cond.down = append(cond.down, q.seat)
}

// order sorts the conditional items so that each comes after all it depends on, and notes what each item wakes. An item
// depends on the questions of its conditions and, because a disabled parent disables it, on its parent.
func (c *compiler) order() {
	f := c.form
	state := make([]uint8, len(f.items)) // 1: on the way, 2: done
	var way []int
	type step struct{ item, next int }
	for start := range f.items {
		stack := []step{{start, 0}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			it := &f.items[top.item]
			if top.next == 0 {
				if state[top.item] == 2 {
					stack = stack[:len(stack)-1]
					continue
				}
				if state[top.item] == 1 {
					c.cycle(append(way, top.item))
					return
				}
				state[top.item] = 1
				way = append(way, top.item)
			}
			if needs := dependencies(it); top.next < len(needs) {
				next := needs[top.next]
				top.next++
				stack = append(stack, step{next, 0})
				continue
			}
			state[top.item] = 2
			way = way[:len(way)-1]
			if len(it.conditions) > 0 {
				it.rank = len(f.conditional)
				f.conditional = append(f.conditional, top.item)
			}
			stack = stack[:len(stack)-1]
		}
	}
	c.wake()
}

func dependencies(it *item) []int {
	var needs []int
	if it.parent >= 0 {
		needs = append(needs, it.parent)
	}
	for _, cond := range it.conditions {
		needs = append(needs, cond.question)
	}
	return needs
}

// cycle names the items that enable each other, from the first that stands twice on the way.
func (c *compiler) cycle(way []int) {
	last := way[len(way)-1]
	way = way[slices.Index(way, last):]
	names := make([]string, len(way))
	for i, w := range way {
		names[i] = c.form.items[w].LinkID
	}
	c.refuse(errCycle.With("Items", strings.Join(names, " → ")), names[0])
}

// wake fills item.wakes: for a question, the conditional items that read it or any question inside it.
func (c *compiler) wake() {
	f := c.form
	for _, index := range f.conditional {
		for _, cond := range f.items[index].conditions {
			q := &f.items[cond.question]
			q.wakes = append(q.wakes, index)
			for _, a := range q.chain {
				f.items[a].wakes = append(f.items[a].wakes, index)
			}
		}
	}
	for i := range f.items {
		w := f.items[i].wakes
		slices.SortFunc(w, func(a, b int) int { return f.items[a].rank - f.items[b].rank })
		f.items[i].wakes = slices.Compact(w)
	}
}
