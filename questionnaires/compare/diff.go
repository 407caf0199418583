package compare

import (
	"slices"
	"strings"

	"kindred/internal/jsonscan"
)

// Compare gives the differences between two versions of a questionnaire, FHIR R4 JSON. Elements that say nothing about
// answers (status, date, publisher, narrative …) are not looked at.
func Compare(old, new []byte) (Changes, error) {
	o, err := read(old)
	if err != nil {
		return nil, err
	}
	n, err := read(new)
	if err != nil {
		return nil, err
	}
	d := &diff{old: o, new: n}
	d.form()
	for _, i := range n.items {
		if was := o.byLink[i.linkID]; was != nil {
			d.item(was, i)
		} else {
			d.added(i)
		}
	}
	d.order()
	for _, i := range o.items {
		if n.byLink[i.linkID] == nil {
			d.removed(i)
		}
	}
	d.propose(nil)
	return d.changes, nil
}

type diff struct {
	old, new *form
	changes  Changes
}

// add notes a change at an item of the newer form.
func (d *diff) add(n *item, kind Kind, element, what, old, now string) {
	c := Change{LinkID: n.linkID, Path: n.path, Kind: kind, Class: kind.Class(), Missing: kind.missing(), What: what, Old: short(old), New: short(now)}
	if element != "" {
		c.Path += "." + element
	}
	if c.Missing {
		version := d.new.v.Get("version").Text()
		c.Stated = version != "" && slices.Contains(stated(n.v, MissingSinceURL), version)
	}
	d.changes = append(d.changes, c)
}

// atForm notes a change at the form as a whole.
func (d *diff) atForm(kind Kind, element, what, old, now string) {
	d.changes = append(d.changes, Change{Path: "Questionnaire." + element, Kind: kind, Class: kind.Class(), What: what, Old: short(old), New: short(now)})
}

// short keeps what people read on a line.
func short(s string) string {
	const most = 300
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (d *diff) form() {
	o, n := d.old, d.new
	if a, b := o.v.Get("url").Text(), n.v.Get("url").Text(); a != b && a != "" && b != "" {
		d.atForm(Identity, "url", "", a, b)
	}
	if a, b := texts(o.v.Get("subjectType")), texts(n.v.Get("subjectType")); a != b {
		d.atForm(Subject, "subjectType", "", a, b)
	}
	for _, member := range []string{"title", "description", "purpose"} {
		if a, b := o.v.Get(member).Text(), n.v.Get(member).Text(); a != b {
			d.atForm(Title, member, member, a, b)
		}
	}
	for _, lang := range sorted(n.languages) {
		if !o.languages[lang] && lang != o.language {
			d.atForm(Language, "language", lang, "", lang)
		}
	}
	for _, lang := range sorted(o.languages) {
		if !n.languages[lang] && lang != n.language {
			d.atForm(Translation, "language", lang, lang, "")
		}
	}
	if a, b := canonical(o.v.Get("modifierExtension")), canonical(n.v.Get("modifierExtension")); a != b {
		d.atForm(Modifier, "modifierExtension", "", a, b)
	}
	before, after := constraints(o.v), constraints(n.v)
	for _, k := range keys(before, after) {
		if before[k].rule != after[k].rule || before[k].error != after[k].error {
			kind := Help
			switch {
			case after[k].error:
				kind = Narrowed
			case before[k].error:
				kind = Relaxed
			}
			d.atForm(kind, "extension", k, before[k].rule, after[k].rule)
		}
	}
}

func texts(list jsonscan.Value) string {
	var out []string
	for _, v := range list.All() {
		out = append(out, v.Text())
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (d *diff) added(i *item) {
	kind := ItemAdded
	if i.typ == "display" {
		kind = DisplayItem
	}
	old := ""
	for _, r := range stated(i.v, ReplacesURL) {
		if d.old.byLink[r] != nil {
			old = r
		}
	}
	d.add(i, kind, "", "", old, i.v.Get("text").Text())
}

// removed: an answer that was given has no place in the newer version. That a new item replaces it says where to look.
func (d *diff) removed(i *item) {
	kind, now := ItemRemoved, ""
	switch by := d.new.replaces[i.linkID]; {
	case i.typ == "display":
		kind = DisplayItem
	case by != "":
		kind, now = ItemReplaced, by
	case i.typ == "group":
		kind = Grouping // it holds no answers: what it held is told by itself
	}
	d.add(i, kind, "", "", i.v.Get("text").Text(), now)
}

// item compares an item that stands in both.
func (d *diff) item(o, n *item) {
	if o.typ == "display" && n.typ == "display" {
		if canonical(o.v) != canonical(n.v) {
			d.add(n, DisplayItem, "", "", o.v.Get("text").Text(), n.v.Get("text").Text())
		}
		return
	}
	if o.typ != n.typ {
		d.add(n, Type, "type", "", o.typ, n.typ)
	}
	if a, b := o.units(), n.units(); a != b {
		d.add(n, Unit, "extension", "", a, b)
	}
	d.wording(n, Text, "text", "", o.form.wording(o.v, "text"), n.form.wording(n.v, "text"), n.v)
	if canonical(o.v.Get("prefix"))+canonical(o.v.Get("_prefix")) != canonical(n.v.Get("prefix"))+canonical(n.v.Get("_prefix")) {
		d.add(n, Prefix, "prefix", "", o.v.Get("prefix").Text(), n.v.Get("prefix").Text())
	}
	d.codes(o, n)
	d.flags(o, n)
	d.options(o, n)
	d.limits(o, n)
	d.rules(o, n)
	d.conditions(o, n)
	d.place(o, n)
	d.look(o, n)
}

// units are what the numbers of an item are in, in whatever order they are offered.
func (i *item) units() string {
	var out []string
	for _, e := range extensions(i.v, core+"questionnaire-unit", core+"questionnaire-unitOption", core+"questionnaire-unitValueSet",
		sdc+"sdc-questionnaire-unitOpen", sdc+"sdc-questionnaire-unitSupplementalSystem") {
		name, x := value(e, "value")
		unit := x.Text()
		if name == "valueCoding" {
			unit = x.Get("system").Text() + "|" + x.Get("code").Text()
			if x.Get("code").Text() == "" {
				unit = x.Get("display").Text()
			}
		}
		if strings.HasSuffix(e.Get("url").Text(), "questionnaire-unit") && i.typ != "quantity" {
			unit = "in " + unit // numbers that are in this unit, not one of several
		}
		out = append(out, unit)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// wording compares a text in every language in which both have it.
func (d *diff) wording(n *item, kind Kind, element, what string, before, after wording, at jsonscan.Value) {
	before, after = aligned(before, after, d.old.language, d.new.language)
	own := d.new.language
	if own == "" {
		own = d.old.language
	}
	both := 0
	for _, lang := range keys(before, after) {
		a, b := before[lang], after[lang]
		name := what
		if name == "" && lang != own {
			name = lang
		}
		switch {
		case a == b:
			both++
		case len(before) == 0 || len(after) == 0:
			both++
			d.add(n, kind, element, name, a, b) // a text where there was none, or none any more
		case a == "" || b == "":
			// A language that the form did not speak at all, or does not any more, is told once, at the form.
			if a == "" && (d.old.languages[lang] || lang == own) || b == "" && (d.new.languages[lang] || lang == own) {
				d.add(n, Translation, element, lang, a, b)
			}
		default:
			both++
			d.reworded(n, kind, element, name, a, b, at)
		}
	}
	if both == 0 && len(before) > 0 { // no language in common
		d.reworded(n, kind, element, what, before[d.old.language], after[d.new.language], at)
	}
}

func (d *diff) reworded(n *item, kind Kind, element, what, old, now string, at jsonscan.Value) {
	switch {
	case similar(old, now):
		kind = Spelling
	case sameMeaning(at, old):
		kind = Restated
	}
	d.add(n, kind, element, what, old, now)
}

// aligned puts the form's own texts under one language where one of the forms does not say which it is.
func aligned(before, after wording, was, is string) (wording, wording) {
	if was == is || was != "" && is != "" {
		return before, after
	}
	move := func(w wording, from, to string) wording {
		out := wording{}
		for k, v := range w {
			if k == from {
				k = to
			}
			out[k] = v
		}
		return out
	}
	if was == "" {
		return move(before, "", is), after
	}
	return before, move(after, "", was)
}

// codes compares what an item means to other programs. More of it where the old stays only adds.
func (d *diff) codes(o, n *item) {
	before, after := coded(o.v.Get("code")), coded(n.v.Get("code"))
	switch {
	case !within(before, after):
		d.add(n, Code, "code", "", strings.Join(sorted(before), ", "), strings.Join(sorted(after), ", "))
	case len(after) > len(before):
		d.add(n, CodeAdded, "code", "", strings.Join(sorted(before), ", "), strings.Join(sorted(after), ", "))
	default:
		for _, k := range sorted(after) {
			if before[k] != after[k] {
				d.add(n, CodeDisplay, "code", k, before[k], after[k])
			}
		}
	}
	a, b := o.v.Get("definition").Text(), n.v.Get("definition").Text()
	switch a {
	case b:
	case "":
		d.add(n, CodeAdded, "definition", "", a, b)
	default:
		d.add(n, Definition, "definition", "", a, b)
	}
}

func coded(list jsonscan.Value) map[string]string {
	out := map[string]string{}
	for _, c := range list.All() {
		out[c.Get("system").Text()+"|"+c.Get("code").Text()] = c.Get("display").Text()
	}
	return out
}

func (d *diff) flags(o, n *item) {
	flag := func(v jsonscan.Value, name string) bool { return v.Get(name).Bool() }
	if a, b := flag(o.v, "required"), flag(n.v, "required"); a != b {
		kind := Optional
		if b {
			kind = Required
		}
		d.add(n, kind, "required", "", boolText(a), boolText(b))
	}
	if a, b := flag(o.v, "repeats"), flag(n.v, "repeats"); a != b {
		d.add(n, Repeats, "repeats", "", boolText(a), boolText(b))
	}
	if a, b := flag(o.v, "readOnly"), flag(n.v, "readOnly"); a != b {
		d.add(n, ReadOnly, "readOnly", "", boolText(a), boolText(b))
	}
	if a, b := canonical(o.v.Get("initial")), canonical(n.v.Get("initial")); a != b {
		d.add(n, Default, "initial", "", a, b)
	}
	if a, b := canonical(o.v.Get("modifierExtension")), canonical(n.v.Get("modifierExtension")); a != b {
		d.add(n, Modifier, "modifierExtension", "", a, b)
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
