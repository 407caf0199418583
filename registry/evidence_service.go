package registry

import (
	"bytes"
	"context"
	"errors"
	"io"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/scrub"
	"kindred/policies"
)

// SubmitEvidence takes a file that proves a diagnosis, of at most MaxEvidence bytes. What is kept was made anew from it:
// see package scrub. It waits for a reviewer, and takes the place of the one that was asked for again, if any.
func (s *Service) SubmitEvidence(ctx context.Context, a policies.Actor, id ident.ParticipantID, d ident.DiagnosisID, r io.Reader) (Evidence, error) {
	if err := s.mayOffer(ctx, a, id, d); err != nil {
		return Evidence{}, err
	}
	clean, err := s.scrub(ctx, r)
	if err != nil {
		return Evidence{}, err
	}
	info, err := s.files.Put(ctx, bytes.NewReader(clean.Bytes), 4*MaxEvidence) // a picture written again may have grown
	if err != nil {
		return Evidence{}, err
	}
	e := Evidence{
		ID: ident.New[ident.EvidenceID](), Participant: id, Diagnosis: d, Revision: 1, MediaType: clean.MediaType, Size: info.Size, Pages: clean.Pages,
		State: Submitted, blob: info.ID, submittedBy: a.Account,
	}
	err = s.change(ctx, a, policies.ObjectEvidence, id, "evidence.submitted", func(tx *db.Tx, g write, p *person) error {
		if err := s.roomFor(tx, g, id, d, info.Size); err != nil {
			return err
		}
		tx.Tell(g, "evidence", string(e.ID))
		e.SubmittedAt = tx.Now()
		if err := s.answerAsked(tx, g, a, p, &e); err != nil {
			return err
		}
		if err := blob.Keep(tx, info); err != nil {
			return err
		}
		if err := insert(tx, g, []evidenceRow{rowOfEvidence(e)}); err != nil {
			return err
		}
		return s.keep(tx, g, id, p.change(tx, a, ChangedEvidence, Added, string(e.ID), Was{}))
	})
	if err != nil {
		_ = s.files.Remove(info.ID) // else the sweep finds it
		return Evidence{}, err
	}
	return e, nil
}

// mayOffer makes the cheap refusals before a file is read. It gives nothing to anybody and is rolled back, so that one
// upload leaves one entry in the audit.
func (s *Service) mayOffer(ctx context.Context, a policies.Actor, id ident.ParticipantID, d ident.DiagnosisID) error {
	rollback := errors.New("registry: there is room")
	err := s.change(ctx, a, policies.ObjectEvidence, id, "", func(tx *db.Tx, g write, _ *person) error {
		if err := s.roomFor(tx, g, id, d, 0); err != nil {
			return err
		}
		return rollback
	})
	if errors.Is(err, rollback) {
		return nil
	}
	return err
}

// scrub reads a file and makes it anew. Pictures take memory, so only a few are in work at once.
func (s *Service) scrub(ctx context.Context, r io.Reader) (scrub.Result, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxEvidence+1))
	if err != nil {
		return scrub.Result{}, err
	}
	if len(b) > MaxEvidence {
		return scrub.Result{}, ErrEvidenceLarge.With("Max", MaxEvidence>>20).At("file")
	}
	select {
	case s.scrubbing <- struct{}{}:
		defer func() { <-s.scrubbing }()
	case <-ctx.Done():
		return scrub.Result{}, ctx.Err()
	}
	clean, err := scrub.File(b)
	for from, to := range refusals {
		if errors.Is(err, from) {
			return clean, to.At("file")
		}
	}
	return clean, err
}

var refusals = map[error]*fault.Error{
	scrub.ErrKind: ErrEvidenceKind, scrub.ErrBroken: ErrEvidenceBroken, scrub.ErrActive: ErrEvidenceActive, scrub.ErrLocked: ErrEvidenceLocked,
	scrub.ErrPages: ErrEvidencePages.With("Max", scrub.MaxPages), scrub.ErrPixels: ErrEvidencePixels.With("Max", scrub.MaxPixels/1_000_000),
}

// roomFor refuses a file where the diagnosis is not theirs or the quota is used up.
func (s *Service) roomFor(tx *db.Tx, g write, id ident.ParticipantID, d ident.DiagnosisID, size int64) error {
	if _, err := findDiagnosis(tx, g, id, d); err != nil {
		if errors.Is(err, ErrNotFound) {
			return ErrEvidenceTarget.At("diagnosis")
		}
		return err
	}
	there, err := s.evidenceOf(db.Change[evidenceRow](tx, g), id)
	if err != nil {
		return err
	}
	for _, e := range there {
		size += e.Size
	}
	if size > MaxEvidenceAll || len(there) >= MaxEvidenceFiles {
		return ErrEvidenceQuota.With("Max", MaxEvidenceAll>>20).At("file")
	}
	return nil
}

// answerAsked closes what was asked for again about the same diagnosis: the new file answers it.
func (s *Service) answerAsked(tx *db.Tx, g write, a policies.Actor, p *person, e *Evidence) error {
	there, err := s.evidenceOf(db.Change[evidenceRow](tx, g), p.ID)
	if err != nil {
		return err
	}
	for _, old := range there {
		if old.Diagnosis != e.Diagnosis || old.State != AskedAgain {
			continue
		}
		e.Replaces = old.ID
		if err := replace[evidenceRow](tx, g, string(old.ID), old.Revision, map[string]any{"state": string(Replaced)}); err != nil {
			return err
		}
		state := string(old.State)
		if err := s.keep(tx, g, p.ID, p.change(tx, a, ChangedEvidence, Changed, string(old.ID), Was{Evidence: &state})); err != nil {
			return err
		}
	}
	return nil
}

// Evidence lists the evidence of one of the account's people, the oldest first, each with where it stands.
func (s *Service) Evidence(ctx context.Context, a policies.Actor, id ident.ParticipantID) ([]Evidence, error) {
	var list []Evidence
	err := s.view(ctx, a, id, "evidence.listed", []policies.Object{policies.ObjectEvidence}, func(tx *db.Tx, g read) error {
		if _, err := one[participantRow](byID(db.Read[participantRow](tx, g), string(id))); err != nil {
			return err
		}
		var err error
		list, err = s.evidenceOf(db.Read[evidenceRow](tx, g), id)
		return err
	})
	return list, err
}

// OpenEvidence opens a file that one of the account's people gave. The caller closes it, and serves it as a download
// (Content-Disposition: attachment, X-Content-Type-Options: nosniff), never as a page.
func (s *Service) OpenEvidence(ctx context.Context, a policies.Actor, id ident.EvidenceID) (Evidence, io.ReadCloser, error) {
	g, err := ask[policies.Read](ctx, s, a, policies.ObjectEvidence, "")
	if err != nil {
		return Evidence{}, nil, err
	}
	return s.openFile(ctx, g, id)
}

// openFile reads the row and opens its file; the audit has the entry before the first byte is read.
func (s *Service) openFile(ctx context.Context, g read, id ident.EvidenceID) (Evidence, io.ReadCloser, error) {
	var e Evidence
	err := s.db.Snapshot(ctx, func(tx *db.Tx) error {
		tx.Tell(g, "event", "evidence.opened")
		tx.Tell(g, "evidence", string(id))
		row, err := one[evidenceRow](byID(db.Read[evidenceRow](tx, g), string(id)))
		if err != nil {
			return err
		}
		e, err = s.openEvidence(row)
		return err
	})
	if err != nil {
		return Evidence{}, nil, err
	}
	file, err := s.files.Open(e.blob)
	return e, file, err
}
