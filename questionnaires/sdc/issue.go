package sdc

import (
	"strings"

	"kindred/internal/fault"
)

// Severity of an issue, as in an OperationOutcome.
type Severity string

// The severities. A response with an error cannot be accepted; a warning should be looked at; an information is only told.
const (
	SeverityError       Severity = "error"
	SeverityWarning     Severity = "warning"
	SeverityInformation Severity = "information"
)

// Issue is one finding about a response or a questionnaire. The Field of its fault is the FHIRPath location.
type Issue struct {
	Severity Severity
	Code     string // http://hl7.org/fhir/issue-type
	Fault    *fault.Error
}

// Issues are findings in the order of the document.
type Issues []Issue

// Errors are the faults that cannot be accepted.
func (l Issues) Errors() fault.List {
	var list fault.List
	for _, i := range l {
		if i.Severity == SeverityError {
			list = append(list, i.Fault)
		}
	}
	return list
}

// Issues of a questionnaire: what refuses it, and what is told. asWarnings is for forms that are used all the same.
func (f Findings) Issues(asWarnings bool) Issues {
	severity := SeverityError
	if asWarnings {
		severity = SeverityWarning
	}
	var list Issues
	for _, r := range f.Refusals {
		list = append(list, NewIssue(severity, f.placed(r)))
	}
	for _, w := range f.Warnings {
		severity := SeverityWarning
		if w.Key == errIgnored.Key || w.Key == errTranslation.Key {
			severity = SeverityInformation
		}
		list = append(list, NewIssue(severity, f.placed(w)))
	}
	return list
}

// placed gives a fault the FHIRPath location of the item that it names.
func (f Findings) placed(e *fault.Error) *fault.Error {
	if e.Field == "" {
		return e.At("Questionnaire")
	}
	if at, ok := f.places[e.Field]; ok {
		return e.At(at)
	}
	return e.At("Questionnaire." + e.Field) // an item without a linkId is named by its place
}

// NewIssue gives a fault the code that its kind of problem has in FHIR.
func NewIssue(severity Severity, f *fault.Error) Issue {
	code, ok := codes[f.Key]
	switch {
	case ok:
	case strings.HasPrefix(f.Key, "jsonscan.") && f.Kind != fault.TooLarge:
		code = "structure"
	case f.Kind == fault.Missing:
		code = "not-found"
	case f.Kind == fault.TooLarge:
		code = "too-long"
	case f.Kind == fault.Conflict:
		code = "conflict"
	default:
		code = "invalid"
	}
	return Issue{severity, code, f}
}

// codes are the FHIR issue types of faults, by message key.
var codes = map[string]string{}

func init() {
	for code, faults := range map[string][]*fault.Error{
		"structure": {errNotQuestionnaire, errNoItems, errElementUnknown, errElementKind, errElementEmpty, errElementTwice, errLinkMissing, errValueTwice, errValueKind, errValueType,
			errNoAnswerHere, errOneAnswer, errNotResponse, errMisplaced, errUnderAnswer, errOrder, errItemTwice, errDeep, errBothInitials, errBothConditions},
		"required":      {errElementMissing, errValueMissing, errRequired, errTooFew, errStatusMissing, errURLMissing, errVersionMissing},
		"value":         {ErrElementValue, errNotBoolean, errNotNumber, errNotInteger, errNotDate, errNotDateTime, errNotTime, errNotAddress, errEmptyText, errNotBase64, errOneLine, errFormat, errFormatUnsaid, errDecimals, errTooSmall, errTooLarge, errTooEarly, errTooLate, errBoundsCrossed, errBoundType, errTextTooShort, errReferenceType, errFileType},
		"code-invalid":  {errNotOption, errUnit, errOptionTwice, errOptionType, errOptionOff, errCodeUnknown},
		"not-found":     {errLinkUnknown, errQuestionMissing, errQuestionNone, ErrNoItem, errSetUnknown, errVariableUnknown},
		"not-supported": {errNotDone, errFeature, errQuery, errSetOpen, errAttachmentInline, errPattern, errPatternCall},
		"too-long":      {errTextTooLong, errFileSize},
		"too-costly":    {errTooMuch, errWide},
		"invariant":     {errConstraint, errConstraintUnsaid, errExclusive, errAnswerTwice, errTooMany},
		"business-rule": {errDisabledAnswered, errDisabled, errReadOnly, errCalculated, ErrOtherForm, errRetired, errCycle, errUnreachable, errOutOfPeriod, errUnsigned},
		"exception":     {errEvaluation, errUnsettled},
		"informational": {errIgnored, errTranslation, errTextOther, errDisplayOther},
		"processing":    {errSeveral, errResultType, errResultOption, errExpression, errExpressionType},
	} {
		for _, f := range faults {
			codes[f.Key] = code
		}
	}
	for _, f := range errRules {
		if f != nil {
			codes[f.Key] = "invariant"
		}
	}
}
