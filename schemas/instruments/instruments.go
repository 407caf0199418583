// Package instruments holds the questionnaires that ship with Kindred: our own making, Apache-2.0, in English and
// Spanish.
package instruments

import "embed"

// Files holds one FHIR R4 Questionnaire a file, named url-version; in their order of publication by name.
//
//go:embed *.json
var Files embed.FS
