package sdc

import (
	"slices"

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
		cond.question, cond.exists = -1, v.Get("answerBoolean").Bool()
		return cond, true // never answered
	}
	cond.question = q
	if !operators[cond.operator] {
		c.refuse(ErrElementValue.With("Element", "enableWhen.operator", "Value", cond.operator), it.LinkID)
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
	}
	c.walk(it, target, &cond)
	return cond, true
}

// comparable tells whether answers of the question can be compared so; it brings the wanted value to the answers' type.
func comparable(q *item, cond *condition) bool {
	v := &cond.value
	ordered := cond.operator != "=" && cond.operator != "!="
	switch {
	case v.Type == q.answer, q.loose:
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
	return !ordered || (v.Type != Boolean && v.Type != CodingType && v.Type != File && v.Type != URI && v.Type != Reference)
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
