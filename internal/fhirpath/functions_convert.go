package fhirpath

import (
	"strings"
)

// converter makes one System type of an item; false where it cannot be.
type converter func(v Value) (Value, bool)

func conversionTable() map[string]function {
	conversion := map[string]function{}
	for name, c := range map[string]converter{"Boolean": toBoolean, "Integer": toInteger, "Long": toLong, "Decimal": toDecimal, "String": toText, "Time": toTime} {
		conversion["to"+name] = function{0, 0, convertWith(c)}
		conversion["convertsTo"+name] = function{0, 0, convertsWith(c)}
	}
	conversion["toQuantity"] = function{0, 1, func(f *call) ([]Value, error) {
		v, ok, _, err := f.quantity()
		if !ok || err != nil {
			return nil, err
		}
		return f.r.one(v), nil
	}}
	conversion["convertsToQuantity"] = function{0, 1, func(f *call) ([]Value, error) {
		_, ok, some, err := f.quantity()
		if !some || err != nil {
			return nil, err
		}
		return f.r.bool(ok), nil
	}}
	for name, kind := range map[string]Kind{"Date": KindDate, "DateTime": KindDateTime} {
		conversion["to"+name] = function{0, 1, func(f *call) ([]Value, error) {
			v, ok, _, err := f.date(kind)
			if !ok || err != nil {
				return nil, err
			}
			return f.r.one(v), nil
		}}
		conversion["convertsTo"+name] = function{0, 1, func(f *call) ([]Value, error) {
			_, ok, some, err := f.date(kind)
			if !some || err != nil {
				return nil, err
			}
			return f.r.bool(ok), nil
		}}
	}
	return conversion
}

func convertWith(c converter) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		v, ok, err := f.single()
		if !ok || err != nil {
			return nil, err
		}
		if v, ok = c(v); !ok {
			return nil, nil
		}
		return f.r.one(v), nil
	}
}

func convertsWith(c converter) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		v, ok, err := f.single()
		if !ok || err != nil {
			return nil, err
		}
		_, ok = c(v)
		return f.r.bool(ok), nil
	}
}

func toBoolean(v Value) (Value, bool) {
	switch {
	case v.kind == KindBoolean:
		return v, true
	case v.isNumber():
		n, ok := v.decimal().int64()
		return Boolean(n == 1), ok && (n == 0 || n == 1)
	case v.kind == KindString:
		switch strings.ToLower(v.str) {
		case "true", "t", "yes", "y", "1", "1.0":
			return Boolean(true), true
		case "false", "f", "no", "n", "0", "0.0":
			return Boolean(false), true
		}
	}
	return Value{}, false
}

func toInteger(v Value) (Value, bool) {
	n, ok := toWhole(v)
	return Integer(int32(n)), ok && n == int64(int32(n))
}

func toLong(v Value) (Value, bool) {
	n, ok := toWhole(v)
	return Long(n), ok
}

func toWhole(v Value) (int64, bool) {
	switch v.kind {
	case KindInteger, KindLong, KindBoolean:
		return v.num, true
	case KindString:
		if d, ok := parsePlain(v.str); ok && !strings.Contains(v.str, ".") {
			return d.int64()
		}
	}
	return 0, false
}

func toDecimal(v Value) (Value, bool) {
	switch {
	case v.kind == KindBoolean:
		return decimal{c: v.num * 10, e: -1}.value(), true
	case v.isNumber():
		return v.decimal().value(), true
	case v.kind == KindString:
		d, ok := parsePlain(v.str)
		return d.value(), ok
	}
	return Value{}, false
}

func toText(v Value) (Value, bool) {
	s, ok := v.text()
	return String(s), ok
}

func toTime(v Value) (Value, bool) {
	switch v.kind {
	case KindTime:
		return v, true
	case KindString:
		if t, ok := parseTemporal(strings.TrimPrefix(v.str, "T"), KindTime); ok {
			return t.value(), true
		}
	}
	return Value{}, false
}

// date converts the input; some is false where there is no input.
func (f *call) date(kind Kind) (v Value, ok, some bool, err error) {
	v, some, err = f.single()
	if !some || err != nil {
		return v, false, some, err
	}
	format := ""
	if len(f.args) == 1 {
		if format, _, err = f.string(0); err != nil {
			return v, false, some, err
		}
	}
	switch {
	case v.kind == kind:
		return v, true, true, nil
	case v.kind == KindDateTime:
		return v.x.time.dateOf().value(), true, true, nil
	case v.kind == KindDate:
		t := v.x.time
		t.kind = KindDateTime
		return t.value(), true, true, nil
	case v.kind != KindString:
		return v, false, true, nil
	case format != "":
		t, ok := parseFormatted(v.str, format, kind)
		return t.value(), ok, true, nil
	}
	t, ok := parseTemporal(v.str, KindDateTime)
	if kind == KindDate {
		if t.prec > precDay || strings.Contains(v.str, "T") {
			return v, false, true, nil
		}
		t = t.dateOf()
	}
	return t.value(), ok, true, nil
}

// parseFormatted reads a date by a format of the codes yyyy yy MM M dd d HH H hh h mm m ss s S a Z.
func parseFormatted(s, format string, kind Kind) (temporal, bool) {
	t := temporal{kind: kind}
	p := formatted{s: s}
	for format != "" {
		n := 1
		for n < len(format) && format[n] == format[0] {
			n++
		}
		if !p.field(format[:n]) {
			return t, false
		}
		format = format[n:]
	}
	if p.s != "" || !p.year {
		return t, false
	}
	return p.finish(kind)
}

type formatted struct {
	s                                        string
	year, month, day, hour, minute, sec, pm  bool
	y, mo, d, h, mi, se, nano, fraction, off int
	half, zoned                              bool
}

func (p *formatted) number(least, most int) (int, bool) {
	n, i := 0, 0
	for i < most && i < len(p.s) && isDigit(p.s[i]) {
		n = n*10 + int(p.s[i]-'0')
		i++
	}
	p.s = p.s[i:]
	return n, i >= least
}

func (p *formatted) field(code string) (ok bool) {
	least := len(code)
	switch code {
	case "yyyy":
		p.y, ok = p.number(4, 4)
		p.year = true
	case "yy":
		p.y, ok = p.number(2, 2)
		p.year = true
		if p.y += 2000; p.y >= 2050 {
			p.y -= 100
		}
	case "MM", "M":
		p.mo, ok = p.number(least, 2)
		p.month = true
	case "dd", "d":
		p.d, ok = p.number(least, 2)
		p.day = true
	case "HH", "H", "hh", "h":
		p.h, ok = p.number(least, 2)
		p.hour, p.half = true, code[0] == 'h'
	case "mm", "m":
		p.mi, ok = p.number(least, 2)
		p.minute = true
	case "ss", "s":
		p.se, ok = p.number(least, 2)
		p.sec = true
	case "a":
		for _, word := range []string{"AM", "PM", "A", "P"} {
			if len(p.s) >= len(word) && strings.EqualFold(p.s[:len(word)], word) {
				p.pm, p.s = word[0] == 'P', p.s[len(word):]
				return true
			}
		}
		return false
	case "Z":
		return p.zone()
	default:
		if code[0] == 'S' && least <= 9 {
			p.nano, ok = p.number(least, least)
			for range 9 - least {
				p.nano *= 10
			}
			p.fraction = least
			return ok
		}
		p.s, ok = strings.CutPrefix(p.s, code)
	}
	return ok
}

func (p *formatted) zone() bool {
	p.zoned = true
	if rest, ok := strings.CutPrefix(p.s, "Z"); ok {
		p.s = rest
		return true
	}
	if p.s == "" || p.s[0] != '+' && p.s[0] != '-' {
		return false
	}
	minus := p.s[0] == '-'
	p.s = p.s[1:]
	h, ok1 := p.number(2, 2)
	p.s = strings.TrimPrefix(p.s, ":")
	m, ok2 := p.number(2, 2)
	if p.off = h*60 + m; minus {
		p.off = -p.off
	}
	return ok1 && ok2 && h <= 14 && m < 60
}

// finish writes what was read as ISO 8601 and reads it again, so that the calendar is checked in one place.
func (p *formatted) finish(kind Kind) (temporal, bool) {
	if p.half {
		if p.h < 1 || p.h > 12 {
			return temporal{}, false
		}
		if p.h %= 12; p.pm {
			p.h += 12
		}
	}
	t := temporal{kind: KindDateTime, prec: precYear, year: int16(p.y), month: int8(p.mo), day: int8(p.d), hour: int8(p.h), minute: int8(p.mi),
		second: int8(p.se), nano: int32(p.nano), fraction: uint8(p.fraction), zoned: p.zoned, offset: int16(p.off)}
	for i, has := range []bool{p.month, p.day, p.hour, p.minute, p.sec} {
		if !has {
			break
		}
		t.prec = precision(i + 2)
	}
	if t.prec < precHour {
		t.zoned = false
	}
	t, ok := parseTemporal(t.String(), KindDateTime)
	if kind == KindDate {
		t = t.dateOf()
	}
	return t, ok
}

// quantity converts the input, to the unit of the argument where there is one.
func (f *call) quantity() (v Value, ok, some bool, err error) {
	v, some, err = f.single()
	if !some || err != nil {
		return v, false, some, err
	}
	switch {
	case v.kind == KindQuantity:
		ok = !v.foreign()
	case v.isNumber():
		v, ok = Quantity(v, "1"), true
	case v.kind == KindBoolean:
		v, ok = Quantity(decimal{c: v.num * 10, e: -1}.value(), "1"), true
	case v.kind == KindString:
		v, ok = parseQuantity(v.str)
	}
	if !ok || len(f.args) == 0 {
		return v, ok, true, nil
	}
	unit, given, err := f.string(0)
	if !given || err != nil {
		return v, ok, true, err
	}
	if n := len(unit); n > 2 && unit[0] == '\'' && unit[n-1] == '\'' { // some write the quotes of the unit too
		unit = unit[1 : n-1]
	}
	v, ok = v.converted(unit)
	return v, ok, true, nil
}
