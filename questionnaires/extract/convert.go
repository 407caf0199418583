package extract

import (
	"encoding/json"
	"slices"

	"kindred/internal/fhirpath"
)

// unitOf is the unit that an item says its number is in, or no place.
func unitOf(def fhirpath.Node) fhirpath.Node {
	return extension(def, core+"questionnaire-unit").Child("value")
}

// convert gives a value as the first of the wanted types that it fits, as JSON, and that type.
func convert(v fhirpath.Value, types []string, unit fhirpath.Node) (any, string, bool) {
	given, from := v.Plain(), ""
	if n, ok := v.Node(); ok {
		given, from = plain(n), n.Type()
	} else {
		from = map[fhirpath.Kind]string{
			fhirpath.KindBoolean: "boolean", fhirpath.KindString: "string", fhirpath.KindInteger: "integer", fhirpath.KindLong: "integer", fhirpath.KindDecimal: "decimal",
			fhirpath.KindDate: "date", fhirpath.KindDateTime: "dateTime", fhirpath.KindTime: "time", fhirpath.KindQuantity: "Quantity",
		}[v.Kind()]
		if from == "Quantity" {
			given = ucum(given)
		}
	}
	// A number whose item names a unit is a quantity.
	if (from == "integer" || from == "decimal") && !unit.IsZero() && slices.Contains(types, "Quantity") {
		return measured(given, unit), "Quantity", true
	}
	if slices.Contains(types, from) {
		return given, from, true
	}
	for _, to := range types {
		if out, ok := becomes(given, from, to, unit); ok {
			return out, to, true
		}
	}
	return nil, "", false
}

// measured is a number in a unit.
func measured(number any, unit fhirpath.Node) map[string]any {
	q := map[string]any{"value": number}
	for name, from := range map[string]string{"unit": "display", "system": "system", "code": "code"} {
		if t := unit.Child(from).Text(); t != "" {
			q[name] = t
		}
	}
	return q
}

// ucum writes a System.Quantity as FHIR does.
func ucum(given any) any {
	m, _ := given.(map[string]any)
	if m == nil {
		return given
	}
	out := map[string]any{"value": m["value"]}
	if u, _ := m["unit"].(string); u != "" {
		out["unit"], out["system"], out["code"] = u, "http://unitsofmeasure.org", u
	}
	return out
}

var textTypes = []string{"string", "markdown", "uri", "url", "canonical", "code", "id", "text"}

// becomes converts where nothing is lost or guessed.
func becomes(given any, from, to string, unit fhirpath.Node) (any, bool) {
	coding, _ := given.(map[string]any)
	switch {
	case from == "Coding" && to == "CodeableConcept":
		return map[string]any{"coding": []any{given}}, true
	case from == "Coding" && to == "code":
		code, ok := coding["code"]
		return code, ok
	case from == "Coding" && (to == "string" || to == "markdown"):
		if display, ok := coding["display"]; ok {
			return display, true
		}
		code, ok := coding["code"]
		return code, ok
	case from == "Coding" && to == "CodeableReference":
		return map[string]any{"concept": map[string]any{"coding": []any{given}}}, true
	case to == "CodeableConcept" && slices.Contains(textTypes, from):
		return map[string]any{"text": given}, true
	case slices.Contains(textTypes, from) && slices.Contains(textTypes, to):
		return given, true
	case from == "date" && to == "dateTime":
		return given, true
	case from == "dateTime" && to == "instant":
		t, _ := given.(string)
		return given, len(t) > 18
	case from == "dateTime" && to == "date":
		t, _ := given.(string)
		return t[:min(len(t), 10)], true
	case from == "integer" && (to == "decimal" || to == "positiveInt" || to == "unsignedInt"):
		return given, true
	case (from == "integer" || from == "decimal") && to == "Quantity":
		return measured(given, unit), true
	case from == "Quantity" && (to == "Age" || to == "Duration" || to == "Count" || to == "Distance" || to == "SimpleQuantity"):
		return given, true
	case from == "Quantity" && to == "decimal":
		number, ok := coding["value"].(json.Number)
		return number, ok
	case from == "uri" && to == "Reference", from == "string" && to == "Reference":
		return map[string]any{"reference": given}, true
	}
	return nil, false
}
