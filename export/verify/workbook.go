package verify

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

// workbook opens the zip and reads its XML, row by row.
func (r *Report) workbook(file string, f *entry) {
	z, err := zip.OpenReader(file)
	if err != nil {
		r.problem("%s does not open: %v", f.Name, err)
		return
	}
	defer z.Close()
	for _, e := range z.File {
		lower := strings.ToLower(e.Name)
		for _, bad := range []string{"vba", "externallink", "connections", "activex", "embeddings", "comments", "drawing"} {
			if strings.Contains(lower, bad) {
				r.problem("%s holds %s", f.Name, e.Name)
			}
		}
	}
	sheets := sheetsOf(&z.Reader)
	if len(sheets) != len(f.Sheets) {
		r.problem("%s has %d sheets, the manifest says %d", f.Name, len(sheets), len(f.Sheets))
	}
	for i, s := range sheets {
		rows, formulas, err := count(&z.Reader, s.part, nil)
		if err != nil {
			r.problem("%s, sheet %s: %v", f.Name, s.name, err)
		}
		if formulas > 0 {
			r.problem("%s, sheet %s holds %d formulas", f.Name, s.name, formulas)
		}
		if s.state != "" && s.state != "visible" {
			r.problem("%s, sheet %s is hidden", f.Name, s.name)
		}
		if i < len(f.Sheets) && (f.Sheets[i].Name != s.name || f.Sheets[i].Rows != rows-1) {
			r.problem("%s, sheet %d is %s with %d rows; the manifest says %s with %d", f.Name, i+1, s.name, rows-1, f.Sheets[i].Name, f.Sheets[i].Rows)
		}
		r.Rows["sheet "+s.name] = rows - 1
	}
}

type tab struct{ name, state, part string }

// sheetsOf gives the sheets of a workbook in order with the parts that hold them.
func sheetsOf(z *zip.Reader) []tab {
	var book struct {
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	decode(z, "xl/workbook.xml", &book)
	decode(z, "xl/_rels/workbook.xml.rels", &rels)
	target := map[string]string{}
	for _, l := range rels.List {
		t := l.Target
		if !strings.HasPrefix(t, "/") {
			t = "/xl/" + t
		}
		target[l.ID] = strings.TrimPrefix(path.Clean(t), "/")
	}
	tabs := make([]tab, 0, len(book.Sheets))
	for _, s := range book.Sheets {
		tabs = append(tabs, tab{s.Name, s.State, target[s.ID]})
	}
	return tabs
}

func decode(z *zip.Reader, name string, into any) {
	f, err := z.Open(name)
	if err != nil {
		return // no sheets are found, and that is reported
	}
	defer f.Close()
	_ = xml.NewDecoder(io.LimitReader(f, 16<<20)).Decode(into)
}

// count reads a sheet: its rows, its formulas, and the text of the first cell of each row where first is given.
func count(z *zip.Reader, part string, first func(string)) (rows, formulas int, err error) {
	f, err := z.Open(part)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	d := xml.NewDecoder(f)
	cell, inText := 0, false
	var words strings.Builder
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return rows, formulas, nil
		}
		if err != nil {
			return rows, formulas, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "row":
				rows, cell = rows+1, 0
			case "c":
				cell++
			case "f":
				formulas++
			case "t", "v":
				inText = cell == 1
				words.Reset()
			}
		case xml.CharData:
			if inText && first != nil {
				words.Write(t)
			}
		case xml.EndElement:
			if (t.Name.Local == "t" || t.Name.Local == "v") && inText {
				inText = false
				if first != nil {
					first(words.String())
				}
			}
		}
	}
}

// firstColumn gives the first cell of every row under the header, over a sheet and its continuations.
func firstColumn(file, name string) []string {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil
	}
	defer z.Close()
	all := []string{}
	for _, s := range sheetsOf(&z.Reader) {
		if s.name != name && !strings.HasPrefix(s.name, name+" (") {
			continue
		}
		var column []string
		if _, _, err := count(&z.Reader, s.part, func(v string) { column = append(column, v) }); err != nil || len(column) == 0 {
			continue
		}
		all = append(all, column[1:]...)
	}
	return all
}
