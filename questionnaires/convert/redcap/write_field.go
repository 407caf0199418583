package redcap

import (
	"slices"
	"strconv"
	"strings"

	"kindred/questionnaires/convert"
)

func itoa(n int) string { return strconv.Itoa(n) }

// group reports what a group loses; how is the itemControl that needs no word.
func (w *writer) group(it *convert.Item, how string) {
	for _, e := range it.Extension {
		key, _ := constraintOf(e)
		switch {
		case e.URL == convert.Core+"questionnaire-itemControl":
			if c := controlOf([]convert.Extension{e}); c != how && !(how == "table" && c == "htable") && c != "page" {
				w.add(it.LinkID, "itemControl "+c, convert.Dropped, "A dictionary has no such layout.")
			}
		case e.URL == convert.Core+"variable" && e.Expr != nil:
			w.vars[e.Expr.Name] = e.Expr.Expression
		case e.URL == enableExpression, key == "ranking" && how == "table":
		default:
			w.lose(it, e)
		}
	}
	w.elements(it)
	if it.Required {
		w.add(it.LinkID, "required", convert.Dropped, "A form or section cannot be required, only its fields.")
	}
}

// lose reports an extension for which a dictionary has no place.
func (w *writer) lose(it *convert.Item, e convert.Extension) {
	detail := "A dictionary has no place for this extension."
	if e.Expr != nil {
		detail = clip(e.Expr.Expression)
	} else if key, expr := constraintOf(e); expr.Expression != "" {
		detail = "The constraint “" + clip(key) + "” is not checked: " + clip(expr.Expression)
	}
	w.add(it.LinkID, shortURL(e.URL), convert.Dropped, "%s", detail)
}

// elements reports elements that no column holds, whatever the type.
func (w *writer) elements(it *convert.Item) {
	if it.Definition != "" {
		w.add(it.LinkID, "definition", convert.Dropped, "%s", clip(it.Definition))
	}
	for _, c := range it.Code {
		if c.System != SensitivityURL || c.Code != Identifying {
			w.add(it.LinkID, "code", convert.Dropped, "%s", clip(c.System+"|"+c.Code))
		}
	}
	translated := it.PrefixMore != nil
	for _, m := range []*convert.Primitive{it.TextMore} {
		if m == nil {
			continue
		}
		for _, e := range m.Extension {
			switch e.URL {
			case convert.Core + "cqf-expression":
				if it.Type == "group" && !pipe.MatchString(it.Text) {
					w.lose(it, e)
				}
			case convert.Core + "translation":
				translated = true
			default:
				w.lose(it, e)
			}
		}
	}
	for _, m := range []*convert.Primitive{it.RequiredMore, it.RepeatsMore, it.ReadOnlyMore} {
		if m != nil {
			for _, e := range m.Extension {
				w.lose(it, e)
			}
		}
	}
	if translated {
		w.add(it.LinkID, "translations", convert.Dropped, "REDCap keeps translations outside the dictionary.")
	}
}

// question writes the row of a question or a text, and those of the items under it.
func (w *writer) question(f *outForm, it *convert.Item, under []enabling, s *section) {
	if beside(it) {
		w.add(it.LinkID, "display", convert.Dropped, "It belongs to no question here: %s", clip(it.Text))
		return
	}
	r := &outRow{item: it, under: under, form: f}
	name := w.fieldNames[it.LinkID]
	r.cell[colName], r.cell[colLabel], r.cell[colNumber] = name, labelText(it.Text), it.Prefix
	if w.written[name] {
		w.add(it.LinkID, "linkId", convert.Dropped, "It stands twice; this item is left out: %s", clip(it.Text))
		return
	}
	if !w.typed(r) {
		return
	}
	w.written[name] = true
	if s.pending != "" {
		r.cell[colSection], s.last, s.pending = labelText(s.pending), s.pending, ""
	}
	w.elements(it)
	w.cells(r)
	f.rows = append(f.rows, r)
	if r.more != nil {
		f.rows = append(f.rows, r.more)
	}
	var rest []convert.Item
	for i := range it.Item {
		if !w.detail(r, &it.Item[i]) {
			rest = append(rest, it.Item[i])
		}
	}
	if len(rest) > 0 {
		w.add(it.LinkID, "items under a question", convert.Changed, "They follow it, and are shown when it is answered.")
		deeper := append(under[:len(under):len(under)], enabling{answered: name})
		if conditional(it) {
			deeper = append(deeper, enabling{item: it})
		}
		w.inside(f, &convert.Item{LinkID: it.LinkID, Item: rest}, deeper, &section{path: s.path})
	}
}

// detail writes a display that belongs to the question above it.
func (w *writer) detail(r *outRow, it *convert.Item) bool {
	if it.Type != "display" {
		return false
	}
	how := controlOf(it.Extension)
	switch {
	case strings.HasSuffix(it.LinkID, "-middle") && r.cell[colType] == "slider":
		how = "middle"
	case !beside(it):
		return false
	}
	at := map[string]int{"lower": 0, "middle": 1, "upper": 2}
	switch i, end := at[how]; {
	case end && r.cell[colType] == "slider":
		parts := append(strings.Split(r.cell[colChoices], " | "), "", "", "")[:3]
		parts[i] = partText(it.Text)
		r.cell[colChoices] = strings.Join(parts, " | ")
	case r.cell[colNote] == "":
		r.cell[colNote] = labelText(it.Text)
		if how != "help" {
			w.add(it.LinkID, "display "+how, convert.Changed, "It becomes the field note.")
		}
	default:
		r.cell[colNote] += " " + labelText(it.Text)
		w.add(it.LinkID, "display "+how, convert.Changed, "It is added to the field note.")
	}
	w.elements(it)
	for _, e := range it.Extension {
		if e.URL != convert.Core+"questionnaire-itemControl" {
			w.lose(it, e)
		}
	}
	return true
}

// typed sets the field type; false for a question that no field can ask.
func (w *writer) typed(r *outRow) bool {
	it := r.item
	set := func(typ, validation string) { r.cell[colType], r.cell[colValidation] = typ, validation }
	expr := find(it.Extension, calculatedExpression)
	calculated := expr != nil && !strings.HasPrefix(description(expr), "@") || keptOf(it, "calculation") != "" || keptOf(it, "type") == "calc"
	kept := keptOf(it, "validation")
	switch it.Type {
	case "display":
		set("descriptive", "")
	case "boolean":
		set("yesno", "")
		if keptOf(it, "type") == "truefalse" {
			set("truefalse", "")
		}
	case "decimal", "integer":
		switch {
		case calculated:
			set("calc", "")
			if it.Type == "integer" {
				w.add(it.LinkID, "integer", convert.Changed, "What is worked out is a decimal in REDCap.")
			}
		case it.Type == "integer" && controlOf(it.Extension) == "slider":
			set("slider", kept)
		default:
			set("text", or(kept, map[string]string{"decimal": "number", "integer": "integer"}[it.Type]))
		}
	case "date", "dateTime", "time":
		set("text", or(kept, map[string]string{"date": "date_ymd", "dateTime": "datetime_ymd", "time": "time"}[it.Type]))
	case "string":
		set("text", kept)
		r.cell[colChoices] = keptOf(it, "choices")
		if keptOf(it, "type") == "sql" {
			set("sql", "")
		}
	case "text":
		set("notes", "")
		if calculated { // only text boxes are worked out
			set("text", "")
		}
	case "url":
		set("text", "")
		w.add(it.LinkID, "url", convert.Changed, "REDCap does not check that an answer is a web address.")
	case "choice", "open-choice":
		return w.pick(r)
	case "attachment":
		set("file", kept)
	case "quantity":
		set("text", "number")
		w.add(it.LinkID, "quantity", convert.Partial, "The number is asked for; its unit is %s.", or(w.unit(r), "not"))
	default:
		w.add(it.LinkID, "type "+clip(it.Type), convert.Dropped, "REDCap has no field for it: %s", clip(it.Text))
		return false
	}
	if it.Repeats && it.Type != "choice" && it.Type != "open-choice" {
		w.add(it.LinkID, "repeats", convert.Partial, "The field takes one answer.")
	}
	return true
}

const calculatedExpression = convert.SDC + "sdc-questionnaire-calculatedExpression"

func or(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// unit writes the first unit of a quantity as the note.
func (w *writer) unit(r *outRow) string {
	for _, url := range []string{"questionnaire-unit", "questionnaire-unitOption"} {
		if e := find(r.item.Extension, convert.Core+url); e != nil && e.Coding != nil {
			unit := or(e.Coding.Display, e.Coding.Code)
			r.cell[colNote] = labelText(unit)
			return "in the field note"
		}
	}
	return ""
}

func (w *writer) pick(r *outRow) bool {
	it := r.item
	list, ok := w.choicesOf(it, true)
	if !ok || len(list) == 0 || len(list) > maxChoices {
		w.add(it.LinkID, "choices", convert.Partial, "The choices are not in the questionnaire; the answer is written as text: %s", clip(it.AnswerValueSet))
		r.cell[colType] = "text"
		return true
	}
	how := controlOf(it.Extension)
	switch {
	case it.Repeats:
		r.cell[colType] = "checkbox"
	case how == "drop-down" || how == "autocomplete" || how == "lookup":
		r.cell[colType] = "dropdown"
	default:
		r.cell[colType] = "radio"
	}
	if how == "autocomplete" && !it.Repeats {
		r.cell[colValidation] = "autocomplete"
	}
	if it.Type == "open-choice" {
		list = w.other(r, list)
	}
	r.cell[colChoices] = writeChoices(list)
	return true
}

// other adds a choice for what is not on offer, and a field to write it in.
func (w *writer) other(r *outRow, list []choice) []choice {
	codes := map[string]bool{}
	for _, c := range list {
		codes[c.code] = true
	}
	label := "Other"
	if e := find(r.item.Extension, convert.SDC+"sdc-questionnaire-openLabel"); e != nil {
		label = or(e.String, label)
	}
	name, code := r.cell[colName], unique("other", codes)
	r.more = &outRow{form: r.form}
	r.more.cell[colName], r.more.cell[colType], r.more.cell[colLabel] = unique(name+"_other", w.taken), "text", labelText(label)
	chosen := ref{name: name}
	value := textLit{code}
	if r.cell[colType] == "checkbox" {
		chosen.code, value = code, textLit{"1"}
	}
	r.more.cell[colBranching] = printLogic(binary{"=", chosen, value})
	w.add(r.item.LinkID, "open-choice", convert.Changed, "What is not on offer is the choice %s, and is written in [%s].", code, r.more.cell[colName])
	return append(list, choice{code, partText(label)})
}

// cells fills in what stands beside the type: flags, alignment, limits, tags.
func (w *writer) cells(r *outRow) {
	it := r.item
	if slices.ContainsFunc(it.Code, func(c convert.Coding) bool { return c.System == SensitivityURL && c.Code == Identifying }) {
		r.cell[colIdentifier] = "y"
	}
	if it.Required {
		r.cell[colRequired] = "y"
	}
	r.cell[colAlignment] = keptOf(it, "alignment")
	r.cell[colMin], r.cell[colMax] = w.kept(it, "min"), w.kept(it, "max")
	if it.ReadOnly && r.cell[colType] != "calc" && find(it.Extension, calculatedExpression) == nil {
		r.tags = append(r.tags, "@READONLY")
	}
	if it.MaxLength > 0 {
		r.tags = append(r.tags, "@CHARLIMIT="+itoa(it.MaxLength))
		if it.Type != "string" && it.Type != "text" {
			w.add(it.LinkID, "maxLength", convert.Partial, "REDCap limits the length of texts alone.")
		}
	}
	w.initial(r)
	for _, e := range it.Extension {
		if !w.extension(r, e) {
			w.lose(it, e)
		}
	}
	w.options(r)
}

// extension writes one extension of a question. Those with logic wait for settle.
func (w *writer) extension(r *outRow, e convert.Extension) bool {
	it := r.item
	switch strings.TrimPrefix(strings.TrimPrefix(e.URL, convert.Core), convert.SDC) {
	case "sdc-questionnaire-openLabel":
		return r.more != nil
	case FieldURL, "questionnaire-itemControl", "sdc-questionnaire-enableWhenExpression", "sdc-questionnaire-calculatedExpression", "sdc-questionnaire-initialExpression",
		"sdc-questionnaire-answerOptionsToggleExpression":
		return true
	case "targetConstraint", "sdc-questionnaire-targetConstraint":
		key, _ := constraintOf(e)
		return key == "min" || key == "max"
	case "questionnaire-hidden":
		if e.Boolean != nil && *e.Boolean {
			r.tags = append(r.tags, "@HIDDEN")
		}
	case "questionnaire-choiceOrientation":
		if r.cell[colAlignment] == "" {
			r.cell[colAlignment] = map[string]string{"horizontal": "RH", "vertical": "RV"}[e.Code]
		}
	case "entryFormat":
		return w.format(r, e)
	case "regex":
		v, _, ok := validationNamed(r.cell[colValidation])
		return ok && v.regex == e.String
	case "minValue", "maxValue":
		return w.limit(r, e)
	case "maxDecimalPlaces":
		v, _, _ := validationNamed(r.cell[colValidation])
		if e.Integer != nil && v.places != *e.Integer && r.cell[colValidation] == "number" && *e.Integer >= 1 && *e.Integer <= 4 {
			r.cell[colValidation] = "number_" + itoa(*e.Integer) + "dp"
			w.add(it.LinkID, "maxDecimalPlaces", convert.Changed, "REDCap wants exactly as many decimal places.")
			return true
		}
		return e.Integer != nil && v.places == *e.Integer
	case "questionnaire-maxOccurs":
		if e.Integer == nil || r.cell[colType] != "checkbox" {
			return false
		}
		r.tags = append(r.tags, "@MAXCHECKED="+itoa(*e.Integer))
	case "questionnaire-unit":
		return it.Type == "quantity" || w.unitShown(r, e)
	default:
		return false
	}
	return true
}

// unitShown puts the unit of a number into its note, unless a display under the question says it already.
func (w *writer) unitShown(r *outRow, e convert.Extension) bool {
	if e.Coding == nil {
		return false
	}
	unit := or(e.Coding.Display, e.Coding.Code)
	for _, child := range r.item.Item {
		if how := controlOf(child.Extension); child.Type == "display" && (how == "unit" || how == "help") {
			return child.Text == unit
		}
	}
	r.cell[colNote] = labelText(unit)
	w.add(r.item.LinkID, "unit", convert.Changed, "The unit becomes the field note: %s", clip(unit))
	return true
}

// format writes a hint, unless the validation shows it anyway.
func (w *writer) format(r *outRow, e convert.Extension) bool {
	if v, _, ok := validationNamed(r.cell[colValidation]); ok && r.cell[colType] == "text" && v.format == e.String {
		return true
	}
	if !quotable(e.String) || e.String == "" {
		return false
	}
	r.tags = append(r.tags, "@PLACEHOLDER="+quoteLogic(e.String))
	return true
}

// limit writes the least or the greatest answer.
func (w *writer) limit(r *outRow, e convert.Extension) bool {
	c := colMin
	if strings.HasSuffix(e.URL, "maxValue") {
		c = colMax
	}
	s, ok := fixed(e.Value, r.cell[colType] == "text" && strings.HasSuffix(r.cell[colValidation], "comma_decimal"))
	if r.cell[colType] == "slider" {
		if s == "0" && c == colMin || s == "100" && c == colMax {
			return true
		}
	} else if r.cell[colType] != "text" || r.cell[colValidation] == "" {
		return false
	}
	if e.DateTime != "" {
		w.add(r.item.LinkID, shortURL(e.URL), convert.Changed, "REDCap knows no time zones: %s", e.DateTime)
	}
	r.cell[c] = s
	return ok
}

// fixed writes a value as REDCap keeps it.
func fixed(v convert.Value, comma bool) (string, bool) {
	switch {
	case v.Boolean != nil && *v.Boolean:
		return "1", true
	case v.Boolean != nil:
		return "0", true
	case v.Integer != nil:
		return itoa(*v.Integer), true
	case v.Decimal != nil:
		n, ok := plainDecimal(string(*v.Decimal))
		if comma {
			n = strings.Replace(n, ".", ",", 1)
		}
		return n, ok
	case v.Date != "":
		return v.Date, len(v.Date) == len("2006-01-02")
	case v.DateTime != "":
		at := strings.Replace(v.DateTime, "T", " ", 1)
		if len(at) < len("2006-01-02 15:04:05") {
			return v.DateTime, len(at) == len("2006-01-02")
		}
		return strings.TrimSuffix(at[:len("2006-01-02 15:04:05")], ":00"), true
	case v.Time != "":
		return strings.TrimSuffix(v.Time, ":00"), true
	case v.String != "":
		return v.String, true
	}
	return "", false
}
