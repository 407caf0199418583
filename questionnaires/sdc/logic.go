package sdc

// LogicKind is what a piece of logic does.
type LogicKind string

// The kinds: whether an item is asked, an answer that is computed, a rule that answers must keep.
const (
	LogicEnable     LogicKind = "enable"
	LogicCalculate  LogicKind = "calculate"
	LogicConstraint LogicKind = "constraint"
)

// Logic is one piece of a form's logic, for whoever tests forms.
type Logic struct {
	LinkID string // "" for the form itself
	Kind   LogicKind
	Key    string // of a constraint
}

// Logic lists what a form decides and computes, in its order.
func (f *Form) Logic() []Logic {
	var list []Logic
	rules := func(link string, all []constraint) {
		for _, c := range all {
			list = append(list, Logic{link, LogicConstraint, c.key})
		}
	}
	rules("", f.constraints)
	for i := range f.items {
		it := &f.items[i]
		if it.conditional() {
			list = append(list, Logic{LinkID: it.LinkID, Kind: LogicEnable})
		}
		if it.calculate != nil {
			list = append(list, Logic{LinkID: it.LinkID, Kind: LogicCalculate})
		}
		rules(it.LinkID, it.constraints)
	}
	return list
}
