package export

import (
	"fmt"
	"io"
)

// Code systems of the FHIR files.
const (
	SystemHPO          = "http://human-phenotype-ontology.org"
	SystemORPHA        = "http://www.orpha.net"
	systemSNOMED       = "http://snomed.info/sct"
	systemLOINC        = "http://loinc.org"
	systemUCUM         = "http://unitsofmeasure.org"
	systemElement      = "urn:kindred:common-data-element"
	systemCopy         = "urn:kindred:copy"
	systemSecurity     = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
	systemClinical     = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	systemVerification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
	systemAbsent       = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
	extensionYears     = "urn:kindred:years-of-birth"
	extensionNotShown  = "urn:kindred:not-shown"
	extensionAbsent    = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
)

// The FHIR files of a release, one for each type of resource, in this order.
var fhirFiles = []string{"Patient", "Condition", "Observation", "QuestionnaireResponse", "Questionnaire"}

// bundle writes a release as FHIR R4 NDJSON: one resource a line, one type a file.
type bundle struct {
	plan  *Plan
	mark  string
	study string
	lines map[string]*file
	buf   text
}

func newBundle(plan *Plan, mark string, out Folder) (*bundle, error) {
	b := &bundle{plan: plan, mark: mark, study: "urn:uuid:" + string(plan.Study), lines: map[string]*file{}}
	for _, name := range fhirFiles {
		f, err := create(out, name+".ndjson")
		if err != nil {
			return nil, err
		}
		f.info.Format, f.info.Resource = "fhir", name
		b.lines[name] = f
	}
	for _, form := range plan.Forms {
		if err := b.line("Questionnaire", form.Raw); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *bundle) line(name string, raw []byte) error {
	f := b.lines[name]
	f.info.Rows++
	if _, err := f.Write(raw); err != nil {
		return err
	}
	_, err := io.WriteString(f, "\n")
	return err
}

// add writes the resources of one person.
func (b *bundle) add(r *Record) error {
	subject := r.Pseudonym.text
	if err := b.emit("Patient", func() { b.patient(r) }); err != nil {
		return err
	}
	if b.plan.Wants(FieldAge) && (r.Birth.Known || tells[r.Detail].years == 0) {
		if err := b.emit("Observation", func() { b.age(r) }); err != nil {
			return err
		}
	}
	for i := range r.Diagnoses {
		if err := b.emit("Condition", func() { b.condition(&r.Diagnoses[i], subject) }); err != nil {
			return err
		}
	}
	for i := range r.Symptoms {
		if err := b.emit("Observation", func() { b.symptom(&r.Symptoms[i], subject) }); err != nil {
			return err
		}
	}
	for i := range r.Elements {
		if err := b.emit("Observation", func() { b.element(&r.Elements[i], i, subject) }); err != nil {
			return err
		}
	}
	for i := range r.Responses {
		if err := b.emit("QuestionnaireResponse", func() { b.response(&r.Responses[i], subject) }); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) emit(name string, write func()) error {
	b.buf.b = b.buf.b[:0]
	write()
	return b.line(name, b.buf.b)
}

// begin opens a resource: type, id and the label that says what was done to it.
func (b *bundle) begin(kind, id string) *text {
	t := &b.buf
	t.open('{')
	t.field("resourceType", kind)
	t.field("id", id)
	t.key("meta")
	t.raw(`{"security":[{"system":"` + systemSecurity + `","code":"PSEUDED","display":"pseudonymized"}]`)
	if kind == "Patient" && b.mark != "" {
		t.raw(`"tag":[{"system":"` + systemCopy + `","code":"` + b.mark + `"}]`)
	}
	t.close('}')
	return t
}

func (b *bundle) patient(r *Record) {
	t := b.begin("Patient", r.Pseudonym.text)
	t.key("identifier")
	t.raw(`[{"system":"` + b.study + `","value":"` + r.Pseudonym.text + `"}]`)
	b.gender(r)
	b.birth(r)
	if r.Country != "" {
		t.key("address")
		t.raw(`[{`)
		t.field("country", r.Country)
		t.b = append(t.b, '}', ']')
	}
	if b.plan.Wants(FieldCountry) && !tells[r.Detail].country {
		t.key("address")
		t.raw(`[{"_country":` + masked + `}]`)
	}
	t.close('}')
}

// masked stands where the release tells less than the study asked for.
const masked = `{"extension":[{"url":"` + extensionAbsent + `","valueCode":"masked"}]}`

func (b *bundle) gender(r *Record) {
	t := &b.buf
	switch r.Sex {
	case Female, Male:
		t.field("gender", string(r.Sex))
	case Undetermined:
		t.field("gender", "other")
	case SexUnknown:
		t.field("gender", "unknown")
	}
	if b.plan.Wants(FieldSex) && !tells[r.Detail].sex {
		t.key("_gender")
		t.raw(masked)
	}
}

// birth writes a year of birth; of a group of years its first and last, in an extension, as FHIR has no such date.
func (b *bundle) birth(r *Record) {
	t := &b.buf
	switch {
	case !b.plan.Wants(FieldBirthYear):
	case tells[r.Detail].years == 0:
		t.key("_birthDate")
		t.raw(masked)
	case !r.Birth.Known:
	case r.Birth.Years > 0:
		first, last := r.Birth.Year, r.Birth.Year+r.Birth.Years-1
		t.key("_birthDate")
		t.raw(`{"extension":[{"url":"` + extensionAbsent + `","valueCode":"masked"},{"url":"` + extensionYears + `","valuePeriod":{"start":"` + year(first) + `","end":"` + year(last) + `"}}]}`)
	default:
		t.field("birthDate", year(r.Birth.Year))
	}
}

func (t *text) coding(c Coding) {
	t.open('{')
	t.field("system", c.System)
	t.field("code", c.Code)
	t.field("display", c.Display)
	t.close('}')
}

func (t *text) concept(name string, c Coding) {
	t.key(name)
	t.raw(`{"coding":[`)
	t.coding(c)
	t.b = append(t.b, ']', '}')
}

func (t *text) subject(pseudonym string) {
	t.key("subject")
	t.raw(`{"reference":"Patient/` + pseudonym + `"}`)
}

func (b *bundle) condition(d *Diagnosis, subject string) {
	t := b.begin("Condition", d.Key.text)
	t.concept("clinicalStatus", Coding{systemClinical, "active", ""})
	status := "unconfirmed" // the person says so; nobody has seen a proof
	switch {
	case d.Verified:
		status = "confirmed"
	case d.Status == "suspected":
		status = "provisional"
	}
	t.concept("verificationStatus", Coding{systemVerification, status, ""})
	if d.Code == "" {
		t.concept("code", Coding{systemSNOMED, "723663001", "Undiagnosed"})
	} else {
		t.concept("code", Coding{SystemORPHA, d.Code, d.Label})
	}
	t.subject(subject)
	if d.Onset.Date != "" {
		t.field("onsetDateTime", d.Onset.Date)
	} else {
		t.field("onsetString", d.Onset.Kind)
	}
	t.field("recordedDate", d.Diagnosed.Date)
	t.close('}')
}

func (b *bundle) age(r *Record) {
	t := b.begin("Observation", r.Pseudonym.text+"-age")
	t.field("status", "final")
	t.concept("code", Coding{systemLOINC, "30525-0", "Age"})
	t.subject(r.Pseudonym.text)
	switch {
	case tells[r.Detail].years == 0:
		t.concept("dataAbsentReason", Coding{systemAbsent, "masked", ""})
	case r.Birth.Years > 0:
		t.key("valueRange")
		t.open('{')
		t.years("low", r.Birth.Age, "")
		t.years("high", r.Birth.Age+r.Birth.Years-1, "")
		t.close('}')
	case r.Birth.Capped:
		t.years("valueQuantity", r.Birth.Age, ">=")
	default:
		t.years("valueQuantity", r.Birth.Age, "")
	}
	t.close('}')
}

func (t *text) years(name string, n int, comparator string) {
	t.key(name)
	t.open('{')
	t.int("value", n)
	t.field("comparator", comparator)
	t.raw(`"unit":"year","system":"` + systemUCUM + `","code":"a"`)
	t.close('}')
}

var presence = map[Presence]Coding{
	Present:        {systemSNOMED, "52101004", "Present"},
	Absent:         {systemSNOMED, "2667000", "Absent"},
	PresenceUnsure: {systemSNOMED, "261665006", "Unknown"},
}

func (b *bundle) symptom(y *Symptom, subject string) {
	t := b.begin("Observation", y.Key.text)
	t.field("status", "final")
	t.concept("code", Coding{SystemHPO, y.Code, y.Label})
	t.subject(subject)
	t.concept("valueCodeableConcept", presence[y.Presence])
	parts := []struct {
		code  Coding
		value Coding
		date  string
	}{
		{Coding{SystemHPO, "HP:0003674", "Onset"}, y.Onset, y.OnsetDate},
		{Coding{SystemHPO, "HP:0012824", "Severity"}, y.Severity, ""},
		{Coding{SystemHPO, "HP:0031797", "Clinical course"}, y.Course, ""},
	}
	begun := false
	for _, p := range parts {
		if p.value.Empty() && p.date == "" {
			continue
		}
		if !begun {
			begun = true
			t.key("component")
			t.open('[')
		}
		t.open('{')
		t.concept("code", p.code)
		if p.date != "" {
			t.field("valueDateTime", p.date)
		} else {
			t.concept("valueCodeableConcept", p.value)
		}
		t.close('}')
	}
	if begun {
		t.close(']')
	}
	t.close('}')
}

// element is a common data element as an Observation. Its id says which one, so it is the same in every release.
func (b *bundle) element(e *Element, i int, subject string) {
	t := b.begin("Observation", fmt.Sprintf("%s-e%d", subject, i+1))
	t.field("status", "final")
	t.concept("code", Coding{systemElement, e.Code, e.Name})
	t.subject(subject)
	switch e.Value.Kind {
	case NoValue, Withheld:
		t.concept("dataAbsentReason", Coding{systemAbsent, absent(e.Value), ""})
	case Coded:
		t.concept("valueCodeableConcept", e.Value.Code)
	case Date: // an Observation knows dateTime only; the precision says the same
		t.field("valueDateTime", e.Value.Text)
	case Link:
		t.field("valueString", e.Value.Text)
	case Decimal: // nor a decimal without a unit
		t.key("valueQuantity")
		t.raw(`{"value":` + e.Value.Text + `}`)
	default:
		t.value(e.Value)
	}
	t.close('}')
}

// absent is the FHIR reason for a value that is not there.
func absent(v Value) string {
	if v.Kind == Withheld {
		return "masked"
	}
	switch v.Text {
	case "not_asked":
		return "not-asked"
	case "declined":
		return "asked-declined"
	case "not_applicable":
		return "not-applicable"
	}
	return "unknown"
}

// value writes value[x].
func (t *text) value(v Value) {
	switch v.Kind {
	case Boolean:
		t.key("valueBoolean")
		t.raw(v.Text)
	case Integer:
		t.key("valueInteger")
		t.raw(v.Text)
	case Decimal:
		t.key("valueDecimal")
		t.raw(v.Text)
	case Date:
		t.field("valueDate", v.Text)
	case DateTime:
		t.field("valueDateTime", v.Text)
	case Time:
		t.field("valueTime", v.Text)
	case Text:
		t.field("valueString", v.Text)
	case Link:
		t.field("valueUri", v.Text)
	case Coded:
		t.key("valueCoding")
		t.coding(v.Code)
	case Quantity:
		t.key("valueQuantity")
		t.open('{')
		t.key("value")
		t.raw(v.Text)
		t.field("comparator", v.Comparator)
		t.field("unit", v.Code.Display)
		t.field("system", v.Code.System)
		t.field("code", v.Code.Code)
		t.close('}')
	}
}

func (b *bundle) response(r *Response, subject string) {
	t := b.begin("QuestionnaireResponse", r.Key.text)
	t.field("language", r.Language)
	t.extensions(r.Hidden, "")
	t.field("questionnaire", r.Questionnaire+"|"+r.Version)
	t.field("status", r.Status)
	t.subject(subject)
	t.field("authored", r.Authored)
	t.items(r.Items)
	t.close('}')
}

// items writes the items of a response. What the plan keeps back stands as an item that says so.
func (t *text) items(items []Item) {
	if len(items) == 0 {
		return
	}
	t.key("item")
	t.open('[')
	for i := range items {
		n := &items[i]
		t.open('{')
		t.field("linkId", n.LinkID)
		reason := ""
		if kept(n.Answers) < len(n.Answers) {
			reason = "masked"
		}
		t.extensions(n.Hidden, reason)
		if kept(n.Answers) > 0 {
			t.key("answer")
			t.open('[')
			for k := range n.Answers {
				if withheld(&n.Answers[k]) {
					continue
				}
				t.open('{')
				t.extensions(n.Answers[k].Hidden, unsaid[n.Answers[k].Value.Kind])
				t.value(n.Answers[k].Value)
				t.items(n.Answers[k].Items)
				t.close('}')
			}
			t.close(']')
		}
		t.items(n.Items)
		t.close('}')
	}
	t.close(']')
}

// unsaid is why an answer has no value.
var unsaid = map[Kind]string{Declined: "asked-declined", Unsaid: "unknown"}

// extensions say what is not there: why an answer is missing or kept back, and the linkIds of items that the form's logic kept
// closed at this place. An item that is in neither, and not in the response, was shown and left without an answer.
func (t *text) extensions(hidden []string, reason string) {
	if len(hidden) == 0 && reason == "" {
		return
	}
	t.key("extension")
	t.open('[')
	if reason != "" {
		t.raw(`{"url":"` + extensionAbsent + `","valueCode":"` + reason + `"}`)
	}
	for _, link := range hidden {
		t.open('{')
		t.field("url", extensionNotShown)
		t.field("valueString", link)
		t.close('}')
	}
	t.close(']')
}

// withheld tells whether nothing of an answer is left to write.
func withheld(a *Answer) bool {
	return (a.Value.Kind == Withheld || a.Value.Kind == NoValue) && len(a.Items) == 0
}

func kept(answers []Answer) int {
	n := 0
	for i := range answers {
		if !withheld(&answers[i]) {
			n++
		}
	}
	return n
}

func (b *bundle) close() ([]FileInfo, error) {
	var infos []FileInfo
	for _, name := range fhirFiles {
		info, err := b.lines[name].finish()
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}
