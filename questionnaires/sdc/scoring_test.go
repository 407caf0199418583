package sdc

import (
	"fmt"
	"strings"
	"testing"

	"kindred/questionnaires/score"
)

// rated is a question from never (0) to always (4).
func rated(link string) string {
	var options []string
	for n, word := range []string{"never", "seldom", "sometimes", "often", "always"} {
		options = append(options, fmt.Sprintf(`{"valueCoding":{"system":"urn:r","code":%q,"extension":[{%sordinalValue","valueDecimal":%d}]}}`, word, ext, n))
	}
	return fmt.Sprintf(`{"linkId":%q,"type":"choice","answerOption":[%s]}`, link, strings.Join(options, ","))
}

// scoreItem takes a score; parts are those of the extension after version and method.
func scoreItem(link, method, parts string) string {
	return fmt.Sprintf(`{"linkId":%q,"type":"decimal","readOnly":true,"extension":[{"url":%q,"extension":[{"url":"version","valueString":"2.1"},{"url":"method","valueCode":%q},%s]}]}`, link, score.URL, method, parts)
}

func scoreTerm(link string, reversed bool) string {
	return fmt.Sprintf(`{"url":"item","extension":[{"url":"linkId","valueString":%q},{"url":"reversed","valueBoolean":%t}]}`, link, reversed)
}

var instrument = strings.Join([]string{
	`{"linkId":"use","type":"boolean","initial":[{"valueBoolean":true}]}`,
	`{"linkId":"body","type":"group","enableWhen":[{"question":"use","operator":"=","answerBoolean":true}],"item":[` + rated("a") + "," + rated("b") + `]}`,
	rated("c"),
	scoreItem("sub", "sum", scoreTerm("a", false)+","+scoreTerm("b", true)),
	scoreItem("raw", "sum", scoreTerm("sub", false)+","+scoreTerm("c", false)),
	scoreItem("t", "sum", scoreTerm("raw", false)+`,{"url":"row","extension":[{"url":"raw","valueDecimal":7},{"url":"score","valueDecimal":55.2},{"url":"error","valueDecimal":2.9}]},{"url":"row","extension":[{"url":"raw","valueDecimal":8},{"url":"score","valueDecimal":58},{"url":"error","valueDecimal":3.1}]}`),
	`{"linkId":"se","type":"decimal","readOnly":true,"extension":[{"url":"` + score.ErrorURL + `","valueString":"t"}]}`,
}, ",")

// shownScores are the values that the score items have.
func shownScores(f *Form, s *State) string {
	var got []string
	f.Given(s, func(g Given) {
		switch g.LinkID {
		case "sub", "raw", "t", "se":
			got = append(got, g.LinkID+"="+g.Value.Text)
		}
	})
	return strings.Join(got, " ")
}

// Scores follow the answers one by one, a disabled answer counts as missing, and the document names the algorithm.
func TestScores(t *testing.T) {
	f := mustCompile(t, form(instrument))
	s := f.Start()
	for _, step := range []struct{ path, answer, want string }{
		{"a", "urn:r|always", ""}, {"b", "urn:r|seldom", "sub=7"}, {"c", "urn:r|never", "sub=7 raw=7 t=55.2 se=2.9"},
		{"c", "urn:r|seldom", "sub=7 raw=8 t=58 se=3.1"}, {"c", "urn:r|often", "sub=7 raw=10"}, {"use", "false", ""}, {"use", "true", "sub=7 raw=10"},
	} {
		if told := put(f, s, step.path, step.answer); told != "" {
			t.Fatalf("%s: %s", step.path, told)
		}
		if got := shownScores(f, s); got != step.want {
			t.Errorf("after %s = %s: %q, want %q", step.path, step.answer, got, step.want)
		}
	}
	if told := put(f, s, "raw", "3"); told == "" {
		t.Error("a person wrote a score")
	}
	body := string(f.Encode(s, Header{Status: Completed}))
	if !strings.Contains(body, `"valueDecimal":10,"extension":[{"url":"`+score.AlgorithmURL+`","valueString":"2.1"}]`) {
		t.Errorf("no algorithm in %s", body)
	}
	back, faults := f.Read([]byte(body))
	if len(faults) > 0 || shownScores(f, back.State) != "sub=7 raw=10" {
		t.Errorf("read back: %s %s", told(faults), shownScores(f, back.State))
	}
	// A score that its answers do not give is told.
	wrong, _ := f.Read([]byte(strings.Replace(body, `"valueDecimal":10`, `"valueDecimal":3`, 1)))
	if len(wrong.Issues) != 1 || wrong.Issues[0].Fault.Key != errCalculated.Key {
		t.Errorf("a wrong score: %v", wrong.Issues)
	}
}

func TestScoreRefusals(t *testing.T) {
	for _, c := range []struct{ items, want string }{
		{rated("a") + "," + scoreItem("s", "sum", scoreTerm("gone", false)), "score.item@s"},
		{`{"linkId":"a","type":"string"},` + scoreItem("s", "sum", scoreTerm("a", false)), "score.weights@s"},
		{`{"linkId":"a","type":"integer"},` + scoreItem("s", "sum", scoreTerm("a", true)), "score.reverse@s"},
		{rated("a") + "," + strings.Replace(scoreItem("s", "sum", scoreTerm("a", false)), `"readOnly":true,`, "", 1), "publish.score_place@s"},
		{`{"linkId":"g","type":"group","repeats":true,"item":[` + rated("a") + `]},` + scoreItem("s", "sum", scoreTerm("a", false)), "publish.score_repeat@s"},
		{rated("a") + `,{"linkId":"se","type":"decimal","readOnly":true,"extension":[{"url":"` + score.ErrorURL + `","valueString":"a"}]}`, "publish.score_error@se"},
		{scoreItem("s", "sum", scoreTerm("r", false)) + "," + scoreItem("r", "sum", scoreTerm("s", false)), "publish.cycle@"},
	} {
		_, found := Compile(form(c.items))
		if got := told(found.Refusals); !strings.Contains(got, c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.items, got, c.want)
		}
	}
}

// A score in a repeating group is that of its own repeat.
func TestScoresInRepeats(t *testing.T) {
	f := mustCompile(t, form(`{"linkId":"g","type":"group","repeats":true,"item":[`+rated("a")+","+scoreItem("sub", "sum", scoreTerm("a", false))+`]}`))
	s := f.Start()
	if _, faults := f.Apply(s, Change{Path: Path{LinkID: "g"}, Op: OpAdd}); len(faults) > 0 {
		t.Fatal(faults)
	}
	for path, answer := range map[string]string{"a#1": "urn:r|often", "a#2": "urn:r|seldom"} {
		if told := put(f, s, path, answer); told != "" {
			t.Fatalf("%s: %s", path, told)
		}
	}
	if got := shownScores(f, s); got != "sub=3 sub=1" {
		t.Errorf("%s\n%s", got, f.Save(s))
	}
}
