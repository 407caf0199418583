package blob

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
)

type blobRow struct {
	ID        string `gorm:"primaryKey"`
	Size      int64
	SHA256    string `gorm:"column:sha256"`
	CreatedAt time.Time
}

func (blobRow) TableName() string { return "blobs" }
func (blobRow) NotPersonal()      {}

// Keep says, in the caller's transaction, that a row points to the blob.
func Keep(tx *db.Tx, i Info) error {
	return db.Public[blobRow](tx).Create(&blobRow{string(i.ID), i.Size, i.SHA256, tx.Now()}).Error
}

// KeepShared is Keep for a blob that several rows share: it is kept once. None of them may forget it.
func KeepShared(tx *db.Tx, i Info) error {
	return db.Public[blobRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&blobRow{string(i.ID), i.Size, i.SHA256, tx.Now()}).Error
}

// Forget ends a blob: its row goes with the caller's transaction, its file once that has committed.
func (f *Folder) Forget(tx *db.Tx, id ident.BlobID) error {
	if err := db.Public[blobRow](tx).Where("id = ?", string(id)).Delete(&blobRow{}).Error; err != nil {
		return err
	}
	tx.After(func() { _ = f.Remove(id) }) // what stays is an orphan, which Sweep removes
	return nil
}

// Grace is how long a blob may be without a row: longer than any upload or release takes.
const Grace = 24 * time.Hour

// batch is how many ids are asked for at once.
const batch = 500

// Sweep removes orphans older than Grace: files whose transaction never committed. It answers how many.
func (f *Folder) Sweep(ctx context.Context, d *db.DB) (int, error) {
	removed := 0
	for shelf := range 256 {
		old, err := f.older(filepath.Join(f.dir, hexByte(shelf)), d.Now().Add(-Grace))
		if err != nil {
			return removed, err
		}
		for len(old) > 0 {
			some := old[:min(len(old), batch)]
			old = old[len(some):]
			var kept []string
			err := d.Snapshot(ctx, func(tx *db.Tx) error {
				return db.Public[blobRow](tx).Where("id IN ?", some).Pluck("id", &kept).Error
			})
			if err != nil {
				return removed, err
			}
			known := map[string]bool{}
			for _, id := range kept {
				known[id] = true
			}
			for _, id := range some {
				if known[id] {
					continue
				}
				if err := f.Remove(ident.BlobID(id)); err != nil {
					return removed, err
				}
				removed++
			}
		}
	}
	return removed, nil
}

func hexByte(b int) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}

// older lists the blobs of one folder that were written before an instant.
func (f *Folder) older(dir string, before time.Time) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		id, err := ident.Parse[ident.BlobID](e.Name())
		if err != nil {
			continue // not ours
		}
		if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
			ids = append(ids, string(id))
		}
	}
	return ids, nil
}
