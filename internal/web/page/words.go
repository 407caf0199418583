package page

import "strings"

// sentence joins an opening and a list: "Yes to: a, b, c."
func sentence(opening string, items []string) string {
	return opening + " " + strings.Join(items, ", ") + "."
}
