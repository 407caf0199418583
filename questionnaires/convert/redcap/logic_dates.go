package redcap

import "strings"

// seconds and days that REDCap counts to a unit: a year has 365.2425 days, a month 30.44 (its help on datediff).
var units = map[string]struct{ days, seconds string }{
	"y": {"/ " + daysAYear, "/ " + secondsAYear}, "M": {"/ " + daysAMonth, "/ 2630016"}, "d": {"", "/ 86400"},
	"h": {"* 24", "/ 3600"}, "m": {"* 1440", "/ 60"}, "s": {"* 86400", ""},
}

// fnDatediff is datediff(a, b, unit [, order of day, month and year] [, signed]): whole days between dates, seconds
// between moments, counted in the unit. Dates are counted by the calendar, so that no change to summer time shifts them.
func fnDatediff(t *translator, args []piece) (piece, error) {
	order, signed := "ymd", false
	for _, a := range args[3:] {
		switch low := strings.ToLower(a.lit); {
		case a.src == "true" || low == "true":
			signed = true
		case a.src == "false" || low == "false", a.kind == kindBlank:
		case a.isLit && (low == "ymd" || low == "mdy" || low == "dmy"):
			order = low
		default:
			return piece{}, cannot("datediff() is told its sign by something other than true or false")
		}
	}
	unit, ok := units[args[2].lit]
	if !ok || !args[2].isLit {
		return piece{}, cannot("datediff() in the unit “%s”", args[2].lit)
	}
	a, err := t.moment(args[0], args[1].kind, order)
	if err != nil {
		return a, err
	}
	b, err := t.moment(args[1], args[0].kind, order)
	if err != nil {
		return b, err
	}
	if (a.kind == kindTime) != (b.kind == kindTime) {
		return a, cannot("datediff() between a date and a time of day")
	}
	by, count := unit.seconds, "second"
	if a.kind == kindDate && b.kind == kindDate {
		by, count = unit.days, "day"
	} else if a.kind != kindTime {
		a, b = a.midnight(), b.midnight()
	}
	out := a.call("difference("+b.src+", '"+count+"')", kindNumber)
	if !signed {
		out = out.call("abs()", kindNumber)
	}
	if by != "" {
		out = op(out.src+" "+by, kindNumber, tightMul)
	}
	return out, nil
}

// fnAge is the age in whole years, by the calendar.
func fnAge(t *translator, args []piece) (piece, error) {
	if len(args) == 3 && args[2].src != "false" && args[2].src != "0" {
		return piece{}, cannot("age_at_date() with decimal places")
	}
	var days [2]piece
	for i := range days {
		p, err := t.moment(args[i], kindDate, "ymd")
		if err != nil {
			return p, err
		}
		if p.kind == kindTime {
			return p, cannot("a time of day has no age")
		}
		days[i] = p.day()
	}
	return days[0].call("duration("+days[1].src+", 'year')", kindNumber), nil
}

// day is the date of a moment.
func (p piece) day() piece {
	if p.kind == kindDateTime {
		return p.call("toDate()", kindDate)
	}
	return p
}

// fnWeekday counts Monday as 1 and Sunday as 7; 3 January 2000 was a Monday.
func fnWeekday(t *translator, args []piece) (piece, error) {
	p, err := t.moment(args[0], kindDate, "ymd")
	if err == nil && p.kind == kindTime {
		err = cannot("a time of day has no day of the week")
	}
	return op("(@2000-01-03.difference("+p.day().src+", 'day') mod 7 + 7) mod 7 + 1", kindNumber, tightAdd), err
}

// dateAfter is @CALCDATE: a moment so many units after another. Months and years are counted in days, as above, and a
// date that falls within a day is that day.
func (t *translator) dateAfter(args []logic, want kind) (string, error) {
	if len(args) != 3 {
		return "", cannot("@CALCDATE takes three arguments")
	}
	var p [3]piece
	for i, a := range args {
		var err error
		if p[i], err = t.piece(a); err != nil {
			return "", err
		}
	}
	from, err := t.moment(p[0], kindDate, "ymd")
	if err != nil {
		return "", err
	}
	n, err := t.number(p[1])
	if err != nil {
		return "", err
	}
	perUnit := map[string][2]string{"y": {daysAYear, secondsAYear}, "M": {daysAMonth, "2630016"}, "d": {"", "86400"}, "h": {"", "3600"}, "m": {"", "60"}, "s": {"", ""}}
	by, ok := perUnit[p[2].lit]
	if !ok || !p[2].isLit || want == kindTime || from.kind == kindTime {
		return "", cannot("@CALCDATE in the unit “%s”", p[2].lit)
	}
	whole := from.kind == kindDate && strings.Contains("yMd", p[2].lit) // of a date comes a date, which is a dateTime too
	if want == kindDateTime && !whole && (from.kind == kindDate || from.wall) {
		return "", cannot("a date has no time zone, and a time of day needs one")
	}
	factor, word := by[1], "second"
	if whole {
		factor, word = by[0], "day"
	} else {
		from = from.midnight()
	}
	amount := n.in(tightMul)
	if factor != "" {
		amount += " * " + factor
	}
	if whole {
		amount = "(" + amount + ").floor()"
	} else {
		amount = "(" + amount + ").round().truncate()"
	}
	src := from.in(tightAdd) + " + " + amount + ".toQuantity('" + word + "')"
	if want == kindDate && !whole {
		src = "(" + src + ").toDate()"
	}
	return src, compiles(src)
}
