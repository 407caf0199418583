package api

import (
	"strconv"
	"time"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies"
	"kindred/policies/consent"
)

var (
	readsConsent   = route.May(policies.PurposeOwn, policies.ObjectConsent, policies.ActRead)
	signs          = route.May(policies.PurposeOwn, policies.ObjectConsent, policies.ActWrite)
	auditsConsent  = route.May(policies.PurposeOversight, policies.ObjectConsent, policies.ActAudit)
	historyConsent = route.Either(readsConsent, auditsConsent)
)

func (a *API) consents() {
	if a.Consent == nil {
		return
	}
	on(a, operation{id: "listConsentDocuments", method: "GET", path: "/consent/documents", right: route.Anyone, tag: "consent", summary: "Every published text of the consent document."}, a.listDocuments)
	on(a, operation{id: "currentConsentDocument", method: "GET", path: "/consent/documents/current", right: route.Anyone, tag: "consent", summary: "The text to sign now, in a language."}, a.currentDocument)
	on(a, operation{id: "consentDocument", method: "GET", path: "/consent/documents/{version}/{language}", right: route.Anyone, tag: "consent", summary: "The exact text of a version, with its hash."}, a.document)
	on(a, operation{id: "publishConsentDocument", method: "POST", path: "/consent/documents", right: route.May(policies.PurposeOperation, policies.ObjectConsent, policies.ActPublish), tag: "consent", status: 201, creates: true, body: 2 << 20, summary: "Make a new version current: one text for each language."}, a.publishDocument)
	on(a, operation{id: "consentState", method: "GET", path: "/participants/{participant}/consent", right: readsConsent, tag: "consent", summary: "Where a person stands, scope by scope."}, a.consentState)
	on(a, operation{id: "signConsent", method: "POST", path: "/participants/{participant}/consent/signatures", right: signs, tag: "consent", status: 201, creates: true, summary: "Sign, scope by scope."}, a.sign)
	on(a, operation{id: "withdrawConsent", method: "POST", path: "/participants/{participant}/consent/withdraw", right: signs, tag: "consent", summary: "Withdraw the scopes named, or all. It asks for nothing else and counts at once."}, a.withdraw)
	on(a, operation{id: "consentHistory", method: "GET", path: "/participants/{participant}/consent/history", right: historyConsent, tag: "consent", summary: "Signings and withdrawals, newest first."}, a.consentHistory)
	on(a, operation{id: "consentProof", method: "GET", path: "/consent/signatures/{signature}", right: historyConsent, tag: "consent", summary: "The exact bytes that were signed, by whom and when."}, a.consentProof)
}

type edition struct {
	Document    string    `json:"document"`
	Version     int       `json:"version"`
	Language    string    `json:"language"`
	SHA256      string    `json:"sha256"`
	PublishedAt time.Time `json:"published_at"`
}

func (a *API) listDocuments(x *call, _ *struct{}) (*got[list[edition]], error) {
	all, err := a.Consent.Editions(x.Context(), consent.MainDocument)
	if err != nil {
		return nil, err
	}
	out := list[edition]{Items: []edition{}}
	for _, e := range all {
		out.Items = append(out.Items, edition{e.Document, e.Version, e.Language, e.Hash, e.PublishedAt})
	}
	return &got[list[edition]]{out}, nil
}

type documentText struct {
	Document string           `json:"document"`
	Version  int              `json:"version"`
	Language string           `json:"language"`
	Title    string           `json:"title"`
	Scopes   []policies.Scope `json:"scopes"`
	Text     string           `json:"text" doc:"The exact text; its SHA-256 is sha256."`
	SHA256   string           `json:"sha256"`
}

func showDocument(d *consent.Document) *got[documentText] {
	return &got[documentText]{documentText{d.Name, d.Version, d.Language, d.Title, d.Scopes, d.Text, d.Hash}}
}

type currentQuery struct {
	Lang string `query:"lang" maxLength:"20"`
}

func (a *API) currentDocument(x *call, in *currentQuery) (*got[documentText], error) {
	lang := in.Lang
	if lang == "" {
		lang = x.Printer.Lang()
	}
	d, err := a.Consent.Current(x.Context(), consent.MainDocument, lang)
	if err != nil {
		return nil, err
	}
	return showDocument(d), nil
}

type documentPath struct {
	Version  int    `path:"version" minimum:"1"`
	Language string `path:"language"`
}

func (a *API) document(x *call, in *documentPath) (*got[documentText], error) {
	d, err := a.Consent.Document(x.Context(), consent.MainDocument, in.Version, in.Language)
	if err != nil {
		return nil, err
	}
	return showDocument(d), nil
}

type documentWish struct {
	Body struct {
		Texts []string `json:"texts" minItems:"1" maxItems:"10" nullable:"false"`
	}
}

func (a *API) publishDocument(x *call, in *documentWish) (*made[documentText], error) {
	var texts [][]byte
	for _, t := range in.Body.Texts {
		texts = append(texts, []byte(t))
	}
	d, err := a.Consent.Publish(x.Context(), x.Actor, texts...)
	if err != nil {
		return nil, err
	}
	return &made[documentText]{Location: "/api/v1/consent/documents/" + strconv.Itoa(d.Version) + "/" + d.Language, Body: showDocument(d).Body}, nil
}

type scopeState struct {
	Scope     policies.Scope    `json:"scope"`
	Status    consent.Status    `json:"status"`
	Since     *time.Time        `json:"since,omitempty"`
	Version   int               `json:"version,omitempty"`
	Signature ident.SignatureID `json:"signature,omitempty"`
	Relation  consent.Relation  `json:"relation,omitempty"`
	LapsesAt  *time.Time        `json:"lapses_at,omitempty"`
	Outdated  bool              `json:"outdated" doc:"A newer version of the document asks for this again."`
}

type standing struct {
	Participant  ident.ParticipantID `json:"participant"`
	Current      int                 `json:"current" doc:"Version of the document to sign now."`
	Pending      bool                `json:"pending"`
	Scopes       []scopeState        `json:"scopes"`
	Withdrawable []policies.Scope    `json:"withdrawable"`
}

func (a *API) consentState(x *call, in *PersonPath) (*got[standing], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	s, err := a.Consent.Standing(x.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	out := standing{s.Participant, s.Current, s.Pending, []scopeState{}, s.Withdrawable}
	if out.Withdrawable == nil {
		out.Withdrawable = []policies.Scope{}
	}
	for _, c := range s.Scopes {
		out.Scopes = append(out.Scopes, scopeState{c.Scope, c.Status, instant(c.Since), c.Version, c.Signature, c.Relation, instant(c.LapsesAt), c.Outdated})
	}
	return &got[standing]{out}, nil
}

type signing struct {
	PersonPath
	Body struct {
		Version  int                     `json:"version" doc:"Of the text that was shown."`
		Language string                  `json:"language"`
		SHA256   string                  `json:"sha256" doc:"Of the text that was shown."`
		Choices  map[policies.Scope]bool `json:"choices" doc:"Yes or no, scope by scope; what is left out stays as it is."`
		Name     string                  `json:"name" doc:"The signer's name, typed."`
		Password string                  `json:"password" doc:"The signer's own, given again."`
	}
}

type signature struct {
	ID          ident.SignatureID   `json:"id"`
	Seq         int64               `json:"seq"`
	Participant ident.ParticipantID `json:"participant"`
	Relation    consent.Relation    `json:"relation"`
	Version     int                 `json:"version"`
	Language    string              `json:"language"`
	SHA256      string              `json:"sha256"`
	Method      string              `json:"method"`
	SignedAt    time.Time           `json:"signed_at"`
}

func showSignature(s consent.Signature) signature {
	return signature{s.ID, s.Seq, s.Participant, s.Relation, s.Version, s.Language, s.Hash, s.Method, s.At}
}

func (a *API) sign(x *call, in *signing) (*made[signature], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	n := consent.Signing{
		Participant: id, Version: in.Body.Version, Language: in.Body.Language, Hash: in.Body.SHA256, Name: in.Body.Name, Password: in.Body.Password, Caller: x.Caller(),
	}
	for _, scope := range policies.Scopes {
		if yes, asked := in.Body.Choices[scope]; asked {
			n.Choices = append(n.Choices, consent.Choice{Scope: scope, Yes: yes})
			delete(in.Body.Choices, scope)
		}
	}
	for scope := range in.Body.Choices {
		return nil, errScope.With("Scope", string(scope)).At("choices")
	}
	s, err := a.Consent.Sign(x.Context(), x.Actor, n)
	if err != nil {
		return nil, err
	}
	return &made[signature]{Location: "/api/v1/consent/signatures/" + string(s.ID), Body: showSignature(s)}, nil
}

var errScope = fault.New(fault.Invalid, "api.scope")

type withdrawal struct {
	PersonPath
	Body *struct {
		Scopes []policies.Scope `json:"scopes,omitempty" doc:"All when left out."`
	} `required:"false"`
}

type withdrawn struct {
	Seq    int64            `json:"seq,omitempty"`
	Scopes []policies.Scope `json:"scopes" doc:"What it ended."`
	At     *time.Time       `json:"at,omitempty"`
}

func (a *API) withdraw(x *call, in *withdrawal) (*got[withdrawn], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	var scopes []policies.Scope
	if in.Body != nil {
		scopes = in.Body.Scopes
	}
	w, err := a.Consent.Withdraw(x.Context(), x.Actor, id, scopes...)
	if err != nil {
		return nil, err
	}
	if w.Scopes == nil {
		w.Scopes = []policies.Scope{}
	}
	return &got[withdrawn]{withdrawn{w.Seq, w.Scopes, instant(w.At)}}, nil
}

type decided struct {
	Scope    policies.Scope   `json:"scope"`
	Decision consent.Decision `json:"decision"`
	LapsesAt *time.Time       `json:"lapses_at,omitempty"`
}

type consentEvent struct {
	Seq       int64             `json:"seq"`
	At        time.Time         `json:"at"`
	Relation  consent.Relation  `json:"relation"`
	Signature ident.SignatureID `json:"signature,omitempty" doc:"Absent for a withdrawal."`
	Version   int               `json:"version"`
	Language  string            `json:"language,omitempty"`
	Decisions []decided         `json:"decisions"`
}

func showDecisions(entries []consent.Entry) []decided {
	out := []decided{}
	for _, e := range entries {
		out = append(out, decided{e.Scope, e.Decision, instant(e.LapsesAt)})
	}
	return out
}

// reading is the purpose for which somebody looks at consents: their own people's, or the committee's.
func (a *API) reading(x *call) policies.Purpose {
	if a.Authority.May(x.Context(), x.Actor, policies.PurposeOversight, policies.ObjectConsent, policies.ActAudit) == nil {
		return policies.PurposeOversight
	}
	return policies.PurposeOwn
}

func (a *API) consentHistory(x *call, in *PersonPath) (*got[list[consentEvent]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	events, err := a.Consent.History(x.Context(), x.Actor, a.reading(x), id)
	if err != nil {
		return nil, err
	}
	out := list[consentEvent]{Items: []consentEvent{}}
	for _, e := range events {
		out.Items = append(out.Items, consentEvent{e.Seq, e.At, e.Relation, e.Signature, e.Version, e.Language, showDecisions(e.Entries)})
	}
	return &got[list[consentEvent]]{out}, nil
}

type signaturePath struct {
	Signature string `path:"signature"`
}

type proofBody struct {
	Signature signature `json:"signature"`
	Name      string    `json:"name" doc:"As the signer typed it."`
	Text      string    `json:"text" doc:"The exact bytes that were signed; their SHA-256 is the signature's."`
	Decisions []decided `json:"decisions"`
}

func (a *API) consentProof(x *call, in *signaturePath) (*got[proofBody], error) {
	id, err := ident.Parse[ident.SignatureID](in.Signature)
	if err != nil {
		return nil, err
	}
	p, err := a.Consent.Proof(x.Context(), x.Actor, a.reading(x), id)
	if err != nil {
		return nil, err
	}
	return &got[proofBody]{proofBody{showSignature(p.Signature), p.Name, string(p.Text), showDecisions(p.Entries)}}, nil
}
