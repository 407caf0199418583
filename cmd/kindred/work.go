package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"kindred/internal/app"
	"kindred/internal/clock"
	"kindred/internal/db"
)

func workCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "Workers alone, without the web server, until interrupted",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := app.Open(cmd.Context(), c.config())
			if err != nil {
				return err
			}
			c.log().Info("working", "engine", string(a.DB.Engine()))
			return errors.Join(a.Work(cmd.Context()), a.Close())
		},
	}
}

func migrateCommand(c *console) *cobra.Command {
	up := &cobra.Command{
		Use: "up", Short: "Bring the schema to this program's version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := app.Open(cmd.Context(), c.config())
			if err != nil {
				return err
			}
			defer a.Close()
			return c.schema(cmd, a.DB)
		},
	}
	status := &cobra.Command{
		Use: "status", Short: "List the steps of the schema; exit 1 when one is missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := c.database(cmd.Context())
			if err != nil {
				return err
			}
			defer d.Close()
			return c.schema(cmd, d)
		},
	}
	return parent("migrate", "The database's schema", up, status)
}

// database opens the database alone, and does not change it.
func (c *console) database(ctx context.Context) (*db.DB, error) {
	if c.Database == "" {
		if _, err := os.Stat(filepath.Join(c.Data, "kindred.db")); err != nil {
			return nil, fmt.Errorf("there is no registry in %s", c.Data)
		}
	}
	return db.Open(ctx, db.Config{URL: c.Database, Dir: c.Data, Clock: clock.System()})
}

func (c *console) schema(cmd *cobra.Command, d *db.DB) error {
	steps, err := d.Migrations(cmd.Context())
	if err != nil {
		return err
	}
	var lines []string
	for _, s := range steps {
		state := "applied"
		if !s.Applied {
			state, c.status = "missing", no
		}
		lines = append(lines, fmt.Sprintf("%-8s %s", state, s.Name))
	}
	return c.print(steps, "%s", strings.Join(lines, "\n"))
}

func versionCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Which program this is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": "development", "go": runtime.Version()}
			if info, ok := debug.ReadBuildInfo(); ok {
				if info.Main.Version != "" && info.Main.Version != "(devel)" {
					v["version"] = info.Main.Version
				}
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						v["revision"] = s.Value
					}
				}
			}
			return c.print(v, "kindred %s %s %s", v["version"], v["revision"], v["go"])
		},
	}
}
