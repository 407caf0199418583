package xlsform

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"kindred/questionnaires/convert"
)

// composed gives the codes of a contained value set as options.
func composed(set convert.ValueSet) []convert.Option {
	var options []convert.Option
	if set.Compose == nil {
		return nil
	}
	for _, include := range set.Compose.Include {
		for _, c := range include.Concept {
			coding := &convert.Coding{System: include.System, Code: c.Code, Display: c.Display}
			var langs []string
			said := map[string]string{}
			for _, d := range c.Designation {
				if d.Language != "" && said[d.Language] == "" {
					langs = append(langs, d.Language)
					said[d.Language] = d.Value
				}
			}
			coding.DisplayMore = convert.Translations(langs, said)
			options = append(options, convert.Option{Extension: c.Extension, Value: convert.Value{Coding: coding}})
		}
	}
	return options
}

// options are the choices of an item, wherever they stand.
func (w *writer) options(n *wnode) []convert.Option {
	if n.item.AnswerValueSet == "" {
		return n.item.AnswerOption
	}
	for _, set := range w.q.Contained {
		if "#"+set.ID == n.item.AnswerValueSet || set.URL != "" && set.URL == n.item.AnswerValueSet {
			return composed(set)
		}
	}
	return nil
}

// choice writes a select and its list.
func (w *writer) choice(n *wnode, row map[string]string, u *used) {
	options := w.options(n)
	if len(options) == 0 {
		row["type"] = "text"
		w.note(n, "answerValueSet", convert.Partial, "the choices of %s are not in the questionnaire; any text can be answered", cmp.Or(n.item.AnswerValueSet, "the question"))
		return
	}
	filter, keys := w.filter(n, options, u)
	list := w.list(n, options, keys)
	row["type"] = "select_one " + list
	if n.item.Repeats {
		row["type"] = "select_multiple " + list
	}
	if n.item.Type == "open-choice" {
		row["type"] += " or_other"
	}
	if filter != "" {
		row["choice_filter"] = strings.ReplaceAll(filter, keyColumn, w.columnOf(list, n))
	}
	w.look(n, row, u)
}

// look writes how choices are shown.
func (w *writer) look(n *wnode, row map[string]string, u *used) {
	looks := map[string]string{"drop-down": "minimal", "autocomplete": "autocomplete", "lookup": "autocomplete"}
	if look := looks[n.control()]; look != "" {
		row["appearance"] = look
		u.take(n.item.Extension, "questionnaire-itemControl")
	} else if c := n.control(); c == "radio-button" || c == "check-box" {
		u.take(n.item.Extension, "questionnaire-itemControl") // how XLSForm shows choices anyway
	}
	if e := extensionAt(n.item.Extension, "questionnaire-choiceOrientation"); e != nil && (e.Code == "horizontal" || e.Code == "vertical") && row["appearance"] == "" {
		row["appearance"] = e.Code
		u.take(n.item.Extension, "questionnaire-choiceOrientation")
	}
}

// keyColumn stands in a filter for the column of the choices that it reads, until that has a name.
const keyColumn = "\x00"

func (w *writer) columnOf(list string, n *wnode) string {
	return "filter_" + cmp.Or(notInName.ReplaceAllString(n.name, "_"), list)
}

// filter turns the conditions of options into a choice_filter and, for each option, a key in a column of the choices.
func (w *writer) filter(n *wnode, options []convert.Option, u *used) (filter string, keys map[string]string) {
	keys = map[string]string{}
	var parts []string
	for i, e := range n.item.Extension {
		if tail(e.URL) != "sdc-questionnaire-answerOptionsToggleExpression" {
			continue
		}
		u.seen[i] = true
		key := "k" + itoa(len(parts)+1)
		var expr *convert.Expression
		for _, part := range e.Extension {
			if part.URL == "expression" {
				expr = part.Expr
			}
		}
		src, ok := w.source(n, "answerOptionsToggleExpression", expr)
		if !ok {
			continue
		}
		x, err := (&backward{w: w, at: n}).condition(src)
		if err != nil {
			w.lost(n, "answerOptionsToggleExpression", src, err)
			continue
		}
		for _, part := range e.Extension {
			if part.URL != "option" {
				continue
			}
			if name := w.optionName(part.Value); keys[name] == "" {
				keys[name] = key
			} else {
				w.note(n, "answerOptionsToggleExpression", convert.Partial, "only the first condition of the option %s is kept", name)
			}
		}
		parts = append(parts, keyColumn+" = '"+key+"' and "+x.as(xbindAnd+1))
	}
	if len(parts) == 0 {
		return "", keys
	}
	if x, simple := w.simpleFilter(n, options, keys); simple {
		return x, keys
	}
	filter = strings.Join(parts, " or ")
	if slices.ContainsFunc(options, func(o convert.Option) bool { return keys[w.optionName(o.Value)] == "" }) {
		filter = keyColumn + " = '' or " + filter
	}
	if len(filter) > maxExpression/2 {
		w.lost(n, "answerOptionsToggleExpression", "", unfit("there are too many conditions for one filter"))
		return "", map[string]string{}
	}
	return filter, keys
}

var oneAnswer = regexp.MustCompile(`^(\$\{[^}]+\}) = '([^']*)'$`)

// simpleFilter recognises the common filter: every option belongs to one answer of one other question.
func (w *writer) simpleFilter(n *wnode, options []convert.Option, keys map[string]string) (string, bool) {
	answers := map[string]string{} // by key
	ref := ""
	number := 0
	for _, e := range n.item.Extension {
		if tail(e.URL) != "sdc-questionnaire-answerOptionsToggleExpression" {
			continue
		}
		number++
		for _, part := range e.Extension {
			if part.URL != "expression" || part.Expr == nil {
				continue
			}
			x, err := (&backward{w: w, at: n}).condition(part.Expr.Expression)
			m := oneAnswer.FindStringSubmatch(x.src)
			if err != nil || m == nil || ref != "" && m[1] != ref || m[2] == "" {
				return "", false
			}
			ref = m[1]
			answers["k"+itoa(number)] = m[2]
		}
	}
	for _, o := range options {
		if keys[w.optionName(o.Value)] == "" {
			return "", false
		}
	}
	for name, key := range keys {
		keys[name] = answers[key]
	}
	return ref + " = " + keyColumn, true
}

// list gives the name of a list that holds exactly these choices, writing it where there is none yet.
func (w *writer) list(n *wnode, options []convert.Option, keys map[string]string) string {
	content := make([][]string, len(options))
	rows := make([]map[string]string, len(options))
	taken := map[string]bool{}
	for i, o := range options {
		plain := w.choiceName(n, o.Value)
		name := plain
		for j := 2; taken[name]; j++ {
			name = plain + "_" + itoa(j)
		}
		if taken[name] = true; name != plain {
			w.note(n, "answerOption", convert.Changed, "the choice %s stands twice; the second is named %s", plain, name)
		}
		row := map[string]string{"name": name}
		switch {
		case o.Coding != nil:
			w.speak(row, "label", cmp.Or(o.Coding.Display, o.Coding.Code), o.Coding.DisplayMore)
		default:
			row[w.column("label", "")] = w.optionName(o.Value)
		}
		content[i] = []string{row["name"]}
		for _, lang := range append([]string{""}, w.langs...) {
			content[i] = append(content[i], row[w.column("label", lang)])
		}
		rows[i] = row
	}
	plain := w.listName(n, options)
	list := plain
	for i := 2; w.lists[list] != nil && !slices.EqualFunc(w.lists[list], content, slices.Equal[[]string]); i++ {
		list = plain + "_" + itoa(i)
	}
	if w.lists[list] == nil {
		w.optionLosses(n, options)
		w.lists[list] = content
		for _, row := range rows {
			row["list_name"] = list
			w.choices = append(w.choices, row)
		}
	}
	w.keys(list, n, options, keys)
	return list
}

// keys fills the column that a filter reads.
func (w *writer) keys(list string, n *wnode, options []convert.Option, keys map[string]string) {
	if len(keys) == 0 {
		return
	}
	column := w.columnOf(list, n)
	if !slices.Contains(w.columns, column) {
		w.columns = append(w.columns, column)
	}
	i := 0
	for _, row := range w.choices {
		if row["list_name"] == list && i < len(options) {
			if key := keys[w.optionName(options[i].Value)]; key != "" {
				row[column] = key
			}
			i++
		}
	}
}

// optionLosses reports what options say that choices cannot.
func (w *writer) optionLosses(n *wnode, options []convert.Option) {
	systems := map[string]bool{}
	extensions := map[string]bool{}
	for _, o := range options {
		if o.Coding == nil {
			if o.Integer != nil || o.Date != "" || o.Time != "" || o.String != "" {
				systems["values that are no codes"] = true
			}
			continue
		}
		if s := o.Coding.System; s != "" && !strings.HasPrefix(s, "urn:xlsform:") && !strings.Contains(s, "/CodeSystem/"+w.id()+"-") {
			systems["the code system "+s] = true
		}
		for _, e := range slices.Concat(o.Extension, o.Coding.Extension) {
			extensions[tail(e.URL)] = true
		}
	}
	for _, what := range sorted(systems) {
		w.note(n, "answerOption", convert.Partial, "choices have names alone: %s is not kept", what)
	}
	for _, what := range sorted(extensions) {
		w.note(n, what, convert.Dropped, "choices have no place for it")
	}
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// code is the name of a choice for a coding.
func (w *writer) code(c *convert.Coding) string {
	return strings.Join(strings.Fields(cmp.Or(c.Code, c.Display)), "_")
}

// choiceName is code, telling what was changed.
func (w *writer) choiceName(n *wnode, v convert.Value) string {
	name := w.optionName(v)
	if v.Coding == nil {
		name = strings.Join(strings.Fields(name), "_")
	} else if v.Coding.Code != name {
		w.note(n, "answerOption", convert.Changed, "the choice “%s” is named %s", cmp.Or(v.Coding.Code, v.Coding.Display), name)
	}
	return cmp.Or(name, "empty")
}

// listName is the name that the code system was made of, or one made of the question's.
func (w *writer) listName(n *wnode, options []convert.Option) string {
	if c := options[0].Coding; c != nil {
		for _, before := range []string{"/CodeSystem/" + w.id() + "-", "urn:xlsform:" + w.id() + ":"} {
			if _, end, ok := strings.Cut(c.System, before); ok {
				if name, err := url.PathUnescape(end); err == nil && name != "" && !strings.ContainsAny(name, " \t\n") {
					return name
				}
			}
		}
	}
	return n.name
}
