// Package registry owns who takes part, who acts for them, and what they tell about themselves: diagnosis, symptoms,
// the European common data elements, and the proof of diagnosis with its review.
//
// Vocabulary: a participant is the person the data is about; an account acts for participants through a representation
// (oneself, a child, somebody cared for). Enrolment has five steps (who, about, diagnosis, symptoms, consent) and can be
// left and taken up again at any of them: each step is saved as what it is, there is no separate draft to lose.
// Evidence is a file that proves a diagnosis; a reviewer accepts it or asks again with a reason. A Change is what a row
// said before it was changed or removed.
//
// What always holds:
//
//  1. Names, birth dates, free text and evidence lie encrypted; no column in the clear identifies a person. The year of
//     birth, sex and country are for research and stand in the clear.
//  2. A child's representation ends at the instant of majority, in the child's country (born on 29 February: 1 March).
//     A minor's birth date is therefore always whole. A correction moves that instant, and the end of consents with it.
//     Who let an account act for a person can end that; one guardian cannot end another's part.
//  3. An account is a participant itself at most once.
//  4. No value is lost: a change or a removal keeps what was said before, by whom, when, and from which source.
//  5. A diagnosis is an ORPHA code, or "not diagnosed yet", which is a state of its own and not a missing value.
//  6. A symptom is a term under HP:0000118 that is present, absent or unknown; what is not told is not recorded.
//  7. Dates keep the precision they were told in: a year stays a year. No date of a person lies in the future or before
//     the year of their birth.
//  8. A value and a reason why it is missing exclude each other.
//  9. A file is what its first bytes say, one of PDF, JPEG and PNG. What is stored was made anew: no camera data, no
//     document properties, no script, no attachment.
//
// 10. Evidence is decided by a reviewer who does not, and did not, act for the person; once.
//
// Agreement to contact, to reuse and to samples (elements 7.1 to 7.3) is never stored here: consent answers it.
// This package never decides who may act (policies does), and gives no identifying value to an export.
package registry
