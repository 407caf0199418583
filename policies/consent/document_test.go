package consent

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/policies"
	"kindred/schemas"
)

// edition reads every consent document that ships, by language.
func edition(t testing.TB) map[string]*Document {
	t.Helper()
	names, err := fs.Glob(schemas.Consent, "consent/*.md")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	docs := map[string]*Document{}
	for _, name := range names {
		text, err := fs.ReadFile(schemas.Consent, name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ParseDocument(text)
		if err != nil {
			t.Fatalf("%s: %v", name, fault.All(err)[0].Args)
		}
		docs[d.Language] = d
	}
	return docs
}

func TestTheDocumentThatShips(t *testing.T) {
	docs := edition(t)
	var list []*Document
	for _, d := range docs {
		list = append(list, d)
	}
	if err := checkEdition(list); err != nil {
		t.Fatal(err)
	}
	en, es := docs["en"], docs["es"]
	if en.Version != 1 || en.Name != "kindred" || en.Hash == es.Hash || len(en.Hash) != 64 {
		t.Fatal(en.Name, en.Version, en.Hash)
	}
	if !slices.Equal(en.Scopes, policies.Scopes) {
		t.Fatalf("the document asks for %v", en.Scopes)
	}
	for i := range en.Sections {
		if en.Sections[i].Scope != es.Sections[i].Scope {
			t.Errorf("section %d: %q beside %q", i, en.Sections[i].Heading, es.Sections[i].Heading)
		}
	}
	for _, language := range locale.Languages {
		for _, s := range policies.Scopes {
			section, ok := docs[language].Section(s)
			if !ok || len(section.Parts) != 5 {
				t.Fatalf("%s, %s: what, why, who, how long and how to withdraw, but there are %d parts", language, s, len(section.Parts))
			}
			for _, part := range section.Parts {
				if len(part.Blocks) == 0 {
					t.Errorf("%s, %s, %s is empty", language, s, part.Heading)
				}
			}
		}
	}
}

// Sentences of the consent text are short enough to be understood at the age of eleven: fifteen words on average, and
// none over thirty-five.
func TestTheDocumentIsEasyToRead(t *testing.T) {
	for language, d := range edition(t) {
		words, sentences := 0, 0
		for _, section := range d.Sections {
			blocks := slices.Clone(section.Blocks)
			for _, p := range section.Parts {
				blocks = append(blocks, p.Blocks...)
			}
			for _, b := range blocks {
				for _, text := range append(b.Items, b.Text) {
					for _, s := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".:;?", r) }) {
						n := len(strings.Fields(s))
						if n == 0 {
							continue
						}
						if n > 35 {
							t.Errorf("%s: %d words: %s", language, n, s)
						}
						words, sentences = words+n, sentences+1
					}
				}
			}
		}
		if mean := float64(words) / float64(sentences); mean > 15 {
			t.Errorf("%s: %.1f words in a sentence", language, mean)
		}
	}
}

const small = "Document: small\nVersion: 1\nLanguage: en\nScopes: registry, research\n\n# Title\n\nHello.\n\n## General\n\n- one\n- two\n\n## [registry] A place\n\n### Why\n\nBecause.\n\n## [research] Sharing\n\nText.\n"

func TestParseDocument(t *testing.T) {
	d, err := ParseDocument([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if d.Title != "Title" || len(d.Intro) != 1 || len(d.Sections) != 3 || len(d.General()) != 1 {
		t.Fatalf("%+v", d)
	}
	if items := d.Sections[0].Blocks[0].Items; !slices.Equal(items, []string{"one", "two"}) {
		t.Fatal(items)
	}
	if s, _ := d.Section(policies.ScopeRegistry); s.Heading != "A place" || s.Parts[0].Heading != "Why" || s.Parts[0].Blocks[0].Text != "Because." {
		t.Fatalf("%+v", s)
	}
	for _, c := range []struct{ name, old, new, reason string }{
		{"no header", "Document: small\n", "", "header"},
		{"capitals in the name", "small", "Small", "header"},
		{"version zero", "Version: 1", "Version: 0", "header"},
		{"version with a sign", "Version: 1", "Version: +1", "header"},
		{"language nobody speaks here", "Language: en", "Language: xx", "language"},
		{"unknown scope", "registry, research", "registry, reserch", "scope"},
		{"a scope twice", "registry, research", "registry, registry", "scope"},
		{"a scope without its section", "registry, research", "registry, research, matching", "scope_unexplained"},
		{"a section for a scope not asked", "[research]", "[matching]", "scope"},
		{"two sections for a scope", "[research]", "[registry]", "scope"},
		{"two titles", "Hello.", "# Other", "heading"},
		{"a part outside a section", "Hello.", "### Part", "heading"},
		{"a deep heading", "### Why", "#### Why", "heading"},
		{"text before the title", "# Title", "Hello", "title"},
		{"a trailing space", "Hello.", "Hello. ", "line"},
		{"a carriage return", "Hello.", "Hello.\r", "characters"},
		{"an invisible override", "Hello.", "Hello\u202e.", "characters"},
		{"an empty item", "- one", "-", "line"},
		{"a very long line", "Hello.", strings.Repeat("x", lineMax+1), "line"},
		{"a very long text", "Hello.", strings.Repeat("x\n\n", textMax/3), "size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseDocument([]byte(strings.Replace(small, c.old, c.new, 1)))
			if err == nil {
				t.Fatal("accepted")
			}
			if f := fault.All(err)[0]; f.Key != errDocument.Key || f.Args["Reason"] != c.reason {
				t.Fatalf("%v %v, want %s", f, f.Args, c.reason)
			}
		})
	}
}

// What parses holds its own bytes, explains each scope once, and every word of it comes from the text.
func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(small))
	for _, d := range edition(f) {
		f.Add([]byte(d.Text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ParseDocument(text)
		if err != nil {
			return
		}
		if d.Text != string(text) || d.Hash != Hash(text) || d.Title == "" {
			t.Fatalf("%q", text)
		}
		for _, s := range d.Scopes {
			if _, ok := d.Section(s); !ok {
				t.Fatalf("%s is not explained", s)
			}
		}
		check := func(s string) {
			if !strings.Contains(d.Text, s) {
				t.Fatalf("%q is not in the text", s)
			}
		}
		for _, section := range d.Sections {
			check(section.Heading)
			for _, b := range section.Blocks {
				check(b.Text)
			}
		}
	})
}
