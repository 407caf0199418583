package web_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/web/webtest"
	"kindred/policies"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

const lettersForm = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/letters","version":"1","status":"active","title":"Letters","language":"en","item":[
 {"linkId":"scan","type":"attachment","text":"A photo of the chair"},
 {"linkId":"letters","type":"attachment","repeats":true,"text":"Letters of doctors"},
 {"linkId":"steps","type":"integer","text":"How many steps?"},{"linkId":"note","type":"text","text":"Anything else?"}]}`

// part is a field of a multipart form; with a name it is a file.
type part struct{ field, name, content string }

func (s *stand) sends(c *http.Client, path string, parts ...part) answered {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, p := range parts {
		var w io.Writer
		var err error
		if p.name != "" {
			w, err = m.CreateFormFile(p.field, p.name)
		} else {
			w, err = m.CreateFormField(p.field)
		}
		if err == nil {
			_, err = io.WriteString(w, p.content)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.post(c, path, m.FormDataContentType(), &b)
}

// publishes publishes a form and begins it for Lucía; it gives the address of the response.
func (s *stand) publishes(c *http.Client, base, raw string) string {
	s.t.Helper()
	editor := policies.Actor{Account: "aisha", Roles: []policies.Role{policies.RoleEditor}}
	v, found, err := s.forms.Publish(s.t.Context(), editor, []byte(raw), sdc.Identity{})
	if err != nil {
		s.t.Fatal(err, found)
	}
	s.sent(c, base+"/consent/sign", s.choices(c, base, "matching"))
	return strings.TrimSuffix(s.sent(c, base+"/questionnaires/"+string(v.Questionnaire), url.Values{}), "/pages/0")
}

func painted(t *testing.T, side int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// was reads the hidden prints of a page, and its key.
func was(body string) map[string]string {
	all := map[string]string{}
	for _, m := range regexp.MustCompile(`name="([^"]+)~was" value="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		all[m[1]] = m[2]
	}
	all["_key"] = regexp.MustCompile(`name="_key" value="([^"]+)"`).FindStringSubmatch(body)[1]
	return all
}

func TestMariaSendsFilesWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		response := s.publishes(c, s.enrolled(c), lettersForm)
		here := response + "/pages/0"
		body := s.page(c, here)
		if !strings.Contains(body, `action="`+here+`/files" enctype="multipart/form-data"`) || !strings.Contains(body, `name="scan~upload" type="file"`) {
			t.Fatal(excerpt(body))
		}
		first := was(body)
		all := []part{{"_key", "", first["_key"]}, {"_asked", "", "scan"}, {"scan~was", "", first["scan"]}, {"scan~upload", "chair of Lucía.png", painted(t, 30)},
			{"_asked", "", "letters"}, {"letters~upload", "letter.txt", "Dear Lucía"}, {"_asked", "", "steps"}, {"steps", "", "many"}, {"_asked", "", "note"}, {"note", "", "It is blue."}}
		a := s.sends(c, here+"/files", all...)
		webtest.Check(t, a.body)
		for _, want := range []string{`href="#f-letters"`, `id="f-letters"`, "This file is none of them", `value="many"`, "chair of Lucía.png", "It is blue.", `href="#f-steps"`} {
			if a.status != 422 || !strings.Contains(a.body, want) {
				t.Errorf("%d, without %s", a.status, want)
			}
		}
		s.sends(c, here+"/files", all...) // sent again
		body = s.page(c, here)
		if strings.Count(body, "chair of Lucía.png</span></a>") != 1 || strings.Contains(body, `name="scan~upload"`) {
			t.Error(excerpt(body))
		}
		for _, name := range []string{"one.png", "two.png"} {
			if a := s.sends(c, here+"/files", part{"_asked", "", "letters"}, part{"letters~upload", name, painted(t, len(name)+1)}, part{"_upload", "", "letters"}); a.status != 303 || a.header.Get("Location") != here+"#f-letters" {
				t.Fatal(a.status, excerpt(a.body))
			}
		}
		if a := s.sends(c, here+"/files", part{"_upload", "", "letters"}); a.status != 422 || !strings.Contains(a.body, "Choose a file first") {
			t.Error("no file chosen:", a.status)
		}
		body = s.page(c, here)
		ids := regexp.MustCompile(`name="letters~file" value="([^"]+)"`).FindAllStringSubmatch(body, -1)
		if len(ids) != 2 {
			t.Fatal(len(ids), excerpt(body))
		}
		keep := []part{{"_asked", "", "letters"}, {"letters~was", "", was(body)["letters"]}, {"letters~file", "", ids[0][1]}, {"letters~file", "", ids[1][1]}}
		if a := s.sends(c, here+"/files", append(keep, part{"_drop", "", "letters~" + ids[0][1]})...); a.status != 303 {
			t.Fatal(a.status, excerpt(a.body))
		}
		if body = s.page(c, here); strings.Contains(body, "one.png") || !strings.Contains(body, "two.png") {
			t.Error("not the one file was removed")
		}
		file := response + "/files/" + ids[1][1]
		got := s.get(c, file)
		if got.status != 200 || got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.header.Get("Content-Disposition"), `attachment; filename="file-`) || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Error(got.status, got.header)
		}
		if s.get(c, response+"/files/"+ids[0][1]).status != 404 || s.get(s.maria("ana"), file).status != 404 {
			t.Error("a file that is gone, or somebody else's")
		}
		if body = s.page(c, response); !strings.Contains(body, `href="`+file+`"`) {
			t.Error("the review does not lead to the file")
		}
		s.sends(c, here+"/files", part{"_asked", "", "letters"}, part{"_clear", "", "letters"}, part{"letters~file", "", ids[1][1]})
		if body = s.page(c, here); strings.Contains(body, "two.png") {
			t.Error("cleared, and still there")
		}
	})
}

// A file that is too large is told at its question, and nothing else on the page is lost.
func TestALargeFileTakesNothingWithIt(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		here := s.publishes(c, s.enrolled(c), lettersForm) + "/pages/0"
		a := s.sends(c, here+"/files", part{"_asked", "", "scan"}, part{"scan~upload", "film.png", strings.Repeat("x", questionnaires.MaxFile+1000)}, part{"_asked", "", "note"}, part{"note", "", "It is blue."})
		if a.status != 422 || !strings.Contains(a.body, "15 MB at most") || !strings.Contains(s.page(c, here), "It is blue.") {
			t.Error(a.status, excerpt(a.body))
		}
		if a := s.sends(c, here, part{"note", "", strings.Repeat("x", 3<<20)}); a.status != 413 {
			t.Error("a page without files takes as much:", a.status)
		}
	})
}
