package terminology

import "strings"

// Concept is one code of a set, as it is offered to people.
type Concept struct {
	System, Version, Code, Display string
	Designations                   []Designation
	Weight                         string // itemWeight or ordinalValue as decimal text, "" where there is none
	Abstract                       bool   // for finding one's way, not to be chosen
	Inactive                       bool   // no longer in use
}

// Designation is another name of a concept.
type Designation struct{ Language, Use, Value string }

// complete takes from o what c lacks. The display stays that of the set that was looked at first.
func (c *Concept) complete(o Concept) {
	if c.Version == "" {
		c.Version = o.Version
	}
	if c.Display == "" {
		c.Display = o.Display
	}
	if len(c.Designations) == 0 {
		c.Designations = o.Designations
	}
	if c.Weight == "" {
		c.Weight = o.Weight
	}
	c.Abstract = c.Abstract || o.Abstract
	c.Inactive = c.Inactive || o.Inactive
}

// In is the concept's name in a language: a designation of that language (of "es" for "es-AR", and the other way
// round, where there is none nearer), else the display, else the code. Names for other uses, such as fully specified
// ones, are passed over.
func (c Concept) In(lang string) string {
	best, rank := "", 0
	for _, d := range c.Designations {
		if r := nearness(lang, d.Language); r > rank && d.Value != "" && shown(d.Use) {
			best, rank = d.Value, r
		}
	}
	switch {
	case best != "":
		return best
	case c.Display != "":
		return c.Display
	}
	return c.Code
}

// shown tells whether a designation's use makes it a name to show: none, display, preferred, or SNOMED CT's synonym.
func shown(use string) bool {
	switch use {
	case "", "display", "preferredForLanguage", "preferred", "900000000000013009":
		return true
	}
	return false
}

// nearness is 0 for another language, more the nearer the tag is to the wanted one.
func nearness(want, have string) int {
	if want == "" || have == "" {
		return 0
	}
	want, have = strings.ToLower(want), strings.ToLower(have)
	base, _, _ := strings.Cut(want, "-")
	other, _, _ := strings.Cut(have, "-")
	switch {
	case want == have:
		return 3
	case base != other:
		return 0
	case have == base:
		return 2
	}
	return 1
}
