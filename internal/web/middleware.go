package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
)

// csp allows our own files and nothing inline.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// observe gives the request its id, and counts and logs it when it is over.
func (e *Engine) observe(c *gin.Context) {
	began := time.Now()
	session.Begin(c, ident.New[ident.RequestID]())
	c.Header("X-Request-Id", string(session.Of(c).Actor.Request))
	e.metrics.running.Inc()
	defer e.metrics.running.Dec()
	c.Next()
	took := time.Since(began)
	path, status := template(c), strconv.Itoa(c.Writer.Status())
	e.metrics.requests.WithLabelValues(method(c), path, status).Inc()
	e.metrics.seconds.WithLabelValues(method(c), path).Observe(took.Seconds())
	e.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
		slog.String("request", string(session.Of(c).Actor.Request)), slog.String("method", method(c)), slog.String("route", path),
		slog.String("status", status), slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", took))
}

// method is one of the known ones: a stranger may send any word.
func method(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "OTHER"
}

// recover ends one request where a handler panicked. The stack goes to the log; the value of the panic may hold what a
// person typed, so only its type does.
func (e *Engine) recover(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		e.metrics.panics.Inc()
		e.Log.LogAttrs(c.Request.Context(), slog.LevelError, "panic", slog.String("request", string(session.Of(c).Actor.Request)),
			slog.String("route", template(c)), slog.String("type", typeName(p)), slog.String("stack", string(debug.Stack())))
		e.tell(c, http.StatusInternalServerError, fault.New(fault.Internal, "fault.internal"))
	}()
	c.Next()
}

func typeName(p any) string { return fmt.Sprintf("%T", p) }

// headers are the same for every answer; an asset or a download may set stricter ones after.
func (e *Engine) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()")
	if e.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	c.Next()
}

// refuse turns away addresses that no page has, and requests that a browser sends on behalf of another site. A request
// with a bearer token carries its own proof: no browser adds one by itself.
func (e *Engine) refuse(c *gin.Context) {
	path := c.Request.URL.Path
	if !utf8.ValidString(path) || strings.ContainsFunc(path, unicode.IsControl) || len(path) > 2048 || len(c.Request.URL.RawQuery) > 8192 {
		e.fail(c, fault.New(fault.Missing, "fault.missing"))
		return
	}
	if !session.HasBearer(c.Request) {
		if err := e.csrf.Check(c.Request); err != nil {
			e.fail(c, fault.New(fault.Denied, "fault.cross_site").Because(err))
			return
		}
	}
	c.Next()
}

// visit finds out who is there. A session that has ended is nobody; a bearer token that is not good is an answer of its
// own, because a program must know.
func (e *Engine) visit(c *gin.Context) {
	if strings.HasPrefix(c.Request.URL.Path, "/assets/") {
		return
	}
	if err := e.Sessions.Find(c); err != nil {
		e.fail(c, err)
		return
	}
	c.Next()
}

// limit bounds a route's body and, for a long one, moves the deadlines.
func (e *Engine) limit(r route.Route) gin.HandlerFunc {
	most := r.Body
	if most == 0 {
		most = route.DefaultBody
	}
	return func(c *gin.Context) {
		if c.Request.ContentLength > most {
			c.Header("Connection", "close")
			e.fail(c, fault.New(fault.TooLarge, "fault.too_large"))
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
		if r.Long {
			control := http.NewResponseController(c.Writer)
			later := time.Now().Add(time.Hour)
			_ = control.SetReadDeadline(later) // a writer without deadlines, as in a test, has none to move
			_ = control.SetWriteDeadline(later)
		}
		c.Next()
	}
}
