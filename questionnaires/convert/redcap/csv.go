package redcap

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// column is one of the 18 of a dictionary.
type column int

const (
	colName column = iota
	colForm
	colSection
	colType
	colLabel
	colChoices
	colNote
	colValidation
	colMin
	colMax
	colIdentifier
	colBranching
	colRequired
	colAlignment
	colNumber
	colMatrix
	colRanking
	colAnnotation
	columns
)

// headers are the columns in the order and words of REDCap's own files.
var headers = [columns]string{"Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
	"Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number", "Text Validation Min",
	"Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
	"Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation"}

// apiNames are the same columns as REDCap's API calls them.
var apiNames = [columns]string{"field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations",
	"field_note", "text_validation_type_or_show_slider_number", "text_validation_min", "text_validation_max", "identifier",
	"branching_logic", "required_field", "custom_alignment", "question_number", "matrix_group_name", "matrix_ranking", "field_annotation"}

var byHeader = func() map[string]column {
	m := map[string]column{"variablename": colName, "choicesorcalculations": colChoices, "branchinglogicshowfieldonlyif": colBranching, "branchinglogic": colBranching}
	for c := range columns {
		m[plainHeader(headers[c])], m[plainHeader(apiNames[c])] = c, c
	}
	return m
}()

// plainHeader leaves letters and digits, in lower case: spreadsheets change spaces, case and punctuation.
func plainHeader(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}

// row is a line of the dictionary with something in it.
type row struct {
	line int
	cell [columns]string
}

// readRows takes the file apart. A byte order mark, semicolons or tabs between cells, either header style and columns in
// any order are read; an encoding other than UTF-8 is refused, because it cannot be told which one it is.
func readRows(raw []byte) ([]row, convert.Report, fault.List) {
	var report convert.Report
	if len(raw) > maxBytes {
		return nil, nil, fault.List{errTooLarge.With("Limit", maxBytes>>20)}
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		return nil, nil, fault.List{notUTF8(raw)}
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.ReuseRecord, r.Comma = -1, true, separator(raw)
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, fault.List{errEmpty}
	}
	if err != nil {
		return nil, nil, fault.List{csvFault(err)}
	}
	at, faults := readHeader(head, &report)
	if len(faults) > 0 {
		return nil, nil, faults
	}
	var rows []row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, append(faults, csvFault(err))
		}
		line, _ := r.FieldPos(0)
		if len(rows) == maxRows {
			return nil, nil, fault.List{errTooLarge.With("Limit", maxBytes>>20).At(place(line, colName))}
		}
		if one, ok := readRow(cells, at, line, &faults); ok {
			rows = append(rows, one)
		}
		if len(faults) > maxFaults {
			break
		}
	}
	return rows, report, faults
}

// notUTF8 says where the first byte is that cannot be read, and whether the rest looks like Latin-1 or UTF-16.
func notUTF8(raw []byte) *fault.Error {
	line, guess := 1, "Latin-1 (Windows-1252)"
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		guess = "UTF-16"
	}
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		raw = raw[n:]
	}
	return errEncoding.With("Guess", guess, "Line", line)
}

// separator is what stands between the cells of the first line.
func separator(raw []byte) rune {
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	// Commas stand in the header texts themselves; another separator wins where there is one for every column.
	for _, c := range ";\t" {
		if n := bytes.Count(line, []byte(string(c))); n >= 3 {
			best = c
		}
	}
	return best
}

func csvFault(err error) *fault.Error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return errCSV.With("Line", p.Line, "Column", p.Column).Because(err)
	}
	return errCSV.With("Line", 0, "Column", 0).Because(err)
}

// readHeader finds the columns: at[i] is the column of the i-th cell, -1 for one that is not known.
func readHeader(head []string, report *convert.Report) ([]column, fault.List) {
	var faults fault.List
	if len(head) > maxColumns {
		return nil, fault.List{errCells.With("Limit", maxColumns, "Line", 1)}
	}
	at := make([]column, len(head))
	seen := map[column]bool{}
	for i, h := range head {
		c, known := byHeader[plainHeader(h)]
		switch {
		case !known:
			at[i] = -1
			if strings.TrimSpace(h) != "" {
				report.Add("line 1", "column "+clip(h), convert.Dropped, "A dictionary has no such column; what stands in it is left out.")
			}
			continue
		case seen[c]:
			faults.Add(errTwice.With("Column", headers[c]))
		}
		at[i], seen[c] = c, true
	}
	if len(seen) == 0 {
		return nil, fault.List{errHeader}
	}
	for _, c := range []column{colName, colForm, colType, colLabel} {
		if !seen[c] {
			faults.Add(errColumn.With("Column", headers[c]))
		}
	}
	return at, faults
}

// clip shortens what is quoted in a report.
func clip(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

// readRow puts the cells of a line into their columns. Cells that are missing at the end are empty; a line of nothing
// but empty cells is no row.
func readRow(cells []string, at []column, line int, faults *fault.List) (row, bool) {
	out := row{line: line}
	some := false
	for i, c := range cells {
		if c == "" {
			continue
		}
		if i >= len(at) {
			if strings.TrimSpace(c) != "" {
				faults.Add(errCells.With("Limit", len(at), "Line", line))
				return out, false
			}
			continue
		}
		if at[i] < 0 {
			continue
		}
		if len(c) > maxCell {
			faults.Add(errCell.With("Limit", maxCell).At(place(line, at[i])))
			continue
		}
		if strings.ContainsFunc(c, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }) {
			faults.Add(errControl.At(place(line, at[i])))
			continue
		}
		c = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(c, "\r\n", "\n"), "\r", "\n"))
		out.cell[at[i]] = c
		some = some || c != ""
	}
	return out, some
}
