package export

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/ident"
	"kindred/policies"
)

// TestNobodyWithoutConsent plays random signings and withdrawals and keeps its own book of who consented to what. Every
// release holds exactly the people of the book, and no download gives anybody who has left it since.
func TestNobodyWithoutConsent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		dice := rand.New(rand.NewPCG(7, 11))
		people := village(24)
		book := map[ident.ParticipantID]map[policies.Scope]bool{}
		for _, p := range people {
			w.people[p.Participant], book[p.Participant] = p, map[policies.Scope]bool{}
		}
		p := proposal()
		p.Scopes = []policies.Scope{policies.ScopeOutsideEU}
		study := approved(t, s, p)
		needed := []policies.Scope{policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeQuestionnaires, policies.ScopeOutsideEU}
		change := func() {
			for _, p := range people {
				for _, scope := range append(needed, policies.ScopeMatching) {
					switch on := book[p.Participant][scope]; {
					case !on && dice.IntN(10) < 8:
						w.consent(p.Participant, scope)
						book[p.Participant][scope] = true
					case on && dice.IntN(10) < 1:
						w.withdraw(p.Participant, scope)
						book[p.Participant][scope] = false
					}
				}
			}
		}
		allowed := func() (names []string) {
			for _, p := range people {
				if !slices.ContainsFunc(needed, func(c policies.Scope) bool { return !book[p.Participant][c] }) {
					names = append(names, s.Vault.Pseudonym(study.ID, p.Participant))
				}
			}
			sort.Strings(names)
			return names
		}
		for range 8 {
			change()
			r := finished(t, s, study.ID)
			inside := allowed()
			got := peopleIn(t, filepath.Join(unpack(t, s, r), "Patient.ndjson"))
			if !slices.Equal(got, inside) {
				t.Fatalf("released %v, allowed %v", got, inside)
			}
			change()
			now := allowed()
			lost := slices.ContainsFunc(inside, func(n string) bool { return !slices.Contains(now, n) })
			_, f, err := s.Download(ctx, okoye, r.ID, "Patient.ndjson")
			if lost != (err == ErrGone) { //nolint:errorlint // the fault itself is what the edge sees
				t.Fatalf("somebody left: %v; download: %v", lost, err)
			}
			if err == nil {
				_ = f.Close()
			}
		}
	})
}

func peopleIn(t *testing.T, path string) (names []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n") {
		if _, rest, found := strings.Cut(line, `"id":"`); found {
			names = append(names, rest[:strings.IndexByte(rest, '"')])
		}
	}
	return names
}

// TestNoTwoCountsTellOfFewerThanFive: whatever is counted, in whatever order, two counts that were shown are equal or
// differ by five people or more, and none is under five.
func TestNoTwoCountsTellOfFewerThanFive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var seen []int
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 40), 1, 30).Draw(t, "counts") {
			c := judge(n, seen)
			if !c.Shown {
				if c.N != 0 {
					t.Fatal("a hidden count carries its number")
				}
				continue
			}
			for _, s := range seen {
				if d := max(c.N-s, s-c.N); d != 0 && d < Floor {
					t.Fatalf("%d was shown after %d", c.N, s)
				}
			}
			if c.N != n || c.N < Floor {
				t.Fatalf("shown %d for %d", c.N, n)
			}
			seen = append(seen, c.N)
		}
	})
}
