package fhirpath

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// precision of a date or time: the smallest part it has. Seconds and their fraction are one.
type precision uint8

const (
	precYear precision = iota + 1
	precMonth
	precDay
	precHour
	precMinute
	precSecond
)

// temporal is a Date, DateTime or Time with the precision and the offset it was written with.
type temporal struct {
	kind     Kind
	prec     precision
	fraction uint8 // digits after the second
	zoned    bool
	zulu     bool  // UTC, written Z rather than +00:00
	offset   int16 // minutes east of UTC
	year     int16
	month    int8
	day      int8
	hour     int8
	minute   int8
	second   int8
	nano     int32
}

func (t temporal) value() Value { return Value{kind: t.kind, x: &extra{time: t}} }

// parseTemporalLiteral reads what stands after the @ of a literal.
func parseTemporalLiteral(s string) (Value, error) {
	kind := KindDate
	if rest, ok := strings.CutPrefix(s, "T"); ok {
		kind, s = KindTime, rest
	} else if strings.Contains(s, "T") {
		kind, s = KindDateTime, strings.TrimSuffix(s, "T")
	}
	t, ok := parseTemporal(s, kind)
	if !ok {
		return Value{}, errors.New("@" + s + " is not on the calendar")
	}
	return t.value(), nil
}

// parseTemporal reads ISO 8601 as FHIR writes it, partial or whole.
func parseTemporal(s string, kind Kind) (temporal, bool) {
	t := temporal{kind: kind}
	if kind != KindTime {
		var ok bool
		if s, ok = t.parseDate(s); !ok || s == "" {
			return t, ok
		}
		if kind == KindDate || t.prec != precDay || s[0] != 'T' {
			return t, false
		}
		s = s[1:]
		if s == "" {
			return t, true
		}
	}
	s, ok := t.parseClock(s)
	if !ok || s == "" {
		return t, ok
	}
	return t, kind == KindDateTime && t.parseZone(s)
}

// digits2 reads a number of two digits between two bounds.
func digits2(s string, low, high int) (int8, bool) {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return 0, false
	}
	n := int(s[0]-'0')*10 + int(s[1]-'0')
	return int8(n), n >= low && n <= high
}

func (t *temporal) parseDate(s string) (string, bool) {
	if len(s) < 4 || !isDigit(s[0]) || !isDigit(s[1]) || !isDigit(s[2]) || !isDigit(s[3]) {
		return s, false
	}
	t.year = int16(s[0]-'0')*1000 + int16(s[1]-'0')*100 + int16(s[2]-'0')*10 + int16(s[3]-'0')
	t.prec = precYear
	if s = s[4:]; s == "" || s[0] != '-' {
		return s, t.year > 0
	}
	var ok bool
	if t.month, ok = digits2(s[1:], 1, 12); !ok {
		return s, false
	}
	t.prec = precMonth
	if s = s[3:]; s == "" || s[0] != '-' {
		return s, t.year > 0
	}
	if t.day, ok = digits2(s[1:], 1, 31); !ok || int(t.day) > monthDays(int(t.year), int(t.month)) {
		return s, false
	}
	t.prec = precDay
	return s[3:], t.year > 0
}

func (t *temporal) parseClock(s string) (string, bool) {
	var ok bool
	if t.hour, ok = digits2(s, 0, 23); !ok {
		return s, false
	}
	t.prec = precHour
	if s = s[2:]; s == "" || s[0] != ':' {
		return s, true
	}
	if t.minute, ok = digits2(s[1:], 0, 59); !ok {
		return s, false
	}
	t.prec = precMinute
	if s = s[3:]; s == "" || s[0] != ':' {
		return s, true
	}
	if t.second, ok = digits2(s[1:], 0, 59); !ok {
		return s, false
	}
	t.prec = precSecond
	if s = s[3:]; s == "" || s[0] != '.' {
		return s, true
	}
	n := 1
	for scale := int32(100_000_000); n < len(s) && isDigit(s[n]); n++ {
		t.nano += int32(s[n]-'0') * scale
		scale /= 10
	}
	t.fraction = uint8(min(n-1, 9))
	return s[n:], n > 1 && n < 40
}

func (t *temporal) parseZone(s string) bool {
	t.zoned = true
	if s == "Z" {
		t.zulu = true
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	h, ok1 := digits2(s[1:], 0, 14)
	m, ok2 := digits2(s[4:], 0, 59)
	t.offset = int16(h)*60 + int16(m)
	if s[0] == '-' {
		t.offset = -t.offset
	}
	return ok1 && ok2
}

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// String writes ISO 8601 to the precision there is.
func (t temporal) String() string {
	b := make([]byte, 0, 32)
	if t.kind != KindTime {
		b = pad(b, int(t.year), 4)
		if t.prec >= precMonth {
			b = pad(append(b, '-'), int(t.month), 2)
		}
		if t.prec >= precDay {
			b = pad(append(b, '-'), int(t.day), 2)
		}
		if t.prec < precHour {
			return string(b)
		}
		b = append(b, 'T')
	}
	b = pad(b, int(t.hour), 2)
	if t.prec >= precMinute {
		b = pad(append(b, ':'), int(t.minute), 2)
	}
	if t.prec >= precSecond {
		b = pad(append(b, ':'), int(t.second), 2)
		if t.fraction > 0 {
			b = append(b, '.')
			b = append(b, string(pad(nil, int(t.nano), 9))[:t.fraction]...)
		}
	}
	if !t.zoned {
		return string(b)
	}
	if t.zulu && t.offset == 0 {
		return string(append(b, 'Z'))
	}
	off := t.offset
	if b = append(b, '+'); off < 0 {
		b[len(b)-1], off = '-', -off
	}
	return string(pad(append(pad(b, int(off/60), 2), ':'), int(off%60), 2))
}

func pad(b []byte, n, width int) []byte {
	s := strconv.Itoa(n)
	for range width - len(s) {
		b = append(b, '0')
	}
	return append(b, s...)
}

// instant is the moment as if the offset were UTC, or the true one with utc set.
func (t temporal) instant(utc bool) time.Time {
	month, day := max(int(t.month), 1), max(int(t.day), 1)
	at := time.Date(int(t.year), time.Month(month), day, int(t.hour), int(t.minute), int(t.second), int(t.nano), time.UTC)
	if utc && t.zoned {
		at = at.Add(-time.Duration(t.offset) * time.Minute)
	}
	return at
}

// at gives t the wall clock of an instant, keeping kind, precision and offset.
func (t temporal) at(i time.Time) temporal {
	t.year, t.month, t.day = int16(i.Year()), int8(i.Month()), int8(i.Day())
	t.hour, t.minute, t.second, t.nano = int8(i.Hour()), int8(i.Minute()), int8(i.Second()), int32(i.Nanosecond())
	if t.prec == precSecond && t.nano != 0 && t.fraction < 3 {
		t.fraction = 3
	}
	return t
}

// moment makes a DateTime of an instant, to the millisecond.
func moment(i time.Time) temporal {
	_, seconds := i.Zone()
	t := temporal{kind: KindDateTime, prec: precSecond, fraction: 3, zoned: true, zulu: seconds == 0, offset: int16(seconds / 60)}
	return t.at(i.Truncate(time.Millisecond))
}

func (t temporal) dateOf() temporal {
	return temporal{kind: KindDate, prec: min(t.prec, precDay), year: t.year, month: t.month, day: t.day}
}

func (t temporal) timeOf() temporal {
	t.kind, t.zoned, t.zulu, t.offset, t.year, t.month, t.day = KindTime, false, false, 0, 0, 0, 0
	return t
}

// compare orders two values; known is false where one is less precise than the other and what both have is equal, or
// where one has an offset, the other none, and the difference is less than offsets can make up for.
func (t temporal) compare(o temporal) (order int, known bool) {
	if t.prec >= precHour && o.prec >= precHour && t.kind != KindTime {
		if t.zoned && o.zoned && t.offset != o.offset {
			t, o = t.at(t.instant(true)), o.at(o.instant(true))
		} else if t.zoned != o.zoned {
			const widest = 14 * time.Hour
			d := t.instant(true).Sub(o.instant(true))
			return sign(int64(d)), d > widest || d < -widest
		}
	}
	a := [...]int32{int32(t.year), int32(t.month), int32(t.day), int32(t.hour), int32(t.minute), int32(t.second)}
	b := [...]int32{int32(o.year), int32(o.month), int32(o.day), int32(o.hour), int32(o.minute), int32(o.second)}
	for i := range min(t.prec, o.prec) {
		if a[i] != b[i] {
			return sign(int64(a[i]) - int64(b[i])), true
		}
	}
	if t.prec != o.prec {
		return 0, false
	}
	return sign(int64(t.nano) - int64(o.nano)), true
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// durations are the units that can be added to dates, with the smallest part a value must have to take them whole.
var durations = map[string]struct {
	word string
	prec precision
}{
	"year": {"year", precYear}, "month": {"month", precMonth}, "week": {"week", precDay}, "day": {"day", precDay}, "hour": {"hour", precHour},
	"minute": {"minute", precMinute}, "second": {"second", precSecond}, "millisecond": {"millisecond", precSecond},
	"wk": {"week", precDay}, "d": {"day", precDay}, "h": {"hour", precHour}, "min": {"minute", precMinute}, "s": {"second", precSecond}, "ms": {"millisecond", precSecond},
}

// perDay is how many of the shorter units make a day, in milliseconds for all.
var unitMillis = map[string]int64{"week": 7 * 86_400_000, "day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1000, "millisecond": 1}

var errDuration = errors.New("only a quantity of time can be added to or taken from a date or time")

// add moves t by a quantity of time, by the calendar. Fractions count for seconds and below only.
func (t temporal) add(n decimal, unit string, calendar bool) (temporal, error) {
	if word := calendarUnits[unit]; word != "" {
		unit, calendar = word, true
	}
	u, ok := durations[unit]
	switch {
	case unit == "a" || unit == "mo":
		return t, errors.New("'" + unit + "' is not a calendar unit; write years or months")
	case !ok || t.kind == KindTime && u.prec < precHour:
		return t, errDuration
	}
	whole, frac, err := split(n)
	if err != nil {
		return t, err
	}
	if t.prec < u.prec && t.kind != KindTime {
		whole, u.word = t.coarser(whole, u.word)
		frac = 0
	}
	switch u.word {
	case "year":
		return t.addMonths(whole, 12)
	case "month":
		return t.addMonths(whole, 1)
	}
	millis := unitMillis[u.word]
	if whole > 1e15/millis || whole < -1e15/millis {
		return t, errOutOfRange
	}
	if u.word != "second" || !calendar {
		frac = 0
	}
	return t.addMillis(whole*millis, frac)
}

var errOutOfRange = errors.New("the date falls outside the years 1 to 9999")

// split cuts a number into its whole part and the nanoseconds that its fraction of a second would be.
func split(n decimal) (whole, nanos int64, err error) {
	q, ok := n.div(integer(1))
	if !ok {
		return 0, 0, errOutOfRange
	}
	if whole, ok = q.int64(); !ok || whole > 1e15 || whole < -1e15 {
		return 0, 0, errOutOfRange
	}
	rest, ok := n.sub(integer(whole))
	if !ok {
		return whole, 0, nil
	}
	if rest, ok = rest.mul(integer(1000)); ok {
		if rest, ok = rest.div(integer(1)); ok {
			nanos, _ = rest.int64()
		}
	}
	return whole, nanos * 1_000_000, nil
}

// coarser brings a duration to the smallest part t has, dropping what is left over.
func (t temporal) coarser(n int64, unit string) (int64, string) {
	if unit == "month" {
		return n / 12, "year"
	}
	var millis int64
	if m := unitMillis[unit]; n > 1e17/m || n < -1e17/m {
		millis = int64(sign(n)) * 1e17
	} else {
		millis = n * m
	}
	switch t.prec {
	case precYear:
		return millis / unitMillis["day"] / 365, "year"
	case precMonth:
		return millis / unitMillis["day"] / 30, "month"
	case precDay:
		return millis / unitMillis["day"], "day"
	case precHour:
		return millis / unitMillis["hour"], "hour"
	}
	return millis / unitMillis["minute"], "minute"
}

func (t temporal) addMonths(n, each int64) (temporal, error) {
	if n > 200_000 || n < -200_000 {
		return t, errOutOfRange
	}
	at := int64(t.year)*12 + int64(max(t.month, 1)) - 1 + n*each
	year, month := at/12, at%12+1
	if at < 12 || year > 9999 {
		return t, errOutOfRange
	}
	t.year = int16(year)
	if t.prec >= precMonth {
		t.month = int8(month)
	}
	if t.prec >= precDay {
		t.day = int8(min(int(t.day), monthDays(int(year), int(month))))
	}
	return t, nil
}

func (t temporal) addMillis(millis, nanos int64) (temporal, error) {
	const day = 86_400_000
	if t.kind == KindTime {
		// Clock arithmetic wraps; parts below the precision stay unsaid.
		at := time.Date(2000, 1, 1, int(t.hour), int(t.minute), int(t.second), int(t.nano), time.UTC)
		at = at.Add(time.Duration(millis%day) * time.Millisecond).Add(time.Duration(nanos))
		return t.at(at).timeOf(), nil
	}
	at := t.instant(false).AddDate(0, 0, int(millis/day))
	at = at.Add(time.Duration(millis%day) * time.Millisecond).Add(time.Duration(nanos))
	if at.Year() < 1 || at.Year() > 9999 {
		return t, errOutOfRange
	}
	moved := t.at(at)
	if t.prec < precMonth {
		moved.month = 0
	}
	if t.prec < precDay {
		moved.day = 0
	}
	return moved, nil
}

// digitsOf is how many digits each precision is counted with.
var digitsOf = map[precision]int{precYear: 4, precMonth: 6, precDay: 8, precHour: 10, precMinute: 12, precSecond: 14}

func (t temporal) digits() int {
	n := digitsOf[t.prec]
	if t.prec == precSecond && t.fraction > 0 {
		n += 3
	}
	if t.kind == KindTime {
		n -= 8
	}
	return n
}

// boundary is the earliest or latest value t may stand for, to so many digits; false where there is no such precision.
func (t temporal) boundary(digits int, high bool) (temporal, bool) {
	most := map[Kind]int{KindDate: 8, KindDateTime: 17, KindTime: 9}[t.kind]
	if digits < 0 {
		digits = most
	}
	if t.kind == KindTime {
		digits += 8
		most += 8
	}
	var prec precision
	for p, n := range digitsOf {
		if n == digits || digits == 17 && p == precSecond {
			prec = p
		}
	}
	if prec == 0 || digits > most || t.kind == KindTime && prec < precHour {
		return t, false
	}
	out := t
	if high {
		out.fillHigh()
	} else {
		out.fillLow()
	}
	out.prec, out.fraction = prec, 0
	if digits == 17 {
		out.fraction = 3
	}
	if prec < precHour {
		out.zoned, out.offset = false, 0
	} else if t.kind == KindDateTime && !t.zoned {
		out.zoned, out.offset = true, 14*60
		if high {
			out.offset = -12 * 60
		}
	}
	return out, true
}

func (t *temporal) fillLow() {
	if t.prec < precMonth {
		t.month = 1
	}
	if t.prec < precDay {
		t.day = 1
	}
}

func (t *temporal) fillHigh() {
	if t.prec < precMonth {
		t.month = 12
	}
	if t.prec < precDay {
		t.day = int8(monthDays(int(t.year), int(t.month)))
	}
	if t.prec < precHour {
		t.hour = 23
	}
	if t.prec < precMinute {
		t.minute = 59
	}
	if t.prec < precSecond {
		t.second = 59
	}
	if t.fraction == 0 {
		t.nano = 999_000_000
	} else if t.fraction < 3 { // .5 stands for .500 to .599
		t.nano += map[uint8]int32{1: 99_000_000, 2: 9_000_000}[t.fraction]
	}
}

// between counts periods from t to o: whole ones, or boundaries crossed. It is false where either lacks the precision.
func (t temporal) between(o temporal, unit string, crossed bool) (int64, bool) {
	u, ok := durations[calendarUnits[unit]]
	if !ok || t.prec < u.prec || o.prec < u.prec || (t.kind == KindTime) != (o.kind == KindTime) || t.kind == KindTime && u.prec < precHour {
		return 0, false
	}
	utc := u.prec >= precHour && t.zoned && o.zoned
	a, b := t.instant(utc), o.instant(utc)
	if u.word == "year" || u.word == "month" {
		months := int64(b.Year()-a.Year())*12 + int64(b.Month()) - int64(a.Month())
		if crossed && u.word == "year" {
			return int64(b.Year() - a.Year()), true
		}
		if !crossed {
			if rest := within(b) - within(a); months > 0 && rest < 0 {
				months--
			} else if months < 0 && rest > 0 {
				months++
			}
			if u.word == "year" {
				months /= 12
			}
		}
		return months, true
	}
	step := time.Duration(unitMillis[u.word]) * time.Millisecond
	if crossed {
		if u.word == "week" { // weeks begin on Sunday
			a, b = a.AddDate(0, 0, -int(a.Weekday())), b.AddDate(0, 0, -int(b.Weekday()))
			return days(a, b) / 7, true
		}
		if u.word == "day" {
			return days(a, b), true
		}
		a, b = a.Truncate(step), b.Truncate(step)
	}
	if unitMillis[u.word] >= unitMillis["day"] {
		n := days(a, b)
		rest := b.Sub(a.AddDate(0, 0, int(n)))
		if n > 0 && rest < 0 {
			n--
		} else if n < 0 && rest > 0 {
			n++
		}
		if u.word == "week" {
			n /= 7
		}
		return n, true
	}
	return (b.UnixMilli() - a.UnixMilli()) / unitMillis[u.word], true
}

// within is how far into its month an instant is.
func within(t time.Time) time.Duration {
	return t.Sub(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
}

// days counts midnights between the days of two instants.
func days(a, b time.Time) int64 {
	d := func(t time.Time) int64 {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86_400
	}
	return d(b) - d(a)
}
