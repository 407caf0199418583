package terminology

import (
	"cmp"
	"regexp"
	"strings"
)

var dated = regexp.MustCompile(`^\d{4}(-\d\d){0,2}([T ].*)?$`)

// compareVersions orders versions as people mean them: numbers by value (1.10 after 1.9), dates by date, a release
// after its drafts (1.0.0 after 1.0.0-ballot), and no version before any.
func compareVersions(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	mainA, preA := splitVersion(a)
	mainB, preB := splitVersion(b)
	if c := compareParts(mainA, mainB); c != 0 {
		return c
	}
	if (preA == "") != (preB == "") {
		return cmp.Compare(len(preB), len(preA)) // with a suffix is earlier
	}
	return cmp.Or(compareParts(preA, preB), cmp.Compare(a, b))
}

func splitVersion(v string) (main, pre string) {
	if dated.MatchString(v) {
		return v, ""
	}
	v, _, _ = strings.Cut(v, "+") // build metadata does not count
	main, pre, _ = strings.Cut(v, "-")
	return strings.TrimLeft(main, "vV"), pre
}

// compareParts compares runs of digits as numbers and everything between them as text.
func compareParts(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = cutRun(a)
		y, b = cutRun(b)
		numbers := isDigit(x[0]) && isDigit(y[0])
		if numbers {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Compare(len(x), len(y)); c != 0 {
				return c
			}
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func cutRun(s string) (run, rest string) {
	i := 1
	for i < len(s) && isDigit(s[i]) == isDigit(s[0]) {
		i++
	}
	return s[:i], s[i:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
