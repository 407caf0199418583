package questionnaires

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // names a file by its content (UUID version 5), protects nothing
	"time"

	"github.com/google/uuid"

	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/internal/jsonscan"
)

// Version is one published version of a questionnaire. It never changes.
type Version struct {
	ID            ident.VersionID
	Questionnaire ident.QuestionnaireID
	URL, Version  string
	Number        int // 1 for the first version published
	Title         string
	SHA256        string
	Raw           []byte // FHIR JSON as it was published; nil in lists
	PublishedBy   ident.AccountID
	PublishedAt   time.Time
	Retired       bool // not offered any more; drafts go on, answers stay
}

// Canonical is url|version.
func (v Version) Canonical() string { return v.URL + "|" + v.Version }

// Resource is the questionnaire as it is served and released: the bytes as published, with url, version and status put
// in front where the file had none, so that responses can be matched to it.
func (v Version) Resource() ([]byte, error) {
	doc, err := jsonscan.Parse(v.Raw, FormLimits)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, m := range [][2]string{{"url", v.URL}, {"version", v.Version}, {"status", "active"}} {
		if doc.Root().Get(m[0]).Text() == "" {
			missing = append(missing, m[0], m[1])
		}
	}
	if len(missing) == 0 {
		return v.Raw, nil
	}
	open := bytes.IndexByte(v.Raw, '{') + 1
	b := append([]byte(nil), v.Raw[:open]...)
	b = append(fields(b, missing...), ',')
	return append(b, v.Raw[open:]...), nil
}

// Identity names a questionnaire whose file does not: what the file says comes first.
type Identity struct{ URL, Version string }

// DerivedIdentity is an identity for a file that has none: an address made from its bytes, and version 1. The same
// bytes have the same identity, so publishing twice is publishing once; a corrected file is another questionnaire.
func DerivedIdentity(raw []byte) Identity {
	return Identity{URL: "urn:uuid:" + uuid.NewHash(sha1.New(), uuid.NameSpaceURL, raw, 5).String(), Version: "1"}
}

// publishable compiles bytes for publishing, under the identity that they have or are given.
func publishable(raw []byte, id Identity) (*Form, Findings) {
	f, found := Compile(raw)
	if f == nil {
		return nil, found
	}
	f.URL, f.Version = firstOf(f.URL, id.URL), firstOf(f.Version, id.Version)
	if f.URL == "" {
		found.Refusals.Add(errURLMissing)
	}
	if f.Version == "" {
		found.Refusals.Add(errVersionMissing)
	}
	if f.Status == "retired" {
		found.Refusals.Add(errRetired)
	}
	if len(found.Refusals) > 0 {
		return nil, found
	}
	return f, found
}

// asFault gives all refusals as one error.
func (f Findings) asFault() error {
	return f.Refusals.Err()
}

// uploads refuses each item that asks for a file, for a service that keeps none.
func (f *Form) uploads() fault.List {
	var refused fault.List
	for i := range f.items {
		if f.items[i].Type == TypeAttachment {
			refused.Add(errFeature.With("Feature", "type attachment").At(f.items[i].LinkID))
		}
	}
	return refused
}
