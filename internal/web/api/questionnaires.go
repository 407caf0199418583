package api

import (
	"encoding/json"
	"io"
	"time"

	"kindred/internal/ident"
	"kindred/internal/web/answer"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

var (
	publishes  = route.May(policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActPublish)
	readsForms = route.Either(route.May(policies.PurposeOwn, policies.ObjectQuestionnaire, policies.ActRead),
		route.Either(route.May(policies.PurposeAuthoring, policies.ObjectQuestionnaire, policies.ActRead),
			route.Either(route.May(policies.PurposeResearch, policies.ObjectQuestionnaire, policies.ActRead),
				route.May(policies.PurposeOversight, policies.ObjectQuestionnaire, policies.ActRead))))
)

// formBody is the most that a questionnaire may weigh.
const formBody = 4 << 20

func (a *API) forms() {
	if a.Questionnaires == nil {
		return
	}
	on(a, operation{id: "listQuestionnaires", method: "GET", path: "/questionnaires", right: readsForms, tag: "questionnaires", summary: "The newest version of each questionnaire."}, a.listForms)
	on(a, operation{id: "listVersions", method: "GET", path: "/questionnaires/{questionnaire}/versions", right: readsForms, tag: "questionnaires", summary: "Every published version of one."}, a.listVersions)
	on(a, operation{id: "getVersion", method: "GET", path: "/versions/{version}", right: readsForms, tag: "questionnaires", summary: "A version, with the FHIR JSON as it was published."}, a.getVersion)
	on(a, operation{id: "publishQuestionnaire", method: "POST", path: "/questionnaires", right: publishes, tag: "questionnaires", status: 201, creates: true, body: formBody, raw: "application/fhir+json",
		summary: "Publish a version from FHIR R4 JSON. Whatever is not supported is refused, all at once."}, a.publish)
	on(a, operation{id: "retireVersion", method: "POST", path: "/versions/{version}/retire", right: publishes, tag: "questionnaires", status: 204,
		summary: "Stop offering a version. Drafts go on, answers stay; a further version offers the questionnaire again."}, a.retireVersion)
	on(a, operation{id: "retireQuestionnaire", method: "POST", path: "/questionnaires/{questionnaire}/retire", right: publishes, tag: "questionnaires", status: 204, summary: "Stop offering every version of a questionnaire."}, a.retireQuestionnaire)
	a.authoring()
	a.responses()
}

type version struct {
	ID            ident.VersionID       `json:"id"`
	Questionnaire ident.QuestionnaireID `json:"questionnaire"`
	URL           string                `json:"url"`
	Version       string                `json:"version"`
	Number        int                   `json:"number" doc:"1 for the first that was published."`
	Title         string                `json:"title"`
	SHA256        string                `json:"sha256"`
	PublishedAt   time.Time             `json:"published_at"`
	Retired       bool                  `json:"retired" doc:"Not offered any more; drafts go on."`
}

func showVersion(v questionnaires.Version) version {
	return version{v.ID, v.Questionnaire, v.URL, v.Version, v.Number, v.Title, v.SHA256, v.PublishedAt, v.Retired}
}

func versionID(v questionnaires.Version) string { return string(v.ID) }

func (a *API) listForms(x *call, in *Paging) (*got[list[version]], error) {
	all, err := a.Questionnaires.Versions(x.Context(), x.Actor)
	if err != nil {
		return nil, err
	}
	return listed(questionnaires.Newest(all), *in, versionID, showVersion)
}

type versionsQuery struct {
	Paging
	Questionnaire string `path:"questionnaire"`
}

func (a *API) listVersions(x *call, in *versionsQuery) (*got[list[version]], error) {
	all, err := a.Questionnaires.Versions(x.Context(), x.Actor)
	if err != nil {
		return nil, err
	}
	var own []questionnaires.Version
	for _, v := range all {
		if string(v.Questionnaire) == in.Questionnaire {
			own = append(own, v)
		}
	}
	if len(own) == 0 {
		return nil, errMissing
	}
	return listed(own, in.Paging, versionID, showVersion)
}

type versionPath struct {
	Version string `path:"version"`
}

type versionBody struct {
	Version version         `json:"version"`
	FHIR    json.RawMessage `json:"fhir" doc:"As published."`
}

func (a *API) getVersion(x *call, in *versionPath) (*got[versionBody], error) {
	id, err := ident.Parse[ident.VersionID](in.Version)
	if err != nil {
		return nil, err
	}
	v, err := a.Questionnaires.Version(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &got[versionBody]{versionBody{showVersion(v), v.Raw}}, nil
}

func (a *API) retireVersion(x *call, in *versionPath) (*done, error) {
	id, err := ident.Parse[ident.VersionID](in.Version)
	if err != nil {
		return nil, err
	}
	return &done{}, a.Questionnaires.Retire(x.Context(), x.Actor, id)
}

type questionnairePath struct {
	Questionnaire string `path:"questionnaire"`
}

func (a *API) retireQuestionnaire(x *call, in *questionnairePath) (*done, error) {
	id, err := ident.Parse[ident.QuestionnaireID](in.Questionnaire)
	if err != nil {
		return nil, err
	}
	return &done{}, a.Questionnaires.RetireAll(x.Context(), x.Actor, id)
}

type identity struct {
	URL     string `query:"url" maxLength:"500" doc:"For a file that has none."`
	Version string `query:"version" maxLength:"50" doc:"For a file that has none."`
}

type published struct {
	Version  version                `json:"version"`
	Warnings []answer.ProblemDetail `json:"warnings"`
}

func (a *API) publish(x *call, in *identity) (*made[published], error) {
	raw, err := io.ReadAll(x.gin.Request.Body)
	if err != nil {
		return nil, err
	}
	v, found, err := a.Questionnaires.Publish(x.Context(), x.Actor, raw, sdc.Identity{URL: in.URL, Version: in.Version})
	if err != nil {
		return nil, err
	}
	out := published{showVersion(v), x.details(found.Warnings)}
	return &made[published]{Location: "/api/v1/versions/" + string(v.ID), Body: out}, nil
}

// exact is a number as it was written: 1.50 is not 1.5.
type exact string

// UnmarshalJSON keeps the text.
func (n *exact) UnmarshalJSON(b []byte) error {
	*n = exact(b)
	return nil
}
