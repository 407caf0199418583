package api_test

import (
	"fmt"
	"strings"
	"testing"

	"kindred/internal/fhir"
)

const observed = `{"resourceType":"Questionnaire","url":"urn:q:temperature","version":"1","status":"active","title":"Temperature",
	"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract","valueBoolean":true}],
	"item":[{"linkId":"t","type":"decimal","text":"Temperature","code":[{"system":"http://loinc.org","code":"8310-5"}],
		"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"Cel","display":"°C"}}]}]}`

// What a response says becomes an Observation with its Provenance, of a response that was sent and of one that is given;
// google/fhir reads each resource.
func TestExtract(t *testing.T) {
	each(t, func(s *stand) {
		lucia := s.enrolled()
		s.sign("maria", lucia, everything).is(201)
		s.as("aisha", "POST", "/api/v1/questionnaires", observed, "Content-Type", "application/fhir+json").is(201)
		body := fmt.Sprintf(`{"resourceType":"QuestionnaireResponse","questionnaire":"urn:q:temperature|1","status":"completed","subject":{"reference":"Patient/%s"},"item":[{"linkId":"t","answer":[{"valueDecimal":38.20}]}]}`,
			strings.TrimPrefix(lucia, "/api/v1/participants/"))
		sent := s.fhir("maria", "POST", "/fhir/QuestionnaireResponse", body).is(201)
		at := sent.header.Get("Location") + "/$extract"
		for name, r := range map[string]reply{
			"sent": s.fhir("maria", "POST", at, ""), "given": s.fhir("maria", "POST", "/fhir/QuestionnaireResponse/$extract", body),
			"with its questionnaire": s.fhir("maria", "POST", "/fhir/QuestionnaireResponse/$extract", `{"resourceType":"Parameters","parameter":[{"name":"questionnaire-response","resource":`+body+`},{"name":"questionnaire","resource":`+observed+`}]}`),
		} {
			r.is(200)
			if !strings.Contains(string(r.body), `"value":38.20`) || r.text("entry.0.resource.resourceType") != "Observation" || r.text("entry.1.resource.resourceType") != "Provenance" {
				s.Errorf("%s: %s", name, r.body)
			}
			if err := fhir.Check(r.body); err != nil {
				s.Errorf("%s: %v", name, err)
			}
		}
		s.fhir("lucia", "POST", at, "").is(404)
		s.fhir("okoye", "POST", at, "").is(403)
		s.fhir("maria", "POST", "/fhir/QuestionnaireResponse/$extract", strings.Replace(body, "completed", "in-progress", 1)).is(409, "extract.not_finished")
		s.fhir("maria", "POST", "/fhir/QuestionnaireResponse/$extract", `{"resourceType":"QuestionnaireResponse","questionnaire":"urn:gone|1"}`).is(404)
	})
}
