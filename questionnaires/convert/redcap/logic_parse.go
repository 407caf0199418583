package redcap

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// logicError says why logic cannot be read, and at which byte.
type logicError struct {
	at   int
	what string
}

func (e *logicError) Error() string { return fmt.Sprintf("at character %d: %s", e.at+1, e.what) }

// parseLogic reads branching logic or a calculation. Words are read in any case; // and # begin comments.
func parseLogic(src string) (logic, error) {
	if len(src) > maxLogic {
		return nil, &logicError{0, fmt.Sprintf("logic is at most %d characters long", maxLogic)}
	}
	toks, err := lexLogic(src)
	if err != nil {
		return nil, err
	}
	p := logicParser{toks: toks}
	l, err := p.binary(1)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, &logicError{t.at, "“" + t.text + "” was not expected here"}
	}
	return l, nil
}

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokNumber
	tokText
	tokWord
	tokBrackets // what stands in one pair of square brackets
	tokSymbol
)

type token struct {
	kind tokenKind
	text string
	at   int
}

// symbols, the longer before the shorter, with what each is called here.
var symbols = [][2]string{{"<>", "<>"}, {"!=", "<>"}, {"<=", "<="}, {">=", ">="}, {"==", "="}, {"&&", "and"}, {"||", "or"},
	{"=", "="}, {"<", "<"}, {">", ">"}, {"+", "+"}, {"-", "-"}, {"*", "*"}, {"/", "/"}, {"^", "^"}, {"%", "%"}, {"(", "("}, {")", ")"}, {",", ","}, {"!", "not"}}

func lexLogic(src string) ([]token, error) {
	var toks []token
	for at := 0; at < len(src); {
		switch c := src[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || strings.HasPrefix(src[at:], "\u00a0"):
			at++
			if c == 0xc2 {
				at++
			}
		case c == '#' || strings.HasPrefix(src[at:], "//"):
			if end := strings.IndexByte(src[at:], '\n'); end >= 0 {
				at += end
			} else {
				at = len(src)
			}
		case c == '\'' || c == '"':
			value, end, ok := quoted(src, at)
			if !ok {
				return nil, &logicError{at, "the quote is not closed"}
			}
			toks = append(toks, token{tokText, value, at})
			at = end
		case c == '[':
			end := strings.IndexByte(src[at:], ']')
			if end < 0 {
				return nil, &logicError{at, "the square bracket is not closed"}
			}
			toks = append(toks, token{tokBrackets, strings.TrimSpace(src[at+1 : at+end]), at})
			at += end + 1
		case isDigit(c) || c == '.' && at+1 < len(src) && isDigit(src[at+1]):
			end := at
			for end < len(src) && (isDigit(src[end]) || src[end] == '.') {
				end++
			}
			n, ok := number(src[at:end])
			if !ok {
				return nil, &logicError{at, "“" + src[at:end] + "” is not a number"}
			}
			toks = append(toks, token{tokNumber, n, at})
			at = end
		case isLetter(c):
			end := at
			for end < len(src) && (isLetter(src[end]) || isDigit(src[end]) || src[end] == '_' || src[end] == '.') {
				end++
			}
			toks = append(toks, token{tokWord, strings.ToLower(src[at:end]), at})
			at = end
		default:
			s, ok := symbolAt(src[at:])
			if !ok {
				r, _ := utf8.DecodeRuneInString(src[at:])
				return nil, &logicError{at, fmt.Sprintf("the character %q was not expected here", r)}
			}
			toks = append(toks, token{tokSymbol, s[1], at})
			at += len(s[0])
		}
	}
	return append(toks, token{tokEnd, "", len(src)}), nil
}

func symbolAt(src string) ([2]string, bool) {
	for _, s := range symbols {
		if strings.HasPrefix(src, s[0]) {
			return s, true
		}
	}
	return [2]string{}, false
}

// quoted reads a text in quotes; a backslash keeps the quote after it.
func quoted(src string, at int) (string, int, bool) {
	var sb strings.Builder
	for i := at + 1; i < len(src); i++ {
		switch {
		case src[i] == '\\' && i+1 < len(src) && (src[i+1] == '\'' || src[i+1] == '"'):
			i++
			sb.WriteByte(src[i])
		case src[i] == src[at]:
			return sb.String(), i + 1, true
		default:
			sb.WriteByte(src[i])
		}
	}
	return "", 0, false
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

var plainNumber = regexp.MustCompile(`^[0-9]*\.?[0-9]*$`)

// number brings digits to the form 0.5: digits before the point and after it, and no zeros in front.
func number(s string) (string, bool) {
	if !plainNumber.MatchString(s) || s == "" || s == "." || len(s) > 28 {
		return "", false
	}
	whole, part, point := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if point && part != "" {
		return whole + "." + part, true
	}
	return whole, true
}

// signedNumber is number with a sign before it.
func signedNumber(s string) (string, bool) {
	rest, minus := strings.CutPrefix(strings.TrimSpace(s), "-")
	if !minus {
		rest = strings.TrimPrefix(rest, "+")
	}
	n, ok := number(rest)
	if minus {
		n = "-" + n
	}
	return n, ok
}

type logicParser struct {
	toks  []token
	at    int
	depth int
}

func (p *logicParser) peek() token { return p.toks[p.at] }

func (p *logicParser) next() token {
	t := p.toks[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *logicParser) symbol(s string) bool {
	if t := p.peek(); t.kind == tokSymbol && t.text == s {
		p.at++
		return true
	}
	return false
}

func (p *logicParser) operator() string {
	t := p.peek()
	if t.kind == tokSymbol || t.kind == tokWord && (t.text == "and" || t.text == "or") {
		return t.text
	}
	return ""
}

// binary reads operators that bind at least as tightly as least.
func (p *logicParser) binary(least int) (logic, error) {
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		op := p.operator()
		own := level(op)
		if own > 8 || own < least {
			return x, nil
		}
		p.at++
		y, err := p.binary(own + 1)
		if err != nil {
			return nil, err
		}
		x = binary{op, x, y}
	}
}

func (p *logicParser) enter(at int) error {
	if p.depth++; p.depth > maxDepth {
		return &logicError{at, fmt.Sprintf("brackets stand more than %d deep in one another", maxDepth)}
	}
	return nil
}

func (p *logicParser) unary() (logic, error) {
	t := p.peek()
	if err := p.enter(t.at); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	switch {
	case p.symbol("-"):
		x, err := p.binary(7)
		if n, ok := x.(numberLit); ok && n.text[0] != '-' {
			return numberLit{"-" + n.text}, err
		}
		return unary{"-", x}, err
	case p.symbol("+"):
		return p.binary(7)
	case p.symbol("not"): // ! is about what stands right behind it
		x, err := p.unary()
		return unary{"not", x}, err
	case t.kind == tokWord && t.text == "not": // and not, about the comparison
		p.at++
		x, err := p.binary(3)
		return unary{"not", x}, err
	}
	return p.primary()
}

func (p *logicParser) primary() (logic, error) {
	switch t := p.next(); t.kind {
	case tokNumber:
		return numberLit{t.text}, nil
	case tokText:
		return textLit{t.text}, nil
	case tokBrackets:
		return p.ref(t)
	case tokWord:
		return p.word(t)
	case tokSymbol:
		if t.text == "(" {
			x, err := p.binary(1)
			if err != nil {
				return nil, err
			}
			if !p.symbol(")") {
				return nil, &logicError{p.peek().at, "a closing bracket is missing"}
			}
			return x, nil
		}
		return nil, &logicError{t.at, "“" + t.text + "” was not expected here"}
	default:
		return nil, &logicError{t.at, "something is missing at the end"}
	}
}

// word is a function, or a word that stands for a value.
func (p *logicParser) word(t token) (logic, error) {
	if !p.symbol("(") {
		switch t.text {
		case "true", "false":
			return boolLit{t.text == "true"}, nil
		case "today", "now":
			return clockLit{t.text == "now"}, nil
		}
		return nil, &logicError{t.at, "“" + t.text + "” is neither a function nor in quotes nor in square brackets"}
	}
	c := call{name: t.text}
	if name, ok := strings.CutPrefix(t.text, "math."); ok && functions[name].do != nil { // calculations of the first versions say Math.abs
		c.name = name
	}
	if p.symbol(")") {
		return c, nil
	}
	for {
		a, err := p.binary(1)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, a)
		if p.symbol(")") {
			return c, nil
		}
		if !p.symbol(",") {
			return nil, &logicError{p.peek().at, "a comma or a closing bracket is missing"}
		}
	}
}

var (
	inBrackets = regexp.MustCompile(`^([a-zA-Z0-9][a-zA-Z0-9_-]*)(?:\(([^()\[\]]*)\))?((?::[^\[\]:]+)*)$`)
	instances  = map[string]bool{"current-instance": true, "first-instance": true, "last-instance": true, "previous-instance": true,
		"next-instance": true, "new-instance": true}
)

// ref reads square brackets that follow one another as one reference.
func (p *logicParser) ref(t token) (logic, error) {
	first, ok := refOf(t.text)
	if !ok {
		return nil, &logicError{t.at, "“[" + t.text + "]” is not a variable"}
	}
	for n := 1; p.peek().kind == tokBrackets; n++ {
		t = p.next()
		more, ok := refOf(t.text)
		switch {
		case !ok || n > 2 || first.instance != "":
			return nil, &logicError{t.at, "“[" + t.text + "]” was not expected here"}
		case instances[more.name] || strings.Trim(more.name, "0123456789") == "":
			first.instance = more.name
		case n == 1 && first.code == "" && first.modifier == "":
			more.event = first.name
			first = more
		default:
			return nil, &logicError{t.at, "“[" + t.text + "]” was not expected here"}
		}
	}
	return first, nil
}

func refOf(s string) (ref, bool) {
	m := inBrackets.FindStringSubmatch(s)
	if m == nil {
		return ref{}, false
	}
	return ref{name: strings.ToLower(m[1]), code: strings.TrimSpace(m[2]), modifier: strings.TrimPrefix(m[3], ":")}, true
}
