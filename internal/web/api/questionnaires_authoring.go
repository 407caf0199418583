package api

import (
	"io"

	"kindred/internal/fault"
	"kindred/internal/web/answer"
	"kindred/internal/web/view"
	"kindred/questionnaires/cases"
)

func (a *API) authoring() {
	on(a, operation{id: "checkQuestionnaire", method: "POST", path: "/questionnaires/check", right: publishes, tag: "questionnaires", body: formBody, raw: "application/fhir+json",
		summary: "What publishing would say of FHIR R4 JSON, without publishing it."}, a.checkForm)
}

type checked struct {
	Publishable bool                   `json:"publishable"`
	Refusals    []answer.ProblemDetail `json:"refusals"`
	Warnings    []answer.ProblemDetail `json:"warnings"`
}

func (a *API) checkForm(x *call, _ *struct{}) (*got[checked], error) {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return nil, err
	}
	form, found := cases.Compile(raw)
	return &got[checked]{checked{form != nil && len(found.Refusals) == 0, x.details(found.Refusals), x.details(found.Warnings)}}, nil
}

// details tells each of some findings, in the reader's language.
func (x *call) details(all fault.List) []answer.ProblemDetail {
	out := []answer.ProblemDetail{}
	for _, f := range all {
		out = append(out, answer.ProblemDetail{Location: f.Field, Code: f.Key, Message: view.Tell(x.Printer, f)})
	}
	return out
}
