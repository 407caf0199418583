package questionnaires

import (
	"time"

	"kindred/internal/ident"
	"kindred/questionnaires/sdc"
)

// Response is one participant's answers to one version.
type Response struct {
	ID            ident.ResponseID
	Participant   ident.ParticipantID
	Questionnaire ident.QuestionnaireID
	Version       ident.VersionID
	Status        sdc.Status
	Editing       bool // answers that were sent are open for correction
	Revision      int  // grows with each change; for If-Match
	Documents     int  // how many times it was sent
	Language      string
	Account       ident.AccountID // who answered last
	StartedAt     time.Time
	UpdatedAt     time.Time
	SubmittedAt   time.Time // zero for a draft
	Form          *sdc.Form
	State         *sdc.State // nil in lists
}

// Open tells whether answers can be given now.
func (r Response) Open() bool { return r.Status == sdc.InProgress || r.Editing }

// Document is one sent version of a response: the FHIR JSON, kept for ever.
type Document struct {
	Response ident.ResponseID
	Number   int // 1 for the first time it was sent
	Version  ident.VersionID
	Status   sdc.Status
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
	Op       sdc.Op
	Path     string
	Values   []sdc.Value
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
