package xlsform

import (
	"regexp"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

var inBrackets = regexp.MustCompile(`\(\s*([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\s*\)\s*$`)

// languageNames are the names of languages, in English and in themselves, in lower case.
var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	english := display.English.Languages()
	for _, tag := range display.Supported.Tags() {
		if _, script, region := tag.Raw(); script.String() != "" && strings.ContainsRune(tag.String(), '-') && region.String() != "" {
			continue // regional variants would take the name of their language
		}
		code := tag.String()
		for _, name := range []string{english.Name(tag), display.Self.Name(tag)} {
			if name = strings.ToLower(name); name != "" && names[name] == "" {
				names[name] = code
			}
		}
	}
	return names
})

// languageCode makes a BCP 47 tag of the language in a header: "Español (es)", "es", "Spanish". What is none of these
// becomes a private tag; exact is false then, or where the name was only recognised.
func languageCode(name string) (code string, exact bool) {
	name = strings.TrimSpace(name)
	if m := inBrackets.FindStringSubmatch(name); m != nil {
		if tag, err := language.Parse(m[1]); err == nil {
			return tag.String(), true
		}
	}
	if tag, err := language.Parse(name); err == nil && (len(name) <= 8 || strings.HasPrefix(name, "x-")) {
		return tag.String(), true
	}
	if code := languageNames()[strings.ToLower(name)]; code != "" {
		return code, false
	}
	private := "x"
	word := ""
	for _, r := range strings.ToLower(name) + " " {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if word += string(r); len(word) < 8 {
				continue
			}
		}
		if word != "" && len(private) < 30 {
			private += "-" + word
		}
		word = ""
	}
	if private == "x" {
		private = "x-other"
	}
	return private, false
}

// languageHeader is the name of a language as a header says it.
func languageHeader(code string) string {
	if tag, err := language.Parse(code); err == nil && !strings.HasPrefix(code, "x-") {
		if name := display.Self.Name(tag); name != "" {
			return capital(name) + " (" + code + ")"
		}
	}
	return code
}

func capital(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
