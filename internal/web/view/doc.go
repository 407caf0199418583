// Package view turns what a handler knows into HTML: the design system, the templates, the assets.
//
// It owns the look of every page. A page is a layout, the components and one file in templates/pages; the file defines
// "main" and whatever fragments htmx asks for. Each component is one template in templates/components and one exported
// struct here, whose fields are its contract; a template builds it with the function of the same name and pairs of field
// and value, as in {{template "field" (Field "Name" "email" "Label" (T "page_account.email"))}}, and a field that does
// not exist is an error when the page is rendered.
//
// Vocabulary: a Phrase is a message key or text that was written by somebody; a Shell is what surrounds each page for
// one reader (language, theme, who is signed in, where they can go); a Page is what one handler adds to it; a fragment
// is a part of a page that htmx swaps.
//
// Invariants:
//  1. Every page is parsed at start in every language, and every message key that a template names exists.
//  2. Functions are bound to a language when templates are parsed, never when they run: rendering shares nothing that
//     changes.
//  3. No page holds an inline script, style or event handler, so that the content security policy can forbid them.
//  4. Every page works without JavaScript; scripts only save a round trip.
//  5. Nothing is written to the reader before the whole page has been rendered: a fault on the way is a clean error.
//  6. An asset's address holds the first eight digits of its SHA-256, and is kept by browsers for a year.
//
// It never asks who may see what, never reads the database and never knows gin.
package view
