package page

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// Questionnaires lists what may be answered, what was begun and what was sent.
func (p *Pages) QuestionnairesOf(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	list, err := p.Questionnaires.Assignments(r.Request.Context(), r.Actor, person)
	if err != nil {
		return err
	}
	data := questionnairesView{Rows: assignmentRows(r, person, list)}
	standing, err := p.Consent.Standing(r.Request.Context(), r.Actor, person)
	if err != nil {
		return err
	}
	if !standing.InForce(policies.ScopeQuestionnaires) {
		data.Sign = "/people/" + string(person) + "/consent/sign"
		for i := range data.Rows {
			data.Rows[i].Start, data.Rows[i].Draft = "", nil
		}
	}
	return r.Show("questionnaires", view.Page{Title: view.Key("page_questionnaire.title"), Data: data})
}

// questionnairesView is the list, and where to agree to answering while that is missing.
type questionnairesView struct {
	Rows []assignmentRow
	Sign string
}

// assignmentRow is one questionnaire of the list.
type assignmentRow struct {
	Title, Hint string
	Start       string // posts here to begin
	Again       bool
	Draft       *view.Task
	Sent        []view.Task
}

func assignmentRows(r *Request, person ident.ParticipantID, list []questionnaires.Assignment) []assignmentRow {
	base := "/people/" + string(person)
	var rows []assignmentRow
	for _, a := range list {
		row := assignmentRow{Title: titleOf(r, a.Version), Hint: r.Printer.N("page_questionnaire.minutes", max(a.Minutes, 1))}
		if row.Title == "" {
			row.Title = a.Version.URL
		}
		if a.Draft != nil {
			row.Draft = &view.Task{Title: row.Title, Hint: r.Printer.N("page_questionnaire.left", max(a.Minutes, 1)), Href: responsePath(person, a.Draft.ID) + "/pages/0", State: "now", Says: r.Printer.T("page_questionnaire.begun")}
			if a.Outdated {
				row.Draft.Hint += " " + r.Printer.T("page_questionnaire.outdated")
			}
		} else if !a.Version.Retired {
			row.Start = base + "/questionnaires/" + string(a.Version.Questionnaire)
		}
		row.Again = len(a.Sent) > 0
		for _, s := range a.Sent {
			row.Sent = append(row.Sent, view.Task{Title: row.Title, Hint: r.Printer.Date(s.SubmittedAt), Href: responsePath(person, s.ID), State: "done", Says: r.Printer.T("page_questionnaire.sent")})
		}
		rows = append(rows, row)
	}
	return rows
}

// titleOf is a questionnaire's title in the reader's language, where it has one.
func titleOf(r *Request, v questionnaires.Version) string {
	form, err := r.pages.Questionnaires.Form(r.Request.Context(), v.ID)
	if err != nil {
		return v.Title // the list is still of use
	}
	return form.Title.For(r.Printer.Lang())
}

func responsePath(p ident.ParticipantID, id ident.ResponseID) string {
	return "/people/" + string(p) + "/responses/" + string(id)
}

// QuestionnaireStart begins a draft, or goes on with the one there is.
func (p *Pages) QuestionnaireStart(r *Request) error {
	person, err := r.Person()
	if err != nil {
		return err
	}
	q, err := ID[ident.QuestionnaireID](r, "questionnaire")
	if err != nil {
		return err
	}
	draft, err := p.Questionnaires.Start(r.Request.Context(), r.Actor, person, q, r.Printer.Lang())
	if err != nil {
		return err
	}
	return r.Go(responsePath(person, draft.ID) + "/pages/0")
}

// fillView is one page of a questionnaire.
type fillView struct {
	Form    string
	Lang    string
	Title   string
	Items   []formItem
	Number  int
	Path    string // of this page
	Base    string // of the response
	Left    string
	Done    int
	Asked   int
	First   bool
	Last    bool
	Saved   *questionnaires.Saved
	Amended bool
	Newer   string   // where a newer version of the questionnaire can be gone over to
	Uploads bool     // asks for a file
	Key     string   // of this drawing of the page: sent twice, it has one effect
	Only    string   // says in which language alone all this is
	Doubts  []string // about the form as a whole
}

// response reads the response of the path, and refuses one that is about another person than the path says.
func (p *Pages) response(r *Request) (ident.ResponseID, error) {
	person, err := p.about(r)
	if err != nil {
		return "", err
	}
	id, err := ID[ident.ResponseID](r, "response")
	if err != nil {
		return "", err
	}
	resp, err := p.Questionnaires.Response(r.Request.Context(), r.Actor, id)
	if err != nil {
		return "", err
	}
	if resp.Participant != person {
		return "", ident.ErrInvalid
	}
	return id, nil
}

// Fill shows one page of a draft.
func (p *Pages) Fill(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.Param("page"))
	if err != nil {
		return ident.ErrInvalid
	}
	form, resp, err := p.Questionnaires.Page(r.Request.Context(), r.Actor, id, n, r.Printer.Lang())
	if err != nil {
		return err
	}
	if !resp.Open() {
		return r.Go(responsePath(r.person, id))
	}
	if r.HTMX() && r.Query("find") != "" {
		return p.found(r, form, resp)
	}
	page := p.fillPage(r, form, resp)
	if _, newer, err := p.Questionnaires.Newer(r.Request.Context(), r.Actor, resp); err != nil {
		return err
	} else if newer {
		data := page.Data.(fillView)
		data.Newer = data.Base + "/move"
		page.Data = data
	}
	return r.Show("fill", page)
}

func (p *Pages) fillPage(r *Request, form sdc.PageView, resp questionnaires.Response) view.Page {
	base := responsePath(r.person, resp.ID)
	w := r.formWriter(form, resp)
	data := fillView{
		Form: form.Form, Lang: w.foreign(form.Lang), Title: form.Title, Items: w.items(form.Items, 2), Number: form.Number, Base: base,
		Path: base + "/pages/" + strconv.Itoa(form.Number), First: form.Previous < 0, Last: form.Next < 0, Amended: resp.Editing,
		Left: r.Printer.N("page_questionnaire.left", form.Left),
		Key:  string(ident.New[ident.RequestID]()),
	}
	mark(data.Items)
	data.Uploads, data.Only, data.Doubts = asksFile(data.Items), w.only(), w.doubts[""]
	if form.Left == 0 {
		data.Left = r.Printer.T("page_questionnaire.almost")
	}
	for _, info := range form.Pages {
		data.Done += info.Answered
		data.Asked += info.Asked
	}
	back := view.Link{Label: view.Key("page_questionnaire.title"), Href: "/people/" + string(r.person) + "/questionnaires"}
	if form.Previous >= 0 {
		back = view.Link{Label: view.Key("page_questionnaire.previous"), Href: base + "/pages/" + strconv.Itoa(form.Previous)}
	}
	title := form.Title
	if title == "" {
		title = form.Form
	}
	return view.Page{Title: view.Plain(title), Back: &back, Data: data, Faults: form.Faults}
}

// FillNow takes a whole page. What is valid is saved whatever else is not; with no fault it goes on.
func (p *Pages) FillNow(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	form, n, err := r.filled(p.receive(r, id))
	if err != nil {
		return err
	}
	meta := p.meta(r, form.key())
	meta.Faults = form.wrong
	page, saved, err := p.Questionnaires.AnswerPage(r.Request.Context(), r.Actor, id, n, form.Fields, meta)
	if err != nil {
		return err
	}
	here := responsePath(r.person, id) + "/pages/"
	stay := form.first("_add", "_remove", "_clear", "_drop", "_upload", "_move", "_confirm", "_decline")
	switch {
	case len(page.Faults) > 0:
		return r.render(422, "fill", p.fillPage(r, page, saved.Response))
	case form.first("_find") != "":
		return r.Go(here + strconv.Itoa(n) + lookFor(form))
	case stay != "":
		path, _, _ := strings.Cut(stay, "~")
		return r.Go(here + strconv.Itoa(n) + "#" + view.ID(path))
	case form.first("_later") != "":
		r.Said("page_questionnaire.kept")
		return r.Go("/people/" + string(r.person) + "/questionnaires")
	case page.Next >= 0:
		return r.Go(here + strconv.Itoa(page.Next))
	}
	return r.Go(responsePath(r.person, id))
}

func only(asked []string, path string) []string {
	for _, a := range asked {
		if a == path {
			return []string{a}
		}
	}
	return nil
}

// askedIn lists the paths of the questions on a page, as its form names them.
func askedIn(items []formItem) []string {
	var list []string
	for _, it := range items {
		if it.Kind != "group" && it.Kind != "display" && it.Kind != "read" {
			list = append(list, it.Path)
		}
		list = append(list, askedIn(it.Items)...)
		for _, o := range it.Repeats {
			list = append(list, askedIn(o.Items)...)
		}
	}
	return list
}

// meta says how an answer came.
func (p *Pages) meta(r *Request, key string) questionnaires.Meta {
	device := "browser"
	if strings.Contains(r.GetHeader("User-Agent"), "Mobile") {
		device = "phone"
	}
	own := sha256.Sum256([]byte("device:" + r.Token)) // one sign-in is one device: the journal tells them apart
	return questionnaires.Meta{Key: key, Language: r.Printer.Lang(), Device: device + ":" + hex.EncodeToString(own[:8])}
}

// reviewView is a whole response, to be read before or after sending.
type reviewView struct {
	Form     string
	Lang     string
	Sections []view.Summary
	Base     string
	Open     bool
	Editing  bool
	Sent     questionnaires.Response
	Missing  int
}

// Answers shows a whole response: before sending with ways to change, afterwards as it was sent.
func (p *Pages) Answers(r *Request) error { return p.showAnswers(r, nil) }

func (p *Pages) showAnswers(r *Request, wrong error) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	pages, resp, err := p.Questionnaires.Review(r.Request.Context(), r.Actor, id, r.Printer.Lang())
	if err != nil {
		return err
	}
	data := reviewView{Base: responsePath(r.person, id), Open: resp.Open(), Editing: resp.Editing, Sent: resp}
	for _, form := range pages {
		w := formWriter{l: r.Printer, lang: form.Lang, base: data.Base}
		change := ""
		if data.Open {
			change = data.Base + "/pages/" + strconv.Itoa(form.Number)
		}
		data.Form, data.Lang = form.Form, w.foreign(form.Lang)
		data.Sections = append(data.Sections, view.Summary{Title: form.Title, Rows: w.summaryRows(form.Items, change)})
	}
	page := view.Page{Title: view.Plain(data.Form), Back: &view.Link{Label: view.Key("page_questionnaire.title"), Href: "/people/" + string(r.person) + "/questionnaires"}, Data: data}
	if wrong == nil {
		return r.Show("answers", page)
	}
	return r.Again("answers", page, missing(wrong, len(pages)))
}

// missing says of the whole what no field on the page can say: the questions are on the pages before.
func missing(err error, _ int) error {
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	var list fault.List
	for _, e := range fault.All(err) {
		list.Add(e.At(""))
	}
	return list.Err()
}

// Send sends a draft or a correction.
func (p *Pages) Send(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	_, resp, err := p.Questionnaires.Submit(r.Request.Context(), r.Actor, id, p.meta(r, ""))
	if err == nil {
		r.Said("page_questionnaire.sent_now")
		return r.Go(responsePath(r.person, id))
	}
	for _, e := range fault.All(err) {
		if path, bad := sdc.ParsePath(e.Field); bad == nil && e.Field != "" {
			return p.sendBack(r, id, path.LinkID, resp, err)
		}
	}
	return p.showAnswers(r, err)
}

// sendBack shows the first page on which something is missing, with what is wrong beside the questions.
func (p *Pages) sendBack(r *Request, id ident.ResponseID, link string, _ questionnaires.Response, wrong error) error {
	resp, err := p.Questionnaires.Response(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	form := resp.Form.Page(resp.State, resp.Form.PageOf(link), r.Printer.Lang(), fault.All(wrong), nil)
	page := p.fillPage(r, form, resp)
	page.Faults = onPage(fault.All(wrong), askedIn(page.Data.(fillView).Items))
	return r.render(422, "fill", page)
}

// onPage keeps the faults whose questions stand on the page; the others are told when their page comes.
func onPage(all fault.List, asked []string) fault.List {
	var list fault.List
	for _, e := range all {
		if len(only(asked, e.Field)) > 0 {
			list.Add(e)
		}
	}
	if len(list) == 0 {
		for _, e := range all {
			list.Add(e.At(""))
		}
	}
	return list
}

// Amend opens what was sent for correction.
func (p *Pages) Amend(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	if _, err := p.Questionnaires.Amend(r.Request.Context(), r.Actor, id); err != nil {
		return err
	}
	return r.Go(responsePath(r.person, id) + "/pages/0")
}

// Discard throws a draft away, or the correction of what was sent.
func (p *Pages) Discard(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	if err := p.Questionnaires.Discard(r.Request.Context(), r.Actor, id); err != nil {
		return err
	}
	r.Said("page_questionnaire.discarded")
	return r.Go("/people/" + string(r.person) + "/questionnaires")
}

// AnswersHistory lists every time that a response was sent.
func (p *Pages) AnswersHistory(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	documents, err := p.Questionnaires.History(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	var events []view.Event
	for i := len(documents) - 1; i >= 0; i-- {
		d := documents[i]
		events = append(events, view.Event{When: d.At, Kind: "done", Title: r.Printer.T("page_questionnaire.sent_number", "Number", d.Number), Text: r.Printer.T("page_questionnaire.print", "Hash", d.SHA256)})
	}
	resp, err := p.Questionnaires.Response(r.Request.Context(), r.Actor, id)
	if err != nil {
		return err
	}
	aside, err := p.asideEvents(r, resp)
	if err != nil {
		return err
	}
	events = append(events, aside...)
	return r.Show("answers_history", view.Page{Title: view.Key("page_questionnaire.history"), Back: &view.Link{Href: responsePath(r.person, id)}, Data: events})
}

// foreign is a language when it is not the page's own.
func (w formWriter) foreign(lang string) string {
	if lang == w.l.Lang() {
		return ""
	}
	return lang
}
