// Package fhirpath evaluates FHIRPath, normative release 2.0 with what later drafts and Structured Data Capture add, over
// FHIR R4 resources. It is a pure leaf: it knows neither the database nor the clock nor anybody's data.
//
// Vocabulary: an Expr is a compiled expression, a Node a place in a parsed document, a Value an item of a Collection, an
// Env what an evaluation may see beside its root (variables, a clock, a terminology).
//
// Invariants:
//
//  1. An Expr never changes after Compile and a document never changes after Parse; both may be used by many at once.
//  2. No expression and no document makes the process hang, run out of memory or panic: source, nesting, steps, bytes and
//     time are bounded (Budget), regular expressions are RE2, and what exceeds a bound is an *Error of kind Exhausted.
//  3. Decimals are exact: a number keeps the digits it was written with, and division alone rounds, to 28 digits.
//  4. An evaluation is deterministic: now() is Env.Now throughout.
//  5. A look-up by linkId through the document's index gives exactly what the plain evaluation gives.
//
// It never fetches anything, never writes to a document, and never guesses: an unknown function, type or variable is an error.
package fhirpath
