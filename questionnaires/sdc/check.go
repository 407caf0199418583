package sdc

import (
	"strconv"

	"kindred/internal/fault"
	"kindred/internal/fhirpath"
)

// Check judges a whole draft as it would be judged on submit: what is required is there, repeats are neither too few
// nor too many, what was computed fits, and the form's constraints hold. Each fault's Field is the path of the item.
// Disabled items are not looked at: their answers are left out.
func (f *Form) Check(s *State) fault.List {
	defer s.bounded()()
	j := judge{f: f, s: s, status: Completed, way: []*occurrence{s.root}}
	j.constraints(f.constraints, nil, nil, "")
	j.inside(s.root, f.top, nil, "")
	return j.issues.Errors()
}

// judge judges a response that was read from JSON, where disabled items must be absent; each Field is a FHIRPath
// location in that JSON.
func (f *Form) judge(s *State, status Status) Issues {
	defer s.bounded()()
	j := judge{f: f, s: s, read: true, status: status, way: []*occurrence{s.root}}
	j.constraints(f.constraints, nil, nil, "QuestionnaireResponse")
	j.inside(s.root, f.top, nil, "QuestionnaireResponse")
	return j.issues
}

type judge struct {
	f      *Form
	s      *State
	read   bool // the state came from JSON, and faults name places there
	status Status
	way    []*occurrence
	issues Issues
}

func (j *judge) add(severity Severity, f *fault.Error, where string) {
	if f != nil {
		j.issues = append(j.issues, NewIssue(severity, f.At(where)))
	}
}

// whole tells whether the response has to be whole.
func (j *judge) whole() bool { return j.status == Completed || j.status == Amended }

// until is a severity that only a whole response has, and what it is before.
func (j *judge) until(before Severity) Severity {
	if j.whole() {
		return SeverityError
	}
	return before
}

// inside judges the children of one occurrence: at is its address, where its location in the JSON.
func (j *judge) inside(in *occurrence, children []int, at []int, where string) {
	for _, child := range children {
		it := &j.f.items[child]
		sl := &in.slots[it.seat]
		location := func() string {
			if !j.read {
				return inside(at, it.LinkID).String()
			}
			if sl.at < 0 {
				return where // absent: the element that lacks it
			}
			return where + ".item[" + strconv.Itoa(sl.at) + "]"
		}
		if !sl.on {
			if j.read && sl.at >= 0 && sl.answered() {
				j.add(j.until(SeverityWarning), errDisabledAnswered.With("Link", it.LinkID), location())
			}
			continue
		}
		now := it.at(sl)
		if problem := j.enough(now, sl); problem != nil && problem.Key == errTooMany.Key {
			j.add(SeverityError, problem, location())
		} else if problem != nil {
			j.add(j.until(SeverityInformation), problem, location())
		}
		if it.expressive() {
			j.computed(it, now, sl, location())
		}
		for _, o := range sl.list {
			if len(o.slots) == 0 {
				continue
			}
			next := ""
			switch {
			case !j.read:
			case it.question():
				next = location() + ".answer[" + strconv.Itoa(o.at) + "]"
			case o.at < 0:
				next = where
			default:
				next = where + ".item[" + strconv.Itoa(o.at) + "]"
			}
			if it.Type == TypeGroup && !now.Required && j.omitted(it, o) {
				continue
			}
			j.way = append(j.way, o)
			j.inside(o, it.children, deeper(at, o.id), next)
			j.way = j.way[:len(j.way)-1]
		}
	}
}

// omitted tells whether an optional group asks for nothing: in a response, when it is not there (SDC, "Form Behavior",
// required); in a draft, when it repeats and nobody began it.
func (j *judge) omitted(it *item, o *occurrence) bool {
	if j.read && o.at >= 0 {
		return false
	}
	return (j.read || it.Repeats) && !j.f.holding(o, it)
}

// computed judges what depends on expressions: answers against what was computed, constraints, and what failed.
func (j *judge) computed(it, now *item, sl *slot, where string) {
	if it.question() && (sl.live != nil || it.calculate != nil || it.offers != nil) {
		var values []Value
		for _, o := range sl.list {
			place := where
			if j.read && o.at >= 0 {
				place += ".answer[" + strconv.Itoa(o.at) + "]"
			}
			if o.value.Type != Absent && (sl.live != nil || !j.read) {
				if problem := now.check(o.value); problem != nil {
					j.add(SeverityError, problem, place)
				} else {
					j.issues = append(j.issues, now.doubts(j.f, o.value, place)...)
				}
			}
			values = append(values, o.value)
		}
		j.add(SeverityError, now.together(values), where)
	} else if it.question() && j.read {
		j.add(SeverityError, now.together(sl.values()), where)
	}
	in := j.way[len(j.way)-1]
	for at, problem := range j.s.troubles {
		if at.item != it.index || at.in != in && at.in != j.s.root || !j.read {
			continue
		}
		j.add(SeverityWarning, problem, where)
	}
	if len(it.constraints) == 0 {
		return
	}
	if it.Type != TypeGroup || !it.Repeats {
		j.constraints(it.constraints, it, nil, where)
		return
	}
	for _, o := range sl.list {
		if !j.f.holding(o, it) {
			continue
		}
		place := where
		if j.read && o.at >= 0 {
			place = where[:len(where)-len(lastElement(where))] + ".item[" + strconv.Itoa(o.at) + "]"
		}
		j.constraints(it.constraints, it, o, place)
	}
}

// lastElement is the last step of a location, with its dot.
func lastElement(where string) string {
	for i := len(where) - 1; i >= 0; i-- {
		if where[i] == '.' {
			return where[i:]
		}
	}
	return ""
}

func (sl *slot) values() []Value {
	var values []Value
	for _, o := range sl.list {
		values = append(values, o.value)
	}
	return values
}

// constraints evaluates the constraints of the form or of one item where it stands. A constraint has to be true. Where
// the item has no answers, a constraint of which nothing can be said holds: there is nothing that it could constrain.
func (j *judge) constraints(list []constraint, it *item, self *occurrence, where string) {
	for n := range list {
		con := &list[n]
		got, err := j.f.value(j.s, con.x, j.way, self)
		if err != nil {
			j.add(SeverityWarning, errEvaluation.With("Link", con.key, "Expression", con.x.expr.Source(), "Problem", err.Error()), where)
			continue
		}
		if len(got) == 0 && it != nil && !j.answeredHere(it, self) {
			continue
		}
		if holds, err := got.Bool(); err == nil && holds || len(got) == 1 && err == nil && !isBool(got) {
			continue
		}
		severity := j.until(SeverityWarning)
		if con.warning {
			severity = SeverityWarning
		}
		problem := errConstraintUnsaid.With("Key", con.key)
		if !con.human.Empty() {
			problem = errConstraint.With("Human", con.human, "Key", con.key)
		}
		j.add(severity, problem, where)
	}
}

func isBool(got fhirpath.Collection) bool { _, ok := got[0].Bool(); return ok }

func (j *judge) answeredHere(it *item, self *occurrence) bool {
	if self != nil {
		return j.f.holding(self, it)
	}
	sl := &j.way[len(j.way)-1].slots[it.seat]
	if it.question() {
		return len(sl.list) > 0
	}
	for _, o := range sl.list {
		if j.f.holding(o, it) {
			return true
		}
	}
	return false
}

func (sl *slot) answered() bool {
	for _, o := range sl.list {
		if o.answered() {
			return true
		}
	}
	return false
}

// enough judges how many answers, or occurrences with answers, there are.
func (j *judge) enough(i *item, sl *slot) *fault.Error {
	if i.Type == TypeDisplay || !i.Required && i.MinOccurs <= 0 && i.MaxOccurs < 0 {
		return nil
	}
	n := 0
	for _, o := range sl.list {
		if i.question() || j.f.holding(o, i) {
			n++
		}
	}
	least := max(i.MinOccurs, 0)
	if i.Required {
		least = max(least, 1)
	}
	switch {
	case n == 0 && i.Required:
		return errRequired.With("Link", i.LinkID)
	case n < least && (n > 0 || i.Required || !j.read):
		return errTooFew.With("Limit", least)
	case i.MaxOccurs >= 0 && n > i.MaxOccurs:
		return errTooMany.With("Limit", i.MaxOccurs)
	}
	return nil
}
