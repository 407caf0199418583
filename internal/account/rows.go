package account

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/vault"
)

type accountRow struct {
	ID         ident.AccountID `gorm:"primaryKey"`
	NameIndex  string
	Name       vault.Sealed
	Mail       vault.Sealed
	Language   string
	Password   string
	PasswordAt time.Time
	DisabledAt *time.Time
	CreatedAt  time.Time
	Revision   int
}

func (accountRow) TableName() string { return "accounts" }
func (accountRow) NotPersonal()      {}

type roleRow struct {
	AccountID ident.AccountID `gorm:"primaryKey"`
	Role      string          `gorm:"primaryKey"`
	GrantedBy *string
	GrantedAt time.Time
}

func (roleRow) TableName() string { return "account_roles" }
func (roleRow) NotPersonal()      {}

type sessionRow struct {
	ID          ident.SessionID `gorm:"primaryKey"`
	AccountID   ident.AccountID
	Fingerprint string
	CreatedAt   time.Time
	SeenAt      time.Time
	ExpiresAt   time.Time
}

func (sessionRow) TableName() string { return "account_sessions" }
func (sessionRow) NotPersonal()      {}

type tokenRow struct {
	ID          ident.TokenID `gorm:"primaryKey"`
	AccountID   ident.AccountID
	Fingerprint string
	Label       string
	CreatedAt   time.Time
	UsedAt      *time.Time
	ExpiresAt   time.Time
	RevokedAt   *time.Time
}

func (tokenRow) TableName() string { return "account_tokens" }
func (tokenRow) NotPersonal()      {}

func (r tokenRow) token() Token {
	t := Token{ID: r.ID, Label: r.Label, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt}
	if r.UsedAt != nil {
		t.UsedAt = *r.UsedAt
	}
	if r.RevokedAt != nil {
		t.RevokedAt = *r.RevokedAt
	}
	return t
}

type resetRow struct {
	ID          string `gorm:"primaryKey"`
	AccountID   ident.AccountID
	Fingerprint string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

func (resetRow) TableName() string { return "account_resets" }
func (resetRow) NotPersonal()      {}

type throttleRow struct {
	Key      string `gorm:"primaryKey"`
	Failures int
	LastAt   time.Time
	UntilAt  time.Time
}

func (throttleRow) TableName() string { return "account_throttles" }
func (throttleRow) NotPersonal()      {}

type networkRow struct {
	AccountID ident.AccountID `gorm:"primaryKey"`
	Network   string          `gorm:"primaryKey"`
	LastAt    time.Time
}

func (networkRow) TableName() string { return "account_networks" }
func (networkRow) NotPersonal()      {}
