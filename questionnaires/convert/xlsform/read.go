package xlsform

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// Options say what the workbook does not.
type Options struct {
	// Base is the address under which the questionnaire and its code systems get theirs: Base/Questionnaire/<form_id>.
	// Without it the questionnaire has no url.
	Base string
	// Name stands for the form_id where the settings have none: XLSForm takes the name of the file.
	Name string
}

// Read converts a workbook. Everything that makes the form unusable is given at once, in a fault.List; what FHIR cannot
// hold is in the Report.
func Read(raw []byte, o Options) (convert.Questionnaire, convert.Report, error) {
	b, err := readBook(raw)
	if err != nil {
		return convert.Questionnaire{}, nil, err
	}
	f := &form{options: o, report: b.report, vars: map[*node][]variable{}}
	if err := f.readSheets(b); err != nil {
		return convert.Questionnaire{}, nil, err
	}
	q := f.questionnaire()
	if len(q.Item) == 0 {
		return convert.Questionnaire{}, nil, fault.List{errEmpty}
	}
	return q, f.report, nil
}

// readSheets reads and judges the form, up to the point where it can be converted.
func (f *form) readSheets(b *book) error {
	f.readSettings(b.sheet("settings"))
	sheet := b.sheet("survey")
	if sheet == nil {
		return fault.List{errNoSurvey}
	}
	survey := readTable(sheet, "type", surveyColumns, &f.faults)
	if survey == nil {
		return fault.List{errNoColumn.With("Column", "type").At("survey")}
	}
	var choices *table
	if s := b.sheet("choices"); s != nil && len(s.rows) > 0 {
		if choices = readTable(s, "list_name", choiceColumns, &f.faults); choices == nil {
			f.faults.Add(errNoColumn.With("Column", "list_name").At("choices"))
		}
	}
	if s := b.sheet("entities"); s != nil && len(s.rows) > 1 {
		f.report.Add("entities", "entities", convert.Dropped, "entities are how ODK carries records between forms")
	}
	f.readLanguages(survey, choices)
	f.build(survey)
	f.readChoices(choices)
	f.checkLists()
	f.checkReferences()
	if len(f.faults) > maxFaults {
		f.faults = append(f.faults[:maxFaults:maxFaults], errTooManyFaults.With("Count", len(f.faults)-maxFaults))
	}
	return f.faults.Err()
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// id is the form_id, fit for an address.
func (f *form) id() string {
	id := strings.Trim(notInID.ReplaceAllString(cmp.Or(f.settings.get("form_id"), f.options.Name, f.settings.get("form_title"), "form"), "_"), "_.-")
	if f.options.Base == "" {
		id = notInName.ReplaceAllString(id, "_")
	}
	return cmp.Or(id, "form")
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

func (f *form) questionnaire() convert.Questionnaire {
	id := f.id()
	q := convert.Questionnaire{
		ResourceType: "Questionnaire", Language: f.language, Name: notInName.ReplaceAllString(id, "_"),
		Title: cmp.Or(f.settings.get("form_title"), id), Version: f.settings.get("version"), Status: "draft",
	}
	if f.options.Base != "" {
		q.URL = strings.TrimSuffix(f.options.Base, "/") + "/Questionnaire/" + url.PathEscape(id)
	}
	if style := f.settings.values["style"]; style.text != "" {
		f.report.Add(style.place, "style", convert.Changed, "pages are the groups whose appearance is field-list; the style %s says nothing more", style.text)
	}
	if root := f.settings.values["name"]; root.text != "" {
		f.report.Add(root.place, "name", convert.Dropped, "the name of the form's own node has no meaning in FHIR")
	}
	f.ignoredColumns()
	q.Item = f.items(f.root)
	f.fillVariables(q.Item)
	return q
}

// fillVariables puts the variables on their groups, which are all known only when every row was read. Those that only
// expressions without an equivalent asked for are left out.
func (f *form) fillVariables(items []convert.Item) {
	used := map[string]bool{}
	for _, m := range variableUse.FindAllSubmatch(convert.Questionnaire{Item: items}.Marshal(), -1) {
		used[string(m[1])] = true
	}
	var walk func(items []convert.Item)
	walk = func(items []convert.Item) {
		for i := range items {
			if n := f.links[items[i].LinkID]; n != nil && len(f.vars[n]) > 0 {
				items[i].Extension = append(f.variables(n, used), items[i].Extension...)
			}
			walk(items[i].Item)
		}
	}
	walk(items)
}

var variableUse = regexp.MustCompile(`%([A-Za-z][A-Za-z0-9]*)`)

// carried are the columns that a conversion looks at, whatever comes of it.
var carried = map[string]bool{"type": true, "name": true, "label": true, "hint": true, "guidance_hint": true, "constraint": true, "constraint_message": true,
	"required": true, "required_message": true, "relevant": true, "calculation": true, "trigger": true, "default": true, "readonly": true, "appearance": true,
	"parameters": true, "choice_filter": true, "repeat_count": true, "image": true, "big-image": true, "audio": true, "video": true, "disabled": true}

// ignoredColumns reports, once a column, what stands in columns that mean nothing here.
func (f *form) ignoredColumns() {
	seen := map[string]bool{}
	f.root.each(func(n *node) {
		var names []string
		for name := range n.row.values {
			if !carried[name] && !seen[name] {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			seen[name] = true
			f.report.Add(n.row.place(name), name, convert.Dropped, "this column has no counterpart")
		}
	})
}

// items converts the children of a node.
func (f *form) items(in *node) []convert.Item {
	var items []convert.Item
	for _, n := range in.children {
		if it, ok := f.item(n); ok {
			items = append(items, it)
		}
	}
	return items
}

func (f *form) item(n *node) (convert.Item, bool) {
	it := convert.Item{LinkID: n.link}
	it.Text, it.TextMore = f.speak(n.row, "label", n)
	f.media(n.row, n.name)
	if n.section() {
		return f.group(n, it)
	}
	if n.gone() {
		f.report.Add(n.row.first, n.kind, convert.Dropped, "%s", goneBecause[n.kind])
		return it, false
	}
	f.typed(n, &it)
	f.relevant(n, &it)
	if it.Type == "display" {
		f.unusable(n, "required", "constraint", "calculation", "default", "readonly")
		f.help(n, &it)
		return it, true
	}
	f.constraint(n, &it)
	f.required(n, &it)
	f.readOnly(n, &it)
	if n.kind == "start" || n.kind == "today" {
		f.unusable(n, "calculation", "default")
		f.initially(&it, map[string]string{"start": "now()", "today": "today()"}[n.kind])
	} else {
		f.calculation(n, &it)
		f.defaults(n, &it)
	}
	f.help(n, &it)
	return it, true
}

const (
	device = "FHIR says who answered and when in the response itself; what a device knows of its owner has no place"
	file   = "the choices lie in a file beside the workbook"
)

var goneBecause = map[string]string{
	"end": "FHIR says when a response was completed in the response itself", "deviceid": device, "phonenumber": device, "username": device, "email": device,
	"simserial": device, "subscriberid": device, "audit": "the audit is kept by the registry itself", "start-geopoint": "a place cannot be recorded without being asked",
	"background-geopoint": "a place cannot be recorded without being asked", "osm": "OpenStreetMap features have no counterpart", "csv-external": file, "xml-external": file,
}

// unusable reports what a row says that its type cannot hold.
func (f *form) unusable(n *node, columns ...string) {
	for _, column := range columns {
		if c := n.row.values[column]; c.text != "" {
			if yes, known := affirmed(c.text); known && !yes {
				continue
			}
			f.report.Add(c.place, column, convert.Dropped, "“%s” has no meaning on a row of type %s", c.text, n.kind)
		}
	}
}

func (f *form) group(n *node, it convert.Item) (convert.Item, bool) {
	it.Type, it.Repeats = "group", n.kind == "repeat"
	f.relevant(n, &it)
	f.groupAppearance(n, &it)
	f.repeatCount(n, &it)
	f.unusable(n, "required", "constraint", "calculation", "default", "readonly", "choice_filter")
	f.help(n, &it)
	it.Item = append(it.Item, f.items(n)...)
	if len(it.Item) == 0 {
		f.report.Add(n.row.first, n.kind, convert.Dropped, "the group %s holds nothing that is carried", n.name)
		return it, false
	}
	return it, true
}

// repeatCount carries a fixed number of repeats.
func (f *form) repeatCount(n *node, it *convert.Item) {
	c := n.row.values["repeat_count"]
	if c.text == "" {
		return
	}
	if n.kind != "repeat" {
		f.unusable(n, "repeat_count")
		return
	}
	t := translator{form: f, at: n}
	if v, err := t.translate(c.text); err == nil && v.known != nil && v.kind == vNumber && v.whole {
		if count, ok := smallWhole(*v.known); ok && count > 0 && count <= 1000 {
			it.Extension = append(it.Extension, convert.Extension{URL: convert.Core + "questionnaire-minOccurs", Value: convert.Value{Integer: &count}},
				convert.Extension{URL: convert.Core + "questionnaire-maxOccurs", Value: convert.Value{Integer: &count}})
			return
		}
	}
	f.report.Add(c.place, "repeat_count", convert.Dropped, "%s: only a fixed number from 1 to 1000 is carried; people add as many as they need", c.text)
}

// help makes the hints children of the item, as SDC renders them.
func (f *form) help(n *node, it *convert.Item) {
	var hints []convert.Item
	for _, h := range []struct{ column, suffix, control string }{{"hint", "/hint", "help"}, {"guidance_hint", "/guidance", "flyover"}} {
		text, more := f.speak(n.row, h.column, n)
		if text == "" {
			continue
		}
		if it.Type == "display" { // a display holds no items
			f.report.Add(n.row.place(h.column), h.column, convert.Changed, "the %s of a note is carried as part of its text", h.column)
			it.Text = strings.TrimSpace(it.Text + "\n" + text)
			if dynamic(it.TextMore) || dynamic(more) {
				f.report.Add(n.row.place(h.column), h.column, convert.Partial, "the answers that the note names are left out of it")
			}
			it.TextMore = f.joinTranslations(it.TextMore, more)
			continue
		}
		hint := convert.Item{LinkID: n.link + h.suffix, Text: text, TextMore: more, Type: "display"}
		hint.Extension = []convert.Extension{itemControl(h.control)}
		hints = append(hints, hint)
	}
	it.Item = append(hints, it.Item...)
}

// dynamic tells whether a text is computed.
func dynamic(p *convert.Primitive) bool {
	return p != nil && slices.ContainsFunc(p.Extension, func(e convert.Extension) bool { return e.URL == convert.Core+"cqf-expression" })
}

// joinTranslations puts the translations of a hint below those of its note.
func (f *form) joinTranslations(a, b *convert.Primitive) *convert.Primitive {
	first, second := translations(a), translations(b)
	joined := map[string]string{}
	for _, code := range f.langs {
		if joined[code] = strings.TrimSpace(first[code] + "\n" + second[code]); joined[code] == "" {
			delete(joined, code)
		}
	}
	return convert.Translations(f.langs, joined)
}

// translations reads the translations beside a text.
func translations(p *convert.Primitive) map[string]string {
	m := map[string]string{}
	if p == nil {
		return m
	}
	for _, e := range p.Extension {
		if e.URL != convert.Core+"translation" {
			continue
		}
		var lang, content string
		for _, part := range e.Extension {
			switch part.URL {
			case "lang":
				lang = part.Code
			case "content":
				content = cmp.Or(part.String, part.Markdown)
			}
		}
		if lang != "" && content != "" {
			m[lang] = content
		}
	}
	return m
}

func itemControl(code string) convert.Extension {
	return convert.Extension{URL: convert.Core + "questionnaire-itemControl", Value: convert.Value{Concept: &convert.Concept{
		Coding: []convert.Coding{{System: "http://hl7.org/fhir/questionnaire-item-control", Code: code}},
	}}}
}
