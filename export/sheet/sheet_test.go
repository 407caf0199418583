package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// memory is a Store for tests.
type memory map[string]*bytes.Buffer

type file struct{ *bytes.Buffer }

func (file) Close() error { return nil }

func (m memory) Create(name string) (io.WriteCloser, error) {
	if m[name] != nil {
		return nil, fmt.Errorf("%s exists", name)
	}
	m[name] = &bytes.Buffer{}
	return file{m[name]}, nil
}

func (m memory) Open(name string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m[name].Bytes())), nil
}

var props = Properties{Title: "Release", Creator: "Kindred", Identifier: "copy", Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}

type fataler interface {
	Helper()
	Fatal(...any)
}

// write makes a workbook of one table.
func write(t fataler, columns []string, rows [][]Cell, tune func(*Table)) (*Book, []byte) {
	t.Helper()
	b := New(memory{}, props)
	var cs []Column
	for _, c := range columns {
		cs = append(cs, Column{c, 12})
	}
	tab, err := b.Table("Answers", cs)
	if err != nil {
		t.Fatal(err)
	}
	if tune != nil {
		tune(tab)
	}
	for _, r := range rows {
		if err := tab.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if n, err := b.WriteTo(&out); err != nil || n != int64(out.Len()) {
		t.Fatal(n, out.Len(), err)
	}
	return b, out.Bytes()
}

func reopen(t fataler, raw []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func rowsOf(t fataler, f *excelize.File, name string) [][]string {
	t.Helper()
	rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTextStaysText(t *testing.T) {
	hostile := []string{"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "007", "1e5", "2021-03", "TRUE",
		"HP:0001250", "_x0041_", "_x005F_x0041_", "_xZZZZ_", "__x0041__x0042_", "a\x00b\x01c\x1f", "\ufffe\uffff", "a\r\nb\nc",
		" leading and trailing ", "<b>&amp;\"'</b>", "日本語 العربية 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "#REF!"}
	var rows [][]Cell
	for _, h := range hostile {
		rows = append(rows, []Cell{Text(h), Number("1.50"), Bool(true)})
	}
	_, raw := write(t, []string{"a", "b", "c"}, rows, nil)
	f := reopen(t, raw)
	got := rowsOf(t, f, "Answers")
	for i, h := range hostile {
		if unguard(got[i+1][0]) != h {
			t.Errorf("%q came back as %q", h, got[i+1][0])
		}
		cell := fmt.Sprintf("A%d", i+2)
		if formula, _ := f.GetCellFormula("Answers", cell); formula != "" {
			t.Errorf("%q became the formula %q", h, formula)
		}
		if kind, _ := f.GetCellType("Answers", cell); kind != excelize.CellTypeInlineString {
			t.Errorf("%q is a cell of type %v", h, kind)
		}
	}
	z, _ := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	for _, e := range z.File {
		r, _ := e.Open()
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(e.Name, err)
		}
		if bytes.Contains(b, []byte("<f>")) || bytes.Contains(b, []byte("<f ")) {
			t.Errorf("%s holds a formula", e.Name)
		}
		if !e.Modified.Equal(epoch) {
			t.Errorf("%s tells a time: %v", e.Name, e.Modified)
		}
	}
}

func TestAnyTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`'{0,2}[_x0-9A-Fa-f=+@ -]{0,20}`)), 1, 5).Draw(t, "values")
		var rows [][]Cell
		for _, v := range values {
			rows = append(rows, []Cell{Text(v), Text("end")})
		}
		_, raw := write(t, []string{"a", "b"}, rows, nil)
		got := rowsOf(t, reopen(t, raw), "Answers")
		for i, v := range values {
			if unguard(got[i+1][0]) != v {
				t.Fatalf("%q came back as %q", v, got[i+1][0])
			}
		}
	})
}

func TestNumbersThatExcelCannotKeepAreText(t *testing.T) {
	for s, want := range map[string]cellKind{
		"0": number, "-1.50": number, "123456789012345": number, "1234567890123456": text, "0.1": number, "007": text,
		"1e5": text, "": text, "-": text, "1.": text, ".5": text, "NaN": text, "0.000000000000001234": number,
	} {
		if got := Number(s).kind; got != want {
			t.Errorf("Number(%q) is of kind %d, want %d", s, got, want)
		}
	}
}

func TestLongTextsAreWholeElsewhere(t *testing.T) {
	long := strings.Repeat("añ𝔘", 20)
	b, raw := write(t, []string{"a"}, [][]Cell{{Text("short")}, {Text(long)}}, func(t *Table) { t.wrap = 45 })
	f := reopen(t, raw)
	if note := rowsOf(t, f, "Answers")[2][0]; note != `[60 characters: see sheet "Long texts"]` {
		t.Fatalf("the cell says %q", note)
	}
	var whole string
	for _, r := range rowsOf(t, f, "Long texts")[1:] {
		if r[0] != "Answers" || r[1] != "3" || r[2] != "a" {
			t.Fatalf("%q", r)
		}
		whole += r[4]
	}
	if whole != long {
		t.Fatalf("came back as %q", whole)
	}
	if got := fmt.Sprint(b.Sheets()); got != "[{Answers 2} {Long texts 2}]" {
		t.Fatal(got)
	}
	// The real limit, counted as Excel counts.
	_, raw = write(t, []string{"a"}, [][]Cell{{Text(strings.Repeat("x", MaxText))}, {Text(strings.Repeat("𝔘", MaxText/2+1))}}, nil)
	f = reopen(t, raw)
	if got := rowsOf(t, f, "Answers"); len(got[1][0]) != MaxText || got[2][0][0] != '[' {
		t.Fatal("the limit is not where it should be")
	}
}

func TestRowsGoOnInAnotherSheet(t *testing.T) {
	var rows [][]Cell
	for i := range 25 {
		rows = append(rows, []Cell{Int(i)})
	}
	b, raw := write(t, []string{"n"}, rows, func(t *Table) { t.limit = 11 })
	if got := fmt.Sprint(b.Sheets()); got != "[{Answers 10} {Answers (2) 10} {Answers (3) 5} {Long texts 0}]" {
		t.Fatal(got)
	}
	f := reopen(t, raw)
	if got := rowsOf(t, f, "Answers (2)"); got[0][0] != "n" || got[1][0] != "10" {
		t.Fatalf("%q", got[:2])
	}
}

func TestSameRowsSameBytes(t *testing.T) {
	make := func() []byte {
		b := New(memory{}, props)
		for i := range 8 {
			tab, err := b.Table(fmt.Sprint("T", i), []Column{{"a", 10}})
			if err != nil {
				t.Fatal(err)
			}
			for k := range 50 {
				if err := tab.Row(Int(k * i)); err != nil {
					t.Fatal(err)
				}
			}
		}
		var out bytes.Buffer
		if _, err := b.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	first := make()
	for range 5 {
		if !bytes.Equal(first, make()) {
			t.Fatal("two writings of the same rows differ")
		}
	}
}

func TestNothingStandsInTheStoreInTheClear(t *testing.T) {
	m := memory{}
	b := New(m, props)
	tab, _ := b.Table("A", []Column{{"a", 1}})
	for range 5000 {
		if err := tab.Row(Text("canary canary")); err != nil {
			t.Fatal(err)
		}
	}
	if err := tab.end(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(m["sheet-1"].Bytes(), []byte("canary canary canary")) || m["sheet-1"].Len() > 50_000 {
		t.Fatal("rows are stored uncompressed")
	}
}

func TestPropertiesAreOurs(t *testing.T) {
	_, raw := write(t, []string{"a"}, nil, nil)
	f := reopen(t, raw)
	p, err := f.GetDocProps()
	if err != nil || p.Creator != "Kindred" || p.LastModifiedBy != "Kindred" || p.Identifier != "copy" || p.Created != "2026-03-01T00:00:00Z" {
		t.Fatalf("%+v, %v", p, err)
	}
	if app, _ := f.GetAppProps(); app.Application != "Kindred" {
		t.Fatalf("%+v", app)
	}
}

func TestNames(t *testing.T) {
	n := names{}
	for _, c := range []struct{ wish, want string }{
		{"Health check", "Health check"}, {"health CHECK", "health CHECK (2)"}, {"a/b\\c?*[d]:e", "a-b-c---d--e"},
		{"'quoted'", "quoted"}, {"History", "Sheet History"}, {"", "Sheet"},
		{strings.Repeat("x", 40), strings.Repeat("x", 31)}, {strings.Repeat("x", 41), strings.Repeat("x", 27) + " (2)"},
		{strings.Repeat("𝔘", 20), strings.Repeat("𝔘", 15)}, {"tab\tand\x00nul", "tab andnul"},
	} {
		if got := n.take(c.wish); got != c.want {
			t.Errorf("take(%q) = %q, want %q", c.wish, got, c.want)
		}
	}
}

func TestTooWideIsRefused(t *testing.T) {
	b := New(memory{}, props)
	if _, err := b.Table("wide", make([]Column, MaxColumns+1)); err == nil {
		t.Fatal("Excel has no such sheet")
	}
	if _, err := b.Table("fits", make([]Column, MaxColumns)); err != nil {
		t.Fatal(err)
	}
	if got := references(MaxColumns)[MaxColumns-1]; got != "XFD" {
		t.Fatal(got)
	}
}

func TestInvalidTextIsRefused(t *testing.T) {
	b := New(memory{}, props)
	tab, _ := b.Table("A", []Column{{"a", 1}})
	if err := tab.Row(Text("\xff")); err == nil {
		t.Fatal("not UTF-8")
	}
}

// BenchmarkRows writes rows of 60 columns, as a questionnaire has.
func BenchmarkRows(b *testing.B) {
	book := New(memory{}, props)
	columns := make([]Column, 60)
	row := make([]Cell, 60)
	for i := range columns {
		columns[i] = Column{fmt.Sprint("q", i), 12}
		row[i] = Text("HP:000" + fmt.Sprint(i))
		if i%3 == 0 {
			row[i] = Int(i * 37)
		}
	}
	tab, _ := book.Table("A", columns)
	b.ResetTimer()
	for range b.N {
		if err := tab.Row(row...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
