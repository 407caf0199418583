package api

import (
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kindred/internal/ident"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

func (a *API) answerFiles() {
	on(a, operation{id: "uploadFile", method: "POST", path: "/responses/{response}/files", right: answers, tag: "responses", status: 201, creates: true, stream: true, raw: "multipart/form-data", body: questionnaires.MaxFile + 64<<10,
		summary: "Answer a question with a file: PDF, JPEG or PNG. It takes the place of the one there is, or stands behind the others where the question repeats."}, a.uploadFile)
	on(a, operation{id: "getFile", method: "GET", path: "/files/{file}", right: readsAnswers, tag: "responses", stream: true, summary: "A file that answers a question, as an attachment."}, a.getFile)
}

type answerFile struct {
	ID        ident.BlobID `json:"id"`
	URL       string       `json:"url" doc:"How a valueAttachment names it."`
	Title     string       `json:"title" doc:"The name it came with."`
	MediaType string       `json:"media_type"`
	Size      int64        `json:"size"`
	At        time.Time    `json:"at"`
}

func showFile(f questionnaires.File) answerFile {
	return answerFile{f.ID, "/api/v1/files/" + string(f.ID), f.Title, f.MediaType, f.Size, f.At}
}

type newFile struct {
	ResponsePath
	Path string `query:"path" required:"true" maxLength:"500" doc:"Of the question: its linkId; inside repeating groups with their instance numbers: dose#3."`
}

type savedFile struct {
	File     answerFile `json:"file"`
	Revision int        `json:"revision"`
	Seq      int        `json:"seq"`
	At       time.Time  `json:"saved_at"`
	Repeated bool       `json:"repeated,omitempty"`
}

func (a *API) uploadFile(x *call, in *newFile) (*made[savedFile], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	path, err := sdc.ParsePath(in.Path)
	if err != nil {
		return nil, sdc.ErrNoItem.At("path")
	}
	var f questionnaires.File
	var saved questionnaires.Saved
	err = upload(x, func(name string, r io.Reader) (err error) {
		f, saved, err = a.Questionnaires.Upload(x.Context(), x.Actor, id, path, name, r, questionnaires.Meta{Language: x.Printer.Lang()})
		return err
	})
	if err != nil {
		return nil, err
	}
	out := savedFile{showFile(f), saved.Revision, saved.Seq, saved.At, saved.Repeated}
	return &made[savedFile]{"/api/v1/files/" + string(f.ID), tag(saved.Revision), out}, nil
}

// FilePath names a file.
type FilePath struct {
	File string `path:"file"`
}

func (a *API) getFile(x *call, in *FilePath) (*huma.StreamResponse, error) {
	id, err := ident.Parse[ident.BlobID](in.File)
	if err != nil {
		return nil, err
	}
	f, content, err := a.Questionnaires.File(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return attachment(x, content, f.Name(), f.MediaType, f.Size), nil
}

// attachmentValue names a file that was uploaded; what else is known of it is told, and not asked.
type attachmentValue struct {
	URL         string `json:"url" doc:"Of a file that was uploaded to the response."`
	ContentType string `json:"contentType,omitempty"`
	Title       string `json:"title,omitempty"`
	Size        int64  `json:"size,omitempty"`
}
