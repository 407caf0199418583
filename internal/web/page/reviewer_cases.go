package page

import (
	"fmt"
	"io"
	"strconv"

	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/registry"
)

// queueView is what waits for a reviewer: the case to take next, and how many there are.
type queueView struct {
	Next  *caseRow
	Count int
	More  bool // there are more than were counted
	Table view.Table
}

// caseRow is one proof that waits, without a name.
type caseRow struct {
	registry.Evidence
	Claim string
	Href  string
}

// queueLength is how many cases the queue shows at once.
const queueLength = 50

// ReviewQueue shows the case that has waited longest, and the list behind it.
func (p *Pages) ReviewQueue(r *Request) error {
	cases, err := p.Registry.Queue(r.Request.Context(), r.Actor, "", queueLength+1)
	if err != nil {
		return err
	}
	data := queueView{Count: min(len(cases), queueLength), More: len(cases) > queueLength}
	table := view.Table{
		Caption: r.Printer.T("page_reviewer.queue"),
		Columns: []view.Column{{Label: r.Printer.T("page_reviewer.claim")}, {Label: r.Printer.T("page_reviewer.sent")}, {Label: r.Printer.T("page_reviewer.file")}},
	}
	for i, c := range cases[:data.Count] {
		row := caseRow{Evidence: c.Evidence, Claim: p.claim(r, c.Diagnosis), Href: "/review/" + string(c.Evidence.ID)}
		if i == 0 {
			data.Next = &row
		}
		table.Rows = append(table.Rows, []view.Cell{{Text: row.Claim, Href: row.Href}, {When: c.Evidence.SubmittedAt}, {Text: fileWords(r, c.Evidence)}})
	}
	data.Table = table
	return r.Show("reviewer_queue", view.Page{Title: view.Key("page_reviewer.title"), Data: data})
}

// claim is a diagnosis in the reader's language.
func (p *Pages) claim(r *Request, d registry.Diagnosis) string {
	if d.Undiagnosed {
		return r.Printer.T("page_diagnosis.undiagnosed")
	}
	return p.Registry.Vocabulary().Diagnoses.Name(d.Code, r.Printer.Lang())
}

func fileWords(r *Request, e registry.Evidence) string {
	kind := "page_reviewer.file.picture"
	if e.MediaType == "application/pdf" {
		kind = "page_reviewer.file.pdf"
	}
	return r.Printer.T(kind) + " · " + r.Printer.N("page_reviewer.pages", e.Pages)
}

// caseView is one case: the claim, and the file beside it.
type caseView struct {
	registry.Evidence
	Claim   view.Summary
	File    string // address
	Shown   bool   // a picture, which the page can show
	Words   string
	Earlier []view.Event
}

// ReviewCase shows one case.
func (p *Pages) ReviewCase(r *Request) error {
	page, err := p.casePage(r)
	if err != nil {
		return err
	}
	return r.Show("reviewer_case", page)
}

func (p *Pages) casePage(r *Request) (view.Page, error) {
	id, err := ID[ident.EvidenceID](r, "evidence")
	if err != nil {
		return view.Page{}, err
	}
	c, err := p.Registry.Case(r.Request.Context(), r.Actor, id)
	if err != nil {
		return view.Page{}, err
	}
	e := c.Evidence
	data := caseView{
		Evidence: e, File: "/review/" + string(id) + "/file", Shown: e.MediaType != "application/pdf", Words: fileWords(r, e), Claim: p.claimRows(r, c),
	}
	for _, old := range c.Earlier {
		event := view.Event{When: old.SubmittedAt, Title: r.Printer.T("page_reviewer.state." + string(old.State)), Text: old.Reason}
		if old.State == registry.EvidenceOK {
			event.Kind = "done"
		}
		data.Earlier = append(data.Earlier, event)
	}
	return view.Page{
		Title: view.Key("page_reviewer.case"), Back: &view.Link{Label: view.Key("page_reviewer.title"), Href: "/review"}, Data: data, Wide: true,
	}, nil
}

// claimRows is what the person says: what the file is compared with.
func (p *Pages) claimRows(r *Request, c registry.Case) view.Summary {
	d, t := c.Diagnosis, r.Printer.T
	rows := []view.Row{
		{Label: t("page_reviewer.name"), Value: c.Who},
		{Label: t("page_reviewer.born"), Value: r.Printer.Partial(c.About.Birth.String())},
		{Label: t("page_reviewer.claim"), Value: p.claim(r, d), Note: d.Code},
	}
	if d.Status != "" {
		rows = append(rows, view.Row{Label: t("page_reviewer.status"), Value: t("page_diagnosis.status." + string(d.Status))})
	}
	if words := ageWords(r, d.Onset); words != "" {
		rows = append(rows, view.Row{Label: t("page_reviewer.onset"), Value: words})
	}
	if words := ageWords(r, d.Diagnosed); words != "" {
		rows = append(rows, view.Row{Label: t("page_reviewer.diagnosed"), Value: words})
	}
	return view.Summary{Title: t("page_reviewer.says"), Rows: rows}
}

// ReviewDecide accepts a proof or asks for it again.
func (p *Pages) ReviewDecide(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id, err := ID[ident.EvidenceID](r, "evidence")
	if err != nil {
		return err
	}
	choice := form.Get("decision")
	if choice != "accept" && choice != "again" {
		return p.caseAgain(r, errChoose.At("decision"))
	}
	revision, _ := strconv.Atoi(form.Get("revision"))
	_, err = p.Registry.Decide(r.Request.Context(), r.Actor, id, revision, registry.Decision{Accept: choice == "accept", Reason: form.Get("reason")})
	if err != nil {
		return p.caseAgain(r, err)
	}
	r.Said("page_reviewer.decided." + choice)
	return r.Go("/review")
}

func (p *Pages) caseAgain(r *Request, wrong error) error {
	page, err := p.casePage(r)
	if err != nil {
		return wrong // decided in the meantime: it is no longer in the queue
	}
	return r.Again("reviewer_case", page, wrong)
}

// ReviewFile gives the file of a case: as a download, and to a browser that opens it all the same without any power.
func (p *Pages) ReviewFile(r *Request) error {
	id, err := ID[ident.EvidenceID](r, "evidence")
	if err != nil {
		return err
	}
	e, file, err := p.Registry.OpenCase(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	defer file.Close()
	r.attach(e.FileName(), e.MediaType, e.Size)
	_, err = io.Copy(r.Writer, file)
	return err
}

// attach begins a download. name holds nothing that somebody typed.
func (r *Request) attach(name, mediaType string, size int64) {
	h := r.Writer.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
}
