// Package migrations holds the database schema: one folder of goose migrations per engine, which say the same.
package migrations

import "embed"

// Files holds sqlite/ and postgres/.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
