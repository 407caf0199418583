// Package webtest is for tests of pages: the structure that every page must have, and a real browser with axe-core.
//
// Check reads a page as HTML and reports what a person with a screen reader, or the content security policy, would
// trip over. Open starts Debian's chromium, headless, with an empty profile. Nothing but tests imports this package.
package webtest
