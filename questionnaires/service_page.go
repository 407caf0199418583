package questionnaires

import (
	"context"
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
	var view PageView
	var saved Saved
	files, err := s.postedFiles(ctx, actor, id, fields)
	if err != nil {
		return view, saved, err
	}
	err = s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		if !w.row.response(nil, nil).Open() {
			return errNotDraft
		}
		p := posting{fields: fields, files: files, rejected: Rejected{}, j: journal{s: s, w: w, actor: actor, m: m}, key: m.Key}
		known, err := s.repeated(tx, g, w, m.Key, pageHash)
		if err != nil {
			return err
		}
		if known == nil {
			if err := p.take(tx); err != nil {
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

// pageHash stands for a page in the journal: what a page says when it is sent again was compared item by item.
const pageHash = "page"

// posting is one page on its way in.
type posting struct {
	fields   Fields
	files    map[string][]Entry
	faults   fault.List
	rejected Rejected
	j        journal
	key      string
}

func (p *posting) take(tx *db.Tx) error {
	for _, text := range p.fields["_asked"] {
		if err := p.answer(tx, text); err != nil {
			return err
		}
	}
	for _, text := range p.fields["_add"] {
		path, err := ParsePath(text)
		if err != nil {
			return err
		}
		if err := p.repeat(tx, Change{Path: path, Op: OpAdd}); err != nil {
			return err
		}
	}
	for _, text := range p.fields["_remove"] {
		cut := strings.LastIndexByte(text, '~')
		path, err := ParsePath(text[:max(cut, 0)])
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(text[cut+1:])
		if err := p.repeat(tx, Change{Path: path, Op: OpRemove, Instance: n}); err != nil {
			return err
		}
	}
	return nil
}

// answer takes one question of the page. An answer to a question that another answer of the same page has just closed
// is kept in the draft, as all answers under disabled items are.
func (p *posting) answer(tx *db.Tx, text string) error {
	w := p.j.w
	path, err := ParsePath(text)
	if err != nil {
		return nil //nolint:nilerr // a name that no page of ours gives is not an answer
	}
	it, in, on := w.form.find(w.state, path)
	if it == nil || !it.question() || it.ReadOnly {
		return nil
	}
	c := Change{Path: path, Op: OpAnswer, Entries: p.fields.entries(it, text)}
	if files, ok := p.files[text]; ok {
		c.Entries = files
	}
	if c.Entries == nil {
		c.Entries = []Entry{}
	}
	values, faults := it.understand(c)
	if len(faults) == 0 && same(values, in.slots[it.seat].list) {
		return nil
	}
	var effect Effect
	if len(faults) == 0 {
		effect, faults = w.form.answer(w.state, it, in, c)
	}
	if len(faults) > 0 {
		if on {
			for _, f := range faults {
				p.faults.Add(f.At(text))
			}
			p.rejected[text] = c.Entries
		}
		return nil
	}
	return p.note(tx, c, effect.Values)
}

func (p *posting) repeat(tx *db.Tx, c Change) error {
	effect, faults := p.j.w.form.Apply(p.j.w.state, c)
	if len(faults) > 0 {
		p.faults = append(p.faults, faults...)
		return nil
	}
	return p.note(tx, c, effect.Values)
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

// postedFiles completes the files that a page names.
func (s *Service) postedFiles(ctx context.Context, actor policies.Actor, id ident.ResponseID, fields Fields) (map[string][]Entry, error) {
	found := map[string][]Entry{}
	for _, text := range fields["_asked"] {
		path, err := ParsePath(text)
		if err != nil || len(fields[text+"~file"]) == 0 {
			continue
		}
		c := Change{Path: path, Entries: fields.entries(&item{answer: File}, text)}
		if err := s.describe(ctx, actor, id, &c); err != nil {
			return nil, err
		}
		found[text] = c.Entries
	}
	return found, nil
}
