// Package codesign lets members shape the next version of a questionnaire: they propose questions and wordings, discuss
// and vote, and editors take what is good into a draft.
//
// A *proposal* is about one questionnaire: another wording of one of its items (it names the linkId) or a new question. It
// is open until an editor takes it or declines it with a reason. A *draft* is the newest published version with the
// taken proposals worked in and their proposers credited; an editor goes on from there. A taken proposal is *published*
// from the version on whose file carries its credit.
//
// Invariants:
//
//  1. Each proposal tells what became of it: open, taken, declined with a reason, or published in a version.
//  2. One account has one vote for each proposal, none for its own, and can take it back.
//  3. A decision is final; whoever thinks otherwise proposes again.
//  4. What members write is sealed in its column, and a comment that a moderator or editor hides stays readable to its
//     author alone.
//  5. Nobody is named who did not ask to be credited, and then only in their own words.
//
// It touches no participant's rows. It knows no diagnosis, no answer and no page.
package codesign
