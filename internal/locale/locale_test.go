package locale

import (
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func TestEveryLanguageIsComplete(t *testing.T) {
	first := read(Languages[0])
	for _, lang := range Languages[1:] {
		other := read(lang)
		for room, messages := range first {
			for key, m := range messages {
				o := other[room][key]
				if o == nil {
					t.Errorf("%s/%s lacks %s", lang, room, key)
					continue
				}
				if got, want := holes(o), holes(m); got != want {
					t.Errorf("%s: %s has placeholders %s, %s has %s", key, lang, got, Languages[0], want)
				}
				if (m.One == "") != (o.One == "") {
					t.Errorf("%s: plural forms differ in %s", key, lang)
				}
			}
			for key := range other[room] {
				if messages[key] == nil {
					t.Errorf("%s/%s has %s, which %s lacks", lang, room, key, Languages[0])
				}
			}
		}
		for room := range other {
			if first[room] == nil {
				t.Errorf("%s has %s, which %s lacks", lang, room, Languages[0])
			}
		}
	}
	for _, lang := range Languages {
		for room, messages := range read(lang) {
			for key, m := range messages {
				if strings.TrimSpace(m.Other) == "" {
					t.Errorf("%s/%s: %s is empty", lang, room, key)
				}
				if m.Other == strings.ToUpper(m.Other) && len(m.Other) > 8 || strings.Contains(m.Other, "!") {
					t.Errorf("%s/%s: %s shouts: %s", lang, room, key, m.Other)
				}
			}
		}
	}
}

func holes(m *i18n.Message) string {
	found := placeholder.FindAllString(m.Other, -1)
	sort.Strings(found)
	return strings.Join(found, " ")
}

func TestFor(t *testing.T) {
	for in, want := range map[string]string{
		"es": "es", "es-MX": "es", "fr, es;q=0.5": "es", "de": "en", "": "en", "en-GB,es": "en", "\x00": "en",
	} {
		if got := For(in).Lang(); got != want {
			t.Errorf("For(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	day := time.Date(2021, 3, 4, 10, 42, 0, 0, time.UTC)
	if got := For("en").Date(day); got != "4 March 2021" {
		t.Error(got)
	}
	if got := For("es").Date(day); got != "4 de marzo de 2021" {
		t.Error(got)
	}
	if got := For("es").Partial("2021-03"); got != "marzo de 2021" {
		t.Error(got)
	}
	if got := For("en").Partial("2021"); got != "2021" {
		t.Error(got)
	}
	if got := For("en").Partial("soon"); got != "soon" {
		t.Error(got)
	}
	if got := For("en").T("no.such.key"); got != "[no.such.key]" {
		t.Error(got)
	}
}

func TestInstantsAreToldInAZone(t *testing.T) {
	late := time.Date(2031, 12, 31, 23, 30, 0, 0, time.UTC)
	madrid := time.FixedZone("Madrid", 3600)
	for _, c := range []struct {
		p    *Printer
		want string
	}{
		{For("en"), "31 December 2031 23:30 31 December 2031"}, {For("en").In(time.UTC), "31 December 2031 23:30 31 December 2031"},
		{For("en").In(madrid), "1 January 2032 00:30 31 December 2031"}, {For("es").In(madrid), "1 de enero de 2032 00:30 31 de diciembre de 2031"},
	} {
		if got := c.p.Date(late) + " " + c.p.Time(late) + " " + c.p.Day(late); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}
