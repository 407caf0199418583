package account

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParseName(t *testing.T) {
	for _, c := range []struct {
		name string
		in   string
		want error
	}{
		{"plain", "maria.lopez", nil},
		{"accents", "Lucía", nil},
		{"surrounding space is dropped", "  ingrid ", nil},
		{"cyrillic", "Мария", nil},
		{"japanese scripts together", "山田はなこ", nil},
		{"devanagari with vowel signs", "प्रिया", nil},
		{"full width becomes plain", "ｍａｒｉａ", nil},
		{"empty", "   ", errNameMissing},
		{"too short", "ma", errNameShort},
		{"too long", strings.Repeat("a", 41), errNameLong},
		{"much too long", strings.Repeat("a", 4000), errNameLong},
		{"inner space", "maria lopez", errNameCharacters},
		{"e-mail", "maria@example.org", errNameMail},
		{"full width at sign", "maria＠example.org", errNameMail},
		{"colon, as in a subject", "u:maria", errNameCharacters},
		{"zero width joiner", "mar\u200dia", errNameCharacters},
		{"right to left override", "maria\u202eairam", errNameCharacters},
		{"hangul filler", "mar\u3164ia", errNameCharacters},
		{"broken UTF-8", "mar\xffia", errNameCharacters},
		{"NUL", "mar\x00ia", errNameCharacters},
		{"markup", "<b>maria</b>", errNameCharacters},
		{"separator at the end", "maria.", errNameCharacters},
		{"separator twice", "maria..l", errNameCharacters},
		{"mark without a letter", "12\u0301345", errNameCharacters},
		{"one cyrillic letter among latin ones", "mаria", errNameMixed},
		{"role", "reviewer", errNameReserved},
		{"role in capitals", "STEWARD", errNameReserved},
		{"role with look-alikes", "rev1ewer", errNameReserved},
		{"role with a digit for a letter", "m0derat0r", errNameReserved},
		{"role with separators", "re-search.er", errNameReserved},
		{"role in Spanish", "Ética", errNameReserved},
		{"the house", "kindred", errNameReserved},
		{"administrator", "Admin", errNameReserved},
		{"an account id", "0191b2c4-5d6e-7f80-9a1b-2c3d4e5f6071", errNameReserved},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := ParseName(c.in)
			if !errors.Is(err, c.want) {
				t.Fatalf("ParseName(%q) = %v, want %v", c.in, err, c.want)
			}
			if err == nil && (n.String() == "" || n.Key() == "") {
				t.Fatal("an accepted name has no text or no key")
			}
		})
	}
}

func TestNamesThatLookAlikeAreOneName(t *testing.T) {
	for _, same := range [][]string{
		{"Maria", "maria", "MARIA", "maría", "ｍａｒｉａ", "mar1a", "marla"},
		{"coco", "c0c0", "сосо", "COCO"},
		{"modern", "modem"},
		{"straße", "STRASSE"},
		{"ana3", "ana٣"},
	} {
		first, err := ParseName(same[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range same[1:] {
			n := skeleton(s)
			if n != first.Key() {
				t.Errorf("%q has the key %q, %q has %q", s, n, same[0], first.Key())
			}
		}
	}
	for _, apart := range [][2]string{{"maria", "mario"}, {"ana2", "ana3"}, {"lucia", "lucas"}, {"का", "की"}} {
		if skeleton(apart[0]) == skeleton(apart[1]) {
			t.Errorf("%q and %q have one key", apart[0], apart[1])
		}
	}
}

// A name survives its own parser: what was accepted is accepted again, as the same name.
func FuzzParseName(f *testing.F) {
	for _, s := range []string{"maria", "Lucía", "Мария", "山田はなこ", "u:maria", "straße", "ﬁona", "İstanbul", "rn", "Ⅷabc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			return
		}
		if c := utf8.RuneCountInString(n.String()); c < NameMin || c > NameMax || strings.ContainsAny(n.String(), ": \x00@/<>") {
			t.Fatalf("accepted %q", n)
		}
		again, err := ParseName(n.String())
		if err != nil || again.String() != n.String() || again.Key() != n.Key() {
			t.Fatalf("%q became %q (%q), then %q (%q), %v", s, n, n.Key(), again, again.Key(), err)
		}
		for _, w := range []string{strings.ToUpper(n.String()), strings.ToLower(n.String())} {
			if other, err := ParseName(w); err == nil && strings.EqualFold(w, n.String()) && other.Key() != n.Key() {
				t.Fatalf("%q and %q are two names", n, w)
			}
		}
	})
}

func TestRoleNamesAreNeverNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		role := rapid.SampledFrom([]string{"participant", "caregiver", "reviewer", "researcher", "ethics", "editor", "moderator", "steward"}).Draw(t, "role")
		disguised := []rune(role)
		for i, r := range disguised {
			if to, ok := map[rune]rune{'i': '1', 'o': '0', 'e': 'é', 'a': 'á'}[r]; ok && rapid.Bool().Draw(t, "disguise") {
				disguised[i] = to
			} else if rapid.Bool().Draw(t, "capital") {
				disguised[i] = r - 'a' + 'A'
			}
		}
		if _, err := ParseName(string(disguised)); err == nil {
			t.Fatalf("%q was accepted", string(disguised))
		}
	})
}
