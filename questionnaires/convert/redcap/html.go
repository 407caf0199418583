package redcap

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

var (
	looksLikeTag    = regexp.MustCompile(`<[a-zA-Z/!]`)
	looksLikeEntity = regexp.MustCompile(`&(#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);`)
	blanks          = regexp.MustCompile(`[ \t\x{00a0}]+`)
	blankLines      = regexp.MustCompile(` *\n(?: *\n)*`)
)

// plainText gives a label without its HTML, and what of it plain text cannot say: images, links, tables, emphasis.
func plainText(s string) (text string, lost []string) {
	if !looksLikeTag.MatchString(s) && !looksLikeEntity.MatchString(s) {
		return tidyLines(s), nil
	}
	var sb strings.Builder
	seen := map[string]bool{}
	lose := func(what string) {
		if !seen[what] {
			seen[what] = true
			lost = append(lost, what)
		}
	}
	z := html.NewTokenizer(strings.NewReader(s))
	skip := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		tok := z.Token()
		switch {
		case kind == html.TextToken && skip == "":
			sb.WriteString(tok.Data)
		case kind == html.EndTagToken && tok.Data == skip:
			skip = ""
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken || kind == html.EndTagToken:
			if skip == "" {
				skip = element(&sb, tok, kind, lose)
			}
		}
	}
	return tidyLines(sb.String()), lost
}

// element writes what is left of a tag, and names the element whose content is left out.
func element(sb *strings.Builder, tok html.Token, kind html.TokenType, lose func(string)) string {
	opening := kind != html.EndTagToken
	switch tok.Data {
	case "script", "style", "iframe", "object", "svg", "video", "audio":
		lose(tok.Data)
		if kind == html.StartTagToken {
			return tok.Data
		}
	case "br", "p", "div", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote":
		sb.WriteByte('\n')
		if tok.Data == "table" && opening {
			lose("table")
		}
	case "li":
		if opening {
			sb.WriteString("\n- ")
		}
	case "td", "th":
		sb.WriteByte(' ')
	case "img":
		lose("image")
		if alt := attribute(tok, "alt"); alt != "" {
			sb.WriteString(" (" + alt + ") ")
		}
	case "a":
		if href := attribute(tok, "href"); opening && href != "" {
			lose("link " + clip(href))
		}
	default:
		if opening {
			lose("formatting")
		}
	}
	return ""
}

func attribute(tok html.Token, name string) string {
	for _, a := range tok.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func tidyLines(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\r' || r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	s = blanks.ReplaceAllString(s, " ")
	s = blankLines.ReplaceAllString(s, "\n")
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// labelText writes plain text so that plainText gives it back: text that looks like HTML is escaped.
func labelText(s string) string {
	if !looksLikeTag.MatchString(s) && !looksLikeEntity.MatchString(s) {
		return strings.TrimSpace(s)
	}
	return escapeLabel(s)
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", "\n", "<br>", "|", "&#124;")

func escapeLabel(s string) string { return escapes.Replace(strings.TrimSpace(s)) }

// partText is labelText for a text that stands between bars, on one line.
func partText(s string) string {
	if strings.ContainsAny(s, "|\n") {
		return escapeLabel(s)
	}
	return labelText(s)
}
