// Package ident gives every noun of Kindred an identifier type of its own, so that an account cannot be passed where a
// participant is meant. All are UUIDv7 in their lower-case text form (RFC 9562), made in Go and never by a database.
package ident

import (
	"strings"

	"github.com/google/uuid"

	"kindred/internal/fault"
)

// The identifiers, by the package that owns the noun.
type (
	AccountID       string // internal/account
	SessionID       string
	TokenID         string
	ParticipantID   string // registry
	DiagnosisID     string
	SymptomID       string
	EvidenceID      string
	SignatureID     string // policies/consent
	QuestionnaireID string // questionnaires: one per url
	VersionID       string // questionnaires: one per published version
	ResponseID      string
	ProposalID      string // questionnaires/codesign
	CommentID       string
	StudyID         string // export
	ReleaseID       string
	BlobID          string // internal/blob
	EntryID         string // internal/audit
	RequestID       string // internal/web
)

// New makes a fresh identifier.
func New[T ~string]() T { return T(uuid.Must(uuid.NewV7()).String()) }

// ErrInvalid is what Parse answers for anything that is not a UUID.
var ErrInvalid = fault.New(fault.Missing, "fault.missing")

// Parse reads an identifier from outside. Anything but the canonical text form of a UUID is Missing, not Invalid: an
// address that cannot exist and one that does not must look the same.
func Parse[T ~string](s string) (T, error) {
	u, err := uuid.Parse(s)
	if err != nil || len(s) != 36 || strings.ToLower(s) != u.String() {
		return "", ErrInvalid
	}
	return T(u.String()), nil
}
