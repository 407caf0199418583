package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/internal/web/answer"
	"kindred/internal/web/page"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
	"kindred/policies"
)

// Config is what the front stands on.
type Config struct {
	Pages     *page.Pages
	Sessions  *session.Keeper
	Authority *policies.Authority
	API       []route.Route               // what /api and /fhir offer
	Ready     func(context.Context) error // nil when requests can be answered
	Log       *slog.Logger
	Secure    bool           // reached over https: Strict-Transport-Security is sent
	Proxies   []netip.Prefix // whose X-Forwarded-For is believed; none by default
	Demo      bool
	Denied    func(context.Context, policies.Actor, route.Route) error // notes a refusal; nil in tests that look elsewhere
}

// Engine answers requests.
type Engine struct {
	Config
	gin     *gin.Engine
	routes  []route.Route
	metrics *metrics
	csrf    *http.CrossOriginProtection
}

// New builds the engine from the route table. A route without a right is an error.
func New(c Config) (*Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := &Engine{Config: c, gin: gin.New(), metrics: newMetrics(), csrf: http.NewCrossOriginProtection()}
	trusted := make([]string, len(c.Proxies))
	for i, p := range c.Proxies {
		trusted[i] = p.String()
	}
	if err := e.gin.SetTrustedProxies(trusted); err != nil {
		return nil, err
	}
	e.gin.ForwardedByClientIP = len(trusted) > 0
	e.gin.RedirectTrailingSlash = false
	e.gin.HandleMethodNotAllowed = true
	e.gin.Use(e.observe, e.recover, e.headers, e.refuse, e.visit)
	for _, r := range Table(c.Pages, e, c.API) {
		if r.Demo && !c.Demo {
			continue
		}
		if err := e.add(r); err != nil {
			return nil, err
		}
	}
	e.gin.NoRoute(func(g *gin.Context) { e.fail(g, fault.New(fault.Missing, "fault.missing")) })
	e.gin.NoMethod(func(g *gin.Context) {
		e.tell(g, http.StatusMethodNotAllowed, fault.New(fault.Missing, "fault.missing"))
	})
	c.Pages.Routed(e.routes)
	return e, nil
}

// add registers a line of the table, and HEAD beside each GET.
func (e *Engine) add(r route.Route) error {
	if !r.Right.Defined() {
		return fmt.Errorf("web: %s %s does not say which right it needs", r.Method, r.Path)
	}
	if r.Handler == nil {
		return fmt.Errorf("web: %s %s has no handler", r.Method, r.Path)
	}
	e.routes = append(e.routes, r)
	methods := []string{r.Method}
	if r.Method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	for _, m := range methods {
		e.gin.Handle(m, r.Path, e.limit(r), func(c *gin.Context) {
			err := r.Right.Check(c.Request.Context(), e.Authority, session.Of(c).Actor)
			if err == nil {
				err = r.Handler(c)
			}
			if err != nil {
				e.note(c, r, err)
				e.fail(c, err)
			}
		})
	}
	return nil
}

// note puts a refusal of somebody who is signed in into the audit. The answer is the same where that fails: nothing was
// given.
func (e *Engine) note(c *gin.Context, r route.Route, err error) {
	v := session.Of(c)
	if e.Denied == nil || !v.SignedIn() || fault.KindOf(err) != fault.Denied {
		return
	}
	if err := e.Denied(c.Request.Context(), v.Actor, r); err != nil {
		e.Log.Error("a refusal could not be noted", "request", string(v.Actor.Request), "error", err)
	}
}

// Routes is the table as it is served.
func (e *Engine) Routes() []route.Route { return e.routes }

// ServeHTTP answers one request.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.gin.ServeHTTP(w, r) }

// Server is an HTTP server for the engine that cuts slow clients off. Routes marked long set their own deadlines.
func (e *Engine) Server(addr string) *http.Server {
	return &http.Server{
		Addr: addr, Handler: e, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(e.Log.Handler(), slog.LevelDebug),
	}
}

// fail tells an error in the form that the path asks for.
func (e *Engine) fail(c *gin.Context, err error) { e.tell(c, answer.Status(fault.KindOf(err)), err) }
