package once

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/vault"
)

func of(tx *db.Tx, r Request) *gorm.DB {
	return db.Public[keyRow](tx).Where("account_id = ? AND key_hash = ?", r.Account, r.hash())
}

// insert tells whether the key was free.
func insert(tx *db.Tx, r Request) (bool, error) {
	row := keyRow{AccountID: r.Account, KeyHash: r.hash(), RequestHash: r.Digest, CreatedAt: tx.Now()}
	done := db.Public[keyRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return done.RowsAffected == 1, done.Error
}

func load(tx *db.Tx, r Request) (keyRow, error) {
	var row keyRow
	err := of(tx, r).Take(&row).Error
	return row, err
}

func finish(tx *db.Tx, r Request, status int, answer vault.Sealed) error {
	return of(tx, r).Updates(map[string]any{"finished": true, "status": status, "answer": answer}).Error
}

func release(tx *db.Tx, r Request) error {
	return of(tx, r).Where("finished = ?", false).Delete(&keyRow{}).Error
}

// forget frees a key whose time is over.
func forget(tx *db.Tx, r Request, before time.Time) error {
	return of(tx, r).Where("created_at < ?", before).Delete(&keyRow{}).Error
}

func sweep(tx *db.Tx, before time.Time) error {
	return db.Public[keyRow](tx).Where("created_at < ?", before).Delete(&keyRow{}).Error
}
