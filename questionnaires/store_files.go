package questionnaires

import (
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

func insertFile(tx *db.Tx, g policies.Grant[policies.Write], row fileRow) error {
	return db.Change[fileRow](tx, g).Create(&row).Error
}

// filesIn lists the files of one response, the oldest first.
func filesIn(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID) ([]fileRow, error) {
	var rows []fileRow
	err := db.Change[fileRow](tx, g).Where("response_id = ?", id).Order("id").Find(&rows).Error
	return rows, err
}

// filesOf lists all files of a person without their names.
func filesOf(tx *db.Tx, g policies.Grant[policies.Write], p ident.ParticipantID) ([]fileRow, error) {
	var rows []fileRow
	err := db.Change[fileRow](tx, g).Omit("title").Where("participant_id = ?", p).Find(&rows).Error
	return rows, err
}

func readFile(tx *db.Tx, g policies.Grant[policies.Read], id ident.BlobID) (fileRow, error) {
	var row fileRow
	err := db.Read[fileRow](tx, g).Where("id = ?", id).Take(&row).Error
	return row, missing(err, ErrNoFile)
}

func keepFile(tx *db.Tx, g policies.Grant[policies.Write], id ident.BlobID) error {
	return db.Change[fileRow](tx, g).Where("id = ?", id).Update("kept", true).Error
}

func removeFile(tx *db.Tx, g policies.Grant[policies.Write], id ident.BlobID) error {
	return db.Change[fileRow](tx, g).Where("id = ?", id).Delete(&fileRow{}).Error
}
