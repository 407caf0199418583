package redcap

import "strings"

// validation is one of REDCap's text validation types: what FHIR type its answers are, and how they are written.
type validation struct {
	itemType string // string, integer, decimal, date, dateTime, time
	kind     kind
	regex    string // written for RE2, from what the type is documented to accept
	format   string // shown to whoever answers
	order    string // of day, month and year
	places   int    // decimal places, -1 for any
	comma    bool   // decimals are written with a comma
	plain    bool   // the item type alone says it: Write finds it again without being told
}

// phone is a North American number, with an extension or without.
const phone = `(\(?[2-9][0-9]{2}\)?)\s*([.-]\s*)?[2-9][0-9]{2}\s*([.-]\s*)?[0-9]{4}(\s*(#|x\.?|ext\.?|extension)\s*[0-9]+)?`

var validations = func() map[string]validation {
	text := func(regex, format string) validation {
		return validation{itemType: "string", kind: kindText, regex: regex, format: format, places: -1}
	}
	m := map[string]validation{
		"":                     {itemType: "string", kind: kindText, places: -1, plain: true},
		"integer":              {itemType: "integer", kind: kindNumber, plain: true},
		"number":               {itemType: "decimal", kind: kindNumber, places: -1, plain: true},
		"time":                 {itemType: "time", kind: kindTime, format: "HH:MM", places: -1, plain: true},
		"time_hh_mm_ss":        {itemType: "time", kind: kindTime, format: "HH:MM:SS", places: -1},
		"time_mm_ss":           text(`[0-5][0-9]:[0-5][0-9]`, "MM:SS"),
		"email":                text(`[^\s@]+@[^\s@]+\.[^\s@.]{2,}`, "name@example.org"),
		"alpha_only":           text(`[A-Za-z]+`, "letters only"),
		"phone":                text(phone, "(555) 555-0123"),
		"phone_australia":      text(`(\(0[2-8]\)|0[2-8])\s*[0-9]{4}\s*[0-9]{4}`, "(02) 5550 1234"),
		"phone_uk":             text(`(\+44|0)[0-9 ()-]{9,14}`, "020 7946 0000"),
		"phone_france":         text(`((\+|00)33[ .-]?|0)[1-9]([ .-]?[0-9]{2}){4}`, "01 23 45 67 89"),
		"zipcode":              text(`[0-9]{5}(-[0-9]{4})?`, "12345"),
		"postalcode_australia": text(`[0-9]{4}`, "1234"),
		"postalcode_canada":    text(`[A-Za-z][0-9][A-Za-z]\s*[0-9][A-Za-z][0-9]`, "A1B 2C3"),
		"postalcode_french":    text(`[0-9]{5}`, "12345"),
		"postalcode_germany":   text(`[0-9]{5}`, "12345"),
		"postalcode_uk":        text(`[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}`, "AB1 2CD"),
		"ssn":                  text(`[0-9]{3}-[0-9]{2}-[0-9]{4}`, "123-45-6789"),
		"mrn_10d":              text(`[0-9]{10}`, "1234567890"),
		"mrn_generic":          text(`[A-Za-z0-9_-]+`, "letters, digits, - and _"),
		"vmrn":                 text(`[0-9]{4,9}`, "1234567"),
	}
	for n, places := range []string{"", "_1dp", "_2dp", "_3dp", "_4dp"} {
		v := validation{itemType: "decimal", kind: kindNumber, places: n, plain: n == 0}
		if n == 0 {
			v.places = -1
		}
		m["number"+places] = v
		v.comma, v.plain = true, false
		m["number"+places+"_comma_decimal"] = v
	}
	for _, order := range []string{"ymd", "mdy", "dmy"} {
		day := map[string]string{"ymd": "YYYY-MM-DD", "mdy": "MM-DD-YYYY", "dmy": "DD-MM-YYYY"}[order]
		plain := order == "ymd"
		m["date_"+order] = validation{itemType: "date", kind: kindDate, format: day, order: order, places: -1, plain: plain}
		m["datetime_"+order] = validation{itemType: "dateTime", kind: kindDateTime, format: day + " HH:MM", order: order, places: -1, plain: plain}
		m["datetime_seconds_"+order] = validation{itemType: "dateTime", kind: kindDateTime, format: day + " HH:MM:SS", order: order, places: -1}
	}
	return m
}()

// legacy are names of the first versions, which old dictionaries still have.
var legacy = map[string]string{"int": "integer", "float": "number", "date": "date_ymd", "datetime": "datetime_ymd", "datetime_seconds": "datetime_seconds_ymd"}

// validationNamed finds a validation type.
func validationNamed(name string) (validation, string, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if now, old := legacy[name]; old {
		name = now
	}
	v, ok := validations[name]
	return v, name, ok
}
