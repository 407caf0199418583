package xlsform

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// start is a call with nothing before it.
func (b *backward) start(n *fnode) (xp, error) {
	switch {
	case n.kind == fCall && n.text == "today" && len(n.args) == 0:
		return xcall(vDate, "today"), nil
	case n.kind == fCall && n.text == "now" && len(n.args) == 0:
		return xcall(vDateTime, "now"), nil
	case n.kind == fCall && n.text == "iif":
		return b.iif(n)
	case n.kind == fCall && n.text == "coalesce" && len(n.args) > 0:
		x, err := b.value(n.args[len(n.args)-1])
		for i := len(n.args) - 2; i >= 0 && err == nil; i-- {
			var first xp
			first, err = b.value(n.args[i])
			x = xcall(x.kind, "coalesce", first.src, x.src)
		}
		return x, err
	case n.kind != fCall:
		return b.value(n)
	}
	return xp{}, unfit("%s() has no equivalent", n.text)
}

func (b *backward) iif(n *fnode) (xp, error) {
	if len(n.args) < 2 {
		return xp{}, unfit("iif() takes at least two arguments")
	}
	c, err := b.value(n.args[0])
	if err != nil {
		return c, err
	}
	yes, err := b.value(n.args[1])
	if err != nil {
		return yes, err
	}
	no := xp{src: "''", bind: xbindTerm, empty: true}
	if len(n.args) > 2 {
		if no, err = b.value(n.args[2]); err != nil {
			return no, err
		}
	}
	kind := yes.kind
	if yes.empty {
		kind = no.kind
	}
	return xcall(kind, "if", b.truth(c).src, yes.src, no.src), nil
}

// pattern recognises what translation makes of not(), boolean(), number(), acknowledgements, min, max and cutting texts.
func (b *backward) pattern(n *fnode) (xp, bool, error) {
	if len(n.args) != 3 {
		return xp{}, false, nil
	}
	c, yes, no := n.args[0], n.args[1], n.args[2]
	name := ""
	switch {
	case yes.kind == fBool && no.kind == fBool && yes.text == "false" && no.text == "true":
		name = "not"
	case yes.kind == fBool && no.kind == fBool && yes.text == "true" && no.text == "false":
		name = "boolean"
	case yes.kind == fNumber && no.kind == fNumber && yes.text == "1" && no.text == "0":
		name = "number"
	}
	if name != "" {
		x, err := b.value(c)
		if name == "number" {
			return xcall(vNumber, name, x.src), true, err
		}
		return xcall(vBool, name, b.truth(x).src), true, err
	}
	if yes.kind == fString && yes.text == "OK" && no.kind == fString && no.text == "" {
		x, err := b.value(c)
		if x.ask != nil && x.ask.acknowledge() {
			return stringOf(x), true, err
		}
	}
	if no.kind == fEmpty && yes.kind == fCall && (yes.text == "min" || yes.text == "max") && yes.left != nil && yes.left.kind == fBinary && yes.left.text == "|" && allThere(c, flatten(yes.left, "|")) {
		x, err := b.value(yes)
		return x, true, err
	}
	if c.kind == fCall && c.text == "exists" && len(c.args) == 0 && c.left != nil && samePath(c.left, yes) {
		x, err := b.value(yes)
		if err != nil {
			return x, false, err
		}
		y, err := b.value(no)
		return xcall(x.kind, "coalesce", x.src, y.src), true, err
	}
	if c.kind == fBinary && c.text == ">=" && c.args[0].kind == fCall && c.args[0].text == "indexOf" && no.kind == fString && no.text == "" && yes.kind == fCall && yes.text == "substring" {
		x, err := b.cut(c.args[0], yes)
		return x, true, err
	}
	return xp{}, false, nil
}

// allThere tells whether a condition only asks that the given parts are not empty.
func allThere(c *fnode, parts []*fnode) bool {
	for _, one := range flatten(c, "and") {
		if one.kind != fCall || one.text != "exists" || len(one.args) > 0 || !slices.ContainsFunc(parts, func(p *fnode) bool { return samePath(p, one.left) }) {
			return false
		}
	}
	return true
}

// cut is substring-before or substring-after.
func (b *backward) cut(at, piece *fnode) (xp, error) {
	x, err := b.value(at.left)
	if err != nil || len(at.args) != 1 || at.args[0].kind != fString {
		return x, firstError(err, unfit("a text is cut at what is no constant"))
	}
	name := "substring-after"
	if len(piece.args) == 2 {
		name = "substring-before"
	}
	return xcall(vText, name, x.text(xbindOr), xquote(at.args[0].text)), nil
}

// simpleSteps are functions of FHIRPath without arguments, and those of XPath.
var simpleSteps = map[string]struct {
	name string
	kind vkind
}{
	"truncate": {"int", vNumber}, "floor": {"floor", vNumber}, "ceiling": {"ceiling", vNumber}, "abs": {"abs", vNumber}, "sqrt": {"sqrt", vNumber},
	"exp": {"exp", vNumber}, "ln": {"log", vNumber}, "upper": {"upper-case", vText}, "lower": {"lower-case", vText}, "trim": {"normalize-space", vText},
	"toDate": {"date", vDate}, "toDateTime": {"date-time", vDateTime},
}

// step applies one step to what was found so far.
func (b *backward) step(x xp, s *fnode) (xp, error) {
	if op := inverseOf(s); op != "" { // no answer makes neither true
		return b.value(&fnode{kind: fBinary, text: op, args: s.left.args})
	}
	if x.filtered {
		x.filtered = false
		switch s.text {
		case "exists":
			return x, nil
		case "empty":
			return xcall(vBool, "not", x.src), nil
		}
		return x, unfit("where() is turned back before exists() and empty() alone")
	}
	if s.kind == fIndex {
		i, err := b.value(s.args[0])
		if x.ask == nil || !x.ask.isCoded() {
			return x, firstError(err, unfit("one of several values has no equivalent"))
		}
		return xcall(vText, "selected-at", x.src, i.number(xbindOr)), err
	}
	if s.kind == fMember {
		return b.member(x, s.text)
	}
	if simple, ok := simpleSteps[s.text]; ok && len(s.args) == 0 {
		switch simple.kind {
		case vText:
			return xcall(vText, simple.name, x.text(xbindOr)), nil
		case vNumber:
			return xcall(vNumber, simple.name, x.number(xbindOr)), nil
		}
		return xcall(simple.kind, simple.name, x.src), nil
	}
	if len(s.args) > 0 {
		return b.stepWith(x, s)
	}
	return b.plainStep(x, s)
}

// plainStep is a step without arguments that has a way of its own.
func (b *backward) plainStep(x xp, s *fnode) (xp, error) {
	switch s.text {
	case "exists", "empty", "hasValue":
		op := map[bool]string{true: " = ", false: " != "}[s.text == "empty"]
		if x.group {
			return xp{src: "count(" + x.src + ")" + map[bool]string{true: " = 0", false: " > 0"}[s.text == "empty"], bind: xbindEqual, kind: vBool}, nil
		}
		return xp{src: x.text(xbindEqual) + op + "''", bind: xbindEqual, kind: vBool}, nil
	case "not":
		return xcall(vBool, "not", b.truth(x).src), nil
	case "first", "single", "last", "distinct":
		return x, nil
	case "count":
		return b.count(x)
	case "sum", "min", "max":
		return b.aggregate(s.text, x)
	case "avg":
		if x.ask == nil {
			return x, unfit("avg() of what is no question has no equivalent")
		}
		return xp{src: "sum(" + x.src + ") div count-non-empty(" + x.src + ")", bind: xbindTimes, kind: vNumber}, nil
	}
	return b.converted(x, s)
}

// converted is a step that makes another type of a value.
func (b *backward) converted(x xp, s *fnode) (xp, error) {
	switch s.text {
	case "length":
		return xcall(vNumber, "string-length", x.text(xbindOr)), nil
	case "toString":
		y := stringOf(x)
		if x.kind == vDate || x.kind == vDateTime {
			y.iso = x.src
		}
		return y, nil
	case "toDecimal", "toInteger":
		if from, length, ok := strings.Cut(x.iso, "\x00"); ok && s.text == "toInteger" { // a part of a date
			from, date, _ := strings.Cut(from, ",")
			if format := dateFormatOf(from, length, true); format != "" {
				return xcall(vText, "format-date", date, "'"+format+"'"), nil
			}
		}
		if x.kind == vNumber {
			return x, nil
		}
		y := xcall(vNumber, "number", x.src)
		if x.kind == vText {
			y.count = x.same(xbindTerm)
		}
		if s.text == "toInteger" {
			y = xcall(vNumber, "int", x.src)
		}
		return y, nil
	case "toTime": // a text that says a time is one
		return x, nil
	case "toBoolean":
		return xcall(vBool, "boolean-from-string", x.src), nil
	case "round":
		return xcall(vNumber, "round", x.number(xbindOr)), nil
	}
	return x, unfit("%s() has no equivalent", s.text)
}

// inverseOf is the operator that (a < b).not() stands for.
func inverseOf(s *fnode) string {
	if s.kind == fCall && s.text == "not" && s.left != nil && s.left.kind == fBinary {
		return inverse[s.left.text]
	}
	return ""
}

// member is a part of an answer.
func (b *backward) member(x xp, name string) (xp, error) {
	switch {
	case x.ask == nil:
	case name == "code" && x.ask.isCoded():
		x.coded = true
		return x, nil
	case name == "display" && x.ask.isCoded() && strings.HasPrefix(x.src, "${"):
		return xcall(vText, "jr:choice-name", x.src, "'"+x.src+"'"), nil
	case name == "value" && x.ask.item.Type == "quantity":
		return x, nil
	case name == "answer", name == "value" && !x.ask.isCoded():
		return x, nil
	}
	return x, unfit(".%s has no equivalent", name)
}

func (b *backward) count(x xp) (xp, error) {
	switch {
	case x.ask == nil:
		return x, unfit("count() of what is no item has no equivalent")
	case x.group:
		return xcall(vNumber, "count", x.src), nil
	case x.ask.lists():
		return xcall(vNumber, "count-selected", x.src), nil
	}
	return xcall(vNumber, "count-non-empty", x.src), nil
}

func (b *backward) aggregate(name string, x xp) (xp, error) {
	if len(x.parts) > 0 && name != "sum" {
		args := make([]string, len(x.parts))
		for i, p := range x.parts {
			args[i] = p.number(xbindOr)
		}
		return xcall(vNumber, name, args...), nil
	}
	if len(x.parts) > 0 {
		args := make([]string, len(x.parts))
		for i, p := range x.parts {
			args[i] = p.as(xbindAdd + 1)
		}
		return xp{src: strings.Join(args, " + "), bind: xbindAdd, kind: vNumber}, nil
	}
	return xcall(vNumber, name, x.number(xbindOr)), nil
}

// stepWith is a step with arguments.
func (b *backward) stepWith(x xp, s *fnode) (xp, error) {
	switch s.text {
	case "where", "exists":
		return b.where(x, s)
	case "ofType", "as":
		return b.ofType(x, s.args[0].text)
	case "select":
		if x.ask != nil && x.ask.isCoded() {
			x.coded = true
			return x, nil
		}
		return x, unfit("select() has no equivalent")
	case "matches", "matchesFull":
		return b.matches(x, s)
	case "replaceMatches":
		if len(s.args) == 2 && s.args[0].text == `\s+` && s.args[1].text == " " && strings.HasPrefix(x.src, "normalize-space(") {
			return x, nil
		}
		return x, unfit("replaceMatches() has no equivalent")
	case "substring":
		return b.substring(x, s.args)
	}
	args := make([]string, len(s.args))
	for i, a := range s.args {
		y, err := b.value(a)
		if err != nil {
			return x, err
		}
		if args[i] = y.text(xbindOr); y.kind == vNumber {
			args[i] = y.number(xbindOr)
		}
		if s.text == "combine" || s.text == "union" {
			return xp{src: x.as(xbindUnion) + " | " + y.as(xbindUnion+1), bind: xbindUnion, kind: x.kind, ask: x.ask}, nil
		}
	}
	return b.withArguments(x, s, strings.Join(args, ", "))
}

// withArguments is a step whose arguments are written as they are.
func (b *backward) withArguments(x xp, s *fnode, one string) (xp, error) {
	switch s.text {
	case "contains", "startsWith", "endsWith":
		name := map[string]string{"contains": "contains", "startsWith": "starts-with", "endsWith": "ends-with"}[s.text]
		return xcall(vBool, name, x.text(xbindOr), one), nil
	case "power":
		return xcall(vNumber, "pow", x.number(xbindOr), one), nil
	case "round":
		return xcall(vNumber, "round", x.number(xbindOr), one), nil
	case "log":
		if one == "10" {
			return xcall(vNumber, "log10", x.number(xbindOr)), nil
		}
	case "replace":
		if s.args[0].kind == fString && s.args[1].kind == fString && utf8.RuneCountInString(s.args[0].text) == 1 && utf8.RuneCountInString(s.args[1].text) <= 1 {
			return xcall(vText, "translate", x.text(xbindOr), one), nil
		}
	case "join":
		if x.ask != nil && x.ask.lists() {
			x.kind = vText
			return x, nil
		}
		return xcall(vText, "join", one, x.src), nil
	case "difference", "duration":
		return b.difference(x, s)
	}
	return x, unfit("%s() has no equivalent", s.text)
}

// where is a comparison that any answer may meet, followed by exists().
func (b *backward) where(x xp, s *fnode) (xp, error) {
	c := s.args[0]
	if c.kind != fBinary || xpathOperators[c.text].bind < xbindEqual || xpathOperators[c.text].bind > xbindOrder {
		return x, unfit("where() is turned back for comparisons alone")
	}
	l := c.args[0]
	if l.kind == fMember && l.text == "code" && x.ask != nil && x.ask.isCoded() && c.text == "=" {
		y, err := b.value(c.args[1])
		return met(xcall(vBool, "selected", x.src, y.text(xbindOr)), s), err
	}
	if l.kind != fThis {
		return x, unfit("where() is turned back for comparisons of $this alone")
	}
	y, err := b.value(c.args[1])
	o := xpathOperators[c.text]
	right := y.same(o.bind + 1)
	if o.bind == xbindOrder {
		right = y.number(o.bind + 1)
	}
	return met(xp{src: x.as(o.bind) + " " + o.op + " " + right, bind: o.bind, kind: vBool}, s), err
}

// met marks a where() as the condition that the exists() after it asks for.
func met(x xp, s *fnode) xp {
	x.filtered = s.text == "where"
	return x
}

func (b *backward) ofType(x xp, name string) (xp, error) {
	if x.ask != nil && x.ask.item.Type == "open-choice" && strings.EqualFold(name, "string") {
		return xp{src: "${" + x.ask.name + "_other}", bind: xbindTerm, ask: &wnode{item: &textItem, name: x.ask.name + "_other"}}, nil
	}
	return x, nil
}

func (b *backward) matches(x xp, s *fnode) (xp, error) {
	if s.args[0].kind != fString || len(s.args) > 1 {
		return x, unfit("the pattern of %s() is no constant", s.text)
	}
	pattern := s.args[0].text
	switch {
	case s.text == "matchesFull":
	case strings.HasPrefix(pattern, "^(?:") && strings.HasSuffix(pattern, ")$"):
		pattern = pattern[4 : len(pattern)-2]
	case strings.HasPrefix(pattern, "^") && strings.HasSuffix(pattern, "$") && !strings.ContainsRune(pattern, '|'):
		pattern = pattern[1 : len(pattern)-1]
	default:
		pattern = ".*(?:" + pattern + ").*"
	}
	return xcall(vBool, "regex", x.text(xbindOr), xquote(pattern)), nil
}

// substring counts from 0; substr() does too and takes an end, substring() counts from 1 and takes a length.
func (b *backward) substring(x xp, args []*fnode) (xp, error) {
	from := args[0]
	if x.iso != "" && len(args) == 2 {
		if format := dateFormatOf(from.text, args[1].text, false); format != "" {
			y := xcall(vText, "format-date", x.iso, "'"+format+"'")
			y.iso = from.text + "," + x.iso + "\x00" + args[1].text
			return y, nil
		}
	}
	if from.kind == fBinary && from.text == "-" && from.args[0].kind != fNumber && from.args[1].kind == fNumber && from.args[1].text == "1" {
		out := []string{x.text(xbindOr)}
		for _, a := range append([]*fnode{from.args[0]}, args[1:]...) {
			y, err := b.value(a)
			if err != nil {
				return y, err
			}
			out = append(out, y.number(xbindOr))
		}
		return xcall(vText, "substring", out...), nil
	}
	start, err := b.value(from)
	if err != nil || len(args) == 1 {
		return xcall(vText, "substr", x.text(xbindOr), start.number(xbindOr)), err
	}
	length := args[1]
	if length.kind == fBinary && length.text == "-" && samePath(length.args[1], from) {
		end, err := b.value(length.args[0])
		return xcall(vText, "substr", x.text(xbindOr), start.number(xbindOr), end.number(xbindOr)), err
	}
	n, err := b.value(length)
	if err != nil {
		return n, err
	}
	if i, err := strconv.Atoi(start.src); err == nil {
		return xcall(vText, "substring", x.text(xbindOr), itoa(i+1), n.number(xbindOr)), nil
	}
	return xcall(vText, "substring", x.text(xbindOr), start.number(xbindAdd)+" + 1", n.number(xbindOr)), nil
}

func (b *backward) difference(x xp, s *fnode) (xp, error) {
	if len(s.args) != 2 || s.args[1].text != "days" && s.args[1].text != "day" {
		return x, unfit("a difference in %s has no equivalent", s.args[len(s.args)-1].text)
	}
	to, err := b.value(s.args[0])
	if err != nil {
		return to, err
	}
	if x.src == "date('1970-01-01')" {
		return xcall(vNumber, "decimal-date-time", to.src), nil
	}
	return xp{src: to.as(xbindAdd) + " - " + x.as(xbindAdd+1), bind: xbindAdd, kind: vNumber}, nil
}
