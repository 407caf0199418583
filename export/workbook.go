package export

import (
	"cmp"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"kindred/export/sheet"
)

// workbook writes a release as one Excel file.
type workbook struct {
	plan      *Plan
	cover     *Manifest
	book      *sheet.Book
	out       *file
	readme    *sheet.Table
	people    *sheet.Table
	diagnoses *sheet.Table
	symptoms  *sheet.Table
	elements  *sheet.Table
	layouts   []*layout
	byURL     map[string]*layout
	tables    map[*grid]*sheet.Table
	codebook  *sheet.Table
	values    *sheet.Table
	missing   *sheet.Table
}

const workbookName = "workbook.xlsx"

func newWorkbook(plan *Plan, cover *Manifest, out Folder, spool sheet.Store) (*workbook, error) {
	f, err := create(out, workbookName)
	if err != nil {
		return nil, err
	}
	f.info.Format = "xlsx"
	w := &workbook{plan: plan, cover: cover, out: f, tables: map[*grid]*sheet.Table{}, byURL: map[string]*layout{}}
	w.book = sheet.New(spool, sheet.Properties{
		Title: cover.Study.Title, Subject: "Pseudonymised research data", Creator: "Kindred", Identifier: cover.Copy,
		Language: "en", Time: plan.Cut,
	})
	w.layouts = layouts(plan.Forms)
	if err := w.baseline(); err != nil {
		return nil, err
	}
	for _, l := range w.layouts {
		w.byURL[l.url] = l
		for _, g := range l.grids {
			if w.tables[g], err = w.book.Table(g.name, g.header()); err != nil {
				return nil, err
			}
		}
	}
	return w, w.describe()
}

func columns(names ...string) []sheet.Column {
	cs := make([]sheet.Column, len(names))
	for i, n := range names {
		cs[i] = sheet.Column{Name: n, Width: min(max(len(n)+2, 14), 40)}
	}
	return cs
}

func (g *grid) header() []sheet.Column {
	fixed := rootColumns
	if g.parent != nil {
		fixed = childColumns
	}
	names := append([]string(nil), fixed...)
	for _, c := range g.columns {
		names = append(names, c.header)
	}
	cs := columns(names...)
	cs[0].Width = 36
	return cs
}

// baseline makes the sheets that do not depend on a questionnaire. A sheet is there when its field is wanted.
func (w *workbook) baseline() (err error) {
	add := func(to **sheet.Table, name string, cs []sheet.Column) {
		if err == nil {
			*to, err = w.book.Table(name, cs)
		}
	}
	add(&w.readme, "README", []sheet.Column{{Name: "what", Width: 26}, {Name: "explanation", Width: 110}})
	add(&w.codebook, "Codebook", columns("sheet", "column", "link_id", "question", "type", "versions", "required", "conditional", "many_answers", "how_to_read", "earlier_wording", "between_versions"))
	add(&w.values, "Values", columns("sheet", "column", "value", "code_system", "meaning", "versions"))
	add(&w.missing, "Missing", []sheet.Column{{Name: "where", Width: 30}, {Name: "mark", Width: 24}, {Name: "asked", Width: 8}, {Name: "meaning", Width: 80}, {Name: "in_fhir", Width: 80}})
	add(&w.people, "Participants", columns(w.peopleColumns()...))
	if w.plan.Wants(FieldDiagnoses) {
		add(&w.diagnoses, "Diagnoses", columns("row_id", "pseudonym", "orpha_code", "diagnosis", "status", "proof_accepted", "onset_kind", "onset", "diagnosed_kind", "diagnosed"))
	}
	if w.plan.Wants(FieldSymptoms) {
		add(&w.symptoms, "Symptoms", columns("row_id", "pseudonym", "hpo_code", "symptom", "presence", "onset_code", "onset_term", "onset_date", "severity_code", "severity_term", "course_code", "course_term"))
	}
	if w.plan.Wants(FieldElements) {
		add(&w.elements, "Elements", columns("pseudonym", "element", "number", "name", "value", "meaning", "code_system", "missing"))
	}
	return err
}

func (w *workbook) peopleColumns() []string {
	names := []string{"pseudonym"}
	if w.plan.Wants(FieldBirthYear) {
		names = append(names, "birth_year", "birth_year_or_earlier")
		if w.plan.MinimumClass > 0 {
			names = append(names, "birth_year_from", "birth_year_to")
		}
	} else if w.plan.Wants(FieldAge) {
		names = append(names, "age", "age_or_older")
		if w.plan.MinimumClass > 0 {
			names = append(names, "age_from", "age_to")
		}
	}
	for _, f := range []Field{FieldSex, FieldCountry, FieldRelation} {
		if w.plan.Wants(f) {
			names = append(names, string(f))
		}
	}
	return names
}

func (w *workbook) add(r *Record) error {
	if err := w.person(r); err != nil {
		return err
	}
	who := sheet.Text(r.Pseudonym.text)
	for i := range r.Diagnoses {
		d := &r.Diagnoses[i]
		label := d.Label
		if d.Code == "" {
			label = "Not diagnosed yet"
		}
		if err := w.diagnoses.Row(sheet.Text(d.Key.text), who, textOr(d.Code), textOr(label), textOr(d.Status), sheet.Bool(d.Verified),
			textOr(d.Onset.Kind), textOr(d.Onset.Date), textOr(d.Diagnosed.Kind), textOr(d.Diagnosed.Date)); err != nil {
			return err
		}
	}
	for i := range r.Symptoms {
		y := &r.Symptoms[i]
		if err := w.symptoms.Row(sheet.Text(y.Key.text), who, textOr(y.Code), textOr(y.Label), sheet.Text(string(y.Presence)),
			textOr(y.Onset.Code), textOr(y.Onset.Display), textOr(y.OnsetDate),
			textOr(y.Severity.Code), textOr(y.Severity.Display), textOr(y.Course.Code), textOr(y.Course.Display)); err != nil {
			return err
		}
	}
	for i := range r.Elements {
		e := &r.Elements[i]
		missing := ""
		if e.Value.Kind == NoValue {
			missing = e.Value.Text
		}
		if err := w.elements.Row(who, sheet.Text(e.Code), textOr(e.Number), textOr(e.Name), cell(e.Value, nil), textOr(e.Value.Code.Display), textOr(e.Value.Code.System), textOr(missing)); err != nil {
			return err
		}
	}
	for i := range r.Responses {
		if err := w.response(&r.Responses[i], r.Pseudonym.text); err != nil {
			return err
		}
	}
	return nil
}

func textOr(s string) sheet.Cell {
	if s == "" {
		return sheet.Cell{}
	}
	return sheet.Text(s)
}

func (w *workbook) person(r *Record) error {
	row := append([]sheet.Cell{sheet.Text(r.Pseudonym.text)}, w.birth(r)...)
	for _, f := range []struct {
		field Field
		value string
		told  bool
	}{{FieldSex, string(r.Sex), tells[r.Detail].sex}, {FieldCountry, r.Country, tells[r.Detail].country}, {FieldRelation, r.Relation, true}} {
		switch {
		case !w.plan.Wants(f.field):
		case !f.told:
			row = append(row, sheet.Text(MarkWithheld))
		default:
			row = append(row, textOr(f.value))
		}
	}
	return w.people.Row(row...)
}

// birth gives the cells of a year of birth or an age: the number and whether it is capped; with a minimum class also
// the first and the last number that it may be.
func (w *workbook) birth(r *Record) []sheet.Cell {
	b := r.Birth
	n := b.Year
	switch {
	case w.plan.Wants(FieldAge) && !w.plan.Wants(FieldBirthYear):
		n = b.Age
	case !w.plan.Wants(FieldBirthYear):
		return nil
	}
	cells := []sheet.Cell{sheet.Int(n), sheet.Bool(b.Capped), sheet.Int(n), sheet.Int(n)}
	withheld := sheet.Text(MarkWithheld)
	switch {
	case tells[r.Detail].years == 0:
		cells = []sheet.Cell{withheld, withheld, withheld, withheld}
	case !b.Known:
		cells = make([]sheet.Cell, 4)
	case b.Years > 0:
		cells[0], cells[3] = withheld, sheet.Int(n+b.Years-1)
	case b.Capped && w.plan.Wants(FieldBirthYear):
		cells[2] = sheet.Cell{} // this year or earlier
	case b.Capped:
		cells[3] = sheet.Cell{} // this old or older
	}
	if w.plan.MinimumClass == 0 {
		return cells[:2]
	}
	return cells
}

// response writes the row of a response and the rows of its repeats.
func (w *workbook) response(r *Response, who string) error {
	l := w.byURL[r.Questionnaire]
	form := w.plan.forms[r.Questionnaire+"|"+r.Version]
	p := &pour{book: w, layout: l, form: form, response: r, who: who, counts: map[*grid]int{}}
	fixed := []sheet.Cell{sheet.Text(r.Key.text), sheet.Text(who), sheet.Text(r.Version), sheet.Text(r.Status), textOr(r.Authored), textOr(r.Language)}
	line := p.line(l.root, r.Key.text, fixed)
	line.hide(r.Hidden)
	p.fill(line, r.Items)
	if p.err == nil {
		p.put(line)
	}
	return p.err
}

// pour carries one response into the grids.
type pour struct {
	book     *workbook
	layout   *layout
	form     *Form
	response *Response
	who      string
	counts   map[*grid]int // rows of a grid under this response
	err      error
}

// line is a row that is being filled.
type line struct {
	grid   *grid
	id     string
	cells  []sheet.Cell
	fixed  int
	set    []bool
	rows   []int // of the sheets of repeats, by the column that counts them
	hidden map[string]bool
	pour   *pour
}

func (p *pour) line(g *grid, id string, fixed []sheet.Cell) *line {
	n := len(fixed)
	return &line{grid: g, id: id, cells: append(fixed, make([]sheet.Cell, len(g.columns))...), fixed: n, set: make([]bool, len(g.columns)), rows: make([]int, len(g.columns)), pour: p}
}

// hide notes the items that were closed, with everything in them.
func (l *line) hide(links []string) {
	if l.hidden == nil {
		l.hidden = map[string]bool{}
	}
	for _, link := range links {
		l.hidden[link] = true
		if q := l.pour.form.byLink[link]; q != nil {
			l.hideUnder(q)
		}
	}
}

func (l *line) hideUnder(q *Question) {
	for _, c := range q.Items {
		l.hidden[c.LinkID] = true
		l.hideUnder(c)
	}
}

func (p *pour) fill(l *line, items []Item) {
	for i := range items {
		item := &items[i]
		q := p.form.byLink[item.LinkID]
		at, known := p.layout.at[q]
		if !known || p.err != nil {
			continue // a display item
		}
		switch {
		case at.child != nil && q.Type == "group":
			p.child(l, at.child, func(c *line) {
				c.hide(item.Hidden)
				p.fill(c, item.Items)
			})
		case at.child != nil:
			for k := range item.Answers {
				a := &item.Answers[k]
				p.child(l, at.child, func(c *line) {
					c.hide(a.Hidden)
					c.answer(at.column, q, item.Answers[k:k+1])
					p.fill(c, a.Items)
				})
			}
		case q.Type == "group":
			l.hide(item.Hidden)
			p.fill(l, item.Items)
		default:
			if len(item.Answers) > 0 {
				l.answer(at.column, q, item.Answers)
			}
			for k := range item.Answers {
				l.hide(item.Answers[k].Hidden)
				p.fill(l, item.Answers[k].Items)
			}
		}
	}
}

// child makes a row in the sheet of a repeat, fills and writes it. Its id is that of the response and a number, so it
// is the same in every release as long as the answers are.
func (p *pour) child(parent *line, g *grid, fill func(*line)) {
	p.counts[g]++
	parent.rows[g.count]++
	id := p.response.Key.text + "-" + strconv.Itoa(p.counts[g])
	fixed := []sheet.Cell{sheet.Text(id), sheet.Text(parent.id), sheet.Text(p.response.Key.text), sheet.Text(p.who), sheet.Text(p.response.Version), sheet.Int(p.counts[g])}
	l := p.line(g, id, fixed)
	fill(l)
	p.put(l)
}

// answer fills the cell of a question.
func (l *line) answer(at int, q *Question, answers []Answer) {
	if l.set[at] {
		l.pour.err = fmt.Errorf("export: %q is answered twice in one row", q.LinkID)
		return
	}
	l.set[at] = true
	if len(answers) > 1 {
		codes := make([]string, len(answers))
		for i := range answers {
			codes[i] = plainText(answers[i].Value, q)
		}
		l.cells[l.fixed+at] = sheet.Text(joinCodes(codes))
		return
	}
	v := answers[0].Value
	if v.Kind == Coded && q.Repeats {
		l.cells[l.fixed+at] = sheet.Text(joinCodes([]string{plainText(v, q)}))
		return
	}
	l.cells[l.fixed+at] = cell(v, q)
	if at+1 < len(l.grid.columns) && l.grid.columns[at+1].unit {
		unit := cmp.Or(v.Code.Code, v.Code.Display)
		if v.Kind != Quantity {
			unit = plainText(v, q) // declined or withheld: so is the unit
		}
		if unit != "" {
			l.cells[l.fixed+at+1], l.set[at+1] = sheet.Text(unit), true
		}
	}
}

// put writes a row; every cell without an answer says why.
func (p *pour) put(l *line) {
	if p.err != nil {
		return
	}
	for i, c := range l.grid.columns { // what stands under a question is asked once that is answered
		if q := c.asked[p.response.Version]; q != nil && !l.set[i] && !c.rows && !c.unit {
			l.hide(nil)
			l.hideUnder(q)
		}
	}
	for i, c := range l.grid.columns {
		q := c.asked[p.response.Version]
		mark := MarkSkipped
		switch {
		case l.set[i]:
			continue
		case q == nil:
			mark = MarkNotAsked
		case l.rows[i] > 0:
			l.cells[l.fixed+i] = sheet.Int(l.rows[i])
			continue
		case l.hidden[q.LinkID] || q.Hidden:
			mark = MarkHidden
		}
		l.cells[l.fixed+i] = sheet.Text(mark)
	}
	p.err = p.book.tables[l.grid].Row(l.cells...)
}

// cell is an answer in its cell.
func cell(v Value, q *Question) sheet.Cell {
	switch v.Kind {
	case NoValue:
		return sheet.Cell{}
	case Boolean:
		return sheet.Bool(v.Text == "true")
	case Integer, Decimal:
		return sheet.Number(v.Text)
	case Quantity:
		if v.Comparator == "" {
			return sheet.Number(v.Text)
		}
	}
	return sheet.Text(plainText(v, q))
}

// plainText is an answer in words. A code stands alone, unless the options of the question use it twice.
func plainText(v Value, q *Question) string {
	switch v.Kind {
	case Withheld, Attached:
		return MarkWithheld
	case Declined:
		return MarkDeclined
	case Unsaid:
		return MarkUnsaid
	case Coded:
		if q != nil && q.ambiguous(v.Code.Code) {
			return v.Code.System + "#" + v.Code.Code
		}
		if v.Code.Code == "" {
			return v.Code.Display
		}
		return v.Code.Code
	case Quantity:
		return v.Comparator + v.Text
	}
	return v.Text
}

// ambiguous tells whether two options of a question have the same code in different systems.
func (q *Question) ambiguous(code string) bool {
	n := 0
	for i := range q.Options {
		if q.Options[i].Kind == Coded && q.Options[i].Code.Code == code {
			n++
		}
	}
	return n > 1
}

func (w *workbook) close() (FileInfo, error) {
	if err := w.introduce(); err != nil {
		return FileInfo{}, err
	}
	if _, err := w.book.WriteTo(w.out); err != nil {
		return FileInfo{}, err
	}
	for _, s := range w.book.Sheets() {
		w.out.info.Sheets = append(w.out.info.Sheets, SheetInfo{s.Name, s.Rows})
	}
	w.out.info.Rows = w.rows()
	return w.out.finish()
}

// rows counts the rows of data: what only explains is not one.
func (w *workbook) rows() int {
	n := 0
	for _, s := range w.out.info.Sheets {
		switch s.Name {
		case "README", "Codebook", "Values", "Missing":
		default:
			n += s.Rows
		}
	}
	return n
}

// versions lists the versions that ask a question, for the codebook.
func (c *column) versions() string { return strings.Join(c.sorted(), ", ") }

func (c *column) sorted() []string {
	vs := make([]string, 0, len(c.asked))
	for v := range c.asked {
		vs = append(vs, v)
	}
	sort.Strings(vs)
	return vs
}
