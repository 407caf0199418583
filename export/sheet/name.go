package sheet

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// names gives sheets names that Excel accepts, each once.
type names map[string]bool

// take makes a legal name from a wish: at most 31 UTF-16 units, none of []:*?/\, no apostrophe at either end, not
// "History", and unlike every earlier one when case is ignored.
func (n names) take(wish string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`[]:*?/\`, r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, wish)
	clean = strings.Trim(clean, "' ")
	if clean == "" || strings.EqualFold(clean, "history") {
		clean = "Sheet " + clean
	}
	for i := 1; ; i++ {
		suffix := ""
		if i > 1 {
			suffix = " (" + strconv.Itoa(i) + ")"
		}
		name := strings.Trim(shorten(clean, maxName-len(suffix)), "' ") + suffix
		if key := strings.ToLower(name); !n[key] {
			n[key] = true
			return name
		}
	}
}

func shorten(s string, limit int) string {
	n := 0
	for i, r := range s {
		n += utf16.RuneLen(r)
		if n > limit {
			return s[:i]
		}
	}
	return s
}
