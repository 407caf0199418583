// Package score computes the scores of instruments: sums and means of weighted answers, with reversed items, sub-scales,
// a rule for answers that are missing, a linear transformation, and the look-up of a standardised score (such as a
// T-score) with its standard error.
//
// A *Definition* stands in the questionnaire, as an extension (URL) on the read-only decimal or integer item that takes
// the score. The engine asks it for the value whenever one of the answers that it reads changes; the version of the
// algorithm goes with each value.
//
// Invariants:
//
//  1. The arithmetic is decimal and exact; only a mean, a prorated sum and a transformation round, half up, to the
//     decimals that the definition says.
//  2. A score exists only when the rule for missing answers is met; otherwise there is none, never a low one.
//  3. The same answers give the same score whatever order they were given in.
//  4. A raw value that the look-up table does not have gives no score; nothing is interpolated.
package score
