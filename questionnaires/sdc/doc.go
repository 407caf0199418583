// Package sdc is the form engine: what a FHIR R4 Questionnaire with the extensions of HL7 Structured Data Capture means.
//
// A questionnaire's JSON is compiled once into an immutable *Form*. A *State* is the answers of one response: the tree of
// occurrences of items. A *Path* names an item inside it: the linkId, and the instance numbers of the repeating items
// around it. One *Change* answers one item, adds or removes a repeat.
//
// Invariants:
//
//  1. What the engine does not support is refused when it is compiled, every refusal at once, each naming its item and
//     feature.
//  2. Form.Apply and Form.Put are the only ways a draft changes, and the same rules judge one answer, a whole page, and a
//     response that comes in as JSON. There is no second evaluator.
//  3. One answer recomputes what depends on it and nothing else, and the result is what computing everything would give.
//  4. Answers under a disabled item stay in the draft, so that they are there again when it is enabled, and are never in
//     a completed response.
//  5. Decimals keep the text they were given in; partial dates keep their precision.
//
// It is pure: it reads no clock, no database and no network, and knows nothing of people.
package sdc
