package questionnaires

import (
	"strconv"

	"kindred/questionnaires/sdc"
)

// typedRows turns the enabled answers of a response into typed rows, in the order of the form.
func typedRows(f *sdc.Form, s *sdc.State, r *responseRow) []answerRow {
	var rows []answerRow
	f.Given(s, func(g sdc.Given) {
		rows = append(rows, typedRow(r, len(rows)+1, g))
	})
	return rows
}

func typedRow(r *responseRow, seq int, g sdc.Given) answerRow {
	v := g.Value
	row := answerRow{
		ResponseID: r.ID, Seq: seq, ParticipantID: r.ParticipantID, VersionID: r.VersionID,
		LinkID: g.LinkID, Instance: g.Instance, ValueType: string(v.Type),
	}
	text := v.Text
	switch v.Type {
	case sdc.Decimal, sdc.Integer, sdc.Quantity:
		row.ValueText = &text
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
			row.ValueNumber = &n
		}
		if unit := v.Coding.Word(); v.Type == sdc.Quantity && unit != "" {
			row.Unit = &unit
		}
	case sdc.CodingType:
		system, code := v.Coding.System, v.Coding.Word()
		if g.Offered {
			row.ValueSystem, row.ValueCode = &system, &code
		}
	case sdc.Date, sdc.DateTime, sdc.Time:
		row.ValueDate = &text
	case sdc.Absent:
		if v.Declines() {
			code := "asked-declined"
			row.ValueCode = &code
		}
	case sdc.Boolean:
		row.ValueText = &text
	case sdc.String:
		// Only words that the form itself offers; what people write themselves stays sealed in the document.
		if g.Offered {
			row.ValueText = &text
		}
	}
	return row
}
