package sheet

import (
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
)

// Column is one column: its header and its width in characters.
type Column struct {
	Name  string
	Width int
}

// Table is one sheet. Rows are appended; tables of one book may be written in turns.
type Table struct {
	book    *Book
	name    string
	columns []Column
	refs    []string
	limit   int // rows of one sheet, the header included
	wrap    int // longest text of a cell
	parts   []*part
	buf     []byte
}

// part is one sheet of the workbook: most tables have one.
type part struct {
	name   string
	key    string
	rows   int
	row    int
	out    io.WriteCloser
	press  *flate.Writer
	sum    hash.Hash32
	crc    uint32
	size   int64
	packed int64
}

const (
	flushAt = 32 << 10
	// maxBody is the largest sheet in bytes of XML: over 4 GiB Excel is particular about the form of the zip.
	maxBody = 1<<32 - 1<<24
	head    = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`
	tail = `</sheetData></worksheet>`
)

// Name is the name that the sheet was given.
func (t *Table) Name() string { return t.name }

// begin opens a sheet and writes its header.
func (t *Table) begin(name string) error {
	t.book.parts++
	p := &part{name: name, key: "sheet-" + strconv.Itoa(t.book.parts), sum: crc32.NewIEEE()}
	out, err := t.book.store.Create(p.key)
	if err != nil {
		return err
	}
	p.out = out
	if p.press, err = flate.NewWriter(&packed{p}, 5); err != nil {
		return err
	}
	t.parts = append(t.parts, p)
	t.buf = append(t.buf, head...)
	if len(t.columns) > 0 {
		t.buf = append(t.buf, "<cols>"...)
		for i, c := range t.columns {
			t.buf = fmt.Appendf(t.buf, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, max(c.Width, 8))
		}
		t.buf = append(t.buf, "</cols>"...)
	}
	t.buf = append(t.buf, "<sheetData>"...)
	header := make([]Cell, len(t.columns))
	for i, c := range t.columns {
		header[i] = Cell{title, c.Name}
	}
	p.row = 1
	return t.put(p, header)
}

type packed struct{ p *part }

func (w *packed) Write(b []byte) (int, error) {
	w.p.packed += int64(len(b))
	return w.p.out.Write(b)
}

// Row appends a row. A text that does not fit its cell goes to "Long texts", and the cell says where.
func (t *Table) Row(cells ...Cell) error {
	if len(cells) > len(t.columns) {
		return fmt.Errorf("sheet: %d cells for the %d columns of %s", len(cells), len(t.columns), t.name)
	}
	p := t.parts[len(t.parts)-1]
	if p.row >= t.limit || p.size+int64(len(t.buf)) > maxBody {
		if err := t.finish(p); err != nil {
			return err
		}
		if err := t.begin(t.book.names.take(t.name)); err != nil {
			return err
		}
		p = t.parts[len(t.parts)-1]
	}
	p.row++
	p.rows++
	return t.put(p, cells)
}

func (t *Table) put(p *part, cells []Cell) error {
	row := strconv.Itoa(p.row)
	t.buf = append(append(append(t.buf, `<row r="`...), row...), `">`...)
	for i, c := range cells {
		if c.kind == empty {
			continue
		}
		t.buf = append(append(append(t.buf, `<c r="`...), t.refs[i]...), row...)
		if c.kind == number {
			t.buf = append(append(append(t.buf, `"><v>`...), c.text...), `</v></c>`...)
			continue
		}
		if c.kind == boolean {
			t.buf = append(append(append(t.buf, `" t="b"><v>`...), c.text...), `</v></c>`...)
			continue
		}
		if !utf8.ValidString(c.text) {
			return fmt.Errorf("sheet: %s, row %s, column %s is not valid UTF-8", t.name, row, t.columns[i].Name)
		}
		value := guard(c.text)
		if units(value) > t.wrap {
			var err error
			if value, err = t.spill(p, i, c.text); err != nil {
				return err
			}
		}
		t.buf = append(t.buf, styleOf[c.kind]...)
		t.buf = append(appendText(t.buf, value), `</t></is></c>`...)
	}
	t.buf = append(t.buf, `</row>`...)
	if len(t.buf) < flushAt {
		return nil
	}
	return t.flush(p)
}

const inline = ` t="inlineStr"><is><t xml:space="preserve">`

// styleOf is what follows the reference of a text cell.
var styleOf = [...]string{
	text:    `" s="` + strconv.Itoa(styleText) + `"` + inline,
	prose:   `" s="` + strconv.Itoa(styleProse) + `"` + inline,
	heading: `" s="` + strconv.Itoa(styleHeading) + `"` + inline,
	title:   `" s="` + strconv.Itoa(styleHead) + `"` + inline,
}

// spill moves a text to the sheet of long texts and gives what stands in its cell instead.
func (t *Table) spill(p *part, column int, value string) (string, error) {
	long, err := t.book.overflow()
	if err != nil {
		return "", err
	}
	if t == long {
		return "", fmt.Errorf("sheet: a part of a long text is still too long")
	}
	for i, piece := range pieces(value, t.wrap-1) { // room for the apostrophe of guard
		if err := long.Row(Text(p.name), Int(p.row), Text(t.columns[column].Name), Int(i+1), Text(piece)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("[%d characters: see sheet %q]", utf8.RuneCountInString(value), long.name), nil
}

func (t *Table) flush(p *part) error {
	p.size += int64(len(t.buf))
	_, _ = p.sum.Write(t.buf) // a hash never fails
	_, err := p.press.Write(t.buf)
	t.buf = t.buf[:0]
	return err
}

func (t *Table) finish(p *part) error {
	t.buf = append(t.buf, tail...)
	if err := t.flush(p); err != nil {
		return err
	}
	p.crc = p.sum.Sum32()
	if err := p.press.Close(); err != nil {
		return err
	}
	p.press = nil
	return p.out.Close()
}

func (t *Table) end() error { return t.finish(t.parts[len(t.parts)-1]) }

// references gives the letters of the first n columns: A, B, ... Z, AA.
func references(n int) []string {
	refs := make([]string, n)
	for i := range refs {
		for k := i + 1; k > 0; k = (k - 1) / 26 {
			refs[i] = string(rune('A'+(k-1)%26)) + refs[i]
		}
	}
	return refs
}
