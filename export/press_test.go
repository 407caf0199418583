package export

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kindred/export/verify"
	"kindred/internal/ident"
	"kindred/internal/vault"
)

// ordered sorts people by their pseudonym, as a release does.
func ordered(s ident.StudyID, people []*Subject, v *vault.Vault) []*Subject {
	out := append([]*Subject(nil), people...)
	sort.Slice(out, func(i, j int) bool { return v.Pseudonym(s, out[i].Participant) < v.Pseudonym(s, out[j].Participant) })
	return out
}

var everything = []Field{FieldBirthYear, FieldSex, FieldCountry, FieldRelation, FieldDiagnoses, FieldSymptoms, FieldElements}

func TestReleaseOfLucia(t *testing.T) {
	v, dir := testVault(t), filepath.Join(t.TempDir(), "out")
	p := testPlan(t, false, everything...)
	release(t, v, p, append(village(40), lucia()), dir)
	report := verified(t, dir, v)
	if report.Participants != 41 || report.Rows["QuestionnaireResponse"] != 42 || report.Rows["sheet Participants"] != 41 {
		t.Fatalf("%+v", report)
	}
	noCanary(t, dir)
	f, err := excelize.OpenFile(filepath.Join(dir, workbookName))
	if err != nil {
		t.Fatal(err)
	}
	who := v.Pseudonym(study, lucia().Participant)
	days := v.ShiftDays(study, lucia().Participant)
	moved := func(s string) string { out, _ := shift(s, days); return out }

	person := rowWhere(t, f, "Participants", "pseudonym", who)
	want(t, person, map[string]string{"birth_year": "2017", "birth_year_or_earlier": "0", "sex": "female", "country": "ES", "relation": "parent"})
	weak := rowWhere(t, f, "Symptoms", "hpo_code", "HP:0003701")
	want(t, weak, map[string]string{"pseudonym": who, "presence": "present", "onset_date": moved("2019-03-02"), "severity_code": "HP:0012826", "symptom": "Proximal muscle weakness"})
	want(t, rowWhere(t, f, "Elements", "number", "6.2"), map[string]string{"value": MarkWithheld})

	first := rowWhere(t, f, "Q1 Daily life", "row_id", v.Rekey(study, "response", "canary-r1"))
	want(t, first, map[string]string{"version": "1", "walk": "01", "aids": `a\|1|b`, "help": MarkHidden, "story": MarkWithheld, "since": MarkNotAsked, "weight": MarkNotAsked,
		"weight (unit)": MarkNotAsked, "answered_at": moved("2024-02-28T10:42:07Z"), "language": "es", "status": "completed"})
	second := rowWhere(t, f, "Q1 Daily life", "row_id", v.Rekey(study, "response", "canary-r2"))
	want(t, second, map[string]string{"walk": "03", "aids": MarkNotAsked, "story": MarkNotAsked, "since": moved("2024-02-29"), "weight": "24.50", "weight (unit)": "kg",
		"job": MarkWithheld, "score": "1.50", "pain": "1", "pain-where": "leg", "scan": MarkWithheld})

	med := rowWhere(t, f, "Q1.1 Medicines", "med-name", "N02BE01")
	want(t, med, map[string]string{"parent_row_id": second["row_id"], "pseudonym": who, "position": "1"})
	dose := rowWhere(t, f, "Q1.2 Dose", "mg", "250")
	want(t, dose, map[string]string{"parent_row_id": med["row_id"], "response_row_id": second["row_id"], "item version": MarkSkipped, "version": "2"})
	want(t, rowWhere(t, f, "Q1.2 Dose", "mg", "500"), map[string]string{"item version": MarkWithheld})
	visit := rowWhere(t, f, "Q1.3 Visits", "visits", moved("2025-01-05T09:30:00+02:00"))
	want(t, visit, map[string]string{"parent_row_id": second["row_id"], "position": "1"})
	if !strings.HasSuffix(visit["visits"], "T07:30:00Z") {
		t.Errorf("an offset tells a region: %s", visit["visits"])
	}
	want(t, rowWhere(t, f, "Codebook", "column", "aids"), map[string]string{"link_id": "aids", "versions": "1", "many_answers": "yes", "type": "choice", "sheet": "Q1 Daily life"})
	want(t, rowWhere(t, f, "Values", "value", "03"), map[string]string{"meaning": "No", "column": "walk"})
}

func TestFHIRLines(t *testing.T) {
	v, dir := testVault(t), filepath.Join(t.TempDir(), "out")
	release(t, v, testPlan(t, false, FieldAge, FieldSex, FieldCountry, FieldDiagnoses, FieldSymptoms, FieldElements), []*Subject{lucia()}, dir)
	who := v.Pseudonym(study, lucia().Participant)
	var patient struct {
		ID, Gender, BirthDate string
		Identifier            []struct{ System, Value string }
		Address               []struct{ Country string }
		Meta                  struct{ Security []struct{ Code string } }
	}
	decodeLines(t, dir, "Patient", &patient)
	if patient.ID != who || patient.Gender != "female" || patient.BirthDate != "" || patient.Identifier[0].Value != who || patient.Address[0].Country != "ES" || patient.Meta.Security[0].Code != "PSEUDED" {
		t.Errorf("%+v", patient)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, "QuestionnaireResponse.ndjson"))
	for _, want := range []string{`"questionnaire":"` + formURL + `|2"`, `"valueQuantity":{"value":24.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}`,
		`{"linkId":"job","extension":[{"url":"` + extensionAbsent + `","valueCode":"masked"}]}`, `"valueCoding":{"system":"urn:w","code":"03","display":"No"}`,
		`{"linkId":"pain","answer":[{"valueBoolean":true,"item":[{"linkId":"pain-where","answer":[{"valueString":"leg"}]}]}]}`, `"valueDecimal":1.50`, `"valueCoding":{"system":"urn:atc","code":"N02BE01"}`} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("%s\nlacks %s", raw, want)
		}
	}
	obs, _ := os.ReadFile(filepath.Join(dir, "Observation.ndjson"))
	for _, want := range []string{`"valueQuantity":{"value":9,"unit":"year"`, `"code":"2667000","display":"Absent"`, `"code":"HP:0011463"`} {
		if !bytes.Contains(obs, []byte(want)) {
			t.Errorf("%s\nlacks %s", obs, want)
		}
	}
}

// TestOnlyWhatIsWanted: a plan without a field leaves no column, no sheet and no resource of it.
func TestOnlyWhatIsWanted(t *testing.T) {
	v, dir := testVault(t), filepath.Join(t.TempDir(), "out")
	release(t, v, testPlan(t, false, FieldSex), []*Subject{lucia()}, dir)
	verified(t, dir, v)
	f, err := excelize.OpenFile(filepath.Join(dir, workbookName))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.GetSheetList()); got != "[README Codebook Values Missing Participants Q1 Daily life Q1.1 Medicines Q1.2 Dose Q1.3 Visits Long texts]" {
		t.Error(got)
	}
	rows, _ := f.GetRows("Participants")
	if fmt.Sprint(rows[0]) != "[pseudonym sex]" {
		t.Error(rows[0])
	}
	for name, n := range map[string]int{"Condition": 0, "Observation": 0, "Patient": 1} {
		raw, _ := os.ReadFile(filepath.Join(dir, name+".ndjson"))
		if bytes.Count(raw, []byte("\n")) != n || bytes.Contains(raw, []byte("birthDate")) || bytes.Contains(raw, []byte("country")) {
			t.Errorf("%s: %s", name, raw)
		}
	}
}

func TestFreeTextWhenTheProtocolSaysSo(t *testing.T) {
	v, dir := testVault(t), filepath.Join(t.TempDir(), "out")
	release(t, v, testPlan(t, true), []*Subject{lucia()}, dir)
	f, _ := excelize.OpenFile(filepath.Join(dir, workbookName))
	want(t, rowWhere(t, f, "Q1 Daily life", "version", "1"), map[string]string{"story": "canary: her name is Lucía"})
	want(t, rowWhere(t, f, "Q1 Daily life", "version", "2"), map[string]string{"job": "canary job", "scan": MarkWithheld})
}

func TestSameCutSameBytes(t *testing.T) {
	v := testVault(t)
	p := testPlan(t, false, everything...)
	people := append(village(60), lucia())
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	release(t, v, p, people, a)
	back := append([]*Subject(nil), people...)
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	release(t, v, p, back, b)
	entries, _ := os.ReadDir(a)
	if len(entries) != 8 {
		t.Fatalf("%d files", len(entries))
	}
	for _, e := range entries {
		x, _ := os.ReadFile(filepath.Join(a, e.Name()))
		y, _ := os.ReadFile(filepath.Join(b, e.Name()))
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs between two runs of the same cut", e.Name())
		}
	}
}

func TestVerifierSeesEveryChange(t *testing.T) {
	v := testVault(t)
	p := testPlan(t, false, everything...)
	for name, change := range map[string]func(dir string){
		"a byte of the workbook": func(d string) { edit(t, d, workbookName, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }) },
		"a line taken out": func(d string) {
			edit(t, d, "Patient.ndjson", func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] })
		},
		"a line twice": func(d string) {
			edit(t, d, "Observation.ndjson", func(b []byte) []byte { return append(b, b[:bytes.IndexByte(b, '\n')+1]...) })
		},
		"a file more": func(d string) { edit(t, d, "extra.txt", func([]byte) []byte { return []byte("x") }) },
		"a file less": func(d string) { _ = os.Remove(filepath.Join(d, "Condition.ndjson")) },
		"another count": func(d string) {
			edit(t, d, ManifestName, func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"participants":6`), []byte(`"participants":7`), 1)
			})
		},
		"no signature": func(d string) { _ = os.Remove(filepath.Join(d, SignatureName)) },
		"somebody else's subject": func(d string) {
			edit(t, d, "QuestionnaireResponse.ndjson", func(b []byte) []byte { return bytes.Replace(b, []byte("Patient/"), []byte("Patient/X"), 1) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			release(t, v, p, append(village(5), lucia()), dir)
			verified(t, dir, v)
			change(dir)
			r, err := verify.Dir(dir, v.VerifierKey())
			if err != nil || r.OK() {
				t.Fatalf("%+v, %v", r, err)
			}
		})
	}
	if _, err := verify.Dir(t.TempDir()); err == nil {
		t.Error("an empty folder has nothing to verify")
	}
}

func edit(t *testing.T, dir, name string, change func([]byte) []byte) {
	t.Helper()
	b, _ := os.ReadFile(filepath.Join(dir, name))
	if err := os.WriteFile(filepath.Join(dir, name), change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// noCanary looks into every byte of every file, unpacked.
func noCanary(t *testing.T, dir string) {
	t.Helper()
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string][]byte{e.Name(): raw}
		if z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw))); err == nil {
			for _, f := range z.File {
				r, _ := f.Open()
				b, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				parts[e.Name()+"/"+f.Name] = append(b, f.Name+f.Comment...)
			}
		}
		for name, b := range parts {
			for _, word := range []string{"canary", "Lucía", "ca1a-7000", "00000000ca1a", "2017-05", "2024-02-28", "2019-03-02", "display that came"} {
				if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(word))) {
					t.Errorf("%s holds %q", name, word)
				}
			}
		}
	}
}

func rowWhere(t *testing.T, f *excelize.File, sheet, column, value string) map[string]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		named := map[string]string{}
		for i, c := range r {
			named[rows[0][i]] = c
		}
		if named[column] == value {
			return named
		}
	}
	t.Fatalf("no row of %s has %s = %s", sheet, column, value)
	return nil
}

func want(t *testing.T, got map[string]string, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %q, want %q", k, got[k], v)
		}
	}
}

func decodeLines(t *testing.T, dir, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenResponseStopsTheRelease(t *testing.T) {
	v := testVault(t)
	s := lucia()
	s.Responses[0].Raw.Items = append(s.Responses[0].Raw.Items, Item{LinkID: "med"})
	if _, err := testPlan(t, false).Reduce(s, v); err == nil {
		t.Fatal("an item of another version must not vanish silently")
	}
}

func BenchmarkRelease(b *testing.B) {
	v := testVault(b)
	p := testPlan(b, false, everything...)
	people := ordered(study, village(2000), v)
	dir := b.TempDir()
	for i := range b.N {
		release(b, v, p, people, filepath.Join(dir, fmt.Sprint(i)))
	}
	b.ReportMetric(float64(b.N*len(people))/b.Elapsed().Seconds(), "people/s")
}
