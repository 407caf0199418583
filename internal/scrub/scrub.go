// Package scrub takes an uploaded file apart and makes it anew, so that what is kept holds what can be seen and nothing
// else: no camera data, no place, no document properties, no earlier revisions, no script, no attached file.
//
// What always holds:
//
//  1. A file is what its first bytes say; its name counts for nothing.
//  2. What comes out is written by this package. An image is decoded and encoded again; of a PDF only the objects that
//     its pages need are written, without the entries that describe document, author or program.
//  3. A PDF with a script, an attachment, an action on other files or a password is refused, not repaired.
//  4. Limits are checked before anything large is built: pixels before decoding, sizes while inflating.
//
// It reads no files and keeps nothing.
package scrub

import (
	"errors"

	"github.com/gabriel-vasile/mimetype"
)

// The refusals.
var (
	ErrKind   = errors.New("scrub: neither PDF nor JPEG nor PNG")
	ErrBroken = errors.New("scrub: cannot be read")
	ErrActive = errors.New("scrub: holds a script, an attachment or an action")
	ErrLocked = errors.New("scrub: is encrypted")
	ErrPages  = errors.New("scrub: too many pages")
	ErrPixels = errors.New("scrub: too many pixels")
)

// Limits.
const (
	MaxPixels = 24_000_000
	MaxSide   = 20_000
	MaxPages  = 60
)

// Result is a file made anew.
type Result struct {
	Bytes     []byte
	MediaType string // application/pdf, image/jpeg or image/png
	Pages     int    // 1 for an image
}

// File makes a file anew, or refuses it.
func File(b []byte) (Result, error) {
	switch m := mimetype.Detect(b); {
	case m.Is("application/pdf"):
		out, pages, err := rebuildPDF(b)
		return Result{out, "application/pdf", pages}, err
	case m.Is("image/jpeg"):
		out, err := reencodeJPEG(b)
		return Result{out, "image/jpeg", 1}, err
	case m.Is("image/png"):
		out, err := reencodePNG(b)
		return Result{out, "image/png", 1}, err
	}
	return Result{}, ErrKind
}
