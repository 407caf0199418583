package xlsform

import (
	"strconv"
	"strings"
)

func fnDate(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	if err != nil || v.kind == vDate {
		return v, err
	}
	if v.kind == vDateTime && !v.nodes {
		return v.call("toDate", vDate), nil
	}
	if d, ok := t.temporal(v, vDate); ok {
		return d, nil
	}
	if v.kind == vNumber {
		return t.later("+", value{src: "@1970-01-01", kind: vDate, bind: bindTerm, sure: true}, v)
	}
	if v, err = t.text(v); err != nil || v.kind != vText || v.known != nil {
		return v, unfit("date() takes a date, a text that says one, or a number of days")
	}
	return v.call("toDate", vDate), nil
}

func fnDateTime(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	if err != nil || v.kind == vDateTime {
		return v, err
	}
	if v.kind == vDate && !v.nodes {
		return v.call("toDateTime", vDateTime), nil
	}
	if d, ok := t.temporal(v, vDateTime); ok && d.kind == vDateTime {
		return d, nil
	}
	if v.kind != vText || v.known != nil {
		return v, unfit("date-time() takes a date and time, or a text that says one")
	}
	if v, err = t.text(v); err != nil {
		return v, err
	}
	return v.call("toDateTime", vDateTime), nil
}

// moment is an argument that is a date or a date and time.
func (t *translator) moment(n *xnode) (value, error) {
	v, err := t.value(n)
	if err != nil || v.nodes {
		return v, firstError(err, unfit("one date is needed, not several"))
	}
	for _, k := range []vkind{vDate, vDateTime} {
		if d, ok := t.temporal(v, k); ok {
			return d, nil
		}
	}
	return v, unfit("a date is needed")
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// fnDecimalDateTime is the number of days since 1970-01-01.
func fnDecimalDateTime(t *translator, args []*xnode) (value, error) {
	v, err := t.moment(args[0])
	if err != nil {
		return v, err
	}
	if v.kind == vDate {
		return t.number(v)
	}
	since := value{src: "@1970-01-01T00:00:00Z", bind: bindTerm}.call("difference", vNumber, v.src, "'seconds'")
	return infix("/", bindTimes, since, numberOf("86400"), vNumber), nil
}

// fnDecimalTime is a time of day as a fraction of it.
func fnDecimalTime(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	if err != nil {
		return v, err
	}
	v, ok := t.temporal(v, vTime)
	if !ok || v.nodes {
		return v, unfit("a time is needed")
	}
	since := value{src: "@T00:00:00", bind: bindTerm}.call("difference", vNumber, v.src, "'seconds'")
	return infix("/", bindTimes, since, numberOf("86400"), vNumber), nil
}

// dateParts are the parts of format-date() that every language writes the same way, cut from the ISO text of the date.
var dateParts = map[byte]struct {
	from, length int
	clock, bare  bool // of the time; without leading zeros
}{
	'Y': {0, 4, false, false}, 'y': {2, 2, false, false}, 'm': {5, 2, false, false}, 'n': {5, 2, false, true},
	'd': {8, 2, false, false}, 'e': {8, 2, false, true}, 'H': {11, 2, true, false}, 'h': {11, 2, true, true},
	'M': {14, 2, true, false}, 'S': {17, 2, true, false}, '3': {20, 3, true, false},
}

func fnFormatDate(t *translator, args []*xnode) (value, error) {
	v, err := t.moment(args[0])
	if err != nil {
		return v, err
	}
	format, err := t.constant(args[1], "the format of a date")
	if err != nil {
		return v, err
	}
	iso := v.call("toString", vText)
	out := textOf("")
	for i := 0; i < len(format); i++ {
		if len(out.src) > maxResult {
			return v, unfit("the date format is too long")
		}
		if format[i] != '%' || i+1 == len(format) {
			end := strings.IndexByte(format[i+1:], '%')
			if end < 0 {
				end = len(format) - i - 1
			}
			out = joined(out, textOf(format[i:i+1+end]))
			i += end
			continue
		}
		i++
		if format[i] == '%' {
			out = joined(out, textOf("%"))
			continue
		}
		p, ok := dateParts[format[i]]
		if !ok || p.clock && v.kind == vDate {
			return v, unfit("%%%c in a date format has no equivalent", format[i])
		}
		part := iso.call("substring", vText, strconv.Itoa(p.from), strconv.Itoa(p.length))
		if p.bare {
			part = t.filled(part.call("toInteger", vText))
			part.inner = nil // a number it is without
		}
		out = joined(out, part)
	}
	return out, nil
}

// dateFormatOf is the format that cuts so many characters from the ISO text of a date.
func dateFormatOf(from, length string, bare bool) string {
	for _, c := range "YymndeHhMS3" {
		p := dateParts[byte(c)]
		if strconv.Itoa(p.from) == from && strconv.Itoa(p.length) == length && p.bare == bare {
			return "%" + string(c)
		}
	}
	return ""
}
