package questionnaires

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kindred/internal/blob"
	"kindred/internal/db"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/questionnaires/sdc"
)

// shot is a PNG of so many pixels a side, which differs by its shade.
func shot(t *testing.T, side int, shade uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, side, side))
	m.SetGray(1, 1, color.Gray{Y: shade})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const withFiles = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/files","version":"1","status":"active","title":"Files","item":[
 {"linkId":"scan","type":"attachment","text":"Scan","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/mimeType","valueCode":"image/png"},{"url":"http://hl7.org/fhir/StructureDefinition/maxSize","valueDecimal":5000}]},
 {"linkId":"letters","type":"attachment","text":"Letters","repeats":true,"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs","valueInteger":2}]},
 {"linkId":"open","type":"boolean","text":"More?"},
 {"linkId":"more","type":"attachment","text":"More","enableWhen":[{"question":"open","operator":"=","answerBoolean":true}]}]}`

// filing is a draft of the form with files.
func (w *world) filing() ident.ResponseID {
	w.Helper()
	v, _, err := w.Publish(w.ctx, w.aisha, []byte(withFiles), sdc.Identity{})
	w.must(err)
	r, err := w.Start(w.ctx, w.maria, w.lucia, v.Questionnaire, "en")
	w.must(err)
	return r.ID
}

func (w *world) upload(id ident.ResponseID, link string, content []byte, m Meta) (File, Saved, error) {
	return w.Upload(w.ctx, w.maria, id, sdc.Path{LinkID: link}, `C:\Users\Maria\scan of Lucía.png`, bytes.NewReader(content), m)
}

// lying counts the blobs on disk.
func (w *world) lying() (n int) {
	w.Helper()
	w.must(filepath.WalkDir(w.dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}))
	return n
}

func TestUpload(t *testing.T) {
	each(t, func(w *world) {
		id := w.filing()
		picture := shot(t, 20, 1)
		f, saved, err := w.upload(id, "scan", picture, Meta{Key: "u1", Language: "en"})
		w.must(err)
		if f.Title != "scan of Lucía.png" || f.MediaType != "image/png" || saved.Revision != 2 || saved.Seq != 1 || strings.Contains(f.Name(), "Luc") {
			t.Errorf("%+v %+v", f, saved)
		}
		again, saved, err := w.upload(id, "scan", picture, Meta{Key: "u1"})
		if err != nil || !saved.Repeated || again.ID != f.ID || w.lying() != 1 {
			t.Errorf("the same key again: %+v %v, %d on disk", again, err, w.lying())
		}
		if _, _, err := w.upload(id, "scan", shot(t, 20, 9), Meta{Key: "u1"}); kind(err) != "conflict" {
			t.Errorf("the key with another file: %v", err)
		}
		got, content, err := w.File(w.ctx, w.maria, f.ID)
		w.must(err)
		b, err := io.ReadAll(content)
		w.must(errors.Join(err, content.Close()))
		if _, err := png.Decode(bytes.NewReader(b)); err != nil || got.Title != f.Title || got.Size != int64(len(b)) {
			t.Errorf("%+v, %v", got, err)
		}
		if _, _, err := w.File(w.ctx, w.pablo, f.ID); kind(err) != "missing" {
			t.Errorf("a stranger opens it: %v", err)
		}
		if _, _, err := w.File(w.ctx, w.okoye, f.ID); kind(err) != "denied" {
			t.Errorf("a researcher opens it: %v", err)
		}
		out, _, err := w.JSON(w.ctx, w.maria, id)
		w.must(err)
		if !bytes.Contains(out, []byte(`"contentType":"image/png","url":"/api/v1/files/`+string(f.ID)+`","title":"scan of Lucía.png"`)) {
			t.Errorf("got %s", out)
		}
		if _, _, err := w.Upload(w.ctx, w.pablo, id, sdc.Path{LinkID: "scan"}, "x", bytes.NewReader(picture), Meta{}); kind(err) != "missing" {
			t.Errorf("a stranger uploads: %v", err)
		}
	})
}

func TestUploadIsRefused(t *testing.T) {
	each(t, func(w *world) {
		id := w.filing()
		var jpg bytes.Buffer
		w.must(jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
		for _, k := range []struct {
			link    string
			content []byte
			want    string
		}{
			{"scan", jpg.Bytes(), "answer.file_type@scan"}, {"scan", bytes.Repeat([]byte("x"), 6000), "answer.file_size@scan"},
			{"letters", bytes.Repeat([]byte("x"), MaxFile+1), "answer.file_size@letters"}, {"letters", []byte("<svg onload='x'>"), "file.kind@letters"},
			{"letters", append([]byte("\x89PNG\r\n\x1a\n"), "broken"...), "file.broken@letters"}, {"more", shot(t, 4, 1), "answer.disabled@more"},
			{"open", shot(t, 4, 1), "answer.no_file_here@open"}, {"none", shot(t, 4, 1), "answer.no_item@none"},
		} {
			if _, _, err := w.upload(id, k.link, k.content, Meta{}); told(fault.All(err)) != k.want {
				t.Errorf("%s: %v, want %s", k.link, err, k.want)
			}
		}
		if _, err := w.Answer(w.ctx, w.maria, id, holds("scan", ident.New[ident.BlobID]()), Meta{}); told(fault.All(err)) != "answer.file_unknown@scan" {
			t.Errorf("a file that nobody sent: %v", err)
		}
		for i := range 2 {
			_, _, err := w.upload(id, "letters", shot(t, 4, uint8(i)), Meta{})
			w.must(err)
		}
		if _, _, err := w.upload(id, "letters", shot(t, 4, 7), Meta{}); told(fault.All(err)) != "answer.too_many@letters" {
			t.Errorf("a third of two: %v", err)
		}
		if n := w.lying(); n != 2 {
			t.Errorf("%d files lie on disk, 2 are answers", n)
		}
		raw, r, err := w.JSON(w.ctx, w.maria, id)
		w.must(err)
		if _, err := w.Create(w.ctx, w.maria, w.lucia, bytes.Replace(raw, []byte("in-progress"), []byte("completed"), 1), Meta{Key: "c"}); !strings.Contains(told(fault.All(err)), "file_unknown") {
			t.Errorf("files of a draft in another response: %v", err)
		}
		if _, err := w.Replace(w.ctx, w.maria, id, raw, Meta{Revision: r.Revision}); err != nil {
			t.Errorf("its own files put back: %v", err)
		}
		_, _, err = w.Submit(w.ctx, w.maria, id, Meta{})
		w.must(err)
		if _, _, err := w.upload(id, "scan", shot(t, 4, 1), Meta{}); kind(err) != "conflict" {
			t.Errorf("into answers that are sent: %v", err)
		}
		w.withdraw(w.lucia)
		if _, err := w.Amend(w.ctx, w.maria, id); kind(err) != "missing" {
			t.Errorf("without consent: %v", err)
		}
	})
}

func holds(link string, ids ...ident.BlobID) sdc.Change {
	c := sdc.Change{Path: sdc.Path{LinkID: link}, Entries: []sdc.Entry{}}
	for _, id := range ids {
		c.Entries = append(c.Entries, sdc.Entry{File: &sdc.Attachment{Blob: id}})
	}
	return c
}

// A file goes with the change that lets it go, unless a document holds it.
func TestFilesGoWithTheirUse(t *testing.T) {
	each(t, func(w *world) {
		id := w.filing()
		there := func(want int, f File) {
			t.Helper()
			_, content, err := w.File(w.ctx, w.maria, f.ID)
			if err == nil {
				w.must(content.Close())
			} else if kind(err) != "missing" {
				t.Error(err)
			}
			if n := w.lying(); (err == nil) != (want > 0) || n != want && want > 0 {
				t.Errorf("%d files lie there, want %d; opened: %v", n, want, err)
			}
		}
		first, _, err := w.upload(id, "scan", shot(t, 20, 1), Meta{})
		w.must(err)
		second, _, err := w.upload(id, "scan", shot(t, 20, 2), Meta{})
		w.must(err)
		there(0, first)
		there(1, second)
		_, err = w.Answer(w.ctx, w.maria, id, holds("scan"), Meta{})
		w.must(err)
		there(0, second)
		third, _, err := w.upload(id, "letters", shot(t, 20, 3), Meta{})
		w.must(err)
		w.must(w.Discard(w.ctx, w.maria, id))
		there(0, third)
		if n := w.lying(); n != 0 {
			t.Errorf("%d files of a draft that is gone", n)
		}
		id = w.filing()
		sent, _, err := w.upload(id, "scan", shot(t, 20, 4), Meta{})
		w.must(err)
		_, _, err = w.Submit(w.ctx, w.maria, id, Meta{})
		w.must(err)
		_, err = w.Amend(w.ctx, w.maria, id)
		w.must(err)
		newer, _, err := w.upload(id, "scan", shot(t, 20, 5), Meta{})
		w.must(err)
		there(2, sent)
		w.must(w.Discard(w.ctx, w.maria, id))
		there(0, newer)
		there(1, sent)
		if n, err := w.files.Sweep(w.ctx, w.d); n != 0 || err != nil {
			t.Errorf("the sweep took %d, %v", n, err)
		}
		w.withdraw(w.lucia)
		there(1, sent)
	})
}

// The quota counts all files of a person.
func TestUploadQuota(t *testing.T) {
	each(t, func(w *world) {
		id := w.filing()
		r, err := w.Response(w.ctx, w.maria, id)
		w.must(err)
		w.must(w.change(w.ctx, w.maria, id, func(tx *db.Tx, g write, _ *work) error {
			return insertFile(tx, g, fileRow{ID: ident.New[ident.BlobID](), ParticipantID: r.Participant, ResponseID: ident.New[ident.ResponseID](), Size: MaxFilesAll - 10, Kept: true})
		}))
		if _, _, err := w.upload(id, "scan", shot(t, 20, 1), Meta{}); told(fault.All(err)) != "file.quota@scan" {
			t.Errorf("over the quota: %v", err)
		}
		if n := w.lying(); n != 0 {
			t.Errorf("%d files", n)
		}
		if _, err := w.files.Open(ident.New[ident.BlobID]()); !errors.Is(err, blob.ErrMissing) {
			t.Error(err)
		}
	})
}

// A file that another device sent meanwhile is not replaced unseen.
func TestUploadOverAnother(t *testing.T) {
	each(t, func(w *world) {
		id := w.filing()
		empty := sdc.Print(nil)
		first, saved, err := w.upload(id, "scan", shot(t, 20, 1), Meta{Base: empty, Key: "a"})
		w.must(err)
		if _, _, err := w.upload(id, "scan", shot(t, 20, 1), Meta{Base: empty, Key: "a"}); err != nil {
			t.Errorf("the same request again: %v", err)
		}
		if _, _, err := w.upload(id, "scan", shot(t, 20, 2), Meta{Base: empty, Key: "b"}); told(fault.All(err)) != "file.newer@scan" || kind(err) != "stale" {
			t.Errorf("from an older page: %v", err)
		}
		now := saved.Response.Form.ValuesAt(saved.Response.State, sdc.Path{LinkID: "scan"})
		if _, _, err := w.upload(id, "scan", shot(t, 20, 2), Meta{Base: sdc.Print(now)}); err != nil || now[0].File.Blob != first.ID {
			t.Errorf("from the newest page: %v", err)
		}
	})
}

func TestTitleOf(t *testing.T) {
	for in, want := range map[string]string{
		"scan.png": "scan.png", "/etc/passwd": "passwd", `C:\a\b.pdf`: "b.pdf", "..": "", "": "", "a\x00b\n.png": "ab.png", "e\u0301.pdf": "é.pdf", "\xff.pdf": "",
		strings.Repeat("ñ", 300) + ".jpeg": strings.Repeat("ñ", 115) + ".jpeg",
	} {
		if got := titleOf(in); got != want && !(in == "\xff.pdf" && got == ".pdf") {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// What a name becomes is one printable line without folders, and becomes itself again.
func FuzzTitleOf(f *testing.F) {
	for _, s := range []string{"a.pdf", `..\..\x`, "e\u0301/\u202e.png", strings.Repeat("x", 500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := titleOf(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxTitle || strings.ContainsAny(got, "/\\") || titleOf(got) != got {
			t.Errorf("%q became %q, then %q", s, got, titleOf(got))
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Errorf("%q holds %U", got, r)
			}
		}
	})
}
