package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

const (
	core = "http://hl7.org/fhir/StructureDefinition/"
	sdc  = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
)

// maxResources bounds what one response can make.
const maxResources = 1000

// Options are what an extraction may see beside the two documents.
type Options struct {
	ID        func() string                  // a fresh UUID in text form, for urn:uuid:
	Now       time.Time                      // now() in expressions, Provenance.recorded
	Reference string                         // of the response, "QuestionnaireResponse/…"; its id is taken where this is empty
	Variables map[string]fhirpath.Collection // launch contexts, without the %
	Agent     string                         // display of the software, for Provenance
}

// Result is what was made.
type Result struct {
	Bundle    []byte     // a transaction Bundle; nil where nothing is to be made
	Resources int        // without the Provenance
	Notes     fault.List // what could not be extracted; each Field is a linkId, or empty for the whole
}

// Extract makes the resources of a completed or amended response. questionnaire and response are the JSON documents;
// that they belong together is for the caller to know.
func Extract(ctx context.Context, questionnaire, response []byte, o Options) (Result, error) {
	q, err := fhirpath.Parse(questionnaire)
	if err != nil || q.Type() != "Questionnaire" {
		return Result{}, errNotQuestionnaire.Because(err)
	}
	r, err := fhirpath.Parse(response)
	if err != nil || r.Type() != "QuestionnaireResponse" {
		return Result{}, errNotResponse.Because(err)
	}
	if s := r.Child("status").Text(); s != "completed" && s != "amended" {
		return Result{}, errNotFinished.With("Status", s)
	}
	x := &extraction{ctx: ctx, o: o, q: q, r: r, programs: map[string]*fhirpath.Expr{}}
	if x.o.Reference == "" && r.Child("id").Text() != "" {
		x.o.Reference = "QuestionnaireResponse/" + r.Child("id").Text()
	}
	if !extension(q, sdc+"sdc-questionnaire-targetStructureMap").IsZero() {
		x.note(errMap, "")
	}
	root := x.open(scope{vars: o.Variables}, q, r)
	x.begin(&root, q, r)
	x.inside(root, q, r)
	if x.full {
		return Result{}, errTooMany.With("Limit", maxResources)
	}
	bundle, err := x.bundle()
	return Result{Bundle: bundle, Resources: len(x.made), Notes: x.notes}, err
}

// extraction is one run.
type extraction struct {
	ctx      context.Context
	o        Options
	q, r     fhirpath.Node
	made     []*resource
	notes    fault.List
	full     bool
	programs map[string]*fhirpath.Expr // nil for one that does not compile
}

func (x *extraction) note(f *fault.Error, link string) {
	for _, n := range x.notes {
		if n.Key == f.Key && n.Field == link {
			return // once an item is enough
		}
	}
	x.notes.Add(f.At(link))
}

// scope is what holds at one occurrence.
type scope struct {
	vars     map[string]fhirpath.Collection
	target   *target // of definition-based extraction; nil outside a context
	observe  bool    // observation-based extraction is on
	category []any   // of observations
	parent   *resource
	relation string // how a child observation hangs on parent
}

// open adds the ids and variables that an element defines to its scope.
func (x *extraction) open(s scope, def, at fhirpath.Node) scope {
	own := map[string]fhirpath.Collection{}
	for k, v := range s.vars {
		own[k] = v
	}
	s.vars = own
	for _, ext := range def.Children("extension") {
		switch ext.Child("url").Text() {
		case sdc + "sdc-questionnaire-extractAllocateId":
			if name := ext.Child("value").Text(); name != "" {
				own[name] = fhirpath.Collection{fhirpath.String("urn:uuid:" + x.o.ID())}
			}
		case core + "variable":
			e := ext.Child("value")
			if name := e.Child("name").Text(); name != "" && e.Child("language").Text() == "text/fhirpath" {
				own[name] = x.eval(e.Child("expression").Text(), fhirpath.Collection{at.Value()}, s, link(def))
			}
		}
	}
	return s
}

// begin starts what an element says begins with it: a resource by definition, or by template.
func (x *extraction) begin(s *scope, def, at fhirpath.Node) {
	x.observing(s, def)
	for _, ext := range def.Children("extension") {
		switch ext.Child("url").Text() {
		case sdc + "sdc-questionnaire-definitionExtract":
			x.define(s, def, at, ext)
		case sdc + "sdc-questionnaire-itemExtractionContext", sdc + "sdc-questionnaire-itemContext":
			x.defineByContext(s, def, at, ext)
		case sdc + "sdc-questionnaire-templateExtract":
			x.template(*s, def, at, ext)
		case sdc + "sdc-questionnaire-templateExtractBundle":
			x.templateBundle(*s, def, at, ext)
		}
	}
	for _, ext := range def.Children("extension") {
		if ext.Child("url").Text() == sdc+"sdc-questionnaire-definitionExtractValue" {
			x.fixed(*s, def, at, ext)
		}
	}
}

// inside walks the children of an element: each occurrence that the response has, in the order of the response.
func (x *extraction) inside(s scope, def, at fhirpath.Node) {
	items := map[string]fhirpath.Node{}
	for _, d := range def.Children("item") {
		items[d.Child("linkId").Text()] = d
	}
	for _, item := range at.Children("item") {
		d, ok := items[item.Child("linkId").Text()]
		if !ok || x.full {
			continue
		}
		if answers := item.Children("answer"); len(answers) > 0 {
			for _, a := range answers {
				x.answer(x.open(s, d, item), d, item, a)
			}
			continue
		}
		if d.Child("type").Text() == "group" {
			x.group(x.open(s, d, item), d, item)
		}
	}
}

func (x *extraction) group(s scope, d, item fhirpath.Node) {
	before := len(x.made)
	outer := s.target
	x.begin(&s, d, item)
	if s.target == outer && outer != nil {
		s.target = x.enter(outer, d)
	}
	if s.observe && before == len(x.made) {
		x.panel(&s, d)
	}
	x.inside(s, d, item)
}

func (x *extraction) answer(s scope, d, item, answer fhirpath.Node) {
	x.begin(&s, d, item)
	if value := answer.Child("value"); !value.IsZero() {
		x.put(s.target, d, value)
		if s.observe {
			x.observation(&s, d, value)
		}
	}
	x.inside(s, d, answer)
}

func link(def fhirpath.Node) string { return def.Child("linkId").Text() }

// extension is the first extension with a url, or no place.
func extension(of fhirpath.Node, url string) fhirpath.Node {
	for _, e := range of.Children("extension") {
		if e.Child("url").Text() == url {
			return e
		}
	}
	return fhirpath.Node{}
}

// part is a part of a complex extension.
func part(ext fhirpath.Node, name string) fhirpath.Node { return extension(ext, name).Child("value") }

// eval evaluates an expression at one place; a fault is noted at the item and gives nothing.
func (x *extraction) eval(source string, at fhirpath.Collection, s scope, item string) fhirpath.Collection {
	program, known := x.programs[source]
	if !known {
		var err error
		if program, err = fhirpath.Compile(source, fhirpath.Options{}); err != nil {
			x.note(errExpression.With("Expression", source).Because(err), item)
		}
		x.programs[source] = program
	}
	if program == nil {
		return nil
	}
	env := fhirpath.Env{Resource: x.r, RootResource: x.r, Vars: map[string]fhirpath.Collection{"questionnaire": {x.q.Value()}}, Now: x.o.Now}
	for k, v := range s.vars {
		env.Vars[k] = v
	}
	out, err := program.EvalOn(x.ctx, at, env)
	if err != nil {
		x.note(errExpression.With("Expression", source).Because(err), item)
		return nil
	}
	return out
}

// text evaluates an expression to one text, "" for nothing.
func (x *extraction) text(source string, at fhirpath.Node, s scope, item string) string {
	if source == "" {
		return ""
	}
	out := x.eval(source, fhirpath.Collection{at.Value()}, s, item)
	if len(out) == 0 {
		return ""
	}
	t, _ := out[0].Text()
	return t
}

// plain is a node as JSON that can be changed; numbers keep their digits.
func plain(n fhirpath.Node) any {
	raw, err := n.MarshalJSON()
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// typeIn is the resource type that a canonical names, "" where it does not say.
func typeIn(canonical string) string {
	canonical, _, _ = strings.Cut(canonical, "|")
	if name := canonical[strings.LastIndexByte(canonical, '/')+1:]; fhirpath.IsResource(name) {
		return name
	}
	return ""
}
