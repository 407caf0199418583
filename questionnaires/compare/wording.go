package compare

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// similar tells whether two wordings differ in nothing but spelling. The rule errs towards "no", since a single letter
// can make another question (casual and causal contact), and an author who corrects a word can say so:
//
//   - case, spaces, line breaks, accents and the punctuation of sentences do not count;
//   - numbers, units, signs (% < > = + - ± / * # & @) and the order of the words do;
//   - one word of four letters or more may be a slip of the pen: two neighbouring letters swapped, or, from six letters
//     on, a letter doubled or undoubled, its first and last letter staying, and the two not a known pair of real words.
func similar(a, b string) bool {
	x, y := words(a), words(b)
	if len(x) != len(y) {
		return plain(a) == plain(b)
	}
	slips := 0
	for i := range x {
		switch {
		case x[i] == y[i]:
		case slip(x[i], y[i]):
			slips++
		default:
			return false
		}
	}
	return slips <= 1
}

// plain is a wording without what does not count.
func plain(s string) string { return strings.Join(words(s), " ") }

// words cuts a wording into words, numbers and signs, without case, accents and punctuation.
func words(s string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = word[:0]
		}
	}
	text := []rune(norm.NFKD.String(strings.ToLower(s)))
	for i, r := range text {
		switch {
		case r == '\u0303' && len(word) > 0 && word[len(word)-1] == 'n':
			word = append(word, r) // ñ is a letter of its own: año is not ano
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			word = append(word, r)
		case (r == '.' || r == ',' || r == ':') && digit(text, i-1) && digit(text, i+1):
			word = append(word, r) // 1.5 is not 15
		case (r == '-' || r == '−' || r == '–') && digit(text, i+1) && !letterOrDigit(text, i-1):
			end()
			word = append(word, '-') // a negative number
		case (r == '-' || r == '−' || r == '–') && digit(text, i-1) && digit(text, i+1):
			word = append(word, '-') // a range
		case strings.ContainsRune(`%<>=+±/*#&@€$£°^~≤≥×÷`, r):
			end()
			out = append(out, string(r))
		case r == '\'' || r == '’':
			// it's and its; l'eau: the apostrophe neither parts nor counts
		default:
			end()
		}
	}
	end()
	return out
}

func digit(text []rune, i int) bool { return i >= 0 && i < len(text) && unicode.IsDigit(text[i]) }

func letterOrDigit(text []rune, i int) bool {
	return i >= 0 && i < len(text) && (unicode.IsLetter(text[i]) || unicode.IsDigit(text[i]))
}

// slip tells whether one word is the other with a slip of the pen.
func slip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) < 4 || len(y) < 4 || x[0] != y[0] || x[len(x)-1] != y[len(y)-1] || strings.ContainsFunc(a+b, unicode.IsDigit) || pairs[a] == b || pairs[b] == a {
		return false
	}
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	switch {
	case len(x) == len(y): // swapped
		return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
	case len(x) == len(y)+1:
		return len(y) >= 6 && i > 0 && x[i] == x[i-1] && string(x[i+1:]) == string(y[i:])
	case len(y) == len(x)+1:
		return len(x) >= 6 && i > 0 && y[i] == y[i-1] && string(y[i+1:]) == string(x[i:])
	}
	return false
}

// pairs are words, in English and Spanish without accents, that a swapped or doubled letter turns into each other.
var pairs = map[string]string{
	"causal": "casual", "marital": "martial", "trial": "trail", "diary": "dairy", "united": "untied", "scared": "sacred", "bread": "beard",
	"board": "broad", "slave": "salve", "silver": "sliver", "calm": "clam", "tired": "tried", "form": "from", "clot": "colt", "salt": "slat",
	"lion": "loin", "spilt": "split", "bran": "barn", "grid": "gird", "signed": "singed", "fired": "fried", "carve": "crave", "blot": "bolt",
	"crap": "carp", "could": "cloud", "angels": "angles", "filed": "field", "burnt": "brunt", "reserve": "reverse", "recused": "rescued",
	"desert": "dessert", "hoping": "hopping", "staring": "starring", "caries": "carries", "striping": "stripping", "griping": "gripping",
	"scraping": "scrapping", "planing": "planning", "ciudad": "cuidad", "queria": "querria", "querias": "querrias", "querian": "querrian",
	"queriamos": "querriamos",
}
