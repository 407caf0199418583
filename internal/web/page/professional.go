package page

import "kindred/internal/fault"

// errChoose answers a form in which none of the choices was made.
var errChoose = fault.New(fault.Invalid, "page_reviewer.choose")
