package terminology

import "kindred/internal/fault"

// What Expand, Add and With answer, besides an expansion. Compare with errors.Is.
var (
	// ErrUnknownSet: no set of that address, or not in that version, is here.
	ErrUnknownSet = fault.New(fault.Missing, "terminology.unknown_set")
	// ErrNeedsServer: the set is here, but not one of its codes can be known without what is missing.
	ErrNeedsServer = fault.New(fault.Unready, "terminology.needs_server")
	// ErrTooLarge: a limit was passed while reading or expanding.
	ErrTooLarge = fault.New(fault.TooLarge, "terminology.too_large")
	// ErrCycle: the set imports itself, perhaps through others.
	ErrCycle = fault.New(fault.Invalid, "terminology.cycle")
	// ErrResource: neither a ValueSet nor a CodeSystem, nor a Bundle.
	ErrResource = fault.New(fault.Invalid, "terminology.resource")
	// ErrRule: the resource breaks a rule of FHIR without which its meaning is open.
	ErrRule = fault.New(fault.Invalid, "terminology.rule")
	// ErrTwice: another resource with the same address and version is here already.
	ErrTwice = fault.New(fault.Conflict, "terminology.twice")
)

// Limits of one library and of one expansion. They are far above what forms use and far below what hurts.
type limits struct {
	resources int // sets and systems in one scope
	concepts  int // in one expansion, and in one system
	depth     int // imports within imports
	steps     int // concepts looked at during one expansion
	kept      int // concepts kept in expansions that were computed before
	pattern   int // bytes of a regular expression
}

var usual = limits{resources: 20_000, concepts: 200_000, depth: 32, steps: 4_000_000, kept: 2_000_000, pattern: 1000}
