package questionnaires

import (
	"strconv"
	"strings"
)

// rows turns the enabled answers of a response into typed rows, in the order of the form.
func (f *Form) rows(s *State, r *responseRow) []answerRow {
	t := typing{r: r}
	t.inside(f, s.root, f.top, nil)
	return t.rows
}

type typing struct {
	r    *responseRow
	rows []answerRow
}

func (t *typing) inside(f *Form, in *occurrence, children []int, at []int) {
	for _, child := range children {
		it := &f.items[child]
		sl := &in.slots[it.seat]
		if !sl.on {
			continue
		}
		for _, o := range sl.list {
			here := deeper(at, o.id)
			if it.question() {
				t.rows = append(t.rows, t.row(it, o.value, here))
			}
			if len(o.slots) > 0 {
				t.inside(f, o, it.children, here)
			}
		}
	}
}

func (t *typing) row(it *item, v Value, at []int) answerRow {
	parts := make([]string, len(at))
	for i, n := range at {
		parts[i] = strconv.Itoa(n)
	}
	row := answerRow{
		ResponseID: t.r.ID, Seq: len(t.rows) + 1, ParticipantID: t.r.ParticipantID, VersionID: t.r.VersionID,
		LinkID: it.LinkID, Instance: strings.Join(parts, "."), ValueType: string(v.Type),
	}
	text := v.Text
	switch v.Type {
	case Decimal, Integer, Quantity:
		row.ValueText = &text
		if n, err := strconv.ParseFloat(v.Text, 64); err == nil {
			row.ValueNumber = &n
		}
		if unit := firstOf(v.Coding.Code, v.Coding.Display); v.Type == Quantity && unit != "" {
			row.Unit = &unit
		}
	case CodingType:
		system, code := v.Coding.System, firstOf(v.Coding.Code, v.Coding.Display)
		if _, known := it.option(v); known {
			row.ValueSystem, row.ValueCode = &system, &code
		}
	case Date, DateTime, Time:
		row.ValueDate = &text
	case Boolean:
		row.ValueText = &text
	case String:
		// Only words that the form itself offers; what people write themselves stays sealed in the document.
		if _, known := it.option(v); known && len(it.Options) > 0 {
			row.ValueText = &text
		}
	}
	return row
}
