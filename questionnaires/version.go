package questionnaires

import (
	"time"

	"kindred/internal/ident"
	"kindred/questionnaires/sdc"
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
	return sdc.Identity{URL: v.URL, Version: v.Version}.Identified(v.Raw)
}
