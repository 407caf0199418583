package redcap

import (
	"strconv"
	"strings"

	"kindred/questionnaires/convert"
)

// blankShown is what REDCap puts where a value is piped and there is none.
const blankShown = "'______'"

// shown is the value of a field as a label shows it: labels of choices, not their codes.
func (t *translator) shown(r ref) (string, error) {
	f, err := t.field(r)
	if err != nil {
		return "", err
	}
	if f.typ == "checkbox" && r.code == "" && r.modifier == "" {
		base, err := t.base(f, r)
		return "iif(" + base + ".exists(), " + base + ".display.join(', '), " + blankShown + ")", err
	}
	if (f.typ == "dropdown" || f.typ == "radio") && r.modifier == "" {
		r.modifier = "label"
	}
	p, err := t.ref(r)
	if err != nil {
		return "", err
	}
	switch p.kind {
	case kindBoolean:
		return "iif(" + p.src + ", 'Checked', 'Unchecked')", nil
	case kindFlag:
		words := [2]string{"'Yes'", "'No'"}
		if f.typ == "truefalse" {
			words = [2]string{"'True'", "'False'"}
		}
		return "iif(" + p.src + ".exists(), iif(" + p.src + ", " + words[0] + ", " + words[1] + "), " + blankShown + ")", nil
	}
	text, err := t.text(p)
	return "iif(" + p.exists().src + ", " + text.src + ", " + blankShown + ")", err
}

// filled is an expression for a text with values of fields at the places given.
func (t *translator) filled(text string, at [][]int) (string, error) {
	var parts []string
	from := 0
	for _, m := range at {
		if m[0] > from {
			parts = append(parts, quotePath(text[from:m[0]]))
		}
		r, _ := refOf(text[m[0]+1 : m[1]-1])
		shown, err := t.shown(r)
		if err != nil {
			return "", err
		}
		parts, from = append(parts, shown), m[1]
	}
	if from < len(text) {
		parts = append(parts, quotePath(text[from:]))
	}
	src := strings.Join(parts, " & ")
	return src, compiles(src)
}

// matrix begins the group of a matrix. Where it is for ranking, a choice may be used once.
func (p *making) matrix(name string) *convert.Item {
	g := &convert.Item{LinkID: matrixLink(name), Type: "group", Extension: []convert.Extension{control("table")}}
	if p.field.cell[colRanking] != "y" {
		return g
	}
	if p.field.typ != "radio" {
		p.report("ranking", convert.Dropped, "Only fields with one answer can be ranked.")
		return g
	}
	src, err := p.translate("ranking", func(t *translator) (string, error) { return t.distinct(name) })
	if err != nil {
		p.report("ranking", convert.Dropped, "The matrix is not ranked, because %s", why(err))
		return g
	}
	g.Extension = append(g.Extension, constraint("ranking", "Each answer can be used once.", fhirpathOf(src, "ranking")))
	return g
}

// distinct is whether the fields of a matrix have different answers.
func (t *translator) distinct(matrix string) (string, error) {
	var sb strings.Builder
	for _, f := range t.form.fields {
		if f.cell[colMatrix] != matrix {
			continue
		}
		one, err := t.ref(ref{name: f.name})
		switch {
		case err != nil:
			return "", err
		case sb.Len() == 0:
			sb.WriteString(one.src)
		default:
			sb.WriteString(".combine(" + one.src + ")")
		}
	}
	sb.WriteString(".isDistinct()")
	return sb.String(), compiles(sb.String())
}

// bounds sets the least and the greatest answer: a value, today, now, or another field.
func (p *making) bounds() {
	f := p.field
	for _, c := range []column{colMin, colMax} {
		cell := f.cell[c]
		switch {
		case cell == "":
		case f.valid.kind == kindText:
			p.report(headers[c], convert.Dropped, "A text has no limits: %s", clip(cell))
		case moving(cell):
			p.movingBound(c, cell, map[column]string{colMin: ">=", colMax: "<="}[c])
		default:
			v, _, _ := f.bound(cell)
			if v.DateTime != "" {
				p.report(headers[c], convert.Changed, "REDCap knows no time zones; the limit %s is taken to be UTC.", cell)
			}
			p.warned()
			p.ext = append(p.ext, convert.Extension{URL: convert.Core + map[column]string{colMin: "minValue", colMax: "maxValue"}[c], Value: v})
		}
	}
}

// bound reads a limit as the answers of the field are.
func (f *field) bound(cell string) (convert.Value, string, bool) {
	switch f.kind() {
	case kindNumber:
		if f.typ == "slider" {
			n, err := strconv.Atoi(cell)
			return convert.Value{Integer: &n}, strconv.Itoa(n), err == nil && n == int(int32(n))
		}
		if f.valid.comma {
			cell = strings.Replace(cell, ",", ".", 1)
		}
		n, ok := signedNumber(cell)
		if whole, err := strconv.Atoi(n); err == nil && f.valid.itemType == "integer" && whole == int(int32(whole)) {
			return convert.Value{Integer: &whole}, n, ok
		}
		return convert.Value{Decimal: decimal(n)}, n, ok
	case kindDate:
		s, ok := readDate(cell, f.valid.order)
		return convert.Value{Date: s}, s, ok
	case kindDateTime:
		s, ok := readDateTime(cell, f.valid.order)
		if !ok {
			if s, ok = readDate(cell, f.valid.order); ok {
				s += "T00:00:00"
			}
		}
		return convert.Value{DateTime: s + "Z"}, s, ok
	case kindTime:
		s, ok := readTime(cell)
		return convert.Value{Time: s}, s, ok
	}
	return convert.Value{}, "", false
}

// movingBound is a limit that is not a fixed value: a constraint, which a blank on either side meets.
func (p *making) movingBound(c column, cell, name string) {
	f := p.field
	l, err := parseLogic(cell)
	if err != nil {
		p.r.d.fault(f, c, errLogic.With("Logic", clip(cell), "Why", err.Error()))
		return
	}
	src, err := p.translate(headers[c], func(t *translator) (string, error) { return t.bound(f, l, name) })
	if err != nil {
		p.keep(map[column]string{colMin: "min", colMax: "max"}[c], cell)
		p.report(headers[c], convert.Dropped, "The limit is not checked, because %s: %s", why(err), clip(cell))
		return
	}
	key, human := "min", "This is before what is allowed."
	if c == colMax {
		key, human = "max", "This is after what is allowed."
	}
	p.warned()
	p.ext = append(p.ext, constraint(key, human, fhirpathOf(src, cell)))
}

// bound is a condition that holds where the field's answer keeps to a limit, or there is none of either.
func (t *translator) bound(f *field, l logic, name string) (string, error) {
	own, err := t.ref(ref{name: f.name})
	if err != nil {
		return "", err
	}
	limit, err := t.piece(l)
	if err != nil {
		return "", err
	}
	keeps, err := t.order(name, own, limit)
	if err != nil {
		return "", err
	}
	src := own.blank().src + " or " + keeps.in(tightOr+1)
	if !limit.sure && limit.kind != kindClock {
		src = own.blank().src + " or " + limit.blank().in(tightOr+1) + " or " + keeps.in(tightOr+1)
	}
	return src, compiles(src)
}

// warned notes a limit that REDCap only warns of.
func (p *making) warned() {
	for _, t := range p.field.tags.list {
		if t.name == forceLimits {
			return
		}
	}
	p.r.ranges = true
}
