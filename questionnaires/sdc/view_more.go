package sdc

import (
	"slices"

	"kindred/internal/fault"
)

// ItemMore is what a page shows of an item besides the question.
type ItemMore struct {
	Short      string       // shortText, where there is little room
	Fold       string       // collapsible: "default-open" or "default-closed"; "" does not fold
	Width      string       // of a column, as the form says: "30%", "12em"
	Calculated bool         // its answer is worked out from others
	Overridden bool         // and somebody changed it
	Prefilled  bool         // its answer was filled in beforehand, and nobody has confirmed it
	Proposals  []OptionView // answers to pick from beside one's own, by candidateExpression
	Impossible []string     // answers that were given and cannot be chosen any more
}

func (v *viewer) more(base, it *item, sl *slot, w *ItemView) {
	w.Short, w.Fold, w.Width = it.Short.For(v.lang), it.Collapsible, it.Width
	if sl == nil {
		return
	}
	w.Calculated, w.Overridden, w.Prefilled = base.calculate != nil, sl.mark == markOverridden, sl.mark == markPrefilled
	if sl.live != nil {
		for _, o := range sl.live.proposals {
			w.Proposals = append(w.Proposals, OptionView{Key: o.Key, Label: o.Label.For(v.lang)})
		}
	}
	if !it.question() || len(it.Options) == 0 {
		return
	}
	for _, a := range sl.list {
		n, ok := it.option(a.value)
		if ok && it.Options[n].Off || !ok && !w.Open && !it.loose {
			w.Impossible = append(w.Impossible, v.f.say(it, a.value, v.lang))
		}
	}
}

// Doubts are what the form's constraints say about the answers as they are now, by the path of the item: those that will
// stand in the way of sending, and those that only give to think.
func (f *Form) Doubts(s *State) (errors, warnings fault.List) {
	if len(f.constraints) == 0 && !slices.ContainsFunc(f.items, func(it item) bool { return len(it.constraints) > 0 }) {
		return nil, nil
	}
	j := judge{f: f, s: s, status: Completed, way: []*occurrence{s.root}}
	j.constraints(f.constraints, nil, nil, "")
	j.inside(s.root, f.top, nil, "")
	for _, i := range j.issues {
		if i.Fault.Key != errConstraint.Key && i.Fault.Key != errConstraintUnsaid.Key {
			continue
		}
		switch i.Severity {
		case SeverityError:
			errors = append(errors, i.Fault)
		case SeverityWarning:
			warnings = append(warnings, i.Fault)
		}
	}
	return errors, warnings
}

// Signed tells whether the form asks for a signature, as a whole or at any item (signatureRequired).
func (f *Form) Signed() bool {
	return f.signature || slices.ContainsFunc(f.items, func(it item) bool { return it.Signature })
}
