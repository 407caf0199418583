package jsonscan

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"kindred/internal/fault"
)

// maxNumber and maxExponent keep every accepted number inside a double, so that no reader overflows on it.
const (
	maxNumber   = 64
	maxExponent = 200
)

// Scan judges b against the limits. It allocates a little per level of nesting and nothing per value.
func Scan(b []byte, l Limits) error {
	s := scanner{b: b, l: l}
	return s.run()
}

// Parse judges b like Scan and gives its values. The Document keeps b: do not change it afterwards.
func Parse(b []byte, l Limits) (*Document, error) {
	s := scanner{b: b, l: l, record: true}
	s.nodes = make([]node, 0, len(b)/16+8)
	if err := s.run(); err != nil {
		return nil, err
	}
	return &Document{src: b, text: string(b), nodes: s.nodes}, nil
}

// keyMark is one key of an object that is still open: its case-folded hash and where it stands.
type keyMark struct {
	hash     uint64
	from, to uint32
}

// level is an array or object that is still open.
type level struct {
	object bool
	node   uint32 // its node, when recording
	count  int    // members or elements so far
	keys   int    // start of its keys in scanner.keys
	seen   map[uint64]struct{}
}

type scanner struct {
	b      []byte
	l      Limits
	record bool
	i      int
	values int
	levels []level
	keys   []keyMark
	nodes  []node
	key    node // span of the key that the next value belongs to
}

func (s *scanner) fail(f *fault.Error) error { return f.With("Offset", s.i) }

func (s *scanner) over(f *fault.Error, limit int) error {
	return f.With("Offset", s.i, "Limit", limit)
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// run is the whole machine: a value, then what may follow it, until the outermost level closes.
func (s *scanner) run() error {
	if len(s.b) > s.l.Bytes {
		return s.over(ErrBytes, s.l.Bytes)
	}
	for {
		opened, err := s.value()
		if err != nil {
			return err
		}
		if opened {
			if again, err := s.first(); err != nil || again {
				if err != nil {
					return err
				}
				continue
			}
		}
		done, err := s.after()
		if err != nil {
			return err
		}
		if done {
			return nil
		}
	}
}

// first looks into a level that was just opened; true when a value follows, false when the level closed at once.
func (s *scanner) first() (bool, error) {
	s.space()
	top := &s.levels[len(s.levels)-1]
	if s.i < len(s.b) && ((top.object && s.b[s.i] == '}') || (!top.object && s.b[s.i] == ']')) {
		s.i++
		s.close()
		return false, nil
	}
	return true, s.member(top)
}

// after consumes what follows a value: commas lead to the next value, brackets close levels. True at the end.
func (s *scanner) after() (bool, error) {
	for {
		s.space()
		if len(s.levels) == 0 {
			if s.i < len(s.b) {
				return false, s.fail(ErrEnd)
			}
			return true, nil
		}
		if s.i >= len(s.b) {
			return false, s.fail(ErrSyntax)
		}
		top := &s.levels[len(s.levels)-1]
		switch c := s.b[s.i]; {
		case c == ',':
			s.i++
			s.space()
			return false, s.member(top)
		case c == '}' && top.object, c == ']' && !top.object:
			s.i++
			s.close()
		default:
			return false, s.fail(ErrSyntax)
		}
	}
}

func (s *scanner) close() {
	top := s.levels[len(s.levels)-1]
	s.keys = s.keys[:top.keys]
	s.levels = s.levels[:len(s.levels)-1]
	if s.record {
		n := &s.nodes[top.node]
		n.to, n.next, n.count = uint32(s.i), uint32(len(s.nodes)), uint32(top.count)
	}
}

// member counts one more member and, in an object, reads its key and colon.
func (s *scanner) member(top *level) error {
	top.count++
	if top.count > s.l.Width {
		return s.over(ErrWidth, s.l.Width)
	}
	s.key = node{}
	if !top.object {
		return nil
	}
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return s.fail(ErrSyntax)
	}
	from := s.i + 1
	escaped, err := s.str()
	if err != nil {
		return err
	}
	to := s.i - 1
	if err := s.unique(top, from, to); err != nil {
		return err
	}
	s.key = node{keyFrom: uint32(from), keyTo: uint32(to), keyEscaped: escaped}
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != ':' {
		return s.fail(ErrSyntax)
	}
	s.i++
	return nil
}

// manyKeys is where an object stops comparing its keys one by one.
const manyKeys = 24

func (s *scanner) unique(top *level, from, to int) error {
	raw := s.b[from:to]
	h := foldHash(raw)
	mine := s.keys[top.keys:]
	if top.seen == nil && len(mine) >= manyKeys {
		top.seen = make(map[uint64]struct{}, 4*manyKeys)
		for _, k := range mine {
			top.seen[k.hash] = struct{}{}
		}
	}
	maybe := true
	if top.seen != nil {
		_, maybe = top.seen[h]
		top.seen[h] = struct{}{}
	}
	if maybe {
		for _, k := range mine {
			if k.hash == h && fold(s.b[k.from:k.to]) == fold(raw) {
				s.i = from
				return ErrKeys.With("Offset", s.i, "Key", fold(raw))
			}
		}
	}
	s.keys = append(s.keys, keyMark{h, uint32(from), uint32(to)})
	return nil
}

// value reads one value; for an array or object it only opens the level and answers true.
func (s *scanner) value() (bool, error) {
	s.space()
	if s.i >= len(s.b) {
		return false, s.fail(ErrSyntax)
	}
	if s.values++; s.values > s.l.Values {
		return false, s.over(ErrValues, s.l.Values)
	}
	from := s.i
	switch c := s.b[s.i]; c {
	case '{', '[':
		if len(s.levels) >= s.l.Depth {
			return false, s.over(ErrDepth, s.l.Depth)
		}
		kind := Array
		if c == '{' {
			kind = Object
		}
		s.i++
		s.levels = append(s.levels, level{object: c == '{', node: uint32(len(s.nodes)), keys: len(s.keys)})
		s.put(kind, from, false)
		return true, nil
	case '"':
		escaped, err := s.str()
		if err != nil {
			return false, err
		}
		s.put(String, from, escaped)
		return false, nil
	case 't':
		return false, s.word("true", True)
	case 'f':
		return false, s.word("false", False)
	case 'n':
		return false, s.word("null", Null)
	default:
		return false, s.number()
	}
}

func (s *scanner) put(kind Kind, from int, escaped bool) {
	if !s.record {
		return
	}
	n := s.key
	n.kind, n.from, n.to, n.escaped = kind, uint32(from), uint32(s.i), escaped
	n.next = uint32(len(s.nodes) + 1)
	s.nodes = append(s.nodes, n)
}

func (s *scanner) word(w string, kind Kind) error {
	if !bytes.HasPrefix(s.b[s.i:], []byte(w)) {
		return s.fail(ErrSyntax)
	}
	from := s.i
	s.i += len(w)
	s.put(kind, from, false)
	return nil
}

// plain marks the bytes that a string passes over without a second look.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// str reads a string from its opening quote to past its closing one, and tells whether it holds escapes.
func (s *scanner) str() (escaped bool, err error) {
	s.i++
	from := s.i
	for s.i < len(s.b) {
		c := s.b[s.i]
		switch {
		case plain[c]:
			s.i++
		case c == '"':
			if s.i-from > s.l.String {
				return escaped, s.over(ErrString, s.l.String)
			}
			s.i++
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return escaped, err
			}
		case c < 0x20:
			return escaped, s.fail(ErrText)
		default:
			r, size := utf8.DecodeRune(s.b[s.i:])
			if r == utf8.RuneError && size == 1 {
				return escaped, s.fail(ErrText)
			}
			s.i += size
		}
	}
	return escaped, s.fail(ErrSyntax)
}

func (s *scanner) escape() error {
	if s.i+1 >= len(s.b) {
		return s.fail(ErrSyntax)
	}
	switch s.b[s.i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return nil
	case 'u':
	default:
		return s.fail(ErrSyntax)
	}
	r, ok := hex4(s.b[s.i:])
	switch {
	case !ok:
		return s.fail(ErrSyntax)
	case r == 0, r >= 0xDC00 && r < 0xE000:
		return s.fail(ErrText)
	case r >= 0xD800 && r < 0xDC00:
		low, ok := hex4(s.b[s.i+6:])
		if !ok || low < 0xDC00 || low >= 0xE000 {
			return s.fail(ErrText)
		}
		s.i += 6
	}
	s.i += 6
	return nil
}

// hex4 reads \uXXXX at the start of b.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func (s *scanner) number() error {
	from := s.i
	if s.peek('-') {
		s.i++
	}
	zero := s.peek('0')
	if whole := s.digits(); whole == 0 || (zero && whole > 1) {
		return s.fail(ErrSyntax)
	}
	if s.peek('.') {
		s.i++
		if s.digits() == 0 {
			return s.fail(ErrSyntax)
		}
	}
	if s.peek('e') || s.peek('E') {
		s.i++
		if s.peek('+') || s.peek('-') {
			s.i++
		}
		start := s.i
		if s.digits() == 0 {
			return s.fail(ErrSyntax)
		}
		exponent := 0
		for _, c := range s.b[start:s.i] {
			if exponent = exponent*10 + int(c-'0'); exponent > maxExponent {
				return s.fail(ErrNumber)
			}
		}
	}
	if s.i-from > maxNumber {
		return s.fail(ErrNumber)
	}
	s.put(Number, from, false)
	return nil
}

func (s *scanner) peek(c byte) bool { return s.i < len(s.b) && s.b[s.i] == c }

func (s *scanner) digits() int {
	from := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i - from
}

// foldHash is equal for keys that differ only in case (FNV-1a over the folded text).
func foldHash(raw []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range raw {
		if c == '\\' || c >= utf8.RuneSelf {
			h = uint64(14695981039346656037)
			for _, c := range []byte(fold(raw)) {
				h = (h ^ uint64(c)) * 1099511628211
			}
			return h
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// fold is the key as a case-blind reader sees it: unescaped, each rune the smallest of its case orbit, ASCII lowered.
func fold(raw []byte) string {
	return strings.Map(func(r rune) rune {
		low := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			low = min(low, f)
		}
		if low >= 'A' && low <= 'Z' {
			low += 'a' - 'A'
		}
		return low
	}, unescape(raw))
}
