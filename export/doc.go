// Package export owns studies, the committee's decisions on them, and releases: what leaves the registry, for whom, and
// why that was allowed.
//
// Vocabulary. A Study is what a researcher proposes and the committee approves: a purpose, the fields and questionnaires
// wanted, the scopes of consent it needs, a period. A Plan is an approved study compiled into what a release does. A
// Subject is a person as the registry knows them; Plan.Reduce makes of it a Record, which has no field for a real
// identifier. Encoders take Records only. A Release is one run: files, a manifest, and the list of people in it.
//
// Invariants:
//
//  1. Nobody is in a release whose consent to every scope of the study is not in force, in the snapshot that the
//     release reads and again in the transaction that finishes it.
//  2. A release sees one snapshot; its manifest names it.
//  3. Every byte that leaves belongs to a field or a questionnaire of the approved study.
//  4. A pseudonym, a row id and a date shift belong to one study. Dates keep their precision, and the intervals of a
//     person to the day; from 90 years on ages are one.
//  5. What people wrote in their own words, files and answers under "other" stay out, unless the approved study says so.
//  6. Files, manifest, people and the audit entry are there together or not at all; what is spooled is encrypted.
//  7. A download asks again: the study is approved now, and everybody in the file is still covered. Once somebody is
//     not, the release is gone for good.
//  8. A proposer does not decide on their own study. A study that is changed goes back to the committee.
//  9. A count under five is not shown, and no two counts shown differ by fewer than five people.
//  10. With a minimum class, everybody in a release looks like at least that many people by birth, sex and country, or
//     nothing of the three is told of them; nobody is left out for it.
//  11. The same cut for the same recipient gives the same bytes.
//
// It never decides who may act (policies does), never holds keys (vault does), and never writes to the registry.
package export
