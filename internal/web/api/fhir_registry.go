package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kindred/export"
	"kindred/internal/audit"
	"kindred/internal/ident"
	"kindred/internal/web/route"
	"kindred/policies/consent"
)

type object = map[string]any

func coding(system, code string) object { return object{"system": system, "code": code} }

func concept(system, code string) object { return object{"coding": []object{coding(system, code)}} }

func (a *API) consentResources() []interaction {
	if a.Consent == nil {
		return nil
	}
	return []interaction{
		{resource: "Consent", code: "read", right: readsConsent, handle: a.readConsent},
		{resource: "Consent", code: "search-type", right: readsConsent, handle: a.searchConsents, params: []parameter{{"patient", "reference", "Patient/ and the person's id. Required."}}},
	}
}

// readConsent shows where a person stands; its id is the person's.
func (a *API) readConsent(x *exchange) error {
	id, err := ident.Parse[ident.ParticipantID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	c, err := a.consentOf(x, id)
	if err != nil {
		return err
	}
	return x.give(http.StatusOK, c)
}

func (a *API) searchConsents(x *exchange) error {
	q, err := x.query()
	if err != nil {
		return err
	}
	if q.Get("patient") == "" {
		return errNeeded.With("Name", "patient").At("patient")
	}
	id, err := patient(q.Get("patient"))
	if err != nil {
		return err
	}
	c, err := a.consentOf(x, id)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return x.found(q, []json.RawMessage{raw})
}

// consentOf projects the ledger: everything is denied except the scopes in force, each a provision of its own.
func (a *API) consentOf(x *exchange, id ident.ParticipantID) (object, error) {
	s, err := a.Consent.Standing(x.gin.Request.Context(), x.Actor, id)
	if err != nil {
		return nil, err
	}
	status, permits, since := "proposed", []object{}, time.Time{}
	for _, scope := range s.Scopes {
		if scope.Since.After(since) {
			since = scope.Since
		}
		if scope.Status != consent.StatusUnasked && status == "proposed" {
			status = "inactive"
		}
		if scope.Status != consent.StatusGiven {
			continue
		}
		status = "active"
		period := object{"start": scope.Since.UTC().Format(time.RFC3339)}
		if !scope.LapsesAt.IsZero() {
			period["end"] = scope.LapsesAt.UTC().Format(time.RFC3339)
		}
		permits = append(permits, object{"type": "permit", "period": period, "code": []object{concept("https://kindred.example/consent-scope", string(scope.Scope))}})
	}
	provision := object{"type": "deny"}
	if len(permits) > 0 {
		provision["provision"] = permits
	}
	c := object{
		"resourceType": "Consent", "id": string(id), "status": status,
		"scope":    concept("http://terminology.hl7.org/CodeSystem/consentscope", "research"),
		"category": []object{concept("http://loinc.org", "57016-8")},
		"patient":  object{"reference": "Patient/" + string(id)},
		"policy":   []object{{"uri": "https://kindred.example/consent/" + consent.MainDocument + "/" + strconv.Itoa(s.Current)}}, "provision": provision,
	}
	if !since.IsZero() {
		c["dateTime"] = since.UTC().Format(time.RFC3339)
	}
	return c, nil
}

func (a *API) auditResources() []interaction {
	if a.Audit == nil {
		return nil
	}
	return []interaction{{resource: "AuditEvent", code: "search-type", right: route.Either(ownLog, readsLog), handle: a.searchAudit, params: []parameter{
		{"patient", "reference", "Patient/ and the id of somebody whom one acts for; without it the whole log, for the committee and the steward."},
		{"date", "date", "ge and lt with an instant, such as ge2026-03-04T00:00:00Z."}, {"subtype", "token", "The event, such as study.approved."}, {"outcome", "token", "ok, denied or failed"},
	}}}
}

func (a *API) searchAudit(x *exchange) error {
	q, err := x.query()
	if err != nil {
		return err
	}
	ctx, p := x.gin.Request.Context(), audit.Page{}
	if who := q.Get("patient"); who != "" {
		id, err := patient(who)
		if err != nil {
			return err
		}
		p, err = a.Audit.Own(ctx, x.Actor, id, q.Get("_cursor"), pageSize(q))
		if err != nil {
			return err
		}
	} else {
		if readsLog.Check(ctx, a.Authority, x.Actor) != nil {
			return errNeeded.With("Name", "patient").At("patient")
		}
		f := audit.Filter{Event: q.Get("subtype"), Outcome: q.Get("outcome"), After: q.Get("_cursor"), Limit: pageSize(q)}
		if err := dated(&f, q.Get("date")); err != nil {
			return err
		}
		if p, err = a.Audit.List(ctx, x.Actor, f); err != nil {
			return err
		}
	}
	var resources []json.RawMessage
	for _, e := range p.Entries {
		raw, err := json.Marshal(e.FHIR())
		if err != nil {
			return err
		}
		resources = append(resources, raw)
	}
	return x.page(q, resources, nil, p.Next)
}

func dated(f *audit.Filter, date string) error {
	if date == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, strings.TrimLeft(date, "gelt"))
	switch {
	case err != nil:
		return errValue.At("date")
	case strings.HasPrefix(date, "ge"):
		f.From = t
	case strings.HasPrefix(date, "lt"):
		f.To = t
	default:
		return errValue.At("date")
	}
	return nil
}

func (a *API) studyResources() []interaction {
	if a.Studies == nil {
		return nil
	}
	return []interaction{
		{resource: "ResearchStudy", code: "read", right: seesStudy, handle: a.readStudy},
		{resource: "ResearchStudy", code: "search-type", right: seesStudy, handle: a.searchStudies, params: []parameter{{"status", "token", "in-review, approved, disapproved or completed"}}},
	}
}

// studyStatus is a code of http://hl7.org/fhir/research-study-status.
var studyStatus = map[export.StudyState]string{export.Submitted: "in-review", export.Approved: "approved", export.Refused: "disapproved", export.Closed: "completed"}

func showResearchStudy(s *export.Study) object {
	r := object{"resourceType": "ResearchStudy", "id": string(s.ID), "status": studyStatus[s.State], "title": s.Proposal.Title, "description": s.Proposal.Purpose,
		"identifier": []object{{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + string(s.ID)}}}
	if s.DecidedAt != nil && s.State == export.Approved {
		period := object{"start": s.DecidedAt.UTC().Format(time.RFC3339)}
		if s.ValidUntil != nil {
			period["end"] = s.ValidUntil.UTC().Format(time.RFC3339)
		}
		r["period"] = period
	}
	return r
}

func (a *API) readStudy(x *exchange) error {
	id, err := ident.Parse[ident.StudyID](x.gin.Param("id"))
	if err != nil {
		return err
	}
	s, _, err := a.Studies.Study(x.gin.Request.Context(), x.Actor, id)
	if err != nil {
		return err
	}
	x.version(s.Revision)
	return x.give(http.StatusOK, showResearchStudy(s))
}

func (a *API) searchStudies(x *exchange) error {
	q, err := x.query()
	if err != nil {
		return err
	}
	all, err := a.Studies.Studies(x.gin.Request.Context(), x.Actor, "")
	if err != nil {
		return err
	}
	var resources []json.RawMessage
	for _, s := range all {
		if want := q.Get("status"); want != "" && studyStatus[s.State] != want {
			continue
		}
		raw, err := json.Marshal(showResearchStudy(s))
		if err != nil {
			return err
		}
		resources = append(resources, raw)
	}
	return x.found(q, resources)
}
