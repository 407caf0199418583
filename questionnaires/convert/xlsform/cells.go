package xlsform

import (
	"encoding/xml"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kindred/questionnaires/convert"
)

// sheetReader reads the cells of one sheet.
type sheetReader struct {
	book   *workbook
	into   *sheet
	report *convert.Report

	row, column int // where the reader is, from 0 for columns
	kind, style string
	text        strings.Builder
	taking      bool // inside an element that holds text
	formula     bool
	hints       int // phonetic hints that are open; they are no text
	held        []sheetCell
}

func (r *sheetReader) read(part string) error {
	return r.book.walk(part, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			return r.start(t)
		case xml.CharData:
			if r.taking {
				r.text.Write(t)
			}
		case xml.EndElement:
			return r.end(t.Name.Local)
		}
		return nil
	})
}

func (r *sheetReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		r.row++
		if n, err := strconv.Atoi(attribute(e, "r")); err == nil {
			r.row = n
		}
		r.column, r.held = -1, nil
	case "c":
		r.column++
		if ref := attribute(e, "r"); ref != "" {
			r.column = columnOf(ref)
		}
		r.kind, r.style, r.formula = attribute(e, "t"), attribute(e, "s"), false
		r.text.Reset()
	case "v", "t":
		r.taking = r.hints == 0
	case "rPh":
		r.hints++
	case "f":
		r.formula = true
	}
	return nil
}

func (r *sheetReader) end(name string) error {
	switch name {
	case "v", "t":
		r.taking = false
	case "rPh":
		r.hints--
	case "c":
		return r.cell()
	case "row":
		if len(r.held) == 0 {
			return nil
		}
		if len(r.into.rows) >= maxRows {
			return errLimit.With("What", "rows", "Limit", maxRows).At(r.into.name)
		}
		r.into.rows = append(r.into.rows, sheetRow{r.row, r.held})
	}
	return nil
}

// place names a cell as people do.
func place(sheet string, column, row int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return sheet + "!" + name + strconv.Itoa(row)
}

// columnOf reads the letters of a reference such as "AB12"; one too far right is as far as one can be.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	return n - 1
}

func (r *sheetReader) cell() error {
	text, err := r.content()
	if err != nil || text == "" {
		return err
	}
	at := place(r.into.name, r.column, r.row)
	if r.column < 0 || r.column >= maxColumns {
		return errLimit.With("What", "columns", "Limit", maxColumns).At(at)
	}
	if len(text) > maxCell && utf8.RuneCountInString(text) > maxCell {
		return errLongCell.With("Limit", maxCell).At(at)
	}
	if r.book.text += len(text); r.book.text > maxText {
		return errLimit.With("What", "bytes of text", "Limit", maxText).At(at)
	}
	if r.formula {
		r.report.Add(at, "formula", convert.Changed, "the value that the formula last gave is kept, the formula is not")
	}
	r.held = append(r.held, sheetCell{r.column, text})
	return nil
}

func (r *sheetReader) content() (string, error) {
	text := strings.TrimSpace(r.text.String())
	switch r.kind {
	case "s":
		if text == "" {
			return "", nil
		}
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i >= len(r.book.strings) {
			return "", ErrUnreadable.Because(errors.New("a cell refers to a text that is not there"))
		}
		return clean(r.book.strings[i]), nil
	case "b":
		if text == "1" {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "", "n":
		return r.number(text), nil
	}
	return clean(text), nil
}

// clean trims a text and undoes what spreadsheets do to it: no-break spaces, escapes of control characters.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "_x000D_", "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0':
			return ' '
		case r == '\ufeff', r < ' ' && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			return -1
		}
		return r
	}, s))
}

// number shows a number as people typed it: dates by their style, and no noise of binary fractions.
func (r *sheetReader) number(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) >= 1e15 || math.IsNaN(f) {
		return clean(text)
	}
	if i, err := strconv.Atoi(r.style); err == nil && i >= 0 && i < len(r.book.dates) && r.book.dates[i] && f >= 0 && f < 2_958_466 {
		return r.date(f)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// date is a serial number of days as ISO text. The calendar of 1900 has a 29 February that never was.
func (r *sheetReader) date(serial float64) string {
	days := math.Floor(serial)
	seconds := int(math.Round((serial - days) * 86400))
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case r.book.epoch04:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		start = start.AddDate(0, 0, 1)
	}
	at := start.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	switch {
	case days == 0 && seconds > 0:
		return at.Format("15:04:05")
	case seconds == 0:
		return at.Format("2006-01-02")
	}
	return at.Format("2006-01-02T15:04:05")
}
