package registry

import (
	"maps"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"kindred/internal/db"
	"kindred/policies"
	"kindred/policies/consent"
)

// A birth date that was mistaken ends the parents' consent at the true majority, not at the mistaken one.
func TestACorrectedBirthDateMovesTheEndOfConsent(t *testing.T) {
	each(t, func(w *world) {
		ledger := consent.New(consent.Config{DB: w.d, Vault: w.vault, Authority: w.authority})
		w.ok(ledger.Install(w.Context()))
		w.ReckonWith(ledger)
		e := lucia()
		e.Diagnoses[0].Onset, e.Diagnoses[0].Diagnosed, e.Elements = Age{}, Age{}, nil
		p := w.enrol(w.maria, e)
		text, err := ledger.Current(w.Context(), consent.MainDocument, "es")
		w.ok(err)
		g, err := policies.Ask[policies.Write](w.Context(), w.authority, policies.Request{
			Actor: policies.Demonstration(), Purpose: policies.PurposeOperation, Object: policies.ObjectConsent,
		})
		w.ok(err)
		w.ok(w.d.Do(w.Context(), func(tx *db.Tx) error {
			return ledger.Record(tx, g, []consent.Recorded{{
				Participant: p, Account: w.maria.Account, Relation: "parent", LapsesAt: Majority(e.Birth, "ES"), At: today, Document: text, Name: "Maria",
				Choices: []consent.Choice{{Scope: "registry", Yes: true}},
			}})
		}))
		lapses := func() time.Time {
			s, err := ledger.Standing(w.Context(), w.maria, p)
			w.ok(err)
			for _, scope := range s.Scopes {
				if scope.Scope == "registry" {
					return scope.LapsesAt
				}
			}
			w.Fatal("no such scope")
			return time.Time{}
		}
		if got := lapses(); got.Year() != 2037 {
			w.Fatal(got)
		}
		w.ok(w.About(w.Context(), w.maria, p, About{DateOf(2012, 2, 11), Female, "ES"}))
		want := Majority(DateOf(2012, 2, 11), "ES")
		if got := lapses(); !got.Equal(want) {
			w.Fatalf("consent lapses at %v, authority ends at %v", got, want)
		}
		if s := w.summary(w.maria, p); !s.Until.Equal(want) {
			w.Fatal(s.Until)
		}
	})
}

// The day of majority, read on the calendar of its country, is the birthday: never the day before, which UTC shows.
func TestMajorityIsTheBirthdayThere(t *testing.T) {
	for _, country := range []string{"ES", "NZ", "US", "BR", "JP", "GB", "ZZ"} {
		zone, known := Zone(country)
		if known == (country == "ZZ") {
			t.Errorf("%s: known %v", country, known)
		}
		for _, birth := range []Date{DateOf(2017, 3, 4), DateOf(2016, 2, 29), DateOf(2017, 10, 29)} {
			at := Majority(birth, country).In(zone)
			want := time.Date(at.Year(), time.Month(birth.month), birth.day, 0, 0, 0, 0, zone)
			if !at.Equal(want) || at.Year() < 2034 {
				t.Errorf("%s, born %v: %v", country, birth, at)
			}
		}
	}
}

// TestTheAgesStandInTheDocument: the table of the decision and that of the program are one.
func TestTheAgesStandInTheDocument(t *testing.T) {
	b, err := os.ReadFile("../docs/decisions/0070-ages-of-majority.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([A-Z]{2}) [^|]+\| (\d+) \|`).FindAllStringSubmatch(string(b), -1) {
		written[m[1]], _ = strconv.Atoi(m[2])
	}
	if !maps.Equal(written, ages) {
		t.Errorf("the document says %v, the program %v", written, ages)
	}
}

// TestEachCountryHasItsMidnight: of age at the first local midnight of the birthday, summer and winter, on the last day of
// February too; never a day early anywhere in the country, never late.
func TestEachCountryHasItsMidnight(t *testing.T) {
	for _, c := range []struct{ birth, country, want string }{
		{"2008-07-15", "ES", "2026-07-14T22:00:00Z"}, // summer time
		{"2008-12-15", "ES", "2026-12-14T23:00:00Z"},
		{"2008-02-29", "US", "2026-03-01T05:00:00Z"}, // 1 March where there is no 29 February
		{"2008-02-29", "KR", "2027-02-28T15:00:00Z"}, // 19 years
		{"2004-02-29", "TH", "2024-02-28T17:00:00Z"}, // 20 years: there is one
		{"2008-02-29", "NZ", "2028-02-28T11:00:00Z"},
		{"2008-10-19", "BR", "2026-10-19T02:00:00Z"}, // Fernando de Noronha, UTC-2
		{"2008-03-29", "CL", "2026-03-29T03:00:00Z"},
		{"2008-01-01", "JP", "2025-12-31T15:00:00Z"}, // 18 since 2022
		{"2008-01-01", "EG", "2028-12-31T10:00:00Z"}, // 21; the first midnight on earth
	} {
		b := mustDate(c.birth)
		if got := Majority(b, c.country).Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s: %s, not %s", c.birth, c.country, got, c.want)
		}
	}
}
