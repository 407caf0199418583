package sdc

// OutlineItem is one item of a form as an editor reads it: everything that it asks, whether it is shown now or not.
type OutlineItem struct {
	LinkID                              string
	Type                                ItemType
	Depth                               int // 0 at the top
	Prefix, Label                       string
	Required, Repeats, Hidden, ReadOnly bool
	Options                             []string
	Any                                 bool // one of the conditions is enough
	Conditions                          []OutlineCondition
}

// OutlineCondition is one condition under which an item is asked.
type OutlineCondition struct {
	Question string // its words, or its linkId where it has none
	Operator string // as in FHIR; "exists" comes with Value "true" or "false"
	Value    string
}

// Outline lists every item in the order of the form, in one language.
func (f *Form) Outline(lang string) []OutlineItem {
	list := make([]OutlineItem, len(f.items))
	for i := range f.items {
		it := &f.items[i]
		o := OutlineItem{
			LinkID: it.LinkID, Type: it.Type, Depth: len(it.chain), Prefix: it.Prefix.For(lang), Label: it.Text.For(lang),
			Required: it.Required, Repeats: it.Repeats, Hidden: it.Hidden, ReadOnly: it.ReadOnly, Any: it.any,
		}
		for _, option := range it.Options {
			label := option.Label.For(lang)
			if label == "" {
				label = f.say(it, option.Value, lang)
			}
			o.Options = append(o.Options, label)
		}
		for _, c := range it.conditions {
			if c.question < 0 { // of a lenient form: it asks for an item that is not there
				continue
			}
			o.Conditions = append(o.Conditions, f.outlineCondition(c, lang))
		}
		list[i] = o
	}
	return list
}

func (f *Form) outlineCondition(c condition, lang string) OutlineCondition {
	question := &f.items[c.question]
	o := OutlineCondition{Question: question.Text.For(lang), Operator: c.operator}
	if o.Question == "" {
		o.Question = question.LinkID
	}
	switch {
	case c.operator != "exists":
		o.Value = f.say(question, c.value, lang)
	case c.exists:
		o.Value = "true"
	default:
		o.Value = "false"
	}
	return o
}
