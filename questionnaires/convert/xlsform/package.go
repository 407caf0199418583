package xlsform

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kindred/questionnaires/convert"
)

// surveyOrder is the order of the columns; those that no row uses are left out.
var surveyOrder = []string{"type", "name", "label", "hint", "guidance_hint", "required", "relevant", "constraint", "constraint_message",
	"calculation", "default", "readonly", "appearance", "parameters", "choice_filter", "repeat_count"}

// workbook puts the sheets together. The same rows give the same bytes.
func (w *writer) workbook() ([]byte, error) {
	settings := []map[string]string{w.settings}
	sheets := [][][]string{
		w.grid("survey", surveyOrder, w.survey),
		w.grid("choices", append([]string{"list_name", "name", "label"}, w.columns...), w.choices),
		w.grid("settings", []string{"form_title", "form_id", "version", "default_language"}, settings),
	}
	parts := frame()
	for i, s := range sheets {
		parts = append(parts, part{"xl/worksheets/sheet" + itoa(i+1) + ".xml", worksheet(s)})
	}
	return pack(parts)
}

// pack zips the parts of a workbook, with one date for all.
func pack(parts []part) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = io.WriteString(f, p.body)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// grid lays rows out under their headers.
func (w *writer) grid(sheet string, order []string, rows []map[string]string) [][]string {
	var heads []string
	for _, name := range order {
		langs := []string{""}
		if spoken[name] {
			langs = append(langs, w.langs...)
		}
		for _, lang := range langs {
			head := name
			if spoken[name] {
				head = w.column(name, lang)
			}
			needed := name == "type" || name == "name" || name == "list_name" || head == w.column("label", "")
			if needed || slices.ContainsFunc(rows, func(r map[string]string) bool { return r[head] != "" }) {
				heads = append(heads, head)
			}
		}
	}
	grid := [][]string{heads}
	for i, r := range rows {
		line := make([]string, len(heads))
		for j, head := range heads {
			line[j] = r[head]
			if utf8.RuneCountInString(line[j]) > maxCell {
				line[j] = string([]rune(line[j])[:maxCell])
				w.report.Add(place(sheet, j, i+2), head, convert.Partial, "the text was cut after %d characters, as many as a cell holds", maxCell)
			}
		}
		grid = append(grid, line)
	}
	return grid
}

type part struct{ name, body string }

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	office      = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packages    = "http://schemas.openxmlformats.org/package/2006/"
	main        = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	mime        = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// frame are the parts of a workbook (ECMA-376) beside its sheets: one style for text, one for headers.
func frame() []part {
	var overrides, sheets, relations strings.Builder
	for i, name := range []string{"survey", "choices", "settings"} {
		n := itoa(i + 1)
		overrides.WriteString(`<Override PartName="/xl/worksheets/sheet` + n + `.xml" ContentType="` + mime + `worksheet+xml"/>`)
		sheets.WriteString(`<sheet name="` + name + `" sheetId="` + n + `" r:id="rId` + n + `"/>`)
		relations.WriteString(`<Relationship Id="rId` + n + `" Type="` + office + `/worksheet" Target="worksheets/sheet` + n + `.xml"/>`)
	}
	return []part{
		{"[Content_Types].xml", declaration + `<Types xmlns="` + packages + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + mime + `sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + mime + `styles+xml"/>` + overrides.String() + `</Types>`},
		{"_rels/.rels", declaration + `<Relationships xmlns="` + packages + `relationships"><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", declaration + `<workbook xmlns="` + main + `" xmlns:r="` + office + `"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", declaration + `<Relationships xmlns="` + packages + `relationships">` + relations.String() +
			`<Relationship Id="rId4" Type="` + office + `/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", declaration + `<styleSheet xmlns="` + main + `"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
			`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
			`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`},
	}
}

// worksheet writes every cell as text, which cannot become a number, a date or a formula.
func worksheet(rows [][]string) string {
	var sb strings.Builder
	sb.WriteString(declaration + `<worksheet xmlns="` + main + `"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
		`<cols><col min="1" max="` + itoa(max(1, len(rows[0]))) + `" width="24" customWidth="1"/></cols><sheetData>`)
	for i, row := range rows {
		n := itoa(i + 1)
		sb.WriteString(`<row r="` + n + `">`)
		for j, text := range row {
			if text == "" {
				continue
			}
			style := "0"
			if i == 0 {
				style = "1"
			}
			_, at, _ := strings.Cut(place("", j, i+1), "!")
			sb.WriteString(`<c r="` + at + `" s="` + style + `" t="inlineStr"><is><t xml:space="preserve">`)
			_ = xml.EscapeText(&sb, []byte(text)) // a Builder does not fail
			sb.WriteString(`</t></is></c>`)
		}
		sb.WriteString(`</row>`)
	}
	sb.WriteString(`</sheetData></worksheet>`)
	return sb.String()
}
