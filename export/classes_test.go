package export

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kindred/export/verify"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
)

// crowdOf draws people who differ by birth, sex and country, some of which are not known.
func crowdOf(r *rand.Rand, n int) map[traits]int {
	counts := map[traits]int{}
	for range n {
		t := traits{Sex: []Sex{Female, Male, Undetermined, ""}[min(r.IntN(9)/3, 3)], Country: []string{"ES", "ES", "PT", "DE", ""}[r.IntN(5)]}
		switch r.IntN(12) {
		case 0:
		case 1:
			t.Birth = Birth{Year: 1936, Known: true, Capped: true}
		default:
			t.Birth = Birth{Year: 1937 + r.IntN(90), Known: true}
		}
		counts[t]++
	}
	return counts
}

// check is the property of settle: every class that is told of has at least k people, everybody is in one, and where
// somebody's detail is less than whole it was needed.
func check(counts map[traits]int, k int) error {
	p := &Plan{Fields: map[Field]bool{FieldBirthYear: true, FieldSex: true, FieldCountry: true}}
	settled := settle(counts, k)
	if len(settled) != len(counts) {
		return fmt.Errorf("%d of %d classes were settled", len(settled), len(counts))
	}
	looks, total := map[traits]int{}, 0
	for t, d := range settled {
		looks[t.at(d).look(p)] += counts[t]
		total += counts[t]
		if d > Whole && counts[t] >= k && d != Nothing { // only the class of which nothing is told takes in others
			return fmt.Errorf("%+v are %d and are told of as %d", t, counts[t], d)
		}
	}
	nothing := traits{Detail: Nothing}.look(p)
	for look, n := range looks {
		if n < k && (look != nothing || total >= k) {
			return fmt.Errorf("%d people look like %+v, of %d", n, look, total)
		}
	}
	return nil
}

func TestEveryClassIsLargeEnough(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		counts, k := crowdOf(r, n*n/60), 2+r.IntN(12)
		if err := check(counts, k); err != nil {
			t.Fatalf("k %d, %d people: %v", k, n*n/60, err)
		}
		if !reflect.DeepEqual(settle(counts, k), settle(counts, k)) {
			t.Fatal("settled differently the second time")
		}
	}
}

func FuzzEveryClassIsLargeEnough(f *testing.F) {
	f.Add(uint64(1), uint16(3), uint8(5))
	f.Add(uint64(2), uint16(500), uint8(5))
	f.Add(uint64(3), uint16(40), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, k uint8) {
		if err := check(crowdOf(rand.New(rand.NewPCG(seed, 7)), int(n)%3000), 2+int(k)%99); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHowMuchIsTold(t *testing.T) {
	of := func(year int, sex Sex, country string) traits {
		return traits{Birth: Birth{Year: year, Known: true}, Sex: sex, Country: country}
	}
	for name, c := range map[string]struct {
		counts map[traits]int
		want   map[traits]Detail
	}{
		"enough of the same": {map[traits]int{of(2011, Female, "ES"): 3}, map[traits]Detail{of(2011, Female, "ES"): Whole}},
		"five years together": {map[traits]int{of(2011, Female, "ES"): 1, of(2014, Female, "ES"): 2},
			map[traits]Detail{of(2011, Female, "ES"): FiveYears, of(2014, Female, "ES"): FiveYears}},
		"ten years together": {map[traits]int{of(2011, Female, "ES"): 1, of(2019, Female, "ES"): 2},
			map[traits]Detail{of(2011, Female, "ES"): TenYears, of(2019, Female, "ES"): TenYears}},
		"another country": {map[traits]int{of(2011, Female, "ES"): 1, of(2019, Female, "PT"): 2},
			map[traits]Detail{of(2011, Female, "ES"): NoCountry, of(2019, Female, "PT"): NoCountry}},
		"another sex": {map[traits]int{of(2011, Female, "ES"): 1, of(2019, Male, "PT"): 2},
			map[traits]Detail{of(2011, Female, "ES"): TenYearsAlone, of(2019, Male, "PT"): TenYearsAlone}},
		"another age": {map[traits]int{of(2011, Female, "ES"): 1, of(1960, Female, "PT"): 2},
			map[traits]Detail{of(2011, Female, "ES"): SexAlone, of(1960, Female, "PT"): SexAlone}},
		"too few": {map[traits]int{of(2011, Female, "ES"): 1, of(1960, Male, "PT"): 1},
			map[traits]Detail{of(2011, Female, "ES"): Nothing, of(1960, Male, "PT"): Nothing}},
		"one left over is joined by those of whom least is told": {map[traits]int{of(2011, Female, "ES"): 9, of(1960, Male, "PT"): 2, of(1961, Male, "PT"): 2, of(1990, Undetermined, "DE"): 1},
			map[traits]Detail{of(2011, Female, "ES"): Whole, of(1960, Male, "PT"): Nothing, of(1961, Male, "PT"): Nothing, of(1990, Undetermined, "DE"): Nothing}},
	} {
		if got := settle(c.counts, 3); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestSmallClassesAreToldWithLessDetail releases a town in which Lucía is the only child: with a minimum class her year
// is not told, nobody is left out, and the manifest says so. Without one she is counted.
func TestSmallClassesAreToldWithLessDetail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, w := atTown(t, d)
		w.settle(40)
		p := proposal()
		p.Fields = []Field{FieldBirthYear, FieldSex, FieldCountry}
		if m, _ := manifestAndFolder(t, s, p); m.SmallCells.Minimum != 0 || m.SmallCells.Smallest != 1 || m.SmallCells.Unique == 0 || len(m.SmallCells.Told) != 1 || m.SmallCells.Told[0].People != 40 {
			t.Fatalf("%+v", m.SmallCells)
		}
		p.MinimumClass = 5
		m, dir := manifestAndFolder(t, s, p)
		if c := m.SmallCells; m.Participants != 40 || c.Minimum != 5 || c.Smallest < 5 || c.Small != 0 || c.Unique != 0 || len(c.Told) < 2 {
			t.Fatalf("%+v", c)
		}
		f, err := excelize.OpenFile(filepath.Join(dir, workbookName))
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := f.GetRows("Participants", excelize.Options{RawCellValue: true})
		if fmt.Sprint(rows[0]) != "[pseudonym birth_year birth_year_or_earlier birth_year_from birth_year_to sex country]" || len(rows) != 41 {
			t.Fatal(rows[0], len(rows))
		}
		alike := map[string]int{}
		for _, row := range rows[1:] {
			alike[strings.Join(row[1:], "/")]++
		}
		for look, n := range alike {
			if n < 5 {
				t.Errorf("%d look like %s", n, look)
			}
		}
		raw, err := os.ReadFile(filepath.Join(dir, "Patient.ndjson"))
		if err != nil || strings.Contains(string(raw), `"birthDate":"2017"`) {
			t.Fatalf("%s, %v", raw, err)
		}
		p.MinimumClass = 41
		m, _ = manifestAndFolder(t, s, p)
		if c := m.SmallCells; m.Participants != 40 || c.Classes != 1 || fmt.Sprint(c.Told) != "[{map[birth_year:withheld country:withheld sex:withheld] 40 1}]" {
			t.Fatalf("%+v", c)
		}
	})
}

// manifestAndFolder releases a new study and checks the files.
func manifestAndFolder(t *testing.T, s *Service, p Proposal) (m Manifest, dir string) {
	t.Helper()
	r := finished(t, s, approved(t, s, p).ID)
	if err := json.Unmarshal([]byte(r.Manifest), &m); err != nil {
		t.Fatal(err)
	}
	dir = unpack(t, s, r)
	if report, err := verify.Dir(dir, s.Vault.VerifierKey()); err != nil || !report.OK() {
		t.Fatalf("%+v, %v", report, err)
	}
	return m, dir
}

func TestAnAgeInAGroup(t *testing.T) {
	p := testPlan(t, false, FieldAge, FieldSex)
	p.MinimumClass = 3
	people := append(village(24), lucia())
	counts := map[traits]int{}
	for _, s := range people {
		counts[p.traits(s)]++
	}
	p.details = settle(counts, 3)
	v, dir := testVault(t), filepath.Join(t.TempDir(), "out")
	release(t, v, p, people, dir)
	verified(t, dir, v)
	raw, _ := os.ReadFile(filepath.Join(dir, "Observation.ndjson"))
	for _, want := range []string{`"valueRange":{"low":{"value":`, `"high":{"value":`, `"dataAbsentReason":{"coding":[{"system":"` + systemAbsent + `","code":"masked"`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s lacks %s", raw, want)
		}
	}
	edit(t, dir, ManifestName, func(b []byte) []byte { return []byte(strings.Replace(string(b), `"minimum":3`, `"minimum":14`, 1)) })
	if r, err := verify.Dir(dir); err != nil || !strings.Contains(fmt.Sprint(r.Problems), "people look like") {
		t.Errorf("a minimum that is not kept: %+v, %v", r, err)
	}
	stranger := lucia()
	stranger.Birth = "1971-02"
	if _, err := p.Reduce(stranger, v); err == nil {
		t.Error("somebody who was not counted was released")
	}
}
