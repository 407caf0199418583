package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/internal/web/answer"
	"kindred/internal/web/session"
)

// tell renders an error: an OperationOutcome under /fhir, a problem under /api, a page elsewhere. What is ours is
// logged with its cause; what a reader did is not.
func (e *Engine) tell(c *gin.Context, status int, err error) {
	v := session.Of(c)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = fault.New(fault.TooLarge, "fault.too_large")
		status = http.StatusRequestEntityTooLarge
	}
	if fault.KindOf(err) == fault.Internal {
		if errors.Is(err, context.Canceled) && c.Request.Context().Err() != nil {
			return // the reader has gone
		}
		e.Log.LogAttrs(c.Request.Context(), slog.LevelError, "internal fault",
			slog.String("request", string(v.Actor.Request)), slog.String("route", template(c)), slog.String("error", err.Error()))
	}
	if c.Writer.Written() {
		return // a stream broke in the middle: its end is missing, which the reader notices
	}
	switch path := c.Request.URL.Path; {
	case strings.HasPrefix(path, "/fhir"):
		answer.WriteOutcome(c.Writer, v.Printer, err)
	case strings.HasPrefix(path, "/api"):
		answer.WriteProblem(c.Writer, v.Printer, v.Actor.Request, err)
	default:
		answer.Headers(c.Writer.Header(), fault.KindOf(err))
		if err := e.Pages.Fail(c, status, err); err != nil {
			e.Log.ErrorContext(c.Request.Context(), "the page of a fault could not be rendered", "error", err.Error())
			http.Error(c.Writer, v.Printer.T("fault.internal"), http.StatusInternalServerError)
		}
	}
	c.Abort()
}

// template is the route's path as it stands in the table; what no route names is one word, so that a stranger cannot
// fill the log and the metrics.
func template(c *gin.Context) string {
	if p := c.FullPath(); p != "" {
		return p
	}
	return "none"
}
