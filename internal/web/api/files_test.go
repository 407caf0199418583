package api_test

import (
	"net/url"
	"strings"
	"testing"
)

const formWithFiles = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/letters","version":"1","status":"active","title":"Letters","item":[
 {"linkId":"letters","text":"Letters of your doctors","type":"attachment","repeats":true},{"linkId":"note","text":"A note","type":"string"}]}`

func TestFilesByProgram(t *testing.T) {
	each(t, func(s *stand) {
		q := s.as("aisha", "POST", "/api/v1/questionnaires", formWithFiles, "Content-Type", "application/fhir+json").is(201).text("version.questionnaire")
		lucia := s.ready()
		at := s.as("maria", "POST", lucia+"/responses", map[string]string{"questionnaire": q}).is(201).header.Get("Location")
		body, kind := file("file", "letter of Lucía.png", picture())
		send := func(who, path string, headers ...string) reply {
			return s.as(who, "POST", at+"/files?path="+url.QueryEscape(path), body, append([]string{"Content-Type", kind}, headers...)...)
		}
		send("lucia", "letters").is(404)
		send("okoye", "letters").is(403)
		send("", "letters").is(401)
		send("maria", "note").is(422, "questionnaires.answer.no_file_here", "note")
		send("maria", "").is(422)
		made := send("maria", "letters", "Idempotency-Key", "f1").is(201)
		if again := send("maria", "letters", "Idempotency-Key", "f1").is(201); again.text("file.id") != made.text("file.id") {
			s.Fatal("two files")
		}
		text, textKind := file("file", "letter.txt", []byte("Dear Lucía"))
		s.as("maria", "POST", at+"/files?path=letters", text, "Content-Type", textKind).is(422, "questionnaires.file.kind", "letters")
		if made.text("file.title") != "letter of Lucía.png" || made.header.Get("Location") != made.text("file.url") {
			s.Fatalf("%s", made.body)
		}
		got := s.as("maria", "GET", made.text("file.url"), nil).is(200)
		if h := got.header; h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename=file-") ||
			h.Get("Content-Type") != "image/png" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			s.Fatal(h)
		}
		for who, status := range map[string]int{"lucia": 404, "okoye": 403, "tomas": 403, "ingrid": 403, "": 401} {
			s.as(who, "GET", made.text("file.url"), nil).is(status)
		}
		s.as("maria", "GET", "/api/v1/files/"+missing, nil).is(404)
		s.as("maria", "GET", "/api/v1/files/nonsense", nil).is(404)
		if fhir := s.as("maria", "GET", at, nil).is(200); fhir.text("fhir.item.0.answer.0.valueAttachment.url") != made.text("file.url") {
			s.Fatalf("%s", fhir.body)
		}
		answer := func(value string) reply {
			return s.as("maria", "POST", at+"/answers", `{"answers":[{"path":"letters","values":[`+value+`]}]}`)
		}
		answer(`{"valueAttachment":{"url":"/api/v1/files/`+missing+`"}}`).is(422, "questionnaires.answer.file_unknown")
		answer(`{"valueAttachment":{"url":"https://elsewhere.example/x.png"}}`).is(422, "api.value.member")
		answer(`{"valueAttachment":{"url":"` + made.text("file.url") + `"}}`).is(200)
		answer("").is(200)
		s.as("maria", "GET", made.text("file.url"), nil).is(404)
		second := send("maria", "letters").is(201)
		s.as("maria", "POST", at+"/submit", nil).is(200)
		send("maria", "letters").is(409)
		s.as("maria", "GET", second.text("file.url"), nil).is(200)
	})
}
