package sdc

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kindred/questionnaires/score"
)

// Status of a response, as FHIR says it.
type Status string

// The states of a response. Kindred has no responses that are stopped or entered in error: a draft is discarded.
const (
	InProgress Status = "in-progress"
	Completed  Status = "completed"
	Amended    Status = "amended"
)

// Header is what a QuestionnaireResponse says besides its answers.
type Header struct {
	ID       string
	Status   Status
	Subject  string // reference, such as "Patient/…"
	Author   string
	Source   string
	Authored time.Time
	Language string // in which the form was shown
}

// Encode writes the response as FHIR R4 QuestionnaireResponse JSON: items in the order of the form, children of a
// question under the answer they belong to, texts in the header's language, and nothing that is disabled or empty.
func (f *Form) Encode(s *State, h Header) []byte {
	w := writer{f: f, lang: h.Language, b: make([]byte, 0, 64*len(f.items)+512)}
	w.header(h)
	w.items(s.root, f.top)
	return append(w.b, '}')
}

// Save writes a draft so that Read gives back the same state: disabled answers, empty repeats and instance numbers
// included. It is valid QuestionnaireResponse JSON too.
func (f *Form) Save(s *State) []byte {
	w := writer{f: f, draft: true, b: make([]byte, 0, 64*len(f.items)+512)}
	w.header(Header{ID: strconv.Itoa(s.last), Status: InProgress})
	w.items(s.root, f.top)
	return append(w.b, '}')
}

type writer struct {
	f     *Form
	lang  string
	draft bool // with all that the state remembers
	bare  bool // for expressions: nothing but linkIds and answers
	b     []byte
}

func (w *writer) header(h Header) {
	w.b = append(w.b, `{"resourceType":"QuestionnaireResponse"`...)
	w.member("id", h.ID)
	w.member("language", h.Language)
	w.member("questionnaire", w.f.Canonical())
	w.member("status", string(h.Status))
	if h.Subject != "" {
		w.b = append(w.b, `,"subject":{"reference":`...)
		w.b = append(quoted(w.b, h.Subject), '}')
	}
	if !h.Authored.IsZero() {
		w.member("authored", h.Authored.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	}
	for _, ref := range [][2]string{{"author", h.Author}, {"source", h.Source}} {
		if ref[1] != "" {
			w.b = append(append(w.b, `,"`...), ref[0]...)
			w.b = append(quoted(append(w.b, `":{"reference":`...), ref[1]), '}')
		}
	}
}

func (w *writer) member(name, text string) {
	if text == "" {
		return
	}
	w.b = append(append(append(w.b, `,"`...), name...), `":`...)
	w.b = quoted(w.b, text)
}

// items writes the member "item" with what the children of an occurrence hold, or nothing.
func (w *writer) items(in *occurrence, children []int) {
	start, empty := len(w.b), true
	w.b = append(w.b, `,"item":[`...)
	for _, child := range children {
		it := &w.f.items[child]
		sl := &in.slots[it.seat]
		if it.Type == TypeDisplay || len(sl.list) == 0 && !(w.draft && sl.mark == markFirst) || (!sl.on && !w.draft) {
			continue
		}
		if it.Type == TypeGroup {
			for _, o := range sl.list {
				if o.answered() || w.draft {
					if w.group(it, o, empty) {
						empty = false
					}
				}
			}
			continue
		}
		w.marked(sl, it, empty)
		empty = false
	}
	if empty {
		w.b = w.b[:start]
		return
	}
	w.b = append(w.b, ']')
}

// begin writes an item up to its text.
func (w *writer) begin(it *item, id int, first bool) {
	if !first {
		w.b = append(w.b, ',')
	}
	w.b = quoted(append(w.b, `{"linkId":`...), it.LinkID)
	if w.draft {
		w.id(id)
	}
	if w.draft || w.bare {
		return
	}
	w.member("definition", it.Definition)
	text, _ := it.Text.In(w.lang)
	w.member("text", text)
}

func (w *writer) id(id int) {
	if w.draft && id > 0 {
		w.b = append(w.b, `,"id":"`...)
		w.b = append(strconv.AppendInt(w.b, int64(id), 10), '"')
	}
}

// group writes one occurrence of a group; false where all in it turned out to be disabled.
func (w *writer) group(it *item, o *occurrence, first bool) bool {
	start := len(w.b)
	w.begin(it, o.id, first)
	held := len(w.b)
	w.items(o, it.children)
	if len(w.b) == held && !w.draft {
		w.b = w.b[:start]
		return false
	}
	w.b = append(w.b, '}')
	return true
}

// marked writes a question with what a draft remembers of it.
func (w *writer) marked(sl *slot, it *item, first bool) {
	if !w.draft || sl.mark == markNone {
		w.question(it, sl, first)
		return
	}
	w.begin(it, 0, first)
	w.b = append(w.b, `,"extension":[{`...)
	w.b = append(fields(w.b, "url", markURL, "valueCode", markCodes[sl.mark]), "}]"...)
	if len(sl.list) > 0 {
		w.answers(it, sl.list)
	}
	w.b = append(w.b, '}')
}

func (w *writer) question(it *item, sl *slot, first bool) {
	w.begin(it.at(sl), 0, first)
	w.answers(it, sl.list)
	w.b = append(w.b, '}')
}

func (w *writer) answers(it *item, answers []*occurrence) {
	w.b = append(w.b, `,"answer":[`...)
	for i, a := range answers {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, '{')
		w.b = appendValue(w.b, a.value)
		if x := it.calculate; x != nil && x.score != nil && !w.draft {
			w.b = append(w.b, `,"extension":[{`...)
			w.b = append(fields(w.b, "url", score.AlgorithmURL, "valueString", x.score.definition.Version), "}]"...)
		}
		w.id(a.id)
		if len(a.slots) > 0 {
			w.items(a, it.children)
		}
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
}

// appendValue writes the member value[x].
func appendValue(b []byte, v Value) []byte {
	if v.Type == Absent {
		return append(b, v.Text...)
	}
	b = append(append(append(b, `"value`...), members[v.Type]...), `":`...)
	switch v.Type {
	case Boolean, Decimal, Integer:
		return append(b, v.Text...)
	case CodingType:
		b = append(b, '{')
		b = fields(b, "system", v.Coding.System, "version", v.Coding.Version, "code", v.Coding.Code, "display", v.Coding.Display)
		return append(b, '}')
	case Quantity:
		b = append(append(b, `{"value":`...), v.Text...)
		rest := fields(nil, "comparator", v.Comparator, "unit", v.Coding.Display, "system", v.Coding.System, "code", v.Coding.Code)
		if len(rest) > 0 {
			b = append(append(b, ','), rest...)
		}
		return append(b, '}')
	case File:
		b = append(b, '{')
		url := v.File.URL
		if v.File.Blob != "" {
			url = fileAddress + string(v.File.Blob)
		}
		start := len(b)
		b = fields(b, "contentType", v.File.ContentType, "data", v.File.Data, "url", url, "title", v.File.Title)
		if v.File.Size > 0 && len(b) > start && v.File.Data == "" {
			b = strconv.AppendInt(append(b, `,"size":`...), v.File.Size, 10)
		}
		return append(b, '}')
	case Reference:
		b = append(b, '{')
		rest := fields(nil, "reference", v.Text, "type", v.Coding.System)
		if system, value, has := strings.Cut(v.Coding.Code, "|"); has {
			if len(rest) > 0 {
				rest = append(rest, ',')
			}
			rest = append(fields(append(rest, `"identifier":{`...), "system", system, "value", value), '}')
		}
		b = append(b, rest...)
		if v.Coding.Display != "" {
			if len(rest) > 0 {
				b = append(b, ',')
			}
			b = fields(b, "display", v.Coding.Display)
		}
		return append(b, '}')
	default:
		return quoted(b, v.Text)
	}
}

// fields writes name, text pairs as members, leaving out empty texts.
func fields(b []byte, pairs ...string) []byte {
	first := true
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), pairs[i]...), `":`...)
		b = quoted(b, pairs[i+1])
	}
	return b
}

const hexDigits = "0123456789abcdef"

// quoted appends a JSON string. The characters that end a script or a line in JavaScript are escaped too.
func quoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r < 0x20 || r == '<' || r == '>' || r == '&' || r == 0x2028 || r == 0x2029:
			b = append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
