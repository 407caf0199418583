package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/questionnaires"
	"kindred/questionnaires/sdc"
)

// Limits of a page with files. A file that is too large is read to its end and thrown away, so that nothing else on the
// page is lost with it.
const (
	MaxUploads  = 256 << 20 // bytes of a page with its files
	maxPageText = 2 << 20   // bytes of its fields
	maxPageFile = 20        // files of one page
)

// filledPage is what a page of a questionnaire sent.
type filledPage struct {
	sdc.Fields
	wrong fault.List // what files were refused for
	sum   string     // of all fields, to tell one page from another
}

func (f filledPage) first(names ...string) string {
	for _, n := range names {
		if v := f.Fields[n]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// key is the page's own, with what it says: a browser that goes back sends the key of an older drawing with other
// answers, and those count.
func (f filledPage) key() string {
	key := f.first("_key")
	if key == "" || len(key) > 64 {
		return ""
	}
	return key + "/" + f.sum
}

// filled reads the fields of a page: the three boxes of dates get the names that the engine knows, and what is to be
// cleared loses its answers. Files go to receive as they stream in; without it they are left unread.
func (r *Request) filled(receive receiver) (filledPage, int, error) {
	n, err := strconv.Atoi(r.Param("page"))
	if err != nil {
		return filledPage{}, 0, ident.ErrInvalid
	}
	page := filledPage{Fields: sdc.Fields{}}
	var sent url.Values
	if strings.HasPrefix(r.GetHeader("Content-Type"), "multipart/form-data") {
		sent, page.wrong, err = r.parts(receive)
	} else {
		if err = r.Request.ParseForm(); err != nil {
			err = bodyFault(err)
		}
		sent = r.Request.Form
	}
	if err != nil {
		return page, 0, err
	}
	values, err := r.values(sent)
	if err != nil {
		return page, 0, err
	}
	sum := sha256.Sum256([]byte(sent.Encode()))
	page.sum = hex.EncodeToString(sum[:8])
	for name, v := range values {
		page.Fields[name] = v
	}
	page.settle()
	return page, n, nil
}

func (f filledPage) settle() {
	for _, path := range f.Fields["_asked"] {
		for _, part := range []string{"day", "month", "year"} {
			if v, ok := f.Fields[path+"-"+part]; ok {
				f.Fields[path+"~"+part] = v
			}
		}
	}
	for _, path := range f.Fields["_clear"] {
		for _, part := range []string{"", "~file", "~other"} {
			delete(f.Fields, path+part)
		}
	}
	for _, drop := range f.Fields["_drop"] {
		if cut := strings.LastIndexByte(drop, '~'); cut >= 0 {
			name := drop[:cut] + "~file"
			f.Fields[name] = slices.DeleteFunc(slices.Clone(f.Fields[name]), func(id string) bool { return id == drop[cut+1:] })
		}
	}
}

// receiver takes a file that was chosen for a question, with the fields that came before it.
type receiver func(path, name string, before url.Values, file io.Reader) error

// parts reads a multipart page. Nothing of a file lies in the clear on disk.
func (r *Request) parts(receive receiver) (url.Values, fault.List, error) {
	reader, err := r.Request.MultipartReader()
	if err != nil {
		return nil, nil, errText.Because(err)
	}
	sent, wrong, room, files := url.Values{}, fault.List(nil), int64(maxPageText), 0
	var taken []string
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, bodyFault(err)
		}
		path, isFile := strings.CutSuffix(part.FormName(), "~upload")
		if !isFile {
			if err := field(sent, part, &room); err != nil {
				return nil, nil, err
			}
			continue
		}
		if files++; part.FileName() == "" || receive == nil || files > maxPageFile {
			continue
		}
		if err := receive(path, part.FileName(), sent, part); err == nil {
			taken = append(taken, path)
		} else if kind := fault.KindOf(err); kind == fault.Internal || kind == fault.Missing || kind == fault.Denied {
			return nil, nil, err
		} else {
			wrong = append(wrong, fault.All(err)...)
		}
	}
	// What was answered with a file just now has its answer: the list that the page showed is the older one.
	sent["_asked"] = slices.DeleteFunc(sent["_asked"], func(path string) bool { return slices.Contains(taken, path) })
	if up := sent["_upload"]; len(up) > 0 && len(wrong) == 0 && !slices.Contains(taken, up[0]) {
		wrong = append(wrong, errNoFileChosen.At(up[0]))
	}
	return sent, wrong, nil
}

var errNoFileChosen = fault.New(fault.Invalid, "page_form.file.choose")

// field reads one field of a multipart page.
func field(sent url.Values, part *multipart.Part, room *int64) error {
	b, err := io.ReadAll(io.LimitReader(part, *room+1))
	if err != nil {
		return bodyFault(err)
	}
	if *room -= int64(len(b) + len(part.FormName())); *room < 0 || len(sent) > maxFields {
		return fault.New(fault.TooLarge, "fault.too_large")
	}
	sent.Add(part.FormName(), string(b))
	return nil
}

// receive answers questions with the files that a page brings. The same file sent again by the same drawing of the page
// has one effect.
func (p *Pages) receive(r *Request, id ident.ResponseID) receiver {
	return func(path, name string, before url.Values, file io.Reader) error {
		at, err := sdc.ParsePath(path)
		if err != nil {
			return sdc.ErrNoItem
		}
		content, err := io.ReadAll(io.LimitReader(file, questionnaires.MaxFile+1)) // one byte more is refused as too large
		if err != nil {
			return bodyFault(err)
		}
		meta := p.meta(r, "")
		if key := before.Get("_key"); key != "" && len(key) <= 64 {
			sum := sha256.Sum256(append([]byte(path+"\x00"), content...))
			meta.Key = key + "/" + hex.EncodeToString(sum[:8])
		}
		meta.Base = before.Get(path + "~was")
		_, _, err = p.Questionnaires.Upload(r.Request.Context(), r.Actor, id, at, name, bytes.NewReader(content), meta)
		return err
	}
}

// AnswerFile gives a file that answers a question, as a download and never as a page.
func (p *Pages) AnswerFile(r *Request) error {
	id, err := p.response(r)
	if err != nil {
		return err
	}
	file, err := ID[ident.BlobID](r, "file")
	if err != nil {
		return err
	}
	f, content, err := p.Questionnaires.File(r.Request.Context(), r.Actor, file)
	if err != nil {
		return err
	}
	defer content.Close()
	if f.Response != id {
		return questionnaires.ErrNoFile
	}
	h := r.Writer.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+f.Name()+`"`)
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	r.Status(http.StatusOK)
	_, err = io.Copy(r.Writer, content)
	return err
}

// asksFile tells whether a page asks for a file.
func asksFile(items []formItem) bool {
	return slices.ContainsFunc(items, func(it formItem) bool {
		return it.Kind == "upload" || asksFile(it.Items) || slices.ContainsFunc(it.Repeats, func(o formRepeat) bool { return asksFile(o.Items) })
	})
}

// named are the questions of a page with one of some paths.
func named(items []formItem, paths []string) []formItem {
	var list []formItem
	for _, it := range items {
		if it.Was != "" && slices.Contains(paths, it.Path) {
			list = append(list, it)
		}
		list = append(list, named(it.Items, paths)...)
		for _, o := range it.Repeats {
			list = append(list, named(o.Items, paths)...)
		}
	}
	return list
}
