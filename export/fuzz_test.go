package export

import (
	"encoding/json"
	"testing"

	"kindred/internal/vault"
)

// FuzzParseForm: a form that is read has each linkId once, its line is one line of JSON that says what the bytes said,
// and every question has a place in the workbook.
func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{formV1, formV2, `{}`, `{"item":[{"linkId":"a","type":"group","repeats":true,"item":[{"linkId":"b","type":"choice","repeats":true}]}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, err := ParseForm(raw)
		if err != nil {
			return
		}
		again, err := ParseForm(form.Raw)
		if err != nil || len(again.byLink) != len(form.byLink) || !json.Valid(form.Raw) {
			t.Fatalf("%q became %q: %v", raw, form.Raw, err)
		}
		for _, b := range form.Raw {
			if b == '\n' {
				t.Fatalf("%q is not one line", form.Raw)
			}
		}
		form.URL, form.Version = "u", "1"
		l := layouts([]*Form{form})[0]
		for link, q := range form.byLink {
			if at, ok := l.at[q]; !ok && q.Type != "display" && !underDisplay(form.Items, link) || ok && at.column >= len(at.grid.columns) {
				t.Fatalf("%s has no place", link)
			}
		}
	})
}

// underDisplay tells whether an item lies under a display, which publishing refuses.
func underDisplay(items []*Question, link string) bool {
	for _, q := range items {
		if q.Type == "display" && holds(q.Items, link) || underDisplay(q.Items, link) {
			return true
		}
	}
	return false
}

func holds(items []*Question, link string) bool {
	for _, q := range items {
		if q.LinkID == link || holds(q.Items, link) {
			return true
		}
	}
	return false
}

// FuzzShift: what is shifted there and back is what it was, or a day of the same month or year.
func FuzzShift(f *testing.F) {
	for _, s := range []string{"2021", "2021-03", "2021-03-04", "2021-03-04T10:00:00Z", "2020-02-29T23:59:59.5+05:45", "", "0001-01-01"} {
		f.Add(s, 17)
	}
	f.Fuzz(func(t *testing.T, s string, days int) {
		days %= vault.MaxShift + 1
		moved, ok := shift(s, days)
		if !ok {
			return
		}
		back, ok := shift(moved, -days)
		if !ok {
			return // at the edge of the calendar
		}
		again, ok := shift(back, days)
		if len(s) > 7 && (!ok || again != moved) || len(s) <= 10 && len(moved) != len(s) {
			t.Fatalf("%q moved to %q, back to %q, and again to %q", s, moved, back, again)
		}
	})
}
