package consent

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kindred/policies"
)

// TestDifferences: what is not new gives the old text, what is not dropped the new one; one and the same text differs in
// nothing.
func TestDifferences(t *testing.T) {
	side := func(lines []Line, without Fate) []string {
		var out []string
		for _, l := range lines {
			if l.Fate != without {
				out = append(out, l.Text)
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 12)
		was, is := words.Draw(t, "was"), words.Draw(t, "is")
		lines := differences(was, is)
		if !slices.Equal(side(lines, FateNew), was) || !slices.Equal(side(lines, FateDropped), is) {
			t.Fatalf("%v → %v: %v", was, is, lines)
		}
		if slices.Equal(was, is) && slices.ContainsFunc(lines, func(l Line) bool { return l.Fate != FateSame }) {
			t.Fatalf("%v differs from itself: %v", was, lines)
		}
	})
	if n := len(differences(make([]string, linesMost+1), nil)); n != linesMost+1 {
		t.Errorf("%d lines", n)
	}
}

func TestCompare(t *testing.T) {
	parse := func(text []byte) *Document {
		d, err := ParseDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	was := parse(text(1, "en", policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeMatching))
	is := parse([]byte(strings.Replace(string(text(2, "en", policies.ScopeRegistry, policies.ScopeResearch, policies.ScopeCommunity)), "## [research] About\n\nWords.", "## [research] About\n\nOther words.", 1)))
	got := Compare(was, is)
	want := []ScopeFate{{policies.ScopeRegistry, FateSame}, {policies.ScopeResearch, FateReworded}, {policies.ScopeMatching, FateDropped}, {policies.ScopeCommunity, FateNew}}
	for _, w := range want {
		if !slices.Contains(got.Scopes, w) {
			t.Errorf("%v lacks %v", got.Scopes, w)
		}
	}
	if len(got.Scopes) != len(want) || !slices.Contains(got.Lines, Line{FateNew, "Other words."}) {
		t.Errorf("%+v", got)
	}
	if first := Compare(nil, is); len(first.Scopes) != 3 || first.Scopes[0].Fate != FateNew {
		t.Errorf("%+v", first)
	}
	if same := Compare(was, was); same.Lines != nil {
		t.Errorf("%+v", same.Lines)
	}
}
