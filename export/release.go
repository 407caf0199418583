package export

import (
	"slices"
	"time"

	"kindred/internal/ident"
)

// ReleaseState says where a release stands.
type ReleaseState string

// The states. Withdrawn is for good: its files are deleted.
const (
	Requested ReleaseState = "requested"
	Running   ReleaseState = "running"
	Finished  ReleaseState = "finished"
	Failed    ReleaseState = "failed"
	Withdrawn ReleaseState = "withdrawn"
)

// Release is one run of a study.
type Release struct {
	ID           ident.ReleaseID
	Study        ident.StudyID
	Requester    ident.AccountID
	State        ReleaseState
	Formats      []Format
	Protocol     int
	Done, Total  int // people written, people to write
	Participants int
	Snapshot     int64
	Manifest     string // JSON, once finished
	Signature    string
	Folder       bool   // written to a folder by the command line: there is nothing to download
	Fault        string // message key, when failed
	CreatedAt    time.Time
	FinishedAt   *time.Time
	WithdrawnAt  *time.Time
	Files        []FileInfo
}

// underWay tells whether a release is still under way.
func (r *Release) underWay() bool { return r.State == Requested || r.State == Running }

// cleanFormats puts formats in a fixed order; none means all.
func cleanFormats(formats []Format) ([]Format, error) {
	known := []Format{FHIR, Excel}
	if len(formats) == 0 {
		return known, nil
	}
	var out []Format
	for _, k := range known {
		if slices.Contains(formats, k) {
			out = append(out, k)
		}
	}
	for _, f := range formats {
		if !slices.Contains(known, f) {
			return nil, errFormat.With("Format", string(f))
		}
	}
	return out, nil
}

// Use is what a participant sees of a release that they are in.
type Use struct {
	Release        ident.ReleaseID
	Study          ident.StudyID
	Title          string
	Purpose        string
	Fields         []Field
	Questionnaires []string
	Scopes         []string // consents that let it happen
	Reason         string   // why the committee approved
	ApprovedAt     *time.Time
	At             time.Time
	State          ReleaseState
	Downloads      []time.Time
	Pseudonym      string // the person's name in that study, to ask the recipient by
}
