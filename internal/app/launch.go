package app

import (
	"context"
	"encoding/json"

	"kindred/export"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/registry"
)

type resource = map[string]any

// launch gives a form what the registry knows of a participant, as FHIR resources by the names of SDC's launch contexts:
// patient (no name, no contact), user (who answers), and clinical, a Bundle of diagnoses and symptoms. Whoever acts for
// the participant may; the registry asks.
func (a *App) launch(ctx context.Context, actor policies.Actor, p ident.ParticipantID) (map[string]json.RawMessage, error) {
	sum, err := a.Registry.Summary(ctx, actor, p)
	if err != nil {
		return nil, err
	}
	patient := resource{"resourceType": "Patient", "id": string(p)}
	if sex := map[registry.Sex]string{registry.Female: "female", registry.Male: "male"}[sum.About.Sex]; sex != "" {
		patient["gender"] = sex
	}
	if born := sum.About.Birth.String(); born != "" {
		patient["birthDate"] = born
	}
	if sum.About.Country != "" {
		patient["address"] = []resource{{"country": sum.About.Country}}
	}
	user := resource{"resourceType": "RelatedPerson", "id": string(actor.Account), "patient": resource{"reference": "Patient/" + string(p)}}
	if sum.Relation == registry.Self {
		user = patient
	}
	known := map[string]json.RawMessage{}
	for name, r := range map[string]resource{"patient": patient, "user": user, "clinical": clinical(sum)} {
		if known[name], err = json.Marshal(r); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// clinical is the baseline: a Condition for each named diagnosis, an Observation for each symptom.
func clinical(sum registry.Summary) resource {
	subject := resource{"reference": "Patient/" + string(sum.ID)}
	var entries []resource
	for _, d := range sum.Diagnoses {
		if d.Code == "" {
			continue
		}
		entries = append(entries, resource{"resource": resource{
			"resourceType": "Condition", "id": string(d.ID), "subject": subject,
			"code": resource{"coding": []resource{{"system": export.SystemORPHA, "code": d.Code}}},
		}})
	}
	for _, s := range sum.Symptoms {
		o := resource{
			"resourceType": "Observation", "id": string(s.ID), "status": "final", "subject": subject,
			"code": resource{"coding": []resource{{"system": export.SystemHPO, "code": s.Term}}},
		}
		switch s.Presence {
		case registry.Present:
			o["valueBoolean"] = true
		case registry.Absent:
			o["valueBoolean"] = false
		}
		entries = append(entries, resource{"resource": o})
	}
	bundle := resource{"resourceType": "Bundle", "type": "collection"}
	if entries != nil {
		bundle["entry"] = entries
	}
	return bundle
}
