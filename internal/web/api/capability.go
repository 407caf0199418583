package api

import (
	"slices"
	"strings"
)

// statement is a CapabilityStatement: http://hl7.org/fhir/R4/capabilitystatement.html.
type statement struct {
	ResourceType string           `json:"resourceType"`
	Status       string           `json:"status"`
	Date         string           `json:"date"`
	Kind         string           `json:"kind"`
	Software     map[string]any   `json:"software"`
	Description  string           `json:"description"`
	FHIRVersion  string           `json:"fhirVersion"`
	Format       []string         `json:"format"`
	Rest         []map[string]any `json:"rest"`
}

type capableOf struct {
	Type        string              `json:"type"`
	Interaction []map[string]string `json:"interaction"`
	Versioning  string              `json:"versioning,omitempty"`
	SearchParam []map[string]string `json:"searchParam,omitempty"`
	Operation   []map[string]string `json:"operation,omitempty"`
}

// operationDefinitions are the canonicals of the operations that are served.
var operationDefinitions = map[string]string{
	"validate": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
	"extract":  "http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract",
	"populate": "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate",
}

// capability is written from the interactions that are served, so that it says what is there and nothing else.
func (a *API) capability(all []interaction) statement {
	var order []string
	of := map[string]*capableOf{}
	for _, i := range all {
		r := of[i.resource]
		if r == nil {
			r = &capableOf{Type: i.resource, Interaction: []map[string]string{}}
			of[i.resource] = r
			order = append(order, i.resource)
		}
		if strings.HasPrefix(i.code, "$") {
			name := strings.TrimPrefix(i.code, "$")
			if !i.instance { // said once: its definition says that it is for the type and for one resource
				r.Operation = append(r.Operation, map[string]string{"name": name, "definition": operationDefinitions[name]})
			}
			continue
		}
		r.Interaction = append(r.Interaction, map[string]string{"code": i.code, "documentation": "Needs the right: " + i.right.String()})
		if i.code == "update" {
			r.Versioning = "versioned-update"
		}
		for _, p := range i.params {
			r.SearchParam = append(r.SearchParam, map[string]string{"name": p.name, "type": p.kind, "documentation": p.doc})
		}
	}
	slices.Sort(order)
	var resources []*capableOf
	for _, name := range order {
		resources = append(resources, of[name])
	}
	return statement{
		ResourceType: "CapabilityStatement", Status: "active", Date: "2026-11-23", Kind: "instance", Software: map[string]any{"name": "Kindred", "version": Version},
		Description: "Questionnaires, answers, consents, studies and the audit of a registry that patients lead.", FHIRVersion: "4.0.1", Format: []string{"json"},
		Rest: []map[string]any{{
			"mode":     "server",
			"security": map[string]any{"cors": false, "description": "Bearer token (POST /api/v1/tokens) or the session cookie. What a person can do on a page, a token can do here."},
			"resource": resources,
		}},
	}
}
