package questionnaires

import "kindred/internal/fault"

// Those with a capital are met by callers; the rest are shown as they come.
var (
	errVersionTaken = fault.New(fault.Conflict, "questionnaires.publish.version_taken")
	errFileUnknown  = fault.New(fault.Invalid, "questionnaires.answer.file_unknown")
	ErrNoResponse   = fault.New(fault.Missing, "questionnaires.response.missing")
	ErrNoVersion    = fault.New(fault.Missing, "questionnaires.version.missing")
	errNotDraft     = fault.New(fault.Conflict, "questionnaires.response.not_draft")
	errNotSubmitted = fault.New(fault.Conflict, "questionnaires.response.not_submitted")
	ErrStale        = fault.New(fault.Stale, "questionnaires.response.stale")
	errKeyReused    = fault.New(fault.Conflict, "questionnaires.response.key_reused")
	errKeyForm      = fault.New(fault.Invalid, "questionnaires.response.key_form")
)
