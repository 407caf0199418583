package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/internal/web/answer"
)

// problem is the answer that OpenAPI describes for a fault; the engine writes it.
type problem struct{ answer.Problem }

// Error makes it an error for huma.
func (problem) Error() string { return "see call" }

// GetStatus is not used: the kind of the fault decides.
func (problem) GetStatus() int { return http.StatusInternalServerError }

// ContentType is that of RFC 9457.
func (problem) ContentType(string) string { return "application/problem+json" }

// huma's validation speaks English only and holds its sentences in variables. They become our keys, with what the
// sentence is about after a bar, and are translated at the edge like every other.
func init() {
	huma.ValidateStrictCasing = true
	huma.NewError = func(int, string, ...error) huma.StatusError { return problem{} }
	huma.NewErrorWithContext = func(ctx huma.Context, _ int, msg string, errs ...error) huma.StatusError {
		if x, ok := ctx.(*call); ok && x.err == nil {
			x.err = refused(msg, errs)
		}
		return problem{}
	}
	for key, sentences := range map[string][]*string{
		"api.value.unknown":     {&validation.MsgUnexpectedProperty},
		"api.value.required|%s": {&validation.MsgExpectedRequiredProperty},
		"api.value.text":        {&validation.MsgExpectedString},
		"api.value.boolean":     {&validation.MsgExpectedBoolean},
		"api.value.number":      {&validation.MsgExpectedNumber},
		"api.value.integer":     {&validation.MsgExpectedInteger},
		"api.value.list":        {&validation.MsgExpectedArray},
		"api.value.object":      {&validation.MsgExpectedObject},
		"api.value.twice":       {&validation.MsgExpectedArrayItemsUnique},
		"api.value.instant":     {&validation.MsgExpectedRFC3339DateTime},
		"api.value.day":         {&validation.MsgExpectedRFC3339Date},
		"api.value.choice|%s":   {&validation.MsgExpectedOneOf},
		"api.value.least|%v":    {&validation.MsgExpectedMinimumNumber},
		"api.value.most|%v":     {&validation.MsgExpectedMaximumNumber},
		"api.value.short|%d":    {&validation.MsgExpectedMinLength},
		"api.value.long|%d":     {&validation.MsgExpectedMaxLength},
		"api.value.few|%d":      {&validation.MsgExpectedMinItems},
		"api.value.many|%d":     {&validation.MsgExpectedMaxItems},
	} {
		for _, s := range sentences {
			*s = key
		}
	}
}

var errValue = fault.New(fault.Invalid, "api.value")

// refused makes faults of what huma found wrong with a request.
func refused(msg string, errs []error) error {
	var all fault.List
	for _, err := range errs {
		var d *huma.ErrorDetail
		if !errors.As(err, &d) {
			return errValue.Because(err)
		}
		key, value, _ := strings.Cut(d.Message, "|")
		if !locale.Has(key) {
			key = errValue.Key
			if strings.HasPrefix(d.Message, "required ") {
				key = "api.value.missing"
			}
		}
		at := strings.TrimPrefix(strings.TrimPrefix(d.Location, "body."), "query.")
		if key == "api.value.required" {
			at = strings.TrimPrefix(at+"."+value, "body.")
			at = strings.TrimPrefix(at, ".")
		}
		all.Add(fault.New(fault.Invalid, key).With("Value", value).At(strings.TrimPrefix(strings.TrimPrefix(at, "path."), "header.")))
	}
	if len(all) == 0 {
		return errValue.Because(errors.New(msg))
	}
	return all
}
