package redcap

// methods are functions of FHIRPath that have a like in REDCap with the same arguments, the input first.
var methods = map[string]string{"abs": "abs", "sqrt": "sqrt", "ln": "log", "log": "log", "exp": "exponential", "round": "round", "upper": "upper",
	"lower": "lower", "trim": "trim", "yearOf": "year", "monthOf": "month", "dayOf": "day"}

// whole are functions that round, and how REDCap does it.
var whole = map[string]string{"ceiling": "roundup", "floor": "rounddown", "truncate": "rounddown"}

// same are functions that change the type and not the value: REDCap has one type.
var same1 = map[string]bool{"toDecimal": true, "toInteger": true, "toString": true, "toBoolean": true, "toDate": true, "toDateTime": true, "toTime": true,
	"single": true, "value": true}

var searches = map[string]string{"contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with"}

// aggregates work on a list, which REDCap has as arguments.
var aggregates = map[string]string{"sum": "sum", "avg": "mean", "min": "min", "max": "max"}

// method decompiles a function call.
func (d *decompiler) method(e *fpath) (logic, error) {
	n := len(e.args)
	switch {
	case e.left == nil && n == 0 && (e.text == "today" || e.text == "now"):
		return clockLit{e.text == "now"}, nil
	case e.text == "iif" && (n == 2 || n == 3):
		return d.iif(e)
	case e.left == nil:
	case e.text == "not" && n == 0:
		return d.not(e.left)
	case e.text == "intersect" && n == 1: // of two conditions, as some write and
		return d.binary("and", &fpath{args: []*fpath{e.left, e.args[0]}})
	case e.text == "exists" || e.text == "empty":
		return d.presence(e)
	case same1[e.text] && n == 0:
		return d.logic(e.left)
	case aggregates[e.text] != "" && n == 0:
		return d.aggregate(e)
	case e.text == "sqrt" && n == 0 && d.deviation(e.left) != nil:
		return d.list("stdev", d.deviation(e.left))
	case e.text == "round" && n == 1 && e.args[0].kind == "call" && e.args[0].text == "where" && e.args[0].left.text == "truncate":
		return d.call("round", e.left, e.args[0].left.left)
	case methods[e.text] != "" && n <= 1:
		return d.call(methods[e.text], append([]*fpath{e.left}, e.args...)...)
	case whole[e.text] != "" && n == 0:
		x, err := d.logic(e.left)
		return call{whole[e.text], []logic{x, numberLit{"0"}}}, err
	case e.text == "power" && n == 1:
		return d.binary("^", &fpath{args: []*fpath{e.left, e.args[0]}})
	case searches[e.text] != "" && n == 1:
		return d.call(searches[e.text], folded(e.left), e.args[0])
	case e.text == "length" && n == 0:
		return d.call("length", filled(e.left))
	case e.text == "replace" && n == 2:
		if e.args[0].text == "T" && e.args[1].text == " " && e.left.kind == "call" && e.left.text == "substring" {
			return d.logic(e.left) // a moment as REDCap keeps it
		}
		return d.call("replace_text", e.left, e.args[0], e.args[1])
	case e.text == "substring" && n >= 1:
		return d.substring(e)
	case e.text == "select" && n == 1:
		return d.right(e)
	case e.text == "join" && n == 1:
		return d.joined(e)
	case (e.text == "difference" || e.text == "duration") && n == 2:
		return d.difference(e)
	}
	return nil, cannot("the function %s() has no like in REDCap there", clip(e.text))
}

// iif decompiles the shapes that stand for something else before it takes iif as if().
func (d *decompiler) iif(e *fpath) (logic, error) {
	c, a := e.args[0], e.args[1]
	if len(e.args) == 2 {
		if a.kind == "call" && a.text == "log" {
			return d.logic(a) // guarded, because FHIRPath has no logarithm of what is not positive
		}
		return d.three(c, a, &fpath{kind: "empty"})
	}
	b := e.args[2]
	isBool := func(x *fpath, v string) bool { return x.kind == "lit" && x.what == 'b' && x.text == v }
	isCall := func(x *fpath, name string) bool { return x.kind == "call" && x.text == name && len(x.args) == 0 }
	switch {
	case isBool(a, "false") && isBool(b, "true"):
		l, err := d.logic(c)
		return negated(l), err
	case isBool(a, "true") && isBool(b, "false"):
		return d.logic(c)
	case isEmptyTest(c) && isEmptyTest(a) && b.kind == "op" && b.text == "=":
		return d.binary("=", b) // = that holds for two blanks
	case c.kind == "op" && c.text == "and" && isCall(c.args[0], "exists") && isCall(c.args[1], "exists") && b.kind == "op" && isCall(c.args[0].left, "toDecimal"):
		return d.binary(b.text, b) // two texts, which REDCap compares as numbers where they are
	}
	return d.three(c, a, b)
}

// isEmptyTest tells whether a node asks for a blank.
func isEmptyTest(e *fpath) bool {
	return e.kind == "call" && e.text == "empty" && len(e.args) == 0 ||
		e.kind == "op" && e.text == "=" && filled(e.args[0]) != e.args[0] && e.args[1].kind == "lit" && e.args[1].text == ""
}

func (d *decompiler) three(c, a, b *fpath) (logic, error) { return d.call("if", c, a, b) }

// not is FHIRPath's, which gives nothing where its input is nothing.
func (d *decompiler) not(e *fpath) (logic, error) {
	if e.kind == "op" && (e.text == "=" || e.text == "!=") {
		return d.equal(e.args[0], e.args[1], e.text == "!=")
	}
	l, err := d.logic(e)
	return negated(l), err
}

// presence is exists() or empty(), of answers, of answers that meet a condition, or of a value.
func (d *decompiler) presence(e *fpath) (logic, error) {
	is := e.text == "exists"
	turn := func(l logic, err error) (logic, error) {
		if err == nil && !is {
			l = negated(l)
		}
		return l, err
	}
	from, where := e.left, e.args
	if len(where) == 0 && from.kind == "call" && from.text == "where" && len(from.args) == 1 && linkOf(from) == "" {
		from, where = from.left, from.args
	}
	if len(where) == 1 {
		if a, ok := d.fieldPath(from); ok {
			if code := codeTest(where[0]); code != "" {
				return turn(d.chosen(a, code), nil)
			}
		}
		if where[0].kind == "op" && where[0].text == "and" { // a text that counts as true
			return turn(d.logic(from))
		}
		return nil, cannot("its condition has no like in REDCap")
	}
	if from.kind == "call" && from.text == "toDecimal" {
		return turn(d.call("isnumber", from.left))
	}
	if a, ok := d.fieldPath(from); ok {
		if a.instance == "" {
			return d.w.answered(a.field.name, is), nil
		}
	}
	if answer := answerPath(from); answer != nil {
		if a, ok := d.fieldPath(answer); ok && a.instance == "" {
			return d.w.answered(a.field.name, is), nil
		}
	}
	if from.kind == "op" && (from.text == "and" || from.text == "or") {
		return nil, cannot("it asks whether a condition is there")
	}
	l, err := d.logic(from)
	op := "="
	if is {
		op = "<>"
	}
	return binary{op, l, textLit{""}}, err
}

// answerPath completes a path that ends at the item or its answer.
func answerPath(e *fpath) *fpath {
	switch {
	case e.kind == "name" && e.text == "answer":
		return &fpath{kind: "name", text: "value", left: e}
	case e.kind == "call" && e.text == "where" && linkOf(e) != "":
		return &fpath{kind: "name", text: "value", left: &fpath{kind: "name", text: "answer", left: e}}
	}
	return nil
}

// codeTest is the code in a condition on answers: code = 'x', $this.code = 'x', $this = 'x'.
func codeTest(e *fpath) string {
	if e.kind != "op" || e.text != "=" || e.args[1].kind != "lit" || e.args[1].what != '\'' {
		return ""
	}
	switch x := e.args[0]; {
	case x.kind != "name":
	case x.text == "$this" && x.left == nil,
		x.text == "code" && (x.left == nil || x.left.text == "$this" || x.left.text == "value" || x.left.text == "valueCoding"):
		return e.args[1].text
	}
	return ""
}

// aggregate is sum() and its like over a list.
func (d *decompiler) aggregate(e *fpath) (logic, error) {
	if e.text == "avg" && e.left.kind == "call" && e.left.text == "take" && e.left.left.kind == "call" && e.left.left.text == "skip" {
		if sorted := e.left.left.left; sorted.kind == "call" && sorted.text == "sort" {
			return d.list("median", sorted.left)
		}
	}
	return d.list(aggregates[e.text], e.left)
}

// deviation is the list in (list.select(($this - mean).power(2)).sum() / (n - 1)), nil for anything else.
func (d *decompiler) deviation(e *fpath) *fpath {
	if e.kind != "op" || e.text != "/" || e.args[0].kind != "call" || e.args[0].text != "sum" || e.args[0].left == nil {
		return nil
	}
	if s := e.args[0].left; s.kind == "call" && s.text == "select" && len(s.args) == 1 && s.args[0].kind == "call" && s.args[0].text == "power" {
		return s.left
	}
	return nil
}

// list is a function over a list. FHIRPath's sum of nothing is nothing, and REDCap's is 0: so it is asked first whether
// there is anything, unless a 0 stands first in the list.
func (d *decompiler) list(name string, e *fpath) (logic, error) {
	c := call{name: name}
	var nothing logic
	for _, one := range d.members(e) {
		l, err := d.logic(one)
		if err != nil {
			return nil, err
		}
		if n, ok := l.(numberLit); ok && n.text == "0" && name == "sum" && len(c.args) == 0 && nothing == nil {
			nothing = boolLit{}
			continue
		}
		c.args = append(c.args, l)
		switch blank := (binary{"=", l, textLit{""}}); nothing.(type) {
		case boolLit:
		case nil:
			nothing = blank
		default:
			nothing = binary{"and", nothing, blank}
		}
	}
	if len(c.args) == 0 {
		return nil, cannot("it adds up nothing")
	}
	if e.kind == "op" && e.text == "|" && name != "min" && name != "max" {
		d.notes = append(d.notes, "FHIRPath leaves out values that are the same when it puts a list together with |; REDCap counts each.")
	}
	if _, zero := nothing.(boolLit); zero || name != "sum" {
		return c, nil
	}
	return call{"if", []logic{nothing, textLit{""}, c}}, nil
}

// members are what a list is put together from: a.combine(b), (a | b), and items by several linkIds.
func (d *decompiler) members(e *fpath) []*fpath {
	switch {
	case e.kind == "call" && (e.text == "combine" || e.text == "union") && len(e.args) == 1 && e.left != nil:
		return append(d.members(e.left), d.members(e.args[0])...)
	case e.kind == "op" && e.text == "|":
		return append(d.members(e.args[0]), d.members(e.args[1])...)
	}
	if _, ok := d.fieldPath(e); ok {
		return []*fpath{e}
	}
	_, steps := d.chain(e)
	for i, s := range steps { // where(linkId in ('a' | 'b'))
		if s.kind != "call" || s.text != "where" || len(s.args) != 1 || s.args[0].kind != "op" || s.args[0].text != "in" || s.args[0].args[0].text != "linkId" {
			continue
		}
		var out []*fpath
		for _, link := range union(s.args[0].args[1]) {
			at := &fpath{kind: "call", text: "where", left: s.left, args: []*fpath{{kind: "op", text: "=", args: []*fpath{s.args[0].args[0], link}}}}
			for _, after := range steps[i+1:] {
				at = &fpath{kind: after.kind, text: after.text, args: after.args, left: at}
			}
			out = append(out, at)
		}
		return out
	}
	return []*fpath{e}
}

// substring is left() or mid(), or a moment without its offset.
func (d *decompiler) substring(e *fpath) (logic, error) {
	x, err := d.logic(e.left)
	if err != nil {
		return nil, err
	}
	if len(e.args) == 1 {
		e.args = append(e.args, &fpath{kind: "lit", text: "10000"})
	}
	if e.left.kind == "call" && e.left.text == "toString" && (e.args[1].text == "19" || e.args[1].text == "16") {
		return x, nil
	}
	n, err := d.logic(e.args[1])
	if err != nil {
		return nil, err
	}
	if e.args[0].kind == "lit" && e.args[0].text == "0" {
		return call{"left", []logic{x, n}}, nil
	}
	from, err := d.logic(e.args[0])
	if err != nil {
		return nil, err
	}
	if b, ok := from.(binary); ok && b.op == "-" && b.y == (numberLit{"1"}) {
		return call{"mid", []logic{x, b.x, n}}, nil
	}
	return call{"mid", []logic{x, binary{"+", from, numberLit{"1"}}, n}}, nil
}

// right is text.select(iif($this.length() > n, …)).
func (d *decompiler) right(e *fpath) (logic, error) {
	c := e.args[0]
	if c.kind == "call" && c.text == "iif" && len(c.args) == 3 && c.args[0].kind == "op" && c.args[0].text == ">" && c.args[2].text == "$this" {
		return d.call("right", e.left, c.args[0].args[1])
	}
	return nil, cannot("select() has no like in REDCap there")
}

// joined is list.where($this != ”).join(separator).
func (d *decompiler) joined(e *fpath) (logic, error) {
	from := e.left
	if from.kind == "call" && from.text == "where" && linkOf(from) == "" {
		from = from.left
	}
	return d.call("concat_ws", append([]*fpath{e.args[0]}, d.members(from)...)...)
}

// difference is datediff() in a unit that both count alike, or an age.
func (d *decompiler) difference(e *fpath) (logic, error) {
	a, err := d.logic(e.left)
	if err != nil {
		return nil, err
	}
	b, err := d.logic(e.args[0])
	if err != nil {
		return nil, err
	}
	word := e.args[1].text
	if word == "year" || word == "years" {
		if e.text == "duration" {
			return call{"age_at_date", []logic{a, b}}, nil
		}
		return binary{"-", call{"year", []logic{b}}, call{"year", []logic{a}}}, nil
	}
	unit := map[string]string{"day": "d", "days": "d", "hour": "h", "hours": "h", "minute": "m", "minutes": "m", "second": "s", "seconds": "s"}[word]
	if unit == "" {
		return nil, cannot("the unit “%s” is counted otherwise in REDCap", clip(word))
	}
	diff := call{"datediff", []logic{a, b, textLit{unit}, boolLit{true}}}
	if e.text == "duration" && unit != "s" {
		return call{"rounddown", []logic{diff, numberLit{"0"}}}, nil
	}
	return diff, nil
}
