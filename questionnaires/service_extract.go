package questionnaires

import (
	"context"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// Extracted is one sent response on its way into a release, with the identifiers that the release must replace.
type Extracted struct {
	Participant ident.ParticipantID
	Response    ident.ResponseID
	Version     ident.VersionID
	Form        *sdc.Form
	Document    // the newest; Body is the FHIR JSON with the participant's id in it
	Answers     sdc.Answered
}

// Extract gives the newest document of each sent response of some participants (at most 500), in the caller's
// transaction: by participant, then by response. With versions, only answers to those. The Grant comes from
// policies.Ask[policies.Export] for ObjectResponse. An error of each stops it and is answered.
func (s *Service) Extract(tx *db.Tx, g policies.Grant[policies.Export], people []ident.ParticipantID, versions []ident.VersionID, each func(Extracted) error) error {
	if len(people) == 0 {
		return nil
	}
	rows, err := sentBy(tx, g, people, versions)
	if err != nil || len(rows) == 0 {
		return err
	}
	newest, err := newestDocuments(tx, g, people, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		doc, ok := newest[row.ID]
		if !ok {
			return ErrNoResponse
		}
		form, err := s.formIn(tx, row.VersionID)
		if err != nil {
			return err
		}
		d, err := s.document(doc)
		if err != nil {
			return err
		}
		in, _ := form.Restore(d.Body, s.now())
		if err := each(Extracted{
			Participant: row.ParticipantID, Response: row.ID, Version: row.VersionID, Form: form, Document: d, Answers: form.Answers(in.State),
		}); err != nil {
			return err
		}
	}
	return nil
}

// Recording is one response to be written as if it had been answered: for a synthetic population.
type Recording struct {
	Participant ident.ParticipantID
	Version     ident.VersionID
	State       *sdc.State // made by Form.Start and Form.Apply
	Sent        bool       // else it stays a draft
	Language    string
	Account     ident.AccountID
}

// Record writes many responses in the caller's transaction, without a journal. Only the demonstration actor may. Sent
// ones are judged, and written as completed.
func (s *Service) Record(ctx context.Context, tx *db.Tx, actor policies.Actor, list []Recording) error {
	grant, err := policies.Ask[policies.Write](ctx, s.authority, policies.Request{Actor: actor, Purpose: policies.PurposeOperation, Object: policies.ObjectResponse})
	if err != nil {
		return err
	}
	var responses []responseRow
	var documents []documentRow
	var answers []answerRow
	for _, r := range list {
		form, err := s.formIn(tx, r.Version)
		if err != nil {
			return err
		}
		version, err := s.headOf(tx, r.Version)
		if err != nil {
			return err
		}
		actor.Account = r.Account
		row, err := s.fresh(tx, actor, r.Participant, version, form, r.State)
		if err != nil {
			return err
		}
		row.Language = r.Language
		if r.Sent {
			if faults := form.Check(r.State); len(faults) > 0 {
				return faults.Err()
			}
			now := tx.Now()
			row.Status, row.Documents, row.SubmittedAt = string(sdc.Completed), 1, &now
			body := form.Encode(r.State, sdc.Header{ID: string(row.ID), Status: sdc.Completed, Subject: "Patient/" + string(r.Participant), Authored: now, Language: r.Language})
			doc, err := s.documentRow(&row, body, r.Account)
			if err != nil {
				return err
			}
			doc.At = now
			documents = append(documents, doc)
			answers = append(answers, typedRows(form, r.State, &row)...)
		}
		responses = append(responses, row)
	}
	return insertRecorded(tx, grant, responses, documents, answers)
}

// headOf is a version without its bytes, from memory where it was seen before.
func (s *Service) headOf(tx *db.Tx, id ident.VersionID) (versionRow, error) {
	if v, ok := s.heads.Load(id); ok {
		return v.(versionRow), nil
	}
	row, err := versionByID(tx, id)
	row.Body = nil
	if err == nil {
		s.heads.Store(id, row)
	}
	return row, err
}
