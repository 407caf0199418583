package sdc

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"kindred/internal/fault"
)

// Print tells answers apart: the same answers have the same print. A page keeps the print of what it shows beside each
// question, so that it can be told later whether a person changed it there, and whether somebody did elsewhere. Words
// that only describe a code do not count, as Value.Equal does not count them.
func Print(values []Value) string {
	h := sha256.New()
	for _, v := range values {
		fmt.Fprintf(h, "%q %q %q %q %q", v.Type, v.Text, v.Coding.System, v.Coding.Word(), v.Comparator)
		if v.File != nil {
			fmt.Fprintf(h, " %q", v.File.Blob)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// ValuesAt are the answers that a question has now, in their order; nil where the path names none.
func (f *Form) ValuesAt(s *State, p Path) []Value {
	it, in, _ := f.find(s, p)
	if it == nil || !it.question() {
		return nil
	}
	var values []Value
	for _, o := range in.slots[it.seat].list {
		values = append(values, o.value)
	}
	return values
}

// Has tells whether a path names an item of this response.
func (f *Form) Has(s *State, p Path) bool {
	it, _, _ := f.find(s, p)
	return it != nil
}

// Understood are the values that an answer means, without giving it.
func (f *Form) Understood(s *State, c Change) ([]Value, fault.List) {
	it, in, _ := f.find(s, c.Path)
	if it == nil {
		return nil, fault.List{ErrNoItem.At(c.Path.String())}
	}
	if c.Op == OpDecline {
		return []Value{Declined()}, nil
	}
	return it.at(&in.slots[it.seat]).understand(c)
}

// Say writes answers to a question as a reader sees them, in one language.
func (f *Form) Say(link string, values []Value, lang string) string {
	index, ok := f.byLink[link]
	if !ok {
		return ""
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = f.say(&f.items[index], v, lang)
	}
	return strings.Join(words, ", ")
}
