package xlsform

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"strings"

	"kindred/questionnaires/convert"
)

// variable is one of a repeating group: what it is called, and the node it stands for.
type variable struct {
	name string
	node *node
}

// variable names the variable on a repeat through which the rows in it see a node in the same occurrence.
func (f *form) variable(repeat, n *node) string {
	for _, v := range f.vars[repeat] {
		if v.node == n.holder() {
			return v.name
		}
	}
	name := variableName(n.holder().link)
	for i := 2; f.varNames[name]; i++ {
		name = variableName(n.holder().link) + itoa(i)
	}
	f.varNames[name] = true
	f.vars[repeat] = append(f.vars[repeat], variable{name, n.holder()})
	return name
}

// reservedNames cannot be names of variables: they stand for something in every expression.
var reservedNames = map[string]bool{"context": true, "resource": true, "rootResource": true, "questionnaire": true, "qitem": true, "qItem": true,
	"ucum": true, "sct": true, "loinc": true, "patient": true, "encounter": true, "location": true, "user": true, "study": true, "clinical": true, "subject": true}

// variableName makes a name that FHIR (an id) and FHIRPath (an identifier) take: first_name becomes firstName.
func variableName(link string) string {
	var sb strings.Builder
	upper := false
	for _, r := range link {
		switch {
		case r >= 'a' && r <= 'z' && upper:
			sb.WriteRune(r - 'a' + 'A')
			upper = false
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9' && sb.Len() > 0:
			sb.WriteRune(r)
			upper = false
		default:
			upper = sb.Len() > 0
		}
		if sb.Len() >= 48 {
			break
		}
	}
	name := sb.String()
	if name == "" || reservedNames[name] {
		name += "Answer"
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// variables are the extensions of a repeating group, in the order of the form.
func (f *form) variables(repeat *node) []convert.Extension {
	list := f.vars[repeat]
	order := map[*node]int{}
	i := 0
	f.root.each(func(n *node) { order[n] = i; i++ })
	sort.SliceStable(list, func(a, b int) bool { return order[list[a].node] < order[list[b].node] })
	var extensions []convert.Extension
	for _, v := range list {
		src := "%context" + lookup(v.node.link)
		if !v.node.section() {
			src += ".answer.value"
		}
		e := expression(src)
		e.Expr.Name = v.name
		extensions = append(extensions, convert.Extension{URL: convert.Core + "variable", Value: e})
	}
	return extensions
}

// relevant makes enableWhen of a condition that is a flat "and" or "or" of comparisons with constants, and
// enableWhenExpression of any other.
func (f *form) relevant(n *node, it *convert.Item) {
	source := n.row.values["relevant"]
	if source.text == "" {
		return
	}
	tree, err := parseXPath(source.text)
	if err != nil {
		f.untranslated(source, "relevant", err, "the item is always shown")
		return
	}
	if when, behavior, ok := f.enableWhen(tree, n); ok {
		it.EnableWhen, it.EnableBehavior = when, behavior
		return
	}
	t := translator{form: f, at: n}
	v, err := t.value(tree)
	if err == nil {
		v, err = t.truth(v)
	}
	if err != nil {
		f.untranslated(source, "relevant", err, "the item is always shown")
		return
	}
	if !v.is(true) {
		it.Extension = append(it.Extension, convert.Extension{URL: convert.SDC + "sdc-questionnaire-enableWhenExpression", Value: expression(v.src)})
	}
}

// enableWhen takes a condition apart; ok is false where enableWhen cannot say the same.
func (f *form) enableWhen(tree *xnode, at *node) (when []convert.EnableWhen, behavior string, ok bool) {
	joint := ""
	leaves := []*xnode{tree}
	if tree.kind == xBinary && (tree.text == "and" || tree.text == "or") {
		joint = tree.text
		leaves = flatten(tree, joint)
	}
	asked := map[string]bool{} // questions that must be answered anyway
	for _, leaf := range leaves {
		if c, unequal, ok := f.comparison(leaf, at); ok && !unequal && c.Operator == "exists" && *c.Boolean {
			asked[c.Question] = true
		}
	}
	for _, leaf := range leaves {
		c, unequal, ok := f.comparison(leaf, at)
		if !ok {
			return nil, "", false
		}
		if unequal && !(joint == "and" && asked[c.Question]) {
			// XPath takes no answer for unequal, FHIR does not.
			if joint == "and" {
				return nil, "", false
			}
			joint = "or"
			no := false
			when = appendNew(when, convert.EnableWhen{Question: c.Question, Operator: "exists", Boolean: &no})
		}
		when = appendNew(when, c)
	}
	if len(when) > 1 {
		behavior = map[string]string{"and": "all", "or": "any"}[joint]
		if behavior == "" {
			return nil, "", false
		}
	}
	return when, behavior, true
}

// appendNew leaves out a condition that stands already.
func appendNew(list []convert.EnableWhen, c convert.EnableWhen) []convert.EnableWhen {
	key := func(c convert.EnableWhen) string { b, _ := json.Marshal(c); return string(b) }
	if slices.ContainsFunc(list, func(o convert.EnableWhen) bool { return key(o) == key(c) }) {
		return list
	}
	return append(list, c)
}

func flatten(n *xnode, op string) []*xnode {
	if n.kind != xBinary || n.text != op {
		return []*xnode{n}
	}
	return append(flatten(n.args[0], op), flatten(n.args[1], op)...)
}

// comparison reads one leaf: a question compared with a constant. unequal is set for !=, which is true without an answer.
func (f *form) comparison(n *xnode, at *node) (c convert.EnableWhen, unequal, ok bool) {
	op, q, constant := "=", (*node)(nil), (*xnode)(nil)
	switch {
	case n.kind == xCall && n.text == "selected" && len(n.args) == 2:
		q, constant = f.question(n.args[0], at), n.args[1]
	case n.kind == xCall && n.text == "not" && len(n.args) == 1:
		if n = n.args[0]; n.kind == xCall && n.text == "selected" && len(n.args) == 2 {
			if q = f.question(n.args[0], at); q != nil && q.multiple {
				return c, false, false // readers differ over != of several answers
			}
			op, constant = "!=", n.args[1]
		}
	case n.kind == xBinary && flip[n.text] != "":
		op = n.text
		if q, constant = f.question(n.args[0], at), n.args[1]; q == nil {
			q, constant, op = f.question(n.args[1], at), n.args[0], flip[op]
		}
		if q != nil && q.multiple && !(constant.kind == xString && constant.text == "") {
			return c, false, false
		}
	}
	if q == nil || constant == nil {
		return c, false, false
	}
	c = convert.EnableWhen{Question: q.link, Operator: op}
	if constant.kind == xString && constant.text == "" {
		answered := op == "!="
		c.Operator, c.Boolean = "exists", &answered
		return c, false, op == "=" || op == "!="
	}
	ok = f.constant(&c, q, constant)
	return c, op == "!=", ok
}

// question is the question that an operand names, if enableWhen can name it: one answer as seen from the asking row.
func (f *form) question(n *xnode, at *node) *node {
	if n.kind != xRef {
		return nil
	}
	q := f.named[n.text]
	if q == nil || q.otherOf != nil || q.section() || q.gone() || q.kind == "note" || q == at {
		return nil
	}
	mine, its := at.repeats(), q.repeats()
	if len(its) > len(mine) || !slices.Equal(its, mine[:len(its)]) {
		return nil
	}
	return q
}

// constant fills the answer of a condition, in the type of its question.
func (f *form) constant(c *convert.EnableWhen, q *node, n *xnode) bool {
	t := translator{form: f}
	if n.kind == xRef || n.kind == xPath || n.kind == xDot {
		return false
	}
	t.at = q
	v, err := t.value(n)
	if err != nil {
		return false
	}
	equality := c.Operator == "=" || c.Operator == "!="
	switch kind := q.answer(f); {
	case kind == vDate && v.kind == vDate && strings.HasPrefix(v.src, "@") && dateText.MatchString(v.src[1:]):
		c.Date = v.src[1:]
	case kind == vDate && v.known != nil && dateText.MatchString(*v.known):
		c.Date = *v.known
	case v.known == nil || kind != vNumber && v.kind == vNumber && kind != vText:
		return false
	case kind == vNumber && v.kind != vBool && decimalText.MatchString(*v.known):
		return numeric(c, q, *v.known)
	case kind == vBool && equality && v.kind == vText:
		yes := "true"
		if q.kind == "acknowledge" {
			yes = "OK"
		}
		is := *v.known == yes
		c.Boolean = &is
		return is || q.bool && *v.known == "false"
	case kind == vText && q.isChoice() && equality && v.kind == vText:
		return f.choice(c, q, *v.known)
	case kind == vText && !q.isChoice() && equality && v.kind == vText && !q.multiple:
		c.String = *v.known
	default:
		return false
	}
	return true
}

func (f *form) choice(c *convert.EnableWhen, q *node, name string) bool {
	for _, r := range f.lists[q.list] {
		if r.get("name") == name {
			display, _ := f.silently(r, "label", q)
			c.Coding = &convert.Coding{System: f.system(q.list), Code: name, Display: display}
			return true
		}
	}
	return false
}

// silently is speak without its notes, for texts that are met again.
func (f *form) silently(r *record, column string, at *node) (string, *convert.Primitive) {
	kept := len(f.report)
	defer func() { f.report = f.report[:kept] }()
	return f.speak(r, column, at)
}

func itoa(n int) string { return strconv.Itoa(n) }

// numeric fills a number: a whole one for questions that take whole numbers.
func numeric(c *convert.EnableWhen, q *node, text string) bool {
	if q.takesWhole() {
		n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 32)
		i := int(n)
		c.Integer = &i
		return err == nil
	}
	number := json.Number(jsonText(text))
	c.Decimal = &number
	return true
}
