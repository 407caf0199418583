package questionnaires

import (
	"context"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// OpMove and OpAside are what the journal calls the move of a draft to another version, and an answer that had no place
// there.
const (
	OpMove  sdc.Op = "move"
	OpAside sdc.Op = "aside"
)

// Move is what becomes of each answer of a draft in another version.
type Move struct {
	Response Response // as it is now
	From, To Version  // without their bytes
	Items    []sdc.CarriedItem

	form  *sdc.Form // of To
	state *sdc.State
}

// Newer gives the newest version of the questionnaire of a draft, and false where the draft is on it or cannot move.
func (s *Service) Newer(ctx context.Context, actor policies.Actor, r Response) (Version, bool, error) {
	if r.Status != sdc.InProgress {
		return Version{}, false, nil
	}
	all, err := s.Versions(ctx, actor)
	if err != nil {
		return Version{}, false, err
	}
	for _, v := range Newest(all) {
		if v.Questionnaire == r.Questionnaire && v.ID != r.Version && !v.Retired {
			return v, true, nil
		}
	}
	return Version{}, false, nil
}

// Preview tells what Move would do, and does nothing. Whoever acts for the participant may.
func (s *Service) Preview(ctx context.Context, actor policies.Actor, id ident.ResponseID, to ident.VersionID) (Move, error) {
	grant, err := ask[policies.Read](ctx, s, actor, "")
	if err != nil {
		return Move{}, err
	}
	var m Move
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		row, err := readResponse(tx, grant, id)
		if err != nil {
			return err
		}
		form, err := s.formIn(tx, row.VersionID)
		if err != nil {
			return err
		}
		state, err := s.state(row, form)
		if err != nil {
			return err
		}
		m, err = s.moved(tx, row, form, state, to)
		return err
	})
	return m, err
}

// moved works out the move of a draft to a later version of its questionnaire.
func (s *Service) moved(tx *db.Tx, row responseRow, form *sdc.Form, state *sdc.State, to ident.VersionID) (Move, error) {
	m := Move{Response: row.response(form, state)}
	if m.Response.Status != sdc.InProgress {
		return m, errNotDraft
	}
	versions, err := versionsOf(tx, row.QuestionnaireID)
	if err != nil {
		return m, err
	}
	for _, v := range versions {
		switch v.ID {
		case row.VersionID:
			m.From = v.version(form.URL)
		case to:
			m.To = v.version(form.URL)
		}
	}
	if m.To.ID == "" || m.To.Number < m.From.Number || m.To.Retired {
		return m, ErrNoVersion
	}
	if m.form, err = s.formIn(tx, to); err != nil {
		return m, err
	}
	known, err := s.contextOf(row)
	if err != nil {
		return m, err
	}
	m.state, m.Items = m.form.Carry(form, state, known)
	return m, nil
}

// Move takes a draft to a later version, in one transaction: answers that have their place there go along, the others
// are kept aside in the journal, with their files. Whoever may answer may. m.Revision is that of the preview; where the
// draft changed since, the answer is ErrStale. A draft that is there already stays as it is.
func (s *Service) Move(ctx context.Context, actor policies.Actor, id ident.ResponseID, to ident.VersionID, m Meta) (Response, error) {
	var resp Response
	err := s.change(ctx, actor, id, func(tx *db.Tx, g write, w *work) error {
		w.after = func() { resp = w.row.response(w.form, w.state) }
		if w.row.VersionID == to && sdc.Status(w.row.Status) == sdc.InProgress {
			w.kept = true
			return nil
		}
		if m.Revision > 0 && m.Revision != w.row.Revision {
			return ErrStale
		}
		move, err := s.moved(tx, w.row, w.form, w.state, to)
		if err != nil {
			return err
		}
		j := journal{s: s, w: w, actor: actor, m: m}
		for _, one := range move.Items {
			if one.Outcome != sdc.KeptAside {
				continue
			}
			if err := j.aside(tx, g, one); err != nil {
				return err
			}
		}
		if err := j.add(tx, sdc.Change{Path: sdc.Path{LinkID: "*"}, Op: OpMove}, nil, true, "", ""); err != nil {
			return err
		}
		w.row.VersionID, w.form, w.state = to, move.form, move.state
		tx.Tell(g, "event", "response.moved")
		tx.Tell(g, "version", string(to))
		return insertJournal(tx, g, j.rows)
	})
	return resp, err
}

// aside keeps an answer that has no place in the other version, and its files with it.
func (j *journal) aside(tx *db.Tx, g write, one sdc.CarriedItem) error {
	path, err := sdc.ParsePath(one.Path)
	if err != nil {
		return err
	}
	for _, v := range one.Values {
		if v.File == nil {
			continue
		}
		if err := keepFile(tx, g, v.File.Blob); err != nil {
			return err
		}
	}
	return j.add(tx, sdc.Change{Path: path, Op: OpAside}, one.Values, false, "", "")
}

// Aside is an answer that was kept and does not count: another device had answered, or a newer version does not ask it.
type Aside struct {
	JournalEntry
	Label string // of the question, in the version that has it
	Said  string
}

// SetAside lists the answers of a response that were set aside, the newest first, in one language. Whoever acts for the
// participant may.
func (s *Service) SetAside(ctx context.Context, actor policies.Actor, id ident.ResponseID, language string) ([]Aside, error) {
	journal, err := s.Journal(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	resp, err := s.Response(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var list []Aside
	for i := len(journal) - 1; i >= 0; i-- {
		if journal[i].Accepted {
			continue
		}
		path, err := sdc.ParsePath(journal[i].Path)
		if err != nil {
			return nil, err
		}
		form, err := s.formWith(ctx, actor, resp, path.LinkID)
		if err != nil {
			return nil, err
		}
		list = append(list, Aside{JournalEntry: journal[i], Label: form.Label(path.LinkID, language), Said: form.Say(path.LinkID, journal[i].Values, language)})
	}
	return list, nil
}

// formWith is the form of a response, or the newest version before it that has an item.
func (s *Service) formWith(ctx context.Context, actor policies.Actor, r Response, link string) (*sdc.Form, error) {
	if r.Form.Knows(link) {
		return r.Form, nil
	}
	all, err := s.Versions(ctx, actor)
	if err != nil {
		return nil, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Questionnaire != r.Questionnaire {
			continue
		}
		form, err := s.Form(ctx, all[i].ID)
		if err != nil || form.Knows(link) {
			return form, err
		}
	}
	return r.Form, nil
}
