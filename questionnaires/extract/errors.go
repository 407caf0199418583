package extract

import "kindred/internal/fault"

// The faults, as values. Those that stop the extraction come as an error, the others with the result.
var (
	errNotQuestionnaire = fault.New(fault.Invalid, "extract.not_questionnaire")
	errNotResponse      = fault.New(fault.Invalid, "extract.not_response")
	errNotFinished      = fault.New(fault.Conflict, "extract.not_finished")
	errTooMany          = fault.New(fault.TooLarge, "extract.too_many")
	errMap              = fault.New(fault.Invalid, "extract.map")
	errType             = fault.New(fault.Invalid, "extract.type")
	errPath             = fault.New(fault.Invalid, "extract.path")
	errSlice            = fault.New(fault.Invalid, "extract.slice")
	errConvert          = fault.New(fault.Invalid, "extract.convert")
	errSeveral          = fault.New(fault.Invalid, "extract.several")
	errExpression       = fault.New(fault.Invalid, "extract.expression")
	errTemplate         = fault.New(fault.Invalid, "extract.template")
	errCode             = fault.New(fault.Invalid, "extract.code")
	errNoContext        = fault.New(fault.Invalid, "extract.no_context")
)
