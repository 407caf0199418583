package registry

import (
	"context"
	"io"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Case is one proof of diagnosis as a reviewer sees it: the claim beside the file. Who and Birth are there to be compared
// with the document, and are given by Case alone, never in lists.
type Case struct {
	Evidence  Evidence
	Diagnosis Diagnosis
	Who       string
	About     About
	Earlier   []Evidence // of the same diagnosis, the oldest first
}

// reviewing asks for the reviewer's right over the queue: people whose evidence waits, and for whom the reviewer never
// acted.
func reviewing[A policies.Action](ctx context.Context, s *Service, a policies.Actor, kinds ...policies.Object) (policies.Grant[A], error) {
	for _, o := range kinds {
		if err := s.authority.May(ctx, a, policies.PurposeReview, o, policies.ActRead); err != nil {
			return policies.Grant[A]{}, err
		}
	}
	return policies.Ask[A](ctx, s.authority, policies.Request{Actor: a, Purpose: policies.PurposeReview, Object: policies.ObjectEvidence})
}

// Queue lists the proofs that wait, the oldest first, without names: at most n (at most 500) after an id, or from the
// beginning.
func (s *Service) Queue(ctx context.Context, a policies.Actor, after ident.EvidenceID, n int) ([]Case, error) {
	g, err := reviewing[policies.Read](ctx, s, a, policies.ObjectDiagnosis)
	if err != nil {
		return nil, err
	}
	var cases []Case
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		tx.Tell(g, "event", "evidence.queue")
		cases, err = s.waiting(tx, g, after, min(max(n, 1), batch))
		return err
	})
	return cases, err
}

// Case shows one proof that waits. Looking is an entry in the audit, which the person sees.
func (s *Service) Case(ctx context.Context, a policies.Actor, id ident.EvidenceID) (Case, error) {
	g, err := reviewing[policies.Read](ctx, s, a, policies.ObjectDiagnosis, policies.ObjectParticipant)
	if err != nil {
		return Case{}, err
	}
	var c Case
	err = s.db.Snapshot(ctx, func(tx *db.Tx) error {
		tx.Tell(g, "event", "evidence.reviewed")
		tx.Tell(g, "evidence", string(id))
		c, err = s.oneCase(tx, g, id)
		return err
	})
	return c, err
}

// OpenCase opens the file of a proof that waits. The caller closes it, and serves it as OpenEvidence says.
func (s *Service) OpenCase(ctx context.Context, a policies.Actor, id ident.EvidenceID) (Evidence, io.ReadCloser, error) {
	g, err := reviewing[policies.Read](ctx, s, a)
	if err != nil {
		return Evidence{}, nil, err
	}
	return s.openFile(ctx, g, id)
}

// Decide accepts a proof, or asks again with a reason that the person reads. revision is the one that was looked at;
// 0 decides whatever is there. Whoever is second is told that it is decided.
func (s *Service) Decide(ctx context.Context, a policies.Actor, id ident.EvidenceID, revision int, d Decision) (Evidence, error) {
	g, err := reviewing[policies.Write](ctx, s, a)
	if err != nil {
		return Evidence{}, err
	}
	var e Evidence
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		row, err := one[evidenceRow](byID(db.Change[evidenceRow](tx, g), string(id)))
		if err != nil {
			return err
		}
		if e, err = s.openEvidence(row); err != nil {
			return err
		}
		was := string(e.State)
		if err := e.decide(d, a.Account, tx.Now()); err != nil {
			return err
		}
		if revision != 0 && revision != e.Revision {
			return ErrStale
		}
		act := Accepted
		if !d.Accept {
			act = Asked
		}
		tx.Tell(g, "event", "evidence."+string(e.State))
		tx.Tell(g, "evidence", string(id))
		// The history first: once nothing waits, the person is no longer in the reviewer's queue.
		err = s.keep(tx, g, e.Participant, Change{
			At: tx.Now(), Kind: ChangedEvidence, Act: act, Row: string(id), Source: SourceReviewer, Account: a.Account, Was: Was{Evidence: &was},
		})
		if err != nil {
			return err
		}
		return s.saveDecision(tx, g, &e)
	})
	return e, err
}
