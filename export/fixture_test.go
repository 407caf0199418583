package export

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kindred/export/verify"
	"kindred/internal/ident"
	"kindred/internal/vault"
)

const (
	study   = ident.StudyID("01932f00-0000-7000-8000-00000000000a")
	formURL = "https://kindred.example/questionnaires/daily-life"
	formV1  = `{"resourceType":"Questionnaire","url":"` + formURL + `","version":"1","title":"Daily life","status":"active","item":[
	 {"linkId":"walk","text":"Can she walk?","type":"choice","required":true,"answerOption":[{"valueCoding":{"system":"urn:w","code":"01","display":"Alone"}},{"valueCoding":{"system":"urn:w","code":"02","display":"With help"}}]},
	 {"linkId":"aids","text":"Which aids?","type":"choice","repeats":true,"answerOption":[{"valueCoding":{"system":"urn:a","code":"a|1","display":"Cane"}},{"valueCoding":{"system":"urn:a","code":"b","display":"Chair"}}]},
	 {"linkId":"help","text":"How many hours of help?","type":"integer","enableWhen":[{"question":"walk","operator":"=","answerCoding":{"system":"urn:w","code":"02"}}]},
	 {"linkId":"story","text":"Tell us more","type":"text"}]}`
	formV2 = `{"resourceType":"Questionnaire","url":"` + formURL + `","version":"2","title":"Daily life","status":"active","item":[
	 {"linkId":"walk","text":"Can she walk?","type":"choice","required":true,"answerOption":[{"valueCoding":{"system":"urn:w","code":"01","display":"Alone"}},{"valueCoding":{"system":"urn:w","code":"02","display":"With help"}},{"valueCoding":{"system":"urn:w","code":"03","display":"No"}}]},
	 {"linkId":"since","text":"Since when?","type":"date"},
	 {"linkId":"weight","text":"Weight","type":"quantity","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"kg","display":"kg"}}]},
	 {"linkId":"job","text":"Work","type":"open-choice","answerOption":[{"valueCoding":{"system":"urn:j","code":"none","display":"None"}}]},
	 {"linkId":"score","text":"Score","type":"decimal"},
	 {"linkId":"pain","text":"Pain?","type":"boolean","item":[{"linkId":"pain-where","text":"Where","type":"choice","answerOption":[{"valueString":"leg"},{"valueString":"arm"}]}]},
	 {"linkId":"scan","text":"Scan","type":"attachment"},
	 {"linkId":"note","text":"Thank you","type":"display"},
	 {"linkId":"med","text":"Medicines","type":"group","repeats":true,"item":[
	   {"linkId":"med-name","text":"Code","type":"choice","answerValueSet":"https://kindred.example/ValueSet/atc"},
	   {"linkId":"dose","text":"Dose","type":"group","repeats":true,"item":[{"linkId":"mg","text":"mg","type":"integer"},{"linkId":"version","text":"Form","type":"string"}]}]},
	 {"linkId":"visits","text":"Visits","type":"dateTime","repeats":true}]}`
)

func testVault(t testing.TB) *vault.Vault {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := vault.Create(dir); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func forms(t testing.TB) []*Form {
	t.Helper()
	var out []*Form
	for _, raw := range []string{formV1, formV2} {
		f, err := ParseForm([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

var cut = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func testPlan(t testing.TB, freeText bool, fields ...Field) *Plan {
	t.Helper()
	p, err := NewPlan(study, fields, forms(t), Window{}, freeText, cut)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func cover(p *Plan) *Manifest {
	m := &Manifest{Release: "01932f00-0000-7000-8000-00000000000b", Recipient: "okoye", Copy: "c0ffee", Cut: p.Cut.Format(time.RFC3339), CodeVersion: "test",
		Study: StudyInfo{ID: string(study), Title: "Walking in daily life", Purpose: "To learn what helps.", Protocol: "1"}}
	for f := range p.Fields {
		m.Fields = append(m.Fields, string(f))
	}
	m.Fields = sorted(m.Fields)
	return m
}

func coded(system, code string) []Answer {
	return []Answer{{Value: Value{Kind: Coded, Code: Coding{system, code, "display that came with the answer"}}}}
}

func answer(k Kind, text string) []Answer { return []Answer{{Value: Value{Kind: k, Text: text}}} }

// lucia is Maria's daughter: every identifying thing about her carries the word canary.
func lucia() *Subject {
	return &Subject{
		Participant: "01932f00-ca1a-7000-8000-00000000ca1a", Birth: "2017-05-14", Sex: Female, Country: "ES", Relation: "parent",
		Diagnoses: []SubjectDiagnosis{{ID: "canary-diagnosis", Diagnosis: Diagnosis{Code: "98896", Label: "Duchenne muscular dystrophy", Verified: true, Onset: Moment{"date", "2019"}, Diagnosed: Moment{"date", "2020-02"}}}, {ID: "canary-2"}},
		Symptoms: []SubjectSymptom{
			{ID: "canary-s1", Symptom: Symptom{Code: "HP:0003701", Label: "Proximal muscle weakness", Presence: Present, OnsetDate: "2019-03-02", Severity: Coding{SystemHPO, "HP:0012826", "Moderate"}}},
			{ID: "canary-s2", Symptom: Symptom{Code: "HP:0001250", Label: "Seizure", Presence: Absent}},
			{ID: "canary-s3", Symptom: Symptom{Code: "HP:0002015", Label: "Dysphagia", Presence: PresenceUnsure, Onset: Coding{SystemHPO, "HP:0011463", "Childhood onset"}}},
		},
		Elements: []Element{
			{"functioning", "8.1", "Functioning", Value{Kind: Decimal, Text: "2.50"}},
			{"status", "3.1", "Patient's status", Value{Kind: Coded, Code: Coding{systemSNOMED, "438949009", "Alive"}}},
			{"genetic_text", "6.2", "Genetic diagnosis", Value{Kind: Text, Text: "canary words"}},
			{"first_contact", "4.1", "First contact", Value{Kind: Date, Text: "2019-04-30"}},
		},
		Responses: []SubjectResponse{
			{ID: "canary-r1", At: time.Date(2024, 2, 28, 10, 42, 7, 0, time.UTC), Raw: Response{Questionnaire: formURL, Version: "1", Status: "completed", Language: "es", Hidden: []string{"help"},
				Items: []Item{{LinkID: "walk", Answers: coded("urn:w", "01")}, {LinkID: "aids", Answers: append(coded("urn:a", "a|1"), coded("urn:a", "b")...)}, {LinkID: "story", Answers: answer(Text, "canary: her name is Lucía")}}}},
			{ID: "canary-r2", At: time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC), Raw: Response{Questionnaire: formURL, Version: "2", Status: "amended", Language: "es",
				Items: []Item{
					{LinkID: "walk", Answers: coded("urn:w", "03")}, {LinkID: "since", Answers: answer(Date, "2024-02-29")},
					{LinkID: "weight", Answers: []Answer{{Value: Value{Kind: Quantity, Text: "24.50", Code: Coding{systemUCUM, "kg", "canary unit"}}}}},
					{LinkID: "job", Answers: answer(Text, "canary job")}, {LinkID: "score", Answers: answer(Decimal, "1.50")},
					{LinkID: "pain", Answers: []Answer{{Value: Value{Kind: Boolean, Text: "true"}, Items: []Item{{LinkID: "pain-where", Answers: answer(Text, "leg")}}}}},
					{LinkID: "scan", Answers: []Answer{{Value: Value{Kind: Attached, Text: "canary.pdf"}}}},
					{LinkID: "med", Items: []Item{{LinkID: "med-name", Answers: coded("urn:atc", "N02BE01")},
						{LinkID: "dose", Items: []Item{{LinkID: "mg", Answers: answer(Integer, "500")}, {LinkID: "version", Answers: answer(Text, "canary syrup")}}},
						{LinkID: "dose", Items: []Item{{LinkID: "mg", Answers: answer(Integer, "250")}}}}},
					{LinkID: "med", Hidden: []string{"dose"}, Items: []Item{{LinkID: "med-name", Answers: coded("urn:atc", "A02BC01")}}},
					{LinkID: "visits", Answers: append(answer(DateTime, "2025-01-05T09:30:00+02:00"), answer(DateTime, "2025-02")...)},
				}}},
		},
	}
}

// village is many people with little to tell.
func village(n int) []*Subject {
	var out []*Subject
	for i := range n {
		out = append(out, &Subject{Participant: ident.ParticipantID(fmt.Sprintf("01932f00-0000-7000-8000-%012d", i)), Birth: fmt.Sprintf("%d-06", 1930+i%80), Sex: []Sex{Female, Male, Undetermined, SexUnknown}[i%4], Country: []string{"ES", "PT"}[i%2], Relation: "self",
			Symptoms: []SubjectSymptom{{ID: fmt.Sprint("s", i), Symptom: Symptom{Code: "HP:0001250", Label: "Seizure", Presence: Absent}}},
			Responses: []SubjectResponse{{ID: fmt.Sprint("r", i), At: cut.AddDate(0, 0, -i%300), Raw: Response{Questionnaire: formURL, Version: "1", Status: "completed", Language: "en",
				Items: []Item{{LinkID: "walk", Answers: coded("urn:w", "02")}, {LinkID: "help", Answers: answer(Integer, fmt.Sprint(i%24))}}}}}})
	}
	return out
}

// release writes people into a folder, as a run does, and gives the manifest.
func release(t testing.TB, v *vault.Vault, p *Plan, people []*Subject, dir string) *Manifest {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	spool, err := sealedFolder(filepath.Join(t.TempDir(), "spool"), v, "test")
	if err != nil {
		t.Fatal(err)
	}
	m := cover(p)
	press, err := newPress(p, m, []Format{FHIR, Excel}, open(dir), spool)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range ordered(p.Study, people, v) {
		r, err := p.Reduce(s, v)
		if err != nil {
			t.Fatal(err)
		}
		if err := press.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := press.finish(func(names ...string) string { return v.Digest(string(study), names...) }); err != nil {
		t.Fatal(err)
	}
	raw, err := m.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	sig, err := Sign(raw, v.Signer())
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{ManifestName: raw, SignatureName: sig} {
		if err := writeWhole(open(dir), name, b); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func verified(t testing.TB, dir string, v *vault.Vault) *verify.Report {
	t.Helper()
	r, err := verify.Dir(dir, v.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() || r.Signature != "valid" {
		t.Fatalf("%+v", r)
	}
	return r
}
