package redcap

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// making is where an item is being made.
type making struct {
	r     *reader
	form  *form
	field *field
	used  map[string]bool // fields of this form that expressions refer to through a variable
	it    convert.Item
	kept  []convert.Extension // what FHIR has no place for
	ext   []convert.Extension
}

func (p *making) report(feature string, loss convert.Loss, format string, args ...any) {
	p.r.d.report.Add(p.field.name, feature, loss, format, args...)
}

func (p *making) keep(column, value string) { p.kept = append(p.kept, extString(column, value)) }

// translate translates logic that stands at the field. What it needs and what it notes counts only if it succeeds.
func (p *making) translate(feature string, do func(*translator) (string, error)) (string, error) {
	var notes []string
	t := &translator{dict: p.r.d, form: p.form, used: map[string]bool{}, note: func(format string, args ...any) {
		if n := fmt.Sprintf(format, args...); !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}}
	src, err := do(t)
	if err != nil {
		return "", err
	}
	maps.Copy(p.used, t.used)
	for _, n := range notes {
		p.report(feature, convert.Changed, "%s", n)
	}
	return src, nil
}

// item makes the item of a field.
func (p *making) item() convert.Item {
	f := p.field
	p.it = convert.Item{LinkID: f.name, Prefix: f.cell[colNumber]}
	p.it.Text, p.it.TextMore = p.label(colLabel)
	if f == p.r.d.fields[0] {
		p.keep("recordId", "y")
		p.report("record id", convert.Changed, "In REDCap the first field names the record; here it is a question like others.")
	}
	p.typed()
	p.flags()
	p.alignment()
	p.annotation()
	p.branching()
	p.children()
	// One order, whatever that of the action tags: the same dictionary written otherwise gives the same questionnaire.
	slices.SortStableFunc(p.ext, func(a, b convert.Extension) int { return strings.Compare(a.URL, b.URL) })
	if len(p.kept) > 0 {
		p.ext = append(p.ext, convert.Extension{URL: FieldURL, Extension: p.kept})
	}
	p.it.Extension = p.ext
	return p.it
}

// typed sets the type of the item and what comes with it.
func (p *making) typed() {
	f, it := p.field, &p.it
	switch f.typ {
	case "text":
		p.text()
	case "notes":
		it.Type = "text"
	case "dropdown", "radio", "checkbox":
		p.pick()
	case "yesno", "truefalse":
		it.Type = "boolean"
		if f.typ == "truefalse" {
			p.keep("type", f.typ)
		}
	case "calc":
		it.Type, it.ReadOnly = "decimal", true
		p.calculate(f.calc, f.cell[colChoices], "calc", (*translator).numberOf)
		if f.calc == nil {
			p.keep("type", "calc")
		}
	case "file":
		it.Type = "attachment"
		if f.validName == "signature" {
			p.keep("validation", "signature")
			p.report("signature", convert.Partial, "A signature becomes a file that is uploaded.")
		}
	case "slider":
		p.slider()
	case "descriptive":
		it.Type = "display"
	case "sql":
		it.Type = "string"
		p.keep("type", "sql")
		p.keep("choices", f.cell[colChoices])
		p.report("sql", convert.Partial, "The choices come from a database of REDCap; here the answer is written as text. The query: %s", clip(f.cell[colChoices]))
	}
	for _, c := range []column{colMin, colMax} {
		if f.typ != "text" && f.typ != "slider" && f.cell[c] != "" {
			p.report(headers[c], convert.Dropped, "A field of type %s has no limits: %s", f.typ, clip(f.cell[c]))
		}
	}
}

func (p *making) text() {
	f, it := p.field, &p.it
	it.Type = f.valid.itemType
	if strings.HasPrefix(f.cell[colChoices], "BIOPORTAL:") {
		p.keep("choices", f.cell[colChoices])
		p.report("ontology search", convert.Partial, "The answer is written as text: terms of %s are not looked up.", clip(f.cell[colChoices]))
	}
	if !f.valid.plain {
		p.keep("validation", f.validName)
	}
	if f.valid.format != "" {
		p.ext = append(p.ext, extString(convert.Core+"entryFormat", f.valid.format))
	}
	if f.valid.regex != "" {
		p.ext = append(p.ext, extString(convert.Core+"regex", f.valid.regex))
	}
	if f.valid.places > 0 {
		p.ext = append(p.ext, extInteger(convert.Core+"maxDecimalPlaces", f.valid.places))
	}
	if f.valid.comma {
		p.report(f.validName, convert.Changed, "Decimals are written with a point.")
	}
	p.bounds()
}

func (p *making) pick() {
	f, it := p.field, &p.it
	it.Type, it.Repeats = "choice", f.typ == "checkbox"
	how := map[string]string{"dropdown": "drop-down", "radio": "radio-button", "checkbox": "check-box"}[f.typ]
	if f.validName == "autocomplete" {
		how = "autocomplete"
	}
	if f.cell[colMatrix] == "" {
		p.ext = append(p.ext, control(how))
	}
	piped := false
	for _, c := range f.choices {
		coding := f.coding(c.code)
		text, lost := plainText(c.label)
		coding.Display = text
		p.lost("choice "+clip(c.code), lost)
		piped = piped || len(p.piped(text)) > 0
		it.AnswerOption = append(it.AnswerOption, convert.Option{Value: convert.Value{Coding: coding}})
	}
	if piped {
		p.report("piping", convert.Partial, "The labels of choices show the names of variables, not their values.")
	}
}

func (p *making) lost(where string, what []string) {
	if len(what) > 0 {
		p.report("HTML", convert.Changed, "The %s is plain text now, without %s.", where, strings.Join(what, ", "))
	}
}

// slider goes from 0 to 100 unless its limits say otherwise.
func (p *making) slider() {
	f := p.field
	p.it.Type = "integer"
	p.ext = append(p.ext, control("slider"))
	for i, c := range []column{colMin, colMax} {
		v, _, _ := f.bound(or(f.cell[c], []string{"0", "100"}[i]))
		p.ext = append(p.ext, convert.Extension{URL: convert.Core + []string{"minValue", "maxValue"}[i], Value: v})
	}
	if f.validName == "number" {
		p.keep("validation", "number")
	}
}

func (p *making) flags() {
	f, it := p.field, &p.it
	if f.cell[colIdentifier] == "y" {
		if f.typ == "descriptive" {
			p.report("identifier", convert.Dropped, "A descriptive text has no answer that could identify anybody.")
		} else {
			it.Code = []convert.Coding{{System: SensitivityURL, Code: Identifying, Display: "Identifies a person"}}
		}
	}
	if f.cell[colRequired] == "y" {
		if f.typ == "descriptive" || f.typ == "calc" {
			p.report("required", convert.Dropped, "Nobody can fill in a field of type %s.", f.typ)
		} else {
			it.Required = true
		}
	}
	if f.cell[colRanking] == "y" && f.cell[colMatrix] == "" {
		p.report("ranking", convert.Dropped, "Only the fields of a matrix can be ranked.")
	}
}

// alignment is which way choices lie. That a whole field stands left is REDCap's alone.
func (p *making) alignment() {
	a, ways := p.field.cell[colAlignment], p.field.pick() || p.it.Type == "boolean"
	if a == "" {
		return
	}
	if ways {
		lie := "vertical"
		if a[1] == 'H' {
			lie = "horizontal"
		}
		p.ext = append(p.ext, convert.Extension{URL: convert.Core + "questionnaire-choiceOrientation", Value: convert.Value{Code: lie}})
	}
	if a[0] == 'L' || !ways {
		p.keep("alignment", a)
		p.report("alignment "+a, convert.Partial, "That the field stands left or right of its label is kept, and not shown.")
	}
}

// branching sets what enables the item.
func (p *making) branching() {
	f := p.field
	if f.branching == nil {
		return
	}
	src := f.cell[colBranching]
	if list, behavior, ok := p.r.d.enableWhen(f, f.branching); ok {
		p.it.EnableWhen, p.it.EnableBehavior = list, behavior
		return
	}
	expr, err := p.translate("branching logic", func(t *translator) (string, error) { return t.condition(f.branching) })
	if err != nil {
		p.keep("branching", src)
		p.report("branching logic", convert.Dropped, "The field is always shown, because %s: %s", why(err), src)
		return
	}
	p.ext = append(p.ext, convert.Extension{URL: convert.SDC + "sdc-questionnaire-enableWhenExpression", Value: convert.Value{Expr: fhirpathOf(expr, src)}})
}

// calculate sets what the item is worked out from.
func (p *making) calculate(l logic, src, feature string, as func(*translator, logic) (string, error)) {
	if l == nil {
		return
	}
	expr, err := p.translate(feature, func(t *translator) (string, error) { return as(t, l) })
	if err != nil {
		if feature == "calc" {
			p.keep("calculation", src)
		}
		p.report(feature, convert.Dropped, "The field is not worked out, because %s: %s", why(err), src)
		return
	}
	p.ext = append(p.ext, convert.Extension{URL: convert.SDC + "sdc-questionnaire-calculatedExpression", Value: convert.Value{Expr: fhirpathOf(expr, src)}})
}

// children are displays under the question: its note, and the ends of a slider.
func (p *making) children() {
	f := p.field
	add := func(suffix, code, text string) {
		if text == "" {
			return
		}
		it := convert.Item{LinkID: f.name + "-" + suffix, Text: text, Type: "display"}
		if code != "" {
			it.Extension = []convert.Extension{control(code)}
		}
		p.it.Item = append(p.it.Item, it)
	}
	if note := f.cell[colNote]; note != "" {
		text, lost := plainText(note)
		p.lost("field note", lost)
		if len(p.piped(text)) > 0 {
			p.report("piping", convert.Partial, "The field note shows the names of variables, not their values.")
		}
		if f.typ == "descriptive" {
			p.report("field note", convert.Dropped, "A descriptive text has no note: %s", clip(text))
		} else {
			add("note", "help", text)
		}
	}
	if f.typ != "slider" || f.cell[colChoices] == "" {
		return
	}
	ends := strings.SplitN(f.cell[colChoices], "|", 3)
	for i, end := range ends {
		text, lost := plainText(end)
		p.lost("slider label", lost)
		add([]string{"lower", "middle", "upper"}[i], []string{"lower", "", "upper"}[i], text)
	}
}

var pipe = regexp.MustCompile(`\[[a-z][a-z0-9_]*(?:\([^()\[\]]*\))?(?::[a-z-]+)?\]`)

// piped are the places in a text where REDCap puts the value of a field.
func (p *making) piped(text string) [][]int {
	var out [][]int
	for _, m := range pipe.FindAllStringIndex(text, 100) {
		if r, ok := refOf(text[m[0]+1 : m[1]-1]); ok && p.r.d.byName[r.name] != nil {
			out = append(out, m)
		}
	}
	return out
}

// label is a cell of text without HTML; where values of other fields stand in it, an expression puts them in.
func (p *making) label(c column) (string, *convert.Primitive) {
	text, lost := plainText(p.field.cell[c])
	p.lost(strings.ToLower(headers[c]), lost)
	if embedded.MatchString(text) {
		p.report("field embedding", convert.Partial, "Fields in curly brackets stand where their own rows are: %s", clip(text))
	}
	at := p.piped(text)
	if len(at) == 0 {
		return text, nil
	}
	src, err := p.translate("piping", func(t *translator) (string, error) { return t.filled(text, at) })
	if err != nil {
		p.report("piping", convert.Dropped, "The text shows the name of a variable, because %s: %s", why(err), clip(text))
		return text, nil
	}
	return text, &convert.Primitive{Extension: []convert.Extension{{URL: convert.Core + "cqf-expression", Value: convert.Value{Expr: fhirpathOf(src, "")}}}}
}

var embedded = regexp.MustCompile(`\{[a-z][a-z0-9_]*(:icons)?\}`)
