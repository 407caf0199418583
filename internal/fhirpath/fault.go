package fhirpath

import "fmt"

// ErrorKind says at which moment an expression failed.
type ErrorKind uint8

// The moments: reading the text, checking names and types, evaluating, and running out of budget.
const (
	Syntax ErrorKind = iota + 1
	Semantic
	Execution
	Exhausted
)

// Error is what every function of this package returns. Pos is the byte offset in the source of the expression at fault.
type Error struct {
	Kind    ErrorKind
	Pos     int
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s at %d: %s", e.Kind, e.Pos, e.Message) }

func (k ErrorKind) String() string {
	switch k {
	case Syntax:
		return "syntax error"
	case Semantic:
		return "semantic error"
	case Exhausted:
		return "budget exhausted"
	}
	return "evaluation error"
}

func failf(kind ErrorKind, pos int, format string, args ...any) *Error {
	return &Error{Kind: kind, Pos: pos, Message: fmt.Sprintf(format, args...)}
}
