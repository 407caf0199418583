package api

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/internal/web/api/once"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
)

type callKey struct{}

type humaContext = huma.Context

// call is one request to an operation. What goes wrong is kept instead of written: the engine tells it, like every other
// fault.
type call struct {
	humaContext
	session.Visitor
	gin *gin.Context
	err error
}

// SetStatus writes the status of an answer that is not a fault.
func (x *call) SetStatus(code int) {
	if x.err == nil {
		x.humaContext.SetStatus(code)
	}
}

// SetHeader sets a header of an answer that is not a fault.
func (x *call) SetHeader(name, value string) {
	if x.err == nil {
		x.humaContext.SetHeader(name, value)
	}
}

// AppendHeader adds to a header of an answer that is not a fault.
func (x *call) AppendHeader(name, value string) {
	if x.err == nil {
		x.humaContext.AppendHeader(name, value)
	}
}

// BodyWriter takes the body of an answer that is not a fault.
func (x *call) BodyWriter() io.Writer {
	if x.err != nil {
		return io.Discard
	}
	return x.humaContext.BodyWriter()
}

// limits of a JSON body; the route bounds the bytes.
var limits = jsonscan.Limits{Bytes: 8 << 20, Depth: 64, Values: 250_000, Width: 10_000, String: 256 << 10}

var (
	errMedia  = fault.New(fault.Invalid, "api.media").At("Content-Type")
	errMatch  = fault.New(fault.Invalid, "api.if_match").At("If-Match")
	errCursor = fault.New(fault.Invalid, "api.cursor").At("cursor")
)

// readJSON reads a body whole and measures it before anybody parses it; the request can be read again.
func readJSON(c *gin.Context, media ...string) ([]byte, error) {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return nil, err // http.MaxBytesError becomes 413
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		return nil, nil
	}
	sent, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	known := err == nil && sent == "application/json"
	for _, m := range media {
		known = known || err == nil && sent == m
	}
	if !known {
		return nil, errMedia
	}
	return body, jsonscan.Scan(body, limits)
}

// serve reads and measures the body, and makes a creation take effect once.
func (a *API) serve(o operation, run func(*gin.Context) error) route.Handler {
	return func(c *gin.Context) error {
		if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead || o.stream && o.raw == "" {
			return run(c)
		}
		key := c.GetHeader("Idempotency-Key")
		if o.stream && key == "" {
			return run(c)
		}
		body, err := a.read(c, o)
		if err != nil {
			return err
		}
		if !o.creates || key == "" || !session.Of(c).SignedIn() {
			return run(c)
		}
		return a.take(c, key, body, run)
	}
}

func (a *API) read(c *gin.Context, o operation) ([]byte, error) {
	if o.raw != "multipart/form-data" {
		return readJSON(c, o.raw)
	}
	body, err := io.ReadAll(c.Request.Body)
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// take does a request once, and keeps its answer before it is sent.
func (a *API) take(c *gin.Context, key string, body []byte, run func(*gin.Context) error) error {
	ctx := c.Request.Context()
	r := once.Request{Account: session.Of(c).Actor.Account, Key: key, Digest: once.Digest([]byte(c.Request.Method), []byte(c.Request.URL.RequestURI()), body)}
	before, err := a.Once.Begin(ctx, r)
	if err != nil {
		return err
	}
	if before != nil {
		if err := a.seesStill(c); err != nil {
			return err
		}
		for name, value := range before.Header {
			c.Header(name, value)
		}
		c.Header("Idempotency-Replayed", "true")
		c.Status(before.Status)
		_, err := c.Writer.Write(before.Body)
		return err
	}
	kept := &keeper{ResponseWriter: c.Writer, status: http.StatusOK}
	c.Writer = kept
	err = run(c)
	c.Writer = kept.ResponseWriter
	if err != nil || kept.status >= 400 {
		if free := a.Once.Release(ctx, r); free != nil {
			return free
		}
	}
	if err != nil {
		return err
	}
	if kept.status < 400 {
		if err := a.Once.Finish(ctx, r, kept.answer()); err != nil {
			return err
		}
	}
	c.Status(kept.status)
	_, err = c.Writer.Write(kept.body.Bytes())
	return err
}

// seesStill asks again before an answer about a person is given again: who acted for them then may not any more. Either
// way what is given leaves an entry.
func (a *API) seesStill(c *gin.Context) error {
	ctx, actor := c.Request.Context(), session.Of(c).Actor
	if text := c.Param("participant"); text != "" && a.Registry != nil {
		id, err := ident.Parse[ident.ParticipantID](text)
		if err != nil {
			return err
		}
		_, err = a.Registry.Card(ctx, actor, id)
		return err
	}
	return a.Audit.Replayed(ctx, actor, c.Request.Method+" "+c.FullPath())
}

// keeper holds an answer back until it is kept.
type keeper struct {
	gin.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (k *keeper) WriteHeader(status int) { k.status = status }

// WriteHeaderNow waits.
func (k *keeper) WriteHeaderNow() {}

// Write keeps the bytes.
func (k *keeper) Write(b []byte) (int, error) { return k.body.Write(b) }

// WriteString keeps the text.
func (k *keeper) WriteString(s string) (int, error) { return k.body.WriteString(s) }

// Status is the status noted.
func (k *keeper) Status() int { return k.status }

// Written tells whether something waits to be written.
func (k *keeper) Written() bool { return k.body.Len() > 0 }

func (k *keeper) answer() once.Answer {
	a := once.Answer{Status: k.status, Header: map[string]string{}, Body: k.body.Bytes()}
	for _, name := range []string{"Content-Type", "ETag", "Location", "Last-Modified"} {
		if v := k.Header().Get(name); v != "" {
			a.Header[name] = v
		}
	}
	return a
}

// tag writes a revision as an ETag.
func tag(revision int) string { return `"` + strconv.Itoa(revision) + `"` }

// untag reads the revision of an If-Match. A star means whichever is current, told as 0.
func untag(match string) (int, error) {
	match = strings.TrimPrefix(strings.TrimSpace(match), "W/")
	if match == "*" {
		return 0, nil
	}
	if len(match) < 3 || match[0] != '"' || match[len(match)-1] != '"' {
		return 0, errMatch
	}
	n, err := strconv.Atoi(match[1 : len(match)-1])
	if err != nil || n < 1 {
		return 0, errMatch
	}
	return n, nil
}

// stale adds the current ETag to the answer of an update that was made from an older state.
func (x *call) stale(err error, current func() (int, error)) error {
	if fault.KindOf(err) != fault.Stale {
		return err
	}
	if n, failed := current(); failed == nil {
		x.gin.Header("ETag", tag(n))
	}
	return err
}

// matches compares an If-Match with the current revision, for an update whose service does not.
func (x *call) matches(match string, current int) error {
	n, err := untag(match)
	if err != nil {
		return err
	}
	if n != 0 && n != current {
		x.gin.Header("ETag", tag(current))
		return errStale
	}
	return nil
}

var errStale = fault.New(fault.Stale, "fault.stale")

// done is the answer of an operation that has nothing to say.
type done struct{}

// got is an answer with a body.
type got[T any] struct{ Body T }

// tagged is an answer with a body and the state that it shows.
type tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// made is the answer of a creation.
type made[T any] struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     T
}

// list is part of a longer list.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Give it as cursor for the next part; absent at the end."`
}

// Paging is what a list may be asked with.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// listed cuts a whole list into the part that was asked for. The cursor is the id after which it goes on.
func listed[S, T any](all []S, p Paging, id func(S) string, show func(S) T) (*got[list[T]], error) {
	from := 0
	if p.Cursor != "" {
		from = -1
		for i, s := range all {
			if id(s) == p.Cursor {
				from = i + 1
			}
		}
		if from < 0 {
			return nil, errCursor
		}
	}
	out := list[T]{Items: []T{}}
	for i := from; i < len(all) && i < from+p.Limit; i++ {
		out.Items = append(out.Items, show(all[i]))
	}
	if end := from + p.Limit; end < len(all) {
		out.Next = id(all[end-1])
	}
	return &got[list[T]]{out}, nil
}
