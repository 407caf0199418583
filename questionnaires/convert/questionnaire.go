package convert

import "encoding/json"

// Where the extensions of questionnaires are defined.
const (
	Core = "http://hl7.org/fhir/StructureDefinition/"
	SDC  = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
)

// Questionnaire is the part of a FHIR R4 Questionnaire that the converters read and write. Whoever reads one
// compares it with the bytes it came from, and reports the members that have no field here.
type Questionnaire struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id,omitempty"`
	Language     string      `json:"language,omitempty"`
	Contained    []ValueSet  `json:"contained,omitempty"`
	Extension    []Extension `json:"extension,omitempty"`
	URL          string      `json:"url,omitempty"`
	Version      string      `json:"version,omitempty"`
	Name         string      `json:"name,omitempty"`
	Title        string      `json:"title,omitempty"`
	TitleMore    *Primitive  `json:"_title,omitempty"`
	Status       string      `json:"status,omitempty"`
	SubjectType  []string    `json:"subjectType,omitempty"`
	Date         string      `json:"date,omitempty"`
	Publisher    string      `json:"publisher,omitempty"`
	Description  string      `json:"description,omitempty"`
	Copyright    string      `json:"copyright,omitempty"`
	Item         []Item      `json:"item,omitempty"`
}

// Item is one Questionnaire.item.
type Item struct {
	LinkID         string       `json:"linkId"`
	Extension      []Extension  `json:"extension,omitempty"`
	Definition     string       `json:"definition,omitempty"`
	Code           []Coding     `json:"code,omitempty"`
	Prefix         string       `json:"prefix,omitempty"`
	PrefixMore     *Primitive   `json:"_prefix,omitempty"`
	Text           string       `json:"text,omitempty"`
	TextMore       *Primitive   `json:"_text,omitempty"`
	Type           string       `json:"type"`
	EnableWhen     []EnableWhen `json:"enableWhen,omitempty"`
	EnableBehavior string       `json:"enableBehavior,omitempty"`
	Required       bool         `json:"required,omitempty"`
	RequiredMore   *Primitive   `json:"_required,omitempty"`
	Repeats        bool         `json:"repeats,omitempty"`
	RepeatsMore    *Primitive   `json:"_repeats,omitempty"`
	ReadOnly       bool         `json:"readOnly,omitempty"`
	ReadOnlyMore   *Primitive   `json:"_readOnly,omitempty"`
	MaxLength      int          `json:"maxLength,omitempty"`
	AnswerValueSet string       `json:"answerValueSet,omitempty"`
	AnswerOption   []Option     `json:"answerOption,omitempty"`
	Initial        []Value      `json:"initial,omitempty"`
	Item           []Item       `json:"item,omitempty"`
}

// Value is value[x]: exactly one member is set. Decimals keep their text.
type Value struct {
	Boolean   *bool        `json:"valueBoolean,omitempty"`
	Decimal   *json.Number `json:"valueDecimal,omitempty"`
	Integer   *int         `json:"valueInteger,omitempty"`
	Date      string       `json:"valueDate,omitempty"`
	DateTime  string       `json:"valueDateTime,omitempty"`
	Time      string       `json:"valueTime,omitempty"`
	String    string       `json:"valueString,omitempty"`
	URI       string       `json:"valueUri,omitempty"`
	Code      string       `json:"valueCode,omitempty"`
	ID        string       `json:"valueId,omitempty"`
	Markdown  string       `json:"valueMarkdown,omitempty"`
	Coding    *Coding      `json:"valueCoding,omitempty"`
	Quantity  *Quantity    `json:"valueQuantity,omitempty"`
	Concept   *Concept     `json:"valueCodeableConcept,omitempty"`
	Expr      *Expression  `json:"valueExpression,omitempty"`
	Reference *Reference   `json:"valueReference,omitempty"`
}

// Option is one answerOption.
type Option struct {
	Extension []Extension `json:"extension,omitempty"`
	Value
	InitialSelected bool `json:"initialSelected,omitempty"`
}

// EnableWhen is one condition of an item; exactly one answer member is set.
type EnableWhen struct {
	Question string       `json:"question"`
	Operator string       `json:"operator"`
	Boolean  *bool        `json:"answerBoolean,omitempty"`
	Decimal  *json.Number `json:"answerDecimal,omitempty"`
	Integer  *int         `json:"answerInteger,omitempty"`
	Date     string       `json:"answerDate,omitempty"`
	DateTime string       `json:"answerDateTime,omitempty"`
	Time     string       `json:"answerTime,omitempty"`
	String   string       `json:"answerString,omitempty"`
	Coding   *Coding      `json:"answerCoding,omitempty"`
	Quantity *Quantity    `json:"answerQuantity,omitempty"`
}

// Extension is one extension: a value, or further extensions.
type Extension struct {
	URL       string      `json:"url"`
	Extension []Extension `json:"extension,omitempty"`
	Value
	ValueMore *Primitive `json:"_valueString,omitempty"`
}

// Primitive is what stands beside a primitive ("_text"): its extensions.
type Primitive struct {
	Extension []Extension `json:"extension,omitempty"`
}

// Coding is a code from a code system.
type Coding struct {
	Extension   []Extension `json:"extension,omitempty"`
	System      string      `json:"system,omitempty"`
	Version     string      `json:"version,omitempty"`
	Code        string      `json:"code,omitempty"`
	Display     string      `json:"display,omitempty"`
	DisplayMore *Primitive  `json:"_display,omitempty"`
}

// Quantity is a number with a unit.
type Quantity struct {
	Value  json.Number `json:"value,omitempty"`
	Unit   string      `json:"unit,omitempty"`
	System string      `json:"system,omitempty"`
	Code   string      `json:"code,omitempty"`
}

// Concept is a CodeableConcept.
type Concept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Reference names another resource.
type Reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

// Expression is the FHIR data type.
type Expression struct {
	Description string `json:"description,omitempty"`
	Name        string `json:"name,omitempty"`
	Language    string `json:"language"`
	Expression  string `json:"expression,omitempty"`
	Reference   string `json:"reference,omitempty"`
}

// ValueSet is a contained ValueSet with its codes enumerated.
type ValueSet struct {
	ResourceType string   `json:"resourceType"`
	ID           string   `json:"id"`
	URL          string   `json:"url,omitempty"`
	Status       string   `json:"status,omitempty"`
	Name         string   `json:"name,omitempty"`
	Compose      *Compose `json:"compose,omitempty"`
}

// Compose is ValueSet.compose.
type Compose struct {
	Include []Include `json:"include,omitempty"`
}

// Include is one ValueSet.compose.include.
type Include struct {
	System  string       `json:"system,omitempty"`
	Concept []SetConcept `json:"concept,omitempty"`
}

// SetConcept is one enumerated code, with its designations as translations and its extensions.
type SetConcept struct {
	Extension   []Extension   `json:"extension,omitempty"`
	Code        string        `json:"code"`
	Display     string        `json:"display,omitempty"`
	Designation []Designation `json:"designation,omitempty"`
}

// Designation is the display of a code in another language.
type Designation struct {
	Language string `json:"language,omitempty"`
	Value    string `json:"value"`
}

// Translations makes the extensions that carry a text in other languages, by language in the order given; nil for none.
func Translations(langs []string, text map[string]string) *Primitive {
	var p Primitive
	for _, l := range langs {
		if text[l] == "" {
			continue
		}
		p.Extension = append(p.Extension, Extension{URL: Core + "translation", Extension: []Extension{
			{URL: "lang", Value: Value{Code: l}}, {URL: "content", Value: Value{String: text[l]}},
		}})
	}
	if len(p.Extension) == 0 {
		return nil
	}
	return &p
}
