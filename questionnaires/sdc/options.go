package sdc

import (
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
)

// options compiles answerOption and answerValueSet: que-4 and que-5.
func (c *compiler) options(v jsonscan.Value, index int) {
	it := &c.form.items[index]
	list, set := c.array(v, "answerOption", it.LinkID), v.Get("answerValueSet").Text()
	choice := it.Type == TypeChoice || it.Type == TypeOpenChoice
	it.open = it.Type == TypeOpenChoice
	switch {
	case len(list) > 0 && set != "":
		c.refuse(errRules[4], it.LinkID)
	case set != "" && !choice && it.Type != TypeString:
		c.refuse(errRules[5], it.LinkID)
		return
	case len(list) > 0 && !choice && it.answer != Integer && it.answer != Date && it.answer != Time && it.Type != TypeString && it.Type != TypeReference && it.Type != TypeText:
		c.refuse(errRules[5], it.LinkID)
		return
	}
	switch {
	case len(list) > 0:
		for _, o := range list {
			c.option(it, o)
		}
	case set != "":
		c.fromSet(it, set)
	case choice && it.offers == nil && it.candidates == nil:
		c.warn(errNoOptions, it.LinkID)
		it.loose, it.partial = true, true
	case choice:
		it.loose, it.partial = it.offers == nil, it.offers == nil
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
			continue
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
		o.Label = Text{Plain: firstOf(value.Coding.Display, value.Text, value.Coding.Code)}
	}
	c.optionExtensions(&o, v, it)
	it.Options = append(it.Options, o)
}

func (c *compiler) optionExtensions(o *Option, v jsonscan.Value, it *item) {
	for _, ext := range c.array(v, "extension", it.LinkID) {
		switch feature(ext.Get("url").Text()) {
		case "optionExclusive":
			o.Exclusive = ext.Get("valueBoolean").Bool()
		case "optionPrefix":
			o.Prefix = ext.Get("valueString").Text()
		case "ordinalValue", "itemWeight":
			o.Weight = firstText(ext, "valueDecimal", "valueInteger")
		}
	}
}

// optionKey stands for an option in forms and in the journal.
func optionKey(v Value) string {
	switch v.Type {
	case CodingType:
		if v.Coding.System == "" {
			return firstOf(v.Coding.Code, v.Coding.Display)
		}
		return v.Coding.System + "|" + v.Coding.Code
	case Reference:
		return firstOf(v.Text, v.Coding.Code)
	}
	return v.Text
}

func readCoding(v jsonscan.Value) Coding {
	return Coding{System: v.Get("system").Text(), Version: v.Get("version").Text(), Code: v.Get("code").Text(), Display: v.Get("display").Text()}
}

// contained makes what the questionnaire carries part of the library.
func (c *compiler) contained() {
	c.sets = map[string]offered{}
	if c.library == nil {
		c.library = terminology.NewLibrary()
	}
	c.form.library = c.library
	list := c.array(c.root, "contained", "")
	if len(list) == 0 {
		return
	}
	with, err := c.library.With(list...)
	if err != nil {
		for _, f := range fault.All(err) {
			c.refuse(f, "")
		}
		return
	}
	c.form.library = with
}

// offered are the options that a value set gives.
type offered struct {
	list    []Option
	partial bool
	problem *fault.Error
}

// maxOptions is how many options a value set may give an item.
const maxOptions = 5000

// fromSet offers the codes of a value set. A string's answers are the codes themselves (SDC, answerOption).
func (c *compiler) fromSet(it *item, ref string) {
	it.choices = ref
	o := c.valueSet(ref)
	if o.problem != nil {
		c.warn(o.problem.With("Set", ref), it.LinkID)
	}
	it.partial = o.partial
	if len(o.list) == 0 {
		it.loose = true
		return
	}
	if it.Type != TypeString {
		it.Options = o.list
		return
	}
	for _, one := range o.list {
		one.Value = Value{Type: String, Text: one.Value.Coding.Code}
		one.Key = one.Value.Text
		it.Options = append(it.Options, one)
	}
}

// valueSet lists the codes of a value set, as far as they can be known here. Where they are not known in full, a page
// lets people answer in their own words, too, and no code is ever said to be wrong.
func (c *compiler) valueSet(ref string) offered {
	if o, ok := c.sets[ref]; ok {
		return o
	}
	var o offered
	expansion, err := c.form.library.Expand(ref)
	switch {
	case err != nil && fault.KindOf(err) == fault.Missing:
		o.problem, o.partial = errSetUnknown, true
	case err != nil || !expansion.Complete || len(expansion.Concepts) > maxOptions:
		o.problem, o.partial = errSetOpen, true
	}
	if err == nil && len(expansion.Concepts) <= maxOptions {
		for _, concept := range expansion.Concepts {
			if !concept.Abstract {
				o.list = append(o.list, setOption(concept))
			}
		}
		if len(o.list) == 0 && o.problem == nil {
			o.problem = errSetOpen
		}
	}
	c.sets[ref] = o
	return o
}

// setOption is one concept with its designations as translations.
func setOption(v terminology.Concept) Option {
	value := Value{Type: CodingType, Coding: Coding{System: v.System, Code: v.Code, Display: v.Display}}
	o := Option{Key: optionKey(value), Value: value, Label: Text{Plain: firstOf(v.Display, v.Code)}, Weight: v.Weight}
	for _, d := range v.Designations {
		if d.Language != "" && d.Value != "" {
			o.Label.other = append(o.Label.other, translation{d.Language, d.Value})
		}
	}
	return o
}

// unitSet offers the units of a value set.
func (c *compiler) unitSet(it *item, ref string) {
	o := c.valueSet(ref)
	if o.partial {
		c.warn(errSetUnknown.With("Set", ref), it.LinkID)
		it.unitOpen = "optionsOrType"
	}
	for _, one := range o.list {
		it.Units = append(it.Units, one.Value.Coding)
	}
}
