package redcap

import (
	"slices"
	"strconv"
	"strings"

	"kindred/questionnaires/convert"
)

// annotation does what action tags say. Those that FHIR has nothing for are reported and kept, with the words around.
func (p *making) annotation() {
	var left []string
	if p.field.tags.words != "" {
		left = append(left, p.field.tags.words)
	}
	for _, t := range p.field.tags.list {
		if t.name == forceLimits { // what FHIR does anyway
			left = append(left, t.text)
			continue
		}
		if reason := p.tag(t); reason != "" {
			left = append(left, t.text)
			p.report(t.name, convert.Partial, "%s It is kept, and does nothing here: %s", reason, clip(t.text))
		}
	}
	if len(left) > 0 {
		p.keep("annotation", strings.Join(left, " "))
	}
}

const forceLimits = "@FORCE-MINMAX"

// tag does one action tag, or says why it cannot.
func (p *making) tag(t tag) string {
	f, it := p.field, &p.it
	question := it.Type != "display"
	switch t.name {
	case "@HIDDEN":
		if p.has(convert.Core + "questionnaire-hidden") {
			return "The field is hidden already."
		}
		p.ext = append(p.ext, extTrue(convert.Core+"questionnaire-hidden"))
		return ""
	case "@READONLY":
		if it.ReadOnly || !question {
			return "The field cannot be filled in anyway."
		}
		it.ReadOnly = true
		return ""
	case "@DEFAULT":
		return p.initial(t)
	case "@TODAY", "@NOW":
		return p.initialClock(t)
	case "@CALCTEXT", "@CALCDATE":
		return p.calculated(t)
	case "@NONEOFTHEABOVE":
		return p.exclusive(t)
	case "@MAXCHECKED":
		n, err := strconv.Atoi(strings.TrimSpace(t.value))
		if f.typ != "checkbox" || err != nil || n < 1 || n > maxChoices || p.has(convert.Core+"questionnaire-maxOccurs") {
			return "It is for checkboxes, with a number."
		}
		p.ext = append(p.ext, extInteger(convert.Core+"questionnaire-maxOccurs", n))
		return ""
	case "@CHARLIMIT":
		n, err := strconv.Atoi(strings.TrimSpace(t.value))
		if it.Type != "string" && it.Type != "text" || err != nil || n < 1 || n > 1<<20 || it.MaxLength != 0 {
			return "It is for texts, with a number."
		}
		it.MaxLength = n
		return ""
	case "@HIDECHOICE", "@SHOWCHOICE":
		return p.offered(t)
	case "@PLACEHOLDER":
		if !question || p.has(convert.Core+"entryFormat") || t.value == "" {
			return "The field has another hint, or takes none."
		}
		p.ext = append(p.ext, extString(convert.Core+"entryFormat", t.value))
		return ""
	}
	return "FHIR has nothing for this action tag."
}

func (p *making) has(url string) bool { return find(p.ext, url) != nil }

// find is the first extension with a url.
func find(list []convert.Extension, url string) *convert.Extension {
	for i := range list {
		if list[i].URL == url {
			return &list[i]
		}
	}
	return nil
}

// initial is @DEFAULT: a fixed value, or that of another field.
func (p *making) initial(t tag) string {
	f, it := p.field, &p.it
	switch {
	case it.Type == "display" || it.Type == "attachment" || f.typ == "calc" || len(it.Initial) > 0 || p.has(initialExpression) || t.value == "":
		return "The field takes no value to begin with, or has one."
	case strings.Contains(t.value, "["):
		return p.initialField(t)
	case f.pick():
		return p.initialChoices(t)
	}
	v, ok := f.value(it.Type, t.value)
	if !ok {
		return "The value does not fit the field."
	}
	it.Initial = []convert.Value{v}
	return ""
}

const initialExpression = convert.SDC + "sdc-questionnaire-initialExpression"

// value reads a fixed value as an answer to the field.
func (f *field) value(itemType, s string) (convert.Value, bool) {
	num, isNumber := signedNumber(s)
	switch itemType {
	case "boolean":
		yes := num == "1"
		return convert.Value{Boolean: &yes}, num == "0" || num == "1"
	case "integer":
		n, err := strconv.Atoi(num)
		return convert.Value{Integer: &n}, err == nil && isNumber && n == int(int32(n))
	case "decimal":
		if f.valid.comma {
			num, isNumber = signedNumber(strings.Replace(s, ",", ".", 1))
		}
		return convert.Value{Decimal: decimal(num)}, isNumber
	case "date":
		date, ok := readDate(s, f.valid.order)
		return convert.Value{Date: date}, ok
	case "time":
		at, ok := readTime(s)
		return convert.Value{Time: at}, ok
	case "string", "text":
		return convert.Value{String: s}, strings.TrimSpace(s) != ""
	}
	return convert.Value{}, false // a dateTime has an offset, which REDCap does not say
}

func (p *making) initialChoices(t tag) string {
	codes := []string{t.value}
	if p.field.typ == "checkbox" {
		codes = strings.Split(t.value, ",")
	}
	for i, c := range codes {
		if codes[i] = strings.TrimSpace(c); !p.field.offers(codes[i]) {
			return "It names a choice that does not exist."
		}
	}
	if slices.ContainsFunc(p.it.AnswerOption, func(o convert.Option) bool { return o.InitialSelected }) {
		return "The field has a value to begin with."
	}
	for i := range p.it.AnswerOption {
		o := &p.it.AnswerOption[i]
		for _, c := range codes {
			if o.Coding.Code == c {
				o.InitialSelected = true
			}
		}
	}
	return ""
}

// initialField is @DEFAULT='[other]', and nothing beside it.
func (p *making) initialField(t tag) string {
	l, err := parseLogic(t.value)
	r, alone := l.(ref)
	if err != nil || !alone || p.field.typ == "checkbox" {
		return "A value to begin with that is put together from others cannot be said."
	}
	src, err := p.translate("@DEFAULT", func(t *translator) (string, error) { return t.copied(r, p.field.kind()) })
	if err != nil {
		return "It cannot be said, because " + why(err) + "."
	}
	p.ext = append(p.ext, convert.Extension{URL: initialExpression, Value: convert.Value{Expr: fhirpathOf(src, "@DEFAULT="+quoteLogic(t.value))}})
	return ""
}

// copied is the value of one field as that of another of a kind.
func (t *translator) copied(r ref, want kind) (string, error) {
	v, err := t.ref(r)
	switch {
	case err != nil:
	case want == kindCode:
		err = cannot("a choice is taken from another field")
	case want == kindText:
		v, err = t.text(v)
	case want == kindNumber:
		v, err = t.number(v)
	case want != v.kind:
		err = cannot("the two fields are of different types")
	}
	return v.src, err
}

func (p *making) initialClock(t tag) string {
	clock := map[string][2]string{"date": {"today()", "today()"}, "dateTime": {"", "now()"}, "time": {"", "timeOfDay()"}, "string": {"today().toString()", ""}}[p.it.Type]
	src := clock[0]
	if t.name == "@NOW" {
		src = clock[1]
	}
	if src == "" || p.has(initialExpression) || len(p.it.Initial) > 0 || t.form != 0 {
		return "It is for dates and times that have no other value to begin with."
	}
	p.ext = append(p.ext, convert.Extension{URL: initialExpression, Value: convert.Value{Expr: fhirpathOf(src, t.name)}})
	return ""
}

// calculated is @CALCTEXT or @CALCDATE.
func (p *making) calculated(t tag) string {
	f := p.field
	if f.typ != "text" || t.form != '(' || p.has(convert.SDC+"sdc-questionnaire-calculatedExpression") {
		return "It is for a text field, once, with its arguments."
	}
	l, err := parseLogic(strings.ToLower(t.name[1:]) + t.text[len(t.name):])
	if err != nil {
		return "It cannot be read (" + err.Error() + ")."
	}
	args := l.(call).args
	as := func(tr *translator, _ logic) (string, error) { return tr.dateAfter(args, f.valid.kind) }
	if t.name == "@CALCTEXT" {
		if len(args) != 1 {
			return "It takes one argument."
		}
		as = func(tr *translator, _ logic) (string, error) { return tr.as(args[0], f.valid.kind) }
	} else if f.valid.kind != kindDate && f.valid.kind != kindDateTime {
		return "It is for a field with a date or a date and time."
	}
	src, err := p.translate(t.name, func(tr *translator) (string, error) { return as(tr, l) })
	if err != nil {
		return "The field is not worked out, because " + why(err) + "."
	}
	p.it.ReadOnly = true
	p.ext = append(p.ext, convert.Extension{URL: convert.SDC + "sdc-questionnaire-calculatedExpression", Value: convert.Value{Expr: fhirpathOf(src, t.text)}})
	return ""
}

// as translates a calculation whose result is to be of a kind.
func (t *translator) as(l logic, want kind) (string, error) {
	switch want {
	case kindNumber:
		return t.numberOf(l)
	case kindText:
		return t.textOf(l)
	}
	return t.whole(l, func(p piece) (piece, error) {
		p, err := t.moment(p, want, "ymd")
		switch {
		case err == nil && want == kindDate:
			p = p.day()
		case err == nil && want == kindDateTime && p.wall:
			err = cannot("a time of day needs a time zone")
		case err == nil && want == kindDateTime && p.kind == kindDate: // a date is a dateTime too
			return p, nil
		}
		if err == nil && p.kind != want {
			err = cannot("the result is not of the field's type")
		}
		return p, err
	})
}

// exclusive is @NONEOFTHEABOVE.
func (p *making) exclusive(t tag) string {
	if p.field.typ != "checkbox" {
		return "It is for checkboxes."
	}
	var codes []string
	for c := range strings.SplitSeq(t.value, ",") {
		if c = strings.TrimSpace(c); !p.field.offers(c) {
			return "It names a choice that does not exist."
		}
		codes = append(codes, c)
	}
	for i := range p.it.AnswerOption {
		o := &p.it.AnswerOption[i]
		for _, c := range codes {
			if o.Coding.Code == c && find(o.Extension, exclusiveURL) == nil {
				o.Extension = append(o.Extension, extTrue(exclusiveURL))
			}
		}
	}
	return ""
}

const toggleExpression = convert.SDC + "sdc-questionnaire-answerOptionsToggleExpression"

// offered is @HIDECHOICE, or @SHOWCHOICE, which hides all others: those choices stay known, and are not offered.
func (p *making) offered(t tag) string {
	if !p.field.pick() || p.field.cell[colMatrix] != "" || p.has(toggleExpression) {
		return "It is for choices outside a matrix, once."
	}
	named := map[string]bool{}
	for c := range strings.SplitSeq(t.value, ",") {
		if c = strings.TrimSpace(c); !p.field.offers(c) {
			return "It names a choice that does not exist."
		}
		named[c] = true
	}
	toggle := convert.Extension{URL: toggleExpression}
	for _, c := range p.field.choices {
		if named[c.code] == (t.name == "@HIDECHOICE") {
			toggle.Extension = append(toggle.Extension, convert.Extension{URL: "option", Value: convert.Value{Coding: p.field.coding(c.code)}})
		}
	}
	if n := len(toggle.Extension); n == 0 || n == len(p.field.choices) {
		return "It leaves all choices, or none."
	}
	toggle.Extension = append(toggle.Extension, convert.Extension{URL: "expression", Value: convert.Value{Expr: fhirpathOf("false", t.text)}})
	p.ext = append(p.ext, toggle)
	return ""
}

const exclusiveURL = convert.Core + "questionnaire-optionExclusive"
