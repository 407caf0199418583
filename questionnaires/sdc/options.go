package sdc

import (
	"strings"

	"kindred/internal/jsonscan"
)

// options compiles answerOption and answerValueSet: que-4 and que-5.
func (c *compiler) options(v jsonscan.Value, index int) {
	it := &c.form.items[index]
	list, set := c.array(v, "answerOption", it.LinkID), v.Get("answerValueSet").Text()
	choice := it.Type == TypeChoice || it.Type == TypeOpenChoice
	switch {
	case len(list) > 0 && set != "":
		c.refuse(errRules[4], it.LinkID)
	case set != "" && !choice:
		c.refuse(errRules[5], it.LinkID)
	case len(list) > 0 && !choice && it.answer != Integer && it.answer != Date && it.answer != Time && it.Type != TypeString:
		c.refuse(errRules[5], it.LinkID)
	case set != "":
		it.Options = c.valueSet(set, it.LinkID)
	case len(list) > 0:
		for _, o := range list {
			c.option(it, o)
		}
	case choice:
		c.refuse(errNoOptions, it.LinkID)
	}
	if len(it.Options) == 0 {
		return
	}
	if choice {
		it.answer = it.Options[0].Value.Type
	}
	it.options = make(map[string]int, len(it.Options))
	for i, o := range it.Options {
		if _, twice := it.options[o.Key]; twice {
			c.refuse(errOptionTwice.With("Option", o.Key), it.LinkID)
		}
		if o.Value.Type != it.answer && !choice {
			c.refuse(errOptionType.With("Option", o.Key), it.LinkID)
		}
		it.options[o.Key] = i
	}
}

var optionMembers = kinds("id valueDate valueTime valueString:string", "valueInteger:number", "valueCoding valueReference:object", "initialSelected:boolean", "extension modifierExtension:array")

func (c *compiler) option(it *item, v jsonscan.Value) {
	c.members(v, optionMembers, it.LinkID)
	if v.Get("valueReference").Exists() {
		c.refuse(errFeature.With("Feature", "answerOption.valueReference"), it.LinkID)
		return
	}
	if v.Get("modifierExtension").Exists() {
		c.refuse(errFeature.With("Feature", "answerOption.modifierExtension"), it.LinkID)
	}
	value, f := readValue(v, "value")
	if f != nil {
		c.refuse(f.With("In", "answerOption"), it.LinkID)
		return
	}
	o := Option{Key: optionKey(value), Value: value, Initial: v.Get("initialSelected").Bool()}
	if coding := v.Get("valueCoding"); coding.Exists() {
		if value.Coding.Code == "" && value.Coding.Display == "" {
			c.refuse(errElementMissing.With("Element", "answerOption.valueCoding.code"), it.LinkID)
		}
		o.Label = readText(coding, "display")
		c.optionExtensions(&o, coding, it)
	} else {
		for _, m := range v.All() {
			if strings.HasPrefix(m.Key(), "value") {
				o.Label = readText(v, m.Key())
			}
		}
	}
	if o.Label.Empty() {
		o.Label = Text{Plain: firstOf(value.Text, value.Coding.Code)}
	}
	c.optionExtensions(&o, v, it)
	it.Options = append(it.Options, o)
}

func (c *compiler) optionExtensions(o *Option, v jsonscan.Value, it *item) {
	for _, ext := range c.array(v, "extension", it.LinkID) {
		switch u := ext.Get("url").Text(); u {
		case coreExt + "questionnaire-optionExclusive":
			o.Exclusive = ext.Get("valueBoolean").Bool()
		case coreExt + "questionnaire-optionPrefix":
			o.Prefix = ext.Get("valueString").Text()
		case coreExt + "ordinalValue", coreExt + "itemWeight":
			o.Weight = ext.Get("valueDecimal").Text()
		}
	}
}

// optionKey stands for an option in forms and in the journal.
func optionKey(v Value) string {
	if v.Type == CodingType {
		if v.Coding.System == "" {
			return v.Coding.Code
		}
		return v.Coding.System + "|" + v.Coding.Code
	}
	return v.Text
}

func readCoding(v jsonscan.Value) Coding {
	return Coding{System: v.Get("system").Text(), Version: v.Get("version").Text(), Code: v.Get("code").Text(), Display: v.Get("display").Text()}
}

// contained notes the ValueSets that the questionnaire carries; other contained resources are refused where they matter.
func (c *compiler) contained() {
	c.sets, c.setCache = map[string]jsonscan.Value{}, map[string][]Option{}
	for _, r := range c.array(c.root, "contained", "") {
		if r.Get("resourceType").Text() != "ValueSet" {
			continue
		}
		if id := r.Get("id").Text(); id != "" {
			c.sets["#"+id] = r
		}
		if u := r.Get("url").Text(); u != "" {
			c.sets[u] = r
			if version := r.Get("version").Text(); version != "" {
				c.sets[u+"|"+version] = r
			}
		}
	}
}

// maxOptions is how many options a value set may give an item.
const maxOptions = 5000

// valueSet lists the codes of a contained value set: its expansion when that is whole, or its enumerated compose.
func (c *compiler) valueSet(ref, link string) []Option {
	if list, ok := c.setCache[ref]; ok {
		return list
	}
	set, ok := c.sets[ref]
	if !ok {
		c.refuse(errSetUnknown.With("Set", ref), link)
		return nil
	}
	var list []Option
	whole := true
	if contains := set.Get("expansion").Get("contains"); contains.Len() > 0 {
		if total := set.Get("expansion").Get("total"); total.Exists() && total.Text() != itoa(contains.Len()) {
			whole = false
		}
		for _, e := range contains.All() {
			whole = whole && !e.Get("contains").Exists()
			if !e.Get("abstract").Bool() {
				list = append(list, setOption(e, e.Get("system").Text()))
			}
		}
	} else {
		list, whole = composed(set.Get("compose"))
	}
	if !whole || len(list) == 0 || len(list) > maxOptions {
		c.refuse(errSetOpen.With("Set", ref), link)
		return nil
	}
	c.setCache[ref] = list
	return list
}

// composed lists an enumerated compose; false where it needs a terminology server.
func composed(compose jsonscan.Value) ([]Option, bool) {
	var list []Option
	if compose.Get("exclude").Exists() || !compose.Get("include").Exists() {
		return nil, false
	}
	for _, include := range compose.Get("include").All() {
		if include.Get("filter").Exists() || include.Get("valueSet").Exists() || include.Get("concept").Len() == 0 {
			return nil, false
		}
		for _, concept := range include.Get("concept").All() {
			list = append(list, setOption(concept, include.Get("system").Text()))
		}
	}
	return list, true
}

// setOption is one concept with its designations as translations.
func setOption(v jsonscan.Value, system string) Option {
	value := Value{Type: CodingType, Coding: Coding{System: system, Code: v.Get("code").Text(), Display: v.Get("display").Text()}}
	o := Option{Key: optionKey(value), Value: value, Label: readText(v, "display")}
	if o.Label.Plain == "" {
		o.Label.Plain = value.Coding.Code
	}
	for _, d := range v.Get("designation").All() {
		if lang, text := d.Get("language").Text(), d.Get("value").Text(); lang != "" && text != "" {
			o.Label.other = append(o.Label.other, translation{lang, text})
		}
	}
	return o
}
