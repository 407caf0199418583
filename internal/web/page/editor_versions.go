package page

import (
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/questionnaires"
	"kindred/questionnaires/cases"
	"kindred/questionnaires/sdc"
)

// EditorList lists the questionnaires, each with its newest version and the older ones below.
func (p *Pages) EditorList(r *Request) error {
	versions, err := p.Questionnaires.Versions(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	count := map[ident.QuestionnaireID]int{}
	for _, v := range versions {
		count[v.Questionnaire]++
	}
	table := view.Table{
		Caption: r.Printer.T("page_editor.published"), Quiet: true,
		Columns: []view.Column{
			{Label: r.Printer.T("page_editor.questionnaire")}, {Label: r.Printer.T("page_editor.version")},
			{Label: r.Printer.T("page_editor.published_at")}, {Label: r.Printer.T("page_editor.state")},
		},
	}
	for _, v := range questionnaires.Newest(versions) {
		table.Rows = append(table.Rows, []view.Cell{
			{Text: nameOf(v), Href: versionPath(v.ID), Note: v.URL}, {Text: v.Version, Note: r.Printer.N("page_editor.versions", count[v.Questionnaire])},
			{When: v.PublishedAt}, versionState(r, v),
		})
	}
	return r.Show("editor_list", view.Page{Title: view.Key("page_editor.title"), Data: table, Wide: true})
}

func nameOf(v questionnaires.Version) string {
	if v.Title == "" {
		return v.URL
	}
	return v.Title
}

func versionPath(id ident.VersionID) string { return "/authoring/versions/" + string(id) }

func versionState(r *Request, v questionnaires.Version) view.Cell {
	if v.Retired {
		return view.Cell{Tag: "off", Text: r.Printer.T("page_editor.retired")}
	}
	return view.Cell{Tag: "done", Text: r.Printer.T("page_editor.offered")}
}

// versionView is one published version, read-only.
type versionView struct {
	questionnaires.Version
	Name    string
	Facts   view.Summary
	Outline outlineView
	All     view.Table // every version of the questionnaire
	Static  staticView
}

// EditorVersion shows what a published version asks. Nothing on it can be changed.
func (p *Pages) EditorVersion(r *Request) error {
	v, err := p.version(r)
	if err != nil {
		return err
	}
	form, err := p.Questionnaires.Form(r.Request.Context(), v.ID)
	if err != nil {
		return err
	}
	all, err := p.Questionnaires.Versions(r.Request.Context(), r.Actor)
	if err != nil {
		return err
	}
	_, found := cases.Compile(v.Raw)
	data := versionView{
		Version: v, Name: nameOf(v), Facts: versionFacts(r, v, form), Outline: outlineOf(r, form), All: versionTable(r, v, all), Static: staticOf(r, form, found.Warnings),
	}
	return r.Show("editor_version", view.Page{Title: view.Plain(data.Name), Back: editorBack(), Data: data, Wide: true})
}

// versionTable lists every version of a questionnaire, and whether it is offered.
func versionTable(r *Request, here questionnaires.Version, all []questionnaires.Version) view.Table {
	t := r.Printer.T
	table := view.Table{Caption: t("page_editor.all"), Quiet: true, Columns: []view.Column{{Label: t("page_editor.version")}, {Label: t("page_editor.published_at")}, {Label: t("page_editor.state")}}}
	for _, o := range all {
		if o.Questionnaire != here.Questionnaire {
			continue
		}
		name := view.Cell{Text: o.Version, Href: versionPath(o.ID)}
		if o.ID == here.ID {
			name = view.Cell{Text: o.Version, Note: t("page_editor.this")}
		}
		table.Rows = append(table.Rows, []view.Cell{name, {When: o.PublishedAt}, versionState(r, o)})
	}
	return table
}

func editorBack() *view.Link {
	return &view.Link{Label: view.Key("page_editor.title"), Href: "/authoring"}
}

func (p *Pages) version(r *Request) (questionnaires.Version, error) {
	id, err := ID[ident.VersionID](r, "version")
	if err != nil {
		return questionnaires.Version{}, err
	}
	return p.Questionnaires.Version(r.Request.Context(), r.Actor, id)
}

func versionFacts(r *Request, v questionnaires.Version, form *sdc.Form) view.Summary {
	t := r.Printer.T
	state := "page_editor.offered"
	if v.Retired {
		state = "page_editor.retired"
	}
	rows := []view.Row{
		{Label: t("page_editor.version"), Value: v.Version}, {Label: t("page_editor.state"), Value: t(state)},
		{Label: t("page_editor.published_at"), Value: r.Printer.Date(v.PublishedAt)}, {Label: t("page_editor.address"), Value: v.URL},
		{Label: t("page_editor.size"), Value: formSize(r, form)}, {Label: t("page_editor.hash"), Value: v.SHA256, Note: t("page_editor.hash.note")},
	}
	return view.Summary{Rows: rows}
}

// EditorFile gives the JSON as it was published.
func (p *Pages) EditorFile(r *Request) error {
	v, err := p.version(r)
	if err != nil {
		return err
	}
	r.attach("questionnaire-"+string(v.ID)+".json", "application/fhir+json", int64(len(v.Raw)))
	_, err = r.Writer.Write(v.Raw)
	return err
}

// EditorRetire asks whether a version is to be offered no more, and says what that does.
func (p *Pages) EditorRetire(r *Request) error {
	v, err := p.version(r)
	if err != nil {
		return err
	}
	return r.Show("editor_retire", view.Page{
		Title: view.Key("page_editor.retire"), Back: &view.Link{Label: view.Plain(nameOf(v)), Href: versionPath(v.ID)},
		Data: versionView{Version: v, Name: nameOf(v)},
	})
}

// EditorRetireNow does it.
func (p *Pages) EditorRetireNow(r *Request) error {
	id, err := ID[ident.VersionID](r, "version")
	if err != nil {
		return err
	}
	if err := p.Questionnaires.Retire(r.Request.Context(), r.Actor, id); err != nil {
		return err
	}
	r.Said("page_editor.retired_now")
	return r.Go(versionPath(id))
}
