package redcap

import (
	"regexp"
	"slices"
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/convert"
)

// dictionary is a whole file, read and judged.
type dictionary struct {
	forms  []*form
	fields []*field
	byName map[string]*field
	report convert.Report
	faults fault.List
	opts   Options
}

type form struct {
	name    string
	repeats bool
	fields  []*field
}

// field is a row, with what its cells mean.
type field struct {
	row
	name, typ string
	form      *form
	choices   []choice
	valid     validation
	validName string
	branching logic
	calc      logic
	tags      tags
	system    string // of the codes of its choices
}

var (
	variableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	formName     = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)
	fieldTypes   = []string{"text", "notes", "dropdown", "radio", "checkbox", "yesno", "truefalse", "calc", "file", "slider", "descriptive", "sql"}
	typeAliases  = map[string]string{"textarea": "notes", "select": "dropdown", "signature": "file", "essay": "notes"}
)

// reservedNames are columns that REDCap itself puts into files of data; it also has one for each form, called
// <form>_complete.
var reservedNames = map[string]bool{"redcap_event_name": true, "redcap_repeat_instrument": true, "redcap_repeat_instance": true,
	"redcap_data_access_group": true, "redcap_survey_identifier": true}

func (f *field) pick() bool { return f.typ == "dropdown" || f.typ == "radio" || f.typ == "checkbox" }

// offers tells whether a code is among the choices.
func (f *field) offers(code string) bool {
	return slices.ContainsFunc(f.choices, func(c choice) bool { return c.code == code })
}

// kind is what a reference to the field gives.
func (f *field) kind() kind {
	switch f.typ {
	case "text":
		return f.valid.kind
	case "dropdown", "radio":
		return kindCode
	case "checkbox":
		return kindBoolean
	case "yesno", "truefalse":
		return kindFlag
	case "calc", "slider":
		return kindNumber
	case "file":
		return kindFile
	}
	return kindText
}

// parseDictionary reads the fields, telling every fault.
func parseDictionary(raw []byte, o Options) *dictionary {
	d := &dictionary{byName: map[string]*field{}, opts: o}
	rows, report, faults := readRows(raw)
	d.report, d.faults = report, faults
	if len(rows) == 0 && len(faults) == 0 {
		d.faults.Add(errNoFields)
	}
	for _, r := range rows {
		if len(d.faults) > maxFaults {
			d.faults.Add(errMany.With("Limit", maxFaults))
			return d
		}
		d.field(r)
	}
	for _, f := range d.fields {
		if base, ok := strings.CutSuffix(f.name, "_complete"); reservedNames[f.name] || ok && slices.ContainsFunc(d.forms, func(x *form) bool { return x.name == base }) {
			d.fault(f, colName, errReserved.With("Name", f.name))
		}
	}
	for _, name := range o.Repeating {
		if !slices.ContainsFunc(d.forms, func(f *form) bool { return o.repeats(f.name) && strings.EqualFold(strings.TrimSpace(name), f.name) }) {
			d.faults.Add(errRepeating.With("Form", clip(name)))
		}
	}
	d.matrices()
	return d
}

func (d *dictionary) fault(f *field, c column, e *fault.Error) { d.faults.Add(e.At(place(f.line, c))) }

// field judges one row. A faulty one is kept, so that what refers to it is not a fault too.
func (d *dictionary) field(r row) {
	f := &field{row: r, name: strings.ToLower(r.cell[colName]), typ: strings.ToLower(r.cell[colType])}
	if now, old := typeAliases[f.typ]; old {
		if f.typ == "signature" {
			f.cell[colValidation] = "signature"
		}
		f.typ = now
	}
	switch {
	case !variableName.MatchString(f.name) || len(f.name) > maxName:
		d.fault(f, colName, errName.With("Name", clip(f.cell[colName]), "Limit", maxName))
	case d.byName[f.name] != nil:
		d.fault(f, colName, errNameTwice.With("Name", f.name, "Line", d.byName[f.name].line))
	default:
		d.byName[f.name] = f
	}
	d.fields = append(d.fields, f)
	d.place(f)
	if !slices.Contains(fieldTypes, f.typ) {
		d.fault(f, colType, errType.With("Type", clip(f.cell[colType])))
		return
	}
	d.validation(f)
	d.choices(f)
	d.flags(f)
	d.limits(f)
	f.branching = d.logic(f, colBranching, f.cell[colBranching])
	if f.typ == "calc" {
		f.calc = d.logic(f, colChoices, f.cell[colChoices])
		if f.cell[colChoices] == "" {
			d.report.Add(f.name, "calc", convert.Partial, "The calculation is missing; the field stays without a value.")
		}
	}
	f.tags = parseTags(f.cell[colAnnotation])
}

// place puts a field on its form. Forms are named anew where a spreadsheet wrote them with capitals or spaces.
func (d *dictionary) place(f *field) {
	name := strings.ReplaceAll(strings.ToLower(f.cell[colForm]), " ", "_")
	if !formName.MatchString(name) || len(name) > maxName {
		d.fault(f, colForm, errForm.With("Form", clip(f.cell[colForm]), "Limit", maxName))
		name = "form"
	}
	if n := len(d.forms); n > 0 && d.forms[n-1].name == name {
		f.form = d.forms[n-1]
	} else {
		for _, other := range d.forms {
			if other.name == name {
				d.fault(f, colForm, errFormApart.With("Form", name))
				break
			}
		}
		f.form = &form{name: name, repeats: d.opts.repeats(name)}
		d.forms = append(d.forms, f.form)
	}
	f.form.fields = append(f.form.fields, f)
}

// validation reads the column of that name, which means other things for dropdowns, files and sliders.
func (d *dictionary) validation(f *field) {
	name := f.cell[colValidation]
	if f.typ != "text" {
		f.validName = strings.ToLower(name)
		known := map[string]string{"dropdown": "autocomplete", "file": "signature", "slider": "number", "sql": "autocomplete"}[f.typ]
		if f.validName != "" && f.validName != known {
			d.report.Add(f.name, "text validation "+clip(name), convert.Dropped, "A field of type %s has no such validation.", f.typ)
			f.validName = ""
		}
		return
	}
	v, canonical, ok := validationNamed(name)
	switch {
	case ok:
		f.valid, f.validName = v, canonical
	case strings.HasPrefix(f.cell[colChoices], "BIOPORTAL:") || regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(canonical):
		// Administrators may add types of their own, of which the dictionary has only the name.
		f.valid, f.validName = validations[""], canonical
		f.valid.plain = false
		d.report.Add(f.name, "text validation "+clip(name), convert.Partial, "This validation is not one that REDCap comes with: any text is accepted.")
	default:
		f.valid = validations[""]
		d.fault(f, colValidation, errValidation.With("Validation", clip(name)))
	}
}

func (d *dictionary) flags(f *field) {
	for _, c := range []column{colIdentifier, colRequired, colRanking} {
		switch strings.ToLower(f.cell[c]) {
		case "", "n", "no", "0", "false":
			f.cell[c] = ""
		case "y", "yes", "1", "true":
			f.cell[c] = "y"
		default:
			d.fault(f, c, errFlag.With("Value", clip(f.cell[c])))
		}
	}
	switch f.cell[colAlignment] = strings.ToUpper(f.cell[colAlignment]); f.cell[colAlignment] {
	case "", "RV", "RH", "LV", "LH":
	default:
		d.fault(f, colAlignment, errAlignment.With("Value", clip(f.cell[colAlignment])))
	}
}

// limits judges the least and the greatest answer, as far as they are fixed.
func (d *dictionary) limits(f *field) {
	if f.typ != "slider" && (f.typ != "text" || f.valid.kind == kindText) {
		return
	}
	var end [2]string
	for i, c := range []column{colMin, colMax} {
		cell := f.cell[c]
		if cell == "" || f.typ == "text" && moving(cell) {
			continue
		}
		_, s, ok := f.bound(cell)
		if end[i] = s; !ok {
			end[i] = ""
			d.fault(f, c, errBound.With("Value", clip(cell)))
		}
	}
	if f.typ == "slider" {
		end[0], end[1] = or(end[0], "0"), or(end[1], "100")
	}
	if end[0] == "" || end[1] == "" {
		return
	}
	crossed := end[0] > end[1]
	if f.kind() == kindNumber {
		crossed = lessNumber(end[1], end[0])
	}
	if crossed || f.typ == "slider" && equalNumbers(end[0], end[1]) {
		d.fault(f, colMax, errBounds.With("Min", end[0], "Max", end[1]))
	}
}

// moving tells whether a limit is not a fixed value: today, now, or another field.
func moving(cell string) bool {
	low := strings.ToLower(strings.Trim(cell, "'\""))
	return low == "today" || low == "now" || strings.HasPrefix(low, "[")
}

// logic reads branching logic or a calculation; nil for none.
func (d *dictionary) logic(f *field, c column, src string) logic {
	if strings.TrimSpace(src) == "" {
		return nil
	}
	l, err := parseLogic(src)
	if err != nil {
		d.fault(f, c, errLogic.With("Logic", clip(src), "Why", err.Error()))
	}
	return l
}

// matrices judges that the fields of a matrix follow one another and offer the same choices.
func (d *dictionary) matrices() {
	seen := map[string]*field{}
	for i, f := range d.fields {
		name := f.cell[colMatrix]
		if name == "" {
			continue
		}
		if !variableName.MatchString(name) || len(name) > maxName {
			d.fault(f, colMatrix, errName.With("Name", clip(name), "Limit", maxName))
			f.cell[colMatrix] = ""
			continue
		}
		first := seen[name]
		if first == nil {
			seen[name] = f
			if f.typ != "radio" && f.typ != "checkbox" {
				d.fault(f, colMatrix, errMatrix.With("Matrix", name))
			}
			continue
		}
		before := d.fields[i-1]
		if before.cell[colMatrix] != name || f.form != first.form || f.typ != first.typ || !sameChoices(f.choices, first.choices) || f.cell[colSection] != "" {
			d.fault(f, colMatrix, errMatrix.With("Matrix", name))
		}
	}
}
