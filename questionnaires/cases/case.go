package cases

import (
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
	"kindred/questionnaires/sdc"
)

// URL is the extension on a Questionnaire that is one case. Its parts:
//
//	name       valueString      one sentence; it is what a failure is told by
//	response   valueReference   "#id" of a contained QuestionnaireResponse: the answers
//	enabled*   valueString      linkId of an item that is asked
//	disabled*  valueString      linkId of an item that is not
//	value*     linkId valueString, value value[x]: an answer that a question has then, given or computed
//	none*      valueString      linkId of a question without an answer: a score that there must not be
//	fault*     linkId valueString, key valueString: what is found wrong; the key of a constraint, or of a message
//	                            without its room ("answer.required")
//	valid      valueBoolean     true: nothing is found wrong
const URL = "https://kindred.example/fhir/StructureDefinition/form-case"

// The faults, as values.
var (
	errPart     = fault.New(fault.Invalid, "cases.part")
	errMissing  = fault.New(fault.Invalid, "cases.missing")
	errEmpty    = fault.New(fault.Invalid, "cases.empty")
	errLink     = fault.New(fault.Invalid, "cases.link")
	errResponse = fault.New(fault.Invalid, "cases.response")
	errEnabled  = fault.New(fault.Invalid, "cases.enabled")
	errDisabled = fault.New(fault.Invalid, "cases.disabled")
	errValue    = fault.New(fault.Invalid, "cases.value")
	errNone     = fault.New(fault.Invalid, "cases.none")
	errFault    = fault.New(fault.Invalid, "cases.fault")
	errSurplus  = fault.New(fault.Invalid, "cases.surplus")
	errUntested = fault.New(fault.Invalid, "cases.untested")
)

// Case is one test of a form.
type Case struct {
	Name              string
	Response          []byte
	Enabled, Disabled []string
	Values            []Expected
	None              []string
	Faults            []Found
	Valid             bool
}

// Expected is an answer that a question shall have.
type Expected struct {
	Link  string
	Value sdc.Value
}

// Found is a fault that shall be found.
type Found struct{ Link, Key string }

// Parse reads the cases of a questionnaire. Faults come all at once; their Field is empty.
func Parse(raw []byte) ([]Case, fault.List) {
	doc, err := jsonscan.Parse(raw, sdc.FormLimits)
	if err != nil {
		return nil, fault.All(err)
	}
	var list []Case
	var faults fault.List
	for _, ext := range doc.Root().Get("extension").All() {
		if ext.Get("url").Text() == URL {
			c, wrong := parse(doc.Root(), ext)
			list, faults = append(list, c), append(faults, wrong...)
		}
	}
	return list, faults
}

func parse(root, ext jsonscan.Value) (Case, fault.List) {
	var c Case
	var faults fault.List
	for _, part := range ext.Get("extension").All() {
		text := part.Get("valueString").Text()
		switch name := part.Get("url").Text(); name {
		case "name":
			c.Name = text
		case "response":
			c.Response = contained(root, part.Get("valueReference").Get("reference").Text())
		case "enabled":
			c.Enabled = append(c.Enabled, text)
		case "disabled":
			c.Disabled = append(c.Disabled, text)
		case "none":
			c.None = append(c.None, text)
		case "valid":
			c.Valid = part.Get("valueBoolean").Bool()
		case "value":
			e, ok := expected(part)
			if !ok {
				faults.Add(errMissing.With("Part", "value.value", "Case", c.Name))
			}
			c.Values = append(c.Values, e)
		case "fault":
			c.Faults = append(c.Faults, Found{sub(part, "linkId"), sub(part, "key")})
		default:
			faults.Add(errPart.With("Part", name, "Case", c.Name))
		}
	}
	if c.Name == "" {
		faults.Add(errMissing.With("Part", "name", "Case", ""))
	}
	if c.Response == nil {
		faults.Add(errMissing.With("Part", "response", "Case", c.Name))
	}
	if len(c.Enabled)+len(c.Disabled)+len(c.Values)+len(c.None)+len(c.Faults) == 0 && !c.Valid {
		faults.Add(errEmpty.With("Case", c.Name))
	}
	return c, faults
}

func sub(part jsonscan.Value, name string) string {
	for _, p := range part.Get("extension").All() {
		if p.Get("url").Text() == name {
			return p.Get("valueString").Text()
		}
	}
	return ""
}

func expected(part jsonscan.Value) (Expected, bool) {
	e := Expected{Link: sub(part, "linkId")}
	for _, p := range part.Get("extension").All() {
		if p.Get("url").Text() != "value" {
			continue
		}
		for _, m := range p.All() {
			if !strings.HasPrefix(m.Key(), "value") {
				continue
			}
			values, err := sdc.ParseValues([]byte(`[{"` + m.Key() + `":` + string(m.Raw()) + `}]`))
			if err == nil && len(values) == 1 {
				e.Value = values[0]
				return e, true
			}
		}
	}
	return e, false
}

// contained is the JSON of a contained resource.
func contained(root jsonscan.Value, reference string) []byte {
	id, ok := strings.CutPrefix(reference, "#")
	for _, r := range root.Get("contained").All() {
		if ok && r.Get("id").Text() == id && r.Get("resourceType").Text() == "QuestionnaireResponse" {
			return r.Raw()
		}
	}
	return nil
}
