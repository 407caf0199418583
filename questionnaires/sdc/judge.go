package sdc

import (
	"slices"
	"strings"
	"unicode/utf8"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// readValue reads the one member of an object that is named prefix + type: valueInteger, answerCoding ...
func readValue(v jsonscan.Value, prefix string) (Value, *fault.Error) {
	var found jsonscan.Value
	var name string
	for _, m := range v.All() {
		if rest, ok := strings.CutPrefix(m.Key(), prefix); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' && m.Key() != "valueSet" {
			if found.Exists() {
				return Value{}, errValueTwice
			}
			found, name = m, rest
		}
	}
	if !found.Exists() {
		return Value{}, errValueMissing
	}
	want := jsonscan.String
	switch name {
	case "Boolean":
		if found.Kind() != jsonscan.True && found.Kind() != jsonscan.False {
			return Value{}, errValueKind.With("Type", name)
		}
		return Value{Type: Boolean, Text: found.Text()}, nil
	case "Decimal", "Integer":
		want = jsonscan.Number
	case "Coding", "Quantity", "Attachment", "Reference":
		want = jsonscan.Object
	case "Date", "DateTime", "Time", "String", "Uri", "Code", "Url":
	default:
		return Value{}, errValueType.With("Type", name)
	}
	if found.Kind() != want {
		return Value{}, errValueKind.With("Type", name)
	}
	switch name {
	case "Coding":
		return readCodingValue(found)
	case "Quantity":
		return readQuantity(found)
	case "Attachment":
		return readAttachment(found)
	case "Reference":
		return readReference(found)
	case "Code":
		return Value{}, errValueType.With("Type", name)
	case "Url":
		name = "Uri"
	}
	for t, m := range members {
		if m == name {
			return parsePrimitive(t, found.Text())
		}
	}
	return Value{}, errValueType.With("Type", name)
}

var codingMembers = kinds("id system version code display userSelected extension")

func readCodingValue(v jsonscan.Value) (Value, *fault.Error) {
	for _, m := range v.All() {
		key := strings.TrimPrefix(m.Key(), "_")
		if _, ok := codingMembers[key]; !ok {
			return Value{}, errElementUnknown.With("Element", m.Key())
		}
		if key == m.Key() && key != "userSelected" && key != "extension" && m.Kind() != jsonscan.String {
			return Value{}, errValueKind.With("Type", "Coding."+key)
		}
	}
	coding := readCoding(v)
	if coding.Code == "" && coding.Display == "" {
		return Value{}, errValueMissing
	}
	return Value{Type: CodingType, Coding: coding}, nil
}

var quantityMembers = kinds("id value comparator unit system code extension")

func readQuantity(v jsonscan.Value) (Value, *fault.Error) {
	for _, m := range v.All() {
		if _, ok := quantityMembers[strings.TrimPrefix(m.Key(), "_")]; !ok {
			return Value{}, errElementUnknown.With("Element", m.Key())
		}
	}
	number := v.Get("value")
	if number.Kind() != jsonscan.Number {
		return Value{}, errNotNumber
	}
	if _, f := parsePrimitive(Decimal, number.Text()); f != nil {
		return Value{}, f
	}
	switch c := v.Get("comparator"); c.Text() {
	case "", "<", "<=", ">=", ">":
	default:
		return Value{}, ErrElementValue.With("Element", "comparator", "Value", c.Text())
	}
	unit := Coding{System: v.Get("system").Text(), Code: v.Get("code").Text(), Display: v.Get("unit").Text()}
	return Value{Type: Quantity, Text: number.Text(), Coding: unit, Comparator: v.Get("comparator").Text()}, nil
}

var referenceMembers = kinds("id extension reference type identifier display")

// readReference reads a reference by address or by identifier.
func readReference(v jsonscan.Value) (Value, *fault.Error) {
	for _, m := range v.All() {
		if _, ok := referenceMembers[strings.TrimPrefix(m.Key(), "_")]; !ok {
			return Value{}, errElementUnknown.With("Element", m.Key())
		}
	}
	r := Value{Type: Reference, Text: v.Get("reference").Text(), Coding: Coding{System: v.Get("type").Text(), Display: v.Get("display").Text()}}
	if id := v.Get("identifier"); id.Exists() {
		r.Coding.Code = id.Get("system").Text() + "|" + id.Get("value").Text()
	}
	if r.Text == "" && r.Coding.Code == "" && r.Coding.Display == "" {
		return Value{}, errValueMissing
	}
	return r, nil
}

// check judges one answer against the item: its type, its options, its limits.
func (i *item) check(v Value) *fault.Error {
	switch {
	case !i.question():
		return errNoAnswerHere
	case i.loose && (i.answer == CodingType || i.answer == String):
		return nil
	}
	if v.Type != i.answer {
		if n, ok := i.option(v); ok && len(i.Options) > 0 {
			return i.chosen(n) // a choice may mix codes and words
		}
		if i.open && v.Type == String {
			return i.checkText(v.Text)
		}
		return errValueType.With("Type", string(v.Type), "Wanted", string(i.answer))
	}
	if len(i.Options) > 0 {
		n, ok := i.option(v)
		if ok {
			return i.chosen(n)
		}
		if !i.open && !i.partial {
			return errNotOption
		}
	}
	switch v.Type {
	case Decimal, Quantity:
		if i.MaxDecimals >= 0 && decimals(v.Text) > i.MaxDecimals {
			return errDecimals.With("Limit", i.MaxDecimals)
		}
		if v.Type == Quantity && len(i.Units) > 0 && !i.unit(v.Coding) {
			return errUnit
		}
	case String, URI:
		if f := i.checkText(v.Text); f != nil {
			return f
		}
	case File:
		return i.checkFile(v.File)
	case Reference:
		return i.checkReference(v)
	}
	return i.checkRange(v)
}

// chosen judges an option that is there, but perhaps not now.
func (i *item) chosen(n int) *fault.Error {
	if i.Options[n].Off {
		return errOptionOff
	}
	return nil
}

// checkReference judges the type that a reference says, or shows in its address.
func (i *item) checkReference(v Value) *fault.Error {
	kind := v.Coding.System
	if kind == "" && !strings.HasPrefix(v.Text, "#") && !strings.HasPrefix(v.Text, "urn:") {
		parts := strings.Split(strings.SplitN(v.Text, "/_history/", 2)[0], "/")
		if len(parts) > 1 {
			kind = parts[len(parts)-2]
		}
	}
	if len(i.References) > 0 && kind != "" && !slices.Contains(i.References, kind) {
		return errReferenceType.With("Type", kind, "Wanted", strings.Join(i.References, ", "))
	}
	return nil
}

// option finds the option that an answer is.
func (i *item) option(v Value) (int, bool) {
	if n, ok := i.options[optionKey(v)]; ok {
		return n, true
	}
	for n, o := range i.Options {
		if o.Value.Equal(v) && (v.Coding.Code != "" || v.Coding.Display == o.Value.Coding.Display) {
			return n, true
		}
	}
	return 0, false
}

func (i *item) unit(u Coding) bool {
	if i.unitOpen == "optionsOrType" || i.unitOpen == "optionsOrString" && u.Code == "" || i.unitSystem != "" && u.System == i.unitSystem {
		return true
	}
	return slices.ContainsFunc(i.Units, func(c Coding) bool {
		if c.Code == "" || u.Code == "" {
			return firstOf(c.Code, c.Display) == firstOf(u.Code, u.Display) || c.Display == u.Display
		}
		return c.Same(u)
	})
}

func (i *item) checkText(s string) *fault.Error {
	n := utf8.RuneCountInString(s)
	switch {
	case strings.TrimSpace(s) == "":
		return errEmptyText
	case i.MaxLength >= 0 && n > i.MaxLength:
		return errTextTooLong.With("Limit", i.MaxLength)
	case i.MinLength >= 0 && n < i.MinLength:
		return errTextTooShort.With("Limit", i.MinLength)
	case i.Pattern != nil && !i.Pattern.MatchString(s):
		if format := i.EntryFormat.Plain; format != "" {
			return errFormat.With("Format", format)
		}
		return errFormatUnsaid
	case i.Type == TypeString && strings.ContainsAny(s, "\r\n"):
		return errOneLine
	}
	return nil
}

func (i *item) checkRange(v Value) *fault.Error {
	if i.Min != nil {
		if order, known := against(v, *i.Min); known && order < 0 {
			return rangeFault(v, errTooSmall, errTooEarly).With("Limit", i.Min.Text)
		}
	}
	if i.Max != nil {
		if order, known := against(v, *i.Max); known && order > 0 {
			return rangeFault(v, errTooLarge, errTooLate).With("Limit", i.Max.Text)
		}
	}
	return nil
}

// against compares an answer with a bound, which for a quantity may be a bare number in the item's unit.
func against(v, bound Value) (int, bool) {
	if v.Type == Quantity && bound.Type != Quantity {
		return compareNumbers(v.Text, bound.Text), true
	}
	return v.Compare(bound)
}

func rangeFault(v Value, number, time *fault.Error) *fault.Error {
	switch v.Type {
	case Date, DateTime, Time:
		return time
	default:
		return number
	}
}
