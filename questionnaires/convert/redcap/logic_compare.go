package redcap

import "fmt"

// equal is REDCap's =, where a blank equals a blank and nothing else.
func (t *translator) equal(a, b piece) (piece, error) {
	if b.kind == kindBlank {
		return a.blank(), nil
	}
	if a.kind == kindBlank {
		return b.blank(), nil
	}
	if a.isLit && !b.isLit {
		a, b = b, a
	}
	switch {
	case a.kind == kindBoolean || a.kind == kindFlag:
		return t.equalFlag(a, b)
	case b.kind == kindBoolean || b.kind == kindFlag:
		return t.equalFlag(b, a)
	case a.kind == kindFile || b.kind == kindFile:
		return a, cannot("a file can be compared with a blank and with nothing else")
	case a.temporal() || b.temporal():
		x, y, err := t.moments(a, b)
		if err != nil {
			return x, err
		}
		return same(x, y), nil
	case a.kind == kindCode && b.isLit:
		return t.equalCode(a, b)
	case a.kind == kindNumber || b.kind == kindNumber:
		return t.equalNumber(a, b)
	}
	x, err := t.text(a)
	if err != nil {
		return x, err
	}
	y, err := t.text(b)
	if err != nil {
		return y, err
	}
	if y.isLit {
		return condition(x.in(tightEqual)+" = "+y.src, tightEqual), nil
	}
	return condition(fmt.Sprintf("%s & '' = %s & ''", x.in(tightAdd), y.in(tightAdd+1)), tightEqual).certain(), nil
}

// same compares two values of one kind, each of which may be blank unless it is sure.
func same(x, y piece) piece { return sameAs(x, y, x, y) }

// sameAs is same for two values that were brought to one kind: a text that is no number is none, and yet not blank.
func sameAs(x, y, a, b piece) piece {
	plain := condition(x.in(tightEqual)+" = "+y.in(tightOrder), tightEqual)
	if x.sure || y.sure {
		return plain
	}
	return path("iif("+a.blank().src+", "+b.blank().src+", "+plain.src+")", kindBoolean)
}

// equalFlag compares a yes or no, or a box, with anything. REDCap keeps them as 1 and 0.
func (t *translator) equalFlag(a, b piece) (piece, error) {
	n, isNumber := b.numeric()
	switch {
	case b.kind == kindBoolean && b.isLit || b.src == "true" || b.src == "false":
		isNumber, n = true, map[string]string{"true": "1", "false": "0"}[b.src]
	case b.kind == kindFlag && a.kind == kindFlag:
		return same(a, b), nil
	case b.isLit && !isNumber:
		return condition("false", tightPath).certain(), nil
	}
	if isNumber {
		switch {
		case n == "1" && a.kind == kindBoolean:
			return a, nil
		case n == "0" && a.kind == kindBoolean:
			return a.not(), nil
		case n == "1":
			return condition(a.in(tightEqual)+" = true", tightEqual), nil
		case n == "0":
			return condition(a.in(tightEqual)+" = false", tightEqual), nil
		}
		return condition("false", tightPath).certain(), nil
	}
	return t.equalNumber(a, b)
}

// equalCode compares a choice with a value in the logic. [sex] = 1 and [sex] = '01' mean the code 1, if there is one.
func (t *translator) equalCode(a, b piece) (piece, error) {
	code := b.lit
	if want, ok := b.numeric(); ok && a.field != nil && !a.field.offers(code) {
		for _, c := range a.field.choices {
			if n, ok := signedNumber(c.code); ok && equalNumbers(n, want) {
				code = c.code
			}
		}
	}
	return condition(a.in(tightEqual)+" = "+quotePath(code), tightEqual), nil
}

// equalNumber compares as numbers where one side is one; with a text that is no number, as texts.
func (t *translator) equalNumber(a, b piece) (piece, error) {
	if _, ok := b.numeric(); b.isLit && !ok {
		x, err := t.text(a)
		if err != nil {
			return x, err
		}
		return condition(x.in(tightEqual)+" = "+quotePath(b.lit), tightEqual), nil
	}
	x, err := t.number(a)
	if err != nil {
		return x, err
	}
	y, err := t.number(b)
	if err != nil {
		return y, err
	}
	return sameAs(x, y, a, b), nil
}

// order is <, <=, > and >=, false where a side is blank.
func (t *translator) order(name string, a, b piece) (piece, error) {
	if a.kind == kindBlank || b.kind == kindBlank {
		return condition("false", tightPath).certain(), nil
	}
	var x, y piece
	var err error
	switch {
	case a.kind == kindFile || b.kind == kindFile:
		return a, cannot("a file has no order")
	case a.temporal() || b.temporal():
		x, y, err = t.moments(a, b)
	case a.texts() && b.texts():
		return t.orderTexts(name, a, b)
	default:
		if x, err = t.number(a); err == nil {
			y, err = t.number(b)
		}
	}
	if err != nil {
		return x, err
	}
	return condition(x.in(tightOrder)+" "+name+" "+y.in(tightOrder+1), tightOrder), nil
}

func (p piece) texts() bool {
	_, isNumber := p.numeric()
	return (p.kind == kindText || p.kind == kindClock) && !isNumber
}

// orderTexts compares two texts as numbers where both are, and else by their characters, as PHP does.
func (t *translator) orderTexts(name string, a, b piece) (piece, error) {
	a, _ = t.text(a)
	b, _ = t.text(b)
	plain := a.in(tightOrder) + " " + name + " " + b.in(tightOrder+1)
	if a.isLit || b.isLit {
		return condition(plain, tightOrder), nil
	}
	x, y := a.in(tightPath)+".toDecimal()", b.in(tightPath)+".toDecimal()"
	return path("iif("+x+".exists() and "+y+".exists(), "+x+" "+name+" "+y+", "+plain+")", kindBoolean), nil
}

func (p piece) temporal() bool {
	return p.kind == kindDate || p.kind == kindDateTime || p.kind == kindTime
}

// moments brings two sides, one of them a date or time, to the same kind. A date beside a time of day is its midnight.
func (t *translator) moments(a, b piece) (piece, piece, error) {
	a, err := t.moment(a, b.kind, "ymd")
	if err != nil {
		return a, b, err
	}
	if b, err = t.moment(b, a.kind, "ymd"); err != nil {
		return a, b, err
	}
	if (a.kind == kindTime) != (b.kind == kindTime) {
		return a, b, cannot("a date is compared with a time of day")
	}
	if a.kind != b.kind {
		a, b = a.midnight(), b.midnight()
	}
	if a.wall != b.wall {
		a, b = a.onTheWall(), b.onTheWall()
	}
	return a, b, nil
}

// onTheWall is a moment as the clock on the wall showed it, without its offset: REDCap knows no time zones, and FHIRPath
// does not compare a moment that has one with one that has none.
func (p piece) onTheWall() piece {
	if p.wall {
		return p
	}
	out := p.call("toString().substring(0, 19).toDateTime()", kindDateTime)
	out.whole, out.sure, out.wall = p.whole, p.sure, true
	return out
}

// midnight makes a date a dateTime.
func (p piece) midnight() piece {
	if p.kind != kindDate {
		return p
	}
	out := path("("+p.in(tightPath)+".toString() & 'T00:00:00').toDateTime()", kindDateTime)
	if p.isLit {
		out = literal("@"+p.lit+"T00:00:00", p.lit, kindDateTime)
	}
	out.whole, out.sure, out.wall = p.whole, p.sure, true
	return out
}

// moment reads a piece as a date or time; literals are read in the order of day, month and year given.
func (t *translator) moment(p piece, other kind, format string) (piece, error) {
	switch {
	case p.temporal():
		return p, nil
	case p.kind == kindClock:
		return clockPiece(p.src == "now()"), nil
	case p.kind == kindBlank:
		return path("{}", kindDate), nil
	case p.isLit && other == kindTime:
		if clock, ok := readTime(p.lit); ok {
			return literal("@T"+clock, clock, kindTime), nil
		}
	case p.isLit:
		if date, ok := readDate(p.lit, format); ok {
			return literal("@"+date, date, kindDate), nil
		}
		if at, ok := readDateTime(p.lit, format); ok {
			p = literal("@"+at, at, kindDateTime)
			p.wall = true
			return p, nil
		}
	}
	if p.isLit {
		return p, cannot("“%s” is not a date or time", p.lit)
	}
	return p, cannot("a field that is no date is used as one")
}
