package xlsform

import (
	"encoding/json"
	"strconv"
	"strings"

	"kindred/questionnaires/convert"
)

// types of FHIR items by kind.
var itemTypes = map[string]string{
	"integer": "integer", "decimal": "decimal", "text": "string", "note": "display", "date": "date", "datetime": "dateTime", "time": "time",
	"image": "attachment", "audio": "attachment", "background-audio": "attachment", "video": "attachment", "file": "attachment",
	"geopoint": "string", "geotrace": "text", "geoshape": "text", "barcode": "string", "acknowledge": "boolean", "hidden": "string",
	"phone number": "string", "percentage": "integer", "days of month": "integer", "days of half year": "integer", "days of year": "integer",
	"start": "dateTime", "today": "date", "rank": "choice",
}

var mimeTypes = map[string]string{"image": "image/*", "audio": "audio/*", "background-audio": "audio/*", "video": "video/*"}

// typed sets what follows from the type of a question: the FHIR type, options, limits, look.
func (f *form) typed(n *node, it *convert.Item) {
	it.Type = itemTypes[n.kind]
	if mime := mimeTypes[n.kind]; mime != "" {
		it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "mimeType", Value: convert.Value{Code: mime}})
	}
	switch n.kind {
	case "select", "rank":
		f.selectOptions(n, it)
	case "range":
		f.slider(n, it)
	case "acknowledge":
		it.Extension = append(it.Extension, itemControl("check-box"))
	case "geopoint":
		format := "latitude longitude altitude accuracy"
		it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "entryFormat", Value: convert.Value{String: format}})
		f.report.Add(n.row.first, n.kind, convert.Partial, "a place becomes a text of four numbers")
	case "geotrace", "geoshape":
		f.report.Add(n.row.first, n.kind, convert.Partial, "a line or an area becomes a text of points")
	case "barcode":
		f.report.Add(n.row.first, n.kind, convert.Partial, "a barcode becomes a text that is typed")
	case "background-audio":
		f.report.Add(n.row.first, n.kind, convert.Partial, "nothing is recorded in the background: a recording can be added")
	case "start", "today", "hidden":
		f.hidden(it)
	case "calculate":
		f.hidden(it)
		it.Type = map[vkind]string{vNumber: "decimal", vBool: "boolean", vDate: "date", vDateTime: "dateTime", vTime: "time"}[n.answer(f)]
		if it.Type == "" {
			it.Type = "string"
		}
		if n.whole && it.Type == "decimal" {
			it.Type = "integer"
		}
	}
	f.appearance(n, it)
	f.parameters(n, it)
}

// builtIn are the rules that a type brings along.
var builtIn = map[string]string{
	"percentage": ". >= 0 and . <= 100", "days of month": ". >= 0 and . <= 31", "days of half year": ". >= 0 and . <= 183",
	"days of year": ". >= 0 and . <= 365", "phone number": `regex(., '\d*')`,
}

// takesWhole tells whether a question takes whole numbers alone.
func (n *node) takesWhole() bool { return n.whole || itemTypes[n.kind] == "integer" }

func (f *form) hidden(it *convert.Item) {
	yes := true
	it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "questionnaire-hidden", Value: convert.Value{Boolean: &yes}})
}

func (f *form) initially(it *convert.Item, src string) {
	it.Extension = append(it.Extension, convert.Extension{URL: convert.SDC + "sdc-questionnaire-initialExpression", Value: expression(src)})
}

// selectOptions sets the choices of a select or rank.
func (f *form) selectOptions(n *node, it *convert.Item) {
	if n.fromFile {
		it.Type = "string"
		f.report.Add(n.row.place("type"), "select from file", convert.Partial, "the choices of %s lie in a file beside the workbook; any text can be answered", n.list)
		return
	}
	if n.bool {
		it.Type = "boolean"
		f.unusable(n, "choice_filter")
		return
	}
	it.Type, it.Repeats = "choice", n.multiple
	it.AnswerOption = f.answerOptions(n)
	if n.orOther {
		it.Type = "open-choice"
	}
	if n.kind == "rank" {
		f.report.Add(n.row.place("type"), "rank", convert.Partial, "choices are ticked in the order of their rank; that all are ticked is not asked for")
	}
	it.Extension = append(it.Extension, f.toggles(n, it.AnswerOption)...)
	if f.randomized(n) {
		f.report.Add(n.row.place("choice_filter"), "randomize", convert.Dropped, "the choices keep their order")
	}
}

// parameter splits "start=0 end=10 step=1", with commas or semicolons too.
func parameter(text string) map[string]string {
	m := map[string]string{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\n' }) {
		if key, value, ok := strings.Cut(part, "="); ok {
			m[strings.ToLower(key)] = value
		}
	}
	return m
}

// slider is a range: XLSForm takes 0 to 10 in steps of 1 where nothing is said, and whole numbers where all three are.
func (f *form) slider(n *node, it *convert.Item) {
	p := map[string]string{"start": "0", "end": "10", "step": "1"}
	for key, value := range parameter(n.row.get("parameters")) {
		if _, ok := p[key]; ok {
			if !decimalText.MatchString(value) {
				f.report.Add(n.row.place("parameters"), key, convert.Dropped, "%s is no number", value)
				continue
			}
			p[key] = value
		}
	}
	it.Type = "integer"
	n.whole = true
	for _, value := range p {
		if strings.Contains(value, ".") || len(value) > 9 {
			it.Type, n.whole = "decimal", false
		}
	}
	it.Extension = append(it.Extension, itemControl("slider"))
	if compareNumbers(p["start"], p["end"]) > 0 {
		p["start"], p["end"] = p["end"], p["start"]
	}
	f.between(it, p["start"], p["end"])
	step, ok := smallWhole(strings.TrimPrefix(p["step"], "-"))
	switch {
	case ok && it.Type == "integer":
		it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "questionnaire-sliderStepValue", Value: convert.Value{Integer: &step}})
	case it.Type == "decimal":
		_, fraction, _ := strings.Cut(p["step"], ".")
		places := len(fraction)
		it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "maxDecimalPlaces", Value: convert.Value{Integer: &places}})
		if strings.Trim(fraction, "0") != "1" || strings.Trim(p["step"], "0.") != "1" {
			f.report.Add(n.row.place("parameters"), "step", convert.Partial, "steps of %s become numbers with %d decimals", p["step"], places)
		}
	}
}

func smallWhole(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int(n), err == nil
}

// between limits a number, in the item's own type.
func (f *form) between(it *convert.Item, least, most string) {
	for _, b := range []struct{ name, text string }{{"minValue", least}, {"maxValue", most}} {
		if b.text != "" {
			it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + b.name, Value: numberValue(it.Type, b.text)})
		}
	}
}

func numberValue(itemType, text string) convert.Value {
	if n, ok := smallWhole(text); ok && itemType == "integer" {
		return convert.Value{Integer: &n}
	}
	d := json.Number(jsonText(text))
	return convert.Value{Decimal: &d}
}

// looks maps the appearances that FHIR has, by what they are of.
var looks = map[string]map[string]convert.Extension{
	"select": {
		"minimal": itemControl("drop-down"), "autocomplete": itemControl("autocomplete"), "search": itemControl("autocomplete"),
		"horizontal": orientation("horizontal"), "horizontal-compact": orientation("horizontal"), "columns-pack": orientation("horizontal"),
		"columns": orientation("horizontal"), "compact": orientation("horizontal"), "likert": orientation("horizontal"), "vertical": orientation("vertical"),
	},
}

func orientation(code string) convert.Extension {
	return convert.Extension{URL: convert.Core + "questionnaire-choiceOrientation", Value: convert.Value{Code: code}}
}

// exactLooks are those that say neither more nor less in FHIR.
var exactLooks = map[string]bool{"minimal": true, "autocomplete": true, "horizontal": true, "vertical": true}

func (f *form) appearance(n *node, it *convert.Item) {
	c := n.row.values["appearance"]
	used := map[string]bool{}
	for _, word := range strings.Fields(strings.ToLower(c.text)) {
		look, ok := looks[n.kind][word]
		switch {
		case used[look.URL] && ok && look.URL != "":
			f.report.Add(c.place, word, convert.Dropped, "another appearance says how the choices look")
		case ok && !n.fromFile:
			it.Extension = append(it.Extension, look)
			used[look.URL] = true
			if !exactLooks[word] {
				f.report.Add(c.place, word, convert.Changed, "the choices stand in a line or a list instead")
			}
		case word == "multiline" && n.kind == "text":
			it.Type = "text"
		case word == "signature" && n.kind == "image":
			f.report.Add(c.place, word, convert.Partial, "a signature becomes a picture that is added")
		case (word == "year" || word == "month-year") && n.kind == "date":
			f.report.Add(c.place, word, convert.Partial, "a whole date may be answered too; FHIR dates may lack day and month")
		default:
			f.report.Add(c.place, word, convert.Dropped, "this appearance has no counterpart")
		}
	}
}

func (f *form) groupAppearance(n *node, it *convert.Item) {
	c := n.row.values["appearance"]
	control := ""
	for _, word := range strings.Fields(strings.ToLower(c.text)) {
		switch {
		case word == "table-list" && n.kind == "group":
			control = "table"
		case word == "field-list" && control == "" && n.kind == "group" && n.parent.kind == "form":
			control = "page"
		case word == "field-list" && n.kind == "group":
			f.report.Add(c.place, word, convert.Dropped, "only outermost groups become pages")
		default:
			f.report.Add(c.place, word, convert.Dropped, "this appearance has no counterpart")
		}
	}
	if control != "" {
		it.Extension = append(it.Extension, itemControl(control))
	}
}

// parameters reports those that were not used for a range.
func (f *form) parameters(n *node, it *convert.Item) {
	c := n.row.values["parameters"]
	if c.text == "" {
		return
	}
	for _, part := range strings.Fields(strings.NewReplacer(",", " ", ";", " ").Replace(c.text)) {
		key, value, _ := strings.Cut(part, "=")
		key = strings.ToLower(key)
		switch {
		case n.kind == "range" && (key == "start" || key == "end" || key == "step"):
		case key == "rows" && n.kind == "text":
			it.Type = "text"
			f.report.Add(c.place, key, convert.Changed, "a text of %s rows becomes one of many lines", value)
		default:
			f.report.Add(c.place, key, convert.Dropped, "the parameter %s has no counterpart", part)
		}
	}
}
