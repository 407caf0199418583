package page

import (
	"cmp"

	"kindred/internal/web/view"
	"kindred/questionnaires/compare"
	"kindred/questionnaires/sdc"
)

// compared adds what a file changes against the newest version of its url, by class, and what it may not change.
func (p *Pages) compared(r *Request, raw []byte, data *checkView) error {
	d, err := p.Questionnaires.Differences(r.Request.Context(), r.Actor, raw, sdc.Identity{})
	if err != nil || d.Against == nil {
		return err
	}
	data.Against, data.Refusals = d.Against.Version, append(data.Refusals, findings(r, d.Refusals)...)
	for _, class := range []compare.Class{compare.Meaning, compare.Additive, compare.Cosmetic} {
		table := view.Table{
			Caption: r.Printer.T("page_editor.changes." + string(class)),
			Columns: []view.Column{{Label: r.Printer.T("compare.head.item")}, {Label: r.Printer.T("compare.head.change")}},
		}
		for _, c := range d.Changes {
			if c.Class != class {
				continue
			}
			sentence := view.Tell(r.Printer, c.Sentence())
			if c.Stated {
				sentence += " (" + r.Printer.T("compare.stated") + ")"
			}
			table.Rows = append(table.Rows, []view.Cell{{Text: cmp.Or(c.LinkID, r.Printer.T("compare.form"))}, {Text: sentence}})
		}
		if len(table.Rows) > 0 {
			data.Changes = append(data.Changes, table)
		}
	}
	return nil
}
