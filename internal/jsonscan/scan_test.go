package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/jsonscan"
	"kindred/internal/sample"
)

var small = jsonscan.Limits{Bytes: 4096, Depth: 8, Values: 200, Width: 64, String: 128}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     *fault.Error
	}{
		{"too many bytes", strings.Repeat(" ", 5000), jsonscan.ErrBytes},
		{"nesting bomb", strings.Repeat("[", 9) + strings.Repeat("]", 9), jsonscan.ErrDepth},
		{"unclosed nesting bomb", strings.Repeat("[", 4000), jsonscan.ErrDepth},
		{"wide array", "[" + strings.Repeat("1,", 64) + "1]", jsonscan.ErrWidth},
		{"many values", "[" + strings.Repeat("[1,2,3,4,5,6,7,8],", 30) + "0]", jsonscan.ErrValues},
		{"long string", `"` + strings.Repeat("a", 129) + `"`, jsonscan.ErrString},
		{"duplicate key", `{"a":1,"a":2}`, jsonscan.ErrKeys},
		{"case variant", `{"gender":1,"Gender":2}`, jsonscan.ErrKeys},
		{"escaped variant", `{"gender":1,"\u0047ender":2}`, jsonscan.ErrKeys},
		{"Kelvin sign", "{\"k\":1,\"\u212a\":2}", jsonscan.ErrKeys},
		{"invalid UTF-8", "\"\xff\"", jsonscan.ErrText},
		{"NUL", "\"\x00\"", jsonscan.ErrText},
		{"escaped NUL", `"\u0000"`, jsonscan.ErrText},
		{"lone high surrogate", `"\ud800x"`, jsonscan.ErrText},
		{"lone low surrogate", `"\udc00"`, jsonscan.ErrText},
		{"two high surrogates", `"\ud800\ud800"`, jsonscan.ErrText},
		{"huge exponent", `1e999`, jsonscan.ErrNumber},
		{"long number", strings.Repeat("9", 65), jsonscan.ErrNumber},
		{"leading zero", `01`, jsonscan.ErrSyntax},
		{"no value", ``, jsonscan.ErrSyntax},
		{"trailing comma", `[1,]`, jsonscan.ErrSyntax},
		{"trailing comma in object", `{"a":1,}`, jsonscan.ErrSyntax},
		{"second value", `{} {}`, jsonscan.ErrEnd},
		{"wrong bracket", `[1}`, jsonscan.ErrSyntax},
		{"NaN", `NaN`, jsonscan.ErrSyntax},
		{"byte order mark", "\ufeff{}", jsonscan.ErrSyntax},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := jsonscan.Scan([]byte(c.in), small); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// A hostile object with thousands of keys must not cost the square of their number.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteByte('{')
	for i := range 9000 {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	good := b.String() + `"z":0}`
	if err := jsonscan.Scan([]byte(good), jsonscan.Default); err != nil {
		t.Fatal(err)
	}
	if err := jsonscan.Scan([]byte(b.String()+`"K8999":0}`), jsonscan.Default); !errors.Is(err, jsonscan.ErrKeys) {
		t.Fatalf("got %v", err)
	}
}

func TestDocument(t *testing.T) {
	d, err := jsonscan.Parse([]byte(`{"a":[1.50,"x\u00e9\n\ud83d\ude00",true,null,{"b":{}}],"z\u0061":"q"}`), small)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range d.Root().Get("a").All() {
		got = append(got, v.Kind().String()+" "+v.Text())
	}
	want := []string{"number 1.50", "string xé\n😀", "boolean true", "null ", "object "}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if d.Root().Get("za").Text() != "q" || d.Root().Get("nothing").Exists() || d.Root().Len() != 2 {
		t.Error("members by name")
	}
}

// plainTree turns a Value into what encoding/json gives with UseNumber.
func plainTree(v jsonscan.Value) any {
	switch v.Kind() {
	case jsonscan.True, jsonscan.False:
		return v.Bool()
	case jsonscan.Number:
		return json.Number(v.Text())
	case jsonscan.String:
		return v.Text()
	case jsonscan.Array:
		list := []any{}
		for _, e := range v.All() {
			list = append(list, plainTree(e))
		}
		return list
	case jsonscan.Object:
		m := map[string]any{}
		for _, e := range v.All() {
			m[e.Key()] = plainTree(e)
		}
		return m
	default:
		return nil
	}
}

// Whatever is accepted, encoding/json decodes to the same tree, and Scan and Parse agree.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,{"b":"\u00e9"}],"c":null}`, `"\ud83d\ude00"`, `[[[]]]`, `{"A":1,"a":2}`, "1e-200", `{"":0}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := jsonscan.Parse(b, small)
		if judged := jsonscan.Scan(b, small); (judged == nil) != (err == nil) {
			t.Fatalf("Scan says %v, Parse says %v", judged, err)
		}
		if err != nil {
			return
		}
		var plain any
		if err := json.Unmarshal(b, &plain); err != nil {
			t.Fatalf("accepted, but encoding/json says %v", err)
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := plainTree(d.Root()); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %#v, want %#v", got, want)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	raw := sample.Read(b, "samples", "questionnaires", "health-check-695-items.json")
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			if err := jsonscan.Scan(raw, jsonscan.Default); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			if _, err := jsonscan.Parse(raw, jsonscan.Default); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			var v any
			if err := json.Unmarshal(raw, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
