// Package locale turns message keys into sentences. A message lives in messages/<language>/<room>.json, a flat object
// from key to text, or to an object of plural forms ("one", "other", ...). English and Spanish are complete: a test
// fails where one lacks a key, leaves it empty or names other placeholders.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed messages
var files embed.FS

// Languages in which every sentence exists, in the order they are offered; the first is the fallback.
var Languages = []string{"en", "es"}

var (
	bundle  = i18n.NewBundle(language.English)
	matcher = language.NewMatcher([]language.Tag{language.English, language.Spanish})
	keys    = map[string]map[string]bool{}
)

func init() {
	for _, lang := range Languages {
		keys[lang] = map[string]bool{}
		for room, messages := range read(lang) {
			for key, m := range messages {
				if keys[lang][key] {
					panic("locale: " + key + " stands twice, again in " + room)
				}
				keys[lang][key] = true
				bundle.MustAddMessages(language.MustParse(lang), m)
			}
		}
	}
}

// read gives the messages of a language by file.
func read(lang string) map[string]map[string]*i18n.Message {
	entries, err := files.ReadDir("messages/" + lang)
	if err != nil {
		panic(err)
	}
	rooms := map[string]map[string]*i18n.Message{}
	for _, e := range entries {
		raw, err := files.ReadFile(path.Join("messages", lang, e.Name()))
		if err != nil {
			panic(err)
		}
		var flat map[string]json.RawMessage
		if err := json.Unmarshal(raw, &flat); err != nil {
			panic(fmt.Sprintf("locale: %s/%s: %v", lang, e.Name(), err))
		}
		rooms[e.Name()] = map[string]*i18n.Message{}
		for key, value := range flat {
			m := &i18n.Message{ID: key}
			if json.Unmarshal(value, &m.Other) != nil {
				if err := json.Unmarshal(value, m); err != nil {
					panic(fmt.Sprintf("locale: %s/%s %s: %v", lang, e.Name(), key, err))
				}
			}
			rooms[e.Name()][key] = m
		}
	}
	return rooms
}

// Has tells whether a key exists.
func Has(key string) bool { return keys[Languages[0]][key] }

// Keys lists all keys, sorted.
func Keys() []string {
	all := make([]string, 0, len(keys[Languages[0]]))
	for k := range keys[Languages[0]] {
		all = append(all, k)
	}
	sort.Strings(all)
	return all
}

// Printer speaks one language, and tells instants in one time zone.
type Printer struct {
	lang string
	l    *i18n.Localizer
	p    *message.Printer
	zone *time.Location // nil: instants are told in the zone that they are in
}

var printers = map[string]*Printer{}

func init() {
	for _, lang := range Languages {
		printers[lang] = &Printer{lang: lang, l: i18n.NewLocalizer(bundle, lang, Languages[0]), p: message.NewPrinter(language.MustParse(lang))}
	}
}

// For picks the printer for the first language that is understood. It takes plain tags ("es", "es-MX") and whole
// Accept-Language headers; with none understood it speaks English.
func For(preferences ...string) *Printer {
	for _, p := range preferences {
		tags, _, err := language.ParseAcceptLanguage(p)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := matcher.Match(tags...); confidence > language.No {
			return printers[Languages[i]]
		}
	}
	return printers[Languages[0]]
}

// In is a printer of the same language that tells instants in a time zone.
func (p *Printer) In(zone *time.Location) *Printer {
	other := *p
	other.zone = zone
	return &other
}

func (p *Printer) local(t time.Time) time.Time {
	if p.zone == nil {
		return t
	}
	return t.In(p.zone)
}

// Lang is the language spoken, as a BCP 47 tag.
func (p *Printer) Lang() string { return p.lang }

// T is the sentence for a key. Arguments are name, value pairs, or one map; one with a method For(language) is asked for
// its words. An unknown key gives the key itself in
// brackets, which the tests of templates look for.
func (p *Printer) T(key string, args ...any) string { return p.say(key, nil, args) }

// N is the sentence for a key in the plural form that count asks for; {{.Count}} is filled with it.
func (p *Printer) N(key string, count int, args ...any) string { return p.say(key, count, args) }

func (p *Printer) say(key string, count any, args []any) string {
	data := map[string]any{}
	for i := 0; i < len(args); i++ {
		if m, ok := args[i].(map[string]any); ok {
			for k, v := range m {
				data[k] = v
			}
		} else if i+1 < len(args) {
			data[fmt.Sprint(args[i])] = args[i+1]
			i++
		}
	}
	for k, v := range data {
		if t, ok := v.(interface{ For(lang string) string }); ok { // a text with translations of its own
			data[k] = t.For(p.lang)
		}
	}
	if count == nil {
		if c, ok := data["Count"]; ok {
			if n, err := strconv.Atoi(fmt.Sprint(c)); err == nil {
				count = n
			}
		}
	} else {
		data["Count"] = count
	}
	s, err := p.l.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil && s == "" {
		return "[" + key + "]"
	}
	return s
}

// Date is the day of an instant, in the printer's zone, as people write it: 4 March 2021, 4 de marzo de 2021.
func (p *Printer) Date(t time.Time) string { return p.Day(p.local(t)) }

// Day is a day of the calendar, which is the same everywhere.
func (p *Printer) Day(t time.Time) string { return p.day(t.Year(), int(t.Month()), t.Day()) }

// Time is the clock time of an instant in the printer's zone: 10:42.
func (p *Printer) Time(t time.Time) string { return p.local(t).Format("15:04") }

// Partial is a FHIR date that may lack its day or its month ("2021", "2021-03", "2021-03-04") as people write it.
// Anything else comes back as it was.
func (p *Printer) Partial(s string) string {
	var n [3]int
	parts := strings.SplitN(s, "-", 3)
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if err != nil {
			return s
		}
		n[i] = v
	}
	switch len(parts) {
	case 3:
		return p.day(n[0], n[1], n[2])
	case 2:
		if n[1] >= 1 && n[1] <= 12 {
			return p.T("date.month_year", "Month", p.month(n[1]), "Year", n[0])
		}
	}
	return s
}

func (p *Printer) day(year, month, day int) string {
	if month < 1 || month > 12 {
		return ""
	}
	return p.T("date.day_month_year", "Day", day, "Month", p.month(month), "Year", year)
}

func (p *Printer) month(m int) string { return p.T("date.month." + strconv.Itoa(m)) }

// Number writes a whole number with the language's separators.
func (p *Printer) Number(n int) string { return p.p.Sprint(number.Decimal(n)) }
