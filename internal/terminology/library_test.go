package terminology_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"kindred/internal/fhirpath"
	"kindred/internal/jsonscan"
	"kindred/internal/sample"
	"kindred/internal/terminology"
)

var _ fhirpath.Terminology = (*terminology.Library)(nil)

func value(tb testing.TB, text string) jsonscan.Value {
	tb.Helper()
	d, err := jsonscan.Parse([]byte(text), jsonscan.Default)
	if err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return d.Root()
}

// library holds the given resources; those without a resourceType are ValueSets, those with concept CodeSystems.
func library(tb testing.TB, texts ...string) *terminology.Library {
	tb.Helper()
	l := terminology.NewLibrary()
	for _, text := range texts {
		if err := l.Add(value(tb, text)); err != nil {
			tb.Fatalf("%v in %s", err, text)
		}
	}
	return l
}

// codes lists an expansion: the codes, "…" when there may be more, or the key of the fault.
func codes(l *terminology.Library, ref string) string {
	e, err := l.Expand(ref)
	if err != nil {
		return keyOf(err)
	}
	var out []string
	for _, c := range e.Concepts {
		name := c.Code
		if c.Abstract {
			name = "(" + name + ")"
		}
		if c.Inactive {
			name = "-" + name
		}
		out = append(out, name)
	}
	if !e.Complete {
		out = append(out, "…")
	}
	return strings.Join(out, " ")
}

func keyOf(err error) string {
	for _, e := range []error{terminology.ErrUnknownSet, terminology.ErrNeedsServer, terminology.ErrTooLarge, terminology.ErrCycle,
		terminology.ErrResource, terminology.ErrRule, terminology.ErrTwice} {
		if errors.Is(err, e) {
			return e.Error()
		}
	}
	return "other: " + err.Error()
}

// animals has a hierarchy by nesting, one by properties, and properties to filter by.
const animals = `{"resourceType":"CodeSystem","url":"http://x/animals","version":"1.10","content":"complete","caseSensitive":true,"hierarchyMeaning":"is-a",
"valueSet":"http://x/animals-all",
"property":[{"code":"legs","type":"integer"},{"code":"kind","type":"code","uri":"http://hl7.org/fhir/concept-properties#parent"},{"code":"gone","type":"boolean","uri":"http://hl7.org/fhir/concept-properties#inactive"},{"code":"select","type":"boolean","uri":"http://hl7.org/fhir/concept-properties#notSelectable"}],
"concept":[
 {"code":"animal","display":"Animal","property":[{"code":"select","valueBoolean":true}],"concept":[
  {"code":"bird","display":"Bird","property":[{"code":"legs","valueInteger":2}],"concept":[{"code":"dodo","display":"Dodo","property":[{"code":"legs","valueInteger":2},{"code":"gone","valueBoolean":true}]},{"code":"duck","display":"Duck","property":[{"code":"legs","valueInteger":2}]}]},
  {"code":"mammal","display":"Mammal","concept":[{"code":"dog","display":"Dog","designation":[{"language":"es","value":"Perro"},{"language":"de-AT","value":"Hund"}],"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/itemWeight","valueDecimal":1.50}],"property":[{"code":"legs","valueInteger":4}]}]}]},
 {"code":"bat","display":"Bat","property":[{"code":"kind","valueCode":"mammal"},{"code":"legs","valueInteger":2}]},
 {"code":"stone","display":"Stone"}]}`

func system(url, content string, codes ...string) string {
	var concepts []string
	for _, c := range codes {
		concepts = append(concepts, `{"code":"`+c+`"}`)
	}
	return `{"resourceType":"CodeSystem","url":"` + url + `","content":"` + content + `","concept":[` + strings.Join(concepts, ",") + `]}`
}

// composed is a set at http://x/v with the given compose.
func composed(compose string) string {
	return `{"resourceType":"ValueSet","url":"http://x/v","compose":{` + compose + `}}`
}

func TestCompose(t *testing.T) {
	filter := func(property, op, value string) string {
		return `"include":[{"system":"http://x/animals","filter":[{"property":"` + property + `","op":"` + op + `","value":"` + value + `"}]}]`
	}
	for name, test := range map[string]struct{ compose, want string }{
		"a whole system":                {`"include":[{"system":"http://x/animals"}]`, "(animal) bird -dodo duck mammal dog bat stone"},
		"a whole system that is absent": {`"include":[{"system":"http://x/absent"}]`, "unready: terminology.needs_server"},
		"another version":               {`"include":[{"system":"http://x/animals","version":"2"}]`, "unready: terminology.needs_server"},
		"the version":                   {`"include":[{"system":"http://x/animals","version":"1.10","filter":[{"property":"concept","op":"is-a","value":"bird"}]}]`, "bird -dodo duck"},
		"enumerated":                    {`"include":[{"system":"http://x/animals","concept":[{"code":"dog"},{"code":"bat"}]}]`, "dog bat"},
		"enumerated, one that the system does not have": {`"include":[{"system":"http://x/animals","concept":[{"code":"dog"},{"code":"unicorn"}]}]`, "dog"},
		"enumerated, the system is absent":              {`"include":[{"system":"http://x/absent","concept":[{"code":"a"},{"code":"b"}]}]`, "a b"},
		"enumerated and a system that is absent":        {`"include":[{"system":"http://x/animals","concept":[{"code":"dog"}]},{"system":"http://x/absent"}]`, "dog …"},
		"several includes are a union, each once":       {`"include":[{"system":"http://x/animals","concept":[{"code":"dog"}]},{"system":"http://x/animals","concept":[{"code":"bat"},{"code":"dog"}]}]`, "dog bat"},
		"excluded":                           {`"include":[{"system":"http://x/animals"}],"exclude":[{"system":"http://x/animals","concept":[{"code":"animal"},{"code":"stone"}]}]`, "bird -dodo duck mammal dog bat"},
		"excluded by a filter":               {`"include":[{"system":"http://x/animals"}],"exclude":[{"system":"http://x/animals","filter":[{"property":"concept","op":"is-a","value":"animal"}]}]`, "stone"},
		"excluded: a system that is absent":  {`"include":[{"system":"http://x/absent","concept":[{"code":"a"}]},{"system":"http://x/animals","concept":[{"code":"dog"}]}],"exclude":[{"system":"http://x/absent"}]`, "dog"},
		"excluded: a set that is absent":     {`"include":[{"system":"http://x/animals","concept":[{"code":"dog"}]}],"exclude":[{"valueSet":["http://x/nowhere"]}]`, "missing: terminology.unknown_set"},
		"without what is inactive":           {`"inactive":false,"include":[{"system":"http://x/animals","filter":[{"property":"concept","op":"is-a","value":"bird"}]}]`, "bird duck"},
		"=":                                  {filter("legs", "=", "2"), "bird -dodo duck bat"},
		"in":                                 {filter("legs", "in", "4, 3"), "dog"},
		"not-in":                             {filter("legs", "not-in", "2,3"), "(animal) mammal dog stone"},
		"in, codes":                          {filter("concept", "in", "dog,bat"), "dog bat"},
		"is-a":                               {filter("concept", "is-a", "mammal"), "mammal dog bat"},
		"is-a, by code":                      {filter("code", "is-a", "mammal"), "mammal dog bat"},
		"descendent-of":                      {filter("concept", "descendent-of", "mammal"), "dog bat"},
		"is-not-a":                           {filter("concept", "is-not-a", "animal"), "stone"},
		"generalizes":                        {filter("concept", "generalizes", "bat"), "(animal) mammal bat"},
		"child-of":                           {filter("concept", "child-of", "animal"), "bird mammal"},
		"descendent-leaf":                    {filter("concept", "descendent-leaf", "animal"), "-dodo duck dog bat"},
		"regex, whole code":                  {filter("concept", "regex", "d.*"), "-dodo duck dog"},
		"regex, anchored at both ends":       {filter("concept", "regex", "o|do"), ""},
		"regex of a property":                {filter("display", "regex", "[AB].*"), "(animal) bird bat"},
		"regex with a look-ahead":            {filter("concept", "regex", "d(?=o)"), "unready: terminology.needs_server"},
		"exists":                             {filter("legs", "exists", "true"), "bird -dodo duck dog bat"},
		"exists not":                         {filter("legs", "exists", "false"), "(animal) mammal stone"},
		"parent, by nesting and by property": {filter("parent", "=", "mammal"), "dog bat"},
		"the same by its own name":           {filter("kind", "=", "mammal"), "dog bat"},
		"child":                              {filter("child", "=", "bat"), "mammal"},
		"a property that nobody defines":     {filter("wings", "=", "2"), "unready: terminology.needs_server"},
		"an operator that nobody defines":    {filter("concept", "sounds-like", "dog"), "unready: terminology.needs_server"},
		"is-a of a code that is not there":   {filter("concept", "is-a", "unicorn"), "unready: terminology.needs_server"},
		"filters are intersected":            {`"include":[{"system":"http://x/animals","filter":[{"property":"legs","op":"=","value":"2"},{"property":"concept","op":"is-a","value":"mammal"}]}]`, "bat"},
		"an import":                          {`"include":[{"valueSet":["http://x/birds"]}]`, "bird -dodo duck"},
		"imports within one include are intersected":   {`"include":[{"valueSet":["http://x/birds","http://x/living"]}]`, "bird duck"},
		"a system and an import":                       {`"include":[{"system":"http://x/animals","filter":[{"property":"concept","op":"regex","value":"d.*"}],"valueSet":["http://x/living"]}]`, "duck dog"},
		"a whole system that is absent and an import":  {`"include":[{"system":"http://x/absent","valueSet":["http://x/mixed"]}]`, "a"},
		"a set that is absent, intersected":            {`"include":[{"system":"http://x/animals","concept":[{"code":"dog"}],"valueSet":["http://x/nowhere"]}]`, "missing: terminology.unknown_set"},
		"a set that is absent, beside another":         {`"include":[{"valueSet":["http://x/nowhere"]},{"valueSet":["http://x/living"]}]`, "bird duck mammal dog bat …"},
		"an import in its version":                     {`"include":[{"valueSet":["http://x/birds|9"]}]`, "missing: terminology.unknown_set"},
		"the set of all codes of a system":             {`"include":[{"valueSet":["http://x/animals-all"]}]`, "(animal) bird -dodo duck mammal dog bat stone"},
		"itself":                                       {`"include":[{"valueSet":["http://x/v"]}]`, "invalid: terminology.cycle"},
		"every version":                                {`"include":[{"system":"http://x/animals","version":"*","filter":[{"property":"legs","op":"=","value":"4"}]}]`, "dog …"},
		"a fragment":                                   {`"include":[{"system":"http://x/part"}]`, "p q …"},
		"a fragment, what lacks something":             {`"include":[{"system":"http://x/part","filter":[{"property":"concept","op":"not-in","value":"p"}]}]`, "unready: terminology.needs_server"},
		"a fragment, enumerated":                       {`"include":[{"system":"http://x/part","concept":[{"code":"z"}]}]`, "z"},
		"a fragment, excluding some of it":             {`"include":[{"system":"http://x/part"}],"exclude":[{"system":"http://x/part","concept":[{"code":"p"}]}]`, "q …"},
		"nothing of a system whose codes are not here": {`"include":[{"system":"http://x/none"}]`, "unready: terminology.needs_server"},
		"built in":                                         {`"include":[{"system":"http://hl7.org/fhir/administrative-gender"}]`, "male female other unknown"},
		"a system of another case":                         {`"include":[{"system":"http://x/loud","concept":[{"code":"YES"}]}]`, "YES"},
		"a hierarchy that does not mean is-a":              {`"include":[{"system":"http://x/body","filter":[{"property":"concept","op":"is-a","value":"arm"}]}]`, "unready: terminology.needs_server"},
		"a filter on the hierarchy of a flat, partly open": {`"include":[{"system":"http://x/part","filter":[{"property":"concept","op":"is-a","value":"p"}]}]`, "p …"},
	} {
		t.Run(name, func(t *testing.T) {
			l := library(t, animals, system("http://x/part", "fragment", "p", "q"), system("http://x/none", "not-present"),
				`{"resourceType":"CodeSystem","url":"http://x/loud","content":"complete","caseSensitive":false,"concept":[{"code":"Yes"}]}`,
				`{"resourceType":"CodeSystem","url":"http://x/body","content":"complete","hierarchyMeaning":"part-of","concept":[{"code":"arm","concept":[{"code":"hand"}]}]}`,
				`{"resourceType":"ValueSet","url":"http://x/birds","compose":{"include":[{"system":"http://x/animals","filter":[{"property":"concept","op":"is-a","value":"bird"}]}]}}`,
				`{"resourceType":"ValueSet","url":"http://x/living","compose":{"inactive":false,"include":[{"system":"http://x/animals","filter":[{"property":"concept","op":"descendent-of","value":"animal"}]}]}}`,
				`{"resourceType":"ValueSet","url":"http://x/mixed","compose":{"include":[{"system":"http://x/absent","concept":[{"code":"a"}]},{"system":"http://x/animals","concept":[{"code":"dog"}]}]}}`,
				composed(test.compose))
			if got := codes(l, "http://x/v"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			agree(t, l, "http://x/v")
		})
	}
}

// agree holds Expand and MemberOf to each other.
func agree(tb testing.TB, l *terminology.Library, ref string) {
	tb.Helper()
	e, err := l.Expand(ref)
	if err != nil {
		return
	}
	for _, c := range e.Concepts {
		if in, known := l.MemberOf(ref, c.System, c.Code); !in || !known {
			tb.Errorf("%s lists %s|%s, and MemberOf says %t, %t", ref, c.System, c.Code, in, known)
		}
	}
	if in, known := l.MemberOf(ref, "urn:nobody", "no-such-code"); in || e.Complete && !known {
		tb.Errorf("%s: a code of nobody: %t, %t", ref, in, known)
	}
}

func TestMemberOf(t *testing.T) {
	l := library(t, animals, system("http://x/part", "fragment", "p", "q"),
		`{"resourceType":"CodeSystem","url":"http://x/loud","content":"complete","caseSensitive":false,"concept":[{"code":"Yes"}]}`,
		composed(`"include":[{"system":"http://x/animals","filter":[{"property":"concept","op":"is-a","value":"bird"}]},{"system":"http://x/loud"}]`),
		`{"resourceType":"ValueSet","url":"http://x/open","compose":{"include":[{"system":"http://x/part"},{"system":"http://x/animals","concept":[{"code":"dog"}]}],"exclude":[{"system":"http://x/part","concept":[{"code":"r"}]}]}}`)
	for _, test := range []struct {
		set, system, code string
		member, known     bool
	}{
		{"http://x/v", "http://x/animals", "duck", true, true},
		{"http://x/v", "http://x/animals", "Duck", false, true},
		{"http://x/v", "http://x/animals", "dog", false, true},
		{"http://x/v", "http://x/loud", "yES", true, true},
		{"http://x/v", "", "duck", true, true},
		{"http://x/v", "", "dog", false, true},
		{"http://x/v", "http://x/animals", "", false, true},
		{"http://x/open", "http://x/part", "p", true, true},
		{"http://x/open", "http://x/part", "other", false, false},
		{"http://x/open", "http://x/part", "r", false, true},
		{"http://x/open", "http://x/animals", "bat", false, true},
		{"http://x/open", "", "other", false, false},
		{"http://x/nowhere", "http://x/part", "p", false, false},
		{"http://snomed.info/sct?fhir_vs", "http://snomed.info/sct", "1", false, false},
	} {
		if member, known := l.MemberOf(test.set, test.system, test.code); member != test.member || known != test.known {
			t.Errorf("MemberOf(%s, %s, %s) = %t, %t", test.set, test.system, test.code, member, known)
		}
	}
}

func TestSubsumesWeightDisplay(t *testing.T) {
	l := library(t, animals, `{"resourceType":"CodeSystem","url":"http://x/body","content":"complete","concept":[{"code":"arm","concept":[{"code":"hand"}]},{"code":"leg"}]}`,
		`{"resourceType":"CodeSystem","url":"http://x/more","content":"supplement","supplements":"http://x/animals","language":"eu","concept":[{"code":"duck","display":"Ahate"},{"code":"bat","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/itemWeight","valueDecimal":3}]},{"code":"new"}]}`)
	for _, test := range []struct {
		a, b       string
		yes, known bool
	}{
		{"animal", "bat", true, true}, {"bat", "animal", false, true}, {"dog", "dog", true, true}, {"bird", "dog", false, true}, {"animal", "unicorn", false, false},
	} {
		if yes, known := l.Subsumes("http://x/animals", test.a, test.b); yes != test.yes || known != test.known {
			t.Errorf("Subsumes(%s, %s) = %t, %t", test.a, test.b, yes, known)
		}
	}
	if _, known := l.Subsumes("http://x/body", "arm", "hand"); known {
		t.Error("a hierarchy without a meaning cannot answer")
	}
	for code, want := range map[string]string{"dog": "1.50", "bat": "3", "duck": ""} {
		if got, ok := l.Weight("http://x/animals", code); got != want || ok != (want != "") {
			t.Errorf("weight of %s: %q, %t", code, got, ok)
		}
	}
	for _, test := range [][3]string{{"dog", "es-AR", "Perro"}, {"dog", "de", "Hund"}, {"dog", "fr", "Dog"}, {"duck", "eu", "Ahate"}, {"duck", "", "Duck"}, {"new", "eu", ""}} {
		if got, _ := l.Display("http://x/animals", test[0], test[1]); got != test[2] {
			t.Errorf("%s in %s: %q", test[0], test[1], got)
		}
	}
}

func TestStoredExpansion(t *testing.T) {
	const contains = `"contains":[{"display":"Group","abstract":true,"contains":[{"system":"http://x/s","code":"a","display":"A"},{"system":"http://x/s","code":"b","inactive":true,"designation":[{"language":"es","value":"Be"}]}]},{"system":"http://x/s","code":"c","abstract":true}]`
	for name, test := range map[string]struct{ text, want string }{
		"whole":                         {`"expansion":{"total":4,` + contains + `}`, "a -b (c)"},
		"without a total":               {`"expansion":{` + contains + `}`, "a -b (c)"},
		"of more":                       {`"expansion":{"total":5,` + contains + `}`, "a -b (c) …"},
		"a later page":                  {`"expansion":{"offset":10,` + contains + `}`, "a -b (c) …"},
		"a search":                      {`"expansion":{"parameter":[{"name":"filter","valueString":"x"}],` + contains + `}`, "a -b (c) …"},
		"a first page":                  {`"expansion":{"parameter":[{"name":"count","valueInteger":4}],` + contains + `}`, "a -b (c) …"},
		"unclosed":                      {`"expansion":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/valueset-unclosed","valueBoolean":true}],` + contains + `}`, "a -b (c) …"},
		"active ones":                   {`"expansion":{"parameter":[{"name":"activeOnly","valueBoolean":true}],` + contains + `}`, "a -b (c)"},
		"a part, and the definition":    {`"compose":{"include":[{"system":"http://x/s","concept":[{"code":"z"}]}]},"expansion":{"total":9,` + contains + `}`, "z"},
		"a part, and an open one":       {`"compose":{"include":[{"system":"http://x/s"}]},"expansion":{"total":9,` + contains + `}`, "a -b (c) …"},
		"whole, whatever is defined":    {`"compose":{"include":[{"system":"http://x/s"}]},"expansion":{` + contains + `}`, "a -b (c)"},
		"neither expansion nor compose": {`"title":"?"`, "unready: terminology.needs_server"},
		"empty":                         {`"expansion":{"total":0}`, ""},
	} {
		l := library(t, `{"resourceType":"ValueSet","url":"http://x/v",`+test.text+`}`)
		if got := codes(l, "http://x/v"); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
		agree(t, l, "http://x/v")
	}
}

func TestVersions(t *testing.T) {
	set := func(version, code string) string {
		return `{"resourceType":"ValueSet","url":"http://x/v","version":"` + version + `","compose":{"include":[{"system":"http://x/s","concept":[{"code":"` + code + `"}]}]}}`
	}
	l := library(t, set("1.9", "old"), set("1.10", "new"), set("1.10-draft", "draft"))
	for ref, want := range map[string]string{"http://x/v": "new", "http://x/v|1.9": "old", "http://x/v|1.10-draft": "draft", "http://x/v|2": "missing: terminology.unknown_set"} {
		if got := codes(l, ref); got != want {
			t.Errorf("%s: %s", ref, got)
		}
	}
	if err := l.Add(value(t, set("1.9", "old"))); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := l.Add(value(t, set("1.9", "other"))); !errors.Is(err, terminology.ErrTwice) {
		t.Errorf("another of the same version: %v", err)
	}
}

func TestContained(t *testing.T) {
	outer := library(t, animals, composed(`"include":[{"system":"http://x/own"}]`))
	q := value(t, `{"resourceType":"Questionnaire","contained":[
		{"resourceType":"CodeSystem","url":"http://x/own","content":"complete","concept":[{"code":"1"},{"code":"2"}]},
		{"resourceType":"ValueSet","id":"own","compose":{"include":[{"system":"http://x/own"}]}},
		{"resourceType":"ValueSet","id":"more","compose":{"include":[{"valueSet":["#own"]},{"system":"http://x/animals","concept":[{"code":"dog"}]}]}},
		{"resourceType":"Patient","id":"p"}]}`)
	inner, err := outer.With(q.Get("contained"))
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{"#own": "1 2", "#more": "1 2 dog", "#p": "missing: terminology.unknown_set", "http://x/v": "1 2"} {
		if got := codes(inner, ref); got != want {
			t.Errorf("inside, %s: %s", ref, got)
		}
	}
	for ref, want := range map[string]string{"#own": "missing: terminology.unknown_set", "http://x/v": "unready: terminology.needs_server"} {
		if got := codes(outer, ref); got != want {
			t.Errorf("outside, %s: %s", ref, got)
		}
	}
	e, _ := inner.Expand("#more")
	if i := slices.IndexFunc(e.Concepts, func(c terminology.Concept) bool { return c.Code == "dog" }); e.Concepts[i].Display != "Dog" || e.Concepts[i].Weight != "1.50" || e.Concepts[i].In("es") != "Perro" {
		t.Errorf("not filled from the system: %+v", e.Concepts[i])
	}
}

func TestAddRefuses(t *testing.T) {
	for text, want := range map[string]error{
		`{"resourceType":"Patient"}`:  terminology.ErrResource,
		`[]`:                          terminology.ErrResource,
		`{"resourceType":"ValueSet"}`: terminology.ErrRule,
		`{"resourceType":"CodeSystem","content":"complete"}`:                         terminology.ErrRule,
		composed(`"include":[{}]`):                                                   terminology.ErrRule,
		composed(`"include":[{"valueSet":["http://x/w"],"concept":[{"code":"a"}]}]`): terminology.ErrRule,
		composed(`"include":[{"system":"http://x/s","concept":[{"code":"a"}],"filter":[{"property":"a","op":"=","value":"b"}]}]`): terminology.ErrRule,
		composed(`"include":[{"system":"http://x/s","concept":[{"display":"a"}]}]`):                                               terminology.ErrRule,
		composed(`"include":[{"system":5}]`): terminology.ErrRule,
		composed(`"include":{}`):             terminology.ErrRule,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"ValueSet"}}]}`:          terminology.ErrRule,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},{"resource":` + composed(`"include":[]`) + `}]}`:     nil,
		`{"resourceType":"CodeSystem","url":"http://x/s","content":"supplement","concept":[]}`:                                          terminology.ErrRule,
		`{"resourceType":"CodeSystem","url":"http://x/s","content":"complete","concept":[{"display":"no code"}]}`:                       terminology.ErrRule,
		`{"resourceType":"CodeSystem","url":"http://x/s","content":"complete","concept":[{"code":"a"},{"code":"a","display":"again"}]}`: nil,
	} {
		if err := terminology.NewLibrary().Add(value(t, text)); !errors.Is(err, want) {
			t.Errorf("%v for %s", err, text)
		}
	}
}

// TestRealForms looks up every answerValueSet of the sample forms; what is not here is known not to be.
func TestRealForms(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(sample.Path(t, "samples", "questionnaires", "bit-of-everything.json")), "*.json"))
	got := map[string]string{}
	for _, f := range files {
		raw := sample.Read(t, "samples", "questionnaires", filepath.Base(f))
		limits := jsonscan.Default
		limits.Bytes, limits.Values = 64<<20, 2_000_000
		d, err := jsonscan.Parse(raw, limits)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		l, err := terminology.NewLibrary().With(d.Root().Get("contained"))
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		var walk func(jsonscan.Value)
		walk = func(v jsonscan.Value) {
			if ref := v.Get("answerValueSet").Text(); ref != "" {
				e, err := l.Expand(ref)
				agree(t, l, ref)
				switch {
				case err != nil:
					got[ref] = keyOf(err)
				case e.Complete && len(e.Concepts) > 0:
					got[ref] = "complete"
				default:
					got[ref] = "open"
				}
			}
			for _, i := range v.Get("item").All() {
				walk(i)
			}
		}
		walk(d.Root())
	}
	for ref, state := range got {
		want := "missing: terminology.unknown_set"
		switch {
		case ref == "#MedicalHistory": // all of a reference set of SNOMED CT
			want = "unready: terminology.needs_server"
		case strings.HasPrefix(ref, "#"), strings.HasPrefix(ref, "http://hl7.org/fhir/ValueSet/"):
			want = "complete"
		}
		if state != want {
			t.Errorf("%s: %s, want %s", ref, state, want)
		}
	}
	if len(got) < 10 {
		t.Errorf("only %d sets looked at", len(got))
	}
}

// TestReadWhileAdding: readers see all of an addition or none, and an inner library is not touched by what comes later.
func TestReadWhileAdding(t *testing.T) {
	l := library(t, animals)
	inner, err := l.With(value(t, `{"resourceType":"ValueSet","id":"own","compose":{"include":[{"valueSet":["http://x/0"]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for n := range 50 {
				ref := "http://x/" + strconv.Itoa(n)
				if got := codes(l, ref); got != "dog bat" && got != "missing: terminology.unknown_set" {
					t.Errorf("%s: %s", ref, got)
				}
				l.Display("http://x/animals", "dog", "es")
				l.Weight("http://x/nowhere", "dog")
			}
		})
	}
	for n := range 50 {
		url := "http://x/" + strconv.Itoa(n)
		if err := l.Add(value(t, `{"resourceType":"ValueSet","url":"`+url+`","compose":{"include":[{"system":"http://x/animals","concept":[{"code":"dog"},{"code":"bat"}]}]}}`)); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
	if got := codes(inner, "#own"); got != "missing: terminology.unknown_set" {
		t.Errorf("what came later reached an inner library: %s", got)
	}
}
