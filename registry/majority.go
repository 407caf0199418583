package registry

import (
	"time"
	_ "time/tzdata" // majority begins at a local midnight, on machines without zone files too

	"golang.org/x/text/language"
)

// ages of majority that are not 18. Where law differs inside a country, the earliest counts: authority over a person
// must not outlast the law of any place they may live in.
var ages = map[string]int{
	"CM": 21, "DZ": 19, "EG": 21, "HN": 21, "KR": 19, "KW": 21, "NZ": 20, "PR": 21, "SG": 21, "TH": 20,
}

// zones names the zone in which a country's day begins first. A country that is not listed takes the earliest midnight
// on earth.
var zones = map[string]string{
	"AD": "Europe/Andorra", "AR": "America/Argentina/Buenos_Aires", "AT": "Europe/Vienna", "AU": "Australia/Sydney",
	"BE": "Europe/Brussels", "BG": "Europe/Sofia", "BO": "America/La_Paz", "BR": "America/Noronha", "CA": "America/St_Johns",
	"CH": "Europe/Zurich", "CL": "America/Santiago", "CO": "America/Bogota", "CR": "America/Costa_Rica", "CU": "America/Havana",
	"CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "DO": "America/Santo_Domingo",
	"EC": "America/Guayaquil", "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
	"GB": "Europe/London", "GR": "Europe/Athens", "GT": "America/Guatemala", "HN": "America/Tegucigalpa", "HR": "Europe/Zagreb",
	"HU": "Europe/Budapest", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata", "IS": "Atlantic/Reykjavik",
	"IT": "Europe/Rome", "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "LI": "Europe/Vaduz", "LT": "Europe/Vilnius",
	"LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MA": "Africa/Casablanca", "MC": "Europe/Monaco", "MT": "Europe/Malta",
	"MX": "America/Cancun", "NI": "America/Managua", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "NZ": "Pacific/Auckland",
	"PA": "America/Panama", "PE": "America/Lima", "PL": "Europe/Warsaw", "PR": "America/Puerto_Rico", "PT": "Europe/Lisbon",
	"PY": "America/Asuncion", "RO": "Europe/Bucharest", "RS": "Europe/Belgrade", "SE": "Europe/Stockholm", "SG": "Asia/Singapore",
	"SI": "Europe/Ljubljana", "SK": "Europe/Bratislava", "SV": "America/El_Salvador", "TH": "Asia/Bangkok", "TR": "Europe/Istanbul",
	"UA": "Europe/Kyiv", "US": "America/New_York", "UY": "America/Montevideo", "VE": "America/Caracas",
}

// Majority is the instant at which a person of that birth date comes of age in a country: local midnight at the start
// of the birthday; for those born on 29 February, 1 March in a year without one. The birth date must be whole.
func Majority(birth Date, country string) time.Time {
	age, ok := ages[country]
	if !ok {
		age = 18
	}
	place, _ := Zone(country)
	// time.Date turns 29 February of a common year into 1 March.
	return time.Date(birth.year+age, time.Month(birth.month), birth.day, 0, 0, 0, 0, place).UTC()
}

// Zone is the zone by whose calendar a person of a country comes of age: the one to show that day in. Where the country
// is not known to us, it is the earliest on earth, and the answer is false: no clock there need agree.
func Zone(country string) (*time.Location, bool) {
	if name, ok := zones[country]; ok {
		if l, err := time.LoadLocation(name); err == nil {
			return l, true
		}
	}
	return time.FixedZone("earliest", 14*60*60), false
}

// mayBeMinor tells whether any reading of a birth date leaves the person under age at an instant.
func mayBeMinor(birth Date, country string, now time.Time) bool {
	last := birth.Last()
	return Majority(DateOf(last.Year(), last.Month(), last.Day()), country).After(now)
}

// validCountry tells whether s is an ISO 3166-1 alpha-2 code of a country that exists.
func validCountry(s string) bool {
	if len(s) != 2 {
		return false
	}
	r, err := language.ParseRegion(s)
	return err == nil && r.IsCountry() && r.String() == s
}
