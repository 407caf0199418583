package once

import (
	"time"

	"kindred/internal/ident"
	"kindred/internal/vault"
)

type keyRow struct {
	AccountID   ident.AccountID `gorm:"primaryKey"`
	KeyHash     string          `gorm:"primaryKey"`
	RequestHash string
	Finished    bool
	Status      int
	Answer      vault.Sealed
	CreatedAt   time.Time
}

func (keyRow) TableName() string { return "idempotency_keys" }
func (keyRow) NotPersonal()      {} // the answer is sealed
