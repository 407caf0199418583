package codesign

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kindred/internal/fault"
	"kindred/internal/ident"
)

// Kind is what is proposed.
type Kind string

// A new question, or another wording of an item that is there.
const (
	NewQuestion Kind = "question"
	Wording     Kind = "wording"
)

// State is what became of a proposal.
type State string

// The states. Published is a taken proposal that a published version carries.
const (
	Open      State = "open"
	Taken     State = "taken"
	Declined  State = "declined"
	Published State = "published"
)

// AnswerType is how a proposed question shall be answered.
type AnswerType string

// The answer types that members can choose from; an editor may choose another later.
const (
	YesNo  AnswerType = "boolean"
	Number AnswerType = "decimal"
	Date   AnswerType = "date"
	Words  AnswerType = "text"
	Choice AnswerType = "choice"
)

var answerTypes = []AnswerType{YesNo, Number, Date, Words, Choice}

// Limits of what members write, in characters.
const (
	maxText    = 1000
	maxReason  = 2000
	maxCredit  = 80
	maxComment = 2000
	maxOptions = 20
	maxOpen    = 20 // open proposals of one account
)

// Draft is what a member fills in.
type Draft struct {
	Questionnaire ident.QuestionnaireID
	Kind          Kind
	LinkID        string // Wording: the item
	Language      string // of Text: en, es …
	Text          string // the wording, or the question
	Answer        AnswerType
	Options       []string // Choice: the answers offered
	Reason        string   // why it matters
	Credit        string   // the name to be thanked by; empty to stay unnamed
}

// Validate trims the draft and tells all that is wrong with it; each Field is the name of a field. known tells whether
// the questionnaire has an item with a text of its own.
func (d *Draft) Validate(known func(linkID string) bool) fault.List {
	for _, s := range []*string{&d.LinkID, &d.Language, &d.Text, &d.Reason, &d.Credit} {
		*s = strings.TrimSpace(*s)
	}
	var l fault.List
	long := func(field, text string, limit int) {
		if utf8.RuneCountInString(text) > limit {
			l.Add(errTooLong.With("Limit", limit).At(field))
		}
	}
	switch d.Kind {
	case Wording:
		d.Answer, d.Options = "", nil
		if !known(d.LinkID) {
			l.Add(errItem.At("link_id"))
		}
	case NewQuestion:
		d.LinkID = ""
		d.answers(&l)
	default:
		l.Add(errKind.At("kind"))
	}
	if d.Text == "" {
		l.Add(errText.At("text"))
	}
	if d.Reason == "" {
		l.Add(errReason.At("reason"))
	}
	if len(d.Language) < 2 || len(d.Language) > 35 {
		l.Add(errLanguage.At("language"))
	}
	long("text", d.Text, maxText)
	long("reason", d.Reason, maxReason)
	long("credit", d.Credit, maxCredit)
	return l
}

func (d *Draft) answers(l *fault.List) {
	if !slices.Contains(answerTypes, d.Answer) {
		l.Add(errAnswers.At("answer"))
	}
	var kept []string
	for _, o := range d.Options {
		if o = strings.TrimSpace(o); o != "" && !slices.Contains(kept, o) {
			kept = append(kept, o)
		}
	}
	d.Options = kept
	if d.Answer != Choice {
		d.Options = nil
		return
	}
	if len(kept) < 2 || len(kept) > maxOptions {
		l.Add(errAnswers.At("options"))
	}
	for _, o := range kept {
		if utf8.RuneCountInString(o) > 200 {
			l.Add(errTooLong.With("Limit", 200).At("options"))
			break
		}
	}
}

// Proposal is a draft that was put forward.
type Proposal struct {
	ID ident.ProposalID
	Draft
	State     State
	Verdict   string // an editor's words: why it was declined, or how it was taken
	Version   string // Published: the first version that has it
	Votes     int
	Mine      bool // the reader put it forward
	Voted     bool // the reader supports it
	Comments  int  // shown ones
	CreatedAt time.Time
	DecidedAt time.Time // zero while it is open
}

// Comment is one contribution to the discussion.
type Comment struct {
	ID     ident.CommentID
	Text   string
	Mine   bool
	Editor bool // written by an editor
	Hidden bool // shown to its author and to editors alone
	At     time.Time
}
