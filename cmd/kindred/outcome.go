package main

import (
	"encoding/json"

	"kindred/internal/fault"
	"kindred/internal/outcome"
	"kindred/questionnaires/sdc"
)

// report prints what was found about a file as an OperationOutcome, with a word of what is good where nothing is wrong,
// and sets the exit status: no for errors, unusable for what is not even JSON.
func (c *console) report(raw []byte, found sdc.Issues, good string) error {
	o := outcome.New()
	for _, i := range found {
		o.Add(string(i.Severity), i.Code, i.Fault, c.message(i.Fault))
	}
	switch {
	case !json.Valid(raw):
		c.status = unusable
	case len(found.Errors()) > 0:
		c.status = no
	default:
		o.Say(good)
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(o)
}

// explain says an error in sentences.
func (c *console) explain(err error) string {
	text := ""
	for _, f := range fault.All(err) {
		text += " " + c.message(f)
	}
	return text
}
