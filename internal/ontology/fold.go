package ontology

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// words cuts a text into what is compared: lower case, without accents, letters and digits only. Scripts that are
// written without spaces give one word a character.
func words(s string) []string {
	var out []string
	var w strings.Builder
	flush := func() {
		if w.Len() > 0 {
			out = append(out, w.String())
			w.Reset()
		}
	}
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r): // the accent of the letter before
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			flush()
			out = append(out, string(r))
		case unicode.IsLetter(r):
			writeLetter(&w, r)
		case unicode.IsDigit(r):
			w.WriteRune(r)
		case r == '\'' || r == '’': // Wilms' tumour, d'orange: the apostrophe joins
		default:
			flush()
		}
	}
	flush()
	return out
}

// writeLetter adds a letter in its plain form; letters that Unicode does not decompose are spelled out.
func writeLetter(w *strings.Builder, r rune) {
	switch r = unicode.ToLower(r); r {
	case 'ß':
		w.WriteString("ss")
	case 'æ':
		w.WriteString("ae")
	case 'œ':
		w.WriteString("oe")
	case 'ø':
		w.WriteString("o")
	case 'ł':
		w.WriteString("l")
	case 'ı':
		w.WriteString("i")
	default:
		w.WriteRune(r)
	}
}

// Words that say little in a search, over the languages on offer: articles and the like, whom it is about, how much and
// how often, and what only begins a complaint ("it is hard for her to"). They are left out of a query unless nothing
// else is in it, and they do not count against a name. They are written as words gives them: without accents.
var empty = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an and at by for in is my of on or the to with her his i it has have
		he she we they you your our their them him me us its im hes shes be been am are was were do does did done
		dont doesnt didnt can could cannot cant couldnt will would not no get gets getting got gotten go goes when while
		if as from than that this these those there here so too very much many lot lots really quite more most some any
		all every always often sometimes never again now yet still just only also like other others well bad badly
		time times day days lately recently since after before about over up out off into onto because
		seems seem looks feel feels feeling having makes make trouble problem problems hard
		child children kid kids son sons daughter daughters baby babies boy girl mother father
		al con de del e el en es la las lo los me mi muy no o para por que se su sus tiene un una y
		le les nos te tu yo ella ellos ellas nosotros este esta esto estos estas ese esa eso aquel como cuando donde porque
		pero si tambien ya todavia aun aunque mas menos mucho mucha muchos muchas poco poca bastante demasiado tan tanto
		tanta algo algun alguna nada todo toda todos todas siempre nunca veces vez menudo otro otra otros otras bien
		mal desde hasta hace hay ser es son era fue esta estan estoy estaba ha han he hemos tengo tienen tenia tener
		puede pueden puedo podia poder cuesta cuestan costaba parece pone ponen
		hijo hijos hija hijas nino ninos nina ninas bebe bebes madre padre mama papa dia dias
		au aux avec d des du et le les ou sur der die das und von mit`) {
		m[w] = true
	}
	return m
}()

// telling drops the empty words, unless nothing would be left.
func telling(ws []string) []string {
	var out []string
	for _, w := range ws {
		if !empty[w] {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return ws
	}
	return out
}
