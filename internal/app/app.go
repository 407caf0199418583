// Package app wires Kindred together: it opens the data folder, the keys and the database, makes each service and
// starts the workers. It is the only package that knows everyone. The commands turn flags into one Config and call it.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kindred/export"
	"kindred/internal/account"
	"kindred/internal/audit"
	"kindred/internal/blob"
	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/internal/jobs"
	"kindred/internal/vault"
	"kindred/internal/web/api/once"
	"kindred/policies"
	"kindred/policies/consent"
	"kindred/questionnaires"
	"kindred/questionnaires/codesign"
	"kindred/registry"
)

// Config says where things are. The zero value, with Data set, is a SQLite registry in that folder.
type Config struct {
	Data      string // data folder
	Database  string // postgres://...; empty for SQLite in the data folder
	Keys      string // keyset folder; empty for keys/ in the data folder
	Temp      string // temporary files; empty for temp/ in the data folder
	TestClock string // a file with the instant that is the time everywhere; demonstration data alone
	Demo      bool   // make, or expect, a demonstration's data folder
	NoMigrate bool   // leave the schema as it is, and refuse to run on an old one
	Existing  bool   // refuse a folder without a registry instead of making one
	Beside    bool   // open a folder that a running server holds, for one command; implies NoMigrate
	Log       *slog.Logger
}

// App is an opened registry.
type App struct {
	Folder    *Folder
	Clock     clock.Clock
	Vault     *vault.Vault
	Studies   *export.Service
	DB        *db.DB
	Authority *policies.Authority
	Accounts  *account.Service
	Audit     *audit.Service
	Consent   *consent.Service
	Registry  *registry.Service
	Files     *blob.Folder

	Questionnaires *questionnaires.Service
	Codesign       *codesign.Service
	Once           *once.Memory

	config  Config
	workers *jobs.Workers
	closers []func() error
}

// ErrNoRegistry is what Open answers for a folder that holds none, where one is expected.
var ErrNoRegistry = errors.New("there is no registry in this data folder")

// ErrTestClock is what Open answers for a test clock over data that --demo did not make.
var ErrTestClock = errors.New("a test clock works on a demonstration's data folder alone")

// Open opens everything, without serving or working yet. Close it.
func Open(ctx context.Context, c Config) (*App, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{config: c, workers: jobs.NewWorkers()}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{a.openFolder, a.openClock, a.openData, a.openServices, a.openExport} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) openFolder(context.Context) error {
	if a.config.Existing && a.config.Database == "" && !(&Folder{dir: a.config.Data}).HasDatabase() {
		return fmt.Errorf("%w: %s", ErrNoRegistry, a.config.Data)
	}
	open := OpenFolder
	if a.config.Beside {
		open = OpenFolderBeside
	}
	f, err := open(a.config.Data, a.config.Temp)
	if err != nil {
		return err
	}
	a.Folder = f
	a.closers = append(a.closers, f.Close)
	if a.config.Demo {
		return f.MarkDemonstration(f.HasDatabase())
	}
	return nil
}

func (a *App) openClock(context.Context) error {
	a.Clock = clock.System()
	if a.config.TestClock == "" {
		return nil
	}
	if !a.Folder.IsDemonstration() {
		return ErrTestClock
	}
	c, err := clock.File(a.config.TestClock)
	if err != nil {
		return err
	}
	a.Clock = c
	return nil
}

func (a *App) openData(ctx context.Context) error {
	exists, err := a.dataExists(ctx)
	if err != nil {
		return err
	}
	if a.Vault, err = a.Folder.Keys(a.config.Keys, exists); err != nil {
		return err
	}
	a.DB, err = db.Open(ctx, db.Config{URL: a.config.Database, Dir: a.config.Data, Clock: a.Clock, Vault: a.Vault})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, a.DB.Close)
	steps, err := a.DB.Migrations(ctx)
	if err != nil {
		return err
	}
	if a.config.NoMigrate || a.config.Beside {
		for _, s := range steps {
			if !s.Applied {
				return fmt.Errorf("the schema lacks %s: run kindred migrate up", s.Name)
			}
		}
		return nil
	}
	return a.Migrate(ctx)
}

// dataExists tells whether there is data that keys made now could not read.
func (a *App) dataExists(ctx context.Context) (bool, error) {
	if a.config.Database == "" {
		return a.Folder.HasDatabase(), nil
	}
	d, err := db.Open(ctx, db.Config{URL: a.config.Database, Clock: a.Clock})
	if err != nil {
		return false, err
	}
	defer d.Close()
	return len(d.PersonalTables()) > 1, nil // the participants are always named
}

// Migrate brings the schema and the queue's tables to the newest version.
func (a *App) Migrate(ctx context.Context) error {
	if err := a.DB.Migrate(ctx); err != nil {
		return err
	}
	return jobs.Migrate(ctx, a.DB)
}

func (a *App) openServices(ctx context.Context) error {
	var err error
	if a.Authority, err = policies.New(a.Clock); err != nil {
		return err
	}
	a.Audit = audit.New(a.DB, a.Authority, a.Vault)
	if a.Accounts, err = account.New(account.Config{DB: a.DB, Vault: a.Vault, Authority: a.Authority}); err != nil {
		return err
	}
	a.Consent = consent.New(consent.Config{DB: a.DB, Vault: a.Vault, Authority: a.Authority, Confirm: a.Accounts.Confirm})
	if err := a.Consent.Install(ctx); err != nil {
		return err
	}
	return a.openRegistry()
}

func (a *App) openRegistry() error {
	files := blob.OpenBeside(a.Folder.Path("files"), a.Vault)
	if !a.config.Beside {
		var err error
		if files, err = blob.Open(a.Folder.Path("files"), a.Vault); err != nil {
			return err
		}
	}
	words, err := registry.LoadVocabulary(a.Folder.Path())
	if err != nil {
		return err
	}
	a.Files = files
	a.Registry = registry.New(a.DB, a.Authority, a.Vault, files, words)
	a.Registry.ReckonWith(a.Consent)
	a.Registry.KnowAccounts(func(ctx context.Context, id ident.AccountID) (policies.Actor, error) {
		return a.Accounts.Actor(ctx, id, "")
	})
	a.Questionnaires = questionnaires.New(questionnaires.Config{DB: a.DB, Vault: a.Vault, Authority: a.Authority, Files: files, Launch: a.launch})
	a.Codesign = codesign.New(codesign.Config{DB: a.DB, Vault: a.Vault, Authority: a.Authority, Questionnaires: a.Questionnaires})
	a.Once = once.New(a.DB, a.Vault)
	return nil
}

// Close closes what was opened, in the other order.
func (a *App) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}
