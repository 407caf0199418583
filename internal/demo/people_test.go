package demo

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindred/policies"
	"kindred/registry"
)

var now = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)

func TestSameSeedSamePeople(t *testing.T) {
	same := 0
	for n := range 200 {
		a, b := Population{7, now}.Household(n), Population{7, now}.Household(n)
		for i := range a.People {
			a.People[i].rand, b.People[i].rand = nil, nil
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("household %d differs", n)
		}
		if reflect.DeepEqual(a.People[0].Name, Population{8, now}.Household(n).People[0].Name) {
			same++
		}
	}
	if same > 100 {
		t.Fatalf("another seed gives the same names %d times of 200", same)
	}
}

func TestPeopleMakeSense(t *testing.T) {
	ids := map[string]bool{}
	withdrawn, undiagnosed, children, total := 0, 0, 0, 0
	for n := range 30_000 {
		h := Population{1, now}.Household(n)
		for _, p := range h.People {
			total++
			if u, err := uuid.Parse(p.ID); err != nil || u.Version() != 7 || ids[p.ID] {
				t.Fatalf("id %s", p.ID)
			}
			ids[p.ID] = true
			if p.Birth.After(h.Joined) || p.Signed.Before(h.Joined) || p.Signed.After(now) {
				t.Fatalf("dates of %+v", p)
			}
			minor := registry.Majority(registry.DateOf(p.Birth.Year(), p.Birth.Month(), p.Birth.Day()), p.Country)
			if registry.Relation(p.Relation).OfMinor() != minor.After(now) || minor.Sub(now).Abs() < 24*time.Hour {
				t.Fatalf("comes of age at %s: %+v", minor, p)
			}
			for _, f := range p.Forms {
				if !slices.Contains(p.Scopes, policies.ScopeQuestionnaires) || f.At.Before(p.Signed) || f.At.After(now) {
					t.Fatalf("a form without consent: %+v", p)
				}
			}
			if len(p.Withdrawal) > 0 {
				withdrawn++
			}
			if p.Diagnosis.Code == "" {
				undiagnosed++
			}
			if now.Before(p.Birth.AddDate(18, 0, 0)) {
				children++
			}
		}
	}
	for name, got := range map[string]int{"withdrawn": withdrawn * 100 / total, "undiagnosed": undiagnosed * 100 / total} {
		if got < 3 || got > 15 {
			t.Errorf("%s: %d %%", name, got)
		}
	}
	if children*2 < total {
		t.Errorf("%d children of %d", children, total)
	}
}
