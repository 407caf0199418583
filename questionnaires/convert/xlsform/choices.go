package xlsform

import (
	"net/url"
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// readChoices sorts the choices by their lists.
func (f *form) readChoices(t *table) {
	f.lists = map[string][]*record{}
	if t == nil {
		return
	}
	duplicates, _ := affirmed(f.settings.get("allow_choice_duplicates"))
	seen := map[[2]string]bool{}
	for _, r := range t.records {
		list, name := r.get("list_name"), r.get("name")
		switch {
		case list == "" && name == "" && len(r.speech["label"]) == 0:
			continue
		case list == "":
			f.faults.Add(errChoiceList.With("Name", name).At(r.first))
			continue
		case name == "":
			f.faults.Add(errChoiceName.With("List", list).At(r.first))
			continue
		case seen[[2]string{list, name}] && !duplicates:
			f.faults.Add(errChoiceTwice.With("Name", name, "List", list).At(r.place("name")))
		}
		seen[[2]string{list, name}] = true
		f.lists[list] = append(f.lists[list], r)
		f.media(r, "choice "+name)
	}
	for _, c := range t.columns {
		if !c.known && c.lang == "" {
			f.extra = append(f.extra, c.name)
		}
	}
	slices.Sort(f.extra)
}

// media reports pictures and sounds: their files lie beside the workbook, not in it.
func (f *form) media(r *record, what string) {
	for _, column := range []string{"image", "big-image", "audio", "video"} {
		for _, s := range r.speech[column] {
			f.report.Add(s.place, column, convert.Dropped, "the file %s of %s lies beside the workbook and is not carried", s.text, what)
		}
	}
}

// checkLists finds selects without choices, and names of choices that a select_multiple cannot tell apart.
func (f *form) checkLists() {
	spaced := map[string]bool{}
	f.root.each(func(n *node) {
		if n.kind != "select" && n.kind != "rank" || n.fromFile {
			return
		}
		list, ok := f.lists[n.list]
		if !ok {
			f.faults.Add(errListUnknown.With("List", n.list).At(n.row.place("type")))
			return
		}
		n.bool = n.kind == "select" && !n.multiple && !n.orOther && f.yesNo(list)
		for _, r := range list {
			if name := r.get("name"); n.multiple && strings.ContainsAny(name, " \n\t") && !spaced[r.first] {
				spaced[r.first] = true
				f.faults.Add(errChoiceSpace.With("Name", name).At(r.place("name")))
			}
		}
	})
}

// yesNoList is the list that Write makes of FHIR's boolean, and that Read knows again.
const yesNoList = "yes_no_boolean"

// yesNo tells whether a list is that one.
func (f *form) yesNo(list []*record) bool {
	return len(list) == 2 && list[0].get("list_name") == yesNoList && list[0].get("name") == "true" && list[1].get("name") == "false"
}

// system is the code system of a list.
func (f *form) system(list string) string {
	if f.options.Base == "" {
		return "urn:xlsform:" + f.id() + ":" + url.PathEscape(list)
	}
	return strings.TrimSuffix(f.options.Base, "/") + "/CodeSystem/" + f.id() + "-" + url.PathEscape(list)
}

// options gives the choices of a select as FHIR answers. Choices that stand twice, for two filters, become one.
func (f *form) answerOptions(n *node) []convert.Option {
	var options []convert.Option
	at := map[string]int{}
	for _, r := range f.lists[n.list] {
		name := r.get("name")
		display, more := f.speak(r, "label", n)
		if i, twice := at[name]; twice {
			if options[i].Coding.Display != display {
				f.report.Add(r.place("label"), "label", convert.Dropped, "the choice %s stands twice; its first label is kept, “%s” is not", name, display)
			}
			continue
		}
		at[name] = len(options)
		options = append(options, convert.Option{Value: convert.Value{Coding: &convert.Coding{
			System: f.system(n.list), Code: name, Display: display, DisplayMore: more,
		}}})
	}
	return options
}

// toggles makes of a choice_filter the conditions under which each choice is offered: SDC's
// answerOptionsToggleExpression, one for the choices that share a condition.
func (f *form) toggles(n *node, options []convert.Option) []convert.Extension {
	source := n.row.values["choice_filter"]
	if source.text == "" || f.randomized(n) {
		return nil
	}
	conditions := map[string]string{} // by choice
	for _, r := range f.lists[n.list] {
		t := translator{form: f, at: n, columns: map[string]string{"name": r.get("name"), "list_name": n.list}}
		for _, c := range f.extra {
			t.columns[c] = r.get(c)
		}
		t.columns["label"], _ = f.silently(r, "label", n)
		v, err := t.condition(source.text)
		if err != nil {
			f.untranslated(source, "choice_filter", err, "all choices are offered")
			return nil
		}
		name := r.get("name")
		had, twice := conditions[name]
		switch {
		case !twice:
			conditions[name] = v.src
		case had == "true" || v.is(true):
			conditions[name] = "true"
		case v.is(false) || had == v.src:
		case had == "false":
			conditions[name] = v.src
		default:
			conditions[name] = had + " or " + v.src
		}
		if len(conditions[name]) > maxResult {
			f.untranslated(source, "choice_filter", unfit("the condition would become too long"), "all choices are offered")
			return nil
		}
	}
	var extensions []convert.Extension
	at := map[string]int{}
	for _, o := range options {
		c := conditions[o.Coding.Code]
		if c == "true" {
			continue
		}
		i, ok := at[c]
		if !ok {
			i = len(extensions)
			at[c] = i
			extensions = append(extensions, convert.Extension{URL: convert.SDC + "sdc-questionnaire-answerOptionsToggleExpression"})
		}
		plain := &convert.Coding{System: o.Coding.System, Code: o.Coding.Code, Display: o.Coding.Display}
		extensions[i].Extension = append(extensions[i].Extension, convert.Extension{URL: "option", Value: convert.Value{Coding: plain}})
	}
	for c, i := range at {
		extensions[i].Extension = append(extensions[i].Extension, convert.Extension{URL: "expression", Value: expression(c)})
	}
	return extensions
}

// randomized tells whether the filter is XLSForm's way of shuffling choices.
func (f *form) randomized(n *node) bool {
	return strings.HasPrefix(n.row.get("choice_filter"), "randomize(")
}
