// Package verify checks the files of a release against their manifest. It shares no code with what writes them: it
// reads what stands there with nothing but the standard library, as a recipient or a committee would.
//
//  1. Every file of the manifest is there with its size and hash, and no other file is.
//  2. Every line of NDJSON is one JSON object of the type its file is for, and there are as many as the manifest says.
//  3. The workbook opens, its sheets have the names and rows the manifest says, and it holds no formula, macro or link.
//  4. The pseudonyms of the FHIR files and of the workbook are those of the manifest's hash, in order, each once.
//  5. Every resource belongs to a person of the release.
//  6. Where the manifest claims a minimum class, everybody looks like at least so many people in the FHIR files.
//  7. The manifest is signed; with the registry's public key, by the registry.
//
// It never says that a release was allowed: that is for the audit log to prove.
package verify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Report is what was found. Problems is empty when everything fits.
type Report struct {
	Release      string         `json:"release"`
	Study        string         `json:"study"`
	Participants int            `json:"participants"`
	Files        int            `json:"files"`
	Rows         map[string]int `json:"rows"`
	Signature    string         `json:"signature"` // valid, absent, unchecked (no key was given to tell whose it is) or invalid
	Problems     []string       `json:"problems"`
}

// OK tells whether everything fits.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// ErrNoManifest is what Dir answers for a folder that holds no manifest to check against.
var ErrNoManifest = errors.New("verify: no readable manifest.json in this folder")

type manifest struct {
	Kind         string
	Format       int
	Release      string
	Study        struct{ ID string }
	Participants int
	Pseudonyms   struct{ Keyed, SHA256 string }
	SmallCells   struct {
		Minimum int
		Told    []struct{ People int }
	} `json:"small_cells"`
	Files []entry
}

type entry struct {
	Name, Format, Resource, SHA256 string
	Rows                           int
	Bytes                          int64
	Sheets                         []struct {
		Name string
		Rows int
	}
}

const manifestLimit = 16 << 20

// ErrKey is what Dir answers for a verifier key that is none.
var ErrKey = errors.New("verify: the verifier key cannot be read")

// Dir checks the folder of a release. keys are verifier keys (golang.org/x/mod/sumdb/note) for the signature; without
// one it is checked that the signature is there and is over this manifest, not whose it is. The error says that there is
// nothing to check, or nothing to check it with; what does not fit is in the report.
func Dir(dir string, keys ...string) (*Report, error) {
	known, err := verifiers(keys)
	if err != nil {
		return nil, err
	}
	raw, err := readUpTo(filepath.Join(dir, "manifest.json"), manifestLimit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoManifest, err)
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoManifest, err)
	}
	if m.Kind != "kindred-release" || m.Format != 1 {
		return nil, fmt.Errorf("%w: kind %q, format %d", ErrNoManifest, m.Kind, m.Format)
	}
	r := &Report{Release: m.Release, Study: m.Study.ID, Participants: m.Participants, Files: len(m.Files), Rows: map[string]int{}, Problems: []string{}}
	r.signature(dir, raw, known, len(keys))
	r.listing(dir, &m)
	people := r.people(dir, &m)
	r.classes(dir, &m)
	for i := range m.Files {
		r.file(dir, &m.Files[i], people)
	}
	return r, nil
}

func readUpTo(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("over %d bytes", limit)
	}
	return b, err
}

// verifiers reads the keys that a signature may have.
func verifiers(keys []string) (note.Verifiers, error) {
	list := make([]note.Verifier, 0, len(keys))
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// signature checks manifest.sig. Without a key it cannot tell who signed, but it can tell what was signed.
func (r *Report) signature(dir string, raw []byte, known note.Verifiers, keys int) {
	signed, err := readUpTo(filepath.Join(dir, "manifest.sig"), 1<<16)
	if err != nil {
		r.Signature = "absent"
		r.problem("the signature is missing: manifest.sig: %v", err)
		return
	}
	sum := sha256.Sum256(raw)
	text := "kindred release manifest\n" + hex.EncodeToString(sum[:]) + "\n"
	if keys == 0 {
		r.Signature = "unchecked"
		if !bytes.HasPrefix(signed, []byte(text+"\n\u2014 ")) {
			r.Signature = "invalid"
			r.problem("manifest.sig signs another manifest, or is not a signature")
		}
		return
	}
	n, err := note.Open(signed, known)
	if err != nil || n.Text != text {
		r.Signature = "invalid"
		r.problem("manifest.sig does not sign this manifest with this key")
		return
	}
	r.Signature = "valid"
}

// listing finds files that the manifest does not know, and names that are not plain.
func (r *Report) listing(dir string, m *manifest) {
	known := map[string]bool{"manifest.json": true, "manifest.sig": true}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) || strings.HasPrefix(f.Name, ".") || known[f.Name] {
			r.problem("the manifest names the file %q, which is no plain name or stands twice", f.Name)
		}
		known[f.Name] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.problem("the folder cannot be listed: %v", err)
		return
	}
	for _, e := range entries {
		if !known[e.Name()] {
			r.problem("%s is not in the manifest", e.Name())
		}
		if e.IsDir() || !e.Type().IsRegular() {
			r.problem("%s is not a plain file", e.Name())
		}
	}
}

// people reads the pseudonyms from Patient.ndjson, or where there is none from the workbook, and checks their hash.
func (r *Report) people(dir string, m *manifest) map[string]bool {
	var names []string
	for i := range m.Files {
		f := &m.Files[i]
		var from []string
		switch {
		case f.Resource == "Patient":
			_ = lines(filepath.Join(dir, filepath.Base(f.Name)), func(_ int, raw []byte) {
				var p struct{ ID string }
				_ = json.Unmarshal(raw, &p)
				from = append(from, p.ID)
			})
		case f.Format == "xlsx":
			from = firstColumn(filepath.Join(dir, filepath.Base(f.Name)), "Participants")
		default:
			continue
		}
		if names != nil && strings.Join(names, "\n") != strings.Join(from, "\n") {
			r.problem("%s holds other people than the file before it", f.Name)
		}
		names = from
	}
	if !sort.StringsAreSorted(names) {
		r.problem("the people are not in the order of their pseudonyms")
	}
	people := make(map[string]bool, len(names))
	sum := sha256.New()
	for _, n := range names {
		if people[n] || !isPseudonym(n) {
			r.problem("%q stands twice or is no pseudonym", n)
		}
		people[n] = true
		_, _ = io.WriteString(sum, n+"\n")
	}
	if len(names) != m.Participants {
		r.problem("%d people are in the files, %d in the manifest", len(names), m.Participants)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != m.Pseudonyms.SHA256 {
		r.problem("the pseudonyms are not those of the manifest")
	}
	if b, err := hex.DecodeString(m.Pseudonyms.Keyed); err != nil || len(b) != 32 {
		r.problem("the keyed digest of the pseudonyms is not 64 hexadecimal digits")
	}
	return people
}

// isPseudonym tells whether s has the form of a pseudonym: four groups of four and a check character.
func isPseudonym(s string) bool {
	if len(s) != 21 {
		return false
	}
	for i := range len(s) {
		dash := i%5 == 4
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", rune(s[i])) {
			return false
		}
	}
	return true
}

func (r *Report) file(dir string, f *entry, people map[string]bool) {
	path := filepath.Join(dir, filepath.Base(f.Name))
	size, sum, err := digest(path)
	if err != nil {
		r.problem("%s: %v", f.Name, err)
		return
	}
	if size != f.Bytes || sum != f.SHA256 {
		r.problem("%s has changed: %d bytes, SHA-256 %s", f.Name, size, sum)
	}
	switch f.Format {
	case "fhir":
		r.ndjson(path, f, people)
	case "xlsx":
		r.workbook(path, f)
	default:
		r.problem("%s has the unknown format %q", f.Name, f.Format)
	}
}

func digest(path string) (int64, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n, hex.EncodeToString(h.Sum(nil)), err
}

// lines gives every line of a file; the last must end like the others.
func lines(path string, each func(int, []byte)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	for n := 1; ; n++ {
		raw, err := in.ReadBytes('\n')
		if err == io.EOF && len(raw) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d does not end", n)
		}
		each(n, bytes.TrimSuffix(raw, []byte("\n")))
	}
}

func (r *Report) ndjson(path string, f *entry, people map[string]bool) {
	n, ids := 0, map[string]bool{}
	err := lines(path, func(at int, raw []byte) {
		n++
		var res struct {
			ResourceType, ID string
			Subject          struct{ Reference string }
		}
		if err := json.Unmarshal(raw, &res); err != nil {
			r.problem("%s, line %d is not JSON: %v", f.Name, at, err)
			return
		}
		if res.ResourceType != f.Resource {
			r.problem("%s, line %d is a %s", f.Name, at, res.ResourceType)
		}
		if f.Resource == "Questionnaire" {
			return
		}
		if res.ID == "" || ids[res.ID] {
			r.problem("%s, line %d: the id %q is missing or stands twice", f.Name, at, res.ID)
		}
		ids[res.ID] = true
		if f.Resource != "Patient" && !people[strings.TrimPrefix(res.Subject.Reference, "Patient/")] {
			r.problem("%s, line %d belongs to nobody in the release", f.Name, at)
		}
	})
	if err != nil {
		r.problem("%s: %v", f.Name, err)
	}
	if n != f.Rows {
		r.problem("%s has %d lines, the manifest says %d", f.Name, n, f.Rows)
	}
	r.Rows[f.Resource] = n
}
