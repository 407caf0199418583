package sdc

import (
	"regexp"
	"strconv"
	"strings"

	"kindred/internal/jsonscan"
)

// Where the extensions of questionnaires are defined.
const (
	coreExt = "http://hl7.org/fhir/StructureDefinition/"
	sdcExt  = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
)

// behaviour are the extensions that change how a form behaves and that the engine does not run: a form that uses one is
// refused, since filling it without would give other answers.
var behaviour = map[string]bool{
	coreExt + "variable": true, coreExt + "targetConstraint": true, coreExt + "questionnaire-constraint": true,
	coreExt + "cqf-expression": true, coreExt + "cqf-calculatedValue": true, coreExt + "cqf-library": true,
	coreExt + "questionnaire-initialExpression": true, coreExt + "questionnaire-calculatedExpression": true,
	coreExt + "questionnaire-enableWhenExpression": true, coreExt + "questionnaire-answerExpression": true,
	coreExt + "questionnaire-signatureRequired": true, coreExt + "questionnaire-unitValueSet": true,
	coreExt + "questionnaire-referenceResource": true, coreExt + "questionnaire-referenceProfile": true, coreExt + "questionnaire-referenceFilter": true,
	sdcExt + "sdc-questionnaire-initialExpression": true, sdcExt + "sdc-questionnaire-calculatedExpression": true,
	sdcExt + "sdc-questionnaire-enableWhenExpression": true, sdcExt + "sdc-questionnaire-answerExpression": true,
	sdcExt + "sdc-questionnaire-candidateExpression": true, sdcExt + "sdc-questionnaire-contextExpression": true,
	sdcExt + "sdc-questionnaire-answerOptionsToggleExpression": true, sdcExt + "sdc-questionnaire-itemPopulationContext": true,
	sdcExt + "sdc-questionnaire-itemContext": true, sdcExt + "sdc-questionnaire-subQuestionnaire": true,
	sdcExt + "sdc-questionnaire-lookupQuestionnaire": true, sdcExt + "sdc-questionnaire-assemble-expectation": true,
	sdcExt + "sdc-questionnaire-assembleContext": true, sdcExt + "sdc-questionnaire-minQuantity": false, sdcExt + "sdc-questionnaire-maxQuantity": false,
	sdcExt + "sdc-questionnaire-targetConstraint": true, sdcExt + "sdc-questionnaire-unitOpen": true, sdcExt + "sdc-questionnaire-unitSupplementalSystem": true,
}

// beside are extensions about what happens around filling (populating, extracting): filling is the same without, so
// they are told and left.
var beside = []string{"sdc-questionnaire-launchContext", "sdc-questionnaire-sourceQueries", "xtract", "sdc-questionnaire-observationLinkPeriod"}

func feature(url string) string {
	return strings.TrimPrefix(strings.TrimPrefix(url, coreExt), sdcExt)
}

func (c *compiler) rootExtension(ext jsonscan.Value) {
	url := ext.Get("url").Text()
	if behaviour[url] {
		c.refuse(errFeature.With("Feature", feature(url)), "")
		return
	}
	c.ignored(url, "")
}

func (c *compiler) ignored(url, link string) {
	for _, part := range beside {
		if strings.Contains(url, part) {
			c.warn(errIgnored.With("Feature", feature(url)), link)
			return
		}
	}
}

// extensions reads those of an item. Unknown ones may be ignored, as FHIR says of extensions that are not modifiers.
func (c *compiler) extensions(v jsonscan.Value, index int) {
	it := &c.form.items[index]
	for _, ext := range c.array(v, "extension", it.LinkID) {
		url := ext.Get("url").Text()
		if behaviour[url] {
			c.refuse(errFeature.With("Feature", feature(url)), it.LinkID)
			continue
		}
		switch {
		case c.shape(it, ext, url), c.bound(it, ext, url):
		default:
			c.ignored(url, it.LinkID)
		}
	}
}

// shape reads the extensions that say how an item looks.
func (c *compiler) shape(it *item, ext jsonscan.Value, url string) bool {
	switch url {
	case coreExt + "questionnaire-hidden":
		it.Hidden = ext.Get("valueBoolean").Bool()
	case coreExt + "questionnaire-itemControl":
		it.Control = conceptCode(ext)
	case coreExt + "questionnaire-displayCategory":
		it.Category = conceptCode(ext)
	case coreExt + "questionnaire-choiceOrientation":
		it.Orientation = ext.Get("valueCode").Text()
	case coreExt + "questionnaire-supportLink":
		// Only addresses that a browser opens without running anything.
		if link := ext.Get("valueUri").Text(); strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
			it.Support = link
		}
	case coreExt + "questionnaire-sliderStepValue":
		it.SliderStep = ext.Get("valueInteger").Text()
	case coreExt + "questionnaire-unit":
		it.Units = append(it.Units, readCoding(ext.Get("valueCoding")))
	case coreExt + "questionnaire-unitOption":
		it.Units = append(it.Units, readCoding(ext.Get("valueCoding")))
	case coreExt + "entryFormat":
		it.EntryFormat = readText(ext, "valueString")
	case sdcExt + "sdc-questionnaire-shortText":
		it.Short = readText(ext, "valueString")
	case sdcExt + "sdc-questionnaire-openLabel":
		it.OpenLabel = readText(ext, "valueString")
	case sdcExt + "sdc-questionnaire-collapsible":
		it.Collapsible = ext.Get("valueCode").Text()
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
func (c *compiler) bound(it *item, ext jsonscan.Value, url string) bool {
	switch url {
	case coreExt + "minValue", sdcExt + "sdc-questionnaire-minQuantity":
		it.Min = c.boundValue(it, ext, url)
	case coreExt + "maxValue", sdcExt + "sdc-questionnaire-maxQuantity":
		it.Max = c.boundValue(it, ext, url)
	case coreExt + "minLength":
		it.MinLength = c.count(it, ext, url)
	case coreExt + "maxDecimalPlaces":
		it.MaxDecimals = c.count(it, ext, url)
	case coreExt + "questionnaire-minOccurs":
		it.MinOccurs = c.count(it, ext, url)
	case coreExt + "questionnaire-maxOccurs":
		it.MaxOccurs = c.count(it, ext, url)
	case coreExt + "mimeType":
		it.MimeTypes = append(it.MimeTypes, ext.Get("valueCode").Text())
	case coreExt + "maxSize":
		// In bytes since SDC 3; earlier forms say megabytes, which no sensible limit in bytes is below.
		size, err := strconv.ParseFloat(ext.Get("valueDecimal").Text(), 64)
		if err != nil || size <= 0 {
			c.refuse(ErrElementValue.With("Element", "maxSize", "Value", ext.Get("valueDecimal").Text()), it.LinkID)
		}
		if size < 1024 {
			size *= 1 << 20
		}
		it.MaxSize = int64(size)
	case coreExt + "regex":
		c.pattern(it, ext.Get("valueString").Text())
	default:
		return false
	}
	return true
}

// pattern compiles a regex. RE2 matches in linear time; what only backtracking engines know is refused.
func (c *compiler) pattern(it *item, source string) {
	re, err := regexp.Compile(`^(?:` + source + `)$`)
	if err != nil || len(source) > 1000 {
		c.refuse(errPattern.With("Pattern", source), it.LinkID)
		return
	}
	it.Pattern = re
}

func (c *compiler) boundValue(it *item, ext jsonscan.Value, url string) *Value {
	for _, m := range ext.All() {
		if name := m.Key(); strings.HasPrefix(name, "_value") {
			c.refuse(errFeature.With("Feature", "cqf-expression ("+feature(url)+")"), it.LinkID)
			return nil
		}
	}
	v, f := readValue(ext, "value")
	if f != nil {
		c.refuse(f.With("In", feature(url)), it.LinkID)
		return nil
	}
	return &v
}

func (c *compiler) count(it *item, ext jsonscan.Value, url string) int {
	text := firstText(ext, "valueInteger", "valuePositiveInt", "valueUnsignedInt", "valueDecimal")
	n, ok := whole(text)
	if !ok {
		c.refuse(ErrElementValue.With("Element", feature(url), "Value", text), it.LinkID)
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
