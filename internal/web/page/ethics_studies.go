package page

import (
	"strconv"
	"time"

	"kindred/export"
	"kindred/internal/audit"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/policies"
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

// auditView is a part of the log with its filters.
type auditView struct {
	Roles, Purposes, Outcomes []view.Option
	From, To                  view.DateBoxes
	Table                     view.Table
	Pages                     view.Pages
}

// OversightAudit lists the log, filtered, newest first.
func (p *Pages) OversightAudit(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	f := audit.Filter{
		Event: form.Get("event"), Role: policies.Role(form.Get("role")), Purpose: policies.Purpose(form.Get("purpose")), Outcome: form.Get("outcome"), After: form.Get("after"),
	}
	var faults fault.List
	from, bad := readDay(form, "from")
	faults.Add(bad)
	to, bad := readDay(form, "to")
	faults.Add(bad)
	if from != nil {
		f.From = *from
	}
	if to != nil {
		f.To = to.AddDate(0, 0, 1)
	}
	page := view.Page{Title: view.Key("page_shell.oversight.audit"), Values: form, Wide: true}
	var log audit.Page
	if err = faults.Err(); err == nil {
		log, err = p.Audit.List(r.Request.Context(), r.Actor, f)
	}
	page.Data = auditPage(r, form, log)
	if err != nil {
		return r.Again("ethics_audit", page, err)
	}
	return r.Show("ethics_audit", page)
}

func auditPage(r *Request, form view.Values, log audit.Page) auditView {
	t := r.Printer.T
	data := auditView{From: view.DateBoxes{Name: "from"}.Typed(form), To: view.DateBoxes{Name: "to"}.Typed(form)}
	for _, role := range policies.Roles {
		data.Roles = append(data.Roles, option(form, "role", string(role), roleWords(r, role)))
	}
	for _, o := range []string{audit.OutcomeOK, audit.OutcomeDenied, audit.OutcomeFailed} {
		data.Outcomes = append(data.Outcomes, option(form, "outcome", o, t("page_ethics.outcome."+o)))
	}
	for _, purpose := range []string{"own", "review", "research", "oversight", "authoring", "operation"} {
		data.Purposes = append(data.Purposes, option(form, "purpose", purpose, t("page_ethics.purpose."+purpose)))
	}
	data.Table = view.Table{
		Caption: t("page_ethics.entries"), Quiet: true, Frame: true, Empty: t("page_ethics.entries.none"),
		Columns: []view.Column{
			{Label: t("page_ethics.when")}, {Label: t("page_ethics.event")}, {Label: t("page_ethics.who")}, {Label: t("page_ethics.why")},
			{Label: t("page_ethics.subjects"), Numeric: true}, {Label: t("page_ethics.outcome")}, {Label: t("page_ethics.entry"), Numeric: true},
		},
	}
	for _, e := range log.Entries {
		outcome, tag := e.Outcome, map[string]string{audit.OutcomeOK: "done", audit.OutcomeDenied: "stop"}[e.Outcome]
		if tag == "" {
			outcome, tag = audit.OutcomeFailed, "off"
		}
		purpose := ""
		if e.Purpose != "" && locale.Has("page_ethics.purpose."+string(e.Purpose)) {
			purpose = t("page_ethics.purpose." + string(e.Purpose))
		}
		number := "–"
		if e.Seq > 0 {
			number = r.Printer.Number(int(e.Seq))
		}
		data.Table.Rows = append(data.Table.Rows, []view.Cell{
			{When: e.At}, {Text: e.Event}, {Text: roleWords(r, e.Role)}, {Text: purpose}, {Text: r.Printer.Number(e.Subjects)}, {Tag: tag, Text: t("page_ethics.outcome." + outcome)}, {Text: number},
		})
	}
	if log.Next != "" {
		q := r.Request.URL.Query()
		q.Set("after", log.Next)
		data.Pages.Next = "/oversight/audit?" + q.Encode()
	}
	return data
}

func roleWords(r *Request, role policies.Role) string {
	key := "page_steward.role." + string(role)
	if !locale.Has(key) {
		return string(role)
	}
	return r.Printer.T(key)
}

// OversightCheckpoint signs the head of the log and shows its text to be kept elsewhere.
func (p *Pages) OversightCheckpoint(r *Request) error {
	head, err := p.Audit.Head(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	return r.Show("ethics_checkpoint", view.Page{
		Title: view.Key("page_ethics.checkpoint"), Back: &view.Link{Label: view.Key("page_shell.oversight.audit"), Href: "/oversight/audit"}, Data: head,
	})
}

// consentDocument is the document that people of this registry sign.
const consentDocument = "kindred"

// Editions lists what was published of the consent, newest first, below a path.
func (p *Pages) Editions(base, title string) Handler {
	return func(r *Request) error {
		list, err := p.Consent.Editions(r.Request.Context(), consentDocument)
		if err != nil {
			return err
		}
		table := view.Table{Caption: r.Printer.T("page_ethics.editions"), Quiet: true, Columns: []view.Column{
			{Label: r.Printer.T("page_editor.version")}, {Label: r.Printer.T("page_ethics.language")}, {Label: r.Printer.T("page_editor.published_at")},
		}}
		for i := len(list) - 1; i >= 0; i-- {
			e := list[i]
			table.Rows = append(table.Rows, []view.Cell{
				{Text: strconv.Itoa(e.Version), Href: base + "/" + strconv.Itoa(e.Version) + "?language=" + e.Language},
				{Text: locale.For(e.Language).T("view.language.name")}, {Text: r.Printer.Date(e.PublishedAt.In(time.UTC))},
			})
		}
		return r.Show("ethics_consents", view.Page{Title: view.Key(title), Data: table})
	}
}

// Edition shows one text as people read it, with its fingerprint.
func (p *Pages) Edition(base, title string) Handler {
	return func(r *Request) error {
		version, err := strconv.Atoi(r.Param("version"))
		if err != nil {
			return ident.ErrInvalid
		}
		doc, err := p.Consent.Document(r.Request.Context(), consentDocument, version, r.Query("language"))
		if err != nil {
			return err
		}
		return r.Show("ethics_consent", view.Page{Title: view.Plain(doc.Title), Back: &view.Link{Label: view.Key(title), Href: base}, Data: doc})
	}
}
