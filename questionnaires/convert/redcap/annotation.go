package redcap

import (
	"regexp"
	"strings"
)

// tag is an action tag in a field's annotation: @NAME, @NAME='value', @NAME=value or @NAME(arguments).
type tag struct {
	name  string // with its @, in capitals
	value string // without quotes, or what stands in the brackets
	form  byte   // 0 for none, = or (
	text  string // as it is written
}

// tags are the action tags of an annotation in order, and the words between them.
type tags struct {
	list  []tag
	words string // the annotation without its tags
}

var tagName = regexp.MustCompile(`@[A-Za-z][A-Za-z0-9_-]*`)

// parseTags never fails: what is not an action tag is a note that somebody wrote.
func parseTags(s string) tags {
	var out tags
	var words strings.Builder
	for s != "" {
		m := tagName.FindStringIndex(s)
		if m == nil || m[0] > 0 && !strings.ContainsRune(" \t\n,;(", rune(s[m[0]-1])) {
			if m == nil {
				words.WriteString(s)
				break
			}
			words.WriteString(s[:m[1]])
			s = s[m[1]:]
			continue
		}
		words.WriteString(s[:m[0]])
		t := tag{name: strings.ToUpper(s[m[0]:m[1]])}
		end := m[1]
		switch rest := s[end:]; {
		case strings.HasPrefix(rest, "("):
			if n := closingBracket(rest); n > 0 {
				t.form, t.value = '(', strings.TrimSpace(rest[1:n])
				end += n + 1
			}
		case strings.HasPrefix(strings.TrimLeft(rest, " "), "="):
			skip := len(rest) - len(strings.TrimLeft(rest, " ")) + 1
			skip += len(rest[skip:]) - len(strings.TrimLeft(rest[skip:], " "))
			if value, n := tagValue(rest[skip:]); n > 0 {
				t.form, t.value = '=', value
				end += skip + n
			}
		}
		t.text = s[m[0]:end]
		out.list = append(out.list, t)
		s = s[end:]
	}
	out.words = strings.TrimSpace(words.String())
	return out
}

// tagValue reads what stands after the = of a tag, and how many bytes it takes.
func tagValue(s string) (string, int) {
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		value, end, ok := quoted(s, 0)
		if !ok {
			return "", 0
		}
		return value, end
	}
	end := strings.IndexAny(s, " \t\n")
	if end < 0 {
		end = len(s)
	}
	return s[:end], end
}

// closingBracket is where the bracket that begins s closes, outside quotes; -1 where it does not.
func closingBracket(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'', '"':
			_, end, ok := quoted(s, i)
			if !ok {
				return -1
			}
			i = end - 1
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
