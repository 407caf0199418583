package questionnaires

import (
	"time"

	"kindred/internal/ident"
)

// Response is one participant's answers to one version.
type Response struct {
	ID            ident.ResponseID
	Participant   ident.ParticipantID
	Questionnaire ident.QuestionnaireID
	Version       ident.VersionID
	Status        Status
	Editing       bool // answers that were sent are open for correction
	Revision      int  // grows with each change; for If-Match
	Documents     int  // how many times it was sent
	Language      string
	Account       ident.AccountID // who answered last
	StartedAt     time.Time
	UpdatedAt     time.Time
	SubmittedAt   time.Time // zero for a draft
	Form          *Form
	State         *State // nil in lists
}

// Open tells whether answers can be given now.
func (r Response) Open() bool { return r.Status == InProgress || r.Editing }

// Document is one sent version of a response: the FHIR JSON, kept for ever.
type Document struct {
	Response ident.ResponseID
	Number   int // 1 for the first time it was sent
	Version  ident.VersionID
	Status   Status
	Language string
	Account  ident.AccountID
	At       time.Time
	SHA256   string
	Body     []byte // QuestionnaireResponse JSON; nil in lists
}

// JournalEntry is one change of a draft, as it was made.
type JournalEntry struct {
	Seq      int
	Revision int
	Op       Op
	Path     string
	Values   []Value
	Accepted bool // false: set aside because another device had answered the same item
	Account  ident.AccountID
	Device   string
	At       time.Time
}

// Assignment is a questionnaire that a participant may answer, and how far it got.
type Assignment struct {
	Version  Version // the newest
	Minutes  int     // effort from the start, or what is left of the draft
	Draft    *Response
	Sent     []Response // newest first
	Outdated bool       // the draft was begun under an earlier version, and goes on under it
}

// Answered is what an occurrence holds, as a tree of values without the engine's state; disabled items are left out and
// named in Hidden. It is what an export reads.
type Answered struct {
	Items  []AnsweredItem
	Hidden []string // linkIds of children that the form's logic kept closed
}

// AnsweredItem is one occurrence of a group, or a question with its answers.
type AnsweredItem struct {
	LinkID   string
	Instance int // of a repeating group
	Answers  []AnsweredValue
	Answered // of a group
}

// AnsweredValue is one answer, and what stands under it.
type AnsweredValue struct {
	Value Value
	Answered
}

// Answers gives the tree of a state, in the order of the form.
func (f *Form) Answers(s *State) Answered { return f.answersIn(s.root, f.top) }

func (f *Form) answersIn(in *occurrence, children []int) Answered {
	var a Answered
	for _, child := range children {
		it := &f.items[child]
		sl := &in.slots[it.seat]
		switch {
		case it.Type == TypeDisplay:
		case !sl.on:
			a.Hidden = append(a.Hidden, it.LinkID)
		case it.Type == TypeGroup:
			for _, o := range sl.list {
				if inner := f.answersIn(o, it.children); o.answered() || len(inner.Hidden) > 0 {
					a.Items = append(a.Items, AnsweredItem{LinkID: it.LinkID, Instance: o.id, Answered: inner})
				}
			}
		case len(sl.list) > 0:
			item := AnsweredItem{LinkID: it.LinkID}
			for _, o := range sl.list {
				v := AnsweredValue{Value: o.value}
				if len(o.slots) > 0 {
					v.Answered = f.answersIn(o, it.children)
				}
				item.Answers = append(item.Answers, v)
			}
			a.Items = append(a.Items, item)
		}
	}
	return a
}

// Column describes one item of a form that takes answers or repeats, for codebooks.
type Column struct {
	LinkID   string
	Parent   string // linkId of the nearest repeating item around it; "" at the top
	Text     Text
	Type     ItemType
	Repeats  bool
	FreeText bool // typed in own words: may hold anything
	Options  []Option
	Units    []Coding
}

// Columns lists them in the order of the form.
func (f *Form) Columns() []Column {
	var list []Column
	for i := range f.items {
		it := &f.items[i]
		if !it.question() && !it.numbered() {
			continue
		}
		c := Column{LinkID: it.LinkID, Text: it.Text, Type: it.Type, Repeats: it.Repeats, Options: it.Options, Units: it.Units}
		c.FreeText = it.Type == TypeOpenChoice || (len(it.Options) == 0 && (it.answer == String || it.answer == URI || it.answer == File))
		for _, a := range it.chain {
			if f.items[a].numbered() {
				c.Parent = f.items[a].LinkID
			}
		}
		list = append(list, c)
	}
	return list
}
