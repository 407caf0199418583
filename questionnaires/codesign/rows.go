package codesign

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/vault"
)

type proposalRow struct {
	ID              ident.ProposalID      `gorm:"primaryKey;<-:create"`
	QuestionnaireID ident.QuestionnaireID `gorm:"<-:create"`
	AccountID       ident.AccountID       `gorm:"<-:create"`
	Kind            string                `gorm:"<-:create"`
	LinkID          string                `gorm:"<-:create"`
	Body            vault.Sealed          `gorm:"<-:create"` // the draft, as JSON
	State           string
	Verdict         vault.Sealed
	DecidedBy       *ident.AccountID
	CreatedAt       time.Time `gorm:"<-:create"`
	DecidedAt       *time.Time
	Revision        int
}

func (proposalRow) TableName() string { return "proposals" }
func (proposalRow) NotPersonal()      {}

type voteRow struct {
	ProposalID ident.ProposalID `gorm:"primaryKey;<-:create"`
	AccountID  ident.AccountID  `gorm:"primaryKey;<-:create"`
	CreatedAt  time.Time        `gorm:"<-:create"`
}

func (voteRow) TableName() string { return "proposal_votes" }
func (voteRow) NotPersonal()      {}

type commentRow struct {
	ID         ident.CommentID  `gorm:"primaryKey;<-:create"`
	ProposalID ident.ProposalID `gorm:"<-:create"`
	AccountID  ident.AccountID  `gorm:"<-:create"`
	Editor     bool             `gorm:"<-:create"`
	Body       vault.Sealed     `gorm:"<-:create"`
	Hidden     bool
	CreatedAt  time.Time `gorm:"<-:create"`
}

func (commentRow) TableName() string { return "proposal_comments" }
func (commentRow) NotPersonal()      {}
