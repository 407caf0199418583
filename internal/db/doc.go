// Package db opens either engine and is the only door to the tables.
//
// Personal rows (those of a table with a participant_id, and the participants themselves) are reached with a Grant or
// not at all: Read, Change and Extract give a query whose scope is added by a callback, in brackets, when it runs.
// Every statement of a transaction then passes a tripwire that reads the final SQL and refuses one that mentions a
// personal table without its scope, however it was made: raw, joined, as a sub-query, by an association or prepared.
//
// Invariants:
//  1. No statement reaches a personal table without the predicate of an unexpired Grant.
//  2. A row's subject never changes.
//  3. A transaction that used a Grant commits with exactly one audit entry for it, or does not commit.
//  4. Times come back in UTC, cut to microseconds, from both engines.
//
// Errors come translated: ErrNotFound, ErrDuplicate, ErrBusy.
package db
