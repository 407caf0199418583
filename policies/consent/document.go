package consent

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kindred/internal/fault"
	"kindred/internal/locale"
	"kindred/policies"
)

// Limits of a document's text.
const (
	textMax = 256 << 10
	lineMax = 8 << 10
)

// Document is one version of a consent document in one language, read from the exact text that is shown and signed.
type Document struct {
	Name     string // which document; a registry may have several
	Version  int    // 1, 2, 3 ...
	Language string // BCP 47
	Scopes   []policies.Scope
	Title    string
	Intro    []Block
	Sections []Section
	Text     string // the bytes that Hash is over
	Hash     string // SHA-256 of Text, hexadecimal
}

// Section is a part of the document under its own heading. The one that explains a scope names it.
type Section struct {
	Scope   policies.Scope // empty for what concerns all scopes
	Heading string
	Blocks  []Block
	Parts   []Part
}

// Part is a smaller heading within a section: what happens, why, who sees it ...
type Part struct {
	Heading string
	Blocks  []Block
}

// Block is a paragraph, or a list when it has Items.
type Block struct {
	Text  string
	Items []string
}

// Covers tells whether the document asks for a scope.
func (d *Document) Covers(s policies.Scope) bool { return slices.Contains(d.Scopes, s) }

// Section gives the section that explains a scope.
func (d *Document) Section(s policies.Scope) (Section, bool) {
	for _, section := range d.Sections {
		if section.Scope == s && s != "" {
			return section, true
		}
	}
	return Section{}, false
}

// General lists the sections that concern all scopes, in order.
func (d *Document) General() []Section {
	var general []Section
	for _, section := range d.Sections {
		if section.Scope == "" {
			general = append(general, section)
		}
	}
	return general
}

var (
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	scopedForm  = regexp.MustCompile(`^\[([a-z_]+)\] (.+)$`)
	versionForm = regexp.MustCompile(`^[1-9][0-9]{0,5}$`)
)

// Hash is the fingerprint of a text, as Signing and Proof carry it.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// ParseDocument reads a document: four header lines (Document, Version, Language, Scopes), then a small part of
// Markdown: one "# title", "## heading" or "## [scope] heading" for sections, "### heading" for their parts, paragraphs
// of one line, and lists of "- " lines. Every scope of the header has exactly one section. Anything else is refused
// with the line it stands on, because what cannot be shown as it was written must not be signed.
func ParseDocument(text []byte) (*Document, error) {
	switch {
	case len(text) > textMax:
		return nil, errText("size", 0)
	case !utf8.Valid(text) || bytes.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) && r != '\u00a0' }):
		return nil, errText("characters", 0)
	}
	p := parser{doc: &Document{Text: string(text), Hash: Hash(text)}, lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
	if err := p.header(); err != nil {
		return nil, err
	}
	if err := p.body(); err != nil {
		return nil, err
	}
	for _, s := range p.doc.Scopes {
		if _, ok := p.doc.Section(s); !ok {
			return nil, errText("scope_unexplained", 4)
		}
	}
	return p.doc, nil
}

type parser struct {
	doc   *Document
	lines []string
	at    int // the line being read, from 0
}

func errText(reason string, line int) *fault.Error {
	return errDocument.With("Reason", reason, "Line", line)
}

func (p *parser) bad(reason string) *fault.Error { return errText(reason, p.at+1) }

// header reads the lines up to the first empty one.
func (p *parser) header() error {
	values := make([]string, 4)
	for i, label := range []string{"Document: ", "Version: ", "Language: ", "Scopes: "} {
		p.at = i
		if i >= len(p.lines) || !strings.HasPrefix(p.lines[i], label) {
			return p.bad("header")
		}
		values[i] = strings.TrimPrefix(p.lines[i], label)
	}
	d := p.doc
	d.Name, d.Language = values[0], values[2]
	p.at = 0
	if !nameForm.MatchString(d.Name) {
		return p.bad("header")
	}
	p.at = 1
	if !versionForm.MatchString(values[1]) {
		return p.bad("header")
	}
	d.Version, _ = strconv.Atoi(values[1])
	p.at = 2
	if !slices.Contains(locale.Languages, d.Language) {
		return p.bad("language")
	}
	p.at = 3
	for _, word := range strings.Split(values[3], ", ") {
		s := policies.Scope(word)
		if !slices.Contains(policies.Scopes, s) || slices.Contains(d.Scopes, s) {
			return p.bad("scope")
		}
		d.Scopes = append(d.Scopes, s)
	}
	p.at = 4
	if p.at >= len(p.lines) || p.lines[p.at] != "" {
		return p.bad("header")
	}
	return nil
}

// body reads the text after the header.
func (p *parser) body() error {
	for p.at++; p.at < len(p.lines); p.at++ {
		line := p.lines[p.at]
		if len(line) > lineMax || line != strings.TrimSpace(line) {
			return p.bad("line")
		}
		var err error
		switch mark, rest, _ := strings.Cut(line, " "); {
		case line == "":
		case strings.HasPrefix(line, "#"):
			err = p.heading(mark, rest)
		case p.doc.Title == "":
			err = p.bad("title")
		case mark == "-":
			err = p.item(rest)
		default:
			blocks := p.open()
			*blocks = append(*blocks, Block{Text: line})
		}
		if err != nil {
			return err
		}
	}
	if p.doc.Title == "" {
		return p.bad("title")
	}
	return nil
}

func (p *parser) heading(mark, text string) error {
	d := p.doc
	switch {
	case text == "":
		return p.bad("heading")
	case mark == "#" && d.Title == "":
		d.Title = text
	case d.Title == "":
		return p.bad("title")
	case mark == "##":
		section := Section{Heading: text}
		if strings.HasPrefix(text, "[") {
			m := scopedForm.FindStringSubmatch(text)
			if m == nil || !d.Covers(policies.Scope(m[1])) {
				return p.bad("scope")
			}
			if _, twice := d.Section(policies.Scope(m[1])); twice {
				return p.bad("scope")
			}
			section.Scope, section.Heading = policies.Scope(m[1]), m[2]
		}
		d.Sections = append(d.Sections, section)
	case mark == "###" && len(d.Sections) > 0:
		last := &d.Sections[len(d.Sections)-1]
		last.Parts = append(last.Parts, Part{Heading: text})
	default:
		return p.bad("heading")
	}
	return nil
}

// item adds to the list that the line before belongs to, or begins one.
func (p *parser) item(text string) error {
	if text == "" {
		return p.bad("line")
	}
	blocks := p.open()
	if n := len(*blocks); n > 0 && strings.HasPrefix(p.lines[p.at-1], "- ") {
		(*blocks)[n-1].Items = append((*blocks)[n-1].Items, text)
		return nil
	}
	*blocks = append(*blocks, Block{Items: []string{text}})
	return nil
}

// open is where the next block goes.
func (p *parser) open() *[]Block {
	if len(p.doc.Sections) == 0 {
		return &p.doc.Intro
	}
	section := &p.doc.Sections[len(p.doc.Sections)-1]
	if len(section.Parts) == 0 {
		return &section.Blocks
	}
	return &section.Parts[len(section.Parts)-1].Blocks
}

// checkEdition tells whether the texts are one version in every language: same name, version and scopes.
func checkEdition(docs []*Document) error {
	if len(docs) == 0 {
		return errEdition.With("Reason", "empty")
	}
	seen := map[string]bool{}
	for _, d := range docs {
		switch first := docs[0]; {
		case seen[d.Language]:
			return errEdition.With("Reason", "language_twice")
		case d.Name != first.Name || d.Version != first.Version:
			return errEdition.With("Reason", "different")
		case !slices.Equal(d.Scopes, first.Scopes):
			return errEdition.With("Reason", "scopes")
		case len(d.Sections) != len(first.Sections):
			return errEdition.With("Reason", "sections")
		}
		seen[d.Language] = true
	}
	for _, language := range locale.Languages {
		if !seen[language] {
			return errEdition.With("Reason", "language_missing")
		}
	}
	return nil
}
