package fhirpath

import "context"

var background = context.Background()

const manyArgs = 1000

// function is an entry of the table: how many arguments it takes and what it does.
type function struct {
	least, most int
	call        func(f *call) ([]Value, error)
}

var functions map[string]function

func init() { // filled here because functions refer to the table through their arguments
	functions = map[string]function{}
	for _, table := range []map[string]function{existence, filtering, combining, conversionTable(), stringFunctions, mathFunctions, temporalFunctions, navigation, fhirFunctions, scoring} {
		for name, f := range table {
			functions[name] = f
		}
	}
}

// callStep is a compiled call.
type callStep struct {
	fn     func(f *call) ([]Value, error)
	args   []op
	pos    int
	name   string
	desc   []bool
	strict bool
	regex  *pattern
	broken error // why the literal pattern cannot be used
}

// call is one call in progress.
type call struct {
	*callStep
	r  *run
	s  *scope
	in []Value
}

func (c *callStep) apply(r *run, s *scope, in []Value) ([]Value, error) {
	if err := r.step(1 + len(in)); err != nil {
		return nil, err
	}
	f := call{c, r, s, in}
	return c.fn(&f)
}

// prepare does while compiling what a literal argument allows. A pattern that cannot be used is an error when it is
// evaluated, and one that Check finds: a form may hold it and never come to it.
func (c *compiler) prepare(e *expr, st *callStep) {
	if src, flags, ok := literalPattern(e); ok {
		st.regex, st.broken = compilePattern(src, flags, e.name == "matchesFull")
	}
}

// literalPattern is the regular expression of a call, where it and its flags are written out.
func literalPattern(e *expr) (src, flags string, ok bool) {
	at := map[string]int{"matches": 1, "matchesFull": 1, "replaceMatches": 2}[e.name]
	if at == 0 || e.args[0].kind != exLiteral || e.args[0].value.kind != KindString {
		return "", "", false
	}
	if len(e.args) > at {
		if e.args[at].kind != exLiteral {
			return "", "", false
		}
		flags = e.args[at].value.str
	}
	return e.args[0].value.str, flags, true
}

// arg evaluates an argument against the context of the call, not its input.
func (f *call) arg(i int) ([]Value, error) { return f.r.within(f.args[i], f.s) }

func (f *call) fail(format string, args ...any) error {
	return failf(Execution, f.pos, f.name+"(): "+format, args...)
}

// single is the one item of the input.
func (f *call) single() (Value, bool, error) { return single(f.pos, f.name+"()", f.in) }

// value is the one item of an argument.
func (f *call) value(i int) (Value, bool, error) {
	in, err := f.arg(i)
	if err != nil {
		return Value{}, false, err
	}
	return single(f.pos, f.name+"()", in)
}

func (f *call) string(i int) (string, bool, error) {
	v, ok, err := f.value(i)
	if !ok || err != nil {
		return "", false, err
	}
	if v.kind != KindString {
		return "", false, f.fail("a string is needed, not a %s", v.TypeName())
	}
	return v.str, true, nil
}

func (f *call) int(i int) (int64, bool, error) {
	v, ok, err := f.value(i)
	if !ok || err != nil {
		return 0, false, err
	}
	n, whole := v.decimal().int64()
	if !v.isNumber() || !whole {
		return 0, false, f.fail("an Integer is needed, not a %s", v.TypeName())
	}
	return n, true, nil
}

// text is the input as one string.
func (f *call) text() (string, bool, error) {
	v, ok, err := f.single()
	if !ok || err != nil {
		return "", false, err
	}
	if v.kind != KindString {
		return "", false, f.fail("the input is not a string but a %s", v.TypeName())
	}
	return v.str, true, nil
}

// each evaluates an argument for one item of the input.
func (f *call) each(arg, i int, items []Value) ([]Value, error) {
	if err := f.r.step(1); err != nil {
		return nil, err
	}
	inner := scope{this: items[i : i+1 : i+1], index: i, total: f.s.total, in: f.s.in}
	return f.r.within(f.args[arg], &inner)
}

// test evaluates a criterion for one item.
func (f *call) test(i int) (bool, error) {
	out, err := f.each(0, i, f.in)
	if err != nil {
		return false, err
	}
	if f.strict && len(out) == 1 && out[0].unboxed().kind != KindBoolean {
		return false, f.fail("the criterion is not a Boolean but a %s", out[0].TypeName())
	}
	t, err := condition(f.pos, f.name+"()", out)
	return t == yes, err
}

var existence = map[string]function{
	"empty": {0, 0, func(f *call) ([]Value, error) { return f.r.bool(len(f.in) == 0), nil }},
	"not": {0, 0, func(f *call) ([]Value, error) {
		t, err := condition(f.pos, "not()", f.in)
		if t == unknown || err != nil {
			return nil, err
		}
		return f.r.bool(t == no), nil
	}},
	"exists": {0, 1, func(f *call) ([]Value, error) {
		if len(f.args) == 0 {
			return f.r.bool(len(f.in) > 0), nil
		}
		for i := range f.in {
			if ok, err := f.test(i); ok || err != nil {
				return f.r.bool(true), err
			}
		}
		return f.r.bool(false), nil
	}},
	"all": {1, 1, func(f *call) ([]Value, error) {
		for i := range f.in {
			if ok, err := f.test(i); !ok || err != nil {
				return f.r.bool(false), err
			}
		}
		return f.r.bool(true), nil
	}},
	"allTrue":    {0, 0, quantifier(true, true)},
	"anyTrue":    {0, 0, quantifier(false, true)},
	"allFalse":   {0, 0, quantifier(true, false)},
	"anyFalse":   {0, 0, quantifier(false, false)},
	"count":      {0, 0, func(f *call) ([]Value, error) { return f.r.one(Integer(int32(len(f.in)))), nil }},
	"subsetOf":   {1, 1, func(f *call) ([]Value, error) { return subset(f, false) }},
	"supersetOf": {1, 1, func(f *call) ([]Value, error) { return subset(f, true) }},
	"distinct":   {0, 0, func(f *call) ([]Value, error) { return f.r.distinct(f.in) }},
	"isDistinct": {0, 0, func(f *call) ([]Value, error) {
		out, err := f.r.distinct(f.in)
		return f.r.bool(len(out) == len(f.in)), err
	}},
}

func quantifier(all, want bool) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		found := all
		for _, v := range f.in {
			v = v.unboxed()
			if v.kind != KindBoolean {
				return nil, f.fail("the input holds a %s, not Booleans alone", v.TypeName())
			}
			if all {
				found = found && (v.num != 0) == want
			} else {
				found = found || (v.num != 0) == want
			}
		}
		return f.r.bool(found), nil
	}
}

func subset(f *call, super bool) ([]Value, error) {
	small := f.in
	large, err := f.arg(0)
	if err != nil {
		return nil, err
	}
	if super {
		small, large = large, small
	}
	s := set{r: f.r}
	for _, v := range large {
		if _, err := s.add(v); err != nil {
			return nil, err
		}
	}
	for _, v := range small {
		if has, err := s.has(v); !has || err != nil {
			return f.r.bool(false), err
		}
	}
	return f.r.bool(true), nil
}
