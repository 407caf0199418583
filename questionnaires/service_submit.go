package questionnaires

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

func documentContext(id ident.ResponseID, number int) string {
	return fmt.Sprintf("response.document:%s:%d", id, number)
}

// Submit sends a draft, or a correction: the whole response is judged, and becomes immutable. It answers what is
// missing as a fault.List with paths. Sending twice answers the document that was sent.
func (s *Service) Submit(ctx context.Context, actor policies.Actor, id ident.ResponseID, m Meta) (Document, Response, error) {
	var doc Document
	var resp Response
	err := s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		w.after = func() { resp = w.row.response(w.form, w.state) }
		if !w.row.response(nil, nil).Open() {
			w.kept = true
			row, err := lastDocument(tx, g, id)
			if err != nil {
				return err
			}
			doc, err = s.document(row)
			return err
		}
		if m.Revision > 0 && m.Revision < w.row.Revision {
			return ErrStale
		}
		if faults := w.form.Check(w.state); len(faults) > 0 {
			return faults.Err()
		}
		if m.Language != "" {
			w.row.Language = cutText(m.Language, 35)
		}
		var err error
		doc, err = s.send(tx, g, actor, w)
		return err
	})
	return doc, resp, err
}

// send writes the document and the typed rows of a response that was judged.
func (s *Service) send(tx *db.Tx, g policies.Grant[policies.Write], actor policies.Actor, w *work) (Document, error) {
	row := &w.row
	now := tx.Now()
	row.Status = string(sdc.Completed)
	if row.Documents > 0 {
		row.Status = string(sdc.Amended)
	}
	row.Documents++
	row.Editing, row.SubmittedAt = false, &now
	body := w.form.Encode(w.state, sdc.Header{
		ID: string(row.ID), Status: sdc.Status(row.Status), Subject: "Patient/" + string(row.ParticipantID), Authored: now, Language: row.Language,
	})
	d, err := s.documentRow(row, body, actor.Account)
	if err != nil {
		return Document{}, err
	}
	d.At = now
	if err := insertDocument(tx, g, d); err != nil {
		return Document{}, err
	}
	if err := s.keepFiles(tx, g, w); err != nil {
		return Document{}, err
	}
	tx.Tell(g, "event", "response."+row.Status)
	tx.Tell(g, "document", strconv.Itoa(row.Documents))
	if err := replaceAnswers(tx, g, row, typedRows(w.form, w.state, row)); err != nil {
		return Document{}, err
	}
	doc := d.header()
	doc.Body = body
	return doc, nil
}

func (s *Service) documentRow(row *responseRow, body []byte, account ident.AccountID) (documentRow, error) {
	sum := sha256.Sum256(body)
	sealed, err := s.vault.Seal(body, documentContext(row.ID, row.Documents))
	return documentRow{
		ResponseID: row.ID, Number: row.Documents, ParticipantID: row.ParticipantID, VersionID: row.VersionID, Status: row.Status,
		Language: row.Language, AccountID: account, SHA256: hex.EncodeToString(sum[:]), Body: sealed,
	}, err
}

func (r documentRow) header() Document {
	return Document{
		Response: r.ResponseID, Number: r.Number, Version: r.VersionID, Status: sdc.Status(r.Status), Language: r.Language,
		Account: r.AccountID, At: r.At.UTC(), SHA256: r.SHA256,
	}
}

func (s *Service) document(r documentRow) (Document, error) {
	d := r.header()
	var err error
	d.Body, err = s.vault.Open(r.Body, documentContext(r.ResponseID, r.Number))
	return d, err
}

// History lists every document that was sent of a response, oldest first, with bodies. Whoever acts for the participant
// may.
func (s *Service) History(ctx context.Context, actor policies.Actor, id ident.ResponseID) ([]Document, error) {
	grant, err := ask[policies.Read](ctx, s, actor, "")
	if err != nil {
		return nil, err
	}
	var list []Document
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		if _, err := readResponse(tx, grant, id); err != nil {
			return err
		}
		rows, err := documentsOf(tx, grant, id)
		if err != nil {
			return err
		}
		for _, row := range rows {
			d, err := s.document(row)
			if err != nil {
				return err
			}
			list = append(list, d)
		}
		return nil
	})
	return list, err
}

// JSON gives a response as FHIR QuestionnaireResponse: the document that was sent last, or a draft as in-progress.
func (s *Service) JSON(ctx context.Context, actor policies.Actor, id ident.ResponseID) ([]byte, Response, error) {
	resp, err := s.Response(ctx, actor, id)
	if err != nil {
		return nil, resp, err
	}
	if resp.Documents > 0 {
		docs, err := s.History(ctx, actor, id)
		if err != nil {
			return nil, resp, err
		}
		return docs[len(docs)-1].Body, resp, nil
	}
	return resp.Form.Encode(resp.State, sdc.Header{
		ID: string(id), Status: sdc.InProgress, Subject: "Patient/" + string(resp.Participant), Authored: resp.UpdatedAt, Language: resp.Language,
	}), resp, nil
}

// Create takes a whole QuestionnaireResponse by API. A completed or amended one is judged and sent; one in progress
// becomes the draft, of which there is one for each questionnaire: a second is a Conflict. The canonical must name a
// published version exactly. The same key again answers the response that it made.
func (s *Service) Create(ctx context.Context, actor policies.Actor, p ident.ParticipantID, raw []byte, m Meta) (Response, error) {
	if err := checkKey(m.Key); err != nil {
		return Response{}, err
	}
	version, in, err := s.incoming(ctx, actor, p, raw)
	if err != nil {
		return Response{}, err
	}
	grant, err := ask[policies.Write](ctx, s, actor, p)
	if err != nil {
		return Response{}, err
	}
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:])
	var resp Response
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if known, err := s.created(tx, grant, p, m.Key, hash); err != nil || known != nil {
			if known != nil {
				resp = *known
			}
			return err
		}
		row, err := s.headOf(tx, version)
		if err != nil {
			return err
		}
		form, err := s.formIn(tx, version)
		if err != nil {
			return err
		}
		if len(in.State.Files()) > 0 { // a file is uploaded into a draft, of which there is none yet
			return fault.List{errFileUnknown.At("QuestionnaireResponse")}
		}
		w := work{form: form, state: in.State, was: 1}
		if w.row, err = s.fresh(tx, actor, p, row, form, in.State); err != nil {
			return err
		}
		w.row.Language = cutText(cmp.Or(in.Language, m.Language), 35)
		if m.Key != "" {
			w.row.RequestKey, w.row.RequestHash = &m.Key, &hash
		}
		if in.Status != sdc.InProgress {
			if _, err := s.send(tx, grant, actor, &w); err != nil {
				return err
			}
		}
		made, err := insertResponse(tx, grant, w.row)
		if err != nil {
			return err
		}
		if !made {
			return db.ErrDuplicate
		}
		tx.Tell(grant, "response", string(w.row.ID))
		resp = w.row.response(form, in.State)
		return nil
	})
	return resp, err
}

// created finds the response that an idempotency key made before.
func (s *Service) created(tx *db.Tx, g policies.Grant[policies.Write], p ident.ParticipantID, key, hash string) (*Response, error) {
	if key == "" {
		return nil, nil
	}
	row, err := byRequest(tx, g, p, key)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case row.RequestHash == nil || *row.RequestHash != hash:
		return nil, errKeyReused
	}
	resp, err := s.loaded(tx, row)
	return &resp, err
}

func (s *Service) loaded(tx *db.Tx, row responseRow) (Response, error) {
	form, err := s.formIn(tx, row.VersionID)
	if err != nil {
		return Response{}, err
	}
	state, err := s.state(row, form)
	return row.response(form, state), err
}

// Replace takes a whole QuestionnaireResponse in place of a response: of a draft its answers, or its sending; of one
// that was sent, an amendment. m.Revision must be the current one, else the answer is ErrStale; 0 does not ask.
func (s *Service) Replace(ctx context.Context, actor policies.Actor, id ident.ResponseID, raw []byte, m Meta) (Response, error) {
	before, err := s.Response(ctx, actor, id)
	if err != nil {
		return Response{}, err
	}
	version, in, err := s.incoming(ctx, actor, before.Participant, raw)
	if err != nil {
		return Response{}, err
	}
	var resp Response
	err = s.change(ctx, actor, id, func(tx *db.Tx, g policies.Grant[policies.Write], w *work) error {
		switch {
		case m.Revision > 0 && m.Revision != w.row.Revision:
			return ErrStale
		case version != w.row.VersionID:
			return sdc.ErrOtherForm.With("Wanted", w.form.Canonical(), "Value", in.Canonical)
		case in.Status == sdc.InProgress && !w.row.response(nil, nil).Open():
			return errNotDraft
		}
		w.state = in.State
		if err := s.refit(tx, g, w); err != nil {
			return err
		}
		w.after = func() { resp = w.row.response(w.form, w.state) }
		j := journal{s: s, w: w, actor: actor, m: m}
		if err := j.add(tx, sdc.Change{Path: sdc.Path{LinkID: "*"}, Op: "replace"}, nil, true, "", ""); err != nil {
			return err
		}
		if err := insertJournal(tx, g, j.rows); err != nil {
			return err
		}
		if in.Status == sdc.InProgress {
			tx.Tell(g, "event", "response.answered")
			return nil
		}
		_, err := s.send(tx, g, actor, w)
		return err
	})
	return resp, err
}

// incoming judges a QuestionnaireResponse from outside, against the version it names.
func (s *Service) incoming(ctx context.Context, actor policies.Actor, p ident.ParticipantID, raw []byte) (ident.VersionID, sdc.Incoming, error) {
	canonical, err := sdc.CanonicalOf(raw)
	if err != nil {
		return "", sdc.Incoming{}, err
	}
	id, err := s.named(ctx, actor, canonical)
	if err != nil {
		return "", sdc.Incoming{}, err
	}
	form, err := s.Form(ctx, id)
	if err != nil {
		return "", sdc.Incoming{}, err
	}
	in, faults := form.Read(raw, s.now())
	faults = append(faults, in.Foreign...) // files are uploaded first
	if subject := in.Subject; subject != "" && subject != "Patient/"+string(p) {
		faults.Add(sdc.ErrElementValue.With("Element", "subject", "Value", subject).At("QuestionnaireResponse.subject"))
	}
	if len(faults) > 0 {
		return "", in, faults.Err()
	}
	return id, in, nil
}

// named finds the version that a canonical names exactly, from memory after the first time: it never names another.
func (s *Service) named(ctx context.Context, actor policies.Actor, canonical string) (ident.VersionID, error) {
	if id, ok := s.names.Load(canonical); ok {
		return id.(ident.VersionID), s.mayRead(ctx, actor)
	}
	all, err := s.Versions(ctx, actor)
	if err != nil {
		return "", err
	}
	for _, v := range all {
		if v.Canonical() == canonical {
			s.names.Store(canonical, v.ID)
			return v.ID, nil
		}
	}
	return "", fault.List{ErrNoVersion.At("QuestionnaireResponse.questionnaire")}
}

// Judge validates a QuestionnaireResponse from outside without keeping it, and gives all that was found at once. Whoever
// may read questionnaires may. A questionnaire that the response itself contains and names is the one it is held against.
func (s *Service) Judge(ctx context.Context, actor policies.Actor, raw []byte) (sdc.Issues, error) {
	canonical, err := sdc.CanonicalOf(raw)
	if err != nil {
		return nil, err
	}
	if own := sdc.Contained(raw); own != nil {
		if err := s.mayRead(ctx, actor); err != nil {
			return nil, err
		}
		form, found := sdc.Compile(own, sdc.Options{Lenient: true})
		if form == nil {
			return found.Issues(false), nil
		}
		in, _ := form.Read(raw, s.now())
		return append(found.Issues(true), in.Issues...), nil
	}
	v, err := s.Resolve(ctx, actor, canonical)
	if err != nil {
		return nil, err
	}
	form, err := s.Form(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	in, _ := form.Read(raw, s.now())
	return in.Issues, nil
}
