package api

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

func (a *API) questionnaireResources() []interaction {
	if a.Questionnaires == nil {
		return nil
	}
	return []interaction{
		{resource: "Questionnaire", code: "read", right: readsForms, handle: a.readQuestionnaire},
		{resource: "Questionnaire", code: "search-type", right: readsForms, handle: a.searchQuestionnaires, params: []parameter{
			{"url", "uri", "The canonical url, with |version or without."}, {"version", "token", "The business version."}, {"_id", "token", "The id of a version."},
		}},
		{resource: "Questionnaire", code: "create", right: publishes, body: formBody, handle: a.createQuestionnaire},
	}
}

func (a *API) readQuestionnaire(x *exchange) error {
	id, err := ident.Parse[ident.VersionID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	v, err := a.Questionnaires.Version(x.gin.Request.Context(), x.Actor, id)
	if err != nil {
		return err
	}
	return x.questionnaire(http.StatusOK, v)
}

func (x *exchange) questionnaire(status int, v questionnaires.Version) error {
	raw, err := withID(v.Raw, string(v.ID))
	if err != nil {
		return err
	}
	x.version(1) // a published version never changes
	return x.give(status, raw)
}

func (a *API) searchQuestionnaires(x *exchange) error {
	q, err := x.query()
	if err != nil {
		return err
	}
	ctx := x.gin.Request.Context()
	all, err := a.Questionnaires.Versions(ctx, x.Actor)
	if err != nil {
		return err
	}
	url, version, _ := strings.Cut(q.Get("url"), "|")
	if named := q.Get("version"); named != "" {
		version = named
	}
	var resources []json.RawMessage
	for _, v := range all {
		if url != "" && v.URL != url || version != "" && v.Version != version || q.Get("_id") != "" && string(v.ID) != q.Get("_id") {
			continue
		}
		whole, err := a.Questionnaires.Version(ctx, x.Actor, v.ID)
		if err != nil {
			return err
		}
		raw, err := withID(whole.Raw, string(v.ID))
		if err != nil {
			return err
		}
		resources = append(resources, raw)
	}
	return x.found(q, resources)
}

func (a *API) createQuestionnaire(x *exchange) error {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return err
	}
	if form, _ := sdc.Compile(raw); form != nil { // what our engine refuses, it refuses with better words
		if err := a.judged(raw); err != nil {
			return err
		}
	}
	v, _, err := a.Questionnaires.Publish(x.gin.Request.Context(), x.Actor, raw, sdc.Identity{})
	if err != nil {
		return err
	}
	v.Raw = raw
	x.gin.Header("Location", "/fhir/Questionnaire/"+string(v.ID))
	return x.questionnaire(http.StatusCreated, v)
}

func (a *API) responseResources() []interaction {
	if a.Questionnaires == nil {
		return nil
	}
	const most = 2 << 20
	return []interaction{
		{resource: "QuestionnaireResponse", code: "read", right: readsAnswers, handle: a.readAnswers},
		{resource: "QuestionnaireResponse", code: "search-type", right: readsAnswers, handle: a.searchAnswers, params: []parameter{
			{"subject", "reference", "Patient/ and the person's id. Required."}, {"questionnaire", "uri", "url|version"}, {"status", "token", "in-progress, completed or amended"},
		}},
		{resource: "QuestionnaireResponse", code: "create", right: answers, body: most, handle: a.createAnswers},
		{resource: "QuestionnaireResponse", code: "update", right: answers, body: most, handle: a.updateAnswers},
		{resource: "QuestionnaireResponse", code: "$validate", right: readsForms, body: most, handle: a.validateAnswers},
	}
}

func (a *API) readAnswers(x *exchange) error {
	id, err := ident.Parse[ident.ResponseID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	return a.giveAnswers(x, http.StatusOK, id)
}

func (a *API) giveAnswers(x *exchange, status int, id ident.ResponseID) error {
	raw, r, err := a.Questionnaires.JSON(x.gin.Request.Context(), x.Actor, id)
	if err != nil {
		return err
	}
	x.version(r.Revision)
	return x.give(status, raw)
}

func (a *API) searchAnswers(x *exchange) error {
	q, err := x.query()
	if err != nil {
		return err
	}
	if q.Get("subject") == "" {
		return errNeeded.With("Name", "subject").At("subject")
	}
	person, err := patient(q.Get("subject"))
	if err != nil {
		return err
	}
	ctx := x.gin.Request.Context()
	all, err := a.Questionnaires.Responses(ctx, x.Actor, person)
	if err != nil {
		return err
	}
	var resources []json.RawMessage
	for _, r := range all {
		if s := q.Get("status"); s != "" && string(r.Status) != s {
			continue
		}
		if c := q.Get("questionnaire"); c != "" {
			form, err := a.Questionnaires.Form(ctx, r.Version)
			if err != nil {
				return err
			}
			if form.Canonical() != c && form.URL != c {
				continue
			}
		}
		raw, _, err := a.Questionnaires.JSON(ctx, x.Actor, r.ID)
		if err != nil {
			return err
		}
		resources = append(resources, raw)
	}
	return x.found(q, resources)
}

func (a *API) createAnswers(x *exchange) error {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return err
	}
	if err := is(raw, "QuestionnaireResponse"); err != nil {
		return err
	}
	doc, err := jsonscan.Parse(raw, sdc.ResponseLimits)
	if err != nil {
		return err
	}
	subject := doc.Root().Get("subject").Get("reference").Text()
	if subject == "" {
		return errNeeded.With("Name", "subject").At("QuestionnaireResponse.subject")
	}
	person, err := patient(subject)
	if err != nil {
		return err
	}
	r, err := a.Questionnaires.Create(x.gin.Request.Context(), x.Actor, person, raw, questionnaires.Meta{Key: x.gin.GetHeader("Idempotency-Key"), Language: x.Printer.Lang(), Device: "fhir"})
	if err != nil {
		return err
	}
	x.gin.Header("Location", "/fhir/QuestionnaireResponse/"+string(r.ID))
	return a.giveAnswers(x, http.StatusCreated, r.ID)
}

func (a *API) updateAnswers(x *exchange) error {
	id, err := ident.Parse[ident.ResponseID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	revision, err := untag(x.gin.GetHeader("If-Match"))
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return err
	}
	if err := is(raw, "QuestionnaireResponse"); err != nil {
		return err
	}
	_, err = a.Questionnaires.Replace(x.gin.Request.Context(), x.Actor, id, raw, questionnaires.Meta{Revision: revision, Language: x.Printer.Lang(), Device: "fhir"})
	if fault.KindOf(err) == fault.Stale {
		if r, failed := a.Questionnaires.Response(x.gin.Request.Context(), x.Actor, id); failed == nil {
			x.version(r.Revision)
		}
	}
	if err != nil {
		return err
	}
	return a.giveAnswers(x, http.StatusOK, id)
}

// validateAnswers tells everything that is wrong with a response, and keeps nothing. The resource comes as it is, or as
// the parameter "resource".
func (a *API) validateAnswers(x *exchange) error {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return err
	}
	doc, err := jsonscan.Parse(raw, sdc.ResponseLimits)
	if err == nil && doc.Root().Get("resourceType").Text() == "Parameters" {
		for _, p := range doc.Root().Get("parameter").All() {
			if p.Get("name").Text() == "resource" && p.Get("resource").Exists() {
				raw = p.Get("resource").Raw()
			}
		}
	}
	var found sdc.Issues
	if err == nil {
		found, err = a.Questionnaires.Judge(x.gin.Request.Context(), x.Actor, raw)
	}
	if err == nil && len(found.Errors()) == 0 { // what our engine refuses, it refuses with better words
		err = a.judged(raw)
	}
	if err != nil && !tellable(err) {
		return err
	}
	return x.give(http.StatusOK, x.told(found, err))
}
