package schemas

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// Text is a text in each language, by base language.
type Text map[string]string

// In gives the text in a language, or in English.
func (t Text) In(lang string) string {
	if s := t[lang]; s != "" {
		return s
	}
	return t["en"]
}

// Held says who keeps the value of an element.
type Held string

// The keepers. What consent keeps is a projection of the consent ledger and is never stored anywhere else.
const (
	HeldParticipant Held = "participant"
	HeldDiagnosis   Held = "diagnosis"
	HeldElement     Held = "element"
	HeldConsent     Held = "consent"
	HeldExport      Held = "export"
)

// ElementKind says what a value looks like.
type ElementKind string

// The kinds.
const (
	ElementChoice  ElementKind = "choice"  // one of Options
	ElementDate    ElementKind = "date"    // partial: YYYY, YYYY-MM or YYYY-MM-DD
	ElementAge     ElementKind = "age"     // one of Options; with "date" a partial date beside it
	ElementCode    ElementKind = "code"    // an ORPHA code, or none
	ElementPattern ElementKind = "pattern" // text that matches Pattern
	ElementText    ElementKind = "text"    // free text
	ElementLink    ElementKind = "link"    // an address or a name
)

// Option is one permitted value.
type Option struct {
	Value string `json:"value"`
	Code  string `json:"code"`
	Label Text   `json:"label"`
	Staff bool   `json:"staff"` // never offered to participants: it follows from what happened
}

// Condition is another element's value that must be there first.
type Condition struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Element is one common data element of the European Platform on Rare Disease Registration, or a part of one.
type Element struct {
	Key         string      `json:"key"`
	Number      string      `json:"number"` // in the European set: "3.2"
	Held        Held        `json:"held"`
	Kind        ElementKind `json:"kind"`
	Code        string      `json:"code"`
	System      string      `json:"system"`
	Scope       string      `json:"scope"` // consent scope that answers it
	Identifying bool        `json:"identifying"`
	Max         int         `json:"max"` // bytes
	Pattern     string      `json:"pattern"`
	Example     string      `json:"example"`
	Needs       *Condition  `json:"needs"`
	Options     []Option    `json:"options"`
	Label       Text        `json:"label"`
	Help        Text        `json:"help"`

	shape *regexp.Regexp
}

// Matches tells whether a value has the element's pattern; without a pattern everything has.
func (e *Element) Matches(value string) bool { return e.shape == nil || e.shape.MatchString(value) }

// Option finds a permitted value.
func (e *Element) Option(value string) (Option, bool) {
	for _, o := range e.Options {
		if o.Value == value {
			return o, true
		}
	}
	return Option{}, false
}

//go:embed elements.json
var elementsJSON []byte

var elements, elementAt = readElements()

func readElements() ([]Element, map[string]*Element) {
	var list []Element
	d := json.NewDecoder(bytes.NewReader(elementsJSON))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		panic(fmt.Sprintf("schemas: elements.json: %v", err))
	}
	at := map[string]*Element{}
	for i := range list {
		e := &list[i]
		if e.Pattern != "" {
			e.shape = regexp.MustCompile(e.Pattern)
		}
		at[e.Key] = e
	}
	return list, at
}

// Elements lists the European set in its order.
func Elements() []Element { return slices.Clone(elements) }

// FindElement finds an element by its key.
func FindElement(key string) (*Element, bool) {
	e, ok := elementAt[key]
	return e, ok
}
