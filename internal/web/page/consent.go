package page

import (
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/web/view"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/registry"
)

// scopeView is one choice of the document beside where it stands.
type scopeView struct {
	consent.ScopeState
	Heading string
	Section consent.Section
	Chosen  string // "yes", "no" or ""
}

// consentView is what the consent pages show.
type consentView struct {
	Person     ident.ParticipantID
	Standing   consent.Standing
	Scopes     []scopeView
	Document   *consent.Document
	Events     []view.Event
	Withdraw   []scopeView // what a withdrawal would end
	One        policies.Scope
	Enrolling  bool
	SignerName string
}

// scopes puts each choice of the document beside its state.
func scopes(d *consent.Document, s consent.Standing) []scopeView {
	var list []scopeView
	for _, scope := range d.Scopes {
		section, _ := d.Section(scope)
		v := scopeView{ScopeState: s.Of(scope), Heading: section.Heading, Section: section}
		switch v.Status {
		case consent.StatusGiven:
			v.Chosen = "yes"
		case consent.StatusDeclined, consent.StatusWithdrawn:
			v.Chosen = "no"
		}
		list = append(list, v)
	}
	return list
}

// consentOf loads where a person stands and the text that is current in the reader's language.
func (p *Pages) consentOf(r *Request, person ident.ParticipantID) (consentView, error) {
	standing, err := p.Consent.Standing(r.Request.Context(), r.Actor, person)
	if err != nil {
		return consentView{}, err
	}
	document, err := p.Consent.Current(r.Request.Context(), consent.MainDocument, r.Printer.Lang())
	if err != nil {
		return consentView{}, err
	}
	return consentView{Person: person, Standing: standing, Document: document, Scopes: scopes(document, standing)}, nil
}

// ConsentOf shows where each choice stands, and what was signed and withdrawn when.
func (p *Pages) ConsentOf(r *Request) error {
	sum, err := p.summaryOf(r)
	if err != nil {
		return err
	}
	person := sum.ID
	data, err := p.consentOf(r, person)
	if err != nil {
		return err
	}
	onCalendar(data.Scopes, sum.About.Country)
	history, err := p.Consent.History(r.Request.Context(), r.Actor, policies.PurposeOwn, person)
	if err != nil {
		return err
	}
	data.Events = consentEvents(r, data, history)
	return r.Show("consent", view.Page{Title: view.Key("page_consent.title"), Data: data})
}

// onCalendar puts the instants of choices onto the calendar of the person's country, where a birthday begins earlier or
// later than it does in UTC.
func onCalendar(list []scopeView, country string) {
	zone, known := registry.Zone(country)
	for i := range list {
		if !list[i].LapsesAt.IsZero() {
			list[i].LapsesAt = list[i].LapsesAt.In(zone)
		}
		if known && !list[i].Since.IsZero() {
			list[i].Since = list[i].Since.In(zone)
		}
	}
}

// consentEvents writes the ledger as a timeline, newest first, in the words of the document.
func consentEvents(r *Request, data consentView, history []consent.Event) []view.Event {
	var list []view.Event
	for _, h := range history {
		words := map[consent.Decision][]string{}
		for _, s := range data.Scopes { // in the order of the document
			for _, e := range h.Entries {
				if e.Scope == s.Scope {
					words[e.Decision] = append(words[e.Decision], s.Heading)
				}
			}
		}
		e := view.Event{When: h.At, Kind: "done", Title: r.Printer.T("page_consent.signed", "Version", h.Version)}
		if h.Signature == "" {
			e.Kind, e.Title = "stop", r.Printer.T("page_consent.withdrawn")
		} else {
			e.Href = "/people/" + string(data.Person) + "/consent/proof/" + string(h.Signature)
			e.More = r.Printer.T("page_consent.proof")
		}
		for _, d := range []consent.Decision{consent.Given, consent.Declined, consent.Withdrawn} {
			if len(words[d]) > 0 {
				e.Text += sentence(r.Printer.T("page_consent.decision."+string(d)), words[d]) + " "
			}
		}
		list = append(list, e)
	}
	return list
}

// Sign shows the text and asks for each choice, a name and the password.
func (p *Pages) Sign(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	data, err := p.consentOf(r, person)
	if err != nil {
		return err
	}
	return r.Show("consent_sign", p.signPage(r, data))
}

func (p *Pages) signPage(r *Request, data consentView) view.Page {
	data.Enrolling = len(data.Standing.Withdrawable) == 0
	return view.Page{
		Title: view.Key("page_consent.sign"), Data: data,
		Back: &view.Link{Label: view.Key("page_consent.title"), Href: "/people/" + string(data.Person) + "/consent"},
	}
}

// errChoices asks for an answer to each choice: silence is not one.
var errChoices = fault.New(fault.Invalid, "page_consent.answer_each")

// SignNow records the signing. Every choice of the text needs a yes or a no.
func (p *Pages) SignNow(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	data, err := p.consentOf(r, person)
	if err != nil {
		return err
	}
	signing, err := readSigning(r, person, form, data)
	if err == nil {
		_, err = p.Consent.Sign(r.Request.Context(), r.Actor, signing)
	} else if signer := p.Consent.CheckSigner(r.Request.Context(), r.Actor, signing); signer != nil { // everything at once
		if fault.KindOf(signer) != fault.Invalid {
			return r.Again("consent_sign", p.signPage(r, data), signer)
		}
		err = append(fault.All(err), fault.All(signer)...)
	}
	if err != nil {
		for i := range data.Scopes {
			data.Scopes[i].Chosen = form.Get("scope-" + string(data.Scopes[i].Scope))
		}
		return r.Again("consent_sign", p.signPage(r, data), err)
	}
	r.Said("page_consent.signed_now")
	return r.Go("/people/" + string(person) + "/consent")
}

func readSigning(r *Request, person ident.ParticipantID, form view.Values, data consentView) (consent.Signing, error) {
	var faults fault.List
	d := data.Document
	s := consent.Signing{
		Participant: person, Document: d.Name, Version: d.Version, Language: d.Language, Hash: form.Get("hash"),
		Name: form.Get("name"), Password: form.Get("password"), Caller: r.Caller(),
	}
	for _, scope := range d.Scopes {
		switch field := "scope-" + string(scope); form.Get(field) {
		case "yes":
			s.Choices = append(s.Choices, consent.Choice{Scope: scope, Yes: true})
		case "no":
			s.Choices = append(s.Choices, consent.Choice{Scope: scope})
		default:
			section, _ := d.Section(scope)
			faults.Add(errChoices.With("Choice", section.Heading).At(field))
		}
	}
	return s, faults.Err()
}

// Withdraw says what a withdrawal ends, of one choice or of all, with one button.
func (p *Pages) Withdraw(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	data, err := p.consentOf(r, person)
	if err != nil {
		return err
	}
	data.One = policies.Scope(r.Query("scope"))
	for _, s := range data.Scopes {
		if s.Status == consent.StatusGiven && (data.One == "" || s.Scope == data.One) {
			data.Withdraw = append(data.Withdraw, s)
		}
	}
	return r.Show("consent_withdraw", view.Page{
		Title: view.Key("page_consent.withdraw"), Data: data,
		Back: &view.Link{Label: view.Key("page_consent.title"), Href: "/people/" + string(person) + "/consent"},
	})
}

// WithdrawNow withdraws. It asks for nothing else.
func (p *Pages) WithdrawNow(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	var only []policies.Scope
	if one := form.Get("scope"); one != "" {
		only = append(only, policies.Scope(one))
	}
	if _, err := p.Consent.Withdraw(r.Request.Context(), r.Actor, person, only...); err != nil {
		return err
	}
	r.Said("page_consent.withdrawn_now")
	return r.Go("/people/" + string(person) + "/consent")
}

// proofView is a signature with the text as it was signed.
type proofView struct {
	consent.Proof
	Lines   string
	Choices []scopeView
}

// ConsentProof shows the exact text of a signature, who signed, when, and the fingerprint of the text.
func (p *Pages) ConsentProof(r *Request) error {
	person, err := p.about(r)
	if err != nil {
		return err
	}
	id, err := ID[ident.SignatureID](r, "signature")
	if err != nil {
		return err
	}
	proof, err := p.Consent.Proof(r.Request.Context(), r.Actor, policies.PurposeOwn, id)
	if err != nil {
		return err
	}
	if proof.Participant != person {
		return ident.ErrInvalid
	}
	return r.Show("consent_proof", view.Page{
		Title: view.Key("page_consent.proof"), Data: proofView{Proof: proof, Lines: string(proof.Text)},
		Back: &view.Link{Label: view.Key("page_consent.title"), Href: "/people/" + string(person) + "/consent"},
	})
}
