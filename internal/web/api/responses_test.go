package api_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"strings"
	"testing"
)

// form is a questionnaire with one of each thing that the tests need.
const form = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/pain","version":"1","status":"active","title":"Pain","item":[
 {"linkId":"pain","text":"Does it hurt?","type":"boolean","required":true},
 {"linkId":"level","text":"How much, 0 to 10?","type":"integer","enableWhen":[{"question":"pain","operator":"=","answerBoolean":true}]},
 {"linkId":"where","text":"Where?","type":"choice","answerOption":[{"valueCoding":{"system":"urn:w","code":"leg","display":"Leg"}},{"valueCoding":{"system":"urn:w","code":"arm","display":"Arm"}}]},
 {"linkId":"dose","text":"Medicine","type":"group","repeats":true,"item":[{"linkId":"mg","text":"Milligrams","type":"decimal"}]}]}`

// published publishes the form and gives its id.
func (s *stand) published() string {
	s.Helper()
	return s.as("aisha", "POST", "/api/v1/questionnaires", form, "Content-Type", "application/fhir+json").is(201).text("version.questionnaire")
}

// ready is Lucía, enrolled and consented.
func (s *stand) ready() string {
	s.Helper()
	lucia := s.enrolled()
	s.sign("maria", lucia, everything).is(201)
	return lucia
}

func TestAishaPublishes(t *testing.T) {
	each(t, func(s *stand) {
		post := func(body string) reply { return s.as("aisha", "POST", "/api/v1/questionnaires", body) }
		q := s.published()
		post(form).is(201)
		post(strings.Replace(form, "hurt", "ache", 1)).is(409, "questionnaires.publish.version_taken")
		s.as("maria", "POST", "/api/v1/questionnaires", form).is(403)
		post(`{"resourceType":"Patient"}`).is(422)
		post(`{"resourceType":"Questionnaire"`).is(422, "jsonscan.syntax")
		post(strings.Repeat(" ", 5<<20) + form).is(413)
		cycle := strings.Replace(form, `"type":"boolean","required":true`, `"type":"boolean","enableWhen":[{"question":"level","operator":"=","answerInteger":1}]`, 1)
		post(cycle).is(422, "questionnaires.publish.cycle")
		post(strings.Replace(form, `"linkId":"where"`, `"linkId":"pain"`, 1)).is(422)
		script := strings.NewReplacer(`"title":"Pain"`, `"title":"<script>alert(1)</script>"`, "/q/pain", "/q/script").Replace(form)
		made := post(script).is(201)
		if made.header.Get("Content-Type") != "application/json" || bytes.Contains(made.body, []byte("<script>")) {
			s.Fatalf("not inert: %s", made.body)
		}
		versions := s.as("maria", "GET", "/api/v1/questionnaires/"+q+"/versions", nil).is(200)
		v := s.as("okoye", "GET", "/api/v1/versions/"+versions.text("items.0.id"), nil).is(200)
		if v.text("fhir.url") != "https://kindred.example/q/pain" {
			s.Fatal(string(v.body))
		}
		s.as("maria", "GET", "/api/v1/questionnaires/"+missing+"/versions", nil).is(404)
		s.as("tomas", "GET", "/api/v1/questionnaires", nil).is(403)
	})
}

func TestAishaRetires(t *testing.T) {
	each(t, func(s *stand) {
		q, lucia := s.published(), s.ready()
		at := "/api/v1/questionnaires/" + q
		v := s.as("aisha", "GET", at+"/versions", nil).is(200).text("items.0.id")
		start := map[string]string{"questionnaire": q}
		s.as("maria", "POST", at+"/retire", nil).is(403)
		s.as("aisha", "POST", "/api/v1/questionnaires/"+missing+"/retire", nil).is(404)
		s.as("aisha", "POST", "/api/v1/versions/"+missing+"/retire", nil).is(404)
		draft := s.as("maria", "POST", lucia+"/responses", start).is(201).header.Get("Location")
		s.as("aisha", "POST", "/api/v1/versions/"+v+"/retire", nil).is(204)
		s.as("aisha", "POST", at+"/retire", nil).is(204)
		if s.as("aisha", "GET", "/api/v1/versions/"+v, nil).is(200).get("version.retired") != true {
			s.Error("not told")
		}
		s.as("maria", "POST", draft+"/answers", `{"answers":[{"path":"pain","values":[{"valueBoolean":false}]}]}`).is(200)
		s.as("maria", "POST", draft+"/submit", nil).is(200)
		s.as("maria", "POST", lucia+"/responses", start).is(404)
		s.as("aisha", "POST", "/api/v1/questionnaires", strings.Replace(form, `"version":"1"`, `"version":"2"`, 1)).is(201)
		s.as("maria", "POST", lucia+"/responses", start).is(201)
		s.as("aisha", "POST", at+"/retire", nil).is(204)
	})
}

func TestMariaAnswersForLucia(t *testing.T) {
	each(t, func(s *stand) {
		q, lucia := s.published(), s.enrolled()
		start := map[string]string{"questionnaire": q}
		s.as("maria", "POST", lucia+"/responses", start).is(404) // no consent to questionnaires
		s.sign("maria", lucia, everything).is(201)
		if l := s.as("maria", "GET", lucia+"/questionnaires", nil).is(200); l.text("items.0.version.title") != "Pain" {
			s.Fatal(string(l.body))
		}
		r := s.as("maria", "POST", lucia+"/responses", start).is(201)
		at := r.header.Get("Location")
		if again := s.as("maria", "POST", lucia+"/responses", start).is(201); again.header.Get("Location") != at {
			s.Fatal("two drafts")
		}
		s.as("maria", "POST", lucia+"/responses", `{"questionnaire":"nonsense"}`).is(404)
		s.as("lucia", "GET", at, nil).is(404)
		s.as("okoye", "GET", at, nil).is(403)

		say := func(answers string, headers ...string) reply {
			return s.as("maria", "POST", at+"/answers", `{"answers":[`+answers+`]}`, headers...)
		}
		say(`{"path":"level","values":[{"valueInteger":3}]}`).is(409, "questionnaires.answer.disabled")
		say(`{"path":"nothing","values":[{"valueInteger":3}]}`).is(404, "questionnaires.answer.no_item")
		say(`{"path":"pain","values":[{"valueString":"yes"}]}`).is(422)
		say(`{"path":"pain","values":[{}]}`).is(422, "api.value.member")
		say(`{"path":"where","values":[{"valueCoding":{"system":"urn:w","code":"head"}}]}`).is(422, "questionnaires.answer.not_option")
		saved := say(`{"path":"pain","values":[{"valueBoolean":true}]},{"path":"level","values":[{"valueInteger":3}]},{"path":"where","values":[{"valueCoding":{"system":"urn:w","code":"leg"}}]}`, "Idempotency-Key", "a1").is(200)
		again := say(`{"path":"pain","values":[{"valueBoolean":true}]},{"path":"level","values":[{"valueInteger":3}]},{"path":"where","values":[{"valueCoding":{"system":"urn:w","code":"leg"}}]}`, "Idempotency-Key", "a1").is(200)
		if again.get("saved.0.repeated") != true || again.get("saved.2.seq") != saved.get("saved.2.seq") {
			s.Fatalf("%s %s", saved.body, again.body)
		}
		say(`{"path":"pain","values":[{"valueBoolean":false}]}`, "Idempotency-Key", "a1").is(409)
		added := say(`{"path":"dose","op":"add"}`).is(200)
		n := int(added.get("saved.0.added").(float64))
		say(fmt.Sprintf(`{"path":"mg#%d","values":[{"valueDecimal":1.50}]}`, n)).is(200)
		if got := s.as("maria", "GET", at, nil).is(200); !bytes.Contains(got.body, []byte(`1.50`)) {
			s.Fatalf("a decimal lost its text: %s", got.body)
		}
		say(fmt.Sprintf(`{"path":"dose","op":"remove","instance":%d}`, n)).is(200)

		say(`{"path":"pain"}`).is(200)
		s.as("maria", "POST", at+"/submit", nil).is(422, "questionnaires.answer.required")
		say(`{"path":"pain","values":[{"valueBoolean":true}]}`).is(200)
		s.as("maria", "POST", at+"/submit", nil, "If-Match", `"1"`).is(412)
		sent := s.as("maria", "POST", at+"/submit", nil).is(200)
		if sent.text("response.status") != "completed" || sent.text("fhir.status") != "completed" {
			s.Fatal(string(sent.body))
		}
		say(`{"path":"level","values":[{"valueInteger":4}]}`).is(409)
		s.as("maria", "POST", at+"/amend", nil).is(200)
		say(`{"path":"level","values":[{"valueInteger":4}]}`).is(200)
		s.as("maria", "POST", at+"/submit", nil).is(200)
		if d := s.as("maria", "GET", at+"/documents", nil).is(200); len(d.get("items").([]any)) != 2 {
			s.Fatal(string(d.body))
		}
		s.as("maria", "POST", at+"/amend", nil).is(200)
		s.as("maria", "DELETE", at, nil).is(204)
		s.as("lucia", "DELETE", at, nil).is(404)
		if l := s.as("maria", "GET", lucia+"/responses", nil).is(200); l.text("items.0.status") != "amended" {
			s.Fatal(string(l.body))
		}
	})
}

// file is a multipart body with one file.
func file(field, name string, content []byte) (body []byte, media string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile(field, name) // a buffer does not fail
	_, _ = part.Write(content)
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func picture() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)))
	return b.Bytes()
}

func TestProofOfDiagnosis(t *testing.T) {
	each(t, func(s *stand) {
		lucia := s.enrolled()
		at := lucia + "/diagnoses/" + s.as("maria", "GET", lucia, nil).is(200).text("diagnoses.0.id") + "/evidence"
		send := func(who, name string, content []byte, headers ...string) reply {
			b, media := file("file", name, content)
			return s.as(who, "POST", at, b, append([]string{"Content-Type", media}, headers...)...)
		}
		send("maria", "letter.pdf", picture()).is(422, "api.file.name")
		send("maria", "letter.exe", []byte("MZ\x90 not a document at all")).is(422, "registry.evidence.kind")
		send("maria", "letter.pdf", []byte("MZ\x90 not a document at all")).is(422, "api.file.name")
		s.as("maria", "POST", at, "{}").is(422, "api.file.missing")
		send("maria", "letter.png", append(picture(), make([]byte, 16<<20)...)).is(413)
		send("lucia", "letter.png", picture()).is(404)
		send("okoye", "letter.png", picture()).is(403)
		b, media := file("file", "letter.png", picture())
		first := s.as("maria", "POST", at, b, "Content-Type", media, "Idempotency-Key", "e1").is(201)
		if again := s.as("maria", "POST", at, b, "Content-Type", media, "Idempotency-Key", "e1").is(201); again.text("id") != first.text("id") {
			s.Fatal("two files")
		}
		href := first.header.Get("Location")
		f := s.as("maria", "GET", href, nil).is(200)
		if f.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(f.header.Get("Content-Disposition"), "attachment") || f.header.Get("X-Content-Type-Options") != "nosniff" {
			s.Fatal(f.header)
		}
		s.as("lucia", "GET", href, nil).is(404)
		s.as("okoye", "GET", href, nil).is(403)
		queue := s.as("tomas", "GET", "/api/v1/evidence", nil).is(200)
		if queue.text("items.0.evidence.id") != first.text("id") || bytes.Contains(queue.body, []byte("Luc")) {
			s.Fatal(string(queue.body))
		}
		s.as("maria", "GET", "/api/v1/evidence", nil).is(403)
		s.as("tomas", "GET", "/api/v1/evidence?cursor=x", nil).is(422)
		one := "/api/v1/evidence/" + first.text("id")
		c := s.as("tomas", "GET", one, nil).is(200)
		if c.text("name") != "Lucía" {
			s.Fatal(string(c.body))
		}
		s.as("tomas", "GET", href, nil).is(200)
		s.as("maria", "POST", one+"/decisions", `{"accept":true}`).is(403)
		s.as("tomas", "POST", one+"/decisions", `{"accept":false}`).is(422, "registry.evidence.reason")
		s.as("tomas", "POST", one+"/decisions", `{"accept":true}`, "If-Match", `"9"`).is(412)
		s.as("tomas", "POST", one+"/decisions", `{"accept":true}`, "If-Match", c.header.Get("ETag")).is(201)
		s.as("tomas", "GET", href, nil).is(404)
		if l := s.as("maria", "GET", lucia+"/evidence", nil).is(200); l.text("items.0.state") != "accepted" {
			s.Fatal(string(l.body))
		}
	})
}
