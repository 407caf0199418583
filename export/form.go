package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"kindred/internal/ident"
)

// Form is one published version of a questionnaire, read as far as a release needs it: which items there are, what
// they are called and what may be answered. The bytes stay as published.
type Form struct {
	ID      ident.VersionID // empty for one that was not read from the store
	URL     string
	Version string
	Title   string
	Raw     []byte
	Items   []*Question
	byLink  map[string]*Question
}

// Question is an item of a form.
type Question struct {
	LinkID     string
	Label      string
	Type       string // FHIR item type
	Repeats    bool
	Required   bool
	Options    []Value
	Open       bool // choices come from a value set that is not in the form
	Units      []Coding
	Items      []*Question
	Hidden     bool // nobody is asked: read-only, or with questionnaire-hidden on the item or on a group around it
	conditions bool
}

// ParseForm reads a published FHIR R4 Questionnaire. It trusts what publishing has checked, and refuses what would
// make a release wrong: an item without a linkId, or two questions or groups with the same. A display repeats one freely:
// nothing is answered there, and the linkId means the question.
func ParseForm(raw []byte) (*Form, error) {
	var q fhirForm
	if err := json.Unmarshal(raw, &q); err != nil {
		return nil, fmt.Errorf("export: questionnaire: %w", err)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return nil, fmt.Errorf("export: questionnaire: %w", err)
	}
	f := &Form{URL: q.URL, Version: q.Version, Title: q.Title, Raw: line.Bytes(), byLink: map[string]*Question{}}
	if f.Title == "" {
		f.Title = q.Name
	}
	sets := map[string][]Value{}
	for _, c := range q.Contained {
		if c.ResourceType == "ValueSet" {
			sets["#"+c.ID] = c.values()
		}
	}
	var err error
	f.Items, err = f.items(q.Item, sets, false)
	return f, err
}

// Question finds an item by its linkId; nil where there is none.
func (f *Form) Question(linkID string) *Question { return f.byLink[linkID] }

// display is the type of an item that only shows text.
const display = "display"

func (f *Form) items(list []fhirItem, sets map[string][]Value, hidden bool) ([]*Question, error) {
	out := make([]*Question, 0, len(list))
	for _, i := range list {
		q := &Question{LinkID: i.LinkID, Label: i.Text, Type: i.Type, Repeats: i.Repeats, Required: i.Required, Hidden: hidden || i.ReadOnly, conditions: len(i.EnableWhen) > 0}
		there := f.byLink[i.LinkID]
		if i.LinkID == "" || (there != nil && there.Type != display && i.Type != display) {
			return nil, fmt.Errorf("export: questionnaire %s|%s: linkId %q is missing or stands twice", f.URL, f.Version, i.LinkID)
		}
		if there == nil || there.Type == display {
			f.byLink[i.LinkID] = q
		}
		for _, o := range i.AnswerOption {
			if v := o.value(); v.Kind != NoValue {
				q.Options = append(q.Options, v)
			}
		}
		if i.AnswerValueSet != "" {
			known, here := sets[i.AnswerValueSet]
			q.Options, q.Open = known, !here || len(known) == 0
		}
		never := hidden // a read-only group holds questions that are not
		for _, e := range i.Extension {
			switch strings.TrimPrefix(e.URL, "http://hl7.org/fhir/StructureDefinition/") {
			case "questionnaire-unit", "questionnaire-unitOption":
				q.Units = append(q.Units, e.ValueCoding.coding())
			case "questionnaire-hidden":
				never = never || e.ValueBoolean
			}
		}
		q.Hidden = q.Hidden || never
		var err error
		if q.Items, err = f.items(i.Item, sets, never); err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

// The parts of the FHIR resource that are read.
type fhirForm struct {
	URL, Version, Title, Name string
	Contained                 []fhirContained
	Item                      []fhirItem
}

type fhirItem struct {
	LinkID         string `json:"linkId"`
	Text, Type     string
	Repeats        bool
	Required       bool
	ReadOnly       bool
	EnableWhen     []json.RawMessage
	AnswerOption   []fhirOption
	AnswerValueSet string
	Extension      []struct {
		URL          string
		ValueCoding  fhirCoding
		ValueBoolean bool
	}
	Item []fhirItem
}

type fhirCoding struct{ System, Code, Display string }

func (c fhirCoding) coding() Coding { return Coding(c) }

type fhirOption struct {
	ValueCoding  *fhirCoding
	ValueString  *string
	ValueInteger *json.Number
	ValueDate    *string
	ValueTime    *string
}

func (o fhirOption) value() Value {
	switch {
	case o.ValueCoding != nil:
		return Value{Kind: Coded, Code: o.ValueCoding.coding()}
	case o.ValueString != nil:
		return Value{Kind: Text, Text: *o.ValueString}
	case o.ValueInteger != nil:
		return Value{Kind: Integer, Text: o.ValueInteger.String()}
	case o.ValueDate != nil:
		return Value{Kind: Date, Text: *o.ValueDate}
	case o.ValueTime != nil:
		return Value{Kind: Time, Text: *o.ValueTime}
	}
	return Value{}
}

type fhirContained struct {
	ResourceType, ID string
	Compose          struct {
		Include []struct {
			System  string
			Concept []fhirCoding
		}
	}
	Expansion struct{ Contains []fhirExpansion }
}

type fhirExpansion struct {
	fhirCoding
	Contains []fhirExpansion
}

func (c fhirContained) values() []Value {
	var out []Value
	for _, i := range c.Compose.Include {
		for _, k := range i.Concept {
			out = append(out, Value{Kind: Coded, Code: Coding{i.System, k.Code, k.Display}})
		}
	}
	var walk func([]fhirExpansion)
	walk = func(list []fhirExpansion) {
		for _, e := range list {
			if e.Code != "" {
				out = append(out, Value{Kind: Coded, Code: e.coding()})
			}
			walk(e.Contains)
		}
	}
	walk(c.Expansion.Contains)
	return out
}
