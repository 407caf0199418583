package xlsform

import (
	"encoding/json"
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// constraint carries the rule that an answer must keep. Limits and patterns that FHIR has a place for go there when they
// bring no message of their own; any other rule becomes a targetConstraint.
func (f *form) constraint(n *node, it *convert.Item) {
	c := n.row.values["constraint"]
	message, more := f.speak(n.row, "constraint_message", n)
	if rule := builtIn[n.kind]; rule != "" && c.text == "" {
		c = cell{rule, n.row.first}
	} else if rule != "" {
		c.text = rule + " and (" + c.text + ")"
	}
	if c.text == "" {
		if message != "" {
			f.report.Add(n.row.place("constraint_message"), "constraint_message", convert.Dropped, "there is no constraint that it would explain")
		}
		return
	}
	t := translator{form: f, at: n}
	v, err := t.condition(c.text)
	if err != nil {
		f.untranslated(c, "constraint", err, "every answer is accepted")
		return
	}
	if v.is(true) {
		return
	}
	if tree, err := parsePath(v.src); err == nil && message == "" && n.kind != "range" && simpleLimits(it, tree) {
		return
	}
	// XForms judges answers, not their absence.
	src := "%context.answer.empty() or " + v.as(bindAnd)
	if dynamic(more) {
		f.report.Add(n.row.place("constraint_message"), "constraint_message", convert.Partial, "the answers that the message names are left out of it")
		more = convert.Translations(f.langs, translations(more))
	}
	parts := []convert.Extension{
		{URL: "key", Value: convert.Value{ID: variableName(n.link) + "-constraint"}},
		{URL: "severity", Value: convert.Value{Code: "error"}},
		{URL: "expression", Value: expression(src)},
	}
	if message != "" {
		parts = append(parts, convert.Extension{URL: "human", Value: convert.Value{String: message}, ValueMore: more})
	}
	it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "targetConstraint", Extension: parts})
}

// simpleLimits carries a translated rule that only says ". >= 0 and . <= 100", "regex(., '…')" or "string-length(.) <= 20".
func simpleLimits(it *convert.Item, tree *fnode) bool {
	var found []convert.Extension
	length := 0
	for _, leaf := range flatten(tree, "and") {
		e, most, ok := limit(it.Type, leaf)
		if !ok || slices.ContainsFunc(found, func(o convert.Extension) bool { return o.URL == e.URL }) || most > 0 && length > 0 {
			return false
		}
		if most > 0 {
			length = most
			continue
		}
		found = append(found, e)
	}
	it.MaxLength = length
	it.Extension = append(it.Extension, found...)
	return true
}

// limit reads one of them: an extension, or a maxLength.
func limit(itemType string, n *fnode) (e convert.Extension, maxLength int, ok bool) {
	text := itemType == "string" || itemType == "text"
	if n.kind == fCall && n.text == "matches" && n.left != nil && ownText(n.left) && text {
		pattern := strings.TrimSuffix(strings.TrimPrefix(n.args[0].text, "^(?:"), ")$")
		return convert.Extension{URL: convert.Core + "regex", Value: convert.Value{String: pattern}}, 0, pattern != ""
	}
	if n.kind != fBinary || xpathOperators[n.text].bind != xbindOrder {
		return e, 0, false
	}
	left, op, right := n.args[0], n.text, n.args[1]
	if left.kind == fNumber || left.kind == fMinus || left.kind == fDate {
		left, op, right = right, flip[op], left
	}
	if left.kind == fCall && left.text == "length" && left.left != nil && ownText(left.left) && text && right.kind == fNumber {
		size, ok := smallWhole(right.text)
		switch {
		case ok && op == "<=" && size > 0:
			return e, size, true
		case ok && op == ">=" && size > 0:
			return convert.Extension{URL: convert.Core + "minLength", Value: convert.Value{Integer: &size}}, 0, true
		}
		return e, 0, false
	}
	if !ownAnswer(left) {
		return e, 0, false
	}
	return valueLimit(itemType, op, right)
}

// ownAnswer recognises %context.answer.value, and ownText that made sure to be a text.
func ownAnswer(n *fnode) bool {
	return isStep(n, "value") && n.left != nil && isStep(n.left, "answer") && n.left.left != nil && n.left.left.kind == fVariable && n.left.left.text == "context"
}

func ownText(n *fnode) bool {
	return n.kind == fBinary && n.text == "&" && ownAnswer(n.args[0]) && n.args[1].kind == fString && n.args[1].text == ""
}

// valueLimit reads the constant that an answer is held against.
func valueLimit(itemType, op string, n *fnode) (e convert.Extension, maxLength int, ok bool) {
	e.URL = convert.Core + map[byte]string{'<': "maxValue", '>': "minValue"}[op[0]]
	text := n.text
	if n.kind == fMinus && n.args[0].kind == fNumber {
		n, text = n.args[0], "-"+n.args[0].text
	}
	whole, isWhole := smallWhole(text)
	switch {
	case itemType == "date" && len(op) == 2 && n.kind == fDate && isDate(text):
		e.Date = text
	case n.kind != fNumber:
		return e, 0, false
	case itemType == "integer" && isWhole:
		switch op {
		case "<":
			whole--
		case ">":
			whole++
		}
		e.Integer = &whole
	case (itemType == "decimal" || itemType == "integer") && len(op) == 2:
		d := json.Number(jsonText(text))
		e.Decimal = &d
	default:
		return e, 0, false
	}
	return e, 0, true
}

func (f *form) required(n *node, it *convert.Item) {
	c := n.row.values["required"]
	if yes, known := affirmed(c.text); known {
		it.Required = yes
	} else if src, ok := f.condition(n, c, "required", "no answer is asked for"); ok {
		if it.Required = src == "true"; !it.Required && src != "false" {
			it.RequiredMore = computed(src)
		}
	}
	if m := n.row.speech["required_message"]; len(m) > 0 {
		f.report.Add(m[0].place, "required_message", convert.Dropped, "“%s”: FHIR has no place for a message of its own for missing answers", m[0].text)
	}
}

func (f *form) readOnly(n *node, it *convert.Item) {
	c := n.row.values["readonly"]
	if yes, known := affirmed(c.text); known {
		it.ReadOnly = yes
	} else if src, ok := f.condition(n, c, "readonly", "the answer can be changed"); ok {
		if it.ReadOnly = src == "true"; !it.ReadOnly && src != "false" {
			it.ReadOnlyMore = computed(src)
		}
	}
}

func computed(src string) *convert.Primitive {
	return &convert.Primitive{Extension: []convert.Extension{{URL: convert.Core + "cqf-expression", Value: expression(src)}}}
}

func (f *form) condition(n *node, c cell, column, instead string) (string, bool) {
	t := translator{form: f, at: n}
	v, err := t.condition(c.text)
	if err != nil {
		f.untranslated(c, column, err, instead)
		return "", false
	}
	return v.src, true
}

// unwrapOnce takes once() from around a calculation: it is computed when the answer is first needed, and kept.
func unwrapOnce(src string) (string, bool) {
	tree, err := parseXPath(src)
	if err != nil || tree.kind != xCall || tree.text != "once" || len(tree.args) != 1 {
		return src, false
	}
	src = strings.TrimSpace(src)
	inner := strings.TrimSpace(strings.TrimPrefix(src, "once"))
	return strings.TrimSpace(inner[1 : len(inner)-1]), true
}

func (f *form) calculation(n *node, it *convert.Item) {
	c := n.row.values["calculation"]
	if t := n.row.values["trigger"]; t.text != "" {
		f.report.Add(t.place, "trigger", convert.Partial, "%s: the calculation follows everything that it reads, at once", t.text)
	}
	if c.text == "" {
		if n.kind == "calculate" && n.row.get("default") == "" {
			f.report.Add(n.row.first, "calculation", convert.Dropped, "there is nothing to calculate")
		}
		return
	}
	src, once := unwrapOnce(c.text)
	if once && n.row.get("default") != "" {
		f.report.Add(c.place, "once", convert.Dropped, "%s: the default is there first", c.text)
		return
	}
	t := translator{form: f, at: n}
	v, err := t.translate(src)
	if err == nil {
		v, err = t.fit(v, n, it)
	}
	if err != nil {
		f.untranslated(c, "calculation", err, "nothing is calculated")
		return
	}
	if once {
		f.initially(it, v.src)
		return
	}
	if n.kind == "calculate" {
		it.ReadOnly = true
	}
	it.Extension = append(it.Extension, convert.Extension{URL: convert.SDC + "sdc-questionnaire-calculatedExpression", Value: expression(v.src)})
}

// fit makes of a value what the item takes.
func (t *translator) fit(v value, n *node, it *convert.Item) (value, error) {
	if v.blank() || v.nan() {
		return value{src: "{}", bind: bindTerm}, nil
	}
	var err error
	switch it.Type {
	case "integer", "decimal":
		v, err = t.number(v)
		switch {
		case err != nil || v.nan():
		case it.Type == "integer" && !v.whole:
			v = v.call("truncate", vNumber)
		case it.Type == "decimal" && v.whole && v.known == nil:
			v = v.call("toDecimal", vNumber)
		}
	case "boolean":
		if n.kind == "acknowledge" && v.kind == vText && v.known != nil {
			return boolOf(*v.known == "OK"), nil
		}
		v, err = t.truth(v)
	case "string", "text":
		v, err = t.text(v)
	case "date", "dateTime", "time":
		v, err = t.when(v, it.Type)
	case "choice", "open-choice":
		if v, err = t.text(v); err == nil {
			if v.inner != nil {
				v = *v.inner
			}
			if n.multiple {
				v = value{src: "%qitem.answerOption.value.where(code in " + t.filled(v).call("split", vText, "' '").src + ")", bind: bindTerm}
			} else {
				v = value{src: "%qitem.answerOption.value.where(code = " + v.as(bindEqual+1) + ")", bind: bindTerm}
			}
		}
	default:
		return v, unfit("an item of type %s cannot be calculated", it.Type)
	}
	return v, err
}

// when makes a date or time of a value.
func (t *translator) when(v value, itemType string) (value, error) {
	kind := map[string]vkind{"date": vDate, "dateTime": vDateTime, "time": vTime}[itemType]
	if d, ok := t.temporal(v, kind); ok && d.kind == kind && !v.nodes {
		return d, nil
	}
	switch {
	case v.nodes || v.lists:
	case kind == vDate && v.kind == vDateTime:
		return v.call("toDate", kind), nil
	case kind == vDateTime && v.kind == vDate:
		return v.call("toDateTime", kind), nil
	case v.kind == vText && v.known == nil:
		return v.call("to"+strings.ToUpper(itemType[:1])+itemType[1:], kind), nil
	case kind == vDate && v.kind == vNumber:
		return t.later("+", value{src: "@1970-01-01", kind: vDate, bind: bindTerm}, v)
	}
	return v, unfit("the result is no %s", itemType)
}

// defaults carries a constant to initial, and an expression to initialExpression.
func (f *form) defaults(n *node, it *convert.Item) {
	c := n.row.values["default"]
	if c.text == "" {
		return
	}
	if _, once := unwrapOnce(n.row.get("calculation")); n.kind == "calculate" && n.row.get("calculation") != "" && !once {
		f.report.Add(c.place, "default", convert.Dropped, "%s: the calculation says the value", c.text)
		return
	}
	if tree, err := parseXPath(c.text); err == nil && isDynamic(tree) {
		t := translator{form: f, at: n}
		v, err := t.value(tree)
		if err == nil {
			v, err = t.fit(v, n, it)
		}
		if err != nil {
			f.untranslated(c, "default", err, "there is no answer at first")
			return
		}
		f.initially(it, v.src)
		return
	}
	if !f.initial(n, it, c.text) {
		f.report.Add(c.place, "default", convert.Dropped, "“%s” is no answer to this question", c.text)
	}
}

// isDynamic tells an expression from a constant that only looks like one, such as "not-known" or 2020-01-01.
func isDynamic(n *xnode) bool {
	switch n.kind {
	case xRef, xCall:
		return true
	case xBinary:
		return isDynamic(n.args[0]) || isDynamic(n.args[1])
	case xNeg:
		return isDynamic(n.args[0])
	}
	return false
}

// initial sets a constant answer.
func (f *form) initial(n *node, it *convert.Item, text string) bool {
	var v convert.Value
	switch it.Type {
	case "integer":
		i, ok := smallWhole(text)
		if v.Integer = &i; !ok {
			return false
		}
	case "decimal":
		d := json.Number(jsonText(text))
		if v.Decimal = &d; !decimalText.MatchString(text) {
			return false
		}
	case "boolean":
		yes := text == "OK" || strings.EqualFold(text, "true")
		if v.Boolean = &yes; !yes && !strings.EqualFold(text, "false") {
			return false
		}
	case "string", "text":
		v.String = text
	case "date":
		if v.Date = text; !isDate(text) {
			return false
		}
	case "time":
		if text = strings.TrimSuffix(text, "Z"); len(text) == 5 {
			text += ":00"
		}
		if v.Time = text; !timeText.MatchString(text) {
			return false
		}
	case "choice", "open-choice":
		return chosenAtFirst(n, it, text)
	default:
		return false
	}
	it.Initial = []convert.Value{v}
	return true
}

func chosenAtFirst(n *node, it *convert.Item, text string) bool {
	names := []string{text}
	if n.multiple {
		names = strings.Fields(text)
	}
	for _, name := range names {
		i := slices.IndexFunc(it.AnswerOption, func(o convert.Option) bool { return o.Coding.Code == name })
		if i < 0 {
			return false
		}
		it.AnswerOption[i].InitialSelected = true
	}
	return true
}
