package compare

import (
	"slices"
	"strings"
)

// conditions compares who is asked an item: its answers mean what they meant, but that there is none does not. A
// question that a new item replaces may stand under its new linkId.
func (d *diff) conditions(o, n *item) {
	if a, b := d.renamed(o.asked()), n.asked(); a.String() != b.String() {
		d.add(n, Asked, "enableWhen", "", a.String(), b.String())
	}
	hidden := func(i *item) string { return joined(i.extensions(core + "questionnaire-hidden")) }
	if a, b := hidden(o), hidden(n); (a != "") != (b != "") || a != b {
		if strings.Contains(a, "true") != strings.Contains(b, "true") {
			d.add(n, Asked, "extension", "hidden", a, b)
		}
	}
}

// condition is enableWhen, with what it depends on apart.
type condition struct {
	behavior string
	tests    [][2]string // question, and the rest
}

func (i *item) asked() condition {
	var c condition
	for _, w := range i.v.Get("enableWhen").All() {
		name, x := value(w, "answer")
		answer := canonical(x)
		switch name {
		case "answerCoding":
			answer = x.Get("system").Text() + "|" + x.Get("code").Text()
		case "answerQuantity":
			answer = number(x.Get("value").Text()) + " " + x.Get("system").Text() + "|" + x.Get("code").Text()
		}
		c.tests = append(c.tests, [2]string{w.Get("question").Text(), w.Get("operator").Text() + " " + answer})
	}
	if len(c.tests) > 1 {
		c.behavior = i.v.Get("enableBehavior").Text()
	}
	return c
}

func (d *diff) renamed(c condition) condition {
	out := condition{behavior: c.behavior}
	for _, t := range c.tests {
		out.tests = append(out.tests, [2]string{d.name(t[0]), t[1]})
	}
	return out
}

// name is the linkId that stands in the newer form for one of the older.
func (d *diff) name(linkID string) string {
	if d.new.byLink[linkID] == nil && d.new.replaces[linkID] != "" {
		return d.new.replaces[linkID]
	}
	return linkID
}

func (c condition) String() string {
	var out []string
	for _, t := range c.tests {
		out = append(out, t[0]+" "+t[1])
	}
	slices.Sort(out)
	word := " and "
	if c.behavior != "all" {
		word = " or "
	}
	return strings.Join(slices.Compact(out), word)
}

// place compares where an item stands: in which repeating groups, below which conditions and questions.
func (d *diff) place(o, n *item) {
	answers := n.typ != "group" && n.typ != "display"
	repeating := func(i *item, name func(string) string) string {
		var out []string
		for _, a := range i.ancestors() {
			if a.typ == "group" && a.v.Get("repeats").Bool() {
				out = append(out, name(a.linkID))
			}
		}
		return strings.Join(out, ", ")
	}
	same := func(s string) string { return s }
	if a, b := repeating(o, d.name), repeating(n, same); a != b && answers {
		d.add(n, Repetition, "", "", a, b)
		return
	}
	above := func(i *item) string {
		if i.parent == nil {
			return ""
		}
		return i.parent.linkID
	}
	if d.name(above(o)) == above(n) {
		return
	}
	if a, b := d.above(o, n, d.name), d.above(n, o, same); a != b && answers {
		d.add(n, Asked, "", "", a, b)
		return
	}
	d.add(n, Grouping, "", "", above(o), above(n))
}

// above says what must hold for an item to be asked by reason of those items above it that are not above its other self.
func (d *diff) above(i, other *item, name func(string) string) string {
	var shared []string
	for _, a := range other.ancestors() {
		shared = append(shared, a.linkID, d.name(a.linkID))
	}
	var out []string
	for _, a := range i.ancestors() {
		if slices.Contains(shared, a.linkID) || slices.Contains(shared, name(a.linkID)) {
			continue
		}
		if a.typ != "group" {
			out = append(out, name(a.linkID)+" exists true")
		}
		if c := a.asked(); len(c.tests) > 0 {
			for t := range c.tests {
				c.tests[t][0] = name(c.tests[t][0])
			}
			out = append(out, "("+c.String()+")")
		}
		for _, r := range ruled {
			if r.kind == Asked {
				if x := a.rule(r.urls); x != "" {
					out = append(out, x)
				}
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, " and ")
}

// order tells where sisters that stay sisters changed places.
func (d *diff) order() {
	d.sisters(nil, roots(d.old.items), roots(d.new.items))
	for _, n := range d.new.items {
		if o := d.old.byLink[n.linkID]; o != nil && len(n.items) > 1 {
			d.sisters(n, links(o.items), links(n.items))
		}
	}
}

func roots(items []*item) []string {
	var out []string
	for _, i := range items {
		if i.parent == nil {
			out = append(out, i.linkID)
		}
	}
	return out
}

func links(items []*item) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.linkID)
	}
	return out
}

func (d *diff) sisters(at *item, old, now []string) {
	position := make(map[string]int, len(now))
	for i, l := range now {
		position[l] = i + 1
	}
	last, moved := 0, false
	for _, l := range old {
		if p := position[l]; p > 0 {
			moved = moved || p < last
			last = p
		}
	}
	if !moved {
		return
	}
	a, b := strings.Join(old, ", "), strings.Join(now, ", ")
	if at == nil {
		d.atForm(Order, "item", "", a, b)
		return
	}
	d.add(at, Order, "item", "", a, b)
}

// told are the extensions that another comparison looks at.
var told = func() map[string]bool {
	out := map[string]bool{SameMeaningURL: true, ReplacesURL: true, MissingSinceURL: true, core + "variable": true, core + "regex": true, core + "mimeType": true,
		core + "questionnaire-hidden": true, core + "questionnaire-signatureRequired": true, core + "targetConstraint": true,
		sdc + "sdc-questionnaire-targetConstraint": true, core + "questionnaire-constraint": true, core + "questionnaire-unit": true,
		core + "questionnaire-unitOption": true, core + "questionnaire-unitValueSet": true, sdc + "sdc-questionnaire-unitOpen": true,
		sdc + "sdc-questionnaire-unitSupplementalSystem": true}
	for _, l := range limitsOfItems {
		for _, u := range l.urls {
			out[u] = true
		}
	}
	for _, r := range ruled {
		for _, u := range r.urls {
			out[u] = true
		}
	}
	return out
}()

// look compares what is left: how an item looks, the help beside it, and what is made of its answers elsewhere.
func (d *diff) look(o, n *item) {
	group := func(i *item) map[string]string {
		out := map[string]string{}
		for _, e := range i.v.Get("extension").All() {
			if url := e.Get("url").Text(); !told[url] {
				out[url] += canonical(e)
			}
		}
		return out
	}
	before, after := group(o), group(n)
	for _, url := range keys(before, after) {
		a, b := before[url], after[url]
		name := url[strings.LastIndexByte(url, '/')+1:]
		switch lower := strings.ToLower(name); {
		case a == b:
		case strings.Contains(lower, "extract") || strings.Contains(lower, "observationlinkperiod"):
			kind := Extraction
			if a == "" {
				kind = ExtractAdded
			}
			d.add(n, kind, "extension", name, a, b)
		case lower == "entryformat" || lower == "sdc-questionnaire-shorttext" || lower == "sdc-questionnaire-openlabel" || lower == "questionnaire-supportlink":
			d.add(n, Help, "extension", name, a, b)
		default:
			d.add(n, Rendering, "extension", name, a, b)
		}
	}
}
