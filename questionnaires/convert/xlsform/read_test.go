package xlsform

import (
	"slices"
	"testing"

	"kindred/internal/sample"
	"kindred/questionnaires/convert"
)

func TestSamples(t *testing.T) {
	open := func(name string, notes int) convert.Questionnaire {
		q, report, err := Read(sample.Read(t, "samples", "xlsform", name+".xlsx"), base)
		if err != nil || len(report) != notes {
			t.Fatal(name, err, report)
		}
		return q
	}
	q := open("choice_filter_test", 0)
	county := find(q.Item, "county")
	if len(county.AnswerOption) != 3 || len(county.Extension) != 3 { // king stands in two states, and is one choice
		t.Errorf("county: %d choices, %d conditions", len(county.AnswerOption), len(county.Extension))
	}
	const both = "%resource.repeat(item).where(linkId='state').answer.value.code = 'washington' or %resource.repeat(item).where(linkId='state').answer.value.code = 'texas'"
	if !slices.Contains(expressionsOf(q.Item), both) {
		t.Errorf("king: %q", expressionsOf(q.Item))
	}
	q = open("group", 0)
	if father := find(q.Item, "father"); father.Type != "group" || len(father.Item) != 2 || q.Language != "en" {
		t.Errorf("group: %+v", q)
	}
	q = open("specify_other", 1) // a language without a code
	if sex := find(q.Item, "sex"); sex.Type != "open-choice" || len(sex.AnswerOption) != 2 {
		t.Errorf("other: %+v", sex)
	}
}
