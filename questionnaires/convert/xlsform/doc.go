// Package xlsform converts questionnaires from XLSForm (https://xlsform.org/en/) to FHIR and back.
//
// Read takes an .xlsx workbook with a sheet "survey", and gives a Questionnaire with its logic in FHIRPath; Write takes a
// Questionnaire and gives a workbook. Both report what the other side cannot hold, with its place.
//
// An expression of XLSForm (XPath 1.0 with the functions of JavaRosa) is parsed, given types, and translated into
// FHIRPath that means the same: the empty text of XForms, and NaN, are the empty collection; a comparison that XPath
// calls false for want of an answer is empty or false; not() of it is true. One difference is kept on purpose: sum(), min()
// and max() over repeats leave missing answers out, where XForms lets one missing answer spoil the whole.
//
// References are %resource.repeat(item).where(linkId='x').answer.value to questions outside any repeat that the asking
// item stands in; within, they go through a variable on the repeating group (%x), so that each occurrence sees its own
// answers.
//
// Invariants:
//
//  1. Every expression in the result compiles with package fhirpath.
//  2. An expression that cannot be translated is in the report with its text.
//  3. Read(Write(q)) is q for every q that Read gave.
//  4. A hostile workbook is refused before its XML is read, or while a bounded part of it is; nothing is written to disk.
package xlsform
