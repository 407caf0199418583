package api

import (
	"encoding/json"
	"io"
	"mime"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kindred/export"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
)

func (a *API) outputs() {
	on(a, operation{id: "requestRelease", method: "POST", path: "/studies/{study}/releases", right: releases, tag: "releases", status: 202, creates: true, summary: "Ask for a release. It runs as a job: see its state."}, a.requestRelease)
	on(a, operation{id: "listReleases", method: "GET", path: "/studies/{study}/releases", right: seesOutput, tag: "releases", summary: "The releases of a study, newest first."}, a.listReleases)
	on(a, operation{id: "getRelease", method: "GET", path: "/releases/{release}", right: seesOutput, tag: "releases", summary: "A release: how far it is, and its files."}, a.getRelease)
	on(a, operation{id: "getManifest", method: "GET", path: "/releases/{release}/manifest", right: seesOutput, tag: "releases", summary: "The manifest of a finished release, and its signature."}, a.getManifest)
	on(a, operation{id: "downloadFile", method: "GET", path: "/releases/{release}/files/{name}", right: releases, tag: "releases", stream: true, summary: "A file. 410 once somebody in it is no longer covered."}, a.downloadFile)
	on(a, operation{id: "listUses", method: "GET", path: "/participants/{participant}/uses", right: route.May(policies.PurposeOwn, policies.ObjectRelease, policies.ActRead), tag: "releases", summary: "Which studies received a person's data, when, and why that was allowed."}, a.listUses)
}

type release struct {
	ID           ident.ReleaseID     `json:"id"`
	Study        ident.StudyID       `json:"study"`
	State        export.ReleaseState `json:"state"`
	Formats      []export.Format     `json:"formats"`
	Protocol     int                 `json:"protocol"`
	Progress     progress            `json:"progress"`
	Participants int                 `json:"participants"`
	Snapshot     int64               `json:"consent_snapshot,omitempty"`
	Fault        string              `json:"fault,omitempty" doc:"Why it failed."`
	CreatedAt    time.Time           `json:"created_at"`
	FinishedAt   *time.Time          `json:"finished_at,omitempty"`
	WithdrawnAt  *time.Time          `json:"withdrawn_at,omitempty"`
	Files        []releaseFile       `json:"files"`
}

type progress struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

type releaseFile struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Href   string `json:"href"`
}

func showRelease(x *call, r *export.Release) release {
	out := release{
		r.ID, r.Study, r.State, filled(r.Formats), r.Protocol, progress{r.Done, r.Total}, r.Participants, r.Snapshot, "", r.CreatedAt, r.FinishedAt, r.WithdrawnAt, []releaseFile{},
	}
	if r.Fault != "" {
		out.Fault = x.Printer.T(r.Fault)
	}
	if r.State == export.Finished && !r.Folder {
		for _, f := range r.Files {
			out.Files = append(out.Files, releaseFile{f.Name, f.Format, f.Rows, f.Bytes, f.SHA256, "/api/v1/releases/" + string(r.ID) + "/files/" + f.Name})
		}
	}
	return out
}

type releaseWish struct {
	StudyPath
	Body *struct {
		Formats []export.Format `json:"formats,omitempty" doc:"fhir, xlsx; all when left out."`
	} `required:"false"`
}

func (a *API) requestRelease(x *call, in *releaseWish) (*made[release], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	var formats []export.Format
	if in.Body != nil {
		formats = in.Body.Formats
	}
	r, err := a.Studies.Request(x.Context(), x.Actor, id, formats)
	if err != nil {
		return nil, err
	}
	return &made[release]{Location: "/api/v1/releases/" + string(r.ID), Body: showRelease(x, r)}, nil
}

type releasesQuery struct {
	StudyPath
	Paging
}

func (a *API) listReleases(x *call, in *releasesQuery) (*got[list[release]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Studies.Releases(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return listed(all, in.Paging, func(r *export.Release) string { return string(r.ID) }, func(r *export.Release) release { return showRelease(x, r) })
}

// ReleasePath names a release.
type ReleasePath struct {
	Release string `path:"release"`
}

func (p ReleasePath) id() (ident.ReleaseID, error) { return ident.Parse[ident.ReleaseID](p.Release) }

func (a *API) getRelease(x *call, in *ReleasePath) (*got[release], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := a.Studies.Release(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	if r.State == export.Requested || r.State == export.Running {
		x.gin.Header("Retry-After", "2")
	}
	return &got[release]{showRelease(x, r)}, nil
}

type manifest struct {
	Manifest  json.RawMessage `json:"manifest"`
	Signature string          `json:"signature"`
}

func (a *API) getManifest(x *call, in *ReleasePath) (*got[manifest], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := a.Studies.Release(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	if r.Manifest == "" {
		return nil, errMissing
	}
	return &got[manifest]{manifest{json.RawMessage(r.Manifest), r.Signature}}, nil
}

type filePath struct {
	ReleasePath
	Name string `path:"name"`
}

func (a *API) downloadFile(x *call, in *filePath) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	info, f, err := a.Studies.Download(x.Context(), x.Actor, id, in.Name)
	if err != nil {
		return nil, err
	}
	media := map[string]string{"fhir": "application/fhir+ndjson", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[info.Format]
	return attachment(x, f, info.Name, media, info.Bytes), nil
}

// attachment streams a file that a browser saves and never shows.
func attachment(x *call, f io.ReadCloser, name, media string, size int64) *huma.StreamResponse {
	if media == "" {
		media = "application/octet-stream"
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer f.Close()
		ctx.SetHeader("Content-Type", media)
		ctx.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		ctx.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		ctx.SetHeader("Cache-Control", "no-store")
		ctx.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		ctx.SetStatus(200)
		if _, err := io.Copy(ctx.BodyWriter(), f); err != nil {
			x.err = err // the length tells the reader that the end is missing
		}
	}}
}

type use struct {
	Release        ident.ReleaseID     `json:"release"`
	Study          ident.StudyID       `json:"study"`
	Title          string              `json:"title"`
	Purpose        string              `json:"purpose"`
	Fields         []export.Field      `json:"fields"`
	Questionnaires []string            `json:"questionnaires"`
	Scopes         []string            `json:"scopes" doc:"The consents that let it happen."`
	Reason         string              `json:"reason" doc:"Why the committee approved."`
	ApprovedAt     *time.Time          `json:"approved_at,omitempty"`
	At             *time.Time          `json:"at,omitempty"`
	State          export.ReleaseState `json:"state"`
	Downloads      []time.Time         `json:"downloads"`
	Pseudonym      string              `json:"pseudonym" doc:"The person's name in that study, to ask the recipient by."`
}

func (a *API) listUses(x *call, in *PersonPath) (*got[list[use]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Studies.Uses(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[use]{Items: []use{}}
	for _, u := range all {
		out.Items = append(out.Items, use{
			u.Release, u.Study, u.Title, u.Purpose, filled(u.Fields), filled(u.Questionnaires), filled(u.Scopes), u.Reason, u.ApprovedAt, instant(u.At), u.State, filled(u.Downloads), u.Pseudonym,
		})
	}
	return &got[list[use]]{out}, nil
}
