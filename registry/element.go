package registry

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/fault"
	"kindred/schemas"
)

// MissingReason says why there is no value.
type MissingReason string

// The reasons.
const (
	MissingUnknown       MissingReason = "unknown"
	MissingNotAsked      MissingReason = "not_asked"
	MissingDeclined      MissingReason = "declined"
	MissingNotApplicable MissingReason = "not_applicable"
)

// MissingReasons lists all, in the order they are offered.
var MissingReasons = []MissingReason{MissingUnknown, MissingDeclined, MissingNotApplicable, MissingNotAsked}

// Element is the value of one common data element that this package keeps as such: see schemas.Elements, those held
// in "element". An Element with neither value nor reason clears what was told before.
type Element struct {
	Key       string        `json:"key"`
	Value     string        `json:"value,omitempty"`
	Missing   MissingReason `json:"missing,omitempty"`
	Revision  int           `json:"revision,omitempty"`
	Source    Source        `json:"source,omitempty"`
	UpdatedAt time.Time     `json:"updated_at,omitzero"`
}

// definition finds what an element must look like.
func definition(key string) (*schemas.Element, *fault.Error) {
	e, ok := schemas.FindElement(key)
	switch {
	case !ok:
		return nil, ErrElement.At(key)
	case e.Held == schemas.HeldConsent:
		return nil, ErrElementConsent.At(key)
	case e.Held != schemas.HeldElement:
		return nil, ErrElement.At(key)
	}
	return e, nil
}

// Validate tells the fault, at the field named like the element.
func (e *Element) Validate(born Date, now time.Time) *fault.Error {
	d, f := definition(e.Key)
	if f != nil {
		return f
	}
	e.Value = strings.TrimSpace(norm.NFC.String(e.Value))
	if e.Value == "" {
		switch e.Missing {
		case "", MissingUnknown, MissingNotAsked, MissingDeclined, MissingNotApplicable:
			return nil
		}
		return ErrMissing.At(e.Key)
	}
	if e.Missing != "" {
		return ErrMissingAndValue.At(e.Key)
	}
	return e.validateValue(d, born, now)
}

func (e *Element) validateValue(d *schemas.Element, born Date, now time.Time) *fault.Error {
	switch {
	case d.Max > 0 && len(e.Value) > d.Max:
		return ErrElementLong.With("Max", d.Max).At(e.Key)
	case !utf8.ValidString(e.Value) || strings.ContainsFunc(e.Value, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' }):
		return ErrElementValue.At(e.Key)
	case !d.Matches(e.Value):
		return ErrElementShape.With("Example", d.Example).At(e.Key)
	}
	switch d.Kind {
	case schemas.ElementChoice:
		if o, ok := d.Option(e.Value); !ok || o.Staff {
			return ErrElementValue.At(e.Key)
		}
	case schemas.ElementDate:
		day, err := ParseDate(e.Value)
		if err != nil {
			return ErrDate.At(e.Key)
		}
		return validateDay(day, e.Key, born, now)
	}
	return nil
}

// validateElements checks a set of elements against each other, given what is already there.
func validateElements(list []Element, there map[string]string, born Date, now time.Time) error {
	var faults fault.List
	after := map[string]string{}
	for k, v := range there {
		after[k] = v
	}
	for i := range list {
		faults.Add(list[i].Validate(born, now))
		after[list[i].Key] = list[i].Value
	}
	for _, d := range schemas.Elements() {
		if n := d.Needs; n != nil && after[d.Key] != "" && after[n.Key] != n.Value {
			faults.Add(ErrElementNeeds.At(d.Key))
		}
	}
	return faults.Err()
}
