package fhirpath

import (
	"encoding/xml"
	"strings"
)

var htmlElements = wordSet("h1 h2 h3 h4 h5 h6 div p span b i em strong small big tt dfn code samp img br a blockquote ol ul li dd dt dl hr table tr td th thead tbody tfoot " +
	"caption col colgroup pre q var abbr acronym cite kbd address del ins sub sup bdo s u")

var htmlAttributes = wordSet("abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords " +
	"dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width xmlns")

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// fnHTML checks a narrative by the rules of FHIR (txt-1 and txt-2): known elements and attributes, and some content.
func fnHTML(f *call) ([]Value, error) {
	v, ok, err := f.single()
	if !ok || err != nil {
		return nil, err
	}
	if v.kind != KindString {
		return f.r.bool(false), nil
	}
	if err := f.r.step(len(v.str) / 4); err != nil {
		return nil, err
	}
	return f.r.bool(narrative(v.str)), nil
}

func narrative(s string) bool {
	dec := xml.NewDecoder(strings.NewReader(s))
	dec.Entity = xml.HTMLEntity
	depth, content := 0, false
	for {
		tok, err := dec.Token()
		if err != nil {
			return err.Error() == "EOF" && content && depth == 0
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth == 0 && t.Name.Local != "div" || !htmlElements[t.Name.Local] {
				return false
			}
			for _, a := range t.Attr {
				if !htmlAttributes[a.Name.Local] && a.Name.Space != "xmlns" && a.Name.Space != "xml" {
					return false
				}
			}
			depth++
			content = content || t.Name.Local == "img"
		case xml.EndElement:
			depth--
		case xml.CharData:
			content = content || strings.TrimSpace(string(t)) != "" && depth > 0
		case xml.Directive, xml.ProcInst:
			return false
		}
	}
}
