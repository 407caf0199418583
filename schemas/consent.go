package schemas

import "embed"

// Consent holds the consent documents, consent/<document>-<version>.<language>.md. What was published once is never
// edited here: a change is a new version, and the start refuses a text that differs from the one people signed.
//
//go:embed consent/*.md
var Consent embed.FS
