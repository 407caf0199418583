package webtest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var untranslated = regexp.MustCompile(`\[[a-z_]+\.[a-z0-9_.]+\]`)

// Check reports every structural fault of a whole page.
func Check(tb testing.TB, page string) {
	tb.Helper()
	for _, f := range Faults(page, true) {
		tb.Error(f)
	}
}

// CheckFragment reports every structural fault of a part of a page.
func CheckFragment(tb testing.TB, part string) {
	tb.Helper()
	for _, f := range Faults(part, false) {
		tb.Error(f)
	}
}

// Faults lists what is wrong with a page's structure: one h1, a title, a language, unique ids, controls with labels,
// references that lead somewhere, links and buttons with words, nothing inline that the policy forbids, no message key
// left in brackets and no template value left unprinted.
func Faults(page string, whole bool) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	c := &checker{ids: map[string]int{}, labelled: map[string]bool{}}
	c.collect(root)
	c.look(root)
	for id, n := range c.ids {
		if n > 1 {
			c.add("id %q stands %d times", id, n)
		}
	}
	if whole {
		if c.h1 != 1 {
			c.add("%d h1 instead of one", c.h1)
		}
		if c.title == "" {
			c.add("no title")
		}
		if c.lang == "" {
			c.add("no language")
		}
		if c.mains != 1 {
			c.add("%d main instead of one", c.mains)
		}
	}
	if m := untranslated.FindString(page); m != "" {
		c.add("untranslated: %s", m)
	}
	for _, s := range []string{"<no value>", "ZgotmplZ", "%!"} {
		if strings.Contains(page, s) {
			c.add("the page holds %s", s)
		}
	}
	return c.faults
}

type checker struct {
	faults   []string
	ids      map[string]int
	labelled map[string]bool
	h1       int
	mains    int
	title    string
	lang     string
}

func (c *checker) add(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// collect finds ids and labels first, because a reference may point forward.
func (c *checker) collect(n *html.Node) {
	if n.Type == html.ElementNode {
		if id := Attr(n, "id"); id != "" {
			c.ids[id]++
		}
		if n.Data == "label" {
			c.labelled[Attr(n, "for")] = true
		}
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.collect(k)
	}
}

func (c *checker) look(n *html.Node) {
	if n.Type == html.ElementNode {
		c.element(n)
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.look(k)
	}
}

func (c *checker) element(n *html.Node) {
	switch n.Data {
	case "html":
		c.lang = Attr(n, "lang")
	case "h1":
		c.h1++
	case "main":
		c.mains++
	case "title":
		if n.Parent != nil && n.Parent.Data == "head" {
			c.title = Text(n)
		}
	case "style":
		c.add("an inline style sheet")
	case "script":
		if Attr(n, "src") == "" {
			c.add("an inline script")
		}
	case "input", "select", "textarea":
		hidden := Attr(n, "type") == "hidden"
		if !hidden && !c.labelled[Attr(n, "id")] && Attr(n, "aria-label") == "" && Attr(n, "aria-labelledby") == "" {
			c.add("a %s named %q has no label", n.Data, Attr(n, "name"))
		}
	case "a", "button", "summary", "label", "legend", "caption", "th":
		if strings.TrimSpace(Text(n)) == "" && Attr(n, "aria-label") == "" {
			c.add("a %s without words (%s)", n.Data, Attr(n, "href"))
		}
	case "img":
		if _, ok := find(n, "alt"); !ok {
			c.add("an image without alt")
		}
	case "form":
		if m := strings.ToLower(Attr(n, "method")); m != "get" && m != "post" {
			c.add("a form (%s) without get or post", Attr(n, "action"))
		}
	}
	for _, a := range n.Attr {
		c.attribute(n, a)
	}
}

func (c *checker) attribute(n *html.Node, a html.Attribute) {
	switch {
	case a.Key == "style", strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"):
		c.add("an inline %s on %s", a.Key, n.Data)
	case a.Key == "href" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:"):
		c.add("a javascript address")
	case a.Key == "href" && n.Data == "a" && strings.HasPrefix(a.Val, "#") && len(a.Val) > 1 && c.ids[a.Val[1:]] == 0:
		c.add("a link to %s, which is not on the page", a.Val)
	case a.Key == "for" && c.ids[a.Val] == 0:
		c.add("a label for %q, which is not on the page", a.Val)
	case a.Key == "aria-describedby", a.Key == "aria-labelledby", a.Key == "aria-controls":
		for _, id := range strings.Fields(a.Val) {
			if c.ids[id] == 0 {
				c.add("%s points to %q, which is not on the page", a.Key, id)
			}
		}
	}
}

// Attr is the value of an attribute, or "".
func Attr(n *html.Node, name string) string { v, _ := find(n, name); return v }

func find(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Text is all text below a node.
func Text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		b.WriteString(Text(k))
	}
	return b.String()
}
