package sdc

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
	"kindred/internal/ident"
)

// ValueType is the FHIR type of one answer.
type ValueType string

// The types, as stored in typed rows.
const (
	Boolean    ValueType = "boolean"
	Decimal    ValueType = "decimal"
	Integer    ValueType = "integer"
	Date       ValueType = "date"
	DateTime   ValueType = "dateTime"
	Time       ValueType = "time"
	String     ValueType = "string"
	URI        ValueType = "uri"
	CodingType ValueType = "coding"
	Quantity   ValueType = "quantity"
	File       ValueType = "attachment"
	Reference  ValueType = "reference"
	Absent     ValueType = "absent" // answered, without a value: Text holds the member that says why
)

// member names, value[x] and answer[x] by type.
var members = map[ValueType]string{
	Boolean: "Boolean", Decimal: "Decimal", Integer: "Integer", Date: "Date", DateTime: "DateTime", Time: "Time",
	String: "String", URI: "Uri", CodingType: "Coding", Quantity: "Quantity", File: "Attachment", Reference: "Reference",
}

// Coding is a code from a code system.
type Coding struct {
	System, Version, Code, Display string
}

// Same compares by system and code, which is what makes two codes one.
func (c Coding) Same(d Coding) bool { return c.System == d.System && c.Code == d.Code }

// Attachment is a file. One of ours lies in the blob store, and the answer holds only what names and describes it; in
// responses from outside it may also stand in the answer (Data) or anywhere (URL).
type Attachment struct {
	Blob        ident.BlobID
	URL, Data   string // of a file that is not ours
	ContentType string
	Title       string
	Size        int64
}

// Value is one answer. Only the fields of its type are set.
type Value struct {
	Type       ValueType
	Text       string // boolean, numbers as they were written, dates, times, strings, addresses; a quantity's number
	Coding     Coding // a coding; a quantity's unit, its words in Display
	Comparator string // of a quantity: "", <, <=, >=, >
	File       *Attachment
}

// A Reference is a Value with the reference in Text, the resource type in Coding.System, the words in Coding.Display and
// an identifier (system|value) in Coding.Code.

// Equal tells whether two answers are the same answer: numbers by value, codes by system and code.
func (v Value) Equal(w Value) bool {
	if v.Type != w.Type {
		return false
	}
	switch v.Type {
	case Decimal, Integer:
		return compareNumbers(v.Text, w.Text) == 0
	case Quantity:
		return compareNumbers(v.Text, w.Text) == 0 && v.Coding.Same(w.Coding) && v.Comparator == w.Comparator
	case CodingType:
		return v.Coding.Same(w.Coding)
	case File:
		return v.File != nil && w.File != nil && v.File.Blob == w.File.Blob && v.File.URL == w.File.URL && v.File.Data == w.File.Data
	case Reference:
		return v.Text == w.Text && v.Coding.Code == w.Coding.Code
	case DateTime:
		order, known := compareTimes(v.Text, w.Text)
		return known && order == 0
	default:
		return v.Text == w.Text
	}
}

// Compare orders two answers of the same type. It is not known for types without an order, for quantities in units that
// do not convert, and where a partial date could lie on either side.
func (v Value) Compare(w Value) (order int, known bool) {
	switch {
	case (v.Type == Decimal || v.Type == Integer) && (w.Type == Decimal || w.Type == Integer):
		return compareNumbers(v.Text, w.Text), true
	case v.Type == Date || v.Type == DateTime:
		return compareTimes(v.Text, w.Text)
	case v.Type != w.Type:
		return 0, false
	case v.Type == Quantity:
		same := v.Coding.Same(w.Coding) && (v.Coding.Code != "" || v.Coding.Display == w.Coding.Display)
		if !same && v.Coding.System == ucum && w.Coding.System == ucum && v.Comparator == "" && w.Comparator == "" {
			return fhirpath.CompareQuantities(v.Text, v.Coding.Code, w.Text, w.Coding.Code)
		}
		return compareNumbers(v.Text, w.Text), same && v.Comparator == "" && w.Comparator == ""
	case v.Type == Time, v.Type == String:
		return strings.Compare(v.Text, w.Text), true
	default:
		return 0, false
	}
}

func compareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	if m, ok := small(a); ok {
		if n, ok := small(b); ok {
			return m - n
		}
	}
	x, _, errA := apd.NewFromString(a)
	y, _, errB := apd.NewFromString(b)
	if errA != nil || errB != nil {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}

// small reads a whole number of few digits, as most numbers are.
func small(s string) (int, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 9 {
		return 0, false
	}
	n := 0
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

// compareTimes compares two dates or dateTimes as far as both are precise; with equal beginnings and different
// precision the order is not known.
func compareTimes(a, b string) (int, bool) {
	if strings.Contains(a, "T") && strings.Contains(b, "T") {
		x, errA := time.Parse(time.RFC3339Nano, a)
		y, errB := time.Parse(time.RFC3339Nano, b)
		return x.Compare(y), errA == nil && errB == nil
	}
	a, _, _ = strings.Cut(a, "T")
	b, bTime, hasB := strings.Cut(b, "T")
	n := min(len(a), len(b))
	order := strings.Compare(a[:n], b[:n])
	return order, order != 0 || (len(a) == len(b) && !hasB && bTime == "")
}

var (
	decimalForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$`)
	integerForm  = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,9})$`)
	dateForm     = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)
	dateTimeForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$`)
	base64Form   = regexp.MustCompile(`^(\s*[A-Za-z0-9+/])*(\s*=){0,2}\s*$`)
	timeForm     = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?$`)
)

// maxText is the length of a string that a person may give, in bytes, whatever the form says: a response must stay
// readable whole. FHIR itself lets a string have maxString.
const (
	maxText   = 32 << 10
	maxString = 1 << 20
)

// parsePrimitive judges the text of a simple type as FHIR writes it.
func parsePrimitive(t ValueType, text string) (Value, *fault.Error) {
	v := Value{Type: t, Text: text}
	switch t {
	case Boolean:
		if text != "true" && text != "false" {
			return v, errNotBoolean
		}
	case Decimal:
		if !decimalForm.MatchString(text) {
			return v, errNotNumber
		}
	case Integer:
		if !integerForm.MatchString(text) || compareNumbers(text, "2147483647") > 0 || compareNumbers(text, "-2147483648") < 0 {
			return v, errNotInteger
		}
	case Date:
		if !dateForm.MatchString(text) || !calendar(text) {
			return v, errNotDate
		}
	case DateTime:
		if dateForm.MatchString(text) && calendar(text) {
			return v, nil
		}
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil || !dateTimeForm.MatchString(text) || text[:4] == "0000" {
			return v, errNotDateTime
		}
	case Time:
		if !timeForm.MatchString(text) {
			return v, errNotTime
		}
	case URI:
		if text == "" || strings.ContainsAny(text, " \t\r\n") || len(text) > 2048 {
			return v, errNotAddress
		}
	case String:
		if strings.TrimSpace(text) == "" {
			return v, errEmptyText
		}
		if len(text) > maxString || !utf8.ValidString(text) {
			return v, errTextTooLong.With("Limit", maxString)
		}
	}
	return v, nil
}

// calendar tells whether a full or partial date exists.
func calendar(s string) bool {
	if s[:4] == "0000" {
		return false
	}
	layout := "2006-01-02"[:len(s)]
	_, err := time.Parse(layout, s)
	return err == nil
}

// decimals is the number of decimal places as written.
func decimals(text string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	_, places, _ := strings.Cut(mantissa, ".")
	return len(places)
}

// Word is the code, or the words where there is no code.
func (c Coding) Word() string { return firstOf(c.Code, c.Display) }

// addNumbers adds two decimals exactly; an empty one is nothing.
func addNumbers(a, b string) string {
	x, _, errA := apd.NewFromString(a)
	y, _, errB := apd.NewFromString(b)
	if errA != nil {
		return b
	}
	if errB != nil {
		return a
	}
	sum := new(apd.Decimal)
	if _, err := apd.BaseContext.WithPrecision(100).Add(sum, x, y); err != nil {
		return ""
	}
	return sum.Text('f')
}
