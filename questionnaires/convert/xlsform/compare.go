package xlsform

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// each is a comparison that any of several values may meet, as node sets compare in XPath.
func each(op string, many, one value) (value, error) {
	if one.nodes || one.lists {
		return many, unfit("two lists of answers cannot be compared")
	}
	src := many.as(bindTerm) + ".where($this " + op + " " + one.as(bindEqual+1) + ").exists()"
	return sure(value{src: src, kind: vBool, bind: bindTerm}), nil
}

// flip gives the operator with its sides exchanged.
var flip = map[string]string{"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (t *translator) order(op string, a, b value) (value, error) {
	a, b, err := t.alike(a, b, true)
	if err != nil {
		return a, err
	}
	if a.nan() || b.nan() {
		return boolOf(false), nil
	}
	if a.known != nil && b.known != nil && a.kind == vNumber && b.kind == vNumber {
		c := compareNumbers(*a.known, *b.known)
		return boolOf(c == 0 && len(op) == 2 || c < 0 && op[0] == '<' || c > 0 && op[0] == '>'), nil
	}
	switch {
	case a.nodes:
		return each(op, a, b)
	case b.nodes:
		return each(flip[op], b, a)
	}
	return infix(op, bindOrder, a, b, vBool), nil
}

// alike brings both sides of a comparison to one type: dates and times where one is known to be one, else numbers where
// one is or the comparison is of order, else text.
func (t *translator) alike(a, b value, ordered bool) (value, value, error) {
	for _, k := range []vkind{vDateTime, vDate, vTime} {
		if a.kind != k && b.kind != k {
			continue
		}
		a, okA := t.temporal(a, k)
		b, okB := t.temporal(b, k)
		if okA && okB {
			return a, b, nil
		}
		if k != vDate { // dates are numbers of days as well
			return a, b, unfit("a date or time is compared with something else")
		}
	}
	if !ordered && a.kind != vNumber && b.kind != vNumber && a.kind != vDate && b.kind != vDate {
		return a, b, nil
	}
	var err error
	for _, v := range []*value{&a, &b} {
		if v.nodes && v.kind != vNumber {
			return a, b, unfit("${%s} has several values here, which are no numbers", v.node.name)
		}
		if !v.nodes {
			if *v, err = t.number(*v); err != nil {
				return a, b, err
			}
		}
	}
	return a, b, nil
}

var (
	dateText     = regexp.MustCompile(`^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$`)
	timeText     = regexp.MustCompile(`^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?$`)
	dateTimeText = regexp.MustCompile(`^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$`)
)

// isDate tells whether a text is a whole date that was or will be.
func isDate(s string) bool {
	_, err := time.Parse("2006-01-02", s)
	return err == nil && dateText.MatchString(s) && s >= "0001"
}

// temporal takes a value for a date or time: one it is, or a constant text that says one.
func (t *translator) temporal(v value, k vkind) (value, bool) {
	if v.kind == k {
		return v, true
	}
	if v.kind == vDate && k == vDateTime && !v.nodes {
		return v, true
	}
	if v.known == nil || v.kind != vText {
		return v, false
	}
	s := *v.known
	ok := false
	switch k {
	case vDate:
		ok = isDate(s)
	case vTime:
		s = strings.TrimSuffix(s, "Z")
		ok = timeText.MatchString(s)
	case vDateTime:
		ok = dateTimeText.MatchString(s) && isDate(s[:10])
		if isDate(s) {
			return value{src: "@" + s, kind: vDate, bind: bindTerm, sure: true}, true
		}
		s = strings.Replace(s, " ", "T", 1)
	}
	if !ok {
		return v, false
	}
	if k == vTime {
		s = "T" + s
	}
	return value{src: "@" + s, kind: k, bind: bindTerm, sure: true}, true
}

func (t *translator) equal(op string, a, b value) (value, error) {
	if a.known != nil && b.known == nil {
		a, b = b, a // a constant stands on the right
	}
	var v value
	var err error
	switch {
	case a.kind == vGroup || b.kind == vGroup:
		return a, unfit("a group has no value; its occurrences can be counted")
	case a.known != nil && b.known != nil:
		v = boolOf(sameConstant(a, b))
	case b.blank():
		v, err = t.blank(a)
	case a.kind == vBool || b.kind == vBool:
		v, err = t.equalBools(a, b)
	case a.nodes || b.nodes:
		return t.equalNodes(op, a, b)
	default:
		v, err = t.equalValues(a, b)
	}
	if err != nil || op == "=" {
		return v, err
	}
	return t.not(v), nil
}

// blank is v = ”.
func (t *translator) blank(v value) (value, error) {
	switch {
	case v.nan():
		return boolOf(true), nil
	case v.kind == vGroup:
		return v, unfit("a group has no value; its occurrences can be counted")
	case v.isRef || v.kind != vText && v.kind != vBool:
		return sure(v.call("empty", vBool)), nil
	case v.kind == vBool:
		return boolOf(false), nil
	}
	if v.of != nil {
		return sure(v.of.call("empty", vBool)), nil
	}
	v, err := t.sureText(v)
	return sure(value{src: v.as(bindEqual) + " = ''", kind: vBool, bind: bindEqual}), err
}

func (t *translator) equalBools(a, b value) (value, error) {
	if a.kind == vBool && a.isRef && b.known != nil && b.kind != vBool { // a stored boolean and its text
		ack := a.node.kind == "acknowledge"
		switch {
		case ack && *b.known == "OK", !ack && *b.known == "true":
			return infix("=", bindEqual, a, boolOf(true), vBool), nil
		case !ack && *b.known == "false":
			return infix("=", bindEqual, a, boolOf(false), vBool), nil
		}
		return boolOf(false), nil
	}
	if stored := a.kind == vBool && a.isRef && !a.nodes && a.node.kind != "acknowledge"; stored && b.kind == vBool && b.known != nil {
		return infix("=", bindEqual, a, b, vBool), nil
	}
	a, err := t.truth(a)
	if err != nil {
		return a, err
	}
	if b, err = t.truth(b); err != nil {
		return b, err
	}
	switch {
	case b.is(true):
		return a, nil
	case b.is(false):
		return t.not(a), nil
	}
	return sure(infix("=", bindEqual, function("iif", vBool, a.src, "true", "false"), function("iif", vBool, b.src, "true", "false"), vBool)), nil
}

func (t *translator) equalNodes(op string, a, b value) (value, error) {
	a, b, err := t.alike(a, b, false)
	if err != nil {
		return a, err
	}
	if a.nan() || b.nan() {
		return boolOf(op == "!="), nil
	}
	if !a.nodes {
		a, b = b, a
	}
	if b, err = t.comparable(b); err != nil {
		return b, err
	}
	if b.kind == vText {
		b = t.filled(b)
	}
	return each(op, a, b)
}

// comparable makes a text of what is one, and leaves numbers and dates.
func (t *translator) comparable(v value) (value, error) {
	if v.kind == vText || v.kind == vFile || v.kind == vGroup || v.lists {
		return t.text(v)
	}
	return v, nil
}

func (t *translator) equalValues(a, b value) (value, error) {
	bothRefs := a.isRef && b.isRef
	a, b, err := t.alike(a, b, false)
	if err != nil {
		return a, err
	}
	if a.nan() || b.nan() {
		return boolOf(false), nil
	}
	if a, err = t.comparable(a); err != nil {
		return a, err
	}
	if b, err = t.comparable(b); err != nil {
		return b, err
	}
	switch {
	case a.kind == vText && b.kind == vText && b.known == nil:
		a, b = t.filled(a), t.filled(b)
	case a.inner != nil:
		a = *a.inner
	}
	same := infix("=", bindEqual, a, b, vBool)
	same.bind = bindEqual
	if a.kind != vText && bothRefs { // both unanswered is equal too
		return value{src: same.src + " or " + a.as(bindTerm) + ".empty() and " + b.as(bindTerm) + ".empty()", kind: vBool, bind: bindOr}, nil
	}
	same.sure = a.sure && b.sure
	return same, nil
}

// sameConstant compares two constants as XPath does.
func sameConstant(a, b value) bool {
	switch {
	case a.kind == vBool || b.kind == vBool:
		return (*a.known != "" && *a.known != "false" && *a.known != "0") == (*b.known != "" && *b.known != "false" && *b.known != "0")
	case a.kind == vNumber || b.kind == vNumber:
		return decimalText.MatchString(*a.known) && decimalText.MatchString(*b.known) && compareNumbers(*a.known, *b.known) == 0
	}
	return *a.known == *b.known
}

// compareNumbers compares decimal texts exactly.
func compareNumbers(a, b string) int {
	negA, negB := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	c := compareDigits(strings.TrimLeft(a, "+-"), strings.TrimLeft(b, "+-"))
	zero := strings.Trim(a, "+-0.") == "" && strings.Trim(b, "+-0.") == ""
	switch {
	case zero:
		return 0
	case negA && negB:
		return -c
	case negA:
		return -1
	case negB:
		return 1
	}
	return c
}

func compareDigits(a, b string) int {
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	wholeA, wholeB = strings.TrimLeft(wholeA, "0"), strings.TrimLeft(wholeB, "0")
	if len(wholeA) != len(wholeB) {
		return len(wholeA) - len(wholeB)
	}
	return strings.Compare(wholeA+"."+strings.TrimRight(fractionA, "0"), wholeB+"."+strings.TrimRight(fractionB, "0"))
}

// members splits a constant list of names.
func members(s string, name string) bool { return slices.Contains(strings.Fields(s), name) }
