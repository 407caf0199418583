package audit

import "kindred/internal/fault"

// The faults of this package.
var (
	ErrCheckpoint   = fault.New(fault.Invalid, "audit.checkpoint.unusable")
	ErrInconsistent = fault.New(fault.Conflict, "audit.inconsistent")
	ErrCursor       = fault.New(fault.Invalid, "audit.cursor.invalid").At("after")
	ErrFilter       = fault.New(fault.Invalid, "audit.filter.invalid")
	ErrProof        = fault.New(fault.Invalid, "audit.proof.unusable")
	ErrEntry        = fault.New(fault.Missing, "audit.entry.missing")
	ErrUnwoven      = fault.New(fault.Unready, "audit.entry.unwoven")
)
