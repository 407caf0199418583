package questionnaires

import (
	"context"
	"errors"
	"slices"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// stateContext binds a sealed state to its response.
func stateContext(id ident.ResponseID) string { return "response.state:" + string(id) }

// Assignments lists what a participant may answer and has answered: the newest version of each questionnaire, with the
// draft and what was sent. Whoever acts for the participant may.
func (s *Service) Assignments(ctx context.Context, actor policies.Actor, p ident.ParticipantID) ([]Assignment, error) {
	if err := s.mayRead(ctx, actor); err != nil {
		return nil, err
	}
	grant, err := ask[policies.Read](ctx, s, actor, p)
	if err != nil {
		return nil, err
	}
	var list []Assignment
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		all, err := allVersions(tx)
		if err != nil {
			return err
		}
		rows, err := responsesOf(tx, grant, p)
		if err != nil {
			return err
		}
		for _, v := range Newest(all) {
			a, err := s.assignment(tx, v, rows)
			if err != nil {
				return err
			}
			if v.Retired && a.Draft == nil && len(a.Sent) == 0 {
				continue
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}

func (s *Service) assignment(tx *db.Tx, v Version, rows []responseRow) (Assignment, error) {
	a := Assignment{Version: v}
	form, err := s.formIn(tx, v.ID)
	if err != nil {
		return a, err
	}
	a.Minutes = sdc.WholeMinutes(form.Minutes() * 60)
	for _, row := range rows {
		if row.QuestionnaireID != v.Questionnaire {
			continue
		}
		f, err := s.formIn(tx, row.VersionID)
		if err != nil {
			return a, err
		}
		if sdc.Status(row.Status) != sdc.InProgress {
			a.Sent = append(a.Sent, row.response(f, nil))
			continue
		}
		state, err := s.state(row, f)
		if err != nil {
			return a, err
		}
		draft := row.response(f, state)
		a.Draft, a.Outdated, a.Minutes = &draft, row.VersionID != v.ID, sdc.WholeMinutes(f.Remaining(state)*60)
	}
	return a, nil
}

// state unseals and reads the answers of a row.
func (s *Service) state(row responseRow, f *sdc.Form) (*sdc.State, error) {
	raw, err := s.vault.Open(row.State, stateContext(row.ID))
	if err != nil {
		return nil, err
	}
	known, err := s.contextOf(row)
	if err != nil {
		return nil, err
	}
	in, faults := f.Restore(raw, known)
	if len(faults) > 0 {
		return nil, errors.Join(errors.New("questionnaires: a saved draft does not read back"), faults)
	}
	return in.State, nil
}

// now is when a form is filled in.
func (s *Service) now() sdc.Context { return sdc.Context{Now: s.db.Now()} }

// Start begins a draft on the newest version of a questionnaire, or gives the draft that is there. Whoever acts for the
// participant may, while the consent to questionnaires is in force; else it is Missing.
func (s *Service) Start(ctx context.Context, actor policies.Actor, p ident.ParticipantID, q ident.QuestionnaireID, language string) (Response, error) {
	grant, err := ask[policies.Write](ctx, s, actor, p)
	if err != nil {
		return Response{}, err
	}
	known, err := s.knownFor(ctx, actor, p, q)
	if err != nil {
		return Response{}, err
	}
	launch, err := LaunchNodes(known)
	if err != nil {
		return Response{}, err
	}
	var resp Response
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		versions, err := versionsOf(tx, q)
		if err != nil {
			return err
		}
		if len(versions) == 0 || versions[len(versions)-1].Status == retired {
			return ErrNoVersion
		}
		form, err := s.formIn(tx, versions[len(versions)-1].ID)
		if err != nil {
			return err
		}
		row, err := s.fresh(tx, actor, p, versions[len(versions)-1], form, form.Start(sdc.Context{Now: tx.Now(), Launch: launch}))
		if err != nil {
			return err
		}
		if row.Launch, err = s.keepKnown(row.ID, known); err != nil {
			return err
		}
		row.Language = cutText(language, 35)
		made, err := insertResponse(tx, grant, row)
		if err != nil {
			return err
		}
		if made {
			tx.Tell(grant, "event", "response.started")
		} else {
			if row, err = draftOf(tx, grant, p, q); err != nil {
				return missing(err, ErrNoResponse)
			}
			if form, err = s.formIn(tx, row.VersionID); err != nil {
				return err
			}
		}
		tx.Tell(grant, "version", string(row.VersionID))
		state, err := s.state(row, form)
		resp = row.response(form, state)
		return err
	})
	return resp, err
}

// fresh is the row of a new draft.
func (s *Service) fresh(tx *db.Tx, actor policies.Actor, p ident.ParticipantID, v versionRow, f *sdc.Form, state *sdc.State) (responseRow, error) {
	row := responseRow{
		ID: ident.New[ident.ResponseID](), ParticipantID: p, QuestionnaireID: v.QuestionnaireID, VersionID: v.ID, Status: string(sdc.InProgress),
		Revision: 1, AccountID: actor.Account, StartedAt: tx.Now(), UpdatedAt: tx.Now(),
	}
	var err error
	row.State, err = s.vault.Seal(f.Save(state), stateContext(row.ID))
	return row, err
}

// Response gives a response with its answers. Whoever acts for the participant may.
func (s *Service) Response(ctx context.Context, actor policies.Actor, id ident.ResponseID) (Response, error) {
	grant, err := ask[policies.Read](ctx, s, actor, "")
	if err != nil {
		return Response{}, err
	}
	var resp Response
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
		resp = row.response(form, state)
		return err
	})
	return resp, err
}

// Responses lists a participant's responses without answers, newest first. Whoever acts for the participant may.
func (s *Service) Responses(ctx context.Context, actor policies.Actor, p ident.ParticipantID) ([]Response, error) {
	grant, err := ask[policies.Read](ctx, s, actor, p)
	if err != nil {
		return nil, err
	}
	var list []Response
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		rows, err := responsesOf(tx, grant, p)
		if err != nil {
			return err
		}
		for _, row := range rows {
			form, err := s.formIn(tx, row.VersionID)
			if err != nil {
				return err
			}
			list = append(list, row.response(form, nil))
		}
		return nil
	})
	return list, err
}

// Page draws page n of a response, for filling or for reading.
func (s *Service) Page(ctx context.Context, actor policies.Actor, id ident.ResponseID, n int, language string) (sdc.PageView, Response, error) {
	resp, err := s.Response(ctx, actor, id)
	if err != nil {
		return sdc.PageView{}, resp, err
	}
	return resp.Form.Page(resp.State, n, language, nil, nil), resp, nil
}

// Review draws all pages with what is still missing, for reading before sending.
func (s *Service) Review(ctx context.Context, actor policies.Actor, id ident.ResponseID, language string) ([]sdc.PageView, Response, error) {
	resp, err := s.Response(ctx, actor, id)
	if err != nil {
		return nil, resp, err
	}
	return resp.Form.Review(resp.State, language, resp.Form.Check(resp.State)), resp, nil
}

// Journal lists the changes of a response in the order they were made, those set aside too.
func (s *Service) Journal(ctx context.Context, actor policies.Actor, id ident.ResponseID) ([]JournalEntry, error) {
	grant, err := ask[policies.Read](ctx, s, actor, "")
	if err != nil {
		return nil, err
	}
	var list []JournalEntry
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		if _, err := readResponse(tx, grant, id); err != nil {
			return err
		}
		rows, err := journalOf(tx, grant, id)
		if err != nil {
			return err
		}
		for _, row := range rows {
			raw, err := s.vault.Open(row.Value, journalContext(id, row.Seq))
			if err != nil {
				return err
			}
			values, err := sdc.ParseValues(raw)
			if err != nil {
				return err
			}
			list = append(list, JournalEntry{
				Seq: row.Seq, Revision: row.Revision, Op: sdc.Op(row.Op), Path: row.Path, Values: values, Accepted: row.Accepted,
				Account: row.AccountID, Device: row.Device, At: row.At.UTC(),
			})
		}
		return nil
	})
	return list, err
}

// Discard takes a draft back: one that was never sent is deleted with its journal; a correction that was begun is
// dropped, and what was sent last stands again.
func (s *Service) Discard(ctx context.Context, actor policies.Actor, id ident.ResponseID) error {
	return s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		switch {
		case sdc.Status(w.row.Status) == sdc.InProgress:
			w.gone = true
			tx.Tell(g, "event", "response.discarded")
			if err := s.dropFiles(tx, g, w); err != nil {
				return err
			}
			return removeDraft(tx, g, id)
		case !w.row.Editing:
			return errNotDraft
		}
		doc, err := lastDocument(tx, g, id)
		if err != nil {
			return err
		}
		raw, err := s.vault.Open(doc.Body, documentContext(id, doc.Number))
		if err != nil {
			return err
		}
		in, _ := w.form.Restore(raw, s.now())
		w.state, w.row.Editing = in.State, false
		tx.Tell(g, "event", "response.correction_dropped")
		return nil
	})
}

// Amend opens answers that were sent for correction. They stay as sent until Submit.
func (s *Service) Amend(ctx context.Context, actor policies.Actor, id ident.ResponseID) (Response, error) {
	var resp Response
	err := s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		if sdc.Status(w.row.Status) == sdc.InProgress {
			return errNotSubmitted
		}
		w.row.Editing = true
		tx.Tell(g, "event", "response.correction_begun")
		w.after = func() { resp = w.row.response(w.form, w.state) }
		return nil
	})
	return resp, err
}

type write = policies.Grant[policies.Write]

// work is a response that is held for a change.
type work struct {
	row   responseRow
	was   int // revision before
	form  *sdc.Form
	state *sdc.State
	gone  bool   // deleted: nothing to write back
	kept  bool   // nothing changed: nothing to write back
	after func() // once all is written, before the commit
}

// change is the frame of every use case that changes a response: ask, hold the row, load form and answers, decide,
// write back with the next revision.
func (s *Service) change(ctx context.Context, actor policies.Actor, id ident.ResponseID, decide func(*db.Tx, policies.Grant[policies.Write], *work) error) error {
	grant, err := ask[policies.Write](ctx, s, actor, "")
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		w := work{}
		if w.row, err = held(tx, grant, id); err != nil {
			return err
		}
		w.was = w.row.Revision
		if w.form, err = s.formIn(tx, w.row.VersionID); err != nil {
			return err
		}
		if w.state, err = s.state(w.row, w.form); err != nil {
			return err
		}
		tx.Tell(grant, "response", string(id))
		if err := decide(tx, grant, &w); err != nil || w.gone {
			return err
		}
		if !w.kept {
			if err := s.writeBack(tx, grant, actor, &w); err != nil {
				return err
			}
		}
		if w.after != nil {
			w.after()
		}
		return nil
	})
}

func (s *Service) writeBack(tx *db.Tx, g policies.Grant[policies.Write], actor policies.Actor, w *work) error {
	saved := w.form.Save(w.state)
	if err := jsonscan.Scan(saved, sdc.ResponseLimits); err != nil {
		return err // what could not be read again is not kept in the first place
	}
	var err error
	if w.row.State, err = s.vault.Seal(saved, stateContext(w.row.ID)); err != nil {
		return err
	}
	if err := s.dropFiles(tx, g, w); err != nil {
		return err
	}
	w.row.Revision, w.row.UpdatedAt, w.row.AccountID = w.was+1, tx.Now(), actor.Account
	return updateResponse(tx, g, w.row, w.was)
}

// cutText shortens what a client says about itself to what a column is meant for.
func cutText(s string, n int) string {
	runes := []rune(s)
	return string(slices.Clip(runes[:min(len(runes), n)]))
}
