// Package extract turns the answers of a completed QuestionnaireResponse into FHIR R4 resources, as HL7 Structured Data
// Capture says (Form Data Extraction): by observation, by definition and by template. The result is a transaction Bundle
// of what would be created or updated, with a Provenance that names the response as its source.
//
// Vocabulary: a *context* is the resource that answers below an item go into; a *template* is a contained resource whose
// extensions say what goes where; an *occurrence* is one answer or one repetition of a group.
//
// Invariants:
//
//  1. It reads the two documents and what it is given, nothing else, and changes neither: no query is sent anywhere.
//  2. An unanswered question makes nothing; what cannot be extracted is told, at its item, and nothing is guessed.
//  3. The same input with the same source of identifiers gives the same bytes.
//  4. What is made is bounded: resources, expressions and time.
//
// StructureMap-based extraction is refused with a word: it needs a mapping engine, which Kindred does not have.
package extract
