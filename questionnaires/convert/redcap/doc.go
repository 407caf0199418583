// Package redcap converts REDCap data dictionaries to FHIR questionnaires and back.
//
// A *dictionary* is a CSV file with a row a *field*: its variable name, the *form* it stands on, its type, label and
// choices, and *logic*: branching logic, which says when the field is shown, and calculations. Read turns fields into
// items (linkId = variable name), forms into pages, section headers and matrices into groups, and logic into enableWhen
// or FHIRPath. Write does the reverse.
//
// REDCap publishes no specification: the columns are those of the file its Designer gives, and the meaning of logic is
// that of its help pages. What they leave open is decided in logic_translate.go, beside the line that decides it.
//
// Invariants, beside those of package convert:
//
//  1. Every FHIRPath expression that Read writes compiles, and gives what REDCap gives, blanks included: a comparison
//     with a blank is false unless it asks for the blank, and arithmetic with a blank is blank.
//  2. Logic that has no such expression is in the Report word for word, and travels in the item's FieldURL extension.
//  3. Write uses the logic that stands in an expression's description only where translating it gives that expression.
//  4. Read(Write(Read(x))) is Read(x), with the same Options.
//  5. Every fault of a dictionary is told at once, with its line and column, where the file can be taken apart at all.
//
// It never guesses an encoding, an event or an instance.
package redcap
