package main

import (
	"encoding/json"

	"kindred/internal/fault"
)

// outcome is a FHIR R4 OperationOutcome, http://hl7.org/fhir/R4/operationoutcome.html.
type outcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity   string   `json:"severity"` // error, warning, information
	Code       string   `json:"code"`     // http://hl7.org/fhir/R4/valueset-issue-type.html
	Details    details  `json:"details"`
	Expression []string `json:"expression,omitempty"`
}

type details struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text"`
}

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// issueCodes are the FHIR codes of our kinds of fault.
var issueCodes = map[fault.Kind]string{
	fault.Invalid: "invalid", fault.Missing: "not-found", fault.Conflict: "conflict", fault.TooLarge: "too-long", fault.Internal: "exception",
}

// judge prints what was found about a file as an OperationOutcome, and sets the exit status: no for errors, unusable for
// what is not even JSON.
func (c *console) judge(raw []byte, errors, warnings fault.List, good string) error {
	o := outcome{ResourceType: "OperationOutcome"}
	add := func(severity string, list fault.List) {
		for _, f := range list {
			i := issue{Severity: severity, Code: issueCodes[f.Kind], Details: details{[]coding{{"urn:kindred:fault", f.Key}}, c.message(f)}}
			if i.Code == "" {
				i.Code = "processing"
			}
			if f.Field != "" {
				i.Expression = []string{f.Field}
			}
			o.Issue = append(o.Issue, i)
		}
	}
	add("error", errors)
	add("warning", warnings)
	if len(o.Issue) == 0 {
		o.Issue = []issue{{Severity: "information", Code: "informational", Details: details{Text: good}}}
	}
	switch {
	case !json.Valid(raw):
		c.status = unusable
	case len(errors) > 0:
		c.status = no
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(o)
}
