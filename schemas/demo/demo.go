// Package demo holds what the synthetic population is drawn from.
package demo

import _ "embed"

// Profiles lists diagnoses with how often, in whom, from what age and with which symptoms they occur.
//
//go:embed profiles.tsv
var Profiles string
