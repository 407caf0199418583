package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/policies"
)

// batch is how many rows a statement takes at most.
const batch = 500

// waiting tells how many entries are not woven yet, counted up to a limit.
func waiting(tx *db.Tx, limit int) (int, error) {
	var ids []string
	err := db.Public[entryRow](tx).Where("seq IS NULL").Limit(limit).Pluck("id", &ids).Error
	return len(ids), err
}

// lockHead gives the head of the tree and makes every other weaver wait until this transaction ends.
func lockHead(tx *db.Tx) (Tree, error) {
	r := db.Public[wovenRow](tx).Where("name = ?", "tree").Update("revision", gorm.Expr("revision + 1"))
	if r.Error != nil {
		return Tree{}, r.Error
	}
	return head(tx)
}

func head(tx *db.Tx) (Tree, error) {
	var row wovenRow
	if err := db.Public[wovenRow](tx).Where("name = ?", "tree").Take(&row).Error; err != nil {
		return Tree{}, fmt.Errorf("audit: the head of the tree: %w", err)
	}
	root, err := decodeRoot(row.Root)
	return Tree{row.Size, root}, err
}

func decodeRoot(s string) (tlog.Hash, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != tlog.HashSize {
		return tlog.Hash{}, fmt.Errorf("audit: %q is not a root hash", s)
	}
	return tlog.Hash(b), nil
}

func saveHead(tx *db.Tx, t Tree) error {
	return db.Public[wovenRow](tx).Where("name = ?", "tree").Updates(map[string]any{"size": t.Size, "root": t.Root.String()}).Error
}

// pending gives the oldest entries that are not woven yet.
func pending(tx *db.Tx) ([]Entry, error) { return waitingAfter(tx, "") }

// waitingAfter gives entries that are not woven yet, after an id.
func waitingAfter(tx *db.Tx, id string) ([]Entry, error) {
	var rows []entryRow
	if err := db.Public[entryRow](tx).Where("seq IS NULL AND id > ?", id).Order("id").Limit(batch).Find(&rows).Error; err != nil {
		return nil, err
	}
	return withSubjects(tx, rows)
}

// woven gives the entries numbered after a number, in order.
func woven(tx *db.Tx, after int64) ([]Entry, error) {
	var rows []entryRow
	if err := db.Public[entryRow](tx).Where("seq > ?", after).Order("seq, id").Limit(batch).Find(&rows).Error; err != nil {
		return nil, err
	}
	return withSubjects(tx, rows)
}

// withSubjects fetches the aliases of entries that are about several people, and of any other that has some.
func withSubjects(tx *db.Tx, rows []entryRow) ([]Entry, error) {
	entries := make([]Entry, 0, len(rows))
	if len(rows) == 0 {
		return entries, nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	var subjects []subjectRow
	if err := db.Public[subjectRow](tx).Where("entry_id IN ?", ids).Order("entry_id, alias").Find(&subjects).Error; err != nil {
		return nil, err
	}
	named := map[string][]string{}
	for _, s := range subjects {
		named[s.EntryID] = append(named[s.EntryID], s.Alias)
	}
	for _, r := range rows {
		entries = append(entries, r.entry(named[r.ID]))
	}
	return entries, nil
}

// number gives entries their sequence numbers, from first on.
func number(tx *db.Tx, entries []Entry, first int64) error {
	values := strings.TrimSuffix(strings.Repeat("(CAST(? AS text), CAST(? AS bigint)), ", len(entries)), ", ")
	args := make([]any, 0, 2*len(entries))
	for i, e := range entries {
		args = append(args, string(e.ID), first+int64(i))
	}
	// Both engines call the columns of VALUES column1 and column2. The range keeps SQLite from reading the whole table.
	args = append(args, string(entries[0].ID), string(entries[len(entries)-1].ID))
	r := db.Public[entryRow](tx).Exec("UPDATE audit_entries SET seq = v.column2 FROM (VALUES "+values+") AS v"+
		" WHERE audit_entries.id = v.column1 AND audit_entries.seq IS NULL AND audit_entries.id >= ? AND audit_entries.id <= ?", args...)
	if r.Error != nil {
		return r.Error
	}
	if r.RowsAffected != int64(len(entries)) {
		return fmt.Errorf("audit: %d of %d entries could be numbered", r.RowsAffected, len(entries))
	}
	return nil
}

// loadEdge gives the right edge of the tree as stored.
func loadEdge(tx *db.Tx, size int64) (*edge, error) {
	e := &edge{size: size, levels: make([][]byte, height(size))}
	for level := range e.levels {
		n := width(size, level)
		if n == 0 {
			continue
		}
		hashes, err := loadTile(tx, level, place(size, level))
		if err != nil {
			return nil, err
		}
		if len(hashes) != n*tlog.HashSize {
			return nil, fmt.Errorf("audit: tile %d/%d holds %d bytes, not %d", level, place(size, level), len(hashes), n*tlog.HashSize)
		}
		e.levels[level] = hashes
	}
	return e, nil
}

func loadTile(tx *db.Tx, level int, number int64) ([]byte, error) {
	var row tileRow
	if err := db.Public[tileRow](tx).Where("level = ? AND number = ?", level, number).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("audit: tile %d/%d: %w", level, number, err)
	}
	return row.Hashes, nil
}

func saveTiles(tx *db.Tx, tiles []tile) error {
	rows := make([]tileRow, len(tiles))
	for i, t := range tiles {
		rows[i] = tileRow{t.level, t.number, t.hashes}
	}
	return db.Public[tileRow](tx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "level"}, {Name: "number"}},
		DoUpdates: clause.AssignmentColumns([]string{"hashes"}),
	}).Create(&rows).Error
}

// lastCheckpoint gives the newest checkpoint that was signed, if any.
func lastCheckpoint(tx *db.Tx) (checkpointRow, bool, error) {
	var row checkpointRow
	err := db.Public[checkpointRow](tx).Order("size DESC").Take(&row).Error
	if errors.Is(err, db.ErrNotFound) {
		return row, false, nil
	}
	return row, err == nil, err
}

func allCheckpoints(tx *db.Tx) ([]checkpointRow, error) {
	var rows []checkpointRow
	return rows, db.Public[checkpointRow](tx).Order("size").Find(&rows).Error
}

func saveCheckpoint(tx *db.Tx, c Checkpoint) error {
	row := checkpointRow{Size: c.Size, Root: c.Root.String(), Note: c.Note, At: tx.Now()}
	return db.Public[checkpointRow](tx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
}

// byID gives one entry.
func byID(tx *db.Tx, id ident.EntryID) (Entry, error) {
	var rows []entryRow
	if err := db.Public[entryRow](tx).Where("id = ?", string(id)).Limit(1).Find(&rows).Error; err != nil {
		return Entry{}, err
	}
	if len(rows) == 0 {
		return Entry{}, ErrEntry
	}
	entries, err := withSubjects(tx, rows)
	if err != nil {
		return Entry{}, err
	}
	return entries[0], nil
}

// filtered gives at most so many of the entries that a filter lets through, newest first.
func filtered(tx *db.Tx, f Filter, from cursor, limit int) ([]Entry, error) {
	q := db.Public[entryRow](tx)
	for column, value := range map[string]string{
		"event": f.Event, "account_id": string(f.Account), "role": string(f.Role), "purpose": string(f.Purpose),
		"study_id": string(f.Study), "outcome": f.Outcome,
	} {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.Outcome != "" && f.Outcome != OutcomeOK {
		q = q.Where("outcome <> 'ok'") // says that the partial index serves
	}
	if !f.From.IsZero() {
		q = q.Where("at >= ?", db.Cut(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("at < ?", db.Cut(f.To))
	}
	var rows []entryRow
	if err := from.after(q).Order("at DESC, id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	return withSubjects(tx, rows)
}

// about gives the entries that name a person by their alias, newest first.
func about(tx *db.Tx, alias string, from cursor, limit int) ([]Entry, error) {
	var alone, among []entryRow
	if err := from.after(db.Public[entryRow](tx).Where("subject = ?", alias)).Order("at DESC, id DESC").Limit(limit).Find(&alone).Error; err != nil {
		return nil, err
	}
	q := db.Public[entryRow](tx).Where("id IN (?)", db.Public[subjectRow](tx).Select("entry_id").Where("alias = ?", alias))
	if err := from.after(q).Order("at DESC, id DESC").Limit(limit).Find(&among).Error; err != nil {
		return nil, err
	}
	return withSubjects(tx, newest(alone, among, limit))
}

// newest merges two lists that are newest first, without repeats.
func newest(a, b []entryRow, limit int) []entryRow {
	var out []entryRow
	for len(out) < limit && len(a)+len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && (a[0].At.After(b[0].At) || a[0].At.Equal(b[0].At) && a[0].ID > b[0].ID):
			out, a = append(out, a[0]), a[1:]
		case len(a) > 0 && a[0].ID == b[0].ID:
			a = a[1:]
		default:
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

// reaches tells whether a Grant reaches a person.
func reaches(tx *db.Tx, g policies.Grant[policies.Read], p ident.ParticipantID) (bool, error) {
	var rows []representationRow
	err := db.Read[representationRow](tx, g).Where("participant_id = ?", string(p)).Limit(1).Find(&rows).Error
	return len(rows) > 0, err
}

// after narrows a query that is newest first to what comes after the place.
func (c cursor) after(q *gorm.DB) *gorm.DB {
	if c.id == "" {
		return q
	}
	return q.Where("at <= ? AND (at < ? OR id < ?)", c.at, c.at, c.id)
}
