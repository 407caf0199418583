package questionnaires

import (
	"errors"
	"slices"

	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
	"kindred/questionnaires/sdc"
)

// batch stays below the engines' limits on parameters.
const batch = 500

// versionNamed finds a version by its canonical.
func versionNamed(tx *db.Tx, url, version string) (versionRow, error) {
	var q questionnaireRow
	if err := db.Public[questionnaireRow](tx).Where("url = ?", url).Take(&q).Error; err != nil {
		return versionRow{}, missing(err, ErrNoVersion)
	}
	var row versionRow
	err := db.Public[versionRow](tx).Where("questionnaire_id = ? AND version = ?", q.ID, version).Take(&row).Error
	return row, missing(err, ErrNoVersion)
}

func retire(tx *db.Tx, id ident.VersionID) error {
	return db.Public[versionRow](tx).Where("id = ?", id).Update("status", retired).Error
}

// ensureQuestionnaire gives the questionnaire of a url, made when it is new, and holds it until the transaction ends.
func ensureQuestionnaire(tx *db.Tx, url string) (questionnaireRow, error) {
	row := questionnaireRow{ID: ident.New[ident.QuestionnaireID](), URL: url, CreatedAt: tx.Now()}
	if err := db.Public[questionnaireRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return row, err
	}
	var kept questionnaireRow
	err := db.Public[questionnaireRow](tx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("url = ?", url).Take(&kept).Error
	return kept, err
}

func versionsOf(tx *db.Tx, q ident.QuestionnaireID) ([]versionRow, error) {
	var rows []versionRow
	err := db.Public[versionRow](tx).Omit("body").Where("questionnaire_id = ?", q).Order("number").Find(&rows).Error
	return rows, err
}

func insertVersion(tx *db.Tx, row versionRow) error {
	return db.Public[versionRow](tx).Create(&row).Error
}

func versionByID(tx *db.Tx, id ident.VersionID) (versionRow, error) {
	var row versionRow
	err := db.Public[versionRow](tx).Where("id = ?", id).Take(&row).Error
	return row, missing(err, ErrNoVersion)
}

func urlOf(tx *db.Tx, q ident.QuestionnaireID) (string, error) {
	var row questionnaireRow
	err := db.Public[questionnaireRow](tx).Where("id = ?", q).Take(&row).Error
	return row.URL, missing(err, ErrNoVersion)
}

// allVersions lists every version without its bytes, and the urls.
func allVersions(tx *db.Tx) ([]Version, error) {
	var quests []questionnaireRow
	if err := db.Public[questionnaireRow](tx).Find(&quests).Error; err != nil {
		return nil, err
	}
	urls := make(map[ident.QuestionnaireID]string, len(quests))
	for _, q := range quests {
		urls[q.ID] = q.URL
	}
	var rows []versionRow
	if err := db.Public[versionRow](tx).Omit("body").Order("questionnaire_id, number").Find(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]Version, len(rows))
	for i, r := range rows {
		list[i] = r.version(urls[r.QuestionnaireID])
	}
	return list, nil
}

// missing turns "no such row" into the package's own fault.
func missing(err, instead error) error {
	if errors.Is(err, db.ErrNotFound) {
		return instead
	}
	return err
}

// held loads a response for a change and keeps others from changing it until the transaction ends.
func held(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID) (responseRow, error) {
	var row responseRow
	err := db.Change[responseRow](tx, g).Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id).Take(&row).Error
	return row, missing(err, ErrNoResponse)
}

func readResponse(tx *db.Tx, g policies.Grant[policies.Read], id ident.ResponseID) (responseRow, error) {
	var row responseRow
	err := db.Read[responseRow](tx, g).Where("id = ?", id).Take(&row).Error
	return row, missing(err, ErrNoResponse)
}

func responsesOf(tx *db.Tx, g policies.Grant[policies.Read], p ident.ParticipantID) ([]responseRow, error) {
	var rows []responseRow
	err := db.Read[responseRow](tx, g).Where("participant_id = ?", p).Order("id DESC").Find(&rows).Error
	return rows, err
}

func draftOf(tx *db.Tx, g policies.Grant[policies.Write], p ident.ParticipantID, q ident.QuestionnaireID) (responseRow, error) {
	var row responseRow
	err := db.Change[responseRow](tx, g).Where("participant_id = ? AND questionnaire_id = ? AND status = ?", p, q, sdc.InProgress).Take(&row).Error
	return row, err
}

func byRequest(tx *db.Tx, g policies.Grant[policies.Write], p ident.ParticipantID, key string) (responseRow, error) {
	var row responseRow
	err := db.Change[responseRow](tx, g).Where("participant_id = ? AND request_key = ?", p, key).Take(&row).Error
	return row, err
}

// insertResponse answers false where the participant has a draft of this questionnaire, or has used the key, already.
func insertResponse(tx *db.Tx, g policies.Grant[policies.Write], row responseRow) (bool, error) {
	q := db.Change[responseRow](tx, g).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return q.RowsAffected == 1, q.Error
}

// updateResponse writes what a change moved. The row is held, so a revision that does not match is a bug of ours.
func updateResponse(tx *db.Tx, g policies.Grant[policies.Write], row responseRow, was int) error {
	q := db.Change[responseRow](tx, g).Where("id = ? AND revision = ?", row.ID, was).Updates(map[string]any{
		"status": row.Status, "editing": row.Editing, "revision": row.Revision, "journal_seq": row.JournalSeq, "documents": row.Documents, "version_id": row.VersionID,
		"state": row.State, "language": row.Language, "account_id": row.AccountID, "updated_at": row.UpdatedAt, "submitted_at": row.SubmittedAt,
	})
	if q.Error == nil && q.RowsAffected != 1 {
		return db.ErrStale
	}
	return q.Error
}

func insertJournal(tx *db.Tx, g policies.Grant[policies.Write], rows []journalRow) error {
	for from := 0; from < len(rows); from += db.InsertBatch { // CreateInBatches would make a savepoint for each
		part := rows[from:min(from+db.InsertBatch, len(rows))]
		if err := db.Change[journalRow](tx, g).Create(&part).Error; err != nil {
			return err
		}
	}
	return nil
}

func journalByKey(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID, key string) (journalRow, error) {
	var row journalRow
	err := db.Change[journalRow](tx, g).Where("response_id = ? AND request_key = ?", id, key).Take(&row).Error
	return row, err
}

// changedSince tells whether another device changed an item after the revision that this one saw.
func changedSince(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID, path string, revision int, device string) (bool, error) {
	var n int64
	q := db.Change[journalRow](tx, g).Where("response_id = ? AND path = ? AND revision > ? AND accepted = ?", id, path, revision, true)
	if device != "" {
		q = q.Where("device <> ?", device)
	}
	err := q.Count(&n).Error
	return n > 0, err
}

// sameDevice tells whether the answer that an item has now was given on this device.
func sameDevice(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID, path, device string) (bool, error) {
	var row journalRow
	err := db.Change[journalRow](tx, g).Where("response_id = ? AND path IN ? AND accepted = ?", id, []string{path, "*"}, true).Order("seq DESC").Limit(1).Take(&row).Error
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return row.Device == device && device != "", err
}

// wasSetAside tells whether a change set an answer of an item aside.
func wasSetAside(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID, path string, revision int) (bool, error) {
	var n int64
	err := db.Change[journalRow](tx, g).Where("response_id = ? AND path = ? AND revision = ? AND accepted = ?", id, path, revision, false).Count(&n).Error
	return n > 0, err
}

func journalOf(tx *db.Tx, g policies.Grant[policies.Read], id ident.ResponseID) ([]journalRow, error) {
	var rows []journalRow
	err := db.Read[journalRow](tx, g).Where("response_id = ?", id).Order("seq").Find(&rows).Error
	return rows, err
}

func insertDocument(tx *db.Tx, g policies.Grant[policies.Write], row documentRow) error {
	return db.Change[documentRow](tx, g).Create(&row).Error
}

func documentsOf(tx *db.Tx, g policies.Grant[policies.Read], id ident.ResponseID) ([]documentRow, error) {
	var rows []documentRow
	err := db.Read[documentRow](tx, g).Where("response_id = ?", id).Order("number").Find(&rows).Error
	return rows, err
}

func lastDocument(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID) (documentRow, error) {
	var row documentRow
	err := db.Change[documentRow](tx, g).Where("response_id = ?", id).Order("number DESC").Limit(1).Take(&row).Error
	return row, err
}

// replaceAnswers writes the typed rows of a response in place of those of its document before.
func replaceAnswers(tx *db.Tx, g policies.Grant[policies.Write], r *responseRow, rows []answerRow) error {
	if r.Documents > 1 {
		if err := db.Change[answerRow](tx, g).Where("response_id = ?", r.ID).Delete(&answerRow{}).Error; err != nil {
			return err
		}
	}
	for from := 0; from < len(rows); from += db.InsertBatch { // CreateInBatches would make a savepoint for each
		part := rows[from:min(from+db.InsertBatch, len(rows))]
		if err := db.Change[answerRow](tx, g).Create(&part).Error; err != nil {
			return err
		}
	}
	return nil
}

// removeDraft deletes a draft that was never sent, with its journal.
func removeDraft(tx *db.Tx, g policies.Grant[policies.Write], id ident.ResponseID) error {
	if err := db.Change[journalRow](tx, g).Where("response_id = ?", id).Delete(&journalRow{}).Error; err != nil {
		return err
	}
	return db.Change[responseRow](tx, g).Where("id = ?", id).Delete(&responseRow{}).Error
}

// sentBy lists the sent responses of some participants, and extracted their newest documents.
func sentBy(tx *db.Tx, g policies.Grant[policies.Export], people []ident.ParticipantID, versions []ident.VersionID) ([]responseRow, error) {
	var rows []responseRow
	err := db.Extract[responseRow](tx, g).Omit("state").Where("participant_id IN ? AND documents > 0", people).Order("participant_id, id").Find(&rows).Error
	if err != nil || len(versions) == 0 {
		return rows, err
	}
	// Not a condition: an engine without statistics would go through everybody's answers to the versions instead.
	return slices.DeleteFunc(rows, func(r responseRow) bool { return !slices.Contains(versions, r.VersionID) }), nil
}

// newestDocuments finds the newest document of each response.
func newestDocuments(tx *db.Tx, g policies.Grant[policies.Export], people []ident.ParticipantID, sent []responseRow) (map[ident.ResponseID]documentRow, error) {
	newest := make(map[ident.ResponseID]documentRow, len(sent))
	for from := 0; from < len(sent); from += batch {
		var ids []ident.ResponseID
		numbers := map[ident.ResponseID]int{}
		for _, r := range sent[from:min(from+batch, len(sent))] {
			ids = append(ids, r.ID)
			numbers[r.ID] = r.Documents
		}
		var rows []documentRow
		if err := db.Extract[documentRow](tx, g).Where("participant_id IN ? AND response_id IN ?", people, ids).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.Number == numbers[row.ResponseID] {
				newest[row.ResponseID] = row
			}
		}
	}
	return newest, nil
}

// insertRecorded writes many responses at once.
func insertRecorded(tx *db.Tx, g policies.Grant[policies.Write], responses []responseRow, documents []documentRow, answers []answerRow) error {
	if len(responses) > 0 {
		if err := db.Change[responseRow](tx, g).CreateInBatches(&responses, db.InsertBatch).Error; err != nil {
			return err
		}
	}
	if len(documents) > 0 {
		if err := db.Change[documentRow](tx, g).CreateInBatches(&documents, db.InsertBatch).Error; err != nil {
			return err
		}
	}
	if len(answers) > 0 {
		return db.Change[answerRow](tx, g).CreateInBatches(&answers, db.InsertBatch).Error
	}
	return nil
}
