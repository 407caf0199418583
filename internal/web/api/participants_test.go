package api_test

import (
	"maps"
	"testing"
)

// child is the enrolment of Maria's daughter Lucía.
func child(name string) map[string]any {
	return map[string]any{
		"relation": "parent", "name": name, "birth_date": "2019-03-04", "sex": "female", "country": "ES",
		"diagnoses": []map[string]any{{"code": "ORPHA:98896", "status": "confirmed", "onset": map[string]any{"kind": "date", "date": "2021-05"}}},
		"symptoms":  []map[string]any{{"term": "HP:0001324", "presence": "present", "severity": "HP:0012826"}, {"term": "HP:0001250", "presence": "absent"}},
	}
}

func with(m map[string]any, name string, value any) map[string]any {
	c := maps.Clone(m)
	c[name] = value
	return c
}

// enrolled enrols a child of Maria's and gives its address.
func (s *stand) enrolled() string {
	s.Helper()
	return "/api/v1/participants/" + s.as("maria", "POST", "/api/v1/participants", child("Lucía")).is(201).text("id")
}

func TestMariaEnrolsLucia(t *testing.T) {
	each(t, func(s *stand) {
		found := s.as("maria", "GET", "/api/v1/symptoms?q=muscle+weaknes&lang=en", nil).is(200)
		if found.text("items.0.id") == "" {
			s.Fatal(string(found.body))
		}
		s.as("", "GET", "/api/v1/diagnoses?q=duchenne", nil).is(200).text("items.0.id")
		s.as("", "GET", "/api/v1/diagnoses", nil).is(422, "api.value.missing")
		s.as("", "GET", "/api/v1/elements", nil).is(200).text("items.0.key")

		s.as("maria", "POST", "/api/v1/participants", with(child("Lucía"), "step", "consent")).is(422, "api.value.unknown")
		s.as("maria", "POST", "/api/v1/participants", with(with(child(""), "sex", "x"), "country", "XX")).is(422, "registry.name.needed", "registry.sex.unknown", "registry.country.unknown")
		s.as("maria", "POST", "/api/v1/participants", with(child("Lucía"), "symptoms", []map[string]any{{"term": "HP:9", "presence": "present"}})).is(422, "symptoms[0].term")
		r := s.as("maria", "POST", "/api/v1/participants", child("Lucía"), "Idempotency-Key", "lucia").is(201)
		again := s.as("maria", "POST", "/api/v1/participants", child("Lucía"), "Idempotency-Key", "lucia").is(201)
		if r.text("id") != again.text("id") || again.header.Get("Location") != r.header.Get("Location") {
			s.Fatal("two children")
		}
		lucia := r.header.Get("Location")
		if n := len(s.as("maria", "GET", "/api/v1/participants", nil).is(200).get("items").([]any)); n != 1 {
			s.Fatal(n)
		}
		p := s.as("maria", "GET", lucia, nil).is(200)
		if p.text("person.name") != "Lucía" || p.text("birth_date") != "2019-03-04" || p.text("diagnoses.0.code") != "ORPHA:98896" || len(p.get("symptoms").([]any)) != 2 {
			s.Fatal(string(p.body))
		}
		s.as("lucia", "GET", lucia, nil).is(404)
		s.as("okoye", "GET", lucia, nil).is(403)
		s.as("maria", "GET", "/api/v1/participants/nonsense", nil).is(404)

		s.as("maria", "PATCH", lucia, `{"name":"Lucía M."}`).is(422, "api.value.missing", "If-Match")
		s.as("maria", "PATCH", lucia, `{"name":"Lucía M."}`, "If-Match", `"99"`).is(412)
		s.as("maria", "PATCH", lucia, `{"name":"Lucía M."}`, "If-Match", "yesterday's").is(422, "api.if_match")
		changed := s.as("maria", "PATCH", lucia, `{"name":"Lucía M."}`, "If-Match", p.header.Get("ETag")).is(200)
		if changed.text("person.name") != "Lucía M." || changed.header.Get("ETag") == p.header.Get("ETag") {
			s.Fatal(string(changed.body))
		}
		stale := s.as("maria", "PATCH", lucia, `{"country":"PT"}`, "If-Match", p.header.Get("ETag")).is(412)
		if stale.header.Get("ETag") != changed.header.Get("ETag") {
			s.Fatal(stale.header.Get("ETag"))
		}
		s.as("lucia", "PATCH", lucia, `{"country":"PT"}`, "If-Match", "*").is(404)
		s.as("maria", "PATCH", lucia, `{"country":"PT"}`, "If-Match", "*").is(200)
		if h := s.as("maria", "GET", lucia+"/history?limit=1", nil).is(200); h.text("items.0.kind") != "about" || h.text("items.0.was.about.country") != "ES" {
			s.Fatal(string(h.body))
		}
		s.as("lucia", "GET", lucia+"/history", nil).is(404)
	})
}

func TestEnrolmentStepByStep(t *testing.T) {
	each(t, func(s *stand) {
		p := s.as("maria", "POST", "/api/v1/enrolments", `{"relation":"parent","name":"Lucía"}`).is(201)
		at := p.header.Get("Location")
		s.as("maria", "PATCH", at, `{"birth_date":"2019-03-04","sex":"female","country":"ES"}`, "If-Match", "*").is(200)
		s.as("maria", "POST", at+"/diagnoses", `{"undiagnosed":true}`).is(201)
		s.as("lucia", "POST", at+"/steps/symptoms/finish", nil).is(404)
		if c := s.as("maria", "POST", at+"/steps/symptoms/finish", nil).is(200); c.text("step") != "consent" {
			s.Fatal(string(c.body))
		}
		s.as("maria", "POST", at+"/steps/nonsense/finish", nil).is(409)
	})
}

func TestTheBaseline(t *testing.T) {
	each(t, func(s *stand) {
		lucia := s.enrolled()
		d := s.as("maria", "POST", lucia+"/diagnoses", `{"code":"ORPHA:98895"}`).is(201)
		at := d.header.Get("Location")
		s.as("maria", "PUT", at, `{"code":"ORPHA:98895","status":"confirmed"}`, "If-Match", `"7"`).is(412)
		changed := s.as("maria", "PUT", at, `{"code":"ORPHA:98895","status":"confirmed"}`, "If-Match", d.header.Get("ETag")).is(200)
		stale := s.as("maria", "PUT", at, `{"code":"ORPHA:98895","status":"suspected"}`, "If-Match", d.header.Get("ETag")).is(412)
		if stale.header.Get("ETag") != changed.header.Get("ETag") {
			s.Fatal(stale.header)
		}
		s.as("lucia", "DELETE", at, nil).is(404)
		s.as("maria", "DELETE", at, nil).is(204)
		s.as("maria", "DELETE", at, nil).is(404)
		s.as("maria", "POST", lucia+"/diagnoses", `{"code":"ORPHA:0","source":"reviewer"}`).is(422, "api.value.unknown")
		s.as("maria", "POST", lucia+"/diagnoses", `{"code":"ORPHA:0"}`).is(422, "registry.diagnosis.code")

		y := s.as("maria", "PUT", lucia+"/symptoms/HP:0002650", `{"presence":"present","onset_date":"2022"}`).is(200)
		s.as("maria", "PUT", lucia+"/symptoms/HP:0002650", `{"presence":"absent"}`).is(412)
		s.as("maria", "PUT", lucia+"/symptoms/HP:0002650", `{"presence":"absent"}`, "If-Match", y.header.Get("ETag")).is(200)
		s.as("maria", "PUT", lucia+"/symptoms/HP:0002650", `{"presence":"perhaps"}`, "If-Match", "*").is(422, "registry.symptom.presence")
		s.as("maria", "PUT", lucia+"/symptoms/HP:0002650", `{"presence":"present","onset_date":"2022-02-30"}`, "If-Match", "*").is(422)
		s.as("maria", "DELETE", lucia+"/symptoms/"+y.text("id"), nil).is(204)

		s.as("maria", "PATCH", lucia+"/elements", `{"elements":[{"key":"nonsense","value":"x"}]}`).is(422, "registry.element.unknown")
		s.as("maria", "PATCH", lucia+"/elements", `{"elements":[]}`).is(422)
	})
}

// sign signs the current text for a person.
func (s *stand) sign(who, lucia string, choices map[string]bool, headers ...string) reply {
	s.Helper()
	doc := s.as("", "GET", "/api/v1/consent/documents/current?lang=es", nil).is(200)
	return s.as(who, "POST", lucia+"/consent/signatures", map[string]any{
		"version": doc.get("version"), "language": "es", "sha256": doc.text("sha256"), "choices": choices, "name": "María López", "password": password,
	}, headers...)
}

var everything = map[string]bool{"registry": true, "questionnaires": true, "research": true, "recontact": false}

func TestMariaSignsAndWithdraws(t *testing.T) {
	each(t, func(s *stand) {
		lucia := s.enrolled()
		s.as("", "GET", "/api/v1/consent/documents", nil).is(200).text("items.0.sha256")
		s.as("", "GET", "/api/v1/consent/documents/1/es", nil).is(200).text("text")
		s.as("", "GET", "/api/v1/consent/documents/7/es", nil).is(404)
		if st := s.as("maria", "GET", lucia+"/consent", nil).is(200); st.get("pending") != true {
			s.Fatal(string(st.body))
		}
		s.sign("lucia", lucia, everything).is(404)
		s.sign("okoye", lucia, everything).is(403)
		s.sign("maria", lucia, map[string]bool{"everything": true}).is(422, "api.scope")
		s.sign("maria", lucia, nil).is(422)
		s.as("maria", "POST", lucia+"/consent/signatures", map[string]any{
			"version": 1, "language": "es", "sha256": "0", "choices": everything, "name": "María", "password": password,
		}).is(409, "consent.document.superseded")
		signed := s.sign("maria", lucia, everything, "Idempotency-Key", "sign").is(201)
		if again := s.sign("maria", lucia, everything, "Idempotency-Key", "sign").is(201); again.text("id") != signed.text("id") {
			s.Fatal("signed twice")
		}
		st := s.as("maria", "GET", lucia+"/consent", nil).is(200)
		if st.text("scopes.0.status") != "given" || st.get("scopes.4.status") != "declined" {
			s.Fatal(string(st.body))
		}
		at := signed.header.Get("Location")
		proof := s.as("maria", "GET", at, nil).is(200)
		if proof.text("name") != "María López" || proof.text("text") == "" {
			s.Fatal(string(proof.body))
		}
		s.as("ingrid", "GET", at, nil).is(200)
		s.as("lucia", "GET", at, nil).is(404)
		s.as("okoye", "GET", at, nil).is(403)
		s.as("lucia", "POST", lucia+"/consent/withdraw", nil).is(404)
		if w := s.as("maria", "POST", lucia+"/consent/withdraw", `{"scopes":["research"]}`).is(200); w.text("scopes.0") != "research" {
			s.Fatal(string(w.body))
		}
		s.as("maria", "POST", lucia+"/consent/withdraw", `{"scopes":["everything"]}`).is(422)
		if w := s.as("maria", "POST", lucia+"/consent/withdraw", nil).is(200); len(w.get("scopes").([]any)) != 2 {
			s.Fatal(string(w.body))
		}
		if h := s.as("maria", "GET", lucia+"/consent/history", nil).is(200); len(h.get("items").([]any)) != 3 {
			s.Fatal(string(h.body))
		}
		s.as("ingrid", "GET", lucia+"/consent/history", nil).is(200)
		s.as("lucia", "GET", lucia+"/consent/history", nil).is(404)
		s.as("maria", "GET", lucia+"/audit", nil).is(200).text("items.0.event")
		s.as("agnes", "POST", "/api/v1/consent/documents", `{"texts":["nonsense"]}`).is(422)
	})
}
