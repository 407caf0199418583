// Package convert holds what the converters of questionnaires share: a Questionnaire as FHIR R4 JSON that is being
// written or taken apart, and the report of what a conversion could not carry.
//
// The converters are its sub-packages, one a foreign format: xlsform and redcap. Each reads its format into a
// Questionnaire and writes a Questionnaire in its format, and reports every loss. They know neither the engine nor the
// database; whether the result publishes is for package sdc to say.
//
// Invariants:
//
//  1. What cannot be carried is in the Report, with its place in the source; nothing is lost in silence.
//  2. A hostile file gives an error, never a crash: limits stand before parsing.
//  3. The same input gives the same bytes.
//  4. Writing what was read and reading it again gives the same Questionnaire.
package convert
