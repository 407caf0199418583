package fhirpath

import "slices"

var filtering = map[string]function{
	"where": {1, 1, func(f *call) ([]Value, error) {
		var out []Value
		for i := range f.in {
			ok, err := f.test(i)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, f.in[i])
			}
		}
		return out, f.r.grow(len(out))
	}},
	"select":    {1, 1, fnSelect},
	"repeat":    {1, 1, fnRepeat},
	"repeatAll": {1, 1, fnRepeatAll},
	"single": {0, 0, func(f *call) ([]Value, error) {
		if len(f.in) > 1 {
			return nil, f.fail("there are %d items", len(f.in))
		}
		return f.in, nil
	}},
	"first": {0, 0, func(f *call) ([]Value, error) { return f.in[:min(1, len(f.in))], nil }},
	"last":  {0, 0, func(f *call) ([]Value, error) { return f.in[max(0, len(f.in)-1):], nil }},
	"tail":  {0, 0, func(f *call) ([]Value, error) { return f.in[min(1, len(f.in)):], nil }},
	"skip": {1, 1, func(f *call) ([]Value, error) {
		n, ok, err := f.int(0)
		if !ok || err != nil {
			return nil, err
		}
		return f.in[max(0, min(n, int64(len(f.in)))):], nil
	}},
	"take": {1, 1, func(f *call) ([]Value, error) {
		n, ok, err := f.int(0)
		if !ok || err != nil {
			return nil, err
		}
		return f.in[:max(0, min(n, int64(len(f.in))))], nil
	}},
	"aggregate":      {1, 2, fnAggregate},
	"sort":           {0, manyArgs, fnSort},
	"iif":            {2, 3, fnIif},
	"coalesce":       {1, manyArgs, fnCoalesce},
	"trace":          {1, 2, fnTrace},
	"defineVariable": {1, 2, fnDefine},
}

func fnSelect(f *call) ([]Value, error) {
	var out []Value
	for i := range f.in {
		part, err := f.each(0, i, f.in)
		if err != nil {
			return nil, err
		}
		if len(f.in) == 1 {
			return part, nil
		}
		if err := f.r.grow(len(part)); err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// fnRepeat projects the input, then what came of it, level by level, until nothing new comes.
func fnRepeat(f *call) ([]Value, error) {
	found := set{r: f.r}
	level := f.in
	for len(level) > 0 {
		start := len(found.items)
		for i := range level {
			part, err := f.each(0, i, level)
			if err != nil {
				return nil, err
			}
			for _, v := range part {
				if _, err := found.add(v); err != nil {
					return nil, err
				}
			}
		}
		level = found.items[start:]
	}
	return found.items, nil
}

func fnRepeatAll(f *call) ([]Value, error) {
	var out []Value
	level := f.in
	for len(level) > 0 {
		start := len(out)
		for i := range level {
			part, err := f.each(0, i, level)
			if err != nil {
				return nil, err
			}
			if err := f.r.grow(len(part)); err != nil {
				return nil, err
			}
			out = append(out, part...)
		}
		level = out[start:]
	}
	return out, nil
}

func fnAggregate(f *call) ([]Value, error) {
	var total []Value
	if len(f.args) == 2 {
		var err error
		if total, err = f.arg(1); err != nil {
			return nil, err
		}
	}
	for i := range f.in {
		if err := f.r.step(1); err != nil {
			return nil, err
		}
		inner := scope{this: f.in[i : i+1 : i+1], index: i, total: total, in: true}
		var err error
		if total, err = f.r.within(f.args[0], &inner); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// fnSort evaluates the keys of every item once, then sorts stably. Nothing sorts before something.
func fnSort(f *call) ([]Value, error) {
	type row struct {
		item Value
		keys []Value
	}
	width := max(1, len(f.args))
	rows := make([]row, len(f.in))
	for i, v := range f.in {
		rows[i] = row{v, make([]Value, width)}
		if len(f.args) == 0 {
			rows[i].keys[0] = v
		}
		for k := range f.args {
			out, err := f.each(k, i, f.in)
			if err != nil {
				return nil, err
			}
			key, _, err := single(f.pos, "a sort key", out)
			if err != nil {
				return nil, err
			}
			rows[i].keys[k] = key
		}
	}
	if err := f.r.grow(len(rows) * (width + 1)); err != nil {
		return nil, err
	}
	var failed error
	slices.SortStableFunc(rows, func(a, b row) int {
		for k := range width {
			if failed != nil {
				return 0
			}
			order, err := f.sortOrder(a.keys[k], b.keys[k])
			if err != nil {
				failed = err
				return 0
			}
			if k < len(f.desc) && f.desc[k] {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
	out := make([]Value, len(rows))
	for i := range rows {
		out[i] = rows[i].item
	}
	return out, failed
}

func (f *call) sortOrder(a, b Value) (int, error) {
	if err := f.r.step(1); err != nil {
		return 0, err
	}
	switch {
	case a.kind == 0 && b.kind == 0:
		return 0, nil
	case a.kind == 0:
		return -1, nil
	case b.kind == 0:
		return 1, nil
	}
	order, _, err := compare(f.pos, a, b)
	if a.kind == KindString && a.exp < 0 { // -name: text in descending order
		order = -order
	}
	return order, err
}

func fnIif(f *call) ([]Value, error) {
	if len(f.in) > 1 {
		return nil, f.fail("the input holds %d items", len(f.in))
	}
	inner := scope{this: f.in, index: f.s.index, total: f.s.total, in: f.s.in}
	out, err := f.r.within(f.args[0], &inner)
	if err != nil {
		return nil, err
	}
	if f.strict && len(out) == 1 && out[0].unboxed().kind != KindBoolean {
		return nil, f.fail("the criterion is not a Boolean but a %s", out[0].TypeName())
	}
	t, err := condition(f.pos, "iif()", out)
	switch {
	case err != nil:
		return nil, err
	case t == yes:
		return f.r.within(f.args[1], &inner)
	case len(f.args) == 3:
		return f.r.within(f.args[2], &inner)
	}
	return nil, nil
}

func fnCoalesce(f *call) ([]Value, error) {
	inner := scope{this: f.in, index: f.s.index, total: f.s.total, in: f.s.in}
	for _, a := range f.args {
		if out, err := f.r.within(a, &inner); len(out) > 0 || err != nil {
			return out, err
		}
	}
	return nil, nil
}

func fnTrace(f *call) ([]Value, error) {
	name, _, err := f.string(0)
	if err != nil {
		return nil, err
	}
	shown := f.in
	if len(f.args) == 2 {
		shown = nil
		for i := range f.in {
			part, err := f.each(1, i, f.in)
			if err != nil {
				return nil, err
			}
			if err := f.r.grow(len(part)); err != nil {
				return nil, err
			}
			shown = append(shown, part...)
		}
	}
	if f.r.env.Trace != nil {
		f.r.env.Trace(name, slices.Clone(shown))
	}
	return f.in, nil
}

func fnDefine(f *call) ([]Value, error) {
	name, ok, err := f.string(0)
	if err != nil {
		return nil, err
	}
	if !ok || name == "" {
		return nil, f.fail("the variable has no name")
	}
	value := f.in
	if len(f.args) == 2 {
		inner := scope{this: f.in, index: f.s.index, total: f.s.total, in: f.s.in}
		if value, err = f.r.within(f.args[1], &inner); err != nil {
			return nil, err
		}
	}
	_, outside := f.r.env.Vars[name]
	for b := f.r.vars; b != nil && !outside; b = b.up {
		outside = b.name == name
	}
	if outside || reserved(name) {
		return nil, f.fail("the variable %%%s is defined already", name)
	}
	f.r.vars = &binding{name: name, value: value, up: f.r.vars}
	return f.in, f.r.grow(2)
}

var combining = map[string]function{
	"union": {1, 1, func(f *call) ([]Value, error) {
		other, err := f.arg(0)
		if err != nil {
			return nil, err
		}
		return f.r.distinct(f.in, other)
	}},
	"combine": {1, 2, func(f *call) ([]Value, error) {
		other, err := f.arg(0)
		if err != nil {
			return nil, err
		}
		return slices.Concat(f.in, other), f.r.grow(len(f.in) + len(other))
	}},
	"intersect": {1, 1, func(f *call) ([]Value, error) { return sift(f, true) }},
	"exclude":   {1, 1, func(f *call) ([]Value, error) { return sift(f, false) }},
}

// sift keeps the items that the other collection has, once each, or those it has not, as often as they are.
func sift(f *call, keep bool) ([]Value, error) {
	other, err := f.arg(0)
	if err != nil {
		return nil, err
	}
	theirs, out := set{r: f.r}, set{r: f.r}
	for _, v := range other {
		if _, err := theirs.add(v); err != nil {
			return nil, err
		}
	}
	for _, v := range f.in {
		has, err := theirs.has(v)
		if err != nil {
			return nil, err
		}
		if has != keep {
			continue
		}
		if keep {
			_, err = out.add(v)
		} else {
			out.items, err = append(out.items, v), f.r.grow(1)
		}
		if err != nil {
			return nil, err
		}
	}
	return out.items, nil
}
