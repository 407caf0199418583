package xlsform

import (
	"slices"
	"strings"
)

var xpathOperators = map[string]struct {
	op   string
	bind int
}{
	"or": {"or", xbindOr}, "and": {"and", xbindAnd}, "=": {"=", xbindEqual}, "!=": {"!=", xbindEqual},
	"<": {"<", xbindOrder}, "<=": {"<=", xbindOrder}, ">": {">", xbindOrder}, ">=": {">=", xbindOrder},
	"+": {"+", xbindAdd}, "-": {"-", xbindAdd}, "*": {"*", xbindTimes}, "/": {"div", xbindTimes}, "mod": {"mod", xbindTimes},
}

func (b *backward) binary(n *fnode) (xp, error) {
	switch n.text {
	case "&":
		return b.concat(n)
	case "in", "contains":
		return b.membership(n)
	case "|":
		return b.union(n)
	case "+", "-":
		if x, ok, err := b.days(n); ok || err != nil {
			return x, err
		}
	case "/":
		if x, ok, err := b.dayFraction(n); ok || err != nil {
			return x, err
		}
	case "or":
		if sameOrBothEmpty(n) {
			return b.bothRefs(n.args[0].args)
		}
	case "div":
		x, err := b.binary(&fnode{kind: fBinary, text: "/", args: n.args})
		return xcall(vNumber, "int", x.src), err
	}
	l, err := b.value(n.args[0])
	if err != nil {
		return l, err
	}
	r, err := b.value(n.args[1])
	if err != nil {
		return r, err
	}
	switch n.text {
	case "and", "or", "xor", "implies":
		return b.logic(n.text, b.truth(l), b.truth(r))
	case "=":
		return b.equal(n.text, l, r)
	case "!=":
		if l.kind == vNumber && r.src == "0" {
			return xcall(vBool, "boolean", l.src), nil
		}
		return b.unequal(l, r)
	case "~", "!~":
		return xp{}, unfit("%s has no equivalent", n.text)
	}
	if n.text == "+" && l.kind == vText && r.kind == vText && l.count == "" && r.count == "" {
		return xcall(vText, "concat", l.text(xbindOr), r.text(xbindOr)), nil
	}
	o := xpathOperators[n.text]
	x := xp{src: l.number(o.bind) + " " + o.op + " " + r.number(o.bind+1), bind: o.bind, kind: vNumber}
	if o.bind == xbindOrder {
		x.kind = vBool
	}
	return x, nil
}

func (b *backward) logic(op string, l, r xp) (xp, error) {
	switch op {
	case "implies":
		return xp{src: "not(" + l.src + ") or " + r.as(xbindOr+1), bind: xbindOr, kind: vBool}, nil
	case "xor":
		return xp{src: "boolean(" + l.src + ") != boolean(" + r.src + ")", bind: xbindEqual, kind: vBool}, nil
	}
	o := xpathOperators[op]
	return xp{src: l.as(o.bind) + " " + o.op + " " + r.as(o.bind+1), bind: o.bind, kind: vBool}, nil
}

// equal compares; answers that are booleans are texts in XForms.
func (b *backward) equal(op string, l, r xp) (xp, error) {
	for _, side := range [][2]xp{{l, r}, {r, l}} {
		ref, constant := side[0], side[1]
		if ref.ask == nil {
			continue
		}
		if ref.kind == vBool && (constant.src == "true()" || constant.src == "false()") {
			text := map[bool]map[string]string{true: {"true()": "'OK'", "false()": "''"}, false: {"true()": "'true'", "false()": "'false'"}}[ref.ask.acknowledge()][constant.src]
			return xp{src: ref.src + " " + op + " " + text, bind: xbindEqual, kind: vBool}, nil
		}
		if ref.ask.isCoded() && !ref.coded && !ref.self && ref.kind == vText && constant.ask == nil && !strings.HasPrefix(constant.src, "'") {
			return xp{}, unfit("a Coding is compared with what is no code")
		}
	}
	left, right := l.as(xbindEqual), r.as(xbindEqual+1)
	if l.kind == vText && r.kind == vText { // texts compare as texts, whatever they were made of
		left, right = l.same(xbindEqual), r.same(xbindEqual+1)
	}
	return xp{src: left + " " + op + " " + right, bind: xbindEqual, kind: vBool}, nil
}

// unequal is FHIRPath's !=, which needs both sides, where XPath's takes a missing answer for unequal.
func (b *backward) unequal(l, r xp) (xp, error) {
	x, err := b.equal("!=", l, r)
	for _, side := range []xp{r, l} {
		if references.MatchString(side.src) || strings.Contains(side.src, ".") && !decimalText.MatchString(side.src) && side.said == "" && !strings.HasPrefix(side.src, "'") {
			x = xp{src: side.text(xbindEqual) + " != '' and " + x.as(xbindAnd+1), bind: xbindAnd, kind: vBool}
		}
	}
	return x, err
}

// inverse are the comparisons of order that are true where another is false.
var inverse = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}

// bothRefs compares two answers as they are, the unanswered among them.
func (b *backward) bothRefs(sides []*fnode) (xp, error) {
	for i, s := range sides {
		if s.kind == fCall && s.text == "difference" && s.left != nil && s.left.kind == fDate && len(s.args) == 2 { // a date as a number of days
			sides = slices.Clone(sides)
			sides[i] = s.args[0]
		}
	}
	l, err := b.value(sides[0])
	if err != nil {
		return l, err
	}
	r, err := b.value(sides[1])
	return xp{src: l.number(xbindEqual) + " = " + r.number(xbindEqual+1), bind: xbindEqual, kind: vBool}, err
}

// sameOrBothEmpty recognises "a = b or a.empty() and b.empty()", which is XPath's equality.
func sameOrBothEmpty(n *fnode) bool {
	l, r := n.args[0], n.args[1]
	if l.kind != fBinary || l.text != "=" || r.kind != fBinary || r.text != "and" {
		return false
	}
	for i, e := range r.args {
		if e.kind != fCall || e.text != "empty" || e.left == nil || !samePath(e.left, l.args[i]) {
			return false
		}
	}
	return true
}

// samePath compares two trees.
func samePath(a, b *fnode) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.kind != b.kind || a.text != b.text || len(a.args) != len(b.args) || !samePath(a.left, b.left) {
		return false
	}
	for i := range a.args {
		if !samePath(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}

// concat joins texts. "x & ”" only makes a text of x.
func (b *backward) concat(n *fnode) (xp, error) {
	var parts []*fnode
	var flat func(n *fnode)
	flat = func(n *fnode) {
		if n.kind == fBinary && n.text == "&" {
			flat(n.args[0])
			flat(n.args[1])
			return
		}
		if n.kind != fString || n.text != "" {
			parts = append(parts, n)
		}
	}
	flat(n)
	var args []string
	var last xp
	for _, p := range parts {
		x, err := b.value(p)
		if err != nil {
			return x, err
		}
		args = append(args, x.text(xbindOr))
		last = x
	}
	switch len(args) {
	case 0:
		return xp{src: "''", bind: xbindTerm}, nil
	case 1:
		return stringOf(last), nil
	}
	return xcall(vText, "concat", args...), nil
}

func (b *backward) membership(n *fnode) (xp, error) {
	one, list := n.args[0], n.args[1]
	if n.text == "contains" {
		one, list = list, one
	}
	x, err := b.value(one)
	if err != nil {
		return x, err
	}
	if list.kind == fBinary && list.text == "|" && list.args[0].kind == fString && list.args[0].text == "true" {
		return xcall(vBool, "boolean-from-string", x.same(xbindOr)), nil
	}
	if list.kind == fCall && list.text == "split" && list.left != nil {
		list = list.left
	}
	l, err := b.value(list)
	if err != nil {
		return l, err
	}
	if len(l.parts) > 0 { // in (a | b)
		var any []string
		for _, p := range l.parts {
			any = append(any, x.as(xbindEqual)+" = "+p.as(xbindEqual+1))
		}
		return xp{src: strings.Join(any, " or "), bind: xbindOr, kind: vBool}, nil
	}
	return xcall(vBool, "selected", l.text(xbindOr), x.text(xbindOr)), nil
}

func (b *backward) union(n *fnode) (xp, error) {
	l, err := b.value(n.args[0])
	if err != nil {
		return l, err
	}
	r, err := b.value(n.args[1])
	if err != nil {
		return r, err
	}
	parts := l.parts
	if len(parts) == 0 {
		parts = []xp{l}
	}
	parts = append(parts[:len(parts):len(parts)], r)
	return xp{src: l.as(xbindUnion) + " | " + r.as(xbindUnion+1), bind: xbindUnion, kind: l.kind, parts: parts}, nil
}

// days moves a date: D + 7 days, D + (n & ' days').toQuantity().
func (b *backward) days(n *fnode) (xp, bool, error) {
	by := n.args[1]
	var count xp
	switch {
	case by.kind == fQuantity:
		amount, ok := smallWhole(by.text)
		switch by.args[0].text {
		case "days", "day":
		case "weeks", "week":
			amount *= 7
		default:
			ok = false
		}
		if !ok {
			return xp{}, false, unfit("adding %s %s has no equivalent", by.text, by.args[0].text)
		}
		count = xp{src: itoa(amount), bind: xbindTerm}
	case by.kind == fCall && by.text == "toQuantity" && by.left != nil && by.left.kind == fBinary && by.left.text == "&" && by.left.args[1].text == " days":
		var err error
		if count, err = b.value(by.left.args[0]); err != nil {
			return count, false, err
		}
	default:
		return xp{}, false, nil
	}
	date, err := b.value(n.args[0])
	return xp{src: date.as(xbindAdd) + " " + n.text + " " + count.number(xbindAdd+1), bind: xbindAdd, kind: vDate}, true, err
}

// dayFraction recognises a difference in seconds, divided by those of a day.
func (b *backward) dayFraction(n *fnode) (xp, bool, error) {
	d := n.args[0]
	if n.args[1].kind != fNumber || n.args[1].text != "86400" || d.kind != fCall || d.text != "difference" || d.left == nil || len(d.args) != 2 || d.args[1].text != "seconds" {
		return xp{}, false, nil
	}
	to, err := b.value(d.args[0])
	if err != nil {
		return to, false, err
	}
	switch {
	case d.left.kind == fDate && strings.HasPrefix(d.left.text, "1970-01-01T00:00:00"):
		return xcall(vNumber, "decimal-date-time", to.src), true, nil
	case d.left.kind == fTime:
		return xcall(vNumber, "decimal-time", to.src), true, nil
	}
	from, err := b.value(d.left)
	return xp{src: to.as(xbindAdd) + " - " + from.as(xbindAdd+1), bind: xbindAdd, kind: vNumber}, true, err
}
