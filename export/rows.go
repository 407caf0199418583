package export

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"kindred/internal/ident"
)

type studyRow struct {
	ID         string `gorm:"primaryKey;<-:create"`
	AccountID  string `gorm:"<-:create"`
	State      string
	Title      string
	Protocol   int
	Proposal   string
	ValidUntil *time.Time
	DecidedAt  *time.Time
	CreatedAt  time.Time `gorm:"<-:create"`
	UpdatedAt  time.Time
	Revision   int
}

func (studyRow) TableName() string { return "studies" }
func (studyRow) NotPersonal()      {}

func (r *studyRow) study() (*Study, error) {
	s := &Study{ID: ident.StudyID(r.ID), Proposer: ident.AccountID(r.AccountID), State: StudyState(r.State), Protocol: r.Protocol,
		ValidUntil: utc(r.ValidUntil), DecidedAt: utc(r.DecidedAt), CreatedAt: r.CreatedAt.UTC(), Revision: r.Revision}
	if err := json.Unmarshal([]byte(r.Proposal), &s.Proposal); err != nil {
		return nil, fmt.Errorf("export: study %s: %w", r.ID, err)
	}
	return s, nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

type decisionRow struct {
	ID        string `gorm:"primaryKey"`
	StudyID   string
	Protocol  int
	Verdict   string
	Reason    string
	AccountID string
	Proposal  string
	CreatedAt time.Time
}

func (decisionRow) TableName() string { return "study_decisions" }
func (decisionRow) NotPersonal()      {}

func (r *decisionRow) decision() (Decision, error) {
	d := Decision{Study: ident.StudyID(r.StudyID), Protocol: r.Protocol, Approved: r.Verdict == string(Approved), Reason: r.Reason, By: ident.AccountID(r.AccountID), At: r.CreatedAt.UTC()}
	if err := json.Unmarshal([]byte(r.Proposal), &d.Proposal); err != nil {
		return d, fmt.Errorf("export: decision %s: %w", r.ID, err)
	}
	return d, nil
}

type countRow struct {
	ID        string `gorm:"primaryKey"`
	AccountID string
	StudyID   string
	Shown     *int
	CreatedAt time.Time
}

func (countRow) TableName() string { return "study_counts" }
func (countRow) NotPersonal()      {}

type releaseRow struct {
	ID           string `gorm:"primaryKey;<-:create"`
	StudyID      string `gorm:"<-:create"`
	AccountID    string `gorm:"<-:create"`
	State        string
	Formats      string `gorm:"<-:create"`
	Protocol     int
	Done         int
	Total        int
	Participants int `gorm:"column:people"`
	Snapshot     int64
	Manifest     *string
	Signature    *string
	Folder       bool `gorm:"<-:create"`
	Fault        *string
	CreatedAt    time.Time `gorm:"<-:create"`
	FinishedAt   *time.Time
	WithdrawnAt  *time.Time
}

func (releaseRow) TableName() string { return "releases" }
func (releaseRow) NotPersonal()      {}

func (r *releaseRow) release() *Release {
	out := &Release{ID: ident.ReleaseID(r.ID), Study: ident.StudyID(r.StudyID), Requester: ident.AccountID(r.AccountID), State: ReleaseState(r.State),
		Protocol: r.Protocol, Done: r.Done, Total: r.Total, Participants: r.Participants, Snapshot: r.Snapshot, Folder: r.Folder,
		CreatedAt: r.CreatedAt.UTC(), FinishedAt: utc(r.FinishedAt), WithdrawnAt: utc(r.WithdrawnAt)}
	for _, f := range strings.Split(r.Formats, ",") {
		out.Formats = append(out.Formats, Format(f))
	}
	for from, to := range map[*string]*string{r.Manifest: &out.Manifest, r.Signature: &out.Signature, r.Fault: &out.Fault} {
		if from != nil {
			*to = *from
		}
	}
	return out
}

type fileRow struct {
	ReleaseID string `gorm:"primaryKey"`
	Name      string `gorm:"primaryKey"`
	Position  int
	Format    string
	Resource  string
	Rows      int `gorm:"column:row_count"`
	Bytes     int64
	SHA256    string `gorm:"column:sha256"`
}

func (fileRow) TableName() string { return "release_files" }
func (fileRow) NotPersonal()      {}

// subjectRow says that a person is in a release.
type subjectRow struct {
	ReleaseID     string `gorm:"primaryKey;<-:create"`
	ParticipantID string `gorm:"primaryKey;<-:create"`
}

func (subjectRow) TableName() string     { return "release_subjects" }
func (subjectRow) SubjectColumn() string { return "participant_id" }

type downloadRow struct {
	ID        string `gorm:"primaryKey"`
	ReleaseID string
	Name      string
	AccountID string
	CreatedAt time.Time
}

func (downloadRow) TableName() string { return "release_downloads" }
func (downloadRow) NotPersonal()      {}

// factRow reads which consent documents cover a release.
type factRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Scope         string
	Document      string
	Version       int
}

func (factRow) TableName() string     { return "consent_facts" }
func (factRow) SubjectColumn() string { return "participant_id" }

type counterRow struct {
	Name  string `gorm:"primaryKey"`
	Value int64
}

func (counterRow) TableName() string { return "counters" }
func (counterRow) NotPersonal()      {}
