package api

import (
	"time"

	"kindred/internal/ident"
	"kindred/registry"
)

type evidence struct {
	ID          ident.EvidenceID       `json:"id"`
	Diagnosis   ident.DiagnosisID      `json:"diagnosis"`
	MediaType   string                 `json:"media_type"`
	Size        int64                  `json:"size"`
	Pages       int                    `json:"pages"`
	State       registry.EvidenceState `json:"state"`
	Reason      string                 `json:"reason,omitempty" doc:"Why it was asked for again."`
	Replaces    ident.EvidenceID       `json:"replaces,omitempty"`
	SubmittedAt time.Time              `json:"submitted_at"`
	DecidedAt   *time.Time             `json:"decided_at,omitempty"`
}

func showEvidence(e registry.Evidence) evidence {
	return evidence{e.ID, e.Diagnosis, e.MediaType, e.Size, e.Pages, e.State, e.Reason, e.Replaces, e.SubmittedAt, instant(e.DecidedAt)}
}
