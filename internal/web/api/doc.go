// Package api is Kindred for programs: JSON under /api/v1, described by /api/openapi.json, and FHIR R4 under /fhir. What
// a person can do on a page, a token can do here, with the same rights.
//
// An operation is bind, one service call, render. It is told once: the line that registers it gives its method, path and
// right to the route table, and its types to OpenAPI. Under /fhir the CapabilityStatement is written from the routes.
//
// Invariants:
//  1. An operation without a right does not start; OpenAPI and the route table name the same operations.
//  2. JSON from outside is measured before it is parsed, and refused where a key stands twice or is not known.
//  3. A POST that creates and carries an Idempotency-Key takes effect once; see package once.
//  4. An update says which state it was made from (If-Match); one made from an older state is refused with the current
//     ETag.
//  5. What a file holds that somebody uploaded is never shown by a browser: it is an attachment.
//
// It holds no rule about patients, and it never decides who may: the services ask.
package api
