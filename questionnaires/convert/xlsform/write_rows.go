package xlsform

import (
	"cmp"
	"strings"

	"kindred/questionnaires/convert"
)

// rows writes the children of a node.
func (w *writer) rows(parent *wnode) {
	for _, n := range parent.children {
		switch {
		case n.section():
			w.group(n)
		default:
			w.question(n)
			if len(n.children) > 0 {
				w.note(n, "item", convert.Changed, "XLSForm has no questions beneath a question; they follow it")
				w.rows(n)
			}
		}
	}
}

// row begins a row with what every item may have.
func (w *writer) row(n *wnode) (map[string]string, *used) {
	row := map[string]string{"name": n.name}
	text := n.item.Text
	if n.item.Prefix != "" {
		w.note(n, "prefix", convert.Changed, "the prefix stands at the start of the label")
		text = strings.TrimSpace(n.item.Prefix + " " + text)
	}
	w.spokenText(n, row, "label", text, n.item.TextMore)
	for i := range n.item.Item {
		h := &n.item.Item[i]
		hint := w.byLink[h.LinkID]
		if hint == nil || hint.item != h || hint.name != "" {
			continue
		}
		u := &used{seen: map[int]bool{}}
		w.spokenText(hint, row, map[string]string{"help": "hint", "flyover": "guidance_hint"}[hint.control()], h.Text, h.TextMore)
		u.take(h.Extension, "questionnaire-itemControl")
		w.rest(hint, u)
	}
	if len(n.item.Code) > 0 {
		w.note(n, "code", convert.Dropped, "XLSForm has no place for the code of a question")
	}
	if n.item.Definition != "" {
		w.note(n, "definition", convert.Dropped, "XLSForm has no place for the definition of a question")
	}
	w.relevance(n, row)
	u := &used{seen: map[int]bool{}}
	u.take(n.item.Extension, "sdc-questionnaire-enableWhenExpression")
	u.take(n.item.Extension, "variable")
	w.survey = append(w.survey, row)
	return row, u
}

// used notes which extensions of an item found a place.
type used struct{ seen map[int]bool }

// take finds an extension by the end of its url, and notes it.
func (u *used) take(list []convert.Extension, name string) *convert.Extension {
	var found *convert.Extension
	for i := range list {
		if tail(list[i].URL) == name && !(found != nil && name != "variable" && name != "mimeType" && name != "targetConstraint") {
			u.seen[i] = true
			if found == nil {
				found = &list[i]
			}
		}
	}
	return found
}

// rest reports the extensions of an item that found no place.
func (w *writer) rest(n *wnode, u *used) {
	for i, e := range n.item.Extension {
		if !u.seen[i] {
			detail := "XLSForm has no place for it"
			if e.Expr != nil && e.Expr.Expression != "" {
				detail = e.Expr.Expression + " — " + detail
			}
			w.note(n, tail(e.URL), convert.Dropped, "%s", detail)
		}
	}
}

func (w *writer) group(n *wnode) {
	row, u := w.row(n)
	kind := "group"
	if n.item.Repeats {
		kind = "repeat"
	}
	row["type"] = "begin_" + kind
	list := n.item.Extension
	switch control := n.control(); {
	case control == "page" && kind == "group" && n.parent == w.root:
		row["appearance"] = "field-list"
		u.take(list, "questionnaire-itemControl")
	case control == "table" && kind == "group":
		row["appearance"] = "table-list"
		u.take(list, "questionnaire-itemControl")
	}
	least, most := u.take(list, "questionnaire-minOccurs"), u.take(list, "questionnaire-maxOccurs")
	if least != nil || most != nil {
		if kind == "repeat" && least != nil && most != nil && least.Integer != nil && most.Integer != nil && *least.Integer == *most.Integer {
			row["repeat_count"] = itoa(*least.Integer)
		} else {
			w.note(n, "questionnaire-minOccurs", convert.Dropped, "only a fixed number of repeats has a place")
		}
	}
	if n.item.Required {
		w.note(n, "required", convert.Dropped, "groups cannot be required")
	}
	w.rest(n, u)
	w.rows(n)
	w.survey = append(w.survey, map[string]string{"type": "end_" + kind})
}

// question writes the row of an item that is no group.
func (w *writer) question(n *wnode) {
	row, u := w.row(n)
	it := n.item
	list := it.Extension
	if it.Repeats && !n.isCoded() {
		w.note(n, "repeats", convert.Partial, "only one answer has a place")
	}
	for _, p := range []*convert.Primitive{it.RepeatsMore, it.PrefixMore} {
		if p != nil {
			w.note(n, "_repeats, _prefix", convert.Dropped, "XLSForm has no place for it")
		}
	}
	hidden := u.take(list, "questionnaire-hidden")
	isHidden := hidden != nil && hidden.Boolean != nil && *hidden.Boolean
	calculated, initially := u.take(list, "sdc-questionnaire-calculatedExpression"), u.take(list, "sdc-questionnaire-initialExpression")
	if isHidden {
		w.hiddenType(n, row, calculated, initially)
	} else {
		w.shownType(n, row, u)
	}
	w.calculated(n, row, calculated, isHidden && (row["type"] == "calculate"))
	if row["type"] != "today" && row["type"] != "start" {
		w.initialExpression(n, row, initially, row["type"] == "calculate")
	}
	w.constant(n, row)
	w.limits(n, row, u)
	w.flags(n, row)
	w.rest(n, u)
}

// hiddenType writes items that nobody sees.
func (w *writer) hiddenType(n *wnode, row map[string]string, calculated, initially *convert.Extension) {
	first := ""
	if initially != nil && initially.Expr != nil {
		first = initially.Expr.Expression
	}
	switch {
	case n.item.Type == "date" && first == "today()" && calculated == nil:
		row["type"] = "today"
	case n.item.Type == "dateTime" && first == "now()" && calculated == nil:
		row["type"] = "start"
	case calculated != nil || first != "":
		row["type"] = "calculate"
	default:
		row["type"] = "hidden"
		if n.item.Type != "string" {
			w.note(n, "questionnaire-hidden", convert.Changed, "a hidden %s becomes a hidden text", n.item.Type)
		}
	}
}

// shownTypes are the row types of item types that need no closer look.
var shownTypes = map[string]string{"integer": "integer", "decimal": "decimal", "date": "date", "dateTime": "datetime", "time": "time",
	"display": "note", "string": "text", "text": "text"}

func (w *writer) shownType(n *wnode, row map[string]string, u *used) {
	list := n.item.Extension
	row["type"] = shownTypes[n.item.Type]
	switch n.item.Type {
	case "integer", "decimal":
		if n.control() == "slider" {
			w.slider(n, row, u)
		}
	case "text":
		row["appearance"] = "multiline"
	case "string":
		if e := extensionAt(list, "entryFormat"); e != nil && e.String == "latitude longitude altitude accuracy" {
			row["type"] = "geopoint"
			u.take(list, "entryFormat")
		}
	case "boolean":
		w.boolean(n, row, u)
	case "choice", "open-choice":
		w.choice(n, row, u)
	case "attachment":
		w.attachment(row, u, list)
	case "quantity":
		w.quantity(n, row, u)
	case "url":
		row["type"] = "text"
		w.note(n, "url", convert.Changed, "an address becomes a text")
	case "reference":
		row["type"] = "text"
		w.note(n, "reference", convert.Partial, "a reference becomes a text")
	case "":
		row["type"] = "text"
	}
	if row["type"] == "" {
		row["type"] = "text"
		w.note(n, n.item.Type, convert.Partial, "the type %s becomes a text", n.item.Type)
	}
	if e := extensionAt(list, "entryFormat"); e != nil && row["type"] != "geopoint" && row[w.column("hint", "")] == "" {
		w.spokenText(n, row, "hint", e.String, e.ValueMore)
		u.take(list, "entryFormat")
		w.note(n, "entryFormat", convert.Changed, "it is shown as the hint")
	}
}

func extensionAt(list []convert.Extension, name string) *convert.Extension {
	return (&used{seen: map[int]bool{}}).take(list, name)
}

// boolean is an acknowledgement, or a choice of yes and no.
func (w *writer) boolean(n *wnode, row map[string]string, u *used) {
	if n.acknowledge() {
		row["type"] = "acknowledge"
		u.take(n.item.Extension, "questionnaire-itemControl")
		return
	}
	row["type"] = "select_one " + yesNoList
	w.look(n, row, u)
	w.note(n, "boolean", convert.Changed, "yes and no become the choices true and false")
	if w.lists[yesNoList] != nil {
		return
	}
	w.lists[yesNoList] = [][]string{{"true"}, {"false"}}
	words := map[string][2]string{"en": {"Yes", "No"}, "es": {"Sí", "No"}}
	for i, name := range []string{"true", "false"} {
		c := map[string]string{"list_name": yesNoList, "name": name, w.column("label", ""): words["en"][i]}
		for _, lang := range append([]string{w.q.Language}, w.langs...) {
			if said, ok := words[strings.SplitN(lang, "-", 2)[0]]; ok {
				c[w.column("label", lang)] = said[i]
			}
		}
		w.choices = append(w.choices, c)
	}
}

// slider is a range. XLSForm asks for its ends and step.
func (w *writer) slider(n *wnode, row map[string]string, u *used) {
	list := n.item.Extension
	least, most := extensionAt(list, "minValue"), extensionAt(list, "maxValue")
	if least == nil || most == nil || limitText(least) == "" || limitText(most) == "" {
		w.note(n, "slider", convert.Dropped, "a slider needs a least and a greatest value; the number is typed")
		u.take(list, "questionnaire-itemControl")
		return
	}
	step := "1"
	if e := u.take(list, "questionnaire-sliderStepValue"); e != nil && e.Integer != nil && *e.Integer > 0 {
		step = itoa(*e.Integer)
	}
	if n.item.Type == "decimal" {
		places := 1
		if e := u.take(list, "maxDecimalPlaces"); e != nil && e.Integer != nil {
			places = min(max(*e.Integer, 1), 9)
		}
		step = "0." + strings.Repeat("0", places-1) + "1"
	}
	u.take(list, "questionnaire-itemControl")
	u.take(list, "minValue")
	u.take(list, "maxValue")
	row["type"] = "range"
	row["parameters"] = "start=" + limitText(least) + " end=" + limitText(most) + " step=" + step
}

func (w *writer) attachment(row map[string]string, u *used, list []convert.Extension) {
	row["type"] = "file"
	for _, e := range list {
		if e.URL != convert.Core+"mimeType" {
			continue
		}
		u.take(list, "mimeType")
		kind, _, _ := strings.Cut(e.Code, "/")
		if kind == "image" || kind == "audio" || kind == "video" {
			row["type"] = kind
		}
	}
}

// quantity is a number; its unit is said in the label.
func (w *writer) quantity(n *wnode, row map[string]string, u *used) {
	row["type"] = "decimal"
	unit := ""
	for _, e := range n.item.Extension {
		if (tail(e.URL) == "questionnaire-unit" || tail(e.URL) == "questionnaire-unitOption") && e.Coding != nil && unit == "" {
			unit = cmp.Or(e.Coding.Display, e.Coding.Code)
		}
	}
	u.take(n.item.Extension, "questionnaire-unit")
	if unit == "" {
		w.note(n, "quantity", convert.Partial, "the number is kept, its unit is not")
		return
	}
	for column, text := range row {
		if column == "label" || strings.HasPrefix(column, "label::") {
			row[column] = text + " (" + unit + ")"
		}
	}
	w.note(n, "quantity", convert.Partial, "a number whose unit, %s, stands in the label", unit)
}
