// Package blob keeps files: proofs of diagnosis, releases. Each is encrypted as it is written and lies on disk under a
// name of our own making.
//
// Vocabulary: a Draft is a file being written; Commit makes it a blob; Keep, in a transaction, says that a row points
// to it. A blob that no row keeps is an orphan.
//
// What always holds:
//
//  1. What lies on disk is ciphertext, bound to the blob's id: no plain byte of a file is ever written, not even while
//     it arrives.
//  2. A blob exists whole or not at all: it is synced, then renamed. Half-written ones are wiped at start.
//  3. No text from outside reaches the file system: a name is a UUID that ident.New made or ident.Parse read.
//  4. A file over its limit is refused before the byte that is over is written.
//  5. An orphan older than a day is removed by Sweep; a kept blob is removed only after the transaction that forgets it.
//
// It never looks into a file, and knows nothing of who may see it: that is decided before it is asked.
package blob
