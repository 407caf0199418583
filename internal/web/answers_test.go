package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kindred/internal/web/webtest"
)

// everydayForm has two pages, a condition, a repeat, and every kind of box.
const everydayForm = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/everyday","version":"1","status":"active","title":"Everyday life","language":"en","item":[
 {"linkId":"p1","type":"group","text":"Moving","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/questionnaire-item-control","code":"page"}]}}],"item":[
  {"linkId":"walks","type":"boolean","text":"Does Lucía walk?","required":true},
  {"linkId":"steps","type":"integer","text":"How many steps?","enableWhen":[{"question":"walks","operator":"=","answerBoolean":true}],"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/minValue","valueInteger":0},{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","valueInteger":100}]},
  {"linkId":"since","type":"date","text":"Since when?"},
  {"linkId":"aids","type":"choice","repeats":true,"text":"What helps?","answerOption":[{"valueCoding":{"system":"s","code":"rail","display":"A rail"}},{"valueCoding":{"system":"s","code":"splint","display":"A splint"}}]}]},
 {"linkId":"p2","type":"group","text":"Falls","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl","valueCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/questionnaire-item-control","code":"page"}]}}],"item":[
  {"linkId":"fall","type":"group","repeats":true,"text":"A fall","item":[{"linkId":"where","type":"string","text":"Where?"}]},
  {"linkId":"note","type":"text","text":"Anything else?"},
  {"linkId":"photo","type":"attachment","repeats":true,"text":"Photos of what helps"}]}]}`

// begins signs the consent and starts the questionnaire, and gives the address of the response.
func (s *stand) begins(c *http.Client, base string) string {
	s.t.Helper()
	s.sent(c, base+"/consent/sign", s.choices(c, base, "matching"))
	list := s.page(c, base+"/questionnaires")
	start := regexp.MustCompile(`action="(` + base + `/questionnaires/[0-9a-f-]{36})"`).FindStringSubmatch(list)
	if start == nil || !strings.Contains(list, "Everyday life") {
		s.t.Fatal("the questionnaire is not offered")
	}
	return strings.TrimSuffix(s.sent(c, start[1], url.Values{}), "/pages/0")
}

func TestMariaAnswersWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		base := s.enrolled(c)
		response := s.begins(c, base)
		first := s.page(c, response+"/pages/0")
		if !strings.Contains(first, "Does Lucía walk?") || strings.Contains(first, "How many steps?") {
			t.Error("the first page does not follow its conditions")
		}
		asked := url.Values{"_asked": {"walks", "since", "aids"}, "walks": {"true"}, "since-year": {"2020"}, "since-month": {"5"}, "aids": {"s|rail", "s|splint"}}
		if to := s.sent(c, response+"/pages/0", asked); to != response+"/pages/1" {
			t.Error("after the first page:", to)
		}
		if body := s.page(c, response+"/pages/0"); !strings.Contains(body, "How many steps?") || strings.Count(body, " checked") != 3 || !strings.Contains(body, `value="2020"`) {
			t.Error("the answers did not stay")
		}
		wrong := url.Values{"_asked": {"walks", "steps"}, "walks": {"true"}, "steps": {"300"}}
		a := s.send(c, "POST", response+"/pages/0", wrong)
		webtest.Check(t, a.body)
		if a.status != 422 || !strings.Contains(a.body, `href="#f-steps"`) || !strings.Contains(a.body, `value="300"`) {
			t.Error("a wrong answer:", a.status)
		}
		s.sent(c, response+"/pages/1", url.Values{"_asked": {"note"}, "_add": {"fall"}})
		body := s.page(c, response+"/pages/1")
		if n := strings.Count(body, ">Where?"); n < 1 {
			t.Error("no repeat was added:", n)
		}
		s.sent(c, response+"/pages/0", url.Values{"_asked": {"walks"}, "walks": {"true"}, "_clear": {"walks"}})
		if send := s.send(c, "POST", response+"/submit", url.Values{}); send.status != 422 || !strings.Contains(send.body, "Does Lucía walk?") {
			t.Error("a required answer is missing, and yet:", send.status)
		}
		s.sent(c, response+"/pages/0", url.Values{"_asked": {"walks"}, "walks": {"true"}})
		if review := s.page(c, response); !strings.Contains(review, "A rail") || !strings.Contains(review, "May 2020") || !strings.Contains(review, response+"/submit") {
			t.Error("the review does not show the answers")
		}
		s.sent(c, response+"/submit", url.Values{})
		if sent := s.page(c, response); strings.Contains(sent, response+"/submit") || !strings.Contains(sent, response+"/amend") {
			t.Error("what was sent can be sent again")
		}
		s.sent(c, response+"/amend", url.Values{})
		s.sent(c, response+"/pages/0", url.Values{"_asked": {"walks"}, "walks": {"false"}})
		s.sent(c, response+"/submit", url.Values{})
		if history := s.page(c, response+"/history"); strings.Count(history, "number") < 2 {
			t.Error("the history does not show both")
		}
		s.page(c, base+"/questionnaires")
		if other := s.maria("ana"); s.get(other, response).status != 404 || s.get(other, response+"/pages/0").status != 404 {
			t.Error("Ana sees Lucía's answers")
		}
	})
}

// keptAnswer is what the queue in the browser reads.
type keptAnswer struct {
	Saved, Left string
	Items       []struct{ ID, In, After, HTML string }
	Gone        []string
	Marks, Was  map[string]string
	Faults      []struct{ Path, Text string }
}

func TestEachAnswerIsKeptAsItIsLeft(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		c := s.maria("maria")
		response := s.begins(c, s.enrolled(c))
		var shown string // what the browser shows
		see := func() {
			var marks []string
			for _, m := range regexp.MustCompile(`data-part="([^"]+)" data-mark="([^"]+)"`).FindAllStringSubmatch(s.page(c, response+"/pages/0"), -1) {
				marks = append(marks, m[1]+"="+m[2])
			}
			shown = strings.Join(marks, " ")
		}
		see()
		save := func(path string, form url.Values) (saved keptAnswer) {
			form["_asked"], form["_seen"], form["_key"] = []string{path}, []string{shown}, []string{path + form.Get(path)}
			a := s.send(c, "POST", response+"/pages/0/save", form, "HX-Request", "true")
			if err := json.Unmarshal([]byte(a.body), &saved); err != nil || a.status != 200 {
				t.Fatal(a.status, err, a.body)
			}
			for _, item := range saved.Items {
				webtest.CheckFragment(t, item.HTML)
			}
			return saved
		}
		if a := save("since", url.Values{"since-year": {"2020"}}); !strings.Contains(a.Saved, "Saved at") || len(a.Items)+len(a.Gone) != 0 || len(a.Marks) != 1 || a.Was["f-since"] == "" {
			t.Errorf("an answer that changes nothing else: %+v", a)
		}
		see()
		a := save("walks", url.Values{"walks": {"true"}})
		if len(a.Items) != 1 || a.Items[0].ID != "f-steps" || a.Items[0].After != "f-walks" || !strings.Contains(a.Items[0].HTML, "How many steps?") || !strings.Contains(a.Saved, "Saved at") {
			t.Errorf("an answer that opens a question: %+v", a)
		}
		see()
		a = save("steps", url.Values{"steps": {"many"}})
		if strings.Contains(a.Saved, "Saved at") || len(a.Faults) != 1 || len(a.Items) != 1 || !strings.Contains(a.Items[0].HTML, `id="f-steps-error"`) || !strings.Contains(a.Items[0].HTML, `value="many"`) {
			t.Errorf("a wrong answer says saved: %+v", a)
		}
		if a = save("walks", url.Values{"walks": {"false"}}); len(a.Gone) != 1 || a.Gone[0] != "f-steps" {
			t.Errorf("an answer that closes a question: %+v", a)
		}
		if other := s.send(c, "POST", response+"/pages/0/save", url.Values{"_asked": {"since"}, "since-year": {"1999"}, "_account": {"somebody else"}}, "HX-Request", "true"); other.status != 409 {
			t.Error("answers of another account were taken:", other.status)
		}
		save("walks", url.Values{"walks": {"true"}, "_key": {"again"}})
		save("walks", url.Values{"walks": {"true"}}) // the key of before: the network brought it once more, to no effect
		if body := s.page(c, response+"/pages/0"); !strings.Contains(body, `value="2020"`) || strings.Contains(body, `value="many"`) {
			t.Error("not exactly what was acknowledged is there")
		}
	})
}
