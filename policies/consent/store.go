package consent

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

const counter = "consent"

// lockLedger holds the ledger until the transaction ends, so that what is read of it stays true, and gives its last
// sequence number. Two acts at once follow each other here, and commit in the order of their numbers.
func lockLedger(tx *db.Tx) (int64, error) {
	var row counterRow
	err := db.Public[counterRow](tx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("name = ?", counter).Take(&row).Error
	return row.Value, err
}

// advance sets the last sequence number.
func advance(tx *db.Tx, to int64) error {
	return db.Public[counterRow](tx).Where("name = ?", counter).Update("value", to).Error
}

func lastSeq(tx *db.Tx) (int64, error) {
	var row counterRow
	err := db.Public[counterRow](tx).Where("name = ?", counter).Take(&row).Error
	return row.Value, err
}

// currentVersion is the newest version of a document, 0 for none.
func currentVersion(tx *db.Tx, name string) (int, error) {
	var row documentRow
	err := db.Public[documentRow](tx).Select("version").Where("document = ?", name).Order("version DESC").Limit(1).Take(&row).Error
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return row.Version, err
}

func documentBy(tx *db.Tx, name string, version int, language string) (documentRow, error) {
	var row documentRow
	err := db.Public[documentRow](tx).Where("document = ? AND version = ? AND language = ?", name, version, language).Take(&row).Error
	if errors.Is(err, db.ErrNotFound) {
		err = ErrNoDocument
	}
	return row, err
}

func insertDocument(tx *db.Tx, row documentRow) (bool, error) {
	q := db.Public[documentRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return q.RowsAffected > 0, q.Error
}

// editions lists the texts of a document without their bodies.
func editions(tx *db.Tx, name string) ([]documentRow, error) {
	var rows []documentRow
	err := db.Public[documentRow](tx).Select("document", "version", "language", "hash", "published_at").Where("document = ?", name).Order("version, language").Find(&rows).Error
	return rows, err
}

// view reads a person's rows through whichever Grant the reader has.
type view struct {
	decisions       func() *gorm.DB
	signatures      func() *gorm.DB
	representations func() *gorm.DB
}

func readWith(tx *db.Tx, g policies.Grant[policies.Read]) view {
	return view{
		func() *gorm.DB { return db.Read[decisionRow](tx, g) },
		func() *gorm.DB { return db.Read[signatureRow](tx, g) },
		func() *gorm.DB { return db.Read[representationRow](tx, g) },
	}
}

func inspectWith(tx *db.Tx, g policies.Grant[policies.Audit]) view {
	return view{
		func() *gorm.DB { return db.Inspect[decisionRow](tx, g) },
		func() *gorm.DB { return db.Inspect[signatureRow](tx, g) },
		func() *gorm.DB { return db.Inspect[representationRow](tx, g) },
	}
}

func changeWith(tx *db.Tx, g policies.Grant[policies.Write]) view {
	return view{
		func() *gorm.DB { return db.Change[decisionRow](tx, g) },
		func() *gorm.DB { return db.Change[signatureRow](tx, g) },
		func() *gorm.DB { return db.Change[representationRow](tx, g) },
	}
}

// entriesOf lists a person's entries in the order of their sequence.
func (v view) entriesOf(p ident.ParticipantID) ([]Entry, error) {
	var rows []decisionRow
	if err := v.decisions().Where("participant_id = ?", p).Order("seq, scope").Find(&rows).Error; err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.entry()
	}
	return entries, nil
}

func (v view) signaturesOf(p ident.ParticipantID) ([]signatureRow, error) {
	var rows []signatureRow
	err := v.signatures().Where("participant_id = ?", p).Order("seq").Find(&rows).Error
	return rows, err
}

func (v view) signature(id ident.SignatureID) (signatureRow, error) {
	var row signatureRow
	err := v.signatures().Where("id = ?", id).Take(&row).Error
	return row, err
}

// representation is the capacity in which an account acts for a person now: as oneself before any other, and then the
// one that ends last.
func (v view) representation(account ident.AccountID, p ident.ParticipantID, now time.Time) (representationRow, error) {
	var rows []representationRow
	err := v.representations().Where("participant_id = ? AND account_id = ? AND starts_at <= ?", p, account, now).
		Where("ends_at IS NULL OR ends_at > ?", now).Find(&rows).Error
	if err != nil {
		return representationRow{}, err
	}
	if len(rows) == 0 {
		return representationRow{}, db.ErrNotFound
	}
	best := rows[0]
	for _, r := range rows[1:] {
		switch {
		case Relation(best.Relation) == Self:
		case Relation(r.Relation) == Self, r.EndsAt == nil && best.EndsAt != nil, r.EndsAt != nil && best.EndsAt != nil && r.EndsAt.After(*best.EndsAt):
			best = r
		}
	}
	return best, nil
}

func openFacts(tx *db.Tx, g policies.Grant[policies.Write], p ident.ParticipantID) ([]*fact, error) {
	var rows []factRow
	if err := db.Change[factRow](tx, g).Where("participant_id = ? AND until_seq IS NULL", p).Order("from_seq").Find(&rows).Error; err != nil {
		return nil, err
	}
	facts := make([]*fact, len(rows))
	for i, r := range rows {
		facts[i] = r.fact()
	}
	return facts, nil
}

// insert batches stay below the engines' limits on parameters.
const batch = 500

func insertSignatures(tx *db.Tx, g policies.Grant[policies.Write], rows []signatureRow) error {
	if len(rows) == 0 {
		return nil
	}
	return db.Change[signatureRow](tx, g).CreateInBatches(&rows, db.InsertBatch).Error
}

func insertEntries(tx *db.Tx, g policies.Grant[policies.Write], entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	rows := make([]decisionRow, len(entries))
	for i, e := range entries {
		rows[i] = decisionOf(e)
	}
	return db.Change[decisionRow](tx, g).CreateInBatches(&rows, db.InsertBatch).Error
}

// writeFacts inserts what is new, ends what has ended, and moves lapses.
func writeFacts(tx *db.Tx, g policies.Grant[policies.Write], facts []*fact) error {
	var fresh []factRow
	for _, f := range facts {
		switch {
		case f.id == "":
			fresh = append(fresh, factOf(f))
		case f.untilSeq != 0:
			if err := changeFact(tx, g, f, map[string]any{"until_seq": f.untilSeq, "until_at": f.untilAt}); err != nil {
				return err
			}
		case f.reckoned:
			if err := changeFact(tx, g, f, map[string]any{"lapses_at": instant(f.entry.LapsesAt)}); err != nil {
				return err
			}
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return db.Change[factRow](tx, g).CreateInBatches(&fresh, db.InsertBatch).Error
}

// changeFact writes columns of a fact that is open still.
func changeFact(tx *db.Tx, g policies.Grant[policies.Write], f *fact, columns map[string]any) error {
	q := db.Change[factRow](tx, g).Where("id = ? AND until_seq IS NULL", f.id).Updates(columns)
	if q.Error == nil && q.RowsAffected != 1 {
		return db.ErrStale
	}
	return q.Error
}

// forceOf lists the facts in force of the people given, through a Grant to export.
func forceOf(tx *db.Tx, g policies.Grant[policies.Export], people []ident.ParticipantID) ([]factRow, error) {
	var rows []factRow
	err := db.Extract[factRow](tx, g).Where("participant_id IN ? AND until_seq IS NULL", people).
		Where("lapses_at IS NULL OR lapses_at > ?", tx.Now()).Order("participant_id, scope, from_seq").Find(&rows).Error
	return rows, err
}
