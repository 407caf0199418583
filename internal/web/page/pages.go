package page

import (
	"strings"

	"github.com/gin-gonic/gin"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/audit"
	"kindred/internal/clock"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/codesign"
	"kindred/registry"
)

// Services are what pages call. A service that is nil has no pages: its routes are left out of the table.
type Services struct {
	Export *export.Service // studies and releases

	View      *view.View
	Sessions  *session.Keeper
	Authority *policies.Authority
	Accounts  *account.Service
	Consent   *consent.Service
	Registry  *registry.Service
	Audit     *audit.Service

	Questionnaires *questionnaires.Service
	Codesign       *codesign.Service
	Clock          clock.Clock
	Demo           bool // demonstration data: said on each page
}

// Pages are the handlers.
type Pages struct {
	Services
	routed map[string]bool // paths that can be read, so that a place is offered only where a page answers
}

// New makes the pages.
func New(s Services) *Pages { return &Pages{Services: s, routed: map[string]bool{}} }

// Routed tells the pages which routes there are; the engine calls it once, before the first request.
func (p *Pages) Routed(routes []route.Route) {
	for _, r := range routes {
		if r.Method == "GET" {
			p.routed[r.Path] = true
		}
	}
}

// Handler is a page's handler.
type Handler func(*Request) error

// Show makes a route's handler of a page's.
func (p *Pages) Show(h Handler) route.Handler {
	return func(c *gin.Context) error { return h(p.request(c)) }
}

// request is one request with who is there, who reads instants in the zone of this registry.
func (p *Pages) request(c *gin.Context) *Request {
	r := &Request{Context: c, Visitor: session.Of(c), pages: p}
	r.Printer = r.Printer.In(p.View.Zone())
	return r
}

// Fail shows the page of an error. The engine calls it for whatever a page's handler could not tell beside a field.
func (p *Pages) Fail(c *gin.Context, status int, err error) error {
	return p.request(c).fail(status, err)
}

// local keeps an address that came from outside within this site: a path, no host, no backslash.
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || len(path) > 1000 {
		return "/"
	}
	return path
}
