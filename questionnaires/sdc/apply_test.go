package sdc

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const ext = `"url":"http://hl7.org/fhir/StructureDefinition/`

// everything is a form with each type, each limit, conditions, repeats, nesting and items under answers.
//
//go:embed testdata/everything.json
var everything []byte

// put answers an item as a person does.
func put(f *Form, s *State, path string, texts ...string) string {
	p, err := ParsePath(path)
	if err != nil {
		return err.Error()
	}
	c := Change{Path: p, Entries: []Entry{}}
	for _, t := range texts {
		c.Entries = append(c.Entries, Entry{Text: t})
	}
	_, faults := f.Apply(s, c)
	return told(faults)
}

func TestEntries(t *testing.T) {
	f := mustCompile(t, everything)
	for _, c := range []struct{ link, in, want string }{ // want: the stored text, or the fault
		{"bool", "true", "true"}, {"bool", "yes", "answer.not_boolean@bool"},
		{"int", " 3 ", "3"}, {"int", "007", "7"}, {"int", "-1", "answer.too_small@int"}, {"int", "101", "answer.too_large@int"},
		{"int", "3.5", "answer.not_integer@int"}, {"int", "99999999999", "answer.not_integer@int"}, {"int", "", ""},
		{"dec", "1.50", "1.50"}, {"dec", "1,5", "1.5"}, {"dec", "1.505", "answer.decimals@dec"}, {"dec", "NaN", "answer.not_number@dec"},
		{"dec", "1e999", "answer.not_number@dec"}, {"dec", "-0.1", "-0.1"}, {"dec", "Inf", "answer.not_number@dec"},
		{"date", "2021", "2021"}, {"date", "2021-02", "2021-02"}, {"date", "2021-02-29", "answer.not_date@date"}, {"date", "2024-02-29", "2024-02-29"},
		{"date", "2010", "2010"}, {"date", "2010-06-14", "answer.too_early@date"}, {"date", "2009", "answer.too_early@date"}, {"date", "0000-01-01", "answer.not_date@date"},
		{"dt", "2021-03-04T10:42", "2021-03-04T10:42:00Z"}, {"dt", "2021-03-04T10:42:10+02:00", "2021-03-04T10:42:10+02:00"}, {"dt", "2021-03", "2021-03"}, {"dt", "2021-03-04T25:00", "answer.not_date_time@dt"},
		{"time", "14:30", "14:30:00"}, {"time", "24:00", "answer.not_time@time"},
		{"url", "https://example.org/a", "https://example.org/a"}, {"url", "two words", "answer.not_address@url"},
		{"str", "abc", "abc"}, {"str", "abcdef", "answer.too_long@str"}, {"str", "a", "answer.too_short@str"}, {"str", "AB", "answer.format_unsaid@str"},
		{"q", "1.80", "1.80"}, {"sym", "urn:s|pain", ""}, {"sym", "pain", "answer.not_option@sym"},
		{"calc", "2", "answer.read_only@calc"}, {"must", "x", "answer.disabled@must"}, {"seen", "x", "answer.disabled@seen"}, {"nowhere", "x", "answer.no_item@nowhere"},
		{"when", "2021", "answer.no_item@when"},
	} {
		s := f.Start()
		p, _ := ParsePath(c.link)
		e, faults := f.Apply(s, Change{Path: p, Entries: []Entry{{Text: c.in}}})
		got := told(faults)
		if got == "" && len(e.Values) > 0 {
			got = e.Values[0].Text
		}
		if got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.link, c.in, got, c.want)
		}
	}
}

func enabled(f *Form, s *State, path string) bool {
	p, _ := ParsePath(path)
	_, _, on := f.find(s, p)
	return on
}

func TestEnabling(t *testing.T) {
	f := mustCompile(t, everything)
	s := f.Start()
	if enabled(f, s, "must") || enabled(f, s, "far") {
		t.Fatal("enabled from the start")
	}
	for _, step := range []struct{ path, value, want string }{
		{"bool", "true", "must on, deep off, far off"}, {"must", "x", "must on, deep on, far off"}, {"deep", "7", "must on, deep on, far on"},
		{"bool", "false", "must off, deep off, far off"}, {"bool", "true", "must on, deep on, far on"}, // answers came back
	} {
		if faults := put(f, s, step.path, step.value); faults != "" {
			t.Fatal(faults)
		}
		word := map[bool]string{true: "on", false: "off"}
		if got := fmt.Sprintf("must %s, deep %s, far %s", word[enabled(f, s, "must")], word[enabled(f, s, "deep")], word[enabled(f, s, "far")]); got != step.want {
			t.Errorf("after %s = %s: %s, want %s", step.path, step.value, got, step.want)
		}
	}
	put(f, s, "bool", "false")
	if out := string(f.Encode(s, Header{Status: Completed})); bytes.Contains([]byte(out), []byte(`"must"`)) {
		t.Errorf("a disabled answer was sent: %s", out)
	}
	if saved := string(f.Save(s)); !bytes.Contains([]byte(saved), []byte(`"must"`)) {
		t.Errorf("a disabled answer was lost: %s", saved)
	}
}

func TestRepeats(t *testing.T) {
	f := mustCompile(t, everything)
	s := f.Start()
	first := s.root.slots[f.items[f.byLink["visit"]].seat].list[0].id
	e, faults := f.Apply(s, Change{Path: Path{LinkID: "visit"}, Op: OpAdd})
	if faults != nil || e.Added == 0 || e.Added == first {
		t.Fatal(e, faults)
	}
	put(f, s, Path{"when", []int{first}}.String(), "2019")
	put(f, s, Path{"when", []int{e.Added}}.String(), "2021-05")
	if enabled(f, s, Path{"helped", []int{first}}.String()) || !enabled(f, s, Path{"helped", []int{e.Added}}.String()) {
		t.Error("each occurrence has conditions of its own")
	}
	if !enabled(f, s, "seen") {
		t.Error("an item outside sees the answers inside")
	}
	if _, faults := f.Apply(s, Change{Path: Path{LinkID: "visit"}, Op: OpRemove, Instance: e.Added}); faults != nil {
		t.Fatal(faults)
	}
	if put(f, s, Path{"when", []int{e.Added}}.String(), "2022") != "answer.no_item@when#"+fmt.Sprint(e.Added) {
		t.Error("a removed occurrence is gone")
	}
	again, _ := f.Apply(s, Change{Path: Path{LinkID: "visit"}, Op: OpAdd})
	if again.Added == e.Added {
		t.Error("an instance number was given twice")
	}
}

// Under a repeating question, what was answered stays with its answer.
func TestItemsUnderAnswers(t *testing.T) {
	f := mustCompile(t, everything)
	s := f.Start()
	if got := put(f, s, "sym", "urn:s|tired", "urn:s|pain"); got != "" {
		t.Fatal(got)
	}
	list := s.root.slots[f.items[f.byLink["sym"]].seat].list
	tired, pain := list[0].id, list[1].id
	if enabled(f, s, Path{"since", []int{tired}}.String()) || !enabled(f, s, Path{"since", []int{pain}}.String()) {
		t.Error("the condition is about the answer that the item stands under")
	}
	put(f, s, Path{"note", []int{pain}}.String(), "at night")
	put(f, s, "sym", "urn:s|pain")
	out := f.Encode(s, Header{Status: InProgress})
	if !bytes.Contains(out, []byte(`{"valueCoding":{"system":"urn:s","code":"pain","display":"Pain"},"item":[{"linkId":"note","answer":[{"valueString":"at night"}]}]}`)) {
		t.Errorf("got %s", out)
	}
	for in, want := range map[string]string{"urn:s|none": "answer.exclusive@sym", "urn:s|pain": "answer.twice@sym"} {
		if got := put(f, s, "sym", "urn:s|pain", in); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestReadFaults(t *testing.T) {
	f := mustCompile(t, everything)
	const head = `{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/sleep|1","status":"completed","item":[`
	yes := `{"linkId":"bool","answer":[{"valueBoolean":false}]}`
	at := func(n int) string { return fmt.Sprintf("QuestionnaireResponse.item[%d]", n) }
	for _, c := range []struct{ name, in, want string }{
		{"good", head + yes + `]}`, ""},
		{"empty list", head + `]}`, "element.empty@QuestionnaireResponse.item answer.required@QuestionnaireResponse"},
		{"required missing", strings.TrimSuffix(head, `,"item":[`) + `}`, "answer.required@QuestionnaireResponse"},
		{"unknown linkId", head + yes + `,{"linkId":"zzz"}]}`, "response.link_unknown@" + at(1)},
		{"wrong type", head + yes + `,{"linkId":"int","answer":[{"valueString":"3"}]}]}`, "value.type@" + at(1) + ".answer[0]"},
		{"wrong kind", head + yes + `,{"linkId":"int","answer":[{"valueInteger":"3"}]}]}`, "value.kind@" + at(1) + ".answer[0]"},
		{"out of range", head + yes + `,{"linkId":"int","answer":[{"valueInteger":300}]}]}`, "answer.too_large@" + at(1) + ".answer[0]"},
		{"order", head + `{"linkId":"int","answer":[{"valueInteger":3}]},` + yes + `]}`, "response.order@" + at(1)},
		{"twice", head + yes + `,` + yes + `]}`, "response.item_twice@" + at(1)},
		{"nesting", head + yes + `,{"linkId":"must","answer":[{"valueString":"x"}]}]}`, "response.misplaced@" + at(1)},
		{"disabled", head + yes + `,{"linkId":"ifbool","item":[{"linkId":"must","answer":[{"valueString":"x"}]}]}]}`, "response.disabled_answered@" + at(1)},
		{"required inside", head + `{"linkId":"bool","answer":[{"valueBoolean":true}]},{"linkId":"ifbool"}]}`, "answer.required@" + at(1)},
		{"two answers", head + `{"linkId":"bool","answer":[{"valueBoolean":true},{"valueBoolean":false}]}]}`, "answer.one@" + at(0)},
		{"not an option", head + yes + `,{"linkId":"sym","answer":[{"valueCoding":{"code":"hunger"}}]}]}`, ""},
		{"other form", `{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/sleep|2","status":"in-progress"}`, "response.other_form@QuestionnaireResponse.questionnaire"},
		{"status", `{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/sleep|1","status":"done","item":[` + yes + `]}`, "element.value@QuestionnaireResponse.status"},
		{"under item", head + yes + `,{"linkId":"sym","item":[{"linkId":"note"}]}]}`, "response.under_answer@" + at(1)},
		{"unknown element", head + yes + `],"colour":1}`, "element.unknown@QuestionnaireResponse"},
		{"no value", head + `{"linkId":"bool","answer":[{}]}]}`, "element.empty@" + at(0) + ".answer[0] answer.required@" + at(0)},
		{"several", head + `{"linkId":"zzz"},{"linkId":"int","answer":[{"valueInteger":300}]}]}`, "response.link_unknown@" + at(0) + " answer.too_large@" + at(1) + ".answer[0] answer.required@QuestionnaireResponse"},
	} {
		_, faults := f.Read([]byte(c.in))
		if got := told(faults); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// What nests or repeats without end is refused before it costs memory.
func TestBombs(t *testing.T) {
	deep := `{"linkId":"q","type":"boolean"}`
	for i := range 20 {
		deep = fmt.Sprintf(`{"linkId":"g%d","type":"group","item":[%s]}`, i, deep)
	}
	many := `{"linkId":"q","type":"boolean"}`
	for i := range 5 {
		many = fmt.Sprintf(`{"linkId":"m%d","type":"group","repeats":true,"extension":[{%squestionnaire-minOccurs","valueInteger":150}],"item":[%s]}`, i, ext, many)
	}
	for name, items := range map[string]string{"publish.deep": deep, "publish.wide": many} {
		if _, found := Compile(form(items)); !bytes.Contains([]byte(told(found.Refusals)), []byte(name)) {
			t.Errorf("%s: %s", name, told(found.Refusals))
		}
	}
	var wide bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&wide, `,{"linkId":"w%d","type":"boolean"}`, i)
	}
	f := mustCompile(t, form(`{"linkId":"r","type":"group","repeats":true,"item":[`+wide.String()[1:]+`]}`))
	var response bytes.Buffer
	response.WriteString(`{"resourceType":"QuestionnaireResponse","questionnaire":"https://kindred.example/q/sleep|1","status":"in-progress","item":[{"linkId":"r"}`)
	for range 150 {
		response.WriteString(`,{"linkId":"r"}`)
	}
	response.WriteString(`]}`)
	if _, faults := f.Read(response.Bytes()); told(faults) != "response.too_much@QuestionnaireResponse" {
		t.Errorf("got %s", told(faults))
	}
	s := f.Start()
	for range 100 {
		if _, faults := f.Apply(s, Change{Path: Path{LinkID: "r"}, Op: OpAdd}); faults != nil {
			if told(faults) != "response.too_much@r" {
				t.Errorf("got %s", told(faults))
			}
			return
		}
	}
	t.Error("grew without end")
}

// draw makes a random sequence of edits, most of them acceptable, and applies them.
func draw(t *rapid.T, f *Form, s *State, check func()) {
	links := []string{"bool", "int", "dec", "date", "dt", "time", "url", "str", "text", "q", "sym", "must", "deep", "far", "when", "name", "dose", "helped", "since", "note", "visit", "drug"}
	entries := map[string][]string{"bool": {"true", "false"}, "helped": {"true", "false"}, "int": {"0", "50", "-3"}, "deep": {"1", "9"}, "dec": {"1.50", "2"}, "dose": {"0.25"},
		"date": {"2021", "2021-02"}, "when": {"2019", "2021-03-04"}, "since": {"2020"}, "dt": {"2021-03-04T10:42"}, "time": {"10:00"}, "url": {"https://example.org"},
		"str": {"abc"}, "q": {"3", "4.50"}, "sym": {"urn:s|pain", "urn:s|tired", "urn:s|none"}}
	if _, fixture := f.byLink["bool"]; !fixture {
		links = nil
		for _, it := range f.items {
			links = append(links, it.LinkID)
			entries[it.LinkID] = map[ItemType][]string{TypeInteger: {"0", "1", "7"}, TypeDecimal: {"1.5", "2"}, TypeBoolean: {"true", "false"}}[it.Type]
		}
	}
	for range rapid.IntRange(0, 25).Draw(t, "edits") {
		link := rapid.SampledFrom(links).Draw(t, "link")
		p := Path{LinkID: link}
		in := s.root
		for _, a := range f.items[f.byLink[link]].chain {
			list := in.slots[f.items[a].seat].list
			if len(list) == 0 {
				in = nil
				break
			}
			in = rapid.SampledFrom(list).Draw(t, "in")
			p.At = deeper(p.At, in.id)
		}
		if in == nil {
			continue
		}
		c := Change{Path: p, Entries: []Entry{}}
		if f.items[f.byLink[link]].Type == TypeGroup {
			c.Op = rapid.SampledFrom([]Op{OpAdd, OpAdd, OpRemove}).Draw(t, "op")
			if list := in.slots[f.items[f.byLink[link]].seat]; c.Op == OpRemove && len(list.list) > 0 {
				c.Instance = rapid.SampledFrom(list.list).Draw(t, "gone").id
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "answers") {
			texts := entries[link]
			if texts == nil {
				texts = []string{"a<b&\"c\"", "é\n😀", "x"}
			}
			c.Entries = append(c.Entries, Entry{Text: rapid.SampledFrom(texts).Draw(t, "text")})
		}
		before := f.Save(s)
		if _, faults := f.Apply(s, c); len(faults) > 0 && !bytes.Equal(f.Save(s), before) {
			t.Fatalf("a refused change %v changed the state", c)
		}
		check()
	}
}

// conditions lists the enabled state of every place.
func conditions(o *occurrence) (on []bool) {
	for _, sl := range o.slots {
		on = append(on, sl.on)
		for _, in := range sl.list {
			on = append(on, conditions(in)...)
		}
	}
	return on
}

// After any edits: evaluating what changed gives the same as evaluating everything; a draft saved and read back is the
// same draft; what is sent is JSON that the same form reads without a fault, save for what is still required.
func TestEditsHoldInvariants(t *testing.T) {
	f := mustCompile(t, everything)
	rapid.Check(t, func(t *rapid.T) {
		s := f.Start()
		draw(t, f, s, func() {
			incremental := conditions(s.root)
			whole := s.Clone()
			f.evaluateAll(whole)
			if !slices.Equal(incremental, conditions(whole.root)) {
				t.Fatal("recomputing what depends on the change differs from recomputing all")
			}
		})
		saved := f.Save(s)
		back, faults := f.Restore(saved)
		if len(faults) > 0 {
			t.Fatalf("%s in %s", told(faults), saved)
		}
		if !bytes.Equal(f.Save(back.State), saved) || !reflect.DeepEqual(conditions(back.State.root), conditions(s.root)) {
			t.Fatalf("read back as %s, saved %s", f.Save(back.State), saved)
		}
		sent := f.Encode(s, Header{Status: Completed, Language: "en"})
		if !json.Valid(sent) {
			t.Fatalf("not JSON: %s", sent)
		}
		missing := f.Check(s)
		incoming, faults := f.Read(sent)
		// A page asks what it shows; a response need not hold an optional group, and then nothing inside it is missing.
		if len(missing) == 0 && len(faults) > 0 {
			t.Fatalf("draft: %s; sent: %s; %s", told(missing), told(faults), sent)
		}
		if again := f.Encode(incoming.State, Header{Status: Completed, Language: "en"}); !bytes.Equal(again, sent) {
			t.Fatalf("sent %s, read and sent again %s", sent, again)
		}
		for n := range f.Pages() {
			f.Page(s, n, "en", missing, nil)
		}
	})
}

func TestPathRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Path{LinkID: rapid.StringN(1, 20, -1).Draw(t, "link"), At: rapid.SliceOfN(rapid.IntRange(1, 1<<30), 0, 4).Draw(t, "at")}
		back, err := ParsePath(p.String())
		if err != nil || back.LinkID != p.LinkID || !slices.Equal(back.At, p.At) {
			t.Fatalf("%v came back as %v, %v", p, back, err)
		}
	})
}

// Any bytes that the reader accepts as a completed response, it also writes, and reads again to the same bytes.
func FuzzRead(f *testing.F) {
	form := mustCompile(f, everything)
	s := form.Start()
	put(form, s, "bool", "true")
	put(form, s, "must", "x")
	put(form, s, "q", "1.80")
	put(form, s, "sym", "urn:s|pain")
	f.Add(form.Encode(s, Header{Status: Completed}))
	f.Add(form.Save(s))
	computed := mustCompile(f, []byte(strings.Replace(string(everything), `"item": [`, `"item": [`+q("twice", "decimal", `"readOnly":true`, extensions(byPath("calculatedExpression", "%resource.item.where(linkId='dec').answer.value * 2")))+","+
		q("many", "string", extensions(byPath("enableWhenExpression", "%resource.item.where(linkId='twice').answer.value > 3")))+",", 1)))
	f.Add(computed.Save(computed.Start()))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if e := computed.Evaluate(raw, noon); e.Response != nil {
			again := computed.Evaluate(e.Response, noon)
			if !bytes.Equal(again.Response, e.Response) {
				t.Fatalf("evaluated %s, then %s", e.Response, again.Response)
			}
		}
		in, faults := form.Read(raw)
		if len(faults) > 0 {
			return
		}
		out := form.Encode(in.State, Header{Status: in.Status})
		again, faults := form.Read(out)
		if len(faults) > 0 || !bytes.Equal(form.Encode(again.State, Header{Status: in.Status}), out) {
			t.Fatalf("accepted %s, wrote %s, then %s", raw, out, told(faults))
		}
	})
}

// BenchmarkAnswer is one answer applied to a draft of the largest form that compiles, with the page drawn.
func BenchmarkAnswer(b *testing.B) {
	f := mustCompile(b, everything)
	s := f.Start()
	put(f, s, "bool", "true")
	p := Path{LinkID: "must"}
	texts := [2]string{"a", "b"}
	b.Run("apply", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			f.Apply(s, Change{Path: p, Entries: []Entry{{Text: texts[i&1]}}})
		}
	})
	b.Run("apply, save and page", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			f.Apply(s, Change{Path: p, Entries: []Entry{{Text: texts[i&1]}}})
			f.Save(s)
			f.Page(s, 0, "en", nil, nil)
		}
	})
	raw := f.Encode(s, Header{Status: Completed})
	b.Run("read and judge a response", func(b *testing.B) {
		for b.Loop() {
			f.Read(raw)
		}
	})
	b.Run("encoding-json of the same response", func(b *testing.B) {
		for b.Loop() {
			var v any
			if json.Unmarshal(raw, &v) != nil {
				b.Fatal("not JSON")
			}
		}
	})
}
