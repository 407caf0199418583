package sdc

import (
	"strings"
	"testing"

	"kindred/internal/jsonscan"
	"kindred/internal/locale"
	"kindred/internal/terminology"
)

// Every rule of a response: what is told, how grave it is, and where.
func TestValidation(t *testing.T) {
	coded := `"answerOption":[{"valueCoding":{"system":"s","code":"a","display":"Ah"}},{"valueCoding":{"system":"s","code":"b"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive","valueBoolean":true}]}]`
	core := func(name, value string) string {
		return `{"url":"http://hl7.org/fhir/StructureDefinition/` + name + `",` + value + `}`
	}
	rule := func(severity, expression string) string {
		return `{"url":"http://hl7.org/fhir/StructureDefinition/targetConstraint","extension":[{"url":"key","valueId":"k"},{"url":"severity","valueCode":"` + severity + `"},{"url":"human","valueString":"No","_valueString":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"Que no"}]}]}},{"url":"expression","valueExpression":{"language":"text/fhirpath","expression":` + js(expression) + `}}]}`
	}
	when := `"enableWhen":[{"question":"n","operator":"=","answerInteger":1}]`
	for _, c := range []struct{ name, items, status, in, want string }{
		{"fits", q("n", "integer"), "completed", a("n", `"valueInteger":1`), ""},
		{"unknown linkId", q("n", "integer"), "in-progress", a("z", `"valueInteger":1`), "e:response.link_unknown@.item[0]"},
		{"no linkId", q("n", "integer"), "in-progress", `{"answer":[{"valueInteger":1}]}`, "e:element.missing@.item[0]"},
		{"wrong place", q("g", "group", `"item":[`+q("n", "integer")+`]`), "in-progress", a("n", `"valueInteger":1`), "e:response.misplaced@.item[0]"},
		{"order", q("n", "integer") + "," + q("m", "integer"), "in-progress", a("m", `"valueInteger":1`) + "," + a("n", `"valueInteger":1`), "e:response.order@.item[1]"},
		{"answer to a group", q("g", "group", `"item":[`+q("n", "integer")+`]`), "in-progress", a("g", `"valueInteger":1`), "e:answer.none_here@.item[0]"},
		{"answer to a display", q("d", "display"), "in-progress", a("d", `"valueInteger":1`), "e:answer.none_here@.item[0]"},
		{"items beside answers", q("n", "integer", `"item":[`+q("m", "integer")+`]`), "in-progress", `{"linkId":"n","item":[` + a("m", `"valueInteger":1`) + `]}`, "e:response.under_answer@.item[0]"},
		{"items under answers", q("n", "integer", `"item":[`+q("m", "integer")+`]`), "in-progress", `{"linkId":"n","answer":[{"valueInteger":1,"item":[` + a("m", `"valueInteger":1`) + `]}]}`, ""},
		{"two answers to one", q("n", "integer"), "in-progress", `{"linkId":"n","answer":[{"valueInteger":1},{"valueInteger":2}]}`, "e:answer.one@.item[0]"},
		{"one item twice", q("n", "integer"), "in-progress", a("n", `"valueInteger":1`) + "," + a("n", `"valueInteger":1`), "e:response.item_twice@.item[1]"},
		{"a group twice", q("g", "group", `"repeats":true`, `"item":[`+q("n", "integer")+`]`), "in-progress", `{"linkId":"g","item":[` + a("n", `"valueInteger":1`) + `]},{"linkId":"g","item":[` + a("n", `"valueInteger":1`) + `]}`, ""},
		{"wrong type", q("n", "integer", `"required":true`), "completed", a("n", `"valueString":"1"`), "e:value.type@.item[0].answer[0]"},
		{"wrong JSON", q("n", "integer"), "completed", a("n", `"valueInteger":"1"`), "e:value.kind@.item[0].answer[0]"},
		{"two values", q("n", "integer"), "completed", a("n", `"valueInteger":1,"valueString":"x"`), "e:value.twice@.item[0].answer[0]"},
		{"missing", q("n", "integer", `"required":true`), "completed", "", "e:answer.required@"},
		{"missing still", q("n", "integer", `"required":true`), "in-progress", "", "i:answer.required@"},
		{"missing, and stopped", q("n", "integer", `"required":true`), "stopped", "", "i:answer.required@"},
		{"missing, and hidden", q("n", "integer") + "," + q("m", "integer", `"required":true`, when), "completed", "", ""},
		{"missing in a group that is not there", q("g", "group", `"item":[`+q("n", "integer", `"required":true`)+`]`), "completed", "", ""},
		{"missing in a group that is there", q("g", "group", `"item":[`+q("n", "integer", `"required":true`)+`,`+q("m", "integer")+`]`), "completed", `{"linkId":"g","item":[` + a("m", `"valueInteger":1`) + `]}`, "e:answer.required@.item[0]"},
		{"a group is missing", q("g", "group", `"required":true`, `"item":[`+q("n", "integer")+`]`), "completed", "", "e:answer.required@"},
		{"disabled", q("n", "integer") + "," + q("m", "integer", when), "completed", a("m", `"valueInteger":1`), "e:response.disabled_answered@.item[0]"},
		{"disabled still", q("n", "integer") + "," + q("m", "integer", when), "in-progress", a("m", `"valueInteger":1`), "w:response.disabled_answered@.item[0]"},
		{"disabled and empty", q("n", "integer") + "," + q("m", "integer", when), "completed", `{"linkId":"m"}`, ""},
		{"no option", q("c", "choice", coded), "completed", a("c", `"valueCoding":{"system":"s","code":"z"}`), "e:answer.not_option@.item[0].answer[0]"},
		{"an option in other words", q("c", "choice", coded), "completed", a("c", `"valueCoding":{"system":"s","code":"a","display":"Oh"}`), "w:response.display_other@.item[0].answer[0]"},
		{"a string for a choice", q("c", "choice", coded), "completed", a("c", `"valueString":"a"`), "e:value.type@.item[0].answer[0]"},
		{"a string for an open choice", q("c", "open-choice", coded), "completed", a("c", `"valueString":"else"`), ""},
		{"exclusive", q("c", "choice", coded, `"repeats":true`), "completed", `{"linkId":"c","answer":[{"valueCoding":{"system":"s","code":"a"}},{"valueCoding":{"system":"s","code":"b"}}]}`, "e:answer.exclusive@.item[0]"},
		{"an unknown set", q("c", "choice", `"answerValueSet":"http://nowhere"`), "completed", a("c", `"valueCoding":{"system":"s","code":"z"}`), "w:answer.code_unknown@.item[0].answer[0]"},
		{"a known set", q("c", "choice", `"answerValueSet":"urn:set"`), "completed", a("c", `"valueCoding":{"system":"urn:s","code":"in"}`), ""},
		{"not in a known set", q("c", "choice", `"answerValueSet":"urn:set"`), "completed", a("c", `"valueCoding":{"system":"urn:s","code":"out"}`), "e:answer.not_option@.item[0].answer[0]"},
		{"too long", q("s", "string", `"maxLength":3`), "completed", a("s", `"valueString":"abcd"`), "e:answer.too_long@.item[0].answer[0]"},
		{"too short", q("s", "string", extensions(core("minLength", `"valueInteger":3`))), "completed", a("s", `"valueString":"ab"`), "e:answer.too_short@.item[0].answer[0]"},
		{"pattern", q("s", "string", extensions(core("regex", `"valueString":"[0-9]+"`))), "completed", a("s", `"valueString":"ab"`), "e:answer.format_unsaid@.item[0].answer[0]"},
		{"too small", q("n", "integer", extensions(core("minValue", `"valueInteger":3`))), "completed", a("n", `"valueInteger":2`), "e:answer.too_small@.item[0].answer[0]"},
		{"too late", q("d", "date", extensions(core("maxValue", `"valueDate":"2020-01-01"`))), "completed", a("d", `"valueDate":"2020-01-02"`), "e:answer.too_late@.item[0].answer[0]"},
		{"decimal places", q("d", "decimal", extensions(core("maxDecimalPlaces", `"valueInteger":1`))), "completed", a("d", `"valueDecimal":1.25`), "e:answer.decimals@.item[0].answer[0]"},
		{"an integer out of bounds", q("n", "integer"), "completed", a("n", `"valueInteger":3000000000`), "e:answer.not_integer@.item[0].answer[0]"},
		{"no date", q("d", "date"), "completed", a("d", `"valueDate":"2021-02-30"`), "e:answer.not_date@.item[0].answer[0]"},
		{"no dateTime", q("d", "dateTime"), "completed", a("d", `"valueDateTime":"2021-02-03T10:00"`), "e:answer.not_date_time@.item[0].answer[0]"},
		{"no time", q("d", "time"), "completed", a("d", `"valueTime":"25:00:00"`), "e:answer.not_time@.item[0].answer[0]"},
		{"too few", q("n", "integer", `"repeats":true`, `"required":true`, extensions(core("questionnaire-minOccurs", `"valueInteger":2`))), "completed", a("n", `"valueInteger":2`), "e:answer.too_few@.item[0]"},
		{"too many", q("n", "integer", `"repeats":true`, extensions(core("questionnaire-maxOccurs", `"valueInteger":1`))), "completed", `{"linkId":"n","answer":[{"valueInteger":1},{"valueInteger":2}]}`, "e:answer.too_many@.item[0]"},
		{"unit", q("w", "quantity", extensions(core("questionnaire-unitOption", `"valueCoding":{"system":"http://unitsofmeasure.org","code":"kg"}`))), "completed", a("w", `"valueQuantity":{"value":1,"unit":"lb","system":"http://unitsofmeasure.org","code":"[lb_av]"}`), "e:answer.unit@.item[0].answer[0]"},
		{"a quantity in another unit", q("w", "quantity", extensions(`{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity","valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"kg"}}`)), "completed", a("w", `"valueQuantity":{"value":1500,"system":"http://unitsofmeasure.org","code":"g"}`), "e:answer.too_large@.item[0].answer[0]"},
		{"a reference of another type", q("r", "reference", extensions(core("questionnaire-referenceResource", `"valueCode":"Patient"`))), "completed", a("r", `"valueReference":{"reference":"Group/1"}`), "e:answer.reference_type@.item[0].answer[0]"},
		{"a reference", q("r", "reference", extensions(core("questionnaire-referenceResource", `"valueCode":"Patient"`))), "completed", a("r", `"valueReference":{"reference":"https://x.example/fhir/Patient/1"}`), ""},
		{"a file inside", q("f", "attachment"), "completed", a("f", `"valueAttachment":{"contentType":"image/png","data":"aGk="}`), ""},
		{"a file of another type", q("f", "attachment", extensions(core("mimeType", `"valueCode":"application/pdf"`))), "completed", a("f", `"valueAttachment":{"contentType":"image/png","data":"aGk="}`), "e:answer.file_type@.item[0].answer[0]"},
		{"an absent value", q("n", "integer", `"required":true`), "completed", a("n", `"_valueInteger":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"asked-declined"}]}`), ""},
		{"an empty answer", q("n", "integer"), "completed", `{"linkId":"n","answer":[{}]}`, "e:element.empty@.item[0].answer[0]"},
		{"an empty string", q("s", "string"), "completed", a("s", `"valueString":""`), "e:answer.empty@.item[0].answer[0]"},
		{"an empty list", q("s", "string"), "completed", `{"linkId":"s","answer":[]}`, "e:element.empty@.item[0].answer"},
		{"an unknown element", q("s", "string"), "completed", `{"linkId":"s","colour":"red"}`, "e:element.unknown@.item[0]"},
		{"other words", q("s", "string", `"text":"Why?"`), "completed", `{"linkId":"s","text":"How?","answer":[{"valueString":"x"}]}`, "w:response.text_other@.item[0].text"},
		{"broken rule", q("n", "integer", extensions(rule("error", "answer.value > 3"))), "completed", a("n", `"valueInteger":2`), "e:response.constraint@.item[0]"},
		{"broken rule, still", q("n", "integer", extensions(rule("error", "answer.value > 3"))), "in-progress", a("n", `"valueInteger":2`), "w:response.constraint@.item[0]"},
		{"broken mild rule", q("n", "integer", extensions(rule("warning", "answer.value > 3"))), "completed", a("n", `"valueInteger":2`), "w:response.constraint@.item[0]"},
		{"a rule about nothing", q("n", "integer", extensions(rule("error", "answer.value > 3"))), "completed", "", ""},
		{"a rule of each repeat", q("g", "group", `"repeats":true`, extensions(rule("error", "item.where(linkId='n').answer.value > 3")), `"item":[`+q("n", "integer")+`]`), "completed", `{"linkId":"g","item":[` + a("n", `"valueInteger":5`) + `]},{"linkId":"g","item":[` + a("n", `"valueInteger":1`) + `]}`, "e:response.constraint@.item[1]"},
		{"a wrong calculation", q("n", "integer", `"readOnly":true`, extensions(byPath("calculatedExpression", "2"))), "completed", a("n", `"valueInteger":3`), "w:response.calculated@.item[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			library := terminology.NewLibrary()
			doc, err := jsonscan.Parse([]byte(`{"resourceType":"ValueSet","url":"urn:set","status":"active","compose":{"include":[{"system":"urn:s","concept":[{"code":"in"}]}]}}`), jsonscan.Default)
			if err != nil || library.Add(doc.Root()) != nil {
				t.Fatal(err)
			}
			f, found := Compile(form(c.items), Options{Library: library, Lenient: true})
			if f == nil || len(found.Refusals) > 0 {
				t.Fatal(told(found.Refusals))
			}
			raw := responseOf(c.status)
			if c.in != "" {
				raw = responseOf(c.status, c.in)
			}
			in, _ := f.Read(raw, noon)
			if got := toldIssues(in.Issues); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, i := range in.Issues {
				if i.Code == "" || locale.For("en").T(i.Fault.Key, map[string]any(i.Fault.Args)) == "["+i.Fault.Key+"]" {
					t.Errorf("%+v", i)
				}
				if es := locale.For("es").T(i.Fault.Key, map[string]any(i.Fault.Args)); i.Fault.Key == errConstraint.Key && es != "Que no" {
					t.Errorf("in Spanish: %s", es)
				}
			}
		})
	}
}

// Of the response as a whole.
func TestValidationOfTheHeader(t *testing.T) {
	f := mustCompile(t, form(q("n", "integer")))
	for _, c := range []struct{ change, to, want string }{
		{`"status":"completed"`, `"language":"en"`, "e:element.missing@"},
		{`"completed"`, `"done"`, "e:element.value@.status"},
		{`sleep|1`, `sleep|2`, "e:response.other_form@.questionnaire"},
		{`sleep|1`, `sleep`, "w:response.version_unsaid@.questionnaire"},
		{`sleep|1`, `dreams|1`, "e:response.other_form@.questionnaire"},
		{`"status"`, `"authored":"yesterday","status"`, "e:answer.not_date_time@.authored"},
		{`"status"`, `"authored":"2026-03-04T10:00:00Z","status"`, ""},
		{`"status"`, `"subject":"Patient/1","status"`, "e:element.kind@.subject"},
		{`"status"`, `"meta":{"tag":[]},"status"`, "e:element.empty@.meta"},
		{`"status"`, `"colour":1,"status"`, "e:element.unknown@"},
		{`"status"`, `"modifierExtension":[{"url":"x"}],"status"`, "e:publish.feature@.modifierExtension"},
		{`"status"`, `"status":"amended","status"`, "e:jsonscan.keys@"},
		{`QuestionnaireResponse`, `Observation`, "e:response.not_response@"},
	} {
		in, _ := f.Read([]byte(strings.Replace(string(responseOf("completed")), c.change, c.to, 1)), noon)
		if got := toldIssues(in.Issues); got != c.want {
			t.Errorf("%s: got %q, want %q", c.to, got, c.want)
		}
	}
}
