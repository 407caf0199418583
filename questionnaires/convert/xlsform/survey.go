package xlsform

import (
	"regexp"
	"slices"
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// What makes a form unusable. All faults of a form are given at once.
var (
	errNoSurvey      = fault.New(fault.Invalid, "xlsform.no_survey")
	errNoColumn      = fault.New(fault.Invalid, "xlsform.no_column")
	errEmpty         = fault.New(fault.Invalid, "xlsform.empty")
	errTypeMissing   = fault.New(fault.Invalid, "xlsform.type_missing")
	errTypeUnknown   = fault.New(fault.Invalid, "xlsform.type_unknown")
	errNameMissing   = fault.New(fault.Invalid, "xlsform.name_missing")
	errNameWrong     = fault.New(fault.Invalid, "xlsform.name_wrong")
	errNameTwice     = fault.New(fault.Invalid, "xlsform.name_twice")
	errListUnknown   = fault.New(fault.Invalid, "xlsform.list_unknown")
	errUnclosed      = fault.New(fault.Invalid, "xlsform.unclosed")
	errUnopened      = fault.New(fault.Invalid, "xlsform.unopened")
	errCrossed       = fault.New(fault.Invalid, "xlsform.crossed")
	errDeep          = fault.New(fault.TooLarge, "xlsform.deep")
	errRefUnknown    = fault.New(fault.Invalid, "xlsform.reference_unknown")
	errRefTwice      = fault.New(fault.Invalid, "xlsform.reference_twice")
	errChoiceList    = fault.New(fault.Invalid, "xlsform.choice_list")
	errChoiceName    = fault.New(fault.Invalid, "xlsform.choice_name")
	errChoiceSpace   = fault.New(fault.Invalid, "xlsform.choice_space")
	errChoiceTwice   = fault.New(fault.Invalid, "xlsform.choice_twice")
	errTooManyFaults = fault.New(fault.Invalid, "xlsform.more")
)

// maxGroups is how deep groups may nest; FHIR responses nest twice as deep.
const maxGroups = 12

// maxFaults is how many faults are told at once.
const maxFaults = 200

// node is a row of the survey: a question, a group, or the form itself.
type node struct {
	row      *record
	kind     string // "integer", "select", "rank", "group", "repeat" ...; see canonical
	name     string
	link     string
	list     string
	multiple bool
	orOther  bool
	fromFile bool
	bool     bool  // a select_one whose choices are our spelling of yes and no
	whole    bool  // its numbers have no decimals
	otherOf  *node // the text beside or_other, of which it has no row
	parent   *node
	children []*node

	state  uint8 // of finding the type of a calculation
	result vkind
}

// form is a survey while it is read.
type form struct {
	options  Options
	report   convert.Report
	faults   fault.List
	settings *record
	root     *node
	named    map[string]*node // what ${name} means
	twice    map[string]bool  // names that stand in several groups
	lists    map[string][]*record
	extra    []string         // columns of the choices that a choice_filter may name
	links    map[string]*node // by linkId

	langs    []string          // codes of the languages, in the order of the headers
	codes    map[string]string // header's word to code
	language string            // the code of the form's own language
	vars     map[*node][]variable
	varNames map[[2]*node]string // by repeat and node
}

func (n *node) section() bool { return n.kind == "group" || n.kind == "repeat" || n.kind == "form" }
func (n *node) isChoice() bool {
	return (n.kind == "select" || n.kind == "rank") && !n.fromFile && !n.bool
}

// gone are the types that FHIR has no place for.
func (n *node) gone() bool {
	switch n.kind {
	case "end", "deviceid", "phonenumber", "username", "email", "simserial", "subscriberid", "audit", "start-geopoint", "background-geopoint",
		"osm", "csv-external", "xml-external":
		return true
	}
	return false
}

// kept tells whether a row becomes an item.
func (n *node) kept() bool {
	if n.section() {
		return slices.ContainsFunc(n.children, (*node).kept) || n.row.speaks("hint") || n.row.speaks("guidance_hint")
	}
	return !n.gone()
}

// holder is the item that holds the answers: for the text of or_other, the select.
func (n *node) holder() *node {
	if n.otherOf != nil {
		return n.otherOf
	}
	return n
}

// repeats are the repeats around a node, outermost first.
func (n *node) repeats() []*node {
	var around []*node
	for p := n.holder().parent; p != nil; p = p.parent {
		if p.kind == "repeat" {
			around = append([]*node{p}, around...)
		}
	}
	return around
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// answer is the type of the answers to a question.
func (n *node) answer(f *form) vkind {
	switch n.kind {
	case "integer", "decimal", "range", "percentage", "days of month", "days of half year", "days of year":
		return vNumber
	case "date", "today":
		return vDate
	case "datetime", "start":
		return vDateTime
	case "time":
		return vTime
	case "acknowledge":
		return vBool
	case "image", "audio", "video", "file", "background-audio":
		return vFile
	case "calculate":
		return f.calculated(n)
	case "select":
		if n.bool {
			return vBool
		}
	}
	if n.section() {
		return vGroup
	}
	return vText
}

// calculated finds the type of a calculation, once. One that depends on itself is a text meanwhile.
func (f *form) calculated(n *node) vkind {
	switch n.state {
	case 1:
		return vText
	case 2:
		return n.result
	}
	n.state, n.result = 1, vText
	t := translator{form: f, at: n}
	src, once := unwrapOnce(n.row.get("calculation"))
	if v, err := t.translate(src); err == nil && single(v) && !v.nan() && !(once && n.row.get("default") != "") {
		n.result, n.whole = v.kind, v.whole
	}
	n.state = 2
	return n.result
}

var (
	wellNamed  = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_.-]*$`)
	references = regexp.MustCompile(`\$\{([^}]*)\}`)
)

// build makes the tree of the survey.
func (f *form) build(t *table) {
	f.root = &node{kind: "form", row: &record{}}
	f.named, f.twice, f.links = map[string]*node{}, map[string]bool{}, map[string]*node{}
	in, depth := f.root, 0
	for _, r := range t.records {
		text := r.get("type")
		if yes, known := affirmed(r.get("disabled")); known && yes {
			f.report.Add(r.place("disabled"), "disabled", convert.Dropped, "the row is switched off")
			continue
		}
		if text == "" {
			if r.get("name") != "" || len(r.speech["label"]) > 0 {
				f.faults.Add(errTypeMissing.With("Name", r.get("name")).At(r.first))
			}
			continue
		}
		n := &node{row: r, name: r.get("name"), parent: in}
		if !n.readType(text) {
			f.faults.Add(errTypeUnknown.With("Type", text).At(r.place("type")))
			continue
		}
		if n.kind == "hidden" && r.get("calculation") != "" {
			n.kind = "calculate"
		}
		switch n.kind {
		case "begin group", "begin repeat":
			n.kind = strings.TrimPrefix(n.kind, "begin ")
			if depth++; depth > maxGroups {
				f.faults.Add(errDeep.With("Limit", maxGroups).At(r.first))
				return
			}
			f.add(n)
			in = n
		case "end group", "end repeat":
			kind := strings.TrimPrefix(n.kind, "end ")
			if in == f.root {
				f.faults.Add(errUnopened.With("Type", text).At(r.first))
				continue
			}
			if in.kind != kind {
				f.faults.Add(errCrossed.With("Type", text, "Name", in.name).At(r.first))
			}
			in, depth = in.parent, depth-1
		default:
			f.add(n)
		}
	}
	for ; in != f.root; in = in.parent {
		f.faults.Add(errUnclosed.With("Name", in.name).At(in.row.first))
	}
	if len(f.root.children) == 0 && len(f.faults) == 0 {
		f.faults.Add(errEmpty)
	}
}

// add judges the name of a node and puts it in the tree.
func (f *form) add(n *node) {
	unnamed := n.kind == "csv-external" || n.kind == "xml-external" || n.kind == "audit"
	switch {
	case n.name == "" && (n.kind == "note" || n.section()): // what is never referred to is named as pyxform does
		n.name = "generated_" + n.kind + "_name_" + itoa(n.row.line)
	case n.name == "" && n.gone():
		n.name = strings.ReplaceAll(n.kind, " ", "_")
	case n.name == "" && !unnamed:
		f.faults.Add(errNameMissing.With("Type", n.row.get("type")).At(n.row.first))
		return
	case !wellNamed.MatchString(n.name) || len(n.name) > 200:
		f.faults.Add(errNameWrong.With("Name", n.name).At(n.row.place("name")))
	}
	for _, sister := range n.parent.children {
		if strings.EqualFold(sister.name, n.name) {
			f.faults.Add(errNameTwice.With("Name", n.name).At(n.row.place("name")))
			break
		}
	}
	n.parent.children = append(n.parent.children, n)
	n.link = n.name
	for p := n.parent; f.links[n.link] != nil && p.kind != "form"; p = p.parent {
		n.link = p.name + "." + n.link // the same name in another group
	}
	for i := 2; f.links[n.link] != nil; i++ {
		n.link = n.name + "." + itoa(i)
	}
	f.links[n.link] = n
	if had := f.named[n.name]; had != nil && had.otherOf == nil {
		f.twice[n.name] = true
	} else {
		f.named[n.name] = n
	}
	if n.orOther {
		f.other(n)
	}
}

// other makes the text question that or_other adds, for expressions that name it.
func (f *form) other(n *node) {
	if name := n.name + "_other"; f.named[name] == nil {
		f.named[name] = &node{kind: "text", name: name, otherOf: n, row: &record{}}
	}
}

// each calls do for every node of the tree, in the order of the rows.
func (n *node) each(do func(*node)) {
	for _, c := range n.children {
		do(c)
		c.each(do)
	}
}

// checkReferences finds every ${name} that means nothing.
func (f *form) checkReferences() {
	check := func(c cell) {
		for _, m := range references.FindAllStringSubmatch(c.text, -1) {
			name := strings.TrimSpace(m[1])
			switch {
			case strings.HasPrefix(name, "last-saved#"):
			case f.named[name] == nil:
				f.faults.Add(errRefUnknown.With("Name", name).At(c.place))
			case f.twice[name]:
				f.faults.Add(errRefTwice.With("Name", name).At(c.place))
			}
		}
	}
	f.root.each(func(n *node) {
		for _, column := range []string{"constraint", "required", "relevant", "calculation", "default", "readonly", "choice_filter", "repeat_count", "trigger"} {
			check(n.row.values[column])
		}
		for _, column := range []string{"label", "hint", "guidance_hint", "constraint_message", "required_message"} {
			for _, s := range n.row.speech[column] {
				check(s.cell)
			}
		}
	})
}

// affirmed reads the yes and no of XLSForm; known is false for anything else.
func affirmed(text string) (yes, known bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "yes", "true", "true()", "1":
		return true, true
	case "", "no", "false", "false()", "0":
		return false, true
	}
	return false, false
}
