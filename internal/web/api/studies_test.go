package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kindred/export"
	"kindred/internal/ident"
)

var proposal = map[string]any{
	"title": "Weakness in childhood", "purpose": "To learn how it begins.", "fields": []string{"birth_year", "sex", "country", "diagnoses", "symptoms"},
}

func TestAStudyFromProposalToDownload(t *testing.T) {
	each(t, func(s *stand) {
		var lucia string
		for i := range 6 {
			p := s.as("maria", "POST", "/api/v1/participants", child(fmt.Sprintf("Lucía %d", i))).is(201).header.Get("Location")
			s.sign("maria", p, everything).is(201)
			lucia = p
		}
		s.as("okoye", "POST", "/api/v1/studies", with(proposal, "state", "approved")).is(422, "api.value.unknown")
		s.as("okoye", "POST", "/api/v1/studies", with(proposal, "title", "")).is(422, "export.title.missing")
		s.as("okoye", "POST", "/api/v1/studies", with(proposal, "minimum_class", 1)).is(422, "export.minimum_class.range")
		if r := s.as("okoye", "POST", "/api/v1/studies", with(proposal, "minimum_class", 5)).is(201); r.get("proposal.minimum_class") != 5.0 {
			s.Fatal(string(r.body))
		}
		r := s.as("okoye", "POST", "/api/v1/studies", proposal, "Idempotency-Key", "s1").is(201)
		at := r.header.Get("Location")
		if again := s.as("okoye", "POST", "/api/v1/studies", proposal, "Idempotency-Key", "s1").is(201); again.text("id") != r.text("id") {
			s.Fatal("two studies")
		}
		s.as("maria", "GET", at, nil).is(403)
		amended := s.as("okoye", "PUT", at, with(proposal, "title", "Weakness"), "If-Match", r.header.Get("ETag")).is(200)
		stale := s.as("okoye", "PUT", at, proposal, "If-Match", r.header.Get("ETag")).is(412)
		if stale.header.Get("ETag") != amended.header.Get("ETag") {
			s.Fatal(stale.header)
		}
		s.as("okoye", "PUT", at, proposal).is(422, "If-Match")
		s.as("okoye", "GET", at+"/count", nil).is(409)
		s.as("okoye", "POST", at+"/releases", nil).is(409)
		s.as("okoye", "POST", at+"/decisions", `{"approve":true,"reason":"Mine."}`).is(403)
		s.as("ingrid", "POST", at+"/decisions", `{"approve":true,"reason":""}`).is(422, "export.reason.missing")
		s.as("ingrid", "POST", at+"/decisions", `{"approve":true,"reason":"Well protected.","protocol":1}`).is(409)
		s.as("ingrid", "POST", at+"/decisions", `{"approve":true,"reason":"Well protected.","protocol":2}`).is(201)
		if l := s.as("ingrid", "GET", "/api/v1/studies?state=approved", nil).is(200); l.text("items.0.proposal.title") != "Weakness" {
			s.Fatal(string(l.body))
		}
		s.as("ingrid", "GET", "/api/v1/studies?state=perhaps", nil).is(422, "api.value.choice")
		s.as("okoye", "GET", at, nil).is(200).text("decisions.0.reason")
		if c := s.as("okoye", "GET", at+"/count", nil).is(200); c.get("count") != 6.0 {
			s.Fatal(string(c.body))
		}

		s.as("okoye", "POST", at+"/releases", `{"formats":["spss"]}`).is(422, "export.format.unknown")
		wish := s.as("okoye", "POST", at+"/releases", nil, "Idempotency-Key", "r1").is(202)
		out := wish.header.Get("Location")
		if s.as("okoye", "GET", out, nil).is(200).text("state") != "requested" {
			s.Fatal("not requested")
		}
		s.must(s.studies.Work(s.Context(), export.RunRelease{Release: ident.ReleaseID(wish.text("id"))}))
		done := s.as("okoye", "GET", out, nil).is(200)
		if done.text("state") != "finished" || done.get("progress.done") != 6.0 || done.get("participants") != 6.0 {
			s.Fatal(string(done.body))
		}
		s.as("ingrid", "GET", out+"/manifest", nil).is(200).text("signature")
		s.as("maria", "GET", out, nil).is(403)
		for i := range done.get("files").([]any) {
			f := s.as("okoye", "GET", done.text(fmt.Sprintf("files.%d.href", i)), nil).is(200)
			if fmt.Sprint(len(f.body)) != f.header.Get("Content-Length") || !strings.HasPrefix(f.header.Get("Content-Disposition"), "attachment") || f.header.Get("X-Content-Type-Options") != "nosniff" || bytes.Contains(f.body, []byte("Luc")) {
				s.Fatal(f.header)
			}
		}
		href := done.text("files.0.href")
		s.as("ingrid", "GET", href, nil).is(403)
		s.as("okoye", "GET", out+"/files/nonsense", nil).is(404)
		if u := s.as("maria", "GET", lucia+"/uses", nil).is(200); u.text("items.0.title") != "Weakness" || u.text("items.0.pseudonym") == "" {
			s.Fatal(string(u.body))
		}
		s.as("lucia", "GET", lucia+"/uses", nil)
		s.as("maria", "POST", lucia+"/consent/withdraw", nil).is(200)
		s.as("okoye", "GET", href, nil).is(410, "export.release.gone")
		if c := s.as("okoye", "GET", at+"/count", nil).is(200); c.get("shown") != false {
			s.Fatal(string(c.body))
		}
		s.as("okoye", "POST", at+"/close", nil).is(200)
		s.as("okoye", "POST", at+"/close", nil).is(409)
	})
}
