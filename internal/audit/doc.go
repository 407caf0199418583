// Package audit makes the audit log tamper-evident and lets it be read.
//
// Entries are rows of audit_entries, written by package db in the transaction of the act that they tell of. This
// package owns what comes after: one sequencer weaves new entries, in batches and within a second, into a Merkle tree of
// the shape of RFC 6962 (golang.org/x/mod/sumdb/tlog); heads of the tree are signed as checkpoints in the format of
// c2sp.org/tlog-checkpoint; everything can be derived again from the entries and compared.
//
// Vocabulary: an Entry is one act; its leaf is the hash of its canonical bytes (db.Leaf); to weave is to give entries
// their sequence numbers and append their leaves; a tile is 256 neighbouring hashes of one level, as in
// c2sp.org/tlog-tiles; a checkpoint is the signed size and root of the tree; an alias is a person's name in the log,
// derived with a key from an id that erasure deletes.
//
// Invariants:
//  1. Sequence numbers begin at 1 and have no gap and no duplicate; the entry numbered n is the leaf n-1 of the tree.
//  2. An entry never changes and is never deleted. Triggers refuse it to the application; whoever removes them is found
//     by Verify, which derives the whole tree again from the entries.
//  3. A change to any column or subject of a woven entry, its removal, a new one between, or two exchanged, gives another
//     root. A shorter or wholly new log is found against any checkpoint kept outside.
//  4. A checkpoint is signed only when the last one is a prefix of the tree.
//  5. However many nodes weave at once, each batch is woven once: the row of audit_woven is locked by whoever weaves.
//  6. Erasing a person breaks nothing: the log holds aliases alone.
//  7. An entry carries a mark made with a key from outside the database: whoever owns the database alone can add none that
//     Verify takes for genuine, and can change none that waits to be woven.
//  8. Reading the log is written to the log.
//
// It never writes entries of its own making, never waits for a writer, and never names a person.
package audit
