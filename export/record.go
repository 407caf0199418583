package export

import "time"

// Key is a name made for one study: a pseudonym, or the id of a row in that study. Only Plan.Reduce makes one that is
// not empty, so an id of ours cannot end up where a Key is wanted.
type Key struct{ text string }

func (k Key) String() string { return k.text }

// Record is one person in one release: what the plan lets through, under the study's pseudonym, with shifted dates.
// It has no field for a name, a contact, a full date of birth, or an id of ours.
type Record struct {
	Pseudonym Key
	Birth     Birth
	Sex       Sex
	Country   string // ISO 3166-1 alpha-2
	Detail    Detail // how much of the three above is told; what is not is empty
	Relation  string // who answers for the person: self, parent, guardian, carer
	Diagnoses []Diagnosis
	Symptoms  []Symptom
	Elements  []Element
	Responses []Response
}

// Birth is what a study may know of a birth date: the year, or the age in whole years at the time of the release.
// Capped means "this old or older". With Years, it is one of so many years or ages, of which the first is given.
type Birth struct {
	Year   int
	Age    int
	Known  bool
	Capped bool
	Years  int
}

// Sex at birth, as element 2.2 of the EU set.
type Sex string

// The values of Sex.
const (
	Female       Sex = "female"
	Male         Sex = "male"
	Undetermined Sex = "undetermined"
	SexUnknown   Sex = "unknown"
)

// Diagnosis is one diagnosis of a record. Without a code the person is not diagnosed yet.
type Diagnosis struct {
	Key       Key
	Code      string // ORPHA number, digits only
	Label     string // the name of the code, never what a person wrote
	Status    string // suspected, confirmed (both as the person says), or empty
	Verified  bool   // a reviewer accepted the proof
	Onset     Moment
	Diagnosed Moment
}

// Moment is when something began, as the European set tells it: antenatal, birth, undetermined, or date with a shifted
// FHIR date. The zero Moment was not told.
type Moment struct {
	Kind string
	Date string
}

// Presence of a symptom.
type Presence string

// The values of Presence.
const (
	Present        Presence = "present"
	Absent         Presence = "absent"
	PresenceUnsure Presence = "unknown"
)

// Symptom is one symptom of a record.
type Symptom struct {
	Key       Key
	Code      string // HP:0001250
	Label     string // the name of the term
	Presence  Presence
	Onset     Coding // HPO onset term, or empty
	OnsetDate string // shifted FHIR date, or empty
	Severity  Coding // HPO severity term, or empty
	Course    Coding // HPO temporal pattern, or empty
}

// Element is one of the EU common data elements.
type Element struct {
	Code   string // key: "genetic_hgvs"
	Number string // in the set: "6.2"
	Name   string
	Value  Value // without a value, Text is the reason why: unknown, not_asked, declined, not_applicable
}

// Response is one answered questionnaire.
type Response struct {
	Key           Key
	Questionnaire string // canonical address
	Version       string
	Status        string // completed or amended
	Authored      string // shifted FHIR dateTime
	Language      string
	Items         []Item
	Hidden        []string // items that the form's logic kept closed, outside repeating groups
}

// Item is an item of a response: a group with items, or a question with answers.
type Item struct {
	LinkID  string
	Answers []Answer
	Items   []Item
	Hidden  []string // items kept closed inside this instance of a repeating group
}

// Answer is one answer; items may hang under it.
type Answer struct {
	Value  Value
	Items  []Item
	Hidden []string // items kept closed under this answer
}

// Kind says which value an answer holds.
type Kind uint8

// The kinds of Value.
const (
	NoValue Kind = iota
	Boolean
	Integer
	Decimal
	Date
	DateTime
	Time
	Text
	Link
	Coded
	Quantity
	Attached // a file or a reference; never leaves
	Withheld // there is an answer, and the plan keeps it back
	Declined // the person would rather not answer
	Unsaid   // an answer without a value, for another reason
)

// Value is the value of an answer or an element. Numbers keep the text they were written in.
type Value struct {
	Kind       Kind
	Text       string // "true", "42", "1.50", "2021-03", the words; for Quantity the number
	Code       Coding // for Coded; for Quantity the unit, its Display the unit as written
	Comparator string // for Quantity: <, <=, >=, >
}

// Coding is a code of a code system.
type Coding struct {
	System  string
	Code    string
	Display string
}

// Empty tells whether there is nothing.
func (c Coding) Empty() bool { return c.Code == "" && c.Display == "" }

// Window is a half-open interval of time; a zero end is open.
type Window struct{ From, Until time.Time }

// Holds tells whether t lies in the window.
func (w Window) Holds(t time.Time) bool {
	return (w.From.IsZero() || !t.Before(w.From)) && (w.Until.IsZero() || t.Before(w.Until))
}
