// Package terminology answers for FHIR R4 ValueSets and CodeSystems that are here as JSON: which codes a set holds,
// whether a code is one of them, what a code is called and what it weighs.
//
// Vocabulary: a set is a ValueSet, a system a CodeSystem, a reference a canonical address ("url", "url|version") or
// "#id" of a contained set. What is known of a set has two parts: the codes that are surely in it, and those of which
// nobody here can tell; every other code is surely outside.
//
// Invariants:
//
//  1. Never a wrong answer: what would need a terminology server is "not known", with the reason, and stays so through
//     union, intersection and exclusion. A set is Complete only when nothing of it is unknown.
//  2. Expand and MemberOf agree: what Expand lists is a member, and in a Complete set nothing else is.
//  3. A Library may be read by many at once, also while something is added; who reads sees all of an addition or none.
//  4. Time and memory are bounded (limits.go); a set that goes beyond is refused with ErrTooLarge.
//  5. The nearest scope wins: what a questionnaire contains before what was added, and that before what is built in.
//     Within one scope the version asked for, else the newest.
//
// Where the specification leaves a choice open: inactive codes are members unless compose.inactive is false; abstract
// codes are members, and marked; several sets within one include are intersected (ValueSet, "Composition Rules");
// a regex must match the whole value; codes are compared with their case unless the system says that it does not
// matter; codes that a set enumerates stand although their system is not here. compose.lockedDate is not looked at:
// only the versions that are here can answer, whatever the date.
//
// It never fetches anything and never writes.
package terminology
