package sdc

import (
	"slices"
	"strings"

	"kindred/internal/fhirpath"
	"kindred/internal/jsonscan"
)

// expression is one FHIRPath expression of a form, with all that it reads, through variables too.
type expression struct {
	expr  *fhirpath.Expr
	scope int            // the item that carries it, -1 for the form
	vars  map[string]int // the variables it names, by index in Form.variables
	exact []int          // items whose own answers it reads
	wide  []int          // items whose content it reads, with all that stands inside
	score *scoring       // instead of an expression: a score, or its standard error
	whole bool           // it reads the whole response, or what cannot be told
}

// variable is a named expression: the extension variable, or any other expression that has a name. It can be seen by
// the item that carries it and by all items inside (SDC, "Using Expressions", variable).
type variable struct {
	name  string
	scope int
	x     *expression // nil for one that asks a server: it is empty
}

// dynamic is an element whose value an expression gives (cqf-expression, cqf-calculatedValue).
type dynamic struct {
	element string // text, required, readOnly, repeats, minValue, maxValue, minOccurs, maxOccurs ...
	x       *expression
}

// toggle is an answerOptionsToggleExpression: its options can be chosen only while it is true.
type toggle struct {
	options []Value
	x       *expression
}

// constraint is a targetConstraint, or the older questionnaire-constraint.
type constraint struct {
	key      string
	warning  bool
	human    Text
	x        *expression
	location string
}

// The languages that an Expression may be in.
const (
	languagePath  = "text/fhirpath"
	languageQuery = "application/x-fhir-query"
)

// expression compiles a valueExpression of an item (or of the form, -1). Without a result, the form goes on without.
// query tells that it asks a server, which no form of ours does.
func (c *compiler) expression(v jsonscan.Value, index int, what string) (x *expression, query bool) {
	link := c.link(index)
	if v.Kind() != jsonscan.Object {
		c.refuse(errElementMissing.With("Element", what+".valueExpression"), link)
		return nil, false
	}
	switch lang := v.Get("language").Text(); lang {
	case languagePath, "":
		if lang == "" {
			c.warn(errElementMissing.With("Element", what+".language"), link)
		}
	case languageQuery:
		c.warn(errQuery.With("Feature", what), link)
		return nil, true
	default:
		c.refuse(errFeature.With("Feature", what+" ("+lang+")"), link)
		return nil, false
	}
	source := strings.TrimSpace(v.Get("expression").Text())
	if source == "" {
		c.refuse(errElementMissing.With("Element", what+".expression"), link)
		return nil, false
	}
	return c.source(source, index, what), false
}

// source compiles the text of an expression. Which variables it means is settled when all are known.
func (c *compiler) source(source string, index int, what string) *expression {
	expr, err := fhirpath.Compile(source, fhirpath.Options{})
	if err != nil {
		c.refuse(errExpression.With("Feature", what, "Problem", err.Error()), c.link(index))
		return nil
	}
	x := &expression{expr: expr, scope: index}
	c.expressions = append(c.expressions, x)
	c.details = append(c.details, detail{x, what})
	return x
}

// detail says of an expression what it is for.
type detail struct {
	x    *expression
	what string
}

func (c *compiler) link(index int) string {
	if index < 0 {
		return ""
	}
	return c.form.items[index].LinkID
}

// reserved are the names of FHIRPath and SDC that a variable may not take.
var reserved = []string{"resource", "rootResource", "context", "questionnaire", "qitem", "qItem", "ucum", "sct", "loinc"}

// declare makes a named expression a variable.
func (c *compiler) declare(name string, index int, x *expression) {
	if name == "" {
		return
	}
	link := c.link(index)
	if slices.Contains(reserved, name) {
		c.refuse(errVariableReserved.With("Name", name), link)
		return
	}
	own := c.roots
	if index >= 0 {
		own = c.form.items[index].variables
	}
	for _, v := range own {
		if c.form.variables[v].name == name {
			c.refuse(errVariableTwice.With("Name", name), link)
			return
		}
	}
	if index < 0 && c.form.launch[name] {
		c.refuse(errVariableTwice.With("Name", name), link)
		return
	}
	n := len(c.form.variables)
	c.form.variables = append(c.form.variables, variable{name: name, scope: index, x: x})
	if index < 0 {
		c.roots = append(c.roots, n)
	} else {
		c.form.items[index].variables = append(c.form.items[index].variables, n)
	}
}

// visible finds the variable that a name means at an item: the nearest one. Inside its own expression a name means the
// one around.
func (c *compiler) visible(name string, x *expression) (int, bool) {
	find := func(own []int) (int, bool) {
		for _, v := range own {
			if c.form.variables[v].name == name && c.form.variables[v].x != x {
				return v, true
			}
		}
		return 0, false
	}
	if x.scope >= 0 {
		it := &c.form.items[x.scope]
		if v, ok := find(it.variables); ok {
			return v, true
		}
		for _, a := range slices.Backward(it.chain) {
			if v, ok := find(c.form.items[a].variables); ok {
				return v, true
			}
		}
	}
	return find(c.roots)
}

// resolve says of each expression which variables it names and what it reads in the end.
func (c *compiler) resolve() {
	for _, d := range c.details {
		x := d.x
		for _, name := range x.expr.Reads().Vars {
			switch v, ok := c.visible(name, x); {
			case ok:
				if x.vars == nil {
					x.vars = map[string]int{}
				}
				x.vars[name] = v
			case c.form.launch[name], slices.Contains(reserved, name):
			default:
				c.refuse(errVariableUnknown.With("Name", name, "Feature", d.what), c.link(x.scope))
			}
		}
	}
	state := make([]uint8, len(c.form.variables))
	for v := range c.form.variables {
		c.close(v, state, nil)
	}
	for _, x := range c.expressions {
		c.reads(x)
		for _, v := range x.vars {
			x.add(c.form.variables[v].x)
		}
		x.tidy()
	}
}

// close gathers what a variable reads through other variables; a circle of them is refused.
func (c *compiler) close(v int, state []uint8, way []int) {
	x := c.form.variables[v].x
	if state[v] == 2 || x == nil {
		return
	}
	if way = append(way, v); state[v] == 1 {
		names := []string{}
		for _, w := range way[slices.Index(way, v):] {
			names = append(names, "%"+c.form.variables[w].name)
		}
		c.refuse(errCycle.With("Items", strings.Join(names, " → ")), c.link(x.scope))
		c.form.variables[v].x = nil
		return
	}
	state[v] = 1
	c.reads(x)
	for _, name := range sorted(x.vars) {
		w := x.vars[name]
		c.close(w, state, way)
		x.add(c.form.variables[w].x)
	}
	state[v] = 2
}

func sorted(m map[string]int) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// reads turns what FHIRPath says an expression reads into items. An item that is read is read exactly: its own answers.
// What stands under it, and what an expression reads of its own context, is read widely: an expression that looks at
// more than it needs must not make a circle.
func (c *compiler) reads(x *expression) {
	if x.expr == nil || x.exact != nil || x.wide != nil || x.whole {
		return
	}
	r := x.expr.Reads()
	for _, link := range r.Items {
		if i, ok := c.form.byLink[link]; ok {
			if c.form.items[i].question() {
				x.exact = append(x.exact, i)
			}
			if len(c.form.items[i].children) > 0 {
				x.wide = append(x.wide, i)
			}
		}
	}
	switch {
	case r.Resource, r.Context && x.scope < 0:
		x.whole = true
	case r.Context:
		x.wide = append(x.wide, x.scope)
	}
}

func (x *expression) add(y *expression) {
	if y == nil {
		return
	}
	x.exact, x.wide, x.whole = append(x.exact, y.exact...), append(x.wide, y.wide...), x.whole || y.whole
}

func (x *expression) tidy() {
	for _, list := range []*[]int{&x.exact, &x.wide} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// constrain reads a targetConstraint.
func (c *compiler) constrain(ext jsonscan.Value, index int, what string) {
	con := constraint{}
	var source jsonscan.Value
	for _, part := range ext.Get("extension").All() {
		switch part.Get("url").Text() {
		case "key":
			con.key = firstText(part, "valueId", "valueString", "valueCode")
		case "severity":
			con.warning = part.Get("valueCode").Text() == "warning"
		case "human":
			con.human = readText(part, "valueString")
			if con.human.Empty() {
				con.human = readText(part, "valueMarkdown")
			}
		case "location":
			con.location = part.Get("valueString").Text()
		case "expression":
			source = part
		}
	}
	if e := source.Get("valueExpression"); e.Exists() {
		con.x, _ = c.expression(e, index, what)
	} else if text := strings.TrimSpace(source.Get("valueString").Text()); text != "" {
		con.x = c.source(text, index, what)
	} else {
		c.refuse(errElementMissing.With("Element", what+".expression"), c.link(index))
	}
	if con.x == nil {
		return
	}
	if index < 0 {
		c.form.constraints = append(c.form.constraints, con)
	} else {
		c.form.items[index].constraints = append(c.form.items[index].constraints, con)
	}
}

// computed looks for an expression on a primitive: "_text" of an item, "_valueInteger" of an extension.
func (c *compiler) computed(m jsonscan.Value, index int, element string) {
	for _, ext := range m.Get("extension").All() {
		switch feature(ext.Get("url").Text()) {
		case "cqf-expression":
			if x, _ := c.expression(ext.Get("valueExpression"), index, element); x != nil {
				c.dynamic(index, element, x)
			}
		case "cqf-calculatedValue":
			if source := ext.Get("valueString").Text(); source != "" {
				if x := c.source(source, index, element); x != nil {
					c.dynamic(index, element, x)
				}
			} else if x, _ := c.expression(ext.Get("valueExpression"), index, element); x != nil {
				c.dynamic(index, element, x)
			}
		}
	}
}

// dynamics are the elements that may be computed.
var dynamics = []string{"text", "prefix", "required", "readOnly", "repeats", "minValue", "maxValue", "minQuantity", "maxQuantity", "minOccurs", "maxOccurs",
	"maxLength", "minLength", "maxDecimalPlaces", "entryFormat", "answerValueSet"}

func (c *compiler) dynamic(index int, element string, x *expression) {
	element = strings.Replace(element, "Quantity", "Value", 1)
	switch {
	case index < 0:
		c.warn(errIgnored.With("Feature", "cqf-expression ("+element+")"), "")
	case element == "answerValueSet":
		c.form.items[index].offers = x
	case !slices.Contains(dynamics, element):
		c.refuse(errFeature.With("Feature", "cqf-expression ("+element+")"), c.link(index))
	default:
		c.form.items[index].dynamics = append(c.form.items[index].dynamics, dynamic{element, x})
	}
}
