package export

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

const batch = 500

func insertStudy(tx *db.Tx, s *Study) error {
	raw, err := json.Marshal(s.Proposal)
	if err != nil {
		return err
	}
	return db.Public[studyRow](tx).Create(&studyRow{ID: string(s.ID), AccountID: string(s.Proposer), State: string(s.State), Title: s.Proposal.Title,
		Protocol: s.Protocol, Proposal: string(raw), ValidUntil: s.ValidUntil, DecidedAt: s.DecidedAt, CreatedAt: s.CreatedAt, UpdatedAt: tx.Now(), Revision: 1}).Error
}

// updateStudy writes a study that was read at its revision; somebody quicker makes it ErrStale.
func updateStudy(tx *db.Tx, s *Study) error {
	raw, err := json.Marshal(s.Proposal)
	if err != nil {
		return err
	}
	r := db.Public[studyRow](tx).Where("id = ? AND revision = ?", string(s.ID), s.Revision).Updates(map[string]any{
		"state": string(s.State), "title": s.Proposal.Title, "protocol": s.Protocol, "proposal": string(raw), "valid_until": s.ValidUntil,
		"decided_at": s.DecidedAt, "updated_at": tx.Now(), "revision": s.Revision + 1})
	if r.Error == nil && r.RowsAffected == 0 {
		return db.ErrStale
	}
	s.Revision++
	return r.Error
}

func loadStudy(tx *db.Tx, id ident.StudyID) (*Study, error) {
	var row studyRow
	if err := db.Public[studyRow](tx).Where("id = ?", string(id)).Take(&row).Error; err != nil {
		return nil, err
	}
	return row.study()
}

// listStudies gives studies, newest first; of a proposer, or in a state, where these are given.
func listStudies(tx *db.Tx, proposer ident.AccountID, state StudyState) ([]*Study, error) {
	q := db.Public[studyRow](tx)
	if proposer != "" {
		q = q.Where("account_id = ?", string(proposer))
	}
	if state != "" {
		q = q.Where("state = ?", string(state))
	}
	var rows []studyRow
	if err := q.Order("id DESC").Limit(batch).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]*Study, 0, len(rows))
	for i := range rows {
		s, err := rows[i].study()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func insertDecision(tx *db.Tx, id string, d *Decision) error {
	raw, err := json.Marshal(d.Proposal)
	if err != nil {
		return err
	}
	verdict := Refused
	if d.Approved {
		verdict = Approved
	}
	return db.Public[decisionRow](tx).Create(&decisionRow{id, string(d.Study), d.Protocol, string(verdict), d.Reason, string(d.By), string(raw), d.At}).Error
}

func listDecisions(tx *db.Tx, studies ...ident.StudyID) ([]Decision, error) {
	var rows []decisionRow
	if err := db.Public[decisionRow](tx).Where("study_id IN ?", texts(studies)).Order("study_id, protocol").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Decision, 0, len(rows))
	for i := range rows {
		d, err := rows[i].decision()
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func texts[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// countsOf gives what an account was shown, and how often it counted since an instant.
func countsOf(tx *db.Tx, account ident.AccountID, since time.Time) (shown []int, recent int, err error) {
	var rows []countRow
	if err := db.Public[countRow](tx).Where("account_id = ?", string(account)).Find(&rows).Error; err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		if r.Shown != nil {
			shown = append(shown, *r.Shown)
		}
		if r.CreatedAt.After(since) {
			recent++
		}
	}
	return shown, recent, nil
}

func insertCount(tx *db.Tx, id string, account ident.AccountID, study ident.StudyID, c Count) error {
	row := countRow{ID: id, AccountID: string(account), StudyID: string(study), CreatedAt: tx.Now()}
	if c.Shown {
		row.Shown = &c.N
	}
	return db.Public[countRow](tx).Create(&row).Error
}

func insertRelease(tx *db.Tx, r *Release) error {
	formats := make([]string, len(r.Formats))
	for i, f := range r.Formats {
		formats[i] = string(f)
	}
	return db.Public[releaseRow](tx).Create(&releaseRow{ID: string(r.ID), StudyID: string(r.Study), AccountID: string(r.Requester), State: string(r.State),
		Formats: strings.Join(formats, ","), Protocol: r.Protocol, Folder: r.Folder, CreatedAt: r.CreatedAt}).Error
}

func loadRelease(tx *db.Tx, id ident.ReleaseID) (*Release, error) {
	var row releaseRow
	if err := db.Public[releaseRow](tx).Where("id = ?", string(id)).Take(&row).Error; err != nil {
		return nil, err
	}
	r := row.release()
	var files []fileRow
	if err := db.Public[fileRow](tx).Where("release_id = ?", string(id)).Order("position").Find(&files).Error; err != nil {
		return nil, err
	}
	for _, f := range files {
		r.Files = append(r.Files, FileInfo{Name: f.Name, Format: f.Format, Resource: f.Resource, Rows: f.Rows, Bytes: f.Bytes, SHA256: f.SHA256})
	}
	return r, nil
}

func listReleases(tx *db.Tx, where string, args ...any) ([]*Release, error) {
	var rows []releaseRow
	if err := db.Public[releaseRow](tx).Where(where, args...).Order("id DESC").Limit(batch).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]*Release, len(rows))
	for i := range rows {
		out[i] = rows[i].release()
	}
	return out, nil
}

// moveRelease changes a release that is in one of the states; false when it is not.
func moveRelease(tx *db.Tx, id ident.ReleaseID, from []ReleaseState, to map[string]any) (bool, error) {
	r := db.Public[releaseRow](tx).Where("id = ? AND state IN ?", string(id), texts(from)).Updates(to)
	return r.RowsAffected == 1, r.Error
}

func insertFiles(tx *db.Tx, id ident.ReleaseID, files []FileInfo) error {
	rows := make([]fileRow, len(files))
	for i, f := range files {
		rows[i] = fileRow{string(id), f.Name, i, f.Format, f.Resource, f.Rows, f.Bytes, f.SHA256}
	}
	if len(rows) == 0 {
		return nil
	}
	return db.Public[fileRow](tx).Create(&rows).Error
}

// insertSubjects notes who is in a release. The Grant is asked for each of them: one who is no longer covered makes it
// db.ErrNotFound.
func insertSubjects(tx *db.Tx, g policies.Grant[policies.Write], id ident.ReleaseID, people []ident.ParticipantID) error {
	rows := make([]subjectRow, 0, batch)
	for len(people) > 0 {
		n := min(len(people), batch)
		rows = rows[:0]
		for _, p := range people[:n] {
			rows = append(rows, subjectRow{string(id), string(p)})
		}
		if err := db.Change[subjectRow](tx, g).Create(&rows).Error; err != nil {
			return err
		}
		people = people[n:]
	}
	return nil
}

// covered counts the people of a release whom the Grant reaches now.
func covered(tx *db.Tx, g policies.Grant[policies.Export], id ident.ReleaseID) (int, error) {
	var n int64
	err := db.Extract[subjectRow](tx, g).Where("release_id = ?", string(id)).Count(&n).Error
	return int(n), err
}

// releasesOf lists the releases that a person is in.
func releasesOf(tx *db.Tx, g policies.Grant[policies.Read], p ident.ParticipantID) ([]string, error) {
	var ids []string
	err := db.Read[subjectRow](tx, g).Where("participant_id = ?", string(p)).Order("release_id DESC").Pluck("release_id", &ids).Error
	return ids, err
}

func insertDownload(tx *db.Tx, id string, r ident.ReleaseID, name string, by ident.AccountID) error {
	return db.Public[downloadRow](tx).Create(&downloadRow{id, string(r), name, string(by), tx.Now()}).Error
}

func listDownloads(tx *db.Tx, releases []string) (map[string][]time.Time, error) {
	var rows []downloadRow
	err := db.Public[downloadRow](tx).Where("release_id IN ?", releases).Order("created_at").Find(&rows).Error
	at := map[string][]time.Time{}
	for _, r := range rows {
		at[r.ReleaseID] = append(at[r.ReleaseID], r.CreatedAt.UTC())
	}
	return at, err
}

// snapshotOf is the number of the last event of the consent ledger.
func snapshotOf(tx *db.Tx) (int64, error) {
	var row counterRow
	err := db.Public[counterRow](tx).Where("name = ?", "consent").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return 0, nil
	}
	return row.Value, err
}

// documentsOf lists the consent documents under which the people that the Grant reaches gave the scopes.
func documentsOf(tx *db.Tx, g policies.Grant[policies.Export], scopes []policies.Scope) ([]factRow, error) {
	var rows []factRow
	err := db.Extract[factRow](tx, g).Distinct("document", "version").Where("scope IN ? AND until_seq IS NULL", texts(scopes)).
		Order(clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "document"}}, {Column: clause.Column{Name: "version"}}}}).Find(&rows).Error
	return rows, err
}
