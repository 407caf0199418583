package redcap

import "strings"

// fpath is a node of FHIRPath, as far as logic can be made of it. Its kind says which members count: "lit" (text, what),
// "var" (text), "name" (text; left or nil), "call" (text, args; left or nil), "index" (left, args[0]), "op" (text, args),
// "minus" and "empty".
type fpath struct {
	kind string
	text string
	what byte // of a literal: ' text, 0 number, @ date or time, b boolean
	left *fpath
	args []*fpath
}

// parsePath reads FHIRPath. It knows the grammar of expressions (FHIRPath N1, annex A) without quantities, and refuses
// the rest; the expression was compiled before, so it need not say more than that.
func parsePath(src string) (*fpath, error) {
	if len(src) > maxPath {
		return nil, cannot("the expression is longer than %d characters", maxPath)
	}
	p := pathParser{src: src}
	e, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.blank(); p.at < len(src) {
		return nil, p.fail()
	}
	return e, nil
}

type pathParser struct {
	src   string
	at    int
	depth int
}

func (p *pathParser) fail() error {
	rest := p.src[p.at:]
	return cannot("“%s” is not understood there", clip(rest[:min(len(rest), 60)]))
}

func (p *pathParser) blank() {
	for p.at < len(p.src) {
		switch {
		case strings.IndexByte(" \t\r\n", p.src[p.at]) >= 0:
			p.at++
		case strings.HasPrefix(p.src[p.at:], "//"):
			if end := strings.IndexByte(p.src[p.at:], '\n'); end >= 0 {
				p.at += end
			} else {
				p.at = len(p.src)
			}
		case strings.HasPrefix(p.src[p.at:], "/*"):
			end := strings.Index(p.src[p.at:], "*/")
			if end < 0 {
				return
			}
			p.at += end + 2
		default:
			return
		}
	}
}

// pathLevels are the binary operators and how tightly each binds; longer ones before those they begin with.
var pathLevels = []struct {
	op    string
	tight int
}{{"implies", 1}, {"or", 2}, {"xor", 2}, {"and", 3}, {"in", 4}, {"contains", 4}, {"!=", 5}, {"!~", 5}, {"=", 5}, {"~", 5},
	{"<=", 6}, {">=", 6}, {"<", 6}, {">", 6}, {"|", 7}, {"is", 8}, {"as", 8}, {"+", 9}, {"-", 9}, {"&", 9}, {"*", 10}, {"/", 10}, {"div", 10}, {"mod", 10}}

func (p *pathParser) operator() (string, int) {
	p.blank()
	rest := p.src[p.at:]
	for _, l := range pathLevels {
		if strings.HasPrefix(rest, l.op) && !(isLetter(l.op[0]) && len(rest) > len(l.op) && (isLetter(rest[len(l.op)]) || isDigit(rest[len(l.op)]))) {
			return l.op, l.tight
		}
	}
	return "", -1
}

func (p *pathParser) expression(least int) (*fpath, error) {
	if p.depth++; p.depth > 150 {
		return nil, cannot("brackets stand too deep in one another")
	}
	defer func() { p.depth-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		op, tight := p.operator()
		if tight < 0 || tight < least {
			return left, nil
		}
		if op == "is" || op == "as" || op == "implies" || op == "xor" {
			return nil, p.fail()
		}
		p.at += len(op)
		right, err := p.expression(tight + 1)
		if err != nil {
			return nil, err
		}
		left = &fpath{kind: "op", text: op, args: []*fpath{left, right}}
	}
}

func (p *pathParser) unary() (*fpath, error) {
	if p.blank(); p.at < len(p.src) && (p.src[p.at] == '-' || p.src[p.at] == '+') {
		minus := p.src[p.at] == '-'
		p.at++
		x, err := p.expression(tightPolar)
		if err != nil || !minus {
			return x, err
		}
		return &fpath{kind: "minus", args: []*fpath{x}}, nil
	}
	return p.path()
}

// path is a term and the steps after it.
func (p *pathParser) path() (*fpath, error) {
	e, err := p.term()
	for err == nil {
		p.blank()
		switch {
		case p.at < len(p.src) && p.src[p.at] == '.':
			p.at++
			var step *fpath
			if step, err = p.invocation(); err == nil {
				step.left = e
				e = step
			}
		case p.at < len(p.src) && p.src[p.at] == '[':
			p.at++
			var i *fpath
			if i, err = p.expression(0); err == nil {
				e = &fpath{kind: "index", left: e, args: []*fpath{i}}
				err = p.want(']')
			}
		default:
			return e, nil
		}
	}
	return nil, err
}

func (p *pathParser) want(c byte) error {
	if p.blank(); p.at >= len(p.src) || p.src[p.at] != c {
		return p.fail()
	}
	p.at++
	return nil
}

func (p *pathParser) term() (*fpath, error) {
	p.blank()
	if p.at >= len(p.src) {
		return nil, cannot("it ends too early")
	}
	switch c := p.src[p.at]; {
	case c == '(':
		p.at++
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return e, p.want(')')
	case c == '{':
		p.at++
		return &fpath{kind: "empty"}, p.want('}')
	case c == '\'':
		return p.text()
	case isDigit(c):
		return p.number()
	case c == '@':
		end := p.at + 1
		for end < len(p.src) && (isDigit(p.src[end]) || strings.IndexByte("-:TZ+", p.src[end]) >= 0 || p.src[end] == '.' && end+1 < len(p.src) && isDigit(p.src[end+1])) {
			end++
		}
		e := &fpath{kind: "lit", what: '@', text: p.src[p.at+1 : end]}
		p.at = end
		return e, nil
	case c == '%':
		p.at++
		name, err := p.identifier()
		return &fpath{kind: "var", text: name}, err
	case c == '$':
		p.at++
		name, err := p.identifier()
		return &fpath{kind: "name", text: "$" + name}, err
	}
	e, err := p.invocation()
	if err == nil && e.kind == "name" && (e.text == "true" || e.text == "false") {
		e.kind, e.what = "lit", 'b'
	}
	return e, err
}

func (p *pathParser) invocation() (*fpath, error) {
	name, err := p.identifier()
	if err != nil {
		return nil, err
	}
	if p.blank(); p.at >= len(p.src) || p.src[p.at] != '(' {
		return &fpath{kind: "name", text: name}, nil
	}
	p.at++
	e := &fpath{kind: "call", text: name}
	if p.blank(); p.at < len(p.src) && p.src[p.at] == ')' {
		p.at++
		return e, nil
	}
	for {
		a, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, a)
		if p.blank(); p.at < len(p.src) && p.src[p.at] == ',' {
			p.at++
			continue
		}
		return e, p.want(')')
	}
}

func (p *pathParser) identifier() (string, error) {
	p.blank()
	end := p.at
	if end < len(p.src) && p.src[end] == '`' {
		if n := strings.IndexByte(p.src[end+1:], '`'); n > 0 {
			p.at = end + n + 2
			return p.src[end+1 : end+1+n], nil
		}
		return "", p.fail()
	}
	for end < len(p.src) && (isLetter(p.src[end]) || end > p.at && isDigit(p.src[end])) {
		end++
	}
	if end == p.at {
		return "", p.fail()
	}
	name := p.src[p.at:end]
	p.at = end
	return name, nil
}

func (p *pathParser) number() (*fpath, error) {
	end := p.at
	for end < len(p.src) && isDigit(p.src[end]) {
		end++
	}
	if end+1 < len(p.src) && p.src[end] == '.' && isDigit(p.src[end+1]) {
		for end++; end < len(p.src) && isDigit(p.src[end]); end++ {
		}
	}
	e := &fpath{kind: "lit", text: p.src[p.at:end]}
	p.at = end
	if p.blank(); p.at < len(p.src) && (p.src[p.at] == '\'' || isLetter(p.src[p.at])) {
		if _, tight := p.operator(); tight < 0 {
			return nil, cannot("it has a quantity")
		}
	}
	return e, nil
}

var pathUnescapes = strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\"`, `"`, "\\`", "`", `\/`, "/", `\n`, "\n", `\r`, "\r", `\t`, "\t", `\f`, "\f")

func (p *pathParser) text() (*fpath, error) {
	for end := p.at + 1; end < len(p.src); end++ {
		switch p.src[end] {
		case '\\':
			end++
		case '\'':
			e := &fpath{kind: "lit", what: '\'', text: pathUnescapes.Replace(p.src[p.at+1 : end])}
			p.at = end + 1
			return e, nil
		}
	}
	return nil, p.fail()
}
