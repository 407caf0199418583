package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Manifest says what a release is and what lets it exist. It is written as canonical JSON: keys sorted, no white space.
type Manifest struct {
	Kind           string        `json:"kind"` // always "kindred-release"
	Format         int           `json:"format"`
	Release        string        `json:"release"`
	Study          StudyInfo     `json:"study"`
	Recipient      string        `json:"recipient"` // account of the researcher whose copy this is
	Copy           string        `json:"copy"`      // the mark that tells copies apart
	Cut            string        `json:"cut"`
	Consent        ConsentInfo   `json:"consent"`
	Fields         []string      `json:"fields"`
	Questionnaires []string      `json:"questionnaires"` // canonical|version
	Filter         FilterInfo    `json:"filter"`
	CodeVersion    string        `json:"code_version"`
	Participants   int           `json:"participants"`
	Pseudonyms     PseudonymInfo `json:"pseudonyms"`
	SmallCells     CellInfo      `json:"small_cells"`
	Files          []FileInfo    `json:"files"`
}

// StudyInfo is the study as it was approved.
type StudyInfo struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Purpose  string `json:"purpose"`
	Protocol string `json:"protocol"`
	Approved string `json:"approved,omitempty"` // when
}

// ConsentInfo is the state of the consent ledger that the release saw.
type ConsentInfo struct {
	Snapshot  int64    `json:"snapshot"`
	Scopes    []string `json:"scopes"`
	Documents []string `json:"documents"` // document|version
}

// FilterInfo is what narrowed the release.
type FilterInfo struct {
	From     string `json:"from,omitempty"`
	Until    string `json:"until,omitempty"`
	FreeText bool   `json:"free_text"`
	// VerifiedOnly leaves out people without an accepted proof of diagnosis.
	VerifiedOnly bool `json:"verified_only"`
}

// PseudonymInfo lets two releases be compared without showing who is in them. Keyed needs the registry's key; SHA256
// is over the pseudonyms in order, a line each, and can be checked by whoever has the files.
type PseudonymInfo struct {
	Keyed  string `json:"keyed"`
	SHA256 string `json:"sha256"`
}

// Names of the manifest and of its signature.
const (
	ManifestName  = "manifest.json"
	SignatureName = "manifest.sig"
)

func (m *Manifest) consentLine() string {
	return fmt.Sprintf("%d; scopes %s; documents %s", m.Consent.Snapshot, strings.Join(m.Consent.Scopes, ", "), strings.Join(m.Consent.Documents, ", "))
}

// Canonical is the manifest's bytes: the same manifest always gives the same.
func (m *Manifest) Canonical() ([]byte, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err = e.Encode(tree) // maps are written with sorted keys
	return out.Bytes(), err
}

// Sign makes the detached signature of a manifest's bytes: a signed note over their hash.
func Sign(manifest []byte, signer note.Signer) ([]byte, error) {
	sum := sha256.Sum256(manifest)
	return note.Sign(&note.Note{Text: "kindred release manifest\n" + hex.EncodeToString(sum[:]) + "\n"}, signer)
}

func sorted(list []string) []string {
	out := append([]string{}, list...)
	sort.Strings(out)
	return out
}
