package page

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/locale"
	"kindred/internal/web/answer"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/policies"
)

// Request is one request to a page, with who is there.
type Request struct {
	*gin.Context
	session.Visitor
	pages   *Pages
	subject *view.Subject
	person  ident.ParticipantID
}

// errText answers text that no person typed: bytes that are not UTF-8, or a NUL.
var errText = fault.New(fault.Invalid, "fault.invalid")

// maxFiles is how much of an upload is held in memory; the rest waits in the temporary folder of the process.
const maxFields = 400

// Form is what was sent, by a form or in the address. Values are trimmed of nothing; more than a few hundred fields,
// text that is not UTF-8 and NUL bytes are refused.
func (r *Request) Form() (view.Values, error) {
	if r.Request.Form == nil {
		if err := r.Request.ParseForm(); err != nil {
			return nil, bodyFault(err)
		}
	}
	return r.values(r.Request.Form)
}

func (r *Request) values(form url.Values) (view.Values, error) {
	if len(form) > maxFields {
		return nil, fault.New(fault.TooLarge, "fault.too_large")
	}
	for name, values := range form {
		for _, v := range append(values, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, errText.At(name)
			}
		}
	}
	return view.Values(form), nil
}

// bodyFault keeps the one fault of a body that has a kind of its own; all others are a broken request.
func bodyFault(err error) error {
	if strings.Contains(err.Error(), "request body too large") {
		return fault.New(fault.TooLarge, "fault.too_large")
	}
	return errText.Because(err)
}

// HTMX tells that the request comes from a part of a page, and wants a part back.
func (r *Request) HTMX() bool {
	return r.GetHeader("HX-Request") == "true" && r.GetHeader("HX-Boosted") == ""
}

// Show renders a page.
func (r *Request) Show(name string, page view.Page) error { return r.render(http.StatusOK, name, page) }

func (r *Request) render(status int, name string, page view.Page) error {
	if page.Subject == nil {
		page.Subject = r.subject
	}
	return r.pages.View.Render(r.Writer, r.shell(), status, name, page)
}

// Part renders one template of a page, for htmx.
func (r *Request) Part(name, part string, page view.Page) error {
	if page.Subject == nil {
		page.Subject = r.subject
	}
	return r.pages.View.Fragment(r.Writer, r.shell(), http.StatusOK, name, part, page)
}

// Again shows a form again with what was typed and every fault of it. An error that is not the form's own (not there,
// not allowed, ours) is passed on.
func (r *Request) Again(name string, page view.Page, err error) error {
	switch kind := fault.KindOf(err); kind {
	case fault.Invalid, fault.Conflict, fault.Stale, fault.Busy, fault.TooLarge, fault.Unauthenticated:
		page.Faults = fault.All(err)
		if page.Values == nil {
			page.Values = view.Values(r.Request.Form)
		}
		if kind == fault.Busy {
			r.Header("Retry-After", "60")
		}
		return r.render(answer.Status(kind), name, page)
	default:
		return err
	}
}

// Go leads somewhere else after something was done.
func (r *Request) Go(path string) error {
	if r.HTMX() {
		r.Header("HX-Redirect", path)
		r.Status(http.StatusNoContent)
		return nil
	}
	r.Redirect(http.StatusSeeOther, path)
	return nil
}

const saidCookie = "kindred_said"

// Said tells a message on the next page, once. The key is one of the pages' own, without arguments.
func (r *Request) Said(key string) {
	r.pages.Sessions.Keep(r.Context, saidCookie, key, r.pages.Clock.Now())
}

// said takes the message that the page before left.
func (r *Request) said() *view.Notice {
	key := session.Value(r.Context, saidCookie)
	if key == "" {
		return nil
	}
	r.pages.Sessions.Keep(r.Context, saidCookie, "", r.pages.Clock.Now())
	if !strings.HasPrefix(key, "page_") || !locale.Has(key) {
		return nil
	}
	return &view.Notice{Kind: "success", Text: view.Key(key)}
}

// ID reads an identifier from the path; anything but one is Missing.
func ID[T ~string](r *Request, param string) (T, error) { return ident.Parse[T](r.Param(param)) }

// Person is the person whom the path is about.
func (r *Request) Person() (ident.ParticipantID, error) {
	return ID[ident.ParticipantID](r, "person")
}

// shell surrounds the page for this reader.
func (r *Request) shell() view.Shell {
	s := view.Shell{
		Printer: r.Printer, Theme: r.Theme, Path: r.Request.URL.RequestURI(), SignedIn: r.SignedIn(), Demo: r.pages.Demo,
		Notice: r.said(),
	}
	if r.Request.Method != http.MethodGet && r.Request.Method != http.MethodHead {
		s.Path = local(r.back())
	}
	if r.SignedIn() {
		area := r.area()
		s.Role, s.Places, s.Areas = area.label, r.places(area), r.areas(area)
		s.Name, s.Account = r.Name, string(r.Actor.Account)
	}
	return s
}

// back is the page that a form stood on, if it was one of ours.
func (r *Request) back() string {
	u, err := url.Parse(r.GetHeader("Referer"))
	if err != nil || u.Host != r.Request.Host {
		return "/"
	}
	return u.RequestURI()
}

// May tells whether the reader may do an act at all, to offer it or not. The service asks again.
func (r *Request) May(purpose policies.Purpose, object policies.Object, act policies.Act) bool {
	return r.SignedIn() && r.pages.Authority.May(r.Request.Context(), r.Actor, purpose, object, act) == nil
}

// fail shows the page of an error, or leads to the sign-in where that is what is missing.
func (r *Request) fail(status int, err error) error {
	kind := fault.KindOf(err)
	if r.HTMX() {
		r.Header("HX-Reswap", "none")
		if kind == fault.Unauthenticated {
			r.Header("HX-Redirect", "/sign-in")
		}
		r.String(status, "%s", view.Tell(r.Printer, fault.All(err)[0]))
		return nil
	}
	if kind == fault.Unauthenticated && !r.SignedIn() {
		next := "/"
		if r.Request.Method == http.MethodGet {
			next = r.Request.URL.RequestURI()
		}
		r.Redirect(http.StatusSeeOther, "/sign-in?next="+url.QueryEscape(local(next)))
		return nil
	}
	return r.render(status, "fault", view.Page{
		Title: view.Key("page_fault." + kind.String()),
		Data: struct {
			Kind    string
			Text    string
			Request string
		}{kind.String(), view.Tell(r.Printer, fault.All(err)[0]), string(r.Actor.Request)},
	})
}
