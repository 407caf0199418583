package sdc

import "strings"

// Translation is how far a form is translated into one language.
type Translation struct {
	Language string
	Said, Of int      // texts that exist in the language, and texts there are
	Missing  []string // linkIds of the items that lack it, in the order of the form
}

// Complete tells whether nothing is missing.
func (t Translation) Complete() bool { return t.Said == t.Of }

// Translations tells for each language which of the form's texts exist in it: its title, and the texts and options of
// its items. Texts that the form holds in its own language count for that language; where it does not say which that
// is, they count for none.
func (f *Form) Translations(langs ...string) []Translation {
	list := make([]Translation, len(langs))
	for n, lang := range langs {
		t := Translation{Language: lang}
		own := f.Language != "" && strings.EqualFold(primary(f.Language), primary(lang))
		said := func(text Text) bool {
			if text.Empty() {
				return true
			}
			t.Of++
			if _, in := text.In(lang); in == "" && !own {
				return false
			}
			t.Said++
			return true
		}
		said(f.Title)
		for i := range f.items {
			it := &f.items[i]
			whole := said(it.Text)
			for _, o := range it.Options {
				whole = said(o.Label) && whole
			}
			if !whole {
				t.Missing = append(t.Missing, it.LinkID)
			}
		}
		list[n] = t
	}
	return list
}

// primary is a language tag without script and region.
func primary(tag string) string {
	tag, _, _ = strings.Cut(tag, "-")
	return tag
}

// PageEffort is how long one page of a form takes from its start, in minutes, by the rule of Remaining.
type PageEffort struct {
	Number    int // from 0
	Title     string
	Questions int // in all, asked from the start or not
	Minutes   float64
}

// Effort tells the effort of every page of a form that nobody has begun.
func (f *Form) Effort(lang string) []PageEffort {
	s := f.Start()
	list := make([]PageEffort, len(f.pages))
	for n, p := range f.pages {
		list[n] = PageEffort{Number: n, Title: p.title.For(lang), Questions: f.questionsIn(p.items), Minutes: f.pageSeconds(s, n) / 60}
	}
	return list
}

// questionsIn counts the questions among items and all that stand under them.
func (f *Form) questionsIn(items []int) int {
	n := 0
	for _, i := range items {
		if f.items[i].question() {
			n++
		}
		n += f.questionsIn(f.items[i].children)
	}
	return n
}
