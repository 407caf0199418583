package questionnaires

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/vault"
	"kindred/questionnaires/sdc"
)

type questionnaireRow struct {
	ID        ident.QuestionnaireID `gorm:"primaryKey"`
	URL       string
	CreatedAt time.Time
}

func (questionnaireRow) TableName() string { return "questionnaires" }
func (questionnaireRow) NotPersonal()      {}

type versionRow struct {
	ID              ident.VersionID       `gorm:"primaryKey;<-:create"`
	QuestionnaireID ident.QuestionnaireID `gorm:"<-:create"`
	Version         string                `gorm:"<-:create"`
	Status          string
	Title           string          `gorm:"<-:create"`
	SHA256          string          `gorm:"<-:create;column:sha256"`
	Body            []byte          `gorm:"<-:create"`
	Number          int             `gorm:"<-:create"`
	PublishedBy     ident.AccountID `gorm:"<-:create"`
	PublishedAt     time.Time       `gorm:"<-:create"`
}

func (versionRow) TableName() string { return "questionnaire_versions" }
func (versionRow) NotPersonal()      {}

// retired is the status of a version that is offered no more.
const retired = "retired"

func (r versionRow) version(url string) Version {
	return Version{
		ID: r.ID, Questionnaire: r.QuestionnaireID, URL: url, Version: r.Version, Number: r.Number, Title: r.Title,
		SHA256: r.SHA256, Raw: r.Body, PublishedBy: r.PublishedBy, PublishedAt: r.PublishedAt.UTC(), Retired: r.Status == retired,
	}
}

type responseRow struct {
	ID              ident.ResponseID      `gorm:"primaryKey;<-:create"`
	ParticipantID   ident.ParticipantID   `gorm:"<-:create"`
	QuestionnaireID ident.QuestionnaireID `gorm:"<-:create"`
	VersionID       ident.VersionID
	Status          string
	Editing         bool
	Revision        int
	JournalSeq      int
	Documents       int
	State           vault.Sealed
	Launch          vault.Sealed // what the draft was begun with, where its form wants to know
	Language        string
	AccountID       ident.AccountID
	RequestKey      *string
	RequestHash     *string
	StartedAt       time.Time `gorm:"<-:create"`
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
	SubmittedAt     *time.Time
}

func (responseRow) TableName() string     { return "responses" }
func (responseRow) SubjectColumn() string { return "participant_id" }

func (r responseRow) response(f *sdc.Form, s *sdc.State) Response {
	resp := Response{
		ID: r.ID, Participant: r.ParticipantID, Questionnaire: r.QuestionnaireID, Version: r.VersionID, Status: sdc.Status(r.Status),
		Editing: r.Editing, Revision: r.Revision, Documents: r.Documents, Language: r.Language, Account: r.AccountID,
		StartedAt: r.StartedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), Form: f, State: s,
	}
	if r.SubmittedAt != nil {
		resp.SubmittedAt = r.SubmittedAt.UTC()
	}
	return resp
}

type journalRow struct {
	ResponseID    ident.ResponseID    `gorm:"primaryKey;<-:create"`
	Seq           int                 `gorm:"primaryKey;autoIncrement:false;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	Revision      int                 `gorm:"<-:create"`
	Op            string              `gorm:"<-:create"`
	Path          string              `gorm:"<-:create"`
	Value         vault.Sealed        `gorm:"<-:create"`
	Accepted      bool                `gorm:"<-:create"`
	RequestKey    *string             `gorm:"<-:create"`
	RequestHash   *string             `gorm:"<-:create"`
	AccountID     ident.AccountID     `gorm:"<-:create"`
	Device        string              `gorm:"<-:create"`
	Language      string              `gorm:"<-:create"`
	At            time.Time           `gorm:"<-:create"`
}

func (journalRow) TableName() string     { return "response_journal" }
func (journalRow) SubjectColumn() string { return "participant_id" }

type documentRow struct {
	ResponseID    ident.ResponseID    `gorm:"primaryKey;<-:create"`
	Number        int                 `gorm:"primaryKey;autoIncrement:false;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	VersionID     ident.VersionID     `gorm:"<-:create"`
	Status        string              `gorm:"<-:create"`
	Language      string              `gorm:"<-:create"`
	AccountID     ident.AccountID     `gorm:"<-:create"`
	SHA256        string              `gorm:"<-:create;column:sha256"`
	Body          vault.Sealed        `gorm:"<-:create"`
	At            time.Time           `gorm:"<-:create"`
}

func (documentRow) TableName() string     { return "response_documents" }
func (documentRow) SubjectColumn() string { return "participant_id" }

// fileRow is a file that answers a question. It is kept for good once a document holds it.
type fileRow struct {
	ID            ident.BlobID        `gorm:"primaryKey;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	ResponseID    ident.ResponseID    `gorm:"<-:create"`
	MediaType     string              `gorm:"<-:create"`
	Size          int64               `gorm:"<-:create"`
	Title         vault.Sealed        `gorm:"<-:create"`
	Kept          bool
	AccountID     ident.AccountID `gorm:"<-:create"`
	CreatedAt     time.Time       `gorm:"<-:create;autoCreateTime:false"`
}

func (fileRow) TableName() string     { return "response_files" }
func (fileRow) SubjectColumn() string { return "participant_id" }

// answerRow is one answer in a typed row, for counts and cohorts. Free text is not here: it stands in the document only.
type answerRow struct {
	ResponseID    ident.ResponseID    `gorm:"primaryKey;<-:create"`
	Seq           int                 `gorm:"primaryKey;autoIncrement:false;<-:create"`
	ParticipantID ident.ParticipantID `gorm:"<-:create"`
	VersionID     ident.VersionID     `gorm:"<-:create"`
	LinkID        string              `gorm:"<-:create"`
	Instance      string              `gorm:"<-:create"`
	ValueType     string              `gorm:"<-:create"`
	ValueText     *string             `gorm:"<-:create"`
	ValueNumber   *float64            `gorm:"<-:create"`
	ValueSystem   *string             `gorm:"<-:create"`
	ValueCode     *string             `gorm:"<-:create"`
	ValueDate     *string             `gorm:"<-:create"`
	Unit          *string             `gorm:"<-:create"`
}

func (answerRow) TableName() string     { return "answers" }
func (answerRow) SubjectColumn() string { return "participant_id" }
