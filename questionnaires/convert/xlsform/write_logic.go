package xlsform

import (
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// lost reports an expression that has no equivalent.
func (w *writer) lost(n *wnode, feature, src string, err error) {
	w.note(n, feature, convert.Dropped, "%s — %s", src, err.Error())
}

// source is the FHIRPath of an expression; another language is reported.
func (w *writer) source(n *wnode, feature string, e *convert.Expression) (string, bool) {
	if e == nil || e.Expression == "" {
		return "", false
	}
	if e.Language != "text/fhirpath" {
		w.lost(n, feature, e.Expression, unfit("the language %s has no equivalent", e.Language))
		return "", false
	}
	return e.Expression, true
}

// relevance writes enableWhen or enableWhenExpression.
func (w *writer) relevance(n *wnode, row map[string]string) {
	if e := extensionAt(n.item.Extension, "sdc-questionnaire-enableWhenExpression"); e != nil {
		if src, ok := w.source(n, "enableWhenExpression", e.Expr); ok {
			x, err := (&backward{w: w, at: n}).condition(src)
			if err != nil {
				w.lost(n, "enableWhenExpression", src, err)
				return
			}
			row["relevant"] = x.src
		}
		return
	}
	joint := " and "
	if n.item.EnableBehavior == "any" {
		joint = " or "
	}
	when := n.item.EnableWhen
	var parts []string
	for i, c := range when {
		if c.Operator == "exists" && joint == " or " && i+1 < len(when) && c.Boolean != nil && !*c.Boolean && when[i+1].Operator == "!=" && when[i+1].Question == c.Question {
			continue // with the != that follows, this is the != of XPath
		}
		part, err := w.condition(c, n)
		if err != nil {
			w.lost(n, "enableWhen", c.Question+" "+c.Operator, err)
			return
		}
		if c.Operator == "!=" {
			part = w.unequal(part, i, when, joint)
		}
		parts = append(parts, part)
	}
	if len(parts) > 0 {
		row["relevant"] = strings.Join(parts, joint)
	}
}

// unequal adds to a != that FHIR's needs an answer.
func (w *writer) unequal(part string, i int, when []convert.EnableWhen, joint string) string {
	c := when[i]
	if joint == " or " {
		if i > 0 && when[i-1].Operator == "exists" && when[i-1].Question == c.Question && when[i-1].Boolean != nil && !*when[i-1].Boolean {
			return part
		}
	} else if slices.ContainsFunc(when, func(o convert.EnableWhen) bool {
		return o.Operator == "exists" && o.Question == c.Question && o.Boolean != nil && *o.Boolean
	}) {
		return part
	}
	answered := "${" + w.byLink[c.Question].name + "} != ''"
	if joint == " or " && len(when) > 1 {
		return "(" + answered + " and " + part + ")"
	}
	return answered + " and " + part
}

// condition writes one enableWhen.
func (w *writer) condition(c convert.EnableWhen, at *wnode) (string, error) {
	q := w.byLink[c.Question]
	if q == nil || q.name == "" || q.section() {
		return "", unfit("there is no question %s", c.Question)
	}
	ref := "${" + q.name + "}"
	switch {
	case c.Operator == "exists" && c.Boolean != nil:
		return ref + map[bool]string{true: " != ''", false: " = ''"}[*c.Boolean], nil
	case c.Coding != nil && q.lists():
		if c.Operator == "!=" {
			return "not(selected(" + ref + ", " + xquote(w.code(c.Coding)) + "))", nil
		}
		return "selected(" + ref + ", " + xquote(w.code(c.Coding)) + ")", nil
	case c.Coding != nil:
		return ref + " " + c.Operator + " " + xquote(w.code(c.Coding)), nil
	case c.Boolean != nil && q.acknowledge():
		return ref + map[bool]string{true: " = 'OK'", false: " = ''"}[*c.Boolean == (c.Operator == "=")], nil
	case c.Boolean != nil:
		return ref + " " + c.Operator + map[bool]string{true: " 'true'", false: " 'false'"}[*c.Boolean], nil
	case c.Integer != nil:
		return ref + " " + c.Operator + " " + itoa(*c.Integer), nil
	case c.Decimal != nil && decimalText.MatchString(c.Decimal.String()):
		return ref + " " + c.Operator + " " + c.Decimal.String(), nil
	case c.Quantity != nil && decimalText.MatchString(c.Quantity.Value.String()):
		w.note(at, "enableWhen", convert.Partial, "the unit of %s is not compared", c.Question)
		return ref + " " + c.Operator + " " + c.Quantity.Value.String(), nil
	case c.Date != "" && isDate(c.Date):
		return ref + " " + c.Operator + " date('" + c.Date + "')", nil
	case c.DateTime != "" && dateTimeText.MatchString(c.DateTime):
		return ref + " " + c.Operator + " date-time('" + c.DateTime + "')", nil
	case c.Time != "":
		return ref + " " + c.Operator + " '" + c.Time + "'", nil
	case c.String != "":
		if q.lists() {
			return "selected(" + ref + ", " + xquote(c.String) + ")", nil
		}
		return ref + " " + c.Operator + " " + xquote(c.String), nil
	}
	return "", unfit("what it is compared with has no equivalent")
}

func (w *writer) calculated(n *wnode, row map[string]string, e *convert.Extension, hidden bool) {
	if e == nil {
		return
	}
	src, ok := w.source(n, "calculatedExpression", e.Expr)
	if !ok {
		return
	}
	x, err := (&backward{w: w, at: n}).expression(src)
	if err != nil {
		w.lost(n, "calculatedExpression", src, err)
		if hidden {
			row["type"] = "hidden"
		}
		return
	}
	if !hidden && row["type"] == "note" {
		w.lost(n, "calculatedExpression", src, unfit("a note has no value"))
		return
	}
	row["calculation"] = x.src
}

// initialExpression writes what is computed once: the default, or for hidden items once().
func (w *writer) initialExpression(n *wnode, row map[string]string, e *convert.Extension, hidden bool) {
	if e == nil {
		return
	}
	src, ok := w.source(n, "initialExpression", e.Expr)
	if !ok {
		return
	}
	x, err := (&backward{w: w, at: n}).expression(src)
	switch {
	case err != nil:
		w.lost(n, "initialExpression", src, err)
		if hidden && row["calculation"] == "" {
			row["type"] = "hidden"
		}
	case hidden && row["calculation"] != "":
		w.lost(n, "initialExpression", src, unfit("the item is calculated"))
	case hidden:
		row["calculation"] = "once(" + x.src + ")"
	default:
		row["default"] = evident(x).src
	}
}

// evident makes an expression of a constant, which a default would take for the answer itself, quotes and all.
func evident(x xp) xp {
	tree, err := parseXPath(x.src)
	if err != nil || isDynamic(tree) {
		return x
	}
	if x.kind == vNumber {
		return xcall(vNumber, "number", x.src)
	}
	return xcall(vText, "string", x.src)
}

// constant writes the initial value.
func (w *writer) constant(n *wnode, row map[string]string) {
	var names []string
	for _, o := range n.item.AnswerOption {
		if o.InitialSelected {
			names = append(names, w.optionName(o.Value))
		}
	}
	for _, v := range n.item.Initial {
		names = append(names, w.optionName(v))
	}
	if len(names) == 0 {
		return
	}
	if len(names) > 1 && !n.lists() {
		w.note(n, "initial", convert.Partial, "only the first of several initial answers has a place")
		names = names[:1]
	}
	text := strings.Join(names, " ")
	switch {
	case n.acknowledge():
		text = map[string]string{"true": "OK", "false": ""}[text]
	case n.item.Type == "quantity" || n.item.Type == "attachment" || n.item.Type == "reference" || text == "":
		w.note(n, "initial", convert.Dropped, "an initial answer of type %s has no place", n.item.Type)
		return
	case n.item.Type == "string" || n.item.Type == "text" || n.item.Type == "url":
		if tree, err := parseXPath(text); err == nil && isDynamic(tree) {
			text = "string(" + xquote(text) + ")"
		}
	}
	if text != "" {
		row["default"] = text
	}
}

// optionName is how XForms stores a value.
func (w *writer) optionName(v convert.Value) string {
	switch {
	case v.Coding != nil:
		return w.code(v.Coding)
	case v.Boolean != nil:
		return map[bool]string{true: "true", false: "false"}[*v.Boolean]
	case v.Integer != nil:
		return itoa(*v.Integer)
	case v.Decimal != nil:
		return v.Decimal.String()
	}
	for _, s := range []string{v.Date, v.DateTime, v.Time, v.String, v.URI} {
		if s != "" {
			return s
		}
	}
	return ""
}

// limits writes everything that an answer must keep.
func (w *writer) limits(n *wnode, row map[string]string, u *used) {
	var parts []string
	isText := n.item.Type == "string" || n.item.Type == "text" || n.item.Type == "url"
	for i, e := range n.item.Extension {
		text := limitText(&e)
		part := ""
		switch name := strings.TrimPrefix(e.URL, convert.Core); {
		case u.seen[i]:
		case name == "minValue" && text != "":
			part = ". >= " + text
		case name == "maxValue" && text != "":
			part = ". <= " + text
		case name == "minLength" && e.Integer != nil && isText:
			part = "string-length(.) >= " + itoa(*e.Integer)
		case name == "regex" && e.String != "" && isText:
			part = "regex(., " + xquote(e.String) + ")"
		}
		if part != "" {
			u.seen[i] = true
			parts = append(parts, part)
		}
	}
	if n.item.MaxLength > 0 && isText {
		parts = append(parts, "string-length(.) <= "+itoa(n.item.MaxLength))
	} else if n.item.MaxLength > 0 {
		w.note(n, "maxLength", convert.Dropped, "a length has a place for texts alone")
	}
	messages := 0
	for i, e := range n.item.Extension {
		if tail(e.URL) != "targetConstraint" {
			continue
		}
		u.seen[i] = true
		part, ok := w.targetConstraint(n, &e, row, messages == 0)
		if !ok {
			continue
		}
		messages++
		parts = append(parts, part)
	}
	if len(parts) > 1 {
		for i, p := range parts {
			if tree, err := parseXPath(p); err == nil && tree.kind == xBinary && tree.text == "or" {
				parts[i] = "(" + p + ")"
			}
		}
	}
	if len(parts) > 0 {
		row["constraint"] = strings.Join(parts, " and ")
	}
}

// limitText writes the value of a limit as XPath.
func limitText(e *convert.Extension) string {
	switch {
	case e.Integer != nil:
		return itoa(*e.Integer)
	case e.Decimal != nil && decimalText.MatchString(e.Decimal.String()):
		return e.Decimal.String()
	case isDate(e.Date):
		return "date('" + e.Date + "')"
	}
	return ""
}

// targetConstraint writes one rule, and its message if it is the first.
func (w *writer) targetConstraint(n *wnode, e *convert.Extension, row map[string]string, first bool) (string, bool) {
	var src, human string
	var more *convert.Primitive
	for _, part := range e.Extension {
		switch part.URL {
		case "expression":
			src, _ = w.source(n, "targetConstraint", part.Expr)
			if part.Expr == nil {
				src = part.String
			}
		case "human":
			human, more = part.String, part.ValueMore
		case "severity":
			if part.Code == "warning" {
				w.note(n, "targetConstraint", convert.Changed, "a warning becomes a rule that must be kept")
			}
		case "key":
		default:
			w.note(n, "targetConstraint."+part.URL, convert.Dropped, "XLSForm has no place for it")
		}
	}
	if src == "" {
		w.note(n, "targetConstraint", convert.Dropped, "it has no expression")
		return "", false
	}
	tree, err := parsePath(src)
	var x xp
	if err == nil {
		if guard := "%context.answer.empty()"; tree.kind == fBinary && tree.text == "or" && strings.HasPrefix(src, guard) {
			tree = withoutGuard(tree)
		}
		b := &backward{w: w, at: n}
		if x, err = b.value(tree); err == nil {
			x = b.truth(x)
		}
	}
	if err != nil {
		w.lost(n, "targetConstraint", src, err)
		return "", false
	}
	if human != "" {
		if !first {
			w.note(n, "targetConstraint", convert.Dropped, "a row has one message; “%s” has no place", human)
		} else {
			w.spokenText(n, row, "constraint_message", human, more)
		}
	}
	return x.src, true
}

// withoutGuard takes "%context.answer.empty() or" from the front of a rule: XForms judges answers alone.
func withoutGuard(n *fnode) *fnode {
	l := n.args[0]
	if l.kind == fBinary && l.text == "or" {
		return &fnode{kind: fBinary, text: "or", args: []*fnode{withoutGuard(l), n.args[1]}}
	}
	return n.args[1]
}

// flags writes required and readonly.
func (w *writer) flags(n *wnode, row map[string]string) {
	for _, f := range []struct {
		column string
		set    bool
		more   *convert.Primitive
	}{{"required", n.item.Required, n.item.RequiredMore}, {"readonly", n.item.ReadOnly && !(row["type"] == "calculate" && !strings.HasPrefix(row["calculation"], "once(")), n.item.ReadOnlyMore}} {
		if f.set {
			row[f.column] = "yes"
		}
		if f.more == nil {
			continue
		}
		for _, e := range f.more.Extension {
			if e.URL != convert.Core+"cqf-expression" {
				w.note(n, tail(e.URL), convert.Dropped, "XLSForm has no place for it")
			} else if src, ok := w.source(n, f.column, e.Expr); ok {
				x, err := (&backward{w: w, at: n}).condition(src)
				if err != nil {
					w.lost(n, f.column, src, err)
					continue
				}
				row[f.column] = x.src
			}
		}
	}
}
