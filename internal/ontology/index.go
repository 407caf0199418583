package ontology

import (
	"slices"
)

// Index answers questions about one Set. It never changes.
type Index struct {
	System, Version, Credit string

	terms     []Term
	at        map[string]int
	ancestors [][]int32 // sorted; the term itself is not in it
	children  [][]int32
	names     []nameRow
	tongues   map[string]*tongue
}

// Library is the pair of vocabularies in force.
type Library struct {
	Symptoms  *Index // HPO
	Diagnoses *Index // ORPHA
}

// New checks a Set and builds its Index: identifiers well formed and unique, parents known, no cycle.
func New(s Set) (*Index, error) {
	if len(s.Terms) == 0 {
		return nil, ErrNoTerms
	}
	x := &Index{System: s.System, Version: s.Version, Credit: s.Credit, terms: s.Terms, at: s.at()}
	for i := range s.Terms {
		t := &s.Terms[i]
		if !ValidID(t.ID) || SystemOf(t.ID) != s.System || t.Label == "" {
			return nil, ErrBadTerm.With("Term", t.ID)
		}
		if x.at[t.ID] != i {
			return nil, ErrDuplicateTerm.With("Term", t.ID)
		}
	}
	if err := x.link(); err != nil {
		return nil, err
	}
	x.buildSearch()
	return x, nil
}

// link computes children and ancestors, each term after its parents.
func (x *Index) link() error {
	n := len(x.terms)
	x.children, x.ancestors = make([][]int32, n), make([][]int32, n)
	waiting := make([]int, n)
	var ready []int
	for i := range x.terms {
		for _, p := range x.terms[i].Parents {
			j, ok := x.at[p]
			if !ok {
				return ErrUnknownParent.With("Term", x.terms[i].ID, "Parent", p)
			}
			x.children[j] = append(x.children[j], int32(i))
			waiting[i]++
		}
		if waiting[i] == 0 {
			ready = append(ready, i)
		}
	}
	done := 0
	for ; done < len(ready); done++ {
		i := ready[done]
		var up []int32
		for _, p := range x.terms[i].Parents {
			j := x.at[p]
			up = append(append(up, int32(j)), x.ancestors[j]...)
		}
		slices.Sort(up)
		x.ancestors[i] = slices.Clip(slices.Compact(up))
		for _, c := range x.children[i] {
			if waiting[c]--; waiting[c] == 0 {
				ready = append(ready, int(c))
			}
		}
	}
	if done < n {
		for i := range waiting {
			if waiting[i] > 0 {
				return ErrCycle.With("Term", x.terms[i].ID)
			}
		}
	}
	return nil
}

// Len is the number of terms, obsolete ones included.
func (x *Index) Len() int { return len(x.terms) }

// Lookup finds the term of exactly this identifier, obsolete or not.
func (x *Index) Lookup(id string) (*Term, bool) {
	i, ok := x.at[id]
	if !ok || x.terms[i].ID != id {
		return nil, false
	}
	return &x.terms[i], true
}

// Resolve finds the term that an identifier means today: alternative identifiers and replacements are followed.
// An obsolete term without a replacement is not found.
func (x *Index) Resolve(id string) (*Term, bool) {
	for range 8 { // chains of replacements are short; a loop in a broken file must end
		i, ok := x.at[id]
		if !ok {
			return nil, false
		}
		if !x.terms[i].Obsolete {
			return &x.terms[i], true
		}
		id = x.terms[i].Replacement
	}
	return nil, false
}

// Ancestors lists every term above one, without the term itself, in the order of the Set. Unknown: none.
func (x *Index) Ancestors(id string) []string {
	i, ok := x.at[id]
	if !ok {
		return nil
	}
	return x.ids(x.ancestors[i])
}

// Children lists the terms directly under one, in the order of the Set.
func (x *Index) Children(id string) []string {
	i, ok := x.at[id]
	if !ok {
		return nil
	}
	return x.ids(x.children[i])
}

// Under tells whether id is ancestor or lies below it.
func (x *Index) Under(id, ancestor string) bool {
	i, ok := x.at[id]
	j, known := x.at[ancestor]
	if !ok || !known {
		return false
	}
	if i == j {
		return true
	}
	_, found := slices.BinarySearch(x.ancestors[i], int32(j))
	return found
}

func (x *Index) ids(rows []int32) []string {
	out := make([]string, len(rows))
	for k, r := range rows {
		out[k] = x.terms[r].ID
	}
	return out
}

// Name is the plain name of an identifier in a language, or the identifier itself where it is not known: what a page
// writes for a code that an older or newer vocabulary brought in.
func (x *Index) Name(id, lang string) string {
	if t, ok := x.Resolve(id); ok {
		return t.Plain(lang)
	}
	if t, ok := x.Lookup(id); ok {
		return t.Plain(lang)
	}
	return id
}

// Languages lists the languages in which any term has a name, sorted.
func (x *Index) Languages() []string {
	var all []string
	for l := range x.tongues {
		all = append(all, l)
	}
	slices.Sort(all)
	return all
}
