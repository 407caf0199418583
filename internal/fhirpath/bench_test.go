package fhirpath

import (
	"bytes"
	"encoding/json"
	"testing"
)

// The floor: a walk that somebody would write by hand over what encoding/json decodes, to one item and its value.
func handWalk(v any, link string) any {
	switch v := v.(type) {
	case map[string]any:
		if v["linkId"] == link {
			if a, _ := v["answer"].([]any); len(a) > 0 {
				m, _ := a[0].(map[string]any)
				for _, k := range []string{"valueInteger", "valueDecimal", "valueString"} {
					if x, ok := m[k]; ok {
						return x
					}
				}
			}
		}
		if x := handWalk(v["item"], link); x != nil {
			return x
		}
		return handWalk(v["answer"], link)
	case []any:
		for _, x := range v {
			if x := handWalk(x, link); x != nil {
				return x
			}
		}
	}
	return nil
}

func decodedResponse(b *testing.B) (any, Node) {
	src := answered(100)
	dec := json.NewDecoder(bytes.NewReader([]byte(src)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		b.Fatal(err)
	}
	return v, mustParse(b, src)
}

func benchExpr(b *testing.B, src string, root Node, want string) {
	e := MustCompile(src)
	if got := evalText(src, root, Env{}); got != want {
		b.Fatalf("%s gives %s, not %s", src, got, want)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Eval(ctx, root, Env{}); err != nil {
			b.Fatal(err)
		}
	}
}

const (
	middlePath = "item.where(linkId='g5').item.where(linkId='q52').answer.value"
	threeLooks = "repeat(item).where(linkId='q12').answer.value + repeat(item).where(linkId='q52').answer.value + repeat(item).where(linkId='q96').answer.value"
)

func BenchmarkHandWalk(b *testing.B) {
	v, _ := decodedResponse(b)
	b.ReportAllocs()
	for b.Loop() {
		if handWalk(v, "q52") == nil {
			b.Fatal("not found")
		}
	}
}

// directWalk is the shortest walk there is to that item: it knows the group.
func directWalk(v any, group, link string) any {
	for _, g := range v.(map[string]any)["item"].([]any) {
		if g := g.(map[string]any); g["linkId"] == group {
			for _, i := range g["item"].([]any) {
				if i := i.(map[string]any); i["linkId"] == link {
					return i["answer"].([]any)[0].(map[string]any)["valueInteger"]
				}
			}
		}
	}
	return nil
}

func BenchmarkDirectWalk(b *testing.B) {
	v, _ := decodedResponse(b)
	b.ReportAllocs()
	for b.Loop() {
		if directWalk(v, "g5", "q52") == nil {
			b.Fatal("not found")
		}
	}
}

func BenchmarkPath(b *testing.B) {
	_, root := decodedResponse(b)
	benchExpr(b, middlePath, root, "52")
}

func BenchmarkThreeLookups(b *testing.B) {
	_, root := decodedResponse(b)
	benchExpr(b, threeLooks, root, "160")
}

// BenchmarkUnindexed is the same way without the index, to show what it is worth.
func BenchmarkUnindexed(b *testing.B) {
	_, root := decodedResponse(b)
	benchExpr(b, "repeat(item).where((linkId='q52') = true).answer.value", root, "52")
}

func BenchmarkParse(b *testing.B) {
	src := []byte(answered(100))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeJSON(b *testing.B) {
	src := []byte(answered(100))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal(src, &v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstLookup pays for the parse and the index of the document once.
func BenchmarkFirstLookup(b *testing.B) {
	src := []byte(answered(100))
	e := MustCompile(threeLooks)
	b.ReportAllocs()
	for b.Loop() {
		root, err := Parse(src)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Eval(b.Context(), root, Env{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(threeLooks, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
