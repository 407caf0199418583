package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"gorm.io/gorm"

	"kindred/internal/clock"
	"kindred/internal/ident"
	"kindred/policies"
)

// Tx is one transaction. It hides gorm: rows are reached through Read, Change, Extract and Public. It is for one
// goroutine.
type Tx struct {
	ctx     context.Context
	db      *DB
	sql     *sql.Tx
	gorm    *gorm.DB
	now     time.Time
	uses    map[ident.EntryID]*use
	order   []ident.EntryID
	entries []Entry
	after   []func()
}

// granted is any Grant.
type granted interface {
	Use(time.Time) (policies.Use, error)
}

// use is one Grant's use in one transaction.
type use struct {
	policies.Use
	event    string
	detail   map[string]string
	subjects map[string]bool
	reached  map[string]bool
	counted  int
}

// maxNamed is how many subjects an entry names; an export's are those of its release.
const maxNamed = 50

func (u *use) note(subject string) {
	if len(u.subjects) <= maxNamed {
		u.subjects[subject] = true
	}
	u.counted++
}

type insideTx struct{}

// ErrNested is what Do and Snapshot answer inside another transaction, where waiting would never end.
var ErrNested = errors.New("db: a transaction inside a transaction")

// Do runs fn in one write transaction. It commits when fn answers nil and the audit entries of the Grants that fn used
// are written with it; otherwise nothing has happened.
func (d *DB) Do(ctx context.Context, fn func(tx *Tx) error) error {
	tx, err := d.begin(ctx, d.writer, nil)
	if err != nil {
		return err
	}
	defer tx.sql.Rollback() //nolint:errcheck // after a commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.writeLedger(); err != nil {
		return err
	}
	if err := tx.sql.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// Snapshot runs fn over one unchanging view of the database, without holding up writers. The audit entries of the
// Grants that fn used are committed before Snapshot answers nil.
func (d *DB) Snapshot(ctx context.Context, fn func(tx *Tx) error) error {
	options := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if d.engine == SQLite {
		options = nil // the reader's connections are read-only, and a WAL read is a snapshot
	}
	tx, err := d.begin(ctx, d.reader, options)
	if err != nil {
		return err
	}
	var fixed int64 // the first read fixes the view
	if err := tx.sql.QueryRowContext(ctx, "SELECT value FROM counters WHERE name = 'consent'").Scan(&fixed); err != nil {
		return errors.Join(err, tx.sql.Rollback())
	}
	err = fn(tx)
	if end := tx.sql.Rollback(); err == nil {
		err = end
	}
	if err != nil || len(tx.uses)+len(tx.entries) == 0 {
		return err
	}
	return d.Do(ctx, func(w *Tx) error {
		w.uses, w.order, w.entries = tx.uses, tx.order, tx.entries
		return nil
	})
}

func (d *DB) begin(ctx context.Context, from *sql.DB, options *sql.TxOptions) (*Tx, error) {
	if ctx.Value(insideTx{}) != nil {
		return nil, ErrNested
	}
	s, err := from.BeginTx(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("db: begin: %w", err)
	}
	if d.engine == SQLite && from == d.writer {
		// The driver forgets _txlock when it is given a time format, and begins without the write lock: a transaction
		// that reads first would then fail as soon as another process has written. A change of nothing takes the lock.
		if _, err := s.ExecContext(ctx, "UPDATE counters SET value = value WHERE name = ''"); err != nil {
			return nil, errors.Join(fmt.Errorf("db: begin: %w", err), s.Rollback())
		}
	}
	tx := &Tx{ctx: context.WithValue(ctx, insideTx{}, true), db: d, sql: s, now: d.clock.Now(), uses: map[ident.EntryID]*use{}}
	tx.gorm = d.gorm.Session(&gorm.Session{NewDB: true, Context: tx.ctx})
	tx.gorm.Statement.ConnPool = &txPool{s, d}
	return tx, nil
}

func (tx *Tx) session() *gorm.DB {
	return tx.gorm.Session(&gorm.Session{NewDB: true, Context: tx.ctx})
}

// Context is the transaction's context.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Now is the instant at which the transaction began; all its rows carry it.
func (tx *Tx) Now() time.Time { return tx.now }

// After runs f once the transaction has committed: caches to drop, people to tell.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Queue is the transaction for package jobs, which enqueues in it. Nobody else calls it; a test looks.
func (tx *Tx) Queue() *sql.Tx { return tx.sql }

// use remembers that a Grant is used here.
func (tx *Tx) use(g granted) (*use, error) {
	u, err := g.Use(tx.now)
	if err != nil {
		return nil, err
	}
	if known := tx.uses[u.ID]; known != nil {
		return known, nil
	}
	n := &use{Use: u, detail: map[string]string{}, subjects: map[string]bool{}, reached: map[string]bool{}}
	tx.uses[u.ID] = n
	tx.order = append(tx.order, u.ID)
	return n, nil
}

// Tell adds a detail to the audit entry of a Grant used in this transaction. The name "event" replaces the entry's
// event. Details are never personal: ids of things, counts, versions.
func (tx *Tx) Tell(g granted, name, value string) {
	u, err := tx.use(g)
	if err != nil {
		return // its query has failed already
	}
	if name == "event" {
		u.event = value
		return
	}
	u.detail[name] = value
}

// Entry is an audit entry for an act that used no Grant: a sign-in, an approval, a publication.
type Entry struct {
	Event   string // noun.verb, for example "study.approved"
	Actor   policies.Actor
	Role    policies.Role
	Purpose policies.Purpose
	Act     policies.Act
	Object  policies.Object
	Study   ident.StudyID
	Subject ident.ParticipantID // stored as an alias
	Outcome string              // "ok" when empty; "denied", "failed"
	Detail  map[string]string   // never personal
}

// Log adds an entry to the transaction.
func (tx *Tx) Log(e Entry) { tx.entries = append(tx.entries, e) }

// entryRow is audit_entries.
type entryRow struct {
	ID        string `gorm:"primaryKey"`
	At        time.Time
	Event     string
	AccountID *string
	Role      string
	Purpose   string
	Act       string
	Object    string
	Rule      string
	StudyID   *string
	Subject   *string
	Subjects  int
	Outcome   string
	RequestID *string
	Detail    string
	Mark      string // see Leaf.Mark
}

func (entryRow) TableName() string { return "audit_entries" }
func (entryRow) NotPersonal()      {}

type subjectRow struct {
	EntryID string `gorm:"primaryKey"`
	Alias   string `gorm:"primaryKey"`
}

func (subjectRow) TableName() string { return "audit_subjects" }
func (subjectRow) NotPersonal()      {}

// writeLedger writes one entry for each Grant used and each act logged.
func (tx *Tx) writeLedger() error {
	var rows []entryRow
	var named []subjectRow
	for _, id := range tx.order {
		row, subjects := tx.entryOf(tx.uses[id])
		rows = append(rows, row)
		named = append(named, subjects...)
	}
	for _, e := range tx.entries {
		rows = append(rows, tx.entryFor(e))
	}
	if len(rows) == 0 {
		return nil
	}
	tx.mark(rows, named)
	if err := Public[entryRow](tx).Create(&rows).Error; err != nil {
		return fmt.Errorf("db: ledger: %w", err)
	}
	if len(named) > 0 {
		if err := Public[subjectRow](tx).Create(&named).Error; err != nil {
			return fmt.Errorf("db: ledger: %w", err)
		}
	}
	return nil
}

// mark puts the mark on each row.
func (tx *Tx) mark(rows []entryRow, named []subjectRow) {
	aliases := map[string][]string{}
	for _, s := range named {
		aliases[s.EntryID] = append(aliases[s.EntryID], s.Alias)
	}
	for i := range rows {
		rows[i].Mark = rows[i].leaf(aliases[rows[i].ID]).Mark(tx.db.vault)
	}
}

func (tx *Tx) entryOf(u *use) (entryRow, []subjectRow) {
	r := u.Request
	if r.Subject != "" {
		u.subjects[string(r.Subject)] = true
	}
	row := entryRow{
		ID: string(u.ID), At: tx.now, Event: u.event, AccountID: optional(r.Actor.Account), Role: string(u.Role), Purpose: string(r.Purpose),
		Act: string(u.Act), Object: string(r.Object), Rule: u.Rule, Subjects: len(u.subjects), Outcome: "ok",
		RequestID: optional(r.Actor.Request), Detail: encode(u.detail),
	}
	if row.Event == "" {
		row.Event = string(r.Object) + "." + string(u.Act)
	}
	if r.Study != nil {
		row.StudyID = optional(r.Study.ID)
	}
	switch n := len(u.subjects); {
	case n == 0 || n > maxNamed:
		row.Subjects = max(n, u.counted)
		return row, nil
	case n == 1:
		for s := range u.subjects {
			row.Subject = optional(tx.db.vault.SubjectAlias(ident.ParticipantID(s)))
		}
		return row, nil
	}
	var named []subjectRow
	for s := range u.subjects {
		named = append(named, subjectRow{row.ID, tx.db.vault.SubjectAlias(ident.ParticipantID(s))})
	}
	sort.Slice(named, func(i, j int) bool { return named[i].Alias < named[j].Alias })
	return row, named
}

func (tx *Tx) entryFor(e Entry) entryRow {
	row := entryRow{
		ID: string(ident.New[ident.EntryID]()), At: tx.now, Event: e.Event, AccountID: optional(e.Actor.Account), Role: string(e.Role),
		Purpose: string(e.Purpose), Act: string(e.Act), Object: string(e.Object), StudyID: optional(e.Study), Outcome: e.Outcome,
		RequestID: optional(e.Actor.Request), Detail: encode(e.Detail),
	}
	if row.Outcome == "" {
		row.Outcome = "ok"
	}
	if e.Subject != "" {
		row.Subject, row.Subjects = optional(tx.db.vault.SubjectAlias(e.Subject)), 1
	}
	return row
}

func optional[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	v := string(s)
	return &v
}

func encode(detail map[string]string) string {
	if len(detail) == 0 {
		return "{}"
	}
	b, err := json.Marshal(detail) // map keys are sorted
	if err != nil {
		return "{}" // a map of strings always encodes
	}
	return string(b)
}

// Cut brings an instant from outside to what both engines keep.
func Cut(t time.Time) time.Time { return clock.Cut(t) }

// Engine tells which engine is behind.
func (tx *Tx) Engine() Engine { return tx.db.engine }
