package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// canary is a token that stands in one field and nowhere else; it is letters alone, so that no escape hides it.
func canary(field string) string { return "zqxv" + field + "vxqz" }

// identifying are the fields that say who somebody is, or in which a person may have written it.
var identifying = []string{
	"name", "formername", "account", "mail", "signature", "string", "text", "other", "link", "repeated", "gene", "biobank", "exif", "comment", "trailer", "filename", "device", "reason", "decision",
}

// bird is a canary in one of the forms in which it could leave.
type bird struct{ field, form, text string }

// birds are all forms of all canaries: as it is, and as programs encode text.
func birds(extra map[string]string) (all []bird) {
	tokens := map[string]string{}
	for _, f := range identifying {
		tokens[f] = canary(f)
	}
	for f, t := range extra {
		tokens[f] = t
	}
	for field, t := range tokens {
		add := func(form, text string) { all = append(all, bird{field, form, text}) }
		add("plain", t)
		add("hex", hex.EncodeToString([]byte(t)))
		add("percent", strings.ToLower(percent(t)))
		for shift := range 3 { // a token may begin at any place of a group of three bytes; what its neighbours touch is cut
			coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + t))
			from, to := (shift*8+5)/6, (shift+len(t))*8/6
			add("base64", coded[from:to])
			add("base64url", strings.NewReplacer("+", "-", "/", "_").Replace(coded[from:to]))
		}
		for form, order := range map[string]binary.AppendByteOrder{"utf-16le": binary.LittleEndian, "utf-16be": binary.BigEndian} {
			var wide []byte
			for _, u := range utf16.Encode([]rune(t)) {
				wide = order.AppendUint16(wide, u)
			}
			add(form, string(wide))
		}
	}
	return all
}

func percent(t string) string {
	var b strings.Builder
	for _, c := range []byte(t) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

// sightings gives each canary in the bytes of something, and in the parts of a zip, whatever its name.
func sightings(what string, b []byte, flock []bird) (seen []string) {
	lower := bytes.ToLower(b)
	for _, one := range flock {
		in := lower
		if strings.HasPrefix(one.form, "base64") {
			in = b
		}
		if bytes.Contains(in, []byte(one.text)) {
			seen = append(seen, fmt.Sprintf("%s: %s as %s", what, one.field, one.form))
		}
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return seen
	}
	seen = append(seen, sightings(what+" comment", []byte(z.Comment), flock)...)
	for _, f := range z.File {
		seen = append(seen, sightings(what+" name of part", []byte(f.Name+"\n"+f.Comment+"\n"+string(f.Extra)), flock)...)
		r, err := f.Open()
		if err != nil {
			return append(seen, fmt.Sprintf("%s: %s: %v", what, f.Name, err))
		}
		part, err := io.ReadAll(r)
		if err != nil {
			return append(seen, fmt.Sprintf("%s: %s: %v", what, f.Name, err))
		}
		seen = append(seen, sightings(what+"/"+f.Name, part, flock)...)
	}
	return seen
}

// TestTheSearchFinds proves that the search would find a canary that had left, in each form and in a zip within a zip.
func TestTheSearchFinds(t *testing.T) {
	token := canary("name")
	wide := func(order binary.AppendByteOrder) (b []byte) {
		for _, c := range token {
			b = order.AppendUint16(b, uint16(c))
		}
		return b
	}
	inner := packed(t, "sheet.xml", []byte("<v>"+token+"</v>"))
	for form, b := range map[string][]byte{
		"plain": []byte("a " + token + " b"), "capitals": []byte(strings.ToUpper(token)), "hex": []byte(hex.EncodeToString([]byte("x" + token))),
		"percent": []byte(percent(token)), "base64": []byte(base64.StdEncoding.EncodeToString([]byte("12" + token + "345"))),
		"base64 shifted": []byte(base64.URLEncoding.EncodeToString([]byte("1" + token + "3"))), "utf-16le": wide(binary.LittleEndian), "utf-16be": wide(binary.BigEndian),
		"zip in zip": packed(t, "inner.zip", inner), "part name": packed(t, token+".xml", nil),
	} {
		if len(sightings(form, b, birds(nil))) == 0 {
			t.Errorf("%s is not found", form)
		}
	}
	if seen := sightings("nothing", []byte("a calm page"), birds(nil)); len(seen) > 0 {
		t.Error(seen)
	}
}

func packed(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photograph is a JPEG with canaries in its camera data, in a comment and after its end.
func photograph(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	out := []byte{0xFF, 0xD8}
	for marker, text := range map[byte]string{0xE1: "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00" + canary("exif"), 0xFE: canary("comment")} {
		out = append(out, 0xFF, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(text)+2))
		out = append(out, text...)
	}
	return append(append(out, b.Bytes()[2:]...), canary("trailer")...)
}

// said is a questionnaire with each kind of item in which a person may write who they are.
const said = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/said","version":"1","status":"active","title":"Said","item":[
 {"linkId":"string","text":"In a word?","type":"string"},{"linkId":"text","text":"In your words?","type":"text"},
 {"linkId":"other","text":"Which, or another?","type":"open-choice","answerOption":[{"valueCoding":{"system":"urn:o","code":"one","display":"One"}}]},
 {"linkId":"link","text":"Where?","type":"url"},{"linkId":"level","text":"How much?","type":"integer"},
 {"linkId":"photo","text":"A photo?","type":"attachment"},
 {"linkId":"dose","text":"Medicines","type":"group","repeats":true,"item":[{"linkId":"repeated","text":"Which?","type":"string"}]}]}`

// tell writes a canary into everything that can be told about a child.
func (p *process) tell(maria, tomas, form string) (child string) {
	p.Helper()
	child = p.enrolled(maria, canary("formername"), birth, canary("signature"))
	at := "/api/v1/participants/" + child
	p.want(200, maria, "PATCH", at, map[string]string{"name": canary("name")}, nil, "If-Match", "*")
	p.want(200, maria, "PATCH", "/api/v1/me", map[string]string{"mail": canary("mail") + "@example.org"}, nil)
	p.want(200, maria, "PATCH", at+"/elements", map[string]any{"elements": []map[string]string{
		{"key": "genetic_text", "value": canary("gene")}, {"key": "biobank", "value": "yes"}, {"key": "biobank_link", "value": "https://" + canary("biobank") + ".example/x"}}}, nil)
	p.proves(maria, tomas, at)
	r := p.draft(maria, child, form)
	var added struct{ Saved []struct{ Added int } }
	p.want(200, maria, "POST", "/api/v1/responses/"+r+"/answers", map[string]any{"answers": []any{map[string]string{"path": "dose", "op": "add"}}}, &added)
	answer := func(path, member string, value any) map[string]any {
		return map[string]any{"path": path, "values": []any{map[string]any{member: value}}}
	}
	p.want(200, maria, "POST", "/api/v1/responses/"+r+"/answers", map[string]any{"device": canary("device"), "answers": []any{
		answer("string", "valueString", canary("string")), answer("text", "valueString", "It began when "+canary("text")+" came."), answer("other", "valueString", canary("other")),
		answer("link", "valueUri", "https://"+canary("link")+".example"), answer("level", "valueInteger", 7),
		answer(fmt.Sprintf("repeated#%d", added.Saved[0].Added), "valueString", canary("repeated"))}}, nil)
	p.shows(maria, r)
	p.want(200, maria, "POST", "/api/v1/responses/"+r+"/submit", nil, nil)
	return child
}

// birth is a day on which nothing else happens.
const birth = "2013-11-27"

// shows answers with the photograph; what is given back holds nothing but the picture.
func (p *process) shows(maria, r string) {
	p.Helper()
	body, media := p.photo()
	var up struct{ File struct{ URL string } }
	p.want(201, maria, "POST", "/api/v1/responses/"+r+"/files?path=photo", body, &up, "Content-Type", media)
	got := p.want(200, maria, "GET", up.File.URL, nil, nil)
	if seen := sightings("the cleaned answer", append(got.body, fmt.Sprint(got.header)...), birds(nil)); len(seen) > 0 {
		p.Error(seen)
	}
}

// photo is a form with the photograph.
func (p *process) photo() ([]byte, string) {
	p.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + canary("filename") + `.jpg"`}, "Content-Type": {"image/jpeg"}})
	if err != nil {
		p.Fatal(err)
	}
	if _, err := part.Write(photograph(p.T)); err != nil {
		p.Fatal(err)
	}
	if err := form.Close(); err != nil {
		p.Fatal(err)
	}
	return b.Bytes(), form.FormDataContentType()
}

// proves uploads the photograph, and Tomás asks for another one with a reason.
func (p *process) proves(maria, tomas, at string) {
	p.Helper()
	var child struct{ Diagnoses []made }
	p.want(200, maria, "GET", at, nil, &child)
	body, media := p.photo()
	var e made
	p.want(201, maria, "POST", at+"/diagnoses/"+child.Diagnoses[0].ID+"/evidence", body, &e, "Content-Type", media)
	file := p.want(200, maria, "GET", "/api/v1/evidence/"+e.ID+"/file", nil, nil)
	if seen := sightings("the cleaned photograph", file.body, birds(nil)); len(seen) > 0 {
		p.Error(seen)
	}
	p.want(201, tomas, "POST", "/api/v1/evidence/"+e.ID+"/decisions", map[string]any{"accept": false, "reason": "Please send it without " + canary("reason")}, nil)
}

// released makes a release and gives every file, with its name and headers before its bytes.
func (p *process) released(okoye, study string) map[string][]byte {
	p.Helper()
	var r releaseState
	p.want(202, okoye, "POST", study+"/releases", nil, &r)
	one := "/api/v1/releases/" + r.ID
	var state reply
	p.until("the release is made", func() bool {
		state = p.want(200, okoye, "GET", one, nil, &r)
		return r.State == "finished"
	})
	files := map[string][]byte{"state": state.body, "manifest": p.want(200, okoye, "GET", one+"/manifest", nil, nil).body}
	for _, f := range r.Files {
		got := p.want(200, okoye, "GET", f.Href, nil, nil)
		files[f.Name] = got.body
		files["headers of "+f.Name] = fmt.Appendf(nil, "%s %v", f.Name, got.header)
	}
	return files
}

// below gives the bytes and the name of every file in a folder.
func below(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files[path] = append([]byte(path+"\n"), b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestNoCanaryLeaves fills every identifying field with a token of its own, makes a release in both formats, and looks
// for the tokens in every byte that leaves: files, parts of files, names, headers, logs, metrics; and in what lies on the
// disk, where all of these fields are sealed but one: the committee's reason, which is about a study.
func TestNoCanaryLeaves(t *testing.T) {
	p := newProcess(t)
	p.start()
	aisha, tomas, okoye, ingrid := p.account("aisha", "editor"), p.account("tomas", "reviewer"), p.account("okoye", "researcher"), p.account("ingrid", "ethics")
	maria := p.account(canary("account"), "caregiver")
	form := p.published(aisha, said)
	p.tell(maria, tomas, form)
	study := p.approved(okoye, ingrid, "Because "+canary("decision"), map[string]any{"questionnaires": []string{"https://kindred.example/q/said|1"}})
	days := map[string]string{"birth": birth, "birth (basic)": "20131127", "birth (day first)": "27/11/2013", "birth (dots)": "27.11.2013", "birth (words)": "27 november 2013", "birth (serial)": "<v>41605</v>"}
	flock := birds(days)
	files := p.released(okoye, study)
	if !bytes.Contains(files["Patient.ndjson"], []byte(`"Patient"`)) || !bytes.Contains(files["QuestionnaireResponse.ndjson"], []byte(`7`)) || len(files) < 14 {
		t.Fatalf("the child is not in the release: %d files", len(files))
	}
	for name, b := range files {
		for _, s := range sightings(name, b, flock) {
			t.Error("released: ", s)
		}
	}
	query := url.QueryEscape(canary("text")) // somebody types it where it does not belong
	if _, err := p.call(maria, "GET", "/api/v1/symptoms?q="+query, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.call(maria, "GET", "/"+query, nil); err != nil {
		t.Fatal(err)
	}
	metrics := p.want(200, "", "GET", "/metrics", nil, nil)
	for _, s := range slices.Concat(sightings("metrics", metrics.body, flock), sightings("log", []byte(p.output.text()), flock)) {
		t.Error("told: ", s)
	}
	for range 2 { // with the write-ahead log there, and after it was taken in
		for path, b := range below(t, p.data) {
			for _, s := range sightings(path, b, flock) {
				if !strings.Contains(s, ": decision as ") {
					t.Error("on disk: ", s)
				}
			}
		}
		p.stop()
	}
}
