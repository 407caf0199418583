package api

import (
	"io"
	"net/http"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/questionnaires"
	"kindred/questionnaires/extract"
	"kindred/questionnaires/sdc"
)

// errNothing is what an extraction answers that makes nothing.
var errNothing = fault.New(fault.Invalid, "api.fhir.nothing_extracted")

func (a *API) extractions() []interaction {
	if a.Questionnaires == nil {
		return nil
	}
	return []interaction{
		{resource: "QuestionnaireResponse", code: "$extract", right: readsForms, body: 2 << 20, handle: a.extractGiven},
		{resource: "QuestionnaireResponse", code: "$extract", instance: true, right: readsAnswers, handle: a.extractSent},
	}
}

// extractGiven makes resources of a response that comes with the request, as it is or as the parameter
// "questionnaire-response"; its questionnaire comes as "questionnaire", or is the published one that it names. Nothing
// is kept.
func (a *API) extractGiven(x *exchange) error {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return err
	}
	doc, err := jsonscan.Parse(raw, sdc.ResponseLimits)
	if err != nil {
		return err
	}
	var form []byte
	for _, p := range doc.Root().Get("parameter").All() {
		switch p.Get("name").Text() {
		case "questionnaire-response":
			raw = p.Get("resource").Raw()
		case "questionnaire":
			form = p.Get("resource").Raw()
		}
	}
	if form == nil {
		canonical, err := sdc.CanonicalOf(raw)
		if err != nil {
			return err
		}
		if form, err = a.formNamed(x, canonical); err != nil {
			return err
		}
	}
	return a.extracted(x, form, raw, "")
}

// extractSent makes resources of a response that was sent.
func (a *API) extractSent(x *exchange) error {
	id, err := ident.Parse[ident.ResponseID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	raw, r, err := a.Questionnaires.JSON(x.gin.Request.Context(), x.Actor, id)
	if err != nil {
		return err
	}
	v, err := a.Questionnaires.Version(x.gin.Request.Context(), x.Actor, r.Version)
	if err != nil {
		return err
	}
	return a.extracted(x, v.Raw, raw, "QuestionnaireResponse/"+string(id))
}

// formNamed is the JSON of the published questionnaire that a response names, exactly.
func (a *API) formNamed(x *exchange, canonical string) ([]byte, error) {
	if canonical == "" {
		return nil, questionnaires.ErrNoVersion.At("QuestionnaireResponse.questionnaire")
	}
	v, err := a.Questionnaires.Resolve(x.gin.Request.Context(), x.Actor, canonical)
	return v.Raw, err
}

func (a *API) extracted(x *exchange, form, raw []byte, reference string) error {
	o := extract.Options{ID: func() string { return string(ident.New[ident.RequestID]()) }, Now: a.Clock.Now(), Reference: reference, Agent: "Kindred", Variables: subjectOf(raw)}
	res, err := extract.Extract(x.gin.Request.Context(), form, raw, o)
	if err != nil {
		return err
	}
	if res.Bundle == nil {
		res.Notes.Add(errNothing)
		return res.Notes.Err()
	}
	return x.give(http.StatusOK, res.Bundle)
}

// subjectOf gives expressions the person whom a response is about, as far as the response says.
func subjectOf(raw []byte) map[string]fhirpath.Collection {
	doc, err := jsonscan.Parse(raw, sdc.ResponseLimits)
	if err != nil {
		return nil // told by the extraction
	}
	id, ok := strings.CutPrefix(doc.Root().Get("subject").Get("reference").Text(), "Patient/")
	if !ok {
		return nil
	}
	patient, err := fhirpath.FromPlain(map[string]any{"resourceType": "Patient", "id": id}, "Patient")
	if err != nil {
		return nil
	}
	return map[string]fhirpath.Collection{"patient": {patient.Value()}}
}
