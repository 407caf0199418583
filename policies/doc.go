// Package policies decides who may do what to whose data, for which purpose. It is the only package that knows Casbin
// and the only one that can make a Grant.
//
// Two questions, one answer. model.conf and policy.csv, which a committee can read, say which kinds of person may do
// which kinds of act for which purpose, whose rows that covers and which consents it needs. Ask puts the kind question
// to Casbin and compiles the rest into a Predicate that the database evaluates in the transaction that reads.
//
// Vocabulary: an Actor is an account with its roles; a Purpose is why; an Object is a kind of row; an Act is what is
// done; whose says how rows relate to the actor; scopes are the consents that must be in force.
//
// Invariants:
//  1. A Grant comes from Ask alone. It cannot be built, converted to another action, stored or sent, and it expires.
//  2. A zero Grant reaches no row.
//  3. What no line of policy.csv allows is denied.
//  4. For every policy, person, consent and date, the rows that the compiled predicate selects are those for which
//     Casbin, asked person by person, says yes.
//  5. No string that a user chose reaches the enforcer: roles, purposes, objects and acts are constants.
//
// It never reads the database, the request or the time of day on its own.
package policies
