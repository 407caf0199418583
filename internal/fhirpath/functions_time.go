package fhirpath

import "github.com/cockroachdb/apd/v3"

var temporalFunctions = map[string]function{
	"now":        {0, 0, clockFunction(func(t temporal) temporal { return t })},
	"today":      {0, 0, clockFunction(temporal.dateOf)},
	"timeOfDay":  {0, 0, clockFunction(temporal.timeOf)},
	"yearOf":     {0, 0, component(precYear, false, func(t temporal) int { return int(t.year) })},
	"monthOf":    {0, 0, component(precMonth, false, func(t temporal) int { return int(t.month) })},
	"dayOf":      {0, 0, component(precDay, false, func(t temporal) int { return int(t.day) })},
	"hourOf":     {0, 0, component(precHour, true, func(t temporal) int { return int(t.hour) })},
	"minuteOf":   {0, 0, component(precMinute, true, func(t temporal) int { return int(t.minute) })},
	"secondOf":   {0, 0, component(precSecond, true, func(t temporal) int { return int(t.second) })},
	"duration":   {2, 2, func(f *call) ([]Value, error) { return f.between(false) }},
	"difference": {2, 2, func(f *call) ([]Value, error) { return f.between(true) }},
	"millisecondOf": {0, 0, component(precSecond, true, func(t temporal) int {
		if t.fraction == 0 {
			return -1
		}
		return int(t.nano / 1_000_000)
	})},
	"timezoneOffsetOf": {0, 0, func(f *call) ([]Value, error) {
		t, ok, err := f.moment()
		if !ok || err != nil || t.kind != KindDateTime || !t.zoned {
			return nil, err
		}
		d, _ := integer(int64(t.offset)).quo(integer(60))
		if d.e == 0 {
			d = decimal{c: d.c * 10, e: -1}
		}
		return f.r.one(d.value()), nil
	}},
	"dateOf": {0, 0, func(f *call) ([]Value, error) {
		t, ok, err := f.moment()
		if !ok || err != nil || t.kind == KindTime {
			return nil, err
		}
		return f.r.one(t.dateOf().value()), nil
	}},
	"timeOf": {0, 0, func(f *call) ([]Value, error) {
		t, ok, err := f.moment()
		if !ok || err != nil || t.kind != KindDateTime || t.prec < precHour {
			return nil, err
		}
		return f.r.one(t.timeOf().value()), nil
	}},
	"lowBoundary":  {0, 1, func(f *call) ([]Value, error) { return f.boundary(false) }},
	"highBoundary": {0, 1, func(f *call) ([]Value, error) { return f.boundary(true) }},
	"precision":    {0, 0, fnPrecision},
}

// clockFunction tells the time of the environment, which stands still during an evaluation.
func clockFunction(part func(temporal) temporal) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		if f.r.env.Now.IsZero() {
			return nil, f.fail("the evaluation was given no clock")
		}
		return f.r.one(part(moment(f.r.env.Now)).value()), nil
	}
}

// moment is the input as a date or time; anything else gives nothing.
func (f *call) moment() (temporal, bool, error) {
	v, ok, err := f.single()
	if !ok || err != nil || !v.isTemporal() {
		return temporal{}, false, err
	}
	return v.x.time, true, nil
}

func component(prec precision, clock bool, part func(temporal) int) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		t, ok, err := f.moment()
		if !ok || err != nil || t.prec < prec || !clock && t.kind == KindTime || clock && t.kind == KindDate {
			return nil, err
		}
		if n := part(t); n >= 0 {
			return f.r.one(Integer(int32(n))), nil
		}
		return nil, nil
	}
}

func (f *call) between(crossed bool) ([]Value, error) {
	a, ok1, err := f.single()
	if err != nil {
		return nil, err
	}
	b, ok2, err := f.value(0)
	if err != nil {
		return nil, err
	}
	unit, ok3, err := f.string(1)
	if err != nil || !ok1 || !ok2 || !ok3 {
		return nil, err
	}
	if !a.isTemporal() || !b.isTemporal() {
		return nil, f.fail("two dates or times are needed, not a %s and a %s", a.TypeName(), b.TypeName())
	}
	if calendarUnits[unit] == "" {
		return nil, f.fail("the precision %q is not known", unit)
	}
	n, ok := a.x.time.between(b.x.time, unit, crossed)
	if !ok {
		return nil, nil
	}
	if n != int64(int32(n)) {
		return f.r.one(Long(n)), nil
	}
	return f.r.one(Integer(int32(n))), nil
}

func fnPrecision(f *call) ([]Value, error) {
	v, ok, err := f.single()
	if !ok || err != nil {
		return nil, err
	}
	switch {
	case v.isNumber():
		return f.r.one(Integer(v.decimal().places())), nil
	case v.isTemporal():
		return f.r.one(Integer(int32(v.x.time.digits()))), nil
	}
	return nil, f.fail("a %s has no precision", v.TypeName())
}

const maxPlaces = 31 // decimal places that a boundary can be asked for

func (f *call) boundary(high bool) ([]Value, error) {
	v, ok, err := f.single()
	if !ok || err != nil {
		return nil, err
	}
	places := int64(-1)
	if len(f.args) == 1 {
		if places, ok, err = f.int(0); !ok || err != nil {
			return nil, err
		}
		if places < 0 {
			return nil, nil
		}
	}
	switch {
	case v.isTemporal():
		t, ok := v.x.time.boundary(int(min(places, 99)), high)
		if !ok {
			return nil, nil
		}
		return f.r.one(t.value()), nil
	case v.isNumber() || v.kind == KindQuantity:
		d, ok := v.decimal().boundary(places, high)
		if !ok {
			return nil, nil
		}
		out := d.value()
		if v.kind == KindQuantity {
			out = v.like(d, keepKind)
		}
		return f.r.one(out), nil
	}
	return nil, f.fail("a %s has no boundary", v.TypeName())
}

// boundary is half a unit of the last digit below or above, to so many decimal places. A number that has no digit at
// that precision at all (0.0034 to one place) is zero there, as the test suite wants it.
func (d decimal) boundary(places int64, high bool) (decimal, bool) {
	if places < 0 {
		places = 8
	}
	if places > maxPlaces {
		return decimal{}, false
	}
	half := decimal{c: 5, e: -d.places() - 1}
	how := apd.RoundFloor
	if high {
		how = apd.RoundCeiling
	} else {
		half = half.neg()
	}
	if near, ok := d.round(int32(places), apd.RoundDown); ok && near.sign() == 0 && d.sign() != 0 {
		return near, true
	}
	out, ok := d.add(half)
	if !ok {
		return decimal{}, false
	}
	return out.round(int32(places), how)
}
