package cases

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/questionnaires/sdc"
)

// pain asks how bad it is when there is any, adds one, and wants it below ten.
const pain = `{"linkId":"pain","type":"boolean","required":true},
	{"linkId":"level","type":"integer","enableWhen":[{"question":"pain","operator":"=","answerBoolean":true}],"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/targetConstraint","extension":[
		{"url":"key","valueId":"below-ten"},{"url":"severity","valueCode":"error"},{"url":"human","valueString":"Below ten."},
		{"url":"expression","valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='level').answer.value < 10"}}]}]},
	{"linkId":"next","type":"integer","readOnly":true,"extension":[{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
		"valueExpression":{"language":"text/fhirpath","expression":"%resource.item.where(linkId='level').answer.value + 1"}}]}`

// carrying is the form with one case: the answers, and its parts.
func carrying(cases ...[2]string) []byte {
	var contained, extensions []string
	for n, c := range cases {
		contained = append(contained, fmt.Sprintf(`{"resourceType":"QuestionnaireResponse","id":"c%d","questionnaire":"urn:pain|1","status":"completed","item":[%s]}`, n, c[0]))
		extensions = append(extensions, fmt.Sprintf(`{"url":%q,"extension":[{"url":"name","valueString":"case %d"},{"url":"response","valueReference":{"reference":"#c%d"}}%s]}`, URL, n, n, c[1]))
	}
	return []byte(`{"resourceType":"Questionnaire","url":"urn:pain","version":"1","status":"active","contained":[` + strings.Join(contained, ",") + `],"extension":[` + strings.Join(extensions, ",") + `],"item":[` + pain + `]}`)
}

const (
	hurts = `{"linkId":"pain","answer":[{"valueBoolean":true}]},{"linkId":"level","answer":[{"valueInteger":%d}]}`
	calm  = `{"linkId":"pain","answer":[{"valueBoolean":false}]}`
)

func text(name, link string) string {
	return fmt.Sprintf(`,{"url":%q,"valueString":%q}`, name, link)
}

func value(link, v string) string {
	return fmt.Sprintf(`,{"url":"value","extension":[{"url":"linkId","valueString":%q},{"url":"value",%s}]}`, link, v)
}

func found(link, key string) string {
	return fmt.Sprintf(`,{"url":"fault","extension":[{"url":"linkId","valueString":%q},{"url":"key","valueString":%q}]}`, link, key)
}

func told(l fault.List) string {
	var s []string
	for _, f := range l {
		s = append(s, strings.TrimPrefix(f.Key, "cases.")+"@"+f.Field)
	}
	return strings.Join(s, " ")
}

func ran(t *testing.T, raw []byte) Result {
	t.Helper()
	form, refused := sdc.Compile(raw)
	if form == nil {
		t.Fatalf("refused: %v", refused.Refusals)
	}
	return Run(form, raw)
}

func TestCases(t *testing.T) {
	three := fmt.Sprintf(hurts, 3)
	for _, c := range []struct{ name, in, parts, want string }{
		{"all holds", three, text("enabled", "level") + value("next", `"valueInteger":4`) + `,{"url":"valid","valueBoolean":true}`, ""},
		{"a decimal is the same number", three, value("next", `"valueDecimal":4.0`), ""},
		{"not asked", calm, text("disabled", "level") + text("none", "next"), ""},
		{"a constraint", fmt.Sprintf(hurts, 12), found("level", "below-ten"), ""},
		{"required", ``, found("pain", "answer.required"), ""},
		{"wrong value", three, value("next", `"valueInteger":5`), "value@next"},
		{"should be asked", calm, text("enabled", "level"), "enabled@level"},
		{"should not be asked", three, text("disabled", "level"), "disabled@level"},
		{"should have none", three, text("none", "next"), "none@next"},
		{"no such fault", three, found("level", "below-ten"), "fault@level"},
		{"a fault too many", fmt.Sprintf(hurts, 12), `,{"url":"valid","valueBoolean":true}`, "surplus@"},
		{"no such item", three, text("enabled", "gone"), "link@gone"},
		{"expects nothing", three, "", "empty@"},
		{"unknown part", three, text("colour", "red") + text("enabled", "level"), "part@"},
	} {
		if got := told(ran(t, carrying([2]string{c.in, c.parts})).Failures); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Logic that no case reaches is told until a case reaches it.
func TestUntested(t *testing.T) {
	asked := [2]string{fmt.Sprintf(hurts, 3), text("enabled", "level")}
	for _, c := range []struct {
		cases [][2]string
		want  string
	}{
		{nil, ""},
		{[][2]string{asked}, "untested@level untested@level"},
		{[][2]string{asked, {calm, text("disabled", "level")}}, "untested@level"},
		{[][2]string{asked, {calm, text("disabled", "level")}, {fmt.Sprintf(hurts, 12), found("level", "below-ten")}}, ""},
		{[][2]string{{calm, text("disabled", "level")}}, "untested@level untested@level untested@next"},
	} {
		if got := told(ran(t, carrying(c.cases...)).Untested); got != c.want {
			t.Errorf("%d cases: %q, want %q", len(c.cases), got, c.want)
		}
	}
}

func TestMessagesExist(t *testing.T) {
	source, err := os.ReadFile("case.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range regexp.MustCompile(`"(cases\.[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		if !locale.Has(k[1]) {
			t.Errorf("no message %s", k[1])
		}
	}
}

// Whatever a questionnaire carries, its cases run to an end, and each failure can be told.
func FuzzRun(f *testing.F) {
	f.Add(carrying([2]string{fmt.Sprintf(hurts, 3), text("enabled", "level") + value("next", `"valueInteger":4`)}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, _ := sdc.Compile(raw)
		if form == nil {
			return
		}
		for _, l := range []fault.List{Run(form, raw).Failures, Run(form, raw).Untested} {
			for _, e := range l {
				if locale.For("es").T(e.Key) == "" {
					t.Fatal(e)
				}
			}
		}
	})
}
