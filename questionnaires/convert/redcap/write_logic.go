package redcap

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// description is the words that stand with an expression.
func description(e *convert.Extension) string {
	if e == nil || e.Expr == nil {
		return ""
	}
	return e.Expr.Description
}

// settle reads the rows as the dictionary they make, and then writes their logic: now every name and type is known. The
// faults it can find are ours; they are told rather than written into a file.
func (w *writer) settle() fault.List {
	d := &dictionary{byName: map[string]*field{}}
	for _, f := range w.forms {
		if f.repeats {
			d.opts.Repeating = append(d.opts.Repeating, f.name)
		}
	}
	line := 1
	for _, f := range w.forms {
		for _, r := range f.rows {
			line++
			r.form, r.cell[colForm] = f, f.name
			r.cell[colAnnotation] = strings.Join(r.tags, " ")
			cells := r.cell
			if cells[colType] == "calc" {
				cells[colChoices] = ""
			}
			w.judge(d, r, row{line: line, cell: cells})
		}
	}
	d.matrices()
	if len(d.faults) > 0 {
		return d.faults
	}
	w.dict = d
	for _, f := range d.fields {
		f.system = w.q.URL + "/" + f.name
	}
	for _, f := range w.forms {
		for _, r := range f.rows {
			if r.item != nil {
				w.logic(r)
			}
		}
	}
	return nil
}

// judge adds a row to the dictionary. Cells that Read would refuse, such as limits that cross, are left out and told;
// what a field cannot be without stays a fault.
func (w *writer) judge(d *dictionary, r *outRow, one row) {
	before := len(d.faults)
	d.field(one)
	again := false
	for _, f := range d.faults[before:] {
		for _, c := range []column{colValidation, colMin, colMax, colAlignment, colBranching} {
			if f.Field == place(one.line, c) && one.cell[c] != "" && r.item != nil {
				w.add(r.item.LinkID, headers[c], convert.Dropped, "REDCap would refuse it: %s", clip(one.cell[c]))
				one.cell[c], r.cell[c], again = "", "", true
			}
		}
	}
	if !again {
		return
	}
	last := d.fields[len(d.fields)-1]
	d.faults, d.fields = d.faults[:before], d.fields[:len(d.fields)-1]
	last.form.fields = last.form.fields[:len(last.form.fields)-1]
	if d.byName[last.name] == last {
		delete(d.byName, last.name)
	}
	w.judge(d, r, one)
}

// kept is logic that Read kept because it could not be translated; what is no logic is left out.
func (w *writer) kept(it *convert.Item, column string) string {
	src := keptOf(it, column)
	if src == "" {
		return ""
	}
	if _, err := parseLogic(src); err != nil {
		w.add(it.LinkID, "redcap-field "+column, convert.Dropped, "It is no logic: %s", clip(src))
		return ""
	}
	return src
}

// logic fills in branching logic, calculation, limits and values to begin with, and the rest of the annotation.
func (w *writer) logic(r *outRow) {
	r.cell[colBranching] = w.branching(r)
	w.calculation(r)
	w.piping(r)
	for i := range r.item.Extension {
		e := &r.item.Extension[i]
		if key, expr := constraintOf(*e); key == "min" || key == "max" {
			w.movingLimit(r, key, expr)
		}
		switch {
		case e.URL == initialExpression && e.Expr != nil:
			w.begin(r, e.Expr)
		case e.URL == toggleExpression:
			if tag, ok := w.sameTag(r, *e); ok {
				r.tags = append(r.tags, tag)
			} else {
				w.lose(r.item, *e)
			}
		}
	}
	annotation := append(r.tags, keptOf(r.item, "annotation"))
	r.cell[colAnnotation] = strings.TrimSpace(strings.Join(annotation, " "))
}

func (w *writer) translator(r *outRow) *translator {
	f := w.dict.byName[r.cell[colName]]
	return &translator{dict: w.dict, form: f.form, used: map[string]bool{}, note: func(string, ...any) {}}
}

// branching is the logic under which a field is shown: its own and that of what stands around it.
func (w *writer) branching(r *outRow) string {
	own := enabling{item: r.item}
	if len(r.under) == 0 {
		src, _ := w.enables(r, own)
		return src
	}
	var terms []logic
	for _, u := range append(r.under[:len(r.under):len(r.under)], own) {
		if u.answered != "" {
			terms = append(terms, w.answered(u.answered, true))
		} else if _, l := w.enables(r, u); l != nil {
			terms = append(terms, l)
		}
	}
	var all logic
	for i, l := range terms {
		switch {
		case i+1 < len(terms) && saidBy(l, terms[i+1:]):
		case all == nil:
			all = l
		default:
			all = binary{"and", all, l}
		}
	}
	if all == nil {
		return w.kept(r.item, "branching")
	}
	src := printLogic(all)
	if _, err := parseLogic(src); err != nil { // too long or too deep
		w.add(r.item.LinkID, "enableWhen", convert.Dropped, "The field is always shown, because its logic cannot be read by REDCap: %s", why(err))
		return ""
	}
	return src
}

// saidBy tells whether a question has to be answered for one of the terms to hold, or the same term comes again.
func saidBy(l logic, terms []logic) bool {
	asked, ok := l.(binary)
	for _, other := range terms {
		if printLogic(other) == printLogic(l) {
			return true
		}
		b, is := other.(binary)
		if ok && is && asked.op == "<>" && asked.y == (textLit{""}) && b.x == asked.x && b.op == "=" && b.y != (textLit{""}) {
			if _, fixed := b.y.(textLit); fixed {
				return true
			}
		}
	}
	return false
}

// enables is the logic of one item, in the words it came in where those still say it.
func (w *writer) enables(r *outRow, u enabling) (string, logic) {
	it := u.item
	var parts []logic
	if len(it.EnableWhen) > 0 {
		if l := w.conditions(it); l != nil {
			parts = append(parts, l)
		}
	}
	e := find(it.Extension, enableExpression)
	if e == nil && len(parts) == 0 {
		return w.kept(it, "branching"), nil
	}
	if e != nil && e.Expr != nil {
		src, l, err := w.expression(r, e.Expr, (*translator).condition)
		if err == nil && len(parts) == 0 {
			return src, l
		}
		if err != nil {
			w.add(it.LinkID, "enableWhenExpression", convert.Dropped, "The field is always shown, because %s: %s", why(err), clip(e.Expr.Expression))
		} else {
			parts = append(parts, l)
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	l := parts[0]
	if len(parts) == 2 {
		l = binary{"and", parts[0], parts[1]}
	}
	return printLogic(l), l
}

// expression is logic for an expression: what its description says where translating that gives the expression, or what
// can be read from the FHIRPath itself.
func (w *writer) expression(r *outRow, e *convert.Expression, as func(*translator, logic) (string, error)) (string, logic, error) {
	if l, err := parseLogic(e.Description); err == nil && e.Description != "" {
		if src, err := as(w.translator(r), l); err == nil && src == e.Expression {
			return e.Description, l, nil
		}
	}
	if e.Language != "" && e.Language != "text/fhirpath" {
		return "", nil, cannot("it is written in %s", clip(e.Language))
	}
	l, notes, err := w.decompile(e.Expression)
	if err != nil {
		return "", nil, err
	}
	for _, n := range notes {
		w.add(r.item.LinkID, "expression", convert.Changed, "%s", n)
	}
	if _, err := as(w.translator(r), l); err != nil {
		return "", nil, err
	}
	src := printLogic(l)
	if _, err := parseLogic(src); err != nil { // too long or too deep
		return "", nil, err
	}
	return src, l, nil
}

// answered is whether a field has an answer.
func (w *writer) answered(name string, is bool) logic {
	f := w.dict.byName[name]
	if f == nil || f.typ != "checkbox" {
		op := "="
		if is {
			op = "<>"
		}
		return binary{op, ref{name: name}, textLit{""}}
	}
	op, value := "and", "0"
	if is {
		op, value = "or", "1"
	}
	var all logic
	for _, c := range f.choices {
		one := binary{"=", ref{name: name, code: c.code}, textLit{value}}
		if all == nil {
			all = one
		} else {
			all = binary{op, all, one}
		}
	}
	return all
}

// conditions are the enableWhen of an item as logic.
func (w *writer) conditions(it *convert.Item) logic {
	join := "and"
	if it.EnableBehavior == "any" {
		join = "or"
	}
	var all logic
	add := func(l logic) {
		if all == nil {
			all = l
		} else {
			all = binary{join, all, l}
		}
	}
	exists := map[string]bool{}
	for i := 0; i < len(it.EnableWhen); i++ {
		one := it.EnableWhen[i]
		name := w.fieldNames[one.Question]
		if w.dict.byName[name] == nil {
			w.add(it.LinkID, "enableWhen", convert.Dropped, "It names %s, which is no field.", clip(one.Question))
			continue
		}
		if one.Operator == "exists" && one.Boolean != nil {
			if !*one.Boolean && i+1 < len(it.EnableWhen) && (join == "or" || len(it.EnableWhen) == 2 && it.EnableBehavior == "any") {
				if next := it.EnableWhen[i+1]; next.Question == one.Question && next.Operator == "!=" {
					if l, ok := w.compare(it, name, next, "<>"); ok { // REDCap's <> holds for a blank too
						add(l)
						i++
						continue
					}
				}
			}
			exists[name] = *one.Boolean
			add(w.answered(name, *one.Boolean))
			continue
		}
		l, ok := w.compare(it, name, one, map[string]string{"!=": "<>"}[one.Operator])
		switch {
		case !ok:
			continue
		case one.Operator == "!=" && !(join == "and" && exists[name]):
			l = binary{"and", w.answered(name, true), l}
		}
		add(l)
	}
	return all
}

// compare is one condition as logic; op is the operator where it differs from FHIR's.
func (w *writer) compare(it *convert.Item, name string, c convert.EnableWhen, op string) (logic, bool) {
	op = or(op, c.Operator)
	f := w.dict.byName[name]
	lose := func() (logic, bool) {
		w.add(it.LinkID, "enableWhen", convert.Dropped, "The condition on %s has no form in REDCap.", clip(c.Question))
		return nil, false
	}
	if flipped[op] == "" {
		return lose()
	}
	if c.Coding != nil || f.pick() && c.String != "" {
		code, ok := w.codeOf(name, c)
		if !ok || op != "=" && op != "<>" {
			return lose()
		}
		if f.typ == "checkbox" {
			return binary{"=", ref{name: name, code: code}, textLit{map[string]string{"=": "1", "<>": "0"}[op]}}, true
		}
		return binary{op, ref{name: name}, textLit{code}}, true
	}
	v := convert.Value{Boolean: c.Boolean, Decimal: c.Decimal, Integer: c.Integer, Date: c.Date, DateTime: c.DateTime, Time: c.Time, String: c.String}
	if c.Quantity != nil {
		n := c.Quantity.Value
		v.Decimal = &n
	}
	if f.pick() { // options that are numbers, dates or texts
		_, code, _ := optionOf(v)
		if code, ok := w.codes[name][code]; ok && f.typ != "checkbox" {
			return binary{op, ref{name: name}, textLit{code}}, true
		}
		return lose()
	}
	s, ok := fixed(v, false)
	switch {
	case !ok || !quotable(s):
		return lose()
	case c.Boolean != nil:
		return binary{op, ref{name: name}, textLit{s}}, true
	case v.Integer != nil || v.Decimal != nil:
		return binary{op, ref{name: name}, numberLit{s}}, true
	}
	if c.DateTime != "" {
		w.add(it.LinkID, "enableWhen", convert.Changed, "REDCap knows no time zones: %s", c.DateTime)
	}
	return binary{op, ref{name: name}, textLit{s}}, true
}

// codeOf is REDCap's code for the choice that a condition names: by its code, or by its words.
func (w *writer) codeOf(name string, c convert.EnableWhen) (string, bool) {
	if c.Coding != nil {
		if code, ok := w.codes[name][c.Coding.System+"|"+c.Coding.Code]; ok {
			return code, true
		}
	}
	want := c.String
	if c.Coding != nil {
		want = c.Coding.Display
		if want == "" && c.Coding.System == "" {
			want = c.Coding.Code
		}
	}
	for _, one := range w.dict.byName[name].choices {
		if text, _ := plainText(one.label); want != "" && (one.code == want || text == want) {
			return one.code, true
		}
	}
	return "", false
}

// calculation writes what a field is worked out from.
func (w *writer) calculation(r *outRow) {
	e := find(r.item.Extension, calculatedExpression)
	if r.cell[colType] == "calc" {
		r.cell[colChoices] = w.kept(r.item, "calculation")
	}
	if e == nil || e.Expr == nil {
		return
	}
	lose := func(err error) {
		w.add(r.item.LinkID, "calculatedExpression", convert.Dropped, "The field is not worked out, because %s: %s", why(err), clip(e.Expr.Expression))
	}
	if src, ok := w.sameTag(r, *e); ok {
		r.tags = append(r.tags, src)
		return
	}
	f := w.dict.byName[r.cell[colName]]
	switch r.cell[colType] {
	case "calc":
		src, _, err := w.expression(r, e.Expr, (*translator).numberOf)
		if err != nil {
			lose(err)
		}
		r.cell[colChoices] = src
	case "text":
		src, _, err := w.expression(r, e.Expr, func(t *translator, l logic) (string, error) { return t.as(l, f.valid.kind) })
		if err != nil {
			lose(err)
			return
		}
		r.tags = append(r.tags, "@CALCTEXT("+src+")")
	default:
		lose(cannot("a field of type %s cannot be", r.cell[colType]))
	}
	if !r.item.ReadOnly {
		w.add(r.item.LinkID, "calculatedExpression", convert.Changed, "What is worked out cannot be changed by hand in REDCap.")
	}
}

// sameTag is the action tag in an expression's description, where reading it gives the extension again.
func (w *writer) sameTag(r *outRow, e convert.Extension) (string, bool) {
	words := description(&e)
	if inner := find(e.Extension, "expression"); inner != nil {
		words = description(inner)
	}
	list := parseTags(words).list
	if len(list) != 1 || list[0].text != words {
		return "", false
	}
	f := w.dict.byName[r.cell[colName]]
	p := making{r: &reader{d: &dictionary{fields: w.dict.fields, byName: w.dict.byName}}, form: f.form, field: f, used: map[string]bool{}}
	p.it.Type = r.item.Type
	if p.tag(list[0]) != "" {
		return "", false
	}
	made := find(p.ext, e.URL)
	return words, made != nil && reflect.DeepEqual(*made, e)
}

// begin writes an expression for a value to begin with.
func (w *writer) begin(r *outRow, e *convert.Expression) {
	if tag, ok := w.sameTag(r, convert.Extension{URL: initialExpression, Value: convert.Value{Expr: e}}); ok {
		r.tags = append(r.tags, tag)
		return
	}
	l, _, err := w.decompile(e.Expression)
	if err == nil {
		switch x := l.(type) {
		case clockLit:
			r.tags = append(r.tags, map[bool]string{true: "@NOW", false: "@TODAY"}[x.now])
			return
		case ref:
			r.tags = append(r.tags, "@DEFAULT='"+x.String()+"'")
			return
		}
		err = cannot("it is more than the value of another field")
	}
	w.add(r.item.LinkID, "initialExpression", convert.Dropped, "There is no value to begin with, because %s: %s", why(err), clip(e.Expression))
}

// movingLimit writes a constraint that Read made of today, now or another field.
func (w *writer) movingLimit(r *outRow, key string, e convert.Expression) {
	c, op := colMin, ">="
	if key == "max" {
		c, op = colMax, "<="
	}
	f := w.dict.byName[r.cell[colName]]
	if l, err := parseLogic(e.Description); err == nil {
		if src, err := w.translator(r).bound(f, l, op); err == nil && src == e.Expression {
			r.cell[c] = e.Description
			return
		}
	}
	w.add(r.item.LinkID, "targetConstraint", convert.Dropped, "The limit is not checked: %s", clip(e.Expression))
}

// piping checks that a label which REDCap will fill in is one that the questionnaire fills in, in the same way.
func (w *writer) piping(r *outRow) {
	f := w.dict.byName[r.cell[colName]]
	for _, c := range []column{colLabel} {
		if r.cell[c] == "" {
			continue
		}
		p := making{r: &reader{d: &dictionary{fields: w.dict.fields, byName: w.dict.byName}}, form: f.form, field: f, used: map[string]bool{}}
		_, more := p.label(c)
		var was, is string
		if more != nil {
			is = more.Extension[0].Expr.Expression
		}
		if r.item.TextMore != nil {
			if e := find(r.item.TextMore.Extension, convert.Core+"cqf-expression"); e != nil && e.Expr != nil {
				was = e.Expr.Expression
			}
		}
		switch was {
		case is:
		case "":
			w.add(r.item.LinkID, "text", convert.Changed, "REDCap puts answers in the place of what stands in square brackets: %s", clip(r.item.Text))
		default:
			w.add(r.item.LinkID, "cqf-expression", convert.Dropped, "The text does not change with answers: %s", clip(was))
		}
	}
}
