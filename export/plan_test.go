package export

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kindred/internal/vault"
)

func TestShift(t *testing.T) {
	for _, c := range []struct {
		in   string
		days int
		want string
	}{
		{"2021-03-04", 1, "2021-03-05"}, {"2020-02-28", 2, "2020-03-01"}, {"2021", 182, "2021"}, {"2021", -182, "2021"}, {"2020", 182, "2020"}, {"2020", -182, "2020"},
		{"2021-03", 10, "2021-03"}, {"2021-03", 20, "2021-04"}, {"2021-01", -20, "2020-12"}, {"2021-03-04T10:00:00Z", -1, "2021-03-03T10:00:00Z"},
		{"2021-03-04T00:30:00+01:00", 1, "2021-03-04T23:30:00Z"}, {"2021-02-30", 1, ""}, {"0001-01-05", -100, ""}, {"9999-12-30", 100, ""}, {"yesterday", 1, ""}, {"", 1, ""}, {"20 1", 3, ""}, {"2021-03-04T10:00", 1, ""},
	} {
		got, ok := shift(c.in, c.days)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("shift(%q, %d) = %q, %v; want %q", c.in, c.days, got, ok, c.want)
		}
	}
}

func TestShiftKeepsIntervalsAndPrecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(-vault.MaxShift, vault.MaxShift).Draw(t, "days")
		day := func(name string) time.Time {
			return time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60000).Draw(t, name))
		}
		a, b := day("a"), day("b")
		shifted := func(x time.Time) time.Time {
			s, ok := shift(x.Format("2006-01-02"), days)
			if !ok {
				t.Fatal("refused")
			}
			out, _ := time.Parse("2006-01-02", s)
			return out
		}
		if shifted(a).Sub(shifted(b)) != a.Sub(b) {
			t.Fatalf("the interval from %v to %v is not kept", a, b)
		}
		for _, layout := range []string{"2006", "2006-01"} {
			if s, _ := shift(a.Format(layout), days); len(s) != len(layout) {
				t.Fatalf("the precision of %s is not kept: %s", a.Format(layout), s)
			}
		}
		if s, _ := shift(a.Format("2006"), days); s != a.Format("2006") {
			t.Fatalf("a year moved to %s", s)
		}
	})
}

func TestBirth(t *testing.T) {
	at := time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		birth string
		year  Birth
		age   Birth
	}{
		{"2008-02-29", Birth{Year: 2008, Known: true}, Birth{Age: 17, Known: true}},
		{"2008-02-28", Birth{Year: 2008, Known: true}, Birth{Age: 18, Known: true}},
		{"2008", Birth{Year: 2008, Known: true}, Birth{Age: 18, Known: true}},
		{"1936-02-28", Birth{Year: 1936, Known: true, Capped: true}, Birth{Age: 90, Known: true, Capped: true}},
		{"1936-03-01", Birth{Year: 1936, Known: true}, Birth{Age: 89, Known: true}},
		{"1901", Birth{Year: 1936, Known: true, Capped: true}, Birth{Age: 90, Known: true, Capped: true}},
		{"2030", Birth{}, Birth{}}, {"", Birth{}, Birth{}}, {"soon", Birth{}, Birth{}},
	} {
		if got := birthYear(c.birth, at); got != c.year {
			t.Errorf("birthYear(%s) = %+v", c.birth, got)
		}
		if got := birthAge(c.birth, at); got != c.age {
			t.Errorf("birthAge(%s) = %+v", c.birth, got)
		}
	}
}

// TestNothingUnwantedSurvives: whatever is asked for, a record holds nothing of the fields that were not.
func TestNothingUnwantedSurvives(t *testing.T) {
	v := testVault(t)
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfDistinct(rapid.SampledFrom(Fields()), func(f Field) Field { return f }).Draw(t, "fields")
		p, err := NewPlan(study, fields, nil, Window{}, false, cut)
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Reduce(lucia(), v)
		if err != nil {
			t.Fatal(err)
		}
		for field, present := range map[Field]bool{
			FieldSex: r.Sex != "", FieldCountry: r.Country != "", FieldRelation: r.Relation != "", FieldDiagnoses: len(r.Diagnoses) > 0,
			FieldSymptoms: len(r.Symptoms) > 0, FieldElements: len(r.Elements) > 0,
		} {
			if present != p.Wants(field) {
				t.Errorf("%s: %v", field, present)
			}
		}
		if r.Birth.Known != (p.Wants(FieldBirthYear) || p.Wants(FieldAge)) || len(r.Responses) > 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestPeriod(t *testing.T) {
	v := testVault(t)
	p := testPlan(t, false)
	p.Period = Window{From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	r, err := p.Reduce(lucia(), v)
	if err != nil || len(r.Responses) != 1 || r.Responses[0].Version != "2" {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestFormsAreRead(t *testing.T) {
	f := forms(t)[1]
	if q := f.Question("mg"); q == nil || q.Type != "integer" || f.Question("nothing") != nil {
		t.Fatal("items are found by linkId")
	}
	for _, bad := range []string{`{`, `{"item":[{"linkId":"a","type":"string"},{"linkId":"a","type":"string"}]}`, `{"item":[{"type":"string"}]}`} {
		if _, err := ParseForm([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	contained := `{"url":"u","contained":[{"resourceType":"ValueSet","id":"v","compose":{"include":[{"system":"s","concept":[{"code":"a","display":"A"}]}]},"expansion":{"contains":[{"system":"s","code":"b","display":"B","contains":[{"system":"s","code":"c"}]}]}}],
		"item":[{"linkId":"q","type":"choice","answerValueSet":"#v"}]}`
	g, err := ParseForm([]byte(contained))
	if err != nil || fmt.Sprint(len(g.Question("q").Options)) != "3" || g.Question("q").Open {
		t.Fatalf("%+v %v", g.Question("q"), err)
	}
}
