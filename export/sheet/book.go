package sheet

import (
	"fmt"
	"io"
	"io/fs"
	"sort"
	"strconv"
	"time"

	"github.com/klauspost/compress/zip"
	"github.com/xuri/excelize/v2"
)

// Store keeps the compressed rows of a sheet until the workbook is put together. It is expected to encrypt them.
type Store interface {
	Create(name string) (io.WriteCloser, error)
	Open(name string) (io.ReadCloser, error)
}

// Properties are what the file says about itself; nothing else about its making is in it.
type Properties struct {
	Title      string
	Subject    string
	Creator    string
	Identifier string
	Language   string
	Time       time.Time // stands as created and modified; never the time of writing
}

// Book is a workbook that is being written. It is for one goroutine.
type Book struct {
	store  Store
	props  Properties
	names  names
	tables []*Table
	long   *Table
	parts  int
}

// New begins a workbook. Texts too long for a cell go to a last sheet, "Long texts", which is always there.
func New(store Store, props Properties) *Book {
	return &Book{store: store, props: props, names: names{"long texts": true}}
}

// Sheet is what Sheets tells about one.
type Sheet struct {
	Name string
	Rows int // without the header
}

// Sheets lists the sheets in the order of the workbook, continuations included. It is complete after WriteTo.
func (b *Book) Sheets() []Sheet {
	var all []Sheet
	for _, t := range b.ordered() {
		for _, p := range t.parts {
			all = append(all, Sheet{p.name, p.rows})
		}
	}
	return all
}

func (b *Book) ordered() []*Table {
	if b.long == nil {
		return b.tables
	}
	return append(b.tables[:len(b.tables):len(b.tables)], b.long)
}

// Table adds a sheet with a header row. The name is made legal and unique.
func (b *Book) Table(name string, columns []Column) (*Table, error) {
	if len(columns) > MaxColumns {
		return nil, fmt.Errorf("sheet: %d columns are more than the %d of Excel", len(columns), MaxColumns)
	}
	t := &Table{book: b, name: b.names.take(name), columns: columns, limit: MaxRows, wrap: MaxText}
	t.refs = references(len(columns))
	b.tables = append(b.tables, t)
	return t, t.begin(t.name)
}

// overflow is the sheet that holds what does not fit a cell.
func (b *Book) overflow() (*Table, error) {
	if b.long == nil {
		t := &Table{book: b, name: "Long texts", limit: MaxRows, wrap: MaxText}
		t.columns = []Column{{"sheet", 24}, {"row", 10}, {"column", 24}, {"part", 8}, {"text", 80}}
		t.refs = references(len(t.columns))
		b.long = t
		return t, t.begin(t.name)
	}
	return b.long, nil
}

// WriteTo ends every sheet and writes the workbook. The Book cannot be used afterwards.
func (b *Book) WriteTo(w io.Writer) (int64, error) {
	if _, err := b.overflow(); err != nil {
		return 0, err
	}
	var bodies []*part
	for _, t := range b.ordered() {
		if err := t.end(); err != nil {
			return 0, err
		}
		bodies = append(bodies, t.parts...)
	}
	c := &counter{w: w}
	f, err := b.frame(bodies)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	pack := &packer{book: b, zip: zip.NewWriter(c), bodies: map[string]*part{}, small: map[string]*content{}}
	for i, p := range bodies {
		pack.bodies["xl/worksheets/sheet"+strconv.Itoa(i+1)+".xml"] = p
	}
	// excelize would hold the whole file in memory before writing it; the packer writes past it, straight to w.
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return pack })
	if _, err := f.WriteToBuffer(); err != nil {
		return c.n, err
	}
	return c.n, c.err
}

// Styles, in the order in which frame makes them. Number 0 is Excel's default.
const (
	styleText = iota + 1
	styleHead
	styleProse
	styleHeading
)

func (b *Book) frame(bodies []*part) (*excelize.File, error) {
	f := excelize.NewFile()
	for i, p := range bodies {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", p.name); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := f.NewSheet(p.name); err != nil {
			return nil, err
		}
	}
	top := &excelize.Alignment{Vertical: "top"}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	for want, s := range []*excelize.Style{
		{NumFmt: 49, Alignment: top},
		{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EAF0EE"}}},
		{NumFmt: 49, Alignment: wrap},
		{NumFmt: 49, Alignment: wrap, Font: &excelize.Font{Bold: true}},
	} {
		if id, err := f.NewStyle(s); err != nil || id != want+1 {
			return nil, fmt.Errorf("sheet: style %d became %d: %w", want+1, id, err)
		}
	}
	at := b.props.Time.UTC().Format(time.RFC3339)
	if err := f.SetDocProps(&excelize.DocProperties{
		Title: b.props.Title, Subject: b.props.Subject, Creator: b.props.Creator, LastModifiedBy: b.props.Creator,
		Identifier: b.props.Identifier, Language: b.props.Language, Created: at, Modified: at,
	}); err != nil {
		return nil, err
	}
	return f, f.SetAppProps(&excelize.AppProperties{Application: b.props.Creator})
}

// packer puts the file together in an order of its own: excelize hands over parts in the order of a Go map.
type packer struct {
	book   *Book
	zip    *zip.Writer
	bodies map[string]*part
	small  map[string]*content
}

type content struct{ b []byte }

func (c *content) Write(p []byte) (int, error) { c.b = append(c.b, p...); return len(p), nil }

// Create takes a part from excelize; the empty bodies that it made for our sheets are thrown away.
func (p *packer) Create(name string) (io.Writer, error) {
	if p.bodies[name] != nil {
		return io.Discard, nil
	}
	c := &content{}
	p.small[name] = c
	return c, nil
}

// AddFS is part of excelize's interface and is not used by it.
func (p *packer) AddFS(fs.FS) error { return fmt.Errorf("sheet: no folder belongs into a workbook") }

// Close writes everything.
func (p *packer) Close() error {
	order := make([]string, 0, len(p.small))
	for name := range p.small {
		order = append(order, name)
	}
	sort.Strings(order) // "[Content_Types].xml" sorts before the lower-case names, where readers expect it
	for _, name := range order {
		w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch})
		if err != nil {
			return err
		}
		if _, err := w.Write(p.small[name].b); err != nil {
			return err
		}
	}
	for i := range len(p.bodies) {
		name := "xl/worksheets/sheet" + strconv.Itoa(i+1) + ".xml"
		if err := p.body(name, p.bodies[name]); err != nil {
			return err
		}
	}
	return p.zip.Close()
}

// epoch is the date of every entry: zip cannot say "none".
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func (p *packer) body(name string, s *part) error {
	w, err := p.zip.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Deflate, ModifiedDate: 1<<5 | 1, // epoch in MS-DOS form; a raw entry is not given it from Modified
		CRC32: s.crc, CompressedSize64: uint64(s.packed), UncompressedSize64: uint64(s.size),
	})
	if err != nil {
		return err
	}
	r, err := p.book.store.Open(s.key)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.Copy(w, r)
	if err == nil && n != s.packed {
		err = fmt.Errorf("sheet: %s came back with %d bytes of %d", s.key, n, s.packed)
	}
	return err
}

type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}
