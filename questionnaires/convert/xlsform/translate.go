package xlsform

import (
	"regexp"
	"strings"
)

// translator turns the XPath of one cell into FHIRPath. The result is evaluated with %context at the item of the row, or
// at the group in whose variable it stands.
type translator struct {
	form    *form
	at      *node             // the row that the expression belongs to
	columns map[string]string // of the choice that a choice_filter judges; nil elsewhere
}

// translate reads and translates an expression, folding what is constant.
func (t *translator) translate(src string) (value, error) {
	tree, err := parseXPath(src)
	if err != nil {
		return value{}, err
	}
	return t.value(tree)
}

// condition translates an expression whose truth is asked for. An empty result counts as false.
func (t *translator) condition(src string) (value, error) {
	v, err := t.translate(src)
	if err != nil {
		return v, err
	}
	return t.truth(v)
}

func (t *translator) value(n *xnode) (v value, err error) {
	switch n.kind {
	case xNumber:
		if !decimalText.MatchString(n.text) {
			return v, unfit("the number %s has too many digits", n.text)
		}
		return numberOf(n.text), nil
	case xString:
		return textOf(n.text), nil
	case xRef:
		return t.named(n.text)
	case xPath:
		return t.path(n.text)
	case xDot:
		return t.self()
	case xCall:
		v, err = t.call(n)
	case xNeg:
		if v, err = t.value(n.args[0]); err == nil {
			v, err = t.number(v)
		}
		if err == nil {
			v = value{src: "-" + v.as(bindTerm), kind: vNumber, bind: bindMinus, whole: v.whole, known: negated(v.known)}
		}
	default:
		v, err = t.binary(n)
	}
	if err == nil && len(v.src) > maxResult {
		return v, unfit("the expression would become longer than %d bytes", maxResult)
	}
	return v, err
}

func negated(known *string) *string {
	if known == nil {
		return nil
	}
	s := "-" + *known
	if strings.HasPrefix(*known, "-") {
		s = (*known)[1:]
	}
	return &s
}

// named is ${name}.
func (t *translator) named(name string) (value, error) {
	if strings.HasPrefix(name, "last-saved#") {
		return value{}, unfit("answers of the last form that was saved have no equivalent")
	}
	n := t.form.named[name]
	if n == nil {
		return value{}, unfit("there is no question ${%s}", name)
	}
	return t.ref(n)
}

// path is a name alone, which in a choice_filter is a column of the choices, or a path between nodes of the form.
func (t *translator) path(path string) (value, error) {
	if s, ok := t.columns[path]; ok {
		return textOf(s), nil
	}
	at := t.at
	steps := strings.Split(path, "/")
	if steps[0] == "" { // absolute: the first step is the form itself
		at, steps = t.form.root, steps[min(2, len(steps)):]
	} else if steps[0] != ".." {
		return value{}, unfit("“%s” names no question: write ${%s}", path, path)
	}
	for _, step := range steps {
		switch {
		case at == nil:
			return value{}, unfit("the path %s leads out of the form", path)
		case step == "..":
			at = at.parent
		case step != ".":
			at = at.child(step)
		}
	}
	if at == nil || at == t.form.root {
		return value{}, unfit("the path %s leads to no question", path)
	}
	return t.ref(at)
}

// self is ".".
func (t *translator) self() (value, error) {
	if t.at == nil || t.columns != nil {
		return value{}, unfit("“.” stands for no question here")
	}
	return t.answers(t.at, "%context.answer.value")
}

// ref is a question as the row sees it: through a variable on the innermost repeat that holds both, or from the top.
func (t *translator) ref(n *node) (value, error) {
	mine, its := t.at.repeats(), n.repeats()
	shared := 0
	for shared < len(mine) && shared < len(its) && mine[shared] == its[shared] {
		shared++
	}
	if n.kind == "repeat" && n == t.at { // position(..) and its like
		return value{}, unfit("a repeat cannot look at itself")
	}
	var v value
	var err error
	switch {
	case n.section() && !n.kept():
		return v, unfit("the group ${%s} holds nothing that is carried", n.name)
	case n.section():
		src := "%resource"
		if shared > 0 {
			src = "%" + t.form.variable(mine[shared-1], n)
			return value{src: src, kind: vGroup, bind: bindTerm, nodes: true, isRef: true, node: n}, nil
		}
		return value{src: src + lookup(n.link), kind: vGroup, bind: bindTerm, nodes: true, isRef: true, node: n}, nil
	case shared > 0:
		v, err = t.answers(n, "%"+t.form.variable(mine[shared-1], n))
	default:
		v, err = t.answers(n, "%resource"+lookup(n.holder().link)+".answer.value")
	}
	v.nodes = v.isRef && len(its) > shared
	return v, err
}

func lookup(link string) string { return ".repeat(item).where(linkId=" + quote(link) + ")" }

// answers makes of the values that were answered what XForms would have stored: the name of a choice, not its coding.
func (t *translator) answers(n *node, src string) (value, error) {
	v := value{src: src, bind: bindTerm, kind: n.answer(t.form), isRef: true, node: n, whole: n.whole}
	switch {
	case n.otherOf != nil:
		v.src += ".ofType(string)"
	case n.kind == "note":
		return textOf(""), nil
	case n.section():
		return v, unfit("a group has no value")
	case n.gone():
		return v, unfit("${%s} is of type %s, which was not carried", n.name, n.kind)
	case n.isChoice() && n.orOther:
		v.src += ".select(iif($this is Coding, code, 'other'))"
	case n.isChoice():
		v.src += ".code"
	}
	v.lists = n.multiple
	return v, nil
}

// plain makes a text of any value: that of a select_multiple is its names, with spaces between.
func (t *translator) text(v value) (value, error) {
	switch {
	case v.kind == vFile || v.kind == vGroup:
		return v, unfit("only whether there is an answer can be asked of ${%s}", v.node.name)
	case v.nodes:
		return v, unfit("${%s} has several values here, one a repeat", v.node.name)
	case v.nan():
		return textOf(""), nil
	case v.known != nil:
		return textOf(*v.known), nil
	case v.lists:
		list := v
		v = v.call("join", vText, "' '")
		v.of = &list
		return v, nil
	case v.isRef && v.node != nil && v.node.kind == "acknowledge":
		return value{src: "iif(" + v.src + ", 'OK', '')", kind: vText, bind: bindTerm, sure: true}, nil
	case v.kind != vText:
		answers := v
		v = t.filled(value{src: v.src, bind: v.bind})
		if v.inner = nil; answers.isRef {
			v.of = &answers
		}
		return v, nil
	}
	return v, nil
}

// filled is the text of a value, ” where it is empty.
func (t *translator) filled(v value) value {
	if v.sure && v.kind == vText {
		return v
	}
	of := v.of
	if v.isRef {
		of = &v
	}
	return value{src: v.as(bindAdd) + " & ''", kind: vText, bind: bindAdd, sure: true, inner: &v, of: of}
}

// sureText is the text of any value, never empty.
func (t *translator) sureText(v value) (value, error) {
	v, err := t.text(v)
	return t.filled(v), err
}

// number makes a number of any value, as XPath's number() and JavaRosa's dates do.
func (t *translator) number(v value) (value, error) {
	if v.inner != nil {
		v = *v.inner
	}
	if v.lists && !v.nodes {
		var err error
		if v, err = t.text(v); err != nil {
			return v, err
		}
	}
	switch {
	case v.nodes:
		return v, unfit("${%s} has several values here, where one number is needed", v.node.name)
	case v.known != nil && v.kind != vNumber:
		s := strings.TrimSpace(*v.known)
		if v.kind == vBool {
			return numberOf(map[string]string{"true": "1", "false": "0"}[s]), nil
		}
		if decimalText.MatchString(s) {
			return numberOf(s), nil
		}
		return notANumber, nil
	}
	switch v.kind {
	case vNumber:
		return v, nil
	case vText:
		return v.call("toDecimal", vNumber), nil
	case vBool:
		return value{src: "iif(" + v.src + ", 1, 0)", kind: vNumber, bind: bindTerm, whole: true, sure: true}, nil
	case vDate:
		return whole(value{src: "@1970-01-01", bind: bindTerm}.call("difference", vNumber, v.src, "'days'")), nil
	}
	return v, unfit("what is here a date and time, a file or a group cannot be taken for a number")
}

// decimalText is what FHIRPath reads as a number, bounded so that every reader holds it.
var decimalText = regexp.MustCompile(`^[+-]?(?:\d{1,15}(?:\.\d{0,12})?|\.\d{1,12})$`)

func whole(v value) value { v.whole = true; return v }

// truth makes a boolean of any value.
func (t *translator) truth(v value) (value, error) {
	switch {
	case v.kind == vGroup:
		return v, unfit("a group has no value; its occurrences can be counted")
	case v.nan():
		return boolOf(false), nil
	case v.kind == vBool && (!v.isRef || v.node.kind == "acknowledge"):
		return v, nil
	case v.known != nil && v.kind == vNumber:
		return boolOf(strings.Trim(*v.known, "-+0.") != ""), nil
	case v.known != nil:
		return boolOf(*v.known != ""), nil
	case v.kind == vNumber && !v.nodes:
		return value{src: v.as(bindEqual) + " != 0", kind: vBool, bind: bindEqual}, nil
	case v.isRef:
		return sure(v.call("exists", vBool)), nil
	}
	v, err := t.blank(v)
	return t.not(v), err
}

func sure(v value) value { v.sure = true; return v }

// not turns a condition round; an empty one becomes true.
func (t *translator) not(v value) value {
	switch {
	case v.known != nil:
		return boolOf(*v.known == "false")
	case v.sure && strings.HasSuffix(v.src, ".exists()") && v.bind == bindTerm:
		return sure(value{src: strings.TrimSuffix(v.src, "exists()") + "empty()", kind: vBool, bind: bindTerm})
	case v.sure && strings.HasSuffix(v.src, ".empty()") && v.bind == bindTerm:
		return sure(value{src: strings.TrimSuffix(v.src, "empty()") + "exists()", kind: vBool, bind: bindTerm})
	}
	return sure(function("iif", vBool, v.src, "false", "true"))
}

func (t *translator) binary(n *xnode) (value, error) {
	a, err := t.value(n.args[0])
	if err != nil {
		return a, err
	}
	b, err := t.value(n.args[1])
	if err != nil {
		return b, err
	}
	switch n.text {
	case "and", "or":
		return t.logic(n.text, a, b)
	case "=", "!=":
		return t.equal(n.text, a, b)
	case "<", "<=", ">", ">=":
		return t.order(n.text, a, b)
	case "|":
		return t.union(a, b)
	}
	return t.arithmetic(n.text, a, b)
}

func (t *translator) logic(op string, a, b value) (value, error) {
	a, err := t.truth(a)
	if err != nil {
		return a, err
	}
	if b, err = t.truth(b); err != nil {
		return b, err
	}
	absorbs := op == "or"
	switch {
	case a.is(absorbs) || b.is(absorbs):
		return boolOf(absorbs), nil
	case a.is(!absorbs):
		return b, nil
	case b.is(!absorbs):
		return a, nil
	case op == "or":
		v := infix("or", bindOr, a, b, vBool)
		v.sure = a.sure && b.sure
		return v, nil
	}
	v := infix("and", bindAnd, a, b, vBool)
	v.sure = a.sure && b.sure
	return v, nil
}

// union is |: of node sets, it gives the answers of both.
func (t *translator) union(a, b value) (value, error) {
	if !a.isRef || !b.isRef || a.kind != b.kind || a.lists || b.lists {
		return a, unfit("| takes questions of the same type on both sides")
	}
	v := a.call("combine", a.kind, b.src)
	v.isRef, v.nodes, v.node, v.whole = true, true, a.node, a.whole && b.whole
	return v, nil
}

func (t *translator) arithmetic(op string, a, b value) (value, error) {
	if op == "-" && a.kind == b.kind && (a.kind == vDate || a.kind == vDateTime) && !a.nodes && !b.nodes {
		if a.kind == vDate {
			return whole(b.call("difference", vNumber, a.src, "'days'")), nil
		}
		seconds := b.call("difference", vNumber, a.src, "'seconds'")
		return infix("/", bindTimes, seconds, numberOf("86400"), vNumber), nil
	}
	if (op == "-" || op == "+") && a.kind == vDate && !a.nodes || op == "+" && b.kind == vDate && !b.nodes {
		if a.kind != vDate {
			a, b = b, a
		}
		return t.later(op, a, b)
	}
	a, err := t.number(a)
	if err != nil {
		return a, err
	}
	if b, err = t.number(b); err != nil {
		return b, err
	}
	if a.nan() || b.nan() {
		return notANumber, nil
	}
	sign, bind := op, bindTimes
	switch op {
	case "div":
		sign = "/"
	case "+", "-":
		bind = bindAdd
	}
	v := infix(sign, bind, a, b, vNumber)
	v.whole = a.whole && b.whole && op != "div"
	return v, nil
}

// later moves a date by days.
func (t *translator) later(op string, date, days value) (value, error) {
	days, err := t.number(days)
	if err != nil {
		return days, err
	}
	if days.known != nil && days.whole && days.bind == bindTerm {
		return value{src: date.as(bindAdd) + " " + op + " " + *days.known + " days", kind: vDate, bind: bindAdd}, nil
	}
	length := value{src: "(" + days.as(bindAdd) + " & ' days')", bind: bindTerm}.call("toQuantity", vText)
	return infix(op, bindAdd, date, length, vDate), nil
}
