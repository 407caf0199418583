package redcap

import (
	"maps"
	"strings"

	"kindred/questionnaires/convert"
)

// name gives every item that becomes a field its variable name: its linkId, or one made from it. linkIds that are
// variable names keep them, so that no other is renamed to one of theirs.
func (w *writer) name(items []convert.Item) {
	var all []*convert.Item
	var walk func(items []convert.Item)
	walk = func(items []convert.Item) {
		for i := range items {
			if items[i].Type != "group" && !beside(&items[i]) {
				all = append(all, &items[i])
			}
			walk(items[i].Item)
		}
	}
	walk(items)
	maps.Copy(w.taken, reservedNames)
	for _, it := range all {
		if variableName.MatchString(it.LinkID) && len(it.LinkID) <= maxName && !w.taken[it.LinkID] {
			w.taken[it.LinkID] = true
			w.fieldNames[it.LinkID] = it.LinkID
		}
	}
	for _, it := range all {
		if _, has := w.fieldNames[it.LinkID]; has {
			continue
		}
		name := slugOf(it.LinkID, '_')
		if name == "" || isDigit(name[0]) {
			name = strings.TrimSuffix("q_"+name, "_")
		}
		name = unique(name, w.taken)
		w.fieldNames[it.LinkID] = name
		w.add(it.LinkID, "linkId", convert.Changed, "The variable is called %s.", name)
	}
}

// beside tells whether an item is a display that belongs to another item: its help, its unit, the ends of a slider.
func beside(it *convert.Item) bool {
	if it.Type != "display" {
		return false
	}
	switch controlOf(it.Extension) {
	case "help", "flyover", "lower", "upper", "unit", "prompt":
		return true
	}
	return strings.HasSuffix(it.LinkID, "-middle")
}

// controlOf is the code of an item's itemControl.
func controlOf(list []convert.Extension) string {
	if e := find(list, convert.Core+"questionnaire-itemControl"); e != nil && e.Concept != nil {
		for _, c := range e.Concept.Coding {
			if c.Code != "" {
				return c.Code
			}
		}
	}
	return ""
}

// keptOf is what Read kept of a column that FHIR has no place for.
func keptOf(it *convert.Item, column string) string {
	if it == nil {
		return ""
	}
	if e := find(it.Extension, FieldURL); e != nil {
		for _, k := range e.Extension {
			if k.URL == column {
				return k.String
			}
		}
	}
	return ""
}

// constraintOf takes a targetConstraint apart.
func constraintOf(e convert.Extension) (key string, expr convert.Expression) {
	if e.URL != convert.Core+"targetConstraint" && e.URL != convert.SDC+"sdc-questionnaire-targetConstraint" {
		return "", expr
	}
	for _, part := range e.Extension {
		switch {
		case part.URL == "key":
			key = part.ID + part.String
		case part.URL == "expression" && part.Expr != nil:
			expr = *part.Expr
		}
	}
	return key, expr
}

// choicesOf are the choices of a question, from its options or from the value set that it names and carries. With tell
// it reports what they lose.
func (w *writer) choicesOf(it *convert.Item, tell bool) ([]choice, bool) {
	options := it.AnswerOption
	if it.AnswerValueSet != "" {
		set, ok := w.sets[it.AnswerValueSet]
		if !ok || set.Compose == nil {
			return nil, false
		}
		for _, inc := range set.Compose.Include {
			for _, c := range inc.Concept {
				options = append(options, convert.Option{Value: convert.Value{Coding: &convert.Coding{System: inc.System, Code: c.Code, Display: c.Display}}})
				if len(c.Designation) > 0 && tell {
					w.add(it.LinkID, "translations", convert.Dropped, "REDCap keeps translations outside the dictionary.")
				}
			}
		}
	}
	var out []choice
	codes := map[string]string{}
	taken := map[string]bool{}
	for _, o := range options {
		key, code, label := optionOf(o.Value)
		clean := cleanCode(code)
		clean = unique(clean, taken)
		if clean != code && tell {
			w.add(it.LinkID, "code "+clip(code), convert.Changed, "The code is %s in REDCap.", clean)
		}
		if label == "" && (o.Coding == nil || o.Coding.System != w.q.URL+"/"+it.LinkID) {
			label = code
		}
		codes[key] = clean
		out = append(out, choice{clean, partText(label)})
	}
	if tell {
		w.codes[w.fieldNames[it.LinkID]] = codes
	}
	return out, true
}

// optionOf is what tells an option from others, its code and its label.
func optionOf(v convert.Value) (key, code, label string) {
	switch {
	case v.Coding != nil:
		code = v.Coding.Code
		if code == "" {
			code = v.Coding.Display
		}
		return v.Coding.System + "|" + v.Coding.Code, code, v.Coding.Display
	case v.Integer != nil:
		code = itoa(*v.Integer)
	default:
		code = v.Date + v.Time + v.String
	}
	return code, code, code
}

// cleanCode makes a code that REDCap takes: no separators, brackets or quotes.
func cleanCode(s string) string {
	out := strings.Map(func(r rune) rune {
		if strings.ContainsRune(",|\n\r\t'\"[]()", r) {
			return '_'
		}
		return r
	}, strings.TrimSpace(s))
	if out == "" {
		return "_"
	}
	return out
}
