package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"kindred/internal/clock"
	"kindred/internal/vault"
	"kindred/schemas/migrations"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says which database to open.
type Config struct {
	URL   string // postgres://...; empty for SQLite
	Dir   string // the data folder, where SQLite keeps kindred.db
	Clock clock.Clock
	Vault *vault.Vault // names subjects in the audit
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	engine   Engine
	writer   *sql.DB // SQLite: one connection, so that writers queue fairly instead of colliding
	reader   *sql.DB // snapshots; for PostgreSQL the same pool
	gorm     *gorm.DB
	clock    clock.Clock
	vault    *vault.Vault
	personal map[string]bool
}

// Open connects and checks that the engine took its settings. It does not change the schema: see Migrate.
func Open(ctx context.Context, c Config) (*DB, error) {
	d := &DB{clock: c.Clock, vault: c.Vault}
	var err error
	if c.URL != "" {
		err = d.openPostgres(ctx, c.URL)
	} else {
		err = d.openSQLite(ctx, filepath.Join(c.Dir, "kindred.db"))
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	if err := d.register(); err != nil {
		d.Close()
		return nil, err
	}
	if err := d.learn(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Engine tells which engine is behind.
func (d *DB) Engine() Engine { return d.engine }

// Now is the clock's time.
func (d *DB) Now() time.Time { return d.clock.Now() }

// Close ends all connections.
func (d *DB) Close() error {
	var errs []error
	if d.writer != nil {
		errs = append(errs, d.writer.Close())
	}
	if d.reader != nil && d.reader != d.writer {
		errs = append(errs, d.reader.Close())
	}
	return errors.Join(errs...)
}

// Ready answers nil when the database can be asked.
func (d *DB) Ready(ctx context.Context) error { return d.reader.PingContext(ctx) }

// Queue is the pool that package jobs runs the queue's own tables on. Nobody else calls it; a test looks.
func (d *DB) Queue() *sql.DB { return d.writer }

func (d *DB) openSQLite(ctx context.Context, path string) error {
	d.engine = SQLite
	dsn := func(lock string, more ...string) string {
		q := url.Values{"_txlock": {lock}, "_time_format": {"sqlite"}}
		q["_pragma"] = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "temp_store(MEMORY)"}, more...)
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil { // the driver would make it readable to others
		return err
	} else if err := f.Close(); err != nil {
		return err
	}
	var err error
	if d.writer, err = sql.Open("sqlite", dsn("immediate", "cache_size(-65536)")); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1)
	d.writer.SetConnMaxLifetime(0)
	if err := checkPragmas(ctx, d.writer); err != nil {
		return err
	}
	if d.reader, err = sql.Open("sqlite", dsn("deferred", "query_only(1)")); err != nil {
		return err
	}
	d.reader.SetMaxOpenConns(8)
	return d.openGorm(sqlite.Dialector{Conn: &pool{d.writer, d}})
}

// checkPragmas reads the settings back: unknown DSN parameters are ignored without a word.
func checkPragmas(ctx context.Context, s *sql.DB) error {
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000", "foreign_keys": "1", "secure_delete": "1"} {
		var got string
		if err := s.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return fmt.Errorf("db: %s: %w", pragma, err)
		}
		if got != want {
			return fmt.Errorf("db: pragma %s is %s, not %s: refusing to run", pragma, got, want)
		}
	}
	return nil
}

func (d *DB) openPostgres(ctx context.Context, dsn string) error {
	d.engine = Postgres
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("db: the database URL cannot be used: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["application_name"] = "kindred"
	// Each row's consents are looked up by themselves, which the planner thinks dear: compiling for that took longer than
	// the queries, by far where there were no statistics yet.
	config.RuntimeParams["jit"] = "off"
	d.writer = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(_ context.Context, c *pgx.Conn) error {
		c.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}))
	d.writer.SetMaxOpenConns(32)
	d.writer.SetMaxIdleConns(16)
	d.reader = d.writer
	if err := d.writer.PingContext(ctx); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	return d.openGorm(postgres.New(postgres.Config{Conn: &pool{d.writer, d}}))
}

func (d *DB) openGorm(dialector gorm.Dialector) error {
	g, err := gorm.Open(dialector, &gorm.Config{
		Logger: logger.Discard, TranslateError: true, SkipDefaultTransaction: true, DisableAutomaticPing: true,
		CreateBatchSize: 500, NowFunc: d.clock.Now,
	})
	d.gorm = g
	return err
}

// Migrate brings the schema to the newest version, one migration a transaction.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return d.learn(ctx)
}

// Migration is one step of the schema and whether it is applied.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrations lists the steps. Asking a database newer than this program is an error.
func (d *DB) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := d.provider()
	if err != nil {
		return nil, err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	if current > target {
		return nil, fmt.Errorf("db: the schema is at version %d, newer than this program's %d: use the newer program", current, target)
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	var all []Migration
	for _, s := range status {
		all = append(all, Migration{s.Source.Version, strings.TrimSuffix(filepath.Base(s.Source.Path), ".sql"), s.State == goose.StateApplied})
	}
	return all, nil
}

func (d *DB) provider() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations.Files, string(d.engine))
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectSQLite3
	if d.engine == Postgres {
		dialect = goose.DialectPostgres
	}
	return goose.NewProvider(dialect, d.writer, folder)
}

// learn finds the personal tables in the schema itself, so that a table nobody declared is guarded too.
func (d *DB) learn(ctx context.Context) error {
	query := "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'participant_id')"
	if d.engine == Postgres {
		query = "SELECT table_name FROM information_schema.columns WHERE column_name = 'participant_id' AND table_schema = current_schema()"
	}
	rows, err := d.reader.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	defer rows.Close()
	personal := map[string]bool{"participants": true}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("db: %w", err)
		}
		personal[name] = true
	}
	d.personal = personal
	return rows.Err()
}

// PersonalTables lists the tables that are reached with a Grant alone.
func (d *DB) PersonalTables() []string {
	var names []string
	for name := range d.personal {
		names = append(names, name)
	}
	return names
}
