package db

import (
	"iter"
	"strings"
)

// token is a word of SQL: an identifier or keyword in lower case, or a bracket.
type token struct {
	word      string
	qualifies bool // followed by a dot: names a column of the table, not the table
	assigned  bool // followed by an equals sign
	odd       bool // a comment, a semicolon or an escaped identifier: never in what gorm builds
}

// words reads SQL without understanding it: identifiers (bare, quoted with ", ` or []), brackets and oddities. String
// literals are skipped. It errs on the side of seeing too many words.
func words(q string) iter.Seq[token] {
	return func(yield func(token) bool) {
		for i := 0; i < len(q); {
			c := q[i]
			switch {
			case c == '\'':
				i = closing(q, i+1, '\'')
			case c == '"' || c == '`':
				end := closing(q, i+1, c)
				if !yield(identifier(q, i+1, max(i+1, end-1), end)) {
					return
				}
				i = end
			case c == '[':
				end := closing(q, i+1, ']')
				if !yield(identifier(q, i+1, max(i+1, end-1), end)) {
					return
				}
				i = end
			case c == ';' || strings.HasPrefix(q[i:], "--") || strings.HasPrefix(q[i:], "/*") || strings.HasPrefix(strings.ToLower(q[i:min(i+3, len(q))]), `u&"`):
				if !yield(token{odd: true, word: ";"}) {
					return
				}
				i++
			case c == '$' && i+1 < len(q) && (q[i+1] == '$' || letter(q[i+1])): // a dollar-quoted string of PostgreSQL
				if !yield(token{odd: true, word: ";"}) {
					return
				}
				i++
			case c == '(' || c == ')':
				if !yield(token{word: string(c)}) {
					return
				}
				i++
			case letter(c):
				end := i
				for end < len(q) && (letter(q[end]) || q[end] >= '0' && q[end] <= '9') {
					end++
				}
				if !yield(identifier(q, i, end, end)) {
					return
				}
				i = end
			default:
				i++
			}
		}
	}
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// closing is the place after the closing quote; a doubled quote stays inside.
func closing(q string, i int, quote byte) int {
	for i < len(q) {
		if q[i] == quote {
			if i+1 < len(q) && q[i+1] == quote {
				i += 2
				continue
			}
			return i + 1
		}
		i++
	}
	return len(q)
}

func identifier(q string, from, to, next int) token {
	for next < len(q) && (q[next] == ' ' || q[next] == '\t' || q[next] == '\n') {
		next++
	}
	t := token{word: strings.ToLower(q[from:to])}
	if next < len(q) {
		t.qualifies, t.assigned = q[next] == '.', q[next] == '='
	}
	return t
}

// balanced tells whether a condition keeps within the brackets round it.
func balanced(q string) bool {
	depth := 0
	for t := range words(q) {
		switch {
		case t.odd:
			return false
		case t.word == "(":
			depth++
		case t.word == ")":
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0 && !openQuote(q)
}

// openQuote tells whether a quote is opened and not closed.
func openQuote(q string) bool {
	var quote byte
	for i := range len(q) {
		switch {
		case quote == 0 && (q[i] == '\'' || q[i] == '"' || q[i] == '`'):
			quote = q[i]
		case quote == q[i]:
			quote = 0
		}
	}
	return quote != 0
}
