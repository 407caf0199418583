package redcap

import "strings"

// Options of Read and Write.
type Options struct {
	URL       string   // Questionnaire.url; by default Base and the title
	Base      string   // what URLs begin with, by default DefaultBase
	Version   string   // Questionnaire.version, by default "1.0.0"
	Title     string   // Questionnaire.title, by default the name of the first form
	Language  string   // Questionnaire.language; none by default
	Repeating []string // forms that repeat: the dictionary itself does not say which
	API       bool     // Write: head the columns with the names of REDCap's API, not with those of its own files
}

// DefaultBase is what canonical URLs of converted questionnaires begin with.
const DefaultBase = "https://kindred.example/questionnaires"

// What the extensions and the code of this package are called.
const (
	// FieldURL is the extension of an item that holds what a dictionary says and FHIR has no element for, column by
	// column, in the dictionary's own words. Only Write reads it.
	FieldURL = "https://kindred.example/fhir/StructureDefinition/redcap-field"
	// SensitivityURL is the code system of the item code that marks a question whose answer identifies a person.
	SensitivityURL = "https://kindred.example/fhir/CodeSystem/sensitivity"
	// Identifying is that code.
	Identifying = "identifying"
)

// Limits of a dictionary. The largest that is known has 40,000 fields.
const (
	maxBytes   = 32 << 20
	maxRows    = 60_000
	maxColumns = 64
	maxCell    = 100_000 // bytes
	maxName    = 100
	maxChoices = 5_000
	maxLogic   = 20_000 // bytes
	maxDepth   = 60     // brackets in one another
	maxFaults  = 200
)

func (o Options) repeats(form string) bool {
	for _, r := range o.Repeating {
		if strings.EqualFold(strings.TrimSpace(r), form) {
			return true
		}
	}
	return false
}

func (o Options) base() string {
	if o.Base == "" {
		return DefaultBase
	}
	return strings.TrimRight(o.Base, "/")
}
