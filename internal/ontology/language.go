package ontology

// functionWords are the little words of disease names in the languages of Orphanet's files.
var functionWords = map[string][]string{
	"en": {"of", "and", "with", "due", "to", "by", "without", "the", "in"},
	"fr": {"de", "du", "des", "avec", "et", "par", "la", "le", "sans", "a", "liee", "lie"},
	"es": {"de", "del", "con", "y", "por", "la", "el", "sin", "debida", "debido"},
	"it": {"di", "del", "da", "con", "e", "della", "senza", "dovuta", "dovuto"},
	"pt": {"de", "do", "da", "com", "e", "por", "sem", "ligada", "devida"},
	"de": {"mit", "und", "durch", "des", "der", "ohne", "bei", "von", "vom"},
	"nl": {"van", "met", "en", "door", "de", "het", "zonder", "bij"},
	"pl": {"z", "w", "i", "zespol", "choroba", "o", "oraz", "bez"},
	"cs": {"s", "a", "syndrom", "onemocneni", "choroba", "u", "bez"},
}

// LabelLanguage tells in which language the labels of a Set are written: as the file says, term by term, where it does,
// and else by the little words in them. It answers "" for labels that do not show it.
func (s *Set) LabelLanguage() string {
	said, counts := map[string]int{}, map[string]int{}
	speaks := map[string][]string{}
	for lang, list := range functionWords {
		for _, w := range list {
			speaks[w] = append(speaks[w], lang)
		}
	}
	for i := range s.Terms {
		t := &s.Terms[i]
		for _, n := range t.Names {
			if n.Kind == Label && n.Text == t.Label {
				said[n.Lang]++
			}
		}
		for _, w := range words(t.Label) {
			for _, lang := range speaks[w] {
				counts[lang]++
			}
		}
	}
	if lang, n := most(said); 2*n > len(s.Terms) {
		return lang
	}
	lang, n := most(counts)
	if n == counts["en"] {
		lang = "en"
	}
	if n < 3 {
		return ""
	}
	return lang
}

// most is the key with the highest count, the first in the alphabet of two alike.
func most(counts map[string]int) (string, int) {
	best, n := "", 0
	for lang, c := range counts {
		if c > n || c == n && n > 0 && lang < best {
			best, n = lang, c
		}
	}
	return best, n
}
