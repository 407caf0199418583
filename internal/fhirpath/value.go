package fhirpath

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Kind is the System type of an item, or KindNode for a place in a document.
type Kind uint8

// The kinds of item. A FHIR primitive is a node; operators see the System value within it.
const (
	KindNode Kind = iota + 1
	KindBoolean
	KindString
	KindInteger
	KindLong
	KindDecimal
	KindDate
	KindDateTime
	KindTime
	KindQuantity
	KindType // what type() gives
	kindAny
)

var kindNames = [...]string{KindNode: "Node", KindBoolean: "Boolean", KindString: "String", KindInteger: "Integer", KindLong: "Long", KindDecimal: "Decimal",
	KindDate: "Date", KindDateTime: "DateTime", KindTime: "Time", KindQuantity: "Quantity", KindType: "Type", kindAny: "Any"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// Value is one item of a collection. The zero Value is no item.
type Value struct {
	kind     Kind
	calendar bool   // a quantity in a calendar unit, which stands in str
	exp      int32  // a decimal's or quantity's exponent
	num      int64  // 0 or 1, an integer, or a coefficient
	str      string // a string, a unit, or the namespace of a type
	n        *node
	x        *extra
}

// extra holds what few values need.
type extra struct {
	big  *apd.Decimal
	time temporal
	name string
}

// Collection is the ordered result of every expression.
type Collection []Value

func boxDecimal(d *apd.Decimal) *extra {
	if d == nil {
		return nil
	}
	return &extra{big: d}
}

// Boolean, String, Integer, Long, Decimal and Quantity make items to be used as variables.
func Boolean(b bool) Value {
	if b {
		return Value{kind: KindBoolean, num: 1}
	}
	return Value{kind: KindBoolean}
}

// String makes a System.String.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Integer makes a System.Integer.
func Integer(n int32) Value { return Value{kind: KindInteger, num: int64(n)} }

// Long makes a System.Long.
func Long(n int64) Value { return Value{kind: KindLong, num: n} }

// Decimal makes a System.Decimal of a number as JSON writes it; the zero Value when it is none.
func Decimal(text string) Value {
	d, ok := parseDecimal(text)
	if !ok {
		return Value{}
	}
	return d.value()
}

// Quantity makes a System.Quantity of a number and a UCUM code.
func Quantity(number Value, unit string) Value {
	q := number.decimal().value()
	q.kind, q.str = KindQuantity, unit
	return q
}

func calendarQuantity(number Value, unit string) Value {
	q := Quantity(number, unit)
	q.calendar = true
	return q
}

func nodeValue(n *node) Value { return Value{kind: KindNode, n: n} }

// Kind is the item's kind.
func (v Value) Kind() Kind { return v.kind }

// Node is the place the item is, and whether it is one.
func (v Value) Node() (Node, bool) { return Node{v.n}, v.kind == KindNode }

// Bool is the boolean the item is or holds.
func (v Value) Bool() (value, ok bool) {
	v = v.unboxed()
	return v.num != 0, v.kind == KindBoolean
}

// Text is the item as text, as toString() gives it; false for what has none.
func (v Value) Text() (string, bool) { return v.unboxed().text() }

func (v Value) decimal() decimal {
	d := decimal{c: v.num}
	if v.kind == KindDecimal || v.kind == KindQuantity {
		d.e = v.exp
		if v.x != nil {
			d.big = v.x.big
		}
	}
	return d
}

func (v Value) isNumber() bool {
	return v.kind == KindInteger || v.kind == KindDecimal || v.kind == KindLong
}

func (v Value) isTemporal() bool {
	return v.kind == KindDate || v.kind == KindDateTime || v.kind == KindTime
}

// unboxed is the System value within a FHIR primitive or quantity; anything else is given back.
func (v Value) unboxed() Value {
	if v.kind != KindNode {
		return v
	}
	n := v.n
	switch n.kind {
	case boolNode:
		return Boolean(n.text == "true")
	case numberNode:
		return n.number(v)
	case textNode:
		if n.typ == nil || n.typ.system == KindString || n.typ.system == 0 {
			return String(n.text)
		}
		return n.temporal(v)
	case objectNode:
		if n.typ.is("Quantity") || n.typ == nil && n.looksLikeQuantity() {
			if q, ok := n.quantity(); ok {
				return q
			}
		}
	}
	return v
}

// looksLikeQuantity knows {"value": 5, "unit": "kg"} in data of unknown type.
func (n *node) looksLikeQuantity() bool {
	for i := range n.kids {
		switch n.kids[i].name {
		case "value", "unit", "code", "system":
		default:
			return false
		}
	}
	return len(n.kids) > 1 && n.child("value") != nil
}

func (n *node) number(v Value) Value {
	d, ok := parseDecimal(n.text)
	if !ok {
		return v
	}
	whole := n.typ == nil && !strings.ContainsAny(n.text, ".eE") || n.typ != nil && n.typ.system == KindInteger
	if whole {
		if i, ok := d.int64(); ok && i == int64(int32(i)) {
			return Integer(int32(i))
		}
	}
	return d.value()
}

// temporal reads a date or time; text that is none stays a string, as it would be to a reader.
func (n *node) temporal(v Value) Value {
	switch n.typ.system {
	case KindDate, KindDateTime, KindTime:
		if t, ok := parseTemporal(n.text, n.typ.system); ok {
			return t.value()
		}
	case KindInteger, KindDecimal, KindBoolean:
		return v
	}
	return String(n.text)
}

// Systems of units that quantities in FHIR name.
const (
	ucumSystem     = "http://unitsofmeasure.org"
	calendarSystem = "http://hl7.org/fhirpath/CodeSystem/calendar-units"
)

// quantity is a FHIR quantity as a System.Quantity. One with a comparator has no exact value and is none.
func (n *node) quantity() (Value, bool) {
	num := n.child("value")
	if num == nil || num.kind != numberNode || n.child("comparator") != nil {
		return Value{}, false
	}
	d, ok := parseDecimal(num.text)
	if !ok {
		return Value{}, false
	}
	code, system := n.childText("code"), n.childText("system")
	q := d.value()
	q.kind, q.str = KindQuantity, code
	switch {
	case system == ucumSystem && ucumCalendar[code] != "": // FHIR says so: a year in a resource is a calendar year
		q.str, q.calendar = ucumCalendar[code], true
		return q, true
	case system != "" && system != ucumSystem && system != calendarSystem && code != "":
		q.str = system + "|" + code // comparable with its like alone
		return q, true
	case code == "":
		if q.str = n.childText("unit"); q.str == "" {
			q.str = "1"
		}
	}
	if word := calendarUnits[q.str]; word != "" && system != ucumSystem {
		q.str, q.calendar = word, true
	}
	return q, true
}

// ucumCalendar are the UCUM codes that become calendar units when a FHIR quantity is read.
var ucumCalendar = map[string]string{"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second"}

// foreign tells whether the quantity's unit is of a system other than UCUM.
func (v Value) foreign() bool { return v.kind == KindQuantity && strings.Contains(v.str, "|") }

// text is the representation toString() gives.
func (v Value) text() (string, bool) {
	switch v.kind {
	case KindBoolean:
		return strconv.FormatBool(v.num != 0), true
	case KindString:
		return v.str, true
	case KindInteger, KindLong:
		return strconv.FormatInt(v.num, 10), true
	case KindDecimal:
		return v.decimal().String(), true
	case KindDate, KindDateTime, KindTime:
		return v.x.time.String(), true
	case KindQuantity:
		if v.calendar {
			d := v.decimal()
			if d.cmp(integer(1)) != 0 {
				return d.String() + " " + v.str + "s", true
			}
			return d.String() + " " + v.str, true
		}
		return v.decimal().String() + " '" + v.str + "'", true
	}
	return "", false
}

// literal is how the value is written in an expression.
func (v Value) literal() string {
	s, _ := v.text()
	switch v.kind {
	case KindString:
		return quote(s, '\'')
	case KindLong:
		return s + "L"
	case KindTime:
		return "@T" + s
	case KindDate:
		return "@" + s
	case KindDateTime:
		if !strings.Contains(s, "T") {
			s += "T"
		}
		return "@" + s
	case KindQuantity:
		if !v.calendar {
			return v.decimal().String() + " " + quote(v.str, '\'')
		}
	}
	return s
}

// TypeName is the item's type with its namespace: System.Integer, FHIR.Patient.
func (v Value) TypeName() string {
	if v.kind != KindNode {
		return "System." + v.kind.String()
	}
	if v.n.typ != nil {
		return "FHIR." + v.n.typ.name
	}
	return ""
}

// Plain is the item as plain JSON would hold it: dates and times as strings, a quantity as {"value","unit"}, numbers
// as json.Number with the digits they were written with.
func (v Value) Plain() any {
	switch v.kind {
	case KindNode:
		return v.n.plain()
	case KindBoolean:
		return v.num != 0
	case KindInteger, KindLong, KindDecimal:
		return json.Number(v.decimal().String())
	case KindQuantity:
		return map[string]any{"value": json.Number(v.decimal().String()), "unit": v.str[strings.LastIndexByte(v.str, '|')+1:]}
	case KindType:
		return map[string]any{"namespace": v.str, "name": v.x.name}
	case KindString:
		return v.str
	case KindDate, KindDateTime, KindTime:
		return v.x.time.String()
	}
	return nil
}

// MarshalJSON writes Plain.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.Plain()) }

// Plain is all items as plain JSON values.
func (c Collection) Plain() []any {
	out := make([]any, len(c))
	for i, v := range c {
		out[i] = v.Plain()
	}
	return out
}

// Bool is the collection as a condition: true only for a single true. It is an error for a collection to have many items.
func (c Collection) Bool() (bool, error) {
	if len(c) > 1 {
		return false, failf(Execution, 0, "a condition gave %d items instead of one", len(c))
	}
	if len(c) == 0 {
		return false, nil
	}
	b, ok := c[0].Bool()
	return b || !ok, nil
}
