package sdc

import (
	"regexp"

	"kindred/internal/fhirpath"
)

// ItemType is the FHIR R4 type of an item.
type ItemType string

// The item types of R4.
const (
	TypeGroup      ItemType = "group"
	TypeDisplay    ItemType = "display"
	TypeBoolean    ItemType = "boolean"
	TypeDecimal    ItemType = "decimal"
	TypeInteger    ItemType = "integer"
	TypeDate       ItemType = "date"
	TypeDateTime   ItemType = "dateTime"
	TypeTime       ItemType = "time"
	TypeString     ItemType = "string"
	TypeText       ItemType = "text"
	TypeURL        ItemType = "url"
	TypeChoice     ItemType = "choice"
	TypeOpenChoice ItemType = "open-choice"
	TypeAttachment ItemType = "attachment"
	TypeQuantity   ItemType = "quantity"
	TypeReference  ItemType = "reference"
)

// answerTypes says which value an item type takes; choices take the type of their options.
var answerTypes = map[ItemType]ValueType{
	TypeBoolean: Boolean, TypeDecimal: Decimal, TypeInteger: Integer, TypeDate: Date, TypeDateTime: DateTime,
	TypeTime: Time, TypeString: String, TypeText: String, TypeURL: URI, TypeChoice: CodingType,
	TypeOpenChoice: CodingType, TypeAttachment: File, TypeQuantity: Quantity, TypeReference: Reference,
}

// Option is one answer that an item offers.
type Option struct {
	Key       string // stands for the option in forms and journals: "system|code", or the value's text
	Value     Value
	Label     Text
	Prefix    string // "a)", "1."
	Exclusive bool   // choosing it rules out all others
	Initial   bool
	Weight    string // decimal text, for scores; "" for none
	Off       bool   // cannot be chosen now
}

// item is one compiled item. Indexes are positions in Form.items, which is the order of the form.
type item struct {
	LinkID     string
	Type       ItemType
	Text       Text
	Prefix     Text
	Short      Text
	Code       []Coding
	Definition string

	Required, Repeats, ReadOnly, Hidden bool

	Control     string // itemControl code: page, help, drop-down, radio-button, slider ...
	Orientation string // vertical, horizontal
	EntryFormat Text
	Support     string // supportLink
	Category    string // displayCategory of a display item
	OpenLabel   Text
	SliderStep  string
	Collapsible string

	MaxLength, MinLength, MaxDecimals int // -1 where there is none
	MinOccurs, MaxOccurs              int // -1 where there is none
	Min, Max                          *Value
	Pattern                           *regexp.Regexp
	MimeTypes                         []string
	MaxSize                           int64    // bytes, 0 for no limit of its own
	References                        []string // resource types that a reference may name
	Usage                             string   // usageMode: when it is shown
	Signature                         bool     // signatureRequired
	Width                             string   // of a column

	answer  ValueType // what an answer is; "" for groups and displays
	Options []Option
	Units   []Coding // unit and unitOptions
	options map[string]int
	initial []Value

	unitSystem string // unitSupplementalSystem: other units of it may be given
	unitOpen   string // unitOpen: optionsOnly, optionsOrType, optionsOrString
	choices    string // the value set that the options come from; "" where the form lists them
	partial    bool   // the value set holds more than is known here: an unknown code may be right
	loose      bool   // nothing can be said against any answer
	open       bool   // other answers than the options are right

	initialize  *expression // initialExpression
	calculate   *expression // calculatedExpression
	enable      *expression // enableWhenExpression
	offers      *expression // answerExpression, or the value set by expression: the options there are
	candidates  *expression // candidateExpression: options that are proposed
	dynamics    []dynamic
	toggles     []toggle
	constraints []constraint
	variables   []int // of the item's own, by index in Form.variables
	detached    func() fhirpath.Node

	index, parent, last int   // last: the last item inside it; parent -1 at the top
	seat                int   // position among its parent's children
	children            []int // in order
	chain               []int // ancestors from the top
	conditions          []condition
	any                 bool  // enableBehavior any
	wakes               []int // nodes to be computed again when the item changes
	stale               []int // variables that are no longer right when the item changes
}

// question tells whether the item takes answers.
func (i *item) question() bool { return i.answer != "" }

// numbered tells whether occurrences of the item are told apart by an instance number.
func (i *item) numbered() bool { return i.Repeats && i.Type != TypeDisplay }

// conditional tells whether the item is shown under conditions of its own.
func (i *item) conditional() bool { return len(i.conditions) > 0 || i.enable != nil }

// condition is one enableWhen, compiled to a walk: from the depth-th occurrence on the way to the conditional item,
// down by child seats to the question.
type condition struct {
	question int
	operator string
	value    Value
	exists   bool
	depth    int
	down     []int
	own      bool // the question is an ancestor: the answer meant is the one that the item stands under
	follows  bool // the question stands after the item
}

// expressive tells whether any expression stands on the item.
func (i *item) expressive() bool {
	return i.initialize != nil || i.calculate != nil || i.enable != nil || i.offers != nil || i.candidates != nil ||
		len(i.dynamics) > 0 || len(i.toggles) > 0 || len(i.constraints) > 0 || len(i.variables) > 0
}
