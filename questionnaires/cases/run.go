package cases

import (
	"slices"
	"strings"

	"kindred/internal/fault"
	"kindred/questionnaires/sdc"
)

// Result is what the cases of a form say.
type Result struct {
	Cases    int
	Failures fault.List // each Field is a linkId where there is one
	Untested fault.List // logic that no case reaches; each Field is a linkId
}

// Run runs the cases that a questionnaire carries against its form. A questionnaire without cases has no failures, and
// nothing is said of its logic.
func Run(form *sdc.Form, raw []byte) Result {
	list, faults := Parse(raw)
	r := run{form: form, enabled: map[string]bool{}, disabled: map[string]bool{}, computed: map[string]bool{}, broken: map[string]bool{}, Result: Result{Cases: len(list), Failures: faults}}
	if len(faults) > 0 || len(list) == 0 {
		return r.Result
	}
	for i := range list {
		r.one(&list[i])
	}
	for _, l := range form.Logic() {
		if gap := r.gap(l); gap != "" {
			r.Untested.Add(errUntested.With("Gap", gap, "Key", l.Key).At(l.LinkID))
		}
	}
	return r.Result
}

type run struct {
	form                                *sdc.Form
	enabled, disabled, computed, broken map[string]bool
	Result
}

func (r *run) fail(f *fault.Error, c *Case, link string, pairs ...any) {
	r.Failures.Add(f.With(append([]any{"Case", c.Name, "Link", link}, pairs...)...).At(link))
}

func (r *run) one(c *Case) {
	e := r.form.Evaluate(c.Response)
	if e.Response == nil {
		r.fail(errResponse, c, "")
		return
	}
	for link, on := range e.Enabled {
		r.enabled[link], r.disabled[link] = r.enabled[link] || on, r.disabled[link] || !on
	}
	for _, link := range append(append(append([]string(nil), c.Enabled...), c.Disabled...), c.None...) {
		if _, known := e.Enabled[link]; !known {
			r.fail(errLink, c, link)
		}
	}
	for _, link := range c.Enabled {
		if on, known := e.Enabled[link]; known && !on {
			r.fail(errEnabled, c, link)
		}
	}
	for _, link := range c.Disabled {
		if e.Enabled[link] {
			r.fail(errDisabled, c, link)
		}
	}
	given := map[string][]sdc.Value{}
	r.form.Given(e.State, func(g sdc.Given) { given[g.LinkID] = append(given[g.LinkID], g.Value) })
	for link := range given {
		r.computed[link] = true
	}
	r.values(c, given)
	r.faults(c, e.Response)
}

func (r *run) values(c *Case, given map[string][]sdc.Value) {
	for _, want := range c.Values {
		if !slices.ContainsFunc(given[want.Link], func(v sdc.Value) bool { return alike(v, want.Value) }) {
			r.fail(errValue, c, want.Link, "Wanted", sdc.Print([]sdc.Value{want.Value}), "Got", sdc.Print(given[want.Link]))
		}
	}
	for _, link := range c.None {
		if len(given[link]) > 0 {
			r.fail(errNone, c, link, "Got", sdc.Print(given[link]))
		}
	}
}

// alike compares as FHIR numbers compare: 3 is 3.0.
func alike(v, w sdc.Value) bool {
	if v.Equal(w) {
		return true
	}
	order, known := v.Compare(w)
	return known && order == 0
}

func (r *run) faults(c *Case, response []byte) {
	in, _ := r.form.Read(response)
	var found sdc.Issues
	for _, i := range in.Issues {
		key, _ := i.Fault.Args["Key"].(string)
		r.broken[linkOf(i.Fault)+"\x00"+key] = true
		if i.Severity != sdc.SeverityInformation {
			found = append(found, i)
		}
	}
	for _, want := range c.Faults {
		at := slices.IndexFunc(found, func(i sdc.Issue) bool { return matches(i.Fault, want) })
		if at < 0 {
			r.fail(errFault, c, want.Link, "Key", want.Key)
			continue
		}
		found = slices.Delete(found, at, at+1)
	}
	if !c.Valid && len(c.Faults) == 0 {
		return
	}
	for _, f := range found.Errors() {
		r.fail(errSurplus, c, linkOf(f), "Key", strings.TrimPrefix(f.Key, "questionnaires."))
	}
}

func linkOf(f *fault.Error) string { link, _ := f.Args["Link"].(string); return link }

// matches tells whether a fault is the one that is expected: by the key of its constraint or of its message, and by its
// item where one is named.
func matches(f *fault.Error, want Found) bool {
	key, _ := f.Args["Key"].(string)
	if want.Key != key && want.Key != strings.TrimPrefix(f.Key, "questionnaires.") {
		return false
	}
	return want.Link == "" || linkOf(f) == "" || linkOf(f) == want.Link
}

// gap says what of a piece of logic no case reaches, "" for nothing.
func (r *run) gap(l sdc.Logic) string {
	switch l.Kind {
	case sdc.LogicEnable:
		switch {
		case !r.enabled[l.LinkID]:
			return "enabled"
		case !r.disabled[l.LinkID]:
			return "disabled"
		}
	case sdc.LogicCalculate:
		if !r.computed[l.LinkID] {
			return "computed"
		}
	case sdc.LogicConstraint:
		if !r.broken[l.LinkID+"\x00"+l.Key] && !r.broken["\x00"+l.Key] {
			return "broken"
		}
	}
	return ""
}
