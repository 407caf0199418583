// Package compare tells versions of a questionnaire apart, as someone does who must later put their answers into one
// column: which differences nobody will notice in the data (cosmetic), which add something beside what there is
// (additive), and which make an answer, or its absence, mean something else (meaning).
//
// Vocabulary: a *change* is one difference, at an item or at the form as a whole; its *kind* says what differs. A
// *column* is an item over all the versions in which it means the same; a *statement* is one of three extensions by
// which the author says what no program can know (statements.go).
//
// Invariants:
//
//  1. A form compared with itself has no changes, and the order of members, narrative and metadata make none.
//  2. A change of type or unit is of meaning, always; no statement makes it less.
//  3. Doubt counts as meaning: wording that differs in more than spelling, value sets that cannot be compared,
//     expressions that are not the same after formatting.
//  4. What changes only the meaning of *missing* (who is asked, who must answer) says so: such a column goes on.
//  5. It answers for everything that parses as a Questionnaire, in time that grows with its size.
//
// It decides nothing about publishing: Refusals gives the questionnaires service what it must refuse.
package compare
