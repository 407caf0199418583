package compare_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindred/internal/locale"
	"kindred/internal/sample"
	"kindred/questionnaires/compare"
)

// form is a questionnaire in version v with the given items.
func form(version string, items ...string) []byte {
	return []byte(`{"resourceType":"Questionnaire","url":"https://kindred.example/q","version":"` + version + `","language":"en","item":[` + strings.Join(items, ",") + `]}`)
}

// item is an item of a type with further members.
func item(linkID, typ, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"linkId":"` + linkID + `","type":"` + typ + `"` + more + `}`
}

func coding(code, display, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"valueCoding":{"system":"urn:s","code":"` + code + `","display":"` + display + `"` + more + `}}`
}

func options(list ...string) string { return `"answerOption":[` + strings.Join(list, ",") + `]` }

func extension(url, value string) string {
	if !strings.Contains(url, ":") {
		url = "http://hl7.org/fhir/StructureDefinition/" + url
	}
	return `{"url":"` + url + `",` + value + `}`
}

func extensions(list ...string) string { return `"extension":[` + strings.Join(list, ",") + `]` }

func weighted(code, display, weight string) string {
	return coding(code, display, extensions(extension("itemWeight", `"valueDecimal":`+weight)))
}

func translated(member, text, lang, other string) string {
	return `"` + member + `":"` + text + `","_` + member + `":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"` + lang + `"},{"url":"content","valueString":"` + other + `"}]}]}`
}

func expression(url, text string) string {
	if !strings.Contains(url, ":") {
		url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-" + url
	}
	return extension(url, `"valueExpression":{"language":"text/fhirpath","expression":"`+text+`"}`)
}

// kinds lists the changes as linkId:kind.
func kinds(t *testing.T, old, new []byte) string {
	t.Helper()
	changes, err := compare.Compare(old, new)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, old, new)
	}
	var out []string
	for _, c := range changes {
		out = append(out, c.LinkID+":"+string(c.Kind))
		if c.Class != c.Kind.Class() {
			t.Errorf("%+v", c)
		}
		for _, lang := range locale.Languages {
			f := c.Sentence()
			if s := locale.For(lang).T(f.Key, map[string]any(f.Args)); s == "" || strings.Contains(s, "no value") || strings.HasPrefix(s, "[") || s == f.Key {
				t.Errorf("no sentence for %s in %s: %q", c.Kind, lang, s)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestCompare(t *testing.T) {
	pain := func(more string) string { return item("pain", "integer", more) }
	mild, severe := coding("1", "Mild", ""), coding("2", "Severe", "")
	nominalA, nominalB, nominalC := coding("a", "Home", ""), coding("b", "Work", ""), coding("c", "School", "")
	unit := func(code string) string {
		return extension("questionnaire-unit", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"`+code+`"}`)
	}
	group := func(repeats, items string) string {
		return item("g", "group", `"repeats":`+repeats+`,"item":[`+items+`]`)
	}
	when := func(question, operator, answer string) string {
		return `{"question":"` + question + `","operator":"` + operator + `",` + answer + `}`
	}
	set := func(codes ...string) string {
		var list []string
		for _, c := range codes {
			list = append(list, `{"code":"`+c+`","display":"`+strings.ToUpper(c)+`"}`)
		}
		return `"contained":[{"resourceType":"ValueSet","id":"v","compose":{"include":[{"system":"urn:s","concept":[` + strings.Join(list, ",") + `]}]}}]`
	}
	in := func(contained, item string) []byte {
		return []byte(`{"resourceType":"Questionnaire","url":"https://kindred.example/q",` + contained + `,"item":[` + item + `]}`)
	}
	for name, test := range map[string]struct {
		old, new []byte
		want     string
	}{
		"nothing":                            {form("1", pain("")), form("2", pain("")), ""},
		"members in another order":           {form("1", `{"linkId":"a","type":"date","text":"When?"}`), form("2", `{"text":"When?","type":"date","linkId":"a"}`), ""},
		"type":                               {form("1", pain("")), form("2", item("pain", "decimal", "")), "pain:type"},
		"unit":                               {form("1", pain(extensions(unit("kg")))), form("2", pain(extensions(unit("[lb_av]")))), "pain:unit"},
		"unit taken away":                    {form("1", pain(extensions(unit("kg")))), form("2", pain("")), "pain:unit"},
		"punctuation, case and spaces":       {form("1", pain(`"text":"How much pain?"`)), form("2", pain(`"text":"How much  PAIN"`)), "pain:spelling"},
		"a slip of the pen":                  {form("1", pain(`"text":"Did you recieve help?"`)), form("2", pain(`"text":"Did you receive help?"`)), "pain:spelling"},
		"a word that is another word":        {form("1", pain(`"text":"A casual contact?"`)), form("2", pain(`"text":"A causal contact?"`)), "pain:text"},
		"another word":                       {form("1", pain(`"text":"Pain this week?"`)), form("2", pain(`"text":"Pain this month?"`)), "pain:text"},
		"another number":                     {form("1", pain(`"text":"Pain in 7 days?"`)), form("2", pain(`"text":"Pain in 14 days?"`)), "pain:text"},
		"another decimal":                    {form("1", pain(`"text":"More than 1.5 mg?"`)), form("2", pain(`"text":"More than 15 mg?"`)), "pain:text"},
		"a negation":                         {form("1", pain(`"text":"Did you sleep?"`)), form("2", pain(`"text":"Did you not sleep?"`)), "pain:text"},
		"other words, stated to be the same": {form("1", pain(`"text":"Pain this week?"`)), form("2", pain(`"text":"Pain in these seven days?",`+extensions(extension(compare.SameMeaningURL, `"valueString":"Pain this week?"`)))), "pain:restated"},
		"a statement about other words":      {form("1", pain(`"text":"Pain this week?"`)), form("2", pain(`"text":"Pain this month?",`+extensions(extension(compare.SameMeaningURL, `"valueString":"Pain this day?"`)))), "pain:text"},
		"a statement does not help a type":   {form("1", pain(`"text":"a"`)), form("2", item("pain", "string", `"text":"b",`+extensions(extension(compare.SameMeaningURL, `"valueString":"a"`)))), "pain:type pain:restated"},
		"a new language":                     {form("1", pain(`"text":"Pain?"`)), form("2", pain(translated("text", "Pain?", "es", "¿Dolor?"))), ":language"},
		"a translation":                      {form("1", pain(`"text":"Pain?"`), item("b", "date", translated("text", "When?", "es", "¿Cuándo?"))), form("2", pain(translated("text", "Pain?", "es", "¿Dolor?")), item("b", "date", translated("text", "When?", "es", "¿Cuándo?"))), "pain:translation"},
		"a translation reworded":             {form("1", pain(translated("text", "Pain?", "es", "¿Dolor?"))), form("2", pain(translated("text", "Pain?", "es", "¿Molestia?"))), "pain:text"},
		"a language taken away":              {form("1", pain(translated("text", "Pain?", "es", "¿Dolor?"))), form("2", pain(`"text":"Pain?"`)), ":translation"},
		"prefix":                             {form("1", pain(`"prefix":"1"`)), form("2", pain(`"prefix":"2"`)), "pain:prefix"},
		"required":                           {form("1", pain("")), form("2", pain(`"required":true`)), "pain:required"},
		"optional":                           {form("1", pain(`"required":true`)), form("2", pain("")), "pain:optional"},
		"repeats":                            {form("1", pain("")), form("2", pain(`"repeats":true`)), "pain:repeats"},
		"read only":                          {form("1", pain("")), form("2", pain(`"readOnly":true`)), "pain:read_only"},
		"a default":                          {form("1", pain("")), form("2", pain(`"initial":[{"valueInteger":1}]`)), "pain:default"},
		"limits relaxed":                     {form("1", pain(extensions(extension("minValue", `"valueInteger":1`), extension("maxValue", `"valueInteger":10`)))), form("2", pain(extensions(extension("minValue", `"valueInteger":0`)))), "pain:limit_relaxed pain:limit_relaxed"},
		"limits narrowed":                    {form("1", pain(extensions(extension("minValue", `"valueInteger":0`)))), form("2", pain(extensions(extension("minValue", `"valueInteger":1`), extension("maxValue", `"valueInteger":10`)))), "pain:limit_narrowed pain:limit_narrowed"},
		"a limit written otherwise":          {form("1", pain(extensions(extension("maxValue", `"valueDecimal":10`)))), form("2", pain(extensions(extension("maxValue", `"valueDecimal":10.0`)))), ""},
		"a longer text":                      {form("1", item("s", "string", `"maxLength":10`)), form("2", item("s", "string", `"maxLength":20`)), "s:limit_relaxed"},
		"a pattern":                          {form("1", item("s", "string", "")), form("2", item("s", "string", extensions(extension("regex", `"valueString":"a+"`)))), "s:limit_narrowed"},
		"a warning":                          {form("1", pain("")), form("2", pain(extensions(`{"url":"http://hl7.org/fhir/StructureDefinition/targetConstraint","extension":[{"url":"key","valueId":"k"},{"url":"severity","valueCode":"warning"},{"url":"expression","valueExpression":{"language":"text/fhirpath","expression":"true"}}]}`))), "pain:help"},
		"a code where there was none":        {form("1", pain("")), form("2", pain(`"code":[{"system":"http://loinc.org","code":"1"}]`)), "pain:code_added"},
		"another code":                       {form("1", pain(`"code":[{"system":"http://loinc.org","code":"1"}]`)), form("2", pain(`"code":[{"system":"http://loinc.org","code":"2"}]`)), "pain:code"},
		"the name of a code":                 {form("1", pain(`"code":[{"system":"http://loinc.org","code":"1","display":"x"}]`)), form("2", pain(`"code":[{"system":"http://loinc.org","code":"1","display":"y"}]`)), "pain:code_display"},
		"definition":                         {form("1", pain(`"definition":"http://x#a"`)), form("2", pain(`"definition":"http://x#b"`)), "pain:definition"},
		"an option at the end":               {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalA, nominalB, nominalC))), "c:option_added"},
		"an option between":                  {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalA, nominalC, nominalB))), "c:option_added"},
		"an option into a scale":             {form("1", item("c", "choice", options(mild, severe))), form("2", item("c", "choice", options(mild, coding("3", "Moderate", ""), severe))), "c:option_inserted"},
		"an option less":                     {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalA))), "c:option_removed"},
		"a code with another meaning":        {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalA, coding("b", "Garden", "")))), "c:option_text"},
		"a code with a corrected name":       {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalA, coding("b", "work.", "")))), "c:spelling"},
		"options in another order":           {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalB, nominalA))), "c:option_order"},
		"a scale in another order":           {form("1", item("c", "choice", options(mild, severe))), form("2", item("c", "choice", options(severe, mild))), "c:scale_order"},
		"a weighted scale in another order":  {form("1", item("c", "choice", options(weighted("x", "X", "1"), weighted("y", "Y", "2")))), form("2", item("c", "choice", options(weighted("y", "Y", "2"), weighted("x", "X", "1.0")))), "c:scale_order"},
		"a weight":                           {form("1", item("c", "choice", options(weighted("x", "X", "1"), nominalB))), form("2", item("c", "choice", options(weighted("x", "X", "2"), nominalB))), "c:weight"},
		"an exclusive option":                {form("1", item("c", "choice", options(nominalA, nominalB))), form("2", item("c", "choice", options(nominalA, strings.Replace(nominalB, `{"valueCoding"`, `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive","valueBoolean":true}],"valueCoding"`, 1)))), "c:exclusive"},
		"string options":                     {form("1", item("c", "choice", options(`{"valueString":"yes"}`, `{"valueString":"no"}`))), form("2", item("c", "choice", options(`{"valueString":"yes"}`, `{"valueString":"never"}`))), "c:option_removed c:option_added"},
		"a contained set grows":              {in(set("a", "b"), item("c", "choice", `"answerValueSet":"#v"`)), in(set("a", "b", "d"), item("c", "choice", `"answerValueSet":"#v"`)), "c:option_added"},
		"a contained set shrinks":            {in(set("a", "b"), item("c", "choice", `"answerValueSet":"#v"`)), in(set("b"), item("c", "choice", `"answerValueSet":"#v"`)), "c:option_removed"},
		"a list becomes the same set":        {in(`"title":"T"`, item("c", "choice", options(coding("a", "A", ""), coding("b", "B", "")))), in(`"title":"T",`+set("a", "b"), item("c", "choice", `"answerValueSet":"#v"`)), ""},
		"a set that is not here":             {form("1", item("c", "choice", `"answerValueSet":"http://x/v|1"`)), form("2", item("c", "choice", `"answerValueSet":"http://x/v|2"`)), "c:option_unknown"},
		"the same set that is not here":      {form("1", item("c", "choice", `"answerValueSet":"http://x/v"`)), form("2", item("c", "choice", `"answerValueSet":"http://x/v"`)), ""},
		"who is asked":                       {form("1", pain(""), item("b", "date", "")), form("2", pain(""), item("b", "date", `"enableWhen":[`+when("pain", ">", `"answerInteger":0`)+`]`)), "b:asked"},
		"conditions in another order": {form("1", pain(""), item("b", "date", `"enableBehavior":"any","enableWhen":[`+when("pain", "=", `"answerInteger":1`)+`,`+when("pain", "=", `"answerDecimal":2.0`)+`]`)),
			form("2", pain(""), item("b", "date", `"enableBehavior":"any","enableWhen":[`+when("pain", "=", `"answerDecimal":2`)+`,`+when("pain", "=", `"answerInteger":1`)+`]`)), ""},
		"all instead of any": {form("1", pain(""), item("b", "date", `"enableBehavior":"any","enableWhen":[`+when("pain", "=", `"answerInteger":1`)+`,`+when("pain", "=", `"answerInteger":2`)+`]`)),
			form("2", pain(""), item("b", "date", `"enableBehavior":"all","enableWhen":[`+when("pain", "=", `"answerInteger":1`)+`,`+when("pain", "=", `"answerInteger":2`)+`]`)), "b:asked"},
		"hidden":                            {form("1", pain("")), form("2", pain(extensions(extension("questionnaire-hidden", `"valueBoolean":true`)))), "pain:asked"},
		"a calculation":                     {form("1", pain(extensions(expression("calculatedExpression", "1 + 1")))), form("2", pain(extensions(expression("calculatedExpression", "1 + 2")))), "pain:calculated"},
		"a calculation, only formatted":     {form("1", pain(extensions(expression("calculatedExpression", "1 + 1")))), form("2", pain(extensions(expression("calculatedExpression", "1+(1)")))), ""},
		"a variable that a calculation has": {form("1", item("g", "group", extensions(extension("variable", `"valueExpression":{"name":"x","language":"text/fhirpath","expression":"1"}`))+`,"item":[`+pain(extensions(expression("calculatedExpression", "%x + 1")))+`]`)), form("2", item("g", "group", extensions(extension("variable", `"valueExpression":{"name":"x","language":"text/fhirpath","expression":"2"}`))+`,"item":[`+pain(extensions(expression("calculatedExpression", "%x + 1")))+`]`)), "pain:calculated"},
		"a prefilled answer":                {form("1", pain("")), form("2", pain(extensions(expression("initialExpression", "1")))), "pain:default"},
		"offered choices":                   {form("1", item("c", "choice", "")), form("2", item("c", "choice", extensions(expression("answerExpression", "1")))), "c:choices"},
		"into a repeating group":            {form("1", pain(""), group("true", item("x", "date", ""))), form("2", group("true", item("x", "date", "")+","+pain(""))), "pain:repetition"},
		"a group that begins to repeat":     {form("1", group("false", pain(""))), form("2", group("true", pain(""))), "g:repeats pain:repetition"},
		"into another group":                {form("1", pain(""), group("false", item("x", "date", ""))), form("2", group("false", item("x", "date", "")+","+pain(""))), "pain:grouping"},
		"below a condition":                 {form("1", pain(""), item("h", "group", `"enableWhen":[`+when("z", "exists", `"answerBoolean":true`)+`]`)), form("2", item("h", "group", `"enableWhen":[`+when("z", "exists", `"answerBoolean":true`)+`],"item":[`+pain("")+`]`)), "pain:asked"},
		"below a question":                  {form("1", pain(""), item("b", "boolean", "")), form("2", item("b", "boolean", `"item":[`+pain("")+`]`)), "pain:asked"},
		"order":                             {form("1", pain(""), item("b", "date", "")), form("2", item("b", "date", ""), pain("")), ":order"},
		"a new item":                        {form("1", pain("")), form("2", pain(""), item("b", "date", "")), "b:item_added"},
		"an item less":                      {form("1", pain(""), item("b", "date", "")), form("2", pain("")), "b:item_removed"},
		"an item replaced":                  {form("1", pain("")), form("2", item("pain-2", "decimal", extensions(extension(compare.ReplacesURL, `"valueString":"pain"`)))), "pain-2:item_added pain:item_replaced"},
		"a condition on what was replaced": {form("1", pain(""), item("b", "date", `"enableWhen":[`+when("pain", "exists", `"answerBoolean":true`)+`]`)),
			form("2", item("pain-2", "decimal", extensions(extension(compare.ReplacesURL, `"valueString":"pain"`))), item("b", "date", `"enableWhen":[`+when("pain-2", "exists", `"answerBoolean":true`)+`]`)), "pain-2:item_added pain:item_replaced"},
		"text between questions": {form("1", pain(""), item("d", "display", `"text":"Hello"`)), form("2", pain(""), item("d", "display", `"text":"Welcome"`), item("e", "display", "")), "d:display_item e:display_item"},
		"item control":           {form("1", pain("")), form("2", pain(extensions(extension("questionnaire-itemControl", `"valueCodeableConcept":{"coding":[{"code":"slider"}]}`)))), "pain:rendering"},
		"help":                   {form("1", pain("")), form("2", pain(extensions(extension("entryFormat", `"valueString":"0 to 10"`)))), "pain:help"},
		"extraction":             {form("1", pain(extensions(extension("http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract", `"valueBoolean":true`)))), form("2", pain("")), "pain:extraction"},
		"title":                  {[]byte(`{"resourceType":"Questionnaire","title":"A"}`), []byte(`{"resourceType":"Questionnaire","title":"B","status":"retired","date":"2026"}`), ":title"},
		"another questionnaire":  {[]byte(`{"resourceType":"Questionnaire","url":"urn:a"}`), []byte(`{"resourceType":"Questionnaire","url":"urn:b"}`), ":identity"},
		"another subject":        {[]byte(`{"resourceType":"Questionnaire","subjectType":["Patient"]}`), []byte(`{"resourceType":"Questionnaire","subjectType":["RelatedPerson"]}`), ":subject"},
		"what is shown instead":  {form("1", pain(`"text":"Pain?"`)), form("2", pain(`"text":"Pain?","_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/rendering-xhtml","valueString":"<b>Pain</b> today?"}]}`)), "pain:text"},
		"shown in bold":          {form("1", pain(`"text":"Pain?"`)), form("2", pain(`"text":"Pain?","_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/rendering-xhtml","valueString":"<b>Pain</b>?"}]}`)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := kinds(t, test.old, test.new); got != test.want {
				t.Errorf("got  %s\nwant %s\n%s\n%s", got, test.want, test.old, test.new)
			}
			for _, same := range [][]byte{test.old, test.new} {
				if got := kinds(t, same, same); got != "" {
					t.Errorf("differs from itself: %s\n%s", got, same)
				}
			}
		})
	}
}

func TestCompareRefuses(t *testing.T) {
	if _, err := compare.Compare([]byte(`{"resourceType":"Patient"}`), form("1")); !errors.Is(err, compare.ErrResource) {
		t.Error(err)
	}
	if _, err := compare.Compare(form("1"), []byte(`{`)); err == nil {
		t.Error("half a file compares")
	}
}

func TestProposals(t *testing.T) {
	old := form("1", item("pain", "integer", ""), item("pain-2", "integer", ""), item("x-9", "date", ""), item("q", "date", ""), item("q-2", "date", ""))
	changes, err := compare.Compare(old, form("2", item("pain", "string", ""), item("pain-2", "integer", ""), item("x-9", "time", ""), item("q", "date", ""), item("q-2", "time", "")))
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{changes[0].Propose, changes[1].Propose, changes[2].Propose}; !slices.Equal(got, []string{"pain-3", "x-9-2", "q-3"}) {
		t.Error(got)
	}
	if changes.Class() != compare.Meaning {
		t.Error(changes.Class())
	}
}

func TestRefusals(t *testing.T) {
	integer, text := item("pain", "integer", ""), item("pain", "string", "")
	asked := func(statement string) string {
		return item("b", "date", `"enableWhen":[{"question":"pain","operator":"exists","answerBoolean":true}]`+statement)
	}
	for name, test := range map[string]struct {
		published [][]byte
		next      []byte
		want      string
	}{
		"nothing published":      {nil, form("1", integer), ""},
		"the same":               {[][]byte{form("1", integer)}, form("2", integer), ""},
		"another type":           {[][]byte{form("1", integer)}, form("2", text), "pain compare.type, pain compare.propose pain-2"},
		"back from long ago":     {[][]byte{form("1", integer), form("2", item("a", "date", ""))}, form("3", text), "pain compare.type, pain compare.propose pain-2"},
		"proposal never used":    {[][]byte{form("1", item("pain-2", "date", "")), form("2", integer)}, form("3", text), "pain compare.type, pain compare.propose pain-3"},
		"an item less":           {[][]byte{form("1", integer, item("a", "date", ""))}, form("2", integer), ""},
		"who is asked":           {[][]byte{form("1", integer, item("b", "date", ""))}, form("2", integer, asked("")), "b compare.asked, b compare.propose b-2"},
		"who is asked, stated":   {[][]byte{form("1", integer, item("b", "date", ""))}, form("2", integer, asked(`,`+extensions(extension(compare.MissingSinceURL, `"valueString":"2"`)))), ""},
		"a statement of version": {[][]byte{form("2", integer, item("b", "date", ""))}, form("3", integer, asked(`,`+extensions(extension(compare.MissingSinceURL, `"valueString":"2"`)))), "b compare.asked, b compare.propose b-2"},
	} {
		list, err := compare.Refusals(test.next, test.published...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range list {
			s := f.Field + " " + f.Key
			if p, ok := f.Args["Propose"]; ok {
				s += fmt.Sprint(" ", p)
			}
			got = append(got, s)
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}

func TestLineage(t *testing.T) {
	pain := func(typ string) string { return item("pain", typ, `"text":"Pain?"`) }
	columns, err := compare.Lineage(
		form("1", pain("integer"), item("d", "display", ""), item("old", "date", "")),
		form("2", pain("integer"), item("new", "date", extensions(extension(compare.ReplacesURL, `"valueString":"old"`)))),
		form("3", pain("string"), item("new", "date", `"required":true`)),
		form("4", item("old", "date", "")))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range columns {
		got = append(got, fmt.Sprintf("%s %s %v since %v replaces %v by %q", c.LinkID, c.Type, c.Versions, c.MissingSince, c.Replaces, c.ReplacedBy))
		if len(c.Definition) != 16 {
			t.Errorf("%+v", c)
		}
	}
	want := []string{`pain integer [0 1] since [] replaces [] by "pain"`, `old date [0 3] since [] replaces [] by "new"`,
		`new date [1 2] since [2] replaces [old] by ""`, `pain string [2] since [] replaces [pain] by ""`}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if columns[0].Definition == columns[3].Definition {
		t.Error("two meanings have one fingerprint")
	}
	if !columns[1].In(3) || columns[1].In(1) {
		t.Error("In")
	}
}

func TestRealForms(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(sample.Path(t, "samples", "questionnaires", "bit-of-everything.json")), "*.json"))
	for _, f := range files {
		raw := sample.Read(t, "samples", "questionnaires", filepath.Base(f))
		if got := kinds(t, raw, raw); got != "" {
			t.Errorf("%s differs from itself: %s", f, got)
		}
		columns, err := compare.Lineage(raw, raw, raw)
		if err != nil || len(columns) == 0 {
			t.Fatalf("%s: %v", f, err)
		}
		for _, c := range columns {
			if len(c.Versions) != 3 {
				t.Errorf("%s: %+v", f, c)
			}
		}
		if list, err := compare.Refusals(raw, raw, raw); err != nil || len(list) > 0 {
			t.Errorf("%s: %v %v", f, list, err)
		}
	}
}
