package registry

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindred/internal/fault"
	"kindred/internal/ident"
)

// Relation is how an account stands to a participant.
type Relation string

// The relations.
const (
	Self     Relation = "self"
	Parent   Relation = "parent"   // of a minor
	Guardian Relation = "guardian" // of a minor
	Carer    Relation = "carer"    // of an adult who cannot act alone
)

// Relations lists all, in the order they are offered.
var Relations = []Relation{Self, Parent, Guardian, Carer}

// Valid tells whether the relation is one of them.
func (r Relation) Valid() bool { return r == Self || r == Parent || r == Guardian || r == Carer }

// OfMinor tells whether the relation ends at majority.
func (r Relation) OfMinor() bool { return r == Parent || r == Guardian }

// Source says where a value comes from.
type Source string

// The sources.
const (
	SourceSelf     Source = "self"
	SourceCarer    Source = "carer" // a parent, a guardian or a carer told it
	SourceReviewer Source = "reviewer"
	SourceImported Source = "imported"
)

// Source is where values come from that an account of this relation enters.
func (r Relation) Source() Source {
	if r == Self {
		return SourceSelf
	}
	return SourceCarer
}

// Sex at birth, with the values of the European set.
type Sex string

// The values.
const (
	Female       Sex = "female"
	Male         Sex = "male"
	Undetermined Sex = "undetermined"
	Foetus       Sex = "foetus"
)

// Sexes lists all, in the order they are offered.
var Sexes = []Sex{Female, Male, Undetermined, Foetus}

// Valid tells whether the value is one of them.
func (s Sex) Valid() bool { return s == Female || s == Male || s == Undetermined || s == Foetus }

// Step is a step of enrolment.
type Step string

// The steps, in their order.
const (
	StepWho       Step = "who"
	StepAbout     Step = "about"
	StepDiagnosis Step = "diagnosis"
	StepSymptoms  Step = "symptoms"
	StepConsent   Step = "consent"
)

// Steps lists all in their order.
var Steps = []Step{StepWho, StepAbout, StepDiagnosis, StepSymptoms, StepConsent}

// Before tells whether s comes before other.
func (s Step) Before(other Step) bool { return s.at() < other.at() }

func (s Step) at() int {
	for i, step := range Steps {
		if s == step {
			return i
		}
	}
	return -1
}

// next is the step after s.
func (s Step) next() Step { return Steps[min(s.at()+1, len(Steps)-1)] }

// Who is the first step: whom this is about, and how the account stands to them.
type Who struct {
	Relation Relation `json:"relation"`
	Name     string   `json:"name"` // as the account wants to see it; encrypted
}

// About is the second step.
type About struct {
	Birth   Date   `json:"birth_date"` // encrypted; only the year stays in the clear
	Sex     Sex    `json:"sex"`
	Country string `json:"country"` // ISO 3166-1 alpha-2
}

// Participant is a person the registry is about.
type Participant struct {
	ID         ident.ParticipantID
	Revision   int
	Relation   Relation // with which they were enrolled
	Who        string   // name
	About      About
	Dot        int // colour of the person's card, 0 to Dots-1
	Step       Step
	EnrolledAt time.Time // zero until the four steps before consent are done
	CreatedAt  time.Time
}

// Dots is the number of colours for person cards.
const Dots = 8

const maxName = 100

// cleanName brings a name to the form it is kept in.
func cleanName(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// Validate tells every fault of the step.
func (w Who) Validate() error {
	var faults fault.List
	if !w.Relation.Valid() {
		faults.Add(ErrRelation.At("relation"))
	}
	name := cleanName(w.Name)
	switch {
	case name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		faults.Add(ErrNameNeeded.At("name"))
	case utf8.RuneCountInString(name) > maxName:
		faults.Add(ErrNameLong.With("Max", maxName).At("name"))
	}
	return faults.Err()
}

// Validate tells every fault of the step, for a relation, at an instant.
func (a About) Validate(r Relation, now time.Time) error {
	var faults fault.List
	if !a.Sex.Valid() {
		faults.Add(ErrSex.At("sex"))
	}
	country := validCountry(a.Country)
	if !country {
		faults.Add(ErrCountry.At("country"))
	}
	switch b := a.Birth; {
	case b.IsZero():
		faults.Add(ErrBirthNeeded.At("birth_date"))
	case b.future(now) && a.Sex != Foetus:
		faults.Add(ErrBirthFuture.At("birth_date"))
	case b.First().After(now.AddDate(1, 0, 0)): // a foetus has an expected date
		faults.Add(ErrBirthFuture.At("birth_date"))
	case b.year < now.Year()-130:
		faults.Add(ErrBirthOld.At("birth_date"))
	case country:
		faults.Add(a.age(r, now))
	}
	return faults.Err()
}

// age holds birth date and relation to each other.
func (a About) age(r Relation, now time.Time) *fault.Error {
	minor := mayBeMinor(a.Birth, a.Country, now)
	switch {
	case minor && !a.Birth.Whole():
		return ErrBirthWhole.At("birth_date")
	case minor && !r.OfMinor():
		return ErrMinorSelf.At("birth_date")
	case !minor && r.OfMinor():
		return ErrAdultChild.At("birth_date")
	}
	return nil
}

// AuthorityEnds is when a relation to a participant ends by itself; zero: never.
func AuthorityEnds(r Relation, a About) time.Time {
	if !r.OfMinor() || !a.Birth.Whole() {
		return time.Time{}
	}
	return Majority(a.Birth, a.Country)
}

// reach moves the enrolment on when its current step is done. It never goes back.
func (p *Participant) reach(done Step, now time.Time) {
	if p.Step == done {
		p.Step = done.next()
	}
	if p.Step == StepConsent && p.EnrolledAt.IsZero() {
		p.EnrolledAt = now
	}
}
