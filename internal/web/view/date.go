package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kindred/internal/fault"
)

// The faults of a date in three boxes.
var (
	errDateYear  = fault.New(fault.Invalid, "view.date.year_needed")
	errDateMonth = fault.New(fault.Invalid, "view.date.month_needed")
	errDateDay   = fault.New(fault.Invalid, "view.date.day_needed")
	errDateReal  = fault.New(fault.Invalid, "view.date.real")
)

// JoinDate reads the three boxes of a DateBoxes named name. All empty is "" without a fault. With partial, the day, or
// day and month, may be missing. The fault belongs to the field name.
func JoinDate(v Values, name string, partial bool) (string, *fault.Error) {
	day, month, year := box(v, name, "day"), box(v, name, "month"), box(v, name, "year")
	switch {
	case day == "" && month == "" && year == "":
		return "", nil
	case year == "":
		return "", errDateYear.At(name)
	case month == "" && (day != "" || !partial):
		return "", errDateMonth.At(name)
	case day == "" && !partial:
		return "", errDateDay.At(name)
	}
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 || y < 1 {
		return "", errDateYear.At(name)
	}
	if month == "" {
		return year, nil
	}
	m, err := strconv.Atoi(month)
	if err != nil || m < 1 || m > 12 {
		return "", errDateMonth.At(name)
	}
	if day == "" {
		return fmt.Sprintf("%04d-%02d", y, m), nil
	}
	d, err := strconv.Atoi(day)
	if err != nil || d < 1 || d > 31 {
		return "", errDateDay.At(name)
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d {
		return "", errDateReal.At(name)
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d), nil
}

func box(v Values, name, part string) string { return strings.TrimSpace(v.Get(name + "-" + part)) }

// Parts fills the boxes from Value where nothing was typed.
func (d DateBoxes) Parts() [3]string {
	if d.Day != "" || d.Month != "" || d.Year != "" {
		return [3]string{d.Day, d.Month, d.Year}
	}
	var p [3]string
	for i, s := range strings.SplitN(d.Value, "-", 3) {
		p[2-i] = strings.TrimLeft(s, "0")
	}
	return p
}

// Typed fills the boxes with what was sent, to be shown again beside a fault.
func (d DateBoxes) Typed(v Values) DateBoxes {
	d.Day, d.Month, d.Year = box(v, d.Name, "day"), box(v, d.Name, "month"), box(v, d.Name, "year")
	return d
}
