package page

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"path"
	"strconv"

	"kindred/export"
	"kindred/internal/ident"
	"kindred/internal/web/view"
)

// studyView is one study for its researcher.
type studyView struct {
	*export.Study
	Path      string
	Tag       view.Tag
	Wanted    view.Summary
	Decisions []view.Event
	Count     string // in words, once asked for
	Releases  view.Table
	Open      bool // may count and release now
	Formats   []view.Option
}

// ResearchStudy shows a study: what was decided, how many people it would get, its releases.
func (p *Pages) ResearchStudy(r *Request) error {
	page, err := p.studyPage(r)
	if err != nil {
		return err
	}
	return r.Show("researcher_study", page)
}

func (p *Pages) studyPage(r *Request) (view.Page, error) {
	study, decisions, err := p.study(r)
	if err != nil {
		return view.Page{}, err
	}
	releases, err := p.Export.Releases(r.Request.Context(), r.Actor, study.ID)
	if err != nil {
		return view.Page{}, err
	}
	task := studyTask(r, study, "")
	data := studyView{
		Study: study, Path: "/research/studies/" + string(study.ID), Tag: view.Tag{Kind: tagOf(task.State), Text: task.Says}, Wanted: p.wanted(r, study.Proposal),
		Decisions: decisionEvents(r, decisions), Open: study.ApprovedAt(p.Clock.Now()), Releases: releaseTable(r, releases, "/research/releases/"),
		Formats: []view.Option{
			{Value: string(export.FHIR), Label: r.Printer.T("page_researcher.format.fhir"), Hint: r.Printer.T("page_researcher.format.fhir.hint"), Checked: true},
			{Value: string(export.Excel), Label: r.Printer.T("page_researcher.format.xlsx"), Hint: r.Printer.T("page_researcher.format.xlsx.hint"), Checked: true},
		},
	}
	return view.Page{Title: view.Plain(study.Proposal.Title), Back: &view.Link{Label: view.Key("page_researcher.title"), Href: "/research"}, Data: data, Wide: true}, nil
}

// tagOf is the tag of a task's state.
func tagOf(state string) string {
	switch state {
	case "again":
		return "stop"
	case "later":
		return "off"
	}
	return state
}

// wanted is a proposal in people's words.
func (p *Pages) wanted(r *Request, w export.Proposal) view.Summary {
	t := r.Printer.T
	var fields, scopes, extra []string
	for _, f := range w.Fields {
		fields = append(fields, t("page_researcher.field."+string(f)))
	}
	for _, s := range w.AllScopes() {
		scopes = append(scopes, t("page_researcher.scope."+string(s)))
	}
	period := t("page_researcher.always")
	switch {
	case w.From != nil && w.Until != nil:
		period = t("page_researcher.between", "From", r.Printer.Day(*w.From), "Until", r.Printer.Day(w.Until.AddDate(0, 0, -1)))
	case w.From != nil:
		period = t("page_researcher.since", "From", r.Printer.Day(*w.From))
	case w.Until != nil:
		period = t("page_researcher.before", "Until", r.Printer.Day(w.Until.AddDate(0, 0, -1)))
	}
	if w.VerifiedOnly {
		extra = append(extra, t("page_researcher.extra.verified"))
	}
	if w.FreeText {
		extra = append(extra, t("page_researcher.extra.free_text"))
	}
	rows := []view.Row{
		{Label: t("page_researcher.purpose"), Value: w.Purpose}, {Label: t("page_researcher.fields"), Values: fields},
		{Label: t("page_researcher.questionnaires"), Values: p.titles(r, w.Questionnaires)}, {Label: t("page_researcher.scopes.needed"), Values: scopes},
		{Label: t("page_researcher.period"), Value: period}, {Label: t("page_researcher.minimum_class"), Value: t("page_researcher.minimum_class.none")},
	}
	if n := w.MinimumClass; n > 0 {
		rows[len(rows)-1].Value = t("page_researcher.minimum_class.some", "N", n)
	}
	if len(extra) > 0 {
		rows = append(rows, view.Row{Label: t("page_researcher.extra"), Values: extra})
	}
	return view.Summary{Title: t("page_researcher.wanted"), Rows: rows}
}

// titles names questionnaires by their titles where they are known.
func (p *Pages) titles(r *Request, canonicals []string) []string {
	names := map[string]string{}
	if versions, err := p.Questionnaires.Versions(r.Request.Context(), r.Actor); err == nil {
		for _, v := range versions {
			names[v.Canonical()] = r.Printer.T("page_researcher.titled", "Title", nameOf(v), "Version", v.Version)
		}
	}
	out := make([]string, len(canonicals))
	for i, c := range canonicals {
		if out[i] = names[c]; out[i] == "" {
			out[i] = c
		}
	}
	return out
}

func decisionEvents(r *Request, decisions []export.Decision) []view.Event {
	var events []view.Event
	for i := len(decisions) - 1; i >= 0; i-- {
		d := decisions[i]
		e := view.Event{When: d.At, Kind: "stop", Title: r.Printer.T("page_researcher.refused", "Protocol", d.Protocol), Text: d.Reason}
		if d.Approved {
			e.Kind, e.Title = "done", r.Printer.T("page_researcher.approved", "Protocol", d.Protocol)
		}
		events = append(events, e)
	}
	return events
}

func releaseTable(r *Request, releases []*export.Release, base string) view.Table {
	t := r.Printer.T
	table := view.Table{
		Caption: t("page_researcher.releases"), Quiet: true, Empty: t("page_researcher.releases.none"),
		Columns: []view.Column{{Label: t("page_researcher.asked")}, {Label: t("page_researcher.state")}, {Label: t("page_researcher.people"), Numeric: true}},
	}
	for _, x := range releases {
		people := "–"
		if x.State == export.Finished {
			people = r.Printer.Number(x.Participants)
		}
		table.Rows = append(table.Rows, []view.Cell{
			{Text: r.Printer.Date(x.CreatedAt) + ", " + r.Printer.Time(x.CreatedAt), Href: base + string(x.ID)}, {Tag: releaseTag(x.State), Text: t("page_researcher.release." + string(x.State))}, {Text: people},
		})
	}
	return table
}

func releaseTag(s export.ReleaseState) string {
	return map[export.ReleaseState]string{
		export.Requested: "waiting", export.Running: "now", export.Finished: "done", export.Failed: "stop", export.Withdrawn: "off",
	}[s]
}

// ResearchCount tells how many people the study would get now.
func (p *Pages) ResearchCount(r *Request) error {
	id, err := ID[ident.StudyID](r, "study")
	if err != nil {
		return err
	}
	count, wrong := p.Export.Count(r.Request.Context(), r.Actor, id)
	page, err := p.studyPage(r)
	if err != nil {
		return err
	}
	if wrong != nil {
		return r.Again("researcher_study", page, wrong)
	}
	data := page.Data.(studyView)
	if data.Count = r.Printer.T("page_researcher.count." + string(count.Why)); count.Shown {
		data.Count = r.Printer.N("page_researcher.count", count.N)
	}
	page.Data = data
	return r.Show("researcher_study", page)
}

// ResearchRelease asks for a release, which is made in the background.
func (p *Pages) ResearchRelease(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id, err := ID[ident.StudyID](r, "study")
	if err != nil {
		return err
	}
	var formats []export.Format
	for _, f := range form["formats"] {
		formats = append(formats, export.Format(f))
	}
	wrong := error(errChoose.At("formats"))
	var release *export.Release
	if len(formats) > 0 {
		release, wrong = p.Export.Request(r.Request.Context(), r.Actor, id, formats)
	}
	if wrong != nil {
		page, err := p.studyPage(r)
		if err != nil {
			return err
		}
		return r.Again("researcher_study", page, wrong)
	}
	return r.Go("/research/releases/" + string(release.ID))
}

// ResearchClose ends a study for good.
func (p *Pages) ResearchClose(r *Request) error {
	id, err := ID[ident.StudyID](r, "study")
	if err != nil {
		return err
	}
	if _, err := p.Export.Close(r.Request.Context(), r.Actor, id); err != nil {
		page, bad := p.studyPage(r)
		if bad != nil {
			return bad
		}
		return r.Again("researcher_study", page, err)
	}
	r.Said("page_researcher.closed_now")
	return r.Go("/research/studies/" + string(id))
}

// releaseView is one release: how far it is, and what is in it.
type releaseView struct {
	*export.Release
	Path     string
	Tag      view.Tag
	Under    bool // it is being made
	Progress view.Progress
	Files    view.Table
	Manifest view.Summary
	Failed   string
}

// ResearchReleasePage shows a release. While it is made the page asks again every other second, where scripts run.
func (p *Pages) ResearchReleasePage(r *Request) error {
	page, err := p.releasePage(r, "/research/releases/", "/research/studies/", true)
	if err != nil {
		return err
	}
	if r.HTMX() {
		if !page.Data.(releaseView).Under {
			r.Header("HX-Refresh", "true")
		}
		return r.Part("researcher_release", "under_way", page)
	}
	return r.Show("researcher_release", page)
}

func (p *Pages) releasePage(r *Request, base, studies string, files bool) (view.Page, error) {
	id, err := ID[ident.ReleaseID](r, "release")
	if err != nil {
		return view.Page{}, err
	}
	x, err := p.Export.Release(r.Request.Context(), r.Actor, id)
	if err != nil {
		return view.Page{}, err
	}
	t := r.Printer.T
	data := releaseView{Release: x, Path: base + string(id), Tag: view.Tag{Kind: releaseTag(x.State), Text: t("page_researcher.release." + string(x.State))}}
	data.Under = x.State == export.Requested || x.State == export.Running
	data.Progress = view.Progress{Label: t("page_researcher.progress"), Value: x.Done, Max: max(x.Total, 1), Sentence: t("page_researcher.progress.waiting")}
	if x.Total > 0 {
		data.Progress.Sentence = t("page_researcher.progress.done", "Done", r.Printer.Number(x.Done), "Total", r.Printer.Number(x.Total))
	}
	if x.State == export.Failed {
		data.Failed = x.Fault
	}
	data.Files, data.Manifest = fileTable(r, x, data.Path, files && !x.Folder), manifestRows(r, x)
	page := view.Page{Title: view.Key("page_researcher.release"), Back: &view.Link{Label: view.Key("page_researcher.study"), Href: studies + string(x.Study)}, Data: data, Wide: true}
	if data.Under {
		page.Refresh = 5
	}
	return page, nil
}

func fileTable(r *Request, x *export.Release, base string, links bool) view.Table {
	t := r.Printer.T
	table := view.Table{
		Caption: t("page_researcher.files"), Frame: true,
		Columns: []view.Column{{Label: t("page_researcher.file")}, {Label: t("page_researcher.rows"), Numeric: true}, {Label: t("page_researcher.bytes"), Numeric: true}, {Label: "SHA-256"}},
	}
	for _, f := range x.Files {
		cell := view.Cell{Text: f.Name}
		if links && x.State == export.Finished {
			cell.Href = base + "/files/" + f.Name
		}
		rows := "–"
		if f.Rows > 0 {
			rows = r.Printer.Number(f.Rows)
		}
		table.Rows = append(table.Rows, []view.Cell{cell, {Text: rows}, {Text: sizeWords(r, f.Bytes)}, {Text: f.SHA256}})
	}
	return table
}

func sizeWords(r *Request, n int64) string {
	switch {
	case n < 1<<10:
		return r.Printer.T("page_researcher.size.b", "N", n)
	case n < 1<<20:
		return r.Printer.T("page_researcher.size.kb", "N", fmt.Sprintf("%.0f", float64(n)/(1<<10)))
	}
	return r.Printer.T("page_researcher.size.mb", "N", fmt.Sprintf("%.1f", float64(n)/(1<<20)))
}

// manifestRows sums the manifest up: what lets the release exist.
func manifestRows(r *Request, x *export.Release) view.Summary {
	var m export.Manifest
	if x.Manifest == "" || json.Unmarshal([]byte(x.Manifest), &m) != nil {
		return view.Summary{}
	}
	t := r.Printer.T
	var scopes []string
	for _, s := range m.Consent.Scopes {
		scopes = append(scopes, t("page_researcher.scope."+s))
	}
	rows := []view.Row{
		{Label: t("page_researcher.people"), Value: r.Printer.Number(m.Participants)},
		{Label: t("page_researcher.snapshot"), Value: strconv.FormatInt(m.Consent.Snapshot, 10), Note: t("page_researcher.snapshot.note")},
		{Label: t("page_researcher.scopes.needed"), Values: scopes}, {Label: t("page_researcher.documents"), Values: m.Consent.Documents},
		{Label: t("page_researcher.small"), Value: t("page_researcher.small.value", "People", m.SmallCells.People, "Floor", m.SmallCells.Floor)},
	}
	if c := m.SmallCells; c.Minimum > 0 {
		rows = append(rows, view.Row{Label: t("page_researcher.told"), Value: t("page_researcher.told.value", "Whole", c.Whole(), "People", m.Participants, "Minimum", c.Minimum)})
	}
	rows = append(rows, view.Row{Label: t("page_researcher.code"), Value: m.CodeVersion})
	return view.Summary{Title: t("page_researcher.manifest"), Rows: rows}
}

// ResearchFile gives a file of a release. It asks again each time; what somebody withdrew from is gone.
func (p *Pages) ResearchFile(r *Request) error {
	id, err := ID[ident.ReleaseID](r, "release")
	if err != nil {
		return err
	}
	info, file, err := p.Export.Download(r.Request.Context(), r.Actor, id, r.Param("file"))
	if err != nil {
		return err
	}
	defer file.Close()
	kind := mime.TypeByExtension(path.Ext(info.Name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	r.attach(info.Name, kind, info.Bytes)
	_, err = io.Copy(r.Writer, file)
	return err
}
