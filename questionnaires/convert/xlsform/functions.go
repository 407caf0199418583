package xlsform

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xfunction translates one function of XPath, JavaRosa or XLSForm. Its arguments are not yet translated.
type xfunction struct {
	least, most int
	call        func(t *translator, args []*xnode) (value, error)
}

const anyNumber = 64

// functions by name: https://docs.getodk.org/form-operators-functions/. Those without an entry have no equivalent.
var functions map[string]xfunction

func init() {
	functions = map[string]xfunction{
		"true":     {0, 0, func(*translator, []*xnode) (value, error) { return boolOf(true), nil }},
		"false":    {0, 0, func(*translator, []*xnode) (value, error) { return boolOf(false), nil }},
		"today":    {0, 0, func(*translator, []*xnode) (value, error) { return sure(function("today", vDate)), nil }},
		"now":      {0, 0, func(*translator, []*xnode) (value, error) { return sure(function("now", vDateTime)), nil }},
		"pi":       {0, 0, func(*translator, []*xnode) (value, error) { return numberOf("3.141592653589"), nil }},
		"not":      {1, 1, fnNot},
		"boolean":  {1, 1, func(t *translator, a []*xnode) (value, error) { return t.truthOf(a[0]) }},
		"string":   {1, 1, func(t *translator, a []*xnode) (value, error) { return t.sureTextOf(a[0]) }},
		"number":   {1, 1, func(t *translator, a []*xnode) (value, error) { return t.numberOf(a[0]) }},
		"if":       {3, 3, fnIf},
		"coalesce": {2, 2, fnCoalesce},
		"selected": {2, 2, fnSelected},

		"boolean-from-string": {1, 1, fnBooleanFromString},
		"count-selected":      {1, 1, fnCountSelected},
		"selected-at":         {2, 2, fnSelectedAt},
		"jr:choice-name":      {2, 2, fnChoiceName},
		"indexed-repeat":      {3, 3, fnIndexedRepeat},

		"count":           {1, 1, fnCount},
		"count-non-empty": {1, 1, fnCountNonEmpty},
		"sum":             {1, 1, aggregate("sum")},
		"min":             {1, anyNumber, extreme("min")},
		"max":             {1, anyNumber, extreme("max")},
		"round":           {1, 2, fnRound},
		"int":             {1, 1, wholeNumber("truncate")},
		"floor":           {1, 1, wholeNumber("floor")},
		"ceiling":         {1, 1, wholeNumber("ceiling")},
		"abs":             {1, 1, fnAbs},
		"pow":             {2, 2, fnPow},
		"sqrt":            {1, 1, mathFunction("sqrt")},
		"exp":             {1, 1, mathFunction("exp")},
		"log":             {1, 1, mathFunction("ln")},
		"log10":           {1, 1, mathFunction("log", "10")},

		"concat":           {0, anyNumber, fnConcat},
		"join":             {2, anyNumber, fnJoin},
		"string-length":    {0, 1, fnLength},
		"contains":         {2, 2, textTest("contains", strings.Contains)},
		"starts-with":      {2, 2, textTest("startsWith", strings.HasPrefix)},
		"ends-with":        {2, 2, textTest("endsWith", strings.HasSuffix)},
		"substr":           {2, 3, fnSubstr},
		"substring":        {2, 3, fnSubstring},
		"substring-before": {2, 2, fnBefore},
		"substring-after":  {2, 2, fnAfter},
		"normalize-space":  {0, 1, fnNormalize},
		"translate":        {3, 3, fnTranslate},
		"upper-case":       {1, 1, textFunction("upper")},
		"lower-case":       {1, 1, textFunction("lower")},
		"regex":            {2, 2, fnRegex},

		"date":              {1, 1, fnDate},
		"date-time":         {1, 1, fnDateTime},
		"decimal-date-time": {1, 1, fnDecimalDateTime},
		"decimal-time":      {1, 1, fnDecimalTime},
		"format-date":       {2, 2, fnFormatDate},
		"format-date-time":  {2, 2, fnFormatDate},
	}
}

func (t *translator) call(n *xnode) (value, error) {
	f, ok := functions[n.text]
	switch {
	case n.text == "once":
		return value{}, unfit("once() is carried only around a whole calculation")
	case !ok:
		return value{}, unfit("the function %s() has no equivalent", n.text)
	case len(n.args) < f.least || len(n.args) > f.most:
		return value{}, unfit("%s() does not take %d arguments", n.text, len(n.args))
	}
	return f.call(t, n.args)
}

func (t *translator) truthOf(n *xnode) (value, error) {
	v, err := t.value(n)
	if err != nil {
		return v, err
	}
	return t.truth(v)
}

func (t *translator) textValue(n *xnode) (value, error) {
	v, err := t.value(n)
	if err != nil {
		return v, err
	}
	return t.text(v)
}

func (t *translator) sureTextOf(n *xnode) (value, error) {
	v, err := t.textValue(n)
	return t.filled(v), err
}

func (t *translator) numberOf(n *xnode) (value, error) {
	v, err := t.value(n)
	if err != nil {
		return v, err
	}
	return t.number(v)
}

// constant is an argument that must be known when the form is written.
func (t *translator) constant(n *xnode, what string) (string, error) {
	v, err := t.value(n)
	if err != nil {
		return "", err
	}
	if v.known == nil {
		return "", unfit("%s must be a constant", what)
	}
	return *v.known, nil
}

// index is an argument that counts: an Integer in FHIRPath, moved by plus.
func (t *translator) index(n *xnode, plus int) (value, error) {
	v, err := t.numberOf(n)
	switch {
	case err != nil:
		return v, err
	case v.known != nil:
		i, err := strconv.Atoi(*v.known)
		if err != nil || i+plus < 0 || i > 1_000_000 {
			return v, unfit("%s is no position", *v.known)
		}
		return numberOf(strconv.Itoa(i + plus)), nil
	case !v.whole:
		v = whole(v.call("truncate", vNumber))
	}
	if plus != 0 {
		v = whole(infix("-", bindAdd, v, numberOf(strconv.Itoa(-plus)), vNumber))
	}
	return v, nil
}

func fnNot(t *translator, a []*xnode) (value, error) {
	v, err := t.truthOf(a[0])
	if err != nil {
		return v, err
	}
	return t.not(v), nil
}

func fnIf(t *translator, args []*xnode) (value, error) {
	c, err := t.truthOf(args[0])
	if err != nil {
		return c, err
	}
	a, err := t.value(args[1])
	if err != nil {
		return a, err
	}
	b, err := t.value(args[2])
	if err != nil {
		return b, err
	}
	switch {
	case c.is(true):
		return a, nil
	case c.is(false):
		return b, nil
	}
	if a, b, err = t.together(a, b); err != nil {
		return a, err
	}
	v := function("iif", a.kind, c.src, a.src, b.src)
	v.whole, v.sure = a.whole && b.whole, a.sure && b.sure
	return v, nil
}

// together brings two results to one type. An empty text fits every type: it is no answer.
func (t *translator) together(a, b value) (value, value, error) {
	none := value{src: "{}", bind: bindTerm, whole: true}
	switch {
	case a.kind == b.kind && !a.lists && !b.lists && !a.nodes && !b.nodes && a.kind != vGroup && a.kind != vFile:
		return a, b, nil
	case a.blank() && single(b):
		none.kind = b.kind
		return none, b, nil
	case b.blank() && single(a):
		none.kind = a.kind
		return a, none, nil
	}
	a, err := t.text(a)
	if err == nil {
		b, err = t.text(b)
	}
	return a, b, err
}

func single(v value) bool { return !v.lists && !v.nodes && v.kind != vFile && v.kind != vGroup }

func fnCoalesce(t *translator, args []*xnode) (value, error) {
	a, err := t.value(args[0])
	if err != nil {
		return a, err
	}
	b, err := t.value(args[1])
	if err != nil {
		return b, err
	}
	if a.known != nil {
		if *a.known == "" {
			return b, nil
		}
		return a, nil
	}
	there, err := t.truthOrThere(a)
	if err != nil {
		return a, err
	}
	if a, b, err = t.together(a, b); err != nil {
		return a, err
	}
	v := function("iif", a.kind, there, a.src, b.src)
	v.whole, v.sure = a.whole && b.whole, b.sure
	return v, nil
}

// truthOrThere is the condition under which a value is not the empty text.
func (t *translator) truthOrThere(v value) (string, error) {
	blank, err := t.blank(v)
	return t.not(blank).src, err
}

func fnBooleanFromString(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	if err != nil || v.kind == vBool {
		return v, err
	}
	if v, err = t.text(v); err != nil {
		return v, err
	}
	if v.known != nil {
		return boolOf(*v.known == "true" || *v.known == "1"), nil
	}
	return value{src: v.as(bindIn+1) + " in ('true' | '1')", kind: vBool, bind: bindIn}, nil
}

// fnSelected asks whether a name is among those chosen.
func fnSelected(t *translator, args []*xnode) (value, error) {
	list, err := t.value(args[0])
	if err != nil {
		return list, err
	}
	name, err := t.textValue(args[1])
	if err != nil {
		return name, err
	}
	switch {
	case list.known != nil && name.known != nil:
		return boolOf(members(*list.known, *name.known)), nil
	case list.kind == vBool:
		return t.equalBools(list, name)
	case list.isRef && list.kind == vText:
	case list.nodes:
		return list, unfit("${%s} has several values here, which are no choices", list.node.name)
	default:
		if list, err = t.sureText(list); err != nil {
			return list, err
		}
		list = list.call("split", vText, "' '")
	}
	v := value{src: name.as(bindIn+1) + " in " + list.as(bindIn+1), kind: vBool, bind: bindIn}
	return v, nil
}

// chosen is the argument of the functions that take the value of a select_multiple apart.
func (t *translator) chosen(n *xnode) (value, error) {
	v, err := t.value(n)
	if err != nil {
		return v, err
	}
	if !v.isRef || v.kind != vText || v.nodes {
		return v, unfit("only the answers to one select question can be taken apart")
	}
	return v, nil
}

func fnCountSelected(t *translator, args []*xnode) (value, error) {
	v, err := t.chosen(args[0])
	if err != nil {
		return v, err
	}
	return sure(whole(v.call("count", vNumber))), nil
}

func fnSelectedAt(t *translator, args []*xnode) (value, error) {
	v, err := t.chosen(args[0])
	if err != nil {
		return v, err
	}
	i, err := t.index(args[1], 0)
	return value{src: v.as(bindTerm) + "[" + i.src + "]", kind: vText, bind: bindTerm}, err
}

// fnChoiceName is the label of the choice that was answered; the second argument names the question again, in quotes.
func fnChoiceName(t *translator, args []*xnode) (value, error) {
	v, err := t.chosen(args[0])
	if err != nil {
		return v, err
	}
	if again, err := t.constant(args[1], "the second argument of jr:choice-name()"); err != nil || args[0].kind != xRef || strings.TrimSpace(again) != "${"+args[0].text+"}" {
		return v, unfit("jr:choice-name() takes one question twice, the second time in quotes")
	}
	if v.node.orOther || v.lists {
		return v, unfit("jr:choice-name() is carried for select_one alone")
	}
	return value{src: strings.TrimSuffix(v.src, ".code") + ".display", kind: vText, bind: bindTerm}, nil
}

// fnIndexedRepeat is the answer in the n-th occurrence of a repeat.
func fnIndexedRepeat(t *translator, args []*xnode) (value, error) {
	if args[0].kind != xRef || args[1].kind != xRef {
		return value{}, unfit("indexed-repeat() takes a question and a repeat by their ${names}")
	}
	q, r := t.form.named[args[0].text], t.form.named[args[1].text]
	if q == nil || r == nil || r.kind != "repeat" || len(r.repeats()) != 1 || len(q.repeats()) != 1 || q.repeats()[0] != r {
		return value{}, unfit("indexed-repeat() is carried for questions of one repeat that stands in no other")
	}
	i, err := t.index(args[2], -1)
	if err != nil {
		return i, err
	}
	return t.answers(q, "%resource"+lookup(r.link)+"["+i.src+"]"+lookup(q.holder().link)+".answer.value")
}

func fnCount(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	switch {
	case err != nil:
		return v, err
	case !v.isRef:
		return v, unfit("count() takes a question or a group")
	case v.kind == vGroup:
		return sure(whole(v.call("count", vNumber))), nil
	case !v.nodes:
		return numberOf("1"), nil // the node is there, answered or not
	}
	repeats := v.node.repeats()
	group, err := t.ref(repeats[len(repeats)-1])
	return sure(whole(group.call("count", vNumber))), err
}

func fnCountNonEmpty(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	if err != nil {
		return v, err
	}
	if !v.isRef || v.lists || v.kind == vGroup {
		return v, unfit("count-non-empty() takes a question with one answer")
	}
	return sure(whole(v.call("count", vNumber))), nil
}

// aggregate goes over the answers in all repeats; those that are missing do not count.
func aggregate(name string) func(t *translator, args []*xnode) (value, error) {
	return func(t *translator, args []*xnode) (value, error) {
		v, err := t.value(args[0])
		if err != nil {
			return v, err
		}
		if !v.nodes {
			if v, err = t.number(v); err != nil {
				return v, err
			}
		} else if v.kind != vNumber {
			return v, unfit("%s() takes numbers", name)
		}
		out := v.call(name, vNumber)
		out.whole = v.whole
		return out, nil
	}
}

// extreme is min or max: over all answers of one question, or over arguments that must all be there.
func extreme(name string) func(t *translator, args []*xnode) (value, error) {
	one := aggregate(name)
	return func(t *translator, args []*xnode) (value, error) {
		if len(args) == 1 {
			return one(t, args)
		}
		list := value{whole: true}
		var there []string
		for i, a := range args {
			v, err := t.numberOf(a)
			if err != nil {
				return v, err
			}
			list.whole = list.whole && v.whole
			if i > 0 {
				list.src += " | "
			}
			list.src += v.as(bindUnion + 1)
			if !v.sure {
				there = append(there, v.as(bindTerm)+".exists()")
			}
			if len(list.src) > maxResult {
				return v, unfit("%s() has too many arguments", name)
			}
		}
		v := value{src: "(" + list.src + ")", bind: bindTerm}.call(name, vNumber)
		if len(there) > 0 {
			v = function("iif", vNumber, strings.Join(there, " and "), v.src, "{}")
		}
		v.whole = list.whole
		return v, nil
	}
}

func fnRound(t *translator, args []*xnode) (value, error) {
	v, err := t.numberOf(args[0])
	if err != nil {
		return v, err
	}
	if len(args) == 1 { // XPath rounds a half upwards
		return whole(infix("+", bindAdd, v, numberOf("0.5"), vNumber).call("floor", vNumber)), nil
	}
	places, err := t.constant(args[1], "the number of places")
	if err != nil {
		return v, err
	}
	if n, err := strconv.Atoi(places); err != nil || n < 0 || n > 12 {
		return v, unfit("round() to %s places has no equivalent", places)
	}
	return v.call("round", vNumber, places), nil
}

func wholeNumber(name string) func(t *translator, args []*xnode) (value, error) {
	return func(t *translator, args []*xnode) (value, error) {
		v, err := t.numberOf(args[0])
		if err != nil {
			return v, err
		}
		return whole(v.call(name, vNumber)), nil
	}
}

func mathFunction(name string, args ...string) func(t *translator, a []*xnode) (value, error) {
	return func(t *translator, a []*xnode) (value, error) {
		v, err := t.numberOf(a[0])
		if err != nil {
			return v, err
		}
		return v.call(name, vNumber, args...), nil
	}
}

func fnAbs(t *translator, args []*xnode) (value, error) {
	v, err := t.numberOf(args[0])
	if err != nil {
		return v, err
	}
	out := v.call("abs", vNumber)
	out.whole = v.whole
	return out, nil
}

func fnPow(t *translator, args []*xnode) (value, error) {
	base, err := t.numberOf(args[0])
	if err != nil {
		return base, err
	}
	power, err := t.numberOf(args[1])
	if err != nil {
		return power, err
	}
	return base.call("power", vNumber, power.src), nil
}

func fnConcat(t *translator, args []*xnode) (value, error) {
	sum := textOf("")
	for _, a := range args {
		v, err := t.textValue(a)
		if err != nil {
			return v, err
		}
		switch {
		case v.blank():
		case sum.blank():
			sum = v
		case sum.known != nil && v.known != nil:
			sum = textOf(*sum.known + *v.known)
		default:
			sum = sure(infix("&", bindAdd, sum, v, vText))
		}
		if len(sum.src) > maxResult {
			return sum, unfit("concat() has too many arguments")
		}
	}
	return t.unreferenced(sum), nil
}

// unreferenced forgets that a text is an answer as it is: what is made of it is a text of its own.
func (t *translator) unreferenced(v value) value {
	if v.isRef {
		return t.filled(value{src: v.src, kind: v.kind, bind: v.bind})
	}
	return v
}

func fnJoin(t *translator, args []*xnode) (value, error) {
	sep, err := t.constant(args[0], "the separator of join()")
	if err != nil {
		return value{}, err
	}
	if len(args) == 2 {
		v, err := t.value(args[1])
		if err != nil {
			return v, err
		}
		if v.nodes && v.kind != vGroup && v.kind != vFile && !v.lists {
			return v.call("join", vText, quote(sep)), nil
		}
	}
	var parts []*xnode
	for i, a := range args[1:] {
		if i > 0 {
			parts = append(parts, &xnode{kind: xString, text: sep})
		}
		parts = append(parts, a)
	}
	return fnConcat(t, parts)
}

// subject is the text that a function is about: its argument, or the question's own.
func (t *translator) subject(args []*xnode) (value, error) {
	if len(args) == 0 {
		args = []*xnode{{kind: xDot}}
	}
	return t.textValue(args[0])
}

func fnLength(t *translator, args []*xnode) (value, error) {
	v, err := t.subject(args)
	if err != nil {
		return v, err
	}
	if v.known != nil {
		return numberOf(strconv.Itoa(utf8.RuneCountInString(*v.known))), nil
	}
	return sure(whole(t.filled(v).call("length", vNumber))), nil
}

func textTest(name string, fold func(s, sub string) bool) func(t *translator, args []*xnode) (value, error) {
	return func(t *translator, args []*xnode) (value, error) {
		v, err := t.sureTextOf(args[0])
		if err != nil {
			return v, err
		}
		sub, err := t.sureTextOf(args[1])
		if err != nil {
			return sub, err
		}
		if v.known != nil && sub.known != nil {
			return boolOf(fold(*v.known, *sub.known)), nil
		}
		return sure(v.call(name, vBool, sub.src)), nil
	}
}

func textFunction(name string, args ...string) func(t *translator, a []*xnode) (value, error) {
	return func(t *translator, a []*xnode) (value, error) {
		v, err := t.textValue(a[0])
		if err != nil {
			return v, err
		}
		return v.call(name, vText, args...), nil
	}
}

// fnSubstr counts from 0 to before the end, as JavaRosa does.
func fnSubstr(t *translator, args []*xnode) (value, error) {
	v, err := t.textValue(args[0])
	if err != nil {
		return v, err
	}
	from, err := t.index(args[1], 0)
	if err != nil || len(args) == 2 {
		return v.call("substring", vText, from.src), err
	}
	to, err := t.index(args[2], 0)
	if err != nil {
		return to, err
	}
	if from.known == nil || to.known == nil {
		length := infix("-", bindAdd, to, from, vNumber)
		return v.call("substring", vText, from.src, length.src), nil
	}
	i, _ := strconv.Atoi(*from.known)
	j, _ := strconv.Atoi(*to.known)
	return v.call("substring", vText, from.src, strconv.Itoa(max(0, j-i))), nil
}

// fnSubstring counts from 1 and takes a length, as XPath does.
func fnSubstring(t *translator, args []*xnode) (value, error) {
	v, err := t.textValue(args[0])
	if err != nil {
		return v, err
	}
	from, err := t.index(args[1], -1)
	if err != nil || len(args) == 2 {
		return v.call("substring", vText, from.src), err
	}
	length, err := t.index(args[2], 0)
	return v.call("substring", vText, from.src, length.src), err
}

func fnBefore(t *translator, args []*xnode) (value, error) { return beside(t, args, true) }
func fnAfter(t *translator, args []*xnode) (value, error)  { return beside(t, args, false) }

// beside is the text before or after a constant; none where the constant is not in it.
func beside(t *translator, args []*xnode, before bool) (value, error) {
	v, err := t.sureTextOf(args[0])
	if err != nil {
		return v, err
	}
	mark, err := t.constant(args[1], "what is looked for")
	if err != nil || mark == "" {
		return v, unfit("a text can be cut only at a constant")
	}
	at := v.call("indexOf", vNumber, quote(mark))
	var cut value
	if before {
		cut = v.call("substring", vText, "0", at.src)
	} else {
		cut = v.call("substring", vText, at.src+" + "+strconv.Itoa(utf8.RuneCountInString(mark)))
	}
	return function("iif", vText, at.src+" >= 0", cut.src, "''"), nil
}

func fnNormalize(t *translator, args []*xnode) (value, error) {
	v, err := t.subject(args)
	if err != nil {
		return v, err
	}
	return v.call("trim", vText).call("replaceMatches", vText, `'\\s+'`, "' '"), nil
}

// fnTranslate exchanges single characters, where the order of the exchanges cannot matter.
func fnTranslate(t *translator, args []*xnode) (value, error) {
	v, err := t.textValue(args[0])
	if err != nil {
		return v, err
	}
	from, err := t.constant(args[1], "what translate() exchanges")
	if err != nil {
		return v, err
	}
	to, err := t.constant(args[2], "what translate() exchanges it for")
	if err != nil {
		return v, err
	}
	news := []rune(to)
	for i, old := range []rune(from) {
		by := ""
		if i < len(news) {
			by = string(news[i])
		}
		if i >= 30 || strings.ContainsRune(to, old) || strings.ContainsRune(from[:strings.IndexRune(from, old)], old) {
			return v, unfit("translate() is carried where no character is exchanged twice, for up to 30 of them")
		}
		v = v.call("replace", vText, quote(string(old)), quote(by))
	}
	return v, nil
}

// fnRegex must match the whole text, as in Java.
func fnRegex(t *translator, args []*xnode) (value, error) {
	v, err := t.sureTextOf(args[0])
	if err != nil {
		return v, err
	}
	pattern, err := t.constant(args[1], "the pattern of regex()")
	if err != nil {
		return v, err
	}
	if err := linear(pattern); err != nil {
		return v, err
	}
	return sure(v.call("matches", vBool, quote("^(?:"+pattern+")$"))), nil
}

// linear refuses a pattern that only a backtracking engine knows, or one too large.
func linear(pattern string) error {
	if len(pattern) > 900 {
		return unfit("the pattern is longer than 900 bytes")
	}
	if _, err := regexp.Compile("^(?:" + pattern + ")$"); err != nil {
		return unfit("the pattern %s cannot be matched in linear time", pattern)
	}
	return nil
}
