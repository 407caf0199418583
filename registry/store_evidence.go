package registry

import (
	"kindred/internal/db"
	"kindred/internal/ident"
)

func rowOfEvidence(e Evidence) evidenceRow {
	row := evidenceRow{
		ID: string(e.ID), ParticipantID: string(e.Participant), Revision: e.Revision, DiagnosisID: string(e.Diagnosis), BlobID: string(e.blob),
		MediaType: e.MediaType, Size: e.Size, Pages: e.Pages, State: string(e.State), SubmittedBy: string(e.submittedBy), SubmittedAt: e.SubmittedAt,
		DecidedAt: instant(e.DecidedAt),
	}
	if e.Replaces != "" {
		id := string(e.Replaces)
		row.Replaces = &id
	}
	if e.decidedBy != "" {
		id := string(e.decidedBy)
		row.DecidedBy = &id
	}
	return row
}

func (s *Service) saveDecision(tx *db.Tx, g write, e *Evidence) error {
	reason, err := s.vault.SealText(e.Reason, place("evidence.reason", string(e.ID)))
	if err != nil {
		return err
	}
	err = replace[evidenceRow](tx, g, string(e.ID), e.Revision, map[string]any{
		"state": string(e.State), "reason": reason, "decided_by": string(e.decidedBy), "decided_at": e.DecidedAt,
	})
	e.Revision++
	return err
}

// waiting reads a piece of the queue with the claims beside the files.
func (s *Service) waiting(tx *db.Tx, g read, after ident.EvidenceID, n int) ([]Case, error) {
	rows, err := all[evidenceRow](db.Read[evidenceRow](tx, g).Where("state = ? AND id > ?", string(Submitted), string(after)).Order("id").Limit(n))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.DiagnosisID)
	}
	claims, err := all[diagnosisRow](db.Read[diagnosisRow](tx, g).Where("id IN ?", ids))
	if err != nil {
		return nil, err
	}
	claim := map[string]Diagnosis{}
	for _, r := range claims {
		claim[r.ID] = r.diagnosis()
	}
	cases := make([]Case, len(rows))
	for i, r := range rows {
		if cases[i].Evidence, err = s.openEvidence(r); err != nil {
			return nil, err
		}
		cases[i].Diagnosis = claim[r.DiagnosisID]
	}
	return cases, nil
}

func (s *Service) oneCase(tx *db.Tx, g read, id ident.EvidenceID) (Case, error) {
	var c Case
	row, err := one[evidenceRow](byID(db.Read[evidenceRow](tx, g), string(id)).Where("state = ?", string(Submitted)))
	if err != nil {
		return c, err
	}
	if c.Evidence, err = s.openEvidence(row); err != nil {
		return c, err
	}
	claim, err := one[diagnosisRow](byID(db.Read[diagnosisRow](tx, g), row.DiagnosisID))
	if err != nil {
		return c, err
	}
	c.Diagnosis = claim.diagnosis()
	person, err := one[participantRow](byID(db.Read[participantRow](tx, g), row.ParticipantID))
	if err != nil {
		return c, err
	}
	p, err := s.openParticipant(person)
	if err != nil {
		return c, err
	}
	c.Who, c.About = p.Who, p.About
	there, err := s.evidenceOf(db.Read[evidenceRow](tx, g), p.ID)
	for _, e := range there {
		if e.Diagnosis == c.Evidence.Diagnosis && e.ID != id {
			c.Earlier = append(c.Earlier, e)
		}
	}
	return c, err
}
