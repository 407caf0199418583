package export

import (
	"cmp"
	"fmt"
	"slices"
)

// Detail is how much a release tells of somebody's birth, sex and country. What the study asked for is the first; each
// further one tells less. See docs/decisions/0050-small-classes.md for the order.
type Detail uint8

// The details.
const (
	Whole         Detail = iota // as the study asked
	FiveYears                   // birth as one of five years
	TenYears                    // birth as one of ten
	NoCountry                   // that, and no country
	TenYearsAlone               // that, and no sex
	SexAlone                    // sex, and neither birth nor country
	Nothing                     // none of the three
)

// tells is what each Detail lets through: how many years of birth are one (0: none is told), and the two others.
var tells = [...]struct {
	years        int
	sex, country bool
}{{1, true, true}, {5, true, true}, {10, true, true}, {10, true, false}, {10, false, false}, {0, true, false}, {0, false, false}}

// traits are what people who know somebody may know of them, as a record tells it: the declared quasi-identifiers.
type traits struct {
	Birth   Birth
	Sex     Sex
	Country string
	Detail  Detail
}

func (r *Record) traits() traits { return traits{r.Birth, r.Sex, r.Country, r.Detail} }

// tell leaves of a record what a Detail lets through.
func (r *Record) tell(d Detail) {
	t := r.traits().at(d)
	r.Birth, r.Sex, r.Country, r.Detail = t.Birth, t.Sex, t.Country, t.Detail
}

// at is what is left of traits that were told whole.
func (t traits) at(d Detail) traits {
	t.Detail = d
	t.Birth = t.Birth.within(tells[d].years)
	if !tells[d].sex {
		t.Sex = ""
	}
	if !tells[d].country {
		t.Country = ""
	}
	return t
}

// within is a birth as one of some years. People of Oldest and more are one group already, and stay it.
func (b Birth) within(years int) Birth {
	switch {
	case years == 0:
		return Birth{}
	case years == 1 || !b.Known || b.Capped:
		return b
	}
	b.Year -= b.Year % years
	b.Age -= b.Age % years
	b.Years = years
	return b
}

// look is what a reader sees of traits: two people with the same look cannot be told apart, whatever led there. A study
// that does not ask for one of the three sees no difference between details that differ in it alone.
func (t traits) look(p *Plan) traits {
	told := tells[t.Detail]
	t.Detail = 0
	if told.years == 0 && (p.Wants(FieldBirthYear) || p.Wants(FieldAge)) {
		t.Birth = Birth{Years: -1} // withheld is not the same as not known
	}
	if !told.sex && p.Wants(FieldSex) {
		t.Sex = "-"
	}
	if !told.country && p.Wants(FieldCountry) {
		t.Country = "-"
	}
	return t
}

func compareTraits(a, b traits) int {
	known := func(b Birth) int {
		switch {
		case b.Capped:
			return 2
		case b.Known:
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Birth.Year, b.Birth.Year), cmp.Compare(a.Birth.Age, b.Birth.Age), known(a.Birth)-known(b.Birth),
		cmp.Compare(a.Birth.Years, b.Birth.Years), cmp.Compare(a.Sex, b.Sex), cmp.Compare(a.Country, b.Country))
}

// settle decides how much is told of whom, so that everybody looks like at least k people, themselves among them. whole
// counts people by what the study asked for. Who is in a class that is too small is told of with less detail, together
// with the others who are left over, until the class is large enough. When too few are left for a class of which nothing
// is told, the smallest of the classes that tell least joins them. Nobody is left out: where there are fewer than k
// people in all, nothing is told of any.
//
// It depends on the counts alone: not on their order, nor on who came first.
func settle(whole map[traits]int, k int) map[traits]Detail {
	settled := make(map[traits]Detail, len(whole))
	rest := whole
	classes := []class{}
	for d := Whole; d <= Nothing && len(rest) > 0; d++ {
		sums := map[traits]*class{}
		for t, n := range rest {
			c := sums[t.at(d)]
			if c == nil {
				c = &class{look: t.at(d)}
				sums[c.look] = c
			}
			c.people += n
			c.members = append(c.members, t)
		}
		left := map[traits]int{}
		for _, c := range sums {
			if c.people >= k || d == Nothing {
				classes = append(classes, *c)
				continue
			}
			for _, t := range c.members {
				left[t] = whole[t]
			}
		}
		rest = left
	}
	for _, c := range join(classes, k) {
		for _, t := range c.members {
			settled[t] = c.look.Detail
		}
	}
	return settled
}

// class is people who look the same.
type class struct {
	look    traits
	people  int
	members []traits
}

// join makes the class of which nothing is told large enough, if it is there.
func join(classes []class, k int) []class {
	slices.SortFunc(classes, func(a, b class) int {
		return cmp.Or(cmp.Compare(b.look.Detail, a.look.Detail), cmp.Compare(a.people, b.people), compareTraits(a.look, b.look))
	})
	if len(classes) == 0 || classes[0].look.Detail != Nothing {
		return classes
	}
	last := &classes[0]
	i := 1
	for ; i < len(classes) && last.people < k; i++ {
		last.people += classes[i].people
		last.members = append(last.members, classes[i].members...)
	}
	return append(classes[:1], classes[i:]...)
}

// Floor is the number below which a count is not shown.
const Floor = 5

// CellInfo counts the classes of people who look alike by year or age, sex and country as the release tells them, and
// those with fewer than Floor people in them. With a Minimum, every class has at least that many people, or nothing of
// the three is told of those in it.
type CellInfo struct {
	Floor    int        `json:"floor"`
	Minimum  int        `json:"minimum"` // which the approved study asks for; 0: small classes are counted alone
	By       []string   `json:"by"`
	Classes  int        `json:"classes"`
	Small    int        `json:"small"`
	People   int        `json:"people"`   // in small classes
	Smallest int        `json:"smallest"` // people in the smallest class
	Unique   int        `json:"unique"`   // people who look like nobody else
	Told     []ToldInfo `json:"told"`     // how much was told of how many people
}

// Whole is of how many people everything was told that the study asked for.
func (c CellInfo) Whole() int {
	for _, t := range c.Told {
		whole := true
		for _, word := range t.Fields {
			whole = whole && word == wordWhole
		}
		if whole {
			return t.People
		}
	}
	return 0
}

// ToldInfo is a level of detail with how many people are told of so: each field whole, in groups of years, or withheld.
type ToldInfo struct {
	Fields  map[string]string `json:"fields"`
	People  int               `json:"people"`
	Classes int               `json:"classes"`
}

// crowd counts people by what could tell them apart.
type crowd struct {
	plan  *Plan
	by    []string
	count map[traits]int
}

func newCrowd(p *Plan) *crowd {
	c := &crowd{plan: p, count: map[traits]int{}}
	for _, f := range quasi {
		if p.Wants(f) {
			c.by = append(c.by, string(f))
		}
	}
	return c
}

// quasi are the fields by which people who know somebody could find them: the declared quasi-identifiers.
var quasi = []Field{FieldBirthYear, FieldAge, FieldSex, FieldCountry}

func (c *crowd) add(r *Record) { c.count[r.traits()]++ }

func (c *crowd) info() CellInfo {
	i := CellInfo{Floor: Floor, Minimum: c.plan.MinimumClass, By: append([]string{}, c.by...), Told: []ToldInfo{}}
	if i.Minimum > 0 {
		i.Floor = i.Minimum
	}
	looks := map[traits]int{}
	var told [Nothing + 1]ToldInfo
	for t, n := range c.count {
		look := t.look(c.plan)
		if looks[look] == 0 {
			told[t.Detail].Classes++
		}
		looks[look] += n
		told[t.Detail].People += n
	}
	i.Classes = len(looks)
	for _, n := range looks {
		if i.Smallest == 0 || n < i.Smallest {
			i.Smallest = n
		}
		if n == 1 {
			i.Unique++
		}
		if n < i.Floor {
			i.Small++
			i.People += n
		}
	}
	for d, info := range told {
		if info.People > 0 {
			info.Fields = c.plan.told(Detail(d))
			i.Told = append(i.Told, info)
		}
	}
	return i
}

// The words of a ToldInfo; the third is "n years".
const (
	wordWhole    = "whole"
	wordWithheld = "withheld"
)

// told says in words what a Detail lets through of the fields that the plan wants.
func (p *Plan) told(d Detail) map[string]string {
	words := map[string]string{}
	put := func(f Field, word string) {
		if p.Wants(f) {
			words[string(f)] = word
		}
	}
	birth, yes := wordWhole, map[bool]string{true: wordWhole, false: wordWithheld}
	switch n := tells[d].years; {
	case n == 0:
		birth = wordWithheld
	case n > 1:
		birth = fmt.Sprintf("%d years", n)
	}
	put(FieldBirthYear, birth)
	put(FieldAge, birth)
	put(FieldSex, yes[tells[d].sex])
	put(FieldCountry, yes[tells[d].country])
	return words
}
