package xlsform

import (
	"strconv"
	"strings"
)

func fnCount(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	switch {
	case err != nil:
		return v, err
	case !v.isRef:
		return v, unfit("count() takes a question or a group")
	case v.kind == vGroup:
		return sure(whole(v.call("count", vNumber))), nil
	case !v.nodes:
		return numberOf("1"), nil // the node is there, answered or not
	}
	repeats := v.node.repeats()
	group, err := t.ref(repeats[len(repeats)-1])
	return sure(whole(group.call("count", vNumber))), err
}

func fnCountNonEmpty(t *translator, args []*xnode) (value, error) {
	v, err := t.value(args[0])
	if err != nil {
		return v, err
	}
	if !v.isRef || v.lists || v.kind == vGroup {
		return v, unfit("count-non-empty() takes a question with one answer")
	}
	return sure(whole(v.call("count", vNumber))), nil
}

// aggregate goes over the answers in all repeats; those that are missing do not count.
func aggregate(name string) func(t *translator, args []*xnode) (value, error) {
	return func(t *translator, args []*xnode) (value, error) {
		v, err := t.value(args[0])
		if err != nil {
			return v, err
		}
		if !v.nodes {
			if v, err = t.number(v); err != nil || v.nan() {
				return v, err
			}
		} else if v.kind != vNumber {
			return v, unfit("%s() takes numbers", name)
		}
		out := v.call(name, vNumber)
		out.whole = v.whole
		return out, nil
	}
}

// extreme is min or max: over all answers of one question, or over arguments that must all be there.
func extreme(name string) func(t *translator, args []*xnode) (value, error) {
	one := aggregate(name)
	return func(t *translator, args []*xnode) (value, error) {
		if len(args) == 1 {
			return one(t, args)
		}
		list := value{whole: true}
		var there []string
		for i, a := range args {
			v, err := t.numberOf(a)
			if err != nil || v.nan() {
				return v, err
			}
			list.whole = list.whole && v.whole
			if i > 0 {
				list.src += " | "
			}
			list.src += v.as(bindUnion + 1)
			if !v.sure {
				there = append(there, v.as(bindTerm)+".exists()")
			}
			if len(list.src) > maxResult {
				return v, unfit("%s() has too many arguments", name)
			}
		}
		v := value{src: "(" + list.src + ")", bind: bindTerm}.call(name, vNumber)
		if len(there) > 0 {
			v = function("iif", vNumber, strings.Join(there, " and "), v.src, "{}")
		}
		v.whole = list.whole
		return v, nil
	}
}

func fnRound(t *translator, args []*xnode) (value, error) {
	v, err := t.numberOf(args[0])
	if err != nil || v.nan() {
		return v, err
	}
	if len(args) == 1 { // XPath rounds a half upwards
		return whole(infix("+", bindAdd, v, numberOf("0.5"), vNumber).call("floor", vNumber)), nil
	}
	places, err := t.constant(args[1], "the number of places")
	if err != nil {
		return v, err
	}
	if n, err := strconv.Atoi(places); err != nil || n < 0 || n > 12 {
		return v, unfit("round() to %s places has no equivalent", places)
	}
	return v.call("round", vNumber, places), nil
}

func wholeNumber(name string) func(t *translator, args []*xnode) (value, error) {
	return func(t *translator, args []*xnode) (value, error) {
		v, err := t.numberOf(args[0])
		if err != nil || v.nan() {
			return v, err
		}
		return whole(v.call(name, vNumber)), nil
	}
}

func mathFunction(name string, args ...string) func(t *translator, a []*xnode) (value, error) {
	return func(t *translator, a []*xnode) (value, error) {
		v, err := t.numberOf(a[0])
		if err != nil || v.nan() {
			return v, err
		}
		return v.call(name, vNumber, args...), nil
	}
}

func fnAbs(t *translator, args []*xnode) (value, error) {
	v, err := t.numberOf(args[0])
	if err != nil || v.nan() {
		return v, err
	}
	out := v.call("abs", vNumber)
	out.whole = v.whole
	return out, nil
}

func fnPow(t *translator, args []*xnode) (value, error) {
	base, err := t.numberOf(args[0])
	if err != nil || base.nan() {
		return base, err
	}
	power, err := t.numberOf(args[1])
	if err != nil || power.nan() {
		return power, err
	}
	return base.call("power", vNumber, power.src), nil
}
