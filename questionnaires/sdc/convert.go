package sdc

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
	"kindred/internal/jsonscan"
)

// answers turns what an expression gave into answers of the item: a question that repeats takes all, another one only a
// single one. Values have to be of the item's type, or such that FHIRPath converts into it by itself (SDC, "Using
// Expressions"), with these additions: a whole decimal is an integer, a dateTime gives its date, a number gets the item's
// unit, a text or code is the option of that code or name, a resource is a reference to it.
func (i *item) answers(got fhirpath.Collection) ([]Value, *fault.Error) {
	if len(got) > 1 && !i.Repeats {
		return nil, errSeveral.With("Count", len(got))
	}
	var values []Value
	for _, g := range got {
		v, f := i.answerOf(g)
		if f != nil {
			return nil, f
		}
		if i.MaxDecimals >= 0 && (v.Type == Decimal || v.Type == Quantity) && decimals(v.Text) > i.MaxDecimals {
			v.Text = rounded(v.Text, i.MaxDecimals)
		}
		values = append(values, v)
	}
	return values, nil
}

// rounded cuts a number to so many decimal places, half away from zero.
func rounded(text string, places int) string {
	d, _, err := apd.NewFromString(text)
	if err != nil {
		return text
	}
	c := apd.BaseContext.WithPrecision(60)
	c.Rounding = apd.RoundHalfUp
	if _, err := c.Quantize(d, d, int32(-places)); err != nil {
		return text
	}
	return d.Text('f')
}

// answerOf turns one item of a collection into an answer.
func (i *item) answerOf(g fhirpath.Value) (Value, *fault.Error) {
	wrong := func() (Value, *fault.Error) {
		return Value{}, errResultType.With("Type", g.TypeName(), "Wanted", string(i.answer))
	}
	if len(i.Options) > 0 || i.answer == CodingType {
		return i.choiceOf(g)
	}
	text, plain := g.Text()
	switch i.answer {
	case Boolean:
		if b, ok := g.Bool(); ok {
			return Value{Type: Boolean, Text: map[bool]string{true: "true", false: "false"}[b]}, nil
		}
	case Decimal, Integer:
		if number(g) {
			return numberOf(i.answer, text)
		}
	case Date, DateTime, Time:
		if plain && !number(g) {
			return timeOf(i.answer, text)
		}
	case String, URI:
		if plain {
			if i.answer == String && text == "" {
				return Value{}, errEmptyText
			}
			return parsePrimitive(i.answer, text)
		}
	case Quantity:
		return i.quantityOf(g)
	case File, Reference:
		return i.complexOf(g)
	}
	return wrong()
}

// plainOf is a value as JSON.
func plainOf(g fhirpath.Value) jsonscan.Value {
	raw, err := g.MarshalJSON()
	if err != nil {
		return jsonscan.Value{}
	}
	doc, err := jsonscan.Parse(raw, ResponseLimits)
	if err != nil {
		return jsonscan.Value{}
	}
	return doc.Root()
}

func number(g fhirpath.Value) bool { return plainOf(g).Kind() == jsonscan.Number }

func numberOf(t ValueType, text string) (Value, *fault.Error) {
	d, _, err := apd.NewFromString(text)
	if err != nil {
		return Value{}, errNotNumber
	}
	text = d.Text('f')
	if t == Integer {
		whole := new(apd.Decimal)
		if _, err := apd.BaseContext.WithPrecision(60).Quantize(whole, d, 0); err != nil || whole.Cmp(d) != 0 {
			return Value{}, errNotInteger
		}
		text = whole.Text('f')
	}
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-")
	}
	return parsePrimitive(t, text)
}

func timeOf(t ValueType, text string) (Value, *fault.Error) {
	if t == Date {
		text, _, _ = strings.Cut(text, "T")
	}
	if t == DateTime {
		if day, clock, has := strings.Cut(text, "T"); has && clock == "" {
			text = day
		}
	}
	if t == Time {
		text = strings.TrimPrefix(text, "T")
	}
	return parsePrimitive(t, text)
}

// choiceOf finds the option that a result is: by system and code, by code, or by its words.
func (i *item) choiceOf(g fhirpath.Value) (Value, *fault.Error) {
	v := Value{}
	if n, ok := g.Node(); ok && n.Type() == "CodeableConcept" {
		for _, coding := range n.Children("coding") {
			if v, f := i.choiceOf(coding.Value()); f == nil {
				return v, nil
			}
		}
	}
	text, plain := g.Text()
	if plain {
		for n, o := range i.Options {
			if o.Value.Text == text && o.Value.Type != CodingType || o.Value.Type == CodingType && o.Value.Coding.Code == text {
				return i.Options[n].Value, nil
			}
		}
		for n, o := range i.Options {
			if o.Value.Coding.Display == text && text != "" || o.Label.Plain == text && text != "" {
				return i.Options[n].Value, nil
			}
		}
		if i.answer != CodingType && !number(g) || i.open || i.loose {
			if i.answer == Integer || i.answer == Decimal {
				return numberOf(i.answer, text)
			}
			if i.answer == CodingType && !i.open && i.loose {
				return Value{Type: CodingType, Coding: Coding{Code: text}}, nil
			}
			return parsePrimitive(map[bool]ValueType{true: String, false: i.answer}[i.answer == CodingType], text)
		}
		return Value{}, errResultOption.With("Value", text)
	}
	j := plainOf(g)
	if j.Kind() != jsonscan.Object || !j.Get("code").Exists() && !j.Get("display").Exists() {
		return v, errResultType.With("Type", g.TypeName(), "Wanted", string(i.answer))
	}
	v = Value{Type: CodingType, Coding: readCoding(j)}
	if n, ok := i.option(v); ok {
		return i.Options[n].Value, nil
	}
	if v.Coding.System == "" {
		for n := range i.Options {
			if i.Options[n].Value.Coding.Code == v.Coding.Code && v.Coding.Code != "" {
				return i.Options[n].Value, nil
			}
		}
	}
	if i.open || i.loose || i.partial {
		return v, nil
	}
	return v, errResultOption.With("Value", v.Coding.Code)
}

func (i *item) quantityOf(g fhirpath.Value) (Value, *fault.Error) {
	j := plainOf(g)
	if j.Kind() == jsonscan.Number {
		text, _ := g.Text()
		v, f := numberOf(Decimal, text)
		v.Type, v.Coding = Quantity, i.unitOf("")
		return v, f
	}
	if j.Kind() != jsonscan.Object || !j.Get("value").Exists() {
		return Value{}, errResultType.With("Type", g.TypeName(), "Wanted", string(Quantity))
	}
	if n, ok := g.Node(); ok && n.Type() != "" {
		return readQuantity(j)
	}
	v, f := numberOf(Decimal, j.Get("value").Text())
	v.Type = Quantity
	unit := strings.Trim(j.Get("unit").Text(), "'")
	for _, u := range i.Units {
		if u.Code == unit || u.Display == unit {
			v.Coding = u
			return v, f
		}
	}
	switch unit {
	case "", "1":
		v.Coding = i.unitOf("")
	default:
		v.Coding = Coding{System: ucum, Code: unit, Display: unit}
	}
	return v, f
}

const ucum = "http://unitsofmeasure.org"

// complexOf reads an attachment or a reference.
func (i *item) complexOf(g fhirpath.Value) (Value, *fault.Error) {
	if text, ok := g.Text(); ok && i.answer == Reference {
		return Value{Type: Reference, Text: text}, nil
	}
	n, ok := g.Node()
	if !ok {
		return Value{}, errResultType.With("Type", g.TypeName(), "Wanted", string(i.answer))
	}
	if i.answer == File {
		return readAttachment(plainOf(g))
	}
	if id := n.Child("id").Text(); id != "" && n.Child("reference").IsZero() && n.Type() != "Reference" {
		return Value{Type: Reference, Text: n.Type() + "/" + id}, nil
	}
	return readReference(plainOf(g))
}
