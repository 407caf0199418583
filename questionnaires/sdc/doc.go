// Package sdc is the form engine: what a FHIR R4 Questionnaire with the extensions of HL7 Structured Data Capture means.
//
// A questionnaire's JSON is compiled once into an immutable *Form*. A *State* is the answers of one response: the tree of
// occurrences of items. A *Path* names an item inside it: the linkId, and the instance numbers of the repeating items
// around it. One *Change* answers one item, adds or removes a repeat. An *Issue* is a finding about a response, with the
// severity, code and FHIRPath location that an OperationOutcome wants.
//
// What a form computes (enabling, calculated and first answers, texts, limits, options) are *nodes*, in an order in which
// each comes after what it reads by name. Expressions see a mirror of the enabled, answered part of the state, which is
// made when the first of them is evaluated and kept in step from then on; a form without expressions pays nothing.
// Variables are computed when they are asked for, once for each place, until what they read changes.
//
// Invariants:
//
//  1. What the engine does not support is refused when it is compiled, every refusal at once, each naming its item and
//     feature. A lenient compilation tells the same, and goes on without.
//  2. Form.Apply and Form.Put are the only ways a draft changes, and the same rules judge one answer, a whole page, and a
//     response that comes in as JSON. There is no second evaluator.
//  3. One answer recomputes what depends on it and nothing else, and the result is what computing everything would give.
//  4. Answers under a disabled item stay in the draft, so that they are there again when it is enabled, and are never in
//     a completed response. To conditions and expressions they are not there.
//  5. Decimals keep the text they were given in; partial dates keep their precision.
//  6. A circle of what items read by name is refused; what reads more widely is computed until it rests, a bounded number
//     of times and for a bounded time, and where it does not rest, that is told.
//  7. No expression is silently wrong: what fails, gives several values for one, or a value of another type, gives no
//     answer, and is told. An item whose condition fails stays enabled.
//
// It is pure: it reads no clock (Context.Now is given), no database and no network, and knows nothing of people. What
// asks a server (x-fhir-query) is empty; CQL is refused.
package sdc
