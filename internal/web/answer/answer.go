// Package answer turns faults into answers: one map from kind to status, and the two renderers for programs. The third,
// for people, is a page.
//
// Sentences are translated here, for the language of the reader; a cause is never part of an answer.
package answer

import (
	"encoding/json"
	"net/http"
	"strconv"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/outcome"
	"kindred/internal/web/view"
)

// statuses is the one map from kind to status.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Denied:          http.StatusForbidden,
	fault.Missing:         http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Gone:            http.StatusGone,
	fault.Unready:         http.StatusServiceUnavailable,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Busy:            http.StatusTooManyRequests,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Stale:           http.StatusPreconditionFailed,
}

// Status is the HTTP status of a kind.
func Status(k fault.Kind) int {
	if s, ok := statuses[k]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Headers adds what a status asks for: when to come back, how to sign in.
func Headers(h http.Header, k fault.Kind) {
	switch k {
	case fault.Busy:
		h.Set("Retry-After", "60")
	case fault.Unready:
		h.Set("Retry-After", "5")
	case fault.Unauthenticated:
		h.Set("WWW-Authenticate", `Bearer realm="kindred"`)
	}
	h.Set("Cache-Control", "no-store")
}

// Problem is RFC 9457, with one entry for each fault of a form.
type Problem struct {
	Type     string          `json:"type"`
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail,omitempty"`
	Code     string          `json:"code"`
	Instance string          `json:"instance,omitempty"`
	Errors   []ProblemDetail `json:"errors,omitempty"`
}

// ProblemDetail is one fault of a form.
type ProblemDetail struct {
	Location string `json:"location,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// NewProblem describes an error for a reader.
func NewProblem(p *locale.Printer, request ident.RequestID, err error) Problem {
	all := fault.All(err)
	kind := fault.KindOf(err)
	problem := Problem{
		Type: "about:blank", Title: http.StatusText(Status(kind)), Status: Status(kind),
		Detail: view.Tell(p, all[0]), Code: all[0].Key,
	}
	if request != "" {
		problem.Instance = "urn:uuid:" + string(request)
	}
	for _, e := range all {
		if e.Field != "" || len(all) > 1 {
			problem.Errors = append(problem.Errors, ProblemDetail{e.Field, e.Key, view.Tell(p, e)})
		}
	}
	return problem
}

// WriteProblem answers /api with application/problem+json.
func WriteProblem(w http.ResponseWriter, p *locale.Printer, request ident.RequestID, err error) {
	write(w, p, "application/problem+json", fault.KindOf(err), NewProblem(p, request, err))
}

// WriteOutcome answers /fhir with an OperationOutcome, one issue for each fault.
func WriteOutcome(w http.ResponseWriter, p *locale.Printer, err error) {
	o := outcome.New()
	for _, e := range fault.All(err) {
		severity := "error"
		if e.Kind == fault.Internal {
			severity = "fatal"
		}
		o.Add(severity, "", e, view.Tell(p, e))
	}
	write(w, p, "application/fhir+json; charset=utf-8", fault.KindOf(err), o)
}

func write(w http.ResponseWriter, p *locale.Printer, media string, kind fault.Kind, body any) {
	raw, err := json.Marshal(body)
	if err != nil { // every field is a string or a number
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	Headers(h, kind)
	h.Set("Content-Type", media)
	h.Set("Content-Language", p.Lang())
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(Status(kind))
	_, _ = w.Write(raw) // the reader has gone: nothing to do
}
