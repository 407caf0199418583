package export

import (
	"strings"

	"kindred/internal/db"
	"kindred/internal/ident"
	"kindred/internal/ontology"
	"kindred/policies"
	"kindred/schemas"
)

// Baseline is People over the registry's tables. It reads by rows of its own, which have no field for a name, a birth
// date or anything that is sealed, and it selects no other column: what identifies somebody is not even fetched.
type Baseline struct{ Vocabulary *ontology.Library }

type personRow struct {
	ID        string `gorm:"primaryKey;<-:create"`
	Relation  string
	BirthYear *int
	Sex       string
	Country   string
}

func (personRow) TableName() string     { return "participants" }
func (personRow) SubjectColumn() string { return "id" }

type diagnosisRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Code          string
	Undiagnosed   bool
	Status        string
	Onset         string
	OnsetDate     string
	Diagnosed     string
	DiagnosedDate string
}

func (diagnosisRow) TableName() string     { return "diagnoses" }
func (diagnosisRow) SubjectColumn() string { return "participant_id" }

type symptomRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Term          string
	Presence      string
	OnsetClass    string
	OnsetDate     string
	Course        string
	Severity      string
}

func (symptomRow) TableName() string     { return "symptoms" }
func (symptomRow) SubjectColumn() string { return "participant_id" }

type elementRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Element       string
	Value         string
	Missing       string
}

func (elementRow) TableName() string     { return "data_elements" }
func (elementRow) SubjectColumn() string { return "participant_id" }

type proofRow struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	DiagnosisID   string
	State         string
}

func (proofRow) TableName() string     { return "evidence" }
func (proofRow) SubjectColumn() string { return "participant_id" }

const proofAccepted = "accepted"

// Cohort lists everybody enrolled whom the Grant reaches.
func (b Baseline) Cohort(tx *db.Tx, g policies.Grant[policies.Export], verified bool) ([]ident.ParticipantID, error) {
	var ids []string
	if err := db.Extract[personRow](tx, g).Where("enrolled_at IS NOT NULL").Pluck("id", &ids).Error; err != nil {
		return nil, err
	}
	proven := map[string]bool{}
	if verified {
		var with []string
		if err := db.Extract[proofRow](tx, g).Where("state = ?", proofAccepted).Distinct("participant_id").Pluck("participant_id", &with).Error; err != nil {
			return nil, err
		}
		for _, id := range with {
			proven[id] = true
		}
	}
	out := make([]ident.ParticipantID, 0, len(ids))
	for _, id := range ids {
		if !verified || proven[id] {
			out = append(out, ident.ParticipantID(id))
		}
	}
	return out, nil
}

// Fill reads a batch, a query a table.
func (b Baseline) Fill(tx *db.Tx, g policies.Grant[policies.Export], people []*Subject, plan *Plan) error {
	ids := make([]string, len(people))
	by := make(map[string]*Subject, len(people))
	for i, p := range people {
		ids[i] = string(p.Participant)
		by[ids[i]] = p
	}
	var rows []personRow
	if err := db.Extract[personRow](tx, g).Select("id", "relation", "birth_year", "sex", "country").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	if len(rows) != len(people) {
		return errConsentMoved // cannot be, inside one snapshot
	}
	for i := range rows {
		by[rows[i].ID].fill(&rows[i])
	}
	for _, read := range []struct {
		field Field
		into  func(*db.Tx, policies.Grant[policies.Export], []string, map[string]*Subject) error
	}{{FieldDiagnoses, b.diagnoses}, {FieldSymptoms, b.symptoms}, {FieldElements, b.elements}} {
		if plan.Wants(read.field) {
			if err := read.into(tx, g, ids, by); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Subject) fill(r *personRow) {
	s.Relation, s.Country, s.Sex = r.Relation, r.Country, Sex(r.Sex)
	if s.Sex != Female && s.Sex != Male && s.Sex != Undetermined {
		s.Sex = SexUnknown
	}
	if r.BirthYear != nil {
		s.Birth = year(*r.BirthYear)
	}
}

func (b Baseline) diagnoses(tx *db.Tx, g policies.Grant[policies.Export], ids []string, by map[string]*Subject) error {
	var proofs []proofRow
	if err := db.Extract[proofRow](tx, g).Select("id", "participant_id", "diagnosis_id", "state").Where("participant_id IN ?", ids).Find(&proofs).Error; err != nil {
		return err
	}
	proven := map[string]bool{}
	for _, p := range proofs { // the state is no condition: without statistics an engine would take its index, and everybody's proofs
		proven[p.DiagnosisID] = proven[p.DiagnosisID] || p.State == proofAccepted
	}
	var rows []diagnosisRow
	if err := db.Extract[diagnosisRow](tx, g).Select("id", "participant_id", "code", "undiagnosed", "status", "onset", "onset_date", "diagnosed", "diagnosed_date").
		Where("participant_id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		d := Diagnosis{Status: r.Status, Verified: proven[r.ID], Onset: Moment{r.Onset, r.OnsetDate}, Diagnosed: Moment{r.Diagnosed, r.DiagnosedDate}}
		if r.Code != "" {
			d.Code, d.Label = strings.TrimPrefix(r.Code, "ORPHA:"), label(b.Vocabulary.Diagnoses, r.Code)
		}
		s := by[r.ParticipantID]
		s.Diagnoses = append(s.Diagnoses, SubjectDiagnosis{r.ID, d})
	}
	return nil
}

func (b Baseline) symptoms(tx *db.Tx, g policies.Grant[policies.Export], ids []string, by map[string]*Subject) error {
	var rows []symptomRow
	if err := db.Extract[symptomRow](tx, g).Select("id", "participant_id", "term", "presence", "onset_class", "onset_date", "course", "severity").
		Where("participant_id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		s := by[r.ParticipantID]
		s.Symptoms = append(s.Symptoms, SubjectSymptom{r.ID, Symptom{Code: r.Term, Label: label(b.Vocabulary.Symptoms, r.Term), Presence: Presence(r.Presence),
			Onset: b.term(r.OnsetClass), OnsetDate: r.OnsetDate, Severity: b.term(r.Severity), Course: b.term(r.Course)}})
	}
	return nil
}

// modifiers are the English names of the terms that describe a symptom. They are not symptoms, so the vocabulary of
// symptoms may lack them.
var modifiers = map[string]string{
	"HP:0030674": "Antenatal onset", "HP:0011460": "Embryonal onset", "HP:0011461": "Fetal onset", "HP:0003577": "Congenital onset",
	"HP:0003623": "Neonatal onset", "HP:0003593": "Infantile onset", "HP:0011463": "Childhood onset", "HP:0003621": "Juvenile onset",
	"HP:0003581": "Adult onset", "HP:0011462": "Young adult onset", "HP:0003596": "Middle age onset", "HP:0003584": "Late onset",
	"HP:0012827": "Borderline", "HP:0012825": "Mild", "HP:0012826": "Moderate", "HP:0012828": "Severe", "HP:0012829": "Profound",
	"HP:0003676": "Progressive", "HP:0003680": "Nonprogressive", "HP:0031915": "Stable", "HP:0031796": "Recurrent", "HP:0031914": "Fluctuating",
	"HP:0025153": "Transient", "HP:0011009": "Acute", "HP:0011011": "Subacute", "HP:0011010": "Chronic",
}

// label is the official English name of a term, or its identifier where the vocabulary does not know it.
func label(x *ontology.Index, id string) string {
	if t, ok := x.Resolve(id); ok {
		return t.Label
	}
	return id
}

func (b Baseline) term(id string) Coding {
	if id == "" {
		return Coding{}
	}
	name := modifiers[id]
	if name == "" {
		name = label(b.Vocabulary.Symptoms, id)
	}
	return Coding{SystemHPO, id, name}
}

func (b Baseline) elements(tx *db.Tx, g policies.Grant[policies.Export], ids []string, by map[string]*Subject) error {
	var rows []elementRow
	if err := db.Extract[elementRow](tx, g).Select("id", "participant_id", "element", "value", "missing").Where("participant_id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		def, known := schemas.FindElement(r.Element)
		if !known || def.Held != schemas.HeldElement {
			continue // kept by somebody else
		}
		s := by[r.ParticipantID]
		s.Elements = append(s.Elements, Element{Code: def.Key, Number: def.Number, Name: def.Label.In("en"), Value: elementValue(def, r.Value, r.Missing)})
	}
	return nil
}

// Systems of the elements that are written by a pattern.
var patternSystems = map[string]string{
	"genetic_hgvs": "http://varnomen.hgvs.org", "genetic_gene": "http://www.genenames.org", "functioning_icf": "http://hl7.org/fhir/sid/icf",
}

// elementValue reads a stored value. What identifies somebody is sealed and was not read: it counts as withheld.
func elementValue(def *schemas.Element, value, missing string) Value {
	switch {
	case missing != "":
		return Value{Kind: NoValue, Text: missing}
	case def.Identifying:
		return Value{Kind: Withheld}
	case value == "":
		return Value{}
	}
	switch def.Kind {
	case schemas.ElementDate:
		return Value{Kind: Date, Text: value}
	case schemas.ElementChoice:
		o, ok := def.Option(value)
		if !ok {
			return Value{Kind: Withheld}
		}
		c := Coding{System: systemElement + ":" + def.Key, Code: o.Value, Display: o.Label.In("en")}
		if code, snomed := strings.CutPrefix(o.Code, "SCT "); snomed {
			c.System, c.Code = systemSNOMED, code
		}
		return Value{Kind: Coded, Code: c}
	case schemas.ElementPattern:
		return Value{Kind: Coded, Code: Coding{System: patternSystems[def.Key], Code: value}}
	}
	return Value{Kind: Text, Text: value}
}
