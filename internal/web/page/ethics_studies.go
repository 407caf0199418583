package page

import (
	"strconv"

	"kindred/export"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
)

// oversightView is what the committee finds: what waits, and what was decided.
type oversightView struct{ Waiting, Decided []view.Task }

// OversightStudies lists the studies, those that wait for a decision first.
func (p *Pages) OversightStudies(r *Request) error {
	studies, err := p.Export.Studies(r.Request.Context(), r.Actor, "")
	if err != nil {
		return err
	}
	var data oversightView
	for _, s := range studies {
		task := studyTask(r, s, "/oversight/studies/"+string(s.ID))
		if s.State == export.Submitted {
			data.Waiting = append([]view.Task{task}, data.Waiting...) // who came first is first
		} else {
			data.Decided = append(data.Decided, task)
		}
	}
	return r.Show("ethics_studies", view.Page{Title: view.Key("page_ethics.title"), Data: data})
}

// judgedView is a study as the committee reads it.
type judgedView struct {
	*export.Study
	Tag       view.Tag
	Wanted    view.Summary
	Changed   []string // against the protocol that was decided on last
	Decisions []view.Event
	Releases  view.Table
	Own       bool
	Until     view.DateBoxes
}

// OversightStudy shows what a study asks for.
func (p *Pages) OversightStudy(r *Request) error {
	page, err := p.judgedPage(r, nil)
	if err != nil {
		return err
	}
	return r.Show("ethics_study", page)
}

func (p *Pages) judgedPage(r *Request, typed view.Values) (view.Page, error) {
	study, decisions, err := p.study(r)
	if err != nil {
		return view.Page{}, err
	}
	releases, err := p.Export.Releases(r.Request.Context(), r.Actor, study.ID)
	if err != nil {
		return view.Page{}, err
	}
	task := studyTask(r, study, "")
	data := judgedView{
		Study: study, Tag: view.Tag{Kind: tagOf(task.State), Text: task.Says}, Wanted: p.wanted(r, study.Proposal), Decisions: decisionEvents(r, decisions),
		Releases: releaseTable(r, releases, "/oversight/releases/"), Own: study.Proposer == r.Actor.Account,
		Until: view.DateBoxes{Name: "valid_until"}.Typed(typed),
	}
	if n := len(decisions); n > 0 && study.State == export.Submitted {
		data.Changed = p.changes(r, decisions[n-1].Proposal, study.Proposal)
	}
	return view.Page{Title: view.Plain(study.Proposal.Title), Back: &view.Link{Label: view.Key("page_ethics.title"), Href: "/oversight"}, Data: data, Wide: true}, nil
}

// changes says what differs between the proposal that was decided on and the one that waits.
func (p *Pages) changes(r *Request, was, is export.Proposal) []string {
	before, after := p.wanted(r, was).Rows, p.wanted(r, is).Rows
	held := map[string]view.Row{}
	for _, row := range before {
		held[row.Label] = row
	}
	var list []string
	if was.Title != is.Title {
		list = append(list, r.Printer.T("page_ethics.changed.title", "Was", was.Title))
	}
	for _, row := range after {
		old := held[row.Label]
		delete(held, row.Label)
		if row.Value != old.Value {
			list = append(list, r.Printer.T("page_ethics.changed.text", "What", row.Label, "Was", old.Value))
		}
		for _, v := range without(row.Values, old.Values) {
			list = append(list, r.Printer.T("page_ethics.changed.added", "What", row.Label, "Value", v))
		}
		for _, v := range without(old.Values, row.Values) {
			list = append(list, r.Printer.T("page_ethics.changed.removed", "What", row.Label, "Value", v))
		}
	}
	for label := range held { // only the extras can be gone altogether
		list = append(list, r.Printer.T("page_ethics.changed.gone", "What", label))
	}
	return list
}

// without lists what is in a and not in b.
func without(a, b []string) []string {
	in := map[string]bool{}
	for _, v := range b {
		in[v] = true
	}
	var out []string
	for _, v := range a {
		if !in[v] {
			out = append(out, v)
		}
	}
	return out
}

// OversightDecide approves or refuses, always with a reason.
func (p *Pages) OversightDecide(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id, err := ID[ident.StudyID](r, "study")
	if err != nil {
		return err
	}
	verdict := export.Verdict{Approve: form.Get("decision") == "approve", Reason: form.Get("reason")}
	verdict.Protocol, _ = strconv.Atoi(form.Get("protocol"))
	var faults fault.List
	if d := form.Get("decision"); d != "approve" && d != "refuse" {
		faults.Add(errChoose.At("decision"))
	}
	day, bad := readDay(form, "valid_until")
	faults.Add(bad)
	verdict.ValidUntil = day
	if err = faults.Err(); err == nil {
		_, err = p.Export.Decide(r.Request.Context(), r.Actor, id, verdict)
	}
	if err != nil {
		page, bad := p.judgedPage(r, form)
		if bad != nil {
			return bad
		}
		return r.Again("ethics_study", page, err)
	}
	r.Said("page_ethics.decided." + form.Get("decision"))
	return r.Go("/oversight")
}

// OversightRelease shows a release with its manifest: what lets it exist, never what is in it.
func (p *Pages) OversightRelease(r *Request) error {
	page, err := p.releasePage(r, "/oversight/releases/", "/oversight/studies/", false)
	if err != nil {
		return err
	}
	if r.HTMX() {
		return r.Part("researcher_release", "under_way", page)
	}
	return r.Show("researcher_release", page)
}
