package compare_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"kindred/internal/fault"
	"kindred/questionnaires/compare"
)

type object = map[string]any

var types = []string{"boolean", "integer", "decimal", "string", "text", "date", "choice", "open-choice", "quantity", "group"}

// random makes a form of some depth; every item is listed too, so that edits can be made in place.
func random(r *rand.Rand) (object, []object) {
	var all []object
	var build func(depth int) []any
	build = func(depth int) []any {
		var list []any
		for range 1 + r.IntN(4) {
			typ := types[r.IntN(len(types))]
			i := object{"linkId": fmt.Sprintf("q%d", len(all)), "type": typ, "text": fmt.Sprintf("Question number %d, please?", len(all))}
			all = append(all, i)
			switch {
			case typ == "choice" || typ == "open-choice":
				var options []any
				for o := range 2 + r.IntN(3) {
					options = append(options, object{"valueCoding": object{"system": "urn:s", "code": fmt.Sprintf("c%d", o), "display": fmt.Sprintf("Answer %d", o)}})
				}
				i["answerOption"] = options
			case typ == "quantity":
				i["extension"] = []any{object{"url": unitURL, "valueCoding": object{"system": "http://unitsofmeasure.org", "code": []string{"kg", "cm", "h"}[r.IntN(3)]}}}
			case typ == "group" && depth < 3:
				i["repeats"] = r.IntN(2) == 0
				i["item"] = build(depth + 1)
			}
			if len(all) > 1 && r.IntN(4) == 0 {
				i["enableWhen"] = []any{object{"question": "q0", "operator": "exists", "answerBoolean": true}}
			}
			list = append(list, i)
		}
		return list
	}
	return object{"resourceType": "Questionnaire", "version": "1", "language": "en", "title": "T", "item": build(0)}, all
}

const unitURL = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"

func encoded(t *testing.T, v object) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func compared(t *testing.T, old, new []byte) compare.Changes {
	t.Helper()
	changes, err := compare.Compare(old, new)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func extend(i object, e object) {
	list, _ := i["extension"].([]any)
	i["extension"] = append(slices.Clone(list), e)
}

// harmless are edits that leave every column what it is.
var harmless = []func(*rand.Rand, object, object){
	func(_ *rand.Rand, i, _ object) { i["prefix"] = "7." },
	func(_ *rand.Rand, i, _ object) {
		extend(i, object{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl", "valueCodeableConcept": object{"text": "x"}})
	},
	func(_ *rand.Rand, i, _ object) {
		extend(i, object{"url": "http://hl7.org/fhir/StructureDefinition/entryFormat", "valueString": "as you like"})
	},
	func(_ *rand.Rand, i, _ object) { i["text"] = i["text"].(string) + " " },
	func(_ *rand.Rand, i, _ object) { i["text"] = "¡" + i["text"].(string) + "!" },
	func(_ *rand.Rand, i, _ object) {
		i["_text"] = object{"extension": []any{object{"url": "http://hl7.org/fhir/StructureDefinition/translation",
			"extension": []any{object{"url": "lang", "valueCode": "es"}, object{"url": "content", "valueString": "¿Qué?"}}}}}
	},
	func(r *rand.Rand, _, f object) {
		list := slices.Clone(f["item"].([]any))
		r.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		f["item"] = list
	},
	func(_ *rand.Rand, _, f object) {
		f["item"] = append(slices.Clone(f["item"].([]any)), object{"linkId": "hello", "type": "display", "text": "Hello"})
	},
	func(r *rand.Rand, i, _ object) {
		list, _ := i["answerOption"].([]any)
		list = slices.Clone(list)
		r.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		if list != nil {
			i["answerOption"] = list
		}
	},
	func(_ *rand.Rand, _, f object) {
		f["title"], f["status"], f["date"] = "Another", "active", "2026-01-01"
	},
}

// TestHarmlessEdits: however many of them are made at once, nothing is called of meaning, and nothing is refused.
func TestHarmlessEdits(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		f, all := random(r)
		old := encoded(t, f)
		if c := compared(t, old, old); len(c) > 0 {
			t.Fatalf("seed %d: differs from itself: %+v", seed, c)
		}
		for range 1 + r.IntN(6) {
			harmless[r.IntN(len(harmless))](r, all[r.IntN(len(all))], f)
		}
		new := encoded(t, f)
		for _, c := range compared(t, old, new) {
			if c.Class == compare.Meaning || c.Propose != "" {
				t.Fatalf("seed %d: %+v\n%s\n%s", seed, c, old, new)
			}
		}
		if list, err := compare.Refusals(new, old); err != nil || len(list) > 0 {
			t.Fatalf("seed %d: %v %v", seed, list, err)
		}
	}
}

// TestGraveEdits: a change of type or unit is told as such, refused, and splits the column, whatever else is done and
// whatever the author states.
func TestGraveEdits(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		f, all := random(r)
		old := encoded(t, f)
		i := all[r.IntN(len(all))]
		kind := compare.Type
		if i["type"] == "quantity" && r.IntN(2) == 0 {
			kind = compare.Unit
			i["extension"] = []any{object{"url": unitURL, "valueCoding": object{"system": "http://unitsofmeasure.org", "code": "g"}}}
		} else {
			was := i["type"]
			for i["type"] == was {
				i["type"] = types[r.IntN(len(types))]
			}
		}
		extend(i, object{"url": compare.SameMeaningURL, "valueString": i["text"]})
		extend(i, object{"url": compare.MissingSinceURL, "valueString": "1"})
		for range r.IntN(4) {
			harmless[r.IntN(len(harmless))](r, all[r.IntN(len(all))], f)
		}
		new, link := encoded(t, f), i["linkId"].(string)
		found := compared(t, old, new).Of(link)
		if !slices.ContainsFunc(found, func(c compare.Change) bool {
			return c.Kind == kind && c.Class == compare.Meaning && !c.Stated && c.Propose != ""
		}) {
			t.Fatalf("seed %d: no %s: %+v\n%s\n%s", seed, kind, found, old, new)
		}
		list, err := compare.Refusals(new, old)
		if err != nil || !slices.ContainsFunc(list, func(f *fault.Error) bool { return f.Field == link && f.Key == "compare.propose" }) {
			t.Fatalf("seed %d: not refused: %v", seed, err)
		}
		columns, err := compare.Lineage(old, new)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			if c.LinkID == link && len(c.Versions) == 2 {
				t.Fatalf("seed %d: one column over both: %+v", seed, c)
			}
		}
	}
}

// TestLimitsMirror: what is relaxed one way is narrowed the other.
func TestLimitsMirror(t *testing.T) {
	mirror := map[compare.Kind]compare.Kind{compare.Relaxed: compare.Narrowed, compare.Narrowed: compare.Relaxed, compare.Required: compare.Optional, compare.Optional: compare.Required}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		make := func() []byte {
			i := object{"linkId": "a", "type": "decimal", "required": r.IntN(2) == 0}
			for _, url := range []string{"minValue", "maxValue"} {
				if r.IntN(3) > 0 {
					extend(i, object{"url": "http://hl7.org/fhir/StructureDefinition/" + url, "valueDecimal": json.Number(fmt.Sprintf("%d.%d", r.IntN(3), r.IntN(3)*5))})
				}
			}
			return encoded(t, object{"resourceType": "Questionnaire", "item": []any{i}})
		}
		a, b := make(), make()
		there, back := compared(t, a, b), compared(t, b, a)
		if len(there) != len(back) {
			t.Fatalf("seed %d: %+v %+v", seed, there, back)
		}
		for i := range there {
			if back[i].Kind != mirror[there[i].Kind] || there[i].What != back[i].What {
				t.Fatalf("seed %d: %+v %+v", seed, there[i], back[i])
			}
		}
	}
}

// FuzzCompare: whatever parses compares; with itself it has no changes; what is proposed is free in both.
func FuzzCompare(f *testing.F) {
	f.Add(form("1", item("a", "integer", `"text":"a"`), item("b", "group", `"repeats":true,"item":[{"linkId":"c","type":"choice","answerValueSet":"#v"}]`)),
		form("2", item("a", "string", `"text":"b"`), item("c", "choice", options(coding("x", "X", "")))))
	f.Add([]byte(`{"resourceType":"Questionnaire","contained":[{"resourceType":"ValueSet","id":"v","compose":{"include":[{"valueSet":["#v"]}]}}],"item":[{"linkId":"a","answerValueSet":"#v","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/variable","valueExpression":{"name":"x","expression":"%x"}},{"url":"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression","valueExpression":{"language":"text/fhirpath","expression":"%x"}}]}]}`),
		form("2", item("a", "string", extensions(extension(compare.ReplacesURL, `"valueString":"a"`), extension("minValue", `"_valueInteger":{}`)))))
	f.Add([]byte(`{"resourceType":"Questionnaire","item":[{"linkId":"a","item":{"linkId":5}},{"linkId":"a"},{"text":[1]},7]}`), []byte(`{"resourceType":"Questionnaire","language":"en","item":[{"linkId":"a-2","enableWhen":[{"answerQuantity":{"value":1e99}}]}]}`))
	f.Add([]byte(`{}`), form("1", item("a", "date", extensions(`{"url":"`+compare.ReplacesURL+`"}`))))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 1<<15 {
			return
		}
		for _, one := range [][]byte{a, b} {
			if changes, err := compare.Compare(one, one); err == nil && len(changes) > 0 {
				t.Fatalf("differs from itself: %+v\n%s", changes, one)
			}
		}
		changes, err := compare.Compare(a, b)
		if err != nil {
			return
		}
		columns, err := compare.Lineage(a, b)
		if err != nil {
			t.Fatal(err)
		}
		links := map[string]bool{}
		for _, c := range columns {
			links[c.LinkID] = true
			if !slices.IsSorted(c.Versions) || len(c.Versions) == 0 {
				t.Fatalf("%+v", c)
			}
		}
		for _, c := range changes {
			if c.Propose != "" && (links[c.Propose] || c.Class != compare.Meaning) {
				t.Fatalf("proposed and taken: %+v", c)
			}
		}
		list, err := compare.Refusals(b, a)
		if err != nil {
			t.Fatal(err)
		}
		if refused := slices.ContainsFunc(changes, func(c compare.Change) bool { return c.Propose != "" }); refused != (len(list) > 0) {
			t.Fatalf("refused %t, and the list is %v", refused, list)
		}
	})
}
