package registry

import (
	"context"
	"time"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// Seed is one person of a synthetic population.
type Seed struct {
	ID      ident.ParticipantID // optional
	Account ident.AccountID     // who enrols them
	At      time.Time           // when
	Enrolment
	// Proof is where their evidence stands: Submitted, EvidenceOK, AskedAgain, or empty for none.
	Proof    EvidenceState
	Reviewer ident.AccountID // who decided it
}

// Populate writes a synthetic population in one transaction, checked like everybody's enrolment. It asks for the right
// that only the demonstration has. All evidence points to the one file given, which the caller has put into the folder;
// it is kept by the first call. It answers the participants in the order of the seeds.
func (s *Service) Populate(ctx context.Context, people []Seed, proof blob.Info) ([]ident.ParticipantID, error) {
	a := policies.Demonstration()
	for _, o := range append([]policies.Object{policies.ObjectEvidence}, own...) {
		if err := s.authority.May(ctx, a, policies.PurposeOperation, o, policies.ActWrite); err != nil {
			return nil, err
		}
	}
	g, err := policies.Ask[policies.Write](ctx, s.authority, policies.Request{Actor: a, Purpose: policies.PurposeOperation, Object: policies.ObjectParticipant})
	if err != nil {
		return nil, err
	}
	words := s.Vocabulary()
	var rows profile
	ids := make([]ident.ParticipantID, len(people))
	dots := map[ident.AccountID]int{}
	for i := range people {
		p := &people[i]
		if err := p.Validate(words, s.db.Now()); err != nil {
			return nil, err
		}
		if p.ID == "" {
			p.ID = ident.New[ident.ParticipantID]()
		}
		ids[i] = p.ID
		one, err := s.rowsOf(Participant{
			ID: p.ID, Relation: p.Relation, Who: cleanName(p.Name), About: p.About, Dot: dots[p.Account] % Dots, Step: StepConsent,
			EnrolledAt: db.Cut(p.At), CreatedAt: db.Cut(p.At),
		}, p.Account, p.Enrolment)
		if err != nil {
			return nil, err
		}
		dots[p.Account]++
		if p.Proof != "" && len(one.diagnoses) > 0 && !one.diagnoses[0].Undiagnosed {
			one.evidence = []evidenceRow{seedEvidence(p, one.diagnoses[0].ID, proof)}
		}
		rows.add(one)
	}
	return ids, s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Tell(g, "event", "participant.populated")
		if len(rows.evidence) > 0 {
			if err := blob.KeepShared(tx, proof); err != nil {
				return err
			}
		}
		return rows.insert(tx, g)
	})
}

func seedEvidence(p *Seed, d string, proof blob.Info) evidenceRow {
	e := Evidence{
		ID: ident.New[ident.EvidenceID](), Participant: p.ID, Diagnosis: ident.DiagnosisID(d), Revision: 1, MediaType: "image/png", Size: proof.Size, Pages: 1,
		State: p.Proof, SubmittedAt: db.Cut(p.At), blob: proof.ID, submittedBy: p.Account,
	}
	if p.Proof != Submitted {
		e.decidedBy, e.DecidedAt = p.Reviewer, db.Cut(p.At.Add(48*time.Hour))
	}
	return rowOfEvidence(e)
}

// add appends another's rows.
func (p *profile) add(o profile) {
	p.people = append(p.people, o.people...)
	p.representations = append(p.representations, o.representations...)
	p.diagnoses = append(p.diagnoses, o.diagnoses...)
	p.symptoms = append(p.symptoms, o.symptoms...)
	p.elements = append(p.elements, o.elements...)
	p.evidence = append(p.evidence, o.evidence...)
}
