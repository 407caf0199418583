// Package ontology holds two vocabularies in memory: the Human Phenotype Ontology (symptoms) and the Orphanet
// nomenclature (diagnoses). It is pure: it takes bytes and gives answers, and knows no files, clock or database.
//
// Vocabulary: a Term has an identifier ("HP:0001252", "ORPHA:98896"), an official English label, further Names (labels
// in other languages, lay names, synonyms) and parents. A Set is what was read from files; an Index is what is asked.
// A Library is the pair of indexes in force.
//
// What always holds:
//
//  1. An Index never changes after New. It is safe for any number of readers; a new version is a new Index.
//  2. There is no cycle in the parents, and each parent is in the Index: New refuses a Set where that is not so.
//  3. Resolve follows alternative identifiers and replacements of obsolete terms, and ends.
//  4. Search never offers an obsolete term, gives each term at most once, and gives the same answer each time.
//  5. Readers stop at their limits before they build anything large; broken input is a fault with its line.
//
// It never changes an identifier, a label or an edge of what was read (a condition of the HPO licence), and it keeps
// the version and the credit of each Set, which pages must show.
package ontology
