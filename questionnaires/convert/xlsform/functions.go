package xlsform

import (
	"strconv"
	"strings"
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
	if err == nil {
		v, err = t.text(v)
	}
	if err == nil && v.inner != nil { // who needs it sure makes it so again
		v = *v.inner
	}
	return v, err
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
	v.whole, v.sure = a.whole && b.whole, b.sure && (a.sure || c.src == a.as(bindTerm)+".exists()")
	return v, nil
}

// together brings two results to one type. An empty text fits every type: it is no answer.
func (t *translator) together(a, b value) (value, value, error) {
	none := value{src: "{}", bind: bindTerm, whole: true}
	for _, v := range []*value{&a, &b} {
		if v.nan() {
			*v = textOf("")
		}
	}
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
	switch {
	case a.nan() || a.blank():
		return b, nil
	case a.known != nil:
		return a, nil
	}
	isRef := a.isRef && !a.lists
	there, err := t.truthOrThere(a)
	if err != nil {
		return a, err
	}
	if a, b, err = t.together(a, b); err != nil {
		return a, err
	}
	v := function("iif", a.kind, there, a.src, b.src)
	v.whole, v.sure = a.whole && b.whole, b.sure && (isRef || a.sure)
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
	if v.inner != nil {
		v = *v.inner
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
	case list.isRef && list.kind == vText && list.node.isChoice():
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
	if !v.isRef || !v.node.isChoice() || v.nodes {
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
	if q == nil || r == nil || r.kind != "repeat" || len(r.repeats()) != 0 || len(q.repeats()) != 1 || q.repeats()[0] != r {
		return value{}, unfit("indexed-repeat() is carried for questions of one repeat that stands in no other")
	}
	i, err := t.index(args[2], -1)
	if err != nil {
		return i, err
	}
	return t.answers(q, "%resource"+lookup(r.link)+"["+i.src+"]"+lookup(q.holder().link)+".answer.value")
}
