package api

import (
	"bufio"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/registry"
)

var (
	reviews      = route.May(policies.PurposeReview, policies.ObjectEvidence, policies.ActRead)
	ownEvidence  = route.May(policies.PurposeOwn, policies.ObjectEvidence, policies.ActRead)
	errFile      = fault.New(fault.Invalid, "api.file.missing").At("file")
	errFileTwice = fault.New(fault.Invalid, "api.file.twice").At("file")
	errFileName  = fault.New(fault.Invalid, "api.file.name").At("file")
)

func (a *API) proofs() {
	if a.Registry == nil {
		return
	}
	on(a, operation{id: "submitEvidence", method: "POST", path: "/participants/{participant}/diagnoses/{diagnosis}/evidence", right: route.May(policies.PurposeOwn, policies.ObjectEvidence, policies.ActWrite),
		tag: "evidence", status: 201, creates: true, stream: true, raw: "multipart/form-data", body: registry.MaxEvidence + 64<<10, summary: "Upload a file that proves a diagnosis: PDF, JPEG or PNG."}, a.submitEvidence)
	on(a, operation{id: "listEvidence", method: "GET", path: "/participants/{participant}/evidence", right: ownEvidence, tag: "evidence", summary: "Where each proof stands."}, a.listEvidence)
	on(a, operation{id: "evidenceFile", method: "GET", path: "/evidence/{evidence}/file", right: route.Either(ownEvidence, reviews), tag: "evidence", stream: true, summary: "The file, as an attachment: one's own, or one that waits for a reviewer."}, a.evidenceFile)
	on(a, operation{id: "reviewQueue", method: "GET", path: "/evidence", right: reviews, tag: "evidence", summary: "What waits for a reviewer, oldest first, without names."}, a.reviewQueue)
	on(a, operation{id: "reviewCase", method: "GET", path: "/evidence/{evidence}", right: reviews, tag: "evidence", summary: "The claim beside the proof. Looking is an entry in the audit."}, a.reviewCase)
	on(a, operation{id: "decideEvidence", method: "POST", path: "/evidence/{evidence}/decisions", right: route.May(policies.PurposeReview, policies.ObjectEvidence, policies.ActWrite), tag: "evidence", status: 201, creates: true, summary: "Accept, or ask again with a reason that the person reads."}, a.decideEvidence)
}

type evidence struct {
	ID          ident.EvidenceID       `json:"id"`
	Diagnosis   ident.DiagnosisID      `json:"diagnosis"`
	MediaType   string                 `json:"media_type"`
	Size        int64                  `json:"size"`
	Pages       int                    `json:"pages"`
	State       registry.EvidenceState `json:"state"`
	Reason      string                 `json:"reason,omitempty" doc:"Why it was asked for again."`
	Replaces    ident.EvidenceID       `json:"replaces,omitempty"`
	SubmittedAt time.Time              `json:"submitted_at"`
	DecidedAt   *time.Time             `json:"decided_at,omitempty"`
}

func showEvidence(e registry.Evidence) evidence {
	return evidence{e.ID, e.Diagnosis, e.MediaType, e.Size, e.Pages, e.State, e.Reason, e.Replaces, e.SubmittedAt, instant(e.DecidedAt)}
}

// upload streams the one file of a multipart body to take. Its name decides nothing, but it must not say something else
// than its first bytes do.
func upload(x *call, take func(name string, r io.Reader) error) error {
	form, err := x.gin.Request.MultipartReader()
	if err != nil {
		return errFile.Because(err)
	}
	for taken := false; ; taken = true {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF) && taken:
			return nil
		case errors.Is(err, io.EOF):
			return errFile
		case err != nil:
			return broken(err)
		case part.FormName() != "file" || part.FileName() == "":
			return errFile
		case taken:
			return errFileTwice
		}
		r, err := named(part)
		if err != nil {
			return err
		}
		if err := take(part.FileName(), r); err != nil {
			return err
		}
	}
}

// broken is a multipart body that ends early or is none.
func broken(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return errFile.Because(err)
}

var extensions = map[string]string{".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}

func named(part *multipart.Part) (io.Reader, error) {
	r := bufio.NewReader(part)
	head, err := r.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, broken(err)
	}
	extension := strings.ToLower(filepath.Ext(part.FileName()))
	is := http.DetectContentType(head)
	if said := extensions[extension]; said != "" && said != is {
		return nil, errFileName.With("Name", extension, "Is", is)
	}
	return r, nil
}

func (a *API) submitEvidence(x *call, in *DiagnosisPath) (*made[evidence], error) {
	id, diagnosis, err := in.ids()
	if err != nil {
		return nil, err
	}
	var e registry.Evidence
	err = upload(x, func(_ string, r io.Reader) (err error) {
		e, err = a.Registry.SubmitEvidence(x.Context(), x.Actor, id, diagnosis, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &made[evidence]{"/api/v1/evidence/" + string(e.ID) + "/file", tag(e.Revision), showEvidence(e)}, nil
}

func (a *API) listEvidence(x *call, in *PersonPath) (*got[list[evidence]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Registry.Evidence(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[evidence]{Items: []evidence{}}
	for _, e := range all {
		out.Items = append(out.Items, showEvidence(e))
	}
	return &got[list[evidence]]{out}, nil
}

// EvidencePath names a proof.
type EvidencePath struct {
	Evidence string `path:"evidence"`
}

func (p EvidencePath) id() (ident.EvidenceID, error) {
	return ident.Parse[ident.EvidenceID](p.Evidence)
}

func (a *API) evidenceFile(x *call, in *EvidencePath) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	e, f, err := a.Registry.OpenEvidence(x.Context(), x.Actor, id)
	if k := fault.KindOf(err); err != nil && (k == fault.Missing || k == fault.Denied) && reviews.Check(x.Context(), a.Authority, x.Actor) == nil {
		e, f, err = a.Registry.OpenCase(x.Context(), x.Actor, id)
	}
	if err != nil {
		return nil, err
	}
	return attachment(x, f, e.FileName(), e.MediaType, e.Size), nil
}

type queued struct {
	Evidence  evidence           `json:"evidence"`
	Diagnosis registry.Diagnosis `json:"diagnosis"`
}

func (a *API) reviewQueue(x *call, in *Paging) (*got[list[queued]], error) {
	var after ident.EvidenceID
	if in.Cursor != "" {
		id, err := ident.Parse[ident.EvidenceID](in.Cursor)
		if err != nil {
			return nil, errCursor
		}
		after = id
	}
	cases, err := a.Registry.Queue(x.Context(), x.Actor, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := list[queued]{Items: []queued{}}
	for _, c := range cases {
		out.Items = append(out.Items, queued{showEvidence(c.Evidence), c.Diagnosis})
	}
	if len(cases) == in.Limit {
		out.Next = string(cases[len(cases)-1].Evidence.ID)
	}
	return &got[list[queued]]{out}, nil
}

type reviewed struct {
	Evidence  evidence           `json:"evidence"`
	Diagnosis registry.Diagnosis `json:"diagnosis"`
	Name      string             `json:"name" doc:"To compare with the document."`
	BirthDate registry.Date      `json:"birth_date,omitzero"`
	Earlier   []evidence         `json:"earlier"`
}

func (a *API) reviewCase(x *call, in *EvidencePath) (*tagged[reviewed], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	c, err := a.Registry.Case(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := reviewed{showEvidence(c.Evidence), c.Diagnosis, c.Who, c.About.Birth, []evidence{}}
	for _, e := range c.Earlier {
		out.Earlier = append(out.Earlier, showEvidence(e))
	}
	return &tagged[reviewed]{tag(c.Evidence.Revision), out}, nil
}

type evidenceVerdict struct {
	EvidencePath
	IfMatch string `header:"If-Match" doc:"The state that was looked at."`
	Body    struct {
		Accept bool   `json:"accept"`
		Reason string `json:"reason,omitempty" doc:"Needed to ask again."`
	}
}

func (a *API) decideEvidence(x *call, in *evidenceVerdict) (*made[evidence], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	revision := 0
	if in.IfMatch != "" {
		if revision, err = untag(in.IfMatch); err != nil {
			return nil, err
		}
	}
	e, err := a.Registry.Decide(x.Context(), x.Actor, id, revision, registry.Decision{Accept: in.Body.Accept, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return &made[evidence]{ETag: tag(e.Revision), Body: showEvidence(e)}, nil
}
