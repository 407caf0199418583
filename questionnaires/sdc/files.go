package sdc

import (
	"slices"
	"strconv"
	"strings"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
)

// fileAddress is where a file of ours can be had, for whoever may read the answers; blobScheme names it without a place.
const (
	fileAddress = "/api/v1/files/"
	blobScheme  = "urn:uuid:"
)

// KeptTypes are the types of files that are kept: those that can be taken apart and made anew.
var KeptTypes = []string{"application/pdf", "image/jpeg", "image/png"}

// FileOf reads which file of ours an address names, or a name.
func FileOf(url string) (ident.BlobID, error) {
	name, ours := strings.CutPrefix(url, fileAddress)
	if !ours {
		if name, ours = strings.CutPrefix(url, blobScheme); !ours {
			return "", ident.ErrInvalid
		}
	}
	return ident.Parse[ident.BlobID](name)
}

var attachmentMembers = kinds("id extension contentType language data url size hash title creation")

// readAttachment reads a file: one of ours, by its address or its name, or one from outside, which is fine in a response
// that is only judged. Whoever keeps responses refuses it (Incoming.Foreign): files are uploaded first.
func readAttachment(v jsonscan.Value) (Value, *fault.Error) {
	for _, m := range v.All() {
		if _, ok := attachmentMembers[strings.TrimPrefix(m.Key(), "_")]; !ok {
			return Value{}, errElementUnknown.With("Element", m.Key())
		}
	}
	a := &Attachment{ContentType: v.Get("contentType").Text(), Title: v.Get("title").Text(), Data: v.Get("data").Text()}
	if a.Data != "" && !base64Form.MatchString(a.Data) {
		return Value{}, errNotBase64
	}
	url := v.Get("url").Text()
	if id, err := FileOf(url); err == nil && a.Data == "" {
		a.Blob = id
	} else {
		a.URL = url
	}
	size, _ := whole(v.Get("size").Text())
	if a.Size = int64(size); a.Data != "" {
		a.Size = int64(decodedSize(a.Data))
	}
	return Value{Type: File, File: a}, nil
}

// decodedSize is how many bytes base64 text stands for.
func decodedSize(data string) int {
	n := 0
	for i := range len(data) {
		if c := data[i]; c > ' ' && c != '=' {
			n++
		}
	}
	return n * 3 / 4
}

func (i *item) checkFile(a *Attachment) *fault.Error {
	if a == nil {
		return errValueMissing
	}
	if i.MaxSize > 0 && a.Size > i.MaxSize {
		return FileTooLarge(i.MaxSize)
	}
	kind, _, _ := strings.Cut(a.ContentType, ";")
	if len(i.MimeTypes) > 0 && kind != "" && !i.takes(kind) { // a reference alone is judged once the file is known
		return errFileType.With("Types", strings.Join(i.MimeTypes, ", "))
	}
	return nil
}

// FileTooLarge says how large a file may be.
func FileTooLarge(most int64) *fault.Error { return errFileSize.With("Limit", SizeWords(most)) }

// SizeWords writes a number of bytes as people read it: 640 kB, 1.4 MB.
func SizeWords(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatInt(n/1000, 10) + " kB"
	}
	return strconv.FormatFloat(float64(n/100_000)/10, 'f', -1, 64) + " MB"
}

// takes tells whether the types that an item names include one.
func (i *item) takes(kind string) bool {
	return slices.ContainsFunc(i.MimeTypes, func(m string) bool {
		family, any := strings.CutSuffix(m, "/*")
		return m == kind || (any && strings.HasPrefix(kind, family+"/"))
	})
}

// fillable refuses a question that takes no file of a type that is kept: nobody could ever answer it.
func (c *compiler) fillable(it *item) {
	if it.Type == TypeAttachment && len(it.MimeTypes) > 0 && !slices.ContainsFunc(KeptTypes, it.takes) {
		c.refuse(errFileKinds.With("Types", strings.Join(it.MimeTypes, ", "), "Kept", strings.Join(KeptTypes, ", ")), it.LinkID)
	}
}

// TakesFiles tells whether any question of the form is answered with files.
func (f *Form) TakesFiles() bool {
	return slices.ContainsFunc(f.items, func(it item) bool { return it.Type == TypeAttachment })
}

// Upload tells whether a question takes a file now, and the most bytes that it takes (0 where it says nothing). The
// fault's Field is the path.
func (f *Form) Upload(s *State, p Path) (most int64, wrong *fault.Error) {
	it, in, enabled := f.find(s, p)
	if it != nil {
		it = it.at(&in.slots[it.seat])
	}
	switch {
	case it == nil:
		wrong = ErrNoItem
	case !enabled:
		wrong = errDisabled
	case it.ReadOnly:
		wrong = errReadOnly
	case it.Type != TypeAttachment:
		wrong = errNoFileHere
	default:
		return it.MaxSize, nil
	}
	return 0, wrong.At(p.String())
}

// Attach is the change that gives a question a file: in the place of the one there is, or behind the others where the
// question repeats. Ask Upload first.
func (f *Form) Attach(s *State, p Path, a Attachment) Change {
	c := Change{Path: p, Op: OpAnswer}
	if it, _, _ := f.find(s, p); it != nil && it.Repeats {
		c.Values = f.ValuesAt(s, p)
	}
	c.Values = append(c.Values, Value{Type: File, File: &a})
	return c
}
