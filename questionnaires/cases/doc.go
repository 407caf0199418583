// Package cases runs the tests that a questionnaire carries: answers in; what is asked, computed, scored and found wrong
// out. A form whose cases fail is not published, and logic that no case reaches is told.
//
// A *case* stands in the questionnaire as an extension (URL) of its root. Its answers are a contained
// QuestionnaireResponse, so that any FHIR tool can read them.
//
// Invariants:
//
//  1. The engine that runs a case is the one that runs the form: there is no second evaluator.
//  2. A case that expects nothing is a fault: a test that cannot fail is none.
//  3. Cases never change what a form does.
package cases
