// Package questionnaires owns questionnaires and the answers that people give to them.
//
// A *questionnaire* has one identity, its canonical url, and many published *versions*. A version keeps the FHIR R4
// Questionnaire JSON it was published with, byte for byte, and is compiled into a form by package sdc, the engine. A
// *response* is one participant's answers to one version: a draft (in-progress), then completed, then perhaps amended.
//
// Invariants:
//
//  1. A published version never changes. The same url and version with other bytes is a Conflict; with the same bytes
//     it is the same version again.
//  2. What the engine does not support is refused at publish, every refusal at once, each naming its item and feature.
//  3. A response is pinned to the version it was started on; a newer version does not touch it. A draft moves there when
//     the person says so: what has no place in it is kept aside in the journal, and nothing is dropped.
//  4. An answer is acknowledged only after its journal entry and the draft's state are committed together.
//  5. The same idempotency key has one effect; with another body it is a Conflict.
//  6. A completed response is immutable: a later edit is an amendment, and every document that was submitted is kept.
//  7. A *file* that answers a question was made anew from what came in, belongs to one response, and goes with the
//     change that lets it go, unless a document holds it.
//
// It never asks who may read what: every read and change of answers takes a Grant from package policies. It knows
// nothing of diagnoses, studies or pages, writes no HTML, and reads no time but its transaction's.
package questionnaires
