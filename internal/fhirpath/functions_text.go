package fhirpath

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"strings"
	"unicode/utf8"
)

var stringFunctions = map[string]function{
	"indexOf": {1, 1, withText(func(f *call, s, sub string) ([]Value, error) {
		return f.r.one(runeIndex(s, strings.Index(s, sub))), nil
	})},
	"lastIndexOf": {1, 1, withText(func(f *call, s, sub string) ([]Value, error) {
		return f.r.one(runeIndex(s, strings.LastIndex(s, sub))), nil
	})},
	"startsWith": {1, 1, withText(func(f *call, s, sub string) ([]Value, error) { return f.r.bool(strings.HasPrefix(s, sub)), nil })},
	"endsWith":   {1, 1, withText(func(f *call, s, sub string) ([]Value, error) { return f.r.bool(strings.HasSuffix(s, sub)), nil })},
	"contains":   {1, 1, withText(func(f *call, s, sub string) ([]Value, error) { return f.r.bool(strings.Contains(s, sub)), nil })},
	"split": {1, 1, withText(func(f *call, s, sub string) ([]Value, error) {
		if sub == "" {
			return f.chars(s)
		}
		parts := strings.Split(s, sub)
		out := make([]Value, len(parts))
		for i, p := range parts {
			out[i] = String(p)
		}
		return out, f.r.grow(len(out))
	})},
	"encode":         {0, 1, fnEncode},
	"decode":         {0, 1, fnDecode},
	"escape":         {0, 1, fnEscape},
	"unescape":       {0, 1, fnUnescape},
	"upper":          {0, 0, mapText(strings.ToUpper)},
	"lower":          {0, 0, mapText(strings.ToLower)},
	"trim":           {0, 0, mapText(func(s string) string { return strings.Trim(s, " \t\r\n") })},
	"substring":      {1, 2, fnSubstring},
	"replace":        {2, 2, fnReplace},
	"matches":        {1, 2, fnMatches},
	"matchesFull":    {1, 2, fnMatches},
	"replaceMatches": {2, 3, fnReplaceMatches},
	"join":           {0, 1, fnJoin},
	"length": {0, 0, func(f *call) ([]Value, error) {
		s, ok, err := f.text()
		if !ok || err != nil {
			return nil, err
		}
		return f.r.one(Integer(int32(utf8.RuneCountInString(s)))), nil
	}},
	"toChars": {0, 0, func(f *call) ([]Value, error) {
		s, ok, err := f.text()
		if !ok || err != nil {
			return nil, err
		}
		return f.chars(s)
	}},
}

func (f *call) chars(s string) ([]Value, error) {
	if err := f.r.grow(len(s)); err != nil {
		return nil, err
	}
	out := make([]Value, 0, utf8.RuneCountInString(s))
	for i, c := range s {
		out = append(out, String(s[i:i+utf8.RuneLen(c)]))
	}
	return out, f.r.step(len(out))
}

// withText is a function of the input and one argument, both strings; either being empty makes the result empty.
func withText(do func(f *call, s, arg string) ([]Value, error)) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		s, ok1, err := f.text()
		if err != nil {
			return nil, err
		}
		arg, ok2, err := f.string(0)
		if err != nil || !ok1 || !ok2 {
			return nil, err
		}
		if err := f.r.step(len(s) / 64); err != nil {
			return nil, err
		}
		return do(f, s, arg)
	}
}

func mapText(do func(string) string) func(f *call) ([]Value, error) {
	return func(f *call) ([]Value, error) {
		s, ok, err := f.text()
		if !ok || err != nil {
			return nil, err
		}
		if err := f.r.step(len(s) / 64); err != nil {
			return nil, err
		}
		return f.r.text(do(s))
	}
}

func runeIndex(s string, at int) Value {
	if at < 0 {
		return Integer(-1)
	}
	return Integer(int32(utf8.RuneCountInString(s[:at])))
}

func fnSubstring(f *call) ([]Value, error) {
	s, ok1, err := f.text()
	if err != nil {
		return nil, err
	}
	start, ok2, err := f.int(0)
	if err != nil || !ok1 || !ok2 {
		return nil, err
	}
	length := int64(len(s))
	if len(f.args) == 2 {
		n, ok, err := f.int(1)
		if err != nil {
			return nil, err
		}
		if ok {
			length = n
		}
	}
	from := runeOffset(s, start)
	if start < 0 || from >= len(s) {
		return nil, nil
	}
	s = s[from:]
	return f.r.one(String(s[:runeOffset(s, length)])), nil
}

// runeOffset is where the nth character begins, the end of the text when it has fewer.
func runeOffset(s string, n int64) int {
	if n >= int64(len(s)) {
		return len(s)
	}
	for i := range s {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(s)
}

func fnReplace(f *call) ([]Value, error) {
	s, ok1, err := f.text()
	if err != nil {
		return nil, err
	}
	old, ok2, err := f.string(0)
	if err != nil {
		return nil, err
	}
	sub, ok3, err := f.string(1)
	if err != nil || !ok1 || !ok2 || !ok3 {
		return nil, err
	}
	if err := f.r.room(len(s) + (strings.Count(s, old)+1)*len(sub)); err != nil {
		return nil, err
	}
	return f.r.text(strings.ReplaceAll(s, old, sub))
}

func fnJoin(f *call) ([]Value, error) {
	sep := ""
	if len(f.args) == 1 {
		var err error
		if sep, _, err = f.string(0); err != nil {
			return nil, err
		}
	}
	if len(f.in) == 0 {
		return nil, nil
	}
	var sb strings.Builder
	for i, v := range f.in {
		s, ok := v.unboxed().text()
		if !ok {
			return nil, f.fail("the input holds a %s", v.TypeName())
		}
		if err := f.r.room(len(s) + len(sep)); err != nil {
			return nil, err
		}
		if i > 0 {
			sb.WriteString(sep)
		}
		sb.WriteString(s)
	}
	return f.r.one(String(sb.String())), nil
}

// coded reads the input and the name of a format; either missing makes the result empty.
func coded(f *call) (s, format string, ok bool, err error) {
	s, ok, err = f.text()
	if !ok || err != nil || len(f.args) == 0 {
		return "", "", false, err
	}
	format, ok, err = f.string(0)
	return s, format, ok, err
}

func fnEncode(f *call) ([]Value, error) {
	s, format, ok, err := coded(f)
	if !ok || err != nil {
		return nil, err
	}
	switch format {
	case "base64":
		return f.r.text(base64.StdEncoding.EncodeToString([]byte(s)))
	case "urlbase64":
		return f.r.text(base64.URLEncoding.EncodeToString([]byte(s)))
	case "hex":
		return f.r.text(hex.EncodeToString([]byte(s)))
	case "ascii":
		return f.r.text(strings.Map(func(r rune) rune {
			if r > 127 {
				return '?'
			}
			return r
		}, s))
	}
	return nil, f.fail("the format %q is not known", format)
}

func fnDecode(f *call) ([]Value, error) {
	s, format, ok, err := coded(f)
	if !ok || err != nil {
		return nil, err
	}
	var b []byte
	switch format {
	case "base64":
		b, err = base64.StdEncoding.DecodeString(s)
	case "urlbase64":
		b, err = base64.URLEncoding.DecodeString(s)
	case "hex":
		b, err = hex.DecodeString(s)
	default:
		return nil, f.fail("the format %q is not known", format)
	}
	if err != nil || !utf8.Valid(b) {
		return nil, nil //nolint:nilerr // text that cannot be decoded is empty, not an error
	}
	return f.r.text(string(b))
}

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func fnEscape(f *call) ([]Value, error) {
	s, target, ok, err := coded(f)
	if !ok || err != nil {
		return nil, err
	}
	switch target {
	case "html":
		return f.r.text(htmlEscapes.Replace(s))
	case "json":
		var sb strings.Builder
		enc := json.NewEncoder(&sb)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			return nil, f.fail("%s", err)
		}
		out := strings.TrimSuffix(sb.String(), "\n")
		return f.r.text(out[1 : len(out)-1])
	}
	return nil, f.fail("the target %q is not known", target)
}

func fnUnescape(f *call) ([]Value, error) {
	s, target, ok, err := coded(f)
	if !ok || err != nil {
		return nil, err
	}
	switch target {
	case "html":
		return f.r.text(html.UnescapeString(s))
	case "json":
		var out string
		if json.Unmarshal([]byte(`"`+bareQuotes(s)+`"`), &out) != nil {
			return nil, nil //nolint:nilerr // the same
		}
		return f.r.text(out)
	}
	return nil, f.fail("the target %q is not known", target)
}

// bareQuotes escapes quotes that are not, which text taken out of its quotes may hold.
func bareQuotes(s string) string {
	var sb strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			sb.WriteByte('\\')
		case '\\':
			sb.WriteByte('\\')
			if i++; i == len(s) {
				return sb.String()
			}
		}
		sb.WriteByte(s[i])
	}
	return sb.String()
}
