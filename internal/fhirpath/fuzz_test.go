package fhirpath

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

var seeds = []string{
	"name.given.where($this = 'a').first() & '\\u00e9'", "@2014-01-01T10:00:00.5+02:00 + 3 days > today()", "4.5 'mg' * 2 'mL' ~ 3 '1' or {}", "a.b[0] is FHIR.Patient and (c as string) = 'x'",
	"%`vs-x`.aggregate($total + $index, 0)", "repeat(item | answer).where(linkId = 'a').answer.value.sum()", "-(1.0).round(2) div 3 mod 2 - -1", "/* c */ `a``b` // x",
	"iif(a implies b, Coding { code: 'x' }, 'y'.matches('^a(b|c)*$'))", "sort(-a, b desc).defineVariable('x').select(%x | $this)", "5L + 99999999999.99999999999999999999999", "'a'.encode('hex').toChars().join(',')",
	"1 '10*3/uL'.toQuantity('L-1.kg2') = 1 '(m.s-2)/h'", "'31.12.99 11:59:59.123 PM +0100'.toDateTime('dd.MM.yy hh:mm:ss.SSS a Z').highBoundary()",
}

// FuzzExpression holds that nothing panics, that printing is stable, and that an evaluation ends within its budget.
func FuzzExpression(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	root := mustParse(f, maria)
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Compile(src, Options{})
		if err != nil {
			wantOwn(t, err)
			return
		}
		printed := e.String()
		again, err := Compile(printed, Options{})
		if err != nil {
			var own *Error
			if errors.As(err, &own) && (strings.Contains(own.Message, "deep") || strings.Contains(own.Message, "bytes long")) {
				return // brackets that printing adds may pass the limits of reading
			}
			t.Fatalf("%q prints as %q, which is refused: %s", src, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q prints as %q and then as %q", src, printed, again.String())
		}
		e.Check(CheckOptions{Type: "Patient", Strict: true})
		e.Reads()
		budget := Budget{Steps: 20_000, Bytes: 1 << 20, Time: time.Second}
		ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		out, err := e.Eval(ctx, root, Env{Now: noon, Budget: budget})
		if ctx.Err() != nil {
			t.Fatalf("%q took longer than its budget allows", src)
		}
		if err != nil {
			wantOwn(t, err)
			return
		}
		if _, err := json.Marshal(out); err != nil {
			t.Fatalf("%q gives what cannot be written: %s", src, err)
		}
		same, err := again.Eval(t.Context(), root, Env{Now: noon, Budget: budget})
		if err != nil || show(out) != show(same) {
			t.Fatalf("%q and %q give %s and %s (%v)", src, printed, show(out), show(same), err)
		}
	})
}

func wantOwn(t *testing.T, err error) {
	var own *Error
	if !errors.As(err, &own) {
		t.Fatalf("an error of another package came out: %v", err)
	}
}

// FuzzDocument holds that reading JSON never panics, agrees with encoding/json on what is JSON, and that what was read
// can be written and read again to the same.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{maria, lucia, luciasForm, `{"a":[null,1,{"b":"\u00e9\n"}],"_a":[{"id":"x"}]}`, `{"valueUuid":{"value":"x"}}`, `-1.5e3`, `[]`} {
		f.Add([]byte(s))
	}
	every := MustCompile("descendants().select($this.toString() | type().name).count()")
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data)
		if err != nil {
			wantOwn(t, err)
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q was read and is not JSON", data)
		}
		b, err := n.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(b)
		if err != nil {
			t.Fatalf("%q is written as %q, which is refused: %s", data, b, err)
		}
		if again, _ := m.MarshalJSON(); !bytes.Equal(b, again) {
			t.Fatalf("%q is written as %q and then as %q", data, b, again)
		}
		if _, err := every.Eval(t.Context(), n, Env{Budget: Budget{Steps: 200_000}}); err != nil {
			wantOwn(t, err)
		}
	})
}

// FuzzProtocol holds that every line in that is not blank has exactly one JSON line out.
func FuzzProtocol(f *testing.F) {
	f.Add([]byte(`{"id":1,"resource":{"resourceType":"Patient"},"expression":"id","variables":{"a":[1,"x"]}}` + "\n\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		if err := Serve(bytes.NewReader(data), &out, func() time.Time { return noon }); err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, l := range bytes.Split(data, []byte("\n")) {
			if len(bytes.TrimSpace(l)) > 0 {
				lines++
			}
		}
		dec := json.NewDecoder(&out)
		for range lines {
			var a response
			if err := dec.Decode(&a); err != nil {
				t.Fatal(err)
			}
			if (a.Error == "") == (a.Result == nil) {
				t.Fatalf("an answer has a result or an error: %+v", a)
			}
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			t.Fatal("more answers than questions")
		}
	})
}

func TestServe(t *testing.T) {
	in := strings.Join([]string{
		`{"id":"a","resource":{"resourceType":"Patient","name":[{"given":["Maria"]}],"birthDate":"1980-02-29"},"expression":"name.given"}`,
		`{"id":7,"expression":"1 + 1.50"}`,
		`{"id":"q","expression":"4 'mg' | today()"}`,
		`{"id":"v","expression":"%a + %b.c","variables":{"a":2,"b":{"c":3}}}`,
		`{"id":"l","expression":"%a.sum() & %none","variables":{"a":[1,2],"none":null}}`,
		`{"id":"e","expression":"1 +"}`,
		`{"id":"s","resource":{"resourceType":"Patient"},"expression":"nome","strict":true}`,
		`{"id":"n","resource":{"resourceType":"Patient"},"expression":"nome"}`,
		`not json`,
		`{"id":"x"}`,
		`{"id":"g","resource":{"resourceType":"Patient","name":[{"given":[null,"Luz"],"_given":[{"id":"g"},null]}]},"expression":"name.given"}`,
		`{"id":"d","expression":"%when > @2020-01-01","variables":{"when":"2021-05-05"}}`,
		`{"id":"k","expression":"%w > 3 'kg'","variables":{"w":{"value":4,"unit":"kg"}}}`,
	}, "\n")
	want := []string{`{"id":"a","result":["Maria"]}`, `{"id":7,"result":[2.50]}`, `{"id":"q","result":[{"unit":"mg","value":4},"2026-05-04"]}`, `{"id":"v","result":[5]}`,
		`{"id":"l","error":`, `{"id":"e","error":`, `{"id":"s","error":`, `{"id":"n","result":[]}`, `{"id":null,"error":`, `{"id":"x","error":`, `{"id":"g","result":["Luz"]}`, `{"id":"d","result":[true]}`, `{"id":"k","result":[true]}`}
	want[4] = `{"id":"l","result":["3"]}`
	var out bytes.Buffer
	if err := Serve(strings.NewReader(in), &out, func() time.Time { return noon }); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d answers: %s", len(got), out.String())
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("line %d: %s, not %s", i, got[i], want[i])
		}
	}
}

func TestServeLongLine(t *testing.T) {
	in := io.MultiReader(strings.NewReader(`{"id":1,"expression":"'`), io.LimitReader(endless{}, maxLine+10), strings.NewReader("'\"}\n"+`{"id":2,"expression":"1"}`))
	var out bytes.Buffer
	if err := Serve(in, &out, func() time.Time { return noon }); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "{\"id\":null,\"error\":\"the line is too long\"}\n{\"id\":2,\"result\":[1]}\n" {
		t.Error(got)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
