package sdc

import (
	"strings"

	"kindred/internal/fault"
)

// Entry is one answer as a person gave it in a form, before it is understood.
type Entry struct {
	Text  string      // what was typed, or the key of the chosen option
	Other string      // an answer of one's own, for open choices
	Unit  string      // the unit's code, for quantities; may be empty where there is only one
	File  *Attachment // for attachments
}

// Blank tells whether nothing was entered.
func (e Entry) Blank() bool {
	return strings.TrimSpace(e.Text) == "" && strings.TrimSpace(e.Other) == "" && e.File == nil
}

// read understands an entry. Numbers may be written with a comma, times without seconds.
func (i *item) read(e Entry) (Value, *fault.Error) {
	text := strings.TrimSpace(e.Text)
	switch {
	case i.open && strings.TrimSpace(e.Other) != "":
		return i.judged(Value{Type: String, Text: strings.TrimSpace(e.Other)}, nil)
	case i.partial && i.answer == CodingType && len(i.Options) == 0 && text+strings.TrimSpace(e.Other) != "":
		return i.judged(Value{Type: CodingType, Coding: Coding{Display: firstOf(strings.TrimSpace(e.Other), text)}}, nil)
	case i.partial && i.answer == CodingType && strings.TrimSpace(e.Other) != "":
		return i.judged(Value{Type: CodingType, Coding: Coding{Display: strings.TrimSpace(e.Other)}}, nil)
	case len(i.Options) > 0:
		n, ok := i.options[text]
		if !ok {
			return Value{}, errNotOption
		}
		return i.Options[n].Value, i.chosen(n)
	}
	switch i.answer {
	case File:
		return i.judged(Value{Type: File, File: e.File}, nil)
	case Reference:
		return i.judged(Value{Type: Reference, Text: text}, nil)
	case Quantity:
		v, f := parsePrimitive(Decimal, plainNumber(text))
		v.Type = Quantity
		v.Coding = i.unitOf(e.Unit)
		return i.judged(v, f)
	case Decimal, Integer:
		return i.judged(parsePrimitive(i.answer, plainNumber(text)))
	case Time:
		return i.judged(parsePrimitive(Time, withSeconds(text)))
	case DateTime:
		return i.judged(parsePrimitive(DateTime, plainInstant(text)))
	case String:
		return i.judged(Value{Type: String, Text: strings.ReplaceAll(text, "\r\n", "\n")}, nil)
	case "":
		return Value{}, errNoAnswerHere
	default:
		return i.judged(parsePrimitive(i.answer, text))
	}
}

func (i *item) judged(v Value, f *fault.Error) (Value, *fault.Error) {
	if f == nil {
		f = i.check(v)
	}
	return v, f
}

// unitOf is the unit that was chosen, or the first where none was.
func (i *item) unitOf(code string) Coding {
	for _, u := range i.Units {
		if u.Code == code && code != "" {
			return u
		}
	}
	if code == "" && len(i.Units) > 0 {
		return i.Units[0]
	}
	return Coding{Display: code}
}

// plainNumber takes the plus, leading zeros and a decimal comma out of a number as people write it.
func plainNumber(s string) string {
	s = strings.TrimPrefix(s, "+")
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	sign := ""
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−") {
		sign, s = "-", strings.TrimPrefix(strings.TrimPrefix(s, "-"), "−")
	}
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	for len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		s = s[1:]
	}
	if s == "0" {
		sign = ""
	}
	return sign + strings.TrimSuffix(s, ".")
}

func withSeconds(s string) string {
	if len(s) == 5 {
		return s + ":00"
	}
	return s
}

// plainInstant completes what a browser's date and time field gives: no seconds, no offset. Without an offset the time
// counts as UTC; a page that knows the person's offset sends it.
func plainInstant(s string) string {
	day, clock, has := strings.Cut(strings.Replace(s, " ", "T", 1), "T")
	if !has || clock == "" {
		return day
	}
	if len(clock) < 5 {
		return s
	}
	zone := strings.IndexAny(clock, "Z+-")
	if zone < 0 {
		return day + "T" + withSeconds(clock) + "Z"
	}
	return day + "T" + withSeconds(clock[:zone]) + clock[zone:]
}
