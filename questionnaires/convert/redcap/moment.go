package redcap

import (
	"regexp"
	"strings"
	"time"
)

var (
	ymdDate   = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	otherDate = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$`)
	clockTime = regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2}))?$`)
)

// readDate reads a date as 2021-03-04, which dictionaries use whatever the field's own order, or in that order: ymd, mdy
// or dmy.
func readDate(s, order string) (string, bool) {
	s = strings.TrimSpace(s)
	var y, m, d string
	if g := ymdDate.FindStringSubmatch(s); g != nil {
		y, m, d = g[1], g[2], g[3]
	} else if g := otherDate.FindStringSubmatch(s); g != nil && order == "mdy" {
		m, d, y = g[1], g[2], g[3]
	} else if g != nil && order == "dmy" {
		d, m, y = g[1], g[2], g[3]
	} else {
		return "", false
	}
	out := y + "-" + pad(m) + "-" + pad(d)
	if _, err := time.Parse(time.DateOnly, out); err != nil {
		return "", false
	}
	return out, true
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// readDateTime reads 2021-03-04 10:30 or 2021-03-04 10:30:15 as FHIR writes it, without an offset.
func readDateTime(s, order string) (string, bool) {
	day, clock, ok := strings.Cut(strings.Replace(strings.TrimSpace(s), "T", " ", 1), " ")
	if !ok {
		return "", false
	}
	date, ok1 := readDate(day, order)
	at, ok2 := readTime(clock)
	return date + "T" + at, ok1 && ok2
}

// readTime reads 9:30 or 09:30:15 as 09:30:15.
func readTime(s string) (string, bool) {
	g := clockTime.FindStringSubmatch(strings.TrimSpace(s))
	if g == nil {
		return "", false
	}
	if g[3] == "" {
		g[3] = "00"
	}
	out := pad(g[1]) + ":" + g[2] + ":" + g[3]
	if _, err := time.Parse(time.TimeOnly, out); err != nil {
		return "", false
	}
	return out, true
}
