package view

import "kindred/internal/locale"

// Phrase is words for a reader: a message key with arguments, or text that somebody wrote (a name, the title of a
// questionnaire in the reader's language). The zero Phrase says nothing.
type Phrase struct {
	key   string
	args  []any
	count *int
	text  string
}

// Key is the message of a key, with arguments as name, value pairs.
func Key(key string, args ...any) Phrase { return Phrase{key: key, args: args} }

// Count is the message of a key in the plural form for n.
func Count(key string, n int, args ...any) Phrase { return Phrase{key: key, args: args, count: &n} }

// Plain is text as it is.
func Plain(text string) Phrase { return Phrase{text: text} }

// In gives the words in a printer's language.
func (p Phrase) In(l *locale.Printer) string {
	switch {
	case p.key == "":
		return p.text
	case p.count != nil:
		return l.N(p.key, *p.count, p.args...)
	default:
		return l.T(p.key, p.args...)
	}
}

// Empty tells that the phrase says nothing.
func (p Phrase) Empty() bool { return p.key == "" && p.text == "" }
