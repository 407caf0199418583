package xlsform

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

func fnConcat(t *translator, args []*xnode) (value, error) {
	sum := textOf("")
	for _, a := range args {
		v, err := t.textValue(a)
		if err != nil {
			return v, err
		}
		sum = joined(sum, v)
		if len(sum.src) > maxResult {
			return sum, unfit("concat() has too many arguments")
		}
	}
	return t.unreferenced(sum), nil
}

// joined puts two texts together, constants at once.
func joined(a, b value) value {
	var parts []value
	for _, v := range []value{a, b} {
		list := v.joint
		if len(list) == 0 {
			list = []value{v}
		}
		for _, p := range list {
			if p.blank() {
				continue
			}
			if last := len(parts) - 1; last >= 0 && parts[last].known != nil && p.known != nil {
				parts[last] = textOf(*parts[last].known + *p.known)
				continue
			}
			parts = append(parts, p)
		}
	}
	switch len(parts) {
	case 0:
		return textOf("")
	case 1:
		return parts[0]
	}
	out := value{kind: vText, bind: bindAdd, sure: true, joint: parts}
	for i, p := range parts {
		if p.inner != nil { // & takes an empty side for '' anyway
			p = *p.inner
		}
		if i > 0 {
			out.src += " & " + p.as(bindAdd+1)
		} else {
			out.src = p.as(bindAdd)
		}
	}
	return out
}

// unreferenced forgets that a text is an answer as it is: what is made of it is a text of its own.
func (t *translator) unreferenced(v value) value {
	if v.isRef {
		return t.filled(v)
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
