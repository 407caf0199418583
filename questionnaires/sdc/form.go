package sdc

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"sync"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
)

// Form is a compiled questionnaire: immutable, safe for any number of readers, made once per version.
type Form struct {
	ID           string
	URL, Version string
	Name         string
	Title        Text
	Description  Text
	Status       string // as written in the file
	Language     string // of its own texts, "" where the file does not say
	SHA256       string // of the bytes it was compiled from

	EntryMode string // sequential, prior-edit, random; "" where the form does not say

	items  []item
	top    []int // items without a parent
	byLink map[string]int
	pages  []page

	nodes       []node // what is computed, in order of evaluation
	initials    []int  // the nodes that give first answers
	variables   []variable
	launch      map[string]bool // names of launch contexts
	constraints []constraint
	signature   bool
	library     *terminology.Library
	document    func() fhirpath.Node // the questionnaire itself, for %questionnaire
	effective   [2]string            // effectivePeriod
}

// Options of Compile. The zero Options are strict and know no terminology but what the form contains.
type Options struct {
	// Lenient gives a Form of anything that is a Questionnaire: what would refuse it is told all the same, and left out
	// or worked around. It is for judging responses to questionnaires from anywhere; publishing is strict.
	Lenient bool
	// Library holds ValueSets and CodeSystems beside those that the questionnaire contains.
	Library *terminology.Library
}

// Findings are what publishing says about a questionnaire: the refusals keep it out, the warnings do not.
// The Field of each names the item by its linkId, or is empty for the whole.
type Findings struct {
	Refusals fault.List
	Warnings fault.List

	places map[string]string // FHIRPath locations by linkId
}

// Canonical is how a response names the form: url|version.
func (f *Form) Canonical() string {
	if f.Version == "" {
		return f.URL
	}
	return f.URL + "|" + f.Version
}

// Items is the number of items of all types.
func (f *Form) Items() int { return len(f.items) }

// Languages are those that any of its texts is translated into.
func (f *Form) Languages() []string {
	seen := map[string]bool{}
	add := func(t Text) {
		for _, l := range t.Languages() {
			seen[l] = true
		}
	}
	add(f.Title)
	for i := range f.items {
		add(f.items[i].Text)
		for _, o := range f.items[i].Options {
			add(o.Label)
		}
	}
	langs := make([]string, 0, len(seen))
	for l := range seen {
		langs = append(langs, l)
	}
	sort.Strings(langs)
	return langs
}

// FormLimits bound a questionnaire that is to be compiled.
var FormLimits = jsonscan.Default

// Compile turns the bytes of a FHIR R4 Questionnaire into a Form. With refusals in the Findings the Form is nil, save
// that with Options.Lenient it is nil only for what is no Questionnaire. A questionnaire without url or version
// compiles: only Service.Publish needs them.
func Compile(raw []byte, options ...Options) (*Form, Findings) {
	doc, err := jsonscan.Parse(raw, FormLimits)
	if err != nil {
		return nil, Findings{Refusals: fault.All(err)}
	}
	sum := sha256.Sum256(raw)
	c := compiler{root: doc.Root(), form: &Form{SHA256: hex.EncodeToString(sum[:]), byLink: map[string]int{}, launch: map[string]bool{}}}
	for _, o := range options {
		c.lenient, c.library = c.lenient || o.Lenient, o.Library
	}
	c.form.document = sync.OnceValue(func() fhirpath.Node {
		n, _ := fhirpath.Parse(raw) // what cannot be read as FHIR is empty to expressions
		return n
	})
	usable := c.run()
	if !usable || len(c.found.Refusals) > 0 && !c.lenient {
		return nil, c.found
	}
	return c.form, c.found
}

// childrenOf gives the items directly inside an item, or at the top for -1.
func (f *Form) childrenOf(index int) []int {
	if index < 0 {
		return f.top
	}
	return f.items[index].children
}
