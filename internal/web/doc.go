// Package web is the house's front: the engine, the route table, and what every request passes through.
//
// A request is given an id, a deadline and a limit for its body; becomes an Actor (session); passes the right that its
// route names (route); is handled (page, api); and what went wrong is told once, in the reader's language, as a page,
// as problem+json under /api or as an OperationOutcome under /fhir (answer).
//
// Invariants:
//  1. A route without a right does not start, and what no route names is not found.
//  2. A request that a browser sends for another site changes nothing.
//  3. A panic ends one request, not the process.
//  4. The log and the metrics hold route templates, never paths, queries, names or answers.
//  5. The address of a reader is that of the connection, unless a pinned proxy says otherwise.
//  6. Nothing is read beyond a route's limit, and a slow reader or writer is cut off.
//
// Gin lives below this package and nowhere else. It holds no rule about patients.
package web
