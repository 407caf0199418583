package account

import (
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// accountBy finds an account; ErrNotFound when there is none.
func accountBy(tx *db.Tx, column, value string) (accountRow, error) {
	var row accountRow
	err := db.Public[accountRow](tx).Where(clause.Eq{Column: clause.Column{Name: column}, Value: value}).Take(&row).Error
	return row, err
}

func accountByName(tx *db.Tx, index string) (accountRow, error) {
	return accountBy(tx, "name_index", index)
}

func accountByID(tx *db.Tx, id ident.AccountID) (accountRow, error) {
	return accountBy(tx, "id", string(id))
}

// insertAccount tells whether the name was free.
func insertAccount(tx *db.Tx, row accountRow, roles []policies.Role, by ident.AccountID) (bool, error) {
	q := db.Public[accountRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if q.Error != nil || q.RowsAffected == 0 {
		return false, q.Error
	}
	for _, r := range roles {
		if _, err := insertRole(tx, row.ID, r, by); err != nil {
			return false, err
		}
	}
	return true, nil
}

// changeAccount writes columns if the account is still at the revision that was read.
func changeAccount(tx *db.Tx, row accountRow, columns map[string]any) error {
	columns["revision"] = row.Revision + 1
	q := db.Public[accountRow](tx).Where("id = ? AND revision = ?", row.ID, row.Revision).Updates(columns)
	if q.Error == nil && q.RowsAffected == 0 {
		return db.ErrStale
	}
	return q.Error
}

func rolesOf(tx *db.Tx, ids ...ident.AccountID) (map[ident.AccountID][]policies.Role, error) {
	var rows []roleRow
	if err := db.Public[roleRow](tx).Where("account_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	found := map[ident.AccountID][]policies.Role{}
	for _, r := range rows {
		found[r.AccountID] = append(found[r.AccountID], policies.Role(r.Role))
	}
	for id, roles := range found {
		found[id] = inOrder(roles)
	}
	return found, nil
}

func insertRole(tx *db.Tx, id ident.AccountID, r policies.Role, by ident.AccountID) (bool, error) {
	row := roleRow{AccountID: id, Role: string(r), GrantedAt: tx.Now()}
	if by != "" {
		giver := string(by)
		row.GrantedBy = &giver
	}
	q := db.Public[roleRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return q.RowsAffected > 0, q.Error
}

func deleteRole(tx *db.Tx, id ident.AccountID, r policies.Role) (bool, error) {
	q := db.Public[roleRow](tx).Where("account_id = ? AND role = ?", id, string(r)).Delete(&roleRow{})
	return q.RowsAffected > 0, q.Error
}

// accountsAfter lists accounts in the order of their ids, for a steward.
func accountsAfter(tx *db.Tx, after ident.AccountID, limit int) ([]accountRow, error) {
	var rows []accountRow
	err := db.Public[accountRow](tx).Where("id > ?", after).Order("id").Limit(limit).Find(&rows).Error
	return rows, err
}

func insertSession(tx *db.Tx, row sessionRow) error {
	return db.Public[sessionRow](tx).Create(&row).Error
}

func sessionBy(tx *db.Tx, fingerprint string) (sessionRow, error) {
	var row sessionRow
	err := db.Public[sessionRow](tx).Where("fingerprint = ?", fingerprint).Take(&row).Error
	return row, err
}

func sessionSeen(tx *db.Tx, id ident.SessionID) error {
	return db.Public[sessionRow](tx).Where("id = ?", id).Update("seen_at", tx.Now()).Error
}

// deleteSession tells whether it was there.
func deleteSession(tx *db.Tx, id ident.SessionID) (bool, error) {
	q := db.Public[sessionRow](tx).Where("id = ?", id).Delete(&sessionRow{})
	return q.RowsAffected > 0, q.Error
}

func deleteSessionsOf(tx *db.Tx, id ident.AccountID) error {
	return db.Public[sessionRow](tx).Where("account_id = ?", id).Delete(&sessionRow{}).Error
}

func insertToken(tx *db.Tx, row tokenRow) error { return db.Public[tokenRow](tx).Create(&row).Error }

func tokenBy(tx *db.Tx, fingerprint string) (tokenRow, error) {
	var row tokenRow
	err := db.Public[tokenRow](tx).Where("fingerprint = ?", fingerprint).Take(&row).Error
	return row, err
}

func tokensOf(tx *db.Tx, id ident.AccountID) ([]tokenRow, error) {
	var rows []tokenRow
	err := db.Public[tokenRow](tx).Where("account_id = ?", id).Order("id DESC").Find(&rows).Error
	return rows, err
}

func tokenUsed(tx *db.Tx, id ident.TokenID) error {
	return db.Public[tokenRow](tx).Where("id = ?", id).Update("used_at", tx.Now()).Error
}

func revokeToken(tx *db.Tx, owner ident.AccountID, id ident.TokenID) (bool, error) {
	q := db.Public[tokenRow](tx).Where("id = ? AND account_id = ? AND revoked_at IS NULL", id, owner).Update("revoked_at", tx.Now())
	return q.RowsAffected > 0, q.Error
}

func revokeTokensOf(tx *db.Tx, owner ident.AccountID) error {
	return db.Public[tokenRow](tx).Where("account_id = ? AND revoked_at IS NULL", owner).Update("revoked_at", tx.Now()).Error
}

func insertReset(tx *db.Tx, row resetRow) error { return db.Public[resetRow](tx).Create(&row).Error }

// takeReset reads a code that is still good and removes it: whoever comes second finds none.
func takeReset(tx *db.Tx, fingerprint string) (resetRow, error) {
	var row resetRow
	err := db.Public[resetRow](tx).Where("fingerprint = ? AND expires_at > ?", fingerprint, tx.Now()).Take(&row).Error
	if err != nil {
		return row, err
	}
	q := db.Public[resetRow](tx).Where("id = ?", row.ID).Delete(&resetRow{})
	if q.Error == nil && q.RowsAffected == 0 {
		return row, db.ErrNotFound
	}
	return row, q.Error
}

func resetBy(tx *db.Tx, fingerprint string) (resetRow, error) {
	var row resetRow
	err := db.Public[resetRow](tx).Where("fingerprint = ? AND expires_at > ?", fingerprint, tx.Now()).Take(&row).Error
	return row, err
}

func deleteResetsOf(tx *db.Tx, owner ident.AccountID) error {
	return db.Public[resetRow](tx).Where("account_id = ?", owner).Delete(&resetRow{}).Error
}

// lockThrottle reads the count of a key and holds it until the transaction ends, so that two tries at once count twice.
// The row may be swept away between the two statements; then it is made again.
func lockThrottle(tx *db.Tx, key string) (throttle, error) {
	var row throttleRow
	err := error(db.ErrNotFound)
	for range 3 {
		fresh := throttleRow{Key: key, LastAt: tx.Now(), UntilAt: tx.Now()}
		if err := db.Public[throttleRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
			return throttle{}, err
		}
		err = db.Public[throttleRow](tx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("key = ?", key).Take(&row).Error
		if !errors.Is(err, db.ErrNotFound) {
			break
		}
	}
	return throttle{Failures: row.Failures, Last: row.LastAt, Until: row.UntilAt}, err
}

func writeThrottle(tx *db.Tx, key string, t throttle) error {
	return db.Public[throttleRow](tx).Where("key = ?", key).
		Updates(map[string]any{"failures": t.Failures, "last_at": t.Last, "until_at": t.Until}).Error
}

// knows tells whether an account was signed in to from a network since an instant.
func knows(tx *db.Tx, id ident.AccountID, network string, since time.Time) (bool, error) {
	var row networkRow
	err := db.Public[networkRow](tx).Where("account_id = ? AND network = ? AND last_at > ?", id, network, since).Take(&row).Error
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func rememberNetwork(tx *db.Tx, id ident.AccountID, network string) error {
	row := networkRow{id, network, tx.Now()}
	return db.Public[networkRow](tx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "account_id"}, {Name: "network"}}, DoUpdates: clause.AssignmentColumns([]string{"last_at"}),
	}).Create(&row).Error
}

// sweep deletes what no longer matters: sessions that ended by time, counts that are forgotten, networks long unseen.
func sweep(tx *db.Tx, counts time.Duration) error {
	return errors.Join(
		db.Public[sessionRow](tx).Where("expires_at <= ? OR seen_at <= ?", tx.Now(), tx.Now().Add(-idleOwn)).Delete(&sessionRow{}).Error,
		db.Public[resetRow](tx).Where("expires_at <= ?", tx.Now()).Delete(&resetRow{}).Error,
		db.Public[throttleRow](tx).Where("last_at <= ?", tx.Now().Add(-counts)).Delete(&throttleRow{}).Error,
		db.Public[networkRow](tx).Where("last_at <= ?", tx.Now().Add(-knownFor)).Delete(&networkRow{}).Error,
	)
}
