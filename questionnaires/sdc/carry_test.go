package sdc

import (
	"fmt"
	"strings"
	"testing"
)

const (
	carryOld = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/move","version":"1","status":"active","title":"Move","item":[
 {"linkId":"walks","type":"boolean","text":"Walks?"},{"linkId":"gone","type":"string","text":"Gone?"},{"linkId":"count","type":"integer","text":"Count?"},
 {"linkId":"kind","type":"choice","text":"Kind?","answerOption":[{"valueCoding":{"code":"a","display":"A"}},{"valueCoding":{"code":"b","display":"B"}}]},
 {"linkId":"blank","type":"integer","text":"Blank?"},
 {"linkId":"fits","type":"group","repeats":true,"text":"Fits","item":[{"linkId":"long","type":"integer","text":"Long?"},{"linkId":"where","type":"string","text":"Where?"}]},
 {"linkId":"dose","type":"integer","text":"Dose?","item":[{"linkId":"taken","type":"boolean","text":"Taken?"}]}]}`
	carryNew = `{"resourceType":"Questionnaire","url":"https://kindred.example/q/move","version":"2","status":"active","title":"Move","item":[
 {"linkId":"page","type":"group","text":"Page","item":[{"linkId":"kind","type":"choice","text":"Kind?","answerOption":[{"valueCoding":{"code":"a","display":"A"}}]},
 {"linkId":"walks","type":"boolean","text":"Walks?"},{"linkId":"count","type":"decimal","text":"Count?"}]},
 {"linkId":"blank","type":"integer","text":"Blank?","initial":[{"valueInteger":5}]},{"linkId":"new","type":"integer","text":"New?","initial":[{"valueInteger":7}]},
 {"linkId":"fits","type":"group","repeats":true,"text":"Fits","item":[{"linkId":"where","type":"string","text":"Where?"},{"linkId":"long","type":"integer","text":"Long?"}]},
 {"linkId":"dose","type":"integer","text":"Dose?","item":[{"linkId":"taken","type":"boolean","text":"Taken?"}]}]}`
)

func compiled(t *testing.T, raw string) *Form {
	t.Helper()
	f, found := Compile([]byte(raw))
	if f == nil {
		t.Fatal(found.Refusals)
	}
	return f
}

func TestCarry(t *testing.T) {
	old, next := compiled(t, carryOld), compiled(t, carryNew)
	s := old.Start()
	apply := func(c Change) Effect {
		t.Helper()
		e, faults := old.Apply(s, c)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		return e
	}
	say := func(path, text string) {
		t.Helper()
		p, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		apply(Change{Path: p, Entries: []Entry{{Text: text}}})
	}
	added := apply(Change{Path: Path{LinkID: "fits"}, Op: OpAdd}).Added
	say("walks", "true")
	say("gone", "words")
	say("count", "3")
	say("kind", "b")
	say(fmt.Sprintf("long#%d", added), "9")
	say(fmt.Sprintf("where#%d", added), "home")
	say("dose", "4")
	say("taken", "true")
	before := string(old.Save(s))
	moved, items := next.Carry(old, s)
	if string(old.Save(s)) != before {
		t.Error("the state that was given changed")
	}
	var got []string
	for _, i := range items {
		got = append(got, strings.TrimSuffix(i.Path, fmt.Sprintf("#%d", added))+" "+string(i.Outcome))
	}
	want := "walks carried, gone kept_aside, count converted, kind kept_aside, long carried, where carried, dose carried, taken carried"
	if strings.Join(got, ", ") != want {
		t.Errorf("%v", got)
	}
	at := func(path string) string {
		p, _ := ParsePath(path)
		return string(MarshalValues(next.ValuesAt(moved, p)))
	}
	for path, want := range map[string]string{
		"walks": `[{"valueBoolean":true}]`, "count": `[{"valueDecimal":3}]`, "kind": `[]`, "blank": `[]`, "new": `[{"valueInteger":7}]`,
		fmt.Sprintf("long#%d", added): `[{"valueInteger":9}]`, fmt.Sprintf("where#%d", added): `[{"valueString":"home"}]`, "taken": `[{"valueBoolean":true}]`,
	} {
		if got := at(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if e, faults := next.Apply(moved, Change{Path: Path{LinkID: "fits"}, Op: OpAdd}); len(faults) > 0 || e.Added <= added {
		t.Errorf("an instance number is given twice: %d after %d, %v", e.Added, added, faults)
	}
	if _, faults := next.Restore(next.Save(moved)); len(faults) > 0 {
		t.Error(faults)
	}
}

// To the same form everything is carried, and the state is the same.
func TestCarryToTheSame(t *testing.T) {
	f := compiled(t, sensitive)
	s := f.Start()
	for _, c := range []Change{{Path: Path{LinkID: "smokes"}, Op: OpDecline}, {Path: Path{LinkID: "note"}, Entries: []Entry{{Text: "x"}}}, {Path: Path{LinkID: "fits"}, Op: OpAdd}} {
		if _, faults := f.Apply(s, c); len(faults) > 0 {
			t.Fatal(faults)
		}
	}
	moved, items := f.Carry(f, s)
	if string(f.Encode(moved, Header{})) != string(f.Encode(s, Header{})) || len(items) != 2 || items[0].Outcome != Carried || !items[0].Values[0].Declines() {
		t.Errorf("%s\n%s\n%+v", f.Encode(moved, Header{}), f.Encode(s, Header{}), items)
	}
}

// Whatever the answers: each of them is in the other version or kept aside, and what is there reads back.
func FuzzCarry(f *testing.F) {
	f.Add("true", "3", "b", "9")
	f.Add("", "2147483647", "a", "-1")
	f.Fuzz(func(t *testing.T, walks, count, kind, long string) {
		old, next := compiled(t, carryOld), compiled(t, carryNew)
		s := old.Start()
		given := 0
		for link, text := range map[string]string{"walks": walks, "gone": walks, "count": count, "kind": kind, "dose": long} {
			if e, faults := old.Apply(s, Change{Path: Path{LinkID: link}, Entries: []Entry{{Text: text}}}); len(faults) == 0 {
				given += len(e.Values)
			}
		}
		moved, items := next.Carry(old, s)
		there := 0
		for _, i := range items {
			given -= len(i.Values)
			there += len(i.Now)
			if (len(i.Now) == 0) != (i.Outcome == KeptAside) {
				t.Errorf("%+v", i)
			}
		}
		next.Given(moved, func(g Given) {
			if g.LinkID != "new" {
				there--
			}
		})
		if given != 0 || there != 0 {
			t.Errorf("%d answers are not told of, %d are not there", given, there)
		}
		if _, faults := next.Restore(next.Save(moved)); len(faults) > 0 {
			t.Error(faults)
		}
	})
}
