package page

import (
	"fmt"
	"slices"

	"kindred/internal/web/view"
	"kindred/questionnaires/sdc"
)

// formTable is a group that is drawn as a table: its cells are whole questions. On phones each row becomes a card.
type formTable struct {
	Corner  string // what the first column is
	Columns []formColumn
	Rows    []formLine
}

type formColumn struct{ Path, ID, Label string }

// formLine is a row of a table; a cell without Kind stays empty.
type formLine struct {
	ID, Head string
	Items    []formItem // a matrix has the one question of the row here
	Cells    []formItem
	Repeat   *formRepeat
}

// tabled draws a group as a table where the form asks for one and its items fit; else it answers nil.
func (w formWriter) tabled(it sdc.ItemView, f *formItem, level int) (table, matrix *formTable) {
	switch it.Control {
	case "table", "htable":
		return nil, w.matrix(it, level)
	case "grid":
		return w.grid(it, f, level), nil
	case "gtable":
		if it.Repeats {
			return w.rows(it, f, level), nil
		}
		return w.grid(it, f, level), nil
	}
	return nil, nil
}

// matrix has a row for each question and a column for each option; all questions offer the same ones. A horizontal
// table (htable) is drawn the same way: a row that is read as one question works for keyboards and on phones.
func (w formWriter) matrix(it sdc.ItemView, level int) *formTable {
	var t formTable
	for _, q := range it.Items {
		if q.Type == sdc.TypeDisplay || q.ReadOnly || len(q.Options) == 0 || q.Open || len(q.Items) > 0 {
			return nil
		}
		if len(t.Columns) == 0 {
			for _, o := range q.Options {
				t.Columns = append(t.Columns, formColumn{Path: o.Key, ID: view.ID(it.Path + "-" + o.Key), Label: joined(o.Prefix, o.Label)})
			}
		}
		same := slices.EqualFunc(t.Columns, q.Options, func(c formColumn, o sdc.OptionView) bool { return c.Path == o.Key && !o.Off })
		cell := w.item(q, level+1)
		if !same || len(t.Columns) > 12 || len(cell.Items) > 0 {
			return nil
		}
		cell.Kind = "choices" // also where the list is long enough to drop down
		cell.Choices = view.Choices{
			Name: q.Path, Legend: cell.Label, Hint: cell.hint(), Error: cell.error(), Multiple: q.Repeats, Optional: !q.Required, Options: w.options(q),
		}
		t.Rows = append(t.Rows, formLine{ID: cell.ID, Head: cell.Label, Items: []formItem{cell}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &t
}

func (f formItem) hint() string {
	if f.Kind == "select" {
		return f.Select.Hint
	}
	return f.Choices.Hint
}

func (f formItem) error() string {
	if f.Kind == "select" {
		return f.Select.Error
	}
	return f.Choices.Error
}

// grid has a row for each group inside.
func (w formWriter) grid(it sdc.ItemView, f *formItem, level int) *formTable {
	t := formTable{Corner: f.Label}
	for _, g := range it.Items {
		if g.Type != sdc.TypeGroup || g.Repeats {
			return nil
		}
		t.columns(g.Items)
		t.Rows = append(t.Rows, formLine{ID: view.ID(g.Path), Head: joined(g.Prefix, g.Label), Items: w.items(g.Items, level+1)})
	}
	return t.laid()
}

// rows has a row for each occurrence.
func (w formWriter) rows(it sdc.ItemView, f *formItem, level int) *formTable {
	t := formTable{Corner: f.Label}
	for _, o := range it.Occurrences {
		t.columns(o.Items)
	}
	for n, o := range it.Occurrences {
		r := f.Repeats[n]
		r.Items = nil
		t.Rows = append(t.Rows, formLine{ID: fmt.Sprintf("%s-row-%d", f.ID, o.Instance), Head: fmt.Sprint(n + 1), Items: w.items(o.Items, level+1), Repeat: &r})
	}
	return t.laid()
}

func (t *formTable) columns(items []sdc.ItemView) {
	for _, q := range items {
		if q.Hidden || slices.ContainsFunc(t.Columns, func(c formColumn) bool { return c.Path == q.LinkID }) {
			continue
		}
		label := q.Short
		if label == "" {
			label = joined(q.Prefix, q.Label)
		}
		t.Columns = append(t.Columns, formColumn{Path: q.LinkID, ID: q.LinkID, Label: label})
	}
}

// laid puts the items of each row under their columns.
func (t *formTable) laid() *formTable {
	if len(t.Columns) == 0 || len(t.Columns) > 8 {
		return nil
	}
	for n := range t.Rows {
		row := &t.Rows[n]
		row.Cells = make([]formItem, len(t.Columns))
		for _, item := range row.Items {
			path, err := sdc.ParsePath(item.Path)
			at := slices.IndexFunc(t.Columns, func(c formColumn) bool { return err == nil && c.Path == path.LinkID })
			if at < 0 {
				return nil
			}
			row.Cells[at] = item
		}
	}
	return t
}
