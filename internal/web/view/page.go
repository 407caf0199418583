package view

import (
	"time"

	"kindred/internal/fault"
	"kindred/internal/locale"
)

// Theme is what a person chose to see, whatever the system says.
type Theme string

// The themes; System follows the device.
const (
	System Theme = "system"
	Light  Theme = "light"
	Dark   Theme = "dark"
)

// ParseTheme reads a theme from outside; anything unknown is System.
func ParseTheme(s string) Theme {
	if t := Theme(s); t == Light || t == Dark {
		return t
	}
	return System
}

// Link is words that lead somewhere.
type Link struct {
	Label Phrase
	Href  string
	Here  bool // where the reader is now
	Count int  // how many things wait there; 0 shows nothing
}

// Subject is the person whose data the page shows: name and colour dot stand above everything until one leaves.
type Subject struct {
	Name     string
	Relation Phrase // "your daughter"; empty for oneself
	Dot      int    // 1 to 6, the colour of the dot
	Switch   string // where another person is chosen; empty when there is none
}

// Shell is what surrounds each page for one reader. The session makes it; a handler does not change it.
type Shell struct {
	Printer  *locale.Printer
	Theme    Theme
	Dir      string // "rtl" or "ltr"; empty takes the language's own
	Path     string // of the current page with its query, to come back to after a change of language or theme
	SignedIn bool
	Account  string  // id of the account: answers that wait in the browser belong to it
	Name     string  // the account's display name
	Role     Phrase  // what I am here as
	Places   []Link  // where this reader can go
	Areas    []Link  // other roles of the same account
	Demo     bool    // demonstration data: said on each page
	Notice   *Notice // said once, from the page before
}

// Page is what one handler adds to the shell.
type Page struct {
	Title   Phrase     // for the browser's title; the page template writes its own h1
	Back    *Link      // one step up
	Crumbs  []Link     // the way here, when it is longer than one step
	Subject *Subject   // whose data this is
	Faults  fault.List // shown in the summary and beside their fields
	Values  Values     // what was typed, to be shown again
	Wide    bool       // tables of researchers and committees
	Refresh int        // seconds after which a page without scripts loads itself again; 0 never
	Data    any        // what this page's template is about
}

// Values are the fields of a form as they were sent.
type Values map[string][]string

// Get is the first value of a field.
func (v Values) Get(name string) string {
	if s := v[name]; len(s) > 0 {
		return s[0]
	}
	return ""
}

// Has tells whether one of a field's values is this.
func (v Values) Has(name, value string) bool {
	for _, s := range v[name] {
		if s == value {
			return true
		}
	}
	return false
}

// screen is what templates see: the page, the shell around it and what is the same for everybody.
type screen struct {
	Page
	Shell
	House House
}

// House is what stands at the foot of each page.
type House struct {
	Operator    string // who runs this registry
	OperatorURL string
	Contact     string         // mail address for help
	HPO         string         // version of the Human Phenotype Ontology that is shown
	Zone        *time.Location // of every instant on a page, which says so; nil is UTC
}

func (h House) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// ZoneName is what a page says about its times; empty where they are UTC.
func (h House) ZoneName() string {
	if z := h.zone().String(); z != "UTC" {
		return z
	}
	return ""
}
