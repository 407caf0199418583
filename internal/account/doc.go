// Package account owns accounts: how people sign in and stay signed in, what roles they hold, and the tokens that their
// programs use.
//
// Vocabulary: a Name is what somebody signs in with; a Session is a browser that is signed in; a Token lets a program
// act with its owner's rights; a peer is the address of the connection, and its network is what is counted.
//
// Invariants:
//  1. A policies.Actor that leaves this package holds an account id and roles, never a text that a user chose.
//  2. Two names that a reader would take for one another are one name, and none is a role's.
//  3. A password has 15 characters or more, is never cut, stands in no block list, and is kept as argon2id alone.
//  4. Registering and signing in answer alike, and do the same work, whether or not an account exists.
//  5. Every try is counted before the password is looked at. Waits grow and end; nobody is locked out for good.
//  6. Session ids and token secrets have 256 bits and are kept as hashes. A session id is new at each sign-in and change
//     of password; a change of roles ends the account's sessions.
//  7. Signing out, changing the password and disabling the account end sessions at once; roles and disabling are read
//     at each request, for tokens too.
//  8. Every sign-in, failed sign-in, sign-out, change of password, role or state, and token made or revoked leaves an
//     audit entry in the same transaction. No entry holds a name, a mail address or a secret.
//
// It never decides what a role may do (package policies does), never sets cookies, and never learns the peer from a
// header: the caller gives the address of the connection, or the one that a pinned proxy vouches for.
package account
