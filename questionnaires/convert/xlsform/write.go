package xlsform

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// Write converts a Questionnaire into a workbook. What XLSForm cannot hold is in the Report; the place of a note is the
// linkId of its item. The error is that of a Questionnaire without items.
func Write(q convert.Questionnaire) ([]byte, convert.Report, error) {
	w := &writer{q: q, byLink: map[string]*wnode{}, lists: map[string][][]string{}, taken: map[string]bool{}}
	if len(q.Item) == 0 {
		return nil, nil, errEmpty
	}
	w.languages()
	w.root = &wnode{}
	w.plant(q.Item, w.root)
	w.header()
	w.rows(w.root)
	raw, err := w.workbook()
	return raw, w.report, err
}

// wnode is an item on its way to a row.
type wnode struct {
	item     *convert.Item
	name     string // of its row; "" for an item that is part of another's row
	parent   *wnode
	children []*wnode
}

// textItem stands for the text beside an open choice.
var textItem = convert.Item{Type: "string"}

// writer holds a workbook on its way.
type writer struct {
	q      convert.Questionnaire
	report convert.Report
	root   *wnode
	byLink map[string]*wnode
	taken  map[string]bool // names of rows, in lower case

	langs    []string // other languages, in one order
	survey   []map[string]string
	settings map[string]string
	lists    map[string][][]string // names and labels of choices, by list
	choices  []map[string]string
	columns  []string // extra columns of the choices
}

func (n *wnode) section() bool { return n.item.Type == "group" }

// isCoded tells whether answers are codings, which XForms keeps by their code.
func (n *wnode) isCoded() bool { return n.item.Type == "choice" || n.item.Type == "open-choice" }

func (n *wnode) lists() bool { return n.isCoded() && n.item.Repeats }

func (n *wnode) acknowledge() bool { return n.item.Type == "boolean" && n.control() == "check-box" }

func (n *wnode) control() string { return controlOf(n.item.Extension) }

func controlOf(list []convert.Extension) string {
	for _, e := range list {
		if e.URL == convert.Core+"questionnaire-itemControl" && e.Concept != nil && len(e.Concept.Coding) > 0 {
			return e.Concept.Coding[0].Code
		}
	}
	return ""
}

// answer is the type of the answers.
func (n *wnode) answer() vkind {
	switch n.item.Type {
	case "integer", "decimal", "quantity":
		return vNumber
	case "boolean":
		return vBool
	case "date":
		return vDate
	case "dateTime":
		return vDateTime
	case "time":
		return vTime
	case "attachment":
		return vFile
	case "group":
		return vGroup
	}
	return vText
}

// plant makes nodes of items and gives them names.
func (w *writer) plant(items []convert.Item, parent *wnode) {
	for i := range items {
		n := &wnode{item: &items[i], parent: parent}
		if !w.partOf(n, parent) {
			n.name = w.name(n.item.LinkID)
			parent.children = append(parent.children, n)
		}
		if w.byLink[n.item.LinkID] == nil || w.byLink[n.item.LinkID].item.Type == "display" {
			w.byLink[n.item.LinkID] = n
		}
		w.plant(n.item.Item, n)
	}
}

// partOf tells whether an item is the hint of its parent.
func (w *writer) partOf(n, parent *wnode) bool {
	if n.item.Type != "display" || parent.item == nil || len(n.item.Item) > 0 {
		return false
	}
	control := n.control()
	for _, sister := range parent.item.Item {
		if sister.LinkID != n.item.LinkID && controlOf(sister.Extension) == control {
			return false // only one hint has a place
		}
	}
	return control == "help" || control == "flyover"
}

// name makes a name that XLSForm takes of a linkId.
func (w *writer) name(link string) string {
	name := link
	if !wellNamed.MatchString(name) || len(name) > 200 {
		name = strings.Map(func(r rune) rune {
			if wellNamed.MatchString("_" + string(r)) {
				return r
			}
			return '_'
		}, link)
		if !wellNamed.MatchString(name) {
			name = "q_" + name
		}
		name = name[:min(len(name), 100)]
	}
	plain := name
	for i := 2; w.taken[strings.ToLower(name)] || name == ""; i++ {
		name = plain + "_" + itoa(i)
	}
	w.taken[strings.ToLower(name)] = true
	if name != link {
		w.report.Add(link, "linkId", convert.Changed, "the row is named %s", name)
	}
	return name
}

// note reports what an item loses.
func (w *writer) note(n *wnode, feature string, loss convert.Loss, format string, args ...any) {
	place := "Questionnaire"
	if n != nil && n.item != nil {
		place = n.item.LinkID
	}
	w.report.Add(place, feature, loss, format, args...)
}

// id is the form_id: the end of the url, else the name.
func (w *writer) id() string {
	if w.q.URL != "" {
		end := w.q.URL[strings.LastIndexByte(w.q.URL, '/')+1:]
		if id, err := url.PathUnescape(end); err == nil && id != "" {
			return id
		}
	}
	return cmp.Or(w.q.Name, w.q.ID, "form")
}

// header fills the settings, and reports what stands at the top and has no place there.
func (w *writer) header() {
	q := w.q
	id := w.id()
	w.settings = map[string]string{"form_title": cmp.Or(q.Title, id), "form_id": id, "version": q.Version}
	if q.Language != "" {
		w.settings["default_language"] = languageHeader(q.Language)
	}
	for _, lost := range []struct{ name, value string }{
		{"publisher", q.Publisher}, {"date", q.Date}, {"description", q.Description}, {"copyright", q.Copyright}, {"subjectType", strings.Join(q.SubjectType, ", ")},
	} {
		if lost.value != "" {
			w.note(nil, lost.name, convert.Dropped, "XLSForm has no place for it")
		}
	}
	if q.Status != "" && q.Status != "draft" {
		w.note(nil, "status", convert.Dropped, "XLSForm does not know whether a form is %s", q.Status)
	}
	if q.TitleMore != nil {
		w.note(nil, "_title", convert.Dropped, "the title of a form is in one language")
	}
	for _, e := range q.Extension {
		if e.URL != convert.Core+"variable" {
			w.note(nil, tail(e.URL), convert.Dropped, "XLSForm has no place for it")
		}
	}
	for _, set := range q.Contained {
		if !w.uses(w.root, "#"+set.ID) {
			w.note(nil, "contained", convert.Dropped, "no question uses the value set %s", set.ID)
		}
	}
}

func (w *writer) uses(n *wnode, set string) bool {
	return n.item != nil && n.item.AnswerValueSet == set || slices.ContainsFunc(n.children, func(c *wnode) bool { return w.uses(c, set) })
}

// tail is the last part of a url.
func tail(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// languages finds those of the translations, and puts them in one order that each list of translations agrees with.
func (w *writer) languages() {
	after := map[string]map[string]bool{}
	var found []string
	see := func(p *convert.Primitive) {
		if p == nil {
			return
		}
		before := ""
		for _, e := range p.Extension {
			lang := ""
			for _, part := range e.Extension {
				if e.URL == convert.Core+"translation" && part.URL == "lang" {
					lang = part.Code
				}
			}
			if lang == "" {
				continue
			}
			if after[lang] == nil {
				after[lang] = map[string]bool{}
				found = append(found, lang)
			}
			if before != "" && before != lang {
				after[lang][before] = true
			}
			before = lang
		}
	}
	w.primitives(w.q.Item, see)
	for _, set := range w.q.Contained {
		for _, o := range composed(set) {
			see(o.Coding.DisplayMore)
		}
	}
	for len(found) > 0 {
		next := 0 // where the translations disagree, the first one seen goes first
		for i, lang := range found {
			if !slices.ContainsFunc(found, func(other string) bool { return other != lang && after[lang][other] }) {
				next = i
				break
			}
		}
		if found[next] != w.q.Language {
			w.langs = append(w.langs, found[next])
		}
		found = slices.Delete(found, next, next+1)
	}
}

// primitives visits every text that may be translated.
func (w *writer) primitives(items []convert.Item, see func(*convert.Primitive)) {
	for _, it := range items {
		see(it.TextMore)
		for _, o := range it.AnswerOption {
			if o.Coding != nil {
				see(o.Coding.DisplayMore)
			}
		}
		for _, e := range it.Extension {
			for _, part := range e.Extension {
				see(part.ValueMore)
			}
		}
		w.primitives(it.Item, see)
	}
}

// header of a spoken column in a language; "" and the form's own language are the column's own.
func (w *writer) column(name, lang string) string {
	if lang == "" {
		lang = w.q.Language
	}
	if lang == "" {
		return name
	}
	return name + "::" + languageHeader(lang)
}

// speak puts a text and its translations in a row.
func (w *writer) speak(row map[string]string, name, text string, more *convert.Primitive) {
	if text != "" {
		row[w.column(name, "")] = text
	}
	for lang, said := range translations(more) {
		if lang != w.q.Language || text == "" {
			row[w.column(name, lang)] = said
		}
	}
}

// spokenText is a text with the answers that it names.
func (w *writer) spokenText(n *wnode, row map[string]string, name, text string, more *convert.Primitive) {
	if more != nil {
		for _, e := range more.Extension {
			switch {
			case e.URL == convert.Core+"translation":
			case e.URL == convert.Core+"cqf-expression" && e.Expr != nil:
				if t, err := w.template(n, e.Expr.Expression); err == nil {
					text = t
				} else {
					w.note(n, "cqf-expression", convert.Dropped, "%s — %s: the text is fixed", e.Expr.Expression, err.Error())
				}
			default:
				w.note(n, tail(e.URL), convert.Dropped, "XLSForm has no place for it")
			}
		}
	}
	w.speak(row, name, text, more)
}

// template makes of "'Hello ' & %name" the text "Hello ${name}".
func (w *writer) template(n *wnode, src string) (string, error) {
	tree, err := parsePath(src)
	if err != nil {
		return "", err
	}
	b := backward{w: w, at: n.scope()}
	var sb strings.Builder
	var put func(f *fnode) error
	put = func(f *fnode) error {
		if f.kind == fBinary && f.text == "&" {
			if err := put(f.args[0]); err != nil {
				return err
			}
			return put(f.args[1])
		}
		if f.kind == fString {
			sb.WriteString(f.text)
			return nil
		}
		x, err := b.value(f)
		if err != nil {
			return err
		}
		x.src = x.text(xbindOr)
		if !references.MatchString(x.src) || references.ReplaceAllString(x.src, "") != "" {
			return unfit("a text can name answers, not compute")
		}
		sb.WriteString(x.src)
		return nil
	}
	err = put(tree)
	return sb.String(), err
}

// scope is the item whose variables an item sees: for a hint, the item it belongs to.
func (n *wnode) scope() *wnode {
	if n.name == "" && n.parent != nil {
		return n.parent
	}
	return n
}
