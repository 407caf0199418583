package export

import (
	"strconv"
	"unicode/utf8"
)

// text is JSON that is being written: a buffer with the few moves that a line of NDJSON needs. Field names come from
// the source and need no escaping.
type text struct{ b []byte }

// key begins a field; the comma before it comes by itself.
func (t *text) key(name string) {
	t.comma()
	t.b = append(append(append(t.b, '"'), name...), '"', ':')
}

// comma separates what follows from what stands before, where something does.
func (t *text) comma() {
	if n := len(t.b); n > 0 && t.b[n-1] != '{' && t.b[n-1] != '[' && t.b[n-1] != ':' {
		t.b = append(t.b, ',')
	}
}

func (t *text) open(c byte)  { t.comma(); t.b = append(t.b, c) }
func (t *text) close(c byte) { t.b = append(t.b, c) }
func (t *text) raw(s string) { t.comma(); t.b = append(t.b, s...) }

// field writes a string field, unless it is empty: FHIR has no empty strings.
func (t *text) field(name, value string) {
	if value != "" {
		t.key(name)
		t.b = appendJSON(t.b, value)
	}
}

const lowHex = "0123456789abcdef"

// appendJSON writes s as a JSON string. What is not UTF-8 becomes U+FFFD; Reduce has refused it before.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			b = append(append(b, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', lowHex[c>>4], lowHex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func (t *text) int(name string, n int) {
	t.key(name)
	t.b = strconv.AppendInt(t.b, int64(n), 10)
}
