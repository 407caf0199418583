package compare

import (
	"slices"

	"kindred/internal/fault"
)

// Class says what a change does to the data.
type Class string

// The classes, from harmless to grave.
const (
	Cosmetic Class = "cosmetic"
	Additive Class = "additive"
	Meaning  Class = "meaning"
)

// Kind says what differs. Kinds are stable: the command prints them and the editor's page knows them.
type Kind string

// The kinds. Each has a sentence, compare.<kind>, in every language.
const (
	Spelling     Kind = "spelling"      // letters, case, punctuation, spaces
	Restated     Kind = "restated"      // other words, and the author states that they mean the same
	Translation  Kind = "translation"   // added or taken away in a language that the form has
	Prefix       Kind = "prefix"        // the number before a question
	Help         Kind = "help"          // hints, labels beside the question, messages
	Order        Kind = "order"         // among sisters
	OptionOrder  Kind = "option_order"  // of options without a score
	Grouping     Kind = "grouping"      // another group or page, with nothing else changed
	DisplayItem  Kind = "display_item"  // text between questions
	Rendering    Kind = "rendering"     // how it looks, and extensions that no program must understand
	CodeDisplay  Kind = "code_display"  // the name of a code that stays
	Title        Kind = "title"         // of the form
	ItemAdded    Kind = "item_added"    // a linkId that was not there
	ItemReplaced Kind = "item_replaced" // gone, and a new item says that it replaces it
	OptionAdded  Kind = "option_added"
	Relaxed      Kind = "limit_relaxed"
	Optional     Kind = "optional" // was required
	Language     Kind = "language" // the form speaks one more
	CodeAdded    Kind = "code_added"
	ExtractAdded Kind = "extraction_added"

	Type           Kind = "type"
	Unit           Kind = "unit"
	Text           Kind = "text"
	OptionRemoved  Kind = "option_removed"
	OptionText     Kind = "option_text"     // the code stays and says something else
	OptionInserted Kind = "option_inserted" // into a scale
	OptionUnknown  Kind = "option_unknown"  // sets that cannot be compared here
	ScaleOrder     Kind = "scale_order"
	Weight         Kind = "weight"
	Exclusive      Kind = "exclusive"
	Narrowed       Kind = "limit_narrowed"
	Repeats        Kind = "repeats"
	ReadOnly       Kind = "read_only"
	Default        Kind = "default"
	Calculated     Kind = "calculated"
	Choices        Kind = "choices" // which options are offered is decided otherwise
	Code           Kind = "code"
	Definition     Kind = "definition"
	Repetition     Kind = "repetition" // into, out of, or to another repeating group
	Extraction     Kind = "extraction"
	Modifier       Kind = "modifier"
	ItemRemoved    Kind = "item_removed"
	Subject        Kind = "subject"  // whom the form is about
	Identity       Kind = "identity" // another url: another questionnaire
	Asked          Kind = "asked"    // who is asked
	Required       Kind = "required" // was optional
)

// classes of the kinds; what is not here is of meaning.
var classes = map[Kind]Class{
	Spelling: Cosmetic, Restated: Cosmetic, Translation: Cosmetic, Prefix: Cosmetic, Help: Cosmetic, Order: Cosmetic, OptionOrder: Cosmetic,
	Grouping: Cosmetic, DisplayItem: Cosmetic, Rendering: Cosmetic, CodeDisplay: Cosmetic, Title: Cosmetic,
	ItemAdded: Additive, ItemReplaced: Additive, OptionAdded: Additive, Relaxed: Additive, Optional: Additive, Language: Additive,
	CodeAdded: Additive, ExtractAdded: Additive,
}

// Class of a kind.
func (k Kind) Class() Class {
	if c, ok := classes[k]; ok {
		return c
	}
	return Meaning
}

// missing tells whether a kind changes only what it means that there is no answer.
func (k Kind) missing() bool { return k == Asked || k == Required }

// Change is one difference between two versions.
type Change struct {
	LinkID  string `json:"linkId,omitempty"` // empty for the form as a whole
	Path    string `json:"path"`             // of the element, in the newer version where it is still there
	Kind    Kind   `json:"kind"`
	Class   Class  `json:"class"`
	Missing bool   `json:"missing,omitempty"` // only what it means that an answer is missing
	Stated  bool   `json:"stated,omitempty"`  // the author says so in the newer version
	What    string `json:"what,omitempty"`    // which option, limit or language
	Old     string `json:"old,omitempty"`
	New     string `json:"new,omitempty"`
	Propose string `json:"propose,omitempty"` // the linkId that the item should have instead
}

// Sentence is the change as a message for people.
func (c Change) Sentence() *fault.Error {
	f := fault.New(fault.Invalid, "compare."+string(c.Kind)).With("What", c.What, "Old", c.Old, "New", c.New, "LinkID", c.LinkID)
	return f.At(c.LinkID)
}

// Changes are all differences, in the order of the newer form; what is gone comes last.
type Changes []Change

// Class is the gravest class among them; Cosmetic where there is none.
func (c Changes) Class() Class {
	worst := Cosmetic
	for _, one := range c {
		if one.Class == Meaning || one.Class == Additive && worst == Cosmetic {
			worst = one.Class
		}
	}
	return worst
}

// Of gives the changes at one item.
func (c Changes) Of(linkID string) Changes {
	return slices.DeleteFunc(slices.Clone(c), func(one Change) bool { return one.LinkID != linkID })
}

// ErrResource: what was given is no Questionnaire.
var ErrResource = fault.New(fault.Invalid, "compare.resource")
