package page

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/registry"
)

// evidenceView is where the proof of each named diagnosis stands.
type evidenceView struct {
	Base  string
	Cases []evidenceCase
}

type evidenceCase struct {
	Diagnosis diagnosisRow
	Latest    *registry.Evidence
	Files     []evidenceFile
	Wanted    bool // a file is asked for: the first one, or once more
	Wrong     string
}

type evidenceFile struct {
	registry.Evidence
	Name string
}

// errFile asks for a file where none was chosen.
var errFile = fault.New(fault.Invalid, "page_evidence.choose").At("file")

// Evidence shows where each proof stands, and asks for a file.
func (p *Pages) Evidence(r *Request) error {
	page, err := p.evidencePage(r, "", nil)
	if err != nil {
		return err
	}
	return r.Show("evidence", page)
}

func (p *Pages) evidencePage(r *Request, wrongAt string, wrong error) (view.Page, error) {
	sum, err := p.summaryOf(r)
	if err != nil {
		return view.Page{}, err
	}
	data := evidenceView{Base: "/people/" + string(sum.ID) + "/evidence"}
	for _, d := range sum.Diagnoses {
		if d.Undiagnosed {
			continue
		}
		c := evidenceCase{Diagnosis: p.diagnosisWords(r, sum, d), Wanted: true}
		for i, e := range sum.Evidence {
			if e.Diagnosis != d.ID {
				continue
			}
			c.Files = append(c.Files, evidenceFile{e, e.FileName()})
			if e.State != registry.Replaced {
				c.Latest = &sum.Evidence[i]
				c.Wanted = e.State == registry.AskedAgain
			}
		}
		if wrong != nil && string(d.ID) == wrongAt {
			c.Wrong = view.Tell(r.Printer, fault.All(wrong)[0])
		}
		data.Cases = append(data.Cases, c)
	}
	return view.Page{Title: view.Key("page_evidence.title"), Back: &view.Link{Href: "/people/" + string(sum.ID)}, Data: data}, nil
}

// EvidenceNow takes a file as it streams in: nothing of it lies in the clear on disk.
func (p *Pages) EvidenceNow(r *Request) error {
	person, err := r.Person()
	if err != nil {
		return err
	}
	diagnosis, err := ID[ident.DiagnosisID](r, "diagnosis")
	if err != nil {
		return err
	}
	file, err := r.file("file")
	if err == nil {
		_, err = p.Registry.SubmitEvidence(r.Request.Context(), r.Actor, person, diagnosis, file)
	}
	if err != nil {
		if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.TooLarge && kind != fault.Conflict {
			return err
		}
		at := fault.All(err)[0].At("file-" + string(diagnosis))
		page, failed := p.evidencePage(r, string(diagnosis), err)
		if failed != nil {
			return failed
		}
		return r.Again("evidence", page, at)
	}
	r.Said("page_evidence.sent")
	return r.Go("/people/" + string(person) + "/evidence")
}

// file is the one file of an upload form, unread.
func (r *Request) file(name string) (io.Reader, error) {
	parts, err := r.Request.MultipartReader()
	if err != nil {
		return nil, errFile
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errFile
		}
		if err != nil {
			return nil, bodyFault(err)
		}
		if part.FormName() == name && part.FileName() != "" {
			return part, nil
		}
	}
}

// EvidenceFile gives a file back to whoever gave it, as a download and never as a page.
func (p *Pages) EvidenceFile(r *Request) error {
	id, err := ID[ident.EvidenceID](r, "evidence")
	if err != nil {
		return err
	}
	e, content, err := p.Registry.OpenEvidence(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	defer content.Close()
	if string(e.Participant) != r.Param("person") {
		return ident.ErrInvalid
	}
	h := r.Writer.Header()
	h.Set("Content-Type", e.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+e.FileName()+`"`)
	h.Set("Content-Length", strconv.FormatInt(e.Size, 10))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	r.Status(http.StatusOK)
	_, err = io.Copy(r.Writer, content)
	return err
}
