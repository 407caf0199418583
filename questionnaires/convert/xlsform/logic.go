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
	if f.varNames == nil {
		f.nameVariables()
	}
	name := f.varNames[[2]*node{repeat, n.holder()}]
	f.vars[repeat] = append(f.vars[repeat], variable{name, n.holder()})
	return name
}

// nameVariables gives every node the name that a variable for it would have on each repeat around it, whichever of them
// come to be needed.
func (f *form) nameVariables() {
	f.varNames = map[[2]*node]string{}
	taken := map[string]bool{}
	f.root.each(func(n *node) {
		around := n.repeats()
		for i := len(around) - 1; i >= 0; i-- {
			plain := variableName(n.link)
			if i < len(around)-1 { // seen from further out, it stands for the answers of several occurrences
				plain = variableName(n.link + "_in_" + around[i].link)
			}
			name := plain
			for i := 2; taken[name]; i++ {
				name = plain + itoa(i)
			}
			taken[name] = true
			f.varNames[[2]*node{around[i], n}] = name
		}
	})
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

// variables are the extensions of a repeating group, in the order of the form: those that used names.
func (f *form) variables(repeat *node, used map[string]bool) []convert.Extension {
	list := f.vars[repeat]
	order := map[*node]int{}
	i := 0
	f.root.each(func(n *node) { order[n] = i; i++ })
	sort.SliceStable(list, func(a, b int) bool { return order[list[a].node] < order[list[b].node] })
	var extensions []convert.Extension
	for _, v := range list {
		if used != nil && !used[v.name] {
			continue
		}
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
	t := translator{form: f, at: n}
	v, err := t.condition(source.text)
	if err != nil {
		f.untranslated(source, "relevant", err, "the item is always shown")
		return
	}
	if v.is(true) {
		return
	}
	if tree, err := parsePath(v.src); err == nil {
		if when, behavior, ok := f.enableWhen(tree, n); ok {
			it.EnableWhen, it.EnableBehavior = when, behavior
			return
		}
	}
	it.Extension = append(it.Extension, convert.Extension{URL: convert.SDC + "sdc-questionnaire-enableWhenExpression", Value: expression(v.src)})
}

// enableWhen takes a translated condition apart; ok is false where enableWhen cannot say the same.
func (f *form) enableWhen(tree *fnode, at *node) (when []convert.EnableWhen, behavior string, ok bool) {
	joint := ""
	if tree.kind == fBinary && (tree.text == "and" || tree.text == "or") {
		joint = tree.text
	}
	leaves := flatten(tree, joint)
	asked := map[string]bool{} // questions that must be answered anyway
	for _, leaf := range leaves {
		if c, ok := f.comparison(leaf, at); ok && c.Operator == "exists" && *c.Boolean {
			asked[c.Question] = true
		}
	}
	for _, leaf := range leaves {
		c, ok := f.comparison(leaf, at)
		if !ok {
			return nil, "", false
		}
		if c.Operator == "!=" && !(joint == "and" && asked[c.Question]) {
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

func flatten(n *fnode, op string) []*fnode {
	if op == "" || n.kind != fBinary || n.text != op {
		return []*fnode{n}
	}
	return append(flatten(n.args[0], op), flatten(n.args[1], op)...)
}

// comparison reads one leaf: a question compared with a constant. != stands for what is true without an answer too.
func (f *form) comparison(n *fnode, at *node) (convert.EnableWhen, bool) {
	yes, no := true, false
	switch {
	case n.kind == fCall && (n.text == "exists" || n.text == "empty") && n.left != nil && len(n.args) == 0:
		q := f.question(n.left, at)
		if q == nil {
			return convert.EnableWhen{}, false
		}
		c := convert.EnableWhen{Question: q.link, Operator: "exists", Boolean: &yes}
		if n.text == "empty" {
			c.Boolean = &no
		}
		return c, true
	case n.kind == fCall && n.text == "iif" && n.left == nil && len(n.args) == 3 && n.args[1].text == "false" && n.args[2].text == "true":
		c, ok := f.comparison(n.args[0], at)
		if q := f.links[c.Question]; !ok || c.Operator != "=" || q == nil || q.multiple || q.kind == "acknowledge" {
			return c, false // readers differ over != of several answers
		}
		c.Operator = "!="
		return c, true
	case n.kind == fBinary && n.text == "in":
		q := f.question(n.args[1], at)
		if q == nil {
			return convert.EnableWhen{}, false
		}
		c := convert.EnableWhen{Question: q.link, Operator: "="}
		return c, f.constant(&c, q, n.args[0])
	case n.kind == fBinary && flip[n.text] != "" && n.text != "!=":
		op, constant := n.text, n.args[1]
		q := f.question(n.args[0], at)
		if q == nil {
			q, constant, op = f.question(n.args[1], at), n.args[0], flip[op]
		}
		if q == nil || q.multiple {
			return convert.EnableWhen{}, false
		}
		c := convert.EnableWhen{Question: q.link, Operator: op}
		return c, f.constant(&c, q, constant)
	}
	if q := f.question(n, at); q != nil && q.kind == "acknowledge" {
		return convert.EnableWhen{Question: q.link, Operator: "=", Boolean: &yes}, true
	}
	return convert.EnableWhen{}, false
}

// question is the question whose answer, as seen from the asking row, a path gives; nil where it gives anything else.
func (f *form) question(n *fnode, at *node) *node {
	for _, step := range []string{"select", "code"} { // what the translation of choices adds
		if n.left != nil && n.text == step && (step != "select" || n.kind == fCall) {
			n = n.left
		}
	}
	var q *node
	if n.kind == fVariable {
		for _, repeat := range at.repeats() {
			for _, v := range f.vars[repeat] {
				if v.name == n.text {
					q = v.node
				}
			}
		}
	} else if isStep(n, "value") && n.left != nil && isStep(n.left, "answer") && n.left.left != nil {
		where := n.left.left
		if where.kind == fCall && where.text == "where" && len(where.args) == 1 && where.left != nil && where.left.text == "repeat" && where.left.left != nil && where.left.left.text == "resource" {
			q = f.links[linkOf(where.args[0])]
		}
	}
	if q == nil || q == at || q.section() {
		return nil
	}
	mine, its := at.repeats(), q.repeats()
	if len(its) > len(mine) || !slices.Equal(its, mine[:len(its)]) {
		return nil
	}
	return q
}

// constant fills the answer of a condition, in the type of its question.
func (f *form) constant(c *convert.EnableWhen, q *node, n *fnode) bool {
	equality := c.Operator == "=" || c.Operator == "!="
	text := n.text
	if n.kind == fMinus && n.args[0].kind == fNumber {
		n, text = n.args[0], "-"+n.args[0].text
	}
	switch kind := q.answer(f); {
	case kind == vDate && n.kind == fDate && isDate(text):
		c.Date = text
	case kind == vNumber && n.kind == fNumber:
		return numeric(c, q, text)
	case kind == vBool && equality && n.kind == fBool && (q.kind != "acknowledge" || text == "true"):
		is := text == "true"
		c.Boolean = &is
	case kind == vText && q.isChoice() && equality && n.kind == fString:
		return f.choice(c, q, text)
	case kind == vText && !q.isChoice() && equality && n.kind == fString && text != "" && c.Operator != "in":
		c.String = text
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
