package questionnaires

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// Fields are the values of an HTML form, such as http.Request.PostForm. A page of a questionnaire uses these names,
// with p the path of an item:
//
//	_asked       one value for each question shown: its path. Questions not named here are left as they are.
//	p            the answer, or one value for each box that is ticked: the option's key
//	p~other      an answer of one's own to an open choice
//	p~unit       the unit of a quantity
//	p~year p~month p~day   a date in three boxes, which may be left empty from the right
//	p~time       the time of a dateTime, beside a date in p or in three boxes
//	p~zone       the offset of that time, such as +02:00
//	p~file       an uploaded file's blob id
//	_add         the path of a repeating group that shall have one more entry
//	_remove      path~instance of an entry that shall go
type Fields map[string][]string

func (f Fields) one(name string) string {
	if v := f[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// entries reads the answers to one question.
func (f Fields) entries(it *item, path string) []Entry {
	other := f.one(path + "~other")
	if it.answer == Date || it.answer == DateTime {
		day := f.one(path)
		if y, m, d := f.one(path+"~year"), f.one(path+"~month"), f.one(path+"~day"); y+m+d != "" {
			day = threeBoxes(y, m, d)
		}
		if clock := f.one(path + "~time"); clock != "" && it.answer == DateTime {
			day += "T" + withSeconds(clock) + firstOf(f.one(path+"~zone"), "Z")
		}
		return []Entry{{Text: day}}
	}
	if it.answer == File {
		var list []Entry
		for _, id := range f[path+"~file"] {
			if blob, err := ident.Parse[ident.BlobID](id); err == nil {
				list = append(list, Entry{File: &Attachment{Blob: blob}})
			}
		}
		return list
	}
	list := []Entry{}
	for i, text := range f[path] {
		unit := ""
		if units := f[path+"~unit"]; i < len(units) {
			unit = units[i]
		}
		list = append(list, Entry{Text: text, Unit: unit})
	}
	if other != "" {
		if !it.Repeats {
			return []Entry{{Other: other}}
		}
		list = append(list, Entry{Other: other})
	}
	return list
}

// threeBoxes joins year, month and day; a gap makes a date that does not exist, which is then told.
func threeBoxes(y, m, d string) string {
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	switch {
	case m == "" && d == "":
		return y
	case d == "":
		return y + "-" + pad(m)
	default:
		return y + "-" + pad(m) + "-" + pad(d)
	}
}

// AnswerPage takes a whole page as a browser without JavaScript posts it. What is valid is saved, whatever else is not;
// each fault stands at its path, and what was entered there is in the view to be shown again. It answers the view of the
// same page after the change: with no Faults, the person may go on.
func (s *Service) AnswerPage(ctx context.Context, actor policies.Actor, id ident.ResponseID, page int, fields Fields, m Meta) (PageView, Saved, error) {
	resp, err := s.Response(ctx, actor, id)
	if err != nil {
		return PageView{}, Saved{}, err
	}
	changes, err := fields.changes(resp.Form)
	if err != nil {
		return PageView{}, Saved{}, err
	}
	return s.AnswerAll(ctx, actor, id, page, changes, m)
}

// changes reads a page's fields, in their order.
func (f Fields) changes(form *Form) ([]Change, error) {
	var list []Change
	for _, text := range f["_asked"] {
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		index, ok := form.byLink[path.LinkID]
		if !ok {
			continue // a name that no page of ours gives is not an answer
		}
		c := Change{Path: path, Op: OpAnswer, Entries: f.entries(&form.items[index], text)}
		if c.Entries == nil {
			c.Entries = []Entry{}
		}
		list = append(list, c)
	}
	for _, text := range f["_add"] {
		path, err := ParsePath(text)
		if err != nil {
			return nil, err
		}
		list = append(list, Change{Path: path, Op: OpAdd})
	}
	for _, text := range f["_remove"] {
		cut := max(strings.LastIndexByte(text, '~'), 0)
		path, err := ParsePath(text[:cut])
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(text[cut+1:])
		if err != nil {
			return nil, ErrNoItem
		}
		list = append(list, Change{Path: path, Op: OpRemove, Instance: n})
	}
	return list, nil
}

// AnswerAll makes many changes of a draft in one act, for whoever may make one: what is valid is saved, whatever else is
// not. It answers the view of a page afterwards, with every fault at its path and what was entered there. Answers that
// are there already are not written again. A question that another answer of the same act closes keeps its answer in
// the draft, as all answers under disabled items do.
func (s *Service) AnswerAll(ctx context.Context, actor policies.Actor, id ident.ResponseID, page int, changes []Change, m Meta) (PageView, Saved, error) {
	var view PageView
	var saved Saved
	p := posting{rejected: Rejected{}, key: m.Key}
	changes, err := p.describe(ctx, s, actor, id, changes)
	if err != nil {
		return view, saved, err
	}
	err = s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		if !w.row.response(nil, nil).Open() {
			return errNotDraft
		}
		known, err := s.repeated(tx, g, w, m.Key, pageHash)
		if err != nil {
			return err
		}
		p.j = journal{s: s, w: w, actor: actor, m: m}
		for _, c := range changes {
			if known != nil {
				break
			}
			if err := p.take(tx, c); err != nil {
				return err
			}
		}
		w.kept = len(p.j.rows) == 0
		w.after = func() {
			saved = Saved{Response: w.row.response(w.form, w.state), Revision: w.row.Revision, Seq: w.row.JournalSeq, At: tx.Now(), Repeated: known != nil}
			view = w.form.Page(w.state, page, m.Language, p.faults, p.rejected)
		}
		tx.Tell(g, "event", "response.answered")
		return insertJournal(tx, g, p.j.rows)
	})
	return view, saved, err
}

// pageHash stands for a page in the journal: what a page says when it is sent again is compared item by item.
const pageHash = "page"

// posting is many changes on their way in.
type posting struct {
	faults   fault.List
	rejected Rejected
	j        journal
	key      string
}

// describe completes the files that the changes name, and takes out the changes whose files are not known.
func (p *posting) describe(ctx context.Context, s *Service, actor policies.Actor, id ident.ResponseID, changes []Change) ([]Change, error) {
	var kept []Change
	for _, c := range changes {
		err := s.describe(ctx, actor, id, &c)
		var unknown fault.List
		switch {
		case err == nil:
			kept = append(kept, c)
		case errors.As(err, &unknown):
			p.faults = append(p.faults, unknown...)
		default:
			return nil, err
		}
	}
	return kept, nil
}

// take makes one change, or notes its faults.
func (p *posting) take(tx *db.Tx, c Change) error {
	w := p.j.w
	path := c.Path.String()
	it, in, on := w.form.find(w.state, c.Path)
	if c.Op == OpAdd || c.Op == OpRemove {
		effect, faults := w.form.Apply(w.state, c)
		if len(faults) > 0 {
			p.faults = append(p.faults, faults...)
			return nil
		}
		return p.note(tx, c, effect.Values)
	}
	if it == nil || !it.question() || it.ReadOnly {
		return nil // it stood on the page that the person saw, and an earlier change took it away
	}
	values, faults := it.understand(c)
	switch {
	case len(faults) > 0 && on:
		for _, f := range faults {
			p.faults.Add(f.At(path))
		}
		p.rejected[path] = c.Entries
		return nil
	case len(faults) > 0 || same(values, in.slots[it.seat].list):
		return nil
	}
	if _, faults = w.form.answer(w.state, it, in, c); len(faults) > 0 {
		return faults.Err() // understood a moment ago
	}
	return p.note(tx, c, values)
}

// note writes a change into the journal; the page's key goes with the first.
func (p *posting) note(tx *db.Tx, c Change, values []Value) error {
	key := p.key
	p.key = ""
	return p.j.add(tx, c, values, true, key, pageHash)
}

// same tells whether the answers are those that are there, to the letter.
func same(values []Value, list []*occurrence) bool {
	return slices.EqualFunc(values, list, func(v Value, o *occurrence) bool {
		return v.Equal(o.value) && v.Text == o.value.Text
	})
}
