package xlsform

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// Limits of a workbook. The largest XLSForms in use hold some 5,000 rows.
const (
	maxFile    = 16 << 20 // the packed file
	maxParts   = 1000     // entries of the zip
	maxPart    = 32 << 20 // one unpacked part
	maxUnpack  = 64 << 20 // all parts together, as the directory of the zip says
	maxRatio   = 250      // unpacked to packed, for parts over 1 MB
	maxRows    = 10_000   // rows with something in them, a sheet
	maxColumns = 500      // the last column that may hold something
	maxCell    = 32_767   // characters of a cell: Excel's own limit
	maxText    = 16 << 20 // bytes in all cells
	maxStrings = 200_000  // shared strings
	maxLevels  = 64       // nesting of XML
)

var (
	// ErrUnreadable: the bytes are no workbook at all.
	ErrUnreadable = fault.New(fault.Invalid, "xlsform.unreadable")
	errLimit      = fault.New(fault.TooLarge, "xlsform.limit")
	errLongCell   = fault.New(fault.TooLarge, "xlsform.long_cell")
)

// book is what is read of a workbook: the text of its cells.
type book struct {
	sheets []*sheet
	report convert.Report
}

// sheet is one sheet; rows that are blank are left out.
type sheet struct {
	name string
	rows []sheetRow
}

type sheetRow struct {
	number int
	cells  []sheetCell
}

type sheetCell struct {
	column int // from 0
	text   string
}

// sheet finds one by its name, whatever its case.
func (b *book) sheet(name string) *sheet {
	for _, s := range b.sheets {
		if strings.EqualFold(strings.TrimSpace(s.name), name) {
			return s
		}
	}
	return nil
}

// archive is the zip with its limits checked.
type archive struct {
	files map[string]*zip.File
	text  int // bytes of cell text so far
}

func openArchive(raw []byte) (*archive, error) {
	if len(raw) > maxFile {
		return nil, errLimit.With("What", "bytes", "Limit", maxFile)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	if len(z.File) > maxParts {
		return nil, errLimit.With("What", "parts", "Limit", maxParts)
	}
	a := &archive{files: map[string]*zip.File{}}
	var total uint64
	for _, f := range z.File {
		size := f.UncompressedSize64
		if total += size; size > maxPart || total > maxUnpack {
			return nil, errLimit.With("What", "unpacked bytes", "Limit", maxUnpack)
		}
		if size > 1<<20 && size > maxRatio*max(f.CompressedSize64, 1) {
			return nil, errLimit.With("What", "packing", "Limit", maxRatio)
		}
		name := strings.ToLower(strings.TrimPrefix(path.Clean("/"+f.Name), "/"))
		if a.files[name] != nil {
			return nil, ErrUnreadable.Because(errors.New("two parts are called " + name))
		}
		a.files[name] = f
	}
	return a, nil
}

// walk hands the elements of a part to start, text and end. What the zip directory says of a size may be a lie, so the
// reading is bounded too.
func (a *archive) walk(name string, handle func(t xml.Token) error) error {
	f := a.files[strings.ToLower(name)]
	if f == nil {
		return ErrUnreadable.Because(errors.New("there is no part " + name))
	}
	r, err := f.Open()
	if err != nil {
		return ErrUnreadable.Because(err)
	}
	defer r.Close()
	d := xml.NewDecoder(io.LimitReader(r, maxPart))
	for depth := 0; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return ErrUnreadable.Because(err)
		}
		switch t.(type) {
		case xml.StartElement:
			if depth++; depth > maxLevels {
				return errLimit.With("What", "levels of XML", "Limit", maxLevels)
			}
		case xml.EndElement:
			depth--
		}
		if err := handle(t); err != nil {
			return err
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// readBook reads the sheets that an XLSForm may have; others are only named in the report.
func readBook(raw []byte) (*book, error) {
	a, err := openArchive(raw)
	if err != nil {
		return nil, err
	}
	b := &book{}
	w := workbook{archive: a, targets: map[string]string{}}
	if err := w.read(); err != nil {
		return nil, err
	}
	b.extras(a)
	for _, s := range w.sheets {
		name := strings.ToLower(strings.TrimSpace(s.name))
		if name != "survey" && name != "choices" && name != "settings" && name != "entities" {
			b.report.Add(s.name, "sheet", convert.Dropped, "a sheet of this name is not part of XLSForm")
			continue
		}
		target := w.targets[s.id]
		if target == "" {
			return nil, ErrUnreadable.Because(errors.New("the sheet " + s.name + " has no part"))
		}
		sr := sheetReader{book: &w, into: &sheet{name: name}, report: &b.report}
		if err := sr.read(target); err != nil {
			return nil, err
		}
		b.sheets = append(b.sheets, sr.into)
	}
	return b, nil
}

// extras reports what a workbook may carry beside cells. None of it is ever opened.
func (b *book) extras(a *archive) {
	for _, extra := range []struct{ prefix, what string }{
		{"xl/vbaproject.bin", "macros"}, {"xl/externallinks/", "links to other workbooks"}, {"xl/media/", "pictures"}, {"xl/comments", "comments"},
	} {
		for name := range a.files {
			if strings.HasPrefix(name, extra.prefix) {
				b.report.Add("workbook", extra.what, convert.Dropped, "the workbook holds %s, which are neither run nor read", extra.what)
				break
			}
		}
	}
}

// workbook is the frame of the file: which sheets there are, and what their cells refer to.
type workbook struct {
	*archive
	sheets  []struct{ name, id string }
	targets map[string]string // relation to part
	strings []string
	dates   []bool // by style: is it a format of dates
	epoch04 bool
}

func (w *workbook) read() error {
	main := "xl/workbook.xml"
	if w.files[main] == nil {
		return ErrUnreadable.Because(errors.New("there is no xl/workbook.xml"))
	}
	err := w.walk(main, func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "workbookPr":
			w.epoch04 = attribute(e, "date1904") == "1" || attribute(e, "date1904") == "true"
		case e.Name.Local == "sheet":
			if len(w.sheets) >= 100 {
				return errLimit.With("What", "sheets", "Limit", 100)
			}
			w.sheets = append(w.sheets, struct{ name, id string }{attribute(e, "name"), attribute(e, "id")})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = w.walk("xl/_rels/workbook.xml.rels", func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" && attribute(e, "TargetMode") != "External" {
			target := attribute(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = "/xl/" + target
			}
			w.targets[attribute(e, "Id")] = strings.TrimPrefix(path.Clean(target), "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.readStrings(); err != nil {
		return err
	}
	return w.readStyles()
}

// readStrings reads the shared strings, without phonetic hints.
func (w *workbook) readStrings() error {
	if w.files["xl/sharedstrings.xml"] == nil {
		return nil
	}
	var sb strings.Builder
	inText, hint := false, 0
	return w.walk("xl/sharedStrings.xml", func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				sb.Reset()
			case "rPh":
				hint++
			case "t":
				inText = hint == 0
			}
		case xml.CharData:
			if inText {
				sb.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "rPh":
				hint--
			case "si":
				if len(w.strings) >= maxStrings {
					return errLimit.With("What", "texts", "Limit", maxStrings)
				}
				w.strings = append(w.strings, sb.String())
			}
		}
		return nil
	})
}

// readStyles finds out which styles show numbers as dates (ECMA-376, 18.8.30).
func (w *workbook) readStyles() error {
	if w.files["xl/styles.xml"] == nil {
		return nil
	}
	own := map[string]bool{}
	cells := false
	return w.walk("xl/styles.xml", func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				own[attribute(t, "numFmtId")] = dateFormat(attribute(t, "formatCode"))
			case "cellXfs":
				cells = true
			case "xf":
				if cells && len(w.dates) < maxStrings {
					id := attribute(t, "numFmtId")
					w.dates = append(w.dates, builtInDates[id] || own[id])
				}
			}
		case xml.EndElement:
			cells = cells && t.Name.Local != "cellXfs"
		}
		return nil
	})
}

var builtInDates = map[string]bool{"14": true, "15": true, "16": true, "17": true, "18": true, "19": true, "20": true, "21": true, "22": true, "45": true, "46": true, "47": true}

// dateFormat tells whether a number format shows dates or times: letters of one outside quotes and brackets.
func dateFormat(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case c == '\\' || c == '_' || c == '*':
			i++
		case !bracket && strings.IndexByte("yYmMdDhHsS", c) >= 0:
			return true
		}
	}
	return false
}
