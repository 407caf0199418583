package score

import (
	"strconv"

	"github.com/cockroachdb/apd/v3"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

type parser struct {
	d      *Definition
	faults fault.List
	seen   map[string]bool
}

func (p *parser) part(v jsonscan.Value) {
	d, name := p.d, v.Get("url").Text()
	if name != "item" && name != "row" {
		if p.seen == nil {
			p.seen = map[string]bool{}
		}
		if p.seen[name] {
			p.faults.Add(errTwice.With("Part", name))
		}
		p.seen[name] = true
	}
	switch name {
	case "version":
		d.Version = v.Get("valueString").Text()
	case "method":
		d.method = p.oneOf(name, v.Get("valueCode").Text(), "sum", "mean", "min", "max")
	case "missing":
		d.missing = p.oneOf(name, v.Get("valueCode").Text(), "none", "available", "prorate")
	case "atLeast":
		d.atLeast = p.whole(name, v.Get("valueInteger").Text(), 1, maxItems)
	case "decimals":
		d.decimals = p.whole(name, v.Get("valueInteger").Text(), 0, 10)
	case "item":
		p.item(v)
	case "scale":
		p.scale(v)
	case "row":
		p.row(v)
	default:
		p.faults.Add(errPart.With("Part", name))
	}
}

func (p *parser) oneOf(part, got string, allowed ...string) string {
	for _, a := range allowed {
		if got == a {
			return got
		}
	}
	p.faults.Add(errValue.With("Part", part, "Value", got))
	return allowed[0]
}

func (p *parser) whole(part, got string, low, high int) int {
	n, err := strconv.Atoi(got)
	if err != nil || n < low || n > high {
		p.faults.Add(errValue.With("Part", part, "Value", got))
		return low
	}
	return n
}

// decimals reads the named decimal parts of a complex part; a part with another name is a fault.
func (p *parser) numbers(part string, v jsonscan.Value, names ...string) map[string]*apd.Decimal {
	got := map[string]*apd.Decimal{}
	for _, sub := range v.Get("extension").All() {
		name := sub.Get("url").Text()
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			if part != "item" {
				p.faults.Add(errPart.With("Part", part+"."+name))
			}
			continue
		}
		text := sub.Get("valueDecimal").Text()
		n := number(text)
		if n == nil || got[name] != nil {
			p.faults.Add(errValue.With("Part", part+"."+name, "Value", text))
			continue
		}
		got[name] = n
	}
	return got
}

func (p *parser) item(v jsonscan.Value) {
	t := term{factor: p.numbers("item", v, "factor")["factor"]}
	for _, sub := range v.Get("extension").All() {
		switch name := sub.Get("url").Text(); name {
		case "linkId":
			t.link = sub.Get("valueString").Text()
		case "reversed":
			t.reversed = sub.Get("valueBoolean").Bool()
		case "factor":
		default:
			p.faults.Add(errPart.With("Part", "item."+name))
		}
	}
	for _, other := range p.d.terms {
		if other.link == t.link {
			p.faults.Add(errTwice.With("Part", t.link))
		}
	}
	switch {
	case t.link == "":
		p.faults.Add(errMissing.With("Part", "item.linkId"))
	case len(p.d.terms) >= maxItems:
		p.faults.Add(errValue.With("Part", "item", "Value", maxItems+1))
	default:
		p.d.terms = append(p.d.terms, t)
	}
}

func (p *parser) scale(v jsonscan.Value) {
	n := p.numbers("scale", v, "from", "to", "low", "high")
	s := scale{n["from"], n["to"], n["low"], n["high"]}
	if s.from == nil || s.to == nil || s.low == nil || s.high == nil || s.low.Cmp(s.high) >= 0 {
		p.faults.Add(errMissing.With("Part", "scale"))
		return
	}
	p.d.scale = &s
}

func (p *parser) row(v jsonscan.Value) {
	n := p.numbers("row", v, "raw", "score", "error")
	if n["raw"] == nil || n["score"] == nil {
		p.faults.Add(errMissing.With("Part", "row"))
		return
	}
	r := row{score: n["score"].Text('f')}
	if n["error"] != nil {
		r.deviation = n["error"].Text('f')
		p.d.errors++
	}
	key := reduced(n["raw"])
	if _, twice := p.d.rows[key]; twice {
		p.faults.Add(errRowTwice.With("Raw", key))
	}
	if len(p.d.rows) < maxRows {
		p.d.rows[key] = r
	}
}
