package registry

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Date is a day, a month or a year, as precisely as it was told: "2021-03-04", "2021-03" or "2021". The zero Date is
// none.
type Date struct{ year, month, day int }

var dateShape = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$`)

// ParseDate reads a FHIR date. Empty gives the zero Date. A day that the calendar does not have is ErrDate.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	m := dateShape.FindStringSubmatch(s)
	if m == nil {
		return Date{}, ErrDate
	}
	var d Date
	d.year, _ = strconv.Atoi(m[1]) // digits, by the shape; an absent part is 0
	d.month, _ = strconv.Atoi(m[2])
	d.day, _ = strconv.Atoi(m[3])
	switch {
	case d.year < 1 || m[2] != "" && (d.month < 1 || d.month > 12):
		return Date{}, ErrDate
	case m[3] != "" && (d.day < 1 || d.day > daysIn(d.year, d.month)):
		return Date{}, ErrDate
	}
	return d, nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// DateOf is a whole date.
func DateOf(year int, month time.Month, day int) Date { return Date{year, int(month), day} }

// Year makes a date of a year alone.
func Year(year int) Date { return Date{year: year} }

// String is the FHIR form; the zero Date is empty.
func (d Date) String() string {
	switch {
	case d.year == 0:
		return ""
	case d.month == 0:
		return fmt.Sprintf("%04d", d.year)
	case d.day == 0:
		return fmt.Sprintf("%04d-%02d", d.year, d.month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d.year == 0 }

// Whole tells whether the day is known.
func (d Date) Whole() bool { return d.day != 0 }

// InYear is the year.
func (d Date) InYear() int { return d.year }

// First is the first day that the date may mean, at midnight UTC.
func (d Date) First() time.Time {
	return time.Date(d.year, time.Month(max(1, d.month)), max(1, d.day), 0, 0, 0, 0, time.UTC)
}

// Last is the last day that the date may mean, at midnight UTC.
func (d Date) Last() time.Time {
	switch {
	case d.month == 0:
		return time.Date(d.year, time.December, 31, 0, 0, 0, 0, time.UTC)
	case d.day == 0:
		return time.Date(d.year, time.Month(d.month)+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return d.First()
}

// After tells whether the whole of d comes after the whole of other: what cannot be told is not after.
func (d Date) After(other Date) bool { return d.First().After(other.Last()) }

// MarshalText is the FHIR form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the FHIR form.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// future tells whether no reading of the date has begun anywhere on earth at an instant.
func (d Date) future(now time.Time) bool { return d.First().After(now.Add(14 * time.Hour)) }
