package sdc

import (
	"slices"
	"testing"
)

const halfTranslated = `{"resourceType":"Questionnaire","status":"active","url":"urn:t","version":"1","language":"en-GB","title":"Walks",
 "_title":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es"},{"url":"content","valueString":"Paseos"}]}]},
 "item":[{"linkId":"a","type":"group","text":"Week","item":[
  {"linkId":"b","type":"choice","text":"How far?","_text":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/translation","extension":[{"url":"lang","valueCode":"es-MX"},{"url":"content","valueString":"¿Cuánto?"}]}]},
   "answerOption":[{"valueCoding":{"system":"urn:w","code":"1","display":"Far"}}]},
  {"linkId":"c","type":"integer"}]}]}`

func TestHowFarAFormIsTranslated(t *testing.T) {
	form, found := Compile([]byte(halfTranslated))
	if form == nil {
		t.Fatal(found)
	}
	list := form.Translations("en", "es", "fr")
	if en := list[0]; !en.Complete() || en.Of != 4 {
		t.Errorf("%+v", en)
	}
	if es := list[1]; es.Complete() || es.Said != 1 || !slices.Equal(es.Missing, []string{"a", "b"}) {
		t.Errorf("a translation into es-MX is none into es in general: %+v", es)
	}
	if mx := form.Translations("es-MX")[0]; mx.Said != 2 {
		t.Errorf("%+v", mx)
	}
	if fr := list[2]; fr.Said != 0 || fr.Of != 4 {
		t.Errorf("%+v", fr)
	}
}

func TestEffort(t *testing.T) {
	form, found := Compile([]byte(halfTranslated))
	if form == nil {
		t.Fatal(found)
	}
	sum, items := 0.0, 0
	for _, p := range form.Effort("en") {
		sum, items = sum+p.Minutes, items+p.Questions
	}
	if sum != form.Minutes() || items != 2 {
		t.Errorf("%f of %f minutes, %d questions", sum, form.Minutes(), items)
	}
}
