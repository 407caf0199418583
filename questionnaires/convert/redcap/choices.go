package redcap

import (
	"math/big"
	"slices"
	"strings"
)

// choice is one of "code, label | code, label". Codes are texts, even where they look like numbers.
type choice struct{ code, label string }

// choices reads those of dropdowns, radios and checkboxes.
func (d *dictionary) choices(f *field) {
	if !f.pick() {
		return
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(f.cell[colChoices], "|") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		code, label, ok := strings.Cut(part, ",")
		code = strings.TrimSpace(code)
		switch {
		case len(f.choices) == maxChoices:
			d.fault(f, colChoices, errChoices.With("Limit", maxChoices))
			return
		case !ok || code == "" || len(code) > maxName || strings.ContainsAny(code, "\n\t'\"[]()"):
			d.fault(f, colChoices, errChoice.With("Choice", clip(part)))
		case seen[code]:
			d.fault(f, colChoices, errChoiceTwo.With("Code", code))
		default:
			seen[code] = true
			f.choices = append(f.choices, choice{code, strings.TrimSpace(label)})
		}
	}
	if len(f.choices) == 0 && len(seen) == 0 {
		d.fault(f, colChoices, errNoChoices)
	}
}

func sameChoices(a, b []choice) bool { return slices.Equal(a, b) }

// writeChoices is the cell for choices.
func writeChoices(list []choice) string {
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = c.code + ", " + c.label
	}
	return strings.Join(parts, " | ")
}

func lessNumber(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) < 0
}

func equalNumbers(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) == 0
}
