// Package consent owns the consent documents, what people decided about each scope, and the proof of it.
//
// Vocabulary: a Document is one version of a consent text in one language; its scopes are the choices it asks for. A
// Signing is what a person does: read, choose scope by scope, type a name, give the password. It leaves a Signature and
// one Entry in the ledger for each scope: given, declined or withdrawn. The facts (consent_facts) are a projection of
// the ledger for the predicate of a Grant; they are written in the same transaction and are never a second truth. The
// Snapshot is the number of the ledger's last event.
//
// Invariants:
//  1. A published version never changes; its hash is over the exact bytes shown, in each language.
//  2. Nobody signs a text that was not shown: the hash that comes with a signing is that of the current version.
//  3. The ledger is only added to. Its sequence has no gap and no duplicate, and order is sequence, never the clock.
//  4. A scope is in force for a person when a signature gave it, nothing later took it back, and it has not lapsed.
//  5. A withdrawal ends every fact of its scope, whoever signed it and under whichever version, at once.
//  6. Only a signing brings a scope back. Declining a scope does not touch any other.
//  7. What one person gives for another lapses when their right to act ends by age; at that instant, not at a job's. A
//     corrected birth date moves it, as an entry of its own.
//  8. Withdrawing asks for less than signing: no password, no text, whichever version is current.
//  9. For each signature the exact text, its hash, language, version, the signer, their relation, the time and the
//     method can be shown at any time.
//
// It never decides who may reach a row (package policies does), never shows a page, and never deletes.
package consent
