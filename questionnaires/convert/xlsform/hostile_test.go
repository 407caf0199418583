package xlsform

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"kindred/internal/fault"
	"kindred/internal/sample"
	"kindred/questionnaires/convert"
)

// bare makes a workbook of one sheet out of raw XML, with further parts.
func bare(tb testing.TB, sheet string, more ...part) []byte {
	tb.Helper()
	parts := frame()
	parts = append(parts, part{"xl/worksheets/sheet1.xml", sheet}, part{"xl/worksheets/sheet2.xml", worksheet([][]string{{}})}, part{"xl/worksheets/sheet3.xml", worksheet([][]string{{}})})
	raw, err := pack(append(parts, more...))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func sheetXML(rows string) string {
	return `<worksheet xmlns="` + main + `"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>type</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>` +
		`<row r="2"><c r="A2" t="inlineStr"><is><t>text</t></is></c><c r="B2" t="inlineStr"><is><t>a</t></is></c></row>` + rows + `</sheetData></worksheet>`
}

func TestHostileWorkbooks(t *testing.T) {
	zeros := func(n int) string { return strings.Repeat(" ", n) }
	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for i := range maxParts + 1 {
		_, _ = z.Create(fmt.Sprint("x", i))
	}
	_ = z.Close()
	for name, c := range map[string]struct {
		raw  []byte
		want *fault.Error
	}{
		"nothing":         {nil, ErrUnreadable},
		"text":            {[]byte("type,name\ntext,a\n"), ErrUnreadable},
		"an empty zip":    {func() []byte { b, _ := pack(nil); return b }(), ErrUnreadable},
		"too many parts":  {many.Bytes(), errLimit},
		"too large":       {make([]byte, maxFile+1), errLimit},
		"a bomb":          {bare(t, sheetXML(zeros(20<<20))), errLimit},
		"a hidden bomb":   {bare(t, sheetXML(""), part{"xl/media/x.bin", zeros(33 << 20)}), errLimit},
		"cut off":         {bare(t, sheetXML("")[:200]), ErrUnreadable},
		"deep XML":        {bare(t, sheetXML(strings.Repeat("<x>", 200)+strings.Repeat("</x>", 200))), errLimit},
		"an entity":       {bare(t, `<!DOCTYPE x [<!ENTITY a "aaaa">]>`+sheetXML(`<row r="3"><c r="A3" t="inlineStr"><is><t>&a;</t></is></c></row>`)), ErrUnreadable},
		"a wide row":      {bare(t, sheetXML(`<row r="3"><c r="XFD3"><v>1</v></c></row>`)), errLimit},
		"a strange place": {bare(t, sheetXML(`<row r="3"><c r="3A"><v>1</v></c></row>`)), errLimit},
		"many rows":       {bare(t, sheetXML(strings.Repeat(`<row><c><v>1</v></c></row>`, maxRows+1))), errLimit},
		"a long cell":     {bare(t, sheetXML(`<row r="3"><c r="A3" t="inlineStr"><is><t>`+strings.Repeat("ab1 ", 9000)+`</t></is></c></row>`)), errLongCell},
		"no such text":    {bare(t, sheetXML(`<row r="3"><c r="A3" t="s"><v>7</v></c></row>`)), ErrUnreadable},
		"twice":           {bare(t, sheetXML(""), part{"XL/workbook.xml", "<x/>"}), ErrUnreadable},
	} {
		start := time.Now()
		_, _, err := Read(c.raw, base)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// A sheet may say that it has a million rows; only those with something in them count.
func TestAMillionRowsAreClaimed(t *testing.T) {
	rows := `<row r="1048576"><c r="A1048576" s="1"/></row><row r="1048575"><c r="A1048575" t="inlineStr"><is><t>text</t></is></c><c r="B1048575" t="inlineStr"><is><t>b</t></is></c></row>`
	q, _, err := Read(bare(t, sheetXML(rows)), base)
	if err != nil || len(q.Item) != 2 {
		t.Fatal(err, len(q.Item))
	}
}

// The directory of a zip may lie about sizes; reading stops all the same.
func TestALyingDirectory(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range frame() {
		w, _ := z.Create(p.name)
		_, _ = io.WriteString(w, p.body)
	}
	w, _ := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Store, CompressedSize64: 20, UncompressedSize64: 20})
	_, _ = io.WriteString(w, strings.Repeat("<a>", 7))
	_ = z.Close()
	if _, _, err := Read(out.Bytes(), base); !errors.Is(err, ErrUnreadable) {
		t.Error(err)
	}
}

func TestWorkbooksCarryMoreThanCells(t *testing.T) {
	formula := `<row r="3"><c r="A3" t="str"><f>CONCATENATE("in","teger")</f><v>integer</v></c><c r="B3" t="inlineStr"><is><t>b</t><rPh><t>hint</t></rPh></is></c></row>`
	q, report, err := Read(bare(t, sheetXML(formula), part{"xl/vbaProject.bin", "x"}, part{"xl/externalLinks/externalLink1.xml", "<x/>"}), base)
	if err != nil || q.Item[1].Type != "integer" || q.Item[1].LinkID != "b" {
		t.Fatal(err, q.Item)
	}
	var got []string
	for _, n := range report {
		got = append(got, n.Place+" "+n.Feature)
	}
	if strings.Join(got, "; ") != "workbook macros; workbook links to other workbooks; survey!A3 formula" {
		t.Error(got)
	}
}

// faults gives the places and keys of everything that is wrong.
func faults(t *testing.T, sheets cells) string {
	t.Helper()
	_, _, err := Read(xlsx(t, sheets), base)
	var got []string
	for _, f := range fault.All(err) {
		got = append(got, f.Field+" "+strings.TrimPrefix(f.Key, "xlsform."))
	}
	return strings.Join(got, "\n")
}

func TestEveryFaultAtOnce(t *testing.T) {
	got := faults(t, cells{
		"survey": {
			{"type", "name", "label", "relevant", "label"},
			{"text", "a"}, {"text", "A"}, {"telepathy", "b"}, {"text", ""}, {"text", "1a"}, {"", "x"}, {"select_one nowhere", "c"}, {"select_multiple spaced", "d"},
			{"integer", "e", "${nobody}", "${a} = 1 and ${missing} = 2"}, {"end group"}, {"begin group", "g"}, {"text", "same"}, {"end repeat"}, {"begin repeat", "h"}, {"text", "same"}, {"text", "i", "", "${same} = 1"},
		},
		"choices": {{"list_name", "name", "label"}, {"spaced", "a b", "A"}, {"spaced", "x"}, {"spaced", "x"}, {"", "y"}, {"spaced", ""}, {"spaced", "", "L"}},
	})
	want := `survey!E1 column_twice
survey!B3 name_twice
survey!A4 type_unknown
survey!A5 name_missing
survey!B6 name_wrong
survey!B7 type_missing
survey!A11 unopened
survey!A14 crossed
survey!A15 unclosed
choices!B4 choice_twice
choices!B5 choice_list
choices!A6 choice_name
choices!A7 choice_name
survey!A8 list_unknown
choices!B2 choice_space
survey!D10 reference_unknown
survey!C10 reference_unknown
survey!D17 reference_twice`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	deep := cells{"survey": {{"type", "name"}}}
	for i := range maxGroups + 1 {
		deep["survey"] = append(deep["survey"], []string{"begin group", fmt.Sprint("g", i)})
	}
	for name, c := range map[string]struct {
		sheets cells
		want   string
	}{
		"deep":         {deep, "survey!A14 deep"},
		"no survey":    {cells{"choices": {{"list_name"}}}, " no_survey"},
		"no columns":   {cells{"survey": {{"a", "b"}}}, "survey no_column"},
		"no rows":      {cells{"survey": {{"type", "name"}}}, " empty"},
		"only dropped": {cells{"survey": {{"type", "name"}, {"deviceid", "d"}}}, " empty"},
	} {
		if got := faults(t, c.sheets); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Numbers, dates and truth values of a spreadsheet are read as people typed them.
func TestCellsOfASpreadsheet(t *testing.T) {
	r := sheetReader{book: &workbook{dates: []bool{false, true}}}
	for _, c := range []struct{ kind, style, in, want string }{
		{"", "0", "1", "1"}, {"", "0", "3.1400000000000001", "3.14"}, {"n", "", "1E3", "1000"}, {"", "1", "43831", "2020-01-01"}, {"", "1", "60", "1900-02-28"}, {"", "1", "59", "1900-02-28"},
		{"", "1", "61", "1900-03-01"}, {"", "1", "0.4375", "10:30:00"}, {"", "1", "43831.4375", "2020-01-01T10:30:00"}, {"b", "", "1", "TRUE"}, {"str", "", " x ", "x"}, {"e", "", "#REF!", "#REF!"}, {"", "", "", ""},
	} {
		r.kind, r.style = c.kind, c.style
		r.text.Reset()
		r.text.WriteString(c.in)
		if got, err := r.content(); err != nil || got != c.want {
			t.Errorf("%+v: %s %v", c, got, err)
		}
	}
}

// Write takes any FHIR questionnaire that parses, and what it writes reads.
func TestWriteForeignQuestionnaires(t *testing.T) {
	for _, name := range []string{"bit-of-everything", "cardiology", "cvd-risk-calculator", "family-health-portrait", "health-check-695-items", "paginated"} {
		q, _, err := convert.Parse(sample.Read(t, "samples", "questionnaires", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		raw, report, err := Write(q)
		if err != nil {
			t.Fatal(name, err)
		}
		again, more, err := Read(raw, base)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, dump(t, raw))
			continue
		}
		roundTrip(t, again, base)
		lost := map[convert.Loss]int{}
		for _, n := range append(report, more...) {
			lost[n.Loss]++
		}
		t.Logf("%s: %v", name, lost)
	}
}
