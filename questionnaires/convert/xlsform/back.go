package xlsform

import (
	"strings"

	"kindred/questionnaires/convert"
)

// How strongly XPath binds, weakest first.
const (
	xbindOr = iota + 1
	xbindAnd
	xbindEqual
	xbindOrder
	xbindAdd
	xbindTimes
	xbindMinus
	xbindUnion
	xbindTerm
)

// xp is an expression turned back into XPath.
type xp struct {
	src   string
	bind  int
	kind  vkind
	ask   *wnode // the question whose answers it is
	group bool   // occurrences of a group
	said  string // of string(x): x, for places that make texts by themselves
	plain bool   // that x was a text already
	count string // of number(x), x a text: x, for places that make numbers by themselves
	coded bool   // the code of a choice, no longer its Coding
	parts []xp   // of a union
	empty bool   // {}
	self  bool   // the item's own answer
	iso   string // of the text of a date: the date

	filtered bool // a where(): whether any answer meets a condition
}

func (x xp) as(bind int) string {
	if x.bind < bind {
		return "(" + x.src + ")"
	}
	return x.src
}

// text is the expression for a place that makes a text of it by itself.
func (x xp) text(bind int) string {
	if x.said != "" {
		return x.said
	}
	return x.as(bind)
}

// number is the expression for a place that makes a number of it by itself.
func (x xp) number(bind int) string {
	if x.count != "" {
		return x.count
	}
	return x.as(bind)
}

// same is the expression for a place that keeps texts and numbers apart.
func (x xp) same(bind int) string {
	if x.said != "" && x.plain {
		return x.said
	}
	return x.as(bind)
}

// stringOf is string(x).
func stringOf(x xp) xp {
	y := xcall(vText, "string", x.src)
	y.said, y.plain, y.ask, y.coded = x.as(xbindTerm), x.kind == vText, x.ask, x.coded
	return y
}

func xcall(kind vkind, name string, args ...string) xp {
	return xp{src: name + "(" + strings.Join(args, ", ") + ")", bind: xbindTerm, kind: kind}
}

// backward turns the FHIRPath of one item into XPath.
type backward struct {
	w     *writer
	at    *wnode
	depth int // of variables within variables
}

// expression turns a whole expression.
func (b *backward) expression(src string) (xp, error) {
	n, err := parsePath(src)
	if err != nil {
		return xp{}, err
	}
	x, err := b.value(n)
	if err == nil && len(x.src) > maxExpression {
		err = unfit("the expression would become longer than %d bytes", maxExpression)
	}
	return x, err
}

// condition turns an expression whose truth is asked for.
func (b *backward) condition(src string) (xp, error) {
	x, err := b.expression(src)
	if err != nil {
		return x, err
	}
	return b.truth(x), nil
}

// truth makes of a boolean answer the comparison that XForms needs.
func (b *backward) truth(x xp) xp {
	switch {
	case x.empty:
		return xcall(vBool, "false")
	case x.ask != nil && x.kind == vBool && !x.ask.acknowledge():
		return xp{src: x.as(xbindEqual+1) + " = 'true'", bind: xbindEqual, kind: vBool}
	}
	return x
}

func (b *backward) value(n *fnode) (xp, error) {
	if b.depth > 12 {
		return xp{}, unfit("variables refer to each other too deep")
	}
	switch n.kind {
	case fEmpty:
		return xp{src: "''", bind: xbindTerm, empty: true}, nil
	case fNumber:
		text := strings.TrimSuffix(n.text, ".0")
		if len(n.text) < 10 {
			text = n.text
		}
		return xp{src: text, bind: xbindTerm, kind: vNumber}, nil
	case fString:
		return xp{src: xquote(n.text), bind: xbindTerm}, nil
	case fBool:
		return xcall(vBool, n.text), nil
	case fDate:
		if strings.Contains(n.text, "T") {
			return xcall(vDateTime, "date-time", xquote(n.text)), nil
		}
		if !isDate(n.text) {
			return xp{}, unfit("the partial date %s has no equivalent", n.text)
		}
		return xcall(vDate, "date", xquote(n.text)), nil
	case fTime:
		return xp{src: xquote(n.text), bind: xbindTerm, kind: vTime}, nil
	case fMinus:
		x, err := b.value(n.args[0])
		return xp{src: "-" + x.as(xbindMinus), bind: xbindMinus, kind: vNumber}, err
	case fBinary:
		return b.binary(n)
	case fVariable, fMember, fCall, fIndex:
		return b.chain(n)
	}
	return xp{}, unfit("%s has no equivalent", n.text)
}

// xquote writes a text as XPath 1.0 can: it has no escapes.
func xquote(s string) string {
	switch {
	case !strings.Contains(s, "'"):
		return "'" + s + "'"
	case !strings.Contains(s, `"`):
		return `"` + s + `"`
	}
	var parts []string
	for i, part := range strings.Split(s, "'") {
		if i > 0 {
			parts = append(parts, `"'"`)
		}
		if part != "" {
			parts = append(parts, "'"+part+"'")
		}
	}
	return "concat(" + strings.Join(parts, ", ") + ")"
}

// ref is a question by its name.
func (b *backward) ref(n *wnode) (xp, error) {
	if n.name == "" {
		return xp{}, unfit("the item %s has no row of its own", n.item.LinkID)
	}
	return xp{src: "${" + n.name + "}", bind: xbindTerm, ask: n, kind: n.answer(), group: n.section()}, nil
}

// chain takes a path apart: where it begins, and the steps from there.
func (b *backward) chain(n *fnode) (xp, error) {
	var steps []*fnode
	for n.left != nil {
		steps = append([]*fnode{n}, steps...)
		n = n.left
	}
	switch {
	case n.kind == fVariable && (n.text == "resource" || n.text == "rootResource"):
		return b.lookup(steps)
	case n.kind == fVariable && n.text == "context":
		return b.own(steps)
	case n.kind == fVariable && n.text == "qitem" || n.kind == fVariable && n.text == "qItem":
		return b.ownOption(steps)
	case n.kind == fVariable:
		return b.variable(n.text, steps)
	case n.kind == fMember && n.text == "item":
		return b.lookup(append([]*fnode{n}, steps...))
	case n.kind == fMember && n.text == "answer":
		return b.own(append([]*fnode{n}, steps...))
	case n.kind == fMember:
		return xp{}, unfit("%s is no answer", n.text)
	case n.kind == fCall && n.text == "repeat", n.kind == fCall && n.text == "descendants":
		return b.lookup(append([]*fnode{n}, steps...))
	}
	if n.kind == fCall && n.text == "iif" {
		if x, ok, err := b.pattern(n); ok || err != nil {
			return b.steps(x, err, steps)
		}
	}
	x, err := b.start(n)
	return b.steps(x, err, steps)
}

func (b *backward) steps(x xp, err error, steps []*fnode) (xp, error) {
	for _, s := range steps {
		if err != nil {
			return x, err
		}
		x, err = b.step(x, s)
	}
	return x, err
}

// lookup follows item.where(linkId = 'x')… to a question, and goes on from there.
func (b *backward) lookup(steps []*fnode) (xp, error) {
	var target *wnode
	var index *fnode
	i := 0
	for ; i < len(steps); i++ {
		s := steps[i]
		if s.kind == fMember && s.text == "item" || s.kind == fCall && (s.text == "descendants" || s.text == "repeat") {
			continue
		}
		if s.kind == fIndex && target != nil && target.section() && index == nil {
			index = s.args[0]
			continue
		}
		if s.kind == fCall && s.text == "where" && len(s.args) == 1 {
			link := linkOf(s.args[0])
			if link == "" {
				break
			}
			n := b.w.byLink[link]
			if n == nil {
				return xp{}, unfit("there is no item %s", link)
			}
			if index != nil {
				return b.indexed(target, n, index, steps[i+1:])
			}
			target = n
			continue
		}
		break
	}
	if target == nil {
		return xp{}, unfit("the path names no item by its linkId")
	}
	return b.answers(target, steps[i:])
}

// indexed is an answer in the n-th occurrence of a repeat.
func (b *backward) indexed(group, question *wnode, index *fnode, steps []*fnode) (xp, error) {
	position, err := b.plusOne(index)
	if err != nil {
		return xp{}, err
	}
	x, err := b.ref(question)
	if err != nil || group.name == "" {
		return x, err
	}
	x.src = "indexed-repeat(${" + question.name + "}, ${" + group.name + "}, " + position + ")"
	return b.answersOf(x, steps)
}

// plusOne turns a position that counts from 0 to one that counts from 1.
func (b *backward) plusOne(n *fnode) (string, error) {
	if n.kind == fNumber {
		if i, ok := smallWhole(n.text); ok {
			return itoa(i + 1), nil
		}
	}
	if n.kind == fBinary && n.text == "-" && n.args[1].kind == fNumber && n.args[1].text == "1" {
		x, err := b.value(n.args[0])
		return x.number(xbindOr), err
	}
	x, err := b.value(n)
	return x.number(xbindAdd) + " + 1", err
}

// linkOf reads linkId = 'x'.
func linkOf(n *fnode) string {
	if n.kind != fBinary || n.text != "=" {
		return ""
	}
	l, r := n.args[0], n.args[1]
	if l.kind == fString {
		l, r = r, l
	}
	if l.kind == fMember && l.text == "linkId" && r.kind == fString && (l.left == nil || l.left.kind == fThis) {
		return r.text
	}
	return ""
}

// answers goes from an item to its answers, and on.
func (b *backward) answers(n *wnode, steps []*fnode) (xp, error) {
	x, err := b.ref(n)
	if err != nil {
		return x, err
	}
	return b.answersOf(x, steps)
}

func (b *backward) answersOf(x xp, steps []*fnode) (xp, error) {
	if len(steps) > 0 && isStep(steps[0], "answer") {
		steps = steps[1:]
		if len(steps) > 0 && steps[0].kind == fMember && strings.HasPrefix(steps[0].text, "value") {
			steps = steps[1:]
		}
	}
	return b.steps(x, nil, steps)
}

func isStep(n *fnode, name string) bool { return n.kind == fMember && n.text == name }

// own is a path from %context: the item's own answer, or an item inside the repeat whose variable it is.
func (b *backward) own(steps []*fnode) (xp, error) {
	if len(steps) > 0 && isStep(steps[0], "answer") && b.at != nil {
		x, err := b.answers(b.at, steps)
		if err == nil && x.ask == b.at && strings.HasPrefix(x.src, "${") {
			x.src, x.self = ".", true
			return x, nil
		}
		if err == nil { // the reference is somewhere inside
			x.src = strings.ReplaceAll(x.src, "${"+b.at.name+"}", ".")
			x.said = strings.ReplaceAll(x.said, "${"+b.at.name+"}", ".")
			x.count = strings.ReplaceAll(x.count, "${"+b.at.name+"}", ".")
		}
		return x, err
	}
	return b.lookup(steps)
}

// ownOption is %qitem.answerOption.value.where(code = …): the option that a code names.
func (b *backward) ownOption(steps []*fnode) (xp, error) {
	if len(steps) != 3 || !isStep(steps[0], "answerOption") || !strings.HasPrefix(steps[1].text, "value") || steps[2].text != "where" || len(steps[2].args) != 1 {
		return xp{}, unfit("%%qitem has no equivalent here")
	}
	c := steps[2].args[0]
	if c.kind != fBinary || c.text != "=" && c.text != "in" || c.args[0].kind != fMember || c.args[0].text != "code" {
		return xp{}, unfit("%%qitem has no equivalent here")
	}
	code := c.args[1]
	if c.text == "in" {
		if code.kind != fCall || code.text != "split" || code.left == nil {
			return xp{}, unfit("%%qitem has no equivalent here")
		}
		code = code.left
	}
	x, err := b.value(code)
	x.src = x.text(xbindOr)
	x.kind, x.bind, x.said = vText, xbindOr, ""
	return x, err
}

// variable replaces a variable by what it stands for.
func (b *backward) variable(name string, steps []*fnode) (xp, error) {
	v, scope := b.w.variable(b.at, name)
	if v == nil {
		return xp{}, unfit("%%%s has no equivalent", name)
	}
	if v.Language != "text/fhirpath" {
		return xp{}, unfit("%%%s is not written in FHIRPath", name)
	}
	n, err := parsePath(v.Expression)
	if err != nil {
		return xp{}, err
	}
	for _, s := range steps { // the steps go on from the variable's own path
		c := *s
		c.left = n
		n = &c
	}
	inner := backward{w: b.w, at: scope, depth: b.depth + 1}
	return inner.value(n)
}

// variable finds the definition that an item sees, and the item it stands on.
func (w *writer) variable(at *wnode, name string) (*convert.Expression, *wnode) {
	for n := at; n != nil; n = n.parent {
		extensions := w.q.Extension
		if n.item != nil {
			extensions = n.item.Extension
		}
		for _, e := range extensions {
			if e.URL == convert.Core+"variable" && e.Expr != nil && e.Expr.Name == name {
				return e.Expr, n
			}
		}
	}
	return nil, nil
}
