package sdc

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // names a file by its content (UUID version 5), protects nothing

	"github.com/google/uuid"

	"kindred/internal/jsonscan"
)

// Identity names a questionnaire whose file does not: what the file says comes first.
type Identity struct{ URL, Version string }

// DerivedIdentity is an identity for a file that has none: an address made from its bytes, and version 1. The same
// bytes have the same identity, so publishing twice is publishing once; a corrected file is another questionnaire.
func DerivedIdentity(raw []byte) Identity {
	return Identity{URL: "urn:uuid:" + uuid.NewHash(sha1.New(), uuid.NameSpaceURL, raw, 5).String(), Version: "1"}
}

// CompileAs compiles bytes for publishing, under the identity that they have or are given.
func CompileAs(raw []byte, id Identity) (*Form, Findings) {
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

// Identified gives the bytes of a questionnaire with url, version and status put in front where they have none.
func (i Identity) Identified(raw []byte) ([]byte, error) {
	doc, err := jsonscan.Parse(raw, FormLimits)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, m := range [][2]string{{"url", i.URL}, {"version", i.Version}, {"status", "active"}} {
		if doc.Root().Get(m[0]).Text() == "" {
			missing = append(missing, m[0], m[1])
		}
	}
	if len(missing) == 0 {
		return raw, nil
	}
	open := bytes.IndexByte(raw, '{') + 1
	b := append([]byte(nil), raw[:open]...)
	b = append(fields(b, missing...), ',')
	return append(b, raw[open:]...), nil
}
