package fhirpath

// CheckOptions say against what an expression is checked.
type CheckOptions struct {
	Type   string
	Strict bool
}

// Check finds what is wrong with an expression before it is evaluated.
func (e *Expr) Check(o CheckOptions) []*Error { return nil }
