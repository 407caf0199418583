package registry

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/ident"
)

// EvidenceState says where a proof stands.
type EvidenceState string

// The states. A proof that was asked for again is answered by a new one, which replaces it.
const (
	Submitted  EvidenceState = "submitted"
	EvidenceOK EvidenceState = "accepted"
	AskedAgain EvidenceState = "asked_again"
	Replaced   EvidenceState = "replaced"
)

// Evidence is a file that proves a diagnosis.
type Evidence struct {
	ID          ident.EvidenceID
	Participant ident.ParticipantID
	Diagnosis   ident.DiagnosisID
	Revision    int
	MediaType   string // what the file is, by its content
	Size        int64
	Pages       int // 1 for an image
	State       EvidenceState
	Reason      string           // why it was asked for again
	Replaces    ident.EvidenceID // the one that was asked for again
	SubmittedAt time.Time
	DecidedAt   time.Time

	blob        ident.BlobID
	submittedBy ident.AccountID
	decidedBy   ident.AccountID
}

// FileName is the name to download it under: it says nothing about the person.
func (e Evidence) FileName() string {
	extension := map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}[e.MediaType]
	return "evidence-" + string(e.ID[len(e.ID)-8:]) + extension
}

// Limits of evidence.
const (
	MaxEvidence      = 15 << 20 // bytes of one file
	MaxEvidenceAll   = 60 << 20 // bytes of all files of a person
	MaxEvidenceFiles = 20       // files of a person
	maxReason        = 1000
)

// Decision is what a reviewer finds.
type Decision struct {
	Accept bool
	Reason string // needed to ask again; shown to the person
}

// decide takes a decision on a submitted proof.
func (e *Evidence) decide(d Decision, by ident.AccountID, now time.Time) error {
	if e.State != Submitted {
		return ErrEvidenceDecided
	}
	reason := strings.TrimSpace(norm.NFC.String(d.Reason))
	if !d.Accept && (reason == "" || !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > maxReason) {
		return ErrReasonNeeded.With("Max", maxReason).At("reason")
	}
	e.State, e.Reason = EvidenceOK, ""
	if !d.Accept {
		e.State, e.Reason = AskedAgain, reason
	}
	e.decidedBy, e.DecidedAt = by, now
	return nil
}

// Proof sums up where a diagnosis stands.
type Proof string

// The sums, from what is best to what is least.
const (
	ProofAccepted Proof = "accepted"
	ProofWaiting  Proof = "waiting"
	ProofAsked    Proof = "asked_again"
	ProofNone     Proof = "none"
)

// ProofOf sums up the evidence of one diagnosis.
func ProofOf(d ident.DiagnosisID, all []Evidence) Proof {
	found := ProofNone
	for _, e := range all {
		if e.Diagnosis != d {
			continue
		}
		switch {
		case e.State == EvidenceOK:
			return ProofAccepted
		case e.State == Submitted:
			found = ProofWaiting
		case e.State == AskedAgain && found == ProofNone:
			found = ProofAsked
		}
	}
	return found
}
