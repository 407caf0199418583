package questionnaires

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// AnswerPage takes a whole page as a browser without JavaScript posts it. What is valid is saved, whatever else is not;
// each fault stands at its path, and what was entered there is in the view to be shown again. It answers the view of the
// same page after the change: with no Faults, the person may go on.
func (s *Service) AnswerPage(ctx context.Context, actor policies.Actor, id ident.ResponseID, page int, fields sdc.Fields, m Meta) (sdc.PageView, Saved, error) {
	resp, err := s.Response(ctx, actor, id)
	if err != nil {
		return sdc.PageView{}, Saved{}, err
	}
	changes, err := fields.Changes(resp.Form)
	if err != nil {
		return sdc.PageView{}, Saved{}, err
	}
	return s.AnswerAll(ctx, actor, id, page, changes, m)
}

// AnswerAll makes many changes of a draft in one act, for whoever may make one: what is valid is saved, whatever else is
// not. It answers the view of a page afterwards, with every fault at its path and what was entered there. Answers that
// are there already are not written again, and none takes the place of one that another device gave after the page was
// shown: see sdc.Change.Base. A question that another answer of the same act closes keeps its answer in
// the draft, as all answers under disabled items do.
func (s *Service) AnswerAll(ctx context.Context, actor policies.Actor, id ident.ResponseID, page int, changes []sdc.Change, m Meta) (sdc.PageView, Saved, error) {
	var view sdc.PageView
	var saved Saved
	p := posting{faults: m.Faults, rejected: sdc.Rejected{}, key: m.Key}
	err := s.change(ctx, actor, id, func(tx *db.Tx, g write, w *work) error {
		if !w.row.response(nil, nil).Open() {
			return errNotDraft
		}
		known, err := s.repeated(tx, g, w, m.Key, pageHash)
		if err != nil {
			return err
		}
		p.j, p.before, p.alone = journal{s: s, w: w, actor: actor, m: m}, known, len(changes) == 1
		for _, c := range changes {
			if err := p.take(tx, g, c); err != nil {
				return err
			}
		}
		w.kept = len(p.j.rows) == 0
		w.after = func() {
			saved = Saved{Response: w.row.response(w.form, w.state), Revision: w.row.Revision, Seq: w.row.JournalSeq, At: tx.Now(), Repeated: known != nil}
			view = w.form.Page(w.state, page, m.Language, p.placed(), p.rejected)
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
	rejected sdc.Rejected
	j        journal
	key      string
	before   *journalRow // of the same page, sent before: what was set aside then is told again, and nothing is done
	alone    bool        // it is one change
}

// take makes one change, or notes its faults.
func (p *posting) take(tx *db.Tx, g write, c sdc.Change) error {
	var unknown fault.List
	if err := p.j.s.describe(tx, g, p.j.w, &c); errors.As(err, &unknown) {
		p.faults = append(p.faults, unknown...)
		return nil
	} else if err != nil {
		return err
	}
	if c.Base != "" {
		if settled, err := p.settled(tx, g, c); settled || err != nil {
			return err
		}
	}
	if p.before != nil {
		return nil
	}
	values, changed, faults := p.j.w.form.Put(p.j.w.state, c)
	switch {
	case len(faults) > 0:
		p.faults = append(p.faults, faults...)
		if c.Op == sdc.OpAnswer {
			p.rejected[c.Path.String()] = c.Entries
		}
	case changed:
		return p.note(tx, c, values, true)
	case p.alone && p.key != "" && c.Op == sdc.OpAnswer:
		// The same answer again. Its key is kept, so that the request, if the network brings it once more, does not take
		// the place of an answer that was given since.
		if values := p.j.w.form.ValuesAt(p.j.w.state, c.Path); len(values) > 0 {
			return p.note(tx, c, values, true)
		}
	}
	return nil
}

// settled compares an answer with what the page showed. A question that was not touched there keeps the answer that it
// has now. One that was touched there and on another device keeps the newer answer too; the other one is set aside in
// the journal, and the person is told both.
func (p *posting) settled(tx *db.Tx, g write, c sdc.Change) (bool, error) {
	w := p.j.w
	now := sdc.Print(w.form.ValuesAt(w.state, c.Path))
	if now == c.Base {
		return false, nil
	}
	values, faults := w.form.Understood(w.state, c)
	if mine := sdc.Print(values); len(faults) == 0 && (mine == c.Base || mine == now) {
		return true, nil
	}
	if stands, err := p.stands(tx, g, c.Path.String()); stands || err != nil {
		return false, err
	}
	mine := w.form.Say(c.Path.LinkID, values, p.j.m.Language)
	if len(faults) > 0 {
		mine = wordsOf(c.Entries)
	}
	p.faults.Add(errNewerAnswer.With("Mine", cmp.Or(mine, "–")).At(c.Path.String()))
	if len(faults) > 0 {
		return true, nil // what is no answer has no place in the journal
	}
	return true, p.note(tx, c, values, false)
}

// stands tells whether an answer from an older page counts all the same: nobody else answered since. For a page that was
// sent before it is what was decided then.
func (p *posting) stands(tx *db.Tx, g write, path string) (bool, error) {
	if p.before == nil {
		return sameDevice(tx, g, p.j.w.row.ID, path, p.j.s.deviceOf(p.j.m.Device))
	}
	aside, err := wasSetAside(tx, g, p.j.w.row.ID, path, p.before.Revision)
	return !aside, err
}

// wordsOf is what was typed, as it was typed.
func wordsOf(entries []sdc.Entry) string {
	var words []string
	for _, e := range entries {
		if !e.Blank() {
			words = append(words, strings.TrimSpace(e.Text+" "+e.Other))
		}
	}
	return strings.Join(words, ", ")
}

// note writes a change into the journal; the page's key goes with the first.
func (p *posting) note(tx *db.Tx, c sdc.Change, values []sdc.Value, accepted bool) error {
	if p.before != nil {
		return nil
	}
	key := p.key
	p.key = ""
	return p.j.add(tx, c, values, accepted, key, pageHash)
}

// placed are the faults whose items are still there: a group that was removed takes its faults along.
func (p *posting) placed() fault.List {
	var list fault.List
	for _, f := range p.faults {
		path, err := sdc.ParsePath(f.Field)
		if err != nil || p.j.w.form.Has(p.j.w.state, path) {
			list.Add(f)
		}
	}
	return list
}
