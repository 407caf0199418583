package demo

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindred/policies"
	"kindred/registry"
)

// Household is an account and the people it acts for.
type Household struct {
	Number   int
	Account  string // sign-in name
	Language string
	Joined   time.Time
	People   []Person
}

// Person is one participant with all that they told.
type Person struct {
	ID         string
	Relation   string // self, parent, guardian, carer
	Name       string
	Sex        string // female, male
	Birth      time.Time
	Country    string // ISO 3166-1 alpha-2
	Diagnosis  Diagnosis
	Symptoms   []Symptom
	Elements   map[string]string
	Evidence   string // "", submitted, accepted, again
	Signed     time.Time
	Scopes     []policies.Scope
	Withdrawal []Withdrawal
	Forms      []Filled
	rand       *rand.Rand
}

// Diagnosis is an ORPHA code, or none yet.
type Diagnosis struct {
	Code  string // empty: not diagnosed yet
	Onset string // partial date
	Made  string // partial date
}

// Symptom is an answer about one HPO term.
type Symptom struct {
	Term   string
	State  string // present, absent, unknown
	Onset  string // partial date; empty when not present
	Course string // HPO course term; may be empty
}

// Withdrawal takes scopes back.
type Withdrawal struct {
	At     time.Time
	Scopes []policies.Scope
}

// Filled is a questionnaire that was begun, and perhaps sent.
type Filled struct {
	Form     int // which of the published versions, by its place
	At       time.Time
	Complete bool
}

// Population draws households.
type Population struct {
	Seed uint64
	Now  time.Time // nothing happens after it
}

var countries = []string{"ES", "ES", "ES", "DE", "FR", "IT", "PT", "NL", "PL", "IE", "SE", "AR", "MX", "CL"}

var (
	givenFemale = []string{"Lucía", "Sofía", "Martina", "Emma", "Marie", "Giulia", "Inês", "Zofia", "Elsa", "Valentina", "Noa", "Clara", "Aoife", "Camila", "Lena", "Anouk"}
	givenMale   = []string{"Mateo", "Hugo", "Leo", "Lukas", "Louis", "Matteo", "Tomás", "Jakub", "Nils", "Santiago", "Pau", "Bruno", "Cian", "Emil", "Daan", "Iker"}
	givenAdult  = []string{"María", "Carmen", "Ana", "Julia", "Laura", "Elena", "José", "Javier", "Miguel", "Thomas", "Paolo", "Marta", "Ingrid", "Pedro", "Sabine", "Anna"}
	family      = []string{"García", "López", "Martín", "Rossi", "Müller", "Dubois", "Silva", "Kowalska", "Nilsson", "O'Brien", "Fernández", "Ruiz", "de Vries", "Romero", "Weber", "Costa", "Álvarez", "Moreau", "Serrano", "Vidal"}
)

// Household draws household n: most have one person, a few two.
func (p Population) Household(n int) Household {
	r := rand.New(rand.NewPCG(p.Seed, uint64(n))) //nolint:gosec // synthetic people are not secrets
	h := Household{
		Number: n, Account: fmt.Sprintf("family-%06d", n+1), Language: "es",
		Joined: p.Now.AddDate(0, 0, -30-r.IntN(600)).Add(-time.Duration(r.IntN(86400)) * time.Second),
	}
	if r.IntN(10) < 3 {
		h.Language = "en"
	}
	name := family[r.IntN(len(family))]
	size := 1
	if r.IntN(12) == 0 {
		size = 2
	}
	for range size {
		h.People = append(h.People, p.person(r, h, name))
	}
	return h
}

func (p Population) person(r *rand.Rand, h Household, surname string) Person {
	d := drawProfile(r)
	x := Person{ID: id(r), Sex: "male", Country: countries[r.IntN(len(countries))], rand: r}
	if r.IntN(100) < d.female {
		x.Sex = "female"
	}
	onset := d.onsetFrom*12 + r.IntN(max(1, (d.onsetTo-d.onsetFrom)*12+6)) // months of age
	ill := 2 + r.IntN(140)
	x.Birth = day(h.Joined.AddDate(0, -(onset + ill), -r.IntN(28)))
	majority := registry.Majority(registry.DateOf(x.Birth.Year(), x.Birth.Month(), x.Birth.Day()), x.Country)
	adult := majority.Before(p.Now.AddDate(0, 0, 2))
	if adult && majority.After(p.Now.AddDate(0, 0, -2)) { // nobody comes of age while the population is written
		x.Birth = x.Birth.AddDate(0, 0, -7)
	}
	x.Relation, x.Name = "parent", pick(r, givenFemale)+" "+surname
	if x.Sex == "male" {
		x.Name = pick(r, givenMale) + " " + surname
	}
	switch {
	case adult && len(h.People) == 0:
		x.Relation, x.Name = "self", pick(r, givenAdult)+" "+surname
	case adult:
		x.Relation = "carer"
	case r.IntN(15) == 0:
		x.Relation = "guardian"
	}
	began := x.Birth.AddDate(0, onset, r.IntN(25))
	x.Diagnosis = Diagnosis{Code: d.code, Onset: partial(r, began), Made: partial(r, between(r, began, h.Joined))}
	if r.IntN(100) < 8 {
		x.Diagnosis = Diagnosis{Onset: x.Diagnosis.Onset}
	}
	x.Symptoms = symptoms(r, d, began, h.Joined)
	x.Elements = map[string]string{}
	x.Evidence = []string{"", "", "submitted", "accepted", "accepted", "accepted", "accepted", "accepted", "again"}[r.IntN(9)]
	p.consents(r, h, &x)
	return x
}

func symptoms(r *rand.Rand, d profile, began, joined time.Time) []Symptom {
	var all []Symptom
	for _, f := range d.symptoms {
		switch n := r.IntN(100); {
		case n < f.percent*9/10:
			s := Symptom{Term: f.term, State: "present", Onset: partial(r, between(r, began, joined))}
			if r.IntN(3) == 0 {
				s.Course = pick(r, []string{"HP:0003676", "HP:0003680", "HP:0031796"}) // progressive, nonprogressive, recurrent
			}
			all = append(all, s)
		case r.IntN(100) < 55:
			all = append(all, Symptom{Term: f.term, State: "absent"})
		case r.IntN(100) < 20:
			all = append(all, Symptom{Term: f.term, State: "unknown"})
		}
	}
	return all
}

// consents draws what was signed, taken back, and answered under it.
func (p Population) consents(r *rand.Rand, h Household, x *Person) {
	x.Signed = h.Joined.Add(time.Duration(10+r.IntN(50)) * time.Minute)
	x.Scopes = []policies.Scope{policies.ScopeRegistry}
	for _, s := range []struct {
		scope   policies.Scope
		percent int
	}{{policies.ScopeQuestionnaires, 95}, {policies.ScopeResearch, 88}, {policies.ScopeOutsideEU, 45}, {policies.ScopeRecontact, 75}, {policies.ScopeMatching, 50}, {policies.ScopeCommunity, 60}} {
		if r.IntN(100) < s.percent {
			x.Scopes = append(x.Scopes, s.scope)
		}
	}
	if n := r.IntN(100); n < 8 {
		w := Withdrawal{At: between(r, x.Signed.Add(24*time.Hour), p.Now)}
		w.Scopes = slices.Clone(x.Scopes)
		if n >= 3 {
			w.Scopes = []policies.Scope{pick(r, x.Scopes)}
		}
		x.Withdrawal = append(x.Withdrawal, w)
	}
	if !slices.Contains(x.Scopes, policies.ScopeQuestionnaires) {
		return
	}
	until := p.Now
	for _, w := range x.Withdrawal {
		if slices.Contains(w.Scopes, policies.ScopeQuestionnaires) {
			until = w.At
		}
	}
	for form := range 4 {
		if r.IntN(100) < 70-form*10 {
			x.Forms = append(x.Forms, Filled{Form: form, At: between(r, x.Signed, until), Complete: r.IntN(100) < 85})
		}
	}
}

// id makes a UUIDv7 from the person's own source, so that a seed gives the same ids.
func id(r *rand.Rand) string {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], uint64(1735689600000+r.Int64N(31536000000))<<16|uint64(r.IntN(1<<12)))
	binary.BigEndian.PutUint64(u[8:], r.Uint64())
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80
	return u.String()
}

// NewID draws an id from a person's source.
func (x Person) NewID() string { return id(x.rand) }

// Rand is the person's own source, for what is drawn while writing.
func (x Person) Rand() *rand.Rand { return x.rand }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// between draws an instant; from when there is no time between.
func between(r *rand.Rand, from, to time.Time) time.Time {
	span := to.Sub(from)
	if span <= time.Second {
		return from
	}
	return from.Add(time.Duration(r.Int64N(int64(span)))).Truncate(time.Second)
}

// partial writes a date as people remember it: often only the month, or the year.
func partial(r *rand.Rand, t time.Time) string {
	switch r.IntN(4) {
	case 0:
		return t.Format("2006")
	case 1:
		return t.Format("2006-01-02")
	default:
		return t.Format("2006-01")
	}
}
