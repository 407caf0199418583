package fhirpath

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// After any sequence of changes, the tree's index answers as walking it does, and as a fresh reading of the same document but for the order of elements.
func TestTreeFollowsChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, err := EditTree([]byte(lucia))
		if err != nil {
			t.Fatal(err)
		}
		links := []string{"fits", "count", "hours", "sleep", "pain", "new"}
		evalText("item.where(linkId='x')", tree.Root(), Env{}) // the index is made before the first change
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			link := rapid.SampledFrom(links).Draw(t, "link")
			found := tree.Root().n.doc.linked(link)
			child, err := ParseAs(fmt.Appendf(nil, `{"linkId":%q,"answer":[{"valueInteger":%d,"item":[{"linkId":"count"}]}]}`,
				rapid.SampledFrom(links).Draw(t, "fresh"), rapid.IntRange(0, 9).Draw(t, "n")), "QuestionnaireResponse.item")
			if err != nil {
				t.Fatal(err)
			}
			switch parent := tree.Root(); rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				err = tree.Insert(parent, "item", rapid.IntRange(0, 4).Draw(t, "at"), child)
			case 1:
				if len(found) > 0 {
					err = tree.Remove(Node{found[len(found)-1]})
				}
			case 2:
				if len(found) > 0 {
					err = tree.Replace(Node{found[0]}, "item", child)
				}
			default:
				if len(found) > 0 {
					answer, _ := ParseAs([]byte(`{"valueString":"x","item":[{"linkId":"hours"}]}`), "QuestionnaireResponse.item.answer")
					err = tree.Replace(Node{found[0]}, "answer", answer)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		b, err := tree.Root().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			for _, way := range []string{"item", "repeat(item)", "repeat(item | answer)", "descendants()"} {
				src := fmt.Sprintf("%s.where(linkId='%s').select(linkId & answer.value.toString().first())", way, link)
				walk := fmt.Sprintf("%s.where((linkId='%s') = true).select(linkId & answer.value.toString().first())", way, link)
				if a, c := evalText(src, tree.Root(), Env{}), evalText(walk, tree.Root(), Env{}); a != c {
					t.Fatalf("%s\n index %s\n walk  %s\n%s", src, a, c, b)
				}
				if a, c := evalText(src+".sort()", tree.Root(), Env{}), evalText(walk+".sort()", fresh, Env{}); a != c {
					t.Fatalf("%s\n changed %s\n fresh   %s\n%s", src, a, c, b)
				}
			}
		}
	})
}

func TestTreeRefuses(t *testing.T) {
	tree, err := NewTree("QuestionnaireResponse")
	if err != nil {
		t.Fatal(err)
	}
	number, err := Scalar("decimal", "1.50")
	if err != nil {
		t.Fatal(err)
	}
	item, _ := ParseAs([]byte(`{"linkId":"a","answer":[{}]}`), "QuestionnaireResponse.item")
	if err := tree.Insert(tree.Root(), "item", 9, item); err != nil {
		t.Fatal(err)
	}
	answer := tree.Root().Child("item").Child("answer")
	if err := tree.Replace(answer, "value", number); err != nil {
		t.Fatal(err)
	}
	if got := evalText("item.where(linkId='a').answer.value", tree.Root(), Env{}); got != "1.50" {
		t.Error(got)
	}
	if b, _ := tree.Root().MarshalJSON(); string(b) != `{"item":[{"answer":[{"valueDecimal":1.50}],"linkId":"a"}],"resourceType":"QuestionnaireResponse"}` {
		t.Error(string(b))
	}
	code, _ := Scalar("code", "x")
	other, _ := Scalar("decimal", "2")
	third, _ := Scalar("decimal", "3")
	for name, err := range map[string]error{
		"type": tree.Replace(answer, "value", code), "element": tree.Replace(answer, "nothing", other), "placed": tree.Replace(answer, "value", number),
		"many": tree.Replace(answer, "value", other, third), "self": tree.Replace(answer, "item", tree.Root()),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, bad := range [][2]string{{"boolean", "yes"}, {"integer", "x"}, {"decimal", ""}, {"Coding", "x"}} {
		if _, err := Scalar(bad[0], bad[1]); err == nil {
			t.Errorf("%v was made", bad)
		}
	}
}
