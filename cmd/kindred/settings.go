package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/spf13/pflag"

	"kindred/internal/app"
	"kindred/internal/locale"
)

// settings are what every command may be told, by a flag or by a variable of the environment; the flag wins.
type settings struct {
	Data      string     `env:"DATA" envDefault:"data"`
	Database  string     `env:"DB"`
	Keys      string     `env:"KEYS"`
	Temp      string     `env:"TEMP"`
	TestClock string     `env:"TEST_CLOCK"`
	Level     slog.Level `env:"LOG_LEVEL" envDefault:"INFO"`
	Lang      string     `env:"LANGUAGE"`

	Addr        string   `env:"ADDR" envDefault:"127.0.0.1:8080"`
	Secure      bool     `env:"SECURE"`
	Proxies     []string `env:"PROXIES"`
	Operator    string   `env:"OPERATOR"`
	OperatorURL string   `env:"OPERATOR_URL"`
	Contact     string   `env:"CONTACT"`
	Zone        string   `env:"TIME_ZONE" envDefault:"UTC"`
}

const prefix = "KINDRED_"

// fromEnvironment reads the variables.
func (c *console) fromEnvironment(environ []string) error {
	m := env.ToMap(environ)
	if err := env.ParseWithOptions(&c.settings, env.Options{Prefix: prefix, Environment: m}); err != nil {
		return fmt.Errorf("the environment cannot be used: %w", err)
	}
	lang := c.Lang
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if lang == "" {
			lang, _, _ = strings.Cut(m[name], ".")
		}
	}
	c.speak = locale.For(strings.ReplaceAll(lang, "_", "-"))
	return nil
}

// bind makes a flag of each setting. The database's address is never shown as a default: it may hold a password.
func (c *console) bind(f *pflag.FlagSet) {
	f.StringVar(&c.Data, "data", c.Data, "data folder: database, keys, files (KINDRED_DATA)")
	f.StringVar(&c.Database, "db", c.Database, "postgres://... instead of SQLite in the data folder (KINDRED_DB)")
	f.Lookup("db").DefValue = ""
	f.StringVar(&c.Keys, "keys", c.Keys, "folder of the keysets; empty for keys/ in the data folder (KINDRED_KEYS)")
	f.StringVar(&c.Temp, "temp", c.Temp, "folder for temporary files; empty for temp/ in the data folder (KINDRED_TEMP)")
	f.StringVar(&c.TestClock, "test-clock", c.TestClock, "file with the RFC 3339 instant that is the time everywhere; demonstration data alone (KINDRED_TEST_CLOCK)")
	f.TextVar(&c.Level, "log-level", c.Level, "least level logged: DEBUG, INFO, WARN, ERROR (KINDRED_LOG_LEVEL)")
}

// config is what app is told.
func (c *console) config() app.Config {
	return app.Config{Data: c.Data, Database: c.Database, Keys: c.Keys, Temp: c.Temp, TestClock: c.TestClock, Log: c.log()}
}
