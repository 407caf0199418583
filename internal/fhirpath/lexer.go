package fhirpath

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokQuotedName
	tokString
	tokNumber
	tokLong
	tokDate // @2014, @2014T10:00, @T10:00: text without the @
	tokSpecial
	tokSymbol
)

type token struct {
	kind  tokenKind
	text  string // decoded
	pos   int
	space bool // white space or a comment stands before it
}

const maxSource = 64 << 10

// lex cuts the source into tokens; the last is tokEnd.
func lex(src string) ([]token, error) {
	if len(src) > maxSource {
		return nil, failf(Syntax, maxSource, "an expression is at most %d bytes long", maxSource)
	}
	if !utf8.ValidString(src) {
		return nil, failf(Syntax, 0, "the expression is not UTF-8")
	}
	l := lexer{src: src}
	out := make([]token, 0, 8+len(src)/4)
	for {
		before := l.at
		if err := l.blank(); err != nil {
			return nil, err
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		t.space = l.start > before
		out = append(out, t)
		if t.kind == tokEnd {
			return out, nil
		}
	}
}

type lexer struct {
	src       string
	at, start int
}

func (l *lexer) blank() error {
	for l.at < len(l.src) {
		rest := l.src[l.at:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			l.at++
		case strings.HasPrefix(rest, "//"):
			if n := strings.IndexAny(rest, "\r\n"); n >= 0 {
				l.at += n
			} else {
				l.at = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return failf(Syntax, l.at, "the comment is not closed")
			}
			l.at += n + 4
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) next() (token, error) {
	l.start = l.at
	if l.at == len(l.src) {
		return token{kind: tokEnd, pos: l.at}, nil
	}
	switch c := l.src[l.at]; {
	case isNameStart(c):
		return l.take(tokName, l.span(isNamePart)), nil
	case isDigit(c):
		return l.number(), nil
	case c == '\'':
		text, err := l.quoted('\'')
		return token{kind: tokString, text: text, pos: l.start}, err
	case c == '`':
		text, err := l.quoted('`')
		return token{kind: tokQuotedName, text: text, pos: l.start}, err
	case c == '@':
		return l.date()
	case c == '$':
		l.at++
		name := l.span(isNamePart)
		if name == "this" || name == "index" || name == "total" {
			return token{kind: tokSpecial, text: name, pos: l.start}, nil
		}
		return token{}, failf(Syntax, l.start, "$%s is unknown; $this, $index and $total are defined", name)
	}
	return l.symbol()
}

var symbols = []string{"<=", ">=", "!=", "!~"}

func (l *lexer) symbol() (token, error) {
	for _, s := range symbols {
		if strings.HasPrefix(l.src[l.at:], s) {
			l.at += len(s)
			return token{kind: tokSymbol, text: s, pos: l.start}, nil
		}
	}
	if strings.IndexByte(".,()[]{}+-*/&|<>=~%:", l.src[l.at]) < 0 {
		r, _ := utf8.DecodeRuneInString(l.src[l.at:])
		return token{}, failf(Syntax, l.start, "%q has no meaning here", r)
	}
	l.at++
	return token{kind: tokSymbol, text: l.src[l.start:l.at], pos: l.start}, nil
}

func (l *lexer) number() token {
	l.span(isDigit)
	if l.at+1 < len(l.src) && l.src[l.at] == '.' && isDigit(l.src[l.at+1]) {
		l.at++
		l.span(isDigit)
	} else if l.at < len(l.src) && l.src[l.at] == 'L' && (l.at+1 == len(l.src) || !isNamePart(l.src[l.at+1])) {
		l.at++
		return token{kind: tokLong, text: l.src[l.start : l.at-1], pos: l.start}
	}
	return token{kind: tokNumber, text: l.src[l.start:l.at], pos: l.start}
}

// date reads what follows an @; whether it is a day of the calendar is for the parser to say.
func (l *lexer) date() (token, error) {
	l.at++
	digits := func(n int) bool {
		if l.at+n > len(l.src) {
			return false
		}
		for i := range n {
			if !isDigit(l.src[l.at+i]) {
				return false
			}
		}
		l.at += n
		return true
	}
	group := func(lead byte, n int) bool {
		if l.at < len(l.src) && l.src[l.at] == lead {
			if l.at++; digits(n) {
				return true
			}
			l.at--
		}
		return false
	}
	clock := func() {
		if digits(2) && group(':', 2) && group(':', 2) && l.at+1 < len(l.src) && l.src[l.at] == '.' && isDigit(l.src[l.at+1]) {
			l.at++
			l.span(isDigit)
		}
	}
	if strings.HasPrefix(l.src[l.at:], "T") {
		l.at++
		clock()
		if l.at < l.start+4 {
			return token{}, failf(Syntax, l.start, "a time is written @T10:30")
		}
		return token{kind: tokDate, text: l.src[l.start+1 : l.at], pos: l.start}, nil
	}
	if !digits(4) {
		return token{}, failf(Syntax, l.start, "a date is written @2014-01-25")
	}
	if group('-', 2) {
		group('-', 2)
	}
	if l.at < len(l.src) && l.src[l.at] == 'T' {
		l.at++
		clock()
		l.zone(group)
	}
	return token{kind: tokDate, text: l.src[l.start+1 : l.at], pos: l.start}, nil
}

func (l *lexer) zone(group func(byte, int) bool) {
	if l.at < len(l.src) && l.src[l.at] == 'Z' {
		l.at++
		return
	}
	mark := l.at
	if (group('+', 2) || group('-', 2)) && !group(':', 2) {
		l.at = mark // @2014T10-05 is a subtraction
	}
}

// quoted reads a string or a delimited identifier and resolves its escapes.
func (l *lexer) quoted(quote byte) (string, error) {
	l.at++
	end := l.at
	for end < len(l.src) && l.src[end] != quote && l.src[end] != '\\' {
		end++
	}
	if end < len(l.src) && l.src[end] == quote {
		text := l.src[l.at:end]
		l.at = end + 1
		return text, nil
	}
	var sb strings.Builder
	for l.at < len(l.src) {
		c := l.src[l.at]
		l.at++
		switch c {
		case quote:
			return sb.String(), nil
		case '\\':
			l.escape(&sb)
		default:
			sb.WriteByte(c)
		}
	}
	return "", failf(Syntax, l.start, "the closing %c is missing", quote)
}

func (l *lexer) escape(sb *strings.Builder) {
	if l.at == len(l.src) {
		return
	}
	c := l.src[l.at]
	switch c {
	case 'u':
		if r, n := unit16(l.src[l.at:]); n > 0 {
			l.at += n
			if utf16.IsSurrogate(r) {
				low, m := rune(0), 0
				if strings.HasPrefix(l.src[l.at:], `\u`) {
					low, m = unit16(l.src[l.at+1:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError && m > 0 {
					l.at += m + 1
				}
			}
			sb.WriteRune(r)
			return
		}
		sb.WriteByte('u')
	case 'n':
		sb.WriteByte('\n')
	case 'r':
		sb.WriteByte('\r')
	case 't':
		sb.WriteByte('\t')
	case 'f':
		sb.WriteByte('\f')
	default: // an unknown escape stands for its character
		r, n := utf8.DecodeRuneInString(l.src[l.at:])
		sb.WriteRune(r)
		l.at += n
		return
	}
	l.at++
}

// unit16 reads uXXXX and tells how many bytes that was, 0 when it is not one.
func unit16(s string) (rune, int) {
	if len(s) < 5 {
		return 0, 0
	}
	var r rune
	for i := 1; i < 5; i++ {
		d := strings.IndexByte("0123456789abcdef", s[i]|0x20)
		if d < 0 || s[i] < '0' {
			return 0, 0
		}
		r = r<<4 | rune(d)
	}
	return r, 5
}

func (l *lexer) take(kind tokenKind, text string) token {
	return token{kind: kind, text: text, pos: l.start}
}

func (l *lexer) span(in func(byte) bool) string {
	from := l.at
	for l.at < len(l.src) && in(l.src[l.at]) {
		l.at++
	}
	return l.src[from:l.at]
}

func isDigit(c byte) bool     { return c >= '0' && c <= '9' }
func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isNamePart(c byte) bool  { return isNameStart(c) || isDigit(c) }
