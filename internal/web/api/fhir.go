package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
	"kindred/internal/outcome"
	"kindred/internal/web/answer"
	"kindred/internal/web/route"
	"kindred/internal/web/session"
	"kindred/questionnaires/sdc"
)

// Oracle knows FHIR independently of us: it judges resources that come in. App fills it.
type Oracle interface{ Check(resource []byte) error }

const fhirJSON = "application/fhir+json"

var (
	errFormat    = fault.New(fault.Invalid, "api.fhir.format").At("Accept")
	errFHIRMedia = fault.New(fault.Invalid, "api.fhir.media").At("Content-Type")
	errResource  = fault.New(fault.Invalid, "api.fhir.resource")
	errParameter = fault.New(fault.Invalid, "api.fhir.parameter")
	errNeeded    = fault.New(fault.Invalid, "api.fhir.missing")
)

// interaction is what the server can do with a type of resource: a line of the route table and of the
// CapabilityStatement.
type interaction struct {
	resource string
	instance bool   // of an operation: on one resource
	code     string // read, search-type, create, update, or $ and the name of an operation
	right    route.Right
	params   []parameter // of a search
	body     int64
	handle   func(*exchange) error
}

// parameter is a search parameter.
type parameter struct{ name, kind, doc string }

func (i interaction) method() string {
	switch i.code {
	case "read", "search-type":
		return http.MethodGet
	case "update":
		return http.MethodPut
	}
	return http.MethodPost
}

func (i interaction) path() string {
	switch {
	case i.code == "read" || i.code == "update":
		return "/fhir/" + i.resource + "/:id"
	case i.instance:
		return "/fhir/" + i.resource + "/:id/" + i.code
	case strings.HasPrefix(i.code, "$"):
		return "/fhir/" + i.resource + "/" + i.code
	}
	return "/fhir/" + i.resource
}

// fhir registers FHIR R4.
func (a *API) fhir() {
	all := slices.Concat(a.questionnaireResources(), a.responseResources(), a.extractions(), a.populations(), a.consentResources(), a.auditResources(), a.studyResources())
	capable := interaction{resource: "metadata", code: "search-type", right: route.Anyone, handle: func(x *exchange) error { return x.give(http.StatusOK, a.capability(all)) }}
	for _, i := range append(all, capable) {
		o := operation{creates: i.code == "create", body: i.body, raw: fhirJSON}
		judges := strings.HasPrefix(i.code, "$") // tells what is wrong with a body instead of refusing it
		handle := func(c *gin.Context) error {
			return i.handle(&exchange{Visitor: session.Of(c), gin: c, known: i.params})
		}
		serve := a.serve(o, handle)
		a.routes = append(a.routes, route.Route{Method: i.method(), Path: i.path(), Right: i.right, Body: i.body, Handler: func(c *gin.Context) error {
			if done := negotiate(c); done {
				return nil
			}
			if judges {
				return handle(c)
			}
			return serve(c)
		}})
	}
}

// negotiate refuses formats other than JSON: 406 where one is asked for, 415 where one is sent.
func negotiate(c *gin.Context) (done bool) {
	refuse := func(status int, f *fault.Error) bool {
		answer.WriteOutcome(fixed{c.Writer, status}, session.Of(c).Printer, f)
		return true
	}
	asked := c.Query("_format")
	if asked == "" {
		asked = c.GetHeader("Accept")
	}
	if asked != "" && !slices.ContainsFunc(strings.Split(asked, ","), isJSON) {
		return refuse(http.StatusNotAcceptable, errFormat)
	}
	if sent := c.GetHeader("Content-Type"); c.Request.ContentLength != 0 && c.Request.Method != http.MethodGet && sent != "" && !isJSON(sent) {
		return refuse(http.StatusUnsupportedMediaType, errFHIRMedia)
	}
	return false
}

func isJSON(format string) bool {
	if strings.TrimSpace(format) == "json" {
		return true
	}
	media, _, err := mime.ParseMediaType(format)
	return err == nil && slices.Contains([]string{fhirJSON, "application/json", "text/json", "application/*", "*/*"}, media)
}

// fixed gives an answer a status that no kind of fault has.
type fixed struct {
	http.ResponseWriter
	status int
}

// WriteHeader writes the fixed status.
func (f fixed) WriteHeader(int) { f.ResponseWriter.WriteHeader(f.status) }

// exchange is one FHIR request.
type exchange struct {
	session.Visitor
	gin   *gin.Context
	known []parameter
}

// query gives the search parameters, after refusing what is not known.
func (x *exchange) query() (url.Values, error) {
	q := x.gin.Request.URL.Query()
	for name, values := range q {
		known := slices.ContainsFunc(x.known, func(p parameter) bool { return p.name == name }) || slices.Contains([]string{"_format", "_pretty", "_count", "_cursor"}, name)
		if !known || len(values) != 1 {
			return nil, errParameter.With("Name", name).At(name)
		}
	}
	return q, nil
}

// pageSize is how many entries a page may have.
func pageSize(q url.Values) int {
	n, err := strconv.Atoi(q.Get("_count"))
	if err != nil || n < 1 {
		return 50
	}
	return min(n, 200)
}

// patient reads a reference to a person, who is missing when it cannot be one.
func patient(reference string) (ident.ParticipantID, error) {
	return ident.Parse[ident.ParticipantID](strings.TrimPrefix(reference, "Patient/"))
}

// give answers with a resource: bytes as they are, or anything that becomes JSON.
func (x *exchange) give(status int, resource any) error {
	raw, ok := resource.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(resource); err != nil {
			return err
		}
	}
	x.gin.Header("Cache-Control", "no-store")
	x.gin.Data(status, fhirJSON+"; charset=utf-8", raw)
	return nil
}

// version says which state of a resource is answered with.
func (x *exchange) version(revision int) { x.gin.Header("ETag", "W/"+tag(revision)) }

// bundle is the answer to a search.
type bundle struct {
	ResourceType string        `json:"resourceType"`
	Type         string        `json:"type"`
	Total        *int          `json:"total,omitempty"`
	Link         []bundleLink  `json:"link"`
	Entry        []bundleEntry `json:"entry,omitempty"`
}

type bundleLink struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

type bundleEntry struct {
	Resource json.RawMessage   `json:"resource"`
	Search   map[string]string `json:"search"`
}

// found answers a search whose matches are all there.
func (x *exchange) found(q url.Values, resources []json.RawMessage) error {
	total, n := len(resources), pageSize(q)
	from, _ := strconv.Atoi(q.Get("_cursor"))
	from = min(max(from, 0), total)
	page, next := resources[from:min(from+n, total)], ""
	if from+n < total {
		next = strconv.Itoa(from + n)
	}
	return x.page(q, page, &total, next)
}

// page answers a search with one page of its matches.
func (x *exchange) page(q url.Values, resources []json.RawMessage, total *int, next string) error {
	b := bundle{ResourceType: "Bundle", Type: "searchset", Total: total, Link: []bundleLink{{"self", x.gin.Request.URL.RequestURI()}}}
	if next != "" {
		q.Set("_cursor", next)
		b.Link = append(b.Link, bundleLink{"next", x.gin.Request.URL.Path + "?" + q.Encode()})
	}
	for _, r := range resources {
		b.Entry = append(b.Entry, bundleEntry{r, map[string]string{"mode": "match"}})
	}
	return x.give(http.StatusOK, b)
}

// withID writes a resource's id into its bytes and leaves every other member as it was written.
func withID(raw []byte, id string) ([]byte, error) {
	doc, err := jsonscan.Parse(raw, limits)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(`{"id":"` + id + `"`)
	for _, m := range doc.Root().All() {
		if m.Key() == "id" {
			continue
		}
		key, err := json.Marshal(m.Key())
		if err != nil {
			return nil, err
		}
		b.WriteByte(',')
		b.Write(key)
		b.WriteByte(':')
		b.Write(m.Raw())
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// is refuses a body that is another kind of resource.
func is(raw []byte, want string) error {
	doc, err := jsonscan.Parse(raw, limits)
	if err != nil {
		return err
	}
	if doc.Root().Get("resourceType").Text() != want {
		return errResource.With("Want", want).At("resourceType")
	}
	return nil
}

// judged asks the oracle.
func (a *API) judged(raw []byte) error {
	if a.Oracle == nil {
		return nil
	}
	return a.Oracle.Check(raw)
}

// told makes an outcome of findings, and of the faults in an error.
func (x *exchange) told(issues sdc.Issues, err error) outcome.Resource {
	o := outcome.New()
	add := func(severity, code string, f *fault.Error) {
		o.Add(severity, code, f, answer.NewProblem(x.Printer, "", f).Detail)
	}
	for _, i := range issues {
		add(string(i.Severity), i.Code, i.Fault)
	}
	for _, f := range fault.All(err) {
		add("error", issueCode(f), f)
	}
	if len(o.Issue) == 0 {
		o.Say(x.Printer.T("api.fhir.valid"))
	}
	return o
}

// issueCode is a code of http://hl7.org/fhir/issue-type for a fault that is not the form engine's.
func issueCode(f *fault.Error) string {
	if strings.HasPrefix(f.Key, "fhir.") {
		return "structure"
	}
	return sdc.NewIssue(sdc.SeverityError, f).Code
}

// tellable tells whether an error says something about what was sent.
func tellable(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.Conflict, fault.Missing:
		var large *http.MaxBytesError
		return !errors.As(err, &large)
	}
	return false
}
