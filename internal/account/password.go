package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of a password, in characters (code points in NFC). NIST SP 800-63B-4 asks for 15 or more where a password is
// the only factor, and that at least 64 are accepted; nothing is ever cut off.
const (
	PasswordMin      = 15
	PasswordMax      = 256
	passwordMaxBytes = 4 * PasswordMax * 2 // looked at before any Unicode work
)

// normalPassword brings a password to NFC, so that two keyboards that write é differently give the same bytes.
func normalPassword(s string) (string, bool) {
	if len(s) > passwordMaxBytes || !utf8.ValidString(s) {
		return "", false
	}
	return norm.NFC.String(s), true
}

// CheckPassword tells whether a new password is good enough. Context words are what an attacker who knows the person
// would try first: the sign-in name, the mail address. A password is refused when it is too short or too long, when it
// stands in the block list, or when little is left of it once runs, repetitions, common words and context words are
// counted as the single guesses that they are.
func CheckPassword(password string, context ...string) error {
	if len(password) > passwordMaxBytes {
		return errPasswordLong.With("Max", PasswordMax)
	}
	p, ok := normalPassword(password)
	if !ok || strings.ContainsFunc(p, unicode.IsControl) {
		return errPasswordText
	}
	switch n := utf8.RuneCountInString(p); {
	case n < PasswordMin:
		return errPasswordShort.With("Min", PasswordMin)
	case n > PasswordMax:
		return errPasswordLong.With("Max", PasswordMax)
	}
	plain := plainForm(p)
	if known(plain) {
		return errPasswordCommon
	}
	if periodic([]rune(cases.Fold().String(p))) || guesses(plain, contextWords(context)) < guessesMin {
		return errPasswordPattern
	}
	return nil
}

// guessesMin is how many independent pieces a password must have: a character that belongs to nothing known counts one,
// a known word or run counts wordCost, however long it is.
const (
	guessesMin = 8
	wordCost   = 2
)

// plainForm is a password as a guesser sees it: folded, without accents, look-alike digits read as letters, and only
// letters and digits kept. Digits that stand in a run of digits stay digits.
func plainForm(p string) []rune {
	s := []rune(norm.NFKD.String(cases.Fold().String(p)))
	out := make([]rune, 0, len(s))
	for i, r := range s {
		beside := (i > 0 && unicode.IsLetter(s[i-1])) || (i+1 < len(s) && unicode.IsLetter(s[i+1]))
		if to, ok := leet[r]; ok && (beside || !unicode.IsDigit(r)) {
			r = to
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, r)
		}
	}
	return out
}

var leet = map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i'}

// known compares with the common long passwords; up to three characters more at either end do not make one new.
func known(plain []rune) bool {
	const slack = 3
	s := string(plain)
	for _, phrase := range commonPhrases {
		if i := strings.Index(s, phrase); i >= 0 && utf8.RuneCountInString(s)-utf8.RuneCountInString(phrase) <= slack {
			return true
		}
	}
	return false
}

// periodic tells whether a password is a shorter one written again and again, its last round perhaps cut short, or is
// made of four characters or fewer.
func periodic(s []rune) bool {
	distinct := map[rune]bool{}
	for _, r := range s {
		distinct[r] = true
	}
	if len(distinct) <= 4 {
		return true
	}
	for period := 1; period < PasswordMin && period*2 <= len(s); period++ {
		same := true
		for i := period; same && i < len(s); i++ {
			same = s[i] == s[i-period]
		}
		if same {
			return true
		}
	}
	return false
}

// contextWords brings what is known of the person to plain form, whole and in parts of four letters or more.
func contextWords(context []string) []string {
	words := []string{"kindred"}
	for _, c := range context {
		if len(c) > nameMaxBytes {
			continue
		}
		parts := strings.FieldsFunc(c, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, w := range append(parts, c) {
			if plain := plainForm(w); len(plain) >= 4 {
				words = append(words, string(plain))
			}
		}
	}
	return words
}

// guesses counts the pieces of a password, taking the longest known piece at each place.
func guesses(s []rune, context []string) int {
	cost := 0
	for i := 0; i < len(s); {
		n := max(run(s[i:]), word(s[i:], context))
		if n >= 3 {
			cost += wordCost
			i += n
			continue
		}
		cost++
		i++
	}
	return cost
}

// run is the length of the run at the start of s: the same character, the alphabet or the digits up or down, or a row
// or column of the keyboard in either direction.
func run(s []rune) int {
	longest := 1
	for step := rune(-1); step <= 1; step++ {
		n := 1
		for n < len(s) && s[n]-s[n-1] == step {
			n++
		}
		longest = max(longest, n)
	}
	for _, row := range keyboard {
		longest = max(longest, along(s, row))
	}
	return longest
}

// along is how far s goes along a row of keys.
func along(s, row []rune) int {
	for i, key := range row {
		if len(s) == 0 || key != s[0] {
			continue
		}
		n := 1
		for n < len(s) && i+n < len(row) && s[n] == row[i+n] {
			n++
		}
		return n
	}
	return 0
}

// word is the length of the longest known word at the start of s, a year included.
func word(s []rune, context []string) int {
	longest := 0
	for n := min(len(s), commonWordMax); n >= 3; n-- {
		if commonWords[string(s[:n])] {
			longest = n
			break
		}
	}
	text := string(s)
	for _, w := range context {
		if strings.HasPrefix(text, w) {
			longest = max(longest, utf8.RuneCountInString(w))
		}
	}
	if len(s) >= 4 && (s[0] == '1' && s[1] == '9' || s[0] == '2' && s[1] == '0') && unicode.IsDigit(s[2]) && unicode.IsDigit(s[3]) {
		longest = max(longest, 4)
	}
	return longest
}
