package sdc

import (
	"strings"

	"kindred/internal/jsonscan"
)

// Text is what a form says, in the language it was written in and in its translations.
type Text struct {
	Plain string // as written, in the form's own language
	other []translation
}

type translation struct{ lang, text string }

// In gives the text in the first of the wanted languages that exists ("es-MX" is answered by "es" too), and the
// language it is in: "" for the form's own.
func (t Text) In(langs ...string) (text, lang string) {
	for _, want := range langs {
		for want != "" {
			for _, o := range t.other {
				if strings.EqualFold(o.lang, want) {
					return o.text, o.lang
				}
			}
			cut := strings.LastIndexByte(want, '-')
			want = want[:max(cut, 0)]
		}
	}
	return t.Plain, ""
}

// For is In without the language.
func (t Text) For(lang string) string { s, _ := t.In(lang); return s }

// Languages lists the translations.
func (t Text) Languages() []string {
	langs := make([]string, len(t.other))
	for i, o := range t.other {
		langs[i] = o.lang
	}
	return langs
}

// Empty tells whether there is nothing to say.
func (t Text) Empty() bool { return t.Plain == "" && len(t.other) == 0 }

// readText reads a primitive and the translations on it: member "text" and its sibling "_text".
func readText(parent jsonscan.Value, key string) Text {
	t := Text{Plain: parent.Get(key).Text()}
	for _, ext := range parent.Get("_" + key).Get("extension").All() {
		if ext.Get("url").Text() != coreExt+"translation" {
			continue
		}
		var one translation
		for _, part := range ext.Get("extension").All() {
			switch part.Get("url").Text() {
			case "lang":
				one.lang = part.Get("valueCode").Text()
			case "content":
				one.text = firstText(part, "valueString", "valueMarkdown")
			}
		}
		if one.lang != "" && one.text != "" {
			t.other = append(t.other, one)
		}
	}
	return t
}

// firstText is the text of the first member that is there.
func firstText(v jsonscan.Value, keys ...string) string {
	for _, k := range keys {
		if m := v.Get(k); m.Exists() {
			return m.Text()
		}
	}
	return ""
}
