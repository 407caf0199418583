package xlsform

import (
	"testing"

	"github.com/xuri/excelize/v2"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// cells are the rows of sheets.
type cells map[string][][]string

// xlsx makes one with excelize, which shares no code with the reader.
func xlsx(tb testing.TB, sheets cells) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			tb.Fatal(err)
		}
		for i, row := range rows {
			for j, text := range row {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if text == "" {
					continue
				}
				if err := f.SetCellStr(name, at, text); err != nil {
					tb.Fatal(err)
				}
			}
		}
	}
	if _, own := sheets["Sheet1"]; !own {
		if err := f.DeleteSheet("Sheet1"); err != nil {
			tb.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

var base = Options{Base: "https://kindred.example", Name: "form"}

// read converts rows, and fails where that is refused.
func read(tb testing.TB, sheets cells) (convert.Questionnaire, convert.Report) {
	tb.Helper()
	q, report, err := Read(xlsx(tb, sheets), base)
	if err != nil {
		for _, f := range fault.All(err) {
			tb.Errorf("%s %s %v", f.Field, f.Key, f.Args)
		}
		tb.FailNow()
	}
	return q, report
}

// find gives the item of a linkId.
func find(items []convert.Item, link string) *convert.Item {
	for i := range items {
		if items[i].LinkID == link {
			return &items[i]
		}
		if it := find(items[i].Item, link); it != nil {
			return it
		}
	}
	return nil
}
