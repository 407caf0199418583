package page

import (
	"strconv"

	"kindred/internal/fault"
	"kindred/internal/web/view"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// moveView is what becomes of the answers of a draft in a newer version.
type moveView struct {
	Form     string
	Path     string
	Base     string
	Revision int
	Along    int
	Aside    view.Summary
	Changed  view.Summary
}

// errNoNewer leads back where there is no newer version.
var errNoNewer = fault.New(fault.Missing, "questionnaires.version.missing")

// Move shows what would become of each answer in the newest version.
func (p *Pages) Move(r *Request) error {
	page, _, err := p.movePage(r)
	if err != nil {
		return err
	}
	return r.Show("move", page)
}

func (p *Pages) movePage(r *Request) (view.Page, questionnaires.Move, error) {
	var move questionnaires.Move
	id, err := p.response(r)
	if err != nil {
		return view.Page{}, move, err
	}
	resp, err := p.Questionnaires.Response(r.Request.Context(), r.Actor, id)
	if err != nil {
		return view.Page{}, move, err
	}
	newest, newer, err := p.Questionnaires.Newer(r.Request.Context(), r.Actor, resp)
	if err == nil && !newer {
		err = errNoNewer
	}
	if err != nil {
		return view.Page{}, move, err
	}
	if move, err = p.Questionnaires.Preview(r.Request.Context(), r.Actor, id, newest.ID); err != nil {
		return view.Page{}, move, err
	}
	base := responsePath(r.person, id)
	lang := r.Printer.Lang()
	data := moveView{Form: resp.Form.Title.For(lang), Base: base, Path: base + "/move", Revision: move.Response.Revision}
	newForm, err := p.Questionnaires.Form(r.Request.Context(), newest.ID)
	if err != nil {
		return view.Page{}, move, err
	}
	for _, one := range move.Items {
		row := view.Row{Label: resp.Form.Label(one.LinkID, lang), Value: p.said(r, resp.Form, one.LinkID, one.Values)}
		switch one.Outcome {
		case sdc.KeptAside:
			data.Aside.Rows = append(data.Aside.Rows, row)
		case sdc.Converted:
			row.Note = r.Printer.T("page_questionnaire.move.now", "Now", p.said(r, newForm, one.LinkID, one.Now))
			data.Changed.Rows = append(data.Changed.Rows, row)
		default:
			data.Along++
		}
	}
	return view.Page{Title: view.Key("page_questionnaire.move"), Back: &view.Link{Href: base + "/pages/0"}, Data: data}, move, nil
}

// said are answers in words.
func (p *Pages) said(r *Request, form *sdc.Form, link string, values []sdc.Value) string {
	w := formWriter{l: r.Printer}
	words := ""
	for _, v := range values {
		if words != "" {
			words += ", "
		}
		words += w.say(sdc.AnswerView{Value: v, Text: form.Say(link, []sdc.Value{v}, r.Printer.Lang())})
	}
	return words
}

// MoveNow takes the draft to the newest version, as it was shown.
func (p *Pages) MoveNow(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	page, move, err := p.movePage(r)
	if err != nil {
		return err
	}
	meta := p.meta(r, "")
	if meta.Revision, err = strconv.Atoi(form.Get("revision")); err != nil || meta.Revision < 1 {
		return errText
	}
	resp, err := p.Questionnaires.Move(r.Request.Context(), r.Actor, move.Response.ID, move.To.ID, meta)
	if err != nil {
		return r.Again("move", page, err)
	}
	r.Said("page_questionnaire.moved")
	return r.Go(responsePath(r.person, resp.ID) + "/pages/0")
}

// asideEvents are the answers that were set aside, for the history of a response.
func (p *Pages) asideEvents(r *Request, resp questionnaires.Response) ([]view.Event, error) {
	list, err := p.Questionnaires.SetAside(r.Request.Context(), r.Actor, resp.ID, r.Printer.Lang())
	if err != nil {
		return nil, err
	}
	var events []view.Event
	for _, a := range list {
		key := "page_questionnaire.aside.device"
		if a.Op == questionnaires.OpAside {
			key = "page_questionnaire.aside.version"
		}
		events = append(events, view.Event{When: a.At, Title: r.Printer.T(key), Text: a.Label + " " + a.Said})
	}
	return events, nil
}
