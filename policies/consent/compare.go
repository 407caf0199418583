package consent

import (
	"slices"
	"strings"

	"kindred/policies"
)

// Fate says what a new version does with a choice.
type Fate string

// The fates of a choice.
const (
	FateSame     Fate = "same"     // the words that explain it are the same
	FateReworded Fate = "reworded" // it is explained in other words
	FateNew      Fate = "new"      // nobody has been asked for it
	FateDropped  Fate = "dropped"  // nobody will be asked for it any more
)

// Line is one line of a text, or where a text leaves out what does not differ.
type Line struct {
	Fate Fate // FateSame, FateNew or FateDropped
	Text string
}

// Comparison is what a version changes against the one before it, in one language.
type Comparison struct {
	Language string
	Scopes   []ScopeFate // in the order of policies.Scopes
	Lines    []Line      // of the whole text; empty where nothing differs
}

// ScopeFate is what becomes of one choice.
type ScopeFate struct {
	Scope policies.Scope
	Fate  Fate
}

// Compare tells what one text changes against another in the same language; was may be nil: then all is new.
func Compare(was, is *Document) Comparison {
	c := Comparison{Language: is.Language}
	if was == nil {
		was = &Document{}
	}
	for _, s := range policies.Scopes {
		before, asked := was.Section(s)
		after, asks := is.Section(s)
		switch {
		case !asked && !asks:
		case !asked:
			c.Scopes = append(c.Scopes, ScopeFate{s, FateNew})
		case !asks:
			c.Scopes = append(c.Scopes, ScopeFate{s, FateDropped})
		case slices.Equal(linesOf(before), linesOf(after)):
			c.Scopes = append(c.Scopes, ScopeFate{s, FateSame})
		default:
			c.Scopes = append(c.Scopes, ScopeFate{s, FateReworded})
		}
	}
	lines := differences(textLines(was.Text), textLines(is.Text))
	if slices.ContainsFunc(lines, func(l Line) bool { return l.Fate != FateSame }) {
		c.Lines = lines
	}
	return c
}

// linesOf is all that a section says.
func linesOf(s Section) []string {
	lines := blockLines([]string{s.Heading}, s.Blocks)
	for _, p := range s.Parts {
		lines = blockLines(append(lines, p.Heading), p.Blocks)
	}
	return lines
}

func blockLines(lines []string, blocks []Block) []string {
	for _, b := range blocks {
		if b.Text != "" {
			lines = append(lines, b.Text)
		}
		lines = append(lines, b.Items...)
	}
	return lines
}

// textLines are the lines that are read: without the header, which differs always, and without empty ones.
func textLines(text string) []string {
	_, body, _ := strings.Cut(text, "\n\n")
	return strings.FieldsFunc(body, func(r rune) bool { return r == '\n' })
}

// linesMost bounds the work of comparing: more lines than these on either side are told as all dropped and all new.
const linesMost = 2000

// differences walks from one list of lines to another by the longest common part of both. What both have is there too,
// so that applying it to the one gives the other.
func differences(was, is []string) []Line {
	var out []Line
	if len(was) > linesMost || len(is) > linesMost {
		return append(fated(FateDropped, was), fated(FateNew, is)...)
	}
	// common[i][j] is the length of the longest common part of was[i:] and is[j:].
	common := make([][]int16, len(was)+1)
	for i := range common {
		common[i] = make([]int16, len(is)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(is) - 1; j >= 0; j-- {
			if was[i] == is[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(was) && j < len(is) {
		switch {
		case was[i] == is[j]:
			out = append(out, Line{FateSame, was[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, Line{FateDropped, was[i]})
			i++
		default:
			out = append(out, Line{FateNew, is[j]})
			j++
		}
	}
	return append(append(out, fated(FateDropped, was[i:])...), fated(FateNew, is[j:])...)
}

func fated(f Fate, lines []string) []Line {
	out := make([]Line, len(lines))
	for i, l := range lines {
		out[i] = Line{f, l}
	}
	return out
}
