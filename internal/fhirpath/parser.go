package fhirpath

import "strings"

// Limits of an expression: how deep brackets nest while reading, and how deep the tree may be that is evaluated.
const (
	maxNesting = 200
	maxDepth   = 1000
)

// precedence of the binary operators, from loose to tight; `is` and `as` stand at their own level.
var precedence = map[string]int{
	"implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5,
	"<": 6, "<=": 6, ">": 6, ">=": 6, "|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}

type parser struct {
	toks    []token
	at      int
	nesting int
}

func parse(src string) (*expr, error) {
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := parser{toks: toks}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, failf(Syntax, t.pos, "%q was not expected", t.text)
	}
	return e, nil
}

func (p *parser) peek() token { return p.toks[p.at] }

func (p *parser) next() token {
	t := p.toks[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) symbol(s string) bool {
	if t := p.peek(); t.kind == tokSymbol && t.text == s {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(s string) error {
	if p.symbol(s) {
		return nil
	}
	t := p.peek()
	if t.kind == tokEnd {
		return failf(Syntax, t.pos, "%q is missing at the end", s)
	}
	return failf(Syntax, t.pos, "%q was expected, not %q", s, t.text)
}

func grow(e *expr) (*expr, error) {
	for _, c := range append([]*expr{e.left, e.right}, e.args...) {
		if c != nil && c.depth >= e.depth {
			e.depth = c.depth + 1
		}
	}
	if e.depth > maxDepth {
		return nil, failf(Syntax, e.pos, "the expression is more than %d steps deep", maxDepth)
	}
	return e, nil
}

// expression reads operators of at least the given level (precedence climbing; all binary operators lean left).
func (p *parser) expression(level int) (*expr, error) {
	if p.nesting++; p.nesting > maxNesting {
		return nil, failf(Syntax, p.peek().pos, "the expression nests more than %d deep", maxNesting)
	}
	defer func() { p.nesting-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		if t.kind != tokSymbol && t.kind != tokName {
			return left, nil
		}
		prec, ok := precedence[t.text]
		if !ok || prec < level {
			return left, nil
		}
		p.at++
		e := &expr{kind: exBinary, pos: t.pos, name: t.text, left: left}
		if t.text == "is" || t.text == "as" {
			e.kind = exType
			e.spec, err = p.typeSpec()
		} else {
			e.right, err = p.expression(prec + 1)
		}
		if err == nil {
			left, err = grow(e)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) unary() (*expr, error) {
	if t := p.peek(); t.kind == tokSymbol && (t.text == "+" || t.text == "-") {
		if p.nesting++; p.nesting > maxNesting {
			return nil, failf(Syntax, t.pos, "the expression nests more than %d deep", maxNesting)
		}
		defer func() { p.nesting-- }()
		p.at++
		x, err := p.unary()
		if err != nil {
			return nil, err
		}
		return grow(&expr{kind: exUnary, pos: t.pos, name: t.text, left: x})
	}
	left, err := p.term()
	for err == nil {
		t := p.peek()
		switch {
		case p.symbol("."):
			var right *expr
			if right, err = p.invocation(true); err == nil {
				left, err = grow(&expr{kind: exPath, pos: t.pos, left: left, right: right})
			}
		case p.symbol("["):
			var index *expr
			if index, err = p.expression(0); err == nil {
				if err = p.expect("]"); err == nil {
					left, err = grow(&expr{kind: exIndex, pos: t.pos, left: left, right: index})
				}
			}
		default:
			return left, nil
		}
	}
	return nil, err
}

func (p *parser) term() (*expr, error) {
	t := p.peek()
	switch t.kind {
	case tokString:
		p.at++
		return &expr{kind: exLiteral, pos: t.pos, value: String(t.text)}, nil
	case tokNumber, tokLong:
		return p.number()
	case tokDate:
		p.at++
		v, err := parseTemporalLiteral(t.text)
		if err != nil {
			return nil, failf(Syntax, t.pos, "%s", err)
		}
		return &expr{kind: exLiteral, pos: t.pos, value: v}, nil
	case tokName:
		if t.text == "true" || t.text == "false" {
			p.at++
			return &expr{kind: exLiteral, pos: t.pos, value: Boolean(t.text == "true")}, nil
		}
		if e, ok, err := p.instance(); ok || err != nil {
			return e, err
		}
	case tokSymbol:
		switch t.text {
		case "(":
			return p.bracketed()
		case "{":
			p.at++
			return &expr{kind: exEmpty, pos: t.pos}, p.expect("}")
		case "%":
			return p.variable()
		}
	case tokEnd:
		return nil, failf(Syntax, t.pos, "the expression ends too early")
	}
	return p.invocation(false)
}

func (p *parser) bracketed() (*expr, error) {
	p.at++
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) variable() (*expr, error) {
	pos := p.next().pos
	t := p.next()
	if t.kind != tokName && t.kind != tokQuotedName && t.kind != tokString {
		return nil, failf(Syntax, t.pos, "the name of a variable is missing")
	}
	name := t.text
	if name == "vs" || name == "ext" { // %vs-name and %ext-name were legal in early releases
		for t.kind == tokName && p.dashed() {
			p.at++
			name += "-" + p.next().text
		}
	}
	return &expr{kind: exVariable, pos: pos, name: name}, nil
}

// dashed tells whether a dash and a name follow without a space between them.
func (p *parser) dashed() bool {
	if p.at+1 >= len(p.toks) {
		return false
	}
	dash, name := p.toks[p.at], p.toks[p.at+1]
	return dash.text == "-" && !dash.space && name.kind == tokName && !name.space
}

var calendarUnits = map[string]string{"year": "year", "years": "year", "month": "month", "months": "month", "week": "week", "weeks": "week",
	"day": "day", "days": "day", "hour": "hour", "hours": "hour", "minute": "minute", "minutes": "minute", "second": "second", "seconds": "second",
	"millisecond": "millisecond", "milliseconds": "millisecond"}

func (p *parser) number() (*expr, error) {
	t := p.next()
	v, err := parseNumberLiteral(t)
	if err != nil {
		return nil, err
	}
	if u := p.peek(); u.kind == tokString && t.kind != tokLong {
		p.at++
		v = Quantity(v, u.text)
	} else if u.kind == tokName && calendarUnits[u.text] != "" && t.kind != tokLong {
		p.at++
		v = calendarQuantity(v, calendarUnits[u.text])
	}
	return &expr{kind: exLiteral, pos: t.pos, value: v}, nil
}

func parseNumberLiteral(t token) (Value, error) {
	d, ok := parseDecimal(t.text)
	if !ok {
		return Value{}, failf(Syntax, t.pos, "the number is too long")
	}
	if strings.Contains(t.text, ".") {
		return d.value(), nil
	}
	n, ok := d.int64()
	switch {
	case !ok:
		return Value{}, failf(Syntax, t.pos, "the number is too large")
	case t.kind == tokLong:
		return Long(n), nil
	case n > 1<<31: // 2^31 itself is left for a minus in front
		return d.value(), nil
	}
	return Value{kind: KindInteger, num: n}, nil
}

// invocation reads what may stand after a dot, where every word is a name, or at the start of a path.
func (p *parser) invocation(dotted bool) (*expr, error) {
	t := p.next()
	switch t.kind {
	case tokSpecial:
		return &expr{kind: exSpecial, pos: t.pos, name: t.text}, nil
	case tokName:
		if operatorWords[t.text] && !dotted {
			return nil, failf(Syntax, t.pos, "%q was not expected", t.text)
		}
	case tokQuotedName:
	case tokEnd:
		return nil, failf(Syntax, t.pos, "the expression ends too early")
	default:
		return nil, failf(Syntax, t.pos, "%q was not expected", t.text)
	}
	if p.symbol("(") {
		return p.call(t)
	}
	return &expr{kind: exMember, pos: t.pos, name: intern(t.text)}, nil
}

var operatorWords = map[string]bool{"and": true, "or": true, "xor": true, "implies": true, "div": true, "mod": true}

func (p *parser) call(name token) (*expr, error) {
	e := &expr{kind: exCall, pos: name.pos, name: name.text}
	if p.symbol(")") {
		return e, nil
	}
	if typeFunctions[name.text] {
		spec, err := p.typeSpec()
		if err != nil {
			return nil, err
		}
		e.spec = spec
		return e, p.expect(")")
	}
	for {
		a, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, a)
		if name.text == "sort" {
			t := p.peek()
			desc := t.kind == tokName && t.text == "desc"
			if desc || t.kind == tokName && t.text == "asc" {
				p.at++
			}
			e.desc = append(e.desc, desc)
		}
		if !p.symbol(",") {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return grow(e)
}

var typeFunctions = map[string]bool{"is": true, "as": true, "ofType": true}

func (p *parser) typeSpec() (string, error) {
	var sb strings.Builder
	for {
		t := p.next()
		if t.kind != tokName && t.kind != tokQuotedName {
			return "", failf(Syntax, t.pos, "the name of a type was expected")
		}
		if t.text == "" || strings.Contains(t.text, ".") {
			return "", failf(Syntax, t.pos, "%q is not the name of a type", t.text)
		}
		sb.WriteString(t.text)
		if !p.symbol(".") {
			return sb.String(), nil
		}
		sb.WriteByte('.')
	}
}

// instance reads `Type { element: value, … }`.
func (p *parser) instance() (*expr, bool, error) {
	mark := p.at
	t := p.peek()
	if t.text[0] < 'A' || t.text[0] > 'Z' && t.text != "code" {
		return nil, false, nil
	}
	spec, err := p.typeSpec()
	if err != nil || !p.symbol("{") {
		p.at = mark
		return nil, false, nil //nolint:nilerr // it is something else, which others read
	}
	e := &expr{kind: exInstance, pos: t.pos, spec: spec}
	if p.symbol(":") {
		return e, true, p.expect("}")
	}
	for {
		n := p.next()
		if n.kind != tokName && n.kind != tokQuotedName {
			return nil, true, failf(Syntax, n.pos, "the name of an element was expected")
		}
		if err := p.expect(":"); err != nil {
			return nil, true, err
		}
		a, err := p.expression(0)
		if err != nil {
			return nil, true, err
		}
		e.names, e.args = append(e.names, n.text), append(e.args, a)
		if !p.symbol(",") {
			break
		}
	}
	if err := p.expect("}"); err != nil {
		return nil, true, err
	}
	e, err = grow(e)
	return e, true, err
}
