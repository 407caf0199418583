package redcap

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"unicode/utf8"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

var (
	errNothing = fault.New(fault.Invalid, "redcap.write.nothing")
	errWide    = fault.New(fault.TooLarge, "redcap.write.large")
)

// Write converts a questionnaire to a data dictionary. linkIds that are no variable names are renamed, groups become
// forms, section headers and matrices, and conditions become branching logic; the Report says what a dictionary cannot
// hold, by linkId. The same Questionnaire gives the same bytes.
func Write(q convert.Questionnaire, o Options) ([]byte, convert.Report, error) {
	w := writer{q: &q, opts: o, formNames: map[string]bool{}, fieldNames: map[string]string{}, taken: map[string]bool{}, matrixNames: map[string]bool{}, written: map[string]bool{},
		codes: map[string]map[string]string{}, vars: map[string]string{}, sets: map[string]convert.ValueSet{}}
	w.header()
	if count(q.Item) > maxRows {
		return nil, nil, fault.List{errWide.With("Limit", maxRows)}
	}
	w.name(q.Item)
	w.top(q.Item)
	if len(w.forms) == 0 {
		return nil, nil, fault.List{errNothing}
	}
	w.recordID()
	if faults := w.settle(); len(faults) > 0 {
		return nil, nil, faults
	}
	raw, err := w.csv()
	if err != nil {
		return nil, nil, err
	}
	if len(raw) > maxBytes {
		return nil, nil, fault.List{errTooLarge.With("Limit", maxBytes>>20)}
	}
	places := []string{"Questionnaire"}
	var walk func(items []convert.Item)
	walk = func(items []convert.Item) {
		for i := range items {
			places = append(places, items[i].LinkID)
			walk(items[i].Item)
		}
	}
	walk(q.Item)
	inOrder(w.report, places)
	return raw, w.report, nil
}

func count(items []convert.Item) int {
	n := len(items)
	for i := range items {
		n += count(items[i].Item)
	}
	return n
}

// writer turns items into rows first, and fills in logic when all names and types are known.
type writer struct {
	q           *convert.Questionnaire
	opts        Options
	report      convert.Report
	forms       []*outForm
	later       []*outForm // forms of groups that repeat within others: they follow the form they stood in
	formNames   map[string]bool
	matrixNames map[string]bool
	fieldNames  map[string]string            // by linkId
	taken       map[string]bool              // names of fields
	codes       map[string]map[string]string // by variable: system|code to REDCap's code
	vars        map[string]string            // variables of the questionnaire and its groups
	sets        map[string]convert.ValueSet
	written     map[string]bool // names of fields that have their row
	dict        *dictionary
}

type outForm struct {
	name    string
	repeats bool
	rows    []*outRow
}

// outRow is a row in the making.
type outRow struct {
	cell  [columns]string
	item  *convert.Item
	under []enabling // what has to hold for the groups and questions around it
	form  *outForm
	tags  []string
	more  *outRow // the field for an answer that is not among the choices
}

// enabling is what enables an item around a field: its conditions, or that it has been answered.
type enabling struct {
	item     *convert.Item
	answered string // the variable of the question it stands under
}

func (w *writer) add(link, feature string, loss convert.Loss, format string, args ...any) {
	if link == "" {
		link = "Questionnaire"
	}
	w.report.Add(link, feature, loss, format, args...)
}

// header reports what of the questionnaire itself a dictionary has no place for.
func (w *writer) header() {
	q := w.q
	for _, s := range q.Contained {
		w.sets["#"+s.ID] = s
		if s.URL != "" {
			w.sets[s.URL] = s
		}
	}
	w.add("", "url, version, title", convert.Dropped, "A dictionary does not name itself; give them again when it is read.")
	for _, m := range [][2]string{{"language", q.Language}, {"date", q.Date}, {"publisher", q.Publisher}, {"description", q.Description}, {"copyright", q.Copyright}} {
		if m[1] != "" {
			w.add("", m[0], convert.Dropped, "%s", clip(m[1]))
		}
	}
	if q.TitleMore != nil {
		w.add("", "translations", convert.Dropped, "REDCap keeps translations outside the dictionary.")
	}
	for _, e := range q.Extension {
		if e.URL == convert.Core+"variable" && e.Expr != nil {
			w.vars[e.Expr.Name] = e.Expr.Expression
			continue
		}
		w.add("", shortURL(e.URL), convert.Dropped, "A dictionary has no place for this extension.")
	}
}

func shortURL(url string) string {
	for _, base := range []string{convert.Core, convert.SDC} {
		if rest, ok := strings.CutPrefix(url, base); ok {
			return rest
		}
	}
	return clip(url)
}

// top makes forms of the top-level groups; questions beside them stand on forms of their own.
func (w *writer) top(items []convert.Item) {
	var loose *outForm
	for i := range items {
		it := &items[i]
		if it.Type == "group" {
			loose = nil
			w.page(it, nil)
			continue
		}
		if loose == nil {
			loose = w.newForm(w.looseName(), false)
		}
		w.question(loose, it, nil, &section{})
	}
	kept := w.forms[:0]
	for _, f := range w.forms {
		if len(f.rows) > 0 {
			kept = append(kept, f)
		}
	}
	w.forms = kept
}

func (w *writer) looseName() string {
	if s := slugOf(w.q.Title, '_'); s != "" {
		return s
	}
	if s := slugOf(w.q.Name, '_'); s != "" {
		return s
	}
	return "questions"
}

// newForm begins a form under a name that no other has.
func (w *writer) newForm(name string, repeats bool) *outForm {
	for name = unique(name, w.formNames); w.taken[name+"_complete"]; { // a column that REDCap makes
		name = unique(name, w.formNames)
	}
	w.taken[name+"_complete"] = true
	f := &outForm{name: name, repeats: repeats}
	w.forms = append(w.forms, f)
	return f
}

// unique is a name that was not taken, with a number behind it if need be; it is taken from now on.
func unique(name string, taken map[string]bool) string {
	out := name
	for n := 2; taken[out] || len(out) > maxName; n++ {
		short := name
		for len(short) > maxName-6 { // by whole characters
			_, size := utf8.DecodeLastRuneInString(short)
			short = short[:len(short)-size]
		}
		out = fmt.Sprintf("%s_%d", short, n)
	}
	taken[out] = true
	return out
}

// page makes a form of a group, and then those of the groups within that repeat.
func (w *writer) page(it *convert.Item, under []enabling) {
	name, own := strings.CutPrefix(it.LinkID, "form-")
	if !own || !formName.MatchString(name) || w.formNames[name] {
		if name = slugOf(it.Text, '_'); name == "" {
			name = slugOf(it.LinkID, '_')
		}
		if name == "" {
			name = "form"
		}
		w.add(it.LinkID, "group", convert.Changed, "The group becomes a form.")
	}
	f := w.newForm(name, it.Repeats)
	if it.Text != "" && it.Text != sentence(f.name) {
		w.add(it.LinkID, "form name", convert.Changed, "REDCap will call the form “%s”: %s", sentence(f.name), clip(it.Text))
	}
	if it.Repeats && !w.opts.repeats(f.name) {
		w.add(it.LinkID, "repeats", convert.Partial, "Make “%s” a repeating instrument in the project's settings; the dictionary cannot say it.", f.name)
	}
	w.group(it, "page")
	if conditional(it) {
		under = append(under[:len(under):len(under)], enabling{item: it})
	}
	before := w.later
	w.later = nil
	w.inside(f, it, under, &section{page: true})
	mine := w.later
	w.later = before
	for _, g := range mine {
		w.page(g.rows[0].item, g.rows[0].under)
	}
}

func conditional(it *convert.Item) bool {
	return len(it.EnableWhen) > 0 || find(it.Extension, enableExpression) != nil
}

const enableExpression = convert.SDC + "sdc-questionnaire-enableWhenExpression"

// section is the header that the next row is to carry.
type section struct {
	page    bool
	path    []string // the headers of the groups around
	pending string
	last    string
}

// inside writes what a group holds.
func (w *writer) inside(f *outForm, g *convert.Item, under []enabling, s *section) {
	for i := range g.Item {
		it := &g.Item[i]
		if it.Type != "group" {
			w.question(f, it, under, s)
			continue
		}
		if it.Repeats {
			w.add(it.LinkID, "group", convert.Changed, "A group that repeats becomes a form of its own, after the form it stands in.")
			w.later = append(w.later, &outForm{rows: []*outRow{{item: it, under: under}}})
			continue
		}
		deeper := under
		if conditional(it) {
			deeper = append(under[:len(under):len(under)], enabling{item: it})
		}
		inner := &section{path: s.path, pending: s.pending}
		if it.Text != "" {
			inner.path = append(s.path[:len(s.path):len(s.path)], it.Text)
			inner.pending = strings.Join(inner.path, " – ")
		}
		w.subgroup(f, it, deeper, inner, s)
		s.pending = inner.pending
	}
}

// subgroup writes a group that is a section or a matrix.
func (w *writer) subgroup(f *outForm, it *convert.Item, under []enabling, inner, outer *section) {
	if len(inner.path) > 1 && it.Text != "" {
		w.add(it.LinkID, "group", convert.Changed, "Sections do not nest; the header is “%s”.", clip(inner.pending))
	}
	if name, ok := w.matrix(it); ok {
		w.group(it, "table")
		from := len(f.rows)
		w.inside(f, it, under, inner)
		for _, r := range f.rows[from:] {
			r.cell[colMatrix] = name
			if ranked(it) {
				r.cell[colRanking] = "y"
			}
		}
		return
	}
	w.group(it, "")
	from := len(f.rows)
	w.inside(f, it, under, inner)
	if it.Text == "" {
		w.add(it.LinkID, "group", convert.Changed, "A group without a text leaves no trace; its fields stand one by one.")
	} else if len(f.rows) > from && !outer.page && len(outer.path) == 0 {
		w.add(it.LinkID, "group", convert.Changed, "What follows the group stands under its header too.")
	}
}

// matrix tells whether a group can be a matrix: single or multiple choices all the way, with the same choices.
func (w *writer) matrix(it *convert.Item) (string, bool) {
	how := controlOf(it.Extension)
	if how != "table" && how != "htable" || len(it.Item) == 0 {
		return "", false
	}
	first, _ := w.choicesOf(&it.Item[0], false)
	for i := range it.Item {
		one := &it.Item[i]
		list, ok := w.choicesOf(one, false)
		if one.Type != "choice" || !ok || one.Repeats != it.Item[0].Repeats || !sameChoices(list, first) || len(list) == 0 {
			w.add(it.LinkID, "table", convert.Changed, "Only questions with the same choices make a matrix; these stand one by one.")
			return "", false
		}
	}
	name, own := strings.CutPrefix(it.LinkID, "matrix-")
	if !own || !variableName.MatchString(name) {
		name = "m_" + slugOf(it.LinkID, '_')
	}
	return unique(name, w.matrixNames), true
}

func ranked(it *convert.Item) bool {
	for _, e := range it.Extension {
		if key, expr := constraintOf(e); key == "ranking" && strings.HasSuffix(expr.Expression, ".isDistinct()") {
			return true
		}
	}
	return false
}

// recordID puts a field for the record's name first, unless the questionnaire came from a dictionary that had one.
func (w *writer) recordID() {
	first := w.forms[0].rows[0]
	if keptOf(first.item, "recordId") == "y" {
		return
	}
	r := &outRow{form: w.forms[0]}
	r.cell[colName], r.cell[colType], r.cell[colLabel] = unique("record_id", w.taken), "text", "Record ID"
	w.forms[0].rows = append([]*outRow{r}, w.forms[0].rows...)
	w.add("", "record id", convert.Changed, "The first field of a dictionary names the record: [%s] was added.", r.cell[colName])
}

func (w *writer) csv() ([]byte, error) {
	var out bytes.Buffer
	c := csv.NewWriter(&out)
	names := headers[:]
	if w.opts.API {
		names = apiNames[:]
	}
	if err := c.Write(names); err != nil {
		return nil, err
	}
	for _, f := range w.forms {
		for _, r := range f.rows {
			r.cell[colForm] = f.name
			for i := range r.cell {
				r.cell[i] = w.clean(r, r.cell[i])
			}
			if err := c.Write(r.cell[:]); err != nil {
				return nil, err
			}
		}
	}
	c.Flush()
	return out.Bytes(), c.Error()
}

// clean takes out what a dictionary's cell cannot hold.
func (w *writer) clean(r *outRow, s string) string {
	link := ""
	if r.item != nil {
		link = r.item.LinkID
	}
	control := func(c rune) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f }
	if strings.ContainsFunc(s, control) {
		w.add(link, "control characters", convert.Dropped, "A dictionary cannot hold them.")
		s = strings.Map(func(c rune) rune {
			if control(c) {
				return -1
			}
			return c
		}, s)
	}
	if len(s) > maxCell {
		w.add(link, "long text", convert.Dropped, "A cell holds at most %d bytes; a text of %d was left out.", maxCell, len(s))
		return ""
	}
	return s
}
