package registry

import (
	"context"
	"time"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Recorded is a synthetic person, enrolled at an instant by an account.
type Recorded struct {
	ID      ident.ParticipantID
	Account ident.AccountID
	At      time.Time
	Enrolment
	Evidence EvidenceState // empty for none; of the first diagnosis
	Reason   string        // with AskedAgain
}

// Record writes many people at once, for a synthetic population: whoever may, by the policy, write as the demonstration
// does. All share one file as their proof. Vocabulary and dates are taken as they are.
func (s *Service) Record(ctx context.Context, tx *db.Tx, a policies.Actor, people []Recorded, proof blob.Info) error {
	g, err := policies.Ask[policies.Write](ctx, s.authority, policies.Request{Actor: a, Purpose: policies.PurposeOperation, Object: policies.ObjectParticipant})
	if err != nil {
		return err
	}
	var all profile
	dots := map[ident.AccountID]int{}
	for _, r := range people {
		p := Participant{ID: r.ID, Relation: r.Relation, Who: cleanName(r.Name), About: r.About, Step: StepConsent, EnrolledAt: r.At, CreatedAt: r.At, Dot: dots[r.Account] % Dots}
		dots[r.Account]++
		rows, err := s.rowsOf(p, r.Account, r.Enrolment)
		if err != nil {
			return err
		}
		if r.Evidence != "" && len(rows.diagnoses) > 0 {
			e, err := s.proofOf(r, rows.diagnoses[0], proof)
			if err != nil {
				return err
			}
			rows.evidence = append(rows.evidence, e)
		}
		all.add(rows)
	}
	return all.insert(tx, g)
}

func (s *Service) proofOf(r Recorded, d diagnosisRow, proof blob.Info) (evidenceRow, error) {
	e := evidenceRow{
		ID: newID(), ParticipantID: string(r.ID), Revision: 1, DiagnosisID: d.ID, BlobID: string(proof.ID), MediaType: "application/pdf",
		Size: proof.Size, Pages: 1, State: string(r.Evidence), SubmittedBy: string(r.Account), SubmittedAt: r.At.Add(time.Hour),
	}
	if r.Evidence == Submitted {
		return e, nil
	}
	decided := r.At.Add(48 * time.Hour)
	e.DecidedAt = &decided
	var err error
	e.Reason, err = s.vault.SealText(r.Reason, place("evidence.reason", e.ID))
	return e, err
}
