package xlsform

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// fkind is the sort of a node of a FHIRPath tree.
type fkind uint8

const (
	fEmpty fkind = iota
	fNumber
	fString
	fBool
	fDate     // with a time too
	fTime     // without the T
	fQuantity // text: the number, args[0].text: the unit
	fVariable
	fThis
	fMember
	fCall
	fIndex
	fBinary
	fMinus
)

// fnode is a parsed FHIRPath expression: enough of the language to recognise what questionnaires use.
type fnode struct {
	kind fkind
	text string
	left *fnode // what a member, call or index is applied to; nil at the start
	args []*fnode
}

// parsePath reads FHIRPath that package fhirpath accepts; what it does not know it refuses.
func parsePath(src string) (*fnode, error) {
	if len(src) > 2*maxResult {
		return nil, unfit("the expression is longer than %d bytes", 2*maxResult)
	}
	tokens, err := lexPath(src)
	if err != nil {
		return nil, err
	}
	p := &fparser{tokens: tokens}
	n, err := p.expression(0)
	if err == nil && p.peek().text != "" {
		err = unfit("“%s” was not expected", p.peek().text)
	}
	return n, err
}

// ftoken is a piece: 'n' number, 's' string, 'w' name, 'v' variable, 'd' date, 't' time, 'o' operator.
type ftoken struct {
	kind rune
	text string
}

func lexPath(src string) ([]ftoken, error) {
	var tokens []ftoken
	for i := 0; i < len(src); {
		c := src[i]
		var t ftoken
		var n int
		switch {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
			continue
		case strings.HasPrefix(src[i:], "//"):
			end := strings.IndexByte(src[i:], '\n')
			if end < 0 {
				end = len(src) - i
			}
			i += end
			continue
		case c == '\'' || c == '`':
			s, size, ok := unquote(src[i:])
			if !ok {
				return nil, unfit("a text is not closed")
			}
			t, n = ftoken{'s', s}, size
			if c == '`' {
				t.kind = 'w'
			}
		case c == '%':
			name, size := variableAt(src[i+1:])
			if name == "" {
				return nil, unfit("a variable has no name")
			}
			t, n = ftoken{'v', name}, 1+size
		case c == '@':
			n = 1 + strings.IndexFunc(src[i+1:]+" ", func(r rune) bool { return !strings.ContainsRune("0123456789-:.TZ+", r) })
			t = ftoken{'d', strings.TrimRight(src[i+1:i+n], ".")}
			n = 1 + len(t.text)
			if strings.HasPrefix(t.text, "T") {
				t = ftoken{'t', t.text[1:]}
			}
		case c >= '0' && c <= '9':
			n = numberLength(src[i:])
			t = ftoken{'n', src[i : i+n]}
		case wordLength(src[i:]) > 0:
			n = wordLength(src[i:])
			t = ftoken{'w', src[i : i+n]}
		default:
			op := pathOperator(src[i:])
			if op == "" {
				return nil, unfit("“%c” was not expected", c)
			}
			t, n = ftoken{'o', op}, len(op)
		}
		tokens = append(tokens, t)
		i += n
	}
	return tokens, nil
}

// variableAt reads the name behind a %, bare or quoted, and measures it.
func variableAt(s string) (name string, size int) {
	if strings.HasPrefix(s, "`") || strings.HasPrefix(s, "'") {
		name, size, _ = unquote(s)
		return name, size
	}
	size = wordLength(s)
	return s[:size], size
}

func wordLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] == '$' && n == 0 || s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

func numberLength(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n+1 < len(s) && s[n] == '.' && s[n+1] >= '0' && s[n+1] <= '9' {
		n++
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
	}
	return n
}

func pathOperator(s string) string {
	for _, op := range []string{"<=", ">=", "!=", "!~", "=", "<", ">", "~", "+", "-", "*", "/", "&", "|", "(", ")", "[", "]", "{", "}", ",", "."} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// unquote reads a quoted text and undoes its escapes.
func unquote(s string) (text string, size int, ok bool) {
	var sb strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return sb.String(), i + 1, true
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] == 'u' && i+4 < len(s) {
				if r, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err == nil {
					sb.WriteString(string(utf8.AppendRune(nil, rune(r))))
					i += 4
					continue
				}
			}
			if escape := strings.IndexByte("nrtf", s[i]); escape >= 0 {
				sb.WriteByte("\n\r\t\f"[escape])
			} else {
				sb.WriteByte(s[i])
			}
		default:
			sb.WriteByte(s[i])
		}
	}
	return "", 0, false
}

type fparser struct {
	tokens []ftoken
	at     int
	depth  int
}

func (p *fparser) peek() ftoken {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ftoken{}
}

func (p *fparser) take(op string) bool {
	if t := p.peek(); t.kind == 'o' && t.text == op {
		p.at++
		return true
	}
	return false
}

var pathLevels = map[string]int{"implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "!=": 5, "~": 5, "!~": 5,
	"<": 6, ">": 6, "<=": 6, ">=": 6, "|": 7, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10}

func (p *fparser) expression(least int) (*fnode, error) {
	if p.depth++; p.depth > 150 {
		return nil, unfit("the expression nests too deep")
	}
	defer func() { p.depth-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for chain := 0; ; chain++ {
		t := p.peek()
		level := pathLevels[t.text]
		if t.kind != 'o' && t.kind != 'w' || level == 0 || level <= least {
			return left, nil
		}
		if chain > 300 {
			return nil, unfit("too many operators follow each other")
		}
		p.at++
		right, err := p.expression(level)
		if err != nil {
			return nil, err
		}
		left = &fnode{kind: fBinary, text: t.text, args: []*fnode{left, right}}
	}
}

func (p *fparser) unary() (*fnode, error) {
	if p.take("-") {
		n, err := p.unary()
		return &fnode{kind: fMinus, args: []*fnode{n}}, err
	}
	n, err := p.term()
	for err == nil {
		switch {
		case p.take("."):
			n, err = p.step(n)
		case p.take("["):
			var i *fnode
			if i, err = p.expression(0); err == nil {
				err = p.must("]")
			}
			n = &fnode{kind: fIndex, left: n, args: []*fnode{i}}
		case p.peek().kind == 'w' && (p.peek().text == "is" || p.peek().text == "as"):
			op := p.peek().text
			p.at++
			t := p.peek()
			p.at++
			for p.take(".") {
				t = p.peek()
				p.at++
			}
			n = &fnode{kind: fCall, text: op, left: n, args: []*fnode{{kind: fMember, text: t.text}}}
		default:
			return n, nil
		}
	}
	return n, err
}

func (p *fparser) must(op string) error {
	if !p.take(op) {
		return unfit("“%s” is missing", op)
	}
	return nil
}

var calendar = map[string]bool{"year": true, "years": true, "month": true, "months": true, "week": true, "weeks": true, "day": true, "days": true,
	"hour": true, "hours": true, "minute": true, "minutes": true, "second": true, "seconds": true}

func (p *fparser) term() (*fnode, error) {
	t := p.peek()
	p.at++
	switch {
	case t.kind == 'n':
		if unit := p.peek(); unit.kind == 'w' && calendar[unit.text] || unit.kind == 's' {
			p.at++
			return &fnode{kind: fQuantity, text: t.text, args: []*fnode{{kind: fString, text: unit.text}}}, nil
		}
		return &fnode{kind: fNumber, text: t.text}, nil
	case t.kind == 's':
		return &fnode{kind: fString, text: t.text}, nil
	case t.kind == 'd':
		return &fnode{kind: fDate, text: t.text}, nil
	case t.kind == 't':
		return &fnode{kind: fTime, text: t.text}, nil
	case t.kind == 'v':
		return &fnode{kind: fVariable, text: t.text}, nil
	case t.kind == 'w' && t.text == "$this":
		return &fnode{kind: fThis}, nil
	case t.kind == 'w' && (t.text == "true" || t.text == "false"):
		return &fnode{kind: fBool, text: t.text}, nil
	case t.kind == 'w':
		p.at--
		return p.step(nil)
	case t.text == "{":
		return &fnode{kind: fEmpty}, p.must("}")
	case t.text == "(":
		n, err := p.expression(0)
		if err == nil {
			err = p.must(")")
		}
		return n, err
	}
	return nil, unfit("“%s” was not expected", t.text)
}

// step is a member or a call.
func (p *fparser) step(left *fnode) (*fnode, error) {
	t := p.peek()
	p.at++
	if t.kind != 'w' {
		return nil, unfit("a name was expected, not “%s”", t.text)
	}
	if !p.take("(") {
		return &fnode{kind: fMember, text: t.text, left: left}, nil
	}
	n := &fnode{kind: fCall, text: t.text, left: left}
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
	return n, nil
}
