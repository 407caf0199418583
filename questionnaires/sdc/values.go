package sdc

import "kindred/internal/jsonscan"

// MarshalValues writes values as a JSON list of objects with one member value[x].
func MarshalValues(values []Value) []byte {
	b := []byte{'['}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendValue(append(b, '{'), v), '}')
	}
	return append(b, ']')
}

// ParseValues reads what MarshalValues wrote.
func ParseValues(raw []byte) ([]Value, error) {
	doc, err := jsonscan.Parse(raw, ResponseLimits)
	if err != nil {
		return nil, err
	}
	var values []Value
	for _, e := range doc.Root().All() {
		v, f := readValue(e, "value")
		if absent, ok := parseAbsent(e); f != nil && ok {
			v, f = absent, nil
		}
		if f != nil {
			return nil, f
		}
		values = append(values, v)
	}
	return values, nil
}
