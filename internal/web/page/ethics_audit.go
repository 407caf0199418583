package page

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kindred/internal/audit"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/policies"
)

const auditPath = "/oversight/audit"

// auditView is a part of the log with its filters.
type auditView struct {
	Roles, Purposes, Outcomes, Studies []view.Option
	Views                              []view.Option // whether each look at one's own data has a line of its own
	From, To                           view.DateBoxes
	Table                              view.Table
	Pages                              view.Pages
}

// OversightAudit lists the log, filtered, newest first.
func (p *Pages) OversightAudit(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	f := audit.Filter{
		Event: strings.TrimSpace(form.Get("event")), Role: policies.Role(form.Get("role")), Purpose: policies.Purpose(form.Get("purpose")), Outcome: form.Get("outcome"),
		Study: ident.StudyID(form.Get("study")), Account: ident.AccountID(strings.TrimSpace(form.Get("account"))), After: form.Get("after"), Fold: !form.Has("views", "all"),
	}
	var faults fault.List
	from, bad := readDay(form, "from")
	faults.Add(bad)
	to, bad := readDay(form, "to")
	faults.Add(bad)
	if from != nil {
		f.From = p.midnight(*from)
	}
	if to != nil {
		f.To = p.midnight(to.AddDate(0, 0, 1))
	}
	page := view.Page{Title: view.Key("page_shell.oversight.audit"), Values: form, Wide: true}
	var log audit.Page
	if err = faults.Err(); err == nil {
		log, err = p.Audit.List(r.Request.Context(), r.Actor, f)
	}
	data, failed := p.auditPage(r, form, log)
	if failed != nil {
		return failed
	}
	page.Data = data
	if err != nil {
		return r.Again("ethics_audit", page, err)
	}
	return r.Show("ethics_audit", page)
}

// midnight is when a day begins in the zone of this registry.
func (p *Pages) midnight(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.View.Zone())
}

// purposesOf are the purposes that people act for.
var purposesOf = []string{"own", "review", "research", "oversight", "authoring", "operation"}

func (p *Pages) auditPage(r *Request, form view.Values, log audit.Page) (auditView, error) {
	t := r.Printer.T
	data := auditView{From: view.DateBoxes{Name: "from"}.Typed(form), To: view.DateBoxes{Name: "to"}.Typed(form)}
	studies, err := p.Export.Studies(r.Request.Context(), r.Actor, "")
	if err != nil {
		return data, err
	}
	for _, s := range studies {
		data.Studies = append(data.Studies, option(form, "study", string(s.ID), s.Proposal.Title))
	}
	for _, role := range policies.Roles {
		data.Roles = append(data.Roles, option(form, "role", string(role), roleWords(r, role)))
	}
	for _, o := range []string{audit.OutcomeOK, audit.OutcomeDenied, audit.OutcomeFailed} {
		data.Outcomes = append(data.Outcomes, option(form, "outcome", o, t("page_ethics.outcome."+o)))
	}
	for _, purpose := range purposesOf {
		data.Purposes = append(data.Purposes, option(form, "purpose", purpose, t("page_ethics.purpose."+purpose)))
	}
	data.Views = []view.Option{option(form, "views", "all", t("page_ethics.views.all"))}
	data.Views[0].Hint = t("page_ethics.views.hint")
	data.Table = view.Table{
		Caption: t("page_ethics.entries"), Quiet: true, Empty: t("page_ethics.entries.none"),
		Columns: []view.Column{
			{Label: t("page_ethics.when")}, {Label: t("page_ethics.event")}, {Label: t("page_ethics.who")}, {Label: t("page_ethics.why")},
			{Label: t("page_ethics.subjects"), Numeric: true}, {Label: t("page_ethics.outcome")}, {Label: t("page_ethics.entry"), Numeric: true},
		},
	}
	for _, e := range log.Entries {
		data.Table.Rows = append(data.Table.Rows, auditRow(r, e))
	}
	if log.Next != "" {
		q := r.Request.URL.Query()
		q.Set("after", log.Next)
		data.Pages.Next = auditPath + "?" + q.Encode()
	}
	return data, nil
}

// auditRow is one line of the log, in words that lead to the entry and its proof.
func auditRow(r *Request, e audit.Entry) []view.Cell {
	number := "–"
	if e.Seq > 0 {
		number = r.Printer.Number(int(e.Seq))
	}
	act := view.Cell{Text: entryWords(r, e), Href: entryPath(e.ID), Note: e.Event}
	if e.Times > 1 {
		act.Note = foldedWords(r, e)
	}
	return []view.Cell{
		{When: e.At}, act, {Text: roleWords(r, e.Role)}, {Text: purposeWords(r, e.Purpose)}, {Text: r.Printer.Number(e.Subjects)}, outcomeCell(r, e), {Text: number},
	}
}

func entryPath(id ident.EntryID) string { return auditPath + "/entries/" + string(id) }

// foldedWords says for how many entries a line stands.
func foldedWords(r *Request, e audit.Entry) string {
	return r.Printer.N("page_ethics.folded", e.Times, "Since", r.Printer.Time(e.Since))
}

// entryWords is an act in words where there are some, or by its name.
func entryWords(r *Request, e audit.Entry) string {
	key := "page_ethics.act." + strings.ReplaceAll(e.Event, ".", "_")
	switch {
	case e.Times > 1:
		return upper(r.Printer.T("page_data.looked"))
	case locale.Has(key):
		return r.Printer.T(key)
	case e.Act != "" && e.Object != "":
		return upper(strings.TrimSuffix(what(r, audit.Entry{Act: e.Act, Object: e.Object}), " "))
	}
	return e.Event
}

// upper begins a sentence.
func upper(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

func purposeWords(r *Request, purpose policies.Purpose) string {
	if key := "page_ethics.purpose." + string(purpose); purpose != "" && locale.Has(key) {
		return r.Printer.T(key)
	}
	return ""
}

func outcomeCell(r *Request, e audit.Entry) view.Cell {
	outcome, tag := e.Outcome, map[string]string{audit.OutcomeOK: "done", audit.OutcomeDenied: "stop"}[e.Outcome]
	if tag == "" {
		outcome, tag = audit.OutcomeFailed, "off"
	}
	return view.Cell{Tag: tag, Text: r.Printer.T("page_ethics.outcome." + outcome)}
}

func roleWords(r *Request, role policies.Role) string {
	key := "page_steward.role." + string(role)
	if !locale.Has(key) {
		return string(role)
	}
	return r.Printer.T(key)
}

// entryView is one entry of the log, with what proves that it stands there.
type entryView struct {
	audit.Proof
	Rows  view.Summary
	Where view.Summary
	File  string
	More  []view.Link
}

// OversightEntry shows one entry and how anybody can check that it stands in the log.
func (p *Pages) OversightEntry(r *Request) error {
	proof, err := p.prove(r)
	if err != nil {
		return err
	}
	t, e := r.Printer.T, proof.Entry
	data := entryView{Proof: proof, Rows: entryRows(r, e), File: entryPath(e.ID) + "/proof"}
	data.Where = view.Summary{Title: t("page_ethics.place"), Rows: []view.Row{
		{Label: t("page_ethics.entry"), Value: t("page_ethics.place.of", "Number", r.Printer.Number(int(e.Seq)), "Size", r.Printer.Number(int(proof.Tree.Size)))},
		{Label: t("page_ethics.leaf"), Value: audit.LeafHash(proof.Leaf), Note: t("page_ethics.leaf.note")},
		{Label: t("page_ethics.root"), Value: proof.Tree.Root.String(), Note: r.Printer.N("page_ethics.root.note", len(proof.Path))},
	}}
	for _, more := range []struct{ name, value, key string }{{"account", string(e.Account), "page_ethics.more.account"}, {"study", string(e.Study), "page_ethics.more.study"}, {"event", e.Event, "page_ethics.more.event"}} {
		if more.value != "" {
			data.More = append(data.More, view.Link{Label: view.Key(more.key), Href: auditPath + "?" + url.Values{more.name: {more.value}}.Encode()})
		}
	}
	return r.Show("ethics_entry", view.Page{
		Title: view.Key("page_ethics.entry.title", "Number", r.Printer.Number(int(e.Seq))), Back: &view.Link{Label: view.Key("page_shell.oversight.audit"), Href: auditPath}, Data: data, Wide: true,
	})
}

// entryRows is all that an entry says.
func entryRows(r *Request, e audit.Entry) view.Summary {
	t := r.Printer.T
	rows := []view.Row{
		{Label: t("page_ethics.when"), Value: r.Printer.Date(e.At) + ", " + r.Printer.Time(e.At), Note: audit.LeafTime(e.At)},
		{Label: t("page_ethics.event"), Value: entryWords(r, e), Note: e.Event}, {Label: t("page_ethics.outcome"), Value: outcomeCell(r, e).Text},
		{Label: t("page_ethics.subjects"), Value: r.Printer.Number(e.Subjects)},
	}
	for _, o := range []view.Row{
		{Label: t("page_ethics.who"), Value: roleWords(r, e.Role)}, {Label: t("page_ethics.account"), Value: string(e.Account)}, {Label: t("page_ethics.why"), Value: purposeWords(r, e.Purpose)},
		{Label: t("page_ethics.rule"), Value: e.Rule, Note: t("page_ethics.rule.note")}, {Label: t("page_researcher.study"), Value: string(e.Study), Href: studyOf(e), Action: t("page_editor.look")},
	} {
		if o.Value != "" {
			rows = append(rows, o)
		}
	}
	var told []string
	for name, value := range e.Detail {
		told = append(told, name+": "+value)
	}
	slices.Sort(told)
	if len(told) > 0 {
		rows = append(rows, view.Row{Label: t("page_ethics.detail"), Values: told})
	}
	return view.Summary{Rows: rows}
}

func studyOf(e audit.Entry) string {
	if e.Study == "" {
		return ""
	}
	return "/oversight/studies/" + string(e.Study)
}

func (p *Pages) prove(r *Request) (audit.Proof, error) {
	id, err := ID[ident.EntryID](r, "entry")
	if err != nil {
		return audit.Proof{}, err
	}
	return p.Audit.Prove(r.Request.Context(), r.Actor, id)
}

// OversightProof gives an entry with its proof and the signed checkpoint, as one file.
func (p *Pages) OversightProof(r *Request) error {
	proof, err := p.prove(r)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(proof, "", "  ")
	if err != nil {
		return err
	}
	r.attach("audit-entry-"+strconv.FormatInt(proof.Entry.Seq, 10)+".json", "application/json", int64(len(raw)))
	_, err = r.Writer.Write(raw)
	return err
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
