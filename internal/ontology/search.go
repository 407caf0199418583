package ontology

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a query: what lies beyond is ignored.
const (
	maxQuery = 200 // bytes
	maxWords = 10
)

// leastShare is how much of what was asked, in letters, a name must answer. Somebody who writes a sentence says more than
// any name does.
const leastShare = 0.4

// Match is one answer of a search.
type Match struct {
	Term  *Term
	Name  string  // the name that matched, which may be a synonym of what is shown
	Score float64 // 2 and above: the whole name; 1 and above: its beginning; below: words of it
}

// nameRow is one name of one term, ready to be searched.
type nameRow struct {
	term  int32
	lang  string
	text  string
	key   string  // folded words, joined by a space
	size  float32 // letters in its telling words
	merit float32 // small preference between kinds of names
}

// word is one word of a language's vocabulary.
type word struct {
	text  string
	mask  uint32 // which letters occur
	runes int
	names []int32 // rows in which it occurs, ascending
}

// tongue is what is searched for one language.
type tongue struct{ words []word } // sorted by text

func (x *Index) buildSearch() {
	lists := map[string]map[string][]int32{}
	add := func(term int, lang, text string, merit float32) {
		ws := words(text)
		if len(ws) == 0 {
			return
		}
		row := int32(len(x.names))
		vocabulary := lists[lang]
		if vocabulary == nil {
			vocabulary = map[string][]int32{}
			lists[lang] = vocabulary
		}
		size := 0
		for _, w := range telling(ws) {
			size += utf8.RuneCountInString(w)
		}
		for _, w := range ws {
			if l := vocabulary[w]; len(l) == 0 || l[len(l)-1] != row {
				vocabulary[w] = append(l, row)
			}
		}
		x.names = append(x.names, nameRow{int32(term), lang, text, strings.Join(ws, " "), float32(size), merit})
	}
	below := x.countBelow()
	for i := range x.terms {
		t := &x.terms[i]
		if t.Obsolete {
			continue
		}
		bonus := min(0.12, 0.02*float32(math.Log2(1+float64(below[i])))) // of two alike, the more general first
		if t.Group() {
			bonus = -0.06 // a heading comes after a diagnosis of the same words
		}
		add(i, "en", t.Label, 0.04+bonus)
		for _, n := range t.Names {
			add(i, n.Lang, n.Text, merits[n.Kind]+bonus)
		}
	}
	x.tongues = map[string]*tongue{}
	for lang, vocabulary := range lists {
		x.tongues[lang] = newTongue(vocabulary)
	}
}

// countBelow counts, for each term, the terms that lie under it.
func (x *Index) countBelow() []int {
	below := make([]int, len(x.terms))
	for i := range x.ancestors {
		for _, a := range x.ancestors[i] {
			below[a]++
		}
	}
	return below
}

var merits = map[NameKind]float32{Label: 0.04, Lay: 0.03, Synonym: 0}

func newTongue(vocabulary map[string][]int32) *tongue {
	t := &tongue{words: make([]word, 0, len(vocabulary))}
	for w, names := range vocabulary {
		t.words = append(t.words, word{w, mask(w), utf8.RuneCountInString(w), slices.Clip(names)})
	}
	slices.SortFunc(t.words, func(a, b word) int { return cmp.Compare(a.text, b.text) })
	return t
}

// Search finds at most n terms for what a person typed, best first: whole names, then beginnings, then names with
// most of the words, in any order, with accents, case, endings and small slips forgiven. It looks at names in the
// language and in English; where neither gives anything, in all languages. An identifier finds its term.
func (x *Index) Search(query, lang string, n int) []Match {
	if n <= 0 {
		return nil
	}
	if len(query) > maxQuery {
		query = strings.ToValidUTF8(query[:maxQuery], "")
	}
	if t, ok := x.Resolve(strings.ToUpper(strings.TrimSpace(query))); ok {
		return []Match{{t, t.Plain(lang), 3}}
	}
	all := words(query)
	if len(all) == 0 {
		return nil
	}
	if len(all) > maxWords {
		all = all[:maxWords]
	}
	lang = Base(lang)
	langs := []string{lang}
	if lang != "en" {
		langs = append(langs, "en")
	}
	found := x.collect(all, lang, langs, n)
	if len(found) == 0 {
		found = x.collect(all, lang, x.Languages(), n)
	}
	return found
}

// collect scores the names in some languages and keeps the best of each term.
func (x *Index) collect(all []string, lang string, langs []string, n int) []Match {
	query := strings.Join(all, " ")
	asked := telling(all)
	letters := 0
	for _, w := range asked {
		letters += utf8.RuneCountInString(w)
	}
	best := map[int32]Match{}
	for _, l := range langs {
		t := x.tongues[l]
		if t == nil {
			continue
		}
		own := float32(0)
		if l == lang {
			own = 0.05
		}
		for row, got := range t.score(asked) {
			share := got.asked / float32(letters)
			if share < leastShare {
				continue
			}
			r := &x.names[row]
			s := share*(0.6+0.3*min(1, got.named/r.size)) + r.merit + own
			switch {
			case r.key == query:
				s += 2
			case strings.HasPrefix(r.key, query):
				s += 1
			case len(asked) > 1 && strings.Contains(r.key, " "+query):
				s += 0.9 // "proximal spinal muscular atrophy" for the last three words
			}
			if b, ok := best[r.term]; !ok || float64(s) > b.Score {
				best[r.term] = Match{&x.terms[r.term], r.text, float64(s)}
			}
		}
	}
	out := make([]Match, 0, len(best))
	for _, m := range best {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Term.ID, b.Term.ID))
	})
	return out[:min(n, len(out))]
}

// tally is how much of the query a name answers, and how much of the name was asked for, in letters.
type tally struct{ asked, named float32 }

// score adds up, for each name that shares a word with the query, the letters that agree.
func (t *tongue) score(asked []string) map[int32]tally {
	rows := map[int32]tally{}
	for _, q := range asked {
		size := float32(utf8.RuneCountInString(q))
		here := map[int32]tally{}
		t.near(q, func(w *word, likeness float32) {
			for _, row := range w.names {
				if g := here[row]; likeness*size > g.asked {
					here[row] = tally{likeness * size, likeness * float32(w.runes)}
				}
			}
		})
		for row, g := range here {
			sum := rows[row]
			rows[row] = tally{sum.asked + g.asked, sum.named + g.named}
		}
	}
	return rows
}

// near visits the words that q may mean, with their likeness: the word itself 1, a longer word that begins with it,
// a word of the same stem, a word a slip or two away.
func (t *tongue) near(q string, visit func(*word, float32)) {
	runes := utf8.RuneCountInString(q)
	if runes == 1 { // one letter begins a tenth of everything; only the word itself is meant
		if i, ok := slices.BinarySearchFunc(t.words, q, func(w word, s string) int { return cmp.Compare(w.text, s) }); ok {
			visit(&t.words[i], 1)
		}
		return
	}
	stem := q
	if runes >= 6 {
		stem = firstRunes(q, max(4, runes*11/20))
	}
	slips := 0
	if runes >= 4 {
		slips = 1
	}
	if runes >= 8 {
		slips = 2
	}
	from, _ := slices.BinarySearchFunc(t.words, stem, func(w word, s string) int { return cmp.Compare(w.text, s) })
	to := from
	for ; to < len(t.words) && strings.HasPrefix(t.words[to].text, stem); to++ {
		w := &t.words[to]
		switch {
		case w.text == q:
			visit(w, 1)
		case strings.HasPrefix(w.text, q):
			visit(w, 0.75+0.2*float32(runes)/float32(w.runes))
		default:
			common := float32(sharedRunes(w.text, q)) / float32(max(runes, w.runes))
			if near := slipLikeness(q, w.text, slips); near > 0 {
				visit(w, near)
			} else if common >= 0.55 {
				visit(w, 0.4+0.4*common)
			}
		}
	}
	if slips == 0 {
		return
	}
	m := mask(q)
	for i := range t.words {
		w := &t.words[i]
		if i >= from && i < to || w.runes > runes+slips || w.runes < runes-slips || bits.OnesCount32(m^w.mask) > 2*slips {
			continue
		}
		if likeness := slipLikeness(q, w.text, slips); likeness > 0 {
			visit(w, likeness)
		}
	}
}

func slipLikeness(a, b string, slips int) float32 {
	switch d := distance(a, b, slips); {
	case slips == 0 || d > slips:
		return 0
	case d == 2:
		return 0.65
	}
	return 0.8
}

// mask notes which letters occur: two words within d slips differ in at most 2d bits.
func mask(s string) uint32 {
	var m uint32
	for _, r := range s {
		m |= 1 << (uint32(r) % 32)
	}
	return m
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func sharedRunes(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return utf8.RuneCountInString(a[:n])
}

// distance is the number of slips between two words (a letter missing, added, changed, or two neighbours swapped),
// or limit+1 where there are more.
func distance(a, b string, limit int) int {
	var bufA, bufB [48]rune
	ra, rb := append(bufA[:0], []rune(a)...), append(bufB[:0], []rune(b)...)
	if len(ra) > 47 || len(rb) > 47 || len(ra)-len(rb) > limit || len(rb)-len(ra) > limit {
		return limit + 1
	}
	var rows [3][48]int
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(rb) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			d := min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				d = min(d, before[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, now = last, now, before
	}
	return last[len(rb)]
}
