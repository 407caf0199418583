package export

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"kindred/internal/ident"
)

// Field is a part of the baseline that a study may ask for.
type Field string

// The fields. BirthYear and BirthAge exclude each other.
const (
	FieldBirthYear Field = "birth_year"
	FieldAge       Field = "age"
	FieldSex       Field = "sex"
	FieldCountry   Field = "country"
	FieldRelation  Field = "relation"
	FieldDiagnoses Field = "diagnoses"
	FieldSymptoms  Field = "symptoms"
	FieldElements  Field = "elements"
)

// Fields lists all of them, in the order in which people read them.
func Fields() []Field {
	return []Field{FieldBirthYear, FieldAge, FieldSex, FieldCountry, FieldRelation, FieldDiagnoses, FieldSymptoms, FieldElements}
}

// Plan is an approved study turned into what a release does: it decides what of a Subject gets into its Record.
// A Plan does not change, and is safe for many goroutines.
type Plan struct {
	Study    ident.StudyID
	Fields   map[Field]bool
	Forms    []*Form // the versions whose answers are wanted, oldest first within a questionnaire
	Period   Window  // answers given in it
	FreeText bool    // words that people wrote themselves; the protocol must say so
	// MinimumClass is how many people must look alike before birth, sex and country are told of them whole; 0 does not
	// ask. A plan with one reduces nobody before it was told of everybody: see settle.
	MinimumClass int
	Cut          time.Time
	forms        map[string]*Form
	details      map[traits]Detail
}

// NewPlan compiles a plan. cut is the instant of the release, at which ages are counted.
func NewPlan(study ident.StudyID, fields []Field, forms []*Form, period Window, freeText bool, cut time.Time) (*Plan, error) {
	p := &Plan{Study: study, Fields: map[Field]bool{}, Forms: forms, Period: period, FreeText: freeText, Cut: cut, forms: map[string]*Form{}}
	for _, f := range fields {
		p.Fields[f] = true
	}
	for _, f := range forms {
		if p.forms[f.URL+"|"+f.Version] != nil {
			return nil, fmt.Errorf("export: %s|%s stands twice in a plan", f.URL, f.Version)
		}
		p.forms[f.URL+"|"+f.Version] = f
	}
	return p, nil
}

// Wants tells whether the plan lets a field through.
func (p *Plan) Wants(f Field) bool { return p.Fields[f] }

// Reduce makes the record of a subject: fields that the plan does not want are not there, the birth date is a year or
// an age, dates are shifted by the person's own number of days for this study, ids are the study's, and words stay out
// unless the plan says otherwise. A response that does not fit its questionnaire is an error: it must not vanish.
func (p *Plan) Reduce(s *Subject, keys Keys) (*Record, error) {
	days := keys.ShiftDays(p.Study, s.Participant)
	r := &Record{Pseudonym: Key{keys.Pseudonym(p.Study, s.Participant)}}
	p.known(r, s)
	if p.MinimumClass > 0 {
		detail, counted := p.details[r.traits()]
		if !counted {
			return nil, errors.New("export: somebody was not counted before the release began")
		}
		r.tell(detail)
	}
	if p.Wants(FieldRelation) {
		r.Relation = s.Relation
	}
	if p.Wants(FieldDiagnoses) {
		for _, d := range s.Diagnoses {
			r.Diagnoses = append(r.Diagnoses, p.diagnosis(d, keys, days))
		}
		sort.Slice(r.Diagnoses, func(i, j int) bool { return r.Diagnoses[i].Key.text < r.Diagnoses[j].Key.text })
	}
	if p.Wants(FieldSymptoms) {
		for _, y := range s.Symptoms {
			r.Symptoms = append(r.Symptoms, p.symptom(y, keys, days))
		}
		sort.Slice(r.Symptoms, func(i, j int) bool {
			a, b := &r.Symptoms[i], &r.Symptoms[j]
			return a.Code < b.Code || a.Code == b.Code && a.Key.text < b.Key.text
		})
	}
	if p.Wants(FieldElements) {
		for _, e := range s.Elements {
			e.Value = p.plain(e.Value, days)
			r.Elements = append(r.Elements, e)
		}
		sort.SliceStable(r.Elements, func(i, j int) bool {
			a, b := &r.Elements[i], &r.Elements[j]
			return a.Number < b.Number || a.Number == b.Number && a.Code < b.Code
		})
	}
	return r, p.responses(r, s, keys, days)
}

// known fills in what people who know somebody may know of them, as the plan wants it.
func (p *Plan) known(r *Record, s *Subject) {
	switch {
	case p.Wants(FieldBirthYear):
		r.Birth = birthYear(s.Birth, p.Cut)
	case p.Wants(FieldAge):
		r.Birth = birthAge(s.Birth, p.Cut)
	}
	if p.Wants(FieldSex) {
		r.Sex = s.Sex
	}
	if p.Wants(FieldCountry) {
		r.Country = s.Country
	}
}

// traits are a subject's, as the plan would tell them whole.
func (p *Plan) traits(s *Subject) traits {
	var r Record
	p.known(&r, s)
	return r.traits()
}

func shifted(s string, days int) string {
	out, ok := shift(s, days)
	if !ok {
		return ""
	}
	return out
}

func (p *Plan) diagnosis(d SubjectDiagnosis, keys Keys, days int) Diagnosis {
	out := d.Diagnosis
	out.Key = Key{keys.Rekey(p.Study, "diagnosis", d.ID)}
	out.Onset.Date, out.Diagnosed.Date = shifted(d.Onset.Date, days), shifted(d.Diagnosed.Date, days)
	return out
}

func (p *Plan) symptom(y SubjectSymptom, keys Keys, days int) Symptom {
	out := y.Symptom
	out.Key = Key{keys.Rekey(p.Study, "symptom", y.ID)}
	out.OnsetDate = shifted(y.OnsetDate, days)
	return out
}

func (p *Plan) responses(r *Record, s *Subject, keys Keys, days int) error {
	for i := range s.Responses {
		from := &s.Responses[i]
		form := p.forms[from.Raw.Questionnaire+"|"+from.Raw.Version]
		if form == nil || !p.Period.Holds(from.At) {
			continue
		}
		c := cleaner{plan: p, form: form, days: days}
		out := from.Raw
		out.Key = Key{keys.Rekey(p.Study, "response", from.ID)}
		out.Authored = shifted(from.At.UTC().Format(time.RFC3339), days)
		out.Items = c.items(from.Raw.Items, form.Items)
		if c.err != nil {
			return fmt.Errorf("export: a response to %s|%s: %w", form.URL, form.Version, c.err)
		}
		r.Responses = append(r.Responses, out)
	}
	sort.Slice(r.Responses, func(i, j int) bool {
		a, b := &r.Responses[i], &r.Responses[j]
		if a.Questionnaire != b.Questionnaire {
			return a.Questionnaire < b.Questionnaire
		}
		return a.Authored < b.Authored || a.Authored == b.Authored && a.Key.text < b.Key.text
	})
	return nil
}

// cleaner copies the items of a response, keeping what the plan keeps.
type cleaner struct {
	plan *Plan
	form *Form
	days int
	err  error
}

func (c *cleaner) items(items []Item, allowed []*Question) []Item {
	if len(items) == 0 || c.err != nil {
		return nil
	}
	out := make([]Item, 0, len(items))
	for _, i := range items {
		q := c.form.byLink[i.LinkID]
		if q == nil || !contains(allowed, q) {
			c.err = fmt.Errorf("linkId %q is not an item there", i.LinkID)
			return nil
		}
		n := Item{LinkID: i.LinkID, Hidden: i.Hidden, Items: c.items(i.Items, q.Items)}
		for _, a := range i.Answers {
			n.Answers = append(n.Answers, Answer{Value: c.value(a.Value, q), Hidden: a.Hidden, Items: c.items(a.Items, q.Items)})
		}
		out = append(out, n)
	}
	return out
}

func contains(list []*Question, q *Question) bool {
	for _, x := range list {
		if x == q {
			return true
		}
	}
	return false
}

// value decides what becomes of one answer.
func (c *cleaner) value(v Value, q *Question) Value {
	if !utf8.ValidString(v.Text) || !utf8.ValidString(v.Code.Code) || !utf8.ValidString(v.Code.Display) {
		c.err = fmt.Errorf("an answer to %q is not valid UTF-8", q.LinkID)
		return Value{}
	}
	if v.Kind == Declined || v.Kind == Unsaid {
		return Value{Kind: v.Kind}
	}
	switch q.Type {
	case "choice", "open-choice":
		return c.choice(v, q)
	case "quantity":
		return c.plan.quantity(v, q)
	}
	return c.plan.plain(v, c.days)
}

// choice keeps an answer that is one of the form's own, with the form's own name for it: a display that came with
// the answer may be anything. Of a value set that lies elsewhere only the code is kept.
func (c *cleaner) choice(v Value, q *Question) Value {
	for _, o := range q.Options {
		if o.Kind != v.Kind {
			continue
		}
		if v.Kind == Coded && o.Code.System == v.Code.System && o.Code.Code == v.Code.Code || v.Kind != Coded && o.Text == v.Text {
			return o // a date among the options is the form's, the same for everybody, and is not shifted
		}
	}
	if v.Kind == Coded && q.Open && q.Type == "choice" && v.Code.System != "" && isCode(v.Code.Code) {
		return Value{Kind: Coded, Code: Coding{System: v.Code.System, Code: v.Code.Code}}
	}
	if c.plan.FreeText && (v.Kind == Text || v.Kind == Coded) {
		return v
	}
	return Value{Kind: Withheld}
}

// quantity keeps the number, and the unit when it is one of the form's or has a code; a unit in words is free text.
func (p *Plan) quantity(v Value, q *Question) Value {
	if v.Kind != Quantity {
		return Value{Kind: Withheld}
	}
	out := Value{Kind: Quantity, Text: v.Text, Comparator: v.Comparator}
	for _, u := range q.Units {
		if u.Code != "" && u.Code == v.Code.Code && u.System == v.Code.System || v.Code.Code == "" && u.Display == v.Code.Display {
			out.Code = u
			return out
		}
	}
	switch {
	case v.Code.System != "" && isCode(v.Code.Code):
		out.Code = Coding{v.Code.System, v.Code.Code, v.Code.Code}
	case p.FreeText:
		out.Code = v.Code
	}
	return out
}

// plain shifts dates, lets numbers through and keeps words back.
func (p *Plan) plain(v Value, days int) Value {
	switch v.Kind {
	case Date, DateTime:
		out, ok := shift(v.Text, days)
		if !ok {
			return Value{Kind: Withheld}
		}
		return Value{Kind: v.Kind, Text: out}
	case Text, Link:
		if p.FreeText {
			return Value{Kind: v.Kind, Text: v.Text}
		}
		return Value{Kind: Withheld}
	case Attached:
		return Value{Kind: Withheld}
	}
	return v
}

// isCode tells whether s may be a FHIR code: no white space but single spaces inside, and no sentence.
func isCode(s string) bool {
	return s != "" && len(s) <= 64 && s == strings.Join(strings.Fields(s), " ") && strings.Count(s, " ") < 3
}
