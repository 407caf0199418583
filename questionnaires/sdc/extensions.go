package sdc

import (
	"regexp"
	"strconv"
	"strings"

	"kindred/internal/jsonscan"
)

// coreExt is where the extensions of FHIR are defined; the rest of families are those of feature.
const coreExt = "http://hl7.org/fhir/StructureDefinition/"

// families are where the extensions that forms use are defined. One extension has had several addresses in the course
// of time, with and without "questionnaire-" and "sdc-questionnaire-"; what follows means the same in all.
var families = []string{coreExt, "http://hl7.org/fhir/uv/sdc/StructureDefinition/", "http://hl7.org/fhir/us/sdc/StructureDefinition/"}

// feature is the short name of an extension, its address where it is of no family we know.
func feature(url string) string {
	for _, f := range families {
		if name, ok := strings.CutPrefix(url, f); ok {
			return strings.TrimPrefix(strings.TrimPrefix(name, "sdc-questionnaire-"), "questionnaire-")
		}
	}
	return url
}

// refusedExtensions change what a form asks in a way that the engine does not run: a form with one is refused.
var refusedExtensions = map[string]bool{"subQuestionnaire": true}

// beside are extensions about what happens around filling, or about content that only a server could give: filling is
// the same without, so they are told and left. Between stars stands a part of a name.
var beside = []string{"sourceQueries", "sourceStructureMap", "targetStructureMap", "*xtract*", "observationLinkPeriod", "lookupQuestionnaire", "contextExpression", "referenceFilter",
	"referenceProfile", "cqf-library", "itemContext", "assembleContext", "assemble-expectation", "terminology-server", "preferredTerminologyServer", "endpoint", "library"}

func (c *compiler) ignored(name, link string) {
	for _, b := range beside {
		if name == b || strings.HasPrefix(b, "*") && strings.Contains(name, strings.Trim(b, "*")) {
			c.warn(errIgnored.With("Feature", name), link)
			return
		}
	}
}

// understood are the extensions that the engine runs or shows, for forms that ask for them by name.
var understood = map[string]bool{}

func init() {
	for _, name := range strings.Fields("variable itemPopulationContext launchContext targetConstraint constraint entryMode signatureRequired initialExpression " +
		"calculatedExpression enableWhenExpression answerExpression candidateExpression answerOptionsToggleExpression cqf-expression cqf-calculatedValue " +
		"hidden itemControl displayCategory choiceOrientation supportLink sliderStepValue unit unitOption unitOpen unitSupplementalSystem unitValueSet " +
		"entryFormat shortText openLabel collapsible usageMode width minValue minQuantity maxValue maxQuantity minLength maxDecimalPlaces minOccurs maxOccurs " +
		"mimeType maxSize regex referenceResource allowedResource optionExclusive optionPrefix ordinalValue itemWeight translation") {
		understood[name] = true
	}
}

func (c *compiler) rootExtension(ext jsonscan.Value) {
	name := feature(ext.Get("url").Text())
	e := ext.Get("valueExpression")
	switch name {
	case "variable":
		x, _ := c.expression(e, -1, name)
		if e.Get("name").Text() == "" {
			c.refuse(errElementMissing.With("Element", "variable.name"), "")
		}
		c.declare(e.Get("name").Text(), -1, x)
	case "itemPopulationContext":
		x, _ := c.expression(e, -1, name)
		c.declare(e.Get("name").Text(), -1, x)
	case "launchContext": // read before all others
	case "targetConstraint", "constraint":
		c.constrain(ext, -1, name)
	case "entryMode":
		c.form.EntryMode = ext.Get("valueCode").Text()
	case "signatureRequired":
		c.form.signature = true
		c.warn(errNotDone.With("Feature", name), "")
	case "assemble-expectation":
		if strings.HasPrefix(ext.Get("valueCode").Text(), "assemble-") {
			c.warn(errIgnored.With("Feature", name), "")
		}
	default:
		if refusedExtensions[name] {
			c.refuse(errFeature.With("Feature", name), "")
			return
		}
		c.ignored(name, "")
	}
}

// context reads a launchContext: its name can be seen by every expression.
func (c *compiler) context(ext jsonscan.Value) {
	for _, part := range ext.Get("extension").All() {
		if part.Get("url").Text() != "name" {
			continue
		}
		name := part.Get("valueCoding").Get("code").Text()
		if name == "" {
			name = firstText(part, "valueId", "valueCode", "valueString")
		}
		if name != "" {
			c.form.launch[name] = true
		}
	}
	c.warn(errIgnored.With("Feature", "launchContext"), "")
}

// extensions reads those of an item. Unknown ones may be ignored, as FHIR says of extensions that are not modifiers.
func (c *compiler) extensions(v jsonscan.Value, index int) {
	link := c.link(index)
	for _, ext := range c.array(v, "extension", link) {
		name := feature(ext.Get("url").Text())
		if refusedExtensions[name] {
			c.refuse(errFeature.With("Feature", name), link)
			continue
		}
		it := &c.form.items[index]
		for _, m := range ext.All() {
			if key, ok := strings.CutPrefix(m.Key(), "_value"); ok && key != "" {
				c.computed(m, index, name)
			}
		}
		switch {
		case c.shape(it, ext, name), c.bound(it, ext, name), c.scored(index, ext, name), c.behaviour(index, ext, name):
		default:
			c.ignored(name, link)
		}
	}
}

// behaviour reads the extensions that hold expressions.
func (c *compiler) behaviour(index int, ext jsonscan.Value, name string) bool {
	e := ext.Get("valueExpression")
	if !e.Exists() && ext.Get("valueString").Exists() { // as the extensions were before there was an Expression
		if x := c.oldExpression(index, ext, name); x {
			return true
		}
	}
	it := &c.form.items[index]
	switch name {
	case "variable", "itemPopulationContext":
		x, _ := c.expression(e, index, name)
		if e.Get("name").Text() == "" && name == "variable" {
			c.refuse(errElementMissing.With("Element", "variable.name"), it.LinkID)
		}
		c.declare(e.Get("name").Text(), index, x)
		if name == "itemPopulationContext" && it.Repeats {
			c.warn(errNotDone.With("Feature", name), it.LinkID)
		}
		return true
	case "targetConstraint", "constraint":
		c.constrain(ext, index, name)
		return true
	case "answerOptionsToggleExpression":
		c.toggle(index, ext)
		return true
	}
	into := c.place(it, name)
	if into == nil {
		return false
	}
	x, _ := c.expression(e, index, name)
	if *c.place(it, name) != nil {
		c.refuse(errElementTwice.With("Element", name), it.LinkID)
		return true
	}
	*c.place(it, name) = x
	c.declare(e.Get("name").Text(), index, x)
	switch {
	case name == "enableWhenExpression" && c.sources[index].Get("enableWhen").Exists():
		c.refuse(errBothConditions, it.LinkID)
	case (name == "calculatedExpression" || name == "initialExpression") && !it.question():
		c.refuse(errNoAnswerHere.With("In", name), it.LinkID)
		*c.place(it, name) = nil
	}
	return true
}

// place is where the expression of an extension belongs, nil for other extensions.
func (c *compiler) place(it *item, name string) **expression {
	switch name {
	case "initialExpression":
		return &it.initialize
	case "calculatedExpression":
		return &it.calculate
	case "enableWhenExpression":
		return &it.enable
	case "answerExpression":
		return &it.offers
	case "candidateExpression":
		return &it.candidates
	}
	return nil
}

// oldExpression reads an expression given as a string.
func (c *compiler) oldExpression(index int, ext jsonscan.Value, name string) bool {
	if c.place(&c.form.items[index], name) == nil {
		return false
	}
	x := c.source(ext.Get("valueString").Text(), index, name)
	*c.place(&c.form.items[index], name) = x
	return true
}

func (c *compiler) toggle(index int, ext jsonscan.Value) {
	var t toggle
	for _, part := range ext.Get("extension").All() {
		switch part.Get("url").Text() {
		case "option":
			v, f := readValue(part, "value")
			if f != nil {
				c.refuse(f.With("In", "answerOptionsToggleExpression"), c.link(index))
				continue
			}
			t.options = append(t.options, v)
		case "expression":
			t.x, _ = c.expression(part.Get("valueExpression"), index, "answerOptionsToggleExpression")
		}
	}
	if t.x != nil {
		c.form.items[index].toggles = append(c.form.items[index].toggles, t)
	}
}

// shape reads the extensions that say how an item looks.
func (c *compiler) shape(it *item, ext jsonscan.Value, name string) bool {
	switch name {
	case "hidden":
		it.Hidden = ext.Get("valueBoolean").Bool()
	case "itemControl":
		if control := conceptCode(ext); control != "" {
			it.Control = control
		}
	case "displayCategory":
		it.Category = conceptCode(ext)
	case "choiceOrientation":
		it.Orientation = ext.Get("valueCode").Text()
	case "supportLink":
		// Only addresses that a browser opens without running anything.
		if link := ext.Get("valueUri").Text(); strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
			it.Support = link
		}
	case "sliderStepValue":
		it.SliderStep = firstText(ext, "valueInteger", "valueDecimal")
	case "unit", "unitOption":
		it.Units = append(it.Units, readCoding(ext.Get("valueCoding")))
	case "unitOpen":
		it.unitOpen = ext.Get("valueCode").Text()
	case "unitSupplementalSystem":
		it.unitSystem = firstText(ext, "valueCanonical", "valueUri", "valueUrl")
	case "unitValueSet":
		c.unitSet(it, firstText(ext, "valueCanonical", "valueUri"))
	case "entryFormat":
		it.EntryFormat = readText(ext, "valueString")
	case "shortText":
		it.Short = readText(ext, "valueString")
	case "openLabel":
		it.OpenLabel = readText(ext, "valueString")
	case "collapsible":
		it.Collapsible = ext.Get("valueCode").Text()
	case "usageMode":
		it.Usage = ext.Get("valueCode").Text()
	case "width":
		q := ext.Get("valueQuantity")
		it.Width = q.Get("value").Text() + firstText(q, "code", "unit")
	default:
		return false
	}
	return true
}

func conceptCode(ext jsonscan.Value) string {
	for _, coding := range ext.Get("valueCodeableConcept").Get("coding").All() {
		if code := coding.Get("code").Text(); code != "" {
			return code
		}
	}
	return ""
}

// bound reads the extensions that limit an answer.
func (c *compiler) bound(it *item, ext jsonscan.Value, name string) bool {
	switch name {
	case "minValue", "minQuantity":
		it.Min = c.boundValue(it, ext, name)
	case "maxValue", "maxQuantity":
		it.Max = c.boundValue(it, ext, name)
	case "minLength":
		it.MinLength = c.count(it, ext, name)
	case "maxDecimalPlaces":
		it.MaxDecimals = c.count(it, ext, name)
	case "minOccurs":
		it.MinOccurs = c.count(it, ext, name)
	case "maxOccurs":
		it.MaxOccurs = c.count(it, ext, name)
	case "mimeType":
		it.MimeTypes = append(it.MimeTypes, firstText(ext, "valueCode", "valueString"))
	case "maxSize":
		// In bytes since SDC 3; earlier forms say megabytes, which no sensible limit in bytes is below.
		text := firstText(ext, "valueDecimal", "valueInteger")
		size, err := strconv.ParseFloat(text, 64)
		if err != nil || size <= 0 {
			c.refuse(ErrElementValue.With("Element", "maxSize", "Value", text), it.LinkID)
			return true
		}
		if size < 1024 {
			size *= 1 << 20
		}
		it.MaxSize = int64(size)
	case "regex":
		c.pattern(it, ext.Get("valueString").Text())
	case "referenceResource", "allowedResource":
		it.References = append(it.References, firstText(ext, "valueCode", "valueString"))
	case "signatureRequired":
		it.Signature = true
		c.warn(errNotDone.With("Feature", name), it.LinkID)
	default:
		return false
	}
	return true
}

// called takes the pattern out of matches('…'), as some write the regex extension.
var called = regexp.MustCompile(`^matches\('(.*)'\)$`)

// pattern compiles a regex. RE2 matches in linear time; what only backtracking engines know is refused.
func (c *compiler) pattern(it *item, source string) {
	if inner := called.FindStringSubmatch(source); inner != nil {
		c.warn(errPatternCall.With("Pattern", inner[1]), it.LinkID)
		source = inner[1]
	}
	re, err := regexp.Compile(`^(?:` + source + `)$`)
	if err != nil || len(source) > 1000 {
		c.refuse(errPattern.With("Pattern", source), it.LinkID)
		return
	}
	it.Pattern = re
}

func (c *compiler) boundValue(it *item, ext jsonscan.Value, name string) *Value {
	for _, m := range ext.All() {
		if strings.HasPrefix(m.Key(), "_value") && !ext.Get(strings.TrimPrefix(m.Key(), "_")).Exists() {
			return nil // computed
		}
	}
	v, f := readValue(ext, "value")
	if f != nil {
		c.refuse(f.With("In", name), it.LinkID)
		return nil
	}
	return &v
}

func (c *compiler) count(it *item, ext jsonscan.Value, name string) int {
	text := firstText(ext, "valueInteger", "valuePositiveInt", "valueUnsignedInt", "valueDecimal")
	n, ok := whole(text)
	if !ok {
		for _, m := range ext.All() {
			if strings.HasPrefix(m.Key(), "_value") {
				return -1 // computed
			}
		}
		c.refuse(ErrElementValue.With("Element", name, "Value", text), it.LinkID)
		return -1
	}
	return n
}

// whole reads a number that is at least 0.
func whole(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= 1<<30
}

func itoa(n int) string { return strconv.Itoa(n) }
