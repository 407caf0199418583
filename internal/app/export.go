package app

import (
	"context"
	"path/filepath"
	"runtime/debug"

	"kindred/export"
	"kindred/internal/ident"
	"kindred/policies"
)

// openExport makes the service of studies and releases. Releases are kept below the data folder, encrypted; what is
// spooled while one is made is encrypted too and lies with the temporary files.
func (a *App) openExport(context.Context) error {
	a.Studies = export.New(export.Config{
		DB: a.DB, Authority: a.Authority, Vault: a.Vault,
		People: export.Baseline{Vocabulary: a.Registry.Vocabulary()}, Answers: export.Sent{Responses: a.Questionnaires},
		Actor: func(ctx context.Context, id ident.AccountID) (policies.Actor, error) {
			return a.Accounts.Actor(ctx, id, "")
		},
		Dir: a.Folder.Path("releases"), Spool: filepath.Join(a.Folder.Temp(), "releases"), Version: codeVersion(), Log: a.config.Log,
	})
	a.Studies.Register(a.workers)
	return nil
}

// codeVersion names the program in manifests: its version, and the revision it was built from.
func codeVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "development"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	return version
}
