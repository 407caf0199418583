package sdc

import (
	"slices"

	"kindred/internal/fhirpath"
)

// review finds what does not refuse a form and yet is not as its author meant it: expressions that cannot fit what they
// are held against, items that nobody can ever see, languages into which only a part is translated.
func (c *compiler) review() {
	for _, d := range c.details {
		c.types(d)
	}
	dead := make([]bool, len(c.form.items))
	for i := range c.form.items {
		it := &c.form.items[i]
		if it.parent >= 0 && dead[it.parent] {
			dead[i] = true // told with the item around it
			continue
		}
		if dead[i] = c.never(it); dead[i] {
			c.warn(errUnreachable.With("Link", it.LinkID), it.LinkID)
		}
	}
	c.languages()
}

// types asks FHIRPath what can be known before anything is evaluated. Variables may hold anything.
func (c *compiler) types(d detail) {
	root := "QuestionnaireResponse"
	if d.x.scope >= 0 {
		root = "QuestionnaireResponse.item"
	}
	vars := map[string]string{"resource": "QuestionnaireResponse", "rootResource": "QuestionnaireResponse", "context": root,
		"questionnaire": "Questionnaire", "qitem": "Questionnaire.item", "qItem": "Questionnaire.item"}
	for _, name := range d.x.expr.Reads().Vars {
		if _, known := vars[name]; !known {
			vars[name] = ""
		}
	}
	for _, e := range d.x.expr.Check(fhirpath.CheckOptions{Type: root, Vars: vars}) {
		c.warn(errExpressionType.With("Feature", d.what, "Problem", e.Error()), c.link(d.x.scope))
	}
}

// never tells whether the conditions of an item can never be met.
func (c *compiler) never(it *item) bool {
	if len(it.conditions) == 0 {
		return false
	}
	impossible := 0
	for n := range it.conditions {
		cond := &it.conditions[n]
		if c.impossible(cond) || !it.any && slices.ContainsFunc(it.conditions[:n], func(o condition) bool { return c.contradict(cond, &o) }) {
			impossible++
		}
	}
	if it.any {
		return impossible == len(it.conditions)
	}
	return impossible > 0
}

// impossible tells whether a question can never be answered so: a code that it does not offer, a number out of its
// bounds.
func (c *compiler) impossible(cond *condition) bool {
	if cond.question < 0 {
		return !(cond.operator == "exists" && !cond.exists)
	}
	if cond.operator != "=" {
		return false
	}
	q := &c.form.items[cond.question]
	if len(q.Options) > 0 && q.offers == nil && !q.open && !q.partial {
		return !slices.ContainsFunc(q.Options, func(o Option) bool { return cond.equals(o.Value) })
	}
	return len(q.dynamics) == 0 && q.checkRange(cond.value) != nil
}

// contradict tells whether one question would have to have two answers, and takes one.
func (c *compiler) contradict(a, b *condition) bool {
	if a.question != b.question || a.question < 0 || c.form.items[a.question].Repeats {
		return false
	}
	if a.operator == "exists" && b.operator == "exists" {
		return a.exists != b.exists
	}
	if a.operator == "=" && b.operator == "=" {
		return !a.value.Equal(b.value)
	}
	none := func(x, y *condition) bool { return x.operator == "exists" && !x.exists && y.operator == "=" }
	return none(a, b) || none(b, a)
}

// languages counts what is not translated into the languages that the form begins to speak.
func (c *compiler) languages() {
	f := c.form
	for _, lang := range f.Languages() {
		missing, first := 0, ""
		look := func(t Text, link string) {
			if t.Plain == "" || slices.Contains(t.Languages(), lang) || f.Language == lang {
				return
			}
			if missing++; first == "" {
				first = link
			}
		}
		look(f.Title, "")
		for i := range f.items {
			it := &f.items[i]
			look(it.Text, it.LinkID)
			for _, o := range it.Options {
				look(o.Label, it.LinkID)
			}
		}
		if missing > 0 {
			c.warn(errTranslation.With("Language", lang, "Missing", missing), first)
		}
	}
}
