package export

import (
	"fmt"
	"strings"
	"time"
)

// shift moves a FHIR date or dateTime by days and keeps its precision. What cannot be read, or would leave the years 1
// to 9999, is not given at all (false).
//
//   - a day and an instant move by exactly that many days, so every interval of a person is kept; instants come in UTC,
//     because an offset tells a region;
//   - a month moves with its 15th day;
//   - a year moves with its 2nd of July, and as no shift is longer than 182 days it stays the year it was.
func shift(s string, days int) (string, bool) {
	switch {
	case len(s) == 4:
		return move("2006", "2006-01-02", s, s+"-07-02", days)
	case len(s) == 7:
		return move("2006-01", "2006-01-02", s, s+"-15", days)
	case len(s) == 10:
		return move("2006-01-02", "2006-01-02", s, s, days)
	case len(s) > 10 && s[10] == 'T':
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return "", false
		}
		t = t.UTC().AddDate(0, 0, days)
		return t.Format(time.RFC3339Nano), inRange(t)
	}
	return "", false
}

func move(layout, full, s, anchor string, days int) (string, bool) {
	if strings.TrimSpace(s) != s {
		return "", false
	}
	t, err := time.Parse(full, anchor)
	if err != nil {
		return "", false
	}
	t = t.AddDate(0, 0, days)
	return t.Format(layout), inRange(t)
}

func inRange(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// Oldest is the age from which all ages are one.
const Oldest = 90

// ageAt is the age in whole years at an instant. A birth date that lacks its day counts from the first of the month,
// one that lacks its month from the first of the year, so it is
// never too low. The registry gives the year alone: the age is then the one reached in the year of the release.
func ageAt(birth string, at time.Time) (int, bool) {
	anchor := birth
	switch len(birth) {
	case 4:
		anchor += "-01-01"
	case 7:
		anchor += "-01"
	}
	b, err := time.Parse("2006-01-02", anchor)
	if err != nil || at.Before(b) {
		return 0, false
	}
	age := at.Year() - b.Year()
	if at.Month() < b.Month() || at.Month() == b.Month() && at.Day() < b.Day() {
		age--
	}
	return age, true
}

// birthYear is the year of birth; of people aged Oldest and more the year of those who are exactly that old.
func birthYear(birth string, at time.Time) Birth {
	age, ok := ageAt(birth, at)
	if !ok {
		return Birth{}
	}
	if age >= Oldest {
		return Birth{Year: at.Year() - Oldest, Known: true, Capped: true}
	}
	t, err := time.Parse("2006", birth[:4])
	return Birth{Year: t.Year(), Known: err == nil}
}

// birthAge is the age, capped.
func birthAge(birth string, at time.Time) Birth {
	age, ok := ageAt(birth, at)
	return Birth{Age: min(age, Oldest), Known: ok, Capped: ok && age >= Oldest}
}

// year writes a year as FHIR does.
func year(y int) string { return fmt.Sprintf("%04d", y) }
