package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kindred/internal/fhir"
)

const fhirMedia = "application/fhir+json"

// r4 fails unless google/fhir accepts the answer too.
func (s *stand) r4(r reply) reply {
	s.Helper()
	if !strings.HasPrefix(r.header.Get("Content-Type"), fhirMedia) {
		s.Fatalf("%s: %s", r.what, r.header.Get("Content-Type"))
	}
	if err := fhir.Check(r.body); err != nil {
		s.Fatalf("%s: %v in %.1500s", r.what, err, r.body)
	}
	return r
}

func (s *stand) fhir(who, method, path, body string, headers ...string) reply {
	s.Helper()
	var b any
	if body != "" {
		b = body
	}
	return s.as(who, method, path, b, append([]string{"Content-Type", fhirMedia, "Accept", fhirMedia}, headers...)...)
}

// The CapabilityStatement names the interactions that are routed, and no others.
func TestTheCapabilityStatementIsTrue(t *testing.T) {
	each(t, func(s *stand) {
		r := s.r4(s.fhir("", "GET", "/fhir/metadata", "").is(200))
		var c struct {
			Rest []struct {
				Resource []struct {
					Type        string
					Interaction []struct{ Code string }
					Operation   []struct{ Name string }
				}
			}
		}
		s.must(json.Unmarshal(r.body, &c))
		said := []string{"GET /fhir/metadata"}
		for _, resource := range c.Rest[0].Resource {
			at := "/fhir/" + resource.Type
			for _, i := range resource.Interaction {
				said = append(said, map[string]string{"read": "GET " + at + "/:id", "update": "PUT " + at + "/:id", "search-type": "GET " + at, "create": "POST " + at}[i.Code])
			}
			for _, o := range resource.Operation {
				said = append(said, "POST "+at+"/$"+o.Name)
			}
		}
		var served []string
		for _, route := range s.engine.Routes() {
			if strings.HasPrefix(route.Path, "/fhir") {
				// An operation on one resource is the one of the type: its definition says that it is for both.
				served = append(served, strings.Replace(route.Method+" "+route.Path, "/:id/$", "/$", 1))
			}
		}
		slices.Sort(said)
		slices.Sort(served)
		served = slices.Compact(served)
		if !slices.Equal(said, served) {
			s.Fatalf("said   %v\nserved %v", said, served)
		}
	})
}

func TestFHIRFormats(t *testing.T) {
	each(t, func(s *stand) {
		s.r4(s.as("", "GET", "/fhir/metadata", nil, "Accept", "application/fhir+xml").is(406, "api.fhir.format"))
		s.r4(s.as("", "GET", "/fhir/metadata?_format=xml", nil).is(406))
		s.r4(s.as("", "GET", "/fhir/metadata?_format=json", nil, "Accept", "application/xml").is(200))
		s.r4(s.as("", "GET", "/fhir/metadata", nil, "Accept", "text/html, */*;q=0.1").is(200))
		s.r4(s.as("aisha", "POST", "/fhir/Questionnaire", "<Questionnaire/>", "Content-Type", "application/fhir+xml").is(415, "api.fhir.media"))
		s.r4(s.fhir("maria", "GET", "/fhir/Patient/1", "").is(404))
		s.r4(s.fhir("", "GET", "/fhir/Questionnaire", "").is(401))
		s.r4(s.fhir("tomas", "GET", "/fhir/Questionnaire", "").is(403))
		s.r4(s.fhir("maria", "GET", "/fhir/Questionnaire?colour=red", "").is(422, "api.fhir.parameter"))
		es := s.r4(s.fhir("maria", "GET", "/fhir/QuestionnaireResponse", "", "Accept-Language", "es").is(422))
		if es.text("issue.0.details.text") != "Indica qué buscas con el parámetro subject." {
			s.Fatal(string(es.body))
		}
	})
}

func TestQuestionnairesAsFHIR(t *testing.T) {
	each(t, func(s *stand) {
		made := s.r4(s.fhir("aisha", "POST", "/fhir/Questionnaire", form).is(201))
		read := s.r4(s.fhir("maria", "GET", made.header.Get("Location"), "").is(200))
		if read.text("id") == "" || read.text("title") != "Pain" || !bytes.Equal(read.body, made.body) {
			s.Fatal(string(read.body))
		}
		s.r4(s.fhir("maria", "POST", "/fhir/Questionnaire", form).is(403))
		s.r4(s.fhir("aisha", "POST", "/fhir/Questionnaire", strings.Replace(form, `"status":"active"`, `"status":"active","colour":"red"`, 1)).is(422))
		for _, q := range []string{"?url=https://kindred.example/q/pain", "?url=https://kindred.example/q/pain%7C1", "?version=1", "?_id=" + read.text("id")} {
			if b := s.r4(s.fhir("okoye", "GET", "/fhir/Questionnaire"+q, "").is(200)); b.get("total") != 1.0 {
				s.Fatalf("%s: %s", q, b.body)
			}
		}
		second := strings.Replace(form, `"version":"1"`, `"version":"2"`, 1)
		s.fhir("aisha", "POST", "/fhir/Questionnaire", second).is(201)
		page := s.r4(s.fhir("okoye", "GET", "/fhir/Questionnaire?_count=1", "").is(200))
		if next := s.r4(s.fhir("okoye", "GET", page.text("link.1.url"), "").is(200)); next.get("link.1") != nil || next.text("entry.0.resource.id") == page.text("entry.0.resource.id") {
			s.Fatal(string(next.body))
		}
		s.r4(s.fhir("maria", "GET", "/fhir/Questionnaire/"+missing, "").is(404))
	})
}

// sent is a whole response about a person.
func sent(lucia, status, items string) string {
	return fmt.Sprintf(`{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/pain|1","status":%q,"subject":{"reference":"Patient/%s"},"item":[%s]}`,
		status, strings.TrimPrefix(lucia, "/api/v1/participants/"), items)
}

const (
	hurts = `{"linkId":"pain","answer":[{"valueBoolean":true}]}`
	level = `{"linkId":"level","answer":[{"valueInteger":3}]}`
)

func TestAnswersAsFHIR(t *testing.T) {
	each(t, func(s *stand) {
		s.published()
		lucia := s.ready()
		whole := sent(lucia, "completed", hurts+","+level)
		s.r4(s.fhir("lucia", "POST", "/fhir/QuestionnaireResponse", whole).is(404))
		s.r4(s.fhir("okoye", "POST", "/fhir/QuestionnaireResponse", whole).is(403))
		s.r4(s.fhir("maria", "POST", "/fhir/QuestionnaireResponse", form).is(422, "api.fhir.resource"))
		s.r4(s.fhir("maria", "POST", "/fhir/QuestionnaireResponse", strings.Replace(whole, `"subject"`, `"author"`, 1)).is(422, "api.fhir.missing"))
		made := s.r4(s.fhir("maria", "POST", "/fhir/QuestionnaireResponse", whole, "Idempotency-Key", "r1").is(201))
		if again := s.fhir("maria", "POST", "/fhir/QuestionnaireResponse", whole, "Idempotency-Key", "r1").is(201); again.text("id") != made.text("id") {
			s.Fatal("two responses")
		}
		at := made.header.Get("Location")
		read := s.r4(s.fhir("maria", "GET", at, "").is(200))
		if read.text("status") != "completed" || !strings.HasPrefix(read.header.Get("ETag"), `W/"`) {
			s.Fatal(string(read.body))
		}
		s.r4(s.fhir("lucia", "GET", at, "").is(404))
		subject := "/fhir/QuestionnaireResponse?subject=Patient/" + strings.TrimPrefix(lucia, "/api/v1/participants/")
		if b := s.r4(s.fhir("maria", "GET", subject+"&questionnaire=https://kindred.example/q/pain%7C1", "").is(200)); b.get("total") != 1.0 {
			s.Fatal(string(b.body))
		}
		if b := s.r4(s.fhir("maria", "GET", subject+"&status=in-progress", "").is(200)); b.get("total") != 0.0 {
			s.Fatal(string(b.body))
		}
		amended := sent(lucia, "amended", `{"linkId":"pain","answer":[{"valueBoolean":false}]}`)
		s.r4(s.fhir("maria", "PUT", at, amended).is(422, "api.if_match"))
		s.r4(s.fhir("lucia", "PUT", at, amended, "If-Match", read.header.Get("ETag")).is(404))
		changed := s.r4(s.fhir("maria", "PUT", at, amended, "If-Match", read.header.Get("ETag")).is(200))
		if changed.text("status") != "amended" {
			s.Fatal(string(changed.body))
		}
		stale := s.r4(s.fhir("maria", "PUT", at, amended, "If-Match", read.header.Get("ETag")).is(412))
		if stale.header.Get("ETag") != changed.header.Get("ETag") {
			s.Fatal(stale.header)
		}
		s.r4(s.fhir("maria", "POST", "/fhir/QuestionnaireResponse", sent(lucia, "in-progress", hurts)).is(201))
	})
}

// Bad input, each with its clear message, all of it at once.
func TestValidate(t *testing.T) {
	each(t, func(s *stand) {
		s.published()
		judge := func(body string) reply {
			return s.r4(s.fhir("maria", "POST", "/fhir/QuestionnaireResponse/$validate", body).is(200))
		}
		anybody := missing
		if r := judge(sent(anybody, "completed", hurts+","+level)); r.text("issue.0.severity") != "information" {
			s.Fatal(string(r.body))
		}
		judge(`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":`+sent(anybody, "completed", hurts)+`}]}`).is(200, "informational")
		for name, c := range map[string]struct{ body, key string }{
			"broken":          {`{"resourceType":`, "jsonscan.syntax"},
			"empty":           {``, "jsonscan.syntax"},
			"a nesting bomb":  {strings.Repeat(`{"item":[`, 4000) + strings.Repeat(`]}`, 4000), "jsonscan.depth"},
			"a width bomb":    {`{"item":[` + strings.Repeat("{},", 20_000) + `{}]}`, "jsonscan.width"},
			"a key twice":     {strings.Replace(sent(anybody, "completed", hurts), `"status"`, `"status":"amended","status"`, 1), "jsonscan.keys"},
			"another type":    {form, "questionnaires.response.not_response"},
			"unknown linkId":  {sent(anybody, "completed", hurts+`,{"linkId":"nothing"}`), "questionnaires.response.link_unknown"},
			"wrong type":      {sent(anybody, "completed", `{"linkId":"pain","answer":[{"valueInteger":1}]}`), "questionnaires.value.type"},
			"disabled":        {sent(anybody, "completed", `{"linkId":"pain","answer":[{"valueBoolean":false}]},`+level), "questionnaires.response.disabled_answered"},
			"required":        {sent(anybody, "completed", ""), "questionnaires.answer.required"},
			"unknown version": {strings.Replace(sent(anybody, "completed", hurts), "|1", "|9", 1), "questionnaires.version.missing"},
		} {
			r := judge(strings.Replace(c.body, `,"item":[]`, "", 1))
			if !strings.Contains(string(r.body), c.key) || r.text("issue.0.severity") != "error" || r.text("issue.0.diagnostics") == "" || r.text("issue.0.code") == "" {
				s.Errorf("%s: %s", name, r.body)
			}
		}
		two := judge(sent(anybody, "completed", `{"linkId":"pain","answer":[{"valueInteger":1}]},{"linkId":"nothing"}`))
		if n := len(two.get("issue").([]any)); n < 2 || two.text("issue.0.expression.0") == "" {
			s.Fatal(string(two.body))
		}
		s.r4(s.fhir("maria", "POST", "/fhir/QuestionnaireResponse/$validate", strings.Repeat(" ", 3<<20)).is(413))
		s.r4(s.fhir("tomas", "POST", "/fhir/QuestionnaireResponse/$validate", "{}").is(403))
	})
}

func TestConsentStudiesAndAuditAsFHIR(t *testing.T) {
	each(t, func(s *stand) {
		lucia := s.enrolled()
		id := strings.TrimPrefix(lucia, "/api/v1/participants/")
		if c := s.r4(s.fhir("maria", "GET", "/fhir/Consent/"+id, "").is(200)); c.text("status") != "proposed" {
			s.Fatal(string(c.body))
		}
		s.sign("maria", lucia, everything).is(201)
		if c := s.r4(s.fhir("maria", "GET", "/fhir/Consent?patient=Patient/"+id, "").is(200)); c.text("entry.0.resource.status") != "active" || len(c.get("entry.0.resource.provision.provision").([]any)) != 3 {
			s.Fatal(string(c.body))
		}
		s.r4(s.fhir("lucia", "GET", "/fhir/Consent/"+id, "").is(404))
		s.r4(s.fhir("okoye", "GET", "/fhir/Consent/"+id, "").is(403))
		s.as("maria", "POST", lucia+"/consent/withdraw", nil).is(200)
		if c := s.r4(s.fhir("maria", "GET", "/fhir/Consent/"+id, "").is(200)); c.text("status") != "inactive" || c.get("provision.provision") != nil {
			s.Fatal(string(c.body))
		}
		s.r4(s.fhir("maria", "GET", "/fhir/AuditEvent?patient=Patient/"+id, "").is(200)).text("entry.0.resource.id")
		s.r4(s.fhir("maria", "GET", "/fhir/AuditEvent", "").is(422, "api.fhir.missing"))
		page := s.r4(s.fhir("ingrid", "GET", "/fhir/AuditEvent?_count=2&date=ge2026-01-01T00:00:00Z", "").is(200))
		s.r4(s.fhir("ingrid", "GET", page.text("link.1.url"), "").is(200))
		s.r4(s.fhir("ingrid", "GET", "/fhir/AuditEvent?date=yesterday", "").is(422))

		study := s.as("okoye", "POST", "/api/v1/studies", proposal).is(201).text("id")
		if r := s.r4(s.fhir("okoye", "GET", "/fhir/ResearchStudy/"+study, "").is(200)); r.text("status") != "in-review" {
			s.Fatal(string(r.body))
		}
		s.as("ingrid", "POST", "/api/v1/studies/"+study+"/decisions", `{"approve":true,"reason":"Good."}`).is(201)
		if b := s.r4(s.fhir("ingrid", "GET", "/fhir/ResearchStudy?status=approved", "").is(200)); b.get("total") != 1.0 {
			s.Fatal(string(b.body))
		}
		s.r4(s.fhir("maria", "GET", "/fhir/ResearchStudy", "").is(403))
		s.r4(s.fhir("okoye", "GET", "/fhir/ResearchStudy/"+missing, "").is(404))
	})
}
