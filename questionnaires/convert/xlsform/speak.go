package xlsform

import (
	"slices"
	"sort"
	"strings"

	"kindred/questionnaires/convert"
)

// readLanguages finds the languages of the headers, and which is the form's own.
func (f *form) readLanguages(tables ...*table) {
	f.codes = map[string]string{}
	plain := false
	for _, t := range tables {
		if t == nil {
			continue
		}
		order := make([]int, 0, len(t.columns))
		for i := range t.columns {
			order = append(order, i)
		}
		sort.Ints(order)
		for _, i := range order {
			c := t.columns[i]
			plain = plain || c.name == "label" && c.lang == ""
			if c.lang == "" || !c.known {
				continue
			}
			f.code(c.lang, place(t.name, i, 1))
		}
	}
	own := f.settings.values["default_language"]
	switch {
	case own.text != "" && !strings.EqualFold(own.text, "default"):
		f.language = f.code(own.text, own.place)
	case !plain && len(f.langs) > 0:
		f.language = f.langs[0]
	}
}

// code is the code of a language that a header names.
func (f *form) code(header, at string) string {
	if code, ok := f.codes[header]; ok {
		return code
	}
	code, exact := languageCode(header)
	if !exact {
		f.report.Add(at, "language", convert.Changed, "the language “%s” names no code; it is taken for %s", header, code)
	}
	f.codes[header] = code
	if !slices.Contains(f.langs, code) {
		f.langs = append(f.langs, code)
	}
	return code
}

// speak gives a text in the form's own language, with what stands beside it: translations, and the expression of a text
// that names answers.
func (f *form) speak(r *record, column string, at *node) (string, *convert.Primitive) {
	texts := map[string]cell{}
	for _, s := range r.speech[column] {
		code := f.language
		if s.lang != "" {
			code = f.codes[s.lang]
		}
		if had, twice := texts[code]; twice && had.text != s.text {
			f.report.Add(s.place, column, convert.Dropped, "the language %s stands twice; “%s” is not carried", code, s.text)
			continue
		}
		texts[code] = s.cell
	}
	own := texts[f.language]
	var others []string
	for _, code := range f.langs {
		if c, ok := texts[code]; ok && code != f.language {
			if own.text == "" {
				own = c
				f.report.Add(c.place, column, convert.Changed, "there is no text in the form's own language; that in %s stands for it", code)
			}
			others = append(others, code)
		}
	}
	if own.text == "" {
		return "", nil
	}
	more := &convert.Primitive{}
	plain := own.text
	if references.MatchString(plain) {
		if src, err := f.template(plain, at); err != nil {
			f.untranslated(own, column, err, "the answers that the text names are left out")
		} else {
			more.Extension = append(more.Extension, convert.Extension{URL: convert.Core + "cqf-expression", Value: expression(src)})
		}
		plain = references.ReplaceAllString(plain, "…")
	}
	said := map[string]string{}
	for _, code := range others {
		c := texts[code]
		if references.MatchString(c.text) {
			f.report.Add(c.place, column, convert.Partial, "the answers that the translation “%s” names are left out of it", c.text)
		}
		said[code] = references.ReplaceAllString(c.text, "…")
	}
	if t := convert.Translations(others, said); t != nil {
		more.Extension = append(more.Extension, t.Extension...)
	}
	if len(more.Extension) == 0 {
		more = nil
	}
	return plain, more
}

// template makes an expression of a text that names answers: "Hello ${name}".
func (f *form) template(text string, at *node) (string, error) {
	if at == nil {
		return "", unfit("answers cannot be named here")
	}
	t := translator{form: f, at: at}
	var parts []string
	rest := text
	for {
		where := references.FindStringSubmatchIndex(rest)
		if where == nil {
			break
		}
		if where[0] > 0 {
			parts = append(parts, quote(rest[:where[0]]))
		}
		v, err := t.named(strings.TrimSpace(rest[where[2]:where[3]]))
		if err == nil {
			v, err = t.text(v)
		}
		if err == nil && v.known != nil {
			err = unfit("what it names has no value")
		}
		if err != nil {
			return "", err
		}
		parts = append(parts, v.as(bindAdd+1))
		rest = rest[where[1]:]
		if len(parts) > 100 {
			return "", unfit("a text names more answers than can be carried")
		}
	}
	if rest != "" || len(parts) == 1 {
		parts = append(parts, quote(rest))
	}
	return strings.Join(parts, " & "), nil
}

// untranslated reports an expression that has no equivalent, with its text and what happens without it.
func (f *form) untranslated(c cell, column string, err error, instead string) {
	f.report.Add(c.place, column, convert.Dropped, "%s — %s: %s", c.text, err.Error(), instead)
}
