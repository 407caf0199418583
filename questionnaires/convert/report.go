package convert

import "fmt"

// Loss says how much of a thing a conversion carried.
type Loss string

// Kept differently (nothing is lost, but it is said in another way), kept in part, or dropped.
const (
	Changed Loss = "changed"
	Partial Loss = "partial"
	Dropped Loss = "dropped"
)

// Note is one thing that did not arrive as it was.
type Note struct {
	Place   string `json:"place"`   // where in the source: "survey!D7", a linkId, a variable
	Feature string `json:"feature"` // what it is, in the source's own word: "appearance", "@BARCODE-APP"
	Loss    Loss   `json:"loss"`
	Detail  string `json:"detail"` // one sentence in English
}

// Report lists them, in the order of the source.
type Report []Note

// Add notes one.
func (r *Report) Add(place, feature string, loss Loss, format string, args ...any) {
	*r = append(*r, Note{place, feature, loss, fmt.Sprintf(format, args...)})
}
