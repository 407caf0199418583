package verify

import (
	"encoding/json"
	"path/filepath"
	"sort"
	"strings"
)

// ageCode is LOINC's for age.
const ageCode = "30525-0"

// classes checks the minimum class that the manifest claims: in the FHIR files, everybody looks like at least that many
// people by birth or age, sex and country, or nothing of the three is told of them.
func (r *Report) classes(dir string, m *manifest) {
	least := m.SmallCells.Minimum
	if least == 0 {
		return
	}
	told := 0
	for _, t := range m.SmallCells.Told {
		told += t.People
	}
	if told != m.Participants {
		r.problem("the manifest says how much is told of %d people, and has %d", told, m.Participants)
	}
	ages := agesOf(dir, m)
	count := map[string]int{}
	for i := range m.Files {
		if m.Files[i].Resource != "Patient" {
			continue
		}
		_ = lines(filepath.Join(dir, filepath.Base(m.Files[i].Name)), func(_ int, raw []byte) {
			var p patient
			_ = json.Unmarshal(raw, &p)
			count[p.look(ages)]++
		})
	}
	var small []string
	for look, n := range count {
		if n < least && look != "" {
			small = append(small, look)
		}
	}
	sort.Strings(small)
	for _, look := range small {
		r.problem("%d people look like %q, and the manifest says at least %d", count[look], look, least)
	}
}

// patient is what people who know somebody may know of them.
type patient struct {
	ID, Gender, BirthDate string
	Years                 struct {
		Extension []struct {
			ValuePeriod struct{ Start, End string }
		}
	} `json:"_birthDate"`
	Address []struct{ Country string }
}

// look is empty where nothing is told.
func (p *patient) look(ages map[string]string) string {
	said := []string{}
	add := func(what, value string) {
		if value != "" {
			said = append(said, what+" "+value)
		}
	}
	add("born", p.BirthDate)
	for _, e := range p.Years.Extension {
		add("born", e.ValuePeriod.Start+e.ValuePeriod.End)
	}
	add("aged", ages[p.ID])
	add("sex", p.Gender)
	for _, a := range p.Address {
		add("country", a.Country)
	}
	return strings.Join(said, ", ")
}

// agesOf reads the ages that are told, by pseudonym.
func agesOf(dir string, m *manifest) map[string]string {
	ages, seen := map[string]string{}, map[string]string{} // seen keeps one copy of each text
	for i := range m.Files {
		if m.Files[i].Resource != "Observation" {
			continue
		}
		_ = lines(filepath.Join(dir, filepath.Base(m.Files[i].Name)), func(_ int, raw []byte) {
			var o struct {
				Code          struct{ Coding []struct{ Code string } }
				Subject       struct{ Reference string }
				ValueQuantity json.RawMessage
				ValueRange    json.RawMessage
			}
			if json.Unmarshal(raw, &o) != nil || len(o.Code.Coding) != 1 || o.Code.Coding[0].Code != ageCode {
				return
			}
			text := string(o.ValueQuantity) + string(o.ValueRange)
			if seen[text] == "" {
				seen[text] = text
			}
			ages[strings.TrimPrefix(o.Subject.Reference, "Patient/")] = seen[text]
		})
	}
	return ages
}
