package api_test

import (
	"strings"
	"testing"
)

const asksPatient = `{"resourceType":"Questionnaire","url":"urn:q:known","version":"1","status":"active","title":"Known",
	"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext","extension":[
		{"url":"name","valueCoding":{"system":"http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext","code":"patient"}},{"url":"type","valueCode":"Patient"}]}],
	"item":[{"linkId":"born","text":"Born","type":"date","extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression","valueExpression":{"language":"text/fhirpath","expression":"%patient.birthDate"}}]}]}`

// A draft comes back with the first answers in: from a context that is given, and from what the registry knows.
func TestPopulate(t *testing.T) {
	each(t, func(s *stand) {
		v := s.as("aisha", "POST", "/api/v1/questionnaires", asksPatient, "Content-Type", "application/fhir+json").is(201)
		at := "/fhir/Questionnaire/" + v.text("version.id") + "/$populate"
		context := `{"resourceType":"Parameters","parameter":[{"name":"context","part":[{"name":"name","valueString":"patient"},{"name":"content","resource":{"resourceType":"Patient","birthDate":"2019-02-11"}}]}%]}`
		for name, r := range map[string]reply{
			"published": s.r4(s.fhir("maria", "POST", at, strings.Replace(context, "%", "", 1))),
			"named":     s.r4(s.fhir("maria", "POST", "/fhir/Questionnaire/$populate", strings.Replace(context, "%", `,{"name":"canonical","valueCanonical":"urn:q:known|1"}`, 1))),
			"given":     s.r4(s.fhir("maria", "POST", "/fhir/Questionnaire/$populate", strings.Replace(context, "%", `,{"name":"questionnaire","resource":`+asksPatient+`}`, 1))),
		} {
			if r.is(200).text("item.0.answer.0.valueDate") != "2019-02-11" || r.text("status") != "in-progress" {
				s.Errorf("%s: %s", name, r.body)
			}
		}
		s.r4(s.fhir("maria", "POST", at, strings.Replace(context, `{"resourceType":"Patient","birthDate":"2019-02-11"}`, `{"item":[]}`, 1)).is(422))
		s.r4(s.fhir("maria", "POST", "/fhir/Questionnaire/"+missing+"/$populate", "").is(404))
		s.r4(s.fhir("tomas", "POST", at, "").is(403))
		// Without a context there is nothing to begin with, and it is no fault.
		if r := s.r4(s.fhir("maria", "POST", at, "").is(200)); r.get("item") != nil {
			s.Error(string(r.body))
		}
	})
}
