package view

import "time"

// Button is a link that looks like a button (Href) or a button of the form it stands in.
type Button struct {
	Label      string
	Kind       string // "primary" (default), "quiet", "danger"
	Href       string // makes it a link
	Name       string
	Value      string
	Form       string // id of the form, when it stands outside
	Action     string // another address than the form's
	Skip       bool   // sends without the browser's own checks ("save and come back later")
	Hidden     string // words for screen readers after the label ("fever", in "Remove fever")
	Controls   string // extra class
	OnceSlowly bool   // disabled by the script after the first press
}

// Field is one line or box of text with its label.
type Field struct {
	Name         string
	Label        string
	Hint         string
	Why          string // what happens to this data, said beside the question
	Error        string
	Value        string
	Type         string // "text" (default), "email", "password", "number", "tel", "url", "time"
	Unit         string // shown after the box
	Width        string // "short", "medium"; default full
	Rows         int    // more than 0 makes a box of several lines
	MaxLength    int
	Autocomplete string
	InputMode    string
	Optional     bool
	ReadOnly     bool
	Heading      bool // the label is the page's h1: one thing a page
	Lang         string
	Suggest      string // id of a list of proposals
	Save         string // address that saves this answer as it is left (htmx); the form still works without
}

// Option is one choice.
type Option struct {
	Value   string
	Label   string
	Hint    string
	Checked bool
	Or      bool // a divider "or" stands before it
	Alone   bool // a check-box that clears the others ("none of these")
}

// Choices are radios, or check-boxes when Multiple.
type Choices struct {
	Name     string
	Legend   string
	Hint     string
	Why      string
	Error    string
	Options  []Option
	Multiple bool
	Optional bool
	Heading  bool // the legend is the page's h1
	Inline   bool // side by side where there is room
	Save     string
}

// Select is a list to pick one from, for more than about seven choices.
type Select struct {
	Name     string
	Label    string
	Hint     string
	Why      string
	Error    string
	Options  []Option
	Optional bool
	Blank    string // words of the empty choice
	Width    string
	Save     string
}

// DateBoxes asks for a date in three boxes named <name>-day, <name>-month, <name>-year. JoinDate reads them.
type DateBoxes struct {
	Name     string
	Legend   string
	Hint     string // empty takes the usual example
	Why      string
	Error    string
	Value    string // "2021", "2021-03" or "2021-03-04"
	Day      string // what was typed, when it is no date
	Month    string
	Year     string
	Partial  bool // day and month may be left empty
	Optional bool
	Heading  bool
	Birth    bool // fills from the browser's own store
	Save     string
}

// Found is one suggestion.
type Found struct {
	Label  string
	Detail string // the clinical name, a code
	Href   string
	Value  string // makes it a button of the surrounding form
	Name   string
}

// Search is a box with suggestions: a form that shows its results on a page, and shows them while one types where
// scripts run.
type Search struct {
	Name    string
	Label   string
	Hint    string
	Value   string
	Action  string // GET address of the page that shows results
	Suggest string // GET address of the fragment; the same query
	Asked   bool   // a query was sent, so an empty list says so
	Results []Found
	Empty   string            // what to do when nothing is found
	Keep    map[string]string // hidden fields
}

// Task is one line of a task list.
type Task struct {
	Title string
	Hint  string
	Href  string // empty when it cannot be started yet
	State string // "done", "now", "waiting", "later", "again"
	Says  string // the state in words
}

// Row is one line of a summary list.
type Row struct {
	Label  string
	Value  string
	Values []string
	Files  []Link // to be downloaded
	Note   string // in muted words below
	Href   string // where it is changed
	Action string // words of that link; empty takes "Change"
	Lang   string
}

// Summary is a list of what we hold, with the way to change each.
type Summary struct {
	Title string
	Rows  []Row
}

// Notice is something to be told.
type Notice struct {
	Kind  string // "info" (default), "success", "warning", "error"
	Title Phrase
	Text  Phrase
	Link  *Link
}

// Steps shows where one is in a short journey.
type Steps struct {
	Items   []string
	Current int // from 1
	Label   string
}

// Progress is how far and what is left, in a sentence.
type Progress struct {
	Label    string
	Value    int
	Max      int
	Sentence string // "About 4 minutes left"
}

// Chip is one concept of the Human Phenotype Ontology with its everyday and its clinical name.
type Chip struct {
	Lay      string
	Clinical string
	Code     string
	State    string // "present", "absent", "unknown"; empty shows none
	Says     string // the state in words
	Detail   string // onset, course, severity in words
	Edit     string // address
	Remove   string // address that a small form posts to
}

// PersonCard is one person an account acts for.
type PersonCard struct {
	Name     string
	Relation string
	Dot      int
	Href     string
	Says     string // what waits for this person
	Here     bool
}

// Message is what somebody wrote.
type Message struct {
	From string
	When time.Time
	Text string
	Own  bool
	Lang string
}

// Column is the head of a table's column.
type Column struct {
	Label   string
	Numeric bool
	Sort    string // address that sorts by it
	Sorted  string // "ascending", "descending" or empty
}

// Cell is one cell.
type Cell struct {
	Text string
	Href string
	Tag  string // kind of a state tag
	Note string
	When time.Time // shown as day and time instead of Text
}

// Table is rows with a caption. On phones each row becomes a small form; Frame keeps it wide and scrolls inside.
type Table struct {
	Caption string
	Quiet   bool // the caption is for screen readers only
	Columns []Column
	Rows    [][]Cell
	Frame   bool
	Empty   string
}

// Empty says what to do where there is nothing yet.
type Empty struct {
	Title  string
	Text   string
	Href   string
	Action string
}

// Event is one line of a timeline.
type Event struct {
	When  time.Time
	Title string
	Text  string
	Kind  string // "done", "stop", "now" or empty
	Href  string
	More  string // words of the link
}

// Timeline is what happened, newest first unless the page says otherwise.
type Timeline struct {
	Label  string
	Events []Event
}

// Pages leads to what comes before and after; an empty address shows no link.
type Pages struct {
	Previous string
	Next     string
	Says     string // "11 to 20 of 312"
}

// Upload asks for one file.
type Upload struct {
	Name   string
	Label  string
	Hint   string
	Why    string
	Error  string
	Accept string
}

// Details is more to read, one tap away.
type Details struct {
	Summary string
	Text    string
}

// Tag is a state in a word with its icon; colour is never alone.
type Tag struct {
	Kind string // "done", "now", "waiting", "stop", "off", "plum"
	Text string
}
