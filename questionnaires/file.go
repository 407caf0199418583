package questionnaires

import (
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/ident"
	"kindred/questionnaires/sdc"
)

// File is a file that answers a question. It goes when no answer holds it any more, unless it was sent.
type File struct {
	ID          ident.BlobID
	Participant ident.ParticipantID
	Response    ident.ResponseID
	MediaType   string // what the file is, by its content
	Size        int64
	Title       string // the name it came with, without its folders
	Account     ident.AccountID
	At          time.Time
}

// Limits of files.
const (
	MaxFile     = 15_000_000 // bytes of one file; a question may allow less
	MaxFilesAll = 100 << 20  // bytes of all files of a person
	MaxFiles    = 100        // files of a person
	maxTitle    = 120        // letters of a name
)

// Name is the name to download it under: it says nothing about the person.
func (f File) Name() string {
	extension := map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}[f.MediaType]
	return "file-" + string(f.ID[len(f.ID)-8:]) + extension
}

func (f File) attachment() sdc.Attachment {
	return sdc.Attachment{Blob: f.ID, ContentType: f.MediaType, Title: f.Title, Size: f.Size}
}

// titleOf makes the name that a file came with one line of at most maxTitle letters, without folders.
func titleOf(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, norm.NFC.String(name))
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) > maxTitle {
		extension := path.Ext(name)
		if len(extension) > 8 {
			extension = ""
		}
		name = cutText(name, maxTitle-len(extension)) + extension
	}
	if strings.Trim(name, "./") == "" {
		return ""
	}
	return name
}
