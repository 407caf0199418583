package registry

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/ontology"
)

func TestNotDiagnosedYetIsAStateOfItsOwn(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		e := lucia()
		e.Diagnoses = []Diagnosis{{Undiagnosed: true, Onset: Age{Kind: AgeAtBirth}}}
		p := w.enrol(w.maria, e)
		if d := w.summary(w.maria, p).Diagnoses[0]; !d.Undiagnosed || d.Code != "" || d.Status != "" || d.Onset.Kind != AgeAtBirth {
			w.Fatalf("%+v", d)
		}
		_, err := w.AddDiagnosis(ctx, w.maria, p, Diagnosis{Code: "ORPHA:70", Status: Suspected})
		w.ok(err)
		if n := len(w.summary(w.maria, p).Diagnoses); n != 2 {
			w.Fatalf("a suspicion is no diagnosis: %d", n)
		}
		_, err = w.AddDiagnosis(ctx, w.maria, p, Diagnosis{Code: ontology.NoDiagnosis})
		w.ok(err)
		found, err := w.AddDiagnosis(ctx, w.maria, p, Diagnosis{Code: "ORPHA:83330", Status: Confirmed, Diagnosed: Age{AgeOnDate, mustDate("2026-04")}})
		w.ok(err)
		s := w.summary(w.maria, p)
		if len(s.Diagnoses) != 2 || s.Diagnoses[0].Undiagnosed || s.Diagnoses[1].Undiagnosed {
			w.Fatalf("%+v", s.Diagnoses)
		}
		_, err = w.AddDiagnosis(ctx, w.maria, p, Diagnosis{Code: "ORPHA:83330"})
		w.refused(err, ErrDiagnosisTwice)
		_, err = w.ChangeDiagnosis(ctx, w.maria, p, Diagnosis{ID: found.ID, Revision: 7, Code: found.Code})
		w.refused(err, ErrStale)
		_, err = w.ChangeDiagnosis(ctx, w.maria, p, Diagnosis{ID: found.ID, Code: "ORPHA:70"})
		w.refused(err, ErrDiagnosisTwice)
		changed, err := w.ChangeDiagnosis(ctx, w.maria, p, Diagnosis{ID: found.ID, Revision: found.Revision, Code: found.Code, Status: Suspected})
		w.ok(err)
		if changed.Revision != 2 || changed.Status != Suspected {
			w.Fatalf("%+v", changed)
		}
		w.ok(w.RemoveDiagnosis(ctx, w.maria, p, found.ID))
		w.refused(w.RemoveDiagnosis(ctx, w.maria, p, found.ID), ErrNotFound)
		history, err := w.History(ctx, w.maria, p, time.Time{}, 100)
		w.ok(err)
		kept := map[string]int{}
		for _, c := range history {
			if c.Kind == ChangedDiagnosis {
				kept[string(c.Act)]++
			}
		}
		if kept["added"] != 4 || kept["removed"] != 3 || kept["changed"] != 1 || history[0].Was.Diagnosis.Status != Suspected {
			w.Fatalf("%v %+v", kept, history[0])
		}
	})
}

func TestSymptomsAreSavedByTerm(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p := w.enrol(w.maria, lucia())
		before := w.summary(w.maria, p).Symptoms[0]
		y, err := w.SaveSymptom(ctx, w.maria, p, Symptom{Term: "HP:0011398", Presence: Present, OnsetDate: Year(2019)}) // an earlier id of hypotonia
		w.ok(err)
		if y.ID != before.ID || y.Term != "HP:0001252" || y.Revision != 2 || y.Severity != "" {
			w.Fatalf("%+v", y)
		}
		_, err = w.SaveSymptom(ctx, w.maria, p, Symptom{Term: "HP:0001252", Presence: Absent, Revision: 1})
		w.refused(err, ErrStale)
		_, err = w.SaveSymptom(ctx, w.maria, p, Symptom{Term: "HP:0001252", Presence: Present, OnsetDate: Year(2018)})
		w.refused(err, ErrDateBeforeBirth)
		_, err = w.SaveSymptom(ctx, w.maria, p, Symptom{Term: ontology.PhenotypicAbnormality, Presence: Present})
		w.refused(err, ErrSymptomTerm)
		w.ok(w.RemoveSymptom(ctx, w.maria, p, y.ID))
		w.refused(w.RemoveSymptom(ctx, w.maria, p, y.ID), ErrNotFound)
		history, err := w.History(ctx, w.maria, p, time.Time{}, 2)
		w.ok(err)
		if len(history) != 2 || history[0].Act != Removed || history[0].Was.Symptom.OnsetDate.String() != "2019" || history[1].Was.Symptom.Severity != "HP:0012828" {
			w.Fatalf("%+v", history)
		}
		if found := w.SearchSymptoms("grave", "es", 5); len(found) > 0 && found[0].Term.ID == "HP:0012828" {
			w.Fatal("severity was offered as a symptom")
		}
	})
}

func TestElements(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		p := w.enrol(w.maria, lucia())
		w.ok(w.SaveElements(ctx, w.maria, p, []Element{
			{Key: "status", Value: "alive"}, {Key: "first_contact", Value: "2020-03"}, {Key: "functioning", Missing: MissingDeclined},
			{Key: "genetic_hgvs", Value: "NM_000344.4:c.840C>T"}, {Key: "genetic_text"},
		}))
		s := w.summary(w.maria, p)
		if s.Element("status").Revision != 1 || s.Element("first_contact").Revision != 2 || s.Element("functioning").Missing != MissingDeclined || s.Element("genetic_text").Value != "" {
			w.Fatalf("%+v", s.Elements)
		}
		for _, c := range []struct {
			e    Element
			want error
		}{
			{Element{Key: "shoe_size", Value: "42"}, ErrElement}, {Element{Key: "sex", Value: "male"}, ErrElement},
			{Element{Key: "reuse_agreed", Value: "yes"}, ErrElementConsent}, {Element{Key: "status", Value: "opted_out"}, ErrElementValue},
			{Element{Key: "status", Value: "alive", Missing: MissingUnknown}, ErrMissingAndValue}, {Element{Key: "status", Missing: "tired"}, ErrMissing},
			{Element{Key: "death_date", Value: "2020"}, ErrElementNeeds}, {Element{Key: "first_contact", Value: "2020-02-30"}, ErrDate},
			{Element{Key: "first_contact", Value: "2030"}, ErrDateFuture}, {Element{Key: "genetic_gene", Value: "=1+1"}, ErrElementShape},
			{Element{Key: "status", Value: "alive", Revision: 9}, ErrStale},
		} {
			w.refused(w.SaveElements(ctx, w.maria, p, []Element{c.e}), c.want)
		}
		history, err := w.History(ctx, w.maria, p, time.Time{}, 100)
		w.ok(err)
		for _, c := range history {
			if c.Row == "genetic_text" && c.Act == Removed && c.Was.Element.Value == "Deletion in SMN1, says Dr. Vidal" {
				return
			}
		}
		w.Fatal("the earlier text is lost")
	})
}

// A date that is accepted is written as it was told, means days that exist, and keeps its order.
func TestDateProperties(t *testing.T) {
	date := rapid.Custom(func(t *rapid.T) Date {
		d := Date{year: rapid.IntRange(1880, 2200).Draw(t, "year")}
		if rapid.Bool().Draw(t, "month") {
			d.month = rapid.IntRange(1, 12).Draw(t, "m")
			if rapid.Bool().Draw(t, "day") {
				d.day = rapid.IntRange(1, daysIn(d.year, d.month)).Draw(t, "d")
			}
		}
		return d
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := date.Draw(t, "a"), date.Draw(t, "b")
		if back, err := ParseDate(a.String()); err != nil || back != a {
			t.Fatalf("%v became %v, %v", a, back, err)
		}
		if a.First().After(a.Last()) || a.Whole() != a.First().Equal(a.Last()) {
			t.Fatalf("%v: %v to %v", a, a.First(), a.Last())
		}
		if a.After(b) && b.After(a) || a.After(a) {
			t.Fatalf("%v and %v", a, b)
		}
	})
	for _, s := range []string{"2021-13", "2021-02-29", "2021-2", "21", "0000", "2021-00", "2021-01-00", "2021-01-01T00:00:00Z", " 2021", "２０２１"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q became %v", s, d)
		}
	}
}

// Majority comes on the birthday of the year, never earlier than any clock on earth shows that day, never later.
func TestMajorityProperties(t *testing.T) {
	countries := []string{"ES", "DE", "NZ", "KR", "US", "BR", "XK", "FJ"}
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom(countries).Draw(t, "country")
		age := 18
		if a, ok := ages[country]; ok {
			age = a
		}
		y, m := rapid.IntRange(1930, 2030).Draw(t, "y"), time.Month(rapid.IntRange(1, 12).Draw(t, "m"))
		d := rapid.IntRange(1, daysIn(y, int(m))).Draw(t, "d")
		birth := DateOf(y, m, d)
		birthday := time.Date(y+age, m, d, 0, 0, 0, 0, time.UTC)
		got := Majority(birth, country)
		if got.Before(birthday.Add(-14*time.Hour)) || got.After(birthday.Add(12*time.Hour)) {
			t.Fatalf("born %v in %s: of age at %v", birth, country, got)
		}
		if mayBeMinor(birth, country, got) || !mayBeMinor(birth, country, got.Add(-time.Microsecond)) {
			t.Fatal("the instant itself is of age, the one before is not")
		}
	})
	for _, c := range []struct{ birth, country, want string }{
		{"2008-02-29", "ES", "2026-02-28T23:00:00Z"}, // 2026 has no 29 February: 1 March
		{"2010-02-29", "ES", ""},
		{"2006-02-28", "ES", "2024-02-27T23:00:00Z"},
		{"2008-07-01", "GB", "2026-06-30T23:00:00Z"},
		{"2007-05-05", "KR", "2026-05-04T15:00:00Z"},
		{"2008-05-05", "XK", "2026-05-04T10:00:00Z"},
	} {
		b, err := ParseDate(c.birth)
		if err != nil {
			if c.want != "" {
				t.Error(err)
			}
			continue
		}
		if got := Majority(b, c.country).Format(time.RFC3339); got != c.want {
			t.Errorf("born %s in %s: %s, want %s", c.birth, c.country, got, c.want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("2021-02-28")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err == nil && d.String() != s {
			t.Fatalf("%q became %q", s, d)
		}
	})
}

func TestAboutHoldsAgeAndRelationToEachOther(t *testing.T) {
	for _, c := range []struct {
		about About
		r     Relation
		want  error
	}{
		{About{DateOf(2019, 2, 11), Female, "ES"}, Parent, nil},
		{About{DateOf(2019, 2, 11), Female, "ES"}, Self, ErrMinorSelf},
		{About{DateOf(2019, 2, 11), Female, "ES"}, Carer, ErrMinorSelf},
		{About{Year(2019), Female, "ES"}, Parent, ErrBirthWhole},
		{About{DateOf(1990, 2, 11), Female, "ES"}, Guardian, ErrAdultChild},
		{About{Year(1990), Undetermined, "DE"}, Carer, nil},
		{About{Year(2008), Male, "DE"}, Self, ErrBirthWhole}, // may be 17 or 18
		{About{DateOf(2008, 5, 4), Male, "DE"}, Self, nil},   // of age today
		{About{DateOf(2008, 5, 5), Male, "DE"}, Self, ErrMinorSelf},
		{About{DateOf(2026, 9, 1), Foetus, "FR"}, Parent, nil},
		{About{DateOf(2026, 9, 1), Female, "FR"}, Parent, ErrBirthFuture},
		{About{DateOf(1880, 1, 1), Female, "FR"}, Self, ErrBirthOld},
		{About{Date{}, Female, "FR"}, Self, ErrBirthNeeded},
		{About{Year(1990), Female, "ZZ"}, Self, ErrCountry},
		{About{Year(1990), Female, "es"}, Self, ErrCountry},
	} {
		err := c.about.Validate(c.r, today)
		if c.want == nil && err != nil || c.want != nil && (err == nil || !errors.Is(err, c.want)) {
			t.Errorf("%+v as %s: %v, want %v", c.about, c.r, err, c.want)
		}
	}
}
