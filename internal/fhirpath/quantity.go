package fhirpath

import (
	"sort"
	"strconv"
	"strings"
)

// ucumOf maps calendar words that are equal to a definite duration.
var ucumOf = map[string]string{"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}

// likeUCUM maps the two words that are only equivalent to one.
var likeUCUM = map[string]string{"year": "a", "month": "mo"}

// measure is a quantity ready for conversion: months says it is in calendar years or months, which no UCUM unit equals.
type measure struct {
	n      decimal
	unit   unit
	months int64 // 12, 1, or 0 for anything else
	days   int64 // calendar days in one: 365, 30
	known  bool
	code   string
	words  bool // a calendar word
}

func (v Value) measure() measure {
	m := measure{n: v.decimal(), code: v.str}
	word := v.str
	if !v.calendar {
		word = ""
		if w := calendarUnits[v.str]; w != "" && len(v.str) > 2 {
			word = w
		}
	}
	switch word {
	case "year":
		m.months, m.days, m.words = 12, 365, true
		return m
	case "month":
		m.months, m.days, m.words = 1, 30, true
		return m
	case "":
	default:
		m.code, m.words = ucumOf[word], true
	}
	m.unit, m.known = parseUnit(m.code)
	return m
}

// compareQuantities orders two quantities; known is false where their units cannot be brought together.
func compareQuantities(a, b Value) (order int, known bool) {
	if a.str == b.str && a.calendar == b.calendar {
		return a.decimal().cmp(b.decimal()), true
	}
	x, y := a.measure(), b.measure()
	switch {
	case x.months > 0 && y.months > 0:
		p, ok1 := x.n.mul(integer(x.months))
		q, ok2 := y.n.mul(integer(y.months))
		return p.cmp(q), ok1 && ok2
	case x.months > 0 || y.months > 0:
		return calendarOrder(x, y)
	case x.code == y.code:
		return x.n.cmp(y.n), true
	case !x.known || !y.known:
		return 0, false
	}
	if x.unit.special != "" || y.unit.special != "" {
		n, ok := y.unit.convert(y.n, x.unit)
		return x.n.cmp(n), ok
	}
	// Both sides are multiplied out, so that no division can round.
	if x.unit.dims != y.unit.dims {
		return 0, false
	}
	p, ok1 := chain(x.n, x.unit.factor, y.unit.inverse)
	q, ok2 := chain(y.n, y.unit.factor, x.unit.inverse)
	return p.cmp(q), ok1 && ok2
}

func chain(n decimal, by ...decimal) (decimal, bool) {
	for _, b := range by {
		var ok bool
		if n, ok = n.mul(b); !ok {
			return n, false
		}
	}
	return n, true
}

// calendarOrder compares years or months with calendar days and shorter; UCUM units have no equal.
func calendarOrder(x, y measure) (int, bool) {
	if !x.words || !y.words {
		return 0, false
	}
	inDays := func(m measure) (decimal, bool) {
		if m.months > 0 {
			return m.n.mul(integer(m.days))
		}
		day, _ := parseUnit("d")
		return m.unit.convert(m.n, day)
	}
	p, ok1 := inDays(x)
	q, ok2 := inDays(y)
	return p.cmp(q), ok1 && ok2
}

// equivalentQuantities rounds to the less precise of the two, in the coarser unit.
func equivalentQuantities(a, b Value) bool {
	a, b = definite(a), definite(b)
	if a.str == b.str {
		return equivalentDecimals(a.decimal(), b.decimal())
	}
	x, ok1 := parseUnit(a.str)
	y, ok2 := parseUnit(b.str)
	if !ok1 || !ok2 || x.dims != y.dims {
		return false
	}
	p, ok3 := x.factor.mul(y.inverse)
	q, ok4 := y.factor.mul(x.inverse)
	if !ok3 || !ok4 {
		return false
	}
	if p.cmp(q) >= 0 {
		n, ok := y.convert(b.decimal(), x)
		return ok && equivalentDecimals(a.decimal(), n)
	}
	n, ok := x.convert(a.decimal(), y)
	return ok && equivalentDecimals(n, b.decimal())
}

// definite gives a calendar quantity the UCUM unit it is at least equivalent to.
func definite(v Value) Value {
	if word := calendarUnits[v.str]; word != "" && len(v.str) > 2 {
		code := ucumOf[word]
		if code == "" {
			code = likeUCUM[word]
		}
		v.str, v.calendar = code, false
	}
	return v
}

// converted is the quantity in another unit, named by a UCUM code or a calendar word.
func (v Value) converted(to string) (Value, bool) {
	word := calendarUnits[to]
	if v.str == "1" && !v.calendar || v.str == to {
		v.str, v.calendar = to, word != ""
		if word != "" {
			v.str = word
		}
		return v, word != "" || v.unitKnown()
	}
	target := Value{kind: KindQuantity, str: to, calendar: word != ""}
	if word != "" {
		target.str = word
	}
	by := target
	if like := map[string]string{"a": "year", "mo": "month"}[to]; like != "" && v.calendar {
		by.str, by.calendar = like, true // days go to years by the calendar's rule, which then are called 'a'
	}
	n, ok := convertMeasure(v, by)
	if !ok {
		return Value{}, false
	}
	out := n.reduced().value()
	out.kind, out.str, out.calendar = KindQuantity, target.str, target.calendar
	return out, true
}

func (v Value) unitKnown() bool {
	_, ok := parseUnit(v.str)
	return ok
}

func convertMeasure(v, target Value) (decimal, bool) {
	x, y := v.measure(), target.measure()
	switch {
	case x.months > 0 && y.months > 0:
		n, ok := x.n.mul(integer(x.months))
		if !ok {
			return n, false
		}
		return n.over(integer(y.months))
	case x.months > 0 && y.words:
		n, ok := x.n.mul(integer(x.days))
		day, _ := parseUnit("d")
		if !ok {
			return n, false
		}
		return day.convert(n, y.unit)
	case y.months > 0 && x.words:
		day, _ := parseUnit("d")
		n, ok := x.unit.convert(x.n, day)
		if !ok {
			return n, false
		}
		return n.over(integer(y.days))
	}
	from, ok1 := parseUnit(definite(v).str)
	to, ok2 := parseUnit(definite(target).str)
	if !ok1 || !ok2 {
		return decimal{}, false
	}
	return from.convert(x.n, to)
}

// addQuantities brings b to the unit of a and adds.
func addQuantities(a, b Value, subtract bool) (Value, bool) {
	n := b.decimal()
	if a.str != b.str || a.calendar != b.calendar {
		x, y := a.measure(), b.measure()
		if x.months > 0 || y.months > 0 {
			return Value{}, false
		}
		var ok bool
		if n, ok = convertMeasure(b, a); !ok {
			return Value{}, false
		}
	}
	if subtract {
		n = n.neg()
	}
	sum, ok := a.decimal().add(n)
	out := sum.value()
	out.kind, out.str, out.calendar = KindQuantity, a.str, a.calendar
	return out, ok
}

// multiplyQuantities multiplies or divides numbers and units alike.
func multiplyQuantities(a, b Value, divide bool) (Value, bool) {
	var n decimal
	var ok bool
	if divide {
		if b.decimal().sign() == 0 {
			return Value{}, false
		}
		n, ok = a.decimal().quo(b.decimal())
	} else {
		n, ok = a.decimal().mul(b.decimal())
	}
	out := n.value()
	out.kind = KindQuantity
	if b.str == "1" && !b.calendar {
		out.str, out.calendar = a.str, a.calendar
		return out, ok
	}
	if a.calendar || b.calendar {
		if a.str == "1" && !divide {
			out.str, out.calendar = b.str, b.calendar
			return out, ok
		}
		if divide && a.calendar && b.calendar { // a ratio of two durations
			if m, same := convertMeasure(b, a); same && m.sign() != 0 {
				if n, ok = a.decimal().quo(m); ok {
					return Quantity(n.value(), "1"), true
				}
			}
		}
		return Value{}, false
	}
	terms := map[string]int{}
	if !unitTerms(a.str, 1, terms) {
		return Value{}, false
	}
	sign := 1
	if divide {
		sign = -1
	}
	if !unitTerms(b.str, sign, terms) {
		return Value{}, false
	}
	out.str = joinTerms(terms)
	_, known := parseUnit(out.str)
	return out, ok && known
}

// unitTerms adds the factors of a code to terms. A code with brackets is one factor of its own.
func unitTerms(code string, sign int, terms map[string]int) bool {
	if code == "1" || code == "" {
		return true
	}
	if _, ok := parseUnit(code); !ok {
		return false
	}
	if strings.Contains(code, "(") {
		terms["("+code+")"] += sign
		return true
	}
	for code != "" {
		way := sign
		if code[0] == '/' {
			way, code = -sign, code[1:]
		} else {
			code = strings.TrimPrefix(code, ".")
		}
		p := unitParser{src: code}
		p.symbol()
		if p.at < len(code) && code[p.at] == '{' {
			p.annotation()
		}
		term := code[:p.at]
		code = code[p.at:]
		cut := len(term)
		for cut > 1 && (isDigit(term[cut-1]) || term[cut-1] == '-' || term[cut-1] == '+') {
			cut--
		}
		n, err := strconv.Atoi(term[cut:])
		if _, whole := simpleUnit(term); err != nil || whole {
			cut, n = len(term), 1
		}
		terms[term[:cut]] += way * n
	}
	return true
}

func joinTerms(terms map[string]int) string {
	var over, under []string
	for t, n := range terms {
		switch {
		case n == 1:
			over = append(over, t)
		case n > 1:
			over = append(over, t+strconv.Itoa(n))
		case n == -1:
			under = append(under, "/"+t)
		case n < -1:
			under = append(under, "/"+t+strconv.Itoa(-n))
		}
	}
	sort.Strings(over)
	sort.Strings(under)
	if len(over)+len(under) == 0 {
		return "1"
	}
	return strings.Join(over, ".") + strings.Join(under, "")
}

// parseQuantity reads the text that toQuantity() takes: 4 days, 10 'mg', 3.
func parseQuantity(s string) (Value, bool) {
	s = strings.TrimSpace(s)
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	for i < len(s) && (isDigit(s[i]) || s[i] == '.') {
		i++
	}
	n, ok := parsePlain(s[:i])
	if !ok {
		return Value{}, false
	}
	rest := strings.TrimLeft(s[i:], " \t\r\n")
	switch {
	case rest == "":
		return Quantity(n.value(), "1"), true
	case len(rest) > 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'' && !strings.Contains(rest[1:len(rest)-1], "'"):
		return Quantity(n.value(), rest[1:len(rest)-1]), true
	case calendarUnits[rest] != "":
		return calendarQuantity(n.value(), calendarUnits[rest]), true
	}
	return Value{}, false
}

// parsePlain reads digits with an optional sign and point, and nothing else.
func parsePlain(s string) (decimal, bool) {
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || strings.ContainsAny(s, "eE") || strings.HasPrefix(digits, ".") || strings.HasSuffix(digits, ".") {
		return decimal{}, false
	}
	return parseDecimal(s)
}

// CompareQuantities orders two quantities in UCUM units; it is not known for units that do not convert into each other.
func CompareQuantities(number, unit, otherNumber, otherUnit string) (order int, known bool) {
	a, b := Decimal(number), Decimal(otherNumber)
	if a.kind == 0 || b.kind == 0 {
		return 0, false
	}
	return compareQuantities(Quantity(a, unit), Quantity(b, otherUnit))
}
