package export

import "kindred/internal/fault"

var (
	errTitleMissing   = fault.New(fault.Invalid, "export.title.missing").At("title")
	errTitleLong      = fault.New(fault.Invalid, "export.title.long").At("title")
	errPurposeMissing = fault.New(fault.Invalid, "export.purpose.missing").At("purpose")
	errPurposeLong    = fault.New(fault.Invalid, "export.purpose.long").At("purpose")
	errNothingWanted  = fault.New(fault.Invalid, "export.fields.missing").At("fields")
	errFieldUnknown   = fault.New(fault.Invalid, "export.field.unknown").At("fields")
	errBirthTwice     = fault.New(fault.Invalid, "export.fields.birth_twice").At("fields")
	errScopeUnknown   = fault.New(fault.Invalid, "export.scope.unknown").At("scopes")
	errPeriod         = fault.New(fault.Invalid, "export.period.reversed").At("until")
	errCanonical      = fault.New(fault.Invalid, "export.questionnaire.canonical").At("questionnaires")
	errNotPublished   = fault.New(fault.Invalid, "export.questionnaire.unpublished").At("questionnaires")
	errQuestionnaires = fault.New(fault.Invalid, "export.questionnaires.many").At("questionnaires")
	errMinimumClass   = fault.New(fault.Invalid, "export.minimum_class.range").At("minimum_class")
	errReasonMissing  = fault.New(fault.Invalid, "export.reason.missing").At("reason")
	errReasonLong     = fault.New(fault.Invalid, "export.reason.long").At("reason")
	errValidUntil     = fault.New(fault.Invalid, "export.valid_until.past").At("valid_until")
	errFormat         = fault.New(fault.Invalid, "export.format.unknown").At("formats")
	errTooWide        = fault.New(fault.TooLarge, "export.workbook.wide")

	errOwnStudy      = fault.New(fault.Denied, "export.study.own")
	errNotSubmitted  = fault.New(fault.Conflict, "export.study.not_submitted")
	errProtocolMoved = fault.New(fault.Conflict, "export.study.protocol_moved")
	errClosed        = fault.New(fault.Conflict, "export.study.closed")
	errNotApproved   = fault.New(fault.Conflict, "export.study.not_approved")
	errRunning       = fault.New(fault.Conflict, "export.release.running")
	errUnfinished    = fault.New(fault.Conflict, "export.release.unfinished")
	errTooManyCounts = fault.New(fault.Busy, "export.count.busy")
	errFolder        = fault.New(fault.Conflict, "export.folder.not_empty")
	errConsentMoved  = fault.New(fault.Unready, "export.release.consent_moved")
	errFailed        = fault.New(fault.Internal, "export.release.failed")

	// ErrGone answers a download of a release in which somebody is no longer covered.
	ErrGone = fault.New(fault.Gone, "export.release.gone")
)
