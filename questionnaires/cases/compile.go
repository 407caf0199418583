package cases

import "kindred/questionnaires/sdc"

// Compile is sdc.Compile for a questionnaire that is to be published: its cases are run, a failure is a refusal, and logic
// that no case reaches is a warning.
func Compile(raw []byte) (*sdc.Form, sdc.Findings) {
	form, found := sdc.Compile(raw)
	return judged(form, found, raw)
}

// CompileAs is sdc.CompileAs with the cases.
func CompileAs(raw []byte, id sdc.Identity) (*sdc.Form, sdc.Findings) {
	form, found := sdc.CompileAs(raw, id)
	return judged(form, found, raw)
}

func judged(form *sdc.Form, found sdc.Findings, raw []byte) (*sdc.Form, sdc.Findings) {
	if form == nil {
		return nil, found
	}
	r := Run(form, raw)
	found.Refusals = append(found.Refusals, r.Failures...)
	found.Warnings = append(found.Warnings, r.Untested...)
	if len(found.Refusals) > 0 {
		return nil, found
	}
	return form, found
}
