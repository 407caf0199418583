package sdc

import (
	"strings"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
)

// OpDecline answers a question with the wish not to answer it.
const OpDecline Op = "decline"

// absentURL is the extension by which FHIR says why a value is not there; declinedCode is the code of its code system
// (http://terminology.hl7.org/CodeSystem/data-absent-reason) for "the person was asked and declined to answer".
const (
	absentURL    = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
	declinedCode = "asked-declined"
)

// Declined is the answer of somebody who would rather not answer: an answer without a value, which says why. It counts
// as given, so a required question never forces anybody.
func Declined() Value {
	return Value{Type: Absent, Text: `"extension":[{"url":"` + absentURL + `","valueCode":"` + declinedCode + `"}]`}
}

// Declines tells whether an answer is somebody's wish not to answer, however it was written.
func (v Value) Declines() bool {
	if v.Type != Absent {
		return false
	}
	doc, err := jsonscan.Parse([]byte("{"+v.Text+"}"), ResponseLimits)
	if err != nil {
		return false
	}
	for _, m := range doc.Root().All() {
		list := m
		if strings.HasPrefix(m.Key(), "_value") {
			list = m.Get("extension")
		}
		for _, e := range list.All() {
			if e.Get("url").Text() == absentURL && e.Get("valueCode").Text() == declinedCode {
				return true
			}
		}
	}
	return false
}

// decline puts Declined in the place of what was answered.
func (f *Form) decline(s *State, it *item, in *occurrence, c Change) (Effect, fault.List) {
	if !it.question() {
		return Effect{}, fault.List{errNoAnswerHere.At(c.Path.String())}
	}
	return f.give(s, it, in, []Value{Declined()}), nil
}

// parseAbsent reads an answer without a value, as MarshalValues wrote it.
func parseAbsent(v jsonscan.Value) (Value, bool) {
	for _, m := range v.All() {
		if m.Key() == "extension" || strings.HasPrefix(m.Key(), "_value") {
			return Value{Type: Absent, Text: string(append(append(quoted(nil, m.Key()), ':'), m.Raw()...))}, true
		}
	}
	return Value{}, false
}

// Standing says how a question stands in one response.
type Standing string

// The standings. What stands in another version only, tells whoever knows the versions.
const (
	StandsAnswered Standing = "answered"
	StandsDeclined Standing = "declined" // the person would rather not answer
	StandsAbsent   Standing = "absent"   // an answer without a value, for another reason
	StandsSkipped  Standing = "skipped"  // asked, and left without an answer
	StandsHidden   Standing = "hidden"   // not asked, by the logic of the form
	StandsNowhere  Standing = "not_in_version"
)

// ItemStanding is how one question stands at one place.
type ItemStanding struct {
	Path     string
	LinkID   string
	Standing Standing
}

// Standings lists every question in the order of the form, once for each place where it stands. One that nobody could
// answer (hidden, read-only, under a question without an answer) counts as hidden while it holds nothing.
func (f *Form) Standings(s *State) []ItemStanding {
	var list []ItemStanding
	f.standingsIn(s.root, f.top, nil, true, &list)
	return list
}

func (f *Form) standingsIn(in *occurrence, children []int, at []int, open bool, list *[]ItemStanding) {
	for _, child := range children {
		it := &f.items[child]
		var sl *slot
		if in != nil && in.slots != nil {
			sl = &in.slots[it.seat]
		}
		on := open && sl != nil && sl.on
		if it.question() {
			*list = append(*list, ItemStanding{inside(at, it.LinkID).String(), it.LinkID, it.standing(sl, on)})
		}
		if sl == nil || len(sl.list) == 0 {
			f.standingsIn(nil, it.children, at, false, list)
			continue
		}
		for _, o := range sl.list {
			f.standingsIn(o, it.children, deeper(at, o.id), on && !it.Hidden, list)
		}
	}
}

func (i *item) standing(sl *slot, on bool) Standing {
	switch {
	case !on:
		return StandsHidden
	case len(sl.list) == 0 && (i.Hidden || i.at(sl).ReadOnly):
		return StandsHidden
	case len(sl.list) == 0:
		return StandsSkipped
	case sl.list[0].value.Declines():
		return StandsDeclined
	case sl.list[0].value.Type == Absent:
		return StandsAbsent
	}
	return StandsAnswered
}

// Questions are the linkIds of all questions, in the order of the form.
func (f *Form) Questions() []string {
	var list []string
	for i := range f.items {
		if f.items[i].question() {
			list = append(list, f.items[i].LinkID)
		}
	}
	return list
}
