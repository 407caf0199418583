package sheet

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Cell is one value of a row. The zero Cell is empty.
type Cell struct {
	kind cellKind
	text string
}

type cellKind uint8

const (
	empty cellKind = iota
	text
	number
	boolean
	prose
	heading
	title
)

// Text is a cell of type text, whatever stands in it: "007" and "2021-03" stay as they are, and "=1+1" becomes "'=1+1",
// see guard.
func Text(s string) Cell { return Cell{text, s} }

// Int is a cell that holds a whole number.
func Int(n int) Cell { return Cell{number, strconv.Itoa(n)} }

// Number is a cell that holds the number written in s. What Excel could not keep exactly (more than 15 significant
// digits) or what is not a number becomes text.
func Number(s string) Cell {
	if !exact(s) {
		return Text(s)
	}
	return Cell{number, s}
}

// Bool is a cell that holds true or false.
func Bool(b bool) Cell {
	if b {
		return Cell{boolean, "1"}
	}
	return Cell{boolean, "0"}
}

// Prose is text that wraps, for people to read.
func Prose(s string) Cell { return Cell{prose, s} }

// Heading is prose in bold.
func Heading(s string) Cell { return Cell{heading, s} }

// guard puts an apostrophe before a text that a spreadsheet would take for a formula once the sheet is saved as CSV and
// opened again: one that begins with = + - @, a tab or a line break (also in their wide forms), or with such a one after
// apostrophes. A plain number, "-99", is what it is and stays. Whoever takes one apostrophe away from texts that begin
// with an apostrophe and then, after any further ones, with such a character has the text as it was.
func guard(s string) string {
	if s == "" || !suspect[s[0]] {
		return s
	}
	bare := strings.TrimLeft(s, "'")
	first, _ := utf8.DecodeRuneInString(bare)
	if bare == "" || !strings.ContainsRune(triggers, first) || len(bare) == len(s) && exact(strings.TrimPrefix(s, "+")) && !strings.HasPrefix(s, "+-") {
		return s
	}
	return "'" + s
}

// triggers begin a formula in one spreadsheet or another.
const triggers = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

// suspect marks the bytes with which a text begins that needs a second look.
var suspect = func() (t [256]bool) {
	t['\''] = true
	for i := range len(triggers) {
		t[triggers[i]] = true
	}
	return t
}()

// exact tells whether s is a plain decimal with at most 15 significant digits, which a double keeps.
func exact(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(s, ".")
	if whole == "" || dotted && fraction == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	digits := whole + fraction
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return len(strings.TrimLeft(digits, "0")) <= 15
}

// Limits of the format, in UTF-16 units for texts.
const (
	MaxText    = 32767
	MaxRows    = 1048576
	MaxColumns = 16384
	maxName    = 31
)

// units is the length of s as Excel counts it.
func units(s string) int {
	if len(s) <= MaxText/2 {
		return len(s) // an upper bound, and far below every limit
	}
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// pieces cuts a text into parts that each fit a cell, never inside a character.
func pieces(s string, limit int) []string {
	var parts []string
	start, n := 0, 0
	for i, r := range s {
		w := 1
		if r > 0xFFFF {
			w = 2
		}
		if n+w > limit {
			parts, start, n = append(parts, s[start:i]), i, 0
		}
		n += w
	}
	return append(parts, s[start:])
}

const hexDigits = "0123456789ABCDEF"

// appendText writes s as XML text of type ST_Xstring (ECMA-376 part 1, 22.9.2.19): what XML 1.0 cannot hold is written
// _xHHHH_, and what would be read as such an escape has its underscore escaped. Nothing is lost. s is valid UTF-8.
func appendText(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(s[i:]); r != 0xFFFE && r != 0xFFFF {
				i += size
				continue
			}
		}
		if c == '_' && !escapeLike(s[i:]) {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch r {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&quot;"...)
		default:
			b = append(b, '_', 'x', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15], '_')
		}
		i += size
		start = i
	}
	return append(b, s[start:]...)
}

// plain marks the bytes that need no second look.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = true
	}
	for _, c := range "&<>\"_" {
		t[c] = false
	}
	t['\t'], t['\n'] = true, true
	return t
}()

// escapeLike tells whether s begins with something that a reader might take for an escape. Some readers take any four
// letters or digits, so these are escaped as well.
func escapeLike(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for i := 2; i < 6; i++ {
		c := s[i] | 0x20
		if (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
