package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"kindred/internal/fault"
)

// Limits of a sign-in name, in characters after normalisation.
const (
	NameMin      = 3
	NameMax      = 40
	nameMaxBytes = 512 // looked at before any Unicode work
)

// Name is a sign-in name that passed ParseName. Shown is what its owner sees; the key is what makes two names the same.
// A Name is for finding an account and for greeting its owner. It never reaches the enforcer: policies know accounts by
// their id alone.
type Name struct {
	shown string
	key   string
}

// String is the name as its owner wrote it, in NFKC.
func (n Name) String() string { return n.shown }

// Key is equal for names that a reader would take for one another: case, accents, look-alike letters and digits do not
// tell two names apart (UTS 39, the skeleton of an identifier, narrowed to the alphabets that look alike).
func (n Name) Key() string { return n.key }

// ParseName reads a sign-in name: letters and digits of one script, with dots, hyphens and underscores between them.
// Refused are role names and what looks like one, e-mail addresses (whoever knows the address could test for an
// account), identifiers, and mixtures of scripts.
func ParseName(s string) (Name, error) {
	if len(s) > nameMaxBytes {
		return Name{}, errNameLong.With("Max", NameMax)
	}
	if !utf8.ValidString(s) {
		return Name{}, errNameCharacters
	}
	shown := norm.NFKC.String(strings.TrimSpace(s))
	switch n := utf8.RuneCountInString(shown); {
	case n == 0:
		return Name{}, errNameMissing
	case strings.ContainsRune(shown, '@'):
		return Name{}, errNameMail
	case n < NameMin:
		return Name{}, errNameShort.With("Min", NameMin)
	case n > NameMax:
		return Name{}, errNameLong.With("Max", NameMax)
	}
	if e := nameCharacters(shown); e != nil {
		return Name{}, e
	}
	name := Name{shown: shown, key: skeleton(shown)}
	if reserved[strings.Map(dropSeparators, name.key)] || looksLikeID(shown) {
		return Name{}, errNameReserved
	}
	return name, nil
}

// nameCharacters checks the alphabet of a normalised name.
func nameCharacters(s string) *fault.Error {
	scripts := map[string]bool{}
	previous := '.'
	for _, r := range s {
		switch {
		case strings.ContainsRune("._-", r):
			if strings.ContainsRune("._-", previous) {
				return errNameCharacters
			}
		case invisible[r]:
			return errNameCharacters
		case unicode.IsLetter(r):
			scripts[scriptOf(r)] = true
		case unicode.Is(unicode.Nd, r):
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r):
			if !unicode.IsLetter(previous) && !unicode.IsMark(previous) {
				return errNameCharacters
			}
		default:
			return errNameCharacters
		}
		previous = r
	}
	if strings.ContainsRune("._-", previous) {
		return errNameCharacters
	}
	if !oneScript(scripts) {
		return errNameMixed
	}
	return nil
}

// invisible are the letters (by category) that draw nothing.
var invisible = map[rune]bool{0x115F: true, 0x1160: true, 0x3164: true, 0xFFA0: true, 0x17B4: true, 0x17B5: true}

// scriptOf names the script of a letter; "" for letters common to all.
func scriptOf(r rune) string {
	for _, name := range [...]string{"Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Han", "Hiragana", "Katakana", "Hangul"} {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			if name == "Common" || name == "Inherited" {
				return ""
			}
			return name
		}
	}
	return ""
}

// oneScript accepts a single script, and Han with the syllabaries it is written with.
func oneScript(scripts map[string]bool) bool {
	delete(scripts, "")
	if len(scripts) <= 1 {
		return true
	}
	for s := range scripts {
		switch s {
		case "Han", "Hiragana", "Katakana":
		case "Hangul", "Bopomofo":
			if scripts["Hiragana"] || scripts["Katakana"] {
				return false
			}
		default:
			return false
		}
	}
	return !(scripts["Hangul"] && scripts["Bopomofo"])
}

// skeleton maps a name to the shape that a reader sees.
func skeleton(s string) string {
	s = norm.NFKD.String(cases.Fold().String(norm.NFKD.String(s)))
	var b strings.Builder
	base := rune(0)
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) {
			// An accent is easily missed over our own letters; in other scripts marks are vowels.
			if !unicode.In(base, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
				b.WriteRune(r)
			}
			continue
		}
		base = r
		if d := digit(r); d >= 0 {
			r = rune('0' + d)
		}
		if to, ok := confusable[r]; ok {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(pairs.Replace(b.String()))
}

// pairs are two letters that read as one.
var pairs = strings.NewReplacer("rn", "m", "vv", "w")

// digit is the value of a decimal digit in any script, or -1. Digits of a script stand in blocks of ten.
func digit(r rune) int {
	if !unicode.Is(unicode.Nd, r) {
		return -1
	}
	for _, block := range unicode.Nd.R16 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10
		}
	}
	for _, block := range unicode.Nd.R32 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10
		}
	}
	return -1
}

// confusable maps a folded letter or digit to the Latin letter it looks like. The prototype of i, l and 1 is l, that of
// o and 0 is o. Cyrillic, Greek and Armenian capitals count too: they are met here after folding.
var confusable = map[rune]string{
	'0': "o", '1': "l", 'i': "l",
	// Cyrillic
	'а': "a", 'в': "b", 'с': "c", 'ԁ': "d", 'е': "e", 'ғ': "f", 'ԍ': "g", 'һ': "h", 'н': "h", 'і': "l", 'ј': "j", 'к': "k", 'ӏ': "l",
	'м': "m", 'о': "o", 'р': "p", 'ԛ': "q", 'г': "r", 'ѕ': "s", 'т': "t", 'ѵ': "v", 'ԝ': "w", 'ш': "w", 'х': "x", 'у': "y", 'ү': "y", 'з': "3", 'б': "6",
	'п': "n", 'ь': "b", 'ѡ': "w", 'ɡ': "g",
	// Greek
	'α': "a", 'β': "b", 'ϲ': "c", 'ε': "e", 'η': "n", 'ι': "l", 'κ': "k", 'μ': "u", 'ν': "v", 'ο': "o", 'π': "n", 'ρ': "p", 'σ': "o", 'τ': "t", 'υ': "u",
	'χ': "x", 'ζ': "z", 'γ': "y", 'ω': "w", 'ϳ': "j",
	// Armenian
	'օ': "o", 'ո': "n", 'ս': "u", 'հ': "h", 'զ': "q", 'յ': "j", 'ց': "g", 'ք': "p", 'լ': "l",
	// Latin letters that read as plainer ones
	'ı': "l", 'ł': "l", 'ø': "o", 'đ': "d", 'ħ': "h", 'ŧ': "t", 'ɑ': "a", 'ɩ': "l", 'ƅ': "b", 'ƙ': "k", 'ƿ': "p", 'ʋ': "v", 'ɯ': "w", 'ƴ': "y", 'ʏ': "y",
	'ɪ': "l", 'ʟ': "l", 'ɴ': "n", 'ʀ': "r", 'ꜱ': "s", 'ᴀ': "a", 'ᴄ': "c", 'ᴅ': "d", 'ᴇ': "e", 'ᴋ': "k", 'ᴍ': "m", 'ᴏ': "o", 'ᴘ': "p", 'ᴛ': "t", 'ᴜ': "u",
	'ᴠ': "v", 'ᴡ': "w", 'ᴢ': "z", 'ɛ': "e", 'ǀ': "l",
}

// reserved holds the keys of words that would let a name speak for the house: roles in both languages, operators, and
// words that programs use for nobody.
var reserved = reservedKeys(
	"participant", "caregiver", "reviewer", "researcher", "ethics", "editor", "moderator", "steward",
	"participants", "caregivers", "reviewers", "researchers", "editors", "moderators", "stewards", "committee",
	"participante", "cuidador", "cuidadora", "revisor", "revisora", "investigador", "investigadora", "etica", "comite",
	"editora", "moderador", "moderadora", "custodio", "custodia",
	"admin", "administrator", "administrador", "administradora", "administration", "root", "superuser", "system", "sistema", "operator", "operador",
	"kindred", "support", "soporte", "help", "ayuda", "security", "seguridad", "moderation", "moderacion", "staff", "team", "equipo", "official", "oficial",
	"everyone", "anyone", "nobody", "anonymous", "anonimo", "guest", "invitado", "null", "nil", "none", "undefined", "unknown", "true", "false", "self",
	"account", "cuenta", "user", "usuario", "role", "patient", "paciente",
)

func reservedKeys(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[skeleton(w)] = true
	}
	return m
}

func dropSeparators(r rune) rune {
	if strings.ContainsRune("._-", r) {
		return -1
	}
	return r
}

// looksLikeID tells a UUID, with or without hyphens, from a name: account ids are authorisation subjects.
func looksLikeID(s string) bool {
	s = strings.ToLower(strings.ReplaceAll(s, "-", ""))
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
