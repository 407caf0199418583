package redcap

import (
	"slices"
	"strconv"
	"strings"
)

// decompile makes logic of a FHIRPath expression: of the shapes that Read writes, and of those that people write by hand
// for the same things. What it does not know it refuses.
func (w *writer) decompile(src string) (logic, []string, error) {
	e, err := parsePath(src)
	if err != nil {
		return nil, nil, err
	}
	d := decompiler{w: w}
	l, err := d.logic(e)
	return l, d.notes, err
}

type decompiler struct {
	w     *writer
	steps int
	notes []string // what the logic means otherwise
}

// logic decompiles a node.
func (d *decompiler) logic(e *fpath) (logic, error) {
	if d.steps++; d.steps > 20_000 {
		return nil, cannot("it is too long")
	}
	if r, ok, err := d.reference(e); ok || err != nil {
		return r, err
	}
	switch e.kind {
	case "empty":
		return textLit{""}, nil
	case "lit":
		return literalLogic(e)
	case "var":
		return d.variable(e)
	case "minus":
		x, err := d.logic(e.args[0])
		if n, ok := x.(numberLit); ok && n.text[0] != '-' {
			return numberLit{"-" + n.text}, err
		}
		return unary{"-", x}, err
	case "op":
		return d.operator(e)
	case "call":
		return d.method(e)
	}
	return nil, cannot("“%s” is not a value that REDCap has", clip(e.text))
}

func literalLogic(e *fpath) (logic, error) {
	switch e.what {
	case '\'':
		if !quotable(e.text) {
			return nil, cannot("a text ends in a backslash")
		}
		return textLit{e.text}, nil
	case 'b':
		return boolLit{e.text == "true"}, nil
	case '@':
		return textLit{strings.TrimSuffix(strings.Replace(strings.TrimPrefix(e.text, "T"), "T", " ", 1), ":00")}, nil
	}
	n, ok := number(e.text)
	if !ok {
		return nil, cannot("the number %s is too long", clip(e.text))
	}
	return numberLit{n}, nil
}

// variable is what a variable stands for: a field of the same occurrence, or an expression, which is put in its place.
func (d *decompiler) variable(e *fpath) (logic, error) {
	src, ok := d.w.vars[e.text]
	if !ok {
		return nil, cannot("%%%s is not known in REDCap", clip(e.text))
	}
	return d.inline(src)
}

func (d *decompiler) inline(src string) (logic, error) {
	if d.steps += 100; d.steps > 20_000 {
		return nil, cannot("it is too long")
	}
	e, err := parsePath(src)
	if err != nil {
		return nil, err
	}
	return d.logic(e)
}

// chain takes a path apart: where it begins, and its steps. A variable is replaced by what it stands for.
func (d *decompiler) chain(e *fpath) (head *fpath, steps []*fpath) {
	for n := 0; e != nil && n < 2000; n++ {
		if e.kind == "var" {
			src, ok := d.w.vars[e.text]
			inner, err := parsePath(src)
			if !ok || err != nil || d.steps > 20_000 {
				return e, steps
			}
			d.steps += 100
			e = inner
			continue
		}
		if e.kind != "name" && e.kind != "call" && e.kind != "index" {
			return e, steps
		}
		steps = append([]*fpath{e}, steps...)
		e = e.left
	}
	return e, steps
}

// access is a path to the answers of a field, and which part of them is taken: "", "code" or "display".
type access struct {
	field    *field
	instance string
	part     string
}

// fieldPath reads a path such as %resource.repeat(item).where(linkId = 'x').answer.value.code. ok is false for what is no
// such path.
func (d *decompiler) fieldPath(e *fpath) (a access, ok bool) {
	if e == nil || e.kind != "name" && e.kind != "call" && e.kind != "index" && e.kind != "var" {
		return a, false
	}
	head, steps := d.chain(e)
	if len(steps) == 0 || head != nil && (head.kind != "var" || head.text != "resource" && head.text != "context" && head.text != "rootResource") {
		return a, false
	}
	link, valued := "", false
	for _, s := range steps {
		switch {
		case s.kind == "name" && (s.text == "item" || s.text == "answer" || s.text == "QuestionnaireResponse"),
			s.kind == "call" && (s.text == "repeat" || s.text == "descendants" || s.text == "single"):
			if valued {
				return a, false
			}
		case s.kind == "call" && s.text == "where" && linkOf(s) != "" && !valued:
			link = linkOf(s)
		case s.kind == "name" && s.text == "value" && link != "":
			valued = true
		case valued && s.kind == "name" && (s.text == "code" || s.text == "display") && a.part == "":
			a.part = s.text
		case valued && s.kind == "call" && (s.text == "ofType" || s.text == "as"):
		case d.nth(s) != "" && link != "":
			if form, repeats := d.form(link); repeats && form != "" {
				a.instance = d.nth(s)
			} else if n := d.nth(s); n != "1" && n != "last-instance" {
				return a, false
			}
		default:
			return a, false
		}
	}
	a.field = d.w.dict.byName[d.w.fieldNames[link]]
	return a, valued && a.field != nil
}

// linkOf is the linkId of where(linkId = 'x').
func linkOf(s *fpath) string {
	if len(s.args) != 1 || s.args[0].kind != "op" || s.args[0].text != "=" {
		return ""
	}
	a, b := s.args[0].args[0], s.args[0].args[1]
	if b.kind == "name" {
		a, b = b, a
	}
	if a.kind == "name" && a.text == "linkId" && a.left == nil && b.kind == "lit" && b.what == '\'' {
		return b.text
	}
	return ""
}

// nth is the occurrence that a step picks: [0] is the first.
func (d *decompiler) nth(s *fpath) string {
	switch {
	case s.kind == "call" && len(s.args) == 0 && s.text == "first":
		return "1"
	case s.kind == "call" && len(s.args) == 0 && s.text == "last":
		return "last-instance"
	case s.kind == "index" && s.args[0].kind == "lit" && s.args[0].what == 0:
		n, err := strconv.Atoi(s.args[0].text)
		if err == nil && n < 1000 {
			return strconv.Itoa(n + 1)
		}
	}
	return ""
}

// form tells whether a linkId is that of a group that became a form, and whether it repeats.
func (d *decompiler) form(link string) (string, bool) {
	name, own := strings.CutPrefix(link, "form-")
	i := slices.IndexFunc(d.w.forms, func(f *outForm) bool { return own && f.name == name })
	if i < 0 {
		return "", false
	}
	return name, d.w.forms[i].repeats
}

// reference is a path to answers as a reference to the field.
func (d *decompiler) reference(e *fpath) (logic, bool, error) {
	a, ok := d.fieldPath(e)
	if !ok {
		return nil, false, nil
	}
	if a.field.typ == "checkbox" {
		return nil, true, cannot("several answers of %s are used as one value", a.field.name)
	}
	r := ref{name: a.field.name, instance: a.instance}
	if a.part == "display" {
		r.modifier = "label"
	}
	return r, true, nil
}

// code is the code that a choice has in REDCap.
func (d *decompiler) code(f *field, code string) string {
	for _, key := range sortedKeys(d.w.codes[f.name]) {
		if i := strings.LastIndexByte(key, '|'); key[i+1:] == code {
			return d.w.codes[f.name][key]
		}
	}
	return code
}

// chosen is whether a choice is among the answers.
func (d *decompiler) chosen(a access, code string) logic {
	code = d.code(a.field, code)
	if a.field.typ == "checkbox" {
		return binary{"=", ref{name: a.field.name, code: code, instance: a.instance}, textLit{"1"}}
	}
	return binary{"=", ref{name: a.field.name, instance: a.instance}, textLit{code}}
}

// operator decompiles a binary operator.
func (d *decompiler) operator(e *fpath) (logic, error) {
	switch e.text {
	case "in":
		return d.member(e.args[0], e.args[1])
	case "contains":
		return d.member(e.args[1], e.args[0])
	case "=", "~":
		return d.equal(e.args[0], e.args[1], true)
	case "!=", "!~":
		return d.equal(e.args[0], e.args[1], false)
	case "+":
		if f := e.args[0]; f.kind == "call" && f.text == "indexOf" && len(f.args) == 1 && e.args[1].text == "1" {
			return d.call("find", f.args[0], folded(f.left))
		}
	case "&":
		if e.args[1].kind == "lit" && (e.args[1].text == "" || e.args[1].text == "T00:00:00") {
			return d.logic(e.args[0])
		}
		return d.call("concat", e.args...)
	case "div":
		x, err := d.binary("/", e)
		return call{"rounddown", []logic{x, numberLit{"0"}}}, err
	case "mod":
		return d.call("mod", e.args...)
	case "and", "or", "<", ">", "<=", ">=", "-", "*", "/":
	default:
		return nil, cannot("the operator %s has no like in REDCap", e.text)
	}
	return d.binary(e.text, e)
}

func (d *decompiler) binary(op string, e *fpath) (logic, error) {
	x, err := d.logic(e.args[0])
	if err != nil {
		return nil, err
	}
	y, err := d.logic(e.args[1])
	return binary{op, x, y}, err
}

func (d *decompiler) call(name string, args ...*fpath) (logic, error) {
	c := call{name: name}
	for _, a := range args {
		x, err := d.logic(a)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, x)
	}
	return c, nil
}

// folded takes lower() and & ” off a text that is looked through: REDCap's functions do that themselves.
func folded(e *fpath) *fpath {
	if e != nil && e.kind == "call" && e.text == "lower" {
		e = e.left
	}
	return filled(e)
}

// filled takes & ” off, which makes the empty text of a blank.
func filled(e *fpath) *fpath {
	if e != nil && e.kind == "op" && e.text == "&" && e.args[1].kind == "lit" && e.args[1].what == '\'' && e.args[1].text == "" {
		return e.args[0]
	}
	return e
}

// member is whether a value is in a collection: a choice among answers, or an answer in a list.
func (d *decompiler) member(item, of *fpath) (logic, error) {
	if a, ok := d.fieldPath(of); ok && item.kind == "lit" && (a.part == "code" || a.part == "") {
		return d.chosen(a, item.text), nil
	}
	var any logic
	for _, one := range union(of) {
		l, err := d.equal(item, one, true)
		if err != nil {
			return nil, err
		}
		if any == nil {
			any = l
		} else {
			any = binary{"or", any, l}
		}
	}
	return any, nil
}

// union are the members of a | b | c.
func union(e *fpath) []*fpath {
	if e.kind == "op" && e.text == "|" {
		return append(union(e.args[0]), union(e.args[1])...)
	}
	return []*fpath{e}
}

// equal is FHIRPath's = or !=, which hold for no blank, while REDCap's do: the blank is excluded in so many words.
func (d *decompiler) equal(a, b *fpath, is bool) (logic, error) {
	if a.kind == "lit" {
		a, b = b, a
	}
	x, y := filled(a), filled(b)
	total := x != a && (y != b || b.kind == "lit")
	if f, ok := d.fieldPath(x); ok && b.kind == "lit" && b.what == '\'' && f.part != "display" && f.field.pick() {
		one := d.chosen(f, b.text).(binary)
		if is {
			return one, nil
		}
		if f.field.typ == "checkbox" {
			one.y = textLit{"0"}
			return one, nil
		}
		one.op = "<>"
		return binary{"and", d.w.answered(f.field.name, true), one}, nil
	}
	l, err := d.logic(x)
	if err != nil {
		return nil, err
	}
	if b.kind == "lit" && b.what == 'b' {
		if r, isRef := l.(ref); isRef && r.code == "" {
			return binary{"=", r, textLit{map[bool]string{true: "1", false: "0"}[(b.text == "true") == is]}}, nil
		}
		if (b.text == "true") == is {
			return l, nil
		}
		return unary{"not", l}, nil
	}
	r, err := d.logic(y)
	if err != nil {
		return nil, err
	}
	if is {
		out := logic(binary{"=", l, r})
		if !total && b.kind != "lit" {
			out = binary{"and", binary{"<>", l, textLit{""}}, out}
		}
		return out, nil
	}
	out := logic(binary{"<>", l, r})
	if !total {
		out = binary{"and", binary{"<>", l, textLit{""}}, out}
		if b.kind != "lit" {
			out = binary{"and", binary{"<>", r, textLit{""}}, out}
		}
	}
	return out, nil
}

// negated is not: the comparison the other way round where there is one.
func negated(l logic) logic {
	if b, ok := l.(binary); ok {
		switch b.op {
		case "=":
			if r, isRef := b.x.(ref); isRef && r.code != "" && b.y == (textLit{"1"}) {
				return binary{"=", r, textLit{"0"}}
			}
			return binary{"<>", b.x, b.y}
		case "<>":
			return binary{"=", b.x, b.y}
		}
	}
	return unary{"not", l}
}
