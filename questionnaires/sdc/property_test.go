package sdc

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// generated draws a form whose items depend on each other in every way there is, without circles: an item reads those
// that were drawn before it, wherever they stand.
func generated(t *rapid.T) []byte {
	g := &generator{t: t}
	return form(g.items(0, rapid.IntRange(2, 5).Draw(t, "items")))
}

type generator struct {
	t     *rapid.T
	n     int
	asked []string // questions so far
}

func (g *generator) items(depth, count int) string {
	var list []string
	for range count {
		list = append(list, g.item(depth))
	}
	return strings.Join(list, ",")
}

func (g *generator) flip(name string) bool { return rapid.Bool().Draw(g.t, name) }

func (g *generator) item(depth int) string {
	g.n++
	link := fmt.Sprintf("i%d", g.n)
	var more, exts []string
	if g.flip("repeats") {
		more = append(more, `"repeats":true`)
	}
	if read := g.read(); read != "" {
		switch rapid.IntRange(0, 5).Draw(g.t, "condition") {
		case 0:
			exts = append(exts, byPath("enableWhenExpression", read+".count() > "+fmt.Sprint(rapid.IntRange(0, 2).Draw(g.t, "k"))))
		case 1:
			exts = append(exts, byPath("enableWhenExpression", read+".exists() and "+g.read()+".empty()"))
		case 2:
			more = append(more, fmt.Sprintf(`"enableWhen":[{"question":%q,"operator":"exists","answerBoolean":%t}]`, g.asked[len(g.asked)-1], g.flip("exists")))
		}
		if g.flip("text") {
			more = append(more, `"_text":`+computedBy("'Seen ' + "+read+".count().toString()"), `"text":"?"`)
		}
		if g.flip("required") {
			more = append(more, `"_required":`+computedBy(read+".exists()"))
		}
		if g.flip("variable") {
			exts = append(exts, variableExt("v"+link, read+".sum()"))
		}
	}
	kind := rapid.SampledFrom([]string{"group", "integer", "integer", "decimal", "boolean"}).Draw(g.t, "type")
	if depth > 2 && kind == "group" {
		kind = "integer"
	}
	if kind != "group" {
		if read := g.read(); read != "" && kind == "integer" && g.flip("calculated") {
			exts = append(exts, byPath("calculatedExpression", rapid.SampledFrom([]string{read + ".count()", read + ".sum() + 1", "iif(" + read + ".count() > 1, 7, {})"}).Draw(g.t, "sum")))
		}
	}
	inner := ""
	if kind == "group" || depth < 2 && g.flip("under") {
		inner = g.items(depth+1, rapid.IntRange(1, 3).Draw(g.t, "inner"))
		more = append(more, `"item":[`+inner+`]`)
	}
	if kind != "group" {
		g.asked = append(g.asked, link)
	}
	if len(exts) > 0 {
		more = append(more, extensions(exts...))
	}
	return q(link, kind, more...)
}

// read is an expression for answers to an item that was drawn before.
func (g *generator) read() string {
	if len(g.asked) == 0 {
		return ""
	}
	link := rapid.SampledFrom(g.asked).Draw(g.t, "read")
	way := rapid.SampledFrom([]string{"%resource.descendants()", "%resource.repeat(item | answer.item)", "%resource.repeat(item|answer)"}).Draw(g.t, "way")
	return way + ".where(linkId='" + link + "').answer.value.ofType(integer)"
}

// picture is all that can be seen of a state: what is enabled, the answers, what expressions made of the items, and the
// tree that expressions see.
func picture(f *Form, s *State) string {
	f.reflectAll(s)
	b, _ := s.mirror.Root().MarshalJSON()
	var sb strings.Builder
	fmt.Fprintf(&sb, "%v\n%s\n%s\n", conditions(s.root), f.Save(s), b)
	var walk func(o *occurrence)
	walk = func(o *occurrence) {
		for i := range o.slots {
			if l := o.slots[i].live; l != nil {
				fmt.Fprintf(&sb, "%s %q %t\n", l.item.LinkID, l.item.Text.Plain, l.item.Required)
			}
			for _, in := range o.slots[i].list {
				walk(in)
			}
		}
	}
	walk(s.root)
	return sb.String()
}

// scratch is the same answers, computed from nothing.
func scratch(f *Form, s *State) *State {
	c := s.Clone()
	var reset func(o *occurrence, children []int)
	reset = func(o *occurrence, children []int) {
		for _, child := range children {
			it := &f.items[child]
			sl := &o.slots[it.seat]
			sl.on, sl.live = !it.conditional(), nil
			for _, in := range sl.list {
				if len(in.slots) > 0 {
					reset(in, it.children)
				}
			}
		}
	}
	reset(c.root, f.top)
	f.evaluateAll(c)
	return c
}

// After any sequence of edits of any form: computing what depends on a change gives what computing everything gives;
// computing again changes nothing; a draft is saved and read back as it was; and no calculated answer is ever at fault.
func TestIncrementalEqualsFromScratch(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		raw := generated(t)
		f, found := Compile(raw)
		if f == nil {
			if refused++; strings.Contains(told(found.Refusals), "cycle") {
				t.Skip("a circle")
			}
			t.Fatalf("%s\n%s", told(found.Refusals), raw)
		}
		s := f.Start(noon)
		draw(t, f, s, func() {
			now := picture(f, s)
			if whole := picture(f, scratch(f, s)); now != whole {
				t.Fatalf("%s\nincremental\n%s\nfrom scratch\n%s", raw, now, whole)
			}
			f.evaluateAll(s)
			if again := picture(f, s); now != again {
				t.Fatalf("%s\nonce\n%s\ntwice\n%s", raw, now, again)
			}
		})
		saved := f.Save(s)
		back, faults := f.Restore(saved, noon)
		if len(faults) > 0 || !bytes.Equal(f.Save(back.State), saved) || !slices.Equal(conditions(back.State.root), conditions(s.root)) {
			t.Fatalf("%s\n%s: saved %s, read back %s", raw, told(faults), saved, f.Save(back.State))
		}
		sent := f.Encode(s, Header{Status: Completed, Language: "en"})
		e := f.Evaluate(sent, noon)
		again := f.Evaluate(e.Response, noon)
		if !bytes.Equal(e.Response, again.Response) {
			t.Fatalf("%s\nevaluated %s, then %s", raw, e.Response, again.Response)
		}
		in, _ := f.Read(e.Response, noon)
		for _, i := range in.Issues {
			if i.Severity == SeverityError && i.Fault.Key != errRequired.Key {
				t.Fatalf("%s\n%s: %s", raw, e.Response, toldIssues(in.Issues))
			}
		}
	})
	t.Logf("%d forms refused", refused)
}
