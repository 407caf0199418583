package api

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

var (
	readsAnswers = route.May(policies.PurposeOwn, policies.ObjectResponse, policies.ActRead)
	answers      = route.May(policies.PurposeOwn, policies.ObjectResponse, policies.ActWrite)
)

func (a *API) responses() {
	on(a, operation{id: "listAssignments", method: "GET", path: "/participants/{participant}/questionnaires", right: readsAnswers, tag: "responses", summary: "What a person may answer and has answered."}, a.listAssignments)
	on(a, operation{id: "listResponses", method: "GET", path: "/participants/{participant}/responses", right: readsAnswers, tag: "responses", summary: "A person's responses, newest first."}, a.listResponses)
	on(a, operation{id: "startResponse", method: "POST", path: "/participants/{participant}/responses", right: answers, tag: "responses", status: 201, creates: true, summary: "Begin a draft, or give the one that is there."}, a.startResponse)
	on(a, operation{id: "getResponse", method: "GET", path: "/responses/{response}", right: readsAnswers, tag: "responses", summary: "A response with its answers as FHIR."}, a.getResponse)
	on(a, operation{id: "responseDocuments", method: "GET", path: "/responses/{response}/documents", right: readsAnswers, tag: "responses", summary: "Every document that was sent of it, oldest first."}, a.responseDocuments)
	on(a, operation{id: "responseItems", method: "GET", path: "/responses/{response}/items", right: readsAnswers, tag: "responses", summary: "How every question stands: answered, declined, skipped, hidden by the logic of the form, or not in this version."}, a.responseItems)
	on(a, operation{id: "responseJournal", method: "GET", path: "/responses/{response}/journal", right: readsAnswers, tag: "responses", summary: "Every change in the order it was made, those that were set aside too."}, a.responseJournal)
	on(a, operation{id: "answer", method: "POST", path: "/responses/{response}/answers", right: answers, tag: "responses",
		summary: "Answer one question or many, in order; add or remove a repeat. Each is on disk before the answer. At the first fault the ones before it stay."}, a.answer)
	on(a, operation{id: "submitResponse", method: "POST", path: "/responses/{response}/submit", right: answers, tag: "responses", summary: "Send. What is missing comes all at once. Sent twice is sent once."}, a.submitResponse)
	on(a, operation{id: "amendResponse", method: "POST", path: "/responses/{response}/amend", right: answers, tag: "responses", summary: "Open what was sent for correction."}, a.amendResponse)
	a.answerFiles()
	on(a, operation{id: "previewMove", method: "GET", path: "/responses/{response}/move", right: readsAnswers, tag: "responses", summary: "What would become of each answer of a draft in a later version. Nothing is done."}, a.previewMove)
	on(a, operation{id: "moveResponse", method: "POST", path: "/responses/{response}/move", right: answers, tag: "responses", summary: "Take a draft to a later version. What has no place there is kept aside in the journal; nothing is dropped."}, a.moveResponse)
	on(a, operation{id: "discardResponse", method: "DELETE", path: "/responses/{response}", right: answers, tag: "responses", status: 204, summary: "Take a draft or a correction back."}, a.discardResponse)
}

type response struct {
	ID            ident.ResponseID      `json:"id"`
	Participant   ident.ParticipantID   `json:"participant"`
	Questionnaire ident.QuestionnaireID `json:"questionnaire"`
	Version       ident.VersionID       `json:"version"`
	Status        sdc.Status            `json:"status"`
	Editing       bool                  `json:"editing" doc:"Answers that were sent are open for correction."`
	Revision      int                   `json:"revision"`
	Documents     int                   `json:"documents" doc:"How many times it was sent."`
	StartedAt     time.Time             `json:"started_at"`
	UpdatedAt     time.Time             `json:"updated_at"`
	SubmittedAt   *time.Time            `json:"submitted_at,omitempty"`
}

func showResponse(r questionnaires.Response) response {
	return response{r.ID, r.Participant, r.Questionnaire, r.Version, r.Status, r.Editing, r.Revision, r.Documents, r.StartedAt, r.UpdatedAt, instant(r.SubmittedAt)}
}

type assignment struct {
	Version  version    `json:"version"`
	Minutes  int        `json:"minutes"`
	Draft    *response  `json:"draft,omitempty"`
	Sent     []response `json:"sent"`
	Outdated bool       `json:"outdated" doc:"The draft goes on under an earlier version."`
}

func (a *API) listAssignments(x *call, in *PersonPath) (*got[list[assignment]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Questionnaires.Assignments(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[assignment]{Items: []assignment{}}
	for _, one := range all {
		show := assignment{Version: showVersion(one.Version), Minutes: one.Minutes, Sent: []response{}, Outdated: one.Outdated}
		if one.Draft != nil {
			draft := showResponse(*one.Draft)
			show.Draft = &draft
		}
		for _, r := range one.Sent {
			show.Sent = append(show.Sent, showResponse(r))
		}
		out.Items = append(out.Items, show)
	}
	return &got[list[assignment]]{out}, nil
}

type responsesQuery struct {
	PersonPath
	Paging
}

func (a *API) listResponses(x *call, in *responsesQuery) (*got[list[response]], error) {
	id, err := in.PersonPath.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Questionnaires.Responses(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return listed(all, in.Paging, func(r questionnaires.Response) string { return string(r.ID) }, showResponse)
}

type newResponse struct {
	PersonPath
	Body struct {
		Questionnaire string `json:"questionnaire" doc:"Its id; the newest version is begun."`
		Language      string `json:"language,omitempty"`
	}
}

func (a *API) startResponse(x *call, in *newResponse) (*made[response], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	q, err := ident.Parse[ident.QuestionnaireID](in.Body.Questionnaire)
	if err != nil {
		return nil, questionnaires.ErrNoVersion.At("questionnaire")
	}
	r, err := a.Questionnaires.Start(x.Context(), x.Actor, id, q, x.language(in.Body.Language))
	if err != nil {
		return nil, err
	}
	return &made[response]{"/api/v1/responses/" + string(r.ID), tag(r.Revision), showResponse(r)}, nil
}

// language is the one named, or the reader's.
func (x *call) language(named string) string {
	if named != "" {
		return named
	}
	return x.Printer.Lang()
}

// ResponsePath names a response.
type ResponsePath struct {
	Response string `path:"response"`
}

func (p ResponsePath) id() (ident.ResponseID, error) {
	return ident.Parse[ident.ResponseID](p.Response)
}

type responseBody struct {
	Response response        `json:"response"`
	FHIR     json.RawMessage `json:"fhir" doc:"QuestionnaireResponse: what was sent last, or the draft as in-progress."`
}

func (a *API) getResponse(x *call, in *ResponsePath) (*tagged[responseBody], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	raw, r, err := a.Questionnaires.JSON(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &tagged[responseBody]{tag(r.Revision), responseBody{showResponse(r), raw}}, nil
}

type document struct {
	Number int             `json:"number"`
	Status sdc.Status      `json:"status"`
	At     time.Time       `json:"at"`
	SHA256 string          `json:"sha256"`
	FHIR   json.RawMessage `json:"fhir"`
}

func (a *API) responseDocuments(x *call, in *ResponsePath) (*got[list[document]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Questionnaires.History(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[document]{Items: []document{}}
	for _, d := range all {
		out.Items = append(out.Items, document{d.Number, d.Status, d.At, d.SHA256, d.Body})
	}
	return &got[list[document]]{out}, nil
}

type itemStanding struct {
	LinkID string       `json:"link_id"`
	Path   string       `json:"path"`
	Status sdc.Standing `json:"status" enum:"answered,declined,absent,skipped,open,hidden,not_in_version" doc:"open: skipped so far, in a draft. absent: an answer without a value, for another reason."`
}

func (a *API) responseItems(x *call, in *ResponsePath) (*tagged[list[itemStanding]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, r, err := a.Questionnaires.Items(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[itemStanding]{Items: []itemStanding{}}
	for _, one := range all {
		if one.Standing == sdc.StandsSkipped && r.Open() {
			one.Standing = "open"
		}
		out.Items = append(out.Items, itemStanding{one.LinkID, one.Path, one.Standing})
	}
	return &tagged[list[itemStanding]]{tag(r.Revision), out}, nil
}

type journalEntry struct {
	Seq      int             `json:"seq"`
	Revision int             `json:"revision"`
	Op       sdc.Op          `json:"op"`
	Path     string          `json:"path"`
	Values   json.RawMessage `json:"values" doc:"As FHIR writes values."`
	Accepted bool            `json:"accepted" doc:"False: set aside. Another device had answered, or a newer version does not ask it."`
	Device   string          `json:"device"`
	At       time.Time       `json:"at"`
}

func (a *API) responseJournal(x *call, in *ResponsePath) (*got[list[journalEntry]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := a.Questionnaires.Journal(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := list[journalEntry]{Items: []journalEntry{}}
	for _, e := range all {
		out.Items = append(out.Items, journalEntry{e.Seq, e.Revision, e.Op, e.Path, sdc.MarshalValues(e.Values), e.Accepted, e.Device, e.At})
	}
	return &got[list[journalEntry]]{out}, nil
}

type oneAnswer struct {
	Path     string  `json:"path" doc:"The linkId; inside repeating groups with their instance numbers: dose#3."`
	Op       sdc.Op  `json:"op,omitempty" enum:"answer,add,remove,decline" doc:"decline: the person would rather not answer, which also answers a required question."`
	Values   []value `json:"values,omitempty" doc:"Of op answer, as FHIR writes a value; none clears."`
	Instance int     `json:"instance,omitempty" doc:"Of op remove: which occurrence."`
}

type answering struct {
	ResponsePath
	Key  string `header:"Idempotency-Key" maxLength:"120" doc:"Each answer takes effect once; with another answer the key is a conflict."`
	Body struct {
		Answers  []oneAnswer `json:"answers" minItems:"1" maxItems:"500" nullable:"false"`
		Revision int         `json:"revision,omitempty" doc:"The one that was seen. An item that another device changed after it is refused."`
		Language string      `json:"language,omitempty"`
		Device   string      `json:"device,omitempty"`
	}
}

type savedAnswer struct {
	Path     string   `json:"path"`
	Seq      int      `json:"seq"`
	At       string   `json:"saved_at"`
	Repeated bool     `json:"repeated,omitempty" doc:"The key was used before: nothing was done again."`
	Changed  []string `json:"changed" doc:"linkIds whose answers or enabled state changed."`
	Added    int      `json:"added,omitempty" doc:"Of op add: the instance number."`
}

type savedAnswers struct {
	Revision int           `json:"revision"`
	Saved    []savedAnswer `json:"saved"`
}

func (a *API) answer(x *call, in *answering) (*tagged[savedAnswers], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	out := savedAnswers{Saved: []savedAnswer{}}
	meta := questionnaires.Meta{Revision: in.Body.Revision, Language: x.language(in.Body.Language), Device: in.Body.Device}
	for i, one := range in.Body.Answers {
		c, err := one.change()
		if err != nil {
			return nil, err
		}
		if in.Key != "" {
			meta.Key = in.Key + "/" + strconv.Itoa(i)
		}
		saved, err := a.Questionnaires.Answer(x.Context(), x.Actor, id, c, meta)
		if err != nil {
			return nil, x.stale(err, a.responseRevision(x, id))
		}
		if meta.Revision > 0 && !saved.Repeated {
			meta.Revision = saved.Revision
		}
		out.Revision = saved.Revision
		out.Saved = append(out.Saved, savedAnswer{one.Path, saved.Seq, saved.At.Format(time.RFC3339Nano), saved.Repeated, filled(saved.Effect.LinkIDs), saved.Effect.Added})
	}
	return &tagged[savedAnswers]{tag(out.Revision), out}, nil
}

func (a *API) responseRevision(x *call, id ident.ResponseID) func() (int, error) {
	return func() (int, error) {
		r, err := a.Questionnaires.Response(x.Context(), x.Actor, id)
		return r.Revision, err
	}
}

func (o oneAnswer) change() (sdc.Change, error) {
	path, err := sdc.ParsePath(o.Path)
	if err != nil {
		return sdc.Change{}, sdc.ErrNoItem.At(o.Path)
	}
	c := sdc.Change{Path: path, Op: o.Op, Instance: o.Instance, Values: []sdc.Value{}}
	for _, v := range o.Values {
		read, ok := v.value()
		if !ok {
			return c, errValueMember.At(o.Path)
		}
		c.Values = append(c.Values, read)
	}
	return c, nil
}

var errValueMember = fault.New(fault.Invalid, "api.value.member")

type responseChange struct {
	ResponsePath
	IfMatch string `header:"If-Match" doc:"The state that was reviewed; left out, whatever is there is sent."`
}

func (a *API) submitResponse(x *call, in *responseChange) (*tagged[responseBody], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	revision := 0
	if in.IfMatch != "" {
		if revision, err = untag(in.IfMatch); err != nil {
			return nil, err
		}
	}
	d, r, err := a.Questionnaires.Submit(x.Context(), x.Actor, id, questionnaires.Meta{Revision: revision})
	if err != nil {
		return nil, x.stale(err, a.responseRevision(x, id))
	}
	return &tagged[responseBody]{tag(r.Revision), responseBody{showResponse(r), d.Body}}, nil
}

func (a *API) amendResponse(x *call, in *ResponsePath) (*tagged[response], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := a.Questionnaires.Amend(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	return &tagged[response]{tag(r.Revision), showResponse(r)}, nil
}

func (a *API) discardResponse(x *call, in *ResponsePath) (*done, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return &done{}, a.Questionnaires.Discard(x.Context(), x.Actor, id)
}

// value is one answer as FHIR writes it, with exactly one member.
type value struct {
	Boolean  *bool          `json:"valueBoolean,omitempty"`
	Decimal  *exact         `json:"valueDecimal,omitempty"`
	Integer  *exact         `json:"valueInteger,omitempty"`
	Date     *string        `json:"valueDate,omitempty"`
	DateTime *string        `json:"valueDateTime,omitempty"`
	Time     *string        `json:"valueTime,omitempty"`
	String   *string        `json:"valueString,omitempty"`
	URI      *string        `json:"valueUri,omitempty"`
	Coding   *codedValue    `json:"valueCoding,omitempty"`
	Quantity *quantityValue `json:"valueQuantity,omitempty"`

	Attachment *attachmentValue `json:"valueAttachment,omitempty"`
}

type codedValue struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

type quantityValue struct {
	Value      exact  `json:"value"`
	Comparator string `json:"comparator,omitempty" enum:"<,<=,>=,>"`
	Unit       string `json:"unit,omitempty"`
	System     string `json:"system,omitempty"`
	Code       string `json:"code,omitempty"`
}

// Schema is that of a JSON number.
func (exact) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeNumber} }

// value reads the one member; false where there is none or more than one.
func (v value) value() (sdc.Value, bool) {
	var all []sdc.Value
	add := func(t sdc.ValueType, text *string) {
		if text != nil {
			all = append(all, sdc.Value{Type: t, Text: *text})
		}
	}
	if v.Boolean != nil {
		text := strconv.FormatBool(*v.Boolean)
		add(sdc.Boolean, &text)
	}
	add(sdc.Decimal, (*string)(v.Decimal))
	add(sdc.Integer, (*string)(v.Integer))
	add(sdc.Date, v.Date)
	add(sdc.DateTime, v.DateTime)
	add(sdc.Time, v.Time)
	add(sdc.String, v.String)
	add(sdc.URI, v.URI)
	if c := v.Coding; c != nil {
		all = append(all, sdc.Value{Type: sdc.CodingType, Coding: sdc.Coding{System: c.System, Version: c.Version, Code: c.Code, Display: c.Display}})
	}
	if q := v.Quantity; q != nil {
		all = append(all, sdc.Value{
			Type: sdc.Quantity, Text: string(q.Value), Comparator: q.Comparator,
			Coding: sdc.Coding{System: q.System, Code: q.Code, Display: q.Unit},
		})
	}
	if f := v.Attachment; f != nil {
		id, err := sdc.FileOf(f.URL)
		if err != nil {
			return sdc.Value{}, false
		}
		all = append(all, sdc.Value{Type: sdc.File, File: &sdc.Attachment{Blob: id}})
	}
	if len(all) != 1 {
		return sdc.Value{}, false
	}
	return all[0], true
}
