package compare

import (
	"maps"
	"slices"
	"strings"

	"kindred/internal/jsonscan"
)

// bound is a limit on answers; low ones narrow when they rise.
type bound struct {
	name string
	low  bool
	urls []string
}

var limitsOfItems = []bound{
	{"minValue", true, []string{core + "minValue", sdc + "sdc-questionnaire-minQuantity"}},
	{"maxValue", false, []string{core + "maxValue", sdc + "sdc-questionnaire-maxQuantity"}},
	{"minLength", true, []string{core + "minLength"}},
	{"maxDecimalPlaces", false, []string{core + "maxDecimalPlaces"}},
	{"minOccurs", true, []string{core + "questionnaire-minOccurs"}},
	{"maxOccurs", false, []string{core + "questionnaire-maxOccurs"}},
	{"maxSize", false, []string{core + "maxSize"}},
}

// limits compares what answers may be: less is of meaning, since the column then lacks what it could hold before.
func (d *diff) limits(o, n *item) {
	for _, l := range limitsOfItems {
		d.limit(n, l, bounded(o.v, l), bounded(n.v, l))
	}
	d.limit(n, bound{name: "maxLength"}, limit{number(o.v.Get("maxLength").Text()), ""}, limit{number(n.v.Get("maxLength").Text()), ""})
	if a, b := joined(o.extensions(core+"regex")), joined(n.extensions(core+"regex")); a != b {
		d.narrows(n, "regex", b != "", a, b)
	}
	before, after := set(o.extensions(core+"mimeType")), set(n.extensions(core+"mimeType"))
	if !maps.Equal(before, after) {
		d.narrows(n, "mimeType", len(after) > 0 && (len(before) == 0 || !within(before, after)), strings.Join(sorted(before), ", "), strings.Join(sorted(after), ", "))
	}
	if a, b := joined(o.extensions(core+"questionnaire-signatureRequired")), joined(n.extensions(core+"questionnaire-signatureRequired")); a != b {
		d.narrows(n, "signatureRequired", b != "", a, b)
	}
	d.constraints(n, o.v, n.v)
}

func (d *diff) narrows(n *item, what string, narrower bool, old, now string) {
	kind := Relaxed
	if narrower {
		kind = Narrowed
	}
	d.add(n, kind, what, what, old, now)
}

// limit is a bound's value; unit is what must be equal for values to be compared.
type limit struct{ value, unit string }

func bounded(v jsonscan.Value, l bound) limit {
	all := extensions(v, l.urls...)
	if len(all) == 0 {
		return limit{}
	}
	e := all[0]
	name, x := value(e, "value")
	switch {
	case name == "" || e.Get("_"+name).Exists():
		return limit{canonical(e), "expression"}
	case x.Kind() == jsonscan.Object: // a quantity
		unit := x.Get("system").Text() + "|" + x.Get("code").Text()
		if unit == "|" {
			unit = x.Get("unit").Text()
		}
		return limit{number(x.Get("value").Text()), "quantity " + unit}
	case x.Kind() == jsonscan.Number:
		return limit{number(x.Text()), ""}
	}
	return limit{x.Text(), name} // dates and times compare as texts
}

func (d *diff) limit(n *item, l bound, a, b limit) {
	if a == b {
		return
	}
	narrower := true
	switch order, ok := a.compare(b); {
	case b.value == "":
		narrower = false
	case a.value == "" || !ok:
	default:
		narrower = order < 0 == l.low
	}
	d.narrows(n, l.name, narrower, strings.TrimSpace(a.value), strings.TrimSpace(b.value))
}

func (a limit) compare(b limit) (int, bool) {
	x, one := rational(a.value)
	y, two := rational(b.value)
	switch {
	case a.unit != b.unit || a.unit == "expression":
		return 0, false
	case one && two:
		return x.Cmp(y), true
	case one || two || len(a.value) != len(b.value):
		return 0, false
	}
	return strings.Compare(a.value, b.value), true
}

// constraints compares targetConstraint and its predecessor: errors limit what can be answered, warnings only advise.
func (d *diff) constraints(n *item, o, v jsonscan.Value) {
	before, after := constraints(o), constraints(v)
	for _, k := range sorted(after) {
		b, was := before[k]
		a := after[k]
		switch {
		case a.rule == b.rule && a.error == b.error && was:
			if a.human != b.human {
				d.add(n, Help, "constraint", k, b.human, a.human)
			}
		case a.error:
			d.add(n, Narrowed, "constraint", k, b.rule, a.rule)
		case b.error:
			d.add(n, Relaxed, "constraint", k, b.rule, a.rule)
		default:
			d.add(n, Help, "constraint", k, b.rule, a.rule)
		}
	}
	for _, k := range sorted(before) {
		if _, stays := after[k]; !stays {
			kind := Help
			if before[k].error {
				kind = Relaxed
			}
			d.add(n, kind, "constraint", k, before[k].rule, "")
		}
	}
}

type constraint struct {
	rule, human string
	error       bool
}

func constraints(v jsonscan.Value) map[string]constraint {
	out := map[string]constraint{}
	for _, e := range extensions(v, core+"targetConstraint", sdc+"sdc-questionnaire-targetConstraint", core+"questionnaire-constraint") {
		var c constraint
		key := ""
		for _, p := range e.Get("extension").All() {
			_, x := value(p, "value")
			switch p.Get("url").Text() {
			case "key":
				key = x.Text()
			case "severity":
				c.error = x.Text() != "warning"
			case "human":
				c.human = canonical(p)
			case "expression":
				c.rule = formatted(x)
			case "location":
				c.rule += " at " + x.Text()
			}
		}
		if _, twice := out[key]; twice || key == "" {
			key += "|" + c.rule
		}
		out[key] = c
	}
	return out
}

func joined(list []jsonscan.Value) string {
	var out []string
	for _, e := range list {
		if name, x := value(e, "value"); x.Kind() == jsonscan.String && !e.Get("_"+name).Exists() {
			out = append(out, x.Text())
		} else {
			out = append(out, canonical(e))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func set(list []jsonscan.Value) map[string]bool {
	out := map[string]bool{}
	for _, e := range list {
		_, x := value(e, "value")
		out[x.Text()] = true
	}
	return out
}
