package xlsform

import (
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// cell is a text with its place.
type cell struct{ text, place string }

// speech is a text in one language; lang is the header's own word for it, "" where the header names none.
type speech struct {
	lang string
	cell
}

// record is one row of a sheet, by column.
type record struct {
	line   int
	first  string // the place of its first cell
	values map[string]cell
	speech map[string][]speech
}

func (r *record) get(column string) string { return r.values[column].text }

// speaks tells whether a spoken column says anything.
func (r *record) speaks(column string) bool { return len(r.speech[column]) > 0 }

// place is that of a column's cell, or of the row where it is blank.
func (r *record) place(column string) string {
	if c, ok := r.values[column]; ok {
		return c.place
	}
	for _, s := range r.speech[column] {
		return s.place
	}
	return r.first
}

// column is one header, understood.
type column struct {
	name, lang, head string
	known            bool
}

// table is a sheet with its headers understood.
type table struct {
	name    string
	columns map[int]column
	records []*record
}

var errColumnTwice = fault.New(fault.Invalid, "xlsform.column_twice")

// readTable takes the first row that holds the column must for headers. known maps spellings of columns; others keep
// their own, and are told to other, where given.
func readTable(s *sheet, must string, known map[string]string, faults *fault.List) *table {
	t := &table{name: s.name, columns: map[int]column{}}
	at := -1
	for i, row := range s.rows {
		for _, c := range row.cells {
			if head(c.text, known).name == must {
				at = i
				break
			}
		}
		if at >= 0 || i >= 20 {
			break
		}
	}
	if at < 0 {
		return nil
	}
	seen := map[string]bool{}
	for _, c := range s.rows[at].cells {
		h := head(c.text, known)
		if key := h.name + "::" + h.lang; seen[key] {
			faults.Add(errColumnTwice.With("Column", h.head).At(place(s.name, c.column, s.rows[at].number)))
		} else {
			seen[key] = true
			t.columns[c.column] = h
		}
	}
	for _, row := range s.rows[at+1:] {
		r := &record{line: row.number, values: map[string]cell{}, speech: map[string][]speech{}}
		for _, c := range row.cells {
			h, ok := t.columns[c.column]
			at := cell{c.text, place(s.name, c.column, row.number)}
			if r.first == "" {
				r.first = at.place
			}
			switch {
			case !ok: // a cell below no header is a comment, as in pyxform
			case spoken[h.name]:
				r.speech[h.name] = append(r.speech[h.name], speech{h.lang, at})
			default:
				r.values[h.name] = at
			}
		}
		t.records = append(t.records, r)
	}
	return t
}

// head understands a header: "label::Español (es)", the older "label:Español (es)", "media::image::es", "bind::relevant".
func head(text string, known map[string]string) column {
	clean := strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(clean)
	if name, ok := known[lower]; ok {
		return column{name: name, head: clean, known: true}
	}
	parts := strings.Split(clean, "::")
	if len(parts) == 1 {
		parts = strings.Split(clean, ":")
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	for cut := len(parts); cut > 0; cut-- {
		name, ok := known[strings.ToLower(strings.Join(parts[:cut], "::"))]
		switch {
		case !ok:
		case cut == len(parts):
			return column{name: name, head: clean, known: true}
		case spoken[name] && cut == len(parts)-1:
			return column{name: name, lang: parts[cut], head: clean, known: true}
		}
	}
	return column{name: clean, head: clean}
}

// settings reads the sheet of that name.
func (f *form) readSettings(s *sheet) {
	f.settings = &record{values: map[string]cell{}}
	if s == nil || len(s.rows) == 0 {
		return
	}
	heads := s.rows[0]
	if len(s.rows) < 2 {
		return
	}
	byColumn := map[int]cell{}
	for _, c := range s.rows[1].cells {
		byColumn[c.column] = cell{c.text, place(s.name, c.column, s.rows[1].number)}
	}
	for _, c := range heads.cells {
		h := head(c.text, settingColumns)
		value, ok := byColumn[c.column]
		if !ok {
			continue
		}
		f.settings.values[h.name] = value
		if !h.known {
			f.report.Add(value.place, h.name, convert.Dropped, "this setting is about how XLSForm tools store or send answers")
		}
	}
	for _, row := range s.rows[2:] {
		f.report.Add(place(s.name, row.cells[0].column, row.number), "settings", convert.Dropped, "only the first row below the headers holds settings")
	}
}
