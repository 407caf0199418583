package api

import (
	"encoding/json"
	"io"
	"net/http"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// errContext is a launch context that is no FHIR resource.
var errContext = fault.New(fault.Invalid, "api.fhir.context")

func (a *API) populations() []interaction {
	if a.Questionnaires == nil {
		return nil
	}
	return []interaction{
		{resource: "Questionnaire", code: "$populate", right: readsForms, body: 2 << 20, handle: a.populateGiven},
		{resource: "Questionnaire", code: "$populate", instance: true, right: readsForms, body: 2 << 20, handle: a.populatePublished},
	}
}

// populateGiven answers with a draft in which the first answers stand: of a questionnaire that comes as the parameter
// "questionnaire", or of the published one that "canonical" names. Nothing is kept.
func (a *API) populateGiven(x *exchange) error {
	return a.populate(x, func(p parameters) ([]byte, error) {
		if p.questionnaire != nil {
			return p.questionnaire, nil
		}
		return a.formNamed(x, p.canonical)
	})
}

// populatePublished is the same for a published version.
func (a *API) populatePublished(x *exchange) error {
	id, err := ident.Parse[ident.VersionID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	return a.populate(x, func(parameters) ([]byte, error) {
		v, err := a.Questionnaires.Version(x.gin.Request.Context(), x.Actor, id)
		if err != nil {
			return nil, err
		}
		return v.Resource()
	})
}

// parameters are those of $populate that are understood (SDC, Questionnaire-populate).
type parameters struct {
	questionnaire []byte
	canonical     string
	subject       string
	contexts      map[string]json.RawMessage
}

func (a *API) populate(x *exchange, form func(parameters) ([]byte, error)) error {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return err
	}
	p, err := parametersOf(raw)
	if err != nil {
		return err
	}
	definition, err := form(p)
	if err != nil {
		return err
	}
	f, found := sdc.Compile(definition, sdc.Options{Lenient: true})
	if f == nil {
		return found.Refusals.Err()
	}
	if p.subject != "" && a.Launch != nil { // what the registry knows of a person, to who may know it
		person, err := patient(p.subject)
		if err != nil {
			return err
		}
		known, err := a.Launch(x.gin.Request.Context(), x.Actor, person)
		if err != nil {
			return err
		}
		for name, resource := range known {
			if _, given := p.contexts[name]; !given {
				p.contexts[name] = resource
			}
		}
	}
	launch, err := questionnaires.LaunchNodes(p.contexts)
	if err != nil {
		return errContext.Because(err)
	}
	now := a.Clock.Now()
	state := f.Start(sdc.Context{Now: now, Launch: launch})
	return x.give(http.StatusOK, f.Encode(state, sdc.Header{Status: sdc.InProgress, Subject: p.subject, Authored: now, Language: x.Printer.Lang()}))
}

func parametersOf(raw []byte) (parameters, error) {
	p := parameters{contexts: map[string]json.RawMessage{}}
	if len(raw) == 0 {
		return p, nil
	}
	doc, err := jsonscan.Parse(raw, sdc.FormLimits)
	if err != nil {
		return p, err
	}
	if err := is(raw, "Parameters"); err != nil {
		return p, err
	}
	for _, one := range doc.Root().Get("parameter").All() {
		switch one.Get("name").Text() {
		case "questionnaire":
			p.questionnaire = one.Get("resource").Raw()
		case "canonical":
			p.canonical = one.Get("valueCanonical").Text() + one.Get("valueUri").Text()
		case "subject":
			p.subject = one.Get("valueReference").Get("reference").Text()
		case "context":
			name := ""
			var content []byte
			for _, part := range one.Get("part").All() {
				switch part.Get("name").Text() {
				case "name":
					name = part.Get("valueString").Text() + part.Get("valueCode").Text()
				case "content":
					content = part.Get("resource").Raw()
				}
			}
			if name != "" && content != nil {
				p.contexts[name] = content
			}
		}
	}
	return p, nil
}
