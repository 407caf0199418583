package redcap

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// Read converts a data dictionary to a questionnaire. Forms become top-level groups, each a page; section headers and
// matrices become groups within them; a field's variable name becomes its linkId. The error is a fault.List with every
// fault, each at its line and column; the Report names what REDCap says and FHIR cannot.
func Read(raw []byte, o Options) (convert.Questionnaire, convert.Report, error) {
	d := parseDictionary(raw, o)
	r := reader{d: d}
	if len(d.faults) > 0 {
		return convert.Questionnaire{}, nil, d.faults
	}
	q := r.header()
	for _, f := range d.forms {
		q.Item = append(q.Item, r.form(f))
	}
	if len(d.faults) > 0 { // limits that are logic are read while items are made
		return convert.Questionnaire{}, nil, d.faults
	}
	places := []string{"line 1"}
	for _, f := range d.fields {
		places = append(places, f.name)
	}
	inOrder(d.report, places)
	if r.ranges {
		d.report.Add("dictionary", "range checks", convert.Changed, "REDCap warns of an answer outside its range unless @FORCE-MINMAX is set; here it is refused.")
	}
	return q, d.report, nil
}

// inOrder sorts a report by its places, which are given in the order of the source; what stands at one place stays in
// the order in which it was met.
func inOrder(r convert.Report, places []string) {
	rank := make(map[string]int, len(places))
	for i, p := range places {
		rank[p] = i
	}
	slices.SortStableFunc(r, func(a, b convert.Note) int { return rank[a.Place] - rank[b.Place] })
}

// Unreadable tells whether Read refused the bytes because they are no CSV file in UTF-8 at all.
func Unreadable(err error) bool {
	return errors.Is(err, errEncoding) || errors.Is(err, errCSV) || errors.Is(err, errEmpty)
}

var downloaded = regexp.MustCompile(`(?i)_?DataDictionary_[0-9-]+.*$`)

// TitleOf makes a title of the name of a dictionary's file, which REDCap calls Project_DataDictionary_2026-03-01.
func TitleOf(file string) string { return sentence(downloaded.ReplaceAllString(file, "")) }

type reader struct {
	d      *dictionary
	ranges bool
}

func (r *reader) header() convert.Questionnaire {
	o, first := r.d.opts, r.d.forms[0].name
	q := convert.Questionnaire{ResourceType: "Questionnaire", Language: o.Language, URL: o.URL, Version: o.Version, Title: o.Title, Status: "draft",
		SubjectType: []string{"Patient"}}
	if q.Title == "" {
		q.Title = sentence(first)
	}
	slug := slugOf(q.Title, '-')
	if slug == "" {
		slug = strings.ReplaceAll(first, "_", "-")
	}
	if q.URL == "" {
		q.URL = o.base() + "/" + slug
	}
	if q.Version == "" {
		q.Version = "1.0.0"
	}
	for word := range strings.SplitSeq(slug, "-") {
		q.Name += strings.ToUpper(word[:min(1, len(word))]) + word[min(1, len(word)):]
	}
	if q.Name == "" || isDigit(q.Name[0]) {
		q.Name = "Q" + q.Name
	}
	for _, f := range r.d.fields {
		f.system = q.URL + "/" + f.name
	}
	return q
}

// slugOf keeps letters and digits, in lower case, and puts one sep wherever something else stood.
func slugOf(s string, sep byte) string {
	var out []byte
	for _, c := range []byte(strings.ToLower(s)) {
		switch {
		case c >= 'a' && c <= 'z' || isDigit(c):
			out = append(out, c)
		case len(out) > 0 && out[len(out)-1] != sep:
			out = append(out, sep)
		}
	}
	return strings.Trim(string(out), string(sep))
}

// sentence is how REDCap names a form until somebody names it: blood_pressure is "Blood pressure".
func sentence(name string) string {
	s := strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
}

// coding is a choice of a field as an answer. Each field has its own code system, since REDCap's codes mean nothing
// outside it.
func (f *field) coding(code string) *convert.Coding {
	return &convert.Coding{System: f.system, Code: code}
}

// form makes the page of a form.
func (r *reader) form(f *form) convert.Item {
	page := convert.Item{LinkID: formLink(f.name), Text: sentence(f.name), Type: "group", Repeats: f.repeats}
	used := map[string]bool{}
	var section, matrix *convert.Item
	into := func() *[]convert.Item {
		switch {
		case matrix != nil:
			return &matrix.Item
		case section != nil:
			return &section.Item
		}
		return &page.Item
	}
	closeMatrix := func() {
		if matrix != nil {
			done := *matrix
			matrix = nil
			*into() = append(*into(), done)
		}
	}
	for _, one := range f.fields {
		at := making{r: r, form: f, field: one, used: used}
		if name := one.cell[colMatrix]; matrix != nil && matrix.LinkID != matrixLink(name) {
			closeMatrix()
		}
		if header := one.cell[colSection]; header != "" {
			if text, more := at.label(colSection); text != "" {
				closeMatrix()
				if section != nil {
					page.Item = append(page.Item, *section)
				}
				section = &convert.Item{LinkID: "section-" + one.name, Text: text, TextMore: more, Type: "group"}
			}
		}
		if name := one.cell[colMatrix]; name != "" && matrix == nil {
			matrix = at.matrix(name)
		}
		*into() = append(*into(), at.item())
	}
	closeMatrix()
	if section != nil {
		page.Item = append(page.Item, *section)
	}
	page.Extension = append([]convert.Extension{control("page")}, variables(f, used)...)
	return page
}

func matrixLink(name string) string { return "matrix-" + name }

// variables are the fields of a repeating form that its logic uses: each is that of the occurrence one stands in.
func variables(f *form, used map[string]bool) []convert.Extension {
	var out []convert.Extension
	for _, one := range f.fields {
		if used[one.name] {
			out = append(out, convert.Extension{URL: convert.Core + "variable", Value: convert.Value{
				Expr: &convert.Expression{Name: variable(one.name), Language: "text/fhirpath", Expression: occurrencePath(one)}}})
		}
	}
	return out
}

func control(code string) convert.Extension {
	return convert.Extension{URL: convert.Core + "questionnaire-itemControl", Value: convert.Value{
		Concept: &convert.Concept{Coding: []convert.Coding{{System: "http://hl7.org/fhir/questionnaire-item-control", Code: code}}}}}
}

func fhirpathOf(src, description string) *convert.Expression {
	return &convert.Expression{Description: description, Language: "text/fhirpath", Expression: src}
}

func extInteger(url string, n int) convert.Extension {
	return convert.Extension{URL: url, Value: convert.Value{Integer: &n}}
}

func extTrue(url string) convert.Extension {
	yes := true
	return convert.Extension{URL: url, Value: convert.Value{Boolean: &yes}}
}

func extString(url, s string) convert.Extension {
	return convert.Extension{URL: url, Value: convert.Value{String: s}}
}

func decimal(n string) *json.Number {
	d := json.Number(n)
	return &d
}

// constraint is an expression that has to hold, with the words for when it does not.
func constraint(key, human string, e *convert.Expression) convert.Extension {
	return convert.Extension{URL: convert.Core + "targetConstraint", Extension: []convert.Extension{
		{URL: "key", Value: convert.Value{ID: key}}, {URL: "severity", Value: convert.Value{Code: "error"}},
		{URL: "expression", Value: convert.Value{Expr: e}}, {URL: "human", Value: convert.Value{String: human}}}}
}

func why(err error) string { return strings.TrimSuffix(err.Error(), ".") }
