package scrub

import (
	"bytes"
	"strconv"
)

// The values of a PDF, as far as making it anew needs them.
type (
	pdfValue any // pdfDict, pdfArray, pdfRef, pdfName, pdfRaw
	pdfName  string
	pdfRaw   []byte // number, string, true, false, null: written as it was read
	pdfRef   struct{ number int }
	pdfArray []pdfValue
	pdfDict  []pdfEntry
)

type pdfEntry struct {
	key   pdfName
	value pdfValue
}

func (d pdfDict) get(key pdfName) pdfValue {
	for _, e := range d {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

func (d pdfDict) name(key pdfName) pdfName { n, _ := d.get(key).(pdfName); return n }

// number is a whole number that stands in the dictionary itself.
func (d pdfDict) number(key pdfName) (int, bool) {
	raw, ok := d.get(key).(pdfRaw)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(string(raw))
	return n, err == nil
}

const (
	maxDepth  = 60
	maxValues = 2_000_000
)

// lexer reads values.
type lexer struct {
	b      []byte
	at     int
	values int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) space() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// has tells whether a text stands here, and steps over it.
func (l *lexer) has(s string) bool {
	if !bytes.HasPrefix(l.b[l.at:], []byte(s)) {
		return false
	}
	l.at += len(s)
	return true
}

func (l *lexer) value(depth int) (pdfValue, error) {
	l.space()
	if l.values++; depth > maxDepth || l.values > maxValues || l.at >= len(l.b) {
		return nil, ErrBroken
	}
	switch c := l.b[l.at]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.text()
	case l.has("<<"):
		return l.dict(depth)
	case c == '<':
		end := bytes.IndexByte(l.b[l.at:], '>')
		if end < 0 {
			return nil, ErrBroken
		}
		raw := l.b[l.at : l.at+end+1]
		l.at += end + 1
		return pdfRaw(raw), nil
	case l.has("["):
		return l.array(depth)
	case isDelimiter(c):
		return nil, ErrBroken
	}
	return l.word()
}

// name reads a name and resolves its #xx escapes, so that /J#53 is /JS.
func (l *lexer) name() (pdfValue, error) {
	l.at++
	var name []byte
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		c := l.b[l.at]
		if c == '#' && l.at+2 < len(l.b) {
			if v, err := strconv.ParseUint(string(l.b[l.at+1:l.at+3]), 16, 8); err == nil {
				c = byte(v)
				l.at += 2
			}
		}
		name = append(name, c)
		l.at++
	}
	return pdfName(name), nil
}

func (l *lexer) text() (pdfValue, error) {
	start, depth := l.at, 0
	for ; l.at < len(l.b); l.at++ {
		switch l.b[l.at] {
		case '\\':
			l.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.at++
				return pdfRaw(l.b[start:l.at]), nil
			}
		}
	}
	return nil, ErrBroken
}

func (l *lexer) dict(depth int) (pdfValue, error) {
	d := pdfDict{}
	for {
		l.space()
		if l.has(">>") {
			return d, nil
		}
		if l.at >= len(l.b) || l.b[l.at] != '/' {
			return nil, ErrBroken
		}
		key, err := l.name()
		if err != nil {
			return nil, err
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		d = append(d, pdfEntry{key.(pdfName), v})
	}
}

func (l *lexer) array(depth int) (pdfValue, error) {
	a := pdfArray{}
	for {
		l.space()
		if l.has("]") {
			return a, nil
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
}

// word reads a number, a keyword, or a reference "12 0 R".
func (l *lexer) word() (pdfValue, error) {
	start := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	word := l.b[start:l.at]
	if number, ok := wholeNumber(word); ok {
		after := l.at
		l.space()
		generation := l.at
		for l.at < len(l.b) && isDigit(l.b[l.at]) {
			l.at++
		}
		if l.at > generation && l.at-generation <= 5 {
			l.space()
			if l.at < len(l.b) && l.b[l.at] == 'R' && (l.at+1 == len(l.b) || isSpace(l.b[l.at+1]) || isDelimiter(l.b[l.at+1])) {
				l.at++
				return pdfRef{number}, nil
			}
		}
		l.at = after
		return pdfRaw(word), nil
	}
	switch string(word) {
	case "true", "false", "null":
		return pdfRaw(word), nil
	}
	for _, c := range word {
		if !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return nil, ErrBroken
		}
	}
	return pdfRaw(word), nil
}

func wholeNumber(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
