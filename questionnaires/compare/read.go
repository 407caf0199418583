package compare

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"kindred/internal/jsonscan"
	"kindred/internal/terminology"
)

// Where the extensions of questionnaires are defined.
const (
	core = "http://hl7.org/fhir/StructureDefinition/"
	sdc  = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
)

// bounds fit the largest forms: those that the engine accepts, and more.
var bounds = jsonscan.Limits{Bytes: 64 << 20, Depth: 64, Values: 4_000_000, Width: 200_000, String: 1 << 20}

// form is a Questionnaire as it is compared.
type form struct {
	v         jsonscan.Value
	language  string
	languages map[string]bool // of its texts, its own not counted
	items     []*item         // in the order of the form
	byLink    map[string]*item
	library   *terminology.Library // what it contains
	replaces  map[string]string    // old linkId to the item that says it replaces it
}

// item is an item with its place.
type item struct {
	v      jsonscan.Value
	form   *form
	linkID string
	typ    string
	path   string
	parent *item
	items  []*item
}

func read(raw []byte) (*form, error) {
	d, err := jsonscan.Parse(raw, bounds)
	if err != nil {
		return nil, err
	}
	f := &form{v: d.Root(), languages: map[string]bool{}, byLink: map[string]*item{}, replaces: map[string]string{}}
	if f.v.Get("resourceType").Text() != "Questionnaire" {
		return nil, ErrResource
	}
	f.language = f.v.Get("language").Text()
	f.read(f.v, nil, "Questionnaire")
	// A form whose value sets break a rule is compared without them.
	if f.library, err = terminology.NewLibrary().With(f.v.Get("contained")); err != nil {
		f.library = terminology.NewLibrary()
	}
	f.speak(f.v)
	return f, nil
}

// read takes the items below v; of two with one linkId the first counts. The depth is that of the JSON.
func (f *form) read(v jsonscan.Value, parent *item, path string) {
	for n, i := range v.Get("item").All() {
		one := &item{v: i, form: f, linkID: i.Get("linkId").Text(), typ: i.Get("type").Text(), path: path + ".item[" + strconv.Itoa(n) + "]", parent: parent}
		if one.linkID != "" && f.byLink[one.linkID] == nil {
			f.byLink[one.linkID] = one
			f.items = append(f.items, one)
			if parent != nil {
				parent.items = append(parent.items, one)
			}
			for _, old := range stated(i, ReplacesURL) {
				if old != "" && f.replaces[old] == "" {
					f.replaces[old] = one.linkID
				}
			}
		}
		f.read(i, one, one.path)
	}
}

// speak notes every language of a translation.
func (f *form) speak(v jsonscan.Value) {
	if v.Get("url").Text() == core+"translation" {
		for _, p := range v.Get("extension").All() {
			if p.Get("url").Text() == "lang" {
				f.languages[p.Get("valueCode").Text()] = true
			}
		}
		return
	}
	if k := v.Kind(); k == jsonscan.Object || k == jsonscan.Array {
		for _, m := range v.All() {
			f.speak(m)
		}
	}
}

// ancestors are the items above, the nearest first.
func (i *item) ancestors() []*item {
	var out []*item
	for p := i.parent; p != nil; p = p.parent {
		out = append(out, p)
	}
	return out
}

func (i *item) extensions(url string) []jsonscan.Value { return extensions(i.v, url) }

func extensions(v jsonscan.Value, urls ...string) []jsonscan.Value {
	var out []jsonscan.Value
	for _, e := range v.Get("extension").All() {
		if slices.Contains(urls, e.Get("url").Text()) {
			out = append(out, e)
		}
	}
	return out
}

// value is the value[x] of an extension, option or condition: its member and the value.
func value(v jsonscan.Value, prefix string) (name string, out jsonscan.Value) {
	for _, m := range v.All() {
		if strings.HasPrefix(m.Key(), prefix) {
			return m.Key(), m
		}
	}
	return "", jsonscan.Value{}
}

// canonical writes JSON so that equal things are equal texts: members sorted, numbers by value, ids and the narrative
// of nothing.
func canonical(v jsonscan.Value) string {
	var b strings.Builder
	write(&b, v)
	return b.String()
}

func write(b *strings.Builder, v jsonscan.Value) {
	switch v.Kind() {
	case jsonscan.Object:
		members := map[string]jsonscan.Value{}
		for _, m := range v.All() {
			if m.Key() != "id" {
				members[m.Key()] = m
			}
		}
		b.WriteByte('{')
		for _, k := range sorted(members) {
			b.WriteString(strconv.Quote(k) + ":")
			write(b, members[k])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case jsonscan.Array:
		b.WriteByte('[')
		for _, m := range v.All() {
			write(b, m)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case jsonscan.String:
		b.WriteString(strconv.Quote(v.Text()))
	case jsonscan.Number:
		b.WriteString(number(v.Text()))
	default:
		b.Write(v.Raw())
	}
}

// number brings a decimal into one form, so that 1.0 is 1. Exponents beyond reason stay as written.
func number(s string) string {
	if r, ok := rational(s); ok {
		return r.RatString()
	}
	return s
}

func rational(s string) (*big.Rat, bool) {
	if _, exp, ok := strings.Cut(strings.ToLower(s), "e"); len(s) > 64 || ok && len(strings.TrimLeft(exp, "+-0")) > 2 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// sorted lists the keys of a map in order; keys those of two.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func keys[V any](a, b map[string]V) []string {
	out := slices.Concat(sorted(a), sorted(b))
	slices.Sort(out)
	return slices.Compact(out)
}

// within tells whether every key of a is one of b.
func within[V any](a, b map[string]V) bool {
	for k := range a {
		if _, ok := b[k]; !ok {
			return false
		}
	}
	return true
}

// wording is a text in each of its languages; that of the form itself is under the form's language, "" where it has none.
type wording map[string]string

func (f *form) wording(v jsonscan.Value, member string) wording {
	w := wording{}
	own := v.Get(member).Text()
	if own != "" {
		w[f.language] = own
	}
	side := v.Get("_" + member)
	for _, e := range side.Get("extension").All() {
		switch e.Get("url").Text() {
		case core + "translation":
			var lang, text string
			for _, p := range e.Get("extension").All() {
				switch _, m := value(p, "value"); p.Get("url").Text() {
				case "lang":
					lang = m.Text()
				case "content":
					text = m.Text()
				}
			}
			if text != "" && w[lang] == "" {
				w[lang] = text
			}
		case core + "rendering-xhtml", core + "rendering-markdown":
			// Shown in the place of the plain text: where it says something else, that is what people read.
			if _, m := value(e, "value"); m.Text() != "" && !similar(stripped(m.Text()), own) {
				w[f.language] = stripped(m.Text())
			}
		}
	}
	return w
}

// stripped takes the tags out of XHTML.
func stripped(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '<':
			depth++
			b.WriteByte(' ')
		case r == '>' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("&nbsp;", " ", "&amp;", "&", "&lt;", "<", "&gt;", ">", "*", "").Replace(b.String())
}
