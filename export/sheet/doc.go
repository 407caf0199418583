// Package sheet writes Excel workbooks of any length in constant memory. It is the only importer of excelize, which
// makes the frame of the workbook (parts, relations, styles, properties); the rows of all sheets are streamed side by
// side by a writer of our own.
//
// Why not excelize's own stream: it spools plain text into the temporary folder, cuts texts over 32,767 characters
// without a word, replaces control characters, and writes its sheets in random order. Here
//
//  1. nothing is written to disk in the clear: rows are compressed and handed to a Store, which encrypts;
//  2. a text is in the cell whole, or in the sheet "Long texts" whole, with a note in the cell saying so;
//  3. every cell of text is of type text: it cannot become a number, a date or a formula; nor does it when the sheet is
//     saved as CSV, because what begins like a formula has an apostrophe before it, which can be taken off again;
//  4. the same rows give the same bytes;
//  5. rows over the limit of a sheet go on in a sheet named "... (2)", never past the limit and never nowhere.
package sheet
