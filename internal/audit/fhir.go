package audit

import (
	"net/url"
	"sort"
	"time"

	"kindred/policies"
)

// AuditEvent is the FHIR R4 resource that tells of an entry: http://hl7.org/fhir/R4/auditevent.html.
type AuditEvent struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Type         coding    `json:"type"`
	Subtype      []coding  `json:"subtype,omitempty"`
	Action       string    `json:"action,omitempty"`
	Recorded     time.Time `json:"recorded"`
	Outcome      string    `json:"outcome"`
	Purpose      []concept `json:"purposeOfEvent,omitempty"`
	Agent        []agent   `json:"agent"`
	Source       source    `json:"source"`
	Entity       []entity  `json:"entity,omitempty"`
}

type (
	coding struct {
		System  string `json:"system,omitempty"`
		Code    string `json:"code,omitempty"`
		Display string `json:"display,omitempty"`
	}
	concept struct {
		Coding []coding `json:"coding,omitempty"`
		Text   string   `json:"text,omitempty"`
	}
	identifier struct {
		System string `json:"system"`
		Value  string `json:"value"`
	}
	reference struct {
		Reference  string      `json:"reference,omitempty"`
		Identifier *identifier `json:"identifier,omitempty"`
		Display    string      `json:"display,omitempty"`
	}
	agent struct {
		Role      []concept  `json:"role,omitempty"`
		Who       *reference `json:"who,omitempty"`
		Requestor bool       `json:"requestor"`
		Policy    []string   `json:"policy,omitempty"`
	}
	source struct {
		Observer reference `json:"observer"`
	}
	entity struct {
		What   *reference `json:"what,omitempty"`
		Role   *coding    `json:"role,omitempty"`
		Detail []detail   `json:"detail,omitempty"`
	}
	detail struct {
		Type  string `json:"type"`
		Value string `json:"valueString"`
	}
)

// The code systems of our own words.
const (
	systemEvent   = "urn:kindred:audit-event"
	systemRole    = "urn:kindred:role"
	systemPurpose = "urn:kindred:purpose"
	systemAccount = "urn:kindred:account"
	dicom         = "http://dicom.nema.org/resources/ontology/DCM"
	actReason     = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
)

// reasons are the HL7 codes for our purposes, where one means the same.
var reasons = map[policies.Purpose]coding{
	policies.PurposeOwn:       {actReason, "PATRQT", "patient requested"},
	policies.PurposeResearch:  {actReason, "HRESCH", "healthcare research"},
	policies.PurposeOversight: {actReason, "HCOMPL", "health compliance"},
	policies.PurposeOperation: {actReason, "HSYSADMIN", "health system administration"},
}

// FHIR gives the entry as a FHIR R4 AuditEvent. It names no person: who it was about is a count.
func (e Entry) FHIR() AuditEvent {
	a := AuditEvent{
		ResourceType: "AuditEvent", ID: string(e.ID), Type: e.kind(), Subtype: []coding{{System: systemEvent, Code: e.Event}},
		Action: e.action(), Recorded: e.At, Outcome: map[string]string{OutcomeOK: "0", OutcomeDenied: "4"}[e.Outcome],
		Agent:  []agent{{Requestor: true}},
		Source: source{Observer: reference{Display: "Kindred"}},
	}
	if a.Outcome == "" {
		a.Outcome = "8"
	}
	if e.Purpose != "" {
		c := concept{Coding: []coding{{System: systemPurpose, Code: string(e.Purpose)}}}
		if r, ok := reasons[e.Purpose]; ok {
			c.Coding = append(c.Coding, r)
		}
		a.Purpose = []concept{c}
	}
	if e.Role != "" {
		a.Agent[0].Role = []concept{{Coding: []coding{{System: systemRole, Code: string(e.Role)}}}}
	}
	if e.Account != "" {
		a.Agent[0].Who = &reference{Identifier: &identifier{systemAccount, string(e.Account)}}
	}
	if e.Rule != "" {
		a.Agent[0].Policy = []string{"urn:kindred:policy:" + url.PathEscape(e.Rule)}
	}
	a.Entity = e.entities()
	return a
}

func (e Entry) kind() coding {
	switch {
	case e.Act == policies.ActExport || e.Act == policies.ActRelease:
		return coding{dicom, "110106", "Export"}
	case e.Object == policies.ObjectAudit:
		return coding{dicom, "110101", "Audit Log Used"}
	case e.Object == policies.ObjectAccount:
		return coding{dicom, "110114", "User Authentication"}
	}
	return coding{"http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation"}
}

func (e Entry) action() string {
	switch e.Act {
	case policies.ActRead, policies.ActExport, policies.ActMatch, policies.ActAudit:
		return "R"
	case policies.ActWrite:
		return "U"
	}
	return "E"
}

// entities are what the act was about: a study, and a line with the counts and details.
func (e Entry) entities() []entity {
	var all []entity
	if e.Study != "" {
		all = append(all, entity{What: &reference{Reference: "ResearchStudy/" + string(e.Study)}})
	}
	about := entity{What: &reference{Display: string(e.Object)}}
	if e.Object == "" {
		about.What = &reference{Display: e.Event}
	}
	names := make([]string, 0, len(e.Detail))
	for name := range e.Detail {
		if e.Detail[name] != "" && name != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		about.Detail = append(about.Detail, detail{name, e.Detail[name]})
	}
	return append(all, about)
}
