package export

import (
	"fmt"
	"slices"
	"strings"

	"kindred/export/sheet"
)

// describe writes the codebook and the values: every column of every sheet, and what may stand in it.
func (w *workbook) describe() error {
	for _, c := range baselineColumns {
		if (w.plan.Wants(c.field) || c.field == "") && (!c.grouped || w.plan.MinimumClass > 0) {
			if err := w.codebook.Row(prose(c.sheet, c.column, "", "", c.kind, "", "", "", "", c.how)...); err != nil {
				return err
			}
		}
	}
	for _, v := range baselineValues {
		if w.plan.Wants(v.field) {
			if err := w.values.Row(prose(v.sheet, v.column, v.value, "", v.meaning)...); err != nil {
				return err
			}
		}
	}
	for _, m := range absences {
		if m.field == "" || w.plan.Wants(m.field) {
			if err := w.missing.Row(prose(m.where, m.mark, yes(m.asked), m.meaning, m.fhir)...); err != nil {
				return err
			}
		}
	}
	for _, l := range w.layouts {
		for _, g := range l.grids {
			if err := w.describeGrid(g); err != nil {
				return err
			}
		}
	}
	return nil
}

func prose(texts ...string) []sheet.Cell {
	cells := make([]sheet.Cell, len(texts))
	for i, t := range texts {
		if t != "" {
			cells[i] = sheet.Text(t)
		}
	}
	return cells
}

func (w *workbook) describeGrid(g *grid) error {
	name := w.tables[g].Name()
	fixed, how := rootColumns, rootHow
	if g.parent != nil {
		fixed, how = childColumns, childHow
	}
	for i, c := range fixed {
		text := strings.ReplaceAll(how[i], "PARENT", w.parentName(g))
		if err := w.codebook.Row(prose(name, c, "", "", "text", "", "", "", "", text)...); err != nil {
			return err
		}
	}
	for _, c := range g.columns {
		q := c.question
		if err := w.codebook.Row(prose(name, c.header, q.LinkID, q.Label, c.kind(), c.versions(), yes(q.Required), yes(q.conditions), yes(q.Repeats), c.how(w.plan),
			c.earlier(), c.between(w.byForm(g)))...); err != nil {
			return err
		}
		if c.unit || c.rows {
			continue
		}
		if err := w.describeValues(name, c); err != nil {
			return err
		}
	}
	return nil
}

func (w *workbook) parentName(g *grid) string {
	if g.parent == nil {
		return ""
	}
	return w.tables[g.parent].Name()
}

// byForm lists the versions of the questionnaire that a grid belongs to, oldest first.
func (w *workbook) byForm(g *grid) []*Form {
	var forms []*Form
	for _, l := range w.layouts {
		if !slices.Contains(l.grids, g) {
			continue
		}
		for _, f := range w.plan.Forms {
			if f.URL == l.url {
				forms = append(forms, f)
			}
		}
	}
	return forms
}

// describeValues lists the options of a question over all versions, each once, with the versions that offer it.
func (w *workbook) describeValues(name string, c *column) error {
	var order []Value
	offered := map[Value][]string{}
	asked := map[Value]*Question{}
	for _, f := range w.plan.Forms {
		q := c.asked[f.Version]
		if q == nil || f.byLink[q.LinkID] != q {
			continue
		}
		for _, o := range q.Options {
			if offered[o] == nil {
				order, asked[o] = append(order, o), q
			}
			offered[o] = append(offered[o], f.Version)
		}
	}
	for _, o := range order {
		meaning := o.Code.Display
		if o.Kind != Coded {
			meaning = o.Text
		}
		if err := w.values.Row(prose(name, c.header, plainText(o, asked[o]), o.Code.System, meaning, strings.Join(offered[o], ", "))...); err != nil {
			return err
		}
	}
	return nil
}

// earlier says how versions worded the question that word it otherwise than the newest.
func (c *column) earlier() string {
	if c.unit || c.rows {
		return ""
	}
	var said []string
	for _, v := range c.sorted() {
		if label := c.asked[v].Label; label != c.question.Label {
			said = append(said, v+": "+label)
		}
	}
	return strings.Join(said, "\n")
}

// between says what else changed from version to version.
func (c *column) between(forms []*Form) string {
	l := c.lineage
	if l == nil || c.unit {
		return ""
	}
	var said []string
	if len(l.Replaces) > 0 {
		said = append(said, "Takes the place of "+strings.Join(l.Replaces, ", ")+", which meant something else.")
	}
	if l.ReplacedBy != "" {
		said = append(said, "Its place is taken by "+l.ReplacedBy+", which means something else.")
	}
	for _, v := range l.MissingSince {
		if v < len(forms) {
			said = append(said, "From version "+forms[v].Version+" on, others are asked or have to answer: compare missing answers within versions only.")
		}
	}
	return strings.Join(said, " ")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (c *column) kind() string {
	switch {
	case c.unit:
		return "unit"
	case c.rows:
		return "rows"
	}
	return c.question.Type
}

// how says in a sentence how a cell of the column is read.
func (c *column) how(p *Plan) string {
	q := c.question
	switch {
	case c.rows:
		return "How many rows it has in its own sheet. Where there is none, the mark says why."
	case c.unit:
		return "Unit of the number before it: a UCUM code where the form has one."
	case q.Repeats && !q.splits() && (q.Type == "choice" || q.Type == "open-choice"):
		return "All chosen codes, with " + separator + " between them; a " + separator + ` inside a code is written \` + separator + `, a backslash \\.`
	}
	switch q.Type {
	case "boolean":
		return "TRUE or FALSE."
	case "integer", "decimal":
		return "A number; one that Excel cannot keep exactly (over 15 digits) is text."
	case "quantity":
		return "The number; its unit is in the next column. With a comparator (<5) it is text."
	case "date", "dateTime":
		return "ISO 8601 text, shifted by the person's own number of days, as exact as it was given: 2021, 2021-03 or 2021-03-04; instants in UTC."
	case "time":
		return "Text, hh:mm:ss."
	case "choice":
		return "The code of the answer; its meaning is in the sheet Values."
	case "open-choice":
		if p.FreeText {
			return "The code of the answer, or the person's own words."
		}
		return "The code of the answer; own words are kept back: " + MarkWithheld + "."
	case "attachment", "reference":
		return "Never leaves the registry: " + MarkWithheld + " where there is one."
	}
	if p.FreeText {
		return "What the person wrote; with an apostrophe before it where it begins like a formula (see README)."
	}
	return "Words stay out of this release: " + MarkWithheld + " where there are some."
}

var rootHow = []string{
	"Id of the response in this study: the same in every release and in the FHIR files.",
	"The person, as in Participants.",
	"Version of the questionnaire that was answered.",
	"completed, or amended when answers were changed after sending.",
	"When it was sent, in UTC, shifted by the person's own number of days.",
	"Language in which it was answered.",
}

var childHow = []string{
	"Id of this row.",
	"row_id of the row it belongs to, in the sheet PARENT.",
	"row_id of the response it belongs to.",
	"The person, as in Participants.",
	"Version of the questionnaire that was answered.",
	"Place among the rows of this response, from 1.",
}

// absences are the ways in which something is not there, and whether the person was asked.
var absences = []struct {
	where, mark string
	asked       bool
	meaning     string
	fhir        string
	field       Field
}{
	{"questionnaires", MarkNotAsked, false, "The version that was answered does not have this question. It is not a missing answer.", "The item is not in the Questionnaire that the response names.", ""},
	{"questionnaires", MarkSkipped, true, "The question was shown and left without an answer.",
		"The item is in the Questionnaire, not in the response, and no extension " + extensionNotShown + " around its place names it.", ""},
	{"questionnaires", MarkHidden, false, "The form did not show the question: an earlier answer kept it closed, what it belongs to was not answered, or nobody is asked (a value that the form itself works out).",
		"The item, or a group around it, is named by an extension " + extensionNotShown + " of the response, the instance or the answer around it; or it stands under an item without an answer; or it is read-only or has questionnaire-hidden.", ""},
	{"questionnaires", MarkDeclined, true, "The person would rather not answer, and said so.", "The answer has no value, and the extension data-absent-reason with asked-declined.", ""},
	{"questionnaires", MarkUnsaid, true, "There is an answer without a value, for another reason.", "The answer has no value, and the extension data-absent-reason with unknown.", ""},
	{"questionnaires", MarkWithheld, true, "There is an answer, and the protocol does not let it out.", "The item has the extension data-absent-reason with masked.", ""},
	{"Participants", "", false, "Not known to the registry.", "The element is not there.", ""},
	{"Participants", MarkWithheld, false, "Known, and not told, because too few people share it.", "The element has the extension data-absent-reason with masked.", ""},
	{"Symptoms", "", false, "A term without a row was not told of: that is not absence, which is a row.", "There is no Observation.", FieldSymptoms},
	{"Elements, column missing", "unknown", true, "Asked, and not known.", "dataAbsentReason unknown", FieldElements},
	{"Elements, column missing", "declined", true, "Asked, and the person did not want to say.", "dataAbsentReason asked-declined", FieldElements},
	{"Elements, column missing", "not_applicable", true, "Does not apply to the person.", "dataAbsentReason not-applicable", FieldElements},
	{"Elements, column missing", "not_asked", false, "Not asked.", "dataAbsentReason not-asked", FieldElements},
}

var baselineColumns = []struct {
	sheet, column, kind string
	field               Field
	how                 string
	grouped             bool // there with a minimum class alone
}{
	{"Participants", "pseudonym", "text", "", "The person in this study, and in no other. The last character checks the rest.", false},
	{"Participants", "birth_year", "number", FieldBirthYear, "Year of birth. Empty where it is not known.", false},
	{"Participants", "birth_year_or_earlier", "boolean", FieldBirthYear, "TRUE for people of 90 and more, whose year is that of people aged 90.", false},
	{"Participants", "birth_year_from", "number", FieldBirthYear, "First year that it may be. Empty for people of 90 and more, or where it is not known.", true},
	{"Participants", "birth_year_to", "number", FieldBirthYear, "Last year that it may be: the same year, unless a group of years is told.", true},
	{"Participants", "age", "number", FieldAge, "Age reached in the calendar year of the cut, at most 90.", false},
	{"Participants", "age_or_older", "boolean", FieldAge, "TRUE for people of 90 and more.", false},
	{"Participants", "age_from", "number", FieldAge, "Lowest age that it may be.", true},
	{"Participants", "age_to", "number", FieldAge, "Highest age that it may be. Empty for people of 90 and more, or where it is not known.", true},
	{"Participants", "sex", "text", FieldSex, "See Values.", false},
	{"Participants", "country", "text", FieldCountry, "Country of residence, ISO 3166-1 alpha-2.", false},
	{"Participants", "relation", "text", FieldRelation, "Who answers for the person.", false},
	{"Diagnoses", "row_id", "text", FieldDiagnoses, "Id of the diagnosis in this study.", false},
	{"Diagnoses", "pseudonym", "text", FieldDiagnoses, "The person, as in Participants.", false},
	{"Diagnoses", "orpha_code", "text", FieldDiagnoses, "ORPHA number. Empty: not diagnosed yet.", false},
	{"Diagnoses", "diagnosis", "text", FieldDiagnoses, "Name of the ORPHA entry.", false},
	{"Diagnoses", "status", "text", FieldDiagnoses, "suspected or confirmed, as the person says.", false},
	{"Diagnoses", "proof_accepted", "boolean", FieldDiagnoses, "TRUE when a reviewer accepted the proof of the diagnosis.", false},
	{"Diagnoses", "onset_kind", "text", FieldDiagnoses, "When it began: antenatal, birth, date or undetermined. Empty: not told.", false},
	{"Diagnoses", "onset", "text", FieldDiagnoses, "With date: ISO date, shifted, as exact as it was given.", false},
	{"Diagnoses", "diagnosed_kind", "text", FieldDiagnoses, "When it was diagnosed: antenatal, birth, date or undetermined. Empty: not told.", false},
	{"Diagnoses", "diagnosed", "text", FieldDiagnoses, "With date: ISO date, shifted, as exact as it was given.", false},
	{"Symptoms", "row_id", "text", FieldSymptoms, "Id of the symptom in this study.", false},
	{"Symptoms", "pseudonym", "text", FieldSymptoms, "The person, as in Participants.", false},
	{"Symptoms", "hpo_code", "text", FieldSymptoms, "Term of the Human Phenotype Ontology.", false},
	{"Symptoms", "symptom", "text", FieldSymptoms, "Name of the term.", false},
	{"Symptoms", "presence", "text", FieldSymptoms, "See Values. A term that is not listed was not asked about: that is not absence.", false},
	{"Symptoms", "onset_code", "text", FieldSymptoms, "HPO term for the time of onset.", false},
	{"Symptoms", "onset_term", "text", FieldSymptoms, "Its name.", false},
	{"Symptoms", "onset_date", "text", FieldSymptoms, "ISO date, shifted, as exact as it was given.", false},
	{"Symptoms", "severity_code", "text", FieldSymptoms, "HPO term for the severity.", false},
	{"Symptoms", "severity_term", "text", FieldSymptoms, "Its name.", false},
	{"Symptoms", "course_code", "text", FieldSymptoms, "HPO term for the course over time.", false},
	{"Symptoms", "course_term", "text", FieldSymptoms, "Its name.", false},
	{"Elements", "pseudonym", "text", FieldElements, "The person, as in Participants.", false},
	{"Elements", "element", "text", FieldElements, "Key of the element.", false},
	{"Elements", "number", "text", FieldElements, "Number in the EU set of common data elements for rare diseases.", false},
	{"Elements", "name", "text", FieldElements, "Name of the element.", false},
	{"Elements", "value", "as the element", FieldElements, "The value: a code, a number, or an ISO date, shifted.", false},
	{"Elements", "meaning", "text", FieldElements, "Name of the code.", false},
	{"Elements", "code_system", "text", FieldElements, "System of the code.", false},
	{"Elements", "missing", "text", FieldElements, "Why there is no value: unknown, declined, not_applicable or not_asked.", false},
}

var baselineValues = []struct {
	sheet, column, value string
	field                Field
	meaning              string
}{
	{"Participants", "sex", string(Female), FieldSex, "Female"},
	{"Participants", "sex", string(Male), FieldSex, "Male"},
	{"Participants", "sex", string(Undetermined), FieldSex, "Undetermined"},
	{"Participants", "sex", string(SexUnknown), FieldSex, "Not known, or before birth"},
	{"Participants", "relation", "self", FieldRelation, "The person answers"},
	{"Participants", "relation", "parent", FieldRelation, "A parent answers"},
	{"Participants", "relation", "guardian", FieldRelation, "A guardian answers"},
	{"Participants", "relation", "carer", FieldRelation, "A carer answers"},
	{"Symptoms", "presence", string(Present), FieldSymptoms, "The person has or had it"},
	{"Symptoms", "presence", string(Absent), FieldSymptoms, "The person was asked and does not have it"},
	{"Symptoms", "presence", string(PresenceUnsure), FieldSymptoms, "The person was asked and does not know"},
}

// introduce writes the README, last, when everything is counted.
func (w *workbook) introduce() error {
	m := w.cover
	lines := [][2]string{
		{"# Study", m.Study.Title},
		{"Purpose", m.Study.Purpose},
		{"Study id", m.Study.ID},
		{"Protocol version", m.Study.Protocol},
		{"Cut", m.Cut + " (state of the registry and of every consent at that instant)"},
		{"Consent snapshot", m.consentLine()},
		{"Participants", "Each of them consented to this use, and the consent was in force at the cut. People who withdraw later must be removed when you are told."},
		{"# How people were protected", ""},
		{"Pseudonyms", "Made for this study alone. They cannot be linked to another study without keys that the registry keeps."},
		{"Dates", "Every date of a person is moved by the same number of days, between -182 and 182 and never 0. Intervals within a person are exact to the day; calendar dates are not real. A month is moved with its 15th day; a year stays as it is."},
		{"Ages", "From 90 on, ages are one group."},
		{"Small classes", w.classesLine()},
		{"Words", w.wordsLine()},
		{"Do not", "Do not try to find out who somebody is, do not link these data to others, do not pass them on."},
		{"# How to read the sheets", ""},
		{"Codebook, Values, Missing", "Every column of every sheet, the meaning of every code, and of every way in which there is no answer."},
		{"Versions", "A questionnaire has one sheet for all its versions. A column is a question as long as it means the same; the codebook says which versions ask it and how they word it. Where a meaning changed under the same linkId, the older answers have a column of their own."},
		{"One row", "Participants: a person. Symptoms, Diagnoses, Elements: one each. Q1, Q2, ...: a response to a questionnaire. Q1.1, ...: one instance of something that repeats, tied to its row by parent_row_id."},
		{"Codes", "Are text cells. Read all columns as text first, and turn into numbers what the codebook calls a number."},
		{MarkNotAsked, "The version that was answered does not have this question. It is not a missing answer."},
		{MarkSkipped, "The question was shown and left without an answer."},
		{MarkHidden, "The form did not show the question: an earlier answer kept it closed, what it belongs to was not answered, or nobody is asked."},
		{MarkDeclined, "The person would rather not answer, and said so."},
		{MarkUnsaid, "There is an answer without a value, for another reason."},
		{MarkWithheld, "There is an answer, and the protocol does not let it out."},
		{"Long texts", "A text over 32,767 characters does not fit a cell; it is whole in the sheet Long texts, in parts."},
		{"Control characters", "Are kept, written _xHHHH_ as Excel does; a text that looks like that has its underscore written _x005F_."},
		{"= + - @", "A text that begins with one of these, a tab or a line break has an apostrophe before it, so that no spreadsheet runs it as a formula, not even from a CSV file saved from a sheet; plain numbers such as -99 have none. To have the text as it was, " +
			"take one apostrophe away where a text begins with an apostrophe and, after any further ones, with such a character. The FHIR files hold it as it was."},
		{"Exact numbers", "Excel shows 1.50 as 1.5. The FHIR files keep the digits as they were typed."},
		{"Order", "Rows are ordered by pseudonym, which says nothing about when a person joined."},
	}
	for _, l := range lines {
		if l[1] == "" && !strings.HasPrefix(l[0], "#") {
			continue
		}
		name, head := strings.CutPrefix(l[0], "# ")
		first := sheet.Prose(name)
		if head {
			first = sheet.Heading(name)
		}
		second := sheet.Cell{}
		if l[1] != "" {
			second = sheet.Prose(l[1])
		}
		if err := w.readme.Row(first, second); err != nil {
			return err
		}
	}
	return nil
}

func (w *workbook) classesLine() string {
	if n := w.plan.MinimumClass; n > 0 {
		return fmt.Sprintf("At least %d people share what is told of birth, sex and country. Where they would be fewer, birth is told as one of five or ten years, or is "+
			MarkWithheld+", and country and sex may be "+MarkWithheld+" too. Nobody is left out. The manifest says of how many people how much is told (small_cells).", n)
	}
	return "Nothing was done to people who share birth, sex and country with few others; the manifest counts them (small_cells). Treat them as recognisable."
}

func (w *workbook) wordsLine() string {
	if w.plan.FreeText {
		return "The protocol of this study lets words out that people wrote themselves. They may tell who somebody is: handle them accordingly."
	}
	return "What people wrote in their own words stays out, as do files and answers under \"other\"."
}
