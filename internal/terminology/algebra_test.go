package terminology

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kindred/internal/jsonscan"
)

// truth is what is known of one code: Kleene's three values.
type truth int

const (
	no truth = iota
	unsure
	yes
)

func and(a, b truth) truth { return min(a, b) }
func or(a, b truth) truth  { return max(a, b) }
func not(a truth) truth    { return yes - a }

// The universe of the property test: a system that is whole, one of which a part is here, one that is absent; the set
// that is absent is called gone.
var (
	universe = []string{"whole", "part", "absent"}
	listed   = map[string]string{"whole": "abc", "part": "ab", "absent": ""}
	letters  = []string{"a", "b", "c", "d"}
)

type algebraSet struct {
	Include []algebraPart `json:"include"`
	Exclude []algebraPart `json:"exclude,omitempty"`
}

type algebraPart struct {
	System   string        `json:"system,omitempty"`
	Concept  []algebraCode `json:"concept,omitempty"`
	ValueSet []string      `json:"valueSet,omitempty"`
}

type algebraCode struct {
	Code string `json:"code"`
}

func (p algebraPart) holds(sets []algebraSet, system, code string, exclude bool) truth {
	if exclude && p.System != "" && len(p.Concept)+len(p.ValueSet) == 0 {
		return yes * b2t(p.System == system)
	}
	out := yes
	if p.System != "" {
		restrict := p.System == "absent" && len(p.Concept) == 0 && len(p.ValueSet) > 0
		out = and(out, p.bySystem(system, code, exclude, restrict))
	}
	for _, ref := range p.ValueSet {
		in := unsure
		if ref != "gone" {
			var n int
			fmt.Sscanf(ref, "set%d", &n)
			in = sets[n].holds(sets, system, code)
		}
		out = and(out, in)
	}
	return out
}

func b2t(b bool) truth {
	if b {
		return 1
	}
	return 0
}

func (p algebraPart) bySystem(system, code string, exclude, restrict bool) truth {
	switch {
	case p.System != system:
		return no
	case restrict:
		return yes
	case len(p.Concept) > 0:
		if system == "whole" && !strings.Contains(listed[system], code) && !exclude {
			return no // the system does not have it
		}
		for _, c := range p.Concept {
			if c.Code == code {
				return yes
			}
		}
		return no
	case strings.Contains(listed[system], code):
		return yes
	case system == "whole":
		return no
	}
	return unsure
}

func (s algebraSet) holds(sets []algebraSet, system, code string) truth {
	in, out := no, no
	for _, p := range s.Include {
		in = or(in, p.holds(sets, system, code, false))
	}
	for _, p := range s.Exclude {
		out = or(out, p.holds(sets, system, code, true))
	}
	return and(in, not(out))
}

func randomPart(r *rand.Rand, below int) algebraPart {
	var p algebraPart
	if r.IntN(4) > 0 {
		p.System = universe[r.IntN(3)]
		for range r.IntN(4) {
			p.Concept = append(p.Concept, algebraCode{letters[r.IntN(4)]})
		}
	}
	for p.System == "" && len(p.ValueSet) == 0 || r.IntN(3) == 0 {
		ref := "gone"
		if below > 0 && r.IntN(8) > 0 {
			ref = fmt.Sprintf("set%d", r.IntN(below))
		}
		p.ValueSet = append(p.ValueSet, ref)
	}
	return p
}

func parsed(tb testing.TB, v any) jsonscan.Value {
	tb.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := jsonscan.Parse(raw, jsonscan.Default)
	if err != nil {
		tb.Fatal(err)
	}
	return d.Root()
}

// TestSetAlgebra holds random unions, intersections and exclusions to what logic says of every single code.
func TestSetAlgebra(t *testing.T) {
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 7))
		l := NewLibrary()
		for system, codes := range listed {
			content := map[string]string{"whole": "complete", "part": "fragment"}[system]
			var concepts []algebraCode
			for _, c := range codes {
				concepts = append(concepts, algebraCode{string(c)})
			}
			if content != "" {
				if err := l.Add(parsed(t, map[string]any{"resourceType": "CodeSystem", "url": system, "content": content, "concept": concepts})); err != nil {
					t.Fatal(err)
				}
			}
		}
		var sets []algebraSet
		for n := range 4 {
			var s algebraSet
			for range 1 + r.IntN(3) {
				s.Include = append(s.Include, randomPart(r, n))
			}
			for range r.IntN(3) {
				s.Exclude = append(s.Exclude, randomPart(r, n))
			}
			sets = append(sets, s)
			if err := l.Add(parsed(t, map[string]any{"resourceType": "ValueSet", "url": fmt.Sprintf("set%d", n), "compose": s})); err != nil {
				t.Fatal(err)
			}
		}
		for n, s := range sets {
			ref := fmt.Sprintf("set%d", n)
			open := false
			for _, system := range append([]string{"other"}, universe...) {
				for _, code := range append([]string{"z"}, letters...) {
					want := s.holds(sets, system, code)
					open = open || want == unsure
					member, known := l.MemberOf(ref, system, code)
					if got := map[[2]bool]truth{{true, true}: yes, {false, true}: no, {false, false}: unsure}[[2]bool{member, known}]; got != want || member && !known {
						t.Fatalf("seed %d: %s of %s|%s: got %d, want %d\n%+v", seed, ref, system, code, got, want, sets)
					}
				}
			}
			if e, err := l.Expand(ref); err == nil && e.Complete == open {
				t.Fatalf("seed %d: %s complete: %t, and codes are open: %t\n%+v", seed, ref, e.Complete, open, sets)
			}
		}
	}
}

// TestLimits: whatever is refused is refused before it costs much.
func TestLimits(t *testing.T) {
	library := func(l limits) *Library {
		out := &Library{}
		out.scope.Store(newScope(nil, l))
		return out
	}
	set := func(url string, includes ...algebraPart) jsonscan.Value {
		return parsed(t, map[string]any{"resourceType": "ValueSet", "url": url, "compose": map[string]any{"include": includes}})
	}
	small := limits{resources: 50, concepts: 10, depth: 4, steps: 60, kept: 5, pattern: 10}
	l := library(small)
	var many []algebraCode
	for i := range 11 {
		many = append(many, algebraCode{fmt.Sprint("c", i)})
	}
	if err := l.Add(set("many", algebraPart{System: "s", Concept: many})); !isTooLarge(err) {
		t.Errorf("too many concepts: %v", err)
	}
	for n := range 6 {
		part := algebraPart{System: "s", Concept: many[:2]}
		if n > 0 {
			part = algebraPart{ValueSet: []string{fmt.Sprint("deep", n-1)}}
		}
		if err := l.Add(set(fmt.Sprint("deep", n), part)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Expand("deep5"); !isTooLarge(err) {
		t.Errorf("too deep: %v", err)
	}
	if _, err := l.Expand("deep2"); err != nil {
		t.Errorf("deep enough: %v", err)
	}
	// Sets that import each other along many ways are expanded once each: 2^20 ways here.
	wide := library(limits{resources: 50, concepts: 10, depth: 32, steps: 2000, kept: 100, pattern: 10})
	for n := range 20 {
		parts := []algebraPart{{System: "s", Concept: many[:2]}}
		if n > 0 {
			below := algebraPart{ValueSet: []string{fmt.Sprint("w", n-1)}}
			parts = []algebraPart{below, below}
		}
		if err := wide.Add(set(fmt.Sprint("w", n), parts...)); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := wide.Expand("w19"); err != nil || len(e.Concepts) != 2 {
		t.Errorf("wide: %v, %v", e, err)
	}
	for i := range 60 {
		if err := wide.Add(set(fmt.Sprint("more", i), algebraPart{System: "s"})); err != nil {
			if !isTooLarge(err) {
				t.Errorf("too many sets: %v", err)
			}
			return
		}
	}
	t.Error("as many sets as one likes")
}

func isTooLarge(err error) bool { return errors.Is(err, ErrTooLarge) }

// FuzzAdd: what Expand lists is a member, in a complete expansion nothing else is, and adding again changes nothing.
func FuzzAdd(f *testing.F) {
	f.Add([]byte(`{"resourceType":"ValueSet","url":"a","compose":{"include":[{"system":"s","concept":[{"code":"x","display":"X"}]},{"valueSet":["b"]}],"exclude":[{"system":"s","filter":[{"property":"concept","op":"is-a","value":"x"}]}]}}`))
	f.Add([]byte(`{"resourceType":"CodeSystem","url":"s","content":"complete","caseSensitive":false,"valueSet":"all","hierarchyMeaning":"is-a","concept":[{"code":"x","concept":[{"code":"Y","property":[{"code":"parent","valueCode":"x"}]}]}]}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"CodeSystem","url":"s","content":"fragment","concept":[{"code":"x"}]}},{"resource":{"resourceType":"CodeSystem","url":"t","content":"supplement","supplements":"s","concept":[{"code":"x","designation":[{"language":"es","value":"X"}]}]}},{"resource":{"resourceType":"ValueSet","url":"v","compose":{"include":[{"system":"s"},{"valueSet":["w"]}]}}},{"resource":{"resourceType":"ValueSet","url":"w","compose":{"include":[{"valueSet":["v"]}]}}}]}`))
	f.Add([]byte(`{"resourceType":"ValueSet","id":"i","url":"v","expansion":{"total":3,"contains":[{"system":"s","code":"a","contains":[{"system":"S","code":"A","abstract":true}]}]},"compose":{"inactive":false,"include":[{"system":"s","version":"*","filter":[{"property":"code","op":"regex","value":"a*"}]}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := jsonscan.Parse(raw, jsonscan.Limits{Bytes: 1 << 16, Depth: 20, Values: 2000, Width: 500, String: 1 << 12})
		if err != nil {
			return
		}
		l := NewLibrary()
		if inner, err := l.With(d.Root()); err == nil {
			check(t, inner)
		}
		if l.Add(d.Root()) != nil {
			if len(l.scope.Load().sets)+len(l.scope.Load().systems) > 0 {
				t.Fatal("something stayed of what was refused")
			}
			return
		}
		check(t, l)
		if err := l.Add(d.Root()); err != nil {
			t.Fatalf("the same again: %v", err)
		}
	})
}

func check(t *testing.T, l *Library) {
	sc := l.scope.Load()
	refs := []string{}
	for url, versions := range sc.sets {
		refs = append(refs, url)
		for _, v := range versions {
			refs = append(refs, url+"|"+v.version)
		}
	}
	for url := range sc.implicit {
		refs = append(refs, url)
	}
	for id := range sc.local {
		refs = append(refs, "#"+id)
	}
	for _, ref := range refs {
		e, err := l.Expand(ref)
		if err != nil {
			continue
		}
		for _, c := range e.Concepts {
			if c.System == "" || c.Code == "" {
				continue // asks for a code in any system
			}
			if in, known := l.MemberOf(ref, c.System, c.Code); !in || !known {
				t.Fatalf("%s lists %s|%s: %t, %t", ref, c.System, c.Code, in, known)
			}
			l.Display(c.System, c.Code, "es")
			l.Weight(c.System, c.Code)
			if a, known := l.Subsumes(c.System, c.Code, c.Code); known && !a {
				t.Fatalf("%s does not subsume itself", c.Code)
			}
		}
		if in, known := l.MemberOf(ref, "urn:x-nobody", "nothing at all"); in || known != e.Complete && e.Complete {
			t.Fatalf("%s: a code of nobody: %t, %t, complete %t", ref, in, known, e.Complete)
		}
	}
}

func BenchmarkMemberOf(b *testing.B) {
	l := NewLibrary()
	var concepts []algebraCode
	for i := range 100_000 {
		concepts = append(concepts, algebraCode{fmt.Sprint("c", i)})
	}
	raw, _ := json.Marshal(map[string]any{"resourceType": "CodeSystem", "url": "big", "valueSet": "all", "content": "complete", "concept": concepts})
	limits := jsonscan.Default
	limits.Width, limits.Bytes = 1<<20, 64<<20
	d, err := jsonscan.Parse(raw, limits)
	if err != nil {
		b.Fatal(err)
	}
	if err := l.Add(d.Root()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if in, _ := l.MemberOf("all", "big", "c77777"); !in {
			b.Fatal("lost")
		}
	}
}
