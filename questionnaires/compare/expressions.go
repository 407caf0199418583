package compare

import (
	"slices"
	"strings"

	"kindred/internal/fhirpath"
	"kindred/internal/jsonscan"
)

// formatted is an expression without what only its formatting is. Text that is no expression at all is itself.
func formatted(v jsonscan.Value) string {
	source, language := v.Text(), "text/fhirpath"
	if v.Kind() == jsonscan.Object {
		source, language = v.Get("expression").Text(), v.Get("language").Text()
	}
	if language == "text/fhirpath" {
		if e, err := fhirpath.Compile(source, fhirpath.Options{}); err == nil {
			return e.String()
		}
	}
	return language + ": " + strings.Join(strings.Fields(source), " ") + v.Get("reference").Text()
}

// meaning is an expression with every variable that it uses, so that a change of a variable shows where it is used.
func (i *item) meaning(v jsonscan.Value) string {
	var b strings.Builder
	seen := map[string]bool{}
	queue := []jsonscan.Value{v}
	for len(queue) > 0 && len(seen) < 1000 {
		x := queue[0]
		queue = queue[1:]
		text := formatted(x)
		b.WriteString(text)
		for _, name := range variablesIn(text) {
			if seen[name] {
				continue
			}
			seen[name] = true
			if def := i.variable(name); def.Exists() {
				b.WriteString("; %" + name + " = ")
				queue = append(queue, def)
			}
		}
	}
	return b.String()
}

// variablesIn lists the names after %.
func variablesIn(text string) []string {
	var out []string
	for _, part := range strings.Split(text, "%")[1:] {
		part = strings.TrimLeft(part, "`'\"")
		end := strings.IndexFunc(part, func(r rune) bool {
			return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
		if end < 0 {
			end = len(part)
		}
		if end > 0 {
			out = append(out, part[:end])
		}
	}
	return out
}

// variable is the nearest definition of a name: at the item, above it, or at the form.
func (i *item) variable(name string) jsonscan.Value {
	for at := i; at != nil; at = at.parent {
		if v := variable(at.v, name); v.Exists() {
			return v
		}
	}
	return variable(i.form.v, name)
}

func variable(v jsonscan.Value, name string) jsonscan.Value {
	for _, e := range extensions(v, core+"variable") {
		if x := e.Get("valueExpression"); x.Get("name").Text() == name {
			return x
		}
	}
	return jsonscan.Value{}
}

// ruled are the extensions whose expressions decide something, with the kind that another expression makes.
var ruled = []struct {
	kind Kind
	what string
	urls []string
}{
	{Calculated, "calculatedExpression", []string{sdc + "sdc-questionnaire-calculatedExpression", core + "questionnaire-calculatedExpression", core + "cqf-calculatedValue",
		"https://kindred.example/fhir/StructureDefinition/score", "https://kindred.example/fhir/StructureDefinition/score-error"}},
	{Asked, "enableWhenExpression", []string{sdc + "sdc-questionnaire-enableWhenExpression", core + "questionnaire-enableWhenExpression"}},
	{Default, "initialExpression", []string{sdc + "sdc-questionnaire-initialExpression", core + "questionnaire-initialExpression", sdc + "sdc-questionnaire-itemPopulationContext"}},
	{Choices, "answerExpression", []string{sdc + "sdc-questionnaire-answerExpression", core + "questionnaire-answerExpression",
		sdc + "sdc-questionnaire-candidateExpression", sdc + "sdc-questionnaire-answerOptionsToggleExpression",
		core + "questionnaire-referenceResource", core + "questionnaire-referenceProfile", core + "questionnaire-referenceFilter"}},
	{Definition, "subQuestionnaire", []string{sdc + "sdc-questionnaire-subQuestionnaire", core + "questionnaire-baseType", core + "questionnaire-fhirType"}},
}

func (d *diff) rules(o, n *item) {
	for _, r := range ruled {
		a, b := o.rule(r.urls), n.rule(r.urls)
		if a != b {
			d.add(n, r.kind, r.what, r.what, a, b)
		}
	}
}

func (i *item) rule(urls []string) string {
	var out []string
	for _, e := range extensions(i.v, urls...) {
		if x := e.Get("valueExpression"); x.Exists() {
			out = append(out, i.meaning(x))
		} else {
			out = append(out, canonical(e))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}
