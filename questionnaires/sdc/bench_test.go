package sdc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kindred/internal/sample"
)

// decodes is how long encoding/json takes to decode bytes into any, the measure that the others are held against: the
// middle of several rounds in the same run.
func decodes(b *testing.B, raw []byte) time.Duration {
	b.Helper()
	times := make([]time.Duration, 31)
	for i := range times {
		start := time.Now()
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			b.Fatal(err)
		}
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkCompile695 compiles the health check of 695 items. Wanted: at most 5 times a decode.
func BenchmarkCompile695(b *testing.B) {
	raw := sample.Read(b, "samples", "questionnaires", "health-check-695-items.json")
	unit := decodes(b, raw)
	b.ReportAllocs()
	for b.Loop() {
		if f, found := Compile(raw); f == nil {
			b.Fatal(found.Refusals)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(unit), "decodes/op")
}

// BenchmarkAnswer695 gives one answer to it, recomputes, and draws the page. Wanted: at most half a decode at the 99th
// percentile.
func BenchmarkAnswer695(b *testing.B) {
	raw := sample.Read(b, "samples", "questionnaires", "health-check-695-items.json")
	unit := decodes(b, raw)
	f := mustCompile(b, raw)
	s := f.Start(noon)
	var links []string
	for _, it := range f.items {
		if it.Type == TypeString || it.Type == TypeText || it.Type == TypeInteger || it.Type == TypeDecimal || it.Type == TypeBoolean {
			links = append(links, it.LinkID)
		}
	}
	var times []time.Duration
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		it := &f.items[f.byLink[links[n%len(links)]]]
		p := Path{LinkID: it.LinkID}
		in := s.root
		for _, around := range it.chain {
			in = in.slots[f.items[around].seat].list[0]
			p.At = deeper(p.At, in.id)
		}
		text := fmt.Sprint(30 + n%50)
		if it.Type == TypeBoolean {
			text = []string{"true", "false"}[n%2]
		}
		start := time.Now()
		_, _ = f.Apply(s, Change{Path: p, Entries: []Entry{{Text: text}}})
		f.Page(s, f.PageOf(it.LinkID), "en", nil, nil)
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100])/float64(unit), "p99-decodes")
	b.ReportMetric(float64(times[len(times)/2])/float64(unit), "p50-decodes")
}

// hundred is a form with 100 questions, and a response that answers them all.
func hundred(b testing.TB) (*Form, []byte) {
	var items, answers []string
	for g := range 10 {
		var inner, given []string
		for n := range 10 {
			link := fmt.Sprintf("g%d.%d", g, n)
			text := `"text":"How often has this been the case in the last four weeks?"`
			switch n % 5 {
			case 0:
				inner, given = append(inner, q(link, "integer", text, `"required":true`)), append(given, a(link, `"valueInteger":7`))
			case 1:
				inner, given = append(inner, q(link, "string", text)), append(given, a(link, `"valueString":"Now and then, in the evening"`))
			case 2:
				inner = append(inner, q(link, "choice", text, `"answerOption":[{"valueCoding":{"system":"http://loinc.org","code":"LA6568-5","display":"Never"}},{"valueCoding":{"system":"http://loinc.org","code":"LA6569-3","display":"Often"}}]`))
				given = append(given, a(link, `"valueCoding":{"system":"http://loinc.org","code":"LA6569-3","display":"Often"}`))
			case 3:
				inner, given = append(inner, q(link, "date", text)), append(given, a(link, `"valueDate":"2025-11-04"`))
			default:
				inner = append(inner, q(link, "boolean", text, fmt.Sprintf(`"enableWhen":[{"question":"g%d.0","operator":">","answerInteger":3}]`, g)))
				given = append(given, a(link, `"valueBoolean":true`))
			}
		}
		items = append(items, q(fmt.Sprintf("g%d", g), "group", `"text":"Part"`, `"item":[`+strings.Join(inner, ",")+`]`))
		answers = append(answers, fmt.Sprintf(`{"linkId":"g%d","text":"Part","item":[%s]}`, g, strings.Join(given, ",")))
	}
	raw := responseOf("completed", answers...)
	raw = []byte(strings.ReplaceAll(string(raw), `","answer"`, `","text":"How often has this been the case in the last four weeks?","answer"`))
	return mustCompile(b, form(strings.Join(items, ","))), raw
}

// BenchmarkValidate100 judges a response of 100 answers from its bytes. Wanted: at most 1.5 times a decode.
func BenchmarkValidate100(b *testing.B) {
	f, raw := hundred(b)
	unit := decodes(b, raw)
	var times []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		in, _ := f.Read(raw, noon)
		times = append(times, time.Since(start))
		if len(in.Issues) > 0 {
			b.Fatal(toldIssues(in.Issues))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2])/float64(unit), "p50-decodes")
}

// One answer allocates the same in a form of ten questions and in one of a thousand.
func TestAnAnswerAllocatesTheSameInEveryForm(t *testing.T) {
	cost := func(questions int) float64 {
		var items []string
		for n := range questions {
			items = append(items, q(fmt.Sprintf("q%d", n), "integer"))
		}
		items = append(items, q("s", "integer", extensions(byPath("calculatedExpression", "%resource.item.where(linkId='q1').answer.value + 1"))))
		f := mustCompile(t, form(strings.Join(items, ",")))
		s := f.Start(noon)
		for n := range questions {
			put(f, s, fmt.Sprintf("q%d", n), "1")
		}
		n := 0
		return testing.AllocsPerRun(200, func() {
			n++
			put(f, s, "q1", fmt.Sprint(n))
		})
	}
	if small, large := cost(10), cost(1000); large > small+2 {
		t.Errorf("%.0f allocations in a small form, %.0f in a large one", small, large)
	}
}
