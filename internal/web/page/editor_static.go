package page

import (
	"strings"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/internal/web/view"
	"kindred/questionnaires/sdc"
)

// staticView is what can be said of a form without an answer: what is worth knowing of its items, how long it takes, and
// in which languages it can be read.
type staticView struct {
	Findings  []findingGroup
	Effort    view.Table
	Languages []languageRow
	Unsaid    bool // the form does not say which language its own texts are in
}

// findingGroup is what was found at one item, or of the form as a whole.
type findingGroup struct {
	LinkID string
	Label  string
	Texts  []string
}

// languageRow is how far a form is translated.
type languageRow struct {
	Name  string
	Lang  string
	Tag   view.Tag
	Lacks string // which items, in a sentence
}

// staticOf looks at a form.
func staticOf(r *Request, form *sdc.Form, warnings fault.List) staticView {
	data := staticView{Findings: findings(r, form, warnings), Effort: effortTable(r, form), Unsaid: form.Language == ""}
	for _, t := range form.Translations(locale.Languages...) {
		row := languageRow{Name: locale.For(t.Language).T("view.language.name"), Lang: t.Language, Tag: view.Tag{Kind: "done", Text: r.Printer.T("page_editor.language.complete")}}
		if !t.Complete() {
			row.Tag = view.Tag{Kind: "waiting", Text: r.Printer.T("page_editor.language.part", "Said", t.Said, "Of", t.Of)}
			row.Lacks = lacking(r, t.Missing)
		}
		data.Languages = append(data.Languages, row)
	}
	return data
}

// lackingMost is how many items without a translation are named.
const lackingMost = 12

func lacking(r *Request, items []string) string {
	if len(items) == 0 {
		return ""
	}
	named := strings.Join(items[:min(len(items), lackingMost)], ", ")
	if more := len(items) - lackingMost; more > 0 {
		named += " · " + r.Printer.N("page_editor.more", more)
	}
	return r.Printer.T("page_editor.language.lacks", "Items", named)
}

// effortTable says page by page how long a form takes.
func effortTable(r *Request, form *sdc.Form) view.Table {
	t := r.Printer.T
	table := view.Table{Caption: t("page_editor.effort"), Quiet: true, Columns: []view.Column{
		{Label: t("page_editor.page")}, {Label: t("page_editor.questions"), Numeric: true}, {Label: t("page_editor.takes"), Numeric: true},
	}}
	for _, p := range form.Effort(r.Printer.Lang()) {
		name := t("page_editor.page.number", "Number", p.Number+1)
		if p.Title != "" {
			name += " · " + p.Title
		}
		takes := r.Printer.N("page_editor.minutes", max(int(p.Minutes+0.5), 1))
		if p.Minutes == 0 {
			takes = "–"
		}
		table.Rows = append(table.Rows, []view.Cell{{Text: name}, {Text: r.Printer.Number(p.Questions)}, {Text: takes}})
	}
	return table
}

// findings puts what was found at the same item together, in the order of the form, which may be nil; what concerns the
// whole is first.
func findings(r *Request, form *sdc.Form, list fault.List) []findingGroup {
	texts := map[string][]string{}
	var order []string
	for _, f := range list {
		if texts[f.Field] == nil {
			order = append(order, f.Field)
		}
		texts[f.Field] = append(texts[f.Field], view.Tell(r.Printer, f))
	}
	var groups []findingGroup
	take := func(link, label string) {
		if told := texts[link]; told != nil {
			groups = append(groups, findingGroup{link, label, told})
			delete(texts, link)
		}
	}
	take("", r.Printer.T("page_editor.whole"))
	if form != nil {
		for _, it := range form.Outline(r.Printer.Lang()) {
			take(it.LinkID, strings.TrimSpace(it.Prefix+" "+it.Label))
		}
	}
	for _, link := range order {
		take(link, "")
	}
	return groups
}
