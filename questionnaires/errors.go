package questionnaires

import "kindred/internal/fault"

// Those with a capital are met by callers; the rest are shown as they come.
var (
	errVersionTaken = fault.New(fault.Conflict, "questionnaires.publish.version_taken")
	errFileUnknown  = fault.New(fault.Invalid, "questionnaires.answer.file_unknown")
	errFileKind     = fault.New(fault.Invalid, "questionnaires.file.kind")
	errFileBroken   = fault.New(fault.Invalid, "questionnaires.file.broken")
	errFileActive   = fault.New(fault.Invalid, "questionnaires.file.active")
	errFileLocked   = fault.New(fault.Invalid, "questionnaires.file.locked")
	errFilePages    = fault.New(fault.TooLarge, "questionnaires.file.pages")
	errFilePixels   = fault.New(fault.TooLarge, "questionnaires.file.pixels")
	errFileQuota    = fault.New(fault.TooLarge, "questionnaires.file.quota")
	errFileNewer    = fault.New(fault.Stale, "questionnaires.file.newer")
	ErrNoFile       = fault.New(fault.Missing, "questionnaires.file.missing")
	errNewerAnswer  = fault.New(fault.Stale, "questionnaires.answer.newer")
	ErrNoResponse   = fault.New(fault.Missing, "questionnaires.response.missing")
	ErrNoVersion    = fault.New(fault.Missing, "questionnaires.version.missing")
	errNotDraft     = fault.New(fault.Conflict, "questionnaires.response.not_draft")
	errNotSubmitted = fault.New(fault.Conflict, "questionnaires.response.not_submitted")
	ErrStale        = fault.New(fault.Stale, "questionnaires.response.stale")
	errKeyReused    = fault.New(fault.Conflict, "questionnaires.response.key_reused")
	errKeyForm      = fault.New(fault.Invalid, "questionnaires.response.key_form")
)
