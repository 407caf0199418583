package sdc

import "kindred/internal/fault"

// Those with a capital are met by callers; the rest are shown as they come.
var (
	errNotQuestionnaire = fault.New(fault.Invalid, "questionnaires.publish.not_questionnaire")
	errNoItems          = fault.New(fault.Invalid, "questionnaires.publish.no_items")
	errElementUnknown   = fault.New(fault.Invalid, "questionnaires.element.unknown")
	errElementKind      = fault.New(fault.Invalid, "questionnaires.element.kind")
	errElementEmpty     = fault.New(fault.Invalid, "questionnaires.element.empty")
	errElementMissing   = fault.New(fault.Invalid, "questionnaires.element.missing")
	ErrElementValue     = fault.New(fault.Invalid, "questionnaires.element.value")
	errFeature          = fault.New(fault.Invalid, "questionnaires.publish.feature")
	errIgnored          = fault.New(fault.Invalid, "questionnaires.publish.ignored")
	errStatusMissing    = fault.New(fault.Invalid, "questionnaires.publish.status_missing")
	errURLMissing       = fault.New(fault.Invalid, "questionnaires.publish.url_missing")
	errVersionMissing   = fault.New(fault.Invalid, "questionnaires.publish.version_missing")
	errRetired          = fault.New(fault.Invalid, "questionnaires.publish.retired")
	errLinkMissing      = fault.New(fault.Invalid, "questionnaires.publish.link_missing")
	errNoOptions        = fault.New(fault.Invalid, "questionnaires.publish.no_options")
	errOptionTwice      = fault.New(fault.Invalid, "questionnaires.publish.option_twice")
	errOptionType       = fault.New(fault.Invalid, "questionnaires.publish.option_type")
	errSetUnknown       = fault.New(fault.Invalid, "questionnaires.publish.set_unknown")
	errSetOpen          = fault.New(fault.Invalid, "questionnaires.publish.set_open")
	errQuestionMissing  = fault.New(fault.Invalid, "questionnaires.publish.question_missing")
	errQuestionNone     = fault.New(fault.Invalid, "questionnaires.publish.question_none")
	errConditionType    = fault.New(fault.Invalid, "questionnaires.publish.condition_type")
	errCycle            = fault.New(fault.Invalid, "questionnaires.publish.cycle")
	errBoundsCrossed    = fault.New(fault.Invalid, "questionnaires.publish.bounds_crossed")
	errBoundType        = fault.New(fault.Invalid, "questionnaires.publish.bound_type")
	errDeep             = fault.New(fault.Invalid, "questionnaires.publish.deep")
	errWide             = fault.New(fault.Invalid, "questionnaires.publish.wide")
	errPattern          = fault.New(fault.Invalid, "questionnaires.publish.pattern")
	errValueTwice       = fault.New(fault.Invalid, "questionnaires.value.twice")
	errValueMissing     = fault.New(fault.Invalid, "questionnaires.value.missing")
	errValueKind        = fault.New(fault.Invalid, "questionnaires.value.kind")
	errValueType        = fault.New(fault.Invalid, "questionnaires.value.type")
	errAttachmentInline = fault.New(fault.Invalid, "questionnaires.value.attachment_inline")
	errNotBoolean       = fault.New(fault.Invalid, "questionnaires.answer.not_boolean")
	errNotNumber        = fault.New(fault.Invalid, "questionnaires.answer.not_number")
	errNotInteger       = fault.New(fault.Invalid, "questionnaires.answer.not_integer")
	errNotDate          = fault.New(fault.Invalid, "questionnaires.answer.not_date")
	errNotDateTime      = fault.New(fault.Invalid, "questionnaires.answer.not_date_time")
	errNotTime          = fault.New(fault.Invalid, "questionnaires.answer.not_time")
	errNotAddress       = fault.New(fault.Invalid, "questionnaires.answer.not_address")
	errEmptyText        = fault.New(fault.Invalid, "questionnaires.answer.empty")
	errTextTooLong      = fault.New(fault.Invalid, "questionnaires.answer.too_long")
	errTextTooShort     = fault.New(fault.Invalid, "questionnaires.answer.too_short")
	errOneLine          = fault.New(fault.Invalid, "questionnaires.answer.one_line")
	errFormat           = fault.New(fault.Invalid, "questionnaires.answer.format")
	errFormatUnsaid     = fault.New(fault.Invalid, "questionnaires.answer.format_unsaid")
	errNotOption        = fault.New(fault.Invalid, "questionnaires.answer.not_option")
	errDecimals         = fault.New(fault.Invalid, "questionnaires.answer.decimals")
	errUnit             = fault.New(fault.Invalid, "questionnaires.answer.unit")
	errTooSmall         = fault.New(fault.Invalid, "questionnaires.answer.too_small")
	errTooLarge         = fault.New(fault.Invalid, "questionnaires.answer.too_large")
	errTooEarly         = fault.New(fault.Invalid, "questionnaires.answer.too_early")
	errTooLate          = fault.New(fault.Invalid, "questionnaires.answer.too_late")
	errFileSize         = fault.New(fault.Invalid, "questionnaires.answer.file_size")
	errFileType         = fault.New(fault.Invalid, "questionnaires.answer.file_type")
	errOneAnswer        = fault.New(fault.Invalid, "questionnaires.answer.one")
	errTooMany          = fault.New(fault.Invalid, "questionnaires.answer.too_many")
	errTooFew           = fault.New(fault.Invalid, "questionnaires.answer.too_few")
	errAnswerTwice      = fault.New(fault.Invalid, "questionnaires.answer.twice")
	errExclusive        = fault.New(fault.Invalid, "questionnaires.answer.exclusive")
	errRequired         = fault.New(fault.Invalid, "questionnaires.answer.required")
	errNoFileHere       = fault.New(fault.Invalid, "questionnaires.answer.no_file_here")
	errFileKinds        = fault.New(fault.Invalid, "questionnaires.publish.file_kinds")
	errNoAnswerHere     = fault.New(fault.Invalid, "questionnaires.answer.none_here")
	errNoRepeat         = fault.New(fault.Invalid, "questionnaires.answer.no_repeat")
	errDisabled         = fault.New(fault.Conflict, "questionnaires.answer.disabled")
	errReadOnly         = fault.New(fault.Invalid, "questionnaires.answer.read_only")
	ErrNoItem           = fault.New(fault.Missing, "questionnaires.answer.no_item")
	errNotResponse      = fault.New(fault.Invalid, "questionnaires.response.not_response")
	ErrOtherForm        = fault.New(fault.Invalid, "questionnaires.response.other_form")
	errLinkUnknown      = fault.New(fault.Invalid, "questionnaires.response.link_unknown")
	errMisplaced        = fault.New(fault.Invalid, "questionnaires.response.misplaced")
	errUnderAnswer      = fault.New(fault.Invalid, "questionnaires.response.under_answer")
	errOrder            = fault.New(fault.Invalid, "questionnaires.response.order")
	errItemTwice        = fault.New(fault.Invalid, "questionnaires.response.item_twice")
	errDisabledAnswered = fault.New(fault.Invalid, "questionnaires.response.disabled_answered")
	errTooMuch          = fault.New(fault.TooLarge, "questionnaires.response.too_much")
)

// errRules are the invariants que-1 to que-13 of an R4 Questionnaire, by number.
var errRules = [...]*fault.Error{
	1:  fault.New(fault.Invalid, "questionnaires.publish.que_1"),
	2:  fault.New(fault.Invalid, "questionnaires.publish.que_2"),
	3:  fault.New(fault.Invalid, "questionnaires.publish.que_3"),
	4:  fault.New(fault.Invalid, "questionnaires.publish.que_4"),
	5:  fault.New(fault.Invalid, "questionnaires.publish.que_5"),
	6:  fault.New(fault.Invalid, "questionnaires.publish.que_6"),
	7:  fault.New(fault.Invalid, "questionnaires.publish.que_7"),
	8:  fault.New(fault.Invalid, "questionnaires.publish.que_8"),
	9:  fault.New(fault.Invalid, "questionnaires.publish.que_9"),
	10: fault.New(fault.Invalid, "questionnaires.publish.que_10"),
	11: fault.New(fault.Invalid, "questionnaires.publish.que_11"),
	12: fault.New(fault.Invalid, "questionnaires.publish.que_12"),
	13: fault.New(fault.Invalid, "questionnaires.publish.que_13"),
}
