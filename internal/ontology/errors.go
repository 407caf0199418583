package ontology

import "kindred/internal/fault"

// The faults of reading and indexing. All are about a file that an operator chose.
var (
	ErrTooLarge      = fault.New(fault.TooLarge, "ontology.file.too_large")     // Limit
	ErrNotRecognised = fault.New(fault.Invalid, "ontology.file.not_recognised") // Expected
	ErrNoColumn      = fault.New(fault.Invalid, "ontology.file.no_column")      // Column
	ErrBadLine       = fault.New(fault.Invalid, "ontology.file.bad_line")       // Line
	ErrNoTerms       = fault.New(fault.Invalid, "ontology.file.no_terms")       // nothing usable inside
	ErrLanguage      = fault.New(fault.Invalid, "ontology.file.language")       // Language
	ErrDuplicateTerm = fault.New(fault.Invalid, "ontology.term.duplicate")      // Term
	ErrUnknownParent = fault.New(fault.Invalid, "ontology.term.unknown_parent") // Term, Parent
	ErrCycle         = fault.New(fault.Invalid, "ontology.term.cycle")          // Term
	ErrBadTerm       = fault.New(fault.Invalid, "ontology.term.bad")            // Term
)
