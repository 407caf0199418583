package xlsform

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of one expression.
const (
	maxExpression = 8 << 10
	maxNesting    = 40
	maxResult     = 16 << 10
)

// xkind is the sort of a node of an XPath tree.
type xkind uint8

const (
	xNumber xkind = iota // text: its digits
	xString              // text: its content
	xRef                 // ${text}
	xPath                // text: "..", "a", "/a/b", "../a" ...; a name alone is a column in a choice_filter
	xDot                 // the value of the question itself
	xCall                // text: the function
	xBinary              // text: the operator
	xNeg
)

// xnode is a parsed XPath 1.0 expression, as far as XLSForm uses the language.
type xnode struct {
	kind xkind
	text string
	args []*xnode
}

// xerror is why an expression cannot be read or translated: a sentence for the report.
type xerror string

func (e xerror) Error() string { return string(e) }

func unfit(format string, args ...any) error { return xerror(fmt.Sprintf(format, args...)) }

// parseXPath reads an expression.
func parseXPath(src string) (*xnode, error) {
	if len(src) > maxExpression {
		return nil, unfit("the expression is longer than %d bytes", maxExpression)
	}
	tokens, err := lexXPath(src)
	if err != nil {
		return nil, err
	}
	p := &xparser{tokens: tokens}
	n, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.text != "" {
		return nil, unfit("“%s” was not expected", t.text)
	}
	return n, nil
}

// xtoken is a piece of an expression; the end has no text.
type xtoken struct {
	kind rune // 'n' number, 's' string, 'r' ${…}, 'w' name, 'o' operator
	text string
}

func lexXPath(src string) ([]xtoken, error) {
	var tokens []xtoken
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRuneInString(src[i:])
		rest := src[i:]
		switch {
		case unicode.IsSpace(r):
			i += size
		case strings.HasPrefix(rest, "${"):
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				return nil, unfit("a ${ is not closed")
			}
			tokens = append(tokens, xtoken{'r', strings.TrimSpace(rest[2:end])})
			i += end + 1
		case opening(r) != 0:
			closing := strings.IndexRune(rest[size:], opening(r))
			if closing < 0 {
				return nil, unfit("a quote is not closed")
			}
			tokens = append(tokens, xtoken{'s', rest[size : size+closing]})
			i += size + closing + utf8.RuneLen(opening(r))
		case r >= '0' && r <= '9' || r == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
			n := digits(rest)
			tokens = append(tokens, xtoken{'n', rest[:n]})
			i += n
		case unicode.IsLetter(r) || r == '_':
			n := nameLength(rest)
			tokens = append(tokens, xtoken{'w', rest[:n]})
			i += n
		default:
			op := operator(rest)
			if op == "" {
				return nil, unfit("“%c” was not expected", r)
			}
			tokens = append(tokens, xtoken{'o', op})
			i += len(op)
		}
	}
	return tokens, nil
}

// opening gives the quote that closes one: spreadsheets make curly ones of straight ones.
func opening(r rune) rune {
	switch r {
	case '\'', '"':
		return r
	case '‘', '’':
		return '’'
	case '“', '”':
		return '”'
	}
	return 0
}

func digits(s string) int {
	n, dot := 0, false
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.' && !dot) {
		dot = dot || s[n] == '.'
		n++
	}
	return n
}

// nameLength measures a name: letters, digits, '-', '_', '.' and one ':' between prefix and local name.
func nameLength(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		colon := r == ':' && n > 0 && n+1 < len(s) && s[n+1] != ':' && (unicode.IsLetter(rune(s[n+1])) || s[n+1] == '_')
		if !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' || r == '.' || colon) {
			break
		}
		n += size
	}
	return n
}

func operator(s string) string {
	for _, op := range []string{"!=", "<=", ">=", "..", "//", "::", "=", "<", ">", "+", "-", "*", "|", "(", ")", "[", "]", ",", "/", ".", "@"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

type xparser struct {
	tokens []xtoken
	at     int
	depth  int
}

func (p *xparser) peek() xtoken {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return xtoken{}
}

func (p *xparser) is(text string) bool { t := p.peek(); return t.kind == 'o' && t.text == text }

func (p *xparser) take(text string) bool {
	if p.is(text) {
		p.at++
		return true
	}
	return false
}

func (p *xparser) must(text string) error {
	if !p.take(text) {
		if t := p.peek(); t.text != "" {
			return unfit("“%s” was expected, not “%s”", text, t.text)
		}
		return unfit("“%s” is missing at the end", text)
	}
	return nil
}

// levels of binary operators, weakest first.
var levels = map[string]int{"or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6, "|": 8}

func (p *xparser) expression(least int) (*xnode, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, unfit("the expression nests more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	// A chain of operators grows the tree to the left by one level each.
	for chain := 0; ; chain++ {
		t := p.peek()
		level := levels[t.text]
		if t.kind != 'o' && t.kind != 'w' || level == 0 || level <= least {
			return left, nil
		}
		if chain > 2*maxNesting {
			return nil, unfit("more than %d operators follow each other", 2*maxNesting)
		}
		p.at++
		right, err := p.expression(level)
		if err != nil {
			return nil, err
		}
		left = &xnode{xBinary, t.text, []*xnode{left, right}}
	}
}

func (p *xparser) unary() (*xnode, error) {
	if !p.take("-") {
		return p.primary()
	}
	if p.depth++; p.depth > maxNesting {
		return nil, unfit("the expression nests more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &xnode{xNeg, "-", []*xnode{x}}, nil
}

func (p *xparser) primary() (*xnode, error) {
	t := p.peek()
	p.at++
	switch {
	case t.kind == 'n':
		return &xnode{kind: xNumber, text: t.text}, nil
	case t.kind == 's':
		return &xnode{kind: xString, text: t.text}, nil
	case t.kind == 'r':
		return p.after(&xnode{kind: xRef, text: t.text})
	case t.kind == 'w' && p.is("("):
		return p.call(t.text)
	case t.kind == 'w', t.text == "..", t.text == "/", t.text == ".":
		p.at--
		return p.path()
	case t.text == "(":
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if err := p.must(")"); err != nil {
			return nil, err
		}
		return p.after(n)
	case t.text == "":
		return nil, unfit("the expression ends too early")
	}
	return nil, unfit("“%s” was not expected", t.text)
}

// after refuses what may follow a value in XPath and has no equivalent.
func (p *xparser) after(n *xnode) (*xnode, error) {
	switch {
	case p.is("["):
		return nil, unfit("conditions in square brackets have no equivalent")
	case p.is("/"), p.is("//"):
		return nil, unfit("paths from a value have no equivalent")
	}
	return n, nil
}

func (p *xparser) call(name string) (*xnode, error) {
	p.at++
	n := &xnode{kind: xCall, text: name}
	for !p.take(")") {
		if len(n.args) > 0 {
			if err := p.must(","); err != nil {
				return nil, err
			}
		}
		a, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, a)
	}
	if name == "instance" && p.is("/") {
		return nil, unfit("instance() has no equivalent")
	}
	return p.after(n)
}

// path reads a location path of names and dots.
func (p *xparser) path() (*xnode, error) {
	var sb strings.Builder
	if p.take("/") {
		sb.WriteByte('/')
	}
	for {
		t := p.peek()
		if t.kind != 'w' && t.text != ".." && t.text != "." {
			return nil, unfit("the path %s… has no equivalent", sb.String())
		}
		p.at++
		sb.WriteString(t.text)
		if p.is("[") || p.is("//") || p.is("::") || p.is("(") {
			return nil, unfit("the path %s%s… has no equivalent", sb.String(), p.peek().text)
		}
		if !p.take("/") {
			break
		}
		sb.WriteByte('/')
	}
	if sb.String() == "." {
		return &xnode{kind: xDot, text: "."}, nil
	}
	return &xnode{kind: xPath, text: strings.TrimPrefix(sb.String(), "./")}, nil
}
