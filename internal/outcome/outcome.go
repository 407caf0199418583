// Package outcome is the FHIR R4 OperationOutcome, as the API and the command line answer with it.
package outcome

import "kindred/internal/fault"

// System is the code system of the message keys, in details.coding.
const System = "https://kindred.example/fault"

// Resource is an OperationOutcome, http://hl7.org/fhir/R4/operationoutcome.html.
type Resource struct {
	ResourceType string  `json:"resourceType"`
	Issue        []Issue `json:"issue"`
}

// Issue is one finding.
type Issue struct {
	Severity    string   `json:"severity"` // fatal, error, warning, information
	Code        string   `json:"code"`     // http://hl7.org/fhir/issue-type
	Details     Details  `json:"details"`
	Diagnostics string   `json:"diagnostics"`          // the sentence again, for readers that look only here
	Expression  []string `json:"expression,omitempty"` // FHIRPath locations
}

// Details are the message key and the sentence.
type Details struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text"`
}

// Coding is a code from System.
type Coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// codes are the issue types of our kinds of fault.
var codes = map[fault.Kind]string{
	fault.Internal: "exception", fault.Invalid: "invalid", fault.Denied: "forbidden", fault.Missing: "not-found", fault.Conflict: "conflict",
	fault.Gone: "deleted", fault.Unready: "transient", fault.TooLarge: "too-long", fault.Busy: "throttled", fault.Unauthenticated: "login",
	fault.Stale: "conflict",
}

// Code is the issue type of a kind of fault, for faults that have no nearer one.
func Code(k fault.Kind) string {
	if c, ok := codes[k]; ok {
		return c
	}
	return "processing"
}

// New is an outcome without issues.
func New() Resource { return Resource{ResourceType: "OperationOutcome"} }

// Add tells a fault, in a sentence of the reader's language. With no code of its own it has that of its kind.
func (r *Resource) Add(severity, code string, f *fault.Error, text string) {
	if code == "" {
		code = Code(f.Kind)
	}
	i := Issue{Severity: severity, Code: code, Details: Details{[]Coding{{System, f.Key}}, text}, Diagnostics: text}
	if f.Field != "" {
		i.Expression = []string{f.Field}
	}
	r.Issue = append(r.Issue, i)
}

// Say adds a sentence that is no fault.
func (r *Resource) Say(text string) {
	r.Issue = append(r.Issue, Issue{Severity: "information", Code: "informational", Details: Details{Text: text}, Diagnostics: text})
}
