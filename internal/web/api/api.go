package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/audit"
	"kindred/internal/clock"
	"kindred/internal/web/api/once"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/codesign"
	"kindred/registry"
)

// Version is that of the API; a change that breaks a client makes another path.
const Version = "1.0.0"

// Services are what operations call. One that is nil has no operations.
type Services struct {
	Authority      *policies.Authority
	Accounts       *account.Service
	Consent        *consent.Service
	Registry       *registry.Service
	Questionnaires *questionnaires.Service
	Codesign       *codesign.Service
	Launch         questionnaires.Launch // what forms may know of a participant; nil: nothing
	Studies        *export.Service
	Audit          *audit.Service
	Once           *once.Memory
	Oracle         Oracle // judges what comes in under /fhir; nil for none
	Clock          clock.Clock
}

// API holds the operations.
type API struct {
	Services
	huma   huma.API
	collar *collar
	routes []route.Route
}

// New makes the operations of the services that are there.
func New(s Services) *API {
	a := &API{Services: s, collar: &collar{}}
	a.huma = huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Kindred", Version: Version,
				Description: "A research data registry that patients lead. What a person can do on a page, a token can do here with the same rights. FHIR R4 is under /fhir.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "kindred token create, or POST /api/v1/tokens"},
					"session": {Type: "apiKey", In: "cookie", Name: "kindred"},
				},
			},
		},
		Formats: map[string]huma.Format{"application/json": inert, "json": inert}, DefaultFormat: "application/json",
		RejectUnknownQueryParameters: true,
	}, a.collar)
	a.describe()
	a.accounts()
	a.vocabulary()
	a.participants()
	a.proofs()
	a.consents()
	a.forms()
	a.proposals()
	a.studies()
	a.audits()
	a.fhir()
	return a
}

// inert is JSON in which no reader finds a tag: < and > are escaped.
var inert = huma.Format{Marshal: func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }, Unmarshal: json.Unmarshal}

// schemaName names a type of another package after that package, so that two may have a type of the same name.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if from := path.Base(t.PkgPath()); t.Name() != "" && strings.Contains(t.PkgPath(), "kindred/") && from != "api" {
		return strings.ToUpper(from[:1]) + from[1:] + name
	}
	return name
}

// Routes are the operations, for the route table.
func (a *API) Routes() []route.Route { return a.routes }

// collar is a huma adapter that keeps a handler for the route table instead of giving it to a router.
type collar struct{ last func(huma.Context) }

// Handle keeps the handler.
func (c *collar) Handle(_ *huma.Operation, handler func(huma.Context)) { c.last = handler }

// ServeHTTP is not used: the engine serves.
func (c *collar) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
}

// operation is what an operation says of itself.
type operation struct {
	id      string // in OpenAPI
	method  string
	path    string // after /api/v1
	right   route.Right
	tag     string
	summary string
	creates bool  // takes an Idempotency-Key
	status  int   // of success; 200 when zero
	body    int64 // most bytes; route.DefaultBody when zero
	stream  bool  // reads or writes a file
	raw     string
}

func (o operation) full() string { return "/api/v1" + o.path }

// ginPath writes {id} as :id.
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// on registers an operation: its route, and its types for OpenAPI.
func on[I, O any](a *API, o operation, handle func(*call, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.full(), Summary: o.summary, Tags: []string{o.tag}, DefaultStatus: o.status, MaxBodyBytes: -1,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, Extensions: map[string]any{"x-kindred-right": o.right.String()},
	}
	if o.right != route.Anyone {
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	}
	if o.creates {
		op.Parameters = []*huma.Param{{Name: "Idempotency-Key", In: "header", Description: "The request takes effect once; sent again within 24 hours it gets the same answer.", Schema: &huma.Schema{Type: "string"}}}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		x := ctx.Value(callKey{}).(*call)
		out, err := handle(x, in)
		if err != nil {
			x.err = err
			return nil, problem{} // not written: see call
		}
		return out, nil
	})
	if o.raw != "" { // after Register, which would read the body itself
		a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{o.raw: {Schema: rawSchema(o.raw)}}}
	}
	run := a.collar.last
	a.routes = append(a.routes, route.Route{
		Method: o.method, Path: ginPath(o.full()), Right: o.right, Body: o.body, Long: o.stream,
		Handler: a.serve(o, func(c *gin.Context) error {
			x := &call{humaContext: humagin.NewContext(&op, c), gin: c, Visitor: session.Of(c)}
			c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callKey{}, x))
			run(x)
			return x.err
		}),
	})
}

func rawSchema(media string) *huma.Schema {
	if media == "multipart/form-data" {
		return &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}, Required: []string{"file"}}
	}
	return &huma.Schema{Type: "object"}
}

// describe registers OpenAPI itself.
func (a *API) describe() {
	a.routes = append(a.routes, route.Route{Method: "GET", Path: "/api/openapi.json", Right: route.Anyone, Handler: func(c *gin.Context) error {
		raw, err := json.Marshal(a.huma.OpenAPI())
		if err != nil {
			return err
		}
		c.Data(http.StatusOK, "application/openapi+json", raw)
		return nil
	}})
}
