package questionnaires

import (
	"context"
	"errors"

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
// are there already are not written again. A question that another answer of the same act closes keeps its answer in
// the draft, as all answers under disabled items do.
func (s *Service) AnswerAll(ctx context.Context, actor policies.Actor, id ident.ResponseID, page int, changes []sdc.Change, m Meta) (sdc.PageView, Saved, error) {
	var view sdc.PageView
	var saved Saved
	p := posting{rejected: sdc.Rejected{}, key: m.Key}
	err := s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
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
			if err := p.take(tx, g, c); err != nil {
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
	rejected sdc.Rejected
	j        journal
	key      string
}

// take makes one change, or notes its faults.
func (p *posting) take(tx *db.Tx, g policies.Grant[policies.Write], c sdc.Change) error {
	var unknown fault.List
	if err := p.j.s.describe(tx, g, p.j.w, &c); errors.As(err, &unknown) {
		p.faults = append(p.faults, unknown...)
		return nil
	} else if err != nil {
		return err
	}
	values, changed, faults := p.j.w.form.Put(p.j.w.state, c)
	switch {
	case len(faults) > 0:
		p.faults = append(p.faults, faults...)
		if c.Op == sdc.OpAnswer {
			p.rejected[c.Path.String()] = c.Entries
		}
	case changed:
		return p.note(tx, c, values)
	}
	return nil
}

// note writes a change into the journal; the page's key goes with the first.
func (p *posting) note(tx *db.Tx, c sdc.Change, values []sdc.Value) error {
	key := p.key
	p.key = ""
	return p.j.add(tx, c, values, true, key, pageHash)
}
